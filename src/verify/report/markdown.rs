//! The report as Markdown: a table of the whole, why something was not run, and each difference with its two sides.
//! For a job's summary, a pull request, or a file beside the documentation.
//!
//! In: a [`Report`]. Out: GitHub-flavoured Markdown. What pages and clusters print is in code spans and fences that
//! are longer than what is in them, so that none of it is markup.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;

use super::sides::{self, Row};
use super::{VERDICTS, count, has_sides, key, name, summary, told, visible, weighs};
use crate::verify::model::{BlockReport, Cause, Finding, FindingSeverity, PageReport, Report, Role, Summary, Verdict};

/// Folders of more levels are counted with the folder they are in.
const LEVELS: usize = 3;

/// The whole report.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    head(&mut out, report);
    parts(&mut out, report);
    skipped(&mut out, report);
    different(&mut out, report);
    out
}

fn head(out: &mut String, report: &Report) {
    let day = report.finished.split('T').next().unwrap_or_default();
    let _ = writeln!(out, "# Verification report, {day}\n");
    if report.source == "recording" {
        let when = report.recorded.as_deref().unwrap_or("an unknown time");
        let _ = writeln!(out, "A replay: nothing was run. The pages were compared with what was recorded at {when}.\n");
    }
    let cluster = match &report.cluster {
        Some(cluster) => format!("Kubernetes {} ({})", cluster.server_version, cluster.provider),
        None => "no cluster".to_owned(),
    };
    let summary = &report.summary;
    let told = told(summary);
    let _ = writeln!(
        out,
        "docbuild {}, {}; from {} to {}.\n\n{} pages, {} commands and outputs: {}.\n",
        code(&report.docbuild),
        code(&cluster),
        code(&report.started),
        code(&report.finished),
        summary.pages,
        summary.commands,
        if told.is_empty() { "nothing" } else { &told }
    );
    for (count, what) in [(summary.known, "known already"), (summary.environment, "of this cluster alone")] {
        if count > 0 {
            let _ = writeln!(out, "Of drift and fail, {count} are {what}.\n");
        }
    }
    for note in &report.notes {
        let _ = writeln!(out, "Note: {}\n", plain(note));
    }
}

/// The folder that a page is counted with: its URL's, to [`LEVELS`].
fn part(page: &PageReport) -> String {
    let url = page.url.trim_matches('/');
    let folder = url.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("/{}", folder.split('/').take(LEVELS).collect::<Vec<_>>().join("/"))
}

fn parts(out: &mut String, report: &Report) {
    let mut parts: BTreeMap<String, Vec<&PageReport>> = BTreeMap::new();
    for page in &report.pages {
        parts.entry(part(page)).or_default().push(page);
    }
    let heads: Vec<&str> = VERDICTS.iter().rev().map(|verdict| name(*verdict)).collect();
    let _ = writeln!(out, "| Part | Pages | {} | infra, flaky |", heads.join(" | "));
    let _ = writeln!(out, "|---|---:|{}---:|", "---:|".repeat(heads.len()));
    for (part, pages) in &parts {
        row(out, &code(part).replace('|', "\\|"), &summary(pages));
    }
    if parts.len() > 1 {
        row(out, "all", &report.summary);
    }
    out.push('\n');
}

fn row(out: &mut String, part: &str, summary: &Summary) {
    let counts: Vec<String> = VERDICTS.iter().rev().map(|verdict| count(summary, *verdict).to_string()).collect();
    let unsettled = (summary.infra + summary.flaky) * 1000 / summary.commands.max(1);
    let _ = writeln!(
        out,
        "| {part} | {} | {} | {}.{} % |",
        summary.pages,
        counts.join(" | "),
        unsettled / 10,
        unsettled % 10
    );
}

/// The reasons of a page's commands and outputs that were not run.
fn reasons(page: &PageReport) -> impl Iterator<Item = String> {
    page.blocks.iter().flat_map(|block| {
        let output = (block.role == Role::Output).then_some((block.verdict, &block.reason));
        let commands = block.commands.iter().map(|command| (command.verdict, &command.reason));
        commands
            .chain(output)
            .filter(|(verdict, _)| *verdict == Some(Verdict::Skip))
            .map(|(_, reason)| kind(reason.as_deref().unwrap_or("no reason is known")))
    })
}

/// A reason without what differs from line to line.
fn kind(reason: &str) -> String {
    let mut reason = reason;
    while let Some(rest) = reason.strip_prefix("its command is not run: ") {
        reason = rest;
    }
    NAMES.iter().fold(reason.to_owned(), |reason, names| names.replace(&reason, "${1}…${2}").into_owned())
}

/// What reasons name: placeholders, variables, images, programs, objects, lines, sizes.
static NAMES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"(has to (?:fill in|set) ).+?(, and )",
        r"((?:^|, )the image )\S+( can't be had)",
        r"()^\S+( is not on this machine)$",
        r"(no block of the page makes ).+()$",
        r"(the page makes no ).+()$",
        r"(, and )\d+( objects fit)",
        r"(\bline )\d+()",
        r"(budget of )\d+( s )",
        r"(the tab `)[^`]+(`)",
        r"(rights to )\S+( here)",
        r"(does not reach )\S+()$",
    ]
    .iter()
    .filter_map(|pattern| Regex::new(pattern).ok())
    .collect()
});

