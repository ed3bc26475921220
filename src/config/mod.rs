//! The site's configuration.
//!
//! In: the root folder's `book.toml` (or `hugo.toml`), the flags that override it.
//! Out: [`Config`], complete and checked: every default is settled here, no later stage has its own.
//! Steps: find the root, read, merge (built-in < file < flags), check, name unknown keys' nearest
//! known key.

mod book;
mod content;
mod hugo;
mod load;
mod markup;
mod menus;
mod outputs;
mod pictures;
mod reader;
mod taxonomies;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use content::{DataPages, DateSource, PlacedText};
pub(crate) use load::toml_error;
pub use load::{LoadOptions, load};
pub use menus::MenuItem;
pub use outputs::{Output, Outputs};
pub use pictures::Pictures;
pub use taxonomies::Taxonomies;

use crate::diagnostics::{Diagnostic, SourceFile};

/// The configuration of a site with all defaults filled in.
#[derive(Debug, Clone)]
pub struct Config {
    /// The site's root folder, absolute.
    pub root: PathBuf,
    /// The file it was read from.
    pub file: Arc<SourceFile>,
    /// Title of the site in the default language.
    pub title: String,
    /// Authors, for the pages' metadata.
    pub authors: Vec<String>,
    /// Description of the site.
    pub description: String,
    /// All languages: the default language first, then by weight, then by code.
    pub languages: Vec<Language>,
    /// Folder of the sources, absolute; `content/<lang>/` below it.
    pub content_dir: PathBuf,
    /// Folder of the site's own layouts and shortcodes (Tera), absolute; need not exist.
    pub layouts_dir: PathBuf,
    /// Folder of the example files, absolute. `None`: `content/<lang>/examples`, then the default
    /// language's.
    pub examples_dir: Option<PathBuf>,
    /// Folder of the site's strings (`<lang>.toml`), absolute; need not exist.
    pub i18n_dir: PathBuf,
    /// Folder of data files, absolute; need not exist.
    pub data_dir: PathBuf,
    /// Folder of files that are published where a page uses them, absolute; need not exist.
    pub assets_dir: PathBuf,
    /// Folder of files that are copied as they are, absolute; need not exist.
    pub static_dir: PathBuf,
    /// Where the site is written, absolute.
    pub build_dir: PathBuf,
    /// Absolute URL of the site's root, with a final `/`.
    pub base_url: String,
    /// `[params]`: what `param` and the layouts read.
    pub params: serde_json::Map<String, serde_json::Value>,
    /// `[verify]`.
    pub verify: VerifyConfig,
    /// Regular expressions of paths below the root that are no part of the site (Hugo's `ignoreFiles`).
    pub ignore_files: Vec<regex::Regex>,
    /// First-level section -> pattern of its pages' URLs, in Hugo's tokens (`/:section/:year/:slug/`).
    pub permalinks: BTreeMap<String, String>,
    /// What is made of pages beside HTML.
    pub outputs: Outputs,
    /// `[pictures]`.
    pub pictures: Pictures,
    /// What pages are listed by.
    pub taxonomies: Taxonomies,
    /// Which pages are published.
    pub publish: Publish,
    /// Where a page's date is looked for, in this order.
    pub dates: Vec<DateSource>,
    /// The zone of dates without an offset.
    pub time_zone: jiff::tz::TimeZone,
    /// `[[data-pages]]`: pages that are made from data files.
    pub data_pages: Vec<DataPages>,
    /// What should be said about the configuration although it holds; `site::assemble` passes it on.
    pub notices: Vec<Diagnostic>,
}

/// Which pages are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Publish {
    /// Also those with `draft: true`.
    pub drafts: bool,
    /// Also those with a date after [`Publish::clock`].
    pub future: bool,
    /// Also those with an `expiryDate` before [`Publish::clock`].
    pub expired: bool,
    /// The moment that counts as now.
    pub clock: jiff::Timestamp,
}

/// One language of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// Code and folder name: `en`, `ja`, `zh-cn`.
    pub code: String,
    /// Name in the language itself.
    pub name: String,
    /// Title of the site in this language.
    pub title: String,
    /// Order in the switcher.
    pub weight: i64,
    /// Whether it is written from right to left.
    pub right_to_left: bool,
    /// Folder of its pages, absolute.
    pub content_dir: PathBuf,
    /// Whether its pages are built (`--lang`). The default language is loaded in any case: strings,
    /// examples and glossary terms fall back to it.
    pub selected: bool,
    /// `[[menus.main]]`: its own, else the site's.
    pub menu: Vec<MenuItem>,
    /// `[languages.CODE.params]`: over the site's params on pages of this language.
    pub params: serde_json::Map<String, serde_json::Value>,
}

/// `[verify]`: what `docbuild verify` does without flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyConfig {
    /// `auto`, `local`, `kind`, `kubeconfig[=CONTEXT]` or `none`.
    pub cluster: String,
    /// Globs of the pages verified when none is named, below a language's content folder.
    pub pages: Vec<String>,
    /// How long one command may take unless its kind says otherwise, in milliseconds.
    pub timeout_ms: u64,
    /// URL prefix -> folder relative to the root: where the files behind documented URLs are.
    pub urls: BTreeMap<String, String>,
    /// Glob -> overrides of single pages.
    pub pages_config: BTreeMap<String, PageOverride>,
    /// The file of known findings, relative to the root.
    pub baseline: Option<String>,
    /// `[verify.setup]`.
    pub setup: VerifySetup,
}

/// `[verify.setup]`: what pages find that they do not make themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifySetup {
    /// Environment variables of each page's shell, over those of `allow_env`.
    pub env: BTreeMap<String, String>,
    /// Variables of docbuild's own environment that a page's shell gets.
    pub allow_env: Vec<String>,
    /// Images that the cluster has before the first page runs.
    pub images: Vec<String>,
    /// Commands that run before each page, in its shell.
    pub run: Vec<String>,
}

/// The rare override of what the rules decide about a page (book.toml or front matter).
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PageOverride {
    /// `line N` -> reason: blocks that are not run.
    pub skip: BTreeMap<String, String>,
    /// Whether the page needs a cluster; `None`: decided by its commands.
    pub cluster: Option<bool>,
}

impl Config {
    /// Site parameter `name` (case-insensitive) as pages of a language see it.
    #[must_use]
    pub fn param(&self, language: usize, name: &str) -> Option<&serde_json::Value> {
        fn find<'a>(map: &'a serde_json::Map<String, serde_json::Value>, name: &str) -> Option<&'a serde_json::Value> {
            map.get(name).or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
        }
        find(&self.languages[language].params, name).or_else(|| find(&self.params, name))
    }

    /// What the URLs of a language's pages begin with: `/` for the default language, else `/ja/`.
    #[must_use]
    pub fn url_prefix(&self, language: usize) -> String {
        if language == 0 { "/".to_owned() } else { format!("/{}/", self.languages[language].code) }
    }

    /// The folders, absolute, with files that a site is made of. Not all of them exist, and some lie in others.
    #[must_use]
    pub fn source_folders(&self) -> BTreeSet<&Path> {
        let folders =
            [&self.content_dir, &self.layouts_dir, &self.i18n_dir, &self.data_dir, &self.assets_dir, &self.static_dir];
        let contents = self.languages.iter().map(|language| &language.content_dir);
        folders.into_iter().chain(&self.examples_dir).chain(contents).map(PathBuf::as_path).collect()
    }

    /// The default language.
    #[must_use]
    pub fn default_language(&self) -> &Language {
        &self.languages[0]
    }
}
