//! The Kubernetes that pages are verified on.
//!
//! In: the name of a provider and its options. Out: a [`Handle`]: how commands of a page reach the
//! cluster. Providers: `local` (built from Go modules, no container engine needed), `kubeconfig`
//! (a context of the user's, guarded), `kind`. `none` is the absence of one.
//!
//! [`choose`] finds the provider for a `--cluster` option.

mod api;
pub mod cache;
mod choice;
pub mod doctor;
mod images;
mod kind;
mod kubeconfig;
pub mod local;
mod lock;
mod namespace;
mod program;
mod sources;

pub use choice::choose;
pub use images::Image;
pub use lock::Claim;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

/// The users that commands of pages run as where they are confined: one for each page that runs at the
/// same time, so that none can take another's share of processes. No system hands these ids out.
pub const PAGE_USERS: std::ops::RangeInclusive<u32> = 59_800..=59_899;

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A way to have a cluster. One file a provider; [`choose`] names them all.
pub trait Provider: Send + Sync {
    /// Its name in `--cluster` and in reports.
    fn name(&self) -> &'static str;

    /// Waits until no other docbuild runs pages on the cluster: one's reset would delete what the
    /// other has made. Taken before [`Provider::up`], held to the end.
    ///
    /// # Errors
    /// When the lock can't be made.
    fn claim(&self, progress: &dyn Progress) -> Result<Claim, ClusterError>;

    /// Brings the cluster up, or finds that it is up (idempotent), and returns when a Pod could run.
    ///
    /// # Errors
    /// What is missing on this machine, or which component does not come up, with what to do.
    fn up<'a>(&'a self, progress: &'a dyn Progress) -> BoxFuture<'a, Result<Handle, ClusterError>>;

    /// Makes the images that pages name, as far as the provider has to make images, and says what
    /// each is. Called once [`Provider::up`] has returned and before the pages run.
    ///
    /// # Errors
    /// When nothing can be made at all; an image that can't be made is no error.
    fn prepare_images<'a>(
        &'a self,
        references: &'a [String],
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<PreparedImages, ClusterError>> {
        let _ = (references, progress);
        Box::pin(async { Ok(PreparedImages::default()) })
    }

    /// Gives the next page a clean `default` namespace: what an empty cluster looks like.
    ///
    /// # Errors
    /// When the clean state can't be reached.
    fn reset<'a>(&'a self, progress: &'a dyn Progress) -> BoxFuture<'a, Result<(), ClusterError>>;

    /// Ends a run: nothing of its pages stays. A cluster of our own stays up for the next one; on
    /// somebody else's nothing of ours stays.
    ///
    /// # Errors
    /// When something of the run can't be removed.
    fn leave<'a>(&'a self, progress: &'a dyn Progress) -> BoxFuture<'a, Result<(), ClusterError>> {
        self.reset(progress)
    }

    /// Removes everything that [`Provider::up`] made, and nothing else.
    ///
    /// # Errors
    /// What could not be removed.
    fn down<'a>(&'a self, progress: &'a dyn Progress) -> BoxFuture<'a, Result<(), ClusterError>>;

    /// Another cluster like this one, for pages that are run at the same time: the `number`th, from 2 on.
    /// `None` where there is only this one.
    fn another(&self, _number: usize) -> Option<Box<dyn Provider>> {
        None
    }

    /// Removes the clusters of [`Provider::another`] that a run which was killed has left.
    ///
    /// # Errors
    /// What could not be removed.
    fn sweep(&self, _progress: &dyn Progress) -> Result<(), ClusterError> {
        Ok(())
    }
}

/// How to reach a cluster that is up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle {
    /// The provider's name.
    pub provider: &'static str,
    /// A kubeconfig whose current context is the cluster (mode 0600). Pages get a copy.
    pub kubeconfig: PathBuf,
    /// Its current context.
    pub context: String,
    /// The server's version, `v1.36.3`.
    pub server_version: String,
    /// Folders that go in front of `PATH`: they hold `kubectl`.
    pub path: Vec<PathBuf>,
    /// Stand-in images that the cluster serves in place of the real ones: the whole name -> what it
    /// is. Those of pages are known once [`Handle::know_images`] was told.
    pub stand_ins: BTreeMap<String, String>,
    /// Images that there may be elsewhere and that can't be had here: the name as a page writes it
    /// -> why. What a page does with one is not to be judged.
    pub missing_images: BTreeMap<String, String>,
    /// Whether [`Provider::reset`] gives a clean cluster, or only the namespace is ours.
    pub resettable: bool,
    /// The network namespace that a page's commands run in: the cluster's own, where its node, Services
    /// and Pods can be reached and nothing else; `None` where the machine's network leads to the cluster.
    pub network: Option<PathBuf>,
}

