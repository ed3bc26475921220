//! Progress streams: an ordered subsequence whose last line is anchored.

use super::case::Case;
use super::ledger::Ledger;
use super::registry::Matcher;
use super::text::{self, Rest};

/// `kubectl rollout status`, and what else tells how far it has come.
pub(super) struct Progress;

impl Matcher for Progress {
    fn name(&self) -> &'static str {
        "progress"
    }

    fn fits(&self, case: &Case<'_>) -> bool {
        case.command.has("rollout") && case.command.has("status")
            || case.command.has("wait") && case.command.runs("kubectl")
    }

    fn compare(&self, case: &Case<'_>, ledger: &mut Ledger<'_>) {
        text::best_stream(case, ledger, |actual, ledger| text::lines(&case.lines, actual, ledger, Rest::FreeButLast));
    }
}
