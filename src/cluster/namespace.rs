//! A namespace of our own on a cluster that is somebody else's: made, made anew, deleted.
//!
//! Its kubeconfig is a copy of the user's with one context, whose default namespace is ours; the
//! user's own file is only read. What was made is written down before it is made, so that `down`
//! finds it after a kill.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::config::Kubeconfig;

use super::api::{Connection, Deadline};
use super::lock::Claim;
use super::{ClusterError, Handle, Progress, cache, program};

/// What the names of our namespaces begin with.
const PREFIX: &str = "docbuild-";

/// Our place on a cluster: a folder with a kubeconfig and the namespace's name.
#[derive(Debug, Clone)]
pub(super) struct OwnNamespace {
    folder: PathBuf,
}

impl OwnNamespace {
    /// The place whose state is in this folder.
    pub(super) fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn kubeconfig(&self) -> PathBuf {
        self.folder.join("kubeconfig")
    }

    fn name_file(&self) -> PathBuf {
        self.folder.join("namespace")
    }

    /// The namespace that was made, if one was. A file that was cut off or edited names none: what it
    /// names is deleted.
    fn name(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.name_file()).ok()?;
        let name = text.trim();
        let hash = name.strip_prefix(PREFIX)?;
        (hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| name.to_owned())
    }

    /// Waits until no other docbuild has this place.
    pub(super) fn claim(&self, progress: &dyn Progress) -> Result<Claim, ClusterError> {
        Claim::take(self.folder.with_extension("use"), progress)
    }

    /// Makes the namespace on the one context of `config`, or finds it made.
    pub(super) async fn up(&self, provider: &'static str, config: Kubeconfig) -> Result<Handle, ClusterError> {
        cache::make_private(&self.folder)?;
        let name = self.name().unwrap_or_else(new_name);
        let config = with_namespace(config, &name);
        let context = config.current_context.clone().unwrap_or_default();
        let text = serde_yaml::to_string(&config).map_err(ClusterError::api)?;
        cache::write_private(&self.kubeconfig(), text)?;
        cache::write_private(&self.name_file(), &name)?;
        let connection = Connection::open(&self.kubeconfig()).await?;
        let server_version = connection.version().await?;
        if !connection.takes_pods(&name).await {
            self.make(&connection, &name).await?;
        }
        Ok(Handle {
            provider,
            kubeconfig: self.kubeconfig(),
            context,
            path: kubectl_folder(&server_version)?,
            server_version,
            stand_ins: std::collections::BTreeMap::new(),
            missing_images: std::collections::BTreeMap::new(),
            resettable: false,
            network: None,
        })
    }

    async fn make(&self, connection: &Connection, name: &str) -> Result<(), ClusterError> {
        connection.delete_namespace(name).await?;
        connection.make_namespace(name).await?;
        let deadline = Deadline::new(format!("namespace {name} usable"), Duration::from_secs(60));
        while !connection.takes_pods(name).await {
            deadline.pause().await?;
        }
        Ok(())
    }

    /// Deletes the namespace and makes it anew.
    pub(super) async fn reset(&self) -> Result<(), ClusterError> {
        let Some(name) = self.name() else { return Ok(()) };
        let connection = Connection::open(&self.kubeconfig()).await?;
        self.make(&connection, &name).await
    }

    /// Deletes the namespace and our folder.
    pub(super) async fn down(&self) -> Result<(), ClusterError> {
        if let Some(name) = self.name() {
            Connection::open(&self.kubeconfig()).await?.delete_namespace(&name).await?;
        }
        match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(ClusterError::io(format!("removing {}", self.folder.display()))(error))
            }
            _ => Ok(()),
        }
    }
}

/// A name that no other run has: two people may verify on one cluster.
fn new_name() -> String {
    let now = jiff::Timestamp::now().as_nanosecond();
    let hash = blake3::hash(format!("{now} {}", std::process::id()).as_bytes()).to_hex();
    format!("{PREFIX}{}", &hash[..8])
}

