//! Layers, configurations and manifests as the OCI image specification (v1.1) has them.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::name::Name;
use super::store::{Store, digest};
use super::tags::version_of;
use crate::cluster::program::Program;
use crate::cluster::{ClusterError, cache};

/// The media type of a manifest.
pub(crate) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// Layers are not compressed: they are read from the disk of the same machine.
const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar";
pub(crate) const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
/// Image dates say nothing: what is made from the same files has the same digest.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// How the containers of an image start. In `environment` and `command`, `{tag}` stands for the tag
/// and `{version}` for the version that it begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) entrypoint: Vec<&'static str>,
    pub(super) command: Vec<&'static str>,
    /// Besides `PATH`, unless it names that too.
    pub(super) environment: Vec<&'static str>,
    pub(super) ports: Vec<&'static str>,
    pub(super) stop_signal: Option<&'static str>,
    /// Who they run as, if not root.
    pub(super) user: Option<&'static str>,
    /// The folder they start in, if not `/`.
    pub(super) folder: Option<&'static str>,
    pub(super) volumes: Vec<&'static str>,
}

/// A layer in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Layer {
    pub(super) digest: String,
    /// In bytes.
    pub(super) size: u64,
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

/// The manifest and the configuration of an image called `name`, each with its digest.
pub(super) fn texts(template: &Value, layers: &[Layer], name: &Name) -> ((String, Vec<u8>), (String, Vec<u8>)) {
    let mut config = template.clone();
    fill_in(&mut config, name);
    config["config"]["Labels"] = json!({ "docbuild.stand-in-for": name.whole() });
    let config = config.to_string().into_bytes();
    let config_digest = digest(&config);
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": { "mediaType": CONFIG_TYPE, "digest": config_digest, "size": config.len() },
        "layers": layers
            .iter()
            .map(|layer| json!({ "mediaType": LAYER_TYPE, "digest": layer.digest, "size": layer.size }))
            .collect::<Vec<_>>(),
    });
    let manifest = manifest.to_string().into_bytes();
    ((digest(&manifest), manifest), (config_digest, config))
}

/// Writes the tag into the strings that have a place for it.
fn fill_in(value: &mut Value, name: &Name) {
    match value {
        Value::String(text) if text.contains('{') => {
            *text = text.replace("{tag}", &name.tag).replace("{version}", version_of(&name.tag));
        }
        Value::Array(list) => list.iter_mut().for_each(|one| fill_in(one, name)),
        Value::Object(fields) => fields.values_mut().for_each(|one| fill_in(one, name)),
        _ => {}
    }
}

/// The configuration of an image whose name is not known yet.
pub(super) fn template(config: &Config, layers: &[Layer]) -> Value {
    let Config { entrypoint, command, environment: own, ports, stop_signal, user, folder, volumes } = config;
    let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let has_path = own.iter().any(|variable| variable.starts_with("PATH="));
    let environment: Vec<&str> = (!has_path).then_some(path).into_iter().chain(own.iter().copied()).collect();
    let mut inner = json!({ "Env": environment, "WorkingDir": folder.unwrap_or("/") });
    let mut set = |name: &str, value: Value| inner[name] = value;
    let as_keys = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), json!({}))).collect::<Value>();
    if !entrypoint.is_empty() {
        set("Entrypoint", json!(entrypoint));
    }
    if !command.is_empty() {
        set("Cmd", json!(command));
    }
    if !ports.is_empty() {
        set("ExposedPorts", as_keys(ports));
    }
    if !volumes.is_empty() {
        set("Volumes", as_keys(volumes));
    }
    if let Some(signal) = stop_signal {
        set("StopSignal", json!(signal));
    }
    if let Some(user) = user {
        set("User", json!(user));
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
            environment: vec!["A={version}", "B={tag}"],
            ports: vec!["80/tcp"],
            stop_signal: Some("SIGQUIT"),
            user: Some("33"),
            folder: Some("/data"),
            volumes: vec!["/data"],
        };
        let layers = [Layer { digest: "sha256:0".into(), size: 1 }];
        let name = Name::parse("a/b:1.2-x").unwrap();
        let ((_, manifest), (digest, config)) = texts(&template(&config, &layers), &layers, &name);
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        assert_eq!(manifest["config"]["digest"], digest);
        assert_eq!(manifest["layers"][0]["digest"], "sha256:0");
        let json: Value = serde_json::from_slice(&config).unwrap();
        assert_eq!(json["config"]["Entrypoint"], json!(["/entry"]));
        assert_eq!(json["config"]["Cmd"], json!(["run", "it"]));
        assert_eq!(json["config"]["ExposedPorts"], json!({"80/tcp": {}}));
        assert_eq!(json["config"]["Volumes"], json!({"/data": {}}));
        assert_eq!(json["config"]["StopSignal"], "SIGQUIT");
        assert_eq!((&json["config"]["User"], &json["config"]["WorkingDir"]), (&json!("33"), &json!("/data")));
        assert_eq!(json["config"]["Env"][1], "A=1.2");
        assert_eq!(json["config"]["Env"][2], "B=1.2-x");
        assert_eq!(json["config"]["Labels"]["docbuild.stand-in-for"], "docker.io/a/b:1.2-x");
        assert_eq!(json["rootfs"]["diff_ids"], json!(["sha256:0"]));
    }
}
