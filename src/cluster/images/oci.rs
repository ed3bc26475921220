//! Layers, configurations and manifests as the OCI image specification (v1.1) has them.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store::Store;
use crate::cluster::program::Program;
use crate::cluster::{ClusterError, cache};

/// The media type of a manifest.
pub(crate) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// Layers are not compressed: they are read from the disk of the same machine.
const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
/// Image dates say nothing: what is made from the same files has the same digest.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// How the containers of an image start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) entrypoint: Vec<&'static str>,
    pub(super) command: Vec<&'static str>,
    /// Besides `PATH`.
    pub(super) environment: Vec<&'static str>,
    pub(super) ports: Vec<&'static str>,
    pub(super) stop_signal: Option<&'static str>,
}

/// A layer in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Layer {
    digest: String,
    /// In bytes.
    size: u64,
}

/// Packs a folder into a layer: all of it, or what differs from a base.
pub(super) fn make_layer(store: &Store, root: &Path, base: Option<&Path>, name: &str) -> Result<Layer, ClusterError> {
    let tar = store.work(name).with_extension("tar");
    let program = Program::new("tar")
        .words("--create --numeric-owner --format=pax --pax-option=delete=atime,delete=ctime")
        .arg(format!("--file={}", tar.display()))
        // These hold for the names that come after them.
        .arg(format!("--directory={}", root.display()))
        .words("--no-recursion --null --files-from=-");
    let names: Vec<PathBuf> = match base {
        Some(base) => difference(root, base)?,
        None => walk(root),
    };
    let list: Vec<String> = names.iter().map(|name| format!("{}\0", name.display())).collect();
    program.input(list.concat()).run()?;
    let (digest, size) = store.move_blob(&tar)?;
    Ok(Layer { digest, size })
}

/// Everything below a folder, by its name in it, folders before what they hold.
fn walk(root: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(root).min_depth(1).sort_by_file_name().into_iter().flatten();
    entries.filter_map(|entry| entry.path().strip_prefix(root).ok().map(Path::to_owned)).collect()
}

/// What is new or different in `root`. For what is gone a whiteout file is made in it.
fn difference(root: &Path, base: &Path) -> Result<Vec<PathBuf>, ClusterError> {
    for gone in walk(base).iter().filter(|name| root.join(name).symlink_metadata().is_err()) {
        let (Some(parent), Some(name)) = (gone.parent(), gone.file_name()) else { continue };
        // The whiteout of a folder stands for all that was in it.
        if root.join(parent).is_dir() {
            let whiteout = root.join(parent).join(format!(".wh.{}", name.to_string_lossy()));
            fs::write(&whiteout, "").map_err(ClusterError::io(format!("writing {}", whiteout.display())))?;
        }
    }
    Ok(walk(root).into_iter().filter(|name| !is_same(&root.join(name), &base.join(name))).collect())
}

/// Whether a copy was left as it was. Its time was copied too, so whoever wrote to it has changed it.
fn is_same(one: &Path, other: &Path) -> bool {
    let (Ok(a), Ok(b)) = (one.symlink_metadata(), other.symlink_metadata()) else { return false };
    let facts = |m: &fs::Metadata| (m.mode(), m.uid(), m.gid(), m.rdev());
    if facts(&a) != facts(&b) {
        return false;
    }
    a.is_dir() || ((a.len(), a.mtime(), a.mtime_nsec()) == (b.len(), b.mtime(), b.mtime_nsec()))
}

/// Adds an image that is called `reference`, and returns its manifest's digest.
pub(super) fn add_image(
    store: &Store,
    config: &Config,
    layers: &[Layer],
    reference: &str,
) -> Result<String, ClusterError> {
    let config = config_json(config, layers, reference).to_string();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": { "mediaType": CONFIG_TYPE, "digest": store.add_blob(config.as_bytes())?, "size": config.len() },
        "layers": layers
            .iter()
            .map(|layer| json!({ "mediaType": LAYER_TYPE, "digest": layer.digest, "size": layer.size }))
            .collect::<Vec<_>>(),
    });
    store.add_blob(manifest.to_string().as_bytes())
}

