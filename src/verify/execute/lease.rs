//! What runs until it is stopped: `port-forward`, `--watch`, `logs -f`, a trailing `&`.
//!
//! In: the command, the outputs that the page shows for it. Out: a process beside the page's shell whose
//! output is read as long as the page runs. It is awaited until it serves, or until the output that stands
//! right behind it holds; an output further down the page is read when the page gets there. It is stopped
//! when another wants its port, and with the page.

use std::time::{Duration, Instant};

use super::driver::Tail;
use super::page::{LEASE, Page, millis};
use crate::verify::model::Role;
use crate::verify::plan::{OutputLines, PlannedCommand};
use crate::verify::recording::{Attempt, CommandRun, Ended};
use crate::verify::shell;
use crate::verify::verdict::{OutputText, best};
use crate::verify::words;

/// How long a command that the page shows no output of is watched for its end.
const GLANCE: Duration = Duration::from_secs(2);
/// How long a documented output may take to come: what acts by the clock does so each minute at the most often.
const WATCHED: Duration = Duration::from_secs(75);
/// What comes within this time belongs together.
const QUIET: Duration = Duration::from_millis(200);

/// A command that is still running.
pub(super) struct Lease {
    /// The block that it is in.
    block: usize,
    /// Index of its run among the page's.
    run: usize,
    ports: Vec<u16>,
    tail: Tail,
}

impl Lease {
    /// Ends it and all that it started, and waits for that.
    pub(super) async fn close(self) {
        self.tail.close().await;
    }
}

impl Page<'_> {
    /// Starts a command that runs until it is stopped, and waits until it serves what the page wants.
    pub(super) async fn lease(&mut self, index: usize, command: &PlannedCommand, run: &mut CommandRun) {
        let text = run.ran.trim_end().trim_end_matches('&').to_owned();
        let ports = local_ports(&text);
        while let Some(at) = self.leases.iter().position(|lease| lease.ports.iter().any(|port| ports.contains(port))) {
            self.leases.remove(at).close().await;
        }
        let Ok(shell) = self.beside(&text).await else {
            run.ended = Ended::Infra { reason: "it can't be started beside the page's shell".to_owned() };
            return;
        };
        let outputs = self.outputs_right_behind(index, command);
        let started = Instant::now();
        let mut tail = Tail::of(shell);
        let limit = limit_of(&outputs, !ports.is_empty());
        let ends = self.read(&mut tail, (command, &outputs), run, started + limit, !ports.is_empty()).await;
        run.push(Attempt { ms: millis(started.elapsed()), actual: self.as_default(tail.actual()), times: 1 });
        if ends {
            // It is no lease after all: how it ended is its answer.
            return;
        }
        let lease = Lease { block: self.plan.blocks[index].block.id, run: self.done.len(), ports, tail };
        self.leases.push(lease);
    }

    /// An output further down the page that shows what a command prints which still runs: reads on.
    pub(super) async fn read_on(&mut self, index: usize) {
        let plan = self.plan;
        let output = &plan.blocks[index];
        let Some(id) = output.documents.filter(|_| output.role == Role::Output && output.skip.is_none()) else {
            return;
        };
        let Some(at) = self.leases.iter().position(|lease| lease.block == id) else { return };
        let mut lease = self.leases.remove(at);
        let Some(mut run) = self.done.get(lease.run).cloned() else { return };
        let Some(command) = plan.block(id).and_then(|block| block.commands.last()) else { return };
        let lines = [OutputLines { text: output.block.text.clone(), lines: output.block.lines.clone() }];
        let started = Instant::now();
        let ended = self.read(&mut lease.tail, (command, &lines), &mut run, started + WATCHED, false).await;
        run.push(Attempt { ms: millis(started.elapsed()), actual: self.as_default(lease.tail.actual()), times: 1 });
        run.facts = self.observer.is_some().then(|| self.facts.clone());
        self.done[lease.run] = run;
        if !ended {
            self.leases.push(lease);
        }
    }

    /// Whether what a block started still runs.
    pub(super) fn runs_still(&self, block: usize) -> bool {
        self.leases.iter().any(|lease| lease.block == block)
    }

    /// A command that the page shows again because it still runs: what it prints is read on.
    pub(super) async fn read_lease(
        &mut self,
        block: Option<usize>,
        command: &PlannedCommand,
        outputs: &[OutputLines],
        run: &mut CommandRun,
    ) {
        let at = self.leases.iter().position(|lease| Some(lease.block) == block);
        let Some(mut lease) = at.map(|at| self.leases.remove(at)) else { return };
        let started = Instant::now();
        let limit = limit_of(outputs, false);
        let ended = self.read(&mut lease.tail, (command, outputs), run, started + limit, false).await;
        run.push(Attempt { ms: millis(started.elapsed()), actual: self.as_default(lease.tail.actual()), times: 1 });
        run.note = Some("read from the command that still runs".to_owned());
        if !ended {
            self.leases.push(lease);
        }
    }

    /// Reads until the outputs hold (or, without any, until the command serves), until the command ends,
    /// or the time is over. Returns whether it ended.
    async fn read(
        &mut self,
        tail: &mut Tail,
        (command, outputs): (&PlannedCommand, &[OutputLines]),
        run: &mut CommandRun,
        deadline: Instant,
        serves: bool,
    ) -> bool {
        loop {
            let more = tail.read(deadline).await;
            // What never pauses is looked at all the same.
            let together = deadline.min(Instant::now() + QUIET * 10);
            while more && Instant::now() < together && tail.read(together.min(Instant::now() + QUIET)).await {}
            if tail.ended() {
                tail.settle().await;
                return true;
            }
            let over = Instant::now() >= deadline;
            if over || !more && outputs.is_empty() {
                return false;
            }
            let said = tail.actual();
            if serves && outputs.is_empty() && (is_serving(&said.stdout) || is_serving(&said.stderr)) {
                return false;
            }
            if !outputs.is_empty() && self.holds(said, command, outputs, run).await {
                return false;
            }
        }
    }

    /// Whether the outputs hold for what was printed so far.
    async fn holds(
        &mut self,
        said: crate::verify::matching::Actual,
        command: &PlannedCommand,
        outputs: &[OutputLines],
        run: &CommandRun,
    ) -> bool {
        self.observe().await;
        let mut now = run.clone();
        now.attempts = vec![Attempt { actual: self.as_default(said), ms: 0, times: 1 }];
        now.facts = Some(self.facts.clone());
        outputs.iter().all(|output| {
            let (outcome, _) = best(&OutputText::of(output, command), &[&now], &self.bindings);
            outcome.findings.iter().all(|finding| !super::poll::keeps(finding))
        })
    }

    /// The outputs of a command that stand before the page's next command.
    fn outputs_right_behind(&self, index: usize, command: &PlannedCommand) -> Vec<OutputLines> {
        let block = &self.plan.blocks[index];
        let id = block.block.id;
        let behind = self.plan.blocks[index + 1..].iter().take_while(|block| block.commands.is_empty());
        let documented = behind.filter(|output| output.documents == Some(id) && output.skip.is_none());
        let whole =
            documented.map(|output| OutputLines { text: output.block.text.clone(), lines: output.block.lines.clone() });
        command.output.iter().cloned().chain(whole).collect()
    }
}

