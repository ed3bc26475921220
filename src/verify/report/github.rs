//! The report as annotations of GitHub's checks: one line a finding.

use std::fmt::Write as _;

use super::{visible, word};
use crate::verify::model::{Cause, Finding, FindingClass, FindingSeverity, Report, Verdict};

/// Findings as workflow commands: errors where the page is wrong, warnings where something else is, notices
/// for what breaks nothing or is known.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    for page in &report.pages {
        for block in &page.blocks {
            let file = block.file.as_deref().unwrap_or(&page.path);
            for finding in &block.findings {
                annotate(&mut out, level(finding), (file, finding.line), word(finding.class), &text(finding));
            }
            if let Some(verdict @ (Verdict::Infra | Verdict::Flaky)) = block.verdict {
                let reason = block.reason.as_deref().unwrap_or("it has no verdict of its own");
                annotate(&mut out, "warning", (file, block.line), super::name(verdict), reason);
            }
        }
    }
    for note in &report.notes {
        let _ = writeln!(out, "::notice title=docbuild verify::{}", data(note));
    }
    out
}

fn level(finding: &Finding) -> &'static str {
    match (finding.class, finding.cause, finding.severity) {
        _ if finding.known.is_some() => "notice",
        (FindingClass::Additive, ..) => "notice",
        (_, Cause::Docs, FindingSeverity::Error) => "error",
        _ => "warning",
    }
}

fn text(finding: &Finding) -> String {
    let known = finding.known.as_ref().map(|reason| format!("known: {reason}"));
    let more: Vec<String> = super::cause(finding).into_iter().chain(known).collect();
    if more.is_empty() { finding.message.clone() } else { format!("{} ({})", finding.message, more.join("; ")) }
}

fn annotate(out: &mut String, level: &str, (file, line): (&str, usize), title: &str, text: &str) {
    let _ = writeln!(
        out,
        "::{level} file={},line={line},title={}::{}",
        property(file),
        property(&format!("docbuild verify: {title}")),
        data(text)
    );
}

/// A message in the escapes of a workflow command.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\n', "%0A")
}

/// A property in its escapes.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
