//! What pages are about: the terms of a language, and the pages that name them (`tags: [storage]`).
//!
//! In: the pages' front matter, the site's taxonomies. Out: for each language the taxonomies that have terms.

use std::collections::BTreeMap;

use super::{Page, PageId, Site, url};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};

/// A term of a language: what a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// As the first page writes it.
    pub name: String,
    /// The last part of its address.
    pub slug: String,
    /// Its address below the site's root.
    pub url: String,
    /// Its pages, in the order of the site.
    pub pages: Vec<PageId>,
}

/// A taxonomy of a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxonomy {
    /// `tags`.
    pub name: String,
    /// Its address below the site's root.
    pub url: String,
    /// By address.
    pub terms: Vec<Term>,
}

impl Taxonomy {
    /// The name as the title of a page.
    #[must_use]
    pub fn title(&self) -> String {
        let mut chars = self.name.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
    }
}

/// The taxonomies of a language that have terms. A term that can't be a part of an address is left out, and said.
pub(super) fn of_language(site: &Site, language: usize, diagnostics: &mut Diagnostics) -> Vec<Taxonomy> {
    let home = &site.page(site.homes[language]).url;
    let mut all = vec![];
    for name in site.config.taxonomies.names.values() {
        let address = format!("{home}{}/", url::urlize(name));
        let mut terms: BTreeMap<String, Term> = BTreeMap::new();
        let shown = |page: &&Page| page.published && page.listed && page.language == language;
        for page in site.pages.iter().filter(shown) {
            for term in words(page, name) {
                let slug = url::urlize(term).trim_matches('/').to_owned();
                if slug.is_empty() {
                    continue;
                }
                if slug.split('/').any(|part| matches!(part, "" | "." | "..")) {
                    diagnostics.push(no_address(page, name, term));
                    continue;
                }
                let new = || Term {
                    name: term.to_owned(),
                    slug: slug.clone(),
                    url: format!("{address}{slug}/"),
                    pages: vec![],
                };
                let term = terms.entry(slug.clone()).or_insert_with(new);
                if term.pages.last() != Some(&page.id) {
                    term.pages.push(page.id);
                }
            }
        }
        if !terms.is_empty() {
            all.push(Taxonomy { name: name.clone(), url: address, terms: terms.into_values().collect() });
        }
    }
    all
}

fn no_address(page: &Page, key: &str, term: &str) -> Diagnostic {
    let message = format!("`{term}` in `{key}` can't be a part of an address, so the page is not listed by it");
    let said = Diagnostic::warning(codes::BAD_URL, message).help("give it a name with letters or digits in it");
    match &page.file {
        Some(file) => said.at(file, page.front_matter.value_span(file, key)),
        None => said,
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
