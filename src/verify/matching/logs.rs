//! Logs: whole, or one or more whole iterations of a loop; of several Pods in any order.

use std::collections::BTreeSet;

use super::case::Case;
use super::ledger::{Ledger, Spot};
use super::registry::Matcher;
use super::text::{self, Rest, significant_lines};
use super::token::{self, Place};

/// `kubectl logs`, and endless loops.
pub(super) struct Logs;

impl Matcher for Logs {
    fn name(&self) -> &'static str {
        "logs"
    }

    fn fits(&self, case: &Case<'_>) -> bool {
        case.command.has("logs") || (case.command.has("while") && case.command.has("do"))
    }

    fn compare(&self, case: &Case<'_>, ledger: &mut Ledger<'_>) {
        let several = case.command.has_any(&["-l", "--selector", "--all-containers", "--all-pods"])
            || case.command_text.contains("-l=")
            || case.command_text.contains("--selector=");
        text::best_stream(case, ledger, |actual, ledger| {
            let mut whole = ledger.clone();
            text::lines(&case.lines, actual, &mut whole, Rest::Documented);
            if whole.holds() || !(several && any_order(case, actual, ledger) || iteration(case, actual, ledger)) {
                *ledger = whole;
            }
        });
    }
}

/// Lines of several sources interleave as they please: each documented line has one of its own, and
/// nothing else came.
fn any_order(case: &Case<'_>, actual: &str, ledger: &mut Ledger<'_>) -> bool {
    const MOST: usize = 2_000;
    let actual = significant_lines(actual);
    let elided = case.lines.iter().any(|line| token::is_elision(line.text));
    let documented: Vec<_> =
        case.lines.iter().filter(|line| !token::is_elision(line.text) && !line.text.is_empty()).collect();
    let mut free: Vec<&str> = actual.iter().copied().filter(|line| !line.is_empty()).collect();
    if documented.len() > MOST || free.len() > MOST || (!elided && documented.len() != free.len()) {
        return false;
    }
    let mut attempt = ledger.clone();
    for line in documented {
        let Some(at) = free.iter().position(|other| attempt.scope.holds(Place::TEXT, line.text, other)) else {
            return false;
        };
        attempt.settle(line.source, Place::TEXT, line.text, free[at]);
        attempt.note(line.source, "C any order", line.text, free[at]);
        free.swap_remove(at);
    }
    *ledger = attempt;
    true
}

/// The documented lines stand somewhere in the log, and all the rest repeats their forms.
fn iteration(case: &Case<'_>, actual: &str, ledger: &mut Ledger<'_>) -> bool {
    let actual = significant_lines(actual);
    let documented: Vec<_> = case.lines.iter().filter(|line| !token::is_elision(line.text)).collect();
    let elided = documented.len() < case.lines.len();
    if elided || documented.is_empty() || actual.len() < documented.len() {
        return false;
    }
    let forms: BTreeSet<String> = documented.iter().map(|line| form(line.text)).collect();
    let fits = |start: usize| {
        documented.iter().zip(&actual[start..]).all(|(line, other)| ledger.scope.holds(Place::TEXT, line.text, other))
    };
    let Some(start) = (0..=actual.len() - documented.len()).find(|start| fits(*start)) else { return false };
    let shown = start..start + documented.len();
    let repeats = actual
        .iter()
        .enumerate()
        .all(|(at, line)| shown.contains(&at) || line.is_empty() || forms.contains(&form(line)));
    if !repeats {
        return false;
    }
    for (line, other) in documented.iter().zip(&actual[start..]) {
        if !ledger.settle(line.source, Place::TEXT, line.text, other) {
            ledger.value(Spot { line: line.source, path: "", rule: "text line" }, line.text, other);
        }
    }
    ledger.note(documented[0].source, "C loop", documented[0].text, actual[start]);
    true
}

/// A line with its numbers and dates left out: lines of one loop have one form.
fn form(line: &str) -> String {
    let mut form = String::with_capacity(line.len());
    for word in line.split_whitespace() {
        let in_date =
            token::scan::Scan::new(word).weekday().is_some() || token::scan::Scan::new(word).month().is_some();
        let mut last = '\0';
        for c in word.chars() {
            let c = if c.is_ascii_digit() { '#' } else { c };
            if in_date || (c == '#' && last == '#') {
                continue;
            }
            form.push(c);
            last = c;
        }
        form.push(' ');
    }
    form
}

#[cfg(test)]
mod tests {
    use super::form;

    #[test]
    fn lines_of_a_loop_have_one_form() {
        assert_eq!(form("12: Sun Nov 22 13:42:00 UTC 2026"), form("7: Mon Dec  1 09:02:01 UTC 2025"));
        assert_ne!(form("a: 1"), form("b: 1"));
    }
}
