//! What is not run, and why: tools of other machines, objects that need not exist, what must not be seen,
//! and what depends on any of these.

use std::collections::{BTreeMap, BTreeSet};

use super::files::FileSource;
use super::made::{self, Asks, Made};
use super::objects::{deleted_objects, makes_something, needed_objects};
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
    several_nodes(blocks, cues);
    let manifests = Manifests { page };
    let mut unfilled = BTreeMap::new();
    let texts: Vec<&str> = page.blocks.iter().map(|block| block.text.as_str()).collect();
    let texts = texts.join("\n");
    let mut variables = Variables::of_site(&page.variables);
    for block in blocks.iter_mut() {
        for command in &mut block.commands {
            answer_questions(command);
            if command.skip.is_none() {
                command.skip = static_reason(command)
                    .or_else(|| typed_within(command, block.block.id))
                    .or_else(|| placeholders::unfillable(command, page, &texts))
                    .or_else(|| unfilled_manifest(command, &manifests, &mut unfilled));
            }
            // A container has variables of its own.
            if command.skip.is_none() && command.session.is_none() {
                let unset = variables.unset(&command.text);
                command.skip = unset.map(|name| format!("the reader has to set {name}, and nothing says to what"));
            }
            variables.add(&command.text);
        }
        only_if_wrong(block, cues);
        asked_elsewhere(block, page, cues);
        overrides(block, page);
    }
    dependents(blocks, &manifests);
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
        // A shell is typed into through pipes, where a program shows no prompt; on the machine it would be another.
        let opens = command.kind == Kind::Open && command.ran == command.text;
        return opens.then(|| "opens a program within a container's shell, which is not followed".to_owned());
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

/// The manifests that the commands of a page read, as far as the page shows them.
struct Manifests<'p> {
    page: &'p Page,
}

impl<'p> Manifests<'p> {
    fn of(&self, command: &PlannedCommand) -> impl Iterator<Item = &'p str> {
        let page = self.page;
        command.files.iter().filter_map(move |file| match &file.source {
            FileSource::Block(id) => page.blocks.get(id.checked_sub(1)?).map(|block| block.text.as_str()),
            FileSource::Site(path) => {
                page.examples.iter().find(|example| path.ends_with(&example.path)).map(|example| example.text.as_str())
            }
        })
    }
}

/// Why a command can't make what it reads: a manifest has something to fill in. `written` are the files with such
/// manifests that the page's commands have written.
fn unfilled_manifest(
    command: &PlannedCommand,
    manifests: &Manifests<'_>,
    written: &mut BTreeMap<String, String>,
) -> Option<String> {
    let simples = shell::simple_commands(&command.text);
    if makes_something(&command.text) {
        let named = |word: &String| written.get(word.trim_start_matches("./")).cloned();
        return placeholders::unfilled(command, manifests.of(command))
            .or_else(|| simples.iter().flat_map(|simple| &simple.words).find_map(named));
    }
    if let Some(reason) = placeholders::unfilled(command, std::iter::empty()) {
        let files = simples.iter().flat_map(|simple| &simple.writes);
        written.extend(files.map(|file| (file.trim_start_matches("./").to_owned(), reason.clone())));
        return None;
    }
    // Settings of another program; what only shows a file shows its placeholders.
    let settings = || manifests.of(command).find_map(placeholders::in_settings);
    let name = (command.kind == Kind::Change).then(settings).flatten()?;
    Some(format!("the reader has to fill in {name} in the file, and nothing says with what"))
}

/// What takes a node out of service is for clusters that have more of them, where the page says so.
fn several_nodes(blocks: &mut [PlannedBlock], cues: &Cues) {
    let mut told = None;
    for block in blocks {
        let context = &block.block.context;
        if [&context.prose, &context.lead].iter().any(|text| cues.say(Cue::Several, text)) {
            told = Some(context.section);
        }
        if told != Some(context.section) {
            continue;
        }
        for command in block.commands.iter_mut().filter(|command| takes_node(&command.text)) {
            command.skip = Some("for a cluster with several nodes, as the page says".to_owned());
        }
    }
}

