//! Where clusters live: `$DOCBUILD_CACHE`, else `$XDG_CACHE_HOME/docbuild`, else `~/.cache/docbuild`.

use std::path::{Path, PathBuf};

use super::ClusterError;

/// The user's cache folder for docbuild, absolute.
///
/// # Errors
/// When no variable names one and there is no home folder.
pub fn folder() -> Result<PathBuf, ClusterError> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("DOCBUILD_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("docbuild")))
        .or_else(|| etcetera::home_dir().ok().map(|home| home.join(".cache/docbuild")))
        .ok_or_else(|| ClusterError::Unavailable {
            missing: "there is no folder to keep the cluster in: no home folder".to_owned(),
            help: vec!["name one in DOCBUILD_CACHE".to_owned()],
        })?;
    std::path::absolute(&folder).map_err(ClusterError::io(format!("the cache folder {}", folder.display())))
}

/// Makes a folder that only its owner may look into (keys are kept below it).
pub(super) fn make_private(path: &Path) -> Result<(), ClusterError> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(ClusterError::io(format!("making {}", path.display())))
}

/// Writes a file that only its owner may read, whole or not at all.
pub(super) fn write_private(path: &Path, text: impl AsRef<[u8]>) -> Result<(), ClusterError> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let write = || {
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(text.as_ref())?;
        std::fs::rename(&new, path)
    };
    write().map_err(ClusterError::io(format!("writing {}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn keys_are_readable_by_their_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let private = folder.path().join("a/b");
        make_private(&private).unwrap();
        let file = private.join("key");
        write_private(&file, "secret").unwrap();
        write_private(&file, "newer").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "newer");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(private.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(std::fs::read_dir(&private).unwrap().count(), 1, "nothing is left beside it");
    }
}
