//! What is not run, and why: alternatives that were not taken, tools of other machines, objects that
//! need not exist, names that the reader has to fill in, and what depends on any of these.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::{PlannedBlock, PlannedCommand};
use crate::verify::cues::{Cue, Cues};
use crate::verify::extract::Page;
use crate::verify::model::Role;
use crate::verify::prompt::Prompt;
use crate::verify::shell;
use crate::verify::words::{self, Kind};

/// Sets the skips and placeholders of all blocks and commands.
pub(super) fn decide(blocks: &mut [PlannedBlock], page: &Page, cues: &Cues) {
    alternatives(blocks);
    negative_examples(blocks, cues);
    for block in blocks.iter_mut() {
        for command in &mut block.commands {
            answer_questions(command);
            command.placeholders = placeholders(&command.text);
            if command.skip.is_none() {
                command.skip = static_reason(command, block.in_session);
            }
        }
        overrides(block, page);
    }
    dependents(blocks);
    outputs(blocks);
}

/// Of a group of tabs the first that could run is run, the others are not.
fn alternatives(blocks: &mut [PlannedBlock]) {
    let mut taken: BTreeMap<usize, (usize, String)> = BTreeMap::new();
    for block in blocks.iter() {
        let Some(tab) = &block.block.context.tab else { continue };
        let runs = block.commands.iter().any(|command| static_reason(command, block.in_session).is_none());
        if runs {
            taken.entry(tab.group).or_insert((tab.index, tab.label.clone()));
        }
    }
    for block in blocks {
        let Some(tab) = &block.block.context.tab else { continue };
        if let Some((index, label)) = taken.get(&tab.group)
            && tab.index != *index
            && matches!(block.role, Role::Command | Role::Transcript | Role::Output)
        {
            block.skip = Some(format!("another way than the tab `{label}`, which is run"));
        }
    }
}

/// Outputs that must not be seen are not compared, nor the commands shown with them run.
fn negative_examples(blocks: &mut [PlannedBlock], cues: &Cues) {
    for block in blocks {
        let cue = &block.block.context.cue;
        if block.role == Role::Output && cues.say(Cue::Negative, cue) {
            block.skip = Some("an output that need not be seen".to_owned());
        }
        if matches!(block.role, Role::Command | Role::Transcript)
            && cues.say(Cue::Negative, cue)
            && cue.contains("such as")
        {
            block.skip = Some("an example of what goes wrong".to_owned());
        }
        if block.role == Role::Command
            && cues.say(Cue::Suppose, cue)
            && !block
                .commands
                .iter()
                .all(|command| command.kind == Kind::Read && command.text.starts_with("kubectl get nodes"))
        {
            block.skip = Some("about an object that the page does not make".to_owned());
        }
    }
}

/// Why a command can't be run, whatever the cluster.
fn static_reason(command: &PlannedCommand, in_session: Option<usize>) -> Option<String> {
    if command.kind == Kind::Edit {
        return Some("opens an editor, and the page does not say what to type there".to_owned());
    }
    if command.prompt == Some(Prompt::Repl) {
        return Some("typed at the prompt of a program, which is not driven yet".to_owned());
    }
    if in_session.is_some() {
        return None;
    }
    if command.kind == Kind::Exit {
        return Some("no shell is open in a container here".to_owned());
    }
    shell::simple_commands(&command.text).iter().find_map(|simple| words::elsewhere(simple.name())).map(str::to_owned)
}

/// Answers what a tool would ask at a terminal, as a person would.
fn answer_questions(command: &mut PlannedCommand) {
    let asks = shell::simple_commands(&command.ran).into_iter().find(|simple| {
        matches!(simple.name(), "apt-get" | "apt" | "yum" | "dnf")
            && simple
                .words
                .get(1)
                .is_some_and(|verb| matches!(verb.as_str(), "install" | "upgrade" | "remove" | "dist-upgrade"))
            && !simple.words.iter().any(|word| matches!(word.as_str(), "-y" | "--yes" | "-qy" | "-yq" | "--assume-yes"))
    });
    if let Some(simple) = asks {
        let verb = &simple.words[1];
        command.ran = command.ran.replacen(verb.as_str(), &format!("{verb} -y"), 1);
        command.notes.push(format!("{} asks before it goes on: answered with -y", simple.name()));
    }
}

/// Names that the reader has to fill in.
fn placeholders(text: &str) -> Vec<String> {
    static ANGLE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?:^|[^<])(<[^<>|&;=\s](?:[^<>|&;\n]*[^<>|&;\s])?>)").ok());
    static UPPER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?:^|[\s/=])((?:POD|NODE|SERVICE|NAMESPACE|CONTAINER|CLUSTER|DEPLOYMENT|YOUR|USER|SECRET)_[A-Z_]+)(?:$|[\s/:])|\[[a-z]+(?:-[a-z]+)+\]|path/to/[\w./-]+").ok()
    });
    let body = shell::units(text).into_iter().map(|unit| unit.text).collect::<String>();
    let first_line = if body.contains("<<") { body.lines().next().unwrap_or("") } else { &body };
    let mut found = BTreeSet::new();
    for pattern in [&ANGLE, &UPPER] {
        let Some(pattern) = pattern.as_ref() else { continue };
        for captures in pattern.captures_iter(first_line) {
            let whole = captures.get(1).or(captures.get(0)).map_or("", |part| part.as_str());
            found.insert(whole.trim().to_owned());
        }
    }
    found.into_iter().filter(|name| !defined_as_variable(name, text)).collect()
}

