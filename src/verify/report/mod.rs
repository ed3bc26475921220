//! A report or plan as text and files.
//!
//! In: [`crate::verify::model::Report`]. Out: one format a file: [`text`], [`json`], [`junit`], [`sarif`],
//! [`github`], [`html`], [`markdown`]; the plan's table in [`table`]. What a command printed is escaped in each of them:
//! a page's output can't drive the reader's terminal or browser. [`merge`] joins the reports of shards.

pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod merge;
pub mod sarif;
pub mod sources;
pub mod table;
pub mod text;

mod counts;
mod sides;
mod words;

pub use counts::{Open, count, is_known, open, summary, told, weighs};
pub use words::{CLASSES, VERDICTS, cause, has_sides, key, meaning, name, word};

use crate::verify::model::{Report, Summary};

/// The format of the JSON report.
pub const SCHEMA: &str = "docbuild.verify/1";

/// Text that a terminal shows as it is: control characters become visible, line ends stay.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            '\u{1b}' => out.push_str("\\e"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                out.extend(c.escape_unicode());
            }
            c => out.push(c),
        }
    }
    out
}

/// An empty report of this version.
#[must_use]
pub fn new(started: &str, finished: &str) -> Report {
    Report {
        schema: SCHEMA.to_owned(),
        docbuild: env!("CARGO_PKG_VERSION").to_owned(),
        plan: false,
        source: "run".to_owned(),
        recorded: None,
        started: started.to_owned(),
        finished: finished.to_owned(),
        cluster: None,
        interrupted: false,
        shard: None,
        notes: vec![],
        pages: vec![],
        summary: Summary::default(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn control_sequences_are_shown_and_not_obeyed() {
        assert_eq!(super::visible("a\x1b[31mb\x07\n\tc\r"), "a\\e[31mb\\u{7}\n\tc\\r");
        assert_eq!(super::visible("\u{202e}x"), "\\u{202e}x");
        assert_eq!(super::visible("日本語 é"), "日本語 é");
    }
}
