//! A section's children as readers of one language see them in a sidebar.
//!
//! In: the site. Out: the section's pages in order, among them the default language's pages that are
//! not translated yet (marked as foreign, and linked to as they are).

use super::{Page, PageId, Site};

/// The entries of one section that are shown where `params.ui.sidebar_menu_truncate` says nothing: more
/// than these nobody reads, and each is in every page of the section.
const MOST: usize = 50;

/// A page in a language's sidebar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The page.
    pub id: PageId,
    /// It is a page of the default language that this language lacks.
    pub foreign: bool,
}

/// The children of a section as `language`'s readers see them, the first of a long list.
#[must_use]
pub fn children(site: &Site, section: PageId, language: usize) -> Vec<Entry> {
    let mut entries = all_children(site, section, language);
    entries.truncate(most(site, language));
    entries
}

/// All of them.
#[must_use]
pub fn all_children(site: &Site, section: PageId, language: usize) -> Vec<Entry> {
    let page = site.page(section);
    let foreign = page.language != language;
    let own = page.children.iter().filter(|child| is_shown(site.page(**child)));
    let mut entries: Vec<Entry> = own.map(|id| Entry { id: *id, foreign }).collect();
    let original = if foreign || language == 0 { None } else { site.translation(page, 0) };
    let Some(original) = original else { return entries };
    let before = entries.len();
    entries.extend(site.page(original).children.iter().filter_map(|id| {
        let page = site.page(*id);
        let untranslated = is_shown(page) && site.translation(page, language).is_none();
        untranslated.then_some(Entry { id: *id, foreign: true })
    }));
    if entries.len() > before {
        entries.sort_by(|a, b| site.order.compare(site.page(a.id), site.page(b.id), language));
    }
    entries
}

/// How many entries of a section are shown.
fn most(site: &Site, language: usize) -> usize {
    let setting = site.config.param(language, "ui").and_then(|ui| ui.get("sidebar_menu_truncate"));
    setting.and_then(serde_json::Value::as_u64).and_then(|most| usize::try_from(most).ok()).unwrap_or(MOST)
}

/// Whether a page has a place in the sidebar.
#[must_use]
pub fn is_shown(page: &Page) -> bool {
    page.published && !page.toc_hide
}
