//! Which pages are verified, and what each of them is to the others.
//!
//! In: the site, the names given on the command line (or `[verify] pages`), a way to parse a page.
//! Out: [`Prepared`] pages in order: each with its plan and the run it needs, shared by translations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use crate::config::PageOverride;
use crate::markdown::Article;
use crate::site::{PageId, Site};
use crate::verify::classify;
use crate::verify::cues::Cues;
use crate::verify::extract::{self, Page};
use crate::verify::plan::{self, PagePlan, files::Folders};
use crate::verify::prerequisites::{self, Linked};

/// A page that is verified.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Its own plan: blocks, roles, lines.
    pub plan: Arc<PagePlan>,
    /// The plan whose commands are run: its own, or its original's.
    pub run: Arc<PagePlan>,
    /// The files it is made of, relative to the root: its own, its original's, those of pages whose objects it works
    /// on, and what these include and show.
    pub sources: BTreeSet<String>,
}

impl Prepared {
    /// Whether its commands are run for another page.
    #[must_use]
    pub fn shared(&self) -> bool {
        self.plan.path != self.run.path
    }
}

/// Why a name on the command line is no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no page is called `{name}`")]
pub struct NoSuchPage {
    /// As it was given.
    pub name: String,
    /// The nearest page, if one is near.
    pub nearest: Option<String>,
}

/// The pages that `names` mean: paths below the root, below a language's content folder, globs of
/// these, folders (all pages below), or URLs. With `languages`, only pages in them.
///
/// # Errors
/// The first name that means no page.
pub fn select(site: &Site, names: &[String], languages: &[String]) -> Result<Vec<PageId>, NoSuchPage> {
    let mut chosen: Vec<PageId> = vec![];
    for name in names {
        let found = named(site, name, languages);
        if found.is_empty() {
            return Err(NoSuchPage { name: name.clone(), nearest: nearest(site, name) });
        }
        for id in found {
            if !chosen.contains(&id) {
                chosen.push(id);
            }
        }
    }
    Ok(chosen)
}

fn named(site: &Site, name: &str, languages: &[String]) -> Vec<PageId> {
    let name = name.trim_start_matches("./");
    let url = site.by_url.get(name).or_else(|| site.by_url.get(&format!("{}/", name.trim_end_matches('/'))));
    if let Some(id) = url.filter(|_| name.starts_with('/')) {
        return vec![*id];
    }
    let default = &site.config.default_language().code;
    let pattern = glob(name);
    let wanted = |code: &str| languages.is_empty() || languages.iter().any(|language| language == code);
    site.pages
        .iter()
        .filter(|page| {
            let Some(file) = &page.file else { return false };
            let code = &site.config.languages[page.language].code;
            let whole = matches(&pattern, &file.path);
            let below = matches(&pattern, &page.path) && (!languages.is_empty() || code == default);
            wanted(code) && page.is_markdown() && (whole || below)
        })
        .map(|page| page.id)
        .collect()
}

/// A glob's parts: `**` any folders, `*` anything within a name. A path without these is a page, or a folder: all
/// pages below it.
fn glob(text: &str) -> regex::Regex {
    let mut pattern = String::from("^");
    let mut rest = text.trim_end_matches('/');
    while let Some(c) = rest.chars().next() {
        let taken = if rest.starts_with("**/") {
            pattern.push_str("(?:.*/)?");
            3
        } else if rest.starts_with("**") {
            pattern.push_str(".*");
            2
        } else if c == '*' {
            pattern.push_str("[^/]*");
            1
        } else if c == '?' {
            pattern.push_str("[^/]");
            1
        } else {
            pattern.push_str(&regex::escape(&c.to_string()));
            c.len_utf8()
        };
        rest = &rest[taken..];
    }
    pattern.push_str(if text.contains(['*', '?']) { "$" } else { "(?:/.*)?$" });
    // The pattern is made of escaped characters and fixed pieces, so that it always compiles.
    regex::Regex::new(&pattern).unwrap_or_else(|_| never())
}

fn never() -> regex::Regex {
    #[expect(clippy::unwrap_used, reason = "a constant that a test compiles")]
    regex::Regex::new("[^\\s\\S]").unwrap()
}

fn matches(pattern: &regex::Regex, path: &str) -> bool {
    pattern.is_match(path)
}

