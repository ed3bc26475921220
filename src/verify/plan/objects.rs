//! Which objects commands name, and which of them the page makes.
//!
//! In: a page's blocks. Out: the skips of commands on objects that need not exist.

use std::collections::BTreeSet;

use super::{PagePlan, PlannedBlock, placeholders};
use crate::verify::cues::{Cue, Cues};
use crate::verify::extract::Page;
use crate::verify::model::Role;
use crate::verify::shell::{self, Simple};
use crate::verify::words;

/// Skips commands behind "suppose", "for example" or "if you are running" on objects that no block of the page
/// makes or shows, and what comes after them on the same objects in the same section.
pub(super) fn hypothetical(blocks: &mut [PlannedBlock], page: &Page, cues: &Cues) {
    let examples: Vec<&str> = page.examples.iter().map(|example| example.text.as_str()).collect();
    let mut known = Words::of(&examples);
    let mut supposed: BTreeSet<String> = BTreeSet::new();
    let mut section = None;
    for block in blocks {
        let context = &block.block.context;
        if section != Some(context.section) {
            supposed.clear();
            section = Some(context.section);
        }
        if !matches!(block.role, Role::Command | Role::Transcript) {
            known.add(&block.block.text);
            continue;
        }
        let said = [&context.cue, &context.paragraph, &context.lead].iter().any(|text| cues.say(Cue::Suppose, text));
        let mut skipped = false;
        for command in &mut block.commands {
            let needed = needed_objects(&command.text);
            let missing = needed.iter().find(|name| !known.has(name));
            let again = needed.iter().find(|name| supposed.contains(*name));
            if let Some(name) = again.or(missing.filter(|_| said)) {
                command.skip = Some(format!("hypothetical object: no block of the page makes {name}"));
                supposed.insert(name.clone());
                skipped = true;
            } else {
                let deleted = deleted_objects(&command.text);
                if deleted.is_empty() || makes_something(&command.text) {
                    known.add(&command.text);
                } else {
                    known.0.retain(|name| !deleted.contains(name));
                }
            }
        }
        let all = block.commands.iter().all(|command| command.skip.is_some());
        if skipped && all && block.skip.is_none() {
            block.skip = block.commands.first().and_then(|command| command.skip.clone());
        }
    }
}

/// The objects that a page's commands need and that nothing on the page makes; names that stand for what a
/// controller made are none of these.
pub(crate) fn missing_objects(plan: &PagePlan, page: &Page) -> Vec<String> {
    let examples: Vec<&str> = page.examples.iter().map(|example| example.text.as_str()).collect();
    let mut made = Words::of(&examples);
    for block in plan.blocks.iter().filter(|block| block.role != Role::Output) {
        for command in &block.commands {
            made.add(&makers_of(&command.text));
        }
        if block.commands.is_empty() {
            made.add(&block.block.text);
        }
    }
    let mut missing: Vec<String> = vec![];
    let blocks = plan.blocks.iter().filter(|block| block.in_session.is_none() && block.role != Role::Output);
    for command in blocks.flat_map(|block| &block.commands).filter(|command| command.skip.is_none()) {
        for name in needed_objects(&command.text) {
            let controlled = made.0.iter().any(|word| name.starts_with(&format!("{word}-")));
            if !made.has(&name) && !controlled && !missing.contains(&name) {
                missing.push(name);
            }
        }
    }
    missing
}

/// The words of the commands that make new objects. What is exposed, labelled or scaled has to be there already.
fn makers_of(text: &str) -> String {
    let mut words = vec![];
    for simple in shell::simple_commands(text) {
        match words::verb_of(&simple) {
            // With a heredoc, the text around the command is the manifest.
            Some("create" | "apply" | "run") => return text.to_owned(),
            Some("expose") => {
                let of = &simple.words;
                let joined = of.iter().filter_map(|word| word.strip_prefix("--name=")).map(str::to_owned);
                let apart = of.iter().zip(of.iter().skip(1)).filter(|(flag, _)| *flag == "--name");
                words.extend(joined.chain(apart.map(|(_, name)| name.clone())));
            }
            _ => {}
        }
    }
    words.join(" ")
}

/// The objects that a command deletes by name.
pub(super) fn deleted_objects(text: &str) -> Vec<String> {
    let deletes = |simple: &&Simple| words::verb_of(simple) == Some("delete");
    shell::simple_commands(text).iter().filter(deletes).flat_map(needed_of).collect()
}

