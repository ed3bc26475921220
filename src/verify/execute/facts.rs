//! What is known of the cluster's live objects: collected through the API, never through kubectl.
//!
//! In: the page's kubeconfig. Out: [`VolatileFacts`] after an output, and whether the workloads have
//! settled before a step that needs them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use kube::api::{Api, DynamicObject, ListParams, LogParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::{ApiResource, GroupVersionKind};
use regex::Regex;
use serde_json::Value;

use crate::verify::hosts;
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

/// Pods whose state stays the same for this long are taken to stay so: a probe that never succeeds, say.
const STANDS: Duration = Duration::from_secs(30);

/// A Pod that fits on no node for this long will not: right after its start a node takes none either.
const NOWHERE: Duration = Duration::from_secs(8);

/// Namespaces of the cluster itself.
const SYSTEM: &[&str] = &["kube-system", "kube-public", "kube-node-lease"];

/// A connection to the page's cluster.
#[derive(Clone)]
pub(crate) struct Observer {
    client: kube::Client,
    /// The host that a failing container did not find, by its Pod and the Pod's state: a log is read once for each.
    logs: Arc<Mutex<BTreeMap<String, Option<String>>>>,
}

impl Observer {
    /// Connects with a kubeconfig.
    pub(crate) async fn connect(kubeconfig: &Path, context: &str) -> Result<Self, String> {
        let config = Kubeconfig::read_from(kubeconfig).map_err(|error| error.to_string())?;
        let options = KubeConfigOptions { context: Some(context.to_owned()), ..KubeConfigOptions::default() };
        let config = kube::Config::from_custom_kubeconfig(config, &options).await.map_err(|error| error.to_string())?;
        let client = kube::Client::try_from(config).map_err(|error| error.to_string())?;
        Ok(Self { client, logs: Arc::default() })
    }

    /// Whether the cluster's API can be reached now.
    pub(crate) async fn answers(&self) -> bool {
        let version = tokio::time::timeout(Duration::from_secs(10), self.client.apiserver_version());
        version.await.is_ok_and(|version| version.is_ok())
    }

    async fn list(&self, kind: (&str, &str, &str)) -> Vec<DynamicObject> {
        self.listed(kind).await.unwrap_or_default()
    }

