//! What differs from attempt to attempt.
//!
//! In: a page's plan and its run, with the attempts that came after the first. Out: the page's report, in
//! which what held once and once did not is flaky, and no drift: nobody has to mend the page for it.

use crate::verify::model::{BlockReport, Cause, FindingSeverity, PageReport, Verdict};
use crate::verify::plan::PagePlan;
use crate::verify::recording::PageRun;
use crate::verify::verdict;

/// Whether another attempt may tell something: a difference or a failure may be one of the moment.
pub(crate) fn is_worth_another_try(plan: &PagePlan, run: &PageRun) -> bool {
    let report = judge(plan, Some(run), "");
    report.blocks.iter().any(|block| matches!(block.verdict, Some(Verdict::Drift | Verdict::Fail | Verdict::Infra)))
}

/// The report of one page, all attempts considered. `run` is `None` where nothing was run, for `reason`.
#[must_use]
pub fn judge(plan: &PagePlan, run: Option<&PageRun>, reason: &str) -> PageReport {
    let mut report = verdict::judge(plan, run, reason);
    let Some(run) = run.filter(|run| !run.again.is_empty()) else { return report };
    let others: Vec<PageReport> = run
        .again
        .iter()
        .map(|commands| {
            let attempt = PageRun { commands: commands.clone(), again: vec![], ..run.clone() };
            verdict::judge(plan, Some(&attempt), reason)
        })
        .collect();
    for (index, block) in report.blocks.iter_mut().enumerate() {
        let again: Vec<&BlockReport> = others.iter().filter_map(|other| other.blocks.get(index)).collect();
        settle(block, &again);
    }
    report.verdict = verdict::of_page(&report.blocks);
    report
}

/// Marks what differs between the attempts at one block.
fn settle(block: &mut BlockReport, again: &[&BlockReport]) {
    for (index, command) in block.commands.iter_mut().enumerate() {
        let others = again.iter().filter_map(|other| other.commands.get(index)?.verdict);
        if let Some(reason) = differing(command.verdict, others) {
            command.verdict = Some(Verdict::Flaky);
            command.reason = Some(reason);
        }
    }
    if let Some(reason) = differing(block.verdict, again.iter().filter_map(|other| other.verdict)) {
        block.verdict = Some(Verdict::Flaky);
        block.reason = Some(reason);
        for finding in &mut block.findings {
            // It is told, and counts against nobody.
            finding.cause = Cause::Environment;
            finding.severity = FindingSeverity::Cosmetic;
        }
    }
}

/// How the attempts differ, if one of them passed and another did not.
fn differing(first: Option<Verdict>, others: impl Iterator<Item = Verdict>) -> Option<String> {
    let all: Vec<Verdict> = first.into_iter().chain(others).collect();
    let passed = all.iter().filter(|verdict| **verdict == Verdict::Pass).count();
    let wrong = |verdict: &Verdict| matches!(verdict, Verdict::Drift | Verdict::Fail | Verdict::Infra | Verdict::Flaky);
    (passed > 0 && all.iter().any(wrong)).then(|| format!("it held in {passed} of {} attempts", all.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_passed_once_and_once_not_differs() {
        use Verdict::{Drift, Fail, Pass, Skip};
        assert_eq!(differing(Some(Drift), [Pass].into_iter()), Some("it held in 1 of 2 attempts".to_owned()));
        assert_eq!(differing(Some(Pass), [Fail, Pass].into_iter()), Some("it held in 2 of 3 attempts".to_owned()));
        assert_eq!(differing(Some(Drift), [Fail].into_iter()), None, "it never held");
        assert_eq!(differing(Some(Skip), [Pass].into_iter()), None, "what was not run says nothing");
        assert_eq!(differing(Some(Pass), [Pass].into_iter()), None);
        assert_eq!(differing(None, std::iter::empty()), None);
    }
}
