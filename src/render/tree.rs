//! The tree of pages as a reader of one language sees it.
//!
//! In: the site. Out: for each language and section, its children in order, among them the default
//! language's pages that are not translated yet (marked as foreign, and linked to as they are); the
//! reading order; the way to another language's nearest page.

use std::collections::HashMap;

use crate::site::sidebar::{self, Entry};
use crate::site::{Page, PageId, PageKind, Site};

/// The trees of all languages.
pub(crate) struct Tree<'a> {
    site: &'a Site,
    /// Page -> its neighbours in reading order.
    neighbours: HashMap<PageId, (Option<PageId>, Option<PageId>)>,
}

impl<'a> Tree<'a> {
    pub(crate) fn new(site: &'a Site) -> Self {
        let mut tree = Self { site, neighbours: HashMap::new() };
        for home in &site.homes {
            for root in &site.page(*home).children {
                let mut order = vec![];
                tree.read(*root, &mut order);
                for (at, id) in order.iter().enumerate() {
                    let previous = at.checked_sub(1).map(|before| order[before]);
                    tree.neighbours.insert(*id, (previous, order.get(at + 1).copied()));
                }
            }
        }
        tree
    }

    /// The section `id` and all below it, as a reader goes through them.
    fn read(&self, id: PageId, order: &mut Vec<PageId>) {
        let page = self.site.page(id);
        if !sidebar::is_shown(page) {
            return;
        }
        order.push(id);
        for child in &page.children {
            self.read(*child, order);
        }
    }

    /// The pages before and after, within the first-level section.
    pub(crate) fn neighbours(&self, id: PageId) -> (Option<PageId>, Option<PageId>) {
        self.neighbours.get(&id).copied().unwrap_or_default()
    }

    /// The children of a section as `language`'s readers see them.
    pub(crate) fn children(&self, id: PageId, language: usize) -> Vec<Entry> {
        sidebar::children(self.site, id, language)
    }

    /// The first-level section that a page is in (itself, where it is one).
    pub(crate) fn root(&self, id: PageId) -> Option<PageId> {
        let mut at = id;
        loop {
            let page = self.site.page(at);
            let parent = page.parent?;
            if self.site.page(parent).kind == PageKind::Home {
                return (page.kind == PageKind::Section).then_some(at);
            }
            at = parent;
        }
    }

    /// The sections above a page, the home page first, without the page.
    pub(crate) fn ancestors(&self, id: PageId) -> Vec<PageId> {
        let mut above: Vec<PageId> =
            std::iter::successors(self.site.page(id).parent, |id| self.site.page(*id).parent).collect();
        above.reverse();
        above
    }

    /// The published translation of a page in a language.
    pub(crate) fn translation(&self, page: &Page, language: usize) -> Option<PageId> {
        self.site.translation(page, language)
    }

    /// The nearest page in another language: the translation, that of the section above, the home.
    pub(crate) fn nearest(&self, page: &Page, language: usize) -> PageId {
        let own = self.translation(page, language);
        let above =
            || self.ancestors(page.id).into_iter().rev().find_map(|id| self.translation(self.site.page(id), language));
        own.or_else(above).unwrap_or(self.site.homes[language])
    }
}
