//! One block of the report as HTML: its verdict, its findings, its commands with what they printed.

use std::fmt::Write as _;

use super::super::sides::{self, Row};
use super::super::{cause, has_sides, key, table, word};
use super::{badge, escaped};
use crate::verify::model::{BlockReport, CommandReport, Finding, PageReport, Role};

/// How much of what a command printed is shown: the JSON report has all.
const MOST_LINES: usize = 200;
const MOST_CHARACTERS: usize = 20_000;

/// Writes a block, if there is anything to say about it.
pub(super) fn render(out: &mut String, page: &PageReport, block: &BlockReport) -> bool {
    let asked = matches!(block.role, Role::Command | Role::Transcript | Role::Output);
    if !asked && block.findings.is_empty() {
        return false;
    }
    let file = block.file.as_deref().unwrap_or(&page.path);
    let mut classes: Vec<&str> = block.findings.iter().map(|finding| key(finding.class)).collect();
    classes.sort_unstable();
    classes.dedup();
    let _ = writeln!(
        out,
        "<section class=\"block\" data-verdict=\"{}\" data-classes=\"{}\">\n<h2>{} {} <span class=\"place\">{}</span></h2>",
        block.verdict.map_or("", super::super::name),
        classes.join(" "),
        badge(block.verdict),
        escaped(&what(page, block)),
        escaped(
            &block
                .file
                .as_ref()
                .map_or_else(|| format!("line {}", block.line), |file| format!("line {} of {file}", block.line))
        )
    );
    if let Some(reason) = &block.reason {
        let _ = writeln!(out, "<p class=\"reason\">{}</p>", escaped(reason));
    }
    for finding in &block.findings {
        write_finding(out, file, finding);
    }
    for command in &block.commands {
        write_command(out, command, block.reason.as_deref());
    }
    out.push_str("</section>\n");
    true
}

/// What the block is for the reader.
fn what(page: &PageReport, block: &BlockReport) -> String {
    let line_of = |id: usize| page.blocks.iter().find(|other| other.id == id).map_or(0, |other| other.line);
    let mut what = table::role_name(block.role).to_owned();
    if let Some(id) = block.documents {
        let _ = write!(what, " of line {}", line_of(id));
    }
    if let Some(inline) = &block.inline {
        let _ = write!(what, " of `{}` in line {}", inline.text, inline.line);
    }
    if let Some(id) = block.in_session {
        let _ = write!(what, " in the shell of line {}", line_of(id));
    }
    what
}

fn write_finding(out: &mut String, file: &str, finding: &Finding) {
    let _ = write!(
        out,
        "<article class=\"finding\">\n<p class=\"head\"><span class=\"place\">{}:{}</span> <b>{}</b>",
        escaped(file),
        finding.line,
        word(finding.class)
    );
    if let Some(cause) = cause(finding) {
        let _ = write!(out, " <span class=\"tag\">{}</span>", escaped(&cause));
    }
    if let Some(reason) = &finding.known {
        let _ = write!(out, " <span class=\"tag\">known: {}</span>", escaped(reason));
    }
    let _ = writeln!(out, "</p>\n<p>{}</p>", escaped(&finding.message));
    if !finding.path.is_empty() {
        let _ = writeln!(out, "<p class=\"fact\">at <code>{}</code></p>", escaped(&finding.path));
    }
    if let Some(source) = finding.source.as_deref().filter(|source| !source.trim().is_empty()) {
        let _ = writeln!(
            out,
            "<pre class=\"source\" tabindex=\"0\"><span class=\"number\">{}</span> {}</pre>",
            finding.line,
            escaped(source)
        );
    }
    if has_sides(finding) {
        write_sides(out, finding);
    }
    if !finding.lines.is_empty() {
        let lines: Vec<String> = finding.lines.iter().map(ToString::to_string).collect();
        let _ = writeln!(out, "<p class=\"fact\">the same in lines {}</p>", lines.join(", "));
    }
    let _ = writeln!(out, "<p class=\"fact\">rule: {}</p>\n</article>", escaped(&finding.rule));
}

fn write_sides(out: &mut String, finding: &Finding) {
    let (rows, left_out) = sides::rows(&finding.documented, &finding.actual);
    out.push_str("<div class=\"sides\">\n");
    let mut side = |title: &str, element: &str, of: fn(&Row) -> Option<&String>| {
        let _ = write!(out, "<div><h3>{title}</h3><pre tabindex=\"0\">");
        for row in &rows {
            match (of(row), row.equal) {
                (Some(line), true) => out.push_str(&escaped(line)),
                (Some(line), false) => {
                    let _ = write!(out, "<{element}>{}</{element}>", escaped(line));
                }
                (None, _) => {}
            }
            out.push('\n');
        }
        out.push_str("</pre></div>\n");
    };
    side("documented", "del", |row| row.left.as_ref());
    side("actual", "ins", |row| row.right.as_ref());
    out.push_str("</div>\n");
    if left_out > 0 {
        let _ = writeln!(out, "<p class=\"fact\">{left_out} more lines are in the JSON report</p>");
    }
}

fn write_command(out: &mut String, command: &CommandReport, of_block: Option<&str>) {
    let mut facts = vec![format!("line {}", command.line)];
    facts.extend(command.exit.map(|code| format!("exit code {code}")));
    if command.exit.is_some() {
        facts.push(format!("{} ms", command.ms));
    }
    let _ = writeln!(
        out,
        "<details class=\"command\">\n<summary>{} <code>{}</code> <span class=\"more\">{}</span></summary>",
        badge(command.verdict),
        escaped(command.text.lines().next().unwrap_or("")),
        facts.join(", ")
    );
    if let Some(reason) = command.reason.as_deref().filter(|reason| Some(*reason) != of_block) {
        let _ = writeln!(out, "<p class=\"reason\">{}</p>", escaped(reason));
    }
    if command.text.lines().count() > 1 {
        printed(out, "as printed on the page", &command.text);
    }
    if command.ran != command.text {
        printed(out, "as it was run", &command.ran);
    }
    if !command.stdout.is_empty() {
        printed(out, "output", &command.stdout);
    }
    if !command.stderr.is_empty() {
        printed(out, "errors", &command.stderr);
    }
    if command.exit.is_some() && command.stdout.is_empty() && command.stderr.is_empty() {
        out.push_str("<p class=\"fact\">It printed nothing.</p>\n");
    }
    out.push_str("</details>\n");
}

fn printed(out: &mut String, title: &str, text: &str) {
    let shown: String = text.split_inclusive('\n').take(MOST_LINES).collect();
    let shown: String = shown.chars().take(MOST_CHARACTERS).collect();
    let _ = writeln!(out, "<h3>{title}</h3>\n<pre tabindex=\"0\">{}</pre>", escaped(shown.trim_end()));
    if shown.len() < text.len() {
        out.push_str("<p class=\"fact\">The rest is in the JSON report.</p>\n");
    }
}