/// The words of texts, names with dashes and dots whole.
struct Words(BTreeSet<String>);

impl Words {
    fn of(texts: &[&str]) -> Self {
        let mut words = Self(BTreeSet::new());
        for text in texts {
            words.add(text);
        }
        words
    }

    fn add(&mut self, text: &str) {
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        self.0.extend(
            text.split(|c| !name(c)).filter(|word| !word.is_empty()).map(|word| word.trim_end_matches('.').to_owned()),
        );
    }

    /// Also where the page shows a generated name of that stem.
    fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// Flags of kubectl whose value is the next word.
const VALUED: &[&str] = &[
    "-n",
    "--namespace",
    "-l",
    "--selector",
    "-o",
    "--output",
    "-c",
    "--container",
    "-f",
    "--filename",
    "-k",
    "--context",
    "--field-selector",
    "--type",
    "-p",
    "--patch",
    "--patch-file",
    "--image",
    "--replicas",
    "--port",
    "--target",
    "--copy-to",
    "--as",
    "--as-group",
    "-L",
    "--for",
    "--timeout",
    "--sort-by",
    "--tail",
    "--since",
    "--target-port",
    "--name",
    "--subresource",
    "-s",
    "--server",
    "--user",
    "--cluster",
    "--kubeconfig",
    "--grace-period",
    "--from-file",
    "--from-literal",
    "--from-env-file",
    "--key",
    "--cert",
    "--restart",
    "--env",
    "--labels",
    "--overrides",
];

/// The words behind a verb that are neither flags nor their values, up to what a container runs.
fn plain_words<'a>(verb: &str, rest: &[&'a str]) -> Vec<&'a str> {
    let logs = matches!(verb, "logs" | "log");
    let mut plain = vec![];
    let mut value = false;
    for word in rest.iter().take_while(|word| **word != "--") {
        if !value && !word.starts_with('-') {
            plain.push(*word);
        }
        // `logs -f` follows, and reads no file.
        value = VALUED.contains(word) && !(logs && matches!(*word, "-f" | "-p"));
    }
    plain
}

/// The objects that a command makes by its own words: the first plain word of `run`, the last one of `create`.
pub(crate) fn made_objects(text: &str) -> Vec<String> {
    shell::simple_commands(&placeholders::without(text)).iter().filter_map(made_of).collect()
}

fn made_of(simple: &Simple) -> Option<String> {
    let words: Vec<&str> = simple.words.iter().map(String::as_str).collect();
    let (verb, rest) = words::kubectl_verb(&words);
    let plain = plain_words(verb, rest);
    let name = match verb {
        // A token is of an account that is there.
        "create" if plain.len() > 1 && plain[0] != "token" => plain.last(),
        "run" => plain.first(),
        _ => None,
    };
    name.filter(|name| simple.name() == "kubectl" && is_word_of_names(name)).map(|name| (*name).to_owned())
}

/// The objects that a command needs to be there, by name.
pub(crate) fn needed_objects(text: &str) -> Vec<String> {
    shell::simple_commands(text).iter().filter(|simple| simple.name() == "kubectl").flat_map(needed_of).collect()
}

fn needed_of(simple: &Simple) -> Vec<String> {
    let words: Vec<&str> = simple.words.iter().map(String::as_str).collect();
    let (verb, rest) = words::kubectl_verb(&words);
    let plain = plain_words(verb, rest);
    // Words before the first name: a kind, and for some verbs a verb of their own.
    let before = match verb {
        "logs" | "log" | "exec" | "attach" | "port-forward" | "cordon" | "uncordon" | "drain" => 0,
        "debug" => 0,
        "get" | "describe" | "delete" | "label" | "annotate" | "edit" | "patch" | "scale" | "autoscale" | "expose"
        | "taint" | "wait" => 1,
        "rollout" | "set" | "top" => 2,
        _ => return vec![],
    };
    if rest.iter().any(|word| word.starts_with("--raw")) {
        return vec![];
    }
    let several = before > 0;
    let slashed = plain.iter().find(|word| word.contains('/')).map(|word| vec![*word]);
    let names =
        slashed.unwrap_or_else(|| plain.iter().skip(before).copied().take(if several { 8 } else { 1 }).collect());
    names
        .into_iter()
        .map(|word| word.rsplit('/').next().unwrap_or(word))
        .filter(|name| is_name(name))
        .map(str::to_owned)
        .collect()
}

