//! What a run says about a page.
//!
//! In: a [`PagePlan`] and the [`PageRun`] of its commands, just made or recorded. Out: the page's
//! [`PageReport`]: a verdict and findings for each command and output. Pure.
//!
//! Steps: align the plan's commands with the run's, judge each command by how it ended, match each
//! output against what its command printed, settle follow-ups, take the worst.

use crate::verify::answers::{Runs, align};
use crate::verify::matching::{self, Actual, Bindings, Documented, Outcome, VolatileFacts};
use crate::verify::model::{BlockReport, Cause, Finding, FindingClass, FindingSeverity, PageReport, Role, Verdict};
use crate::verify::plan::{OutputLines, PagePlan, PlannedBlock, PlannedCommand, object_names};
use crate::verify::recording::{CommandRun, Ended, PageRun};
use crate::verify::shell;
use crate::verify::words::{self, Kind};

/// Why a command has no verdict on a replay.
const NOT_RECORDED: &str = "not in the recording";

/// The report of one page. `run` is `None` where nothing was run at all, for `reason`.
#[must_use]
pub fn judge(plan: &PagePlan, run: Option<&PageRun>, reason: &str) -> PageReport {
    let mut judge = Judge { plan, runs: align(plan, run), reason, bindings: Bindings::default(), failed: vec![] };
    let mut report = plan.report();
    for index in 0..plan.blocks.len() {
        judge.block(index, &mut report.blocks[index]);
    }
    report.verdict = worst(report.blocks.iter().filter_map(|block| block.verdict));
    report.stand_ins = run.map(|run| run.stand_ins.clone()).unwrap_or_default();
    report
}