/// Whether a command takes a node out of service, or puts it back.
fn takes_node(text: &str) -> bool {
    let takes = |verb: &str| matches!(verb, "cordon" | "uncordon" | "drain" | "taint");
    shell::simple_commands(text).iter().any(|simple| words::verb_of(simple).is_some_and(takes))
}

/// A command in the prose that a container runs, as its manifest or the sentence says, is not run on the machine.
fn asked_elsewhere(block: &mut PlannedBlock, page: &Page, cues: &Cues) {
    if block.inline.is_none() || block.commands.iter().all(|command| words::names_machine_tool(&command.text)) {
        return;
    }
    let context = &block.block.context;
    let said = [Cue::Inside, Cue::Container, Cue::Node].iter().any(|kind| cues.say(*kind, &context.paragraph));
    for command in &mut block.commands {
        let text = command.text.trim();
        let shown = page.examples.iter().any(|example| example.text.contains(text))
            || page.blocks.iter().any(|block| block.text.contains("kind:") && block.text.contains(text));
        if said || shown {
            command.skip = Some("a container runs it, not the reader".to_owned());
        }
    }
}

/// What needs what a skipped command would have made is skipped too; a block's reason goes to its
/// commands.
fn dependents(blocks: &mut [PlannedBlock], manifests: &Manifests<'_>) {
    let mut missing = Skipped { missing: shown_only(blocks, manifests), ..Skipped::default() };
    let mut closed: BTreeSet<usize> = BTreeSet::new();
    for block in blocks.iter_mut() {
        let mut fetched = None;
        for command in &mut block.commands {
            let session = command.session.or(block.in_session);
            if command.skip.is_none() && session.is_none() {
                command.skip = fetched.map(|line| format!("depends on line {line}"));
            }
            if command.skip.is_some() && fetches(&command.text) {
                fetched = Some(command.line);
            }
            if command.skip.is_none() {
                let session_closed = session.is_some_and(|opener| closed.contains(&opener));
                command.skip =
                    block.skip.clone().or_else(|| session_closed.then(|| "its session could not be opened".to_owned()));
            }
            if session.is_some() {
                if command.skip.is_some() && command.kind == Kind::Open {
                    closed.insert(block.block.id);
                }
                continue;
            }
            let reads: Vec<Made> = manifests.of(command).flat_map(made::objects_in).collect();
            if command.skip.is_none() {
                command.skip = missing.needed_by(command, reads);
            }
            if command.skip.is_some() && command.kind == Kind::Open {
                closed.insert(block.block.id);
            }
            missing.follow(command, manifests);
        }
        nothing_else(block);
        if block.skip.is_none()
            && !block.commands.is_empty()
            && block.commands.iter().all(|command| command.skip.is_some())
        {
            block.skip = block.commands[0].skip.clone();
        }
    }
}

/// The objects of example files that the page shows, and which none of its commands makes.
fn shown_only(blocks: &[PlannedBlock], manifests: &Manifests<'_>) -> Vec<(String, Vec<Made>)> {
    let makers = || blocks.iter().flat_map(|block| &block.commands).filter(|command| makes_something(&command.text));
    // What is in files that nobody knows may be these.
    let unknown = |command: &PlannedCommand| {
        let words = shell::simple_commands(&command.text).into_iter().flat_map(|simple| simple.words);
        let mut from_file =
            words.filter(|word| matches!(word.as_str(), "-f" | "-k" | "-R") || word.starts_with("--filename"));
        from_file.next().is_some() && manifests.of(command).next().is_none()
    };
    if makers().any(unknown) {
        return vec![];
    }
    let made: Vec<Made> = makers().flat_map(|command| made::made_by(command, manifests.of(command))).collect();
    let reads: BTreeSet<&str> =
        blocks.iter().flat_map(|block| &block.commands).flat_map(|command| manifests.of(command)).collect();
    let unread = manifests.page.examples.iter().filter(|example| !reads.contains(example.text.as_str()));
    unread
        .map(|example| {
            let own = made::objects_in(&example.text).into_iter();
            let nobody = own.filter(|object| !made.iter().any(|one| object.is_made_by(one)));
            (format!("the page shows {}, and no command that makes what is in it", example.file), nobody.collect())
        })
        .collect()
}

