//! Counts of commands and outputs, and of those that are not known yet.

use std::borrow::Borrow;

use crate::verify::model::{BlockReport, Cause, Finding, FindingClass, PageReport, Role, Summary, Verdict};

/// Counts the commands and outputs of the pages by verdict.
#[must_use]
pub fn summary<P: Borrow<PageReport>>(pages: &[P]) -> Summary {
    let mut summary = Summary { pages: pages.len(), ..Summary::default() };
    for verdict in pages.iter().map(Borrow::borrow).flat_map(verdicts) {
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
    let faults = faults(pages);
    summary.environment = summary.drift + summary.fail - faults.drift - faults.fail;
    let open = open(pages);
    summary.known = faults.drift + faults.fail - open.drift - open.fail;
    summary
}

/// What differs only as this cluster does apart: what is counted against the pages, known or not.
fn faults<P: Borrow<PageReport>>(pages: &[P]) -> Open {
    let mut faults = Open::default();
    for page in pages.iter().map(Borrow::borrow) {
        for block in page.blocks.iter().filter(|block| !block.is_of_environment()) {
            let output = (block.role == Role::Output).then_some(block.verdict);
            block.commands.iter().map(|command| command.verdict).chain(output).for_each(|verdict| faults.add(verdict));
        }
    }
    faults
}

/// The verdicts of a page's commands and outputs.
fn verdicts(page: &PageReport) -> impl Iterator<Item = Option<Verdict>> {
    page.blocks.iter().flat_map(|block| {
        let output = (block.role == Role::Output).then_some(block.verdict);
        block.commands.iter().map(|command| command.verdict).chain(output)
    })
}

/// How many commands and outputs came out so.
#[must_use]
pub fn count(summary: &Summary, verdict: Verdict) -> usize {
    match verdict {
        Verdict::Pass => summary.pass,
        Verdict::Drift => summary.drift,
        Verdict::Fail => summary.fail,
        Verdict::Skip => summary.skip,
        Verdict::Flaky => summary.flaky,
        Verdict::Infra => summary.infra,
    }
}

/// The counts in words: `12 pass, 1 drift`; empty where nothing has a verdict.
#[must_use]
pub fn told(summary: &Summary) -> String {
    const ORDER: [Verdict; 6] =
        [Verdict::Pass, Verdict::Drift, Verdict::Fail, Verdict::Flaky, Verdict::Infra, Verdict::Skip];
    let told = ORDER.map(|verdict| (count(summary, verdict), super::name(verdict)));
    let told: Vec<String> =
        told.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
    told.join(", ")
}

/// Commands and outputs that count against their pages: for an exit code, those that no baseline knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Open {
    /// Commands and outputs that drifted.
    pub drift: usize,
    /// Commands and outputs that failed.
    pub fail: usize,
}

impl Open {
    fn add(&mut self, verdict: Option<Verdict>) {
        match verdict {
            Some(Verdict::Drift) => self.drift += 1,
            Some(Verdict::Fail) => self.fail += 1,
            _ => {}
        }
    }
}

/// Counts the commands and outputs that drifted or failed for a reason that is the page's and not known.
#[must_use]
pub fn open<P: Borrow<PageReport>>(pages: &[P]) -> Open {
    let mut open = Open::default();
    for page in pages.iter().map(Borrow::borrow) {
        for block in page.blocks.iter().filter(|block| !block.is_of_environment()) {
            open_of(page, block).into_iter().for_each(|verdict| open.add(Some(verdict)));
        }
    }
    open
}

/// Whether all that is wrong with a page is known, and something is.
#[must_use]
pub fn is_known(page: &PageReport) -> bool {
    let wrong = matches!(page.verdict, Some(Verdict::Drift | Verdict::Fail));
    wrong && open(std::slice::from_ref(page)) == Open::default()
}

/// The verdicts of the block's commands and its output that something unknown stands behind.
fn open_of(page: &PageReport, block: &BlockReport) -> Vec<Verdict> {
    let wrong = |verdict: &Verdict| matches!(verdict, Verdict::Drift | Verdict::Fail);
    let mut open = vec![];
    for (index, command) in block.commands.iter().enumerate() {
        open.extend(command.verdict.filter(wrong).filter(|_| !all_known(of_command(block, index))));
    }
    if block.role == Role::Output {
        open.extend(block.verdict.filter(wrong).filter(|_| !output_is_known(page, block)));
    }
    open
}

/// The findings of a command of a block: those from its line to the next command's.
pub(super) fn of_command(block: &BlockReport, index: usize) -> impl Iterator<Item = &Finding> {
    let first = block.commands.get(index).map_or(0, |command| command.line);
    let next = block.commands.get(index + 1).map_or(usize::MAX, |next| next.line);
    block.findings.iter().filter(move |finding| (first..next).contains(&finding.line))
}

/// Whether all that is wrong with an output is known.
pub(super) fn output_is_known(page: &PageReport, block: &BlockReport) -> bool {
    if block.findings.iter().any(weighs) {
        return all_known(block.findings.iter());
    }
    // An output that was never printed has no findings of its own: its command has them.
    let of = block.documents.and_then(|id| page.blocks.iter().find(|command| command.id == id));
    of.is_some_and(|command| all_known(command.findings.iter()))
}

/// Whether there are findings that count, and all of them are known.
pub(super) fn all_known<'a>(findings: impl Iterator<Item = &'a Finding>) -> bool {
    let mut counting = findings.filter(|finding| weighs(finding)).peekable();
    counting.peek().is_some() && counting.all(|finding| finding.known.is_some())
}

/// Whether a finding counts against its page: additions do not, nor what differs as this cluster does.
#[must_use]
pub fn weighs(finding: &Finding) -> bool {
    finding.class != FindingClass::Additive && finding.cause != Cause::Environment
}
