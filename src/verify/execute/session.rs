//! What the page opened in a container: a shell on pipes, or a program on a terminal.
//!
//! In: the command that opens it. Out: a [`Session`] that takes what is typed into it until `exit` or the
//! page's end.

use std::time::{Duration, Instant};

use super::driver::{Done, Shell};
use super::page::{LEASE, Page, millis};
use super::repl::{self, Repl, Stopped};
use crate::verify::plan::{PlannedCommand, made_objects};
use crate::verify::recording::{Attempt, CommandRun, Ended};
use crate::verify::shell;
use crate::verify::words::{self, Kind};

/// How long a shell or program may take to answer. Its image may have to be pulled first.
const OPENING: Duration = Duration::from_secs(60);

/// How long kubectl may take to remove the Pod of a shell that has ended.
const REMOVING: Duration = Duration::from_secs(15);

/// How long a Pod may take to end: its grace period, and some seconds.
const ENDING: Duration = Duration::from_secs(45);

/// A shell or program in a container.
pub(super) struct Session {
    /// The line of the command that opened it.
    pub(super) line: usize,
    inner: Inner,
    /// The Pod that was started for it (`kubectl run NAME`).
    pod: Option<String>,
    /// Whether the Pod goes with it (`--rm`).
    removes: bool,
}

enum Inner {
    Shell(Box<Shell>),
    Program(Box<Repl>),
}

impl Session {
    /// Whether it is a program with a prompt of its own.
    pub(super) fn is_program(&self) -> bool {
        matches!(self.inner, Inner::Program(_))
    }

    /// Runs what is typed into it.
    pub(super) async fn run(&mut self, text: &str, kind: Kind, limit: Duration) -> Done {
        match &mut self.inner {
            // Nothing beside the shell could end what does not end by itself.
            Inner::Shell(shell) if kind == Kind::Lease => shell.run(&ended_after(text, LEASE), limit + LEASE).await,
            Inner::Shell(shell) => shell.run(text, limit).await,
            Inner::Program(program) => {
                let started = Instant::now();
                let (actual, stopped) = program.line(text, limit).await;
                let (timed_out, gone) = (stopped == Stopped::Late, stopped != Stopped::AtPrompt);
                Done { actual, took: started.elapsed(), timed_out, gone }
            }
        }
    }

    fn of(inner: Inner, command: &PlannedCommand, ran: &str) -> Self {
        let pod = ran.contains("kubectl run ").then(|| made_objects(ran).pop()).flatten();
        Self { line: command.line, inner, pod, removes: ran.contains("--rm") }
    }

    /// Leaves it, as `exit` does: what goes with it is gone afterwards.
    pub(super) async fn leave(mut self) {
        if self.removes
            && let Inner::Shell(shell) = &mut self.inner
        {
            shell.end(REMOVING).await;
        }
        self.close().await;
    }

    /// Ends it at once.
    pub(super) async fn close(self) {
        match self.inner {
            Inner::Shell(shell) => shell.close().await,
            Inner::Program(program) => program.close().await,
        }
    }
}

/// A command that a POSIX shell ends after some time, as a person would with Ctrl-C.
fn ended_after(text: &str, time: Duration) -> String {
    let text = text.trim_end().trim_end_matches('&');
    let seconds = time.as_secs();
    format!(
        "( {text}\n) & docbuild_lease=$!; ( sleep {seconds}; kill $docbuild_lease ) >/dev/null 2>&1 & \
         docbuild_end=$!; wait $docbuild_lease 2>/dev/null; docbuild_code=$?; \
         kill $docbuild_end 2>/dev/null; [ $docbuild_code -eq 143 ] && docbuild_code=0; (exit $docbuild_code)"
    )
}

