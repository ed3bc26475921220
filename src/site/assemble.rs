//! `Source` -> [`Site`].
//!
//! Steps: a page for each file, with its URL; automatic homes and first-level sections; bundles;
//! parents, order and children; translations; aliases; files beside pages; the index by path and URL,
//! which finds what is there twice; what pages are about.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::address::{url_is_usable, with_final_slash};
use super::dating::Dating;
use super::duplicates::{alias_span, duplicate_alias, duplicate_url};
use super::head::Head;
use super::resources::Asset;
use super::{Order, Page, PageId, PageKind, Site, cascade, data_pages, strings, taxonomies, url};
use crate::config::Config;
use crate::diagnostics::{Diagnostic, Diagnostics, Span, codes};
use crate::source::{Data, FrontMatter, Source, SourceAdapter, SourcePage};

/// Makes the model of a site.
#[must_use]
pub fn assemble(config: Arc<Config>, mut source: Source) -> (Site, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    diagnostics.extend(config.notices.iter().cloned());
    cascade::apply(&config, &mut source);
    let strings = strings::load(&config, &mut diagnostics);
    let mut assembler = Assembler {
        config: &config,
        pages: vec![],
        order: Order::new(config.languages.iter().map(|language| language.code.as_str())),
        in_tree: vec![],
        by_path: HashMap::new(),
        diagnostics: &mut diagnostics,
    };
    for page in source.pages {
        assembler.add(page);
    }
    assembler.add_data_pages(&source.data);
    let homes = assembler.add_homes();
    assembler.say_adapters(&source.adapters);
    assembler.add_first_level_sections(&source.adapters);
    assembler.index_paths();
    assembler.settle_bundles();
    assembler.settle_tree(&homes);
    assembler.settle_translations();
    assembler.settle_aliases();
    assembler.settle_resources(&source.resources);
    let by_url = assembler.index_urls();
    let Assembler { pages, by_path, order, .. } = assembler;
    let assets = source.assets.into_iter().map(|(path, file)| Asset { path, file }).collect();
    let languages = config.languages.len();
    let data = source.data;
    let mut site = Site { config, pages, homes, by_path, by_url, strings, taxonomies: vec![], data, assets, order };
    let taxonomies = (0..languages).map(|language| taxonomies::of_language(&site, language, &mut diagnostics));
    site.taxonomies = taxonomies.collect();
    (site, diagnostics)
}

/// A site on the way.
pub(super) struct Assembler<'a> {
    pub(super) config: &'a Config,
    pub(super) pages: Vec<Page>,
    order: Order,
    /// Whether each page is in the tree: drafts and pages of another time are not, those that are only
    /// not rendered are.
    pub(super) in_tree: Vec<bool>,
    pub(super) by_path: HashMap<(usize, String), PageId>,
    pub(super) diagnostics: &'a mut Diagnostics,
}

