//! Documented errors, and commands that broke where none is documented.
//!
//! A message compares with white space collapsed, as a run of whole words within what came; the file
//! name after `error when creating` is free.

use super::case::{Case, Line};
use super::ledger::{Ledger, Spot, finding, quoted};
use super::registry::Matcher;
use super::token::{self, Place};
use crate::verify::model::{FindingClass, FindingSeverity};

/// A command that broke without any output where the page documents some that is no error.
pub(super) struct Broken;

impl Matcher for Broken {
    fn name(&self) -> &'static str {
        "exit code"
    }

    fn fits(&self, case: &Case<'_>) -> bool {
        let broke = case.actual.exit.is_some_and(|code| code != 0);
        broke
            && case.actual.stdout.trim().is_empty()
            && case.head().is_some()
            && !is_error(case)
            && !case
                .lines
                .iter()
                .any(|line| case.actual.stderr.contains(line.text.trim()) && line.text.trim().len() > 8)
    }

    fn compare(&self, case: &Case<'_>, ledger: &mut Ledger<'_>) {
        let code = case.actual.exit.unwrap_or_default();
        let said = case.actual.stderr.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("");
        let spot = Spot { line: case.first_line(), path: "", rule: "exit code" };
        let message = format!(
            "the command ended with {code} and printed nothing of what is documented; it said {}",
            quoted(said)
        );
        ledger.find(finding(FindingClass::ExitCode, spot, "0", &format!("{code}: {said}"), message));
    }
}

/// A documented error message.
pub(super) struct Errors;

impl Matcher for Errors {
    fn name(&self) -> &'static str {
        "error"
    }

    fn fits(&self, case: &Case<'_>) -> bool {
        is_error(case)
    }

    fn compare(&self, case: &Case<'_>, ledger: &mut Ledger<'_>) {
        let wanted = Message::new(&case.lines);
        let both = format!("{}\n{}", case.actual.stderr, case.actual.stdout);
        if wanted.within(&case.actual.stderr, ledger)
            || wanted.within(&case.actual.stdout, ledger)
            || wanted.within(&both, ledger)
        {
            return;
        }
        if case.actual.exit == Some(0) {
            // A message that came all the same is a loop's or a pipe's, whose last command decides.
            let spot = Spot { line: case.first_line(), path: "", rule: "exit code" };
            let message = "an error is documented, the command ended with 0".to_owned();
            ledger.find(finding(FindingClass::ExitCode, spot, "an error", "0", message));
        }
        wanted.report(&both, ledger);
    }
}

/// The heads of messages that say that something did not work.
const HEADS: &[&str] = &[
    "Error from server",
    "error:",
    "Error:",
    "OCI runtime exec failed",
    "The connection to the server",
    "Unable to connect",
];

/// Parts of messages that say so anywhere in a single documented line.
const PARTS: &[&str] = &[
    " is forbidden:",
    " is invalid:",
    "already exists",
    "\" not found",
    "can't open",
    "command terminated with exit code",
];

fn is_error(case: &Case<'_>) -> bool {
    let Some(head) = case.head() else { return false };
    let text = head.text.trim();
    if HEADS.iter().any(|start| text.starts_with(start)) {
        return true;
    }
    let is_table = text.starts_with("NAME") || text.contains(":  ");
    !is_table
        && case.actual.exit != Some(0)
        && case.lines.len() <= 6
        && PARTS.iter().any(|part| text.contains(part))
        && token::scan::Scan::new(text).weekday().is_none()
}

/// A documented message as words with their source lines.
struct Message<'l> {
    words: Vec<(&'l str, usize)>,
}

