//! The journal: a change of many files that is done wholly or not at all.
//!
//! The new files are staged in `.docbuild/staged/` as they are rendered; then the list of all that is to be done is
//! written to `.docbuild/journal`, by a rename, which commits it. From then on every step can be
//! done again: a staged file is renamed into place if it is still there, a removal is a removal. The
//! journal goes last. Without a journal, staged files are an interrupted build's, and are dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::plan::{Folders, Place, Plan};
use super::writer::Entry;
use super::{OutputError, STATE_FOLDER, manifest};

const SCHEMA: &str = "docbuild.journal/1";
const NAME: &str = "journal";
const STAGED: &str = "staged";

/// What is to be done, in this order.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    schema: String,
    /// Removed first.
    clear: Vec<String>,
    /// Renamed into place: what pages refer to before the pages.
    put: Vec<Put>,
    /// Removed last.
    delete: Vec<String>,
    /// All files of the new site.
    files: Vec<String>,
}

/// A staged file.
#[derive(Debug, Serialize, Deserialize)]
struct Put {
    path: String,
    /// Where it is below the folder of staged files.
    staged: String,
    /// BLAKE3 of its bytes, hexadecimal.
    hash: String,
}

/// Commits a plan for staged files: writes the journal.
pub(super) fn commit(folder: &Path, mut plan: Plan, entries: &BTreeMap<String, Entry>) -> Result<Journal, OutputError> {
    let replaces = |path: &String| !matches!(entries.get(path), Some(Entry { place: Place::Missing, .. }));
    let is_new = plan.clear.is_empty() && plan.delete.is_empty() && !plan.put.iter().any(replaces);
    plan.put.sort_by_key(|path| (path.ends_with(".html"), path.clone()));
    let put = plan.put.into_iter().filter_map(|path| {
        let staged = entries.get(&path)?.staged.clone()?;
        Some(Put { path, staged: staged.name, hash: staged.hash })
    });
    let put = put.collect();
    let files = entries.keys().cloned().collect();
    let journal = Journal { schema: SCHEMA.to_owned(), clear: plan.clear, put, delete: plan.delete, files };
    store(folder, &journal, if is_new { Flush::No } else { Flush::Yes })?;
    Ok(journal)
}

/// Where the files of a build wait for its end.
pub(super) fn staged_folder(folder: &Path) -> PathBuf {
    folder.join(STATE_FOLDER).join(STAGED)
}

/// Whether a change was committed and is not finished.
pub(super) fn is_committed(folder: &Path) -> bool {
    folder.join(STATE_FOLDER).join(NAME).exists()
}

/// Whether the journal has to be on the disk before anything follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flush {
    /// Files of the site that is there are replaced or removed.
    Yes,
    /// There is nothing to lose: a power cut leaves a new site that the next build makes again. The
    /// flush would wait for all that was staged before, which takes longer than the build.
    No,
}

fn store(folder: &Path, journal: &Journal, flush: Flush) -> Result<(), OutputError> {
    let path = folder.join(STATE_FOLDER).join(NAME);
    let fresh = path.with_extension("new");
    let bytes = serde_json::to_vec(journal).map_err(|error| OutputError::io("write", &fresh)(error.into()))?;
    let write = || {
        let mut file = File::create(&fresh)?;
        file.write_all(&bytes)?;
        if flush == Flush::Yes { file.sync_all() } else { Ok(()) }
    };
    write().map_err(OutputError::io("write", &fresh))?;
    fs::rename(&fresh, &path).map_err(OutputError::io("rename", &fresh))
}

/// Does what a journal says, from wherever it was interrupted.
pub(super) fn apply(folder: &Path, journal: &Journal) -> Result<(), OutputError> {
    // Time may have passed since the plan was made.
    let folders = Folders::default();
    if let Some(put) = journal.put.iter().find(|put| folders.has_link_above(folder, &put.path)) {
        let above = Path::new(&put.path).ancestors().skip(1).map(|above| folder.join(above));
        let obstacle = above.filter(|above| above.is_symlink()).last().unwrap_or_else(|| folder.join(&put.path));
        return Err(OutputError::InTheWay { obstacle, path: put.path.clone() });
    }
    let remove = |path: &String| if folders.has_link_above(folder, path) { Ok(()) } else { remove(folder, path) };
    for path in &journal.clear {
        remove(path)?;
    }
    let staged = staged_folder(folder);
    let moved = put_folders(folder, &staged, &journal.put)?;
    let mut parent = None;
    let is_moved = |put: &&Put| put.path.split_once('/').is_some_and(|(top, _)| moved.contains(top));
    for put in journal.put.iter().filter(|put| !is_moved(put)) {
        let path = folder.join(&put.path);
        if parent.as_deref() != path.parent() {
            parent = path.parent().map(Path::to_owned);
            if let Some(parent) = &parent {
                fs::create_dir_all(parent).map_err(OutputError::io("create", parent))?;
            }
        }
        match fs::rename(staged.join(&put.staged), &path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            result => result.map_err(OutputError::io("write", &path))?,
        }
    }
    for path in &journal.delete {
        remove(path)?;
    }
    manifest::store(folder, journal.files.iter().map(String::as_str))?;
    let path = folder.join(STATE_FOLDER).join(NAME);
    fs::remove_file(&path).map_err(OutputError::io("remove", &path))?;
    drop_staged(folder);
    Ok(())
}

