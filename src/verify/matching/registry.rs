//! Which matcher compares what: the first that fits.

use super::case::Case;
use super::ledger::Ledger;
use super::{columns, describe, errors, logs, names, progress, table, text, tree};

/// One way to compare.
pub(super) trait Matcher: Sync {
    /// Its name in outcomes and `--explain`.
    fn name(&self) -> &'static str;
    /// Whether the documented text and the command have its shape.
    fn fits(&self, case: &Case<'_>) -> bool;
    /// Pairs, settles, and reports to the ledger.
    fn compare(&self, case: &Case<'_>, ledger: &mut Ledger<'_>);
}

/// All matchers, in the order they are asked. The last fits everything.
pub(super) const MATCHERS: &[&dyn Matcher] = &[
    &errors::Broken,
    &errors::Errors,
    &tree::Tree,
    &describe::Describe,
    &columns::Columns,
    &names::Names,
    &table::Table,
    &progress::Progress,
    &logs::Logs,
    &text::Text,
];

/// The first matcher that fits.
pub(super) fn choose(case: &Case<'_>) -> &'static dyn Matcher {
    MATCHERS.iter().copied().find(|matcher| matcher.fits(case)).unwrap_or(&text::Text)
}
