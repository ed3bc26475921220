//! The clusters of a run: one, or several side by side, each for one page at a time.
//!
//! In: a [`Provider`], the plans of pages that need a cluster. Out: their [`PageRun`]s, each to the [`Recorder`] as
//! soon as it is over. Each worker has a cluster of its own, takes the next page, gets the cluster clean and runs it. A
//! cluster that fails is brought up again; a page that gets none is infra, and never a pass.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use futures_util::future::join_all;

use crate::cluster::{self, Claim, ClusterError, Handle, PAGE_USERS, PreparedImages, Progress, Provider};
use crate::verify::execute::{self, Options, Place, Watcher};
use crate::verify::plan::PagePlan;
use crate::verify::recording::PageRun;
use crate::verify::run::{Recorder, Settings};
use crate::verify::{cache, flaky};

/// How often in a row a worker may fail to get a clean cluster before it gives up.
const PATIENCE: usize = 3;

/// The clusters that a run may use.
pub(super) struct Pool {
    provider: Box<dyn Provider>,
    others: Vec<Box<dyn Provider>>,
    /// Held until all that is done to the clusters is done, their end included.
    claims: Mutex<Vec<Claim>>,
    /// Whether the first one is up, and may hold what pages have made.
    up: AtomicBool,
}

impl Pool {
    /// The clusters for `jobs` pages at a time; one, where the provider has no more.
    pub(super) fn choose(settings: &Settings, jobs: usize) -> Result<Self, ClusterError> {
        let provider = cluster::choose(&settings.cluster, settings.yes)?;
        let most = PAGE_USERS.count();
        let others = (2..=jobs.min(most)).map_while(|number| provider.another(number)).collect();
        Ok(Self { provider, others, claims: Mutex::default(), up: AtomicBool::new(false) })
    }

    /// Brings the first cluster up, and removes what a run that was killed has left beside it.
    pub(super) async fn first(&self, images: &[String], progress: &dyn Progress) -> Result<Handle, ClusterError> {
        let handle = self.take(&*self.provider, images, progress).await?;
        self.up.store(true, Ordering::Relaxed);
        self.provider.sweep(progress)?;
        Ok(handle)
    }

    /// A cluster that is up and is this run's alone (two runs on one would delete each other's objects), with
    /// the images that the pages name.
    async fn take(
        &self,
        provider: &dyn Provider,
        images: &[String],
        progress: &dyn Progress,
    ) -> Result<Handle, ClusterError> {
        let claim = provider.claim(progress)?;
        self.claims.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(claim);
        let mut handle = provider.up(progress).await?;
        handle.know_images(provider.prepare_images(images, progress).await?);
        Ok(handle)
    }

    /// Runs the pages, each on a clean cluster.
    pub(super) async fn run(
        &self,
        first: Handle,
        plans: &[&PagePlan],
        images: &[String],
        options: &Options,
        progress: &dyn Progress,
        recorder: &Recorder<'_>,
    ) {
        let watcher = recorder.watcher;
        let runs = cache::Runs::open(&options.setup);
        let mut plans = plans.to_vec();
        if !self.others.is_empty() {
            // The longest first: none of them is begun when all others are done.
            plans.sort_by_key(|plan| std::cmp::Reverse(commands_of(plan)));
        }
        let work = Work { runs, plans, next: AtomicUsize::new(0), options, progress, recorder };
        let one = work.on(&*self.provider, first, 0);
        let others = join_all(self.others.iter().enumerate().map(|(index, provider)| {
            let work = &work;
            async move {
                match self.take(&**provider, images, progress).await {
                    Ok(handle) => work.on(&**provider, handle, index + 1).await,
                    Err(error) => watcher.note(&format!("one cluster fewer runs pages: {error}")),
                }
            }
        }));
        tokio::join!(one, others);
    }

