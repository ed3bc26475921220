//! Files that a page names: examples that a shortcode shows, files beside a page.
//!
//! In: a folder of the site and a name that an author (perhaps a stranger) wrote. Out: the text, or
//! why not. A name can't lead out of its folder: not with `..`, not by an absolute path, not through
//! a symbolic link, not in another spelling.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::diagnostics::SourceFile;

/// The way to files from where no file is opened: pages and shortcodes ask through it.
pub trait Files: Sync {
    /// The text of the file called `name` below `folder` (absolute).
    ///
    /// # Errors
    /// When it is not there, is no text, or would lie outside of the folder.
    fn read(&self, folder: &Path, name: &str) -> Result<Arc<SourceFile>, FileError>;

    /// The bytes of the file called `name` below `folder` (absolute).
    ///
    /// # Errors
    /// When it is not there, or would lie outside of the folder.
    fn bytes(&self, folder: &Path, name: &str) -> Result<Vec<u8>, FileError>;

    /// The names of all files below a folder, with `/`, for "did you mean".
    fn names(&self, folder: &Path) -> Vec<String>;
}

/// Why a file could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// There is none.
    #[error("there is no such file")]
    Missing,
    /// The name leads out of its folder.
    #[error("the name leads out of its folder")]
    Outside,
    /// It is no UTF-8 text.
    #[error("it is not UTF-8 text")]
    NotText,
    /// The system said no.
    #[error("{0}")]
    Unreadable(String),
}

/// The real files below a site's root.
#[derive(Debug, Clone)]
pub struct DiskFiles {
    root: PathBuf,
}

impl DiskFiles {
    /// Files of the site at `root` (absolute): their paths are shown relative to it.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
}

impl Files for DiskFiles {
    fn read(&self, folder: &Path, name: &str) -> Result<Arc<SourceFile>, FileError> {
        let bytes = self.bytes(folder, name)?;
        let text = String::from_utf8(bytes).map_err(|_| FileError::NotText)?;
        let shown = folder.join(name);
        let shown = shown.strip_prefix(&self.root).unwrap_or(&shown).to_string_lossy().replace('\\', "/");
        Ok(SourceFile::new(shown, text))
    }

    fn bytes(&self, folder: &Path, name: &str) -> Result<Vec<u8>, FileError> {
        if leads_out(&self.root, folder) {
            return Err(FileError::Outside);
        }
        let path = confined(folder, name)?;
        std::fs::read(&path).map_err(|error| FileError::Unreadable(error.to_string()))
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
        files
            .filter(|entry| entry.file_type().is_file())
            .filter_map(|entry| Some(entry.path().strip_prefix(folder).ok()?.to_string_lossy().replace('\\', "/")))
            .collect()
    }
}

/// Whether a folder of the site is a link to somewhere else. One that the configuration puts outside of
/// the root by its name is where it says.
pub(super) fn leads_out(root: &Path, folder: &Path) -> bool {
    let is_below = folder
        .strip_prefix(root)
        .is_ok_and(|rest| rest.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)));
    match (is_below, root.canonicalize(), folder.canonicalize()) {
        (true, Ok(root), Ok(folder)) => !folder.starts_with(root),
        _ => false,
    }
}

/// The path of an existing file below `folder`, all links resolved.
fn confined(folder: &Path, name: &str) -> Result<PathBuf, FileError> {
    if !is_plain(name) {
        return Err(FileError::Outside);
    }
    let folder = folder.canonicalize().map_err(|_| FileError::Missing)?;
    let path = folder.join(name).canonicalize().map_err(|error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => FileError::Unreadable(error.to_string()),
        _ => FileError::Missing,
    })?;
    if !path.starts_with(&folder) {
        return Err(FileError::Outside);
    }
    if path.is_file() { Ok(path) } else { Err(FileError::Missing) }
}

/// Whether a name has ordinary parts only, in no spelling that something else could read otherwise.
pub(crate) fn is_plain(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let spelled_otherwise =
        name.contains(['\\', '\0']) || ["%2e", "%2f", "%5c", "%00"].iter().any(|code| lower.contains(code));
    let drive = lower.as_bytes().get(1) == Some(&b':');
    !spelled_otherwise
        && !drive
        && Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_folder() {
        for name in ["../a", "a/../../b", "/etc/passwd", "..\\a", "a\\..\\b", "%2e%2e/a", "a%2Fb", "C:/x", "a\0b"] {
            assert!(!is_plain(name), "{name:?}");
        }
        for name in ["a.yaml", "pods/a.yaml", "./a.yaml", "a..b.yaml", "100%.txt"] {
            assert!(is_plain(name), "{name:?}");
        }
    }

    #[test]
    fn links_do_not_lead_out() {
        let site = tempfile::tempdir().unwrap();
        let examples = site.path().join("examples");
        std::fs::create_dir(&examples).unwrap();
        std::fs::write(site.path().join("secret"), "s").unwrap();
        std::fs::write(examples.join("own.yaml"), "a: 1\n").unwrap();
        std::os::unix::fs::symlink("../secret", examples.join("out.yaml")).unwrap();
        std::os::unix::fs::symlink("own.yaml", examples.join("in.yaml")).unwrap();
        std::os::unix::fs::symlink("..", examples.join("up")).unwrap();
        let files = DiskFiles::new(site.path());
        assert_eq!(files.read(&examples, "out.yaml").unwrap_err(), FileError::Outside);
        assert_eq!(files.read(&examples, "up/secret").unwrap_err(), FileError::Outside);
        assert_eq!(files.read(&examples, "in.yaml").unwrap().text, "a: 1\n");
        assert_eq!(files.read(&examples, "none").unwrap_err(), FileError::Missing);
        assert_eq!(files.read(&examples, "own.yaml").unwrap().path, "examples/own.yaml");
    }
}
