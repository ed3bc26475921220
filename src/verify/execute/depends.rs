//! What was not made, and what needs it.
//!
//! In: commands that were not run, with the files they would have read. Out: for a later command, the line of the one
//! whose objects or files it needs: it is skipped, and never a difference of the page.

use std::collections::BTreeSet;

use serde_yaml::Value;

use crate::verify::plan::variables;
use crate::verify::plan::{OutputLines, PlannedCommand, made_objects, makes_something, needed_objects};
use crate::verify::shell::{self, Simple};
use crate::verify::words;

/// What commands would have made which were not run.
#[derive(Debug, Default)]
pub(super) struct Missing {
    /// The objects.
    commands: Vec<(usize, BTreeSet<Named>)>,
    /// The words that may be files.
    files: Vec<(usize, BTreeSet<String>)>,
    /// The variables.
    variables: Vec<(usize, BTreeSet<String>)>,
    /// The last of the block under way.
    in_block: Option<usize>,
    /// The first command that would have made objects which nobody knows.
    unknown: Option<usize>,
    /// Hosts of the internet that this machine does not reach.
    pub(super) unreachable: BTreeSet<String>,
}

impl Missing {
    /// Notes a command that was not run, with the texts of the files that it reads.
    pub(super) fn add<'t>(&mut self, command: &PlannedCommand, files: impl Iterator<Item = &'t str>) {
        self.commands.push((command.line, made_by(command, files).collect()));
    }

    /// Notes what files a command that was not run may have written or fetched, and whether it would have made
    /// objects that are not known.
    pub(super) fn add_files(&mut self, command: &PlannedCommand) {
        let simples = shell::simple_commands(&command.text);
        let names: BTreeSet<String> = simples.iter().flat_map(files_of).filter(|name| name.len() > 1).collect();
        // One that names no file has made none for the rest of its block.
        if !names.is_empty() {
            self.in_block = Some(command.line);
        }
        self.files.push((command.line, names));
        self.variables.push((command.line, variables::assigned(&command.text).collect()));
        if self.unknown.is_none() && makes_unknown(command, &simples) {
            self.unknown = Some(command.line);
        }
    }

    /// Another block begins.
    pub(super) fn begin_block(&mut self) {
        self.in_block = None;
    }

    /// The line of a command of the same block that was not run: the rest works on what it would have made.
    pub(super) fn in_block(&self) -> Option<usize> {
        self.in_block
    }

    /// The line of a command that was not run, and that would have set a variable.
    pub(super) fn variable(&self, name: &str) -> Option<usize> {
        self.variables.iter().find(|(_, names)| names.contains(name)).map(|(line, _)| *line)
    }

    /// The line of a command that was not run, and one of whose words begins so.
    pub(super) fn begins(&self, start: &str) -> Option<usize> {
        self.files.iter().find(|(_, words)| words.iter().any(|word| word.starts_with(start))).map(|(line, _)| *line)
    }

    /// The line of a command that was not run, and that would have made a file of that name: its words have the name,
    /// or what it begins with (`cfssljson -bare server` makes `server-key.pem`).
    pub(super) fn file(&self, name: &str) -> Option<usize> {
        let of = |word: &String| {
            name.strip_prefix(word.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
        };
        self.files.iter().find(|(_, words)| words.iter().any(of)).map(|(line, _)| *line)
    }

    /// The line of a command that was not run, and that would have written a manifest named like an object: a
    /// kubelet makes `web-node1` of `web.yaml`.
    pub(super) fn stem(&self, name: &str) -> Option<usize> {
        let stem = |word: &String| word.strip_suffix(".yaml").or_else(|| word.strip_suffix(".yml")).map(str::to_owned);
        let of = |word: &String| {
            stem(word).is_some_and(|stem| name.strip_prefix(&stem).is_some_and(|rest| rest.starts_with('-')))
        };
        self.files.iter().find(|(_, words)| words.iter().any(of)).map(|(line, _)| *line)
    }

    /// The line of a command that was not run, and that would have made objects which nobody knows.
    pub(super) fn makes_unknown(&self) -> Option<usize> {
        self.unknown
    }

    /// The line of a command that was not run, and whose objects this one names or is to show.
    pub(super) fn needed_by(&self, command: &PlannedCommand, outputs: &[OutputLines]) -> Option<usize> {
        if self.commands.is_empty() {
            return None;
        }
        let named: BTreeSet<String> = needed_objects(&command.text).into_iter().collect();
        // What makes something shows that it made it.
        let makes = makes_something(&command.text);
        let told = told_kind(&command.text);
        let other = |object: &Named| told.is_some() && object.kind.as_deref().is_some_and(|kind| Some(kind) != told);
        let shown = |object: &Named| {
            !makes && object.name.len() > 3 && outputs.iter().any(|output| shows(&output.text, &object.name))
        };
        let needs = |objects: &BTreeSet<Named>| {
            objects.iter().any(|object| !other(object) && (named.contains(&object.name) || shown(object)))
        };
        self.commands.iter().find(|(_, objects)| needs(objects)).map(|(line, _)| *line)
    }

    /// Forgets what a later command has made after all.
    pub(super) fn made<'t>(&mut self, command: &PlannedCommand, files: impl Iterator<Item = &'t str>) {
        let made: Vec<Named> = made_by(command, files).collect();
        let is_made = |object: &Named| {
            let same = |one: &Named| one.name == object.name && (one.kind == object.kind || one.kind.is_none());
            made.iter().any(same)
        };
        for (_, missing) in &mut self.commands {
            missing.retain(|object| !is_made(object));
        }
        let set: BTreeSet<String> = variables::assigned(&command.text).collect();
        for (_, missing) in &mut self.variables {
            missing.retain(|name| !set.contains(name));
        }
    }

    /// Whether nothing is missing.
    pub(super) fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.files.is_empty()
    }
}

