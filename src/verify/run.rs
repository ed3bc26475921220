//! The whole of `verify` after the plan: a run or a recording, and what it says of the pages.
//!
//! In: [`Prepared`] pages; [`Settings`] and a cluster, or a [`Recording`]. Out: a [`Report`]. Both
//! ways meet in [`judge`].

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::cluster::{ClusterError, Progress};
use crate::config::VerifySetup;
use crate::verify::clusters;
use crate::verify::execute::{self, Options, Place, Watcher};
use crate::verify::model::{ClusterFacts, Report};
use crate::verify::pages::Prepared;
use crate::verify::plan::PagePlan;
use crate::verify::recording::{self, PageRun, Recording};
use crate::verify::{answers, flaky, images, report, verdict};

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
    pub page_budget: Duration,
    /// How long all pages together may take; what is left then is not run.
    pub budget: Option<Duration>,
    /// What pages find that they do not make themselves.
    pub setup: VerifySetup,
    /// How many pages run at the same time, each on a cluster of its own, where that can be had.
    pub jobs: usize,
    /// Whether a page is not run whose blocks, files, cluster and images are those of a run before.
    pub cached: bool,
    /// How often a page that does not hold is run again, to tell what differs each time from what is wrong.
    pub retries: usize,
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
    /// Somebody asked it to end before a page was over.
    #[error("interrupted before a page was run: the pages' processes and folders are gone")]
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

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// What was run and printed.
    pub recording: Recording,
    /// Whether somebody asked it to end: pages that were not over by then say so in the recording.
    pub interrupted: bool,
}

/// Writes the recording while pages run: what is over stays when the rest is interrupted.
pub(super) struct Recorder<'a> {
    /// Who is told what goes on.
    pub(super) watcher: &'a dyn Watcher,
    recording: Mutex<Recording>,
}

impl<'a> Recorder<'a> {
    fn new(watcher: &'a dyn Watcher) -> Self {
        let recording = Recording {
            schema: recording::SCHEMA.to_owned(),
            docbuild: env!("CARGO_PKG_VERSION").to_owned(),
            recorded: now(),
            cluster: None,
            pages: vec![],
        };
        Self { watcher, recording: Mutex::new(recording) }
    }

    /// A page is over.
    pub(super) fn page(&self, run: PageRun) {
        self.watcher.page_done(&run);
        self.recording().pages.push(run);
    }

    fn recording(&self) -> MutexGuard<'_, Recording> {
        self.recording.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The whole, with the pages in the order of `plans`; `missing` says why a page is not over.
    fn finish(self, plans: &[&PagePlan], missing: impl Fn(&PagePlan) -> PageRun) -> Recording {
        let mut recording = self.recording.into_inner().unwrap_or_else(PoisonError::into_inner);
        for plan in plans {
            if !recording.pages.iter().any(|run| run.path == plan.path) {
                recording.pages.push(missing(plan));
            }
        }
        recording.pages.sort_by_key(|run| plans.iter().position(|plan| plan.path == run.path));
        recording
    }
}

