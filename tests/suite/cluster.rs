//! The local cluster, for real: brought up, killed piece by piece, brought down, and nothing left.
//!
//! Needs root and what `docbuild cluster up --explain` names; elsewhere each test says that it is
//! skipped and why, which is a failure where `DOCBUILD_REQUIRE_CLUSTER` is set. Programs that were
//! built and images that were made are taken from the user's own cache, as is every Go build.

pub(crate) mod machine;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use machine::Machine;

use crate::support::{Need, skip};

/// Clusters share the machine, and what is compared is the machine: one test at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// One test at a time on the whole machine: another checkout's tests wait too.
pub(crate) struct Turn {
    _process: MutexGuard<'static, ()>,
    _machine: File,
}

impl Turn {
    fn wait() -> Self {
        let process = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let machine = File::create(std::env::temp_dir().join("docbuild-cluster-tests.lock")).unwrap();
        machine.lock().unwrap();
        Self { _process: process, _machine: machine }
    }
}

/// A cluster with a cache folder of its own, ended when the value is dropped.
pub(crate) struct Cluster {
    /// The folder of programs, images and state (`DOCBUILD_CACHE`).
    pub(crate) cache: PathBuf,
    name: &'static str,
}

impl Cluster {
    fn docbuild(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_docbuild"));
        command.args(arguments.split_whitespace()).args(["--name", self.name]);
        command.env("DOCBUILD_CACHE", &self.cache).env("DOCBUILD_IMAGES", "stand-ins").stdin(Stdio::null());
        command
    }

