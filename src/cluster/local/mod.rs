//! The provider `local`: a real Kubernetes on this machine, with no container engine.
//!
//! In: a name, the cache folder. Out: a cluster in namespaces of its own.
//!
//! 1. `parts`: what is there and fits, and what is `build`t from Go modules, once
//! 2. `up`: certificates, settings, and `supervisor`, PID 1 of the cluster; then its link to the
//!    machine (`host`); then waiting until a Pod could run
//! 3. `registry`: serves the images inside
//! 4. `down`: ends PID 1, and with it all that is in its namespaces; removes the rest by the
//!    owner's name (`names`)
//!
//! One lock file a cluster is held while it is changed. Waiting is done by asking the API; building
//! and making images block the thread that asked for it.

mod build;
mod certificates;
mod down;
mod folders;
mod host;
mod machine;
mod names;
mod outside;
mod parts;
mod prepare;
mod registry;
mod settings;
mod supervisor;
mod up;

use std::fs;
use std::path::{Path, PathBuf};

use super::images::{Built, DEFAULT, Image, Images, Programs};
use super::lock::{Claim, lock};
use super::program::find;
use super::{BoxFuture, ClusterError, Handle, PreparedImages, Progress, Provider, cache};
use folders::Folders;
use parts::Parts;
use supervisor::plan::{ComponentStatus, Status};

/// Programs of the machine that are used, and the Debian package that has each.
const PROGRAMS: [(&str, &str); 8] = [
    ("ip", "iproute2"),
    ("unshare", "util-linux"),
    ("nsenter", "util-linux"),
    ("setpriv", "util-linux"),
    ("nft", "nftables"),
    ("iptables", "iptables"),
    ("conntrack", "conntrack"),
    ("tar", "tar"),
];

/// What the names begin with of clusters that runs make for themselves, and remove.
pub const BESIDE: &str = "verify-";

/// Whether a name is that of a cluster which a run makes for itself.
#[must_use]
pub fn is_beside(name: &str) -> bool {
    let number = name.strip_prefix(BESIDE).unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where images come from that a page uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImageSource {
    /// From registries if one can be reached, else stand-ins.
    #[default]
    Auto,
    /// From the registries that their names say.
    Registries,
    /// Stand-ins made from packages; nothing is asked of registries.
    StandIns,
}

impl ImageSource {
    /// From `DOCBUILD_IMAGES`: `auto`, `registries` or `stand-ins`.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn from_environment() -> Result<Self, ClusterError> {
        match std::env::var("DOCBUILD_IMAGES").unwrap_or_default().as_str() {
            "" | "auto" => Ok(Self::Auto),
            "registries" => Ok(Self::Registries),
            "stand-ins" => Ok(Self::StandIns),
            other => Err(ClusterError::Usage {
                wrong: format!("DOCBUILD_IMAGES is `{other}`"),
                help: vec!["it may be auto, registries or stand-ins".to_owned()],
            }),
        }
    }
}

/// Which cluster, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Its name: letters, digits and `-`. Clusters of different names run side by side.
    pub name: String,
}

impl Default for Options {
    fn default() -> Self {
        Self { name: "default".to_owned() }
    }
}

/// A local cluster, up or not.
pub struct Local {
    name: String,
    folders: Folders,
}

impl Local {
    /// The cluster that the options name.
    ///
    /// # Errors
    /// When the name is no name, or there is no cache folder.
    pub fn open(options: Options) -> Result<Self, ClusterError> {
        let name = options.name;
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || name.len() > 40 || !name.bytes().all(known) || name.starts_with('-') {
            return Err(ClusterError::Usage {
                wrong: format!("`{name}` can't be a cluster's name"),
                help: vec!["use up to 40 small letters, digits and hyphens".to_owned()],
            });
        }
        Ok(Self { folders: Folders::of(&name)?, name })
    }

    /// The names of the clusters that are up, or were left half made.
    ///
    /// # Errors
    /// When there is no cache folder.
    pub fn names() -> Result<Vec<String>, ClusterError> {
        Folders::names()
    }

