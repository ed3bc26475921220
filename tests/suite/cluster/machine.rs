//! What can be seen of a machine, to be compared before and after.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Everything that a cluster could leave behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Processes that are marked as a cluster's.
    processes: BTreeSet<String>,
    /// Mounts.
    pub(super) mounts: BTreeSet<String>,
    /// Network namespaces that processes are in, and those with a name.
    namespaces: BTreeSet<String>,
    /// Network links.
    links: BTreeSet<String>,
    /// Routes.
    routes: BTreeSet<String>,
    /// nftables' rules, those of iptables-nft among them.
    rules: BTreeSet<String>,
    /// cgroups that are a cluster's, in all hierarchies.
    cgroups: BTreeSet<String>,
    /// Settings of the kernel's network and of inotify.
    settings: BTreeSet<String>,
    /// What is in the folders that clusters could write to.
    pub(super) folders: BTreeSet<String>,
}

impl Machine {
    /// Looks at the machine.
    pub(crate) fn look() -> Self {
        Self {
            processes: marked_processes(),
            mounts: lines(&fs::read_to_string("/proc/self/mountinfo").unwrap_or_default(), |line| {
                line.split(' ').nth(4).map(str::to_owned)
            }),
            namespaces: entries("/run/netns").into_iter().chain(network_namespaces()).collect(),
            links: entries("/sys/class/net"),
            routes: lines(&output("ip", "route"), |line| Some(line.to_owned())),
            rules: lines(&output("nft", "list ruleset"), |line| Some(without_counters(line))),
            cgroups: cgroups(),
            settings: settings(),
            folders: folders(),
        }
    }

    /// Fails the test, naming what differs. The kernel removes some things a moment after the
    /// processes that held them, so it looks again for a while.
    #[track_caller]
    pub(crate) fn assert_same_as(&self, other: &Self) {
        let mut now = other.clone();
        let begun = Instant::now();
        while *self != now && begun.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(100));
            now = Self::look();
        }
        let parts = [
            ("processes", &self.processes, &now.processes),
            ("mounts", &self.mounts, &now.mounts),
            ("namespaces", &self.namespaces, &now.namespaces),
            ("links", &self.links, &now.links),
            ("routes", &self.routes, &now.routes),
            ("rules", &self.rules, &now.rules),
            ("cgroups", &self.cgroups, &now.cgroups),
            ("settings", &self.settings, &now.settings),
            ("folders", &self.folders, &now.folders),
        ];
        let differing: Vec<String> = parts
            .into_iter()
            .filter(|(_, before, after)| before != after)
            .map(|(what, before, after)| {
                let left: Vec<_> = after.difference(before).collect();
                let gone: Vec<_> = before.difference(after).collect();
                format!("{what}: left {left:?}, gone {gone:?}")
            })
            .collect();
        assert!(differing.is_empty(), "\n{}", differing.join("\n"));
    }
}

fn lines(text: &str, keep: impl Fn(&str) -> Option<String>) -> BTreeSet<String> {
    text.lines().filter_map(keep).collect()
}

fn entries(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn output(program: &str, arguments: &str) -> String {
    let output = Command::new(program).args(arguments.split_whitespace()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Packets are counted all the time.
fn without_counters(line: &str) -> String {
    let mut words: Vec<&str> = line.split(' ').collect();
    while let Some(at) = words.iter().position(|word| *word == "packets") {
        words.drain(at..(at + 4).min(words.len()));
    }
    words.join(" ")
}

fn pids() -> Vec<i32> {
    entries("/proc").iter().filter_map(|name| name.parse().ok()).collect()
}

/// The processes of test clusters. Other people's clusters on this machine come and go.
fn marked_processes() -> BTreeSet<String> {
    let marked = |pid: &i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let text = String::from_utf8_lossy(&environment);
        text.split('\0').any(|entry| entry.starts_with("DOCBUILD_INIT=") && entry.contains("docbuild-test-"))
    };
    pids().iter().filter(|pid| marked(pid)).map(|pid| format!("{pid} {}", command(*pid))).collect()
}

fn command(pid: i32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let first = line.split(|&byte| byte == 0).next().unwrap_or_default();
    let first = String::from_utf8_lossy(first).into_owned();
    Path::new(&first).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The programs that last as long as a cluster. What they call (`nft`, `ip6tables`, `runc`) comes and goes.
const COMPONENTS: &[&str] = &[
    "containerd",
    "coredns",
    "docbuild",
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubelet",
];

/// A cluster's lasting processes by their program's name.
pub(super) fn processes_of(state: &Path) -> Vec<(String, i32)> {
    let mark = format!("DOCBUILD_INIT={}", state.display());
    let own = |pid: &i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|&byte| byte == 0).any(|entry| entry == mark.as_bytes())
    };
    let mut found: Vec<_> = pids().into_iter().filter(own).map(|pid| (command(pid), pid)).collect();
    found.retain(|(name, _)| COMPONENTS.contains(&name.as_str()));
    found.sort();
    found
}

/// The PID namespace of a cluster's own processes.
pub(super) fn pid_namespace(state: &Path) -> String {
    let (_, pid) = processes_of(state).into_iter().find(|(name, _)| name == "etcd").unwrap();
    fs::read_link(format!("/proc/{pid}/ns/pid")).unwrap().display().to_string()
}

/// Every process in a PID namespace by its program's name: Pods' and their shims' too.
pub(super) fn processes_in(namespace: &str) -> Vec<(String, i32)> {
    let inside = |pid: &i32| {
        fs::read_link(format!("/proc/{pid}/ns/pid")).is_ok_and(|link| link.display().to_string() == namespace)
    };
    let all = pids().into_iter().filter(inside).map(|pid| (command(pid), pid));
    // A zombie has no command line: it has ended, and the machine's own PID 1 may be late to see it.
    all.filter(|(name, _)| !name.is_empty()).collect()
}

/// The processes whose command line names a path.
pub(super) fn processes_about(path: &str) -> Vec<i32> {
    let about = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(path)
    };
    pids().into_iter().filter(about).collect()
}

