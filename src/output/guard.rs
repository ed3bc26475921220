//! What must not happen to a build folder: two builds at once, and a build over its own sources.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::{OutputError, STATE_FOLDER};
use crate::config::Config;

/// The lock, below the state folder.
pub(super) const LOCK: &str = "lock";

/// Takes the build folder's lock, which lasts as long as the file is open (also a killed process
/// lets it go).
pub(super) fn lock(folder: &Path) -> Result<File, OutputError> {
    let path = folder.join(STATE_FOLDER).join(LOCK);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(OutputError::io("open", &path))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(OutputError::Locked(folder.to_owned())),
        Err(error) => Err(OutputError::io("lock", &path)(error.into())),
    }
}

/// Refuses a build folder that holds the site's sources or lies in one of their folders.
pub(super) fn refuse_sources(config: &Config) -> Result<(), OutputError> {
    let build = real(&config.build_dir);
    let overlap =
        |sources: &Path| OutputError::Overlap { build: config.build_dir.clone(), sources: sources.to_owned() };
    if real(&config.root).starts_with(&build) {
        return Err(overlap(&config.root));
    }
    for sources in config.source_folders() {
        let resolved = real(sources);
        if resolved.starts_with(&build) || build.starts_with(&resolved) {
            return Err(overlap(sources));
        }
    }
    Ok(())
}

/// The path with the symbolic links of its existing part resolved.
fn real(path: &Path) -> PathBuf {
    let mut missing = vec![];
    let mut existing = path;
    loop {
        if let Ok(resolved) = existing.canonicalize() {
            return missing.iter().rev().fold(resolved, |path, name| path.join(name));
        }
        let (Some(parent), Some(name)) = (existing.parent(), existing.file_name()) else { return path.to_owned() };
        missing.push(name);
        existing = parent;
    }
}
