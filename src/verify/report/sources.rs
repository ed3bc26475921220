//! The source lines of findings, so that reports can show what the author wrote.

use std::collections::BTreeMap;

use crate::verify::model::Report;

/// How much of a line is kept: a report is no copy of the page.
const LONGEST: usize = 400;

/// Fills in the source line of each finding. `read` gives the text of a file, relative to the root.
pub fn fill(report: &mut Report, read: &dyn Fn(&str) -> Option<String>) {
    let mut texts: BTreeMap<String, Option<String>> = BTreeMap::new();
    for page in &mut report.pages {
        for block in &mut page.blocks {
            let file = block.file.as_deref().unwrap_or(&page.path);
            for finding in &mut block.findings {
                let text = texts.entry(file.to_owned()).or_insert_with(|| read(file));
                let line = text.as_deref().and_then(|text| text.lines().nth(finding.line.checked_sub(1)?));
                finding.source = line.map(|line| line.trim_end().chars().take(LONGEST).collect());
            }
        }
    }
}
