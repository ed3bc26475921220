//! Which blocks are typed into a shell that the page opened in a container.
//!
//! A command such as `kubectl exec -it POD -- sh` opens one; what has a container's prompt, is cued
//! "in your shell", or is no tool of the machine, is typed there until `exit` or the page's end. A
//! program with a prompt of its own (`mysql`) is open beside it: only what has its prompt, or is said
//! to be typed at it, is typed there. Where it is in doubt, a block is skipped: what was meant for a
//! container never runs on the machine.

use super::PlannedBlock;
use crate::verify::cues::{Cue, Cues};
use crate::verify::model::Role;
use crate::verify::prompt::Prompt;
use crate::verify::shell;
use crate::verify::words::{Kind, names_machine_tool};

/// Programs that say something of the place where they run, or change it.
const OF_THE_PLACE: &[&str] = &[
    "apk", "apt", "apt-get", "cd", "chmod", "chown", "df", "dnf", "env", "export", "hostname", "id", "ifconfig", "ip",
    "kill", "ls", "mkdir", "mount", "mv", "nslookup", "printenv", "ps", "pwd", "rm", "service", "top", "touch",
    "uname", "whoami", "yum",
];

/// Whether a command would tell or do other things on the machine than in a container.
fn looks_around(text: &str) -> bool {
    shell::simple_commands(text).iter().any(|simple| {
        let name = simple.name().rsplit('/').next().unwrap_or_default();
        OF_THE_PLACE.contains(&name) || name == "cat" && simple.writes.is_empty()
    })
}

/// What is said of a block typed into a shell that nothing opened.
const NOT_OPEN: &str = "no shell is open in a container here, and it was not meant for this machine";

/// Sets `in_session` of every command block and `session` of its commands, or why it is skipped.
pub(super) fn assign(blocks: &mut [PlannedBlock], cues: &Cues) {
    let mut open: Vec<Opened> = vec![];
    // The section whose commands have gone on on the machine.
    let mut left = None;
    for block in blocks {
        if !matches!(block.role, Role::Command | Role::Transcript) {
            continue;
        }
        let section = block.block.context.section;
        open.retain(|opened| opened.only_in.is_none_or(|only| only == section));
        match place_of(block, &open, left == Some(section), cues) {
            Place::Machine if block.commands.iter().any(|command| names_machine_tool(&command.text)) => {
                left = Some(section);
            }
            Place::Machine => {}
            Place::Shell(opener) => block.in_session = Some(opener),
            Place::Nowhere => block.skip = Some(NOT_OPEN.to_owned()),
        }
        follow(block, &mut open);
    }
}

/// A shell or program that is open.
#[derive(Debug, Clone, Copy)]
struct Opened {
    block: usize,
    repl: bool,
    section: usize,
    /// One that is only supposed is open no longer than the section that supposes it.
    only_in: Option<usize>,
}

/// Sets the commands' sessions, and notes what they open and leave.
fn follow(block: &mut PlannedBlock, open: &mut Vec<Opened>) {
    let (id, section) = (block.block.id, block.block.context.section);
    let mut within = None;
    for command in &mut block.commands {
        if names_machine_tool(&command.text) {
            within = None;
        }
        command.session = within.or(block.in_session);
        match command.kind {
            Kind::Open => {
                let only_in = command.skip.is_some().then_some(section);
                open.push(Opened { block: id, repl: command.repl, section, only_in });
                within = Some(id);
            }
            Kind::Exit => {
                open.pop();
                within = None;
            }
            _ => {}
        }
    }
}

enum Place {
    Machine,
    Shell(usize),
    Nowhere,
}

fn place_of(block: &PlannedBlock, open: &[Opened], left: bool, cues: &Cues) -> Place {
    let context = &block.block.context;
    let comment = block.block.text.lines().find(|line| line.trim_start().starts_with('#')).unwrap_or("");
    let has = |prompt| block.commands.iter().any(|command| command.prompt == Some(prompt));
    if block.commands.iter().any(|command| names_machine_tool(&command.text)) {
        return Place::Machine;
    }
    if has(Prompt::Repl) {
        let program = open.iter().rev().find(|opened| opened.repl);
        return program.map_or(Place::Nowhere, |opened| Place::Shell(opened.block));
    }
    let leaves = block.commands.iter().all(|command| command.kind == Kind::Exit);
    if leaves && let Some(opened) = open.last() {
        return Place::Shell(opened.block);
    }
    let inside = has(Prompt::Container) || cues.say(Cue::Inside, comment) || cues.say(Cue::Inside, &context.cue);
    let machine = cues.say(Cue::Machine, &context.cue);
    match open.iter().rev().find(|opened| !opened.repl) {
        // A section that began on the machine goes on there, unless it opens a shell itself or says where it is.
        Some(opened) if left && !inside && opened.section != context.section => {
            if machine || !block.commands.iter().any(|command| looks_around(&command.text)) {
                Place::Machine
            } else {
                Place::Nowhere
            }
        }
        Some(opened) if inside || !machine => Place::Shell(opened.block),
        None if has(Prompt::Container) || inside && !leaves && says_shell(block, cues) => Place::Nowhere,
        _ => Place::Machine,
    }
}

/// Whether a comment in the block, and not only loose prose, says that it is typed in a shell.
fn says_shell(block: &PlannedBlock, cues: &Cues) -> bool {
    block.block.text.lines().any(|line| line.trim_start().starts_with('#') && cues.say(Cue::Inside, line))
        || cues.say(Cue::Inside, &block.block.context.cue)
}
