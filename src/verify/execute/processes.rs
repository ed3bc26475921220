//! The processes that a command left: found by their parents, ended one by one.

use rustix::process::{Pid, Signal};

/// All processes below `root`, itself not. With `keep_shell`, also without the chain of processes
/// that leads to the page's shell (`unshare` -> shell), of which each has exactly one child.
#[cfg(target_os = "linux")]
pub(super) fn below(root: u32, keep_shell: bool) -> Vec<u32> {
    let table = parents();
    let children =
        |of: u32| table.iter().filter(move |(_, parent)| *parent == of).map(|(pid, _)| *pid).collect::<Vec<_>>();
    let mut root = root;
    if keep_shell && name(root).as_deref() == Some("unshare") {
        // Confined: the shell is unshare's only child.
        root = children(root).first().copied().unwrap_or(root);
    }
    let mut found = vec![];
    let mut open = children(root);
    while let Some(pid) = open.pop() {
        found.push(pid);
        open.extend(children(pid));
    }
    found
}

/// Elsewhere only the process group is known.
#[cfg(not(target_os = "linux"))]
pub(super) fn below(_: u32, _: bool) -> Vec<u32> {
    vec![]
}

/// (process, parent) of all processes.
#[cfg(target_os = "linux")]
fn parents() -> Vec<(u32, u32)> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return vec![] };
    entries
        .filter_map(|entry| {
            let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            // The name in parentheses may hold blanks and parentheses itself.
            let parent = stat.rsplit_once(") ")?.1.split_whitespace().nth(1)?.parse().ok()?;
            Some((pid, parent))
        })
        .collect()
}

#[cfg(target_os = "linux")]
fn name(pid: u32) -> Option<String> {
    std::fs::read_to_string(format!("/proc/{pid}/comm")).ok().map(|name| name.trim().to_owned())
}

/// Sends a signal; that the process is gone already is no error.
pub(super) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}
