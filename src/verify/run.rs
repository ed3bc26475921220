//! The whole of `verify` after the plan: a run or a recording, and what it says of the pages.
//!
//! In: [`Prepared`] pages; [`Settings`] and a cluster, or a [`Recording`]. Out: a [`Report`]. Both
//! ways meet in [`judge`].

use std::collections::BTreeSet;
use std::time::Duration;

use crate::cluster::{self, Claim, ClusterError, Handle, Progress, Provider};
use crate::verify::execute::{self, Options, Watcher};
use crate::verify::model::{ClusterFacts, Report};
use crate::verify::pages::Prepared;
use crate::verify::plan::PagePlan;
use crate::verify::recording::{self, PageRun, Recording};
use crate::verify::{answers, images, report, verdict};

/// How pages are run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `auto`, `local`, `kind`, `kubeconfig[=CONTEXT]`, `none`.
    pub cluster: String,
    /// Whether a context that could be somebody's production may be used.
    pub yes: bool,
    /// Whether folders and objects stay after the run.
    pub keep: bool,
    /// How long one command may take unless its kind says otherwise.
    pub timeout: Duration,
    /// How long one page may take.
    pub budget: Duration,
}

/// Why nothing could be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no cluster, and pages need one.
    #[error("nothing was run: {0}")]
    NoCluster(#[from] ClusterError),
    /// The program can't start what it runs pages with.
    #[error("nothing was run: {0}")]
    Machine(String),
    /// Somebody asked it to end.
    #[error("interrupted: the pages' processes and folders are gone")]
    Interrupted,
}

impl RunError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Vec<String> {
        match self {
            Self::NoCluster(error) => error.details(),
            Self::Machine(_) | Self::Interrupted => vec![],
        }
    }
}

