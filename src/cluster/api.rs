//! What docbuild itself asks a cluster's API: whether it is ready, its version, and a namespace.

use std::path::Path;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Node, ServiceAccount};
use kube::api::{Api, DeleteParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};

use super::ClusterError;

/// How long a single request may take.
const REQUEST: Duration = Duration::from_secs(20);
/// The label that says who made a namespace.
const OWNER: &str = "app.kubernetes.io/managed-by";
/// How often a condition is asked for again.
const AGAIN: Duration = Duration::from_millis(50);

/// A connection to a cluster.
#[derive(Clone)]
pub(super) struct Connection {
    client: kube::Client,
}

impl Connection {
    /// Reads a kubeconfig; nothing is sent yet.
    pub(super) async fn open(kubeconfig: &Path) -> Result<Self, ClusterError> {
        let file = Kubeconfig::read_from(kubeconfig).map_err(ClusterError::api)?;
        let mut config = kube::Config::from_custom_kubeconfig(file, &KubeConfigOptions::default())
            .await
            .map_err(ClusterError::api)?;
        config.connect_timeout = Some(Duration::from_secs(3));
        config.read_timeout = Some(REQUEST);
        let client = kube::Client::try_from(config).map_err(ClusterError::api)?;
        Ok(Self { client })
    }

    /// Whether the API server says that it is ready.
    pub(super) async fn is_ready(&self) -> bool {
        let Ok(request) = axum::http::Request::get("/readyz").body(Vec::new()) else { return false };
        self.client.request_text(request).await.is_ok_and(|answer| answer == "ok")
    }

    /// The server's version, `v1.36.3`.
    pub(super) async fn version(&self) -> Result<String, ClusterError> {
        Ok(self.client.apiserver_version().await.map_err(ClusterError::api)?.git_version)
    }

    /// Whether the node called `name` is Ready.
    pub(super) async fn node_is_ready(&self, name: &str) -> bool {
        let Ok(node) = Api::<Node>::all(self.client.clone()).get(name).await else { return false };
        node.status
            .and_then(|status| status.conditions)
            .is_some_and(|all| all.iter().any(|one| one.type_ == "Ready" && one.status == "True"))
    }

    /// Whether a Pod could be made in this namespace: its service account and root certificate are there.
    pub(super) async fn takes_pods(&self, namespace: &str) -> bool {
        let accounts = Api::<ServiceAccount>::namespaced(self.client.clone(), namespace);
        let maps = Api::<ConfigMap>::namespaced(self.client.clone(), namespace);
        accounts.get("default").await.is_ok() && maps.get("kube-root-ca.crt").await.is_ok()
    }

    /// Makes a namespaced object what the JSON says, whatever it was (server-side apply).
    pub(super) async fn apply<K>(&self, namespace: &str, object: &serde_json::Value) -> Result<(), ClusterError>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope> + Clone + std::fmt::Debug,
        K: serde::de::DeserializeOwned,
        K::DynamicType: Default,
    {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let api = Api::<K>::namespaced(self.client.clone(), namespace);
        let applied = api.patch(name, &PatchParams::apply("docbuild").force(), &Patch::Apply(object)).await;
        applied.map(drop).map_err(ClusterError::api)
    }

    /// Makes a namespace, with a label that says whose it is.
    pub(super) async fn make_namespace(&self, name: &str) -> Result<(), ClusterError> {
        let labels = [(OWNER.to_owned(), "docbuild".to_owned())];
        let metadata = ObjectMeta { name: Some(name.to_owned()), labels: Some(labels.into()), ..ObjectMeta::default() };
        let namespace = Namespace { metadata, ..Namespace::default() };
        let made = Api::<Namespace>::all(self.client.clone()).create(&PostParams::default(), &namespace).await;
        made.map(drop).map_err(ClusterError::api)
    }

    /// Deletes a namespace of ours and waits until it is gone. That it is not there is no error.
    pub(super) async fn delete_namespace(&self, name: &str) -> Result<(), ClusterError> {
        let api = Api::<Namespace>::all(self.client.clone());
        let found = api.get_opt(name).await.map_err(ClusterError::api)?;
        if let Some(metadata) = found.map(|namespace| namespace.metadata)
            && metadata.labels.as_ref().and_then(|labels| labels.get(OWNER)).is_none_or(|owner| owner != "docbuild")
        {
            return Err(ClusterError::Api(format!(
                "the namespace {name} is not docbuild's: its label {OWNER} is gone"
            )));
        }
        match api.delete(name, &DeleteParams::default()).await {
            Err(kube::Error::Api(status)) if status.code == 404 => return Ok(()),
            deleted => deleted.map(drop).map_err(ClusterError::api)?,
        }
        let deadline = Deadline::new(format!("namespace {name} deleted"), Duration::from_secs(120));
        while !matches!(api.get_opt(name).await, Ok(None)) {
            deadline.pause().await?;
        }
        Ok(())
    }
}

/// How long something is waited for: `while !condition { deadline.pause().await?; }`.
pub(super) struct Deadline {
    what: String,
    limit: Duration,
    end: Instant,
}

impl Deadline {
    /// From now on.
    pub(super) fn new(what: impl Into<String>, limit: Duration) -> Self {
        Self { what: what.into(), limit, end: Instant::now() + limit }
    }

    /// Waits a little before the condition is asked again.
    ///
    /// # Errors
    /// When the time is over, with what was waited for.
    pub(super) async fn pause(&self) -> Result<(), ClusterError> {
        if Instant::now() > self.end {
            return Err(ClusterError::TimedOut { what: self.what.clone(), seconds: self.limit.as_secs() });
        }
        tokio::time::sleep(AGAIN).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wait_ends_with_what_was_waited_for() {
        let over = Deadline::new("spring", Duration::ZERO);
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(over.pause().await.unwrap_err().to_string(), "spring: not after 0 s");
        assert!(Deadline::new("spring", Duration::from_secs(9)).pause().await.is_ok());
    }
}
