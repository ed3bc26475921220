//! What commands make, and what needs it.
//!
//! In: a command, the texts of the manifests that it reads. Out: the objects that it makes ([`Made`]), with what
//! controllers make of them, and whether another command needs one of these. The plan asks it of what is skipped, a
//! run of what was not run.

use std::collections::BTreeMap;

use serde::Deserialize as _;
use serde_yaml::Value;

use super::PlannedCommand;
use super::objects::{made_objects, makes_something, needed_objects};
use crate::verify::shell::{self, Simple};
use crate::verify::words;

/// An object that is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) name: String,
    /// `deployment`; `None` for one that a command makes by its own words.
    pub(crate) kind: Option<String>,
    /// The labels of the Pods that it makes.
    labels: BTreeMap<String, String>,
    /// What the names of claims begin with that are made with its Pods.
    claims: Vec<String>,
    /// The words for the kind of object that it defines.
    kinds: Vec<String>,
}

/// Kinds whose controllers make Pods.
const WORKLOADS: &[&str] = &["deployment", "statefulset", "daemonset", "replicaset", "job", "cronjob"];

impl Made {
    /// One that is known by its name only.
    pub(crate) fn named(name: String) -> Self {
        Self { name, ..Self::default() }
    }

    /// One that is known by its kind and name.
    pub(crate) fn of_kind(kind: String, name: String) -> Self {
        Self { kind: Some(kind), ..Self::named(name) }
    }

    /// Whether a name is its own, or that of a Pod or claim that comes with it.
    pub(crate) fn is(&self, name: &str) -> bool {
        if name == self.name {
            return true;
        }
        match self.kind.as_deref() {
            Some("statefulset") => self.is_ordinal(name),
            Some(kind) if WORKLOADS.contains(&kind) => behind(name, &self.name).is_some_and(is_generated),
            _ => false,
        }
    }

    /// Whether a name is that of one of a StatefulSet's Pods or claims.
    fn is_ordinal(&self, name: &str) -> bool {
        let digits = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
        let stems = self.claims.iter().chain([&self.name]);
        self.kind.as_deref() == Some("statefulset")
            && stems.into_iter().any(|stem| behind(name, stem).is_some_and(digits))
    }

    /// Whether it is the object that another one is, as far as both say.
    pub(crate) fn is_made_by(&self, other: &Self) -> bool {
        other.name == self.name && (other.kind == self.kind || other.kind.is_none() || self.kind.is_none())
    }

    /// Whether it makes all Pods that have these labels.
    fn has(&self, selector: &BTreeMap<String, String>) -> bool {
        !selector.is_empty() && selector.iter().all(|(key, value)| self.labels.get(key) == Some(value))
    }
}

/// What stands behind a stem and a dash.
fn behind<'n>(name: &'n str, stem: &str) -> Option<&'n str> {
    name.strip_prefix(stem)?.strip_prefix('-')
}

/// Whether a name's end is one that a controller makes up: `x7k2p`, `67d4bdd6f5-w6kd7`.
fn is_generated(rest: &str) -> bool {
    let random = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    match rest.split_once('-') {
        None => rest.len() == 5 && random(rest),
        Some((hash, rest)) => matches!(hash.len(), 8..=10) && random(hash) && rest.len() == 5 && random(rest),
    }
}

/// The objects that a command makes, by its words and by the texts of the files that it reads.
pub(crate) fn made_by<'t>(command: &'t PlannedCommand, files: impl Iterator<Item = &'t str>) -> Vec<Made> {
    let mut made: Vec<Made> = made_objects(&command.text).into_iter().map(Made::named).collect();
    made.extend(files.chain(heredoc(&command.text)).flat_map(objects_in));
    made
}

/// The text of a command's first heredoc.
pub(super) fn heredoc(text: &str) -> Option<&str> {
    let (line, body) = text.split_once('\n')?;
    let word = line.split_once("<<")?.1.trim_start_matches(['-', ' ', '\'', '"', '\\']);
    let end = &word[..word.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(word.len())];
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        if line.trim() == end {
            break;
        }
        at += line.len();
    }
    body.get(..at).filter(|_| !end.is_empty())
}

/// The objects in a manifest.
pub(crate) fn objects_in(text: &str) -> Vec<Made> {
    // Behind a mistake the reader only repeats it.
    let documents = serde_yaml::Deserializer::from_str(text).map_while(|one| Value::deserialize(one).ok());
    documents.flat_map(|document| objects_of(&document)).collect()
}

