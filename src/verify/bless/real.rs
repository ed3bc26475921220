//! The tree that came, to take from it what a page lacks.

use serde::Deserialize;
use serde_yaml::Value;

/// A step of a finding's path: `status.conditions[0].type`, `metadata.labels["app.kubernetes.io/name"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Item(usize),
}

/// Reads a path; `None` if it is none.
pub(super) fn path(text: &str) -> Option<Vec<Step>> {
    let mut steps = vec![];
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let (key, after) = quoted.split_once("\"]")?;
            steps.push(Step::Key(key.to_owned()));
            rest = after.strip_prefix('.').unwrap_or(after);
        } else if let Some(index) = rest.strip_prefix('[') {
            let (index, after) = index.split_once(']')?;
            steps.push(Step::Item(index.parse().ok()?));
            rest = after.strip_prefix('.').unwrap_or(after);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.push(Step::Key(rest[..end].to_owned()));
            rest = rest[end..].strip_prefix('.').unwrap_or(&rest[end..]);
        }
    }
    Some(steps)
}

/// The documents of an output; those that can be read.
pub(super) fn documents(stdout: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(stdout).map_while(|document| Value::deserialize(document).ok()).collect()
}

/// The node at a path, in the first document that has it.
pub(super) fn find<'v>(documents: &'v [Value], steps: &[Step]) -> Option<&'v Value> {
    documents.iter().find_map(|document| {
        steps.iter().try_fold(document, |value, step| match step {
            Step::Key(key) => value.get(key.as_str()),
            Step::Item(index) => value.get(*index),
        })
    })
}

/// Whether there is nothing in it.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Mapping(map) => map.is_empty(),
        Value::Sequence(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// The keys of a map.
pub(super) fn keys(value: &Value) -> Vec<&str> {
    value.as_mapping().map(|map| map.keys().filter_map(Value::as_str).collect()).unwrap_or_default()
}

/// A node as lines of YAML.
pub(super) fn lines(value: &Value) -> Vec<String> {
    let text = serde_yaml::to_string(value).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_nodes() {
        let documents = documents("a:\n  b.c/d:\n  - x\n  - y: 1\n");
        let node = |text: &str| path(text).and_then(|steps| find(&documents, &steps).cloned());
        assert_eq!(node("a[\"b.c/d\"][1].y"), Some(Value::from(1)));
        assert_eq!(node("a[\"b.c/d\"][0]"), Some(Value::from("x")));
        assert_eq!(node("a.b"), None);
        assert_eq!(path("a[x]"), None);
    }
}