    /// Leaves the first cluster as it was, and ends those that only this run has used.
    pub(super) async fn end(&self, progress: &dyn Progress, watcher: &dyn Watcher) {
        if self.up.load(Ordering::Relaxed)
            && let Err(error) = self.provider.leave(progress).await
        {
            watcher.note(&format!("something of the run is left: {error}"));
        }
        for provider in &self.others {
            if let Err(error) = provider.down(progress).await {
                watcher.note(&format!("a cluster of this run is left: {error}"));
            }
        }
    }
}

/// The pages of a run, and who has taken how many of them.
struct Work<'a> {
    runs: Option<cache::Runs>,
    plans: Vec<&'a PagePlan>,
    next: AtomicUsize,
    options: &'a Options,
    progress: &'a dyn Progress,
    recorder: &'a Recorder<'a>,
}

impl Work<'_> {
    /// Takes pages until there are no more.
    async fn on(&self, provider: &dyn Provider, handle: Handle, worker: usize) {
        let mut worker = Worker { work: self, provider, handle, number: worker };
        let mut failures = 0;
        while failures < PATIENCE {
            let Some(plan) = self.plans.get(self.next.fetch_add(1, Ordering::Relaxed)) else { break };
            if self.is_over() {
                self.recorder.page(execute::not_run(plan, "the budget of the run is used up"));
                continue;
            }
            let run = match worker.page(plan).await {
                Ok(run) => {
                    failures = 0;
                    run
                }
                Err(error) => {
                    failures += 1;
                    execute::infra(plan, &format!("no clean cluster: {error}"))
                }
            };
            self.recorder.page(run);
        }
    }

    /// Whether the run has taken as long as it may.
    fn is_over(&self) -> bool {
        self.options.end.is_some_and(|end| Instant::now() > end)
    }
}

/// How many commands of a page are run: how long it takes, about.
fn commands_of(plan: &PagePlan) -> usize {
    plan.blocks.iter().flat_map(|block| &block.commands).filter(|command| command.skip.is_none()).count()
}

/// One that runs pages, with a cluster of its own.
struct Worker<'a> {
    work: &'a Work<'a>,
    provider: &'a dyn Provider,
    handle: Handle,
    /// From 0: each has a user of its own.
    number: usize,
}

impl Worker<'_> {
    /// One page on a clean cluster; again, where it does not hold and that may tell something.
    async fn page(&mut self, plan: &PagePlan) -> Result<PageRun, ClusterError> {
        let (runs, options, watcher) = (self.work.runs.as_ref(), self.work.options, self.work.recorder.watcher);
        if let Some(run) = runs.filter(|_| options.cached).and_then(|runs| runs.find(plan, &self.handle)) {
            watcher.note(&format!("{}: as in its last run, nothing has changed since", plan.path));
            return Ok(run);
        }
        let mut run = self.attempt(plan).await?;
        for _ in 0..options.retries {
            if !flaky::is_worth_another_try(plan, &run) || self.work.is_over() {
                break;
            }
            match self.attempt(plan).await {
                Ok(again) => run.again.push(again.commands),
                // What is known stays known.
                Err(error) => {
                    watcher.note(&format!("{}: not tried again: {error}", plan.path));
                    break;
                }
            }
        }
        if let Some(runs) = runs {
            runs.keep(plan, &self.handle, &run);
        }
        Ok(run)
    }

    async fn attempt(&mut self, plan: &PagePlan) -> Result<PageRun, ClusterError> {
        let Work { progress, recorder, options, .. } = *self.work;
        if let Err(error) = self.provider.reset(progress).await {
            recorder.watcher.note(&format!("the cluster is brought up again: {error}"));
            let before = &self.handle;
            let known = PreparedImages { stand_ins: before.stand_ins.clone(), missing: before.missing_images.clone() };
            self.handle = self.provider.up(progress).await?;
            self.handle.know_images(known);
            self.provider.reset(progress).await?;
        }
        let place = Place { handle: Some(&self.handle), worker: self.number };
        Ok(execute::run_page(plan, &place, options, recorder.watcher).await)
    }
}
