//! The report for people: findings as a diff with their places, then a summary.

use std::fmt::Write as _;

use super::sides::{self, Row};
use super::{cause, has_sides, is_known, name, table, told, visible, word};
use crate::verify::model::{BlockReport, Finding, FindingClass, PageReport, Report, Verdict};

/// From this width on, what is documented and what came stand beside each other.
const WIDE: usize = 100;

/// Where the text of a diff begins: room for a line's number, and a sign.
const MARGIN: usize = 8;

/// How the text is made.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// ANSI colours.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Whether reasons of skips and additions are listed too.
    pub verbose: bool,
}

/// The whole report.
#[must_use]
pub fn render(report: &Report, options: Options) -> String {
    let mut out = String::new();
    replayed(&mut out, report);
    for page in &report.pages {
        one(&mut out, page, options);
    }
    for note in &report.notes {
        table::wrap(&mut out, "", &format!("note: {note}"), options.width);
    }
    summary(&mut out, report, options);
    replayed(&mut out, report);
    out
}

/// A replay says that nothing was run, before and after everything else.
fn replayed(out: &mut String, report: &Report) {
    if report.source == "recording" {
        let server = report
            .cluster
            .as_ref()
            .map(|cluster| format!(" on Kubernetes {}", visible(&cluster.server_version)))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "REPLAY: nothing was run; compared with outputs recorded{server} at {}",
            visible(report.recorded.as_deref().unwrap_or("an unknown time"))
        );
    }
}

fn one(out: &mut String, page: &PageReport, options: Options) {
    let verdict = page.verdict.map_or("nothing to verify", name);
    let known = if is_known(page) { " (known)" } else { "" };
    let shared =
        page.shares_run_of.as_ref().map(|path| format!(" (with the run of {})", visible(path))).unwrap_or_default();
    let _ = writeln!(out, "{} {}{known}{shared}", painted(verdict, page.verdict, options), visible(&page.path));
    for block in &page.blocks {
        findings(out, page, block, options);
        let told = matches!(block.verdict, Some(Verdict::Infra | Verdict::Flaky | Verdict::Fail))
            || options.verbose && block.verdict == Some(Verdict::Skip);
        if let (true, Some(reason)) = (told, &block.reason) {
            let file = block.file.as_deref().unwrap_or(&page.path);
            let head = format!("{file}:{}: {}: ", block.line, block.verdict.map_or("", name));
            table::wrap(out, "  ", &format!("{head}{reason}"), options.width);
        }
    }
    for (image, what) in &page.stand_ins {
        table::wrap(out, "  ", &format!("stand-in image: {image}: {what}"), options.width);
    }
}

fn findings(out: &mut String, page: &PageReport, block: &BlockReport, options: Options) {
    for finding in &block.findings {
        if finding.class != FindingClass::Additive || options.verbose {
            write_finding(out, block.file.as_deref().unwrap_or(&page.path), finding, options);
        }
    }
}

fn write_finding(out: &mut String, file: &str, finding: &Finding, options: Options) {
    let cause = cause(finding).map(|cause| format!(" [{cause}]")).unwrap_or_default();
    let _ = writeln!(out, "  {}:{}: {}{cause}", visible(file), finding.line, word(finding.class));
    table::wrap(out, "      ", &finding.message, options.width);
    if !finding.path.is_empty() {
        table::wrap(out, "      ", &format!("at {}", finding.path), options.width);
    }
    if let Some(reason) = &finding.known {
        table::wrap(out, "      ", &format!("known: {reason}"), options.width);
    }
    Diff { finding, options }.write(out);
    if !finding.lines.is_empty() {
        let lines: Vec<String> = finding.lines.iter().map(ToString::to_string).collect();
        table::wrap(out, "      ", &format!("the same in lines {}", lines.join(", ")), options.width);
    }
}

/// The source line of a finding, and its two sides.
struct Diff<'a> {
    finding: &'a Finding,
    options: Options,
}