impl<'l> Message<'l> {
    fn new(lines: &'l [Line<'_>]) -> Self {
        let words = lines.iter().flat_map(|line| line.text.split_whitespace().map(move |word| (word, line.source)));
        Self { words: words.collect() }
    }

    fn text(&self) -> String {
        self.words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" ")
    }

    /// Settles the message as a run of whole words of `actual`; a lost full stop is cosmetic.
    fn within(&self, actual: &str, ledger: &mut Ledger<'_>) -> bool {
        if !self.is_within(actual, ledger) {
            return false;
        }
        if let Some((word, line)) = self.words.iter().skip_while(|(word, _)| *word != "creating").nth(1) {
            ledger.note(*line, "C file name", word, "");
        }
        true
    }

    fn is_within(&self, actual: &str, ledger: &mut Ledger<'_>) -> bool {
        let actual = free_file(&actual.split_whitespace().collect::<Vec<_>>().join(" "));
        let documented = free_file(&self.text());
        let Some((_, line)) = self.words.last().copied() else { return true };
        if self.run(&documented, &actual, ledger) {
            return true;
        }
        let Some(shorter) = documented.strip_suffix('.').filter(|text| !text.ends_with('.')) else { return false };
        if !self.run(shorter, &actual, ledger) {
            return false;
        }
        let spot = Spot { line, path: "", rule: "error text" };
        let message = "the message has no full stop at its end".to_owned();
        let (documented, actual) =
            (self.words.last().map_or("", |(word, _)| word), shorter.rsplit(' ').next().unwrap_or(""));
        let mut cosmetic = finding(FindingClass::Value, spot, documented, actual, message);
        cosmetic.severity = FindingSeverity::Cosmetic;
        ledger.find(cosmetic);
        true
    }

    fn run(&self, documented: &str, actual: &str, ledger: &mut Ledger<'_>) -> bool {
        let line = self.words.first().map_or(0, |(_, line)| *line);
        let Some(first) = documented.split(' ').next() else { return true };
        let starts = std::iter::once(0).chain(actual.match_indices(' ').map(|(at, _)| at + 1));
        let count = documented.split(' ').count();
        let elided = documented.contains("...") || documented.contains('…') || documented.contains('<');
        for start in starts {
            let rest = &actual[start..];
            let head = rest.split(' ').next().unwrap_or("");
            if !elided
                && !ledger.scope.holds(Place::TEXT, first, head)
                && !count.eq(&1)
                && !first.contains(char::is_numeric)
            {
                continue;
            }
            let end = rest.match_indices(' ').nth(count.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
            let candidate = if elided { rest } else { &rest[..end] };
            if ledger.settle(line, Place::TEXT, documented, candidate) {
                return true;
            }
            if elided && start == 0 && ledger.settle(line, Place::TEXT, &format!("{documented} ..."), rest) {
                return true;
            }
        }
        false
    }

    /// Reports the first word where the message leaves what came.
    fn report(&self, actual: &str, ledger: &mut Ledger<'_>) {
        let ours: Vec<String> = free_file(&self.text()).split(' ').map(str::to_owned).collect();
        let free = free_file(&actual.split_whitespace().collect::<Vec<_>>().join(" "));
        let theirs: Vec<&str> = free.split(' ').collect();
        let common = |start: usize| {
            ours.iter()
                .zip(&theirs[start..])
                .take_while(|(one, other)| ledger.scope.holds(Place::TEXT, one, other))
                .count()
        };
        const MOST: usize = 2_000;
        let (held, start) = (0..theirs.len().min(MOST))
            .map(|start| (common(start), start))
            .max_by_key(|(held, start)| (*held, usize::MAX - start))
            .unwrap_or((0, 0));
        let at = held.min(self.words.len().saturating_sub(1));
        let (_, line) = self.words.get(at).copied().unwrap_or(("", 0));
        let spot = Spot { line, path: "", rule: "error text" };
        if free.is_empty() {
            return ledger.missing(spot, &self.text());
        }
        let documented = ours[held.min(ours.len() - 1)..].join(" ");
        let came = theirs.get(start + held..).unwrap_or(&[]).join(" ");
        ledger.value(spot, &documented, &came);
    }
}

/// The path in `error when creating "..."` is where the page's file happened to be.
fn free_file(text: &str) -> String {
    let Some(at) = text.find("error when creating \"") else { return text.to_owned() };
    let from = at + "error when creating \"".len();
    match text[from..].find('"') {
        Some(end) => format!("{}FILE{}", &text[..from], &text[from + end..]),
        None => text.to_owned(),
    }
}
