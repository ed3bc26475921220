//! A report or plan as text and files.
//!
//! In: [`crate::verify::model::Report`]. Out: one format a file: [`text`], [`json`], [`junit`],
//! [`github`]; the plan's table in [`table`]. What a command printed is escaped in each of them: a
//! page's output can't drive the reader's terminal.

pub mod github;
pub mod json;
pub mod junit;
pub mod table;
pub mod text;

use crate::verify::model::{BlockReport, PageReport, Report, Role, Summary, Verdict};

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

/// Counts the commands and outputs of the pages by verdict.
#[must_use]
pub fn summary(pages: &[PageReport]) -> Summary {
    let mut summary = count(pages, |_| true);
    let faults = faults(pages);
    summary.environment = summary.drift + summary.fail - faults.drift - faults.fail;
    summary
}

/// The same without what differs only as this cluster does: what is counted against the pages.
#[must_use]
pub fn faults(pages: &[PageReport]) -> Summary {
    count(pages, |block| !block.is_of_environment())
}

fn count(pages: &[PageReport], counts: impl Fn(&BlockReport) -> bool) -> Summary {
    let mut summary = Summary { pages: pages.len(), ..Summary::default() };
    let blocks = pages.iter().flat_map(|page| &page.blocks);
    for block in blocks.filter(|block| counts(block)) {
        let outputs = (block.role == Role::Output).then_some(block.verdict);
        for verdict in block.commands.iter().map(|command| command.verdict).chain(outputs) {
            summary.commands += 1;
            match verdict {
                Some(Verdict::Pass) => summary.pass += 1,
                Some(Verdict::Drift) => summary.drift += 1,
                Some(Verdict::Fail) => summary.fail += 1,
                Some(Verdict::Skip) => summary.skip += 1,
                Some(Verdict::Flaky) => summary.flaky += 1,
                Some(Verdict::Infra) => summary.infra += 1,
                None => {}
            }
        }
    }
    summary
}

/// An empty report of this version.
#[must_use]
pub fn new(started: &str, finished: &str) -> Report {
    Report {
        schema: "docbuild.verify/1".to_owned(),
        docbuild: env!("CARGO_PKG_VERSION").to_owned(),
        plan: false,
        source: "run".to_owned(),
        recorded: None,
        started: started.to_owned(),
        finished: finished.to_owned(),
        cluster: None,
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