fn nearest(site: &Site, name: &str) -> Option<String> {
    let paths = site.pages.iter().filter_map(|page| page.file.as_ref()).map(|file| file.path.as_str());
    let last = name.rsplit('/').next().unwrap_or(name);
    let same_name = paths.clone().find(|path| path.rsplit('/').next() == Some(last));
    same_name.or_else(|| crate::diagnostics::nearest(name, paths)).map(str::to_owned)
}

/// Plans the pages, each with its original where it has one. `article` parses a page.
#[must_use]
pub fn prepare(site: &Site, pages: &[PageId], article: &(dyn Fn(PageId) -> Article + Sync)) -> Vec<Prepared> {
    // Their expressions are many: they are compiled once, not for each page.
    let wanted: BTreeSet<usize> = pages.iter().map(|&id| site.page(id).language).chain([0]).collect();
    let cues: Vec<Option<Cues>> = (0..site.config.languages.len())
        .into_par_iter()
        .map(|language| wanted.contains(&language).then(|| Cues::of(&site.config.languages[language].code)))
        .collect();
    let none = Cues::of("");
    let cues = |id: PageId| cues[site.page(id).language].as_ref().unwrap_or(&none);
    pages.par_iter().map(|&id| with_sources(site, id, article, &cues)).collect()
}

/// Plans a page, and notes the files that it, its original and the pages that they set up are made of.
fn with_sources<'c>(
    site: &Site,
    id: PageId,
    article: &(dyn Fn(PageId) -> Article + Sync),
    cues: &(dyn Fn(PageId) -> &'c Cues + Sync),
) -> Prepared {
    let parsed: Mutex<BTreeMap<String, Vec<String>>> = Mutex::default();
    let noted = |id: PageId| {
        let article = article(id);
        if let (Some(file), Ok(mut parsed)) = (&site.page(id).file, parsed.lock()) {
            parsed.insert(file.path.clone(), article.dependencies.clone());
        }
        article
    };
    let mut prepared = prepare_one(site, id, &noted, cues);
    let mut parsed = parsed.into_inner().unwrap_or_default();
    for plan in [&prepared.plan, &prepared.run] {
        let pages = plan.setup.iter().map(|setup| setup.page.clone()).chain([plan.path.clone()]);
        for path in pages {
            prepared.sources.extend(parsed.remove(&path).unwrap_or_default());
            prepared.sources.insert(path);
        }
    }
    prepared
}

fn prepare_one<'c>(
    site: &Site,
    id: PageId,
    article: &(dyn Fn(PageId) -> Article + Sync),
    cues: &(dyn Fn(PageId) -> &'c Cues + Sync),
) -> Prepared {
    let alone = |id: PageId, article: &Article| {
        let page = page(site, id, article);
        let classes = classify::classify(&page, cues(id), None);
        let plan = plan::plan(&page, &classes, cues(id), &folders(site, id));
        (page, classes, plan)
    };
    let with_setup = |id: PageId, article_of: &Article| {
        let (page, classes, mut plan) = alone(id, article_of);
        let direct = links(site, id, article_of);
        plan.setup = prerequisites::find(
            &plan,
            &page,
            &direct,
            &|| further_links(site, id, &direct, &|other| article(other)),
            &|other| {
                let (page, _, plan) = alone(other, &article(other));
                (page, plan)
            },
        );
        (page, classes, plan)
    };
    let Some(original) = original_of(site, id) else {
        let (_, _, plan) = with_setup(id, &article(id));
        let plan = Arc::new(plan);
        return Prepared { run: Arc::clone(&plan), plan, sources: BTreeSet::new() };
    };
    let (original, original_classes, original_plan) = with_setup(original, &article(original));
    let original_plan = Arc::new(original_plan);
    let own = page(site, id, &article(id));
    let classes = classify::classify(&own, cues(id), Some((&original, &original_classes)));
    let mut own_plan = plan::plan(&own, &classes, cues(id), &folders(site, id));
    plan::out_of_step(&mut own_plan, &original_plan, &original.path);
    Prepared { plan: Arc::new(own_plan), run: original_plan, sources: BTreeSet::new() }
}

/// Where the links of a page lead, to pages that are Markdown, each once, in order.
fn links(site: &Site, id: PageId, article: &Article) -> Vec<Linked<PageId>> {
    let mut found: Vec<Linked<PageId>> = vec![];
    for link in article.links.iter().filter(|link| !link.image) {
        let path = link.destination.split(['#', '?']).next().unwrap_or("");
        let url = format!("{}/", path.trim_end_matches('/'));
        let Some(&page) = site.by_url.get(&url).filter(|_| path.starts_with('/')) else { continue };
        if page != id && site.page(page).is_markdown() && !found.iter().any(|other| other.page == page) {
            found.push(Linked { line: link.file.line_of(link.span.start), page });
        }
    }
    found
}