    /// Runs `docbuild cluster ...` to its end and fails the test if it fails. Returns the time.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &str) -> Duration {
        let begun = Instant::now();
        let output = self.docbuild(&format!("cluster {arguments}")).output().unwrap();
        assert!(output.status.success(), "cluster {arguments}: {}", said(&output));
        begun.elapsed()
    }

    fn spawn(&self, arguments: &str) -> Child {
        let mut command = self.docbuild(&format!("cluster {arguments}"));
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn state(&self) -> PathBuf {
        self.cache.join("cluster/local").join(self.name)
    }

    /// Runs kubectl on the cluster, outside of its namespaces.
    fn kubectl(&self, arguments: &str) -> Output {
        let tools = walkdir::WalkDir::new(self.cache.join("cluster/bin")).follow_links(true).into_iter().flatten();
        let kubectl = tools.map(walkdir::DirEntry::into_path).find(|path| path.ends_with("tools/kubectl")).unwrap();
        let mut command = Command::new(kubectl);
        command.args(arguments.split_whitespace()).env("KUBECONFIG", self.state().join("admin.kubeconfig"));
        command.env("HOME", &self.cache).current_dir(&self.cache).output().unwrap()
    }

    #[track_caller]
    fn kubectl_ok(&self, arguments: &str) -> String {
        let output = self.kubectl(arguments);
        assert!(output.status.success(), "kubectl {arguments}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A Pod of the image busybox runs.
    #[track_caller]
    fn runs_a_pod(&self, name: &str) {
        self.kubectl_ok(&format!("run {name} --image=busybox --image-pull-policy=Always -- sleep 3600"));
        self.kubectl_ok(&format!("wait --for=condition=Ready pod/{name} --timeout=60s"));
    }

    /// The processes of the cluster's components by name, as the machine sees them.
    fn components(&self) -> Vec<(String, i32)> {
        machine::processes_of(&self.state())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A test that failed half way must not leave its cluster to the next one.
        let _ = self.docbuild("cluster down").output();
        let _ = std::fs::remove_file(self.cache.join("cluster/bin"));
        let _ = std::fs::remove_file(self.cache.join("cluster/images"));
        let _ = std::fs::remove_dir_all(&self.cache);
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The user's own cache, where programs and images are made once.
fn shared_cache() -> PathBuf {
    docbuild::cluster::cache::folder().unwrap().join("cluster")
}

/// A cache folder for a test. Its blank goes into the settings of every program.
fn cache_of(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("docbuild-test-{} {name}", std::process::id()))
}

/// A cluster for a test, not up yet; or why there can't be one.
pub(crate) fn cluster(name: &'static str) -> Option<(Cluster, Turn)> {
    let guard = Turn::wait();
    let cluster = Cluster { cache: cache_of(name), name };
    let explained = cluster.docbuild("cluster up --explain").output().unwrap();
    let text = said(&explained);
    let missing: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("missing")).map(str::trim).collect();
    if !missing.is_empty() {
        skip(Need::Cluster, &missing.join("; "));
        return None;
    }
    // What takes minutes is shared; what a cluster has of its own is in the test's own folder.
    for folder in ["bin", "images"] {
        std::fs::create_dir_all(shared_cache().join(folder)).unwrap();
        std::fs::create_dir_all(cluster.cache.join("cluster")).unwrap();
        std::os::unix::fs::symlink(shared_cache().join(folder), cluster.cache.join("cluster").join(folder)).unwrap();
    }
    Some((cluster, guard))
}

#[test]
fn nothing_is_left_after_a_whole_life() {
    let Some((cluster, _guard)) = cluster("life") else { return };
    // The first one builds; it is not what is measured.
    cluster.run("up");
    cluster.run("down");
    let before = Machine::look();
    let started = cluster.run("up");
    assert!(started < Duration::from_secs(15), "up took {started:?}");
    let again = cluster.run("up");
    assert!(again < Duration::from_secs(3), "a second up took {again:?}");
    cluster.runs_a_pod("one");
    let during = Machine::look();
    assert_ne!(before, during, "a cluster that is up can be seen");
    assert_eq!(before.mounts, during.mounts, "its mounts can't be seen");
    assert_eq!(before.folders, during.folders, "no folder is made on the machine");
    let reset = cluster.run("reset");
    assert!(reset < Duration::from_secs(10), "reset took {reset:?}");
    assert_eq!(cluster.kubectl_ok("get pods -o name"), "");
    assert_eq!(cluster.kubectl_ok("get events --field-selector involvedObject.kind=Pod -o name"), "");
    cluster.runs_a_pod("one");
    let world = machine::pid_namespace(&cluster.state());
    let inside = machine::processes_in(&world);
    assert!(inside.iter().any(|(name, _)| name == "containerd-shim-runc-v2"), "{inside:?}");
    cluster.run("down");
    assert_eq!(machine::processes_in(&world), [], "with PID 1 all of them end, Pods too");
    assert!(!cluster.state().exists());
    before.assert_same_as(&Machine::look());
}

#[test]
fn every_killed_process_is_mended() {
    let Some((cluster, _guard)) = cluster("kill") else { return };
    cluster.run("up");
    let before = cluster.components();
    let names: Vec<&str> = before.iter().map(|(name, _)| name.as_str()).collect();
    for wanted in ["containerd", "etcd", "kube-apiserver", "kubelet", "kube-proxy", "coredns", "docbuild"] {
        assert!(names.contains(&wanted), "{wanted} is not among {names:?}");
    }
    for index in 0..before.len() {
        // Sorted by name: what came back stands where it stood.
        let (name, pid) = cluster.components()[index].clone();
        machine::kill(pid);
        cluster.run("up");
        let after = cluster.components();
        assert!(after.iter().all(|(_, other)| *other != pid), "{name} was not killed");
        let names = |all: &[(String, i32)]| all.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&after), names(&before), "{name} was killed");
    }
    cluster.runs_a_pod("after");
    let inside = machine::processes_in(&machine::pid_namespace(&cluster.state()));
    for (_, shim) in inside.iter().filter(|(name, _)| name == "containerd-shim-runc-v2") {
        machine::kill(*shim);
    }
    let begun = Instant::now();
    let restarts = "{.status.containerStatuses[0].restartCount}{.status.containerStatuses[0].ready}";
    while cluster.kubectl_ok(&format!("get pod after -o jsonpath={restarts}")) != "1true" {
        assert!(begun.elapsed() < Duration::from_secs(60), "a Pod whose shim was killed does not start again");
        std::thread::sleep(Duration::from_millis(200));
    }
    cluster.run("up");
}

