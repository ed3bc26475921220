//! What a run says about a page.
//!
//! In: a [`PagePlan`] and the [`PageRun`] of its commands, just made or recorded. Out: the page's
//! [`PageReport`]: a verdict and findings for each command and output. Pure.
//!
//! 1. [`crate::verify::answers`]: the plan's commands with the run's.
//! 2. [`ended`]: each command by how it ended.
//! 3. [`output`]: each output against what its command printed; [`choice`]: which of several answers;
//!    [`environment`]: what differs only as this cluster does.
//! 4. Follow-ups, then the worst.

mod choice;
mod ended;
mod environment;
mod output;

use std::collections::{BTreeMap, BTreeSet};

use crate::verify::answers::{Runs, align};
use crate::verify::matching::{Actual, Bindings, Outcome, VolatileFacts};
use crate::verify::model::{BlockReport, Cause, Finding, FindingClass, PageReport, Role, Verdict};
use crate::verify::plan::{OutputLines, PagePlan, PlannedBlock, PlannedCommand, makes_something};
use crate::verify::recording::{CommandRun, PageRun};
use crate::verify::words;

pub(crate) use choice::{OutputText, best};
use choice::{facts_of, nearest};
pub(crate) use ended::{answers, lost_failure};
use environment::Stuck;

/// Why a command has no verdict on a replay.
const NOT_RECORDED: &str = "not in the recording";

/// The report of one page. `run` is `None` where nothing was run at all, for `reason`.
#[must_use]
pub fn judge(plan: &PagePlan, run: Option<&PageRun>, reason: &str) -> PageReport {
    judge_compared(plan, run, reason).0
}

/// The report of one page, and what each of its outputs was compared with.
pub(crate) fn judge_compared(plan: &PagePlan, run: Option<&PageRun>, reason: &str) -> (PageReport, Vec<Compared>) {
    let mut judge = Judge {
        plan,
        runs: align(plan, run),
        reason,
        stand_ins: run.is_some_and(|run| !run.stand_ins.is_empty()),
        bindings: Bindings::default(),
        failed: vec![],
        unmade: BTreeMap::new(),
        causes: BTreeMap::new(),
        stuck: vec![],
        compared: vec![],
    };
    let mut report = plan.report();
    for index in 0..plan.blocks.len() {
        judge.block(index, &mut report.blocks[index]);
    }
    output::alternatives(plan, &mut report.blocks);
    report.verdict = of_page(&report.blocks);
    report.stand_ins = run.map(|run| run.stand_ins.clone()).unwrap_or_default();
    (report, judge.compared)
}

/// What a documented output was compared with: enough to compare another text in its place.
#[derive(Debug, Clone)]
pub(crate) struct Compared {
    /// The index of the output's block on the page.
    pub(crate) block: usize,
    /// In a transcript, the index of the command that it is of.
    pub(crate) command: Option<usize>,
    /// That command as the page prints it.
    pub(crate) command_text: String,
    /// What came.
    pub(crate) actual: Actual,
    /// What was known of live objects.
    pub(crate) facts: VolatileFacts,
    /// What was bound on the page before.
    pub(crate) before: Bindings,
}

/// The verdict of a page: what differs only as this cluster does is not its fault.
#[must_use]
pub fn of_page(blocks: &[BlockReport]) -> Option<Verdict> {
    worst(blocks.iter().filter_map(|block| if block.is_of_environment() { Some(Verdict::Pass) } else { block.verdict }))
}

struct Judge<'a> {
    plan: &'a PagePlan,
    runs: Runs<'a>,
    reason: &'a str,
    /// Whether images ran that only stand in for the page's.
    stand_ins: bool,
    bindings: Bindings,
    /// Changing commands that failed or were not run: line and the objects they name.
    failed: Vec<(usize, BTreeSet<String>)>,
    /// Objects that commands which failed would have made: name -> line.
    unmade: BTreeMap<String, usize>,
    /// Whose fault it is that a command failed: line -> cause.
    causes: BTreeMap<usize, Cause>,
    /// What came to nothing for what this cluster lacks, as far as the last look at the cluster tells.
    stuck: Vec<Stuck>,
    compared: Vec<Compared>,
}

