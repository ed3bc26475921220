//! The flow of a page: what a reader meets, in order, with its place in the author's file.
//!
//! This is the one parse that everything but the HTML reads: `verify` classifies its code blocks by
//! the prose around them, `check` reads its links. Text that a shortcode showed (an example file)
//! or that came in by an include is part of it and keeps the file it came from.

use std::sync::Arc;

use crate::diagnostics::{SourceFile, Span};

/// One thing a reader meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowItem {
    /// A heading.
    Heading {
        /// 1 to 6.
        level: u8,
        /// The anchor, without `#`.
        id: String,
        /// Plain text.
        text: String,
        /// Where it is.
        at: At,
    },
    /// A paragraph, a table row or other running text.
    Prose {
        /// Plain text: markup removed, code spans in backticks, line ends as one blank.
        text: String,
        /// The inline code spans in it.
        code_spans: Vec<CodeSpan>,
        /// Where it is.
        at: At,
    },
    /// A fenced or indented code block, also one produced by a `highlight` shortcode.
    Code(CodeBlock),
    /// An example file that a shortcode shows (`code_sample`, `codenew`).
    Example {
        /// Path below the examples folder, as the page names it: `pods/two-container-pod.yaml`.
        file: String,
        /// Path of the file that was found, relative to the root.
        path: String,
        /// Its text.
        text: String,
        /// The shortcode.
        at: At,
    },
    /// An HTML comment's text; `verify: ...` overrides what the rules decide for the next block.
    Comment {
        /// The text between `<!--` and `-->`, trimmed.
        text: String,
        /// Where it is.
        at: At,
    },
    /// What follows, up to the matching [`FlowItem::Leave`], is inside of this.
    Enter(Container, At),
    /// The end of the innermost open container.
    Leave,
}

/// What can hold blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Container {
    /// A bullet or numbered list item.
    ListItem,
    /// A block quote.
    Quote,
    /// A group of tabs; its children are [`Container::Tab`]s, alternatives of one another.
    Tabs,
    /// One tab and its label.
    Tab(String),
    /// Another shortcode with inner content and its name (`note`, `caution`, `details`).
    Shortcode(String),
    /// An included file and its name.
    Include(String),
}

/// A place: the file that holds the text, and the bytes in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// The page itself, or the included file.
    pub file: Arc<SourceFile>,
    /// The bytes.
    pub span: Span,
}

impl At {
    /// 1-based line of the first byte.
    #[must_use]
    pub fn line(&self) -> usize {
        self.file.line_of(self.span.start)
    }
}

/// An inline code span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSpan {
    /// The code.
    pub text: String,
    /// The span with its backticks, in the file of the prose that holds it.
    pub span: Span,
}

/// A code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeBlock {
    /// The info string of a fence, whole and trimmed; `None` for an indented block.
    pub info: Option<String>,
    /// The code: container indentation removed, shortcodes in it expanded, with a final newline.
    pub text: String,
    /// For each line of `text`, its 1-based line in the source file.
    pub lines: Vec<usize>,
    /// 1-based line of the opening fence, or of the first code line of an indented block.
    pub line: usize,
    /// 1-based line of the closing fence, or of the last code line.
    pub end_line: usize,
    /// Where it is.
    pub at: At,
}

impl CodeBlock {
    /// The language: the info string's first word, lower case; empty when there is none.
    #[must_use]
    pub fn language(&self) -> String {
        let word = self.info.as_deref().unwrap_or("").split([' ', '{', '\t']).next().unwrap_or("");
        word.to_ascii_lowercase()
    }
}
