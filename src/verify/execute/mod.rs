//! Runs the commands of pages.
//!
//! In: [`PagePlan`]s, a cluster's [`Handle`] where one is needed. Out: [`PageRun`]s, plain values
//! that `verdict` judges and `--record` writes.
//!
//! Steps for a page: a [`workspace`] and a [`confine`]ment of its own, one bash ([`driver`]) whose
//! state lasts from block to block, shells in containers, commands one by one: wait for what they
//! need ([`facts`]), fill in [`names`], refuse what is unsafe ([`safety`]), run, ask again until the
//! documented output holds ([`poll`]).

mod absence;
mod alternatives;
mod confine;
mod depends;
mod driver;
mod facts;
mod lease;
mod names;
mod page;
mod pids;
mod poll;
mod processes;
mod repl;
mod safety;
mod session;
mod setup;
mod workspace;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::cluster::{Handle, PAGE_USERS};
use crate::config::VerifySetup;
use crate::verify::plan::{PagePlan, PlannedCommand};
use crate::verify::recording::{CommandRun, PageRun};

/// How pages are run.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long a command may take unless its kind says otherwise.
    pub timeout: Duration,
    /// How long all commands of one page may take together.
    pub budget: Duration,
    /// When the whole run has to end.
    pub end: Option<Instant>,
    /// How often a page that does not hold is run again.
    pub retries: usize,
    /// Whether runs that were made before are taken.
    pub cached: bool,
    /// Whether the page's folders stay after the run.
    pub keep: bool,
    /// What pages find that they do not make themselves: variables, and commands that run before them.
    pub setup: VerifySetup,
    /// docbuild's own program, for pages about it.
    pub docbuild: Option<PathBuf>,
}

/// Who is told how far a run is.
pub trait Watcher: Send + Sync {
    /// A command begins.
    fn command(&self, page: &str, line: usize, text: &str);
    /// A page has been run, or was not for a reason.
    fn page_done(&self, _run: &PageRun) {}
    /// Something a person should know.
    fn note(&self, text: &str);
}

/// Where a page is run.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The cluster, if it needs one.
    pub handle: Option<&'a Handle>,
    /// Which of those that run pages at the same time this is, from 0: each has a user of its own.
    pub worker: usize,
}

impl Place<'_> {
    /// For a page that needs no cluster; those run one after the other, beside the others.
    #[must_use]
    pub fn alone() -> Self {
        Self { handle: None, worker: PAGE_USERS.count() - 1 }
    }

    /// The user that the page's commands run as where they are confined.
    fn user(&self) -> u32 {
        let last = *PAGE_USERS.end();
        u32::try_from(self.worker).map_or(last, |worker| (PAGE_USERS.start() + worker).min(last))
    }

    /// What the page's commands reach.
    fn network(&self) -> confine::Network {
        match self.handle.map(|handle| handle.network.clone()) {
            None => confine::Network::Own,
            Some(Some(namespace)) => confine::Network::Cluster(namespace),
            Some(None) => confine::Network::Machine,
        }
    }
}

/// Runs one page. What can't be set up is said of each of its commands (infra), never a panic.
pub async fn run_page(plan: &PagePlan, place: &Place<'_>, options: &Options, watcher: &dyn Watcher) -> PageRun {
    page::run(plan, place, options, watcher).await
}

/// A page that was not run since something failed that is not the page's.
#[must_use]
pub fn infra(plan: &PagePlan, reason: &str) -> PageRun {
    untouched(plan, |command| page::infra(command, reason))
}

/// A page that was not run, for a reason.
#[must_use]
pub fn not_run(plan: &PagePlan, reason: &str) -> PageRun {
    untouched(plan, |command| CommandRun::not_run(command.line, &command.text, reason))
}

fn untouched(plan: &PagePlan, run: impl Fn(&PlannedCommand) -> CommandRun) -> PageRun {
    let commands = plan.blocks.iter().flat_map(|block| &block.commands).map(run).collect();
    PageRun { path: plan.path.clone(), commands, ..PageRun::default() }
}

/// Removes what runs that were killed have left on this machine.
pub fn sweep() {
    workspace::sweep();
}

/// What is not confined on this machine, to be said before the first command.
#[must_use]
pub fn open_doors(handle: Option<&Handle>) -> Option<String> {
    let place = Place { handle, worker: 0 };
    let confinement = confine::Confinement {
        namespaces: confine::Confinement::available(),
        network: place.network(),
        user: place.user(),
        folder: PathBuf::new(),
        path: vec![],
        docbuild: None,
    };
    confinement.open_doors()
}