#[test]
fn an_up_that_is_killed_at_any_moment_is_mended_and_undone() {
    let Some((cluster, _guard)) = cluster("early") else { return };
    cluster.run("up");
    cluster.run("down");
    let before = Machine::look();
    for moment in [30, 80, 150, 300, 700, 1500, 3000, 4500] {
        let mut up = cluster.spawn("up");
        std::thread::sleep(Duration::from_millis(moment));
        up.kill().unwrap();
        up.wait().unwrap();
        if moment % 20 == 0 {
            // Each way has to work from here: ending what is half there, and starting anew.
            cluster.run("down");
            before.assert_same_as(&Machine::look());
        }
    }
    cluster.run("up");
    cluster.runs_a_pod("after");
    cluster.run("down");
    before.assert_same_as(&Machine::look());
}

#[test]
fn a_cluster_that_does_not_come_up_does_not_stay() {
    let Some((cluster, _guard)) = cluster("failing") else { return };
    cluster.run("up");
    cluster.run("down");
    replace_program(&cluster, "etcd", "/bin/false");
    let before = Machine::look();
    let failed = cluster.docbuild("cluster up").output().unwrap();
    assert_eq!(failed.status.code(), Some(3), "{}", said(&failed));
    let text = said(&failed);
    assert!(text.contains("etcd does not stay up") && text.contains("etcd.log"), "{text}");
    before.assert_same_as(&Machine::look());
    assert!(cluster.state().join("log/etcd.log").exists(), "the logs are there to be read");
    cluster.run("down");
    assert!(!cluster.state().exists());
}

/// Gives the cluster another program in place of one that was built, the user's own being untouched.
fn replace_program(cluster: &Cluster, name: &str, by: &str) {
    use std::os::unix::fs::symlink;
    let bin = cluster.cache.join("cluster/bin");
    std::fs::remove_file(&bin).unwrap();
    std::fs::create_dir(&bin).unwrap();
    for entry in std::fs::read_dir(shared_cache().join("bin")).unwrap().flatten() {
        let copy = bin.join(entry.file_name());
        if !entry.path().join(name).exists() {
            symlink(entry.path(), copy).unwrap();
            continue;
        }
        std::fs::create_dir(&copy).unwrap();
        for program in std::fs::read_dir(entry.path()).unwrap().flatten() {
            let to = if program.file_name() == name { PathBuf::from(by) } else { program.path() };
            symlink(to, copy.join(program.file_name())).unwrap();
        }
    }
}

#[test]
fn what_others_change_in_the_network_is_said_and_mended() {
    let Some((cluster, _guard)) = cluster("network") else { return };
    cluster.run("up");
    let status = || said(&cluster.docbuild("cluster status").output().unwrap());
    assert!(!status().contains("mends it"), "{}", status());
    let links = std::fs::read_dir("/sys/class/net").unwrap().flatten();
    let node = std::fs::read_to_string(cluster.state().join("node")).unwrap();
    let route = Command::new("ip").args(["-o", "route", "get", &node]).output().unwrap();
    let route = String::from_utf8(route.stdout).unwrap();
    let link = links.map(|link| link.file_name().into_string().unwrap()).find(|link| route.contains(link)).unwrap();
    // The link's own setting: the machine's is other clusters' too, and writing it sets this one.
    let forwarding = format!("/proc/sys/net/ipv4/conf/{link}/forwarding");
    std::fs::write(&forwarding, "0").unwrap();
    let table = link.replace("docb-", "docbuild_");
    assert!(Command::new("nft").args(["delete", "table", "ip", &table]).status().unwrap().success());
    assert!(status().contains("ip_forward") && status().contains("nftables"), "{}", status());
    cluster.run("up");
    assert!(!status().contains("mends it"), "{}", status());
    assert_eq!(std::fs::read_to_string(&forwarding).unwrap(), "1\n");
}

#[test]
fn a_killed_build_of_images_leaves_no_process() {
    let Some((cluster, _guard)) = cluster("killed-images") else { return };
    if !Path::new("/usr/sbin/debootstrap").exists() {
        return;
    }
    std::fs::remove_file(cluster.cache.join("cluster/images")).unwrap();
    let mut build = cluster.spawn("images build debian");
    let root = cluster.cache.join("cluster/images/work/debian.new").display().to_string();
    machine::wait_for(|| !machine::processes_about(&root).is_empty());
    build.kill().unwrap();
    build.wait().unwrap();
    machine::wait_for(|| machine::processes_about(&root).is_empty());
    std::fs::remove_dir_all(cluster.cache.join("cluster/images")).unwrap();
}

