//! `ls` without `-l`: names, side by side on a terminal and one a line elsewhere.

use super::case::{Case, Line};
use super::ledger::Ledger;
use super::registry::Matcher;
use super::text::{self, Rest};

/// See the module.
pub(super) struct Names;

impl Matcher for Names {
    fn name(&self) -> &'static str {
        "names"
    }

    fn fits(&self, case: &Case<'_>) -> bool {
        let long = case
            .command_text
            .split_whitespace()
            .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('l'));
        case.command.runs("ls") && !long && case.lines.iter().all(|line| !line.text.ends_with(':'))
    }

    fn compare(&self, case: &Case<'_>, ledger: &mut Ledger<'_>) {
        let names: Vec<Line<'_>> = case
            .lines
            .iter()
            .flat_map(|line| line.text.split_whitespace().map(|text| Line { text, source: line.source }))
            .collect();
        text::best_stream(case, ledger, |actual, ledger| {
            let actual = actual.split_whitespace().collect::<Vec<_>>().join("\n");
            text::lines(&names, &actual, ledger, Rest::Documented);
        });
    }
}
