//! What a person types into the editor that `kubectl edit` opens, when the page shows how the object is to
//! look.
//!
//! In: the object as `kubectl` hands it to an editor, the YAML that the page shows: a whole manifest or
//! some of its lines. Out: the object with what is shown in it, or why it fits nowhere. What the page does
//! not show stays. Pure.

use serde_yaml::{Mapping, Value};

/// Keys by which the entries of Kubernetes' lists are told apart, the usual first (API conventions, "lists of
/// named subobjects").
const MERGE_KEYS: &[&str] = &["name", "containerPort", "port", "key", "type", "mountPath", "ip", "topologyKey"];

/// Puts what the page shows into the object.
///
/// # Errors
/// When one of the texts is no YAML mapping, or no place of the object has the keys that are shown.
pub fn merge(object: &str, shown: &str) -> Result<String, String> {
    let mut object: Value =
        serde_yaml::from_str(object).map_err(|error| format!("what was to be edited is no YAML: {error}"))?;
    let cleaned: String = shown.lines().filter(|line| !is_elision(line)).flat_map(|line| [line, "\n"]).collect();
    let shown: Value =
        serde_yaml::from_str(&cleaned).map_err(|error| format!("what the page shows is no YAML: {error}"))?;
    let Value::Mapping(shown) = shown else { return Err("what the page shows is no part of an object".to_owned()) };
    let place = place_of(&mut object, &shown)
        .ok_or_else(|| "no place of the object has the keys that the page shows".to_owned())?;
    put(place, &shown);
    serde_yaml::to_string(&object).map_err(|error| error.to_string())
}

/// Whether a line only says that something is left out.
fn is_elision(line: &str) -> bool {
    let text = line.trim().trim_start_matches('#').trim();
    matches!(text, "..." | "…" | "[...]")
}

/// The outermost mapping that has most of the keys shown, and at least one; the first of equals.
fn place_of<'a>(object: &'a mut Value, shown: &Mapping) -> Option<&'a mut Mapping> {
    let mut paths = vec![];
    collect(object, shown, &mut vec![], &mut paths);
    // Of equals the last is taken, so the order is turned round.
    let (_, _, path) = paths.into_iter().rev().max_by_key(|(fit, depth, _)| (*fit, std::cmp::Reverse(*depth)))?;
    let mut at = object;
    for step in path {
        at = match step {
            Step::Key(key) => at.get_mut(&key)?,
            Step::Index(index) => at.get_mut(index)?,
        };
    }
    at.as_mapping_mut()
}

#[derive(Clone)]
enum Step {
    Key(Value),
    Index(usize),
}

fn collect(value: &Value, shown: &Mapping, path: &mut Vec<Step>, found: &mut Vec<(usize, usize, Vec<Step>)>) {
    match value {
        Value::Mapping(map) => {
            let fit = shown.keys().filter(|key| map.contains_key(*key)).count();
            if fit > 0 {
                found.push((fit, path.len(), path.clone()));
            }
            // What the server says of the object is nothing to type.
            for (key, inner) in map.iter().filter(|(key, _)| key.as_str() != Some("status")) {
                path.push(Step::Key(key.clone()));
                collect(inner, shown, path, found);
                path.pop();
            }
        }
        Value::Sequence(list) => {
            for (index, inner) in list.iter().enumerate() {
                path.push(Step::Index(index));
                collect(inner, shown, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

fn put(into: &mut Mapping, shown: &Mapping) {
    for (key, value) in shown {
        // The server's own fields are shown, not typed.
        if matches!(key.as_str(), Some("status" | "resourceVersion" | "uid" | "creationTimestamp" | "generation")) {
            continue;
        }
        // An editor changes no object's place.
        if key.as_str() == Some("metadata")
            && let (Some(Value::Mapping(old)), Value::Mapping(new)) = (into.get_mut(key), value)
        {
            let mut new = new.clone();
            new.remove("namespace");
            put(old, &new);
            continue;
        }
        match (into.get_mut(key), value) {
            (Some(Value::Mapping(old)), Value::Mapping(new)) => put(old, new),
            (Some(Value::Sequence(old)), Value::Sequence(new)) => put_list(old, new),
            // A key without a value holds nothing new where there is something.
            (Some(Value::Mapping(_) | Value::Sequence(_)), Value::Null) => {}
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Entries that have a merge key are merged with those that are there; a list of other things is replaced.
fn put_list(old: &mut Vec<Value>, new: &[Value]) {
    let key_of = |entry: &Value| MERGE_KEYS.iter().find(|key| entry.get(**key).is_some()).copied();
    if new.iter().any(|entry| key_of(entry).is_none()) {
        *old = new.to_vec();
        return;
    }
    for entry in new {
        let same = key_of(entry).and_then(|key| old.iter_mut().find(|other| other.get(key) == entry.get(key)));
        match (same, entry) {
            (Some(Value::Mapping(old)), Value::Mapping(new)) => put(old, new),
            _ => old.push(entry.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  uid: u1\nspec:\n  replicas: 1\n  template:\n    spec:\n      containers:\n      - name: web\n        image: nginx:1\n        ports:\n        - containerPort: 80\nstatus:\n  replicas: 1\n";

    #[track_caller]
    fn merged(shown: &str) -> Value {
        serde_yaml::from_str(&merge(OBJECT, shown).unwrap()).unwrap()
    }

    #[test]
    fn a_whole_manifest_is_put_in_at_the_root() {
        let value = merged(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  uid: other\nspec:\n  replicas: 3\nstatus:\n  replicas: 9\n",
        );
        assert_eq!(value["spec"]["replicas"], 3);
        assert_eq!(value["spec"]["template"]["spec"]["containers"][0]["image"], "nginx:1", "what is not shown stays");
        assert_eq!(value["metadata"]["uid"], "u1");
        let elsewhere = merged(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  namespace: other\nspec:\n  replicas: 2\n",
        );
        assert_eq!((elsewhere["metadata"].get("namespace"), &elsewhere["spec"]["replicas"]), (None, &Value::from(2)));
        assert_eq!(value["status"]["replicas"], 1);
    }

    #[test]
    fn some_lines_go_where_their_keys_are() {
        let value = merged(
            "spec:\n  # ...\n  template:\n    spec:\n      containers:\n      - name: web\n        image: nginx:2\n      - name: log\n        image: busybox\n",
        );
        let containers = &value["spec"]["template"]["spec"]["containers"];
        assert_eq!(containers[0]["image"], "nginx:2");
        assert_eq!(containers[0]["ports"][0]["containerPort"], 80);
        assert_eq!(containers[1]["name"], "log");
        assert_eq!(merged("replicas: 5\n")["spec"]["replicas"], 5);
        assert_eq!(merged("...\nimage: nginx:3\n")["spec"]["template"]["spec"]["containers"][0]["image"], "nginx:3");
    }

    #[test]
    fn what_fits_nowhere_is_said() {
        assert!(merge(OBJECT, "colour: red\n").unwrap_err().contains("no place"));
        assert!(merge(OBJECT, "- a\n").unwrap_err().contains("no part"));
        assert!(merge(OBJECT, "a: [\n").unwrap_err().contains("no YAML"));
    }
}
