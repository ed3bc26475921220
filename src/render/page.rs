//! One page: the values its layout sees, and the layout's text.
//!
//! The values are documented by the types below; a site's own layouts see the same.

use std::sync::Arc;

use serde::Serialize;
use tera::{Context, Value};

use super::pictures::IconLink;
use super::terms::TermLink;
use super::{Base, Shared, body, byline, lists, urls};
use crate::config::Output;
use crate::diagnostics::Diagnostic;
use crate::markdown::{Article, Heading};
use crate::site::sidebar::Entry;
use crate::site::{Page, PageId, PageKind, Site};

/// Layouts that are not for pages, whatever a page's front matter says.
const NO_PAGE_LAYOUTS: [&str; 4] = ["404.html", "alias.html", "base.html", "print.html"];

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
pub(super) struct PageView<'a> {
    kind: PageKind,
    title: &'a str,
    description: &'a str,
    href: String,
    permalink: String,
    path: &'a str,
    date: Option<&'a str>,
    /// The date as readers of the language write it.
    date_text: Option<String>,
    author: Option<String>,
    /// Where its source can be edited.
    edit_href: Option<String>,
    /// The print page of the section that it is in.
    print_href: Option<String>,
    /// Its own feed.
    feed_href: Option<String>,
    /// The picture beside a link to it elsewhere, with scheme and host.
    image: Option<String>,
    cards: Vec<Card<'a>>,
    /// What it is about.
    terms: Vec<TermLink<'a>>,
    weight: i64,
    params: &'a serde_json::Map<String, serde_json::Value>,
    toc: Vec<TocEntry<'a>>,
    /// The names of the shortcodes that the page uses.
    shortcodes: &'a [String],
}

impl<'a> PageView<'a> {
    /// The view of a page that stands for one that the site does not have.
    pub(super) fn renamed(mut self, title: &'a str, href: String, permalink: String) -> Self {
        self.kind = PageKind::Section;
        self.title = title;
        self.description = "";
        (self.href, self.permalink) = (href, permalink);
        (self.edit_href, self.print_href) = (None, None);
        (self.cards, self.terms) = (vec![], vec![]);
        self
    }
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
pub(super) struct LinkView<'a> {
    pub(super) href: String,
    title: &'a str,
    pub(super) link_title: &'a str,
    description: &'a str,
    pub(super) lang: &'a str,
    /// It is a page of the default language that is not translated.
    pub(super) foreign: bool,
    /// It is this page or above it.
    pub(super) current: bool,
}

/// `page.cards`: a way into the site, from the front matter's `cards`.
#[derive(Serialize)]
struct Card<'a> {
    title: &'a str,
    description: &'a str,
    button: &'a str,
    /// Where it leads: the page of that path in the reader's language, where there is one.
    href: Option<String>,
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

/// The values of a language: `site`, `lang`, `t`, `icons`.
pub(super) fn language_context(site: &Site, base: &Base, icons: &[IconLink], language: usize) -> Context {
    let config = &site.config;
    let lang = &config.languages[language];
    let is_rtl = lang.right_to_left || RIGHT_TO_LEFT.contains(&lang.code.split('-').next().unwrap_or(""));
    let dir = if is_rtl { "rtl" } else { "ltr" };
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
    context.insert("icons", icons);
    context
}

