//! Which programs the cluster uses: what is there and fits is preferred, the rest is built.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::build::{self, Build, KUBERNETES, PAUSE, RUNTIME, TOOLS};
use crate::cluster::namespace::{kubectl_minor, minor};
use crate::cluster::program::{find, is_executable};
use crate::cluster::sources::Module;
use crate::cluster::{ClusterError, Progress};

/// The CNI plugins that the network needs.
const PLUGINS: [&str; 4] = ["bridge", "host-local", "loopback", "portmap"];

/// Where the programs are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    /// The folder with every Kubernetes program.
    pub(super) kubernetes: PathBuf,
    /// containerd; its shim is beside it.
    pub(super) containerd: PathBuf,
    /// runc.
    pub(super) runc: PathBuf,
    /// The folder with the CNI plugins.
    pub(super) cni: PathBuf,
    /// The pause program.
    pub(super) pause: PathBuf,
    /// What goes in front of `PATH` so that `kubectl` is the right one.
    pub(super) tools: Vec<PathBuf>,
}

/// What a cluster on this machine is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    builds: PathBuf,
    /// The machine's own container runtime, if it is whole and new enough.
    runtime: Option<MachineRuntime>,
    /// The machine's own kubectl, if it fits.
    kubectl: Option<PathBuf>,
}

/// containerd, runc and the CNI plugins as they are installed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct MachineRuntime {
    containerd: PathBuf,
    runc: PathBuf,
    cni: PathBuf,
}

impl MachineRuntime {
    fn find() -> Option<Self> {
        let containerd = find("containerd").filter(|file| is_at_least(file, (2, 0)))?;
        let shim = containerd.parent()?.join("containerd-shim-runc-v2");
        let runc = find("runc").filter(|file| is_at_least(file, (1, 2)))?;
        let folders = ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni"].map(PathBuf::from);
        let cni = folders.into_iter().find(|folder| PLUGINS.iter().all(|name| is_executable(&folder.join(name))))?;
        is_executable(&shim).then_some(Self { containerd, runc, cni })
    }
}

/// Whether a program's `--version` tells at least this version.
fn is_at_least(program: &Path, wanted: (u32, u32)) -> bool {
    let Ok(output) = Command::new(program).arg("--version").output() else { return false };
    version_in(&String::from_utf8_lossy(&output.stdout)).is_some_and(|found| found >= wanted)
}

/// The first `N.M.` in a text, with or without a `v`.
fn version_in(text: &str) -> Option<(u32, u32)> {
    text.split([' ', '\n', '\t']).find_map(|word| {
        let mut numbers = word.trim_start_matches('v').split('.').map(str::parse);
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor)), Some(_)) => Some((major, minor)),
            _ => None,
        }
    })
}

impl Parts {
    /// Looks at what is there.
    pub(super) fn survey(builds: PathBuf) -> Self {
        let wanted = Module::KUBERNETES.requires("k8s.io/kubernetes").and_then(minor);
        let kubectl = find("kubectl").filter(|file| kubectl_minor(file).is_some_and(|found| Some(found) == wanted));
        Self { builds, runtime: MachineRuntime::find(), kubectl }
    }

    /// What has to be built at some time, built or not.
    fn built(&self) -> Vec<Build> {
        let runtime = self.runtime.is_none().then_some(RUNTIME);
        [Some(PAUSE), Some(KUBERNETES), runtime].into_iter().flatten().collect()
    }

    /// What is to be built now.
    pub(super) fn to_build(&self) -> Vec<Build> {
        self.built().into_iter().filter(|build| !build.is_done(&self.builds)).collect()
    }

    /// Builds what is to be built, and says where everything is.
    pub(super) fn make(&self, progress: &dyn Progress) -> Result<Programs, ClusterError> {
        if !self.to_build().is_empty() {
            crate::cluster::cache::make_private(&self.builds)?;
        }
        self.built().into_iter().try_for_each(|build| build.make(&self.builds, progress))?;
        Ok(self.programs())
    }

    /// Where everything is once it is built.
    pub(super) fn programs(&self) -> Programs {
        let kubernetes = KUBERNETES.folder(&self.builds);
        let runtime = self.runtime.clone().unwrap_or_else(|| {
            let folder = RUNTIME.folder(&self.builds);
            MachineRuntime { containerd: folder.join("containerd"), runc: folder.join("runc"), cni: folder }
        });
        Programs {
            tools: if self.kubectl.is_some() { vec![] } else { vec![kubernetes.join(TOOLS)] },
            pause: PAUSE.folder(&self.builds).join("pause"),
            containerd: runtime.containerd,
            runc: runtime.runc,
            cni: runtime.cni,
            kubernetes,
        }
    }

    /// The lines of `cluster up --explain`: what, and where it comes from.
    pub(super) fn explain(&self) -> Vec<(String, String)> {
        let mut lines: Vec<(String, String)> = self
            .built()
            .into_iter()
            .map(|build| {
                let folder = build.folder(&self.builds);
                let how = if build.is_done(&self.builds) {
                    format!("built: {}", folder.display())
                } else {
                    format!("to be built from Go modules, up to {} min", build.minutes())
                };
                (build.title.to_owned(), how)
            })
            .collect();
        if let Some(runtime) = &self.runtime {
            let files = [&runtime.containerd, &runtime.runc, &runtime.cni].map(|file| file.display().to_string());
            lines.push((RUNTIME.title.to_owned(), format!("found: {}", files.join(", "))));
        }
        let kubectl = match &self.kubectl {
            Some(file) => format!("found: {}", file.display()),
            None => "the one that is built with Kubernetes".to_owned(),
        };
        lines.push(("kubectl".to_owned(), kubectl));
        lines
    }
}

/// The folder with the kubectl that was built, if one was.
pub(super) fn built_tools(builds: &Path) -> Option<PathBuf> {
    build::KUBERNETES.is_done(builds).then(|| KUBERNETES.folder(builds).join(TOOLS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_print() {
        assert_eq!(version_in("containerd github.com/containerd/containerd/v2 v2.3.7 abc"), Some((2, 3)));
        assert_eq!(version_in("runc version 1.2.0-rc.1\ncommit: x"), Some((1, 2)));
        assert_eq!(version_in("no version"), None);
        assert!(version_in("runc version 1.10.1") > Some((1, 2)));
    }

    #[test]
    fn nothing_is_built_where_it_says_that_nothing_is() {
        let folder = tempfile::tempdir().unwrap();
        let parts = Parts { builds: folder.path().to_owned(), runtime: None, kubectl: None };
        assert_eq!(parts.to_build().len(), 3);
        let explained = parts.explain();
        assert!(
            explained.iter().any(|(what, how)| what.contains("runc") && how.contains("to be built")),
            "{explained:?}"
        );
        let there = MachineRuntime { containerd: "/a/containerd".into(), runc: "/a/runc".into(), cni: "/c".into() };
        let parts = Parts { runtime: Some(there), kubectl: Some("/a/kubectl".into()), ..parts };
        assert_eq!(parts.to_build().len(), 2);
        assert!(parts.programs().tools.is_empty());
        assert!(parts.explain().iter().any(|(what, how)| what == "kubectl" && how == "found: /a/kubectl"));
    }
}
