//! Builds the cluster's programs from Go modules, once for each version of their sources.
//!
//! go.sum is part of the sources and `-mod=readonly` forbids to change it: the hash of every byte
//! that runs is pinned. A build is made beside its place and moved there whole, so what is there is
//! complete.

use std::collections::VecDeque;
use std::fs;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::cluster::program::{ENDS_WITH_US, Program, find};
use crate::cluster::sources::Module;
use crate::cluster::{ClusterError, Progress};

/// What is built from one module.
#[derive(Debug, Clone, Copy)]
pub(super) struct Build {
    pub(super) module: Module,
    /// The name of its folder: one module may have more than one build.
    name: &'static str,
    /// What a person reads.
    pub(super) title: &'static str,
    /// Processor seconds of a build with an empty Go cache, as measured on x86-64.
    cpu_seconds: f64,
    runs: &'static [Run],
    /// Other names of the one program, which picks by the name it is called by.
    links: &'static [&'static str],
}

/// One run of `go build`.
#[derive(Debug, Clone, Copy)]
struct Run {
    packages: &'static [&'static str],
    /// The program's name, where it is not the package's.
    output: Option<&'static str>,
    cgo: bool,
    tags: &'static str,
}

/// Kubernetes and what it needs, in one program.
pub(super) const KUBERNETES: Build = Build {
    module: Module::KUBERNETES,
    name: "kubernetes",
    title: "Kubernetes, etcd and CoreDNS",
    cpu_seconds: 710.0,
    runs: &[Run { packages: &["."], output: Some("node"), cgo: false, tags: "" }],
    links: &[
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kube-proxy",
        "kubelet",
        "kubectl",
        "coredns",
        "crane",
        "sandboxes",
    ],
};

/// The container runtime. runc needs cgo, and without seccomp no sandbox starts.
pub(super) const RUNTIME: Build = Build {
    module: Module::RUNTIME,
    name: "runtime",
    title: "containerd, runc and the CNI plugins",
    cpu_seconds: 125.0,
    runs: &[
        Run {
            packages: &[
                "github.com/containerd/containerd/v2/cmd/containerd",
                "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
                "github.com/containernetworking/plugins/plugins/ipam/host-local",
                "github.com/containernetworking/plugins/plugins/main/bridge",
                "github.com/containernetworking/plugins/plugins/main/loopback",
                "github.com/containernetworking/plugins/plugins/meta/portmap",
            ],
            output: None,
            cgo: false,
            tags: "",
        },
        Run { packages: &["github.com/opencontainers/runc"], output: Some("runc"), cgo: true, tags: "seccomp" },
    ],
    links: &[],
};

/// The pause program.
pub(super) const PAUSE: Build = Build {
    module: Module::PAUSE,
    name: "pause",
    title: "the pause program",
    cpu_seconds: 10.0,
    runs: &[Run { packages: &["."], output: Some("pause"), cgo: false, tags: "" }],
    links: &[],
};

/// Kubernetes' own test program, for images.
pub(super) const AGNHOST: Build = Build {
    module: Module::KUBERNETES,
    name: "agnhost",
    title: "agnhost",
    cpu_seconds: 120.0,
    runs: &[Run {
        packages: &["k8s.io/kubernetes/test/images/agnhost"],
        output: Some("agnhost"),
        cgo: false,
        tags: "",
    }],
    links: &[],
};

/// The small servers of tutorials, for images.
pub(super) const SAMPLES: Build = Build {
    module: Module::SAMPLES,
    name: "samples",
    title: "the small servers of tutorials",
    cpu_seconds: 20.0,
    runs: &[Run { packages: &["."], output: Some("samples"), cgo: false, tags: "" }],
    links: &[],
};

/// The folder below a build's that holds kubectl alone, to be put in front of `PATH`.
pub(super) const TOOLS: &str = "tools";

impl Build {
    /// Where its programs are, or will be.
    pub(super) fn folder(self, builds: &Path) -> PathBuf {
        builds.join(format!("{}-{}", self.name, self.module.key()))
    }

    /// Whether it is built.
    pub(super) fn is_done(self, builds: &Path) -> bool {
        self.folder(builds).is_dir()
    }

