//! Lists of pages by what they are about (`/tags/`, `/tags/storage/`).
//!
//! In: the site's taxonomies. Out: for each a list of its terms, and for each term a list of its pages.

use serde::Serialize;

use super::{Shared, byline};
use crate::diagnostics::Diagnostic;
use crate::site::{Page, Taxonomy, Term};

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

impl Shared<'_> {
    /// The list of a taxonomy's terms.
    pub(super) fn render_taxonomy(&self, language: usize, taxonomy: &Taxonomy) -> Result<String, Vec<Diagnostic>> {
        let title = taxonomy.title();
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
        let terms = self.site.taxonomies[page.language].iter().flat_map(|taxonomy| &taxonomy.terms);
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
