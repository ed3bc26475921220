//! Takes the files of a build as they are finished, and stages those that differ.
//!
//! In: a path and its [`Content`], from the threads that render. Out: what is at each path now and
//! what should be ([`Entry`]), for the plan. Nothing of the site is touched.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::plan::{self, Folders, Place};
use super::{OutputError, STATE_FOLDER, journal};
use crate::render::{Content, Sink};

/// Files are read and copied in parts of this size.
const BUFFER: usize = 256 * 1024;

/// A file of the new site.
#[derive(Debug)]
pub(super) struct Entry {
    /// What is at its path.
    pub(super) place: Place,
    /// Where its bytes are staged; `None` where it is the same.
    pub(super) staged: Option<Staged>,
}

/// A staged file.
#[derive(Debug, Clone)]
pub(super) struct Staged {
    /// Where it is below the folder of staged files.
    pub(super) name: String,
    /// BLAKE3 of its bytes, hexadecimal.
    pub(super) hash: String,
}

/// Stages files below the state folder.
#[derive(Debug)]
pub(super) struct Stage {
    folder: PathBuf,
    staged: PathBuf,
    count: AtomicUsize,
    /// The build folder is empty: files are staged in the folders that they will be in, so that whole
    /// folders can be renamed into place.
    fresh: bool,
    entries: Mutex<BTreeMap<String, Entry>>,
    failed: AtomicBool,
    /// The first error.
    error: Mutex<Option<OutputError>>,
    /// Files of the last build stay.
    pub(super) keep: AtomicBool,
    /// What was seen of the folders of the site that is there.
    pub(super) folders: Folders,
}

impl Stage {
    /// A stage for the build folder `folder`, whose state folder is there and locked.
    pub(super) fn new(folder: &Path) -> Result<Self, OutputError> {
        let staged = journal::staged_folder(folder);
        fs::create_dir_all(&staged).map_err(OutputError::io("create", &staged))?;
        let mut others = fs::read_dir(folder).map_err(OutputError::io("read", folder))?;
        let fresh = others.all(|entry| entry.is_ok_and(|entry| entry.file_name() == STATE_FOLDER));
        Ok(Self {
            folder: folder.to_owned(),
            staged,
            count: AtomicUsize::new(0),
            fresh,
            entries: Mutex::default(),
            failed: AtomicBool::new(false),
            error: Mutex::default(),
            keep: AtomicBool::new(false),
            folders: Folders::default(),
        })
    }

    /// The files by path, or what went wrong first.
    pub(super) fn finish(&self) -> Result<BTreeMap<String, Entry>, OutputError> {
        match self.error.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => Ok(std::mem::take(&mut *self.entries.lock().unwrap_or_else(PoisonError::into_inner))),
        }
    }

    /// Looks at the place of a file, and stages it unless the same bytes are there. `Ok(Err)` is the
    /// error of a file to be copied.
    fn take(&self, path: &str, content: &Content) -> Result<io::Result<Entry>, OutputError> {
        if !plan::is_path(path) {
            return Err(OutputError::Path(path.to_owned()));
        }
        let target = self.folder.join(path);
        let place = if self.fresh { Place::Missing } else { self.folders.look(&self.folder, path)? };
        let mut source = match content {
            Content::Copy(file) => match File::open(file).and_then(|file| Ok((file.metadata()?.len(), file))) {
                Ok(source) => Some(source),
                Err(error) => return Ok(Err(error)),
            },
            _ => None,
        };
        if let Place::File { size } = place {
            let same = match &mut source {
                Some((length, file)) => *length == size && is_same_file(&target, file),
                None => content.parts().map(|part| part.len() as u64).sum::<u64>() == size && holds(&target, content),
            };
            if same {
                return Ok(Ok(Entry { place, staged: None }));
            }
        }
        let name = match self.fresh {
            true => path.to_owned(),
            false => self.count.fetch_add(1, Ordering::Relaxed).to_string(),
        };
        let file = self.staged.join(&name);
        let staged = create(&file).map_err(|error| match error.kind() {
            io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory if self.fresh => {
                let mut above = path.match_indices('/').map(|(end, _)| &path[..end]);
                let file = above.find(|above| self.staged.join(above).is_file());
                OutputError::FileAndFolder(file.unwrap_or(path).to_owned())
            }
            _ => OutputError::io("write", &file)(error),
        })?;
        let hash = match source {
            None => write(staged, content.parts()).map_err(OutputError::io("write", &file))?,
            Some((_, mut source)) => match copy(&mut source, staged, &file)? {
                Ok(hash) => hash,
                Err(error) => return Ok(Err(error)),
            },
        };
        Ok(Ok(Entry { place, staged: Some(Staged { name, hash }) }))
    }
}