/// The configuration reduced to its current context, whose default namespace is `namespace`.
fn with_namespace(mut config: Kubeconfig, namespace: &str) -> Kubeconfig {
    let current = config.current_context.clone().unwrap_or_default();
    config.contexts.retain(|context| context.name == current);
    let (mut cluster, mut user) = (String::new(), None);
    for context in config.contexts.iter_mut().filter_map(|named| named.context.as_mut()) {
        context.namespace = Some(namespace.to_owned());
        cluster.clone_from(&context.cluster);
        user.clone_from(&context.user);
    }
    config.clusters.retain(|one| one.name == cluster);
    config.auth_infos.retain(|one| Some(&one.name) == user.as_ref());
    config
}

/// The folder to put in front of `PATH` so that `kubectl` fits a server: none if the one that is
/// there fits. kubectl is supported one minor version to either side of its server.
fn kubectl_folder(server_version: &str) -> Result<Vec<PathBuf>, ClusterError> {
    let found = program::find("kubectl").and_then(|file| Some((kubectl_minor(&file)?, file)));
    if let (Some((minor, _)), Some(server)) = (&found, minor(server_version))
        && minor.abs_diff(server) <= 1
    {
        return Ok(vec![]);
    }
    let missing = match found {
        Some((minor, file)) => format!("{} is v1.{minor}, too far from the server's {server_version}", file.display()),
        None => "kubectl is not installed".to_owned(),
    };
    super::local::built_tools().map(|folder| vec![folder]).ok_or_else(|| ClusterError::Unavailable {
        missing,
        help: vec![
            format!("install kubectl {server_version}"),
            "or run `docbuild cluster up` once: it builds one".into(),
        ],
    })
}

/// The minor version of a kubectl program: the 36 of v1.36.3.
pub(super) fn kubectl_minor(file: &Path) -> Option<u32> {
    let output = std::process::Command::new(file).args(["version", "--client", "-o", "json"]).output().ok()?;
    let version: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    minor(version["clientVersion"]["gitVersion"].as_str()?)
}

/// The minor version in `v1.36.3`, also with a suffix (`v1.36.3-gke.100`).
pub(super) fn minor(version: &str) -> Option<u32> {
    let mut parts = version.trim_start_matches('v').split('.');
    let (_, minor) = (parts.next()?, parts.next()?);
    let digits = minor.find(|c: char| !c.is_ascii_digit()).unwrap_or(minor.len());
    minor[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "apiVersion: v1
kind: Config
current-context: b
contexts:
- {name: a, context: {cluster: ca, user: ua, namespace: precious}}
- {name: b, context: {cluster: cb, user: ub, namespace: precious}}
clusters:
- {name: ca, cluster: {server: 'https://a'}}
- {name: cb, cluster: {server: 'https://b'}}
users:
- {name: ua, user: {token: secret-a}}
- {name: ub, user: {token: secret-b}}
";

    #[test]
    fn the_copy_holds_one_context_with_our_namespace() {
        let config = with_namespace(Kubeconfig::from_yaml(CONFIG).unwrap(), "docbuild-1");
        let text = serde_yaml::to_string(&config).unwrap();
        assert!(text.contains("namespace: docbuild-1"), "{text}");
        assert!(text.contains("token: secret-b"), "{text}");
        for others in ["precious", "secret-a", "https://a", "name: ca"] {
            assert!(!text.contains(others), "{others} is in\n{text}");
        }
        let read = Kubeconfig::from_yaml(&text).unwrap();
        assert_eq!(read.current_context.as_deref(), Some("b"));
    }

    #[test]
    fn minor_versions() {
        assert_eq!(minor("v1.36.3"), Some(36));
        assert_eq!(minor("v1.9+"), Some(9));
        assert_eq!(minor("v1.30-gke.1"), Some(30));
        assert_eq!(minor("nonsense"), None);
    }

    #[test]
    fn names_differ() {
        assert_ne!(new_name(), new_name());
    }

    #[test]
    fn only_a_name_of_ours_is_taken_from_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let place = OwnNamespace::in_folder(folder.path().to_owned());
        let name = new_name();
        std::fs::write(place.name_file(), &name).unwrap();
        assert_eq!(place.name(), Some(name));
        for wrong in ["", "default", "kube-system", "docbuild-", "docbuild-production", "docbuild-0123456/"] {
            std::fs::write(place.name_file(), wrong).unwrap();
            assert_eq!(place.name(), None, "{wrong}");
        }
    }
}
