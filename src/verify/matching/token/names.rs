//! Rule B6: names that controllers made, held only with proof from live objects.

use crate::verify::matching::{ObjectFacts, VolatileFacts};

/// How long a suffix of random letters is (`utilrand.String(5)` in Kubernetes).
const RANDOM: usize = 5;

/// A generated name: what is given, then suffixes with their lengths.
struct Pattern<'a> {
    base: &'a str,
    /// Least and greatest length of each suffix.
    suffixes: Vec<(usize, usize)>,
}

impl Pattern<'_> {
    fn fits(&self, name: &str) -> bool {
        let Some(mut rest) = name.strip_prefix(self.base) else { return false };
        for (index, (least, greatest)) in self.suffixes.iter().enumerate() {
            let Some(suffix) = rest.strip_prefix('-') else { return false };
            let last = index + 1 == self.suffixes.len();
            let end = if last { suffix.len() } else { suffix.find('-').unwrap_or(suffix.len()) };
            let fits = (*least..=*greatest).contains(&end) && suffix[..end].bytes().all(is_generated_byte);
            if !fits {
                return false;
            }
            rest = &suffix[end..];
        }
        rest.is_empty()
    }
}

fn is_generated_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// Whether `documented` is what a page of another run would print for the live object `actual`.
pub(in crate::verify::matching) fn is_generated(facts: &VolatileFacts, documented: &str, actual: &str) -> bool {
    facts
        .objects
        .iter()
        .filter(|object| object.name == actual)
        .filter_map(|object| pattern(facts, object, 0))
        .any(|pattern| pattern.fits(documented) && pattern.fits(actual))
}

/// What the live object says of how its name was made. Owners are followed: a Pod's ReplicaSet is
/// itself named after a Deployment.
fn pattern<'a>(facts: &'a VolatileFacts, object: &'a ObjectFacts, depth: usize) -> Option<Pattern<'a>> {
    if depth > 3 {
        return None;
    }
    if let Some(("Deployment", name)) = object.owner.as_ref().map(|(kind, name)| (kind.as_str(), name)) {
        return (object.kind == "ReplicaSet").then(|| Pattern { base: name, suffixes: vec![(8, 10)] });
    }
    if let Some(("CronJob", name)) = object.owner.as_ref().map(|(kind, name)| (kind.as_str(), name)) {
        return (object.kind == "Job").then(|| Pattern { base: name, suffixes: vec![(8, 10)] });
    }
    let core = object.generate_name.as_deref()?.strip_suffix('-')?;
    let suffix = object.name.strip_prefix(core)?.strip_prefix('-')?;
    if suffix.len() != RANDOM {
        // A StatefulSet's Pods carry a generateName, but their names are counted, not random.
        return None;
    }
    let mut made = Pattern { base: core, suffixes: vec![] };
    if let Some((kind, name)) = object.owner.as_ref().filter(|(_, name)| name == core) {
        let owner = facts.objects.iter().find(|owner| owner.kind == *kind && owner.name == *name);
        made = match owner.and_then(|owner| pattern(facts, owner, depth + 1)) {
            Some(inherited) => inherited,
            None if owner.is_none() && kind == "ReplicaSet" => template_hash(core).unwrap_or(made),
            None => made,
        };
    }
    made.suffixes.push((RANDOM, RANDOM));
    Some(made)
}

/// A ReplicaSet that is gone again: only its name is left to tell the Deployment's.
fn template_hash(name: &str) -> Option<Pattern<'_>> {
    let (base, hash) = name.rsplit_once('-')?;
    let is_hash = (8..=10).contains(&hash.len()) && hash.bytes().all(is_generated_byte);
    is_hash.then(|| Pattern { base, suffixes: vec![(8, 10)] })
}

/// Names that admission and kubectl make by themselves, so that no object vouches for them.
pub(in crate::verify::matching) fn is_well_known(documented: &str, actual: &str) -> bool {
    ["kube-api-access-", "debugger-", "default-token-"].iter().any(|prefix| {
        let random = |name: &str| {
            name.strip_prefix(prefix)
                .is_some_and(|suffix| suffix.len() == RANDOM && suffix.bytes().all(is_generated_byte))
        };
        random(documented) && random(actual)
    })
}

/// `node-debugger-NODE-xxxxx`: kubectl names a node's debugging Pod after the node.
pub(in crate::verify::matching) fn debugged_node(name: &str) -> Option<&str> {
    let (node, suffix) = name.strip_prefix("node-debugger-")?.rsplit_once('-')?;
    (suffix.len() == RANDOM && suffix.bytes().all(is_generated_byte)).then_some(node)
}

/// A label value that is a function of a Pod template or a revision: other on every cluster version.
pub(in crate::verify::matching) fn is_template_hash(text: &str) -> bool {
    (6..=10).contains(&text.len()) && text.bytes().all(is_generated_byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(kind: &str, name: &str, generate: Option<&str>, owner: Option<(&str, &str)>) -> ObjectFacts {
        ObjectFacts {
            kind: kind.to_owned(),
            name: name.to_owned(),
            generate_name: generate.map(str::to_owned),
            owner: owner.map(|(kind, name)| (kind.to_owned(), name.to_owned())),
            ..ObjectFacts::default()
        }
    }

    fn facts() -> VolatileFacts {
        VolatileFacts {
            objects: vec![
                object("ReplicaSet", "web-6d4cf56db6", None, Some(("Deployment", "web"))),
                object("Pod", "web-6d4cf56db6-abcde", Some("web-6d4cf56db6-"), Some(("ReplicaSet", "web-6d4cf56db6"))),
                object("Pod", "db-0", Some("db-"), Some(("StatefulSet", "db"))),
                object("Pod", "plain", None, None),
                object("Pod", "once-x2x3x", Some("once-"), Some(("Job", "once"))),
                object("Job", "tick-29922582", None, Some(("CronJob", "tick"))),
            ],
            ..VolatileFacts::default()
        }
    }

    #[test]
    fn a_name_holds_by_what_its_object_says() {
        let facts = facts();
        for (documented, actual, holds) in [
            ("web-67d4bdd6f5-w6kd7", "web-6d4cf56db6-abcde", true),
            ("web-2035384211-w6kd7", "web-6d4cf56db6-abcde", true),
            ("wib-67d4bdd6f5-w6kd7", "web-6d4cf56db6-abcde", false),
            ("web-67d4bdd6f5-w6kd", "web-6d4cf56db6-abcde", false),
            ("web-67d4bdd6f5", "web-6d4cf56db6", true),
            ("web-67d4b", "web-6d4cf56db6", false),
            ("db-1", "db-0", false),
            ("plane", "plain", false),
            ("once-kixwv", "once-x2x3x", true),
            ("tick-4111706356", "tick-29922582", true),
            ("gone-kixwv", "gone-x2x3x", false),
        ] {
            assert_eq!(is_generated(&facts, documented, actual), holds, "{documented} {actual}");
        }
    }
}