    /// `None` where the cluster does not say.
    async fn listed(&self, kind: (&str, &str, &str)) -> Option<Vec<DynamicObject>> {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(kind.0, kind.1, kind.2));
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource);
        let listed = tokio::time::timeout(Duration::from_secs(10), api.list(&ListParams::default())).await;
        listed.ok()?.ok().map(|list| list.items)
    }

    /// What is known now. What can't be had is left out: a missing fact never makes a pass.
    pub(crate) async fn facts(&self, stand_ins: &BTreeMap<String, String>) -> VolatileFacts {
        let mut facts = VolatileFacts { stand_ins: stand_ins.clone(), ..VolatileFacts::default() };
        let mut pods = vec![];
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
                if SYSTEM.contains(&namespace.as_str()) {
                    continue;
                }
                let mut known = object_facts(kind.2, &object, &value);
                match kind.2 {
                    "Pod" => pods.push((facts.objects.len(), value)),
                    "PersistentVolumeClaim" if waits_for_provider(&value) => {
                        known.stuck = Some(NO_VOLUMES.to_owned());
                    }
                    _ => {}
                }
                facts.objects.push(known);
            }
        }
        for (at, value) in pods {
            facts.objects[at].stuck = self.stuck(&facts.objects[at], &value, &facts.objects).await;
        }
        facts
    }

    /// Why a Pod does not run on this cluster, where another would have what it wants.
    async fn stuck(&self, pod: &ObjectFacts, value: &Value, all: &[ObjectFacts]) -> Option<String> {
        let waits = |claim: &str| {
            let named = |one: &&ObjectFacts| {
                one.kind == "PersistentVolumeClaim" && one.namespace == pod.namespace && one.name == claim
            };
            all.iter().find(named).is_some_and(|one| one.stuck.is_some())
        };
        if let Some(reason) = lacks_a_place(value, &waits) {
            return Some(reason.to_owned());
        }
        let container = failing(value)?;
        let state = value.pointer("/status").map(|status| blake3::hash(status.to_string().as_bytes()).to_hex());
        let key = format!("{}/{}", pod.volatile.get("uid")?, state?);
        let known = self.logs.lock().ok()?.get(&key).cloned();
        let host = match known {
            Some(host) => host,
            None => {
                let host = self.unreachable(&pod.namespace, &pod.name, container).await;
                self.logs.lock().ok()?.insert(key, host.clone());
                host
            }
        }?;
        // `db.dev` is a Service in a namespace that the page has made.
        let top = host.rsplit('.').next().unwrap_or_default();
        let own = all.iter().any(|one| one.kind == "Namespace" && one.name == top);
        (!own).then(|| format!("{host} is not reached from here"))
    }

    /// The host of the internet that a container which ends again and again did not find.
    async fn unreachable(&self, namespace: &str, pod: &str, container: &str) -> Option<String> {
        let api: Api<k8s_openapi::api::core::v1::Pod> = Api::namespaced(self.client.clone(), namespace);
        let last = LogParams { container: Some(container.to_owned()), tail_lines: Some(20), ..LogParams::default() };
        let log = tokio::time::timeout(Duration::from_secs(5), api.logs(pod, &last)).await.ok()?.ok()?;
        hosts::unreachable(&log).map(str::to_owned)
    }

    /// Whether nothing outside of the cluster's own namespaces is under way: asked again, the cluster
    /// gives the same answers. Where that is in doubt, it is not.
    pub(crate) async fn at_rest(&self) -> bool {
        let now = jiff::Timestamp::now();
        for kind in WORKING {
            let Some(objects) = self.listed(*kind).await else { return false };
            if !own(&objects).all(|value| value["metadata"]["name"] == "kubernetes" || rests(kind.2, &value, now)) {
                return false;
            }
        }
        true
    }

    /// Waits until every namespace has what controllers put into it, which Pods and quotas count on.
    pub(crate) async fn furnished(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            let (spaces, maps, accounts) = (
                self.list(("", "v1", "Namespace")).await,
                self.list(("", "v1", "ConfigMap")).await,
                self.list(("", "v1", "ServiceAccount")).await,
            );
            let active = spaces.iter().filter(|space| space.metadata.deletion_timestamp.is_none());
            let mut names = active.filter_map(|space| space.metadata.name.as_deref());
            if names.all(|space| has(&maps, space, "kube-root-ca.crt") && has(&accounts, space, "default")) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until the Pods outside of the cluster's own namespaces have got as far as they will: all are
    /// ready, ended or stuck, or nothing about them has changed for a while.
    pub(crate) async fn settle(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        let mut pause = Duration::from_millis(200);
        let mut standing = (vec![], Instant::now());
        while Instant::now() < deadline {
            // An API that does not answer says nothing of Pods.
            let (Some(pods), Some(deployments), Some(jobs)) = (
                self.listed(("", "v1", "Pod")).await,
                self.listed(("apps", "v1", "Deployment")).await,
                self.listed(("batch", "v1", "Job")).await,
            ) else {
                tokio::time::sleep(pause).await;
                continue;
            };
            let stands = standing.1.elapsed();
            let settled = |pod: &Value| pod_settled(pod) || stands > NOWHERE && is_unschedulable(pod);
            let done = own(&pods).all(|pod| settled(&pod))
                && own(&deployments).all(|value| observed(&value))
                && own(&jobs).all(|job| begun(&job));
            let states: Vec<Value> = own(&pods).map(|pod| pod["status"].clone()).collect();
            if states != standing.0 {
                standing = (states, Instant::now());
            }
            if done || standing.1.elapsed() > STANDS {
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }
}

/// Kinds whose objects are given work that ends some time after they were made.
const WORKING: &[(&str, &str, &str)] = &[
    ("", "v1", "Pod"),
    ("apps", "v1", "Deployment"),
    ("apps", "v1", "StatefulSet"),
    ("apps", "v1", "DaemonSet"),
    ("batch", "v1", "Job"),
    ("batch", "v1", "CronJob"),
    ("autoscaling", "v2", "HorizontalPodAutoscaler"),
    ("", "v1", "PersistentVolumeClaim"),
    ("", "v1", "Service"),
];

/// How long the cluster's DNS may say that a new Service does not exist.
const NAME_CACHED: i64 = 30;

fn own(objects: &[DynamicObject]) -> impl Iterator<Item = Value> {
    objects
        .iter()
        .filter(|object| !SYSTEM.contains(&object.metadata.namespace.as_deref().unwrap_or("")))
        .map(|object| serde_json::to_value(object).unwrap_or_default())
}

/// Whether a namespace has an object of this name among these.
fn has(objects: &[DynamicObject], namespace: &str, name: &str) -> bool {
    objects.iter().any(|object| {
        object.metadata.namespace.as_deref() == Some(namespace) && object.metadata.name.as_deref() == Some(name)
    })
}

/// Whether an object of one of the kinds of [`WORKING`] stays as it is unless somebody changes it.
fn rests(kind: &str, object: &Value, now: jiff::Timestamp) -> bool {
    let number = |pointer: &str| object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0);
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    if object.pointer("/metadata/deletionTimestamp").is_some() {
        return false;
    }
    match kind {
        "Pod" => pod_rests(object),
        "Deployment" | "StatefulSet" => observed(object) && number("/status/readyReplicas") == number("/spec/replicas"),
        "DaemonSet" => number("/status/numberReady") == number("/status/desiredNumberScheduled"),
        "Job" => {
            let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
            conditions.into_iter().flatten().any(|condition| {
                matches!(condition["type"].as_str(), Some("Complete" | "Failed")) && condition["status"] == "True"
            })
        }
        "PersistentVolumeClaim" => text("/status/phase") == "Bound",
        "Service" => text("/metadata/creationTimestamp")
            .parse::<jiff::Timestamp>()
            .is_ok_and(|made| now.as_second() - made.as_second() > NAME_CACHED),
        // They act by the clock and by load.
        _ => false,
    }
}

/// Whether a Pod has ended for good, or runs what has no reason to end and is not probed.
fn pod_rests(pod: &Value) -> bool {
    if matches!(pod.pointer("/status/phase").and_then(Value::as_str), Some("Succeeded" | "Failed")) {
        return true;
    }
    let list = |pointer: &str| pod.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let restarts = pod.pointer("/spec/restartPolicy").and_then(Value::as_str).unwrap_or("Always");
    let status = |name: &Value| list("/status/containerStatuses").iter().find(|status| status["name"] == *name);
    list("/spec/containers").iter().all(|container| {
        let Some(status) = status(&container["name"]) else { return false };
        let exit = status.pointer("/state/terminated/exitCode").and_then(Value::as_i64);
        let ended = exit.is_some_and(|code| restarts == "Never" || restarts == "OnFailure" && code == 0);
        // A command that the manifest gives may end by itself; what an image runs is a server.
        let probed = ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle"];
        let has = |key: &&str| container.get(*key).is_some();
        let serves = !probed.iter().any(&has) && (!["command", "args"].iter().any(has) || sleeps(pod, container));
        ended || serves && status["ready"] == true && status.pointer("/state/running").is_some()
    })
}

/// Whether a container only sleeps, for longer than a page takes, and is given nothing that a kubelet renews.
fn sleeps(pod: &Value, container: &Value) -> bool {
    static SLEEP: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^(?:(?:/bin/)?(?:ba)?sh -c )?(?:exec )?sleep (?:infinity|inf|\d{4,}s?|\d{2,}m|\d+[hd])$").ok()
    });
    let words = ["command", "args"].iter().filter_map(|key| container.get(*key)?.as_array()).flatten();
    let text = words.filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    let volumes = pod.pointer("/spec/volumes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let renewed = volumes.iter().any(|volume| {
        let own = volume["name"].as_str().is_some_and(|name| name.starts_with("kube-api-access-"));
        let kinds = ["configMap", "secret", "downwardAPI", "projected"];
        !own && kinds.iter().any(|kind| volume.get(*kind).is_some())
    });
    !renewed && SLEEP.as_ref().is_some_and(|sleep| sleep.is_match(text.trim()))
}