    /// The kubeconfig context's name.
    fn context(&self) -> String {
        if self.name == "default" { "docbuild".to_owned() } else { format!("docbuild-{}", self.name) }
    }

    fn parts(&self) -> Parts {
        Parts::survey(self.folders.builds())
    }

    fn images_store(&self) -> Images {
        Images::open(&self.folders.images())
    }

    /// What this machine lacks to have a local cluster, a sentence each.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        self.missing_with_packages().into_iter().map(|(what, _)| what).collect()
    }

    /// What is missing, and the Debian package that has it.
    fn missing_with_packages(&self) -> Vec<(String, Option<&'static str>)> {
        let mut missing = vec![];
        if !cfg!(target_os = "linux") {
            return vec![("this is not Linux".to_owned(), None)];
        }
        if !rustix::process::geteuid().is_root() {
            missing.push(("root (namespaces, network links and cgroups need it)".to_owned(), None));
        }
        for (program, package) in PROGRAMS {
            if find(program).is_none() {
                missing.push((format!("the program `{program}`"), Some(package)));
            }
        }
        for (what, package) in build::missing(&self.parts().to_build()) {
            missing.push((what, Some(package)));
        }
        if machine::cgroup_hierarchies().is_empty() {
            missing.push(("cgroups (none are mounted)".to_owned(), None));
        }
        if !machine::has_overlay() {
            missing.push(("the file system overlay in the kernel".to_owned(), None));
        }
        if !self.status().running {
            missing.extend(machine::inotify_missing().map(|what| (what, None)));
            missing.extend(machine::space_missing(&self.folders.state).map(|what| (what, None)));
        }
        missing
    }

    /// Why there can't be a local cluster here, with what to do; `None` if there can.
    #[must_use]
    pub fn why_not(&self) -> Option<ClusterError> {
        let missing = self.missing_with_packages();
        (!missing.is_empty()).then(|| self.unavailable(&missing))
    }

    /// What to do about what is missing: one command for the packages.
    fn unavailable(&self, missing: &[(String, Option<&'static str>)]) -> ClusterError {
        let mut packages: Vec<&str> = missing.iter().filter_map(|(_, package)| *package).collect();
        packages.sort_unstable();
        packages.dedup();
        let mut help = vec![];
        if !packages.is_empty() {
            help.push(format!("on Debian or Ubuntu: apt-get install {}", packages.join(" ")));
        }
        help.push(
            "or use a cluster that is there: `--cluster kubeconfig=CONTEXT`, or `--cluster kind` with Docker"
                .to_owned(),
        );
        help.push("or match pages against a recording, which runs nothing: `docbuild verify --replay FILE`".to_owned());
        let list: Vec<&str> = missing.iter().map(|(what, _)| what.as_str()).collect();
        ClusterError::Unavailable { missing: format!("a local cluster needs {}", list.join(", ")), help }
    }

    /// What `up` would use and build: what, and how it is had.
    #[must_use]
    pub fn explain(&self) -> Vec<(String, String)> {
        let mut lines = self.parts().explain();
        let made = |image: Image| match (image.made, image.default) {
            (true, _) => format!("made: {}", image.about.unwrap_or_default()),
            (false, true) => format!("to be made, about {} s", image.seconds),
            (false, false) => format!("made when a page asks for it, about {} s", image.seconds),
        };
        let images = self.images_store().list().into_iter();
        lines.extend(images.map(|image| (format!("image {}", image.name), made(image))));
        lines.extend(self.missing().into_iter().map(|what| ("missing".to_owned(), what)));
        lines
    }

    /// The stand-in images.
    #[must_use]
    pub fn images(&self) -> Vec<Image> {
        self.images_store().list()
    }

    /// Makes the named images, or all; returns those that were made now. A cluster that is up serves
    /// them at once.
    ///
    /// # Errors
    /// When a name is unknown, a program is missing, or making one fails.
    pub fn make_images(&self, names: &[String], progress: &dyn Progress) -> Result<Vec<&'static str>, ClusterError> {
        let images = self.images_store();
        images.check(names)?;
        let _lock = lock(&self.folders.shared().join("images.lock"), progress)?;
        let programs = self.programs_for(&images.programs_for(names), progress)?;
        images.make(names, programs, progress)
    }

    /// Builds the programs that images hold.
    fn programs_for(&self, wanted: &[Built], progress: &dyn Progress) -> Result<Programs, ClusterError> {
        let builds = self.folders.builds();
        let one = |built: &Built| {
            let (build, program) = match built {
                Built::Pause => (build::PAUSE, "pause"),
                Built::Agnhost => (build::AGNHOST, "agnhost"),
                Built::Samples => (build::SAMPLES, "samples"),
                Built::Kubernetes => (build::KUBERNETES, "node"),
            };
            if !build.is_done(&builds) {
                cache::make_private(&builds)?;
                let _lock = lock(&self.folders.shared().join("bin.lock"), progress)?;
                build.make(&builds, progress)?;
            }
            Ok((*built, build.folder(&builds).join(program)))
        };
        wanted.iter().map(one).collect()
    }

    /// How the cluster is.
    #[must_use]
    pub fn status(&self) -> LocalStatus {
        let init = self.init_pid();
        let told: Option<Status> =
            fs::read(self.folders.status()).ok().and_then(|text| serde_json::from_slice(&text).ok());
        LocalStatus {
            running: init.is_some(),
            ready: init.is_some() && self.folders.ready().exists(),
            pid: init,
            folder: self.folders.state.clone(),
            kubeconfig: self.folders.kubeconfig("admin"),
            faults: init.map(|_| host::faults(&names::Owner::of(&self.folders.state))).unwrap_or_default(),
            components: told.filter(|_| init.is_some()).map(|told| told.components).unwrap_or_default(),
        }
    }

    /// The cluster's PID 1 as the machine sees it, if it is that very process.
    fn init_pid(&self) -> Option<i32> {
        let text = fs::read_to_string(self.folders.init_pid()).ok()?;
        let (pid, started) = text.trim().split_once(' ')?;
        let pid = pid.parse().ok()?;
        machine::is_alive(pid, started.parse().ok()?).then_some(pid)
    }

    /// The command that runs a program in the cluster's namespaces, with its tools in `PATH`.
    ///
    /// # Errors
    /// When the cluster is not up.
    pub fn exec(&self, command: &[String]) -> Result<std::process::Command, ClusterError> {
        let pid = self.init_pid().ok_or_else(|| self.not_up())?;
        let programs = self.parts().programs();
        let mut exec = std::process::Command::new(find("nsenter").unwrap_or_else(|| "nsenter".into()));
        exec.args([&format!("--target={pid}"), "--net", "--mount", "--pid", "--uts", "--ipc", "--"]).args(command);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = [programs.kubernetes, programs.cni].into_iter().chain(std::env::split_paths(&path));
        if let Ok(path) = std::env::join_paths(folders) {
            exec.env("PATH", path);
        }
        exec.env("KUBECONFIG", self.folders.kubeconfig("admin"));
        exec.env("CONTAINER_RUNTIME_ENDPOINT", format!("unix://{}", settings::SOCKET));
        Ok(exec)
    }

    fn not_up(&self) -> ClusterError {
        let name = if self.name == "default" { String::new() } else { format!(" --name {}", self.name) };
        ClusterError::Unavailable {
            missing: format!("the cluster `{}` is not up", self.name),
            help: vec![format!("run `docbuild cluster up{name}`")],
        }
    }

    /// Removes what clusters share: programs that were built, and images. Only when none is there.
    ///
    /// # Errors
    /// When something can't be removed.
    pub fn remove_shared() -> Result<(), ClusterError> {
        let cluster = cache::folder()?.join("cluster");
        for folder in ["bin", "images"].map(|name| cluster.join(name)) {
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(ClusterError::io(format!("removing {}", folder.display()))(error));
                }
                _ => {}
            }
        }
        for lock in ["bin.lock", "images.lock"] {
            let _ = fs::remove_file(cluster.join(lock));
        }
        // Other providers may have something there.
        let _ = fs::remove_dir(cluster);
        Ok(())
    }
}

