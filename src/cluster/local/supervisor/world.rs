//! What a cluster sees: a root of its own over the machine's, `/proc`, `/sys`, a network.
//!
//! The root is an overlay whose upper layer is in memory: programs and hostPath volumes see the
//! machine's files, and whatever they write goes away with the cluster. Folders that containerd,
//! libcni and the kubelet have compiled in are made in it, so none is made on the machine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind, mount_bind_recursive, mount_change,
    mount_remount, unmount,
};

use super::plan::{Link, Plan};
use crate::cluster::ClusterError;
use crate::cluster::PAGE_USERS;
use crate::cluster::cache;
use crate::cluster::local::folders::Folders;
use crate::cluster::local::machine;
use crate::cluster::program::Program;

/// Where the overlay's upper layer can be looked at from inside.
const WRITTEN: &str = "/run/docbuild/written";
/// Folders of the machine that the cluster has an own one of.
const OWN: [&str; 5] = ["/proc", "/sys", "/dev", "/run", "/tmp"];

/// Tells the machine which process is PID 1, and leaves the session of whoever started it.
///
/// `/proc` is still the machine's: `/proc/self` is our id as the machine sees it.
pub(super) fn announce(folders: &Folders) -> Result<(), ClusterError> {
    let failed = || ClusterError::io("reading /proc/self");
    let outer = fs::read_link("/proc/self").map_err(failed())?;
    let stat = fs::read_to_string("/proc/self/stat").map_err(failed())?;
    let started = machine::start_time(&stat).unwrap_or_default();
    // It fails where this is a session's leader already, which is as good.
    let _ = rustix::process::setsid();
    cache::write_private(&folders.init_pid(), format!("{} {started}", outer.display()))
}

/// Makes the world, and moves into it.
pub(super) fn make(plan: &Plan) -> Result<(), ClusterError> {
    let _ = rustix::system::sethostname(plan.node.as_bytes());
    make_root(plan).map_err(ClusterError::io("making the cluster's root file system"))?;
    join_network(&plan.link)
}

fn make_root(plan: &Plan) -> io::Result<()> {
    let machine_mounts = machine::mount_points("/proc/self/mountinfo", Path::new("/"));
    let base = plan.state.join("root");
    fs::create_dir_all(&base)?;
    mount("tmpfs", &base, "tmpfs", MountFlags::empty(), c"mode=0700")?;
    // Names without a folder: a comma or colon in the state folder's path would end the option.
    std::env::set_current_dir(&base)?;
    for folder in ["upper", "work", "merged"] {
        fs::create_dir(folder)?;
    }
    set_mode(Path::new("upper"), 0o755)?;
    let root = base.join("merged");
    mount("overlay", &root, "overlay", MountFlags::empty(), c"lowerdir=/,upperdir=upper,workdir=work")?;
    mount_own(&root)?;
    mount_machine(plan, &root, &machine_mounts)?;
    mount_state(plan, &root)?;
    let written = below(&root, Path::new(WRITTEN));
    fs::create_dir_all(&written)?;
    mount_bind(base.join("upper"), &written)?;
    enter(&root)?;
    // Inside our own namespace only: Pods that ask for mount propagation need it.
    mount_change("/", MountPropagationFlags::SHARED | MountPropagationFlags::REC)?;
    Ok(())
}