impl Diff<'_> {
    fn write(&self, out: &mut String) {
        let finding = self.finding;
        let (rows, left_out) = if has_sides(finding) {
            sides::rows(&finding.documented, &finding.actual)
        } else {
            // How a command ended is said already.
            (vec![], 0)
        };
        // Where the documented text is the whole line, the diff shows the line.
        let whole = |source: &&str| finding.documented.trim_end().lines().last().map(str::trim) == Some(source.trim());
        let source = finding.source.as_deref().filter(|source| !source.trim().is_empty());
        let shown = source.is_some_and(|source| !rows.is_empty() && whole(&source));
        if let Some(source) = source.filter(|_| !shown) {
            self.line(out, Some(finding.line), '|', &visible(source), "2");
        }
        let both = |row: &Row| row.left.is_some() && row.right.is_some();
        if self.options.width >= WIDE && rows.iter().any(both) {
            self.beside(out, &rows, shown);
        } else {
            self.above(out, &rows, shown);
        }
        if left_out > 0 {
            let lines = if left_out == 1 { "line" } else { "lines" };
            let _ = writeln!(out, "      ({left_out} more {lines} in the JSON report)");
        }
    }

    /// One side above the other.
    fn above(&self, out: &mut String, rows: &[Row], numbered: bool) {
        let mut number = Some(self.finding.line).filter(|_| numbered && rows.len() == 1);
        for row in rows {
            if let (true, Some(line)) = (row.equal, &row.left) {
                self.line(out, None, ' ', line, "0");
                continue;
            }
            if let Some(line) = &row.left {
                self.line(out, number.take(), '-', line, "31");
            }
            if let Some(line) = &row.right {
                self.line(out, None, '+', line, "32");
            }
        }
    }

    /// One side beside the other.
    fn beside(&self, out: &mut String, rows: &[Row], numbered: bool) {
        let room = self.options.width - MARGIN - 4;
        let longest = rows.iter().filter_map(|row| row.left.as_deref()).map(sides::columns).max().unwrap_or(0);
        let left_width = longest.clamp(16, room / 2);
        let right_width = room - left_width;
        let mut number = Some(self.finding.line).filter(|_| numbered && rows.len() == 1);
        for row in rows {
            let pieces = |text: &Option<String>, width| text.as_deref().map(|text| sides::pieces(text, width));
            let left = pieces(&row.left, left_width).unwrap_or_default();
            let right = pieces(&row.right, right_width).unwrap_or_default();
            for at in 0..left.len().max(right.len()) {
                let cell = |pieces: &[String], sign: char, color: &str| {
                    let text = pieces.get(at).map_or("", String::as_str);
                    let sign = if row.equal || at > 0 || pieces.is_empty() { ' ' } else { sign };
                    (self.colored(&format!("{sign} {text}"), if row.equal { "0" } else { color }), sides::columns(text))
                };
                let (left_text, columns) = cell(&left, '-', "31");
                let (right_text, _) = cell(&right, '+', "32");
                let number = number.take().map(|number| number.to_string()).unwrap_or_default();
                let fill = " ".repeat(left_width.saturating_sub(columns));
                let text = format!("{number:>5} {left_text}{fill}  {right_text}");
                let _ = writeln!(out, "{}", text.trim_end());
            }
        }
    }

    /// A line of the source or of one side, broken at the width.
    fn line(&self, out: &mut String, number: Option<usize>, sign: char, text: &str, color: &str) {
        let width = self.options.width.saturating_sub(MARGIN).max(24);
        let mut number = number.map(|number| number.to_string()).unwrap_or_default();
        let mut sign = sign;
        for piece in sides::pieces(text, width) {
            let text = self.colored(&format!("{sign} {piece}"), color);
            let _ = writeln!(out, "{}", format!("{number:>5} {text}").trim_end());
            number.clear();
            sign = ' ';
        }
    }

    fn colored(&self, text: &str, color: &str) -> String {
        if self.options.color && color != "0" && !text.trim().is_empty() {
            format!("\x1b[{color}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

fn summary(out: &mut String, report: &Report, options: Options) {
    let summary = &report.summary;
    let told = told(summary);
    let pages = if summary.pages == 1 { "1 page".to_owned() } else { format!("{} pages", summary.pages) };
    let apart =
        [(summary.known, "of these known"), (summary.environment, "of these because of this cluster, not the page")];
    let apart: String =
        apart.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}")).collect();
    let cluster = report
        .cluster
        .as_ref()
        .map(|cluster| format!("; Kubernetes {} ({})", cluster.server_version, cluster.provider))
        .unwrap_or_default();
    table::wrap(
        out,
        "",
        &format!(
            "{pages}, {} commands and outputs: {}{apart}{cluster}",
            summary.commands,
            if told.is_empty() { "nothing" } else { &told }
        ),
        options.width,
    );
}

fn painted(word: &str, verdict: Option<Verdict>, options: Options) -> String {
    let color = match verdict {
        _ if !options.color => return word.to_owned(),
        Some(Verdict::Pass) => "32",
        Some(Verdict::Drift | Verdict::Fail) => "31",
        Some(Verdict::Flaky | Verdict::Infra) => "33",
        Some(Verdict::Skip) | None => "2",
    };
    format!("\x1b[{color}m{word}\x1b[0m")
}