impl Handle {
    /// Takes in what [`Provider::prepare_images`] has found out.
    pub fn know_images(&mut self, prepared: PreparedImages) {
        let PreparedImages { stand_ins, missing } = prepared;
        self.stand_ins.extend(stand_ins);
        self.missing_images.extend(missing);
    }
}

/// What became of images that pages name. What is in neither list is pulled from where its name says,
/// or can't be had by anybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PreparedImages {
    /// Stand-ins that the cluster serves in place of the real ones: the whole name -> what it is.
    pub stand_ins: BTreeMap<String, String>,
    /// Images that there may be elsewhere and are not here: the name as it was given -> why.
    pub missing: BTreeMap<String, String>,
}

/// An image's name as a registry is asked for it: `nginx` is `docker.io/library/nginx:latest`. What
/// is no name stays as it is.
#[must_use]
pub fn whole_image_name(reference: &str) -> String {
    images::Name::parse(reference).map_or_else(|| reference.to_owned(), |name| name.whole())
}

/// Where a long operation tells how far it is. Implemented by the terminal, and by nothing in tests.
pub trait Progress: Send + Sync {
    /// A new step begins: "building Kubernetes v1.36.3 from Go modules (about 6 minutes)".
    fn step(&self, text: &str);
    /// How far the current step is, 0.0 to 1.0, and what it is at.
    fn fraction(&self, done: f64, text: &str);
}

/// A [`Progress`] that tells nobody.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _: &str) {}
    fn fraction(&self, _: f64, _: &str) {}
}

/// Why there is no cluster.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// This machine can't have one: what is missing, and what would serve instead.
    #[error("{missing}")]
    Unavailable {
        /// What is missing, as one sentence.
        missing: String,
        /// What to do, a line each.
        help: Vec<String>,
    },
    /// A component does not stay up.
    #[error("{component} does not stay up")]
    Component {
        /// Its name.
        component: String,
        /// The last lines of its log.
        log: Vec<String>,
    },
    /// Waiting took too long.
    #[error("{what}: not after {seconds} s")]
    TimedOut {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
    },
    /// A context that could be somebody's production.
    #[error("context `{context}` was neither named on the command line nor is it local")]
    Guarded {
        /// Its name.
        context: String,
    },
    /// `--cluster` is none of the known words.
    #[error("`{spec}` is no cluster: use auto, local, kind, kubeconfig, kubeconfig=CONTEXT or none")]
    UnknownProvider {
        /// What was given.
        spec: String,
    },
    /// A name or a setting that can't be meant.
    #[error("{wrong}")]
    Usage {
        /// What is wrong with it.
        wrong: String,
        /// What it may be, a line each.
        help: Vec<String>,
    },
    /// A stand-in image could not be made. Those made before it are kept.
    #[error("the image {name} could not be made: {source}")]
    Image {
        /// Its recipe's name.
        name: String,
        /// Why.
        source: Box<ClusterError>,
    },
    /// A program of the machine failed.
    #[error("`{program}` failed ({status})")]
    Program {
        /// The command line.
        program: String,
        /// How it ended.
        status: String,
        /// The last lines it said.
        said: Vec<String>,
    },
    /// A file or process operation failed.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// Anything the API answered that was not expected.
    #[error("the cluster's API: {0}")]
    Api(String),
}

impl ClusterError {
    /// What else there is to say: what to do, or the last lines of a log, a line each.
    #[must_use]
    pub fn details(&self) -> Vec<String> {
        match self {
            Self::Unavailable { help, .. } | Self::Usage { help, .. } => help.clone(),
            Self::Component { log, .. } => log.clone(),
            Self::Program { said, .. } => said.clone(),
            Self::Image { source, .. } => source.details(),
            Self::Guarded { context } => vec![format!(
                "if pages may make and delete things there, in a namespace of their own: name it (`--cluster kubeconfig={context}`) or add `--yes`"
            )],
            _ => vec![],
        }
    }

    /// Whether somebody asked for what can't be asked for; else there is just no cluster.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::UnknownProvider { .. } | Self::Usage { .. })
    }

    /// Wraps an operation's error: `map_err(ClusterError::io("reading x"))`.
    fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// Wraps what the API or a parser said.
    fn api(error: impl std::fmt::Display) -> Self {
        Self::Api(error.to_string())
    }
}
