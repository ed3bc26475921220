//! What has to change on disk.
//!
//! In: the build folder, the files docbuild wrote there before, those of the new site. Out: [`Plan`], or
//! the obstacle that makes writing impossible. Looks only: everything that could fail while renaming
//! and can be seen before is seen here.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{Access, access};

use super::writer::Entry;
use super::{OutputError, STATE_FOLDER};

/// How many paths an error message names.
const NAMED: usize = 3;

/// The changes, by path below the build folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Own files to remove before anything is put: they are where a folder will be, or the reverse.
    pub(super) clear: Vec<String>,
    /// Files with new bytes.
    pub(super) put: Vec<String>,
    /// Own files that are no longer produced.
    pub(super) delete: Vec<String>,
}

impl Plan {
    pub(super) fn is_empty(&self) -> bool {
        self.clear.is_empty() && self.put.is_empty() && self.delete.is_empty()
    }
}

/// Compares the site with the disk.
pub(super) fn compare(
    folder: &Path,
    own: &BTreeSet<String>,
    entries: &BTreeMap<String, Entry>,
    folders: &Folders,
) -> Result<Plan, OutputError> {
    check_paths(entries)?;
    let mut obstacles = Obstacles { folder, own, seen: HashSet::new(), clear: BTreeSet::new() };
    let mut plan = Plan::default();
    let mut foreign = vec![];
    for (path, entry) in entries.iter().filter(|(_, entry)| entry.staged.is_some()) {
        match entry.place {
            Place::Missing => obstacles.above(path)?,
            Place::File { .. } if own.contains(path) => {}
            Place::File { .. } => foreign.push(path.clone()),
            Place::Folder => obstacles.below(path)?,
            Place::Special => {
                return Err(OutputError::InTheWay { obstacle: folder.join(path), path: path.clone() });
            }
        }
        plan.put.push(path.clone());
    }
    if !foreign.is_empty() {
        foreign.truncate(NAMED);
        return Err(OutputError::Foreign { folder: folder.to_owned(), paths: foreign });
    }
    plan.delete = own
        .iter()
        .filter(|path| !entries.contains_key(*path) && !obstacles.clear.contains(*path) && is_path(path))
        .filter(|path| fs::symlink_metadata(folder.join(path)).is_ok_and(|metadata| !metadata.is_dir()))
        .filter(|path| !folders.has_link_above(folder, path))
        .cloned()
        .collect();
    plan.clear = obstacles.clear.into_iter().collect();
    check_permissions(folder, &plan)?;
    Ok(plan)
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Missing,
    File {
        size: u64,
    },
    Folder,
    /// A link, a device.
    Special,
}

/// The folders below a build folder that were looked at: whether each is, or is behind, a link.
#[derive(Debug, Default)]
pub(super) struct Folders(Mutex<HashMap<String, bool>>);

impl Folders {
    /// Looks at a path below the build folder. What is behind a link is not there: nobody's files are read,
    /// replaced or removed through one.
    pub(super) fn look(&self, folder: &Path, path: &str) -> Result<Place, OutputError> {
        if self.has_link_above(folder, path) { Ok(Place::Missing) } else { look(&folder.join(path)) }
    }

    /// Whether a link stands between the build folder and the file.
    pub(super) fn has_link_above(&self, folder: &Path, path: &str) -> bool {
        let Some((above, _)) = path.rsplit_once('/') else { return false };
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(above) {
            return *known;
        }
        let is_link = |path: &Path| fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        let found = is_link(&folder.join(above)) || self.has_link_above(folder, above);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(above.to_owned(), found);
        found
    }
}

fn look(path: &Path) -> Result<Place, OutputError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(Place::Missing);
        }
        Err(error) => return Err(OutputError::io("read", path)(error)),
    };
    Ok(match metadata.file_type() {
        kind if kind.is_dir() => Place::Folder,
        kind if kind.is_file() => Place::File { size: metadata.len() },
        _ => Place::Special,
    })
}

/// Finds what stands between a new file and its place.
struct Obstacles<'a> {
    folder: &'a Path,
    own: &'a BTreeSet<String>,
    /// Folders that were looked at.
    seen: HashSet<String>,
    clear: BTreeSet<String>,
}

impl Obstacles<'_> {
    /// Own files above `path` go; anything else that is no folder is an error.
    fn above(&mut self, path: &str) -> Result<(), OutputError> {
        for (end, _) in path.match_indices('/') {
            let above = &path[..end];
            if !self.seen.insert(above.to_owned()) {
                continue;
            }
            let obstacle = self.folder.join(above);
            let metadata = fs::symlink_metadata(&obstacle);
            if metadata.as_ref().map_or(true, Metadata::is_dir) {
                continue;
            }
            if !self.own.contains(above) {
                return Err(OutputError::InTheWay { obstacle, path: path.to_owned() });
            }
            self.clear.insert(above.to_owned());
        }
        Ok(())
    }

    /// A folder of own files only goes; one with other files in it is an error.
    fn below(&mut self, path: &str) -> Result<(), OutputError> {
        for entry in walkdir::WalkDir::new(self.folder.join(path)).sort_by_file_name() {
            let entry = entry.map_err(|error| OutputError::io("read", &self.folder.join(path))(error.into()))?;
            if entry.file_type().is_dir() {
                continue;
            }
            let relative =
                entry.path().strip_prefix(self.folder).unwrap_or(entry.path()).to_string_lossy().into_owned();
            if !self.own.contains(&relative) {
                return Err(OutputError::InTheWay { obstacle: entry.into_path(), path: path.to_owned() });
            }
            self.clear.insert(relative);
        }
        Ok(())
    }
}

/// No path is a file and a folder.
fn check_paths(entries: &BTreeMap<String, Entry>) -> Result<(), OutputError> {
    for path in entries.keys() {
        for (end, _) in path.match_indices('/') {
            if entries.contains_key(&path[..end]) {
                return Err(OutputError::FileAndFolder(path[..end].to_owned()));
            }
        }
    }
    Ok(())
}

/// Whether this is a path below the build folder and outside of docbuild's own folder there.
pub(super) fn is_path(path: &str) -> bool {
    let plain = |part: &str| !matches!(part, "" | "." | "..") && part.len() <= 255;
    path.split('/').all(plain)
        && !path.chars().any(|c| c.is_control() || c == '\\')
        && path.split('/').next() != Some(STATE_FOLDER)
}

/// Every existing folder that a change touches may be written to.
fn check_permissions(folder: &Path, plan: &Plan) -> Result<(), OutputError> {
    let mut missing: HashSet<&str> = HashSet::new();
    let mut parents: BTreeSet<PathBuf> = BTreeSet::new();
    for path in plan.clear.iter().chain(&plan.put).chain(&plan.delete) {
        let above = path.rmatch_indices('/').map(|(end, _)| &path[..end]).chain([""]);
        for parent in above {
            if missing.contains(parent) {
                continue;
            }
            let place = folder.join(parent);
            if parents.contains(&place) {
                break;
            }
            if place.is_dir() {
                parents.insert(place);
                break;
            }
            missing.insert(parent);
        }
    }
    for parent in parents {
        if access(&parent, Access::WRITE_OK | Access::EXEC_OK).is_err() {
            return Err(OutputError::ReadOnly(parent));
        }
    }
    Ok(())
}