fn objects_of(value: &Value) -> Vec<Made> {
    if let Some(items) = value.get("items").and_then(Value::as_sequence) {
        return items.iter().flat_map(objects_of).collect();
    }
    object(value).into_iter().collect()
}

fn object(value: &Value) -> Option<Made> {
    let kind = value.get("kind")?.as_str()?.to_lowercase();
    let name = value.get("metadata")?.get("name")?.as_str()?.to_owned();
    let spec = value.get("spec");
    let pods = if kind == "pod" { Some(value) } else { spec.and_then(|spec| spec.get("template")) };
    let labels = pods.and_then(|pods| pods.get("metadata")?.get("labels")).map(strings).unwrap_or_default();
    let templates = spec.and_then(|spec| spec.get("volumeClaimTemplates")?.as_sequence()).into_iter().flatten();
    let claims = templates
        .filter_map(|claim| claim.get("metadata")?.get("name")?.as_str())
        .map(|claim| format!("{claim}-{name}"))
        .collect();
    let kinds = spec.filter(|_| kind == "customresourcedefinition").map(kinds).unwrap_or_default();
    Some(Made { name, kind: Some(kind), labels, claims, kinds })
}

/// The words for the kind that a CustomResourceDefinition defines.
fn kinds(spec: &Value) -> Vec<String> {
    let Some(names) = spec.get("names") else { return vec![] };
    let one = ["plural", "singular", "kind"].iter().filter_map(|key| names.get(*key)?.as_str());
    let short = names.get("shortNames").and_then(Value::as_sequence).into_iter().flatten().filter_map(Value::as_str);
    one.chain(short).map(str::to_lowercase).collect()
}

fn strings(map: &Value) -> BTreeMap<String, String> {
    let pairs = map.as_mapping().into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.as_str()?.to_owned(), value.as_str()?.to_owned()))).collect()
}

/// What a command asks for, read once to be held against many objects.
pub(crate) struct Asks {
    commands: Vec<Simple>,
    /// The objects that it needs, by name.
    names: Vec<String>,
    /// The kind of object that it says it means.
    kind: Option<&'static str>,
    /// Whether it makes something itself.
    pub(crate) makes: bool,
    /// The objects in the files that it reads.
    reads: Vec<Made>,
}

impl Asks {
    /// Reads a command's text; `reads` are the objects in the files that it reads.
    pub(crate) fn of(text: &str, reads: Vec<Made>) -> Self {
        Self {
            commands: shell::simple_commands(text),
            names: needed_objects(text),
            kind: told_kind(text),
            makes: makes_something(text),
            reads,
        }
    }

    /// Whether it needs an object that is not there.
    pub(crate) fn needs(&self, missing: &Made) -> bool {
        let another = self.means_another(missing);
        if self.names.iter().any(|name| missing.is_ordinal(name) || !another && missing.is(name)) {
            return true;
        }
        let of_its_kind = |object: &Made| object.kind.as_ref().is_some_and(|kind| missing.kinds.contains(kind));
        if self.reads.iter().any(|object| of_its_kind(object) || !self.makes && missing.is_made_by(object)) {
            return true;
        }
        let asks = |simple: &Simple| asks_kind(simple, missing) || selects(simple, missing) || calls(simple, missing);
        self.commands.iter().any(asks)
    }

    /// Whether it says that it means an object of another kind.
    pub(crate) fn means_another(&self, missing: &Made) -> bool {
        self.kind.is_some() && missing.kind.as_deref().is_some_and(|kind| Some(kind) != self.kind)
    }
}

/// The verb of a command of kubectl, and the words behind it.
fn told(simple: &Simple) -> Option<(&str, Vec<&str>)> {
    let verb = words::verb_of(simple)?;
    let (_, rest) = words::kubectl_verb(&simple.words);
    Some((verb, rest.iter().map(String::as_str).collect()))
}

/// Whether a command asks for objects of a kind that is not defined.
fn asks_kind(simple: &Simple, missing: &Made) -> bool {
    let Some((verb, rest)) = told(simple).filter(|_| !missing.kinds.is_empty()) else { return false };
    let kind = rest.iter().find(|word| !word.starts_with('-')).and_then(|word| word.split(['/', '.']).next());
    matches!(verb, "get" | "describe" | "delete" | "edit" | "patch" | "scale" | "explain" | "wait")
        && kind.is_some_and(|kind| missing.kinds.contains(&kind.to_lowercase()))
}

