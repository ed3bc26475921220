//! Hugo-style shortcodes: `{{< name >}}` and `{{% name %}}`.
//!
//! In: a page's body. Out: its text and shortcode calls with spans, then their expansion. The lexer
//! knows nothing of Markdown, the parser nothing of single shortcodes; one file in [`builtin`] per
//! shortcode. Behaviour: Hugo 0.133's (see `docs/dev/shortcodes.md`).
//!
//! Steps: [`lexer`] (text and tags) -> [`parser`] (a tree of calls) -> [`expand`] (each call run, its
//! output in its place) with what the [`Registry`] knows by name.

pub mod builtin;
mod expand;
mod invocation;
mod layout;
pub mod lexer;
pub mod parser;
mod registry;
mod template;

pub(crate) use expand::{contents_place, expand_html_page, expand_page};
pub use invocation::{Invocation, Output, Part};
pub use registry::{InnerRule, Parameter, Registry, Shortcode, Signature};
