//! What is not run, and why: tools of other machines, objects that need not exist, what must not be seen,
//! and what depends on any of these.

use std::collections::BTreeSet;

use super::objects::{makes_something, object_names};
use super::variables::Variables;
use super::{EDITS_ARE_TYPED, PlannedBlock, PlannedCommand, REPLS_ARE_DRIVEN, SHELLS_WITHIN_BLOCKS, placeholders};
use crate::verify::cues::{Cue, Cues};
use crate::verify::extract::Page;
use crate::verify::model::Role;
use crate::verify::shell;
use crate::verify::words::{self, Kind};

/// Sets the skips and placeholders of all blocks and commands.
pub(super) fn decide(blocks: &mut [PlannedBlock], page: &Page, cues: &Cues) {
    negative_examples(blocks, cues);
    let texts: Vec<&str> = page.blocks.iter().map(|block| block.text.as_str()).collect();
    let texts = texts.join("\n");
    let mut variables = Variables::of_site(&page.variables);
    for block in blocks.iter_mut() {
        for command in &mut block.commands {
            answer_questions(command);
            if command.skip.is_none() {
                command.skip = static_reason(command)
                    .or_else(|| typed_within(command, block.block.id))
                    .or_else(|| placeholders::unfillable(command, page, &texts));
            }
            // A container has variables of its own.
            if command.skip.is_none() && command.session.is_none() {
                let unset = variables.unset(&command.text);
                command.skip = unset.map(|name| format!("the reader has to set {name}, and nothing says to what"));
            }
            variables.add(&command.text);
        }
        only_if_wrong(block, cues);
        overrides(block, page);
    }
    dependents(blocks);
    outputs(blocks);
}

/// Outputs that must not be seen are not compared, nor the commands shown with them run; "or" goes on with that.
fn negative_examples(blocks: &mut [PlannedBlock], cues: &Cues) {
    let mut last: Option<(usize, String)> = None;
    for block in blocks {
        let context = &block.block.context;
        let cue = &context.cue;
        if block.role == Role::Output && cues.say(Cue::Negative, cue) {
            block.skip = Some("an output that need not be seen".to_owned());
        }
        if !matches!(block.role, Role::Command | Role::Transcript) {
            continue;
        }
        let negative = cues.say(Cue::Negative, cue) && cues.say(Cue::Output, cue) && cues.say(Cue::Error, cue);
        let goes_on = cue.trim_end_matches([':', ',', '.']).split_whitespace().count() == 1
            && cues.say(Cue::Otherwise, cue)
            && last.as_ref().is_some_and(|(section, _)| *section == context.section);
        let reason = if negative {
            Some("an example of what goes wrong".to_owned())
        } else if goes_on {
            last.take().map(|(_, reason)| reason)
        } else {
            None
        };
        last = reason.clone().map(|reason| (context.section, reason));
        if reason.is_some() {
            block.skip = reason;
        }
    }
}

/// Why a command can't be run, whatever the cluster.
pub(super) fn static_reason(command: &PlannedCommand) -> Option<String> {
    if command.kind == Kind::Edit && (!EDITS_ARE_TYPED || command.edit.is_none()) {
        let reason = if command.edit.is_some() {
            "opens an editor, which is not driven yet"
        } else {
            "opens an editor, and the page does not say what to type there"
        };
        return Some(reason.to_owned());
    }
    if command.repl && !REPLS_ARE_DRIVEN {
        let reason = if command.kind == Kind::Open {
            "opens a program with a prompt of its own, which is not driven yet"
        } else {
            "typed at the prompt of a program, which is not driven yet"
        };
        return Some(reason.to_owned());
    }
    if command.session.is_some() {
        return None;
    }
    if command.kind == Kind::Exit {
        return Some("no shell is open in a container here".to_owned());
    }
    shell::simple_commands(&command.text).iter().find_map(words::elsewhere_as_used).map(str::to_owned)
}

/// What a block types into the shell that it opens itself.
fn typed_within(command: &PlannedCommand, block: usize) -> Option<String> {
    let within = command.session == Some(block);
    (within && !SHELLS_WITHIN_BLOCKS)
        .then(|| "typed into a shell that its own block opens, which is not followed".to_owned())
}

/// An edit behind "if anything is missing" is for who misses something.
fn only_if_wrong(block: &mut PlannedBlock, cues: &Cues) {
    if !cues.say(Cue::Negative, &block.block.context.cue) {
        return;
    }
    for command in block.commands.iter_mut().filter(|command| command.kind == Kind::Edit) {
        command.skip = Some("only where something is wrong".to_owned());
    }
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
        let mut fetched = None;
        for command in &mut block.commands {
            if command.skip.is_none() && block.in_session.is_none() {
                command.skip = fetched.map(|line| format!("depends on line {line}"));
            }
            if command.skip.is_some() && fetches(&command.text) {
                fetched = Some(command.line);
            }
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

/// Whether the rest of a block works on what a command fetches: a repository.
fn fetches(text: &str) -> bool {
    shell::simple_commands(text)
        .iter()
        .any(|simple| simple.name() == "git" && simple.words.get(1).is_some_and(|verb| verb == "clone"))
}

/// An output whose command is not run has no verdict of its own.
fn outputs(blocks: &mut [PlannedBlock]) {
    for index in 0..blocks.len() {
        let block = &blocks[index];
        if block.role != Role::Output || block.skip.is_some() {
            continue;
        }
        let editor = block
            .documents
            .and_then(|id| blocks.get(id - 1))
            .is_some_and(|documented| documented.commands.iter().all(|command| command.kind == Kind::Edit));
        if editor && !block.block.text.contains("edited") {
            blocks[index].skip = Some("what an editor shows or leads to, not what its command prints".to_owned());
            continue;
        }
        let block = &blocks[index];
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
    fn apt_is_answered_as_a_person_would() {
        let mut command = super::super::planned_command(1, "apt-get install curl procps", None);
        answer_questions(&mut command);
        assert_eq!(command.ran, "apt-get install -y curl procps");
    }
}
