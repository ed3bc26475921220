//! Where rendered files go, one by one, as soon as each is finished.
//!
//! In: a path below the build folder and its [`Content`], from many threads. `output` writes them to
//! disk, `serve` keeps them in [`Memory`]. A site is several times larger than what is held of it at
//! any moment.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// What a file of the site holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text made for this file.
    Text(String),
    /// Bytes made for this file (an image).
    Bytes(Vec<u8>),
    /// Bytes that came with docbuild.
    Static(&'static [u8]),
    /// Texts, one behind the other, that other files share (the articles of a print page).
    Pieces(Vec<Arc<str>>),
    /// A file of the site's sources, to be copied.
    Copy(PathBuf),
}

impl Content {
    /// The bytes in order, without copies; none for a file to be copied.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let (one, pieces): (Option<&[u8]>, &[Arc<str>]) = match self {
            Self::Text(text) => (Some(text.as_bytes()), &[]),
            Self::Bytes(bytes) => (Some(bytes), &[]),
            Self::Static(bytes) => (Some(bytes), &[]),
            Self::Pieces(pieces) => (None, pieces),
            Self::Copy(_) => (None, &[]),
        };
        one.into_iter().chain(pieces.iter().map(|piece| piece.as_bytes()))
    }
}

/// Takes the files of a site.
pub trait Sink: Sync {
    /// Takes a finished file. What goes wrong in writing it is kept until the end.
    ///
    /// # Errors
    /// When a file that should be copied can't be read.
    fn put(&self, path: &str, content: Content) -> io::Result<()>;

    /// Lets every file of the last build stay that is not put anew. Called before the first file.
    /// `false` where that can't be had: then all files are to be put.
    fn keep_rest(&self) -> bool;
}

/// A file in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    content: Content,
    /// Of a file to be copied, when it was read: size and time of the last change.
    version: Option<(u64, Option<SystemTime>)>,
}

impl Stored {
    /// The bytes.
    ///
    /// # Errors
    /// When a file of the sources is gone since.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        match &self.content {
            Content::Copy(file) => std::fs::read(file),
            content => Ok(content.parts().collect::<Vec<_>>().concat()),
        }
    }
}

impl From<&str> for Stored {
    fn from(text: &str) -> Self {
        Self { content: Content::Text(text.to_owned()), version: None }
    }
}

/// The files of a site, by path below the build folder, with `/`.
pub type Rendered = BTreeMap<String, Arc<Stored>>;

/// Keeps the files in memory.
#[derive(Debug, Default)]
pub struct Memory {
    before: Arc<Rendered>,
    files: Mutex<Rendered>,
}

impl Memory {
    /// `before` holds the files of the last build.
    #[must_use]
    pub fn new(before: Arc<Rendered>) -> Self {
        Self { before, files: Mutex::default() }
    }

    /// The files.
    #[must_use]
    pub fn into_files(self) -> Rendered {
        self.files.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Memory {
    fn put(&self, path: &str, content: Content) -> io::Result<()> {
        let version = match &content {
            Content::Copy(file) => {
                // Opening it shows that it can be read.
                let mut opened = std::fs::File::open(file)?;
                let _ = opened.read(&mut [0])?;
                let metadata = opened.metadata()?;
                Some((metadata.len(), metadata.modified().ok()))
            }
            _ => None,
        };
        let stored = Arc::new(Stored { content, version });
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), stored);
        Ok(())
    }

    fn keep_rest(&self) -> bool {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&self.before);
        true
    }
}