#[test]
fn the_lock_of_a_refused_up_goes_with_down() {
    let cluster = Cluster { cache: cache_of("refused"), name: "refused" };
    let local = cluster.cache.join("cluster/local");
    std::fs::create_dir_all(&local).unwrap();
    std::fs::write(local.join("refused.lock"), "").unwrap();
    cluster.run("down");
    assert!(!cluster.cache.exists());
}

#[test]
fn what_cannot_be_meant_is_a_usage_error() {
    let run = |arguments: &[&str], cache: &str, images: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_docbuild"));
        command.arg("cluster").args(arguments).env("DOCBUILD_CACHE", cache).env("DOCBUILD_IMAGES", images);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        said(&output)
    };
    let cache = cache_of("usage");
    let cache = cache.to_str().unwrap();
    assert!(run(&["status", "--name", "A_b"], cache, "auto").contains("`A_b`"));
    assert!(run(&["images", "build", "ngnix"], cache, "auto").contains("nginx"));
    assert!(run(&["up", "--explain"], cache, "some").contains("stand-ins"));
    assert!(run(&["status"], "/a:b", "auto").contains("DOCBUILD_CACHE"));
    assert!(!Path::new(cache).exists(), "nothing is made for them");
}

#[test]
fn two_clusters_live_side_by_side() {
    let Some((one, _guard)) = cluster("one") else { return };
    let other = Cluster { cache: one.cache.clone(), name: "other" };
    let before = Machine::look();
    let mut first = one.spawn("up");
    let mut second = other.spawn("up");
    assert!(first.wait().unwrap().success());
    assert!(second.wait().unwrap().success());
    one.runs_a_pod("in-one");
    other.runs_a_pod("in-other");
    assert_eq!(one.kubectl_ok("get pods -o name"), "pod/in-one\n");
    assert_eq!(other.kubectl_ok("get pods -o name"), "pod/in-other\n");
    one.run("down");
    other.run("up");
    assert_eq!(other.kubectl_ok("get pods -o name"), "pod/in-other\n", "the other one is not touched");
    other.run("down");
    before.assert_same_as(&Machine::look());
}

#[test]
fn what_pods_write_to_the_node_stays_in_the_cluster() {
    let Some((cluster, _guard)) = cluster("paths") else { return };
    cluster.run("up");
    let folder = "/docbuild-test-host-path";
    let manifest = cluster.cache.join("pod.yaml");
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: writer}}\nspec:\n  restartPolicy: Never\n  volumes: [{{name: v, hostPath: {{path: {folder}, type: DirectoryOrCreate}}}}]\n  containers:\n  - {{name: c, image: busybox, command: [sh, -c, 'echo written > /v/file; sleep 3600'], volumeMounts: [{{name: v, mountPath: /v}}]}}\n"
    );
    std::fs::write(&manifest, text).unwrap();
    cluster.kubectl_ok("apply -f pod.yaml");
    cluster.kubectl_ok("wait --for=condition=Ready pod/writer --timeout=60s");
    let seen = cluster.docbuild("cluster exec").args(["--", "cat", &format!("{folder}/file")]).output().unwrap();
    assert!(said(&seen).contains("written"), "{}", said(&seen));
    assert!(!Path::new(folder).exists(), "it is on the machine");
    cluster.run("reset");
    let gone = cluster.docbuild("cluster exec").args(["--", "ls", folder]).output().unwrap();
    assert!(!gone.status.success(), "a reset leaves nothing of it");
}

#[test]
fn an_image_that_is_not_there_is_said_at_once() {
    let Some((cluster, _guard)) = cluster("image") else { return };
    cluster.run("up");
    cluster.kubectl_ok("run nosuch --image=nosuch:1");
    let begun = Instant::now();
    let reason = "{.status.containerStatuses[0].state.waiting.reason}";
    while !cluster.kubectl_ok(&format!("get pod nosuch -o jsonpath={reason}")).contains("Pull") {
        assert!(begun.elapsed() < Duration::from_secs(20), "nothing is said");
    }
    let message = "{.status.containerStatuses[0].state.waiting.message}";
    let message = cluster.kubectl_ok(&format!("get pod nosuch -o jsonpath={message}"));
    assert!(message.contains("nosuch:1") && message.contains("not found") || message.contains("Back-off"), "{message}");
}