    /// About how many minutes it takes on this machine with an empty Go cache.
    pub(super) fn minutes(self) -> u64 {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        // More cores than this wait for one another.
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "small"
        )]
        let minutes = (self.cpu_seconds / cores.min(8) as f64 / 60.0).ceil() as u64;
        minutes.max(1)
    }

    /// Builds it if it is not built.
    ///
    /// # Errors
    /// With the compiler's last lines.
    pub(super) fn make(self, builds: &Path, progress: &dyn Progress) -> Result<(), ClusterError> {
        if self.is_done(builds) {
            return Ok(());
        }
        let folder = self.folder(builds);
        let new = folder.with_extension("new");
        let sources = folder.with_extension("source");
        let failed = || ClusterError::io(format!("making {}", new.display()));
        progress.step(&format!("building {} from Go modules (up to {} min)", self.title, self.minutes()));
        // What a killed build left behind.
        let _ = fs::remove_dir_all(&new);
        fs::create_dir_all(&new).map_err(failed())?;
        self.module.extract(&sources)?;
        for run in self.runs {
            self.compile(*run, &sources, &new, progress)?;
        }
        self.link_names(&new).map_err(failed())?;
        fs::rename(&new, &folder).map_err(failed())?;
        fs::remove_dir_all(&sources).map_err(failed())
    }

    fn link_names(self, folder: &Path) -> std::io::Result<()> {
        self.links.iter().try_for_each(|name| std::os::unix::fs::symlink("node", folder.join(name)))?;
        if self.links.contains(&"kubectl") {
            fs::create_dir(folder.join(TOOLS))?;
            // A hard link: commands of pages see this folder alone, where a symbolic link leads nowhere.
            fs::hard_link(folder.join("node"), folder.join(TOOLS).join("kubectl"))?;
        }
        Ok(())
    }

    fn compile(self, run: Run, sources: &Path, output: &Path, progress: &dyn Progress) -> Result<(), ClusterError> {
        let started = Instant::now();
        let stale = self.count_stale(run, sources, progress)?;
        let output = run.output.map_or_else(|| output.join(""), |name| output.join(name));
        let mut command = self.go(run, sources);
        command.args(["build", "-v"]).args(self.flags(run)).arg("-o").arg(output).args(run.packages);
        let mut compiled = 0usize;
        follow(command, |line| {
            if let Some(module) = line.strip_prefix("go: downloading ") {
                progress.fraction(0.0, &format!("downloading {module}"));
            } else if is_package(line) {
                compiled += 1;
                let (done, text) = estimate(compiled, stale, started.elapsed().as_secs_f64());
                progress.fraction(done, &text);
            }
        })
        .map(drop)
    }

    /// How many packages are to be compiled: those that Go's cache does not hold.
    fn count_stale(self, run: Run, sources: &Path, progress: &dyn Progress) -> Result<usize, ClusterError> {
        let mut command = self.go(run, sources);
        command.args(["list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}"]).args(self.flags(run));
        command.args(run.packages);
        let mut downloaded = 0usize;
        let listed = follow(command, |line| {
            if let Some(module) = line.strip_prefix("go: downloading ") {
                downloaded += 1;
                progress.fraction(0.0, &format!("downloading Go modules: {downloaded}, {module}"));
            }
        });
        listed.map(|lines| lines.iter().filter(|line| !line.trim().is_empty()).count())
    }

    fn go(self, run: Run, sources: &Path) -> Command {
        let go = find("go").unwrap_or_else(|| PathBuf::from("go"));
        let mut command = match find("setpriv").filter(|_| rustix::process::geteuid().is_root()) {
            // A build that is killed leaves no compiler running, which would write where the next one does.
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(ENDS_WITH_US.split(' ')).arg("--").arg(go);
                command
            }
            None => Command::new(go),
        };
        command.current_dir(sources).env("CGO_ENABLED", if run.cgo { "1" } else { "0" }).env("GOWORK", "off");
        command
    }

    fn flags(self, run: Run) -> Vec<String> {
        let mut flags: Vec<String> = ["-mod=readonly", "-trimpath", "-buildvcs=false"].map(str::to_owned).into();
        if !run.tags.is_empty() {
            flags.push(format!("-tags={}", run.tags));
        }
        flags.push(format!("-ldflags=-s -w {}", version_flags(self.module)));
        flags
    }
}

