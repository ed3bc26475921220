//! The folders of one page: its home, its temporary files, its copy of the kubeconfig.
//!
//! In: the page's plan, the cluster's [`Handle`]. Out: folders that go with the value.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cluster::Handle;
use crate::verify::extract::Block;
use crate::verify::plan::files::{FileSource, PlacedFile};

/// The user that confined commands run as.
const USER: u32 = 1000;

/// The folders of one page, removed with the value unless kept.
pub(crate) struct Workspace {
    folder: tempfile::TempDir,
    owned: bool,
}

impl Workspace {
    /// Makes them. With `confined`, what is in them belongs to the confined user.
    pub(crate) fn make(confined: bool, handle: Option<&Handle>) -> std::io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("docbuild-verify-").tempdir()?;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711))?;
        let made = Self { folder, owned: confined };
        for name in ["home", "tmp"] {
            std::fs::create_dir(made.path().join(name))?;
            made.give(&made.path().join(name))?;
        }
        if confined {
            std::fs::write(
                made.path().join("passwd"),
                "root:x:0:0:root:/root:/bin/bash\nuser:x:1000:1000:user:/home/user:/bin/bash\n",
            )?;
            std::fs::write(made.path().join("group"), "root:x:0:\nuser:x:1000:\n")?;
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
        self.folder.keep()
    }

    /// Puts a file where a command looks for it.
    pub(crate) fn place(&self, file: &PlacedFile, blocks: &[&Block]) -> std::io::Result<()> {
        let home = self.path().join("home");
        let place = home.join(&file.place);
        let mut folder = home;
        for part in Path::new(&file.place).parent().into_iter().flat_map(Path::components) {
            folder.push(part);
            if !folder.is_dir() {
                std::fs::create_dir(&folder)?;
                self.give(&folder)?;
            }
        }
        match &file.source {
            FileSource::Site(source) => self.copy(source, &place),
            FileSource::Block(id) => {
                let text = blocks.iter().find(|block| block.id == *id).map_or("", |block| block.text.as_str());
                std::fs::write(&place, text)?;
                self.give(&place)
            }
        }
    }

    fn copy(&self, source: &Path, place: &Path) -> std::io::Result<()> {
        for entry in walkdir::WalkDir::new(source).follow_links(false) {
            let entry = entry.map_err(std::io::Error::other)?;
            let below = entry.path().strip_prefix(source).unwrap_or(Path::new(""));
            let target = if below.as_os_str().is_empty() { place.to_owned() } else { place.join(below) };
            if entry.file_type().is_dir() {
                std::fs::create_dir_all(&target)?;
            } else if entry.file_type().is_file() {
                std::fs::copy(entry.path(), &target)?;
            } else {
                continue;
            }
            self.give(&target)?;
        }
        Ok(())
    }

    fn give(&self, path: &Path) -> std::io::Result<()> {
        if self.owned {
            std::os::unix::fs::chown(path, Some(USER), Some(USER))?;
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

/// The namespace of the handle's context, where it is not `default`: on a cluster that is shared with
/// others a page has one of its own.
pub(crate) fn own_namespace(handle: &Handle) -> Option<String> {
    let config: Value = serde_yaml::from_str(&std::fs::read_to_string(&handle.kubeconfig).ok()?).ok()?;
    let contexts = config.get("contexts")?.as_array()?;
    let context = contexts.iter().find(|context| context["name"] == handle.context.as_str())?;
    let namespace = context.pointer("/context/namespace")?.as_str()?;
    (!namespace.is_empty() && namespace != "default").then(|| namespace.to_owned())
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
