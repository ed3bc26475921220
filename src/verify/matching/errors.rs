//! Documented errors, and commands that broke where none is documented.
//!
//! A message compares with white space collapsed, as a run of whole words within what came; the file
//! name after `error when creating` is free.

use super::case::{Case, Line};
use super::ledger::{Ledger, Spot, finding, quoted};
use super::registry::Matcher;
use super::table::grid;
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

/// A documented text that says that a command does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorText {
    /// It reads like a message about one; a command that succeeds may print it too.
    Likely,
    /// It begins as programs begin when they give up.
    Certain,
}

impl ErrorText {
    /// What a documented text is; `None` for one that is no error.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !token::is_elision(line));
        let head = lines.next()?;
        let is_invalid = head.starts_with("The ") && head.contains(" is invalid");
        if HEADS.iter().any(|start| head.starts_with(start)) || is_invalid || head.contains("Operation not permitted") {
            return Some(Self::Certain);
        }
        // A message stands for itself: no table, no key of a tree, no line of a log.
        let is_key = head.split_once(": ").is_some_and(|(key, _)| !key.contains(' '));
        let is_other = grid::is_header(head)
            || head.contains(":  ")
            || is_key
            || token::classes::read(head).is_some()
            || lines.clone().count() > 5;
        let message = std::iter::once(head).chain(lines.take(1)).collect::<Vec<_>>().join(" ");
        (!is_other && PARTS.iter().any(|part| message.contains(part))).then_some(Self::Likely)
    }
}

/// The heads of messages that say that something did not work.
const HEADS: &[&str] = &[
    "Error from server",
    "error from server",
    "error:",
    "Error:",
    // Compilers and docbuild itself: `error[E0308]: ...`.
    "error[",
    "OCI runtime exec failed",
    "The connection to the server",
    "Unable to connect",
    "rpc error",
    "ls: cannot access",
    "cat: can't open",
    "curl: (",
    "wget: bad address",
    "wget: can't connect",
    "wget: unable to resolve host address",
];

/// Parts of messages that say so anywhere in the first lines.
const PARTS: &[&str] = &[
    " is forbidden:",
    " is invalid:",
    " already exists",
    "\" not found",
    "can't open",
    "command terminated with exit code",
    "Permission denied",
    "No such file or directory",
    "unable to resolve host address",
];

fn is_error(case: &Case<'_>) -> bool {
    let text = case.lines.iter().map(|line| line.text).collect::<Vec<_>>().join("\n");
    match ErrorText::of(&text) {
        Some(ErrorText::Certain) => true,
        Some(ErrorText::Likely) => case.actual.exit != Some(0),
        None => false,
    }
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

#[cfg(test)]
mod tests {
    use super::ErrorText;

    #[test]
    fn errors_are_known_by_how_they_begin() {
        let check = |text: &str, expected: Option<ErrorText>| assert_eq!(ErrorText::of(text), expected, "{text}");
        check("error: no such thing\n", Some(ErrorText::Certain));
        check("error[shortcode-unclosed]: `note` is never closed\n --> a.md:1:1\n", Some(ErrorText::Certain));
        check("...\nError from server (NotFound): pods \"a\" not found\n", Some(ErrorText::Certain));
        check("persistentvolumeclaims \"two\" is forbidden:\nexceeded quota: q\n", Some(ErrorText::Likely));
        check("NAME   STATUS\na      Error\n", None);
        check("errors: 0\n", None);
        check("message: 'pods \"a\" is forbidden: no'\n", None);
        check("I0514 22:30:00.123456    1234 a.go:1] pods \"a\" not found\n", None);
    }
}
