//! Writes a rendered site: changed files only, through a journal.
//!
//! In: [`Config`] (the build folder, and the folders it must not touch) and the files of the site, one
//! by one, as they are rendered ([`Writer`] is a [`Sink`]).
//! Out: [`Written`], or an [`OutputError`] with the build folder as it was.
//! Steps: take the lock, finish what an interrupted build left ([`journal`]); stage each file that
//! differs from the disk beside the site ([`writer`]); then, if the build is good, see what has to
//! change ([`plan`]), commit the journal, rename the files into place, remove what is no longer
//! produced, write the list of own files ([`manifest`]).
//!
//! Everything up to the commit leaves the previous site untouched; everything after it can be done
//! again from the journal. A power cut is not covered by a flush of every file (that costs seconds):
//! staged files carry a hash in the journal, so a file that the disk lost is noticed, and the next
//! build writes it again. A first build flushes nothing, for there is nothing that it could damage.

mod guard;
mod journal;
mod manifest;
mod plan;
mod writer;

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use crate::config::Config;
use crate::render::{Content, Sink};
use writer::{Entry, Stage};

/// Folder below the build folder that holds the lock, the journal and the list of own files.
pub const STATE_FOLDER: &str = ".docbuild";

/// The files that docbuild wrote to a build folder, by path.
///
/// # Errors
/// When the list is there and can't be read.
pub fn files(folder: &Path) -> Result<BTreeSet<String>, OutputError> {
    manifest::load(folder)
}

/// What a build changed on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Files that are new or have other bytes than before.
    pub changed: usize,
    /// Files of an earlier build that are no longer produced.
    pub removed: usize,
    /// Files that were left alone.
    pub unchanged: usize,
}

/// Why a site could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The build folder is, or lies in, or holds a folder of sources.
    #[error("the build folder {} overlaps the sources in {}", build.display(), sources.display())]
    Overlap {
        /// The build folder.
        build: PathBuf,
        /// The folder of sources.
        sources: PathBuf,
    },
    /// Another build holds the lock.
    #[error("another docbuild is writing to {}", .0.display())]
    Locked(PathBuf),
    /// A file that docbuild did not write is where a page belongs.
    #[error("{} holds files that docbuild did not write, and a build would replace them: {}", folder.display(), paths.join(", "))]
    Foreign {
        /// The build folder.
        folder: PathBuf,
        /// The first few of them, relative to it.
        paths: Vec<String>,
    },
    /// Something that is no plain file or folder of an earlier build is in the way.
    #[error("{} is in the way of {path}, and docbuild did not write it", obstacle.display())]
    InTheWay {
        /// What is there.
        obstacle: PathBuf,
        /// The file that belongs there, relative to the build folder.
        path: String,
    },
    /// A path that leads out of the build folder, or into docbuild's own.
    #[error("`{0}` is no path for a file of a site")]
    Path(String),
    /// One produced path is a file and a folder.
    #[error("`{0}` would be a file and a folder at the same time")]
    FileAndFolder(String),
    /// A folder that may not be written to.
    #[error("the folder {} may not be written to", .0.display())]
    ReadOnly(PathBuf),
    /// A file operation failed.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: `write`, `read`, `rename`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Renaming failed half-way; the journal is there to finish it.
    #[error("the site in {} is half written: {cause}", folder.display())]
    Interrupted {
        /// The build folder.
        folder: PathBuf,
        /// What failed.
        cause: Box<OutputError>,
    },
}

impl OutputError {
    /// What a person can do about it.
    #[must_use]
    pub fn help(&self) -> Vec<String> {
        let help = match self {
            Self::Overlap { .. } => "choose a folder of its own: `--output DIR`, or `build.build-dir` in book.toml",
            Self::Locked(_) => "wait until it is done, or write elsewhere with `--output DIR`",
            Self::Foreign { .. } => {
                "remove the folder if nothing in it is needed, or write elsewhere with `--output DIR`"
            }
            Self::InTheWay { .. } => "move it away, or write elsewhere with `--output DIR`",
            Self::Path(_) | Self::FileAndFolder(_) => "give the page or file another name or `url`",
            Self::ReadOnly(_) => "make it writable, or write elsewhere with `--output DIR`",
            Self::Io { .. } => "check the path, the permissions and the free space; the previous site is untouched",
            Self::Interrupted { .. } => "mend the cause and build again: the next start finishes or replaces it",
        };
        vec![help.to_owned()]
    }

    fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

/// The build folder, checked and recovered, ready to be written to.
#[derive(Debug)]
pub struct Target {
    folder: PathBuf,
    lock: Option<File>,
    recovered: bool,
}

impl Target {
    /// Checks the build folder and finishes what an interrupted build left there. Creates nothing.
    ///
    /// # Errors
    /// When the folder overlaps the sources, is being written to, or can't be recovered.
    pub fn open(config: &Config) -> Result<Self, OutputError> {
        guard::refuse_sources(config)?;
        let mut target = Self { folder: config.build_dir.clone(), lock: None, recovered: false };
        if target.folder.join(STATE_FOLDER).is_dir() {
            target.lock = Some(guard::lock(&target.folder)?);
            target.recovered = journal::recover(&target.folder)?;
        }
        Ok(target)
    }

    /// Whether an interrupted build was finished.
    #[must_use]
    pub fn recovered(&self) -> bool {
        self.recovered
    }

    /// Begins a build: files can be put from here on.
    ///
    /// # Errors
    /// When the folder can't be made or is being written to.
    pub fn begin(mut self) -> Result<Writer, OutputError> {
        let mut made = vec![];
        if self.lock.is_none() {
            let state = self.folder.join(STATE_FOLDER);
            made = state.ancestors().take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
            std::fs::create_dir_all(&state).map_err(OutputError::io("create", &state))?;
            self.lock = Some(guard::lock(&self.folder)?);
            journal::recover(&self.folder)?;
        }
        let own = manifest::load(&self.folder)?;
        let stage = Stage::new(&self.folder)?;
        Ok(Writer { folder: self.folder, _lock: self.lock, own, made, stage })
    }
}

/// Takes the files of a build. Dropped without [`Self::commit`], it leaves everything as it was.
#[derive(Debug)]
pub struct Writer {
    folder: PathBuf,
    _lock: Option<File>,
    /// The files of the last build.
    own: BTreeSet<String>,
    /// Folders that were not there, the innermost first.
    made: Vec<PathBuf>,
    stage: Stage,
}

impl Sink for Writer {
    fn put(&self, path: &str, content: Content) -> io::Result<()> {
        self.stage.put(path, content)
    }

    fn keep_rest(&self) -> bool {
        self.stage.keep_rest()
    }
}

impl Writer {
    /// Makes the build folder hold exactly the files that were put, apart from files that docbuild
    /// did not write.
    ///
    /// # Errors
    /// With all but [`OutputError::Interrupted`] the previous site is untouched.
    pub fn commit(mut self) -> Result<Written, OutputError> {
        let mut entries = self.stage.finish()?;
        if self.stage.keep.load(Ordering::Relaxed) {
            for path in &self.own {
                let place = self.stage.folders.look(&self.folder, path)?;
                entries.entry(path.clone()).or_insert(Entry { place, staged: None });
            }
        }
        let plan = plan::compare(&self.folder, &self.own, &entries, &self.stage.folders)?;
        let written = Written {
            changed: plan.put.len(),
            removed: plan.clear.len() + plan.delete.len(),
            unchanged: entries.len() - plan.put.len(),
        };
        if plan.is_empty() {
            manifest::store(&self.folder, entries.keys().map(String::as_str))?;
        } else {
            let journal = journal::commit(&self.folder, plan, &entries)?;
            journal::apply(&self.folder, &journal)
                .map_err(|cause| OutputError::Interrupted { folder: self.folder.clone(), cause: Box::new(cause) })?;
        }
        self.made.clear();
        Ok(written)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        writer::clear(&self.folder, &self.made);
    }
}

#[cfg(test)]
mod tests;