/// Whether a command makes objects that its text does not tell: from a file that is not known, or as a tool likes.
fn makes_unknown(command: &PlannedCommand, simples: &[Simple]) -> bool {
    const INSTALLERS: &[(&str, &[&str])] = &[
        ("helm", &["install", "upgrade"]),
        ("istioctl", &["install"]),
        ("cilium", &["install"]),
        ("linkerd", &["install"]),
        ("minikube", &["addons"]),
        ("kompose", &["up"]),
    ];
    let tool = |simple: &Simple| {
        let verb = simple.words.get(1).map_or("", String::as_str);
        INSTALLERS.iter().any(|(name, verbs)| simple.name() == *name && verbs.contains(&verb))
    };
    let from_file =
        |simple: &Simple| simple.words.iter().any(|word| matches!(word.as_str(), "-f" | "-k" | "--filename"));
    command.files.is_empty() && makes_something(&command.text) && simples.iter().any(from_file)
        || simples.iter().any(tool)
}

/// Whether a text shows a name as a word, or a name that was generated from it.
fn shows(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let word = |c: char| c.is_ascii_alphanumeric();
        !text[..at].ends_with(|c: char| word(c) || c == '-') && !text[at + name.len()..].starts_with(word)
    })
}

/// An object that is made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    name: String,
    /// `deployment`; `None` for one that a command makes by its own words.
    kind: Option<String>,
}

/// The objects that a command makes, by its words and by the texts of the files that it reads.
fn made_by<'t>(command: &PlannedCommand, files: impl Iterator<Item = &'t str>) -> impl Iterator<Item = Named> {
    let own = made_objects(&command.text).into_iter().map(|name| Named { name, kind: None });
    own.chain(files.flat_map(objects_in).collect::<Vec<_>>())
}

/// The objects in a manifest.
fn objects_in(text: &str) -> Vec<Named> {
    use serde::Deserialize as _;
    // Behind a mistake the reader only repeats it.
    let documents = serde_yaml::Deserializer::from_str(text).map_while(|one| Value::deserialize(one).ok());
    documents
        .filter_map(|object| {
            let kind = object.get("kind")?.as_str().map(str::to_lowercase);
            Some(Named { name: object.get("metadata")?.get("name")?.as_str()?.to_owned(), kind })
        })
        .collect()
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
    let mut told = simples.iter().filter(|simple| simple.name() == "kubectl").map(|simple| {
        let words: Vec<&str> = simple.words.iter().map(String::as_str).collect();
        let (_, rest) = words::kubectl_verb(&words);
        let kind = rest.iter().take_while(|word| **word != "--").find(|word| !word.starts_with('-'))?;
        let kind = kind.split('/').next().unwrap_or(kind);
        ALONE.iter().find(|(_, words)| words.contains(&kind)).map(|(kind, _)| *kind)
    });
    let first = told.next()??;
    told.all(|other| other == Some(first)).then_some(first)
}

