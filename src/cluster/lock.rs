//! Locks between docbuilds: files that are locked as long as a value lives. A process that is killed
//! gives its locks back.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::{ClusterError, Progress, cache};

/// A lock that is held as long as the value; a process that is killed gives it back.
pub(super) struct Lock {
    _file: fs::File,
}

/// Waits for a lock, and says so where it has to wait.
pub(super) fn lock(file: &Path, progress: &dyn Progress) -> Result<Lock, ClusterError> {
    let failed = || ClusterError::io(format!("locking {}", file.display()));
    cache::make_private(file.parent().unwrap_or(Path::new("/")))?;
    loop {
        let open = fs::OpenOptions::new().create(true).truncate(false).write(true).open(file).map_err(failed())?;
        if flock(&open, FlockOperation::NonBlockingLockExclusive).is_err() {
            progress.step("waiting for another docbuild to end what it does");
            flock(&open, FlockOperation::LockExclusive).map_err(|error| failed()(error.into()))?;
        }
        // Whoever held it may have removed the file: then the lock is on nothing.
        if is_same_file(&open, file) {
            return Ok(Lock { _file: open });
        }
    }
}

fn is_same_file(open: &fs::File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(a), Ok(b)) = (open.metadata(), path.metadata()) else { return false };
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// A cluster for oneself, as long as the value lives: what one run makes, another's reset deletes.
pub struct Claim {
    file: PathBuf,
    _lock: Lock,
}

impl Claim {
    /// Waits until nobody else has the cluster whose claims are on this file.
    pub(super) fn take(file: PathBuf, progress: &dyn Progress) -> Result<Self, ClusterError> {
        Ok(Self { _lock: lock(&file, progress)?, file })
    }
}

impl Claim {
    /// Takes the claim if nobody has it.
    pub(super) fn free(file: &Path) -> Result<Option<Self>, ClusterError> {
        let failed = || ClusterError::io(format!("locking {}", file.display()));
        cache::make_private(file.parent().unwrap_or(Path::new("/")))?;
        let open = fs::OpenOptions::new().create(true).truncate(false).write(true).open(file).map_err(failed())?;
        let free = flock(&open, FlockOperation::NonBlockingLockExclusive).is_ok() && is_same_file(&open, file);
        Ok(free.then(|| Self { _lock: Lock { _file: open }, file: file.to_owned() }))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // While it is locked still: who waits for it sees that it is gone, and makes it again.
        let _ = fs::remove_file(&self.file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    struct Told(std::sync::mpsc::Sender<String>);

    impl Progress for Told {
        fn step(&self, text: &str) {
            self.0.send(text.to_owned()).unwrap();
        }
        fn fraction(&self, _: f64, _: &str) {}
    }

    #[test]
    fn a_second_claim_waits_for_the_first_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("one.use");
        let (sender, told) = channel();
        let (done, second) = channel();
        let first = Claim::take(file.clone(), &super::super::Silent).unwrap();
        let place = file.clone();
        let thread = std::thread::spawn(move || {
            let claim = Claim::take(place, &Told(sender)).unwrap();
            done.send(()).unwrap();
            drop(claim);
        });
        assert!(told.recv_timeout(Duration::from_secs(9)).unwrap().contains("waiting"));
        assert!(second.try_recv().is_err(), "two have it");
        drop(first);
        second.recv_timeout(Duration::from_secs(9)).unwrap();
        thread.join().unwrap();
        assert!(!file.exists(), "nothing is left");
    }
}