/// What makes `kubectl version` tell the version: without, it says v0.0.0.
fn version_flags(module: Module) -> String {
    let Some(version) = module.requires("k8s.io/kubernetes") else { return String::new() };
    let minor = crate::cluster::namespace::minor(version).unwrap_or_default();
    ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"]
        .map(|package| {
            format!("-X {package}.gitVersion={version} -X {package}.gitMajor=1 -X {package}.gitMinor={minor}")
        })
        .join(" ")
}

/// Whether a line of `go build -v` names a package that was compiled.
fn is_package(line: &str) -> bool {
    !line.is_empty() && !line.contains([' ', ':', '#'])
}

/// How far a build is and how to say it. The last part of the time goes into linking.
fn estimate(compiled: usize, stale: usize, seconds: f64) -> (f64, String) {
    #[expect(clippy::cast_precision_loss, reason = "some thousand packages")]
    let done = (compiled as f64 / stale.max(1) as f64).min(1.0) * 0.95;
    let left = seconds / done.max(0.01) - seconds;
    let text = match (compiled >= stale, done > 0.03) {
        (true, _) => "linking".to_owned(),
        (false, true) => format!("{compiled} of {stale} packages, {} left", duration(left)),
        (false, false) => format!("{compiled} of {stale} packages"),
    };
    (done, text)
}

fn duration(seconds: f64) -> String {
    if seconds < 60.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) }
}

