//! The report as one web page that needs nothing else: no server, no network, no other file.
//!
//! The page is whole without scripts; its script only hides what a filter leaves out. What a documented page
//! or a cluster printed is text here and nothing else: it is escaped in one place, and a content security
//! policy lets the page's own style and script run, by their hashes, and nothing else.

mod blocks;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;

use super::{CLASSES, VERDICTS, count, is_known, key, name, visible, word};
use crate::verify::model::{PageReport, Report, Summary, Verdict};

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// More pages than this are closed, whatever their verdicts: a reader opens what they look for.
const MOST_OPEN: usize = 40;

/// The report as a file's text.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    let title = format!("Verification report, {}", day(&report.finished));
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        policy(),
        escaped(&title)
    );
    header(&mut out, report);
    filters(&mut out, report);
    let wrong = report.pages.iter().filter(|page| is_wrong(page)).count();
    out.push_str("<main id=\"pages\">\n");
    for (number, page) in report.pages.iter().enumerate() {
        one(&mut out, number, page, wrong <= MOST_OPEN && is_wrong(page));
    }
    if report.pages.is_empty() {
        out.push_str("<p class=\"none\">The report has no pages.</p>\n");
    }
    out.push_str("<p class=\"none\" id=\"nothing\" hidden>Nothing fits these filters.</p>\n</main>\n");
    let _ = write!(out, "<script>{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

/// What the page may load and run: its own style and script.
fn policy() -> String {
    let hash = |text: &str| {
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        base64::engine::general_purpose::STANDARD.encode(digest.as_ref())
    };
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// Text between tags and in attributes: what controls a terminal is made visible, what is markup is text.
fn escaped(text: &str) -> String {
    let text = visible(text);
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

/// A verdict as a coloured word.
fn badge(verdict: Option<Verdict>) -> String {
    let name = verdict.map_or("shown", name);
    format!("<span class=\"badge {name}\">{name}</span>")
}

fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}

fn header(out: &mut String, report: &Report) {
    out.push_str("<header>\n<h1>Verification report</h1>\n");
    if report.source == "recording" {
        let _ = writeln!(
            out,
            "<p class=\"banner\">This is a replay: nothing was run. The pages were compared with outputs recorded at {}.</p>",
            escaped(report.recorded.as_deref().unwrap_or("an unknown time"))
        );
    }
    out.push_str("<dl class=\"facts\">\n");
    let mut fact = |term: &str, text: &str| {
        let _ = writeln!(out, "<div><dt>{term}</dt><dd>{}</dd></div>", escaped(text));
    };
    fact("Date", &time(&report.finished));
    if let Some(took) = took(report) {
        fact("Took", &took);
    }
    fact("docbuild", &report.docbuild);
    match &report.cluster {
        Some(cluster) => {
            fact("Kubernetes", &cluster.server_version);
            fact("Cluster", &format!("{} ({})", cluster.provider, cluster.context));
        }
        None => fact("Cluster", "none was used"),
    }
    if let Some(shard) = &report.shard {
        fact("Shard", &format!("{} of {}: {} of {} pages", shard.index, shard.of, shard.places.len(), shard.total));
    }
    let summary = &report.summary;
    fact("Verified", &format!("{} pages, {} commands and outputs", summary.pages, summary.commands));
    for (count, what) in [(summary.known, "Known"), (summary.environment, "This cluster’s alone")] {
        if count > 0 {
            fact(what, &format!("{count} of drift and fail"));
        }
    }
    out.push_str("</dl>\n");
    bar(out, summary);
    for note in &report.notes {
        let _ = writeln!(out, "<p class=\"note\">{}</p>", escaped(note));
    }
    out.push_str("</header>\n");
}

/// `2026-01-02 03:04 UTC`.
fn time(text: &str) -> String {
    text.parse::<jiff::Timestamp>()
        .map_or_else(|_| text.to_owned(), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

fn took(report: &Report) -> Option<String> {
    let (started, finished): (jiff::Timestamp, jiff::Timestamp) =
        (report.started.parse().ok()?, report.finished.parse().ok()?);
    let seconds = finished.as_second() - started.as_second();
    (report.source != "recording" && seconds >= 0).then(|| match seconds {
        0..=119 => format!("{seconds} s"),
        _ => format!("{} min", (seconds + 30) / 60),
    })
}

/// How the commands and outputs came out, as words and as a drawing.
fn bar(out: &mut String, summary: &Summary) {
    out.push_str("<ul class=\"counts\">\n");
    for verdict in VERDICTS {
        let count = count(summary, verdict);
        if count > 0 {
            let _ = writeln!(out, "<li>{} <b>{count}</b></li>", badge(Some(verdict)));
        }
    }
    out.push_str("</ul>\n");
}

/// The filters; shown by the script, since without it they do nothing. Only what is in the report is offered.
fn filters(out: &mut String, report: &Report) {
    let blocks = || report.pages.iter().flat_map(|page| &page.blocks);
    let mut languages: BTreeMap<&str, usize> = BTreeMap::new();
    for page in &report.pages {
        *languages.entry(&page.lang).or_default() += 1;
    }
    out.push_str("<form id=\"filters\" role=\"search\" hidden>\n<fieldset>\n<legend>Verdict</legend>\n");
    for verdict in VERDICTS {
        let name = name(verdict);
        let count = blocks().filter(|block| block.verdict == Some(verdict)).count();
        if count > 0 {
            let _ = writeln!(
                out,
                "<label class=\"choice\"><input type=\"checkbox\" name=\"verdict\" value=\"{name}\">\
                 <span class=\"badge {name}\">{name}</span> {count}</label>"
            );
        }
    }
    out.push_str("</fieldset>\n<label>Finding <select name=\"class\"><option value=\"\">any</option>");
    for class in CLASSES {
        if blocks().flat_map(|block| &block.findings).any(|finding| finding.class == class) {
            let _ = write!(out, "<option value=\"{}\">{} ({})</option>", key(class), word(class), key(class));
        }
    }
    out.push_str("</select></label>\n<label>Language <select name=\"lang\"><option value=\"\">any</option>");
    for (language, pages) in languages {
        let language = escaped(language);
        let _ = write!(out, "<option value=\"{language}\">{language} ({pages})</option>");
    }
    out.push_str(
        "</select></label>\n<label class=\"text\">Text <input type=\"search\" name=\"text\" \
         placeholder=\"a path, a command, an output\" autocomplete=\"off\" spellcheck=\"false\"></label>\n\
         <div class=\"state\"><output id=\"state\" aria-live=\"polite\"></output>\n\
         <button type=\"reset\">Clear</button> <button type=\"button\" id=\"open\">Open all</button>\n\
         <button type=\"button\" id=\"close\">Close all</button></div>\n</form>\n",
    );
}

fn is_wrong(page: &PageReport) -> bool {
    let wrong = matches!(page.verdict, Some(Verdict::Drift | Verdict::Fail | Verdict::Infra | Verdict::Flaky));
    wrong && !is_known(page)
}

fn one(out: &mut String, number: usize, page: &PageReport, open: bool) {
    let findings: usize = page.blocks.iter().map(|block| block.findings.len()).sum();
    let findings = match findings {
        0 => String::new(),
        1 => "1 finding".to_owned(),
        more => format!("{more} findings"),
    };
    let known = if is_known(page) { " <span class=\"tag\">known</span>" } else { "" };
    let _ = writeln!(
        out,
        "<details class=\"page\" id=\"p{number}\" data-lang=\"{}\"{}>\n<summary>{} <span class=\"path\">{}</span>{known} \
         <span class=\"more\">{findings}</span></summary>",
        escaped(&page.lang),
        if open { " open" } else { "" },
        badge(page.verdict),
        escaped(&page.path)
    );
    let mut facts = vec![];
    if let Some(path) = &page.shares_run_of {
        facts.push(format!("Compared with the run of {path}."));
    }
    facts.extend(page.stand_ins.iter().map(|(image, what)| format!("Stand-in image {image}: {what}")));
    for fact in facts {
        let _ = writeln!(out, "<p class=\"fact\">{}</p>", escaped(&fact));
    }
    let mut told = 0;
    for block in &page.blocks {
        told += usize::from(blocks::render(out, page, block));
    }
    if told == 0 {
        out.push_str("<p class=\"fact\">There is nothing to verify on this page.</p>\n");
    }
    out.push_str("</details>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup_or_a_control_character() {
        assert_eq!(
            escaped("<script>alert('\"&\u{1b}[2J\u{202e}\0')</script>"),
            "&lt;script&gt;alert(&#39;&quot;&amp;\\e[2J\\u{202e}\\u{0}&#39;)&lt;/script&gt;"
        );
    }

    #[test]
    fn the_own_style_and_script_end_where_they_should() {
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("</") && !text.contains("<!--"), "it would end its element");
            assert!(!text.contains("://") && !text.contains("@import") && !text.contains("url("), "it would load");
        }
    }
}
