//! Which page a file belongs to that is no page itself.
//!
//! In: the files of all languages, the pages. Out: [`Page::resources`](super::Page::resources). The rules are
//! Hugo's:
//!
//! - The owner is the nearest page above the file, looked for among the pages of **all** languages: the files of a
//!   section that a language has not translated are not those of the section above it.
//! - A page that is not Markdown (`index.html`) has, at its own URL, also the files that only other languages have
//!   at its path; of several, that of the first language. Markdown pages link to the other language's file instead.
//! - What belongs to a draft, or to a page of another time, is not published.

use std::collections::{BTreeMap, HashSet};

use super::assemble::{Assembler, ancestors};
use super::resources::same_name;
use super::url;
use crate::source::SourceResource;

impl Assembler<'_> {
    /// Gives each file to its page.
    pub(super) fn settle_resources(&mut self, resources: &[SourceResource]) {
        let keys: HashSet<String> =
            self.pages.iter().filter(|page| page.bundle.is_none()).map(|page| url::path_key(&page.path)).collect();
        let mut owned: BTreeMap<String, Vec<(&SourceResource, &str)>> = BTreeMap::new();
        for resource in resources {
            let folder = resource.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let Some(owner) = ancestors(folder).find(|folder| keys.contains(&folder.to_lowercase())) else { continue };
            let name = resource.path[owner.len()..].trim_start_matches('/');
            owned.entry(owner.to_lowercase()).or_default().push((resource, name));
        }
        for (key, files) in owned {
            for language in 0..self.config.languages.len() {
                self.give(language, &key, &files);
            }
        }
    }

    /// Gives the files of a path to the page that a language has there. The files are sorted by language.
    fn give(&mut self, language: usize, key: &str, files: &[(&SourceResource, &str)]) {
        let Some(id) = self.by_path.get(&(language, key.to_owned())) else { return };
        let index = id.0 as usize;
        let page = &self.pages[index];
        if page.bundle.is_some() || !self.in_tree[index] {
            return;
        }
        let mut given: Vec<(&SourceResource, &str)> =
            files.iter().copied().filter(|(file, _)| file.language == language).collect();
        if page.file.is_some() && !page.is_markdown() {
            for (file, name) in files.iter().copied().filter(|(file, _)| file.language != language) {
                if !given.iter().any(|(_, known)| same_name(known, name)) {
                    given.push((file, name));
                }
            }
        }
        let base = page.resources_base(&self.config.url_prefix(language));
        self.pages[index].resources =
            given.into_iter().map(|(file, name)| (format!("{base}{name}"), file.file.clone())).collect();
    }
}