struct Judge<'a> {
    plan: &'a PagePlan,
    runs: Runs<'a>,
    reason: &'a str,
    bindings: Bindings,
    /// Changing commands that failed or were not run: line and the objects they name.
    failed: Vec<(usize, std::collections::BTreeSet<String>)>,
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
                if let Some(last) = run.last() {
                    out.exit = last.actual.exit;
                    out.stdout.clone_from(&last.actual.stdout);
                    out.stderr.clone_from(&last.actual.stderr);
                    out.ms = last.ms;
                }
            }
            if let (Some(lines), Verdict::Pass, Some(run)) = (&command.output, judged.verdict, run) {
                let outcome = self.matched(&OutputText::of(lines, command), &[run]);
                if blocking(&outcome.findings) {
                    judged.verdict = Verdict::Drift;
                }
                judged.findings.extend(outcome.findings);
            }
            out.verdict = Some(judged.verdict);
            out.reason = judged.reason;
            report.findings.extend(judged.findings);
        }
        report.verdict = worst(report.commands.iter().filter_map(|command| command.verdict));
        if report.reason.is_none() && report.verdict == Some(Verdict::Skip) {
            report.reason = report.commands.iter().find_map(|command| command.reason.clone());
        }
    }

    /// How a command ended, by itself.
    fn command(&mut self, index: usize, command: &PlannedCommand, run: Option<&CommandRun>) -> Judged {
        let judged = self.ended(index, command, run);
        let broken = matches!(judged.verdict, Verdict::Fail | Verdict::Skip | Verdict::Infra);
        if broken && command.kind == Kind::Change {
            self.failed.push((command.line, object_names(&command.text)));
        }
        judged
    }

    fn ended(&self, index: usize, command: &PlannedCommand, run: Option<&CommandRun>) -> Judged {
        if let Some(reason) = &command.skip {
            return Judged::skip(reason.clone());
        }
        let Some(run) = run else { return Judged::skip(self.reason.to_owned()) };
        match &run.ended {
            Ended::NotRun { reason } => Judged::skip(reason.clone()),
            Ended::Infra { reason } => {
                Judged { verdict: Verdict::Infra, reason: Some(reason.clone()), findings: vec![] }
            }
            Ended::TimedOut { ms } => self.timed_out(command, *ms),
            // Only a recording that was cut or edited holds an end without an answer.
            Ended::Done if run.last().is_none() => Judged::skip("its answer is not in the recording".to_owned()),
            Ended::Done => self.done(index, command, run),
        }
    }

    fn timed_out(&self, command: &PlannedCommand, ms: u64) -> Judged {
        let seconds = ms / 1000;
        let finding = self.finding(
            command,
            FindingClass::Timeout,
            format!("still running after {seconds} s"),
            format!("the command did not end within {seconds} s"),
        );
        Judged { verdict: Verdict::Fail, reason: None, findings: vec![finding] }
    }

    fn done(&self, index: usize, command: &PlannedCommand, run: &CommandRun) -> Judged {
        let Some(last) = run.last() else { return Judged::pass() };
        let expects_error = self.expects_error(index, command);
        match last.actual.exit {
            None | Some(0) if !expects_error => Judged::pass(),
            None => Judged::pass(),
            Some(0) => {
                let finding = self.finding(
                    command,
                    FindingClass::ExitCode,
                    "exit code 0".to_owned(),
                    "the page shows an error, and the command succeeds".to_owned(),
                );
                Judged {
                    verdict: Verdict::Drift,
                    reason: None,
                    findings: vec![Finding { documented: "an error".to_owned(), ..finding }],
                }
            }
            Some(_) if expects_error => Judged::pass(),
            Some(code) if answers(&command.text, code) => {
                Judged { reason: Some(format!("exit code {code} is an answer here")), ..Judged::pass() }
            }
            Some(_) if already_removed(command, &last.actual) && self.made_before(index, command) => Judged {
                reason: Some("what it removes was made on this page and is gone already".to_owned()),
                ..Judged::pass()
            },
            Some(code) => self.broke(command, &last.actual, code),
        }
    }

    fn broke(&self, command: &PlannedCommand, actual: &Actual, code: i32) -> Judged {
        let said = actual
            .stderr
            .lines()
            .chain(actual.stdout.lines())
            .rev()
            .find(|line| !line.trim().is_empty())
            .unwrap_or("")
            .trim();
        let message = if said.is_empty() {
            format!("the command ended with exit code {code}")
        } else {
            format!("the command ended with exit code {code}: {said}")
        };
        let finding = self.finding(command, FindingClass::ExitCode, format!("exit code {code}"), message);
        Judged { verdict: Verdict::Fail, reason: None, findings: vec![finding] }
    }

    fn finding(&self, command: &PlannedCommand, class: FindingClass, actual: String, message: String) -> Finding {
        let names = object_names(&command.text);
        let of =
            self.failed.iter().find(|(_, made)| names.iter().any(|name| made.contains(name))).map(|(line, _)| *line);
        Finding {
            class,
            line: command.line,
            lines: vec![],
            path: String::new(),
            documented: "exit code 0".to_owned(),
            actual,
            rule: if class == FindingClass::Timeout { "time-out" } else { "exit code" }.to_owned(),
            cause: if of.is_some() { Cause::FollowUp } else { Cause::Docs },
            of,
            severity: FindingSeverity::Error,
            message,
        }
    }

    /// Whether the page shows an error as this command's output.
    fn expects_error(&self, index: usize, command: &PlannedCommand) -> bool {
        outputs_of(self.plan, index, command).iter().any(|output| documents_error(&output.text))
    }

    /// Whether an earlier command of the page names what this one removes.
    fn made_before(&self, index: usize, command: &PlannedCommand) -> bool {
        let names = object_names(&command.text);
        self.plan.blocks[..index]
            .iter()
            .flat_map(|block| &block.commands)
            .any(|before| before.kind == Kind::Change && !object_names(&before.text).is_disjoint(&names))
    }

    fn output(&mut self, index: usize, report: &mut BlockReport) {
        let plan = self.plan;
        let block = &plan.blocks[index];
        if let Some(reason) = &block.skip {
            report.verdict = Some(Verdict::Skip);
            report.reason = Some(reason.clone());
            return;
        }
        let of = block.documents.map_or(index, |id| id - 1);
        let commands = &plan.blocks[of].commands;
        let runs: Vec<&CommandRun> = (0..commands.len())
            .filter_map(|c| self.runs.get(&(of, c)).copied())
            .filter(|run| run.last().is_some() && matches!(run.ended, Ended::Done | Ended::TimedOut { .. }))
            .collect();
        let Some(command) = commands.last() else {
            report.verdict = Some(Verdict::Skip);
            report.reason = Some("no command on the page prints it".to_owned());
            return;
        };
        if let Some(reason) = &command.skip {
            report.verdict = Some(Verdict::Skip);
            report.reason = Some(format!("its command is not run: {reason}"));
            return;
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
        let outcome = self.matched(&text, &runs);
        report.verdict = Some(if blocking(&outcome.findings) { Verdict::Drift } else { Verdict::Pass });
        report.findings = outcome.findings;
        let failed = runs.iter().any(|run| {
            run.last().is_some_and(|last| {
                last.actual.exit.is_some_and(|code| code != 0) && last.actual.stdout.trim().is_empty()
            })
        });
        if failed && report.verdict == Some(Verdict::Drift) && !documents_error(&block.block.text) {
            report.verdict = Some(Verdict::Fail);
            report.reason = Some(format!("the command in line {} failed and printed nothing to compare", command.line));
            for finding in &mut report.findings {
                finding.cause = Cause::FollowUp;
                finding.of = Some(command.line);
            }
        }
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

    /// Matches an output against the best of what its commands printed, and binds.
    fn matched(&mut self, output: &OutputText<'_>, runs: &[&CommandRun]) -> Outcome {
        let (outcome, bindings) = best(output, runs, &self.bindings);
        self.bindings = bindings;
        outcome
    }
}

/// The objects' names an output and its command are matched with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutputText<'a> {
    pub(crate) text: &'a str,
    pub(crate) lines: &'a [usize],
    pub(crate) command: &'a str,
    pub(crate) command_line: usize,
}

