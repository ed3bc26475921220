//! One page: the values its layout sees, and the layout's text.
//!
//! The values are documented by the types below; a site's own layouts see the same.

use serde::Serialize;
use tera::{Context, Value};

use super::{Base, Shared, body};
use crate::diagnostics::Diagnostic;
use crate::markdown::{Article, Heading};
use crate::site::sidebar::Entry;
use crate::site::{Page, PageId, PageKind, Site};

/// Languages that are written from right to left, by code.
const RIGHT_TO_LEFT: [&str; 5] = ["ar", "fa", "he", "ur", "ps"];

/// `site`.
#[derive(Serialize)]
struct SiteView<'a> {
    title: &'a str,
    description: &'a str,
    authors: &'a [String],
    base_path: &'a str,
    params: &'a serde_json::Map<String, serde_json::Value>,
}

/// `lang`.
#[derive(Serialize)]
struct LanguageView<'a> {
    code: &'a str,
    name: &'a str,
    title: &'a str,
    dir: &'a str,
}

/// `page`.
#[derive(Serialize)]
struct PageView<'a> {
    kind: PageKind,
    title: &'a str,
    description: &'a str,
    href: String,
    permalink: String,
    path: &'a str,
    date: Option<&'a str>,
    weight: i64,
    params: &'a serde_json::Map<String, serde_json::Value>,
    toc: Vec<TocEntry<'a>>,
    /// The names of the shortcodes that the page uses.
    shortcodes: &'a [String],
}

/// `page.toc`: headings of level 2, with those of level 3 below them.
#[derive(Serialize)]
struct TocEntry<'a> {
    /// Empty where a heading of level 3 has none of level 2 above it.
    id: &'a str,
    html: String,
    children: Vec<TocEntry<'a>>,
}

/// A page that another links to: `breadcrumbs`, `children`, `previous`, `next`, `sections`.
#[derive(Serialize)]
struct LinkView<'a> {
    href: String,
    title: &'a str,
    link_title: &'a str,
    description: &'a str,
    lang: &'a str,
    /// It is a page of the default language that is not translated.
    foreign: bool,
    /// It is this page or above it.
    current: bool,
}

/// `sidebar`: the section's tree, its open branch unfolded.
#[derive(Serialize)]
struct SidebarView<'a> {
    href: String,
    link_title: &'a str,
    current: bool,
    entries: Vec<TreeEntry<'a>>,
}

#[derive(Serialize)]
struct TreeEntry<'a> {
    href: String,
    link_title: &'a str,
    lang: &'a str,
    foreign: bool,
    /// It is this page.
    current: bool,
    /// It is a section with pages.
    section: bool,
    /// The pages below it, where it is on the way to this page or is this page.
    children: Vec<TreeEntry<'a>>,
}

/// `languages`: the switcher.
#[derive(Serialize)]
struct Choice<'a> {
    code: &'a str,
    name: &'a str,
    title: &'a str,
    href: String,
    current: bool,
    translated: bool,
    /// What to say when it is not translated, in that language.
    untranslated: &'a str,
}

/// `alternates`: the page's translations and itself.
#[derive(Serialize)]
pub(super) struct Alternate<'a> {
    code: &'a str,
    permalink: String,
}

/// `notices`: one for each language that lacks this page.
#[derive(Serialize)]
struct Notice<'a> {
    id: String,
    code: &'a str,
    text: &'a str,
    back: &'a str,
    href: String,
}

/// The values of a language: `site`, `lang`, `t`.
pub(super) fn language_context(site: &Site, base: &Base, language: usize) -> Context {
    let config = &site.config;
    let lang = &config.languages[language];
    let dir = if RIGHT_TO_LEFT.contains(&lang.code.split('-').next().unwrap_or("")) { "rtl" } else { "ltr" };
    let mut context = Context::new();
    context.insert(
        "site",
        &SiteView {
            title: &config.title,
            description: &config.description,
            authors: &config.authors,
            base_path: base.path(),
            params: &config.params,
        },
    );
    context.insert("lang", &LanguageView { code: &lang.code, name: &lang.name, title: &lang.title, dir });
    let mut strings = site.strings[0].clone();
    strings.extend(site.strings[language].clone());
    context.insert("t", &strings);
    context
}