impl Page<'_> {
    /// Opens a shell or program in a container.
    pub(super) async fn open_session(&mut self, id: usize, command: &PlannedCommand, run: &mut CommandRun) {
        // Nobody types this into a second terminal while the Pod of the first is there.
        let pod = made_objects(&run.ran).pop().filter(|_| run.ran.contains("kubectl run "));
        let before = self.sessions.iter().find(|(_, open)| pod.is_some() && open.pod == pod).map(|(id, _)| *id);
        if let Some(session) = before.and_then(|id| self.sessions.remove(&id)) {
            session.leave().await;
        }
        let begun = Instant::now();
        loop {
            if words::opens_program(&run.ran) {
                self.open_program(id, command, run).await;
            } else {
                self.open_shell(id, command, run).await;
            }
            // A Pod of that name ends: whoever types this types it again.
            let ending = run.last().is_some_and(|last| last.actual.stderr.contains("object is being deleted"));
            if !ending || begun.elapsed() > ENDING || Instant::now() > self.deadline {
                return;
            }
            run.attempts.clear();
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }

    async fn open_program(&mut self, id: usize, command: &PlannedCommand, run: &mut CommandRun) {
        let started = Instant::now();
        let Ok(shell) = self.beside(&repl::on_terminal(&run.ran)).await else {
            run.ended = Ended::Infra { reason: "the program can't be started on a terminal".to_owned() };
            return;
        };
        let actual = match Repl::open(shell, OPENING).await {
            Ok(program) => {
                let inner = Inner::Program(Box::new(program));
                self.sessions.insert(id, Session::of(inner, command, &run.ran));
                crate::verify::matching::Actual::default()
            }
            Err(said) if said.exit == Some(127) && !run.ran.contains("kubectl") => {
                let name = shell::simple_commands(&run.ran).first().map(|simple| simple.name().to_owned());
                run.ended = Ended::NotRun { reason: format!("{} is not on this machine", name.unwrap_or_default()) };
                return;
            }
            Err(said) if said.exit.is_none() => {
                run.ended = Ended::NotRun { reason: "what it opens shows no prompt".to_owned() };
                return;
            }
            Err(said) => said,
        };
        run.push(Attempt { ms: millis(started.elapsed()), actual, times: 1 });
    }

    async fn open_shell(&mut self, id: usize, command: &PlannedCommand, run: &mut CommandRun) {
        let text = without_terminal(&run.ran);
        let started = self.beside(&text).await;
        let Ok(mut shell) = started else {
            run.ended = Ended::Infra { reason: "the shell in the container can't be started".to_owned() };
            return;
        };
        let done = shell.run(":", OPENING).await;
        let mut actual = done.actual;
        let answered = actual.exit == Some(0);
        match (answered, done.gone, done.timed_out) {
            (true, false, false) => {
                // What comes of the opening itself is its answer.
                actual.exit = None;
                let inner = Inner::Shell(Box::new(shell));
                self.sessions.insert(id, Session::of(inner, command, &run.ran));
            }
            (_, _, true) => {
                // A program that knows no shell commands, say: nothing is wrong with the page.
                run.ended = Ended::NotRun { reason: "what it opens does not answer as a shell does".to_owned() };
                return;
            }
            (true, true, _) => {
                run.ended = Ended::NotRun { reason: "the shell it opens ends by itself".to_owned() };
                return;
            }
            (false, ..) => {}
        }
        run.push(Attempt { ms: millis(done.took), actual, times: 1 });
    }
}

/// A command that opens a shell on a terminal, opening it on pipes: `-t` is taken out.
fn without_terminal(text: &str) -> String {
    let opening = shell::simple_commands(text);
    let flags = opening.iter().flat_map(|simple| &simple.words).take_while(|word| *word != "--");
    let mut out = text.to_owned();
    for word in flags {
        let without = match word.as_str() {
            "-it" | "-ti" | "-i" | "--stdin" => "-i",
            "-t" | "--tty" | "--tty=true" => "",
            _ => continue,
        };
        if word != without {
            out = out.replacen(&format!(" {word}"), if without.is_empty() { "" } else { " -i" }, 1);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_opened_on_pipes() {
        assert_eq!(without_terminal("kubectl exec -it a -- sh"), "kubectl exec -i a -- sh");
        assert_eq!(without_terminal("kubectl exec --stdin --tty a -- sh -t"), "kubectl exec -i a -- sh -t");
        assert_eq!(without_terminal("kubectl attach a -i -t"), "kubectl attach a -i");
    }

    #[tokio::test]
    async fn what_does_not_end_is_ended_and_the_shell_goes_on() {
        let mut command = tokio::process::Command::new("sh");
        command.arg("-s");
        let mut shell = Shell::start(command, "n0nce").unwrap();
        let text = ended_after("echo a; sleep 1000", Duration::from_secs(1));
        let done = shell.run(&text, Duration::from_secs(20)).await;
        assert_eq!((done.actual.stdout.as_str(), done.timed_out), ("a\n", false));
        assert_eq!(shell.run("echo b", Duration::from_secs(20)).await.actual.stdout, "b\n");
    }
}
