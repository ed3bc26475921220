//! The clusters of a run: one, or several side by side, each for one page at a time.
//!
//! In: a [`Provider`], the plans of pages that need a cluster. Out: their [`PageRun`]s, in any order.
//! Each worker has a cluster of its own, takes the next page, gets the cluster clean and runs it. A
//! cluster that fails is brought up again; a page that gets none is infra, and never a pass.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures_util::future::join_all;

use crate::cluster::{self, Claim, ClusterError, Handle, PAGE_USERS, PreparedImages, Progress, Provider};
use crate::verify::execute::{self, Options, Place, Watcher};
use crate::verify::plan::PagePlan;
use crate::verify::recording::PageRun;
use crate::verify::run::Settings;
use crate::verify::{cache, flaky};

/// How often in a row a worker may fail to get a clean cluster before it gives up.
const PATIENCE: usize = 3;

/// The clusters that a run may use.
pub(super) struct Pool {
    provider: Box<dyn Provider>,
    others: Vec<Box<dyn Provider>>,
    /// Held until all that is done to the clusters is done, their end included.
    claims: Mutex<Vec<Claim>>,
}

impl Pool {
    /// The clusters for `jobs` pages at a time; one, where the provider has no more.
    pub(super) fn choose(settings: &Settings, jobs: usize) -> Result<Self, ClusterError> {
        let provider = cluster::choose(&settings.cluster, settings.yes)?;
        let most = PAGE_USERS.count();
        let others = (2..=jobs.min(most)).map_while(|number| provider.another(number)).collect();
        Ok(Self { provider, others, claims: Mutex::default() })
    }

    /// Brings the first cluster up, and removes what a run that was killed has left beside it.
    pub(super) async fn first(&self, images: &[String], progress: &dyn Progress) -> Result<Handle, ClusterError> {
        let handle = self.take(&*self.provider, images, progress).await?;
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
        watcher: &dyn Watcher,
    ) -> Vec<PageRun> {
        let runs = cache::Runs::open(&options.setup);
        let work = Work { runs, plans, next: AtomicUsize::new(0), options, progress, watcher };
        let one = work.on(&*self.provider, first, 0);
        let others = join_all(self.others.iter().enumerate().map(|(index, provider)| {
            let work = &work;
            async move {
                match self.take(&**provider, images, progress).await {
                    Ok(handle) => work.on(&**provider, handle, index + 1).await,
                    Err(error) => {
                        watcher.note(&format!("one cluster fewer runs pages: {error}"));
                        vec![]
                    }
                }
            }
        }));
        let (mut runs, others) = tokio::join!(one, others);
        runs.extend(others.into_iter().flatten());
        // Where every worker gave up, what is left was not run, for a reason that is not the page's.
        let left = plans.iter().filter(|plan| !runs.iter().any(|run| run.path == plan.path)).copied();
        let left: Vec<PageRun> = left.map(|plan| execute::infra(plan, "no cluster stayed up")).collect();
        runs.extend(left);
        if !options.keep
            && let Err(error) = self.provider.leave(progress).await
        {
            watcher.note(&format!("something of the run is left: {error}"));
        }
        runs
    }

    /// Ends the clusters that only this run has used.
    pub(super) async fn end(&self, progress: &dyn Progress, watcher: &dyn Watcher) {
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
    plans: &'a [&'a PagePlan],
    next: AtomicUsize,
    options: &'a Options,
    progress: &'a dyn Progress,
    watcher: &'a dyn Watcher,
}

impl Work<'_> {
    /// One worker: takes pages until there are no more.
    async fn on(&self, provider: &dyn Provider, mut handle: Handle, worker: usize) -> Vec<PageRun> {
        let mut runs = vec![];
        let mut failures = 0;
        while failures < PATIENCE {
            let Some(plan) = self.plans.get(self.next.fetch_add(1, Ordering::Relaxed)) else { break };
            if self.options.end.is_some_and(|end| Instant::now() > end) {
                runs.push(execute::not_run(plan, "the budget of the run is used up"));
                continue;
            }
            let run = match self.page(provider, &mut handle, plan, worker).await {
                Ok(run) => {
                    failures = 0;
                    run
                }
                Err(error) => {
                    failures += 1;
                    execute::infra(plan, &format!("no clean cluster: {error}"))
                }
            };
            self.watcher.page_done(&run);
            runs.push(run);
        }
        runs
    }

    /// One page on a clean cluster; again, where it does not hold and that may tell something.
    async fn page(
        &self,
        provider: &dyn Provider,
        handle: &mut Handle,
        plan: &PagePlan,
        worker: usize,
    ) -> Result<PageRun, ClusterError> {
        let runs = self.runs.as_ref();
        if let Some(run) = runs.filter(|_| self.options.cached).and_then(|runs| runs.find(plan, handle)) {
            self.watcher.note(&format!("{}: as in its last run, nothing has changed since", plan.path));
            return Ok(run);
        }
        let mut run = self.attempt(provider, handle, plan, worker).await?;
        for _ in 0..self.options.retries {
            if !flaky::is_worth_another_try(plan, &run) || self.options.end.is_some_and(|end| Instant::now() > end) {
                break;
            }
            match self.attempt(provider, handle, plan, worker).await {
                Ok(again) => run.again.push(again.commands),
                // What is known stays known.
                Err(error) => {
                    self.watcher.note(&format!("{}: not tried again: {error}", plan.path));
                    break;
                }
            }
        }
        if let Some(runs) = runs {
            runs.keep(plan, handle, &run);
        }
        Ok(run)
    }

    async fn attempt(
        &self,
        provider: &dyn Provider,
        handle: &mut Handle,
        plan: &PagePlan,
        worker: usize,
    ) -> Result<PageRun, ClusterError> {
        if let Err(error) = provider.reset(self.progress).await {
            self.watcher.note(&format!("the cluster is brought up again: {error}"));
            let known = PreparedImages { stand_ins: handle.stand_ins.clone(), missing: handle.missing_images.clone() };
            *handle = provider.up(self.progress).await?;
            handle.know_images(known);
            provider.reset(self.progress).await?;
        }
        let place = Place { handle: Some(handle), worker };
        Ok(execute::run_page(plan, &place, self.options, self.watcher).await)
    }
}