/// Waits until something holds.
#[track_caller]
pub(super) fn wait_for(holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not come to hold");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ends a process at once, and waits until it is gone.
pub(super) fn kill(pid: i32) {
    let status = Command::new("kill").args(["-KILL", &pid.to_string()]).status().unwrap();
    assert!(status.success(), "{pid} is not there");
    let begun = Instant::now();
    while Path::new(&format!("/proc/{pid}/exe")).read_link().is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(10), "{pid} does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The network namespaces that processes of test clusters are in.
fn network_namespaces() -> BTreeSet<String> {
    let pids: BTreeSet<i32> =
        marked_processes().iter().filter_map(|line| line.split(' ').next()?.parse().ok()).collect();
    let links = pids.iter().filter_map(|pid| fs::read_link(format!("/proc/{pid}/ns/net")).ok());
    links.map(|link| link.display().to_string()).collect()
}

fn cgroups() -> BTreeSet<String> {
    let roots = lines(&fs::read_to_string("/proc/self/mounts").unwrap_or_default(), |line| {
        let mut fields = line.split(' ');
        let (point, kind) = (fields.nth(1)?, fields.next()?);
        kind.starts_with("cgroup").then(|| point.to_owned())
    });
    let below = |root: &String| entries(root).into_iter().map(move |name| format!("{root}/{name}")).collect::<Vec<_>>();
    let is_ours = |path: &String| ["docbuild", "kubepods", "k8s.io"].iter().any(|word| path.contains(word));
    roots.iter().flat_map(below).filter(is_ours).collect()
}

fn settings() -> BTreeSet<String> {
    let files = [
        "net/ipv4/ip_forward",
        "net/ipv4/conf/all/route_localnet",
        "net/netfilter/nf_conntrack_max",
        "net/bridge/bridge-nf-call-iptables",
        "fs/inotify/max_user_instances",
        "vm/overcommit_memory",
        "vm/panic_on_oom",
        "kernel/panic",
        "kernel/panic_on_oops",
    ];
    let read = |file: &&str| Some(format!("{file} = {}", fs::read_to_string(format!("/proc/sys/{file}")).ok()?.trim()));
    files.iter().filter_map(read).collect()
}

/// What is in the folders that Kubernetes' parts have compiled in, or that Pods might write to.
fn folders() -> BTreeSet<String> {
    let folders = [
        "/",
        "/run",
        "/run/lock",
        "/var/lib",
        "/var/lib/cni",
        "/var/lib/kubelet",
        "/var/lib/containerd",
        "/var/log",
        "/var/log/pods",
        "/var/log/containers",
        "/run/containerd",
        "/run/netns",
        "/etc/cni",
        "/etc/kubernetes",
        "/opt",
        "/opt/cni",
        "/opt/containerd",
        "/usr/libexec",
        "/usr/libexec/kubernetes",
        "/var/run/kubernetes",
        "/mnt",
        "/srv",
    ];
    folders.iter().flat_map(|folder| entries(folder).into_iter().map(move |name| format!("{folder}/{name}"))).collect()
}
