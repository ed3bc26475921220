//! A section's children as readers of one language see them in a sidebar.
//!
//! In: the site. Out: the section's pages in order, among them the default language's pages that are
//! not translated yet (marked as foreign, and linked to as they are).

use std::cmp::Reverse;

use super::{Page, PageId, Site};

/// A page in a language's sidebar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The page.
    pub id: PageId,
    /// It is a page of the default language that this language lacks.
    pub foreign: bool,
}

/// The children of a section as `language`'s readers see them.
#[must_use]
pub fn children(site: &Site, section: PageId, language: usize) -> Vec<Entry> {
    let page = site.page(section);
    let foreign = page.language != language;
    let own = page.children.iter().filter(|child| is_shown(site.page(**child)));
    let mut entries: Vec<Entry> = own.map(|id| Entry { id: *id, foreign }).collect();
    if foreign || language == 0 {
        return entries;
    }
    let Some(original) = site.translation(page, 0) else { return entries };
    let before = entries.len();
    entries.extend(site.page(original).children.iter().filter_map(|id| {
        let page = site.page(*id);
        let untranslated = is_shown(page) && site.translation(page, language).is_none();
        untranslated.then_some(Entry { id: *id, foreign: true })
    }));
    if entries.len() > before {
        entries.sort_by(|a, b| order_key(site.page(a.id)).cmp(&order_key(site.page(b.id))));
    }
    entries
}

/// Whether a page has a place in the sidebar.
#[must_use]
pub fn is_shown(page: &Page) -> bool {
    page.published && !page.toc_hide
}

/// Hugo's default order: weight (0 last), newest date, title, path.
fn order_key(page: &Page) -> (bool, i64, Reverse<Option<&str>>, &str, &str) {
    (page.weight == 0, page.weight, Reverse(page.date.as_deref()), &page.link_title, &page.path)
}
