//! A plan as a table that a person reads: what would run, where, and with `--explain` why.

use std::fmt::Write as _;

use super::visible;
use crate::verify::model::Role;
use crate::verify::pages::Prepared;
use crate::verify::plan::{PagePlan, PlannedBlock, PlannedCommand};

/// How the table is made.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether each line is followed by the rules that decided.
    pub explain: bool,
}

/// The plans of all pages.
#[must_use]
pub fn render(pages: &[Prepared], options: Options) -> String {
    let mut out = String::new();
    for page in pages {
        if !out.is_empty() {
            out.push('\n');
        }
        one(&mut out, page, options);
    }
    out
}

/// What stands before the lines below a row.
const BELOW: &str = "         ";

fn one(out: &mut String, page: &Prepared, options: Options) {
    let plan = &page.plan;
    let _ = writeln!(out, "{}", plan.path);
    let commands = plan.blocks.iter().filter(|block| block.role != Role::Output).flat_map(|block| &block.commands);
    let run = commands.clone().filter(|command| command.skip.is_none()).count();
    let skipped = commands.count() - run;
    let outputs = plan.blocks.iter().filter(|block| block.role == Role::Output && block.skip.is_none()).count();
    let cluster = if plan.needs_cluster { "on a cluster" } else { "no cluster needed" };
    let skips = if skipped > 0 { format!(", {skipped} not run") } else { String::new() };
    let shared = if page.shared() { format!("; shares the run of {}", page.run.path) } else { String::new() };
    let (commands, outputs) = (counted(run, "command"), counted(outputs, "output"));
    wrap(out, "  ", &format!("{commands} to run{skips}, {outputs} to compare, {cluster}{shared}"), options.width);
    for setup in &plan.setup {
        let command = setup.command.ran.lines().next().unwrap_or("");
        let text =
            format!("before: `{command}` of {} (line {} links to it) makes {}", setup.page, setup.line, setup.makes);
        wrap(out, "  ", &text, options.width);
    }
    if !plan.blocks.is_empty() {
        let _ = writeln!(out, "   line  does     role        what");
    }
    for block in &plan.blocks {
        row(out, plan, block, options);
    }
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// One block: line, what is done with it, role, first words; below it where it runs, why not, and why so.
fn row(out: &mut String, plan: &PagePlan, block: &PlannedBlock, options: Options) {
    let skipped = block.skip.is_some()
        || !block.commands.is_empty() && block.commands.iter().all(|command| command.skip.is_some());
    let does = match block.role {
        Role::Command | Role::Transcript if !skipped => "run",
        Role::Output if !skipped => "compare",
        Role::Command | Role::Transcript | Role::Output => "skip",
        Role::Manifest | Role::File | Role::Other => "show",
    };
    let head = |line: usize, does: &str, role: &str| format!("  {line:>5}  {does:<7}  {role:<10}  ");
    let own = head(block.block.line, does, role_name(block.role));
    let shows = block.commands.is_empty() || block.role == Role::Output;
    if shows {
        let first = block.block.text.lines().find(|line| !line.trim().is_empty()).unwrap_or("").trim();
        fit(out, &own, first, options.width);
    } else {
        for (index, command) in block.commands.iter().enumerate() {
            let head = if index == 0 { own.clone() } else { head(command.line, "", "") };
            fit(out, &head, command.ran.lines().next().unwrap_or(""), options.width);
            command_notes(out, plan, command, (block, options));
        }
    }
    for fact in facts(plan, block) {
        wrap(out, BELOW, &fact, options.width);
    }
    if options.explain {
        wrap(out, BELOW, &format!("{}: {}", role_name(block.role), block.because), options.width);
        if let Some(rule) = &block.paired_because {
            wrap(out, BELOW, &format!("pair: {rule}"), options.width);
        }
    }
}

/// What is to be known of a block as a whole.
fn facts(plan: &PagePlan, block: &PlannedBlock) -> Vec<String> {
    let line_of = |id: usize| plan.block(id).map_or(0, |block| block.block.line);
    let mut facts = vec![];
    if let Some(file) = &block.block.file {
        facts.push(format!("included from {file}"));
    }
    if let Some(opener) = block.in_session {
        facts.push(format!("in the shell of line {}", line_of(opener)));
    }
    if let Some(id) = block.documents {
        facts.push(format!("printed by line {}", line_of(id)));
    }
    if let Some(inline) = &block.inline {
        facts.push(format!("printed by `{}` in line {}", inline.text, inline.line));
    }
    if let Some(id) = block.reads_lease {
        facts.push(format!("already runs since line {}", line_of(id)));
    }
    match (&block.skip, block.alternative_of) {
        (Some(reason), _) => facts.push(format!("skip: {reason}")),
        (None, Some(id)) => facts.push(format!("another way than line {}", line_of(id))),
        (None, None) => {}
    }
    facts
}

fn command_notes(
    out: &mut String,
    plan: &PagePlan,
    command: &PlannedCommand,
    (block, options): (&PlannedBlock, Options),
) {
    let mut say = |text: &str| wrap(out, BELOW, text, options.width);
    if let Some(reason) = command.skip.as_ref().filter(|reason| block.skip.as_ref() != Some(*reason)) {
        say(&format!("skip: {reason}"));
    }
    if !options.explain {
        return;
    }
    if command.ran != command.text {
        say(&format!("printed as: {}", command.text.lines().next().unwrap_or("")));
    }
    for note in command.notes.iter().filter(|note| command.skip.as_ref() != Some(*note)) {
        say(&format!("- {note}"));
    }
    for file in &command.files {
        say(&format!("- finds the file {}", file.place));
    }
    if let Some(edit) = command.edit {
        let line = plan.block(edit.block).map_or(0, |block| block.block.line);
        say(&format!("- the editor gets what line {line} shows"));
    }
    if command.skip.is_none() {
        for name in &command.placeholders {
            say(&format!("- {name} is filled in where exactly one object fits"));
        }
    }
}

/// The role as people read it.
#[must_use]
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Command => "command",
        Role::Output => "output",
        Role::Transcript => "transcript",
        Role::Manifest => "manifest",
        Role::File => "file",
        Role::Other => "other",
    }
}

/// One line, cut at the width.
fn fit(out: &mut String, head: &str, text: &str, width: usize) {
    use unicode_width::UnicodeWidthChar as _;
    let room = width.saturating_sub(head.len()).max(12);
    let text = visible(text);
    let mut used = 0;
    let mut cut = text.len();
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > room {
            cut = text.char_indices().take_while(|(place, _)| *place < at).last().map_or(0, |(place, _)| place);
            break;
        }
    }
    let (shown, dots) = if cut < text.len() { (&text[..cut], "…") } else { (text.as_str(), "") };
    let _ = writeln!(out, "{}", format!("{head}{shown}{dots}").trim_end());
}

/// Text in lines of at most `width` columns, each behind `indent`.
pub(crate) fn wrap(out: &mut String, indent: &str, text: &str, width: usize) {
    use unicode_width::UnicodeWidthStr as _;
    let room = width.saturating_sub(indent.len()).max(24);
    let text = visible(text).replace('\n', " ");
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() > room {
            let _ = writeln!(out, "{indent}{line}");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        let _ = writeln!(out, "{indent}{line}");
    }
}
