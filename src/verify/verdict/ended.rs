//! How a command ended, by itself: before anything that it printed is compared.

use super::{Judge, Judged, outputs_of};
use crate::verify::hosts;
use crate::verify::matching::{Actual, ErrorText};
use crate::verify::model::{Cause, Finding, FindingClass, FindingSeverity, Verdict};
use crate::verify::plan::{PlannedCommand, made_objects, object_names};
use crate::verify::recording::{CommandRun, Ended};
use crate::verify::shell;
use crate::verify::words::{self, Kind};

impl Judge<'_> {
    /// Judges a command, and remembers what it would have changed if it did not.
    pub(super) fn command(&mut self, index: usize, command: &PlannedCommand, run: Option<&CommandRun>) -> Judged {
        let judged = self.ended(index, command, run);
        let broken = matches!(judged.verdict, Verdict::Fail | Verdict::Skip | Verdict::Infra);
        if broken && command.kind == Kind::Change {
            self.failed.push((command.line, object_names(&command.text)));
            if judged.verdict == Verdict::Fail {
                for name in made_objects(&command.text) {
                    self.unmade.entry(name).or_insert(command.line);
                }
            }
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
        let expected = self.expected_error(index, command);
        match last.actual.exit {
            None => Judged::pass(),
            Some(0) if expected != Some(ErrorText::Certain) => Judged::pass(),
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
            Some(_) if expected.is_some() => Judged::pass(),
            Some(code) if answers(&command.text, Some(code)) => {
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
        let said = told(actual);
        let message = if said.is_empty() {
            format!("the command ended with exit code {code}")
        } else {
            format!("the command ended with exit code {code}: {said}")
        };
        let mut finding = self.finding(command, FindingClass::ExitCode, format!("exit code {code}"), message);
        if self.stand_ins && lacks_a_program(command, actual, code) {
            finding.cause = Cause::Environment;
            finding.message.push_str("; an image that only stands in for the page's may lack it");
        }
        if actual.stderr.contains("(NotFound)") && self.is_of_system(&command.text) {
            finding.cause = Cause::Environment;
            finding.message.push_str("; this cluster's own components are others than the page's");
        }
        if command.text.contains("kubectl") && is_without_cluster(actual) {
            finding.cause = Cause::Environment;
            finding.message.push_str("; the page's context names a cluster of its reader's, which is not this one");
        }
        if let Some(host) = unknown_host(actual) {
            finding.cause = Cause::Environment;
            finding.message.push_str(&format!("; this machine does not reach {host}"));
        }
        Judged { verdict: Verdict::Fail, reason: None, findings: vec![finding] }
    }

    fn finding(&self, command: &PlannedCommand, class: FindingClass, actual: String, message: String) -> Finding {
        let of = self.follows(&command.text);
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
            source: None,
            known: None,
        }
    }

    /// The line of an earlier command that would have made an object this one names.
    pub(super) fn follows(&self, text: &str) -> Option<usize> {
        let names = object_names(text);
        self.failed.iter().find(|(_, made)| !names.is_disjoint(made)).map(|(line, _)| *line)
    }

    /// Whether the page shows an error as this command's output.
    fn expected_error(&self, index: usize, command: &PlannedCommand) -> Option<ErrorText> {
        outputs_of(self.plan, index, command).iter().filter_map(|output| ErrorText::of(&output.text)).max()
    }

    /// Whether an earlier command of the page has made what this one removes. One that failed or was not
    /// run has made nothing.
    fn made_before(&self, index: usize, command: &PlannedCommand) -> bool {
        let names = object_names(&command.text);
        let before = self.plan.blocks[..index].iter().enumerate().flat_map(|(b, block)| {
            block.commands.iter().enumerate().map(move |(c, before)| (self.runs.get(&(b, c)), before))
        });
        before.into_iter().any(|(run, before)| {
            let succeeded = run.and_then(|run| run.last()).is_some_and(|last| last.actual.exit == Some(0));
            succeeded && before.kind == Kind::Change && !object_names(&before.text).is_disjoint(&names)
        })
    }
}

/// Whether an exit code is a result and no failure (`diff` finds a difference).
pub(crate) fn answers(text: &str, code: Option<i32>) -> bool {
    let commands = shell::simple_commands(text);
    let Some(last) = commands.last() else { return false };
    let words: Vec<&str> = last.words.iter().map(String::as_str).collect();
    code == Some(1) && is_question(&words)
}

/// Whether a command asks something that 1 says no to; also one that runs in a container.
fn is_question(words: &[&str]) -> bool {
    let name = words.first().map_or("", |word| word.rsplit('/').next().unwrap_or(word));
    if name != "kubectl" {
        return matches!(name, "diff" | "grep" | "egrep" | "fgrep" | "zgrep" | "pgrep" | "test" | "cmp" | "[" | "[[");
    }
    let (verb, rest) = words::kubectl_verb(words);
    let payload = rest.iter().position(|word| *word == "--").map(|at| &rest[at + 1..]);
    match verb {
        "diff" => true,
        "auth" => rest.first() == Some(&"can-i"),
        "exec" => payload.is_some_and(is_question),
        _ => false,
    }
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

/// The line that says why a command broke: the first that begins as programs begin when they give up, else the last.
fn told(actual: &Actual) -> &str {
    let lines = || actual.stderr.lines().chain(actual.stdout.lines()).map(str::trim).filter(|line| !line.is_empty());
    let head = lines().take(MOST_LINES).find(|line| ErrorText::of(line) == Some(ErrorText::Certain));
    head.or_else(|| lines().next_back()).unwrap_or("")
}

/// How many lines of what a command says are looked through for the one that says why.
const MOST_LINES: usize = 1000;

/// Whether kubectl asked the place that it asks where its context has no cluster.
fn is_without_cluster(actual: &Actual) -> bool {
    actual.stderr.contains("The connection to the server localhost:8080 was refused")
        || actual.stderr.contains("http://localhost:8080/api")
}

/// The host of the internet that a command did not find, if that is why it broke.
fn unknown_host(actual: &Actual) -> Option<&str> {
    let host = hosts::not_found(&actual.stderr).or_else(|| hosts::not_found(&actual.stdout))?;
    // Names of Services and made-up hosts are the page's business.
    let top = host.rsplit('.').next().filter(|_| host.contains('.'))?;
    (top.len() > 1 && !matches!(top, "local" | "svc" | "internal" | "test" | "example" | "invalid")).then_some(host)
}

/// Whether a command broke because a container has no such program.
fn lacks_a_program(command: &PlannedCommand, actual: &Actual, code: i32) -> bool {
    let said = |text: &str| actual.stderr.contains(text) || actual.stdout.contains(text);
    let inside = said("OCI runtime exec failed")
        || said("failed to exec in container")
        || code == 127 && (actual.terminal || command.text.contains("exec"));
    inside && (said("executable file not found in $PATH") || said("no such file or directory") || said("not found"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_says_why_is_told() {
        let said = |stderr: &str| Actual { stderr: stderr.to_owned(), ..Actual::default() };
        let invalid = "Warning: x\nThe Pod \"a\" is invalid: spec: Forbidden: y\n  core.PodSpec{\n    z: null,\n";
        assert_eq!(told(&said(invalid)), "The Pod \"a\" is invalid: spec: Forbidden: y");
        assert_eq!(told(&said("Traceback:\n  line 1\nKeyError: 'x'\n\n")), "KeyError: 'x'");
        assert_eq!(told(&said("")), "");
    }

    #[test]
    fn a_context_without_a_cluster_is_told_from_a_server_that_is_down() {
        let said = |stderr: &str| Actual { stderr: stderr.to_owned(), exit: Some(1), ..Actual::default() };
        assert!(is_without_cluster(&said("The connection to the server localhost:8080 was refused - did you ...\n")));
        assert!(!is_without_cluster(&said("The connection to the server 10.201.0.2:6443 was refused - did you ...\n")));
    }
}
