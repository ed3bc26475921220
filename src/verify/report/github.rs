//! The report as annotations of GitHub's checks: one line a finding.

use std::fmt::Write as _;

use super::visible;
use crate::verify::model::{Cause, FindingClass, Report, Verdict};

/// Findings as workflow commands: errors where the page is wrong, warnings where something else is.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    for page in &report.pages {
        for block in &page.blocks {
            let file = block.file.as_deref().unwrap_or(&page.path);
            for finding in &block.findings {
                let level = match (finding.class, finding.cause) {
                    (FindingClass::Additive, _) => "notice",
                    (_, Cause::Docs) => "error",
                    _ => "warning",
                };
                let _ = writeln!(
                    out,
                    "::{level} file={},line={},title=docbuild verify::{}",
                    property(file),
                    finding.line,
                    data(&finding.message)
                );
            }
            if block.verdict == Some(Verdict::Infra) {
                let reason = block.reason.as_deref().unwrap_or("the cluster failed");
                let _ = writeln!(
                    out,
                    "::warning file={},line={},title=docbuild verify::{}",
                    property(file),
                    block.line,
                    data(reason)
                );
            }
        }
    }
    out
}

/// A message in the escapes of a workflow command.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\n', "%0A")
}

/// A property in its escapes.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