/// Runs a Go command, hands on what it says on its standard error line by line, and returns the
/// lines of its standard output.
fn follow(mut command: Command, mut line: impl FnMut(&str)) -> Result<Vec<String>, ClusterError> {
    let shown = if command.get_args().any(|word| word == "list") { "go list" } else { "go build" };
    let failed = || ClusterError::io(format!("running `{shown}`"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed())?;
    let stdout = child.stdout.take();
    // Both pipes have to be read, or a full one stops the program.
    let reader = std::thread::spawn(move || {
        stdout.map(|pipe| std::io::BufReader::new(pipe).lines().map_while(Result::ok).collect()).unwrap_or_default()
    });
    let mut last = VecDeque::new();
    if let Some(stderr) = child.stderr.take() {
        for text in std::io::BufReader::new(stderr).lines().map_while(Result::ok) {
            line(&text);
            if !is_package(&text) {
                last.push_back(text);
            }
            if last.len() > 12 {
                last.pop_front();
            }
        }
    }
    let status = child.wait().map_err(failed())?;
    let lines = reader.join().unwrap_or_default();
    if status.success() {
        return Ok(lines);
    }
    Err(ClusterError::Program { program: shown.to_owned(), status: status.to_string(), said: last.into() })
}

/// What a build needs and this machine lacks: what, and the Debian package that has it.
pub(super) fn missing(builds: &[Build]) -> Vec<(String, &'static str)> {
    let mut missing = vec![];
    if builds.is_empty() {
        return missing;
    }
    match find("go") {
        None => missing.push(("Go (to build Kubernetes)".to_owned(), "golang")),
        Some(go) => missing.extend(too_old(&go).map(|what| (what, "golang"))),
    }
    if builds.iter().flat_map(|build| build.runs).any(|run| run.cgo) {
        if find("gcc").is_none() && find("cc").is_none() {
            missing.push(("a C compiler (runc needs one)".to_owned(), "gcc"));
        }
        if find("pkg-config").is_none() {
            missing.push(("pkg-config (to find libseccomp)".to_owned(), "pkg-config"));
        } else if !Program::new("pkg-config").words("--exists libseccomp").succeeds() {
            missing.push(("libseccomp's headers (runc needs them)".to_owned(), "libseccomp-dev"));
        }
    }
    missing
}

/// The first Go that gets the version which a module asks for by itself.
const OLDEST_GO: (u32, u32) = (1, 21);

fn too_old(go: &Path) -> Option<String> {
    let told = Command::new(go).arg("version").env("GOTOOLCHAIN", "local").output().ok()?;
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let found = go_version(&told).filter(|found| *found < OLDEST_GO)?;
    Some(format!("Go 1.{} or later ({} is 1.{})", OLDEST_GO.1, go.display(), found.1))
}

/// The version in what `go version` prints: `go version go1.26.1 linux/amd64`.
fn go_version(told: &str) -> Option<(u32, u32)> {
    let mut numbers = told.split_ascii_whitespace().nth(2)?.strip_prefix("go")?.split(['.', '-']);
    let (major, minor) = (numbers.next()?, numbers.next()?);
    // `1.21rc2` has letters behind.
    let digits = minor.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(minor.len());
    Some((major.parse().ok()?, minor[..digits].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Silent;

    #[test]
    fn kubectl_needs_nothing_beside_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("node"), "a program").unwrap();
        KUBERNETES.link_names(folder.path()).unwrap();
        let alone = tempfile::tempdir().unwrap();
        fs::rename(folder.path().join(TOOLS), alone.path().join(TOOLS)).unwrap();
        assert_eq!(fs::read_to_string(alone.path().join(TOOLS).join("kubectl")).unwrap(), "a program");
    }

    #[test]
    fn packages_are_told_from_messages() {
        assert!(is_package("k8s.io/api/core/v1"));
        assert!(!is_package("go: downloading k8s.io/api v0.36.3"));
        assert!(!is_package("# docbuild.local/cluster"));
        assert!(!is_package("./main.go:3:1: syntax error"));
    }

    #[test]
    fn the_estimate_says_what_is_left() {
        let (done, text) = estimate(500, 1000, 60.0);
        assert!((done - 0.475).abs() < 1e-9);
        assert_eq!(text, "500 of 1000 packages, 1 min left");
        assert_eq!(estimate(1000, 1000, 60.0).1, "linking");
        assert_eq!(estimate(1, 1000, 2.0).1, "1 of 1000 packages");
        assert_eq!(estimate(0, 0, 0.0).0, 0.0);
    }

    #[test]
    fn an_old_go_is_named_with_what_is_needed() {
        assert_eq!(go_version("go version go1.19.8 linux/amd64"), Some((1, 19)));
        assert_eq!(go_version("go version go1.21rc2 linux/amd64"), Some((1, 21)));
        assert_eq!(go_version("go version devel +abc linux/amd64"), None);
        let folder = tempfile::tempdir().unwrap();
        let go = folder.path().join("go");
        std::os::unix::fs::symlink("/bin/echo", &go).unwrap();
        assert_eq!(too_old(&go), None, "who does not tell is tried");
    }

    #[test]
    fn kubectl_is_told_its_version() {
        let flags = version_flags(Module::KUBERNETES);
        assert!(flags.contains("-X k8s.io/component-base/version.gitVersion=v1."), "{flags}");
        assert_eq!(version_flags(Module::PAUSE), "");
    }

    #[test]
    fn a_build_is_made_once_and_whole() {
        if find("go").is_none() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        assert!(!PAUSE.is_done(folder.path()));
        PAUSE.make(folder.path(), &Silent).unwrap();
        let program = PAUSE.folder(folder.path()).join("pause");
        let made = program.metadata().unwrap().modified().unwrap();
        PAUSE.make(folder.path(), &Silent).unwrap();
        assert_eq!(program.metadata().unwrap().modified().unwrap(), made);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_failed_build_carries_the_compilers_words() {
        if find("go").is_none() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("go.mod"), "module broken\n\ngo 1.24\n").unwrap();
        fs::write(folder.path().join("main.go"), "package main\n\nfunc main() { nonsense() }\n").unwrap();
        let run = PAUSE.runs[0];
        let mut command = PAUSE.go(run, folder.path());
        command.args(["build", "-v", "."]);
        let Err(ClusterError::Program { said, .. }) = follow(command, |_| {}) else { panic!("it builds") };
        assert!(said.iter().any(|line| line.contains("undefined: nonsense")), "{said:?}");
    }
}
