//! What is on disk: path, size, times, inode of every file that a build may read, without reading it.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Stamps, output_paths};
use crate::config::Config;

/// A file changed this shortly before the stock was taken may change again without another time: the
/// clock of file systems has steps.
const STEP: Duration = Duration::from_millis(50);

/// How a file looks from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    size: u64,
    modified: i128,
    changed: i128,
    inode: u64,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            size: metadata.len(),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        }
    }
}

/// A source file.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    /// Relative to the root, or absolute where it lies outside.
    path: String,
    stamp: Stamp,
    /// It was changed so shortly before that its stamp proves nothing.
    fresh: bool,
    /// BLAKE3 of the bytes; `None` where they changed under the build.
    hash: Option<[u8; 32]>,
}

/// The source files of a site, by path.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Stock {
    entries: Vec<Entry>,
}

impl Stock {
    /// Takes stock of all that a build may read; `None` where a link makes that uncertain.
    pub(super) fn take(config: &Config) -> Option<Self> {
        let fresh = SystemTime::now().checked_sub(STEP)?.duration_since(UNIX_EPOCH).ok()?;
        let fresh = i128::try_from(fresh.as_nanos()).ok()?;
        let file = config.root.join(&config.file.path);
        let mut places = config.source_folders();
        places.insert(&file);
        let outer: Vec<&Path> = places.iter().copied().filter(|place| is_outermost(place, &places)).collect();
        let folders: Vec<PathBuf> = outer.into_iter().flat_map(split).collect();
        let found: Vec<Option<Vec<Entry>>> =
            folders.par_iter().map(|folder| list(&config.root, folder, fresh)).collect();
        let mut entries: Vec<Entry> = found.into_iter().collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        entries.dedup_by(|a, b| a.path == b.path);
        Some(Self { entries })
    }

    /// Whether the same files are there, by their stamps, and by their bytes where stamps prove nothing.
    pub(super) fn is_same(&self, now: &Self, root: &Path) -> bool {
        let same = |a: &Entry, b: &Entry| {
            let proven = || !a.fresh || (a.hash.is_some() && hash(&root.join(&a.path)) == a.hash);
            a.path == b.path && a.stamp == b.stamp && proven()
        };
        self.entries.len() == now.entries.len() && self.entries.iter().zip(&now.entries).all(|(a, b)| same(a, b))
    }

    /// The files with other bytes; `None` where a file came or went.
    pub(super) fn changed(&self, now: &Self, root: &Path) -> Option<BTreeSet<String>> {
        if self.entries.len() != now.entries.len() {
            return None;
        }
        let mut suspects = vec![];
        for (old, new) in self.entries.iter().zip(&now.entries) {
            if old.path != new.path {
                return None;
            }
            if old.stamp != new.stamp || old.fresh {
                suspects.push(old);
            }
        }
        let differs = |old: &&&Entry| old.hash.is_none() || hash(&root.join(&old.path)) != old.hash;
        Some(suspects.par_iter().filter(differs).map(|entry| entry.path.clone()).collect())
    }

    /// Adds the hashes of all files, from the stock of the last build where a file is the same.
    pub(super) fn add_hashes(&mut self, root: &Path, last: Option<&Self>) {
        self.entries.par_iter_mut().for_each(|entry| {
            let known = last.and_then(|last| {
                let at = last.entries.binary_search_by(|old| old.path.cmp(&entry.path)).ok()?;
                last.entries.get(at).filter(|old| old.stamp == entry.stamp && !old.fresh)?.hash
            });
            let path = root.join(&entry.path);
            entry.hash = known.or_else(|| hash(&path));
            // Written to since the stock was taken: what the build read is not known. It may be changed back before
            // the next build, so that its bytes tell nothing.
            if std::fs::metadata(&path).ok().map(|now| Stamp::of(&now)) != Some(entry.stamp) {
                entry.hash = None;
                entry.fresh = true;
            }
        });
    }
}

fn is_outermost(place: &Path, places: &BTreeSet<&Path>) -> bool {
    !places.iter().any(|other| *other != place && place.starts_with(other))
}

/// A folder as its parts, so that many threads can list it: the folders in it, and itself without them.
fn split(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let parts: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    if parts.is_empty() { vec![folder.to_owned()] } else { parts }
}

/// The files at or below a path; `None` where a link leads to a folder.
fn list(root: &Path, place: &Path, fresh: i128) -> Option<Vec<Entry>> {
    let mut entries = vec![];
    for entry in walkdir::WalkDir::new(place).into_iter().flatten() {
        // Through links, as the build reads.
        let Ok(metadata) = std::fs::metadata(entry.path()) else { continue };
        if metadata.is_dir() {
            if entry.path_is_symlink() {
                return None;
            }
            continue;
        }
        let path = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_str()?.to_owned();
        let stamp = Stamp::of(&metadata);
        let fresh = stamp.modified.max(stamp.changed) >= fresh;
        entries.push(Entry { path, stamp, fresh, hash: None });
    }
    Some(entries)
}

fn hash(file: &Path) -> Option<[u8; 32]> {
    std::fs::read(file).ok().map(|bytes| *blake3::hash(&bytes).as_bytes())
}

/// The files that docbuild wrote to a build folder, as they are now.
pub(super) fn of_outputs(folder: &Path) -> Stamps {
    let stamp = |path: String| {
        let metadata = std::fs::symlink_metadata(folder.join(&path)).ok().filter(Metadata::is_file);
        // One that is gone looks like no file ever does.
        let stamp =
            metadata.map_or(Stamp { size: u64::MAX, modified: 0, changed: 0, inode: 0 }, |file| Stamp::of(&file));
        (path, stamp)
    };
    output_paths(folder).into_par_iter().map(stamp).collect::<Vec<_>>().into_iter().collect()
}
