//! PID 1 of a cluster: makes its world, starts its programs, keeps them running.
//!
//! In: [`plan::Plan`], a file in the state folder. It runs in network, mount, PID, UTS and IPC
//! namespaces of its own, so killing it ends every process of the cluster, and with them go its
//! mounts, its network and its rules: nothing has to be undone one by one.
//!
//! 1. [`world`]: a root over the machine's that takes all writes, `/proc`, `/sys`, the network
//! 2. [`component`]: each program, started when what it needs is there, again when it ends
//! 3. [`state`]: the empty cluster's state, kept and gone back to
//!
//! Requests come as lines through a pipe; what it has to say is in `status.json`. One thread does
//! everything but reading the pipe, so no state is shared.

mod component;
pub(crate) mod plan;
mod state;
mod world;

use std::io::{self, BufRead as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use rustix::process::{Pid, WaitOptions, WaitStatus, wait};

use crate::cluster::ClusterError;
use component::Supervised;
use plan::{Plan, Request, Status};

use super::folders::Folders;

/// How often is looked after children when something is about to change, and when not.
const BUSY: Duration = Duration::from_millis(20);
const IDLE: Duration = Duration::from_millis(250);

/// Runs as PID 1 of the cluster in this state folder. Does not return while the cluster is up.
///
/// # Errors
/// When the plan can't be read or the world can't be made; also said in `status.json`.
pub(crate) fn run(state: &Path) -> Result<(), ClusterError> {
    let folders = Folders::at(state);
    world::announce(&folders)?;
    let text = std::fs::read_to_string(folders.plan()).map_err(ClusterError::io("reading the supervisor's plan"))?;
    let plan: Plan = serde_json::from_str(&text).map_err(ClusterError::api)?;
    if let Err(error) = world::make(&plan) {
        let status = Status { failed: Some(error.to_string()), ..Status::default() };
        write_status(&folders, &status);
        return Err(error);
    }
    let requests = listen(&folders)?;
    Supervisor::new(plan, folders).run(&requests)
}

/// Reads requests in a thread of its own: reading a pipe can't be given up after a time.
fn listen(folders: &Folders) -> Result<Receiver<(Request, u64)>, ClusterError> {
    let pipe = folders.requests();
    // Open for writing too: then it never ends when a writer closes it.
    let file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(&pipe)
        .map_err(ClusterError::io(format!("opening {}", pipe.display())))?;
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in io::BufReader::new(file).lines().map_while(Result::ok) {
            if Request::parse(&line).is_some_and(|request| sender.send(request).is_err()) {
                return;
            }
        }
    });
    Ok(receiver)
}

/// The programs and what was said about them.
struct Supervisor {
    plan: Plan,
    folders: Folders,
    components: Vec<Supervised>,
    done: Option<(u64, Option<String>)>,
    said: Option<Status>,
}

impl Supervisor {
    fn new(plan: Plan, folders: Folders) -> Self {
        let components =
            plan.components.iter().map(|one| Supervised::new(one.clone(), folders.log(&one.name))).collect();
        Self { plan, folders, components, done: None, said: None }
    }

    fn run(&mut self, requests: &Receiver<(Request, u64)>) -> Result<(), ClusterError> {
        loop {
            self.reap();
            for component in &mut self.components {
                component.start_if_due();
            }
            self.tell();
            let pause = if self.components.iter().any(Supervised::is_waiting) { BUSY } else { IDLE };
            match requests.recv_timeout(pause) {
                Ok((request, number)) => self.answer(request, number),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(pause),
            }
        }
    }

    fn answer(&mut self, request: Request, number: u64) {
        let result = match request {
            Request::Keep => self.keep(),
            Request::Reset => self.reset(),
            Request::Look => self.look(),
        };
        self.done = Some((number, result.err().map(|error| error.to_string())));
    }

    /// Takes note of every process that ended: components, and what was orphaned to PID 1 (each
    /// container's shim is). Returns those that are no components.
    fn reap(&mut self) -> Vec<(Pid, WaitStatus)> {
        let mut others = vec![];
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            match self.components.iter_mut().find(|one| one.has_pid(pid)) {
                Some(component) => component.ended(&describe(status)),
                None => others.push((pid, status)),
            }
        }
        others
    }

    /// Sees who ended. A process that was killed just now is still ending for some milliseconds.
    fn look(&mut self) -> Result<(), ClusterError> {
        self.reap();
        while self.components.iter().any(Supervised::is_ending) {
            std::thread::sleep(BUSY / 4);
            self.reap();
        }
        Ok(())
    }

    fn tell(&mut self) {
        let status = Status {
            failed: None,
            done: self.done.clone(),
            components: self.components.iter().map(Supervised::status).collect(),
        };
        if self.said.as_ref() != Some(&status) {
            write_status(&self.folders, &status);
            self.said = Some(status);
        }
    }
}

fn describe(status: WaitStatus) -> String {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "unknown".to_owned(),
    }
}

/// Rewrites `status.json`. What fails here has nobody to be told to.
fn write_status(folders: &Folders, status: &Status) {
    if let Ok(text) = serde_json::to_string(status) {
        let _ = crate::cluster::cache::write_private(&folders.status(), text);
    }
}