/// Runs the pages, each distinct sequence of commands once.
///
/// # Errors
/// When a page needs a cluster and there is none, or nothing can be started at all.
pub fn live(
    pages: &[Prepared],
    settings: &Settings,
    progress: &dyn Progress,
    watcher: &dyn Watcher,
) -> Result<Recording, RunError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| RunError::Machine(error.to_string()))?;
    let result = runtime.block_on(async {
        // What is dropped half way ends its processes and removes its folders.
        tokio::select! {
            result = run(pages, settings, progress, watcher) => result,
            () = interrupted() => Err(RunError::Interrupted),
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(2));
    result
}

/// Waits for Ctrl-C or a request to end.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

async fn run(
    pages: &[Prepared],
    settings: &Settings,
    progress: &dyn Progress,
    watcher: &dyn Watcher,
) -> Result<Recording, RunError> {
    let started = now();
    let plans = distinct(pages);
    let (on_cluster, alone): (Vec<_>, Vec<_>) = plans.iter().copied().partition(|plan| plan.needs_cluster);
    // Before anything runs: without the cluster that pages need, nothing does.
    let claimed =
        if on_cluster.is_empty() { None } else { Some(Claimed::take(&on_cluster, settings, progress).await?) };
    if let Some(open) = execute::open_doors(claimed.is_some()) {
        watcher.note(&open);
    }
    let options = Options {
        timeout: settings.timeout,
        budget: settings.budget,
        keep: settings.keep,
        docbuild: std::env::current_exe().ok(),
    };
    // Pages that need no cluster run while the others wait for theirs.
    let without_cluster = async {
        let mut runs = vec![];
        for plan in alone {
            runs.push(execute::run_page(plan, None, &options, watcher).await);
        }
        Ok(runs)
    };
    let with_cluster = async {
        match &claimed {
            Some(claimed) => claimed.run(&on_cluster, &options, progress, watcher).await,
            None => Ok(vec![]),
        }
    };
    let (mut runs, rest) = tokio::try_join!(with_cluster, without_cluster)?;
    runs.extend(rest);
    runs.sort_by_key(|run| plans.iter().position(|plan| plan.path == run.path));
    let cluster = claimed.map(|Claimed { handle, .. }| ClusterFacts {
        provider: handle.provider.to_owned(),
        server_version: handle.server_version,
        context: handle.context,
    });
    Ok(Recording {
        schema: recording::SCHEMA.to_owned(),
        docbuild: env!("CARGO_PKG_VERSION").to_owned(),
        recorded: started,
        cluster,
        pages: runs,
    })
}

/// A cluster that is up and is this run's alone: two runs on one would delete each other's objects.
struct Claimed {
    provider: Box<dyn Provider>,
    handle: Handle,
    _claim: Claim,
}

impl Claimed {
    /// The cluster, with the images that the pages name.
    async fn take(plans: &[&PagePlan], settings: &Settings, progress: &dyn Progress) -> Result<Self, ClusterError> {
        let provider = cluster::choose(&settings.cluster, settings.yes)?;
        let claim = provider.claim(progress)?;
        let mut handle = provider.up(progress).await?;
        let images: BTreeSet<String> = plans.iter().flat_map(|plan| images::asked_for(plan)).collect();
        let images: Vec<String> = images.into_iter().collect();
        handle.know_images(provider.prepare_images(&images, progress).await?);
        Ok(Self { provider, handle, _claim: claim })
    }

    /// Runs pages one after the other, each on a clean cluster.
    async fn run(
        &self,
        plans: &[&PagePlan],
        options: &Options,
        progress: &dyn Progress,
        watcher: &dyn Watcher,
    ) -> Result<Vec<PageRun>, RunError> {
        let mut runs = vec![];
        for plan in plans {
            self.provider.reset(progress).await?;
            runs.push(execute::run_page(plan, Some(&self.handle), options, watcher).await);
        }
        if !options.keep {
            self.provider.leave(progress).await?;
        }
        Ok(runs)
    }
}

/// The plans that are run: each sequence of commands once, in the order of the pages.
fn distinct(pages: &[Prepared]) -> Vec<&PagePlan> {
    let mut seen = BTreeSet::new();
    pages.iter().map(|page| &*page.run).filter(|plan| plan.has_commands() && seen.insert(plan.sequence())).collect()
}

/// Compares the pages with a recording.
#[must_use]
pub fn replay(pages: &[Prepared], recording: &Recording) -> Report {
    let mut report = judge(pages, recording, "recording");
    report.recorded = Some(recording.recorded.clone());
    report
}

/// What a run says of the pages. `source` is `run` or `recording`.
#[must_use]
pub fn judge(pages: &[Prepared], recording: &Recording, source: &str) -> Report {
    let mut report = report::new(&recording.recorded, &now());
    source.clone_into(&mut report.source);
    report.cluster.clone_from(&recording.cluster);
    let missing = if source == "recording" { verdict::not_recorded() } else { "it was not run" };
    for page in pages {
        let texts: Vec<&str> = page
            .run
            .blocks
            .iter()
            .flat_map(|block| &block.commands)
            .filter(|command| command.skip.is_none())
            .map(|command| command.text.as_str())
            .collect();
        let run = recording.run_of(&page.run.path, &texts).or_else(|| recording.run_of(&page.plan.path, &texts));
        let cut = run.and_then(|run| in_step(&page.run, run));
        let mut judged = verdict::judge(&page.plan, cut.as_ref().or(run), missing);
        judged.shares_run_of = page.shared().then(|| page.run.path.clone());
        report.pages.push(judged);
    }
    report.summary = report::summary(&report.pages);
    report
}

/// A run without what is no answer to the page as it is now; `None` if it is one as a whole.
fn in_step(plan: &PagePlan, run: &PageRun) -> Option<PageRun> {
    let count = answers::in_step(plan, run);
    (count < run.commands.len()).then(|| PageRun {
        commands: run.commands[..count].to_vec(),
        path: run.path.clone(),
        stand_ins: run.stand_ins.clone(),
    })
}

fn now() -> String {
    jiff::Timestamp::now().round(jiff::Unit::Second).map_or_else(|_| String::new(), |now| now.to_string())
}
