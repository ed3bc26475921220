//! Documented outputs against what their commands printed.

use super::choice::{OutputText, is_flaky};
use super::{Judge, blames_page, differs, lost_failure};
use crate::verify::cues::{Cue, Cues};
use crate::verify::matching::{ErrorText, Outcome};
use crate::verify::model::{BlockReport, Role, Verdict};
use crate::verify::plan::{PagePlan, PlannedCommand};
use crate::verify::recording::{CommandRun, Ended};

impl<'a> Judge<'a> {
    pub(super) fn output(&mut self, index: usize, report: &mut BlockReport) {
        let plan = self.plan;
        let block = &plan.blocks[index];
        let skip = |report: &mut BlockReport, reason: String| {
            report.verdict = Some(Verdict::Skip);
            report.reason = Some(reason);
        };
        if let Some(reason) = &block.skip {
            return skip(report, reason.clone());
        }
        let of = block.documents.map_or(index, |id| id - 1);
        let commands = &plan.blocks[of].commands;
        let runs = self.answered(of);
        let Some(command) = commands.last() else {
            return skip(report, "no command on the page prints it".to_owned());
        };
        if let Some(reason) = &command.skip {
            return skip(report, format!("its command is not run: {reason}"));
        }
        if runs.len() < commands.iter().filter(|command| command.skip.is_none()).count() || runs.is_empty() {
            (report.verdict, report.reason) = self.unrun_output(of);
            return;
        }
        let text = OutputText {
            text: &block.block.text,
            lines: &block.block.lines,
            command: &command.text,
            command_line: command.line,
        };
        let outcome = self.matched((index, None), &text, &runs);
        report.verdict = Some(self.held(&text, &runs, &outcome));
        report.findings = outcome.findings;
        if report.verdict == Some(Verdict::Flaky) {
            report.reason = Some("what it prints came and went while it was asked again".to_owned());
        }
        if report.verdict == Some(Verdict::Drift) && ErrorText::of(&block.block.text).is_none() {
            self.follow(command, &runs, report);
        }
    }

    /// The runs of a block's commands that have an answer.
    fn answered(&self, of: usize) -> Vec<&'a CommandRun> {
        (0..self.plan.blocks[of].commands.len())
            .filter_map(|c| self.runs.get(&(of, c)).copied())
            .filter(|run| run.last().is_some() && matches!(run.ended, Ended::Done | Ended::TimedOut { .. }))
            .collect()
    }

    /// The verdict of an output that was compared. A difference counts whoever causes it; whether the
    /// page is to blame is told by its findings.
    pub(super) fn held(&self, text: &OutputText<'_>, runs: &[&CommandRun], outcome: &Outcome) -> Verdict {
        if is_flaky(text, runs, &self.bindings) {
            Verdict::Flaky
        } else if !outcome.findings.iter().any(differs) {
            Verdict::Pass
        } else {
            Verdict::Drift
        }
    }

    /// What differs because a command broke, its own or an earlier one, is no mistake of its own.
    fn follow(&self, command: &PlannedCommand, runs: &[&CommandRun], report: &mut BlockReport) {
        let failed = runs.iter().any(|run| {
            run.last().is_some_and(|last| {
                let failed = last.actual.exit != Some(0) || lost_failure(&run.ran, &last.actual).is_some();
                last.actual.exit.is_some() && failed && last.actual.stdout.trim().is_empty()
            })
        });
        if failed {
            report.verdict = Some(Verdict::Fail);
            report.reason = Some(format!("the command in line {} failed and printed nothing to compare", command.line));
        }
        let of = if failed { Some(command.line) } else { self.follows(&command.text) };
        for finding in report.findings.iter_mut().filter(|finding| blames_page(finding)) {
            // What a broken command would have made can't be in a list of all there is.
            if let Some(of) = of.or_else(|| self.made_by_failed(&finding.documented)) {
                finding.cause = self.cause_behind(of);
                finding.of = Some(of);
            }
        }
    }

    /// The line of an earlier command that broke and would have made an object which a documented text names.
    fn made_by_failed(&self, documented: &str) -> Option<usize> {
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        documented.split(|c| !name(c)).find_map(|word| self.unmade.get(word)).copied()
    }

    /// What is said of an output whose command has no run.
    fn unrun_output(&self, of: usize) -> (Option<Verdict>, Option<String>) {
        let commands = &self.plan.blocks[of].commands;
        for (c, command) in commands.iter().enumerate() {
            match self.runs.get(&(of, c)).map(|run| &run.ended) {
                Some(Ended::Infra { reason }) => return (Some(Verdict::Infra), Some(reason.clone())),
                Some(Ended::TimedOut { .. }) => {
                    return (Some(Verdict::Fail), Some(format!("the command in line {} did not end", command.line)));
                }
                Some(Ended::NotRun { reason }) => {
                    return (Some(Verdict::Skip), Some(format!("its command is not run: {reason}")));
                }
                _ => {}
            }
        }
        (Some(Verdict::Skip), Some(format!("its command is not run: {}", self.reason)))
    }
}

/// Outputs of one command that the page joins by "or" are alternatives: where one is what came, the
/// others need not be.
pub(super) fn alternatives(plan: &PagePlan, reports: &mut [BlockReport]) {
    let mut cues = None;
    for index in 1..reports.len() {
        let (before, block) = (&plan.blocks[index - 1], &plan.blocks[index]);
        let pair = block.role == Role::Output && before.role == Role::Output;
        if !pair || block.documents.is_none() || block.documents != before.documents {
            continue;
        }
        let cues = cues.get_or_insert_with(|| Cues::of(&plan.lang));
        if !cues.say(Cue::Otherwise, block.block.context.cue.trim()) {
            continue;
        }
        for (of, other) in [(index, index - 1), (index - 1, index)] {
            if reports[other].verdict == Some(Verdict::Pass) && reports[of].verdict == Some(Verdict::Drift) {
                reports[of].verdict = Some(Verdict::Pass);
                reports[of].reason = Some(format!("the other form came, that of line {}", reports[other].line));
                reports[of].findings.clear();
            }
        }
    }
}
