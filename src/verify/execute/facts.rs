//! What is known of the cluster's live objects: collected through the API, never through kubectl.
//!
//! In: the page's kubeconfig. Out: [`VolatileFacts`] after an output, and whether the workloads have
//! settled before a step that needs them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use kube::api::{Api, DynamicObject, ListParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::Value;

use crate::verify::matching::{ObjectFacts, VolatileFacts};

/// The kinds whose values pages show: group, version, kind.
const KINDS: &[(&str, &str, &str)] = &[
    ("", "v1", "Pod"),
    ("", "v1", "Service"),
    ("", "v1", "Node"),
    ("", "v1", "Namespace"),
    ("", "v1", "ConfigMap"),
    ("", "v1", "Secret"),
    ("", "v1", "ServiceAccount"),
    ("", "v1", "PersistentVolume"),
    ("", "v1", "PersistentVolumeClaim"),
    ("apps", "v1", "Deployment"),
    ("apps", "v1", "ReplicaSet"),
    ("apps", "v1", "StatefulSet"),
    ("apps", "v1", "DaemonSet"),
    ("batch", "v1", "Job"),
    ("batch", "v1", "CronJob"),
    ("discovery.k8s.io", "v1", "EndpointSlice"),
];

/// Namespaces of the cluster itself.
const SYSTEM: &[&str] = &["kube-system", "kube-public", "kube-node-lease"];

/// A connection to the page's cluster.
#[derive(Clone)]
pub(crate) struct Observer {
    client: kube::Client,
}

impl Observer {
    /// Connects with a kubeconfig.
    pub(crate) async fn connect(kubeconfig: &Path, context: &str) -> Result<Self, String> {
        let config = Kubeconfig::read_from(kubeconfig).map_err(|error| error.to_string())?;
        let options = KubeConfigOptions { context: Some(context.to_owned()), ..KubeConfigOptions::default() };
        let config = kube::Config::from_custom_kubeconfig(config, &options).await.map_err(|error| error.to_string())?;
        let client = kube::Client::try_from(config).map_err(|error| error.to_string())?;
        Ok(Self { client })
    }

    async fn list(&self, kind: (&str, &str, &str)) -> Vec<DynamicObject> {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(kind.0, kind.1, kind.2));
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource);
        let listed = tokio::time::timeout(Duration::from_secs(10), api.list(&ListParams::default())).await;
        listed.ok().and_then(Result::ok).map(|list| list.items).unwrap_or_default()
    }

    /// What is known now. What can't be had is left out: a missing fact never makes a pass.
    pub(crate) async fn facts(&self, stand_ins: &BTreeMap<String, String>) -> VolatileFacts {
        let mut facts = VolatileFacts { stand_ins: stand_ins.clone(), ..VolatileFacts::default() };
        for kind in KINDS {
            for object in self.list(*kind).await {
                let value = serde_json::to_value(&object).unwrap_or_default();
                if kind.2 == "Node" {
                    facts.nodes.extend(object.metadata.name.clone());
                    let runtime =
                        value.pointer("/status/nodeInfo/containerRuntimeVersion").and_then(Value::as_str).unwrap_or("");
                    facts.runtime = runtime.split("://").next().unwrap_or("").to_owned();
                }
                let namespace = object.metadata.namespace.clone().unwrap_or_default();
                if !SYSTEM.contains(&namespace.as_str()) {
                    facts.objects.push(object_facts(kind.2, &object, &value));
                }
            }
        }
        facts
    }

    /// Waits until the Pods outside of the cluster's own namespaces have got as far as they will.
    pub(crate) async fn settle(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        let mut pause = Duration::from_millis(200);
        while Instant::now() < deadline {
            let pods = self.list(("", "v1", "Pod")).await;
            let deployments = self.list(("apps", "v1", "Deployment")).await;
            let done = own(&pods).all(|value| pod_settled(&value)) && own(&deployments).all(|value| observed(&value));
            if done {
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }
}

fn own(objects: &[DynamicObject]) -> impl Iterator<Item = Value> {
    objects
        .iter()
        .filter(|object| !SYSTEM.contains(&object.metadata.namespace.as_deref().unwrap_or("")))
        .map(|object| serde_json::to_value(object).unwrap_or_default())
}

/// Whether the controller has seen the last change, and made the Pods it wants.
fn observed(value: &Value) -> bool {
    let number = |pointer: &str| value.pointer(pointer).and_then(Value::as_i64).unwrap_or(0);
    number("/status/observedGeneration") >= number("/metadata/generation")
        && number("/status/updatedReplicas") >= number("/spec/replicas").min(1)
}

/// Whether a Pod's containers all run and are ready, have ended, or are stuck.
fn pod_settled(pod: &Value) -> bool {
    let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    if matches!(text("/status/phase"), "Succeeded" | "Failed") {
        return true;
    }
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array);
    let unschedulable = conditions
        .into_iter()
        .flatten()
        .any(|condition| condition["reason"] == "Unschedulable" || condition["reason"] == "SchedulingGated");
    if unschedulable {
        return true;
    }
    let Some(containers) = pod.pointer("/status/containerStatuses").and_then(Value::as_array) else { return false };
    let waiting =
        pod.pointer("/status/initContainerStatuses").and_then(Value::as_array).into_iter().flatten().chain(containers);
    let stuck = |container: &Value| {
        let reason = container.pointer("/state/waiting/reason").and_then(Value::as_str).unwrap_or("");
        matches!(
            reason,
            "CrashLoopBackOff"
                | "ErrImagePull"
                | "ImagePullBackOff"
                | "ErrImageNeverPull"
                | "InvalidImageName"
                | "CreateContainerConfigError"
                | "CreateContainerError"
                | "RunContainerError"
        )
    };
    let mut all = waiting;
    let any_stuck = all.any(stuck);
    any_stuck
        || containers
            .iter()
            .all(|container| container["ready"] == true || container.pointer("/state/terminated").is_some())
}

fn object_facts(kind: &str, object: &DynamicObject, value: &Value) -> ObjectFacts {
    let owner = object.metadata.owner_references.iter().flatten().find(|owner| owner.controller == Some(true));
    let mut volatile = BTreeMap::new();
    for (field, pointer) in [
        ("uid", "/metadata/uid"),
        ("resourceVersion", "/metadata/resourceVersion"),
        ("creationTimestamp", "/metadata/creationTimestamp"),
        ("podIP", "/status/podIP"),
        ("hostIP", "/status/hostIP"),
        ("startTime", "/status/startTime"),
        ("clusterIP", "/spec/clusterIP"),
        ("nodeName", "/spec/nodeName"),
        ("volumeName", "/spec/volumeName"),
        ("nodePort", "/spec/ports/0/nodePort"),
    ] {
        let text = match value.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => continue,
        };
        volatile.insert(field.to_owned(), text);
    }
    ObjectFacts {
        kind: kind.to_owned(),
        name: object.metadata.name.clone().unwrap_or_default(),
        namespace: object.metadata.namespace.clone().unwrap_or_default(),
        generate_name: object.metadata.generate_name.clone(),
        owner: owner.map(|owner| (owner.kind.clone(), owner.name.clone())),
        volatile,
    }
}