impl Judge<'_> {
    fn block(&mut self, index: usize, report: &mut BlockReport) {
        let block = &self.plan.blocks[index];
        match block.role {
            Role::Command | Role::Transcript => self.commands(index, report),
            Role::Output => self.output(index, report),
            Role::Manifest | Role::File | Role::Other => {}
        }
        report.findings.sort_by_key(|finding| finding.line);
    }

    fn commands(&mut self, index: usize, report: &mut BlockReport) {
        let plan = self.plan;
        let block = &plan.blocks[index];
        for (c, command) in block.commands.iter().enumerate() {
            let run = self.runs.get(&(index, c)).copied();
            let mut judged = self.command(index, command, run);
            let out = &mut report.commands[c];
            if let Some(run) = run {
                out.ran.clone_from(&run.ran);
                self.bindings.fill_in(&command.ran, &run.ran, command.line);
                judged.reason = judged.reason.or_else(|| run.note.clone());
                if let Some(last) = run.last() {
                    out.exit = last.actual.exit;
                    out.stdout.clone_from(&last.actual.stdout);
                    out.stderr.clone_from(&last.actual.stderr);
                    out.ms = last.ms;
                }
            }
            if let (Some(lines), Verdict::Pass, Some(run)) = (&command.output, judged.verdict, run) {
                let text = OutputText::of(lines, command);
                let outcome = self.matched((index, Some(c)), &text, &[run]);
                judged.verdict = self.held(&text, &[run], &outcome);
                judged.findings.extend(outcome.findings);
            }
            out.verdict = Some(judged.verdict);
            out.reason = judged.reason;
            report.findings.extend(judged.findings);
        }
        report.verdict = worst(report.commands.iter().filter_map(|command| command.verdict));
        if report.reason.is_none() && matches!(report.verdict, Some(Verdict::Skip | Verdict::Infra)) {
            report.reason = report.commands.iter().find_map(|command| command.reason.clone());
        }
    }

    /// Whether a command of a block is about the cluster's own components, and not about what the page has made
    /// among them before.
    fn is_of_system(&self, index: usize, text: &str) -> bool {
        let made = |(at, block): (usize, &PlannedBlock)| {
            block.commands.iter().enumerate().any(|(c, command)| {
                let run = self.runs.get(&(at, c)).and_then(|run| run.last());
                run.is_some_and(|last| last.actual.exit == Some(0))
                    && makes_something(&command.text)
                    && words::asks_system(&command.text)
            })
        };
        words::asks_system(text) && !self.plan.blocks[..=index].iter().enumerate().any(made)
    }

    /// What the blocks before one have run.
    fn run_before(&self, index: usize) -> environment::Before {
        let commands = self.plan.blocks[..index].iter().flat_map(|block| &block.commands);
        let typed = commands.fold(String::new(), |text, command| text + &command.text + "\n");
        let mut said = self.runs.range(..(index, 0)).filter_map(|(_, run)| run.last()).map(|last| &last.actual.stdout);
        let about = |said: &&String| said.contains("networkpolicy.networking.k8s.io");
        let policies = said.rfind(about).is_some_and(|said| !said.contains(" deleted"));
        // Tables are told of by the page's names.
        let mut stuck = self.stuck.clone();
        for (shown, live) in &self.bindings.bound {
            let same = self.stuck.iter().find(|one| one.name == live.actual);
            stuck.extend(same.map(|one| Stuck { name: shown.clone(), ..one.clone() }));
        }
        environment::Before { typed, policies, stuck }
    }

    /// Matches an output against the best of what its commands printed, and binds.
    fn matched(
        &mut self,
        (block, command): (usize, Option<usize>),
        output: &OutputText<'_>,
        runs: &[&CommandRun],
    ) -> Outcome {
        let Some(best) = nearest(output, runs, &self.bindings) else { return Outcome::default() };
        let before = std::mem::replace(&mut self.bindings, best.bindings);
        self.compared.push(Compared {
            block,
            command,
            command_text: output.command.to_owned(),
            actual: best.actual,
            facts: facts_of(runs).cloned().unwrap_or_default(),
            before,
        });
        let mut outcome = best.outcome;
        let facts = facts_of(runs);
        if let Some(facts) = facts {
            self.stuck = facts.objects.iter().filter_map(Stuck::of).collect();
        }
        if outcome.findings.iter().any(blames_page) {
            environment::blame(&mut outcome, output.command, &self.run_before(block), facts);
        }
        if self.is_of_system(block, output.command) {
            // Which components a cluster has, and how they run, is its own.
            outcome.findings.iter_mut().for_each(|finding| finding.cause = Cause::Environment);
        }
        outcome
    }
}

/// The outputs that the page shows for one command of a block: behind it in a transcript, or in
/// blocks of their own if it is the block's last.
pub(crate) fn outputs_of(plan: &PagePlan, index: usize, command: &PlannedCommand) -> Vec<OutputLines> {
    let block = &plan.blocks[index];
    let mut outputs: Vec<OutputLines> = command.output.iter().cloned().collect();
    let is_last = block.commands.last().is_some_and(|last| last.line == command.line && last.text == command.text);
    if is_last {
        let whole =
            |output: &PlannedBlock| OutputLines { text: output.block.text.clone(), lines: output.block.lines.clone() };
        let own = (block.role == Role::Output && block.skip.is_none()).then(|| whole(block));
        let documented =
            plan.blocks.iter().filter(|output| output.documents == Some(block.block.id) && output.skip.is_none());
        outputs.extend(own.into_iter().chain(documented.map(whole)));
    }
    outputs
}

/// Whether a finding keeps what was compared from being as documented.
fn differs(finding: &Finding) -> bool {
    finding.class != FindingClass::Additive
}

/// Whether a finding speaks against the page.
pub(crate) fn blames_page(finding: &Finding) -> bool {
    differs(finding) && finding.cause != Cause::Environment
}

struct Judged {
    verdict: Verdict,
    reason: Option<String>,
    findings: Vec<Finding>,
}

impl Judged {
    fn pass() -> Self {
        Self { verdict: Verdict::Pass, reason: None, findings: vec![] }
    }

    fn skip(reason: String) -> Self {
        Self { verdict: Verdict::Skip, reason: Some(reason), findings: vec![] }
    }
}

/// The worst verdict, skips apart; `Skip` if there is nothing else, `None` if there is nothing.
#[must_use]
pub fn worst(verdicts: impl Iterator<Item = Verdict>) -> Option<Verdict> {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Skip => 0,
        Verdict::Pass => 1,
        Verdict::Flaky => 2,
        Verdict::Infra => 3,
        Verdict::Drift => 4,
        Verdict::Fail => 5,
    };
    verdicts.max_by_key(rank)
}

/// What a replay says of commands that its recording lacks.
#[must_use]
pub fn not_recorded() -> &'static str {
    NOT_RECORDED
}
