//! Names in commands that only a run knows: placeholders, and names that the page shows as generated.
//!
//! In: a command as planned, the page's [`Bindings`] and [`VolatileFacts`]. Out: the command as it is
//! run, or why it can't be.

use std::sync::LazyLock;

use regex::Regex;

use crate::verify::matching::{Bindings, VolatileFacts};
use crate::verify::plan::{PlannedCommand, object_kind};
use crate::verify::shell::{self, Simple};

/// Names of objects that every cluster has.
const EVERYWHERE: &[&str] = &["kubernetes", "default", "kube-root-ca.crt"];

/// Fills in placeholders and generated names.
pub(super) fn fill(command: &PlannedCommand, bindings: &Bindings, facts: &VolatileFacts) -> Result<String, String> {
    let mut ran = command.ran.clone();
    ran = only_node(&ran, facts)?;
    for placeholder in &command.placeholders {
        ran = ran.replace(placeholder.as_str(), &only_fit(placeholder, facts)?);
    }
    Ok(generated(&bound(&ran, bindings), facts))
}

/// Replaces the names and addresses that the page shows by those they were bound to.
pub(super) fn bound(ran: &str, bindings: &Bindings) -> String {
    let mut ran = ran.to_owned();
    for (documented, binding) in &bindings.bound {
        let name = binding.rule.contains("name") || binding.rule.contains("ip");
        if name && documented.len() > 6 && documented != &binding.actual && ran.contains(documented.as_str()) {
            ran = ran.replace(documented.as_str(), &binding.actual);
        }
    }
    ran
}

/// Refuses to call an address that is kept for examples (RFC 5737): nobody answers there, so it stands for another.
pub(super) fn no_example(ran: &str) -> Result<(), String> {
    static ADDRESS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?:^|[^\d.])((?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3})(?:$|[^\d.])").ok());
    let calls = |simple: &Simple| {
        let name = simple.name();
        matches!(name, "curl" | "wget" | "ping" | "nc" | "telnet" | "ssh" | "nslookup" | "dig" | "traceroute")
    };
    let found = shell::simple_commands(ran).into_iter().filter(calls).find_map(|simple| {
        let words = simple.words.join(" ");
        Some(ADDRESS.as_ref()?.captures(&words)?.get(1)?.as_str().to_owned())
    });
    match found {
        Some(address) => Err(format!("{address} is an address for examples: it stands for one that is not known here")),
        None => Ok(()),
    }
}

fn only_fit(placeholder: &str, facts: &VolatileFacts) -> Result<String, String> {
    let unclear = || format!("the reader has to fill in {placeholder}, and nothing says with what");
    let kind = object_kind(placeholder).ok_or_else(unclear)?;
    let names: Vec<&str> = match kind {
        "Node" => facts.nodes.iter().map(String::as_str).collect(),
        kind => facts
            .objects
            .iter()
            .filter(|object| object.kind == kind && !EVERYWHERE.contains(&object.name.as_str()))
            .map(|object| object.name.as_str())
            .collect(),
    };
    match names.as_slice() {
        [one] => Ok((*one).to_owned()),
        // Replicas of one owner are alike: any of them is what the page means.
        [first, ..] if kind == "Pod" && of_one_owner(&names, facts) => Ok((*first).to_owned()),
        [] => Err(format!("the reader has to fill in {placeholder}, and there is no such object")),
        _ => Err(format!("the reader has to fill in {placeholder}, and {} objects fit", names.len())),
    }
}

fn of_one_owner(names: &[&str], facts: &VolatileFacts) -> bool {
    let owner =
        |name: &str| facts.objects.iter().find(|object| object.kind == "Pod" && object.name == name)?.owner.clone();
    let first = names.first().and_then(|name| owner(name));
    first.is_some() && names.iter().all(|name| owner(name) == first)
}

/// Replaces the name of a node that is not here by that of the only node that is; one cannot stand for several.
fn only_node(ran: &str, facts: &VolatileFacts) -> Result<String, String> {
    static SLASHED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(\bnodes?/)([a-z0-9][a-z0-9.-]*)").ok());
    static PLAIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(\bkubectl (?:cordon|uncordon|drain) (?:--?[\w=-]+ )*|\bkubectl (?:describe|label|taint|annotate|get) nodes? )([a-z0-9][a-z0-9.-]*)",
        )
        .ok()
    });
    let ([node], Some(slashed), Some(plain)) = (facts.nodes.as_slice(), SLASHED.as_ref(), PLAIN.as_ref()) else {
        return Ok(ran.to_owned());
    };
    let ran = slashed.replace_all(ran, |found: &regex::Captures<'_>| format!("{}{node}", &found[1]));
    let mut several = false;
    let filled = plain.replace_all(&ran, |found: &regex::Captures<'_>| {
        let behind = found.get(2).map_or("", |name| &ran[name.end()..]);
        if behind.starts_with('/') {
            // A kind, with the name behind the slash.
            return found[0].to_owned();
        }
        several |= another_name(behind);
        format!("{}{node}", &found[1])
    });
    if several { Err("needs several nodes, and this cluster has one".to_owned()) } else { Ok(filled.into_owned()) }
}