impl<'a> OutputText<'a> {
    pub(crate) fn of(lines: &'a OutputLines, command: &'a PlannedCommand) -> Self {
        Self { text: &lines.text, lines: &lines.lines, command: &command.text, command_line: command.line }
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

/// Matches an output against everything it could be of: the last command of the block, all of them
/// together, and for a command that was asked again, its earlier answers. One that holds counts,
/// else of the last answers the one with the fewest differences, the last command before the others.
pub(crate) fn best(output: &OutputText<'_>, runs: &[&CommandRun], bindings: &Bindings) -> (Outcome, Bindings) {
    let nothing = VolatileFacts::default();
    let facts = runs.iter().rev().find_map(|run| run.facts.as_ref()).unwrap_or(&nothing);
    let documented = Documented {
        text: output.text,
        lines: output.lines,
        command: output.command,
        command_line: output.command_line,
    };
    let mut best: Option<(usize, Outcome, Bindings)> = None;
    let settled = candidates(runs, documents_error(output.text));
    let answers = settled.iter().map(|actual| (actual, true)).chain(earlier(runs).map(|actual| (actual, false)));
    for (actual, last) in answers {
        let mut bound = bindings.clone();
        let outcome = matching::compare(&documented, actual, &mut bound, facts);
        let differences = outcome.findings.iter().filter(|finding| blocks_pass(finding)).count();
        if differences == 0 {
            return (outcome, bound);
        }
        // What the cluster said on the way is no finding: an object that is not there yet has few
        // differences from the documented one, and not those that a reader meets.
        if last && best.as_ref().is_none_or(|(fewest, ..)| differences < *fewest) {
            best = Some((differences, outcome, bound));
        }
    }
    best.map_or_else(|| (Outcome::default(), bindings.clone()), |(_, outcome, bound)| (outcome, bound))
}

fn candidates(runs: &[&CommandRun], error: bool) -> Vec<Actual> {
    let mut all = vec![];
    let finals: Vec<&Actual> = runs.iter().filter_map(|run| run.last()).map(|attempt| &attempt.actual).collect();
    if let Some(actual) = finals.last() {
        all.push((*actual).clone());
    }
    if finals.len() > 1 {
        let joined = |part: fn(&Actual) -> &str| finals.iter().map(|actual| part(actual)).collect::<String>();
        all.push(Actual {
            stdout: joined(|actual| &actual.stdout),
            stderr: joined(|actual| &actual.stderr),
            ..(*finals[finals.len() - 1]).clone()
        });
    }
    if error {
        let streams: Vec<Actual> = all
            .iter()
            .flat_map(|actual| {
                let both = format!("{}{}", actual.stdout, actual.stderr);
                [
                    Actual { stdout: actual.stderr.clone(), stderr: String::new(), ..actual.clone() },
                    Actual { stdout: both, stderr: String::new(), ..actual.clone() },
                ]
            })
            .collect();
        all.extend(streams);
    }
    all
}

/// The answers of a command before its last, the latest first.
fn earlier<'a>(runs: &[&'a CommandRun]) -> impl Iterator<Item = &'a Actual> {
    let attempts = runs.last().map(|run| run.attempts.as_slice()).unwrap_or_default();
    attempts.iter().rev().skip(1).map(|attempt| &attempt.actual)
}

