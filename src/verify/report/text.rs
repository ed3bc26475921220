//! The report for people: findings as a diff with their places, then a summary.

use std::fmt::Write as _;

use super::{table, visible};
use crate::verify::model::{BlockReport, Cause, Finding, FindingClass, PageReport, Report, Verdict};

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
            .map(|cluster| format!(" on Kubernetes {}", cluster.server_version))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "REPLAY: nothing was run; compared with outputs recorded{server} at {}",
            report.recorded.as_deref().unwrap_or("an unknown time")
        );
    }
}

fn one(out: &mut String, page: &PageReport, options: Options) {
    let verdict = page.verdict.map_or("nothing to verify", name);
    let shared = page.shares_run_of.as_ref().map(|path| format!(" (with the run of {path})")).unwrap_or_default();
    let _ = writeln!(out, "{} {}{shared}", painted(verdict, page.verdict, options), page.path);
    for block in &page.blocks {
        findings(out, page, block, options);
        let told = matches!(block.verdict, Some(Verdict::Infra | Verdict::Flaky | Verdict::Fail))
            || options.verbose && block.verdict == Some(Verdict::Skip);
        if let (true, Some(reason)) = (told, &block.reason) {
            let head = format!(
                "  {}:{}: {}: ",
                block.file.as_deref().unwrap_or(&page.path),
                block.line,
                block.verdict.map_or("", name)
            );
            table::wrap(out, "  ", &format!("{}{reason}", head.trim_start()), options.width);
        }
    }
    for (image, what) in &page.stand_ins {
        table::wrap(out, "  ", &format!("stand-in image: {image}: {what}"), options.width);
    }
}

fn findings(out: &mut String, page: &PageReport, block: &BlockReport, options: Options) {
    let mut additions = 0;
    for finding in &block.findings {
        if finding.class == FindingClass::Additive && !options.verbose {
            additions += 1;
            continue;
        }
        write_finding(out, block.file.as_deref().unwrap_or(&page.path), finding, options);
    }
    if additions > 0 && options.verbose {
        let _ = writeln!(out, "  {}:{}: {additions} additions", visible(&page.path), block.line);
    }
}

fn write_finding(out: &mut String, file: &str, finding: &Finding, options: Options) {
    let cause = match (finding.cause, finding.of) {
        (Cause::Environment, _) => " [this cluster, not the page]".to_owned(),
        (Cause::FollowUp, Some(line)) => format!(" [follows from line {line}]"),
        _ => String::new(),
    };
    let class = class_name(finding.class);
    let _ = writeln!(out, "  {}:{}: {class}{cause}", visible(file), finding.line);
    table::wrap(out, "      ", &finding.message, options.width);
    let (red, green, plain) = if options.color { ("\x1b[31m", "\x1b[32m", "\x1b[0m") } else { ("", "", "") };
    if !finding.path.is_empty() {
        table::wrap(out, "      ", &format!("at {}", finding.path), options.width);
    }
    // How a command ended is a sentence, and has no two sides to compare.
    let sides = match finding.class {
        FindingClass::ExitCode | FindingClass::Timeout => &[][..],
        _ => &[('-', red, &finding.documented), ('+', green, &finding.actual)],
    };
    for (sign, color, text) in sides {
        for line in visible(text).lines().take(12) {
            let _ = writeln!(out, "      {color}{sign} {line}{plain}");
        }
    }
    if !finding.lines.is_empty() {
        let lines: Vec<String> = finding.lines.iter().map(ToString::to_string).collect();
        table::wrap(out, "      ", &format!("the same in lines {}", lines.join(", ")), options.width);
    }
}

fn summary(out: &mut String, report: &Report, options: Options) {
    let summary = &report.summary;
    let counts = [
        (summary.pass, "pass"),
        (summary.drift, "drift"),
        (summary.fail, "fail"),
        (summary.flaky, "flaky"),
        (summary.infra, "infra"),
        (summary.skip, "skip"),
    ];
    let mut told: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
    if summary.environment > 0 {
        told.push(format!("{} of these because of this cluster, not the page", summary.environment));
    }
    let pages = if summary.pages == 1 { "1 page".to_owned() } else { format!("{} pages", summary.pages) };
    let cluster = report
        .cluster
        .as_ref()
        .map(|cluster| format!("; Kubernetes {} ({})", cluster.server_version, cluster.provider))
        .unwrap_or_default();
    table::wrap(
        out,
        "",
        &format!(
            "{pages}, {} commands and outputs: {}{cluster}",
            summary.commands,
            if told.is_empty() { "nothing".to_owned() } else { told.join(", ") }
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

/// The verdict as people read it.
#[must_use]
pub fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Drift => "drift",
        Verdict::Fail => "fail",
        Verdict::Skip => "skip",
        Verdict::Flaky => "flaky",
        Verdict::Infra => "infra",
    }
}

fn class_name(class: FindingClass) -> &'static str {
    match class {
        FindingClass::Value => "another value",
        FindingClass::Schema => "another structure",
        FindingClass::Missing => "missing",
        FindingClass::Extra => "not documented",
        FindingClass::Order => "another order",
        FindingClass::Additive => "new, breaks nothing",
        FindingClass::ExitCode => "another exit code",
        FindingClass::Timeout => "did not end",
    }
}
