//! The provider `kind`: Kubernetes in Docker, where both are there.

use std::path::PathBuf;

use kube::config::Kubeconfig;

use super::lock::Claim;
use super::namespace::OwnNamespace;
use super::program::{Program, find};
use super::{BoxFuture, ClusterError, Handle, Progress, Provider, cache};

/// The name of our kind cluster; its context is `kind-docbuild`.
const NAME: &str = "docbuild";

/// A kind cluster of our own.
pub(super) struct Kind {
    folder: PathBuf,
}

impl Kind {
    /// The kind cluster of this user.
    ///
    /// # Errors
    /// When kind or Docker is missing or Docker does not answer.
    pub(super) fn open() -> Result<Self, ClusterError> {
        if let Some(missing) = missing() {
            return Err(ClusterError::Unavailable {
                missing,
                help: vec!["use `--cluster local` (needs root and Go), or `--cluster kubeconfig=CONTEXT`".to_owned()],
            });
        }
        Ok(Self { folder: cache::folder()?.join("cluster/kind") })
    }

    fn kubeconfig(&self) -> PathBuf {
        self.folder.join("kind.kubeconfig")
    }

    fn place(&self) -> OwnNamespace {
        OwnNamespace::in_folder(self.folder.join("namespace"))
    }

    fn create(&self) -> Result<(), ClusterError> {
        cache::make_private(&self.folder)?;
        let clusters = Program::new("kind").words("get clusters").output()?;
        let action = if clusters.lines().any(|line| line == NAME) { "export kubeconfig" } else { "create cluster" };
        Program::new("kind").words(&format!("{action} --name {NAME} --kubeconfig")).arg(self.kubeconfig()).run()
    }
}

/// What kind needs and this machine lacks, as one sentence.
pub(super) fn missing() -> Option<String> {
    let absent: Vec<&str> = ["kind", "docker"].into_iter().filter(|name| find(name).is_none()).collect();
    if !absent.is_empty() {
        return Some(format!("{} not installed", absent.join(" and ")));
    }
    (!Program::new("docker").words("info").succeeds()).then(|| "Docker does not answer".to_owned())
}

impl Provider for Kind {
    fn name(&self) -> &'static str {
        "kind"
    }

    fn claim(&self, progress: &dyn Progress) -> Result<Claim, ClusterError> {
        self.place().claim(progress)
    }

    fn up<'a>(&'a self, progress: &'a dyn Progress) -> BoxFuture<'a, Result<Handle, ClusterError>> {
        Box::pin(async move {
            progress.step("creating a kind cluster (1 to 2 minutes the first time)");
            self.create()?;
            let config = Kubeconfig::read_from(self.kubeconfig()).map_err(ClusterError::api)?;
            self.place().up(self.name(), config).await
        })
    }

    fn reset<'a>(&'a self, _: &'a dyn Progress) -> BoxFuture<'a, Result<(), ClusterError>> {
        Box::pin(async move { self.place().reset().await })
    }

    fn leave<'a>(&'a self, _: &'a dyn Progress) -> BoxFuture<'a, Result<(), ClusterError>> {
        Box::pin(async move { self.place().down().await })
    }

    fn down<'a>(&'a self, _: &'a dyn Progress) -> BoxFuture<'a, Result<(), ClusterError>> {
        Box::pin(async move {
            Program::new("kind")
                .words(&format!("delete cluster --name {NAME} --kubeconfig"))
                .arg(self.kubeconfig())
                .run()?;
            match std::fs::remove_dir_all(&self.folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(ClusterError::io(format!("removing {}", self.folder.display()))(error))
                }
                _ => Ok(()),
            }
        })
    }
}