/// `/proc`, `/sys`, `/dev`, `/run` and `/tmp` of the cluster's own.
fn mount_own(root: &Path) -> io::Result<()> {
    let no_exec = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount("proc", root.join("proc"), "proc", no_exec, None)?;
    mount("sysfs", root.join("sys"), "sysfs", no_exec, None)?;
    mount_bind_recursive("/sys/fs/cgroup", root.join("sys/fs/cgroup"))?;
    mount_bind_recursive("/dev", root.join("dev"))?;
    mount("tmpfs", root.join("dev/shm"), "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, c"mode=1777")?;
    mount("tmpfs", root.join("run"), "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, c"mode=0755")?;
    mount("tmpfs", root.join("tmp"), "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, c"mode=1777")?;
    Ok(())
}

/// The machine's other file systems (a `/home` or `/usr` of its own), to be read.
fn mount_machine(plan: &Plan, root: &Path, mounts: &[PathBuf]) -> io::Result<()> {
    let others = mounts.iter().filter(|path| {
        path.as_path() != Path::new("/")
            && path.is_dir()
            && !OWN.iter().any(|own| path.starts_with(own))
            && !path.starts_with(&plan.state)
    });
    // The inner ones come after those that hold them.
    let mut sorted: Vec<&PathBuf> = others.collect();
    sorted.sort();
    for path in sorted.into_iter().chain(&plan.read_only) {
        let target = below(root, path);
        if fs::create_dir_all(&target).is_ok() && mount_bind(path, &target).is_ok() {
            mount_remount(&target, MountFlags::BIND | MountFlags::RDONLY, c"")?;
        }
    }
    Ok(())
}

/// The state folder at its own path, and parts of it where programs have their folders compiled in.
fn mount_state(plan: &Plan, root: &Path) -> io::Result<()> {
    let target = below(root, &plan.state);
    fs::create_dir_all(&target)?;
    mount_bind(&plan.state, &target)?;
    for (source, path) in &plan.binds {
        let target = below(root, path);
        fs::create_dir_all(source)?;
        fs::create_dir_all(&target)?;
        mount_bind(source, &target)?;
    }
    Ok(())
}

/// Makes `root` the root, and lets go of the machine's.
fn enter(root: &Path) -> io::Result<()> {
    let machine = root.join(".machine");
    fs::create_dir_all(&machine)?;
    rustix::process::pivot_root(root, &machine)?;
    std::env::set_current_dir("/")?;
    unmount("/.machine", UnmountFlags::DETACH)?;
    fs::remove_dir("/.machine")
}

fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Waits for the link that `up` puts into our namespace, and sets the network up.
fn join_network(link: &Link) -> Result<(), ClusterError> {
    let end = Instant::now() + Duration::from_secs(15);
    while !Path::new("/sys/class/net/eth0").exists() {
        if Instant::now() > end {
            return Err(ClusterError::TimedOut { what: "link to the machine".into(), seconds: 15 });
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Program::new("nft").words("-f -").input(drop_rules(link)).run()?;
    Program::new("ip").words("-batch -").input(link_commands(link)).run()?;
    fs::write("/proc/sys/net/ipv4/ip_forward", "1").map_err(ClusterError::io("forwarding packets of Pods"))
}

fn link_commands(link: &Link) -> String {
    let Link { address, gateway, pods, .. } = link;
    format!(
        "link set lo up\naddr add {address} dev eth0\nlink set eth0 up\n\
         route add default via {gateway}\nroute add unreachable {pods}\n"
    )
}

/// No packet for a Pod or Service leaves the cluster: the machine's network may have such addresses
/// too, and an answer from there would be a false result. (An `unreachable` route does not serve for
/// Services: the route is looked up before the address is translated.) And what a page's commands send
/// reaches the node and nothing beyond: the machine and all others are no business of a page. (A packet
/// for a Service is still said to go out by `eth0` when it is already on its way to a Pod or the node: `inside`.)
fn drop_rules(link: &Link) -> String {
    let Link { pods, services, outside, .. } = link;
    let (first, last) = (PAGE_USERS.start(), PAGE_USERS.end());
    format!(
        "table inet docbuild {{ chain out {{ type filter hook postrouting priority 300; \
         oifname \"eth0\" ip daddr {{ {pods}, {services} }} counter drop; }}; \
         chain inside {{ ip daddr {{ {pods}, {services} }} accept; fib daddr type local accept; }}; \
         chain beyond {{ jump inside; counter reject with icmpx type admin-prohibited; }}; \
         chain page {{ type filter hook output priority 0; meta skuid {first}-{last} oifname \"eth0\" jump beyond; }}; \
         {outside}}}\n"
    )
}

/// Writes down what was written over the machine's files so far: it belongs to the empty cluster.
pub(super) fn remember_files(folders: &Folders) -> Result<(), ClusterError> {
    let text: String = written().iter().map(|path| format!("{}\n", path.display())).collect();
    cache::write_private(&folders.state.join("files.golden"), text)
}

/// Removes what hostPath volumes have made since.
pub(super) fn remove_new_files(folders: &Folders) {
    let golden = fs::read_to_string(folders.state.join("files.golden")).unwrap_or_default();
    let golden: std::collections::BTreeSet<&str> = golden.lines().collect();
    for path in written() {
        let is_new = path.to_str().is_some_and(|path| !golden.contains(path));
        // A folder goes with what is in it, so some are gone already.
        if is_new && path.symlink_metadata().is_ok() {
            remove(&path);
        }
    }
}

/// The files and folders of the overlay's upper layer, by the paths that they have inside. What is
/// mounted is not in it.
fn written() -> Vec<PathBuf> {
    walkdir::WalkDir::new(WRITTEN)
        .min_depth(1)
        .same_file_system(true)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(Path::new("/").join(entry.path().strip_prefix(WRITTEN).ok()?)))
        .collect()
}

/// Removes what is in a folder as far as it can be, and never what is mounted in it: below `/tmp`
/// there may be the state folder of this very cluster.
pub(super) fn clear(folder: &Path) {
    let mounts = machine::mount_points("/proc/self/mountinfo", folder);
    let entries = walkdir::WalkDir::new(folder).min_depth(1).same_file_system(true).contents_first(true);
    // What is in a mount comes before its mount point, so each path is looked at.
    let inside = |path: &Path| mounts.iter().any(|mount| path.starts_with(mount));
    for entry in entries.into_iter().flatten().filter(|entry| !inside(entry.path())) {
        // A folder that holds a mount point is not empty, and stays.
        let _ = if entry.file_type().is_dir() { fs::remove_dir(entry.path()) } else { fs::remove_file(entry.path()) };
    }
}

/// Removes a file, or a folder with what is in it.
fn remove(path: &Path) {
    if path.symlink_metadata().is_ok_and(|data| data.is_dir()) {
        clear(path);
        let _ = fs::remove_dir(path);
    } else {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link {
        Link {
            address: "10.201.0.2/30".into(),
            gateway: "10.201.0.1".into(),
            pods: "10.244.0.0/16".into(),
            services: "10.96.0.0/16".into(),
            outside: "chain more { }; ".into(),
        }
    }

    #[test]
    fn nothing_for_pods_and_services_leaves() {
        let rules = drop_rules(&link());
        assert!(rules.contains("ip daddr { 10.244.0.0/16, 10.96.0.0/16 } counter drop"), "{rules}");
        assert!(rules.contains("meta skuid 59800-59899 oifname \"eth0\" jump beyond"), "{rules}");
        assert!(rules.ends_with("chain more { }; }\n"), "{rules}");
        let commands = link_commands(&link());
        assert!(commands.contains("route add unreachable 10.244.0.0/16"), "{commands}");
        assert!(!commands.contains("unreachable 10.96"), "services must stay routable from the node");
    }

    #[test]
    fn clearing_leaves_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        fs::write(folder.path().join("a/b/file"), "x").unwrap();
        clear(folder.path());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        clear(&folder.path().join("not there"));
    }

    #[test]
    fn paths_go_below_the_new_root() {
        assert_eq!(below(Path::new("/a"), Path::new("/b/c")), Path::new("/a/b/c"));
    }
}