/// Runs the pages, each distinct sequence of commands once.
///
/// # Errors
/// When a page needs a cluster and there is none, nothing can be started at all, or somebody asked the run to end
/// before it had anything to say.
pub fn live(
    pages: &[Prepared],
    settings: &Settings,
    progress: &dyn Progress,
    watcher: &dyn Watcher,
) -> Result<Outcome, RunError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| RunError::Machine(error.to_string()))?;
    execute::sweep();
    let result = runtime.block_on(async {
        let plans = distinct(pages);
        let jobs = settings.jobs.min(plans.iter().filter(|plan| plan.needs_cluster).count());
        let pool = if jobs == 0 { None } else { Some(clusters::Pool::choose(settings, jobs)?) };
        let recorder = Recorder::new(watcher);
        // What is dropped half way ends its processes and removes its folders.
        let interrupted = tokio::select! {
            result = run(&plans, settings, pool.as_ref(), progress, &recorder) => result.map(|()| false),
            () = interrupted() => Ok(true),
        };
        if let Some(pool) = &pool
            && !settings.keep
        {
            pool.end(progress, watcher).await;
        }
        let interrupted = interrupted?;
        if interrupted && recorder.recording().pages.is_empty() {
            return Err(RunError::Interrupted);
        }
        let missing = |plan: &PagePlan| match interrupted {
            true => execute::not_run(plan, "the run was interrupted"),
            // For a reason that is not the page's.
            false => execute::infra(plan, "no cluster stayed up"),
        };
        Ok(Outcome { recording: recorder.finish(&plans, missing), interrupted })
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
    plans: &[&PagePlan],
    settings: &Settings,
    pool: Option<&clusters::Pool>,
    progress: &dyn Progress,
    recorder: &Recorder<'_>,
) -> Result<(), RunError> {
    let (on_cluster, alone): (Vec<_>, Vec<_>) = plans.iter().copied().partition(|plan| plan.needs_cluster);
    let mut images = images_of(&on_cluster);
    images.extend(settings.setup.images.iter().filter(|name| !on_cluster.is_empty() && !name.is_empty()).cloned());
    // Before anything runs: without the cluster that pages need, nothing does.
    let first = match pool {
        Some(pool) => Some(pool.first(&images, progress).await?),
        None => None,
    };
    let options = Options {
        timeout: settings.timeout,
        budget: settings.page_budget,
        end: settings.budget.map(|budget| Instant::now() + budget),
        keep: settings.keep,
        retries: settings.retries,
        cached: settings.cached,
        setup: settings.setup.clone(),
        docbuild: std::env::current_exe().ok(),
    };
    if let Some(open) = execute::open_doors(first.as_ref()) {
        recorder.watcher.note(&open);
    }
    recorder.recording().cluster = first.as_ref().map(|first| ClusterFacts {
        provider: first.provider.to_owned(),
        server_version: first.server_version.clone(),
        context: first.context.clone(),
    });
    // Pages that need no cluster run while the others wait for theirs.
    let without_cluster = async {
        for plan in alone {
            recorder.page(execute::run_page(plan, &Place::alone(), &options, recorder.watcher).await);
        }
    };
    let with_cluster = async {
        if let (Some(pool), Some(first)) = (pool, first) {
            pool.run(first, &on_cluster, &images, &options, progress, recorder).await;
        }
    };
    tokio::join!(with_cluster, without_cluster);
    Ok(())
}

/// The images that pages name, each once.
fn images_of(plans: &[&PagePlan]) -> Vec<String> {
    let names: BTreeSet<String> = plans.iter().flat_map(|plan| images::asked_for(plan)).collect();
    names.into_iter().collect()
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
        let mut judged = flaky::judge(&page.plan, answering(page, recording).as_deref(), missing);
        judged.shares_run_of = page.shared().then(|| page.run.path.clone());
        report.pages.push(judged);
    }
    report.summary = report::summary(&report.pages);
    report
}

/// What of a recording answers to a page as it is now.
pub(crate) fn answering<'r>(page: &Prepared, recording: &'r Recording) -> Option<Cow<'r, PageRun>> {
    let commands = page.run.blocks.iter().flat_map(|block| &block.commands);
    let texts: Vec<&str> =
        commands.filter(|command| command.skip.is_none()).map(|command| command.text.as_str()).collect();
    let run = recording.run_of(&page.run.path, &texts).or_else(|| recording.run_of(&page.plan.path, &texts))?;
    Some(in_step(&page.run, run).map_or(Cow::Borrowed(run), Cow::Owned))
}

/// A run without what is no answer to the page as it is now; `None` if it is one as a whole.
fn in_step(plan: &PagePlan, run: &PageRun) -> Option<PageRun> {
    let count = answers::in_step(plan, run);
    (count < run.commands.len()).then(|| PageRun {
        commands: run.commands[..count].to_vec(),
        // Runs of another text are no attempts at this one.
        again: vec![],
        path: run.path.clone(),
        stand_ins: run.stand_ins.clone(),
    })
}

fn now() -> String {
    jiff::Timestamp::now().round(jiff::Unit::Second).map_or_else(|_| String::new(), |now| now.to_string())
}