fn skipped(out: &mut String, report: &Report) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for reason in report.pages.iter().flat_map(reasons) {
        *counts.entry(reason).or_default() += 1;
    }
    if counts.is_empty() {
        return;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    out.push_str("## Why commands were not run\n\n| Reason | Commands and outputs |\n|---|---:|\n");
    for (reason, count) in counts {
        let _ = writeln!(out, "| {} | {count} |", plain(&reason));
    }
    out.push('\n');
}

/// What counts against the pages, page by page.
fn different(out: &mut String, report: &Report) {
    let mut any = false;
    for page in &report.pages {
        let told: Vec<(&BlockReport, &Finding)> = page
            .blocks
            .iter()
            .flat_map(|block| block.findings.iter().map(move |finding| (block, finding)))
            .filter(|(_, finding)| weighs(finding) && finding.cause == Cause::Docs)
            .collect();
        if told.is_empty() {
            continue;
        }
        if !any {
            out.push_str("## What differs\n\nWhat only follows from something in the list is not in it.\n\n");
            any = true;
        }
        let _ = writeln!(out, "### {}\n", code(&page.path));
        for (block, finding) in told {
            one(out, block, finding);
        }
    }
    if !any {
        out.push_str("Nothing counts against a page.\n");
    }
}

fn one(out: &mut String, block: &BlockReport, finding: &Finding) {
    let file = block.file.as_ref().map(|file| format!(" of {}", code(file))).unwrap_or_default();
    let path = Some(&finding.path).filter(|path| !path.is_empty());
    let path = path.map(|path| format!(", at {}", code(path))).unwrap_or_default();
    let cosmetic = if finding.severity == FindingSeverity::Cosmetic { ", cosmetic" } else { "" };
    let known = finding.known.as_ref().map(|reason| format!(", known ({})", plain(reason))).unwrap_or_default();
    let _ = write!(out, "Line {}{file}, {}{path}{cosmetic}{known}:", finding.line, key(finding.class));
    let sides = if has_sides(finding) { diff(finding) } else { String::new() };
    if sides.is_empty() {
        let _ = writeln!(out, " {}\n", plain(&finding.message));
    } else {
        // The two sides say what the message says.
        out.push_str("\n\n");
        fence(out, &sides);
    }
    if !finding.lines.is_empty() {
        let lines: Vec<String> = finding.lines.iter().map(ToString::to_string).collect();
        let _ = writeln!(out, "The same in lines {}.\n", lines.join(", "));
    }
}

/// The documented text and what came, as the lines of a diff.
fn diff(finding: &Finding) -> String {
    let (rows, left_out) = sides::rows(&finding.documented, &finding.actual);
    let mut text = String::new();
    for Row { left, right, equal } in &rows {
        if *equal {
            let _ = writeln!(text, "  {}", left.as_deref().unwrap_or_default());
            continue;
        }
        if let Some(left) = left {
            let _ = writeln!(text, "- {left}");
        }
        if let Some(right) = right {
            let _ = writeln!(text, "+ {right}");
        }
    }
    if left_out > 0 {
        let _ = writeln!(text, "@@ {left_out} more lines are in the JSON report @@");
    }
    text
}

/// The longest run of backquotes in a text.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn fence(out: &mut String, text: &str) {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let _ = writeln!(out, "{fence}diff\n{text}{fence}\n");
}

/// Text as a code span: one line, and none of it is markup.
fn code(text: &str) -> String {
    let text = visible(text);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return String::new();
    }
    let ticks = "`".repeat(longest_run(&text) + 1);
    // A span that begins or ends with a backquote has a blank there, which Markdown takes away.
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{blank}{text}{blank}{ticks}")
}

/// A sentence of ours, with what it quotes: one line, and none of it is markup, a link or a mention.
fn plain(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        // What GitHub would make a link or a mention of.
        if ["@", "://", "www."].iter().any(|sign| word.contains(sign)) {
            out.push_str(&code(word).replace('|', "\\|"));
            continue;
        }
        for c in word.chars() {
            match c {
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '#' | '!' | '$' => {
                    out.push('\\');
                    out.push(c);
                }
                c => out.push(c),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_sentence_is_markup() {
        assert_eq!(plain("a\n`b` <i> |x [y](z)"), "a \\`b\\` \\<i\\> \\|x \\[y\\](z)");
        assert_eq!(plain("https://x www.y @z"), "`https://x` `www.y` `@z`");
    }

    #[test]
    fn nothing_in_a_span_or_fence_is_markup() {
        assert_eq!(code("<b> a\n`x``y`|"), "```<b> a `x``y`|```");
        assert_eq!(code("`x`"), "`` `x` ``");
        assert_eq!(code(" \n"), "");
        let mut out = String::new();
        fence(&mut out, "+ ````\n");
        assert_eq!(out, "`````diff\n+ ````\n`````\n\n");
    }

    #[test]
    fn reasons_are_told_apart_by_what_they_say() {
        assert_eq!(
            kind("its command is not run: depends on line 12, which failed"),
            kind("depends on line 7, which failed")
        );
        for (reason, expected) in [
            (
                "the reader has to fill in <pod>, and there is no such object",
                "the reader has to fill in …, and there is no such object",
            ),
            (
                "the image a/b:1 can't be had here: nothing here stands in for it",
                "the image … can't be had here: nothing here stands in for it",
            ),
            ("etcd is not on this machine", "… is not on this machine"),
            ("on a node (sudo)", "on a node (sudo)"),
        ] {
            assert_eq!(kind(reason), expected);
        }
        assert_eq!(NAMES.len(), 11, "a pattern does not compile");
    }
}
