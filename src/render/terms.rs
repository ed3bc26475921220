//! Lists of pages by what they are about (`/tags/`, `/tags/storage/`).
//!
//! In: the pages' front matter (`tags: [storage]`), the site's taxonomies. Out: for each taxonomy that has
//! terms a list of them, and for each term a list of its pages.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Shared, byline};
use crate::diagnostics::Diagnostic;
use crate::site::{Page, PageId, Site, url};

/// A term of a language: what a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    /// As the first page writes it.
    pub(super) name: String,
    pub(super) url: String,
    /// Its pages, in the order of the site.
    pub(super) pages: Vec<PageId>,
}

/// A taxonomy of a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taxonomy {
    /// `tags`.
    pub(super) name: String,
    pub(super) url: String,
    /// By address.
    pub(super) terms: Vec<Term>,
}

/// `terms` of the layout `taxonomy.html`, and `page.terms` of pages.
#[derive(Serialize)]
pub(super) struct TermLink<'a> {
    name: &'a str,
    href: String,
    count: usize,
}

/// `pages` of the layout `term.html`.
#[derive(Serialize)]
struct TermPage<'a> {
    href: String,
    title: &'a str,
    description: &'a str,
    date: Option<&'a str>,
    date_text: Option<String>,
    author: Option<String>,
}

/// The taxonomies of a language that have terms.
pub(super) fn taxonomies(site: &Site, language: usize) -> Vec<Taxonomy> {
    let home = &site.page(site.homes[language]).url;
    let names = site.config.taxonomies.names.values();
    let all = names.map(|name| {
        let address = format!("{home}{}/", url::urlize(name));
        let mut terms: BTreeMap<String, Term> = BTreeMap::new();
        let shown = |page: &&Page| page.published && page.listed && page.language == language;
        for page in site.pages.iter().filter(shown) {
            for term in words(page, name) {
                let slug = url::urlize(term);
                if slug.is_empty() {
                    continue;
                }
                let new = || Term { name: term.to_owned(), url: format!("{address}{slug}/"), pages: vec![] };
                let term = terms.entry(slug.clone()).or_insert_with(new);
                if term.pages.last() != Some(&page.id) {
                    term.pages.push(page.id);
                }
            }
        }
        Taxonomy { name: name.clone(), url: address, terms: terms.into_values().collect() }
    });
    all.filter(|taxonomy| !taxonomy.terms.is_empty()).collect()
}

impl Shared<'_> {
    /// The list of a taxonomy's terms.
    pub(super) fn render_taxonomy(&self, language: usize, taxonomy: &Taxonomy) -> Result<String, Vec<Diagnostic>> {
        let title = capitalized(&taxonomy.name);
        let mut context = self.list_context(language, &title, &taxonomy.url);
        let links: Vec<TermLink<'_>> = taxonomy.terms.iter().map(|term| self.term_link(term)).collect();
        context.insert("terms", &links);
        self.layouts.render("taxonomy.html", &context, &taxonomy.url)
    }

    /// The list of a term's pages, the newest first.
    pub(super) fn render_term(&self, language: usize, term: &Term) -> Result<String, Vec<Diagnostic>> {
        let mut context = self.list_context(language, &term.name, &term.url);
        let mut pages: Vec<&Page> = term.pages.iter().map(|id| self.site.page(*id)).collect();
        pages.sort_by(|a, b| b.date.cmp(&a.date).then_with(|| a.link_title.cmp(&b.link_title)));
        let view = |page: &&'_ Page| TermPage {
            href: self.base.href(&page.url),
            title: &self.site.page(page.id).title,
            description: &self.site.page(page.id).description,
            date: self.site.page(page.id).date.as_deref(),
            date_text: byline::date(self.site, page),
            author: byline::author(page),
        };
        context.insert("pages", &pages.iter().map(view).collect::<Vec<_>>());
        self.layouts.render("term.html", &context, &term.url)
    }

    /// What a page is about.
    pub(super) fn terms_of(&self, page: &Page) -> Vec<TermLink<'_>> {
        let terms = self.taxonomies[page.language].iter().flat_map(|taxonomy| &taxonomy.terms);
        terms.filter(|term| term.pages.binary_search(&page.id).is_ok()).map(|term| self.term_link(term)).collect()
    }

    fn term_link<'t>(&self, term: &'t Term) -> TermLink<'t> {
        TermLink { name: &term.name, href: self.base.href(&term.url), count: term.pages.len() }
    }

    /// The values of a list that belongs to no page of the site.
    fn list_context(&self, language: usize, title: &str, url: &str) -> tera::Context {
        let home = self.site.page(self.site.homes[language]);
        let mut context = self.special_context(home);
        let view = self.page_view(home, None).renamed(title, self.base.href(url), self.base.permalink(url));
        context.insert("page", &view);
        context
    }
}

/// What a page says it is about: a text or a list of texts.
fn words<'p>(page: &'p Page, taxonomy: &str) -> Vec<&'p str> {
    match page.param(taxonomy) {
        Some(serde_json::Value::String(word)) => vec![word],
        Some(serde_json::Value::Array(words)) => words.iter().filter_map(serde_json::Value::as_str).collect(),
        _ => vec![],
    }
}

fn capitalized(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