/// How a local cluster is.
#[derive(Debug, Clone)]
pub struct LocalStatus {
    /// Whether its PID 1 lives.
    pub running: bool,
    /// Whether it came up whole.
    pub ready: bool,
    /// Its PID 1 as the machine sees it.
    pub pid: Option<i32>,
    /// Its folder.
    pub folder: PathBuf,
    /// The kubeconfig of its administrator.
    pub kubeconfig: PathBuf,
    /// Why it can't reach the outside though it is up, a sentence each. `up` mends it.
    pub faults: Vec<String>,
    components: Vec<ComponentStatus>,
}

impl LocalStatus {
    /// Each component, and how it is: running, waiting to be started, given up.
    #[must_use]
    pub fn components(&self) -> Vec<(String, String)> {
        let describe = |one: &ComponentStatus| match (one.pid, one.gave_up) {
            (Some(_), _) if one.starts > 1 => format!("running, started {} times", one.starts),
            (Some(_), _) => "running".to_owned(),
            (None, true) => "given up: it does not stay up".to_owned(),
            (None, false) => "waiting".to_owned(),
        };
        self.components.iter().map(|one| (one.name.clone(), describe(one))).collect()
    }
}

impl Provider for Local {
    fn name(&self) -> &'static str {
        "local"
    }

    fn claim(&self, progress: &dyn Progress) -> Result<Claim, ClusterError> {
        Claim::take(self.folders.claim(), progress)
    }

    fn up<'a>(&'a self, progress: &'a dyn Progress) -> BoxFuture<'a, Result<Handle, ClusterError>> {
        Box::pin(self.bring_up(progress))
    }

    fn prepare_images<'a>(
        &'a self,
        references: &'a [String],
        progress: &'a dyn Progress,
    ) -> BoxFuture<'a, Result<PreparedImages, ClusterError>> {
        Box::pin(async move { self.prepare(references, progress) })
    }

    fn reset<'a>(&'a self, progress: &'a dyn Progress) -> BoxFuture<'a, Result<(), ClusterError>> {
        Box::pin(self.go_back(progress))
    }

    fn down<'a>(&'a self, progress: &'a dyn Progress) -> BoxFuture<'a, Result<(), ClusterError>> {
        Box::pin(async move { self.bring_down(progress) })
    }

    fn another(&self, number: usize) -> Option<Box<dyn Provider>> {
        let cluster = Self::open(Options { name: format!("{BESIDE}{number}") }).ok()?;
        Some(Box::new(cluster))
    }

    fn sweep(&self, progress: &dyn Progress) -> Result<(), ClusterError> {
        for name in Self::names()?.into_iter().filter(|name| is_beside(name)) {
            let left = Self::open(Options { name })?;
            // One that somebody has is no remains.
            if let Some(_claim) = Claim::free(&left.folders.claim())? {
                left.bring_down(progress)?;
            }
        }
        Ok(())
    }
}

/// The folder with the kubectl that was built, if one was.
pub(super) fn built_tools() -> Option<PathBuf> {
    parts::built_tools(&cache::folder().ok()?.join("cluster/bin"))
}

/// Runs as PID 1 of the cluster in a state folder; the command line has a hidden command for it.
///
/// # Errors
/// When the cluster's world can't be made.
pub fn supervise(state: &Path) -> Result<(), ClusterError> {
    supervisor::run(state)
}

/// Serves images inside of a cluster; the command line has a hidden command for it.
///
/// # Errors
/// When the address is in use.
pub fn serve_images(folder: &Path, only: Option<String>) -> Result<(), ClusterError> {
    registry::serve(folder, only)
}