fn defined_as_variable(name: &str, text: &str) -> bool {
    text.contains(&format!("${name}")) || text.contains(&format!("${{{name}}}")) || text.contains(&format!("{name}="))
}

/// What a comment before the block, front matter or book.toml says.
fn overrides(block: &mut PlannedBlock, page: &Page) {
    let by_comment = block.block.context.overrides.iter().find_map(|text| {
        let reason = text.strip_prefix("skip")?.trim();
        Some(if reason.is_empty() {
            "a comment says so".to_owned()
        } else {
            reason.trim_matches(['"', '\'']).to_owned()
        })
    });
    let by_config = page.overrides.skip.iter().find_map(|(what, reason)| {
        let line: usize = what.trim().trim_start_matches("line").trim().parse().ok()?;
        (block.block.line..=block.block.end_line).contains(&line).then(|| reason.clone())
    });
    if matches!(block.role, Role::Command | Role::Transcript | Role::Output)
        && let Some(reason) = by_comment.or(by_config)
    {
        block.skip = Some(reason);
    }
}

/// What needs what a skipped command would have made is skipped too; a block's reason goes to its
/// commands.
fn dependents(blocks: &mut [PlannedBlock]) {
    let mut missing: Vec<(usize, BTreeSet<String>)> = vec![];
    let mut closed: BTreeSet<usize> = BTreeSet::new();
    for block in blocks.iter_mut() {
        let session_closed = block.in_session.is_some_and(|opener| closed.contains(&opener));
        for command in &mut block.commands {
            if command.skip.is_none() {
                command.skip =
                    block.skip.clone().or_else(|| session_closed.then(|| "its session could not be opened".to_owned()));
            }
            if command.skip.is_none() && block.in_session.is_none() {
                let names = object_names(&command.text);
                let needed = missing.iter().find(|(_, made)| names.iter().any(|name| made.contains(name)));
                command.skip = needed.map(|(line, _)| format!("depends on line {line}"));
            }
            if command.skip.is_some() {
                match command.kind {
                    Kind::Open => {
                        closed.insert(block.block.id);
                    }
                    Kind::Change if block.in_session.is_none() && makes_something(&command.text) => {
                        missing.push((command.line, object_names(&command.text)));
                    }
                    _ => {}
                }
            }
        }
        if block.skip.is_none()
            && !block.commands.is_empty()
            && block.commands.iter().all(|command| command.skip.is_some())
        {
            block.skip = block.commands[0].skip.clone();
        }
    }
}

fn makes_something(text: &str) -> bool {
    shell::simple_commands(text).iter().any(|simple| {
        let words: Vec<&str> = simple.words.iter().map(String::as_str).collect();
        simple.name() == "kubectl"
            && matches!(
                words::kubectl_verb(&words).0,
                "create" | "apply" | "run" | "expose" | "label" | "annotate" | "scale" | "set" | "patch"
            )
    })
}

/// Words of a command that name objects: behind the verb, no flags, no kinds in front of a slash.
pub(crate) fn object_names(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for simple in shell::simple_commands(text) {
        if simple.name() != "kubectl" {
            continue;
        }
        let words: Vec<&str> = simple.words.iter().map(String::as_str).collect();
        let (_, rest) = words::kubectl_verb(&words);
        for word in rest.iter().take_while(|word| **word != "--").skip(1) {
            let name = word.rsplit('/').next().unwrap_or(word);
            let name = name.trim_end_matches(".yaml").trim_end_matches(".yml").trim_end_matches(".json");
            if !name.starts_with('-') && name.len() > 3 && !name.contains('=') {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

/// An output whose command is not run has no verdict of its own.
fn outputs(blocks: &mut [PlannedBlock]) {
    for index in 0..blocks.len() {
        let block = &blocks[index];
        if block.role != Role::Output || block.skip.is_some() {
            continue;
        }
        let command = match (block.documents, &block.inline) {
            (Some(id), _) => blocks.get(id - 1),
            (None, _) => Some(block),
        };
        let skipped = command.is_some_and(|block| {
            block.commands.iter().all(|command| command.skip.is_some()) && !block.commands.is_empty()
        });
        if skipped {
            let reason = command
                .and_then(|block| block.commands.first())
                .and_then(|command| command.skip.clone())
                .unwrap_or_default();
            blocks[index].skip = Some(format!("its command is not run: {reason}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_names_to_fill_in_and_no_redirections() {
        assert_eq!(placeholders("kubectl get pod <pod-name> -o yaml"), ["<pod-name>"]);
        assert_eq!(placeholders("curl http://x/<選択したNodeの名前>/status"), ["<選択したNodeの名前>"]);
        assert_eq!(placeholders("kubectl logs POD_NAME"), ["POD_NAME"]);
        assert!(placeholders("POD_NAME=x; kubectl logs $POD_NAME").is_empty());
        assert!(placeholders("cat <<EOF >x\n<a>\nEOF").is_empty());
        assert!(placeholders("cat <a.txt >b.txt").is_empty());
    }

    #[test]
    fn apt_is_answered_as_a_person_would() {
        let mut command = super::super::planned_command(1, "apt-get install curl procps", None);
        answer_questions(&mut command);
        assert_eq!(command.ran, "apt-get install -y curl procps");
    }
}
