//! `kubectl describe`.
use super::case::Case;
use super::ledger::Ledger;
use super::registry::Matcher;
use super::text::{self, Rest};

/// See the module.
pub(super) struct Describe;

impl Matcher for Describe {
    fn name(&self) -> &'static str {
        "describe"
    }

    fn fits(&self, case: &Case<'_>) -> bool {
        case.command.has("describe")
    }

    fn compare(&self, case: &Case<'_>, ledger: &mut Ledger<'_>) {
        text::best_stream(case, ledger, |actual, ledger| text::lines(&case.lines, actual, ledger, Rest::Free));
    }
}
