//! Runs the commands of pages.
//!
//! In: [`PagePlan`]s, a cluster's [`Handle`] where one is needed. Out: [`PageRun`]s, plain values
//! that `verdict` judges and `--record` writes.
//!
//! Steps for a page: a [`workspace`] and a [`confine`]ment of its own, one bash ([`driver`]) whose
//! state lasts from block to block, shells in containers, commands one by one: wait for what they
//! need ([`facts`]), fill in [`names`], refuse what is unsafe ([`safety`]), run, ask again until the
//! documented output holds ([`poll`]).

mod confine;
mod driver;
mod facts;
mod names;
mod page;
mod poll;
mod processes;
mod safety;
mod workspace;

use std::path::PathBuf;
use std::time::Duration;

use crate::cluster::Handle;
use crate::verify::plan::PagePlan;
use crate::verify::recording::PageRun;

/// How pages are run.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long a command may take unless its kind says otherwise.
    pub timeout: Duration,
    /// How long all commands of one page may take together.
    pub budget: Duration,
    /// Whether the page's folders stay after the run.
    pub keep: bool,
    /// docbuild's own program, for pages about it.
    pub docbuild: Option<PathBuf>,
}

/// Who is told how far a run is.
pub trait Watcher: Send + Sync {
    /// A command begins.
    fn command(&self, page: &str, line: usize, text: &str);
    /// Something a person should know.
    fn note(&self, text: &str);
}

/// Runs one page. What can't be set up is said of each of its commands (infra), never a panic.
pub async fn run_page(plan: &PagePlan, handle: Option<&Handle>, options: &Options, watcher: &dyn Watcher) -> PageRun {
    page::run(plan, handle, options, watcher).await
}

/// What is not confined on this machine, to be said before the first command.
#[must_use]
pub fn open_doors(cluster: bool) -> Option<String> {
    let confinement = confine::Confinement {
        namespaces: confine::Confinement::available(),
        network: cluster,
        folder: PathBuf::new(),
        path: vec![],
        docbuild: None,
    };
    confinement.open_doors()
}
