//! Hugo-style shortcodes: `{{< name >}}` and `{{% name %}}`.
//!
//! In: a page's body. Out: its text and shortcode calls with spans, then their expansion. The lexer
//! knows nothing of Markdown, the parser nothing of single shortcodes; one file in [`builtin`] per
//! shortcode. Behaviour: Hugo 0.133's (see `docs/dev/shortcodes.md`).

pub mod builtin;