/// Whether a word could be an object's name: no label, variable, placeholder or port.
fn is_name(word: &str) -> bool {
    word.len() > 1 && is_word_of_names(word)
}

fn is_word_of_names(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'))
        && !word.ends_with('-')
}

/// Whether a command makes or changes objects that later ones may need.
pub(crate) fn makes_something(text: &str) -> bool {
    let makes = |verb: &str| {
        matches!(verb, "create" | "apply" | "run" | "expose" | "label" | "annotate" | "scale" | "set" | "patch")
    };
    shell::simple_commands(text).iter().any(|simple| words::verb_of(simple).is_some_and(makes))
}

/// The objects that a command names: those that it needs or makes, and the manifests that it reads, whose objects
/// mostly are called like them.
pub(crate) fn object_names(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for simple in shell::simple_commands(&placeholders::without(text)) {
        if simple.name() != "kubectl" {
            continue;
        }
        names.extend(needed_of(&simple));
        names.extend(made_of(&simple));
        let words = simple.words.iter().take_while(|word| *word != "--");
        names.extend(words.filter_map(|word| manifest_stem(word)).map(str::to_owned));
    }
    names
}

/// What a manifest's file is called.
fn manifest_stem(word: &str) -> Option<&str> {
    let file = word.rsplit(['/', '=']).next()?;
    [".yaml", ".yml", ".json"].iter().find_map(|end| file.strip_suffix(end)).filter(|stem| stem.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_objects_that_are_made_are_named() {
        for (text, names) in [
            ("kubectl create deployment web --image=nginx", vec!["web"]),
            ("kubectl create secret generic s -n kube-system", vec!["s"]),
            ("kubectl run p --image nginx -- sleep 1", vec!["p"]),
            ("kubectl apply -f deployment.yaml -n dev", vec![]),
            ("kubectl create -f a.yaml", vec![]),
            ("kubectl run web --image=<registry name>/web", vec!["web"]),
            ("kubectl run web ls /", vec!["web"]),
            ("kubectl create secret tls web-tls --key tls.key --cert tls.crt", vec!["web-tls"]),
            ("kubectl create configmap <name> --from-literal=a=b", vec![]),
            ("kubectl create token builder", vec![]),
        ] {
            assert_eq!(made_objects(text), names, "{text}");
        }
    }

    #[test]
    fn the_objects_that_are_named_are_no_kinds_and_no_values_of_flags() {
        for (text, names) in [
            ("kubectl describe secrets/web-token", &["web-token"][..]),
            ("kubectl run web --image=nginx", &["web"]),
            ("kubectl get pods/<podname> -o yaml", &[]),
            ("kubectl get secret web-token -o yaml", &["web-token"]),
            ("kubectl apply -f https://example.com/pods/web.yaml", &["web"]),
            ("kubectl create configmap settings --from-file=settings.json", &["settings"]),
            ("ls web", &[]),
        ] {
            assert_eq!(object_names(text).iter().map(String::as_str).collect::<Vec<_>>(), names, "{text}");
        }
    }

    #[test]
    fn the_objects_that_must_be_there_are_named() {
        for (text, names) in [
            ("kubectl exec -i -t my-pod --container main-app -- /bin/bash", vec!["my-pod"]),
            ("kubectl get pod web -o yaml", vec!["web"]),
            ("kubectl -n dev logs web-0 -c app", vec!["web-0"]),
            ("kubectl logs -f deployment/web", vec!["web"]),
            ("kubectl label pods -l app=nginx tier=fe", vec![]),
            ("kubectl delete deployment/web", vec!["web"]),
            ("kubectl set image deployment/web nginx=nginx:1", vec!["web"]),
            ("kubectl get pods", vec![]),
            ("kubectl get --raw /api/v1/nodes/x/proxy/stats/summary", vec![]),
            ("kubectl get pod $POD <name>", vec![]),
            ("kubectl create secret generic dev-db-secret", vec![]),
            ("kubectl taint nodes node1 key1=value1:NoSchedule", vec!["node1"]),
        ] {
            assert_eq!(needed_objects(text), names, "{text}");
        }
    }
}
