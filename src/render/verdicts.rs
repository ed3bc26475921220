//! What the last verification said, beside each code block.
//!
//! In: a [`Report`]. Out: HTML for a block: the verdict as a word and a sign (never by colour alone),
//! when and on which server, and the differences. Every text of the report is escaped.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::site::Site;
use crate::verify::model::{BlockReport, Finding, FindingSeverity, Report, Verdict};

/// A report, by page and line.
#[derive(Debug, Default)]
pub struct Verdicts {
    report: Option<Report>,
    /// Path of the file that holds a block, and its line -> page and block in the report.
    blocks: HashMap<(String, usize), (usize, usize)>,
}

impl Verdicts {
    /// Takes a report; a plan has no verdicts.
    #[must_use]
    pub fn new(report: Report) -> Self {
        let mut blocks = HashMap::new();
        for (page_number, page) in report.pages.iter().enumerate().filter(|_| !report.plan) {
            for (number, block) in page.blocks.iter().enumerate() {
                let file = block.file.clone().unwrap_or_else(|| page.path.clone());
                blocks.entry((file, block.line)).or_insert((page_number, number));
            }
        }
        Self { report: Some(report), blocks }
    }

    /// Reads a JSON report.
    ///
    /// # Errors
    /// A sentence for people: it is not there, is no JSON or has another shape.
    pub fn read(path: &std::path::Path) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let report: Report = serde_json::from_slice(&bytes)
            .map_err(|error| format!("{} is no report of `docbuild verify --report json`: {error}", path.display()))?;
        if report.schema != "docbuild.verify/1" {
            return Err(format!(
                "{} has the schema `{}`; this docbuild reads docbuild.verify/1",
                path.display(),
                report.schema
            ));
        }
        Ok(Self::new(report))
    }

    /// The HTML after the code block that opens at 1-based `line` of `file` (relative to the root),
    /// in a language; empty for a block that is only shown, or that the report does not know.
    #[must_use]
    pub fn html(&self, file: &str, line: usize, site: &Site, language: usize) -> String {
        let found = self.blocks.get(&(file.to_owned(), line));
        let Some((report, (page, block))) = self.report.as_ref().zip(found) else { return String::new() };
        let block = &report.pages[*page].blocks[*block];
        let Some(verdict) = block.verdict else { return String::new() };
        let words = Words { site, language };
        let mut html = String::new();
        let (name, sign) = name_and_sign(verdict);
        let _ = write!(
            html,
            "<div class=\"verdict verdict-{name}\" role=\"note\"><p class=\"verdict-line\"><span class=\"verdict-mark\">\
             <span aria-hidden=\"true\">{sign}</span>{}</span>",
            words.get(&format!("theme_verdict_{name}"))
        );
        let _ = write!(html, "<span>{}</span></p>", escape(&origin(report, &words)));
        if let Some(reason) = &block.reason {
            let _ = write!(html, "<p>{}</p>", escape(reason));
        }
        push_findings(&mut html, block, &words);
        html.push_str("</div>");
        html
    }
}

/// The theme's strings in one language.
struct Words<'a> {
    site: &'a Site,
    language: usize,
}

impl Words<'_> {
    fn get(&self, key: &str) -> String {
        escape(self.site.string(self.language, key).unwrap_or(key))
    }
}

fn name_and_sign(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Pass => ("pass", "✓"),
        Verdict::Drift => ("drift", "≠"),
        Verdict::Fail => ("fail", "✗"),
        Verdict::Skip => ("skip", "–"),
        Verdict::Flaky => ("flaky", "~"),
        Verdict::Infra => ("infra", "!"),
    }
}

/// `2026-11-22, Kubernetes v1.36.3`: when the outputs were made, and by which server.
fn origin(report: &Report, words: &Words<'_>) -> String {
    let moment = report.recorded.as_deref().unwrap_or(&report.finished);
    let day: String = moment.chars().take_while(|c| *c != 'T').collect();
    let mut text = day;
    if let Some(cluster) = &report.cluster {
        let _ = write!(text, ", Kubernetes {}", cluster.server_version);
    }
    if report.source == "recording" {
        let _ =
            write!(text, " ({})", words.site.string(words.language, "theme_verdict_recording").unwrap_or("recording"));
    }
    text
}

/// The differences of an output, and the commands that broke or were not run.
fn push_findings(html: &mut String, block: &BlockReport, words: &Words<'_>) {
    let commands: Vec<_> = block
        .commands
        .iter()
        .filter(|command| matches!(command.verdict, Some(verdict) if verdict != Verdict::Pass))
        .collect();
    if block.findings.is_empty() && commands.is_empty() {
        return;
    }
    let _ = write!(
        html,
        "<details><summary>{} ({})</summary><ul>",
        words.get("theme_verdict_details"),
        block.findings.len() + commands.len()
    );
    for command in commands {
        let _ = write!(html, "<li><code>{}</code>", escape(&command.text));
        if let Some(reason) = &command.reason {
            let _ = write!(html, "<br>{}", escape(reason));
        }
        if let Some(exit) = command.exit.filter(|exit| *exit != 0) {
            let _ = write!(html, "<br>{} {exit}", words.get("theme_verdict_exit"));
        }
        html.push_str("</li>");
    }
    for finding in &block.findings {
        push_finding(html, finding, words);
    }
    html.push_str("</ul></details>");
}

fn push_finding(html: &mut String, finding: &Finding, words: &Words<'_>) {
    let class = if finding.severity == FindingSeverity::Cosmetic { " class=\"cosmetic\"" } else { "" };
    let _ = write!(html, "<li{class}>{} {}", words.get("theme_verdict_line"), finding.line);
    if !finding.path.is_empty() {
        let _ = write!(html, ", <code>{}</code>", escape(&finding.path));
    }
    let _ = write!(html, ": {}", escape(&finding.message));
    let row = |html: &mut String, key: &str, text: &str| {
        if !text.is_empty() {
            let _ = write!(html, "<dt>{}</dt><dd><code>{}</code></dd>", words.get(key), escape(text));
        }
    };
    if !finding.documented.is_empty() || !finding.actual.is_empty() {
        html.push_str("<dl>");
        row(html, "theme_verdict_documented", &finding.documented);
        row(html, "theme_verdict_actual", &finding.actual);
        html.push_str("</dl>");
    }
    html.push_str("</li>");
}

/// Text as HTML, also in attributes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
