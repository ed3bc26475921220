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
        if let Some(finding) = judged.findings.first().filter(|_| judged.verdict == Verdict::Fail) {
            self.causes.insert(command.line, finding.cause);
        }
        if broken && matches!(command.kind, Kind::Change | Kind::Open) {
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
            Some(0) if self.is_lost(index, command, run, expected) => self.broke(index, command, &last.actual, 0),
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
            Some(code) if answers(&run.ran, &last.actual) => {
                Judged { reason: Some(format!("exit code {code} is an answer here")), ..Judged::pass() }
            }
            Some(_) if already_removed(command, &last.actual) && self.made_before(index, command) => Judged {
                reason: Some("what it removes was made on this page and is gone already".to_owned()),
                ..Judged::pass()
            },
            Some(code) => self.broke(index, command, &last.actual, code),
        }
    }

    /// Whether a part of the command failed and the page does not show that.
    fn is_lost(&self, index: usize, command: &PlannedCommand, run: &CommandRun, expected: Option<ErrorText>) -> bool {
        let shown = || {
            let outputs = outputs_of(self.plan, index, command);
            outputs.iter().any(|output| output.text.lines().any(|line| ErrorText::of(line) == Some(ErrorText::Certain)))
        };
        expected.is_none() && run.last().is_some_and(|last| lost_failure(&run.ran, &last.actual).is_some()) && !shown()
    }

    fn broke(&self, index: usize, command: &PlannedCommand, actual: &Actual, code: i32) -> Judged {
        let said = told(actual);
        let message = match said {
            "" => format!("the command ended with exit code {code}"),
            said if code == 0 => format!("a part of the command failed, and its exit code is lost: {said}"),
            said => format!("the command ended with exit code {code}: {said}"),
        };
        let mut finding = self.finding(command, FindingClass::ExitCode, format!("exit code {code}"), message);
        if self.stand_ins && lacks_a_program(command, actual, code) {
            finding.cause = Cause::Environment;
            finding.message.push_str("; an image that only stands in for the page's may lack it");
        }
        if actual.stderr.contains("(NotFound)") && self.is_of_system(index, &command.text) {
            finding.cause = Cause::Environment;
            finding.message.push_str("; this cluster's own components are others than the page's");
        }
        if actual.stderr.contains("(NotFound): nodes \"") {
            finding.cause = Cause::Environment;
            finding.message.push_str("; this cluster's nodes are others than the page's");
        }
        if command.text.contains("kubectl") && is_without_cluster(actual) {
            finding.cause = Cause::Environment;
            finding.message.push_str("; the page's context names a cluster of its reader's, which is not this one");
        }
        if let Some(stuck) = self.stuck.iter().find(|stuck| stuck.is_meant(&command.text)) {
            finding.cause = Cause::Environment;
            finding.message.push_str(&format!("; it can't be had on this cluster: {}", stuck.why));
        }
        if let Some(host) = unknown_host(actual) {
            finding.cause = Cause::Environment;
            finding.message.push_str(&format!("; this machine does not reach {host}"));
        }
        Judged { verdict: Verdict::Fail, reason: None, findings: vec![finding] }
    }

    fn finding(&self, command: &PlannedCommand, class: FindingClass, actual: String, message: String) -> Finding {
        let of = self.follows(&command.text);
        let cause = of.map_or(Cause::Docs, |of| self.cause_behind(of));
        Finding {
            class,
            line: command.line,
            lines: vec![],
            path: String::new(),
            documented: "exit code 0".to_owned(),
            actual,
            rule: if class == FindingClass::Timeout { "time-out" } else { "exit code" }.to_owned(),
            cause,
            of,
            severity: FindingSeverity::Error,
            message,
            source: None,
            known: None,
        }
    }

    /// The cause of what differs because the command in a line broke: what the environment broke is not the
    /// page's fault behind it either.
    pub(super) fn cause_behind(&self, line: usize) -> Cause {
        match self.causes.get(&line) {
            Some(Cause::Environment) => Cause::Environment,
            _ => Cause::FollowUp,
        }
    }

    /// The line of an earlier command that would have made an object this one names.
    pub(super) fn follows(&self, text: &str) -> Option<usize> {
        let names = object_names(text);
        self.failed.iter().find(|(_, made)| !names.is_disjoint(made)).map(|(line, _)| *line)
    }

    /// Whether the page shows an error as this command's output.
    fn expected_error(&self, index: usize, command: &PlannedCommand) -> Option<ErrorText> {
        let of = |text: &str| {
            // Some programs list what they found first, and give up at the end.
            let last = || text.lines().map(str::trim).rfind(|line| !line.is_empty());
            ErrorText::of(text).or_else(|| last()?.starts_with("error: ").then_some(ErrorText::Likely))
        };
        outputs_of(self.plan, index, command).iter().filter_map(|output| of(&output.text)).max()
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

/// Whether an exit code is a result and no failure (`diff` finds a difference). Where an earlier part of a pipe
/// failed there was nothing to ask about.
pub(crate) fn answers(ran: &str, actual: &Actual) -> bool {
    let commands = shell::simple_commands(ran);
    let Some(last) = commands.last() else { return false };
    let words: Vec<&str> = last.words.iter().map(String::as_str).collect();
    actual.exit == Some(1) && is_question(&words) && failure(actual).is_none()
}

/// What a part of a command said that failed though the command ended well: the shell gives the exit code of a
/// pipe's last part, and none of a substitution's in an assignment or an argument.
pub(crate) fn lost_failure<'a>(ran: &str, actual: &'a Actual) -> Option<&'a str> {
    // Signs in a program for `awk` or `jq` are none of the shell's.
    let shell: String = ran.split('\'').step_by(2).collect();
    let mut parts = shell.split(['\n', ';', '|', '&', '(']).filter_map(|part| part.split_whitespace().next());
    let handled = shell.contains("||") || parts.any(|word| matches!(word, "if" | "for" | "while" | "until" | "!"));
    let loses = shell.contains('|') || shell.contains("$(") || shell.contains('`');
    (actual.exit == Some(0) && loses && !handled).then(|| failure(actual)).flatten()
}

