//! Where a local cluster keeps what. One place for every path below the cache folder.

use std::path::{Path, PathBuf};

use crate::cluster::{ClusterError, cache};

/// The folders of one cluster, and those that clusters share.
#[derive(Debug, Clone)]
pub(super) struct Folders {
    /// `<cache>/cluster`.
    shared: PathBuf,
    /// The cluster's own: gone after `down`.
    pub(super) state: PathBuf,
}

impl Folders {
    /// The folders of the cluster called `name`.
    pub(super) fn of(name: &str) -> Result<Self, ClusterError> {
        let shared = cache::folder()?.join("cluster");
        Ok(Self { state: shared.join("local").join(name), shared })
    }

    /// The folders of the cluster whose state is here; those that clusters share are not known.
    pub(super) fn at(state: &Path) -> Self {
        Self { state: state.to_owned(), shared: state.to_owned() }
    }

    /// The names of the clusters that have a folder or a lock here.
    pub(super) fn names() -> Result<Vec<String>, ClusterError> {
        let folder = cache::folder()?.join("cluster/local");
        let Ok(entries) = std::fs::read_dir(folder) else { return Ok(vec![]) };
        let stems =
            entries.flatten().filter_map(|entry| Some(entry.path().file_stem()?.to_string_lossy().into_owned()));
        let mut names: Vec<String> = stems.collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Held while the cluster is changed.
    pub(super) fn lock(&self) -> PathBuf {
        self.state.with_extension("lock")
    }

    /// Held by who runs pages on the cluster.
    pub(super) fn claim(&self) -> PathBuf {
        self.state.with_extension("use")
    }

    /// Programs built from Go modules, a folder for each version of their sources.
    pub(super) fn builds(&self) -> PathBuf {
        self.shared.join("bin")
    }

    /// The images that the registry serves.
    pub(super) fn images(&self) -> PathBuf {
        self.shared.join("images")
    }

    /// `<cache>/cluster`.
    pub(super) fn shared(&self) -> &Path {
        &self.shared
    }

    /// Certificates and keys.
    pub(super) fn pki(&self) -> PathBuf {
        self.state.join("pki")
    }

    /// The kubeconfig of one identity; `admin` is the user's.
    pub(super) fn kubeconfig(&self, identity: &str) -> PathBuf {
        self.state.join(format!("{identity}.kubeconfig"))
    }

    /// A component's log.
    pub(super) fn log(&self, component: &str) -> PathBuf {
        self.state.join("log").join(format!("{component}.log"))
    }

    /// A configuration file.
    pub(super) fn settings(&self, name: &str) -> PathBuf {
        self.state.join("settings").join(name)
    }

    /// etcd's data.
    pub(super) fn etcd(&self) -> PathBuf {
        self.state.join("etcd")
    }

    /// What etcd's data is in an empty cluster.
    pub(super) fn golden(&self) -> PathBuf {
        self.state.join("etcd.golden")
    }

    /// There when the cluster came up whole.
    pub(super) fn ready(&self) -> PathBuf {
        self.state.join("ready")
    }

    /// PID 1 of the cluster as the machine sees it, and when it started.
    pub(super) fn init_pid(&self) -> PathBuf {
        self.state.join("init.pid")
    }

    /// What the supervisor is to do: read once, by PID 1.
    pub(super) fn plan(&self) -> PathBuf {
        self.state.join("supervisor.json")
    }

    /// What the supervisor says about its components.
    pub(super) fn status(&self) -> PathBuf {
        self.state.join("status.json")
    }

    /// The pipe that takes requests to the supervisor.
    pub(super) fn requests(&self) -> PathBuf {
        self.state.join("requests")
    }
}
