//! The model of the whole site.
//!
//! In: [`crate::source::Source`] and [`crate::config::Config`]. Out: [`Site`]: pages and sections
//! with URLs, order, parents and translations, and the strings of all languages. Immutable from
//! here on; pages refer to each other by [`PageId`].

mod address;
mod assemble;
mod beside;
pub mod calendar;
mod cascade;
mod data_pages;
mod dates;
mod dating;
mod duplicates;
mod glob;
mod head;
mod order;
mod permalink;
mod resources;
pub mod sidebar;
mod strings;
mod taxonomies;
pub mod url;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

pub use assemble::assemble;
pub(crate) use dates::parse as parse_date;
pub use order::Order;
pub use resources::{Asset, ImageMethod, ImageWork, Media, Publication, Resource, match_name};
pub use strings::{fill, printed};
pub use taxonomies::{Taxonomy, Term};

use crate::config::Config;
use crate::diagnostics::{SourceFile, Span};
use crate::source::{Data, FrontMatter};

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
    /// (language, path without extension and index name, lower case) -> page; see [`Site::find`].
    pub by_path: HashMap<(usize, String), PageId>,
    /// URL -> page.
    pub by_url: HashMap<String, PageId>,
    /// For each language, its strings (`i18n/<lang>.toml` over the built-in ones).
    pub strings: Vec<BTreeMap<String, String>>,
    /// For each language, what its pages are about.
    pub taxonomies: Vec<Vec<Taxonomy>>,
    /// The data files.
    pub data: Data,
    /// The files below `assets/`, by path; published where a page uses them.
    pub assets: Vec<Asset>,
    /// How pages are sorted.
    pub order: Order,
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
    /// URL path from the site's root: `/ja/docs/tasks/`. Letters stand as themselves; what goes into
    /// HTML is [`url::encode`]d. Empty for a page that has no URL.
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
    /// The moment of [`Page::date`].
    pub moment: Option<jiff::Timestamp>,
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
    /// Whether all of them are published; if not (`_build: {publishResources: false}`), those that are used.
    pub publishes_resources: bool,
    /// Whether it has a URL of its own (drafts, headless bundles and includes have none).
    pub published: bool,
    /// Whether it is left out of the sidebar.
    pub toc_hide: bool,
    /// Whether lists and section pages show it (`_build: {list: never}` pages have a URL only).
    pub listed: bool,
    /// The leaf bundle this page belongs to, for the pages beside an `index.md`: they have no URL.
    pub bundle: Option<PageId>,
    /// The pages in this leaf bundle, in order.
    pub members: Vec<PageId>,
}

impl Page {
    /// A front matter parameter: at the top or below `params`, by its name in any case.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&serde_json::Value> {
        let values = &self.front_matter.values;
        values.get(&name.to_lowercase()).or_else(|| {
            let params = values.get("params")?.as_object()?;
            params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        })
    }

    /// Hugo's content type: `type` of the front matter, else the first part of the path; `page` for the
    /// home page and the pages beside it.
    #[must_use]
    pub fn content_type(&self) -> Cow<'_, str> {
        if let Some(text) =
            self.front_matter.get("type").and_then(serde_json::Value::as_str).filter(|text| !text.is_empty())
        {
            return Cow::Borrowed(text);
        }
        let first = self.path.split_once('/').map_or("", |(first, _)| first);
        if first.is_empty() { Cow::Borrowed("page") } else { Cow::Owned(first.to_lowercase()) }
    }

    /// Its aliases as the author wrote them.
    #[must_use]
    pub fn written_aliases(&self) -> Vec<String> {
        match self.front_matter.get("aliases") {
            Some(serde_json::Value::String(alias)) => vec![alias.clone()],
            Some(serde_json::Value::Array(aliases)) => {
                aliases.iter().filter_map(|alias| alias.as_str().map(str::to_owned)).collect()
            }
            _ => vec![],
        }
    }

    /// The folder its file is in, below the language's folder; empty at the top.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether files belong to it: a section, a home page, or a page called `index`.
    #[must_use]
    pub fn is_bundle(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or("");
        self.kind != PageKind::Page || name.rsplit_once('.').is_some_and(|(stem, _)| stem == "index")
    }

    /// Below which URL the files are that belong to it: its own, or where its path would be if it has none. `prefix`
    /// is its language's.
    fn resources_base(&self, prefix: &str) -> String {
        if self.published {
            return self.url.clone();
        }
        let folder = url::path_key_case(&self.path);
        if folder.is_empty() { prefix.to_owned() } else { format!("{prefix}{folder}/") }
    }

    /// Whether the body is Markdown (HTML files are taken as they are, shortcodes apart).
    #[must_use]
    pub fn is_markdown(&self) -> bool {
        let extension = self.path.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
        extension == "md" || extension == "markdown"
    }
}

impl Site {
    /// The page with this number.
    #[must_use]
    pub fn page(&self, id: PageId) -> &Page {
        &self.pages[id.0 as usize]
    }

    /// The page at a path below a language's folder, as authors write it: with or without a leading
    /// `/`, a final `/`, an extension or `_index`, in any case of letters. Pages without a URL are
    /// found too.
    #[must_use]
    pub fn find(&self, language: usize, path: &str) -> Option<PageId> {
        self.by_path.get(&(language, url::path_key(path))).copied()
    }

    /// The published translation of a page in a language; the page itself in its own.
    #[must_use]
    pub fn translation(&self, page: &Page, language: usize) -> Option<PageId> {
        if page.language == language {
            return Some(page.id);
        }
        let is_it = |id: &PageId| self.page(*id).language == language && self.page(*id).published;
        page.translations.iter().copied().find(is_it)
    }

    /// A parameter as a page sees it: its front matter, its language, the site.
    #[must_use]
    pub fn param<'a>(&'a self, page: &'a Page, name: &str) -> Option<&'a serde_json::Value> {
        page.param(name).or_else(|| self.config.param(page.language, name))
    }

    /// The value of the data file at a path below the data folder, without its extension:
    /// `releases/schedule`.
    #[must_use]
    pub fn data(&self, name: &str) -> Option<&serde_json::Value> {
        self.data.get(name).map(|file| &file.value)
    }

    /// The string called `key` in a language, else in the default language.
    #[must_use]
    pub fn string(&self, language: usize, key: &str) -> Option<&str> {
        self.strings[language].get(key).or_else(|| self.strings[0].get(key)).map(String::as_str)
    }
}