/// The names of files that a command's words may be: what looks like a path, an address or a flag's value, and where
/// it writes. The program itself is none.
fn files_of(simple: &Simple) -> impl Iterator<Item = String> {
    let program = simple.words.iter().take_while(|word| *word == "sudo").count() + 1;
    let words = simple.words.iter().skip(program);
    let before = simple.words.iter().skip(program - 1);
    let like = words.zip(before).filter(|(word, before)| word.contains(['/', '.']) || before.starts_with('-'));
    let all = like.map(|(word, _)| word).chain(&simple.writes);
    let parts = all.filter(|word| !word.starts_with('-')).flat_map(|word| word.split(['=', ':', '?', ',']));
    parts.map(|part| {
        let part = part.trim_end_matches('/');
        part.rsplit('/').next().unwrap_or(part).trim_end_matches(".git").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_whole_objects() {
        let named = |name: &str, kind: &str| Named { name: name.to_owned(), kind: Some(kind.to_owned()) };
        assert_eq!(
            objects_in("kind: A\nmetadata:\n  name: a\n---\nkind: B\nmetadata: {name: b}\n---\nx: y\n"),
            [named("a", "a"), named("b", "b")]
        );
        assert!(objects_in("no: [").is_empty());
    }

    #[test]
    fn what_was_not_made_is_missing_until_one_of_its_kind_is_made() {
        let planned = |line: usize, text: &str| crate::verify::plan::planned_command(line, text, None);
        let object = |kind: &str| format!("kind: {kind}\nmetadata:\n  name: web\n");
        let (deployment, service) = (object("Deployment"), object("Service"));
        let mut missing = Missing::default();
        missing.add(&planned(3, "kubectl apply -f deployment.yaml"), [deployment.as_str()].into_iter());
        let logs = planned(9, "kubectl logs -f deployment/web");
        assert_eq!(missing.needed_by(&logs, &[]), Some(3));
        assert_eq!(missing.needed_by(&planned(9, "kubectl get service web"), &[]), None);
        let inside = planned(9, "kubectl exec web -- cat /var/run/secrets/token");
        assert_eq!(missing.needed_by(&inside, &[]), Some(3), "what runs in it tells no kind");
        missing.made(&planned(5, "kubectl apply -f service.yaml"), [service.as_str()].into_iter());
        assert_eq!(missing.needed_by(&logs, &[]), Some(3), "a Service of that name is another object");
        missing.made(&planned(6, "kubectl apply -f deployment.yaml"), [deployment.as_str()].into_iter());
        assert_eq!(missing.needed_by(&logs, &[]), None);
    }

    #[test]
    fn a_file_is_missing_that_a_command_would_have_fetched() {
        let mut missing = Missing::default();
        missing.add_files(&crate::verify::plan::planned_command(
            2,
            "curl -Lo ./kubectl-convert \"https://example.com/bin/kubectl-convert?x=1\"; cfssljson -bare server > out.json",
            None,
        ));
        for name in ["kubectl-convert", "server-key.pem", "server.csr", "out.json"] {
            assert_eq!(missing.file(name), Some(2), "{name}");
        }
        for name in ["kubectl", "serverless.yaml", "other", "curl", "cfssljson"] {
            assert_eq!(missing.file(name), None, "{name}");
        }
        assert_eq!(missing.in_block(), Some(2));
        let mut missing = Missing::default();
        missing.add_files(&crate::verify::plan::planned_command(3, "echo $NOT_SET", None));
        assert_eq!(missing.in_block(), None, "it would have made nothing");
        missing.add_files(&crate::verify::plan::planned_command(4, "sudo cat /etc/hosts.local", None));
        assert_eq!((missing.file("cat"), missing.file("hosts.local")), (None, Some(4)));
    }

    #[test]
    fn a_name_is_shown_as_a_word_or_as_the_stem_of_one() {
        assert!(shows("NAME\nmongo-75f59d57f4-4nd6q  1/1\n", "mongo"));
        assert!(shows("deployment.apps/mongo created", "mongo"));
        assert!(!shows("mongodb created", "mongo"));
        assert!(!shows("my-mongo created", "mongo"));
    }
}
