//! Ending a cluster: PID 1 first, then by the owner's name what is outside of its namespaces.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::mount::{UnmountFlags, unmount};

use super::names::Owner;
use super::up::MARK;
use super::{Local, cache, host, lock, machine};
use crate::cluster::{ClusterError, Progress};

/// How long processes may take to go after they were killed.
const LIMIT: Duration = Duration::from_secs(20);

impl Local {
    /// Ends the cluster and removes everything that `up` made, images and built programs apart.
    pub(super) fn bring_down(&self, progress: &dyn Progress) -> Result<(), ClusterError> {
        let file = self.folders.lock();
        // An `up` that was refused or killed early has left its lock alone.
        if !self.folders.state.exists() && !file.exists() && !self.folders.claim().exists() {
            return self.remove_empty_folders();
        }
        let held = lock(&file, progress)?;
        if self.folders.state.exists() {
            progress.step(&format!("ending the cluster {}", self.name));
        }
        self.remove_remains()?;
        fs::remove_file(&file).map_err(ClusterError::io(format!("removing {}", file.display())))?;
        // One that was killed while it had the cluster has left this.
        let _ = fs::remove_file(self.folders.claim());
        drop(held);
        self.remove_empty_folders()
    }

    /// Ends every process of this cluster and removes what it has on the machine. Also what is left
    /// of one that was killed while it came up: nothing here needs a record of what was made.
    pub(super) fn remove_remains(&self) -> Result<(), ClusterError> {
        let state = &self.folders.state;
        if !state.exists() {
            return Ok(());
        }
        let _ = fs::remove_file(self.folders.ready());
        self.end_processes()?;
        let left = host::leave(&Owner::of(state))?;
        if !left.is_empty() {
            let list: Vec<String> = left.iter().map(|path| path.display().to_string()).collect();
            return Err(ClusterError::Api(format!("these cgroups can't be removed: {}", list.join(", "))));
        }
        for point in machine::mount_points("/proc/self/mountinfo", state) {
            unmount(&point, UnmountFlags::DETACH)
                .map_err(|error| ClusterError::io(format!("unmounting {}", point.display()))(error.into()))?;
        }
        remove_tree(state)
    }

    /// PID 1's end is the end of all; but `up` may have been killed before it wrote its id down.
    pub(super) fn end_processes(&self) -> Result<(), ClusterError> {
        if let Some(init) = self.init_pid() {
            machine::kill(init);
        }
        let mark = format!("{MARK}={}", self.folders.state.display());
        let end = Instant::now() + LIMIT;
        loop {
            let left = machine::processes_with(&mark);
            if left.is_empty() && self.init_pid().is_none() {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(ClusterError::TimedOut {
                    what: format!("end of the processes {left:?}"),
                    seconds: LIMIT.as_secs(),
                });
            }
            left.into_iter().for_each(machine::kill);
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Removes the folders of clusters that hold nothing any more.
    fn remove_empty_folders(&self) -> Result<(), ClusterError> {
        let local = self.folders.state.parent().unwrap_or(Path::new("/"));
        let cache = cache::folder()?;
        for folder in [local, self.folders.shared(), &cache] {
            // A folder that is not empty stays.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// Removes a folder. What a process of the cluster was just writing may appear while it is removed.
fn remove_tree(folder: &Path) -> Result<(), ClusterError> {
    let mut last = Ok(());
    for _ in 0..20 {
        last = fs::remove_dir_all(folder);
        if !folder.exists() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    last.map_err(ClusterError::io(format!("removing {}", folder.display())))
}