/// Whether the controller has seen the last change, and made the Pods it wants.
fn observed(value: &Value) -> bool {
    let number = |pointer: &str| value.pointer(pointer).and_then(Value::as_i64).unwrap_or(0);
    number("/status/observedGeneration") >= number("/metadata/generation")
        && number("/status/updatedReplicas") >= number("/spec/replicas").min(1)
}

/// Whether a Job has made its first Pod, or is to make none.
fn begun(job: &Value) -> bool {
    let some = |pointer: &str| job.pointer(pointer).and_then(Value::as_i64).unwrap_or(0) > 0;
    let ended = job.pointer("/status/conditions").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    let idle = job.pointer("/spec/suspend") == Some(&Value::Bool(true))
        || job.pointer("/spec/parallelism") == Some(&Value::from(0));
    ended || idle || ["/status/active", "/status/succeeded", "/status/failed"].iter().any(|pointer| some(pointer))
}

/// Whether a Pod fits on no node, or is not to be placed on one yet.
fn is_unschedulable(pod: &Value) -> bool {
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array);
    conditions
        .into_iter()
        .flatten()
        .any(|condition| condition["reason"] == "Unschedulable" || condition["reason"] == "SchedulingGated")
}

/// Whether a Pod's containers all run and are ready, have ended, or are stuck.
fn pod_settled(pod: &Value) -> bool {
    let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    if matches!(text("/status/phase"), "Succeeded" | "Failed") {
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

const NO_VOLUMES: &str = "nothing provides volumes here";

/// Whether a claim waits for whoever makes volumes on demand: it names no class whose volumes somebody makes by hand.
fn waits_for_provider(claim: &Value) -> bool {
    claim["status"]["phase"] == "Pending" && claim["spec"]["storageClassName"].is_null()
}

/// Why no node here takes a Pod: what the page says of nodes (their labels, their taints) is none of it.
fn lacks_a_place(pod: &Value, waits: &dyn Fn(&str) -> bool) -> Option<&'static str> {
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array)?;
    let refused = conditions.iter().find(|condition| condition["reason"] == "Unschedulable")?["message"].as_str()?;
    let volumes = pod.pointer("/spec/volumes").and_then(Value::as_array);
    let claims =
        || volumes.into_iter().flatten().filter_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str());
    if refused.contains("PersistentVolumeClaims") {
        // What a page makes by hand it can get wrong.
        claims().any(waits).then_some(NO_VOLUMES)
    } else if ["allocate all claims", "resourceclaim", "device class"].iter().any(|said| refused.contains(said)) {
        Some("there is no such device here")
    } else {
        None
    }
}