impl Shared<'_> {
    /// Renders a page with the layout of its front matter's `layout`, where there is one of that
    /// name, else that of its kind (as Hugo does, which passes over a layout it can't find).
    pub(super) fn render_page(&self, page: &Page, articles: &[Arc<Article>]) -> Result<String, Vec<Diagnostic>> {
        if lists::is_list(page) {
            let lists = self.list_pages(page);
            if let Some(first) = lists.first() {
                return self.render_list(page, first, lists.len(), articles);
            }
        }
        let article = articles.get(page.id.0 as usize).map(AsRef::as_ref);
        let context = self.context(page, article);
        self.layouts.render(&self.layout_of(page), &context, &page.path)
    }

    /// The layout of a page: that of its front matter's `layout`, that of its kind for its type, that of its kind.
    pub(super) fn layout_of(&self, page: &Page) -> String {
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
        let of_type = format!("{}/{kind}", page_type(page));
        own.filter(|name| self.layouts.has(name) && !name.contains('/') && !NO_PAGE_LAYOUTS.contains(&name.as_str()))
            .or_else(|| self.layouts.has(&of_type).then_some(of_type))
            .unwrap_or_else(|| kind.to_owned())
    }

    /// A layout that belongs to no page (`404.html`), in a language.
    pub(super) fn render_special(&self, layout: &str, language: usize) -> Result<String, Vec<Diagnostic>> {
        let home = self.site.page(self.site.homes[language]);
        let mut context = self.special_context(home);
        let title = self.site.string(language, "theme_not_found_title").unwrap_or("404");
        let mut view = self.page_view(home, None);
        view.title = title;
        view.description = "";
        view.kind = PageKind::Page;
        context.insert("page", &view);
        self.layouts.render(layout, &context, layout)
    }

    /// The values of what belongs to no page, from those of the home page.
    pub(super) fn special_context(&self, home: &Page) -> Context {
        let mut context = self.context(home, None);
        for name in ["notices", "alternates", "children", "breadcrumbs"] {
            context.insert(name, &[(); 0]);
        }
        for name in ["previous", "next", "sidebar"] {
            context.insert_value(name, Value::none());
        }
        context
    }

    /// The redirect from an old address to a page.
    pub(super) fn render_alias(&self, page: &Page) -> Result<String, Vec<Diagnostic>> {
        let mut context = self.contexts[page.language].clone();
        context.insert("page", &self.page_view(page, None));
        self.layouts.render("alias.html", &context, &page.path)
    }

    pub(super) fn context(&self, page: &Page, article: Option<&Article>) -> Context {
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
        context.insert("menu", &self.menu(page));
        context.insert("feed_href", &self.feed_href(page));
        context.insert_value("disclaimer", self.disclaimer(page, article));
        context.insert("children", &self.children(page));
        context.insert("glossary", &self.glossary(page));
        context.insert("languages", &self.choices(page));
        context.insert("alternates", &self.alternates(page));
        context.insert("notices", &self.notices(page));
        context
    }

    pub(super) fn page_view<'p>(&'p self, page: &'p Page, article: Option<&'p Article>) -> PageView<'p> {
        PageView {
            kind: page.kind,
            title: &page.title,
            description: &page.description,
            href: self.base.href(&page.url),
            permalink: self.base.permalink(&page.url),
            path: &page.path,
            date: page.date.as_deref(),
            date_text: byline::date(self.site, page),
            author: byline::author(page),
            edit_href: self.edit_href(page),
            print_href: self.print_href(page),
            feed_href: self.outputs(page).contains(&Output::Rss).then(|| self.own_feed(page)),
            image: self.image_of(page),
            cards: self.cards(page),
            terms: self.terms_of(page),
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
            link_title: link_title(page),
            description: &page.description,
            lang: &self.site.config.languages[page.language].code,
            foreign: node.foreign,
            current: node.id == from.id || self.tree.root(from.id) == Some(node.id),
        }
    }

    /// The address of a page; a page that `language` lacks is linked to at its notice for `language`.
    pub(super) fn node_href(&self, node: Entry, language: usize) -> String {
        let mut href = self.base.href(&self.site.page(node.id).url);
        if node.foreign {
            href.push('#');
            href.push_str(&notice_id(&self.site.config.languages[language].code));
        }
        href
    }

    pub(super) fn sections(&self, page: &Page) -> Vec<LinkView<'_>> {
        let nodes = self.tree.children_for(self.site.homes[page.language], page.language);
        let sections = nodes.filter(|node| self.site.page(node.id).kind == PageKind::Section);
        sections.map(|node| self.node_link(node, page)).collect()
    }

    fn cards<'p>(&self, page: &'p Page) -> Vec<Card<'p>> {
        let cards = page.param("cards").and_then(serde_json::Value::as_array);
        let card = |card: &'p serde_json::Value| {
            let text = |key: &str| card.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
            let path = text("button_path");
            let target = path.strip_prefix('/').and_then(|path| self.site.find(page.language, path));
            let url = target.map(|id| self.site.page(id)).filter(|page| page.published).map_or(path, |page| &page.url);
            Some(Card {
                title: Some(text("title")).filter(|title| !title.is_empty())?,
                description: text("description"),
                button: text("button"),
                href: path.starts_with('/').then(|| self.base.href(url)),
            })
        };
        cards.into_iter().flatten().filter_map(card).collect()
    }

    /// What is said below an article that names other people's products.
    fn disclaimer(&self, page: &Page, article: Option<&Article>) -> Value {
        let wanted = article.is_some_and(|article| article.shortcodes.iter().any(|name| name == "thirdparty-content"));
        let text = wanted.then(|| self.site.string(page.language, "thirdparty_message_disclaimer")).flatten();
        text.map_or_else(Value::none, |text| Value::safe_string(&body::prepare(text, &self.base)))
    }

    /// The feed that a page's head names: its own, else that of the home page.
    fn feed_href(&self, page: &Page) -> Option<String> {
        let home = self.site.page(self.site.homes[page.language]);
        [page, home].into_iter().find(|page| self.outputs(page).contains(&Output::Rss)).map(|page| self.own_feed(page))
    }

    fn own_feed(&self, page: &Page) -> String {
        self.base.href(&format!("{}/{}", page.url.trim_end_matches('/'), self.site.config.outputs.feed))
    }

    /// The print page of the section that a page is, or is in.
    fn print_href(&self, page: &Page) -> Option<String> {
        let section = if page.kind == PageKind::Page { self.site.page(page.parent?) } else { page };
        let is_printed = section.kind == PageKind::Section && self.outputs(section).contains(&Output::Print);
        is_printed.then(|| self.base.href(&format!("{}/_print/", section.url.trim_end_matches('/'))))
    }

    /// Where the page's source can be edited: `github_repo`, `github_branch` and `github_subdir` of the site's
    /// params. `noedit: true` in its front matter leaves it out.
    fn edit_href(&self, page: &Page) -> Option<String> {
        let param = |name: &str| self.site.config.param(page.language, name).and_then(serde_json::Value::as_str);
        let repository = param("github_repo").filter(|url| url.starts_with("https://"))?.trim_end_matches('/');
        if page.param("noedit") == Some(&serde_json::Value::Bool(true)) {
            return None;
        }
        let folder = param("github_subdir").map_or(String::new(), |folder| format!("{}/", folder.trim_matches('/')));
        let branch = param("github_branch").unwrap_or("main");
        Some(urls::encode(&format!("{repository}/edit/{branch}/{folder}{}", page.file.as_ref()?.path)))
    }

    /// The list below a section's text; `no_list: true` in its front matter leaves it out.
    fn children(&self, page: &Page) -> Vec<LinkView<'_>> {
        let unwanted =
            page.front_matter.values.get("no_list").is_some_and(|value| value == &serde_json::Value::Bool(true));
        if page.kind == PageKind::Page || unwanted {
            return vec![];
        }
        self.tree.children(page.id).iter().map(|node| self.node_link(*node, page)).collect()
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

/// What a link calls a page: its short title, or the last part of its address where it has none.
pub(super) fn link_title(page: &Page) -> &str {
    let last = || page.url.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if page.link_title.trim().is_empty() { last() } else { &page.link_title }
}

fn notice_id(code: &str) -> String {
    format!("untranslated-{code}")
}

/// A page's `type`, by default the first folder of its path.
pub(super) fn page_type(page: &Page) -> &str {
    let named = page.front_matter.values.get("type").and_then(serde_json::Value::as_str);
    named.unwrap_or_else(|| page.path.split_once('/').map_or("", |(folder, _)| folder))
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
