//! What the kernel says about the machine: mounts, cgroups, processes, addresses, limits.
//!
//! Read from `/proc` and `/sys`; the parsers take text so that they are tested from text.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// inotify instances that one cluster holds (17 were counted), with some to spare.
const INOTIFY_PER_CLUSTER: usize = 20;

/// The mount points strictly below a folder (or all, below `/`), the innermost first.
pub(super) fn mount_points(mountinfo: &str, folder: &Path) -> Vec<PathBuf> {
    parse_mount_points(&fs::read_to_string(mountinfo).unwrap_or_default(), folder)
}

fn parse_mount_points(text: &str, folder: &Path) -> Vec<PathBuf> {
    let mut points: Vec<PathBuf> = text
        .lines()
        .filter_map(|line| line.split(' ').nth(4))
        .map(|escaped| PathBuf::from(unescape(escaped)))
        .filter(|point| point.starts_with(folder) && point != folder)
        .collect();
    points.sort();
    points.dedup();
    points.reverse();
    points
}

/// proc(5): blank, tab, line feed and backslash are written as three octal digits.
fn unescape(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

/// Where each cgroup hierarchy is mounted: several with cgroup v1, one with v2.
pub(super) fn cgroup_hierarchies() -> Vec<PathBuf> {
    parse_cgroup_hierarchies(&fs::read_to_string("/proc/self/mounts").unwrap_or_default())
}

fn parse_cgroup_hierarchies(mounts: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = vec![];
    for line in mounts.lines() {
        let mut fields = line.split(' ');
        let (_, Some(point), Some(kind)) = (fields.next(), fields.next(), fields.next()) else { continue };
        let point = PathBuf::from(unescape(point));
        if matches!(kind, "cgroup" | "cgroup2") && !found.contains(&point) {
            found.push(point);
        }
    }
    found
}

/// Whether all controllers are in the one hierarchy of cgroup v2.
pub(super) fn has_cgroup_v2_only() -> bool {
    Path::new("/sys/fs/cgroup/cgroup.controllers").exists()
}

/// Makes the cluster's cgroup in every hierarchy. In v2 the controllers have to be handed down.
pub(super) fn make_cgroups(name: &str) -> std::io::Result<()> {
    for hierarchy in cgroup_hierarchies() {
        if has_cgroup_v2_only() {
            hand_down_controllers(&hierarchy)?;
        }
        fs::create_dir_all(hierarchy.join(name))?;
        if has_cgroup_v2_only() {
            hand_down_controllers(&hierarchy.join(name))?;
        }
    }
    Ok(())
}

fn hand_down_controllers(cgroup: &Path) -> std::io::Result<()> {
    let controllers = fs::read_to_string(cgroup.join("cgroup.controllers"))?;
    let enabled = fs::read_to_string(cgroup.join("cgroup.subtree_control"))?;
    for controller in controllers.split_ascii_whitespace() {
        if !enabled.split_ascii_whitespace().any(|one| one == controller) {
            fs::write(cgroup.join("cgroup.subtree_control"), format!("+{controller}"))?;
        }
    }
    Ok(())
}

/// Removes the cgroups below a cgroup. A cgroup whose last process has just ended is busy for some
/// milliseconds, so it is tried for a while. Returns whether all are gone.
pub(super) fn remove_cgroups_below(cgroup: &Path) -> bool {
    for _ in 0..60 {
        let mut left = false;
        for entry in walkdir::WalkDir::new(cgroup).min_depth(1).contents_first(true).into_iter().flatten() {
            if entry.file_type().is_dir() && fs::remove_dir(entry.path()).is_err() {
                left = true;
            }
        }
        if !left {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

/// Removes a cgroup with those below it in every hierarchy; returns those that can't be removed.
pub(super) fn remove_cgroups(name: &str) -> Vec<PathBuf> {
    let mut left = vec![];
    for hierarchy in cgroup_hierarchies() {
        let cgroup = hierarchy.join(name);
        if cgroup.exists() && (!remove_cgroups_below(&cgroup) || fs::remove_dir(&cgroup).is_err()) {
            left.push(cgroup);
        }
    }
    left
}

/// The time a process started, from the text of its `stat`: with the id it names the process for
/// ever, as ids are used again.
pub(super) fn start_time(stat: &str) -> Option<u64> {
    // The second field, a name in parentheses, may hold anything, parentheses too.
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(19)?.parse().ok()
}

/// Whether the text of a process's `stat` says that it is on its way out.
pub(super) fn is_exiting(stat: &str) -> bool {
    // The kernel's PF_EXITING.
    const EXITING: u64 = 0x4;
    let Some((_, rest)) = stat.rsplit_once(')') else { return false };
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let flags = fields.get(6).and_then(|flags| flags.parse::<u64>().ok()).unwrap_or_default();
    matches!(fields.first(), Some(&("Z" | "X"))) || flags & EXITING != 0
}

/// Whether the text of a process's `status` says that SIGKILL has reached it.
pub(super) fn has_kill_pending(status: &str) -> bool {
    const KILL: u64 = 1 << 8;
    let masks = status.lines().filter_map(|line| line.strip_prefix("SigPnd:").or(line.strip_prefix("ShdPnd:")));
    masks.filter_map(|mask| u64::from_str_radix(mask.trim(), 16).ok()).any(|mask| mask & KILL != 0)
}

/// Whether this process lives, is not just a zombie, and is the one that started then.
pub(super) fn is_alive(pid: i32, started: u64) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_ascii_whitespace().next());
    state.is_some_and(|state| !matches!(state, "Z" | "X")) && start_time(&stat) == Some(started)
}

/// The processes whose environment holds this entry.
pub(super) fn processes_with(entry: &str) -> Vec<i32> {
    let Ok(folders) = fs::read_dir("/proc") else { return vec![] };
    let pids = folders.flatten().filter_map(|folder| folder.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &i32| {
        fs::read(format!("/proc/{pid}/environ"))
            .is_ok_and(|environment| environment.split(|&byte| byte == 0).any(|one| one == entry.as_bytes()))
    })
    .collect()
}

/// Ends a process at once. That it is gone is what is wanted.
pub(super) fn kill(pid: i32) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// The IPv4 addresses in the text of `ip -o -4 addr`.
pub(super) fn parse_addresses(text: &str) -> Vec<Ipv4Addr> {
    let words =
        text.lines().flat_map(|line| line.split_ascii_whitespace().skip_while(|word| *word != "inet").skip(1).take(1));
    words.filter_map(|word| word.split('/').next()?.parse().ok()).collect()
}

/// What is wrong with the machine's inotify limit, if a cluster would not fit below it.
pub(super) fn inotify_missing() -> Option<String> {
    let most: usize = fs::read_to_string("/proc/sys/fs/inotify/max_user_instances").ok()?.trim().parse().ok()?;
    let free = most.saturating_sub(count_inotify());
    (free < INOTIFY_PER_CLUSTER).then(|| {
        format!("only {free} of {most} inotify instances are free, and a cluster needs {INOTIFY_PER_CLUSTER} (end another cluster, or raise fs.inotify.max_user_instances)")
    })
}

/// What a cluster writes before the first image is unpacked, with some to spare: in MB.
const SPACE: u64 = 300;

/// What is wrong with the space on the disk where a folder is, or will be.
pub(super) fn space_missing(folder: &Path) -> Option<String> {
    let there = folder.ancestors().find(|folder| folder.exists())?;
    let disk = rustix::fs::statvfs(there).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize) / 1_000_000;
    (free < SPACE).then(|| format!("{SPACE} MB of disk below {} ({free} MB are free)", there.display()))
}

fn count_inotify() -> usize {
    let Ok(folders) = fs::read_dir("/proc") else { return 0 };
    let processes = folders.flatten().filter(|folder| folder.file_name().as_encoded_bytes()[0].is_ascii_digit());
    processes
        .filter_map(|folder| fs::read_dir(folder.path().join("fd")).ok())
        .flat_map(|files| files.flatten())
        .filter(|file| fs::read_link(file.path()).is_ok_and(|target| target == Path::new("anon_inode:inotify")))
        .count()
}

/// Whether the kernel knows a file system (`overlay` may be a module that is loaded on first use).
pub(super) fn has_overlay() -> bool {
    let known = |text: String| text.lines().any(|line| line.trim_start_matches("nodev").trim() == "overlay");
    fs::read_to_string("/proc/filesystems").is_ok_and(known)
        || crate::cluster::program::Program::new("modprobe").words("overlay").succeeds()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_are_listed_innermost_first() {
        let text = "22 1 8:1 / / rw - ext4 /dev/a rw\n30 22 0:5 / /x rw - tmpfs t rw\n31 30 0:6 / /x/a\\040b rw - tmpfs t rw\n32 30 0:7 / /xy rw - tmpfs t rw\n";
        assert_eq!(parse_mount_points(text, Path::new("/x")), [PathBuf::from("/x/a b")]);
        assert_eq!(parse_mount_points(text, Path::new("/")).len(), 3);
    }

    #[test]
    fn cgroup_hierarchies_of_both_versions() {
        let text = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\nproc /proc proc rw 0 0\n";
        let expected = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/unified"].map(PathBuf::from);
        assert_eq!(parse_cgroup_hierarchies(text), expected);
    }

    #[test]
    fn a_full_disk_is_said_with_its_folder() {
        // The kernel's own file systems have no space at all.
        let missing = space_missing(Path::new("/sys/not/there")).unwrap();
        assert!(missing.contains("/sys (0 MB are free)"), "{missing}");
    }

    #[test]
    fn a_start_time_is_found_behind_any_name() {
        let stat = "7 (a) b) c) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 99 100";
        assert_eq!(start_time(stat), Some(4711));
        assert_eq!(start_time("nonsense"), None);
    }

    #[test]
    fn a_killed_process_is_told_from_one_that_runs() {
        assert!(!is_exiting("7 (a) S 1 7 7 0 -1 4194560 1 2"));
        assert!(is_exiting("7 (a) S 1 7 7 0 -1 4194564 1 2"));
        assert!(is_exiting("7 (a) Z 1 7 7 0 -1 4194560 1 2"));
        assert!(has_kill_pending("Name:\ta\nSigPnd:\t0000000000000100\nShdPnd:\t0000000000000000\n"));
        assert!(!has_kill_pending("SigPnd:\t0000000000000200\nShdPnd:\t0000000000000001\n"));
    }

    #[test]
    fn this_process_is_alive_and_another_start_is_not_it() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let started = start_time(&fs::read_to_string("/proc/self/stat").unwrap()).unwrap();
        assert!(is_alive(pid, started));
        assert!(!is_alive(pid, started + 1));
    }

    #[test]
    fn addresses_are_read_from_ip() {
        let text = "1: lo    inet 127.0.0.1/8 scope host lo\n2: eth0    inet 10.201.0.5/30 brd x scope global eth0\n3: x    inet 10.9.0.1 peer 10.9.0.2/32 scope global x\n";
        assert_eq!(
            parse_addresses(text),
            ["127.0.0.1", "10.201.0.5", "10.9.0.1"].map(|a| a.parse::<Ipv4Addr>().unwrap())
        );
    }
}
