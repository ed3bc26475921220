//! What was not made, and what needs it.
//!
//! In: commands that were not run, with the files they would have read. Out: for a later command, the line of the one
//! whose objects or files it needs: it is skipped, and never a difference of the page.

use std::collections::BTreeSet;

use serde_yaml::Value;

use crate::verify::plan::{OutputLines, PlannedCommand, made_objects, makes_something, needed_objects};
use crate::verify::shell::{self, Simple};
use crate::verify::words;

/// What commands would have made which were not run.
#[derive(Debug, Default)]
pub(super) struct Missing {
    /// The objects.
    commands: Vec<(usize, BTreeSet<String>)>,
    /// The words that may be files.
    files: Vec<(usize, BTreeSet<String>)>,
    /// The first command that would have made objects which nobody knows.
    unknown: Option<usize>,
    /// Hosts of the internet that this machine does not reach.
    pub(super) unreachable: BTreeSet<String>,
}

impl Missing {
    /// Notes a command that was not run, with the texts of the files that it reads.
    pub(super) fn add<'t>(&mut self, command: &PlannedCommand, files: impl Iterator<Item = &'t str>) {
        let mut names: BTreeSet<String> = made_objects(&command.text).into_iter().collect();
        for text in files {
            names.extend(names_in(text));
        }
        self.commands.push((command.line, names));
    }

    /// Notes what files a command that was not run may have written or fetched, and whether it would have made
    /// objects that are not known.
    pub(super) fn add_files(&mut self, command: &PlannedCommand) {
        let simples = shell::simple_commands(&command.text);
        let words = simples.iter().flat_map(|simple| simple.words.iter().skip(1).chain(&simple.writes));
        let names = words.flat_map(|word| word.split(['=', ':', '?'])).map(|word| {
            let word = word.trim_end_matches('/');
            word.rsplit('/').next().unwrap_or(word).trim_end_matches(".git").to_owned()
        });
        let names: BTreeSet<String> = names.filter(|name| name.len() > 1 && !name.starts_with('-')).collect();
        self.files.push((command.line, names));
        if self.unknown.is_none() && makes_unknown(command, &simples) {
            self.unknown = Some(command.line);
        }
    }

    /// The line of a command that was not run, and that would have made a file of that name: its words have the name,
    /// or what it begins with (`cfssljson -bare server` makes `server-key.pem`).
    pub(super) fn file(&self, name: &str) -> Option<usize> {
        let of = |word: &String| {
            name.strip_prefix(word.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
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
        let shown = |names: &BTreeSet<String>| {
            !makes && outputs.iter().any(|output| names.iter().any(|name| name.len() > 3 && shows(&output.text, name)))
        };
        self.commands.iter().find(|(_, names)| !names.is_disjoint(&named) || shown(names)).map(|(line, _)| *line)
    }

    /// Forgets what a later command has made after all.
    pub(super) fn made<'t>(&mut self, command: &PlannedCommand, files: impl Iterator<Item = &'t str>) {
        let mut names: BTreeSet<String> = made_objects(&command.text).into_iter().collect();
        names.extend(files.flat_map(names_in));
        for (_, missing) in &mut self.commands {
            missing.retain(|name| !names.contains(name));
        }
    }

    /// Whether nothing is missing.
    pub(super) fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }
}

/// Whether a command makes objects that its text does not tell: from a file that is not known, or as a tool likes.
fn makes_unknown(command: &PlannedCommand, simples: &[Simple]) -> bool {
    const NO_OBJECTS: &[&str] = &["kubectl", "docker", "podman", "nerdctl", "crictl", "kustomize"];
    let tool = |simple: &Simple| {
        let mut words = simple.words.iter().filter(|word| *word != "sudo");
        words
            .next()
            .is_some_and(|name| words::MACHINE_TOOLS.contains(&name.as_str()) && !NO_OBJECTS.contains(&name.as_str()))
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

/// The names of the objects in a manifest.
fn names_in(text: &str) -> Vec<String> {
    use serde::Deserialize as _;
    // Behind a mistake the reader only repeats it.
    let documents = serde_yaml::Deserializer::from_str(text).map_while(|one| Value::deserialize(one).ok());
    documents
        .filter(|object| object.get("kind").is_some())
        .filter_map(|object| Some(object.get("metadata")?.get("name")?.as_str()?.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_whole_objects() {
        assert_eq!(
            names_in("kind: A\nmetadata:\n  name: a\n---\nkind: B\nmetadata: {name: b}\n---\nx: y\n"),
            ["a", "b"]
        );
        assert!(names_in("no: [").is_empty());
    }

    #[test]
    fn a_name_is_shown_as_a_word_or_as_the_stem_of_one() {
        assert!(shows("NAME\nmongo-75f59d57f4-4nd6q  1/1\n", "mongo"));
        assert!(shows("deployment.apps/mongo created", "mongo"));
        assert!(!shows("mongodb created", "mongo"));
        assert!(!shows("my-mongo created", "mongo"));
    }
}
