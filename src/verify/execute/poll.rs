//! Asking again: a cluster needs time, and a page shows what it says in the end.
//!
//! In: a command that only reads, the outputs that the page shows for it. Out: its attempts, up to
//! two in a row that hold, or until waiting can't help any more.

use std::time::{Duration, Instant};

use super::page::{Page, millis};
use super::session::Session;
use super::{absence, alternatives};
use crate::verify::matching::Bindings;
use crate::verify::model::{Cause, Finding, FindingClass};
use crate::verify::plan::{OutputLines, PlannedBlock, PlannedCommand};
use crate::verify::recording::{Attempt, CommandRun, Ended};
use crate::verify::shell;
use crate::verify::verdict::{self, OutputText, best};
use crate::verify::words::Kind;

/// How long a read-only command is asked again.
const LIMIT: Duration = Duration::from_secs(60);
/// The same where Jobs have to end.
const LIMIT_JOBS: Duration = Duration::from_secs(300);
/// How long a difference must stay the same, on a cluster where nothing is under way, to be final.
const FINAL: Duration = Duration::from_secs(8);

/// The same on a cluster where something is under way: longer than what acts by the clock, by the minute at
/// the most often, takes to act.
const FINAL_AT_WORK: Duration = Duration::from_secs(75);

/// A command, and what the page shows for it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) block: &'a PlannedBlock,
    pub(super) command: &'a PlannedCommand,
    pub(super) outputs: &'a [OutputLines],
    /// Index of the block's first run among the page's.
    pub(super) first: usize,
}

impl Asked<'_> {
    /// Whether asking once more changes nothing on the cluster.
    fn reads(&self) -> bool {
        self.command.kind == Kind::Read
    }

    fn limit(&self) -> Duration {
        // A Job ends; a CronJob never does.
        let ends = self.outputs.iter().any(|output| output.text.contains("Complete"));
        let named =
            |word: &str| matches!(word, "job" | "jobs") || word.starts_with("job/") || word.starts_with("jobs/");
        if ends || self.command.text.split_whitespace().any(named) { LIMIT_JOBS } else { LIMIT }
    }
}

/// A difference that stays, and since when.
struct Standing {
    findings: Vec<(FindingClass, usize, String)>,
    since: Instant,
}

