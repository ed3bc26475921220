//! One page's Markdown.
//!
//! In: a page's body, already lexed by [`crate::shortcode`], and a lookup for everything outside of
//! the page (files, other pages, strings, the clock).
//! Out: [`Article`]: the HTML of the body, its headings and links, and its [`flow`]: prose and code
//! blocks in reading order with places in the author's files, from which `verify` and `check` work.
//!
//! Pure and total: no input panics, no file is opened here.

mod article;
mod block_scalars;
mod blocks;
mod contents;
mod dialect;
mod empty_items;
mod escape;
pub mod flow;
mod footnotes;
mod headings;
mod link;
mod linkify;
pub(crate) mod mapped;
mod nesting;
mod prose;
mod scope;
mod summary;
mod unit;

use std::sync::Arc;

pub use article::{Context, article};
pub(crate) use blocks::code_html;
pub(crate) use escape::{escape_attribute, plain_text, plainify};
pub use scope::Fragment;
pub(crate) use scope::{Scope, Unit};
pub(crate) use summary::DIVIDER;
pub use summary::{Summary, plain};

use crate::diagnostics::{Diagnostic, SourceFile, Span};
use crate::site::Publication;

/// What one page's body became.
#[derive(Debug, Clone, Default)]
pub struct Article {
    /// The body as HTML.
    pub html: String,
    /// The headings that a contents list shows and links to, in order.
    pub headings: Vec<Heading>,
    /// The links and images of the body, in order.
    pub links: Vec<Link>,
    /// Prose and code blocks in reading order.
    pub flow: Vec<flow::FlowItem>,
    /// Other files that went into the body, relative to the root: includes, examples, layouts.
    pub dependencies: Vec<String>,
    /// Files that the body needs published, beside those of the bundles that are published in any case.
    pub publications: Vec<Publication>,
    /// The shortcodes that ran on the page, by name; those of included pages apart.
    pub shortcodes: Vec<String>,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// The summary that the author marked (`<!--more-->`) or wrote in the front matter.
    own_summary: Option<Box<Summary>>,
}

impl Article {
    /// What a build keeps of it while all pages are alive: not the flow and the links, which are larger than
    /// the HTML and are read by `verify` and `check` only.
    #[must_use]
    pub fn without_flow(mut self) -> Self {
        self.flow = vec![];
        self.links = vec![];
        self.html.shrink_to_fit();
        self
    }

    /// The contents list as Hugo writes it (`.TableOfContents`): a `nav` with the headings of levels 2
    /// and 3. A page that is HTML has none; this gives an empty list for it.
    #[must_use]
    pub fn contents_html(&self) -> String {
        contents::contents_html(&self.headings)
    }

    /// The summary: the author's, else the first sentences of the text. Made anew at each call.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.own_summary.as_deref().cloned().unwrap_or_else(|| summary::first_sentences(&self.html))
    }

    /// How many words the text without tags has, words being what white space separates.
    #[must_use]
    pub fn plain_words(&self) -> usize {
        plain(&self.html).split_whitespace().count()
    }
}

/// A heading of the page's own Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// The anchor, without `#`.
    pub id: String,
    /// The text as HTML (code spans and emphasis stay).
    pub html: String,
    /// Where it is.
    pub file: Arc<SourceFile>,
    /// The whole heading.
    pub span: Span,
}

/// A link or image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The destination as the author wrote it.
    pub destination: String,
    /// Whether it is an image.
    pub image: bool,
    /// Where it is.
    pub file: Arc<SourceFile>,
    /// The whole link.
    pub span: Span,
}
