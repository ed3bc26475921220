//! One program that is kept running: started, started again when it ends, given up in the end.

use std::fs::OpenOptions;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::plan::{Component, ComponentStatus};
use crate::cluster::local::machine;

/// So many quick ends in a row are enough to say that it does not stay up.
const MOST_STARTS: u32 = 6;
/// A run of this length counts as having stayed up.
const STAYED_UP: Duration = Duration::from_secs(20);

/// A component and what became of it.
pub(super) struct Supervised {
    pub(super) component: Component,
    log: PathBuf,
    pid: Option<Pid>,
    started: Instant,
    next_start: Instant,
    starts: u32,
    quick_ends: u32,
    pub(super) held: bool,
}

impl Supervised {
    pub(super) fn new(component: Component, log: PathBuf) -> Self {
        let now = Instant::now();
        Self { component, log, pid: None, started: now, next_start: now, starts: 0, quick_ends: 0, held: false }
    }

    /// Whether it is to be started as soon as its condition holds.
    pub(super) fn is_waiting(&self) -> bool {
        self.pid.is_none() && !self.held && !self.gave_up()
    }

    pub(super) fn is_running(&self) -> bool {
        self.pid.is_some()
    }

    /// Whether its process has been killed but can't be waited for yet.
    pub(super) fn is_ending(&self) -> bool {
        let read = |file| std::fs::read_to_string(format!("/proc/{}/{file}", self.pid?.as_raw_nonzero())).ok();
        read("stat").is_some_and(|stat| machine::is_exiting(&stat))
            || read("status").is_some_and(|status| machine::has_kill_pending(&status))
    }

    pub(super) fn gave_up(&self) -> bool {
        self.quick_ends >= MOST_STARTS
    }

    pub(super) fn has_pid(&self, pid: Pid) -> bool {
        self.pid == Some(pid)
    }

    /// Starts it if it waits, its time has come and its condition holds. Returns whether it did.
    pub(super) fn start_if_due(&mut self) -> bool {
        let due = self.is_waiting() && Instant::now() >= self.next_start;
        if !due || self.component.after.as_ref().is_some_and(|condition| !condition.holds()) {
            return false;
        }
        self.started = Instant::now();
        self.starts += 1;
        match self.spawn() {
            Ok(pid) => self.pid = Some(pid),
            Err(error) => {
                self.note(&format!("cannot be started: {error}"));
                self.ended("not started");
            }
        }
        true
    }

    fn spawn(&self) -> io::Result<Pid> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let child = Command::new(&self.component.program)
            .args(&self.component.arguments)
            .envs(self.component.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        // The handle is dropped: PID 1 waits for every child alike.
        i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or_else(|| io::Error::other("no process id"))
    }

    /// Notes that its process ended. It is started again after a pause that grows.
    pub(super) fn ended(&mut self, how: &str) {
        self.pid = None;
        if self.held {
            return;
        }
        let stayed_up = self.started.elapsed() > STAYED_UP;
        self.quick_ends = if stayed_up { 1 } else { self.quick_ends + 1 };
        let pause = Duration::from_millis(100) * 2u32.pow(self.quick_ends.min(5));
        self.next_start = Instant::now() + pause;
        let next =
            if self.gave_up() { "it is given up".to_owned() } else { format!("again in {} ms", pause.as_millis()) };
        self.note(&format!("ended ({how}) after {:.1} s; {next}", self.started.elapsed().as_secs_f64()));
    }

    /// Ends its process and does not start it again until [`Supervised::release`].
    pub(super) fn hold(&mut self) {
        self.held = true;
        self.signal(Signal::KILL);
    }

    /// Lets it start again at once, its past forgotten.
    pub(super) fn release(&mut self) {
        self.held = false;
        self.starts = 0;
        self.quick_ends = 0;
        self.next_start = Instant::now();
    }

    pub(super) fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid {
            // It may have ended just now.
            let _ = kill_process(pid, signal);
        }
    }

    /// Writes a line of the supervisor's own into the component's log.
    fn note(&self, text: &str) {
        use io::Write as _;
        if let Ok(mut log) = OpenOptions::new().create(true).append(true).open(&self.log) {
            let _ = writeln!(log, "supervisor: {} {text}", self.component.name);
        }
    }

    pub(super) fn status(&self) -> ComponentStatus {
        ComponentStatus {
            name: self.component.name.clone(),
            pid: self.pid.map(|pid| pid.as_raw_nonzero().get()),
            starts: self.starts,
            gave_up: self.gave_up(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supervised(program: &str) -> (tempfile::TempDir, Supervised) {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let component = Component {
            name: "one".to_owned(),
            program: program.into(),
            arguments: vec![],
            environment: vec![],
            after: None,
            survives_reset: false,
        };
        (folder, Supervised::new(component, log))
    }

    #[test]
    fn what_cannot_be_started_is_given_up_and_says_why() {
        let (folder, mut one) = supervised("/no/such/program");
        for start in 1..=MOST_STARTS {
            one.next_start = Instant::now();
            assert!(one.start_if_due(), "start {start}");
        }
        assert!(one.gave_up());
        assert!(!one.start_if_due());
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
        assert!(log.contains("No such file") && log.ends_with("it is given up\n"), "{log}");
    }

    #[test]
    fn a_restart_waits() {
        let (_folder, mut one) = supervised("/no/such/program");
        assert!(one.start_if_due());
        assert!(!one.start_if_due(), "not at once");
        one.release();
        assert!(one.start_if_due(), "a release starts it at once");
    }

    #[test]
    fn what_is_held_does_not_start() {
        let (_folder, mut one) = supervised("/no/such/program");
        one.hold();
        assert!(!one.start_if_due());
    }
}
