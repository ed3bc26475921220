//! The empty cluster's state: kept once, gone back to between pages.
//!
//! A reset throws away etcd, every Pod and what the kubelet knows, and starts the control plane on a
//! copy of the empty cluster's etcd. containerd and its images, the registry and the namespaces
//! stay, which is why it takes seconds.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::mount::{UnmountFlags, unmount};
use rustix::process::{Pid, Signal};

use super::{BUSY, Supervisor, world};
use crate::cluster::ClusterError;
use crate::cluster::local::machine;

/// How long stopping the control plane and removing Pods may take.
const LIMIT: Duration = Duration::from_secs(60);

impl Supervisor {
    /// Copies etcd's data while etcd is stopped: what is copied is what a crash would leave, and
    /// etcd recovers from that.
    pub(super) fn keep(&self) -> Result<(), ClusterError> {
        let etcd = self.components.iter().find(|one| one.component.name == "etcd");
        let signal = |signal| etcd.into_iter().for_each(|one| one.signal(signal));
        signal(Signal::STOP);
        let copied = replace_folder(&self.folders.etcd(), &self.folders.golden());
        signal(Signal::CONT);
        world::remember_files(&self.folders)?;
        copied.map_err(ClusterError::io("keeping the empty cluster's state"))
    }

    /// Goes back to what [`Supervisor::keep`] kept.
    pub(super) fn reset(&mut self) -> Result<(), ClusterError> {
        for component in self.components.iter_mut().filter(|one| !one.component.survives_reset) {
            component.hold();
        }
        let result = self.drop_state();
        for component in &mut self.components {
            component.release();
        }
        result
    }

    fn drop_state(&mut self) -> Result<(), ClusterError> {
        self.wait_for_held()?;
        self.remove_sandboxes()?;
        for volume in machine::mount_points("/proc/self/mountinfo", Path::new("/var/lib/kubelet")) {
            // What can't be unmounted is gone with its last user.
            let _ = unmount(&volume, UnmountFlags::DETACH);
        }
        self.clear_network();
        let cgroup = self.plan.cgroup.clone();
        for hierarchy in machine::cgroup_hierarchies() {
            machine::remove_cgroups_below(&hierarchy.join(&cgroup));
        }
        self.clear_files();
        replace_folder(&self.folders.golden(), &self.folders.etcd())
            .map_err(ClusterError::io("going back to the empty cluster's state"))
    }

    fn wait_for_held(&mut self) -> Result<(), ClusterError> {
        let end = Instant::now() + LIMIT;
        while self.components.iter().any(|one| one.held && one.is_running()) {
            if Instant::now() > end {
                return Err(ClusterError::TimedOut { what: "control plane stopped".into(), seconds: LIMIT.as_secs() });
            }
            std::thread::sleep(BUSY / 4);
            self.reap();
        }
        Ok(())
    }

    /// Removes every Pod through the container runtime, with nobody there who would make new ones.
    fn remove_sandboxes(&mut self) -> Result<(), ClusterError> {
        let (program, socket) = self.plan.sandboxes.clone();
        let log = self.folders.log("sandboxes");
        let end = Instant::now() + LIMIT;
        // The container runtime may just be starting again.
        while !self.run_to_end(&program, &[socket.as_os_str()], &log)? {
            if Instant::now() > end {
                return Err(ClusterError::Component {
                    component: "containerd".to_owned(),
                    log: crate::cluster::program::last_lines(&fs::read_to_string(&log).unwrap_or_default(), 5),
                });
            }
            for component in &mut self.components {
                component.start_if_due();
            }
        }
        Ok(())
    }

    /// Runs a program and returns whether it succeeded. PID 1 reaps, so std's own wait can't be used.
    fn run_to_end(&mut self, program: &Path, arguments: &[&std::ffi::OsStr], log: &Path) -> Result<bool, ClusterError> {
        let failed = || ClusterError::io(format!("running {}", program.display()));
        let log = fs::OpenOptions::new().create(true).append(true).open(log).map_err(failed())?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stderr(log.try_clone().map_err(failed())?).stdout(log);
        let child = command.spawn().map_err(failed())?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let end = Instant::now() + LIMIT;
        while Instant::now() < end {
            if let Some((_, status)) = self.reap().into_iter().find(|(ended, _)| Some(*ended) == pid) {
                return Ok(status.exit_status() == Some(0));
            }
            std::thread::sleep(BUSY / 4);
        }
        Ok(false)
    }

    /// Forgets Services and connections. What is not there can't be removed: no error.
    fn clear_network(&mut self) {
        let log = self.folders.log("reset");
        let mut quietly = |name: &str, words: &str| {
            if let Some(program) = crate::cluster::program::find(name) {
                let words: Vec<&std::ffi::OsStr> = words.split(' ').map(std::ffi::OsStr::new).collect();
                let _ = self.run_to_end(&program, &words, &log);
            }
        };
        quietly("nft", "delete table ip kube-proxy");
        quietly("nft", "delete table ip6 kube-proxy");
        quietly("conntrack", "-F");
    }

    fn clear_files(&self) {
        for folder in ["/var/lib/kubelet", "/var/log/pods", "/var/log/containers", "/tmp"] {
            world::clear(Path::new(folder));
        }
        world::remove_new_files(&self.folders);
    }
}

/// Makes `to` a copy of `from`, whatever it was.
fn replace_folder(from: &Path, to: &Path) -> io::Result<()> {
    remove_if_there(to)?;
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from).map_err(io::Error::other)?);
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target)?;
            fs::set_permissions(&target, entry.metadata()?.permissions())?;
        } else {
            copy_sparse(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Copies a file without its holes: etcd sets 64 MB aside and uses a few hundred kB of them.
fn copy_sparse(from: &Path, to: &Path) -> io::Result<()> {
    use std::io::{Read as _, Seek as _, Write as _};
    let mut source = fs::File::open(from)?;
    let mut target = fs::File::create(to)?;
    let mut block = vec![0; 64 * 1024];
    let mut length = 0;
    loop {
        let read = source.read(&mut block)?;
        if read == 0 {
            break;
        }
        length += read as u64;
        if block[..read].iter().all(|&byte| byte == 0) {
            target.seek_relative(i64::try_from(read).map_err(io::Error::other)?)?;
        } else {
            target.write_all(&block[..read])?;
        }
    }
    target.set_len(length)?;
    target.set_permissions(source.metadata()?.permissions())
}

fn remove_if_there(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_replaced_byte_by_byte_holes_included() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("a")).unwrap();
        let mut bytes = vec![0u8; 300_000];
        bytes[200_000] = 7;
        fs::write(from.join("a/sparse"), &bytes).unwrap();
        fs::write(from.join("text"), "hello").unwrap();
        fs::create_dir_all(&to).unwrap();
        fs::write(to.join("old"), "old").unwrap();
        replace_folder(&from, &to).unwrap();
        assert_eq!(fs::read(to.join("a/sparse")).unwrap(), bytes);
        assert_eq!(fs::read_to_string(to.join("text")).unwrap(), "hello");
        assert!(!to.join("old").exists());
    }
}