/// Whether a command selects Pods or claims that come with a workload by their labels.
fn selects(simple: &Simple, missing: &Made) -> bool {
    let Some((verb, rest)) = told(simple).filter(|_| !missing.labels.is_empty()) else { return false };
    let kind = rest.iter().find(|word| !word.starts_with('-')).copied().unwrap_or_default();
    let pods = matches!(verb, "logs" | "exec")
        || matches!(verb, "get" | "describe" | "wait" | "delete")
            && matches!(kind, "pod" | "pods" | "po" | "pvc" | "persistentvolumeclaim" | "persistentvolumeclaims");
    let apart = rest.iter().zip(rest.iter().skip(1)).filter(|(flag, _)| matches!(**flag, "-l" | "--selector"));
    let joined = rest.iter().filter_map(|word| word.strip_prefix("-l=").or_else(|| word.strip_prefix("--selector=")));
    pods && apart.map(|(_, value)| *value).chain(joined).any(|selector| {
        let pairs = selector.split(',').map(|pair| pair.split_once('='));
        pairs.collect::<Option<Vec<_>>>().is_some_and(|pairs| {
            pairs
                .iter()
                .all(|(key, value)| missing.labels.get(*key).is_some_and(|own| own == value.trim_start_matches('=')))
        })
    })
}

/// Whether a command calls one of a StatefulSet's Pods by its host name: `mysql -h db-0.db`.
fn calls(simple: &Simple, missing: &Made) -> bool {
    let host = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    simple.words.iter().flat_map(|word| word.split(host)).any(|word| {
        word.split_once('.').is_some_and(|(first, rest)| {
            missing.is_ordinal(first) && rest.starts_with(|c: char| c.is_ascii_lowercase())
        })
    })
}

/// The kind of object that a command says it means, of those that no other object stands for; `None` where it says
/// none of these, or several.
fn told_kind(text: &str) -> Option<&'static str> {
    const ALONE: &[(&str, &[&str])] = &[
        ("service", &["service", "services", "svc"]),
        ("configmap", &["configmap", "configmaps", "cm"]),
        ("secret", &["secret", "secrets"]),
        ("persistentvolumeclaim", &["pvc", "pvcs", "persistentvolumeclaim", "persistentvolumeclaims"]),
        ("persistentvolume", &["pv", "pvs", "persistentvolume", "persistentvolumes"]),
    ];
    let simples = shell::simple_commands(text);
    let mut kinds = simples.iter().filter_map(told).map(|(_, rest)| {
        let kind = rest.iter().take_while(|word| **word != "--").find(|word| !word.starts_with('-'))?;
        let kind = kind.split('/').next().unwrap_or(kind);
        ALONE.iter().find(|(_, words)| words.contains(&kind)).map(|(kind, _)| *kind)
    });
    let first = kinds.next()??;
    kinds.all(|other| other == Some(first)).then_some(first)
}

/// The Services of a page's manifests, each with the workloads that it selects.
#[derive(Debug, Default)]
pub(crate) struct Services(Vec<(String, Vec<String>)>);

impl Services {
    pub(crate) fn of(texts: &[String]) -> Self {
        let workloads: Vec<Made> = texts.iter().flat_map(|text| objects_in(text)).collect();
        let documents = texts
            .iter()
            .flat_map(|text| serde_yaml::Deserializer::from_str(text).map_while(|one| Value::deserialize(one).ok()));
        let services = documents.filter_map(|document| {
            let selector = document.get("spec")?.get("selector").map(strings)?;
            let name = document.get("metadata")?.get("name")?.as_str()?.to_owned();
            let service = document.get("kind")?.as_str()? == "Service";
            let selected = workloads.iter().filter(|workload| workload.has(&selector));
            service.then(|| (name, selected.map(|workload| workload.name.clone()).collect()))
        });
        Self(services.collect())
    }

    /// A missing workload that alone stands behind a Service which a command calls.
    pub(crate) fn called<'m>(&self, text: &str, missing: &[&'m Made]) -> Option<&'m Made> {
        let host = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
        let calls = called_words(text);
        let words = calls.iter().flat_map(|word| word.split(host)).filter_map(|word| word.split('.').next());
        let named = |word: &str| self.0.iter().find(|(name, workloads)| name == word && !workloads.is_empty());
        words.filter_map(named).find_map(|(_, workloads)| {
            let gone = |name: &String| missing.iter().find(|made| made.name == *name && made.kind.is_some()).copied();
            let gone: Option<Vec<&Made>> = workloads.iter().map(gone).collect();
            gone?.first().copied()
        })
    }
}

