//! The report as SARIF 2.1.0, for code scanning: a result a finding, a rule a class.
//!
//! What a baseline knows is a result with a suppression; what came in is never markup.

use serde_json::{Value, json};

use super::{CLASSES, cause, key, meaning, visible, word};
use crate::verify::model::{BlockReport, Cause, Finding, FindingClass, FindingSeverity, PageReport, Report, Verdict};

/// Where the format is described.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Rules that are no class of findings: the cluster failed, and answers that change.
const OTHER_RULES: [(&str, &str, &str); 2] = [
    ("infra", "the cluster failed", "The cluster or the machine failed, not the page."),
    ("flaky", "changes from attempt to attempt", "The same command gave different answers."),
];

/// The report as a file's text.
#[must_use]
pub fn render(report: &Report) -> String {
    let results: Vec<Value> =
        report.pages.iter().flat_map(|page| page.blocks.iter().flat_map(move |block| results(page, block))).collect();
    let mut properties = json!({ "source": report.source });
    if let Some(cluster) = &report.cluster {
        properties["kubernetes"] = visible(&cluster.server_version).into();
        properties["provider"] = visible(&cluster.provider).into();
    }
    let notes: Vec<Value> = report.notes.iter().map(|note| json!({ "message": message(note) })).collect();
    let mut invocation = json!({ "executionSuccessful": true });
    for (field, time) in [("startTimeUtc", &report.started), ("endTimeUtc", &report.finished)] {
        // The schema wants a date; a report that was cut or edited may have none.
        if time.parse::<jiff::Timestamp>().is_ok() {
            invocation[field] = time.as_str().into();
        }
    }
    if !notes.is_empty() {
        invocation["toolExecutionNotifications"] = notes.into();
    }
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver(report) },
            "invocations": [invocation],
            "originalUriBaseIds": { "ROOT": { "description": message("The site's root folder.") } },
            "columnKind": "unicodeCodePoints",
            "results": results,
            "properties": properties,
        }],
    });
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

fn driver(report: &Report) -> Value {
    let rule = |id: &str, name: &str, text: &str, level: &str| {
        json!({
            "id": id,
            "name": name,
            "shortDescription": message(name),
            "fullDescription": message(text),
            "defaultConfiguration": { "level": level },
        })
    };
    let classes = CLASSES.iter().map(|class| {
        let level = if *class == FindingClass::Additive { "note" } else { "error" };
        rule(key(*class), word(*class), meaning(*class), level)
    });
    let others = OTHER_RULES.iter().map(|(id, name, text)| rule(id, name, text, "warning"));
    json!({
        "name": "docbuild",
        "fullName": "docbuild verify",
        "version": visible(&report.docbuild),
        "rules": classes.chain(others).collect::<Vec<_>>(),
    })
}

fn results(page: &PageReport, block: &BlockReport) -> Vec<Value> {
    let file = block.file.as_deref().unwrap_or(&page.path);
    let mut results: Vec<Value> = block.findings.iter().map(|finding| result(page, file, finding)).collect();
    let other = match block.verdict {
        Some(Verdict::Infra) => Some("infra"),
        Some(Verdict::Flaky) => Some("flaky"),
        _ => None,
    };
    if let Some(id) = other {
        results.push(json!({
            "ruleId": id,
            "level": "warning",
            "message": message(block.reason.as_deref().unwrap_or("it has no verdict of its own")),
            "locations": [location(file, block.line, None)],
        }));
    }
    results
}

fn result(page: &PageReport, file: &str, finding: &Finding) -> Value {
    let level = match (finding.class, finding.cause, finding.severity) {
        (FindingClass::Additive, ..) | (_, _, FindingSeverity::Cosmetic) => "note",
        (_, Cause::Docs, _) => "error",
        _ => "warning",
    };
    let text = match cause(finding) {
        Some(cause) => format!("{} [{cause}]", finding.message),
        None => finding.message.clone(),
    };
    let mut properties = json!({
        "documented": visible(&finding.documented),
        "actual": visible(&finding.actual),
        "rule": finding.rule,
        "language": page.lang,
    });
    if !finding.path.is_empty() {
        properties["where"] = visible(&finding.path).into();
    }
    let mut result = json!({
        "ruleId": key(finding.class),
        "level": level,
        "message": message(&text),
        "locations": [location(file, finding.line, finding.source.as_deref())],
        "partialFingerprints": { "documented/v1": fingerprint(file, finding) },
        "properties": properties,
    });
    if !finding.lines.is_empty() {
        let others: Vec<Value> = finding.lines.iter().map(|line| location(file, *line, None)).collect();
        result["relatedLocations"] = others.into();
    }
    if let Some(reason) = &finding.known {
        result["suppressions"] = json!([{ "kind": "external", "justification": visible(reason) }]);
    }
    result
}

/// What keeps a finding the same one when lines move: everything but its line and what came.
fn fingerprint(file: &str, finding: &Finding) -> String {
    let parts = [file, key(finding.class), &finding.path, &finding.documented];
    blake3::hash(parts.join("\0").as_bytes()).to_hex()[..32].to_owned()
}

fn message(text: &str) -> Value {
    json!({ "text": visible(text) })
}

fn location(file: &str, line: usize, source: Option<&str>) -> Value {
    let mut region = json!({ "startLine": line.max(1) });
    if let Some(source) = source {
        region["snippet"] = message(source);
    }
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(file), "uriBaseId": "ROOT" },
            "region": region,
        },
    })
}

/// A path as a relative URI reference.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_are_uris() {
        assert_eq!(super::uri("content/en/a b.md"), "content/en/a%20b.md");
        assert_eq!(super::uri("content/ja/日.md"), "content/ja/%E6%97%A5.md");
        assert_eq!(super::uri("a:b?c#d"), "a%3Ab%3Fc%23d");
    }
}
