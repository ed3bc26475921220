//! The sidebar: what a page carries of its language's tree, and the rest in one file.
//!
//! In: the [`Tree`](super::tree::Tree). Out: for a page, the branch that is open at it, of long lists
//! the part around it; for a language, the whole tree as JSON below a name with a hash, which the
//! theme's script loads when a reader unfolds a section. Without scripts each section links to its
//! page. The entries of a section are made once, not once a page: the tree in each page would be most
//! of a large site.

use std::ops::Range;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::json;
use tera::Value;

use super::page::link_title;
use super::{Shared, lists, urls};
use crate::assets;
use crate::site::sidebar::Entry;
use crate::site::{Page, PageId, PageKind};

/// Of a list with more entries, a page carries those around the open one.
const LONG: usize = 48;

/// `sidebar`: the section's tree, its open branch unfolded.
#[derive(Serialize)]
pub(super) struct SidebarView<'a> {
    href: String,
    link_title: &'a str,
    current: bool,
    entries: Value,
    /// The address of the file with the language's whole tree.
    nav: String,
}

/// `sidebar.entries`.
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
    /// It stands for entries that the page does not carry.
    more: bool,
    /// The pages below it, where it is on the way to this page or is this page.
    children: Value,
}

/// What all pages share.
pub(super) struct Sidebars {
    /// Page -> the entries of its list, all folded.
    lists: Vec<Vec<Value>>,
    /// For each language, where its tree is, below the build folder, and the tree.
    files: Vec<(String, String)>,
}

impl Sidebars {
    /// Makes the lists of all sections.
    pub(super) fn new(shared: &Shared<'_>) -> Self {
        let site = shared.site;
        let list = |page: &Page| {
            let nodes = shared.tree.children(page.id);
            nodes.iter().map(|node| Value::from_serializable(&shared.tree_entry(*node, page.language))).collect()
        };
        let lists = site.pages.par_iter().map(list).collect();
        let languages: Vec<usize> = (0..site.homes.len()).collect();
        let files = languages.into_par_iter().map(|language| nav_file(shared, language)).collect();
        Self { lists, files }
    }

    /// The files of the languages that are built: path and text.
    pub(super) fn files(&self, shared: &Shared<'_>) -> Vec<(String, String)> {
        let languages = shared.site.config.languages.iter().zip(&self.files);
        languages.filter(|(language, _)| language.selected).map(|(_, file)| file.clone()).collect()
    }
}

impl Shared<'_> {
    /// The tree of the first-level section that the page is in; nothing for the home page.
    pub(super) fn sidebar(&self, page: &Page) -> Option<SidebarView<'_>> {
        let sidebars = self.sidebars.as_ref()?;
        let root = self.tree.root(page.id).unwrap_or(self.site.homes[page.language]);
        if page.kind == PageKind::Home || lists::is_blog(page) || self.tree.children(root).is_empty() {
            return None;
        }
        let mut open = self.tree.ancestors(page.id);
        open.push(page.id);
        let entries = self.branch(sidebars, root, page, &open);
        let root = self.site.page(root);
        Some(SidebarView {
            href: self.base.href(&root.url),
            link_title: link_title(root),
            current: root.id == page.id,
            entries,
            nav: self.base.href(&format!("/{}", sidebars.files[page.language].0)),
        })
    }

    fn branch(&self, sidebars: &Sidebars, section: PageId, page: &Page, open: &[PageId]) -> Value {
        let nodes = self.tree.children(section);
        let at = nodes.iter().position(|node| open.contains(&node.id));
        let shown = shown(nodes.len(), at);
        let mut entries = sidebars.lists[section.0 as usize][shown.clone()].to_vec();
        if let Some(at) = at {
            let node = nodes[at];
            let mut entry = self.tree_entry(node, page.language);
            entry.current = node.id == page.id;
            entry.children = self.branch(sidebars, node.id, page, open);
            entries[at - shown.start] = Value::from_serializable(&entry);
        }
        if shown.len() < nodes.len() {
            let mut entry = self.tree_entry(Entry { id: section, foreign: false }, page.language);
            (entry.more, entry.section) = (true, false);
            entries.push(Value::from_serializable(&entry));
        }
        Value::from(entries)
    }

    fn tree_entry(&self, node: Entry, language: usize) -> TreeEntry<'_> {
        let target = self.site.page(node.id);
        TreeEntry {
            href: self.node_href(node, language),
            link_title: link_title(target),
            lang: &self.site.config.languages[target.language].code,
            foreign: node.foreign,
            current: false,
            section: !target.children.is_empty(),
            more: false,
            children: Value::from(Vec::<Value>::new()),
        }
    }

    /// The tree below a section: `[address, title, children, language if another]`.
    fn nav_entries(&self, section: PageId, language: usize) -> Vec<serde_json::Value> {
        let entry = |node: Entry| {
            let page = self.site.page(node.id);
            let children = self.nav_entries(node.id, language);
            let mut entry = vec![json!(self.node_href(node, language)), json!(link_title(page))];
            if !children.is_empty() || node.foreign {
                entry.push(json!(children));
            }
            if node.foreign {
                entry.push(json!(self.site.config.languages[page.language].code));
            }
            serde_json::Value::from(entry)
        };
        self.tree.children_for(section, language).map(entry).collect()
    }
}

/// The entries of a list that a page carries: all of a short one, of a long one those around the open.
fn shown(length: usize, open: Option<usize>) -> Range<usize> {
    if length <= LONG {
        return 0..length;
    }
    let start = open.unwrap_or(0).saturating_sub(LONG / 2).min(length - LONG);
    start..start + LONG
}

/// Where a language's tree is, and the tree.
fn nav_file(shared: &Shared<'_>, language: usize) -> (String, String) {
    let home = shared.site.homes[language];
    let text = serde_json::Value::from(shared.nav_entries(home, language)).to_string();
    let index = urls::output_path(&shared.site.page(home).url).unwrap_or_default();
    let folder = index.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    (format!("{folder}{}", assets::hashed_name("nav.json", text.as_bytes())), text)
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn of_long_lists_the_part_around_the_open_entry_is_shown() {
        assert_eq!(shown(48, Some(47)), 0..48);
        assert_eq!(shown(500, None), 0..48);
        assert_eq!(shown(500, Some(3)), 0..48);
        assert_eq!(shown(500, Some(250)), 226..274);
        assert_eq!(shown(500, Some(499)), 452..500);
        for open in 0..100 {
            assert!(shown(100, Some(open)).contains(&open) && shown(100, Some(open)).len() == 48);
        }
    }
}