/// The words of what a container runs, or of a program that calls others; what kubectl itself asks is no call.
fn called_words(text: &str) -> Vec<String> {
    let mut called = vec![];
    for simple in shell::simple_commands(text) {
        let behind = simple.words.iter().position(|word| word == "--");
        match (simple.name(), behind) {
            ("kubectl", Some(at)) => called.extend(simple.words[at + 1..].iter().cloned()),
            ("curl" | "wget", _) => called.extend(simple.words[1..].iter().cloned()),
            _ => {}
        }
    }
    called
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(text: &str, reads: &[Made], missing: &Made) -> bool {
        Asks::of(text, reads.to_vec()).needs(missing)
    }

    fn objects(text: &str) -> Vec<(String, Option<String>)> {
        objects_in(text).into_iter().map(|made| (made.name, made.kind)).collect()
    }

    const SET: &str = "kind: StatefulSet\nmetadata: {name: db}\nspec:\n  template:\n    metadata:\n      labels: {app: db}\n  \
                       volumeClaimTemplates:\n  - metadata: {name: data}\n";

    fn set() -> Made {
        objects_in(SET).pop().unwrap()
    }

    #[test]
    fn names_are_those_of_whole_objects() {
        let named = |name: &str, kind: &str| (name.to_owned(), Some(kind.to_owned()));
        assert_eq!(
            objects("kind: A\nmetadata:\n  name: a\n---\nkind: B\nmetadata: {name: b}\n---\nx: y\n"),
            [named("a", "a"), named("b", "b")]
        );
        assert_eq!(objects("kind: List\nitems:\n- kind: C\n  metadata: {name: c}\n"), [named("c", "c")]);
        assert!(objects("no: [").is_empty());
    }

    #[test]
    fn what_a_statefulset_brings_along_is_missing_with_it() {
        let reads = |text: &str| needs(text, &[], &set());
        for text in [
            "kubectl get pod db-2",
            "kubectl delete pvc data-db-1",
            "kubectl get pods -l app=db --watch",
            "kubectl get pvc -l=app=db",
            "kubectl run client --image=mysql:8 -i --rm -- mysql -h db-0.db -e 'select 1'",
            "kubectl scale statefulset db --replicas=5",
        ] {
            assert!(reads(text), "{text}");
        }
        for text in
            ["kubectl get pod db-x", "kubectl get pods -l app=web", "kubectl get services -l app=db", "echo db-0", "ls"]
        {
            assert!(!reads(text), "{text}");
        }
        let deployment = objects_in("kind: Deployment\nmetadata: {name: web}\n").pop().unwrap();
        assert!(needs("kubectl logs web-67d4bdd6f5-w6kd7", &[], &deployment));
        assert!(!needs("kubectl logs web-0", &[], &deployment));
    }

    #[test]
    fn a_service_that_selects_only_what_is_missing_answers_nobody() {
        let service = "kind: Service\nmetadata: {name: db-read}\nspec:\n  selector: {app: db}\n".to_owned();
        let services = Services::of(&[SET.to_owned(), service.clone()]);
        let set = set();
        let called = |text: &str| services.called(text, &[&set]).is_some();
        assert!(called("kubectl run c --image=mysql:8 -- mysql -h db-read -e 'select 1'"));
        assert!(called("curl http://db-read.default:3306"));
        assert!(!called("kubectl get service db-read"));
        let other = "kind: Pod\nmetadata: {name: p, labels: {app: db}}\n".to_owned();
        let services = Services::of(&[SET.to_owned(), service, other]);
        assert!(services.called("curl http://db-read", &[&set]).is_none(), "another Pod answers");
    }

    #[test]
    fn kinds_that_a_missing_definition_defines_are_missing() {
        let definition = "kind: CustomResourceDefinition\nmetadata: {name: wheels.example.com}\nspec:\n  names: {plural: \
                          wheels, singular: wheel, kind: Wheel, shortNames: [wh]}\n";
        let definition = objects_in(definition).pop().unwrap();
        let own = objects_in("kind: Wheel\nmetadata: {name: a}\n");
        assert!(needs("kubectl apply -f wheel.yaml", &own, &definition));
        for text in ["kubectl get wheels", "kubectl describe wh a", "kubectl get crd wheels.example.com"] {
            assert!(needs(text, &[], &definition), "{text}");
        }
        assert!(!needs("kubectl get pods", &[], &definition));
    }

    #[test]
    fn a_heredoc_holds_a_manifest() {
        let text = "cat <<EOF | kubectl apply -f -\nkind: Pod\nmetadata: {name: p}\nEOF";
        let command = crate::verify::plan::planned_command(1, text, None);
        let made = made_by(&command, std::iter::empty());
        assert_eq!(made.iter().map(|made| made.name.as_str()).collect::<Vec<_>>(), ["p"]);
    }
}
