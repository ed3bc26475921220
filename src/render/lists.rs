//! The lists of posts of a blog: newest first, in pages, by year.
//!
//! In: a section of the type `blog`, the articles. Out: the values that its layout
//! `blog/section.html` sees beside those of every page.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Serialize;

use super::pagination::{self, ListPage, Pager};
use super::{Shared, body, byline, feeds};
use crate::diagnostics::Diagnostic;
use crate::markdown::Article;
use crate::site::{Page, PageId, PageKind, Site};

/// `years`: the posts of one year.
#[derive(Serialize)]
struct Year<'a> {
    /// Empty for posts without a date.
    year: &'a str,
    posts: Vec<Post<'a>>,
}

#[derive(Serialize)]
struct Post<'a> {
    href: String,
    title: &'a str,
    /// RFC 3339.
    date: Option<&'a str>,
    /// As readers of the language write it.
    date_text: Option<String>,
    author: Option<String>,
    /// HTML.
    summary: String,
}

/// Whether a page lists posts.
pub(super) fn is_list(page: &Page) -> bool {
    page.kind == PageKind::Section && is_blog(page)
}

/// Whether a page belongs to a blog: by its `type`, or by the first folder of its path.
pub(super) fn is_blog(page: &Page) -> bool {
    super::page::page_type(page) == "blog"
}

/// The posts of a section, the newest first.
pub(super) fn posts(site: &Site, section: &Page) -> Vec<PageId> {
    let shown = |page: &&Page| page.published && page.listed && page.kind == PageKind::Page;
    let mut posts: Vec<&Page> = section.children.iter().map(|id| site.page(*id)).filter(shown).collect();
    posts.sort_by_key(|page| Reverse(moment(page)));
    posts.into_iter().map(|page| page.id).collect()
}

fn moment(page: &Page) -> Option<jiff::Timestamp> {
    page.date.as_deref()?.parse().ok()
}

impl Shared<'_> {
    /// The pages of a section's list.
    pub(super) fn list_pages(&self, section: &Page) -> Vec<ListPage> {
        pagination::pages(&section.url, posts(self.site, section).len(), self.site.config.outputs.page_size)
    }

    /// Adds to a section's values what one page of its list shows.
    pub(super) fn add_list(
        &self,
        context: &mut tera::Context,
        section: &Page,
        list: &ListPage,
        total: usize,
        articles: &[Arc<Article>],
    ) {
        let posts = posts(self.site, section);
        let shown = posts.get(list.entries.clone()).unwrap_or_default();
        let mut years: Vec<Year<'_>> = vec![];
        for id in shown {
            let page = self.site.page(*id);
            let year = page.date.as_deref().and_then(|date| date.get(..4)).unwrap_or_default();
            if years.last().is_none_or(|last| last.year != year) {
                years.push(Year { year, posts: vec![] });
            }
            let article = articles.get(id.0 as usize).map(AsRef::as_ref);
            if let Some(last) = years.last_mut() {
                last.posts.push(self.post(page, article));
            }
        }
        context.insert("years", &years);
        context.insert("pager", &Pager::new(&section.url, list.number, total, &self.base));
    }

    fn post<'p>(&self, page: &'p Page, article: Option<&Article>) -> Post<'p> {
        Post {
            href: self.base.href(&page.url),
            title: &page.title,
            date: page.date.as_deref(),
            date_text: byline::date(self.site, page),
            author: byline::author(page),
            summary: article
                .map_or_else(String::new, |article| body::prepare(&feeds::summary(page, article), &self.base)),
        }
    }

    /// A page of a section's list.
    pub(super) fn render_list(
        &self,
        section: &Page,
        list: &ListPage,
        total: usize,
        articles: &[Arc<Article>],
    ) -> Result<String, Vec<Diagnostic>> {
        // The section's own text stands on the first page only.
        let article = (list.number == 1).then(|| articles.get(section.id.0 as usize)).flatten();
        let mut context = self.context(section, article.map(AsRef::as_ref));
        self.add_list(&mut context, section, list, total, articles);
        self.layouts.render(&self.layout_of(section), &context, &section.path)
    }
}