/// The line of standard error by which a program gives up, or the shell says that there is none.
fn failure(actual: &Actual) -> Option<&str> {
    actual
        .stderr
        .lines()
        .take(MOST_LINES)
        .map(str::trim)
        .find(|line| ErrorText::of(line) == Some(ErrorText::Certain) || line.ends_with(": command not found"))
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
    let commands = shell::simple_commands(&command.text);
    let deletes = commands.iter().any(|simple| words::verb_of(simple) == Some("delete"));
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
        || actual.stderr.contains("http://localhost:8080/") && actual.stderr.contains("connection refused")
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
    fn a_failure_whose_exit_code_is_lost_is_found() {
        let said = |stderr: &str| Actual { stderr: stderr.to_owned(), exit: Some(0), ..Actual::default() };
        let gone = said("Error from server (NotFound): services \"a\" not found\n");
        assert!(lost_failure("export A=\"$(kubectl get service a -o jsonpath={.spec.clusterIP})\"", &gone).is_some());
        assert!(lost_failure("kubectl get service a -o yaml | sort", &gone).is_some());
        assert!(lost_failure("kubectl get service a || kubectl get pods | sort", &gone).is_none(), "it is handled");
        assert!(lost_failure("while ! kubectl get service a | grep x; do sleep 1; done", &gone).is_none());
        assert!(lost_failure("for i in 1 2; do kubectl create service a | jq .spec; done", &gone).is_none());
        let waited = "kubectl wait --for=condition=Ready pod/a | awk '/a || b/ {print}'";
        assert!(lost_failure(waited, &gone).is_some(), "nothing handles it");
        assert!(lost_failure("kubectl get service a", &gone).is_none(), "it says that it ended well");
        assert!(lost_failure("a | b", &said("Warning: x\nbash: line 3: b: command not found\n")).is_some());
        assert!(lost_failure("a | b", &said("Warning: x is old\n")).is_none());
    }

    #[test]
    fn what_finds_nothing_answers_unless_there_was_nothing_to_look_through() {
        let no = |stderr: &str| Actual { stderr: stderr.to_owned(), exit: Some(1), ..Actual::default() };
        assert!(answers("kubectl get pods | grep web", &no("")));
        assert!(!answers(
            "kubectl get pod web | grep Ready",
            &no("Error from server (NotFound): pods \"web\" not found")
        ));
        assert!(!answers("kubectl get pods", &no("")));
    }

    #[test]
    fn a_context_without_a_cluster_is_told_from_a_server_that_is_down() {
        let said = |stderr: &str| Actual { stderr: stderr.to_owned(), exit: Some(1), ..Actual::default() };
        assert!(is_without_cluster(&said("The connection to the server localhost:8080 was refused - did you ...\n")));
        let post = "Get \"http://localhost:8080/openapi/v2?timeout=32s\": dial tcp 127.0.0.1:8080: connect: connection refused";
        assert!(is_without_cluster(&said(post)));
        assert!(!is_without_cluster(&said("The connection to the server 10.201.0.2:6443 was refused - did you ...\n")));
    }
}