/// Renames whole folders into place where files are staged in the folders that they will be in, and
/// nothing is there yet: a new site has thousands of files in a few dozen folders. What is left is
/// put file by file. Returns the names of those folders.
fn put_folders<'a>(folder: &Path, staged: &Path, put: &'a [Put]) -> Result<BTreeSet<&'a str>, OutputError> {
    let own_place = put.iter().filter(|put| put.staged == put.path);
    let folders: BTreeSet<&str> = own_place.filter_map(|put| Some(put.path.split_once('/')?.0)).collect();
    let mut moved = BTreeSet::new();
    for name in folders {
        let target = folder.join(name);
        if fs::symlink_metadata(&target).is_ok() {
            continue;
        }
        match fs::rename(staged.join(name), &target) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            result => result.map_err(OutputError::io("write", &target))?,
        }
        moved.insert(name);
    }
    Ok(moved)
}

/// Finishes a committed change, or drops one that was not committed. Returns whether there was a
/// committed one.
pub(super) fn recover(folder: &Path) -> Result<bool, OutputError> {
    let path = folder.join(STATE_FOLDER).join(NAME);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            drop_staged(folder);
            return Ok(false);
        }
        Err(error) => return Err(OutputError::io("read", &path)(error)),
    };
    // A new site's journal that was not flushed before the power went.
    if bytes.iter().all(|byte| *byte == 0) {
        fs::remove_file(&path).map_err(OutputError::io("remove", &path))?;
        drop_staged(folder);
        return Ok(false);
    }
    let journal: Journal =
        serde_json::from_slice(&bytes).map_err(|error| OutputError::io("read", &path)(error.into()))?;
    // The folder may have been copied or edited: a journal is followed only where it stays inside.
    let put = journal.put.iter().flat_map(|put| [&put.path, &put.staged]);
    let mut paths = journal.clear.iter().chain(&journal.delete).chain(put);
    if let Some(path) = paths.find(|path| !super::plan::is_path(path)) {
        return Err(OutputError::Path(path.clone()));
    }
    drop_damaged(folder, &journal)?;
    apply(folder, &journal)?;
    Ok(true)
}

/// Drops staged files that a power cut damaged, so that they replace nothing; the build that
/// follows writes these pages again.
fn drop_damaged(folder: &Path, journal: &Journal) -> Result<(), OutputError> {
    let staged = staged_folder(folder);
    for put in &journal.put {
        let file = staged.join(&put.staged);
        let damaged = fs::read(&file).is_ok_and(|bytes| blake3::hash(&bytes).to_hex().as_str() != put.hash);
        if damaged {
            fs::remove_file(&file).map_err(OutputError::io("remove", &file))?;
        }
    }
    Ok(())
}

/// Removes a file, if it is there, and the folders that are empty then.
fn remove(folder: &Path, path: &str) -> Result<(), OutputError> {
    let file = folder.join(path);
    // A folder is the new site's, put there before the interruption.
    if fs::symlink_metadata(&file).is_ok_and(|metadata| metadata.is_dir()) {
        return Ok(());
    }
    match fs::remove_file(&file) {
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Err(OutputError::io("remove", &file)(error));
        }
        _ => {}
    }
    for parent in file.ancestors().skip(1).take_while(|parent| *parent != folder) {
        if fs::remove_dir(parent).is_err() {
            break;
        }
    }
    Ok(())
}

/// Removes what is staged.
pub(super) fn drop_staged(folder: &Path) {
    // What stays behind is dropped at the next start.
    let _ = fs::remove_dir_all(staged_folder(folder));
}