impl Page<'_> {
    /// Runs a command once, or, where it only reads and the page shows what it prints, again until
    /// that holds. One that failed because the cluster was gone says nothing about the page.
    pub(super) async fn attempts(&mut self, asked: Asked<'_>, run: &mut CommandRun) {
        self.ask(asked, run).await;
        self.set_up_again(asked, run).await;
        if asked.block.alternative_of.is_some() && alternatives::makes(&asked.command.text) {
            self.undo_alternative(asked, run).await;
        }
        let failed = run.ended == Ended::Done
            && run.last().is_some_and(|attempt| {
                attempt.actual.exit != Some(0) || verdict::lost_failure(&run.ran, &attempt.actual).is_some()
            });
        if failed
            && asked.command.text.contains("kubectl")
            && let Some(observer) = &self.observer
            && !observer.answers().await
        {
            run.ended = Ended::Infra { reason: "the cluster's API does not answer".to_owned() };
        }
        if failed
            && run.ended == Ended::Done
            && asked.command.session.is_none()
            && let Some(last) = run.last()
            && !self.is_as_documented(asked, run)
            && !verdict::answers(&run.ran, &last.actual)
            && let Some(reason) = absence::reason(&run.ran, &last.actual, &mut self.missing)
        {
            run.ended = Ended::NotRun { reason };
        }
    }

    pub(super) async fn ask(&mut self, asked: Asked<'_>, run: &mut CommandRun) {
        let again = asked.reads() && self.observer.is_some();
        let started = Instant::now();
        let mut pause = Duration::from_millis(500);
        let mut held = 0;
        let mut standing = Standing { findings: vec![], since: started };
        // Whether the cluster was at rest before the last attempt: what it says then is its last word.
        let mut rested = false;
        loop {
            if !self.attempt(asked, run).await || !again {
                return;
            }
            if !asked.outputs.is_empty() {
                self.observe().await;
                run.facts = Some(self.facts.clone());
            }
            let wrong = self.differences(asked, run);
            held = if wrong.is_empty() { held + 1 } else { 0 };
            let enough = if asked.outputs.is_empty() { 1 } else { 2 };
            if held >= enough || started.elapsed() > asked.limit() || Instant::now() > self.deadline {
                return;
            }
            if wrong != standing.findings {
                standing = Standing { findings: wrong, since: Instant::now() };
                rested = false;
            } else if !standing.findings.is_empty() {
                if rested || standing.since.elapsed() > FINAL_AT_WORK {
                    return;
                }
                rested = standing.since.elapsed() > FINAL && self.nothing_under_way().await;
                if rested {
                    continue;
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    /// One attempt. Returns whether there may be another.
    async fn attempt(&mut self, asked: Asked<'_>, run: &mut CommandRun) -> bool {
        let done = self.once(asked.command, &run.ran).await;
        self.revive(asked.command, &done).await;
        let stopped = done.timed_out && asked.command.kind != Kind::Lease;
        let program = asked.command.session.is_some_and(|id| self.sessions.get(&id).is_some_and(Session::is_program));
        // Not even what was typed is there.
        if stopped && program && done.actual.stdout.is_empty() {
            run.ended = Ended::NotRun { reason: "the program in the container answers no more".to_owned() };
        } else if stopped {
            run.ended = Ended::TimedOut { ms: millis(done.took) };
        } else if done.gone && done.actual.exit.is_none_or(|code| code == 0) && !ends_its_shell(&asked.command.text) {
            // It may have run or not: nothing can be said of it.
            run.ended = Ended::Infra { reason: "the shell it was typed into had ended".to_owned() };
        }
        let actual = self.as_default(done.actual);
        run.push(Attempt { ms: millis(done.took), actual, times: 1 });
        !done.timed_out && !done.gone
    }

    /// What keeps the documented outputs from holding for the last attempt; without any, its failure.
    fn differences(&self, asked: Asked<'_>, run: &CommandRun) -> Vec<(FindingClass, usize, String)> {
        if asked.outputs.is_empty() {
            let failed = run.last().is_none_or(|attempt| {
                attempt.actual.exit != Some(0) || verdict::lost_failure(&run.ran, &attempt.actual).is_some()
            });
            let said = run.last().map(|attempt| attempt.actual.stderr.clone()).unwrap_or_default();
            return if failed { vec![(FindingClass::ExitCode, asked.command.line, said)] } else { vec![] };
        }
        let runs = self.runs(asked.first, run);
        let of = |output: &OutputLines, bindings: &Bindings| {
            best(&OutputText::of(output, asked.command), &runs, bindings).0.findings
        };
        let findings = asked.outputs.iter().flat_map(|output| of(output, &self.bindings));
        findings.filter(keeps).map(|finding| (finding.class, finding.line, finding.documented)).collect()
    }

    /// Whether the page shows just that: a failure that is documented is no reason to try again.
    pub(super) fn is_as_documented(&self, asked: Asked<'_>, run: &CommandRun) -> bool {
        !asked.outputs.is_empty() && self.differences(asked, run).is_empty()
    }

    /// Whether the cluster has done all that it was told, so that waiting changes no answer.
    async fn nothing_under_way(&self) -> bool {
        match &self.observer {
            Some(observer) => observer.at_rest().await,
            None => true,
        }
    }
}

/// Whether a finding keeps an output from holding.
pub(super) fn keeps(finding: &Finding) -> bool {
    finding.class != FindingClass::Additive && finding.cause != Cause::Environment
}

/// Whether the command may end the shell that it is typed into.
fn ends_its_shell(text: &str) -> bool {
    shell::simple_commands(text)
        .iter()
        .any(|simple| matches!(simple.name(), "exit" | "exec" | "logout" | "return" | "kill"))
}