impl Assembler<'_> {
    fn add(&mut self, source: SourcePage) {
        let head = Head { file: &source.file, front_matter: &source.front_matter };
        let title = head.text("title", self.diagnostics).unwrap_or_default();
        let draft = head.truth("draft", self.diagnostics).unwrap_or(false);
        let Dating { date, slug, is_of_now } = Dating::of(&head, &source.path, draft, self.config, self.diagnostics);
        let build = head.front_matter.get("_build").or_else(|| head.front_matter.get("build"));
        let build = |key: &str| build.and_then(|build| build.get(key));
        let rendered = !matches!(build("render"), Some(Value::Bool(false)))
            && build("render").and_then(Value::as_str) != Some("never");
        let publishes = build("publishResources").or_else(|| build("publishresources")) != Some(&Value::Bool(false));
        let headless = head.truth("headless", self.diagnostics).unwrap_or(false);
        let is_of_now = is_of_now && (!draft || self.config.publish.drafts);
        let published = rendered && !headless && is_of_now;
        let id = PageId(u32::try_from(self.pages.len()).unwrap_or(u32::MAX));
        let mut page = Page {
            id,
            language: source.language,
            kind: kind(&source.path),
            body: source.body,
            link_title: head.text("linktitle", self.diagnostics).unwrap_or_else(|| title.clone()),
            description: head.text("description", self.diagnostics).unwrap_or_default(),
            weight: head.integer("weight", self.diagnostics).unwrap_or(0),
            date: date.as_ref().map(|(text, _)| text.clone()),
            aliases: head.texts("aliases", self.diagnostics),
            toc_hide: head.truth("toc_hide", self.diagnostics).unwrap_or(false),
            listed: published
                && build("list").and_then(Value::as_str) != Some("never")
                && build("list") != Some(&Value::Bool(false)),
            published,
            publishes_resources: publishes,
            ..blank_page(id, source.language, PageKind::Page)
        };
        page.title = title;
        page.url = self.url(&head, &source, &page, slug.as_deref());
        page.path = source.path;
        page.file = Some(source.file);
        page.front_matter = source.front_matter;
        page.moment = date.map(|(_, moment)| moment);
        self.in_tree.push(is_of_now);
        self.pages.push(page);
    }

    /// The pages of `[[data-pages]]`, in every language.
    fn add_data_pages(&mut self, data: &Data) {
        for made in data_pages::all(self.config, data, self.diagnostics) {
            for language in 0..self.config.languages.len() {
                let id = PageId(u32::try_from(self.pages.len()).unwrap_or(u32::MAX));
                let values = made.values.clone();
                let text = |key: &str| values.get(key).and_then(Value::as_str).map(str::to_owned);
                let page = Page {
                    path: format!("{}.md", made.url.trim_matches('/')),
                    url: with_final_slash(&format!("{}{}", self.prefix(language), made.url.trim_start_matches('/'))),
                    link_title: text("linktitle").unwrap_or_else(|| made.title.clone()),
                    title: made.title.clone(),
                    description: text("description").unwrap_or_default(),
                    weight: text("weight").and_then(|weight| weight.trim().parse().ok()).unwrap_or(0),
                    front_matter: FrontMatter { span: Span::default(), values },
                    ..blank_page(id, language, PageKind::Page)
                };
                self.pages.push(page);
                self.in_tree.push(true);
            }
        }
    }

    fn add_homes(&mut self) -> Vec<PageId> {
        (0..self.config.languages.len())
            .map(|language| {
                let own = self
                    .pages
                    .iter()
                    .find(|page| page.language == language && page.kind == PageKind::Home)
                    .map(|page| page.id);
                own.unwrap_or_else(|| self.add_automatic(language, PageKind::Home, ""))
            })
            .collect()
    }

    /// A first-level folder without `_index.md` is a section too, called after the folder.
    fn add_first_level_sections(&mut self, adapters: &[SourceAdapter]) {
        let mut folders: BTreeMap<(usize, String), bool> = BTreeMap::new();
        for page in &self.pages {
            let Some((folder, rest)) = page.path.split_once('/') else { continue };
            let has_index = page.kind == PageKind::Section && !rest.contains('/') || stem_is(rest, "index");
            *folders.entry((page.language, folder.to_owned())).or_default() |= has_index;
        }
        for adapter in adapters {
            let Some((folder, _)) = adapter.path.split_once('/') else { continue };
            let languages = 0..self.config.languages.len();
            for language in languages.filter(|language| adapter.every_language || *language == adapter.language) {
                folders.entry((language, folder.to_owned())).or_default();
            }
        }
        for ((language, folder), has_index) in folders {
            if !has_index {
                self.add_automatic(language, PageKind::Section, &folder);
            }
        }
    }

    /// Says once that content adapters are not read.
    fn say_adapters(&mut self, adapters: &[SourceAdapter]) {
        let Some(first) = adapters.first() else { return };
        let shown =
            first.file.strip_prefix(&self.config.root).unwrap_or(&first.file).to_string_lossy().replace('\\', "/");
        let others = match adapters.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let message = format!("Hugo's content adapters are Go templates and are not read: {shown}{others}");
        self.diagnostics.push(
            Diagnostic::information(codes::CONFIG_GO_TEMPLATES, message)
                .help("pages from a data file are made by `[[data-pages]]` in book.toml"),
        );
    }

    fn add_automatic(&mut self, language: usize, kind: PageKind, folder: &str) -> PageId {
        let id = PageId(u32::try_from(self.pages.len()).unwrap_or(u32::MAX));
        let settings = &self.config.languages[language];
        let title = if kind == PageKind::Home { settings.title.clone() } else { humanize(folder) };
        let mut page = blank_page(id, language, kind);
        page.url = with_final_slash(&format!("{}{}", self.prefix(language), url::urlize(folder)));
        page.path = if folder.is_empty() { "_index.md".to_owned() } else { format!("{folder}/_index.md") };
        page.link_title.clone_from(&title);
        page.title = title;
        self.pages.push(page);
        self.in_tree.push(true);
        id
    }

    fn index_paths(&mut self) {
        for page in &self.pages {
            self.by_path.entry((page.language, url::path_key(&page.path))).or_insert(page.id);
        }
    }

    /// Pages beside an `index.md` belong to it and have no URL.
    fn settle_bundles(&mut self) {
        let mut bundles: HashMap<(usize, String), PageId> = HashMap::new();
        for page in &self.pages {
            if stem_is(page.path.rsplit('/').next().unwrap_or(""), "index") {
                bundles.insert((page.language, page.folder().to_owned()), page.id);
            }
        }
        for index in 0..self.pages.len() {
            let page = &self.pages[index];
            let bundle =
                ancestors(page.folder()).find_map(|folder| bundles.get(&(page.language, folder.to_owned())).copied());
            let Some(bundle) =
                bundle.filter(|bundle| *bundle != page.id && !bundle_is_nested(page, &self.pages[bundle.0 as usize]))
            else {
                continue;
            };
            let page = &mut self.pages[index];
            page.bundle = Some(bundle);
            page.published = false;
            page.listed = false;
            let id = page.id;
            self.pages[bundle.0 as usize].members.push(id);
        }
        for page in &mut self.pages {
            if !page.published {
                page.url.clear();
            }
        }
    }

    fn settle_tree(&mut self, homes: &[PageId]) {
        for index in 0..self.pages.len() {
            let page = &self.pages[index];
            if page.kind != PageKind::Home {
                let parent = self.section_of(page).unwrap_or(homes[page.language]);
                self.pages[index].parent = Some(parent);
            }
        }
        self.date_sections();
        let mut children: Vec<Vec<PageId>> = vec![vec![]; self.pages.len()];
        for page in self.pages.iter().filter(|page| page.listed && page.bundle.is_none()) {
            if let Some(parent) = page.parent {
                children[parent.0 as usize].push(page.id);
            }
        }
        for (index, mut children) in children.into_iter().enumerate() {
            let mut members = std::mem::take(&mut self.pages[index].members);
            let language = self.pages[index].language;
            for list in [&mut children, &mut members] {
                let page = |id: &PageId| &self.pages[id.0 as usize];
                list.sort_by(|a, b| self.order.compare(page(a), page(b), language));
            }
            self.pages[index].children = children;
            self.pages[index].members = members;
        }
    }

    /// A section without a date has the newest of the pages below it, drafts among them.
    fn date_sections(&mut self) {
        let undated: Vec<bool> =
            self.pages.iter().map(|page| page.kind != PageKind::Page && page.moment.is_none()).collect();
        let mut newest: Vec<Option<(Timestamp, PageId)>> = vec![None; self.pages.len()];
        for page in self.pages.iter().filter(|page| page.bundle.is_none()) {
            let Some(moment) = page.moment else { continue };
            let above = std::iter::successors(page.parent, |id| self.pages[id.0 as usize].parent);
            for section in above.map(|id| id.0 as usize).filter(|section| undated[*section]) {
                if newest[section].is_none_or(|(newest, _)| newest < moment) {
                    newest[section] = Some((moment, page.id));
                }
            }
        }
        for (index, newest) in newest.into_iter().enumerate() {
            if let Some((moment, page)) = newest {
                self.pages[index].date = self.pages[page.0 as usize].date.clone();
                self.pages[index].moment = Some(moment);
            }
        }
    }

    /// The nearest section above a page.
    fn section_of(&self, page: &Page) -> Option<PageId> {
        let is_index = page.kind == PageKind::Section || stem_is(page.path.rsplit('/').next().unwrap_or(""), "index");
        let folder = page.folder();
        let start = if is_index { folder.rsplit_once('/').map_or("", |(parent, _)| parent) } else { folder };
        ancestors(start).find_map(|folder| {
            let id = *self.by_path.get(&(page.language, folder.to_lowercase()))?;
            (self.pages[id.0 as usize].kind != PageKind::Page && self.in_tree[id.0 as usize]).then_some(id)
        })
    }

    fn settle_translations(&mut self) {
        let mut groups: BTreeMap<String, Vec<PageId>> = BTreeMap::new();
        for page in &self.pages {
            groups.entry(url::path_key(&page.path)).or_default().push(page.id);
        }
        for group in groups.into_values().filter(|group| group.len() > 1) {
            let published: Vec<PageId> =
                group.iter().copied().filter(|id| self.pages[id.0 as usize].published).collect();
            for id in group {
                let language = self.pages[id.0 as usize].language;
                let mut others: Vec<PageId> = published
                    .iter()
                    .copied()
                    .filter(|other| self.pages[other.0 as usize].language != language)
                    .collect();
                others.sort_by_key(|other| self.pages[other.0 as usize].language);
                self.pages[id.0 as usize].translations = others;
            }
        }
    }

    /// Aliases as URLs: absolute ones as they are, others from the page's parent.
    fn settle_aliases(&mut self) {
        for index in 0..self.pages.len() {
            let page = &self.pages[index];
            if page.aliases.is_empty() {
                continue;
            }
            let parent = page.url.trim_end_matches('/').rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
            let mut aliases = vec![];
            for alias in &page.aliases {
                if !url_is_usable(alias) {
                    let mut said = Diagnostic::error(codes::BAD_URL, format!("`{alias}` can't be an alias")).help(
                        "write a path from the site's root (`/docs/old/`), or one from the page's parent (`old`)",
                    );
                    if let Some(file) = &page.file {
                        said = said.at(file, alias_span(page, file, alias));
                    }
                    self.diagnostics.push(said);
                    continue;
                }
                let path = if alias.starts_with('/') { alias.clone() } else { format!("{parent}/{alias}") };
                aliases.push(with_final_slash(&path));
            }
            let page = &mut self.pages[index];
            page.aliases = if page.published { aliases } else { vec![] };
        }
    }

    /// URL -> page, and what is there twice.
    fn index_urls(&mut self) -> HashMap<String, PageId> {
        let mut by_url: HashMap<String, PageId> = HashMap::new();
        for page in self.pages.iter().filter(|page| page.published) {
            let Some(first) = by_url.get(&page.url).copied() else {
                by_url.insert(page.url.clone(), page.id);
                continue;
            };
            self.diagnostics.push(duplicate_url(&self.pages[first.0 as usize], page));
        }
        let mut aliases: HashMap<&str, PageId> = HashMap::new();
        for page in &self.pages {
            for alias in &page.aliases {
                let other = by_url.get(alias).or_else(|| aliases.get(alias.as_str())).copied();
                match other {
                    Some(other) if other != page.id => {
                        self.diagnostics.push(duplicate_alias(alias, page, &self.pages[other.0 as usize]));
                    }
                    _ => drop(aliases.insert(alias, page.id)),
                }
            }
        }
        by_url
    }
}

