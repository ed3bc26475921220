//! Which command an output documents.

use super::{PlannedBlock, planned_command};
use crate::verify::cues::{Cue, Cues};
use crate::verify::extract::Page;
use crate::verify::model::{Inline, Role};
use crate::verify::shell;
use crate::verify::words::{self, Kind};

/// Sets `documents` or `inline` of every output block, with the rule.
pub(super) fn pair(blocks: &mut [PlannedBlock], page: &Page, cues: &Cues) {
    for index in 0..blocks.len() {
        if blocks[index].role == Role::Output {
            let (before, rest) = blocks.split_at_mut(index);
            pair_one(&mut rest[0], before, page, cues);
        }
    }
}

fn pair_one(output: &mut PlannedBlock, before: &[PlannedBlock], page: &Page, cues: &Cues) {
    let nearest = nearest_command(output, before);
    if let Some((text, line)) = inline_command(output, before, nearest) {
        // What an example on the page has its container run is not for the reader's machine.
        let name = text.split_whitespace().next().unwrap_or("");
        if !words::machine_tool(name) && page.examples.iter().any(|example| example.text.contains(&text)) {
            output.skip = Some(format!("a container prints it: {text}"));
            return;
        }
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
    let commands = || {
        let section =
            before.iter().rev().take_while(|block| block.block.context.section == output.block.context.section);
        section.filter(|block| matches!(block.role, Role::Command | Role::Transcript))
    };
    // What commands do to Pods stands in the table of the terminal that watches them.
    let listed = commands().next().filter(|block| is_listing(output) && only_acts(block));
    let listed = listed.and_then(|_| commands().find(|block| lists(block)));
    listed
        .or_else(|| commands().next())
        // What does not come of the nearest is not looked for further up.
        .filter(|block| prints(block, output))
        .map(|block| block.block.id)
}

/// Whether a block could print what is shown: `kubectl edit` shows an object in an editor, and prints no more than
/// that it was edited; what kubectl prints into a file is not seen.
fn prints(block: &PlannedBlock, output: &PlannedBlock) -> bool {
    let edits = block.commands.iter().all(|command| command.kind == Kind::Edit);
    let text = output.block.text.trim();
    let silent = !block.commands.is_empty() && block.commands.iter().all(|command| goes_to_a_file(&command.text));
    !silent && (!edits || text.starts_with("# Please edit the object below") || text.ends_with(" edited"))
}

fn goes_to_a_file(text: &str) -> bool {
    let commands = shell::simple_commands(text);
    // `<name> -o yaml` only reads like one.
    text.contains(" >")
        && commands.first().is_some_and(|command| command.name() == "kubectl")
        && commands.last().is_some_and(|command| !command.writes.is_empty())
}

/// Whether an output is the table of Pods that `kubectl get` prints.
fn is_listing(output: &PlannedBlock) -> bool {
    let mut words = output.block.text.split_whitespace();
    words.next() == Some("NAME") && words.next() == Some("READY") && words.next() == Some("STATUS")
}

/// Whether a block lists objects, or watches a list of them.
fn lists(block: &PlannedBlock) -> bool {
    block.commands.iter().any(|command| {
        let commands = shell::simple_commands(&command.text);
        let words: Vec<&str> = commands.iter().flat_map(|command| &command.words).map(String::as_str).collect();
        matches!(words.as_slice(), ["kubectl", "get", ..])
            && !words.iter().any(|word| matches!(*word, "-o" | "--output" | "--template"))
    })
}

/// Whether a block only acts on what is there, and prints no table of it.
fn only_acts(block: &PlannedBlock) -> bool {
    let acts = |text: &str| {
        let commands = shell::simple_commands(text);
        !commands.is_empty()
            && commands.iter().all(|command| {
                let acts = |verb: &str| {
                    matches!(verb, "exec" | "drain" | "cordon" | "uncordon" | "delete" | "scale" | "patch")
                };
                words::verb_of(command).is_some_and(acts)
            })
    };
    !block.commands.is_empty() && block.commands.iter().all(|command| acts(&command.text))
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