fn config_json(config: &Config, layers: &[Layer], reference: &str) -> serde_json::Value {
    let mut environment = vec!["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
    environment.extend(&config.environment);
    let mut inner = json!({
        "Env": environment,
        "Labels": { "docbuild.stand-in-for": reference },
        "WorkingDir": "/",
    });
    let mut set = |name: &str, value: serde_json::Value| inner[name] = value;
    if !config.entrypoint.is_empty() {
        set("Entrypoint", json!(config.entrypoint));
    }
    if !config.command.is_empty() {
        set("Cmd", json!(config.command));
    }
    if !config.ports.is_empty() {
        set("ExposedPorts", config.ports.iter().map(|port| ((*port).to_owned(), json!({}))).collect());
    }
    if let Some(signal) = config.stop_signal {
        set("StopSignal", json!(signal));
    }
    json!({
        "architecture": architecture(),
        "os": "linux",
        "created": CREATED,
        "config": inner,
        "rootfs": { "type": "layers", "diff_ids": layers.iter().map(|layer| &layer.digest).collect::<Vec<_>>() },
    })
}

/// The machine's architecture by Go's name.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Puts a text file into a root file system.
pub(super) fn put(root: &Path, path: &str, text: &str, mode: u32) -> Result<(), ClusterError> {
    use std::os::unix::fs::PermissionsExt as _;
    let file = root.join(path);
    let write = || {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file, text)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(mode))
    };
    write().map_err(ClusterError::io(format!("writing {}", file.display())))
}

/// Makes the folder that images are made in.
pub(super) fn make_work(store: &Store) -> Result<(), ClusterError> {
    cache::make_private(&store.work(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_differ_in_their_digest() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        let layers = [Layer { digest: "sha256:0".into(), size: 1 }];
        let digests =
            ["a/b:1", "a/b:2", "a/b:1"].map(|name| add_image(&store, &Config::default(), &layers, name).unwrap());
        assert_ne!(digests[0], digests[1]);
        assert_eq!(digests[0], digests[2], "the same input gives the same bytes");
    }

    #[test]
    fn a_difference_holds_what_is_new_changed_or_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (base, root) = (folder.path().join("base"), folder.path().join("root"));
        for (name, text) in [("same", "1"), ("changed", "1"), ("folder/gone", "1")] {
            put(&base, name, text, 0o644).unwrap();
        }
        crate::cluster::images::debian::copy(&base, &root).unwrap();
        put(&root, "changed", "22", 0o644).unwrap();
        put(&root, "folder/new", "1", 0o644).unwrap();
        fs::remove_file(root.join("folder/gone")).unwrap();
        let names: Vec<String> =
            difference(&root, &base).unwrap().iter().map(|name| name.display().to_string()).collect();
        assert_eq!(names, ["changed", "folder/.wh.gone", "folder/new"]);
    }

    #[test]
    fn a_config_says_how_to_start() {
        let config = Config {
            entrypoint: vec!["/entry"],
            command: vec!["run", "it"],
            environment: vec!["A=1"],
            ports: vec!["80/tcp"],
            stop_signal: Some("SIGQUIT"),
        };
        let json = config_json(&config, &[], "a/b:1");
        assert_eq!(json["config"]["Entrypoint"], json!(["/entry"]));
        assert_eq!(json["config"]["Cmd"], json!(["run", "it"]));
        assert_eq!(json["config"]["ExposedPorts"], json!({"80/tcp": {}}));
        assert_eq!(json["config"]["StopSignal"], "SIGQUIT");
        assert_eq!(json["config"]["Env"][1], "A=1");
        assert_eq!(json["config"]["Labels"]["docbuild.stand-in-for"], "a/b:1");
    }
}