/// Whether the next word is a name too: no flag, label, taint or operator.
fn another_name(behind: &str) -> bool {
    let Some(word) = behind.strip_prefix(' ').and_then(|rest| rest.split_whitespace().next()) else { return false };
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'))
        && !word.ends_with('-')
}

/// Replaces the name of another cluster that a page's variable is given by that of this one: authors write
/// their own, and ask readers to put theirs.
pub(super) fn own_cluster(ran: &str, cluster: &str) -> String {
    static VARIABLE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"^((?:export\s+)?CLUSTER(?:_NAME)?=)["']?([\w.-]+)["']?$"#).ok());
    let Some(pattern) = VARIABLE.as_ref() else { return ran.to_owned() };
    pattern.replace(ran.trim_end(), |found: &regex::Captures<'_>| format!("{}{cluster}", &found[1])).into_owned()
}

/// Replaces `STEM-hash-suffix` by the one live object of that stem, if there is none of that name.
fn generated(ran: &str, facts: &VolatileFacts) -> String {
    static FORM: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\b([a-z][a-z0-9-]*?)(?:-[a-z0-9]{8,10})?-([a-z0-9]{5})\b").ok());
    let Some(form) = FORM.as_ref() else { return ran.to_owned() };
    form.replace_all(ran, |captures: &regex::Captures<'_>| {
        let whole = &captures[0];
        let stem = format!("{}-", &captures[1]);
        let suffix_generated = captures[2].bytes().any(|b| b.is_ascii_digit());
        let exists = facts.objects.iter().any(|object| object.name == whole);
        let same_stem: Vec<&str> = facts
            .objects
            .iter()
            .filter(|object| object.kind == "Pod" && object.generate_name.is_some() && object.name.starts_with(&stem))
            .map(|object| object.name.as_str())
            .collect();
        match same_stem.as_slice() {
            [one] if !exists && suffix_generated => (*one).to_owned(),
            // Replicas of one owner are alike: any of them is what the page means.
            [first, ..] if !exists && suffix_generated && of_one_owner(&same_stem, facts) => (*first).to_owned(),
            _ => whole.to_owned(),
        }
    })
    .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_for_examples_are_not_called() {
        for text in ["curl http://192.0.2.89", "ping 198.51.100.7", "curl 203.0.113.140:80/x"] {
            assert!(no_example(text).is_err(), "{text}");
        }
        for text in [
            "curl http://10.0.0.1",
            "curl 1192.0.2.8",
            "kubectl patch svc web -p '{\"spec\":{\"externalIPs\":[\"198.51.100.32\"]}}'",
            "echo 203.0.113.1",
        ] {
            assert_eq!(no_example(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn the_only_node_stands_for_any() {
        let facts = VolatileFacts { nodes: vec!["node1".into()], ..VolatileFacts::default() };
        for (text, expected) in [
            ("kubectl debug node/mynode -it --image=ubuntu", "kubectl debug node/node1 -it --image=ubuntu"),
            ("kubectl drain --ignore-daemonsets worker-1", "kubectl drain --ignore-daemonsets node1"),
            ("kubectl drain nodes/$nodeName", "kubectl drain nodes/$nodeName"),
            ("kubectl drain nodes/worker-1", "kubectl drain nodes/node1"),
            ("kubectl label nodes worker-1 disktype=ssd", "kubectl label nodes node1 disktype=ssd"),
            ("kubectl get nodes", "kubectl get nodes"),
        ] {
            assert_eq!(only_node(text, &facts).as_deref(), Ok(expected));
        }
        assert!(only_node("kubectl label nodes worker-1 worker-2 ssd=true", &facts).is_err());
        let two = VolatileFacts { nodes: vec!["a".into(), "b".into()], ..VolatileFacts::default() };
        assert_eq!(only_node("kubectl cordon c", &two).as_deref(), Ok("kubectl cordon c"));
    }

    #[test]
    fn a_variable_for_the_cluster_holds_this_one() {
        assert_eq!(own_cluster("export CLUSTER_NAME=\"some_server_name\"", "here"), "export CLUSTER_NAME=here");
        assert_eq!(own_cluster("CLUSTER=$(kubectl config view)", "here"), "CLUSTER=$(kubectl config view)");
        assert_eq!(own_cluster("export OTHER=x", "here"), "export OTHER=x");
    }
}
