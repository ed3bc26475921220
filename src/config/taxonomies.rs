//! `[taxonomies]`: the keys of front matter by which pages are listed, by Hugo's names.

use std::collections::BTreeMap;

use super::reader::{Reader, Table};

/// What pages are listed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxonomies {
    /// Name of one term -> key of the front matter and first part of the address: `tag` -> `tags`.
    pub names: BTreeMap<String, String>,
    /// Whether the terms are listed (`/tags/`).
    pub lists: bool,
    /// Whether each term's pages are listed (`/tags/storage/`).
    pub terms: bool,
}

impl Default for Taxonomies {
    fn default() -> Self {
        Self { names: BTreeMap::new(), lists: true, terms: true }
    }
}

impl Taxonomies {
    /// Reads `[taxonomies]`.
    pub(super) fn read(top: &mut Table<'_>, reader: &mut Reader<'_>) -> Self {
        Self { names: top.string_map(reader, "taxonomies"), ..Self::default() }
    }

    /// Reads Hugo's keys: its sites have tags and categories unless they say otherwise.
    pub(super) fn read_hugo(top: &mut Table<'_>, reader: &mut Reader<'_>) -> Self {
        let names = if top.key_span("taxonomies").is_some() {
            top.string_map(reader, "taxonomies")
        } else {
            [("category", "categories"), ("tag", "tags")].map(|(one, many)| (one.to_owned(), many.to_owned())).into()
        };
        let mut taxonomies = Self { names, ..Self::default() };
        for (kind, _) in top.strings(reader, "disableKinds").unwrap_or_default() {
            match kind.to_lowercase().as_str() {
                "taxonomy" => taxonomies.lists = false,
                "term" => taxonomies.terms = false,
                _ => {}
            }
        }
        taxonomies
    }
}
