//! The walk over the sources.
//!
//! In: [`crate::config::Config`]. Out: [`Source`]: every file below `content/<lang>/` that is a page
//! or belongs to one, read, with its front matter parsed; and what is wrong with them. Nothing is
//! decided here that depends on another file.

mod data;
mod files;
mod front_matter;
mod walk;
mod yaml;

use std::path::PathBuf;
use std::sync::Arc;

pub use data::{Data, DataFile};
pub(crate) use files::is_plain;
pub use files::{DiskFiles, FileError, Files};
pub use walk::load;

use crate::diagnostics::{SourceFile, Span};

/// All source files of the site, by language, in the order of their paths.
#[derive(Debug, Default)]
pub struct Source {
    /// Pages: Markdown and HTML files.
    pub pages: Vec<SourcePage>,
    /// Files that are published beside a page (images, manifests).
    pub resources: Vec<SourceResource>,
    /// Data files.
    pub data: Data,
    /// Files below `assets/`: path below it, with `/`, and the file, absolute.
    pub assets: Vec<(String, PathBuf)>,
    /// Hugo's content adapters, which are not read.
    pub adapters: Vec<SourceAdapter>,
}

/// One Markdown or HTML file.
#[derive(Debug, Clone)]
pub struct SourcePage {
    /// The file.
    pub file: Arc<SourceFile>,
    /// Index into [`crate::config::Config::languages`].
    pub language: usize,
    /// Path below the language's folder, with `/`: `docs/tasks/_index.md`.
    pub path: String,
    /// Its front matter.
    pub front_matter: FrontMatter,
    /// The bytes after the front matter.
    pub body: Span,
}

/// A page's front matter: keys are lower-cased (they are case-insensitive), values as in the YAML.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FrontMatter {
    /// The bytes between the fences; empty without front matter.
    pub span: Span,
    /// The values.
    pub values: serde_json::Map<String, serde_json::Value>,
}

/// A file that is no page.
#[derive(Debug, Clone)]
pub struct SourceResource {
    /// Index into [`crate::config::Config::languages`].
    pub language: usize,
    /// Path below the language's folder, with `/`.
    pub path: String,
    /// The file, absolute.
    pub file: PathBuf,
}

/// A Go template that makes pages in Hugo (`_content.gotmpl`). It is not run; but the section that its
/// pages would be in is there.
#[derive(Debug, Clone)]
pub struct SourceAdapter {
    /// Index into [`crate::config::Config::languages`].
    pub language: usize,
    /// Path below the language's folder, with `/`.
    pub path: String,
    /// The file, absolute.
    pub file: PathBuf,
    /// Whether it makes its pages in every language.
    pub every_language: bool,
}
