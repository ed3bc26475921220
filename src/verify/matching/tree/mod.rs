//! YAML and JSON: documented keys must match, what is not documented is free where the page elides.
//!
//! 1. [`parse`], [`flow`]: the documented text, leniently, with a source line for each node.
//! 2. [`real`]: what came, strictly, else leniently.
//! 3. [`root`]: which part of it the page shows.
//! 4. [`compare`], [`list`], [`scalar`]: node by node; [`displaced`]: what stands elsewhere.
//! 5. What is no YAML is compared line by line instead.

mod compare;
mod displaced;
mod flow;
mod list;
mod node;
mod parse;
mod real;
mod root;
mod scalar;

use super::case::{Case, Line};
use super::ledger::Ledger;
use super::registry::Matcher;
use super::text::{self, Rest};
use parse::Parsed;
pub(super) use scalar::{is_machine_resource, other_runtime};

/// Fits `-o yaml`, `-o json`, and whatever looks like it on both sides.
pub(super) struct Tree;

impl Matcher for Tree {
    fn name(&self) -> &'static str {
        "tree"
    }

    fn fits(&self, case: &Case<'_>) -> bool {
        let Some(head) = case.head() else { return false };
        let text = head.text.trim();
        let piped = case.command.has("|") && !case.command.has_any(&["jq", "yq"]);
        let asked = case.command.output_format().is_some_and(|format| matches!(format, "yaml" | "json"))
            || case.command.has("kustomize")
            || (case.command.has("config") && case.command.has("view"));
        if looks_like_json(text) && looks_like_json(case.actual.stdout.trim_start()) {
            return true;
        }
        let is_yaml = parse::split_key(text.trim_start_matches("- ")).is_some();
        (asked && !piped && (is_yaml || looks_like_json(text))) || text.starts_with("apiVersion:")
    }

    fn compare(&self, case: &Case<'_>, ledger: &mut Ledger<'_>) {
        let parsed = documented(&case.lines);
        let real = real::documents(&case.actual.stdout);
        let (Some(real), false) = (real, parsed.broken || parsed.documents.is_empty()) else {
            return by_lines(case, ledger);
        };
        let mut attempt = ledger.clone();
        root::documents(&parsed.documents, &real, &mut attempt);
        if !attempt.holds() && is_excerpt_of_json(case) {
            // Without its braces a level may have been lost; its lines tell then.
            let mut lines = ledger.clone();
            by_lines(case, &mut lines);
            if lines.holds() {
                attempt = lines;
            }
        }
        *ledger = attempt;
    }
}

fn documented(lines: &[Line<'_>]) -> Parsed {
    let head = lines.iter().find(|line| !line.text.trim().is_empty() && !super::token::is_elision(line.text));
    if !head.is_some_and(|line| looks_like_json(line.text.trim())) {
        return parse::yaml(lines);
    }
    let text = lines.iter().map(|line| line.text).collect::<Vec<_>>().join("\n");
    let sources: Vec<usize> = lines.iter().map(|line| line.source).collect();
    flow::json(&text, &sources)
}

fn looks_like_json(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'{') => !text.starts_with("{{"),
        Some(b'[') => true,
        Some(b'"') => text[1..].find('"').is_some_and(|end| {
            text[end + 2..].trim_start().starts_with(':') && text.ends_with([',', '{', '[', '"', '.', ':', '}', ']'])
                || text[end + 2..].starts_with("\":")
        }),
        _ => false,
    }
}

fn is_excerpt_of_json(case: &Case<'_>) -> bool {
    case.head().is_some_and(|line| line.text.trim().starts_with('"'))
}

/// An ordered subsequence of lines, whatever their indentation.
fn by_lines(case: &Case<'_>, ledger: &mut Ledger<'_>) {
    let bare = |text: &'_ str| -> String { text.trim().trim_end_matches(',').to_owned() };
    let documented: Vec<(String, usize)> = case.lines.iter().map(|line| (bare(line.text), line.source)).collect();
    let lines: Vec<Line<'_>> = documented
        .iter()
        .filter(|(text, _)| !text.is_empty())
        .map(|(text, source)| Line { text, source: *source })
        .collect();
    let actual: Vec<String> = case.actual.stdout.lines().map(bare).collect();
    text::lines(&lines, &actual.join("\n"), ledger, Rest::Free);
}
