//! The folders of one page: its home, its temporary files, its copy of the kubeconfig.
//!
//! In: the page's plan, the cluster's [`Handle`]. Out: folders that go with the value.

use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cluster::Handle;
use crate::verify::extract::Block;
use crate::verify::plan::files::{FileSource, PlacedFile};

/// The folders of one page, removed with the value unless kept.
pub(crate) struct Workspace {
    folder: tempfile::TempDir,
    /// The user that what is in them belongs to, where commands run as another than docbuild does.
    owner: Option<u32>,
    /// The folder itself, locked as long as the page runs: what nobody holds is left of a run that was
    /// killed, at whatever moment.
    _lock: OwnedFd,
}

/// What the folders' names begin with.
const PREFIX: &str = "docbuild-verify-";
/// The file in those that nobody holds and that stay all the same.
const KEPT: &str = "kept";

impl Workspace {
    /// Makes them. What is in them belongs to `owner`, if one is named.
    pub(crate) fn make(owner: Option<u32>, handle: Option<&Handle>) -> std::io::Result<Self> {
        let (folder, lock) = new_folder()?;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711))?;
        let made = Self { folder, owner, _lock: lock };
        for name in ["home", "tmp"] {
            std::fs::create_dir(made.path().join(name))?;
            made.give(&made.path().join(name))?;
        }
        if let Some(id) = owner {
            std::fs::write(
                made.path().join("passwd"),
                format!("root:x:0:0:root:/root:/bin/bash\nuser:x:{id}:{id}:user:/home/user:/bin/bash\n"),
            )?;
            std::fs::write(made.path().join("group"), format!("root:x:0:\nuser:x:{id}:\n"))?;
        }
        if let Some(handle) = handle {
            made.kubeconfig(handle)?;
        }
        Ok(made)
    }

    /// The folder that holds `home` and `tmp`.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Keeps the folders after the run and says where they are.
    pub(crate) fn keep(self) -> PathBuf {
        // Where this can't be written the folder is gone, or nothing can be removed from it either.
        let _ = std::fs::write(self.path().join(KEPT), "");
        self.folder.keep()
    }

    /// Puts a file where a command looks for it.
    pub(crate) fn place(&self, file: &PlacedFile, blocks: &[&Block]) -> std::io::Result<()> {
        match &file.source {
            FileSource::Site(source) => self.copy(source, Path::new(&file.place)),
            FileSource::Block(id) => {
                let text = blocks.iter().find(|block| block.id == *id).map_or("", |block| block.text.as_str());
                self.put(Path::new(&file.place), &mut text.as_bytes())
            }
        }
    }

    fn copy(&self, source: &Path, place: &Path) -> std::io::Result<()> {
        for entry in walkdir::WalkDir::new(source).follow_links(false) {
            let entry = entry.map_err(std::io::Error::other)?;
            let below = entry.path().strip_prefix(source).unwrap_or(Path::new(""));
            let target = if below.as_os_str().is_empty() { place.to_owned() } else { place.join(below) };
            if entry.file_type().is_dir() {
                self.folder_below(&target)?;
            } else if entry.file_type().is_file() {
                self.put(&target, &mut std::fs::File::open(entry.path())?)?;
            }
        }
        Ok(())
    }

    /// Writes a file below `home`. The page has been there before: a link that it made is replaced, and
    /// none is followed.
    fn put(&self, place: &Path, text: &mut dyn std::io::Read) -> std::io::Result<()> {
        let folder = self.folder_below(place.parent().unwrap_or(Path::new("")))?;
        self.write_at(&folder, place.file_name().unwrap_or_default(), text)
    }

    /// Writes a new file in an open folder, in place of what has its name there.
    fn write_at(&self, folder: &OwnedFd, name: &std::ffi::OsStr, text: &mut dyn std::io::Read) -> std::io::Result<()> {
        use rustix::fs::{AtFlags, Mode, OFlags, openat, unlinkat};
        match unlinkat(folder, name, AtFlags::empty()) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH;
        let mut file = std::fs::File::from(openat(folder, name, flags, mode)?);
        std::io::copy(text, &mut file)?;
        self.give_open(&file)
    }

    /// Writes a file of ours into the page's `tmp`; returns its path.
    pub(crate) fn lay_beside(&self, name: &str, text: &str) -> std::io::Result<String> {
        let folder = rustix::fs::open(
            self.path().join("tmp"),
            rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::CLOEXEC,
            rustix::fs::Mode::empty(),
        )?;
        self.write_at(&folder, name.as_ref(), &mut text.as_bytes())?;
        Ok(self.path().join("tmp").join(name).to_string_lossy().into_owned())
    }

    /// Opens a folder below `home`, made where it is not there, without following a link.
    fn folder_below(&self, path: &Path) -> std::io::Result<OwnedFd> {
        use rustix::fs::{Mode, OFlags, mkdirat, openat};
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut folder = rustix::fs::open(self.path().join("home"), flags, Mode::empty())?;
        for part in path.components() {
            let std::path::Component::Normal(name) = part else { continue };
            let made = mkdirat(&folder, name, Mode::from_raw_mode(0o755));
            folder = openat(&folder, name, flags, Mode::empty())?;
            match made {
                Ok(()) => self.give_open(&folder)?,
                Err(rustix::io::Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(folder)
    }

    fn give_open(&self, file: impl std::os::fd::AsFd) -> std::io::Result<()> {
        if self.owner.is_some() {
            std::os::unix::fs::fchown(file, self.owner, self.owner)?;
        }
        Ok(())
    }

    fn give(&self, path: &Path) -> std::io::Result<()> {
        if self.owner.is_some() {
            std::os::unix::fs::chown(path, self.owner, self.owner)?;
        }
        Ok(())
    }

    /// A kubeconfig of the page's own, 0600, with all that it names in it.
    fn kubeconfig(&self, handle: &Handle) -> std::io::Result<()> {
        let text = std::fs::read_to_string(&handle.kubeconfig)?;
        let mut config: Value = serde_yaml::from_str(&text).map_err(std::io::Error::other)?;
        let base = handle.kubeconfig.parent().unwrap_or(Path::new("."));
        for (list, item) in [("clusters", "cluster"), ("users", "user")] {
            for entry in config.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(entry) = entry.get_mut(item) {
                    embed(entry, base)?;
                }
            }
        }
        config["current-context"] = json!(handle.context);
        let folder = self.path().join("home/.kube");
        std::fs::create_dir(&folder)?;
        let file = folder.join("config");
        std::fs::write(&file, serde_yaml::to_string(&config).map_err(std::io::Error::other)?)?;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))?;
        self.give(&folder)?;
        self.give(&file)
    }
}

