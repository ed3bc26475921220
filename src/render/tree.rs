//! The tree of pages as a reader of one language sees it.
//!
//! In: the site. Out: for each language and section, its children in order, among them the default
//! language's pages that are not translated yet (marked as foreign, and linked to as they are); the
//! reading order; the way to another language's nearest page.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::site::sidebar::{self, Entry};
use crate::site::{Page, PageId, PageKind, Site};

/// The trees of all languages, made once for all pages.
pub(crate) struct Tree<'a> {
    site: &'a Site,
    /// Page -> its children, as readers of its own language see them.
    children: Vec<Vec<Entry>>,
    /// Page and language -> the nearest page there, row by row.
    nearest: Vec<Option<PageId>>,
    /// Page -> its neighbours in reading order.
    neighbours: HashMap<PageId, (Option<PageId>, Option<PageId>)>,
}

impl<'a> Tree<'a> {
    pub(crate) fn new(site: &'a Site) -> Self {
        let mut tree = Self { site, children: vec![], nearest: vec![], neighbours: HashMap::new() };
        tree.children = site.pages.par_iter().map(|page| sidebar::all_children(site, page.id, page.language)).collect();
        tree.find_nearest();
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

    /// The children of a section as readers of its own language see them.
    pub(crate) fn children(&self, id: PageId) -> &[Entry] {
        &self.children[id.0 as usize]
    }

    /// The children of a section as `language`'s readers see them. A section that they lack has the
    /// children that it has in its own language.
    pub(crate) fn children_for(&self, id: PageId, language: usize) -> impl Iterator<Item = Entry> {
        let foreign = self.site.page(id).language != language;
        self.children(id).iter().map(move |node| Entry { id: node.id, foreign: foreign || node.foreign })
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
        let at = page.id.0 as usize * self.site.homes.len() + language;
        self.nearest.get(at).copied().flatten().unwrap_or(self.site.homes[language])
    }

    /// Fills the table of nearest pages: a page's own translations over the row of the section above.
    fn find_nearest(&mut self) {
        let width = self.site.homes.len();
        self.nearest = vec![None; width * self.site.pages.len()];
        let mut filled = vec![false; self.site.pages.len()];
        for page in &self.site.pages {
            let mut chain = self.ancestors(page.id);
            chain.push(page.id);
            for id in chain {
                if !std::mem::replace(&mut filled[id.0 as usize], true) {
                    self.fill_nearest(self.site.page(id), width);
                }
            }
        }
    }

    fn fill_nearest(&mut self, page: &Page, width: usize) {
        let row = page.id.0 as usize * width;
        if let Some(parent) = page.parent {
            let above = parent.0 as usize * width;
            self.nearest.copy_within(above..above + width, row);
        }
        for language in 0..width {
            if let Some(found) = self.translation(page, language) {
                self.nearest[row + language] = Some(found);
            }
        }
    }
}
