//! Which blocks are typed into a shell that the page opened in a container.
//!
//! A command such as `kubectl exec -it POD -- sh` opens one; what has a container's prompt, is cued
//! "in your shell", or is no tool of the machine, is typed there until `exit` or the page's end.
//! Where it is in doubt, a block is skipped: what was meant for a container never runs on the machine.

use super::PlannedBlock;
use crate::verify::cues::{Cue, Cues};
use crate::verify::model::Role;
use crate::verify::prompt::Prompt;
use crate::verify::shell;
use crate::verify::words::{self, Kind};

/// What is said of a block typed into a shell that nothing opened.
const NOT_OPEN: &str = "no shell is open in a container here, and it was not meant for this machine";

/// Sets `in_session` of every command block, or why it is skipped.
pub(super) fn assign(blocks: &mut [PlannedBlock], cues: &Cues) {
    let mut open: Vec<usize> = vec![];
    for block in blocks {
        if !matches!(block.role, Role::Command | Role::Transcript) {
            continue;
        }
        let place = place_of(block, &open, cues);
        match place {
            Place::Machine => {}
            Place::Shell(opener) => block.in_session = Some(opener),
            Place::Nowhere => block.skip = Some(NOT_OPEN.to_owned()),
        }
        for command in &block.commands {
            match command.kind {
                Kind::Open => open.push(block.block.id),
                Kind::Exit => {
                    open.pop();
                }
                _ => {}
            }
        }
    }
}

enum Place {
    Machine,
    Shell(usize),
    Nowhere,
}

fn place_of(block: &PlannedBlock, open: &[usize], cues: &Cues) -> Place {
    let context = &block.block.context;
    let comment = block.block.text.lines().find(|line| line.trim_start().starts_with('#')).unwrap_or("");
    let prompted =
        block.commands.iter().any(|command| matches!(command.prompt, Some(Prompt::Container | Prompt::Repl)));
    let inside = prompted || cues.say(Cue::Inside, comment) || cues.say(Cue::Inside, &context.cue);
    let machine = cues.say(Cue::Machine, &context.cue);
    if block.commands.iter().any(|command| names_machine_tool(&command.text)) {
        return Place::Machine;
    }
    match open.last() {
        Some(opener) if inside || !machine => Place::Shell(*opener),
        None if prompted
            || inside
                && !block.commands.iter().all(|command| command.kind == Kind::Exit)
                && says_shell(block, cues) =>
        {
            Place::Nowhere
        }
        _ => Place::Machine,
    }
}

/// Whether a comment in the block, and not only loose prose, says that it is typed in a shell.
fn says_shell(block: &PlannedBlock, cues: &Cues) -> bool {
    block.block.text.lines().any(|line| line.trim_start().starts_with('#') && cues.say(Cue::Inside, line))
        || cues.say(Cue::Inside, &block.block.context.cue)
}

fn names_machine_tool(text: &str) -> bool {
    shell::simple_commands(text).iter().any(|command| words::machine_tool(command.name()))
}
