//! The report as JSON: `docbuild.verify/1`.

use crate::verify::model::Report;

/// The report as a file's text.
#[must_use]
pub fn render(report: &Report) -> String {
    serde_json::to_string_pretty(report).unwrap_or_default() + "\n"
}