/// Where the linked pages of the same set lead to within the set: the parts of a tutorial build on each other.
fn further_links(
    site: &Site,
    id: PageId,
    direct: &[Linked<PageId>],
    article: &dyn Fn(PageId) -> Article,
) -> Vec<Linked<PageId>> {
    let set = set_of(site, id);
    let within = |page: PageId| set_of(site, page) == set;
    let mut found: Vec<Linked<PageId>> = vec![];
    for link in direct.iter().filter(|link| within(link.page)) {
        for next in links(site, link.page, &article(link.page)) {
            let known = |other: &Linked<PageId>| other.page == next.page;
            if next.page != id && within(next.page) && !direct.iter().chain(&found).any(known) {
                found.push(Linked { line: link.line, page: next.page });
            }
        }
    }
    found
}

/// The folder of a page's set: its own, or the one above where it is alone in its own.
fn set_of(site: &Site, id: PageId) -> &str {
    let folder = |url: &str| url.trim_end_matches('/').rfind('/').map_or(0, |at| at + 1);
    let page = site.page(id);
    let own = &page.url[..folder(&page.url)];
    let beside = site.pages.iter().filter(|other| {
        other.language == page.language && other.is_markdown() && &other.url[..folder(&other.url)] == own
    });
    if beside.count() > 1 { own } else { &own[..folder(own)] }
}

/// The page in the default language that this one translates.
fn original_of(site: &Site, id: PageId) -> Option<PageId> {
    let own = site.page(id);
    own.translations.iter().copied().find(|other| site.page(*other).language == 0 && own.language != 0)
}

fn folders(site: &Site, id: PageId) -> Folders {
    let page = site.page(id);
    let file = page.file.as_ref().map_or_else(|| site.config.root.clone(), |file| site.config.root.join(&file.path));
    Folders::of(&site.config, &site.config.languages[page.language].code, &file)
}

/// A parsed page as `verify` sees it.
fn page(site: &Site, id: PageId, article: &Article) -> Page {
    let page = site.page(id);
    let path = page.file.as_ref().map(|file| file.path.clone()).unwrap_or_default();
    let (blocks, examples) = extract::blocks(&article.flow, &path);
    let setup = &site.config.verify.setup;
    Page {
        url: page.url.clone(),
        lang: site.config.languages[page.language].code.clone(),
        original: original_of(site, id).and_then(|original| Some(site.page(original).file.as_ref()?.path.clone())),
        overrides: overrides(site, id),
        variables: setup.env.keys().chain(&setup.allow_env).cloned().collect(),
        path,
        blocks,
        examples,
    }
}

/// book.toml's overrides of the page, and its front matter's over them.
fn overrides(site: &Site, id: PageId) -> PageOverride {
    let page = site.page(id);
    let path = page.file.as_ref().map_or("", |file| file.path.as_str());
    let mut overrides = PageOverride::default();
    for (pattern, settings) in &site.config.verify.pages_config {
        let pattern = glob(pattern);
        if matches(&pattern, path) || matches(&pattern, &page.path) {
            overrides.skip.extend(settings.skip.clone());
            overrides.cluster = settings.cluster.or(overrides.cluster);
        }
    }
    let in_front_matter =
        page.front_matter.get("verify").and_then(|value| serde_json::from_value::<PageOverride>(value.clone()).ok());
    if let Some(settings) = in_front_matter {
        overrides.skip.extend(settings.skip);
        overrides.cluster = settings.cluster.or(overrides.cluster);
    }
    overrides
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_names_and_folders() {
        assert!(matches(&glob("docs/tasks/**"), "docs/tasks/a/b.md"));
        assert!(matches(&glob("docs/**/x.md"), "docs/x.md"));
        assert!(matches(&glob("docs/*.md"), "docs/a.md"));
        assert!(!matches(&glob("docs/*.md"), "docs/a/b.md"));
        assert!(!matches(&glob("docs/a.md"), "docs/aXmd"));
        for folder in ["docs/a", "docs/a/"] {
            assert!(matches(&glob(folder), "docs/a/b/c.md") && matches(&glob(folder), "docs/a/_index.md"));
            assert!(!matches(&glob(folder), "docs/ab.md"));
        }
        assert!(!never().is_match("anything") && !never().is_match(""));
    }
}