/// What skipped commands would have made or changed.
#[derive(Default)]
struct Skipped {
    /// Why what needs one of these is skipped, and these.
    missing: Vec<(String, Vec<Made>)>,
    /// What other commands have made.
    there: Vec<Made>,
}

impl Skipped {
    /// Why a command is skipped that needs what is missing.
    fn needed_by(&self, command: &PlannedCommand, reads: Vec<Made>) -> Option<String> {
        if self.missing.is_empty() {
            return None;
        }
        let asks = Asks::of(&command.text, reads);
        let needed = self.missing.iter().find(|(_, objects)| objects.iter().any(|object| asks.needs(object)));
        needed.map(|(reason, _)| reason.clone())
    }

    /// Notes what a command makes and deletes, or would have made and changed.
    fn follow(&mut self, command: &PlannedCommand, manifests: &Manifests<'_>) {
        let deleted = deleted_objects(&command.text);
        let makes = makes_something(&command.text);
        if command.skip.is_none() {
            self.there.retain(|object| !deleted.contains(&object.name));
        }
        if !makes || !matches!(command.kind, Kind::Change | Kind::Open | Kind::Lease) {
            return;
        }
        let made = made::made_by(command, manifests.of(command));
        if command.skip.is_none() {
            // Another way to make the same is as good.
            for (_, objects) in &mut self.missing {
                objects.retain(|object| !made.iter().any(|one| object.is_made_by(one)));
            }
            self.there.extend(made);
            return;
        }
        let changed = needed_objects(&command.text).into_iter().map(Made::named);
        let new = made.into_iter().filter(|object| !self.there.iter().any(|one| object.is_made_by(one)));
        self.missing.push((format!("depends on line {}", command.line), new.chain(changed).collect()));
    }
}

/// Beside commands that are all skipped, one that only waits earns nothing.
fn nothing_else(block: &mut PlannedBlock) {
    let only_waits = |command: &PlannedCommand| {
        let simples = shell::simple_commands(&command.text);
        !simples.is_empty() && simples.iter().all(|simple| matches!(simple.name(), "sleep" | "true" | ":" | "clear"))
    };
    let first = block.commands.iter().find_map(|command| command.skip.clone());
    let idle = block.commands.iter().all(|command| command.skip.is_some() || only_waits(command));
    if let Some(reason) = first.filter(|_| idle) {
        for command in block.commands.iter_mut().filter(|command| command.skip.is_none()) {
            command.skip = Some(reason.clone());
        }
    }
}

/// Whether the rest of a block works on what a command fetches: a repository.
fn fetches(text: &str) -> bool {
    shell::simple_commands(text)
        .iter()
        .any(|simple| simple.name() == "git" && simple.words.get(1).is_some_and(|verb| verb == "clone"))
}

/// What a watch shows behind a process that was not ended is not what it documents; the line of that command.
fn not_ended(blocks: &[PlannedBlock], output: &PlannedBlock) -> Option<usize> {
    let watch = output.documents.filter(|id| {
        blocks.get(id - 1).is_some_and(|block| block.commands.iter().any(|command| command.kind == Kind::Lease))
    })?;
    let between = blocks.get(watch..output.block.id.checked_sub(1)?)?;
    let ends = |text: &str| {
        shell::simple_commands(text).iter().any(|simple| matches!(simple.name(), "kill" | "pkill" | "killall"))
    };
    let mut skipped = between.iter().flat_map(|block| &block.commands).filter(|command| command.skip.is_some());
    skipped.find(|command| command.session.is_some() && ends(&command.text)).map(|command| command.line)
}

/// An output whose command is not run has no verdict of its own.
fn outputs(blocks: &mut [PlannedBlock]) {
    for index in 0..blocks.len() {
        if let Some(line) = not_ended(blocks, &blocks[index])
            && blocks[index].role == Role::Output
            && blocks[index].skip.is_none()
        {
            blocks[index].skip = Some(format!("depends on line {line}"));
        }
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
