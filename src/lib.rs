//! docbuild builds a localized documentation site from Markdown, and proves that the commands
//! printed in it still do what the page says.
//!
//! The crate is a pipeline of plain values. Each folder is one stage and opens with what goes in
//! and what comes out; data flows one way (`tests/suite/layering.rs` holds the table).
//!
//! 1. [`config`]: `book.toml` or `hugo.toml` -> [`config::Config`]
//! 2. [`source`]: a walk over `content/` -> [`source::Source`] (languages, bundles, front matter)
//! 3. [`site`]: `Source` -> [`site::Site`] (pages, sections, translations, URLs; ids, not references)
//! 4. [`shortcode`] and [`markdown`]: one page's text -> [`markdown::Article`] (HTML, headings,
//!    links, and the *flow* of prose and code blocks that `verify` reads), with spans into the
//!    author's file from the first byte to the last report
//! 5. [`render`] and [`assets`]: articles and layouts -> files (path -> bytes)
//! 6. [`output`]: writes the changed files only, through a journal
//! 7. [`serve`]: 1 to 6 again at each change, with live reload
//! 8. [`export`]: the model and the articles as JSON
//! 9. [`verify`]: flow -> blocks with roles -> plan -> run on a [`cluster`] -> matched -> report
//!
//! Library code returns values and [`diagnostics::Diagnostic`]s; only [`cli`] prints, and only
//! `main` exits.

pub mod assets;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod diagnostics;
pub mod export;
pub mod highlight;
pub mod incremental;
pub mod markdown;
pub mod output;
pub mod render;
pub mod serve;
pub mod shortcode;
pub mod site;
pub mod source;
pub mod verify;
