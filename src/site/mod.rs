//! The model of the whole site.
//!
//! In: [`crate::source::Source`] and [`crate::config::Config`]. Out: [`Site`]: pages and sections
//! with URLs, order, parents and translations, and the strings of all languages. Immutable from
//! here on; pages refer to each other by [`PageId`].

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Config;
use crate::diagnostics::{SourceFile, Span};
use crate::source::FrontMatter;

/// A page's number in [`Site::pages`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageId(pub u32);

/// The site.
#[derive(Debug)]
pub struct Site {
    /// The configuration.
    pub config: Arc<Config>,
    /// All pages, also those that are not published; by language, then path.
    pub pages: Vec<Page>,
    /// The home page of each language (by index into `config.languages`).
    pub homes: Vec<PageId>,
    /// (language, path without extension and `_index`) -> page.
    pub by_path: HashMap<(usize, String), PageId>,
    /// URL -> page.
    pub by_url: HashMap<String, PageId>,
    /// For each language, its strings (`i18n/<lang>.toml` over the built-in ones).
    pub strings: Vec<BTreeMap<String, String>>,
}

/// What a page is in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PageKind {
    /// A language's root.
    Home,
    /// `_index.md`, or a first-level folder without one.
    Section,
    /// Any other page.
    Page,
}

/// One page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its number.
    pub id: PageId,
    /// Index into `config.languages`.
    pub language: usize,
    /// What it is in the tree.
    pub kind: PageKind,
    /// Its file; `None` for an automatic section.
    pub file: Option<Arc<SourceFile>>,
    /// The bytes after the front matter.
    pub body: Span,
    /// Its front matter.
    pub front_matter: FrontMatter,
    /// Path below the language's folder: `docs/tasks/_index.md`.
    pub path: String,
    /// Path relative to the site's root, with extension: `/ja/docs/tasks/`.
    pub url: String,
    /// Title.
    pub title: String,
    /// Short title for menus (the title where there is none).
    pub link_title: String,
    /// Description; may be empty.
    pub description: String,
    /// Order; 0 is last.
    pub weight: i64,
    /// Date, RFC 3339, if it has one.
    pub date: Option<String>,
    /// URLs that redirect to it.
    pub aliases: Vec<String>,
    /// The section it is in.
    pub parent: Option<PageId>,
    /// Direct pages and sections of a section, in order.
    pub children: Vec<PageId>,
    /// The same page in other languages, by the languages' order.
    pub translations: Vec<PageId>,
    /// Files published beside it: URL path -> file.
    pub resources: Vec<(String, PathBuf)>,
    /// Whether it has a URL of its own (drafts, headless bundles and includes have none).
    pub published: bool,
    /// Whether it is left out of the sidebar.
    pub toc_hide: bool,
}

impl Site {
    /// The page with this number.
    #[must_use]
    pub fn page(&self, id: PageId) -> &Page {
        &self.pages[id.0 as usize]
    }

    /// The string called `key` in a language, else in the default language.
    #[must_use]
    pub fn string(&self, language: usize, key: &str) -> Option<&str> {
        self.strings[language].get(key).or_else(|| self.strings[0].get(key)).map(String::as_str)
    }
}