/// Whether a documented text is an error message.
#[must_use]
pub fn documents_error(text: &str) -> bool {
    const STARTS: &[&str] = &[
        "Error from server",
        "error:",
        "Error:",
        // Compilers and docbuild itself: `error[E0308]: ...`.
        "error[",
        "OCI runtime exec failed",
        "error from server",
        "The connection to the server",
        "rpc error",
        "ls: cannot access",
        "cat: can't open",
        "curl: (",
    ];
    let first = text.lines().find(|line| !line.trim().is_empty() && line.trim() != "...").unwrap_or("").trim();
    STARTS.iter().any(|start| first.starts_with(start))
        || (first.starts_with("The ") && first.contains(" is invalid"))
        || first.contains("Operation not permitted")
}

/// Whether a finding keeps an output from passing.
fn blocks_pass(finding: &Finding) -> bool {
    finding.class != FindingClass::Additive && finding.cause != Cause::Environment
}

fn blocking(findings: &[Finding]) -> bool {
    findings.iter().any(blocks_pass)
}

/// Whether an exit code is a result and no failure (`diff` finds a difference).
fn answers(text: &str, code: i32) -> bool {
    let commands = shell::simple_commands(text);
    let Some(last) = commands.last() else { return false };
    let words: Vec<&str> = last.words.iter().map(String::as_str).collect();
    let by_kubectl = last.name() == "kubectl" && {
        let (verb, rest) = words::kubectl_verb(&words);
        verb == "diff" || verb == "auth" && rest.first() == Some(&"can-i")
    };
    code == 1 && (by_kubectl || matches!(last.name(), "diff" | "grep" | "egrep" | "test" | "cmp" | "["))
}

fn already_removed(command: &PlannedCommand, actual: &Actual) -> bool {
    let deletes = shell::simple_commands(&command.text).iter().any(|simple| {
        let words: Vec<&str> = simple.words.iter().map(String::as_str).collect();
        simple.name() == "kubectl" && words::kubectl_verb(&words).0 == "delete"
    });
    deletes
        && actual.stderr.lines().filter(|line| line.starts_with("Error")).all(|line| line.contains("(NotFound)"))
        && actual.stderr.contains("(NotFound)")
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

#[cfg(test)]
mod tests {
    use super::documents_error;

    #[test]
    fn errors_are_known_by_how_they_begin() {
        assert!(documents_error("error: no such thing\n"));
        assert!(documents_error("error[shortcode-unclosed]: `note` is never closed\n --> a.md:1:1\n"));
        assert!(documents_error("...\nError from server (NotFound): pods \"a\" not found\n"));
        assert!(!documents_error("NAME   STATUS\na      Error\n"));
        assert!(!documents_error("errors: 0\n"));
    }
}