/// The container of a Pod that ends with an error, if one does.
fn failing(pod: &Value) -> Option<&str> {
    let all = ["initContainerStatuses", "containerStatuses"].map(|list| pod["status"][list].as_array());
    let failed = |status: &&Value| {
        let code = |state: &str| status[state]["terminated"]["exitCode"].as_i64().is_some_and(|code| code != 0);
        status["ready"] != true && (code("state") || code("lastState"))
    };
    all.into_iter().flatten().flatten().find(failed)?["name"].as_str()
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
        stuck: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pod_that_no_node_takes_is_the_clusters_fault_if_it_lacks_volumes_or_devices() {
        let refused = |message: &str| {
            json!({
                "spec": {"volumes": [{"persistentVolumeClaim": {"claimName": "data"}}]},
                "status": {"conditions": [{"type": "PodScheduled", "reason": "Unschedulable", "message": message}]},
            })
        };
        let volumes = "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.";
        let place = |message: &str, waits: bool| lacks_a_place(&refused(message), &|_| waits);
        assert_eq!(place(volumes, true), Some("nothing provides volumes here"));
        assert_eq!(place(volumes, false), None, "the page provides the volume itself");
        assert!(place("0/1 nodes are available: 1 cannot allocate all claims.", false).is_some());
        assert_eq!(place("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity", true), None);
        assert_eq!(lacks_a_place(&json!({"status": {"phase": "Running"}}), &|_| true), None);
        let claim = |class: Value| json!({"spec": {"storageClassName": class}, "status": {"phase": "Pending"}});
        assert!(waits_for_provider(&claim(Value::Null)) && !waits_for_provider(&claim(json!("manual"))));
    }

    #[test]
    fn the_container_that_fails_is_found() {
        let status = |exit: i64| json!({"name": "a", "ready": false, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": exit}}});
        assert_eq!(failing(&json!({"status": {"initContainerStatuses": [status(1)]}})), Some("a"));
        assert_eq!(failing(&json!({"status": {"containerStatuses": [status(0)]}})), None);
    }

    fn pod(container: &Value, state: &Value, restarts: &str) -> Value {
        json!({
            "spec": {"restartPolicy": restarts, "containers": [container]},
            "status": {"phase": "Running", "containerStatuses": [{"name": "c", "ready": true, "state": state}]},
        })
    }

    #[tokio::test]
    async fn an_api_that_is_not_there_does_not_answer() {
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = folder.path().join("config");
        // Nothing listens on port 1 of the loopback interface.
        let text = "{apiVersion: v1, kind: Config, current-context: c, \
                    clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}], users: [{name: c, user: {}}], \
                    contexts: [{name: c, context: {cluster: c, user: c}}]}";
        std::fs::write(&kubeconfig, text).unwrap();
        let observer = Observer::connect(&kubeconfig, "c").await.unwrap();
        assert!(!observer.answers().await);
    }

    #[test]
    fn a_pod_rests_if_nothing_in_it_can_end_or_be_probed() {
        let (running, ended) = (json!({"running": {}}), json!({"terminated": {"exitCode": 0}}));
        let server = json!({"name": "c"});
        let sleeper = json!({"name": "c", "command": ["sleep", "30"]});
        let probed = json!({"name": "c", "livenessProbe": {}});
        assert!(pod_rests(&pod(&server, &running, "Always")));
        assert!(pod_rests(&pod(&sleeper, &ended, "Never")));
        assert!(!pod_rests(&pod(&sleeper, &running, "Always")), "it may end");
        assert!(!pod_rests(&pod(&probed, &running, "Always")), "the probe may fail");
        let idle = json!({"name": "c", "command": ["sh", "-c", "sleep 1h"]});
        let mut idles = pod(&idle, &running, "Always");
        assert!(pod_rests(&idles), "it does nothing");
        idles["spec"]["volumes"] =
            json!([{"name": "kube-api-access-x", "projected": {}}, {"name": "c", "configMap": {}}]);
        assert!(!pod_rests(&idles), "its files may change");
        assert!(!pod_rests(&pod(&sleeper, &ended, "Always")), "it starts again");
        assert!(!pod_rests(&pod(&server, &json!({"waiting": {"reason": "ContainerCreating"}}), "Always")));
        assert!(!pod_rests(&json!({"spec": {"containers": [server]}, "status": {"phase": "Pending"}})));
    }

    #[test]
    fn a_job_has_begun_when_it_has_made_a_pod() {
        assert!(!begun(&json!({"spec": {"parallelism": 2}, "status": {}})));
        for job in [
            json!({"spec": {}, "status": {"active": 1}}),
            json!({"spec": {}, "status": {"conditions": [{"type": "Failed"}]}}),
            json!({"spec": {"suspend": true}}),
        ] {
            assert!(begun(&job), "{job}");
        }
    }

    #[test]
    fn a_pod_without_a_node_is_not_settled_at_once() {
        let pod = json!({"status": {"phase": "Pending", "conditions": [{"reason": "Unschedulable"}]}});
        assert!(!pod_settled(&pod) && is_unschedulable(&pod));
        assert!(!is_unschedulable(&json!({"status": {"phase": "Pending"}})));
    }

    #[test]
    fn what_acts_by_the_clock_never_rests() {
        let now = jiff::Timestamp::from_second(1_000_000).unwrap();
        let service = |made: &str| json!({"metadata": {"creationTimestamp": made}});
        assert!(!rests("CronJob", &json!({}), now));
        assert!(!rests("Job", &json!({"status": {"active": 1}}), now));
        assert!(rests("Job", &json!({"status": {"conditions": [{"type": "Complete", "status": "True"}]}}), now));
        assert!(!rests("Service", &service("1970-01-12T13:46:30Z"), now), "its name may not be known yet");
        assert!(rests("Service", &service("1970-01-12T13:00:00Z"), now));
        assert!(!rests("Pod", &json!({"metadata": {"deletionTimestamp": "1970-01-12T13:46:30Z"}}), now));
    }
}
