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

fn one(out: &mut String, page: &Prepared, options: Options) {
    let plan = &page.plan;
    let _ = writeln!(out, "{}", plan.path);
    let commands = plan.blocks.iter().filter(|block| block.role != Role::Output).flat_map(|block| &block.commands);
    let run = commands.clone().filter(|command| command.skip.is_none()).count();
    let skipped = commands.count() - run;
    let cluster = if plan.needs_cluster { "on a cluster" } else { "no cluster needed" };
    let skips = if skipped > 0 { format!(", {skipped} not run") } else { String::new() };
    let shared = if page.shared() { format!("; shares the run of {}", page.run.path) } else { String::new() };
    wrap(out, "  ", &format!("{run} commands to run{skips}, {cluster}{shared}"), options.width);
    for block in &plan.blocks {
        row(out, plan, block, options);
    }
}

/// One block: line, role, first words; then where it runs or what it documents.
fn row(out: &mut String, plan: &PagePlan, block: &PlannedBlock, options: Options) {
    let line_of = |id: usize| plan.block(id).map_or(0, |block| block.block.line);
    let mut state = vec![];
    if let Some(opener) = block.in_session {
        state.push(format!("in the shell of line {}", line_of(opener)));
    }
    if let Some(id) = block.documents {
        state.push(format!("of line {}", line_of(id)));
    }
    if let Some(inline) = &block.inline {
        state.push(format!("of `{}` in line {}", inline.text, inline.line));
    }
    let skipped = block.skip.is_some()
        || !block.commands.is_empty() && block.commands.iter().all(|command| command.skip.is_some());
    if let Some(reason) = &block.skip {
        state.push(format!("skip: {reason}"));
    }
    let mark = match block.role {
        Role::Command | Role::Transcript if !skipped => "run",
        Role::Output if !skipped => "compare",
        Role::Command | Role::Transcript | Role::Output => "skip",
        Role::Manifest | Role::File | Role::Other => "show",
    };
    let role = role_name(block.role);
    let head = format!("  {:>5}  {mark:<7}  {role:<10}  ", block.block.line);
    let text = match &block.block.file {
        Some(file) => format!("({file}) {}", state.join(", ")),
        None => state.join(", "),
    };
    if block.commands.is_empty() || block.role == Role::Output {
        let first = block.block.text.lines().find(|line| !line.trim().is_empty()).unwrap_or("").trim();
        let text = if text.is_empty() { first.to_owned() } else { text };
        fit(out, &head, &text, options.width);
    } else {
        for (index, command) in block.commands.iter().enumerate() {
            let head =
                if index == 0 { head.clone() } else { format!("  {:>5}  {:<7}  {:<10}  ", command.line, "", "") };
            fit(out, &head, command.ran.lines().next().unwrap_or(""), options.width);
            command_notes(out, command, block.skip.is_none(), options);
        }
        if !text.is_empty() {
            wrap(out, "         ", &text, options.width);
        }
    }
    if options.explain {
        explain(out, block, options.width);
    }
}

fn command_notes(out: &mut String, command: &PlannedCommand, own_reason: bool, options: Options) {
    if own_reason && let Some(reason) = &command.skip {
        wrap(out, "         ", &format!("skip: {reason}"), options.width);
    }
    if options.explain {
        if command.ran != command.text {
            wrap(
                out,
                "         ",
                &format!("the page prints: {}", command.text.lines().next().unwrap_or("")),
                options.width,
            );
        }
        for note in &command.notes {
            wrap(out, "         ", &format!("- {note}"), options.width);
        }
        for file in &command.files {
            wrap(out, "         ", &format!("- finds the file {}", file.place), options.width);
        }
        for name in &command.placeholders {
            wrap(out, "         ", &format!("- {name} is filled in where exactly one object fits"), options.width);
        }
    }
}

fn explain(out: &mut String, block: &PlannedBlock, width: usize) {
    wrap(out, "         ", &format!("{} because: {}", role_name(block.role), block.because), width);
    if let Some(rule) = &block.paired_because {
        wrap(out, "         ", &format!("paired because: {rule}"), width);
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