impl Sink for Stage {
    fn put(&self, path: &str, content: Content) -> io::Result<()> {
        // After an error nothing will be published: the disk may be full.
        if self.failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        match self.take(path, &content) {
            Ok(Ok(entry)) => {
                self.entries.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), entry);
                Ok(())
            }
            Ok(Err(error)) => Err(error),
            Err(error) => {
                self.failed.store(true, Ordering::Relaxed);
                self.error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                Ok(())
            }
        }
    }

    fn keep_rest(&self) -> bool {
        self.keep.store(true, Ordering::Relaxed);
        true
    }
}

/// Makes a file, and the folders above it where they are missing.
fn create(file: &Path) -> io::Result<File> {
    match (File::create(file), file.parent()) {
        (Err(error), Some(folder)) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            File::create(file)
        }
        (result, _) => result,
    }
}

/// Writes a new file; its hash.
fn write<'a>(mut target: File, parts: impl Iterator<Item = &'a [u8]>) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part);
        target.write_all(part)?;
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// Copies a file to the new `target`, which is at `file`; its hash. `Ok(Err)` where the source can't be read.
fn copy(source: &mut File, mut target: File, file: &Path) -> Result<io::Result<String>, OutputError> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; BUFFER];
    if let Err(error) = io::Seek::rewind(source) {
        return Ok(Err(error));
    }
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(Ok(hasher.finalize().to_hex().to_string())),
            Ok(length) => {
                hasher.update(&buffer[..length]);
                target.write_all(&buffer[..length]).map_err(OutputError::io("write", file))?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Ok(Err(error)),
        }
    }
}

/// Whether a file holds these bytes. One that can't be read is another one: it is replaced, not kept.
fn holds(file: &Path, content: &Content) -> bool {
    let Ok(old) = fs::read(file) else { return false };
    let mut rest = old.as_slice();
    content.parts().all(|part| match rest.strip_prefix(part) {
        Some(behind) => {
            rest = behind;
            true
        }
        None => false,
    }) && rest.is_empty()
}

/// Whether two files of one size hold the same bytes.
fn is_same_file(file: &Path, other: &mut File) -> bool {
    let Ok(mut file) = File::open(file) else { return false };
    let (mut one, mut two) = (vec![0; BUFFER], vec![0; BUFFER]);
    loop {
        let Ok(length) = file.read(&mut one) else { return false };
        if length == 0 {
            return true;
        }
        if other.read_exact(&mut two[..length]).is_err() || one[..length] != two[..length] {
            return false;
        }
    }
}

/// Removes what a build that did not end well made: staged files, and folders that it had to make. A change that
/// was committed is finished at the next start, from the same files.
pub(super) fn clear(folder: &Path, made: &[PathBuf]) {
    if journal::is_committed(folder) {
        return;
    }
    journal::drop_staged(folder);
    if !made.is_empty() {
        let state = folder.join(STATE_FOLDER);
        // What stays behind is dropped at the next start.
        let _ = fs::remove_file(state.join(super::guard::LOCK));
    }
    for folder in made {
        let _ = fs::remove_dir(folder);
    }
}
