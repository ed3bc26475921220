//! What is typed in the editor that `kubectl edit` opens, and which command is no new one but the one that
//! still runs in another terminal.

use super::{Edit, PlannedBlock};
use crate::verify::cues::{Cue, Cues};
use crate::verify::model::Role;
use crate::verify::words::Kind;

/// Sets `edit` and `reads_lease`.
pub(super) fn find(blocks: &mut [PlannedBlock], cues: &Cues) {
    for index in 0..blocks.len() {
        let lease = running(blocks, index, cues);
        blocks[index].reads_lease = lease;
        let edit = shown(blocks, index, cues);
        for command in blocks[index].commands.iter_mut().filter(|command| command.kind == Kind::Edit) {
            command.edit = edit;
        }
    }
}

/// The object, or the lines of it, that stand behind an edit: before the next command, in the same section.
fn shown(blocks: &[PlannedBlock], index: usize, cues: &Cues) -> Option<Edit> {
    let block = &blocks[index];
    if !block.commands.iter().any(|command| command.kind == Kind::Edit) {
        return None;
    }
    let section = block.block.context.section;
    let next = blocks[index + 1..]
        .iter()
        .take_while(|next| next.block.context.section == section && next.commands.is_empty())
        .find(|next| matches!(next.role, Role::Manifest | Role::File | Role::Other))?;
    let text = &next.block.text;
    let data = match next.block.language.as_str() {
        "yaml" | "yml" | "json" => text.contains(':'),
        // What says nothing of itself may be a command that follows.
        "" => is_part_of_an_object(text),
        _ => false,
    };
    // What it looks like when nothing is wrong is not what is typed.
    let typed = data && !cues.say(Cue::Negative, &next.block.context.cue);
    typed.then(|| Edit { block: next.block.id, whole: text.contains("apiVersion") && text.contains("kind") })
}

/// Whether a text, lines of dots apart, is a mapping or a list.
fn is_part_of_an_object(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().filter(|line| line.trim() != "...").collect();
    serde_yaml::from_str::<serde_yaml::Value>(&lines.join("\n"))
        .is_ok_and(|value| value.is_mapping() || value.is_sequence())
}

/// The block that started the same command, if the page says that it still runs.
fn running(blocks: &[PlannedBlock], index: usize, cues: &Cues) -> Option<usize> {
    let block = &blocks[index];
    let [command] = block.commands.as_slice() else { return None };
    if command.kind != Kind::Lease {
        return None;
    }
    let context = &block.block.context;
    let comments = block.block.text.lines().filter(|line| line.trim_start().starts_with('#'));
    let said =
        comments.chain([context.cue.as_str(), context.paragraph.as_str()]).any(|text| cues.say(Cue::Original, text));
    let same = |other: &&PlannedBlock| {
        other.reads_lease.is_none()
            && other
                .commands
                .iter()
                .any(|earlier| earlier.kind == Kind::Lease && earlier.text.trim() == command.text.trim())
    };
    said.then(|| blocks[..index].iter().rev().find(same)).flatten().map(|other| other.block.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_data_is_typed_in_an_editor() {
        assert!(is_part_of_an_object("spec:\n  type: LoadBalancer\n"));
        assert!(is_part_of_an_object("...\n- apiGroups:\n  - apps\n...\n"));
        assert!(!is_part_of_an_object("curl https://<ADDRESS> -k\n...\n<title>Hello</title>\n"));
    }
}
