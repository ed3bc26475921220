//! Which command an output documents.

use super::{PlannedBlock, planned_command};
use crate::verify::cues::{Cue, Cues};
use crate::verify::model::{Inline, Role};
use crate::verify::words::{self, Kind};

/// Sets `documents` or `inline` of every output block, with the rule.
pub(super) fn pair(blocks: &mut [PlannedBlock], cues: &Cues) {
    for index in 0..blocks.len() {
        if blocks[index].role == Role::Output {
            let (before, rest) = blocks.split_at_mut(index);
            pair_one(&mut rest[0], before, cues);
        }
    }
}

fn pair_one(output: &mut PlannedBlock, before: &[PlannedBlock], cues: &Cues) {
    let nearest = nearest_command(output, before);
    if let Some((text, line)) = inline_command(output, before, nearest) {
        output.commands = vec![planned_command(line, &text, None)];
        output.inline = Some(Inline { line, text });
        output.paired_because = Some("the sentence before it names the command".to_owned());
        return;
    }
    let context = &output.block.context;
    if [&context.cue, &context.paragraph].iter().any(|text| cues.say(Cue::Original, text))
        && let Some(lease) =
            before.iter().rev().find(|block| block.commands.iter().any(|command| command.kind == Kind::Lease))
    {
        output.documents = Some(lease.block.id);
        output.paired_because =
            Some("the sentence before it points to the terminal where that command still runs".to_owned());
        return;
    }
    match nearest {
        Some(id) => {
            output.documents = Some(id);
            output.paired_because = Some("the nearest command above, in the same section".to_owned());
        }
        None => output.skip = Some("no command on the page prints it".to_owned()),
    }
}

/// The nearest command block above in the same section.
fn nearest_command(output: &PlannedBlock, before: &[PlannedBlock]) -> Option<usize> {
    before
        .iter()
        .rev()
        .take_while(|block| block.block.context.section == output.block.context.section)
        .find(|block| matches!(block.role, Role::Command | Role::Transcript))
        // What does not come of the nearest is not looked for further up.
        .filter(|block| prints(block, output))
        .map(|block| block.block.id)
}

/// Whether a block could print what is shown: `kubectl edit` shows an object in an editor, and prints no more than
/// that it was edited.
fn prints(block: &PlannedBlock, output: &PlannedBlock) -> bool {
    let edits = block.commands.iter().all(|command| command.kind == Kind::Edit);
    let text = output.block.text.trim();
    !edits || text.starts_with("# Please edit the object below") || text.ends_with(" edited")
}

/// A whole, read-only command in a code span of the paragraph before, which the page does not show
/// in a block already.
fn inline_command(output: &PlannedBlock, before: &[PlannedBlock], nearest: Option<usize>) -> Option<(String, usize)> {
    let (text, line) = output.block.context.spans.iter().rev().find(|(text, _)| {
        let name = text.split_whitespace().next().unwrap_or("");
        let whole = text.split_whitespace().count() > 2 || matches!(name, "ls" | "cat" | "ps" | "id");
        words::known(name) && whole && words::kind(text) == Kind::Read
    })?;
    let shown = nearest
        .and_then(|id| before.get(id - 1))
        .is_some_and(|block| block.commands.iter().any(|command| command.text.trim() == text.trim()));
    (!shown).then(|| (text.clone(), *line))
}