impl Shared<'_> {
    /// Renders a page with the layout of its front matter's `layout`, where there is one of that
    /// name, else that of its kind (as Hugo does, which passes over a layout it can't find).
    pub(super) fn render_page(&self, page: &Page, article: Option<&Article>) -> Result<String, Vec<Diagnostic>> {
        let own = page
            .front_matter
            .values
            .get("layout")
            .and_then(serde_json::Value::as_str)
            .map(|name| format!("{name}.html"));
        let kind = match page.kind {
            PageKind::Home => "home.html",
            PageKind::Section => "section.html",
            PageKind::Page => "page.html",
        };
        let layout = own.as_deref().filter(|name| self.layouts.has(name) && !name.contains('/')).unwrap_or(kind);
        let context = self.context(page, article);
        self.layouts.render(layout, &context, &page.path)
    }

    /// A layout that belongs to no page (`404.html`), in a language.
    pub(super) fn render_special(&self, layout: &str, language: usize) -> Result<String, Vec<Diagnostic>> {
        let home = self.site.page(self.site.homes[language]);
        let mut context = self.context(home, None);
        let title = self.site.string(language, "theme_not_found_title").unwrap_or("404");
        let mut view = self.page_view(home, None);
        view.title = title;
        view.description = "";
        view.kind = PageKind::Page;
        context.insert("page", &view);
        for name in ["notices", "alternates", "children", "breadcrumbs"] {
            context.insert(name, &[(); 0]);
        }
        for name in ["previous", "next", "sidebar"] {
            context.insert_value(name, Value::none());
        }
        self.layouts.render(layout, &context, layout)
    }

    /// The redirect from an old address to a page.
    pub(super) fn render_alias(&self, page: &Page) -> Result<String, Vec<Diagnostic>> {
        let mut context = self.contexts[page.language].clone();
        context.insert("page", &self.page_view(page, None));
        self.layouts.render("alias.html", &context, &page.path)
    }

    fn context(&self, page: &Page, article: Option<&Article>) -> Context {
        let mut context = self.contexts[page.language].clone();
        let html = article.map_or(String::new(), |article| body::prepare(&article.html, &self.base));
        context.insert("page", &self.page_view(page, article));
        context.insert_value("content", Value::safe_string(&html));
        let (previous, next) = self.tree.neighbours(page.id);
        context.insert("previous", &previous.map(|id| self.link(id, page)));
        context.insert("next", &next.map(|id| self.link(id, page)));
        context.insert("home", &self.link(self.site.homes[page.language], page));
        context.insert("breadcrumbs", &self.links(self.tree.ancestors(page.id), page));
        context.insert("sidebar", &self.sidebar(page));
        context.insert("sections", &self.sections(page));
        context.insert("children", &self.children(page));
        context.insert("languages", &self.choices(page));
        context.insert("alternates", &self.alternates(page));
        context.insert("notices", &self.notices(page));
        context
    }

    fn page_view<'p>(&self, page: &'p Page, article: Option<&'p Article>) -> PageView<'p> {
        PageView {
            kind: page.kind,
            title: &page.title,
            description: &page.description,
            href: self.base.href(&page.url),
            permalink: self.base.permalink(&page.url),
            path: &page.path,
            date: page.date.as_deref(),
            weight: page.weight,
            params: &page.front_matter.values,
            toc: article.map_or_else(Vec::new, |article| toc(&article.headings)),
            shortcodes: article.map_or(&[], |article| &article.shortcodes),
        }
    }

    fn link(&self, id: PageId, from: &Page) -> LinkView<'_> {
        self.node_link(Entry { id, foreign: self.site.page(id).language != from.language }, from)
    }

    fn links(&self, ids: Vec<PageId>, from: &Page) -> Vec<LinkView<'_>> {
        ids.into_iter().map(|id| self.link(id, from)).collect()
    }

    fn node_link(&self, node: Entry, from: &Page) -> LinkView<'_> {
        let page = self.site.page(node.id);
        LinkView {
            href: self.node_href(node, from.language),
            title: &page.title,
            link_title: &page.link_title,
            description: &page.description,
            lang: &self.site.config.languages[page.language].code,
            foreign: node.foreign,
            current: node.id == from.id || self.tree.root(from.id) == Some(node.id),
        }
    }

    /// The address of a page; a page that `language` lacks is linked to at its notice for `language`.
    fn node_href(&self, node: Entry, language: usize) -> String {
        let mut href = self.base.href(&self.site.page(node.id).url);
        if node.foreign {
            href.push('#');
            href.push_str(&notice_id(&self.site.config.languages[language].code));
        }
        href
    }

    /// The tree of the first-level section that the page is in; nothing for the home page.
    fn sidebar(&self, page: &Page) -> Option<SidebarView<'_>> {
        let root = self.tree.root(page.id).unwrap_or(self.site.homes[page.language]);
        let mut open = self.tree.ancestors(page.id);
        open.push(page.id);
        let entries = self.branch(root, page, &open);
        let root = self.site.page(root);
        (!entries.is_empty() && page.kind != PageKind::Home).then(|| SidebarView {
            href: self.base.href(&root.url),
            link_title: &root.link_title,
            current: root.id == page.id,
            entries,
        })
    }

    fn branch(&self, section: PageId, page: &Page, open: &[PageId]) -> Vec<TreeEntry<'_>> {
        let nodes = self.tree.children(section, page.language);
        nodes
            .into_iter()
            .map(|node| {
                let target = self.site.page(node.id);
                let children = if open.contains(&node.id) { self.branch(node.id, page, open) } else { vec![] };
                TreeEntry {
                    href: self.node_href(node, page.language),
                    link_title: &target.link_title,
                    lang: &self.site.config.languages[target.language].code,
                    foreign: node.foreign,
                    current: node.id == page.id,
                    section: !target.children.is_empty(),
                    children,
                }
            })
            .collect()
    }

    fn sections(&self, page: &Page) -> Vec<LinkView<'_>> {
        let nodes = self.tree.children(self.site.homes[page.language], page.language);
        let sections = nodes.into_iter().filter(|node| self.site.page(node.id).kind == PageKind::Section);
        sections.map(|node| self.node_link(node, page)).collect()
    }

    /// The list below a section's text; `no_list: true` in its front matter leaves it out.
    fn children(&self, page: &Page) -> Vec<LinkView<'_>> {
        let unwanted =
            page.front_matter.values.get("no_list").is_some_and(|value| value == &serde_json::Value::Bool(true));
        if page.kind == PageKind::Page || unwanted {
            return vec![];
        }
        self.tree.children(page.id, page.language).into_iter().map(|node| self.node_link(node, page)).collect()
    }

    fn choices(&self, page: &Page) -> Vec<Choice<'_>> {
        let languages = self.site.config.languages.iter().enumerate();
        languages
            .map(|(language, lang)| Choice {
                code: &lang.code,
                name: &lang.name,
                title: &lang.title,
                href: self.base.href(&self.site.page(self.tree.nearest(page, language)).url),
                current: language == page.language,
                translated: self.tree.translation(page, language).is_some(),
                untranslated: self.site.string(language, "theme_untranslated").unwrap_or_default(),
            })
            .collect()
    }

    /// The translations of a page and itself, by the languages' order; nothing without translations.
    pub(super) fn alternates(&self, page: &Page) -> Vec<Alternate<'_>> {
        let languages = self.site.config.languages.iter().enumerate();
        let found: Vec<_> = languages
            .filter_map(|(language, lang)| {
                let id = self.tree.translation(page, language)?;
                Some(Alternate { code: &lang.code, permalink: self.base.permalink(&self.site.page(id).url) })
            })
            .collect();
        if found.len() > 1 { found } else { vec![] }
    }

    fn notices(&self, page: &Page) -> Vec<Notice<'_>> {
        if page.language != 0 || page.kind == PageKind::Home {
            return vec![];
        }
        let others = self.site.config.languages.iter().enumerate().skip(1);
        others
            .filter(|(language, _)| self.tree.translation(page, *language).is_none())
            .map(|(language, lang)| Notice {
                id: notice_id(&lang.code),
                code: &lang.code,
                text: self.site.string(language, "theme_untranslated_notice").unwrap_or_default(),
                back: self.site.string(language, "theme_untranslated_back").unwrap_or_default(),
                href: self.base.href(&self.site.page(self.tree.nearest(page, language)).url),
            })
            .collect()
    }
}

fn notice_id(code: &str) -> String {
    format!("untranslated-{code}")
}

/// The headings of levels 2 and 3 as a tree.
fn toc(headings: &[Heading]) -> Vec<TocEntry<'_>> {
    let mut entries: Vec<TocEntry<'_>> = vec![];
    for heading in headings.iter().filter(|heading| matches!(heading.level, 2 | 3)) {
        let entry = TocEntry { id: &heading.id, html: body::without_links(&heading.html), children: vec![] };
        if heading.level == 2 {
            entries.push(entry);
            continue;
        }
        if entries.is_empty() {
            entries.push(TocEntry { id: "", html: String::new(), children: vec![] });
        }
        if let Some(last) = entries.last_mut() {
            last.children.push(entry);
        }
    }
    entries
}
