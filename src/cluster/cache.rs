//! Where clusters live: `$DOCBUILD_CACHE`, else `$XDG_CACHE_HOME/docbuild`, else `~/.cache/docbuild`.

use std::path::{Path, PathBuf};

use super::ClusterError;

/// The user's cache folder for docbuild: absolute, and without symbolic links, as a cluster sees it
/// by the same path below a root of its own.
///
/// # Errors
/// When no variable names one and there is no home folder; when its path has a character that
/// `PATH` or a cluster's settings can't carry.
pub fn folder() -> Result<PathBuf, ClusterError> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("DOCBUILD_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("docbuild")))
        .or_else(|| etcetera::home_dir().ok().map(|home| home.join(".cache/docbuild")))
        .ok_or_else(|| ClusterError::Unavailable {
            missing: "there is no folder to keep the cluster in: no home folder".to_owned(),
            help: vec!["name one in DOCBUILD_CACHE".to_owned()],
        })?;
    let absolute =
        std::path::absolute(&folder).map_err(ClusterError::io(format!("the cache folder {}", folder.display())))?;
    checked(resolved(&absolute))
}

/// The path with its symbolic links followed, as far as it is there.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => resolved(parent).join(name),
        _ => path.to_owned(),
    }
}

/// The folder, if its path can be written into `PATH`, YAML, TOML and a Corefile alike.
fn checked(folder: PathBuf) -> Result<PathBuf, ClusterError> {
    let carried = |letter: char| letter.is_alphanumeric() || " /._-+@~=".contains(letter);
    let problem = match folder.to_str() {
        Some(text) => text.chars().find(|&letter| !carried(letter)).map(|letter| format!("`{letter}`")),
        None => Some("what is not UTF-8".to_owned()),
    };
    match problem {
        None => Ok(folder),
        Some(problem) => Err(ClusterError::Usage {
            wrong: format!("the cache folder's path has {} in it: {folder:?}", problem.escape_debug()),
            help: vec!["name another folder in DOCBUILD_CACHE".to_owned()],
        }),
    }
}

/// Makes a folder that only its owner may look into (keys are kept below it).
pub(crate) fn make_private(path: &Path) -> Result<(), ClusterError> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(ClusterError::io(format!("making {}", path.display())))
}

/// Writes a file that only its owner may read, whole or not at all.
pub(crate) fn write_private(path: &Path, text: impl AsRef<[u8]>) -> Result<(), ClusterError> {
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
    fn symbolic_links_are_followed_as_far_as_there_are_folders() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        std::fs::create_dir(real.join("real")).unwrap();
        std::os::unix::fs::symlink(real.join("real"), real.join("link")).unwrap();
        assert_eq!(resolved(&real.join("link/not/there")), real.join("real/not/there"));
        assert_eq!(resolved(&real.join("link/../real")), real.join("real"));
    }

    #[test]
    fn a_path_that_settings_cannot_carry_is_refused() {
        for good in ["/a/b c", "/home/j\u{f6}rg/.cache/docbuild-1_x"] {
            assert_eq!(checked(good.into()).unwrap(), Path::new(good));
        }
        for wrong in ["/a:b", "/a\"b", "/a,b", "/a{b", "/a#b", "/a\nb", "/a\\b"] {
            let refused = checked(wrong.into()).unwrap_err();
            assert!(refused.is_usage() && !refused.to_string().contains('\n'), "{refused}");
        }
    }

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