pub(super) fn kind(path: &str) -> PageKind {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match (stem_is(name, "_index"), folder) {
        (true, "") => PageKind::Home,
        (true, _) => PageKind::Section,
        _ => PageKind::Page,
    }
}

fn stem_is(name: &str, stem: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(name, _)| name == stem)
}

/// A folder and those above it, the top (``) last.
pub(super) fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |folder| {
        if folder.is_empty() { None } else { Some(folder.rsplit_once('/').map_or("", |(parent, _)| parent)) }
    })
}

/// A bundle inside of another's folder is a page of its own only if it has its own index; pages of it
/// belong to the nearest.
fn bundle_is_nested(page: &Page, bundle: &Page) -> bool {
    page.kind != PageKind::Page && page.folder() == bundle.folder()
}

fn humanize(folder: &str) -> String {
    let words = folder.replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

fn blank_page(id: PageId, language: usize, kind: PageKind) -> Page {
    Page {
        id,
        language,
        kind,
        file: None,
        body: Span::default(),
        front_matter: FrontMatter::default(),
        path: String::new(),
        url: String::new(),
        title: String::new(),
        link_title: String::new(),
        description: String::new(),
        weight: 0,
        date: None,
        moment: None,
        aliases: vec![],
        parent: None,
        children: vec![],
        translations: vec![],
        resources: vec![],
        publishes_resources: true,
        published: true,
        toc_hide: false,
        listed: true,
        bundle: None,
        members: vec![],
    }
}