/// How long a command is watched before the page goes on.
fn limit_of(outputs: &[OutputLines], listens: bool) -> Duration {
    match (outputs.is_empty(), listens) {
        (false, _) => WATCHED,
        (true, true) => LEASE,
        (true, false) => GLANCE,
    }
}

/// Whether a program says that it listens.
fn is_serving(said: &str) -> bool {
    ["Forwarding from", "Starting to serve on", "Listening on", "listening on", "Serving HTTP"]
        .iter()
        .any(|sign| said.contains(sign))
}

/// The ports of this machine that a command listens on, as far as it names them.
fn local_ports(text: &str) -> Vec<u16> {
    let mut ports = vec![];
    for simple in shell::simple_commands(text) {
        let words: Vec<&str> = simple.words.iter().map(String::as_str).collect();
        if words.first() != Some(&"kubectl") {
            continue;
        }
        let (verb, rest) = words::kubectl_verb(&words);
        match verb {
            "port-forward" => {
                let pairs = rest.iter().filter(|word| !word.starts_with('-') && !word.contains('/'));
                ports.extend(pairs.filter_map(|pair| pair.split(':').next()?.parse::<u16>().ok()));
            }
            "proxy" => {
                let named = rest.iter().enumerate().find_map(|(at, word)| match *word {
                    "--port" | "-p" => rest.get(at + 1).copied(),
                    word => word.strip_prefix("--port="),
                });
                ports.push(named.and_then(|port| port.parse().ok()).unwrap_or(8001));
            }
            _ => {}
        }
    }
    ports
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_those_of_this_machine() {
        assert_eq!(local_ports("kubectl port-forward svc/mongo 28015:27017"), [28015]);
        assert_eq!(local_ports("kubectl -n a port-forward pod/x 8080 9090:90"), [8080, 9090]);
        assert_eq!(local_ports("kubectl port-forward svc/mongo :27017"), [0u16; 0]);
        assert_eq!(local_ports("kubectl proxy"), [8001]);
        assert_eq!(local_ports("kubectl proxy --port=8080"), [8080]);
        assert_eq!(local_ports("kubectl proxy --port 8081"), [8081]);
        assert_eq!(local_ports("kubectl get pods -w"), [0u16; 0]);
    }
}