/// Makes an empty folder that is locked.
///
/// A sweep of another run may find it before it is locked, and take it for left: then there is another.
fn new_folder() -> std::io::Result<(tempfile::TempDir, OwnedFd)> {
    loop {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        if let Some(lock) = lock(folder.path())? {
            return Ok((folder, lock));
        }
    }
}

/// Locks a folder itself and not a file in it, which would be gone before the rest when a removal is
/// killed. `None` where another has the lock, or has removed the folder.
fn lock(folder: &Path) -> std::io::Result<Option<OwnedFd>> {
    use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
    use rustix::io::Errno;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = match open(folder, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    // Who had the lock before may have removed the folder.
    Ok(folder.exists().then_some(file))
}

/// Removes the folders of pages whose run was killed.
pub(crate) fn sweep() {
    let entries = std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    for folder in ours.map(|entry| entry.path()) {
        // What can't be locked or removed is another user's.
        let Ok(Some(_lock)) = lock(&folder) else { continue };
        if !folder.join(KEPT).exists() {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// The namespace of the handle's context, where it is not `default`: on a cluster that is shared with
/// others a page has one of its own.
pub(crate) fn own_namespace(handle: &Handle) -> Option<String> {
    let config: Value = serde_yaml::from_str(&std::fs::read_to_string(&handle.kubeconfig).ok()?).ok()?;
    let contexts = config.get("contexts")?.as_array()?;
    let context = contexts.iter().find(|context| context["name"] == handle.context.as_str())?;
    let namespace = context.pointer("/context/namespace")?.as_str()?;
    (!namespace.is_empty() && namespace != "default").then(|| namespace.to_owned())
}

/// What the handle's kubeconfig calls the cluster of its context.
pub(crate) fn cluster_name(handle: &Handle) -> Option<String> {
    let config: Value = serde_yaml::from_str(&std::fs::read_to_string(&handle.kubeconfig).ok()?).ok()?;
    let contexts = config.get("contexts")?.as_array()?;
    let context = contexts.iter().find(|context| context["name"] == handle.context.as_str())?;
    context.pointer("/context/cluster")?.as_str().map(str::to_owned)
}

/// Replaces the files that an entry names by what is in them.
fn embed(entry: &mut Value, base: &Path) -> std::io::Result<()> {
    for key in ["certificate-authority", "client-certificate", "client-key"] {
        let Some(path) = entry.get(key).and_then(Value::as_str).map(str::to_owned) else { continue };
        let bytes = std::fs::read(base.join(path))?;
        if let Some(map) = entry.as_object_mut() {
            map.remove(key);
            map.insert(format!("{key}-data"), serde_json::to_value(k8s_openapi::ByteString(bytes))?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_put_below_home_and_no_link_is_followed() {
        let workspace = Workspace::make(None, None).unwrap();
        let home = workspace.path().join("home");
        let outside = tempfile::tempdir().unwrap();
        let target = outside.path().join("target");
        std::fs::write(&target, "untouched").unwrap();
        std::os::unix::fs::symlink(&target, home.join("a.yaml")).unwrap();
        std::os::unix::fs::symlink(outside.path(), home.join("sub")).unwrap();
        workspace.put(Path::new("a.yaml"), &mut "new".as_bytes()).unwrap();
        assert_eq!(std::fs::read_to_string(home.join("a.yaml")).unwrap(), "new");
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "untouched");
        assert!(workspace.put(Path::new("sub/b.yaml"), &mut "new".as_bytes()).is_err());
        assert!(!outside.path().join("b.yaml").exists());
        workspace.put(Path::new("./x/y/c.yaml"), &mut "c".as_bytes()).unwrap();
        assert_eq!(std::fs::read_to_string(home.join("x/y/c.yaml")).unwrap(), "c");
    }

    #[test]
    fn what_is_held_or_kept_is_not_swept() {
        let held = Workspace::make(None, None).unwrap();
        let kept = Workspace::make(None, None).unwrap().keep();
        // A run was killed when it had just made its folder, or when it had removed half of it.
        let left = tempfile::Builder::new().prefix(PREFIX).tempdir().unwrap().keep();
        std::fs::create_dir(left.join("home")).unwrap();
        sweep();
        assert!(held.path().join("home").exists());
        assert!(kept.join("home").exists());
        assert!(!left.exists());
        std::fs::remove_dir_all(kept).unwrap();
    }

    #[test]
    fn a_folder_that_is_gone_is_not_locked() {
        let folder = tempfile::tempdir().unwrap();
        let held = lock(folder.path()).unwrap();
        assert!(held.is_some() && lock(folder.path()).unwrap().is_none());
        drop(held);
        let path = folder.path().to_owned();
        folder.close().unwrap();
        assert!(lock(&path).unwrap().is_none());
    }
}
