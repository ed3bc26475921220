//! Plain text: documented lines are segments between elisions, contiguous and in order.

use super::align::{self, Likeness, Sequences, Step};
use super::case::{Case, Line, is_prompt};
use super::ledger::{Ledger, Spot, finding, quoted};
use super::registry::Matcher;
use super::token::{self, Place, words};
use crate::verify::model::FindingClass;

/// Fits everything.
pub(super) struct Text;

impl Matcher for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn fits(&self, _: &Case<'_>) -> bool {
        true
    }

    fn compare(&self, case: &Case<'_>, ledger: &mut Ledger<'_>) {
        best_stream(case, ledger, |actual, ledger| lines(&case.lines, actual, ledger, Rest::Documented));
    }
}

/// What may stand in the actual text beyond the documented lines.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing but what an elision stands for.
    Documented,
    /// Anything before, between and after: the documented lines are an ordered subsequence.
    Free,
    /// Anything but after the last line.
    FreeButLast,
}

/// Compares with standard output; where that does not hold, with standard error and with both.
pub(super) fn best_stream<'a>(case: &Case<'_>, ledger: &mut Ledger<'a>, compare: impl Fn(&str, &mut Ledger<'a>)) {
    let (stdout, stderr) = (&case.actual.stdout, &case.actual.stderr);
    let mut best: Option<Ledger<'a>> = None;
    let both = || joined(stdout, stderr);
    let candidates: [&dyn Fn() -> String; 4] =
        [&|| stdout.clone(), &|| stderr.clone(), &both, &|| joined(stderr, stdout)];
    for (index, text) in candidates.iter().enumerate() {
        if index > 0 && stderr.trim().is_empty() {
            break;
        }
        let mut attempt = ledger.clone();
        compare(&text(), &mut attempt);
        let better = best.as_ref().is_none_or(|best| attempt.cost() < best.cost());
        if better {
            let holds = attempt.holds();
            best = Some(attempt);
            if holds {
                break;
            }
        }
    }
    if let Some(best) = best {
        *ledger = best;
    }
}

fn joined(first: &str, second: &str) -> String {
    let separator = if first.is_empty() || first.ends_with('\n') { "" } else { "\n" };
    format!("{first}{separator}{second}")
}

/// The lines of an actual text that count: blank ones at both ends do not.
pub(super) fn significant_lines(text: &str) -> Vec<&str> {
    let text = text.trim_end();
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let leading = lines.iter().take_while(|line| line.is_empty()).count();
    lines.drain(..leading);
    if lines.len() > 1 && lines.last().is_some_and(|line| is_prompt(line)) {
        lines.pop();
    }
    lines
}

/// Documented lines and where elisions stand among them.
pub(super) struct Segments<'l, 'a> {
    pub(super) lines: Vec<&'l Line<'a>>,
    /// Whether an elision stands before the line of this index, or (at their number) at the end.
    pub(super) elided: Vec<bool>,
}

impl<'l, 'a> Segments<'l, 'a> {
    pub(super) fn new(lines: &'l [Line<'a>], rest: Rest) -> Self {
        let mut found = Self { lines: vec![], elided: vec![] };
        let mut elided = false;
        for line in lines {
            if token::is_elision(line.text) {
                elided = true;
            } else {
                found.lines.push(line);
                found.elided.push(elided || rest != Rest::Documented);
                elided = false;
            }
        }
        found.elided.push(elided || rest == Rest::Free);
        found
    }
}

/// Compares documented lines with the lines of a text.
pub(super) fn lines(documented: &[Line<'_>], actual: &str, ledger: &mut Ledger<'_>, rest: Rest) {
    let actual = significant_lines(actual);
    let segments = Segments::new(documented, rest);
    let steps = in_turn(&segments, &actual, ledger).or_else(|| place(&segments, &actual, ledger));
    let Some(steps) = steps else {
        return ledger.too_large(documented.first().map_or(0, |line| line.source), "output");
    };
    report(&segments, &actual, &steps, ledger);
}

/// Each part between elisions at the first place where all of its lines hold, the last one at the end:
/// what holds as a whole needs no search for the best of many ways. `None` if one is nowhere.
fn in_turn(segments: &Segments<'_, '_>, actual: &[&str], ledger: &Ledger<'_>) -> Option<Vec<Step>> {
    let n = segments.lines.len();
    let mut ledger = ledger.clone();
    let mut steps = Vec::with_capacity(n);
    let (mut i, mut j) = (0, 0);
    while i < n {
        let end = (i + 1..n).find(|next| segments.elided[*next]).unwrap_or(n);
        let is_last = end == n && !segments.elided[n];
        let latest = actual.len().checked_sub(end - i)?;
        let earliest = if is_last { latest.max(j) } else { j };
        let latest = if segments.elided[i] { latest } else { j.min(latest) };
        let holds = |start: usize, ledger: &mut Ledger<'_>| {
            let pairs = || segments.lines[i..end].iter().zip(&actual[start..]);
            pairs().all(|(line, other)| ledger.scope.holds(Place::TEXT, line.text, other))
                && pairs().all(|(line, other)| ledger.settle(line.source, Place::TEXT, line.text, other))
        };
        let start = (earliest..=latest).find(|start| holds(*start, &mut ledger))?;
        steps.extend((j..start).map(Step::Elided));
        steps.extend((i..end).map(|at| Step::Pair(at, start + at - i)));
        (i, j) = (end, start + end - i);
    }
    let rest = j..actual.len();
    if !rest.is_empty() && !segments.elided[n] {
        return None;
    }
    steps.extend(rest.map(Step::Elided));
    Some(steps)
}

/// Common heads and tails are cheap; what is between is aligned.
fn place(segments: &Segments<'_, '_>, actual: &[&str], ledger: &Ledger<'_>) -> Option<Vec<Step>> {
    let (n, m) = (segments.lines.len(), actual.len());
    let same = |i: usize, j: usize| ledger.scope.holds(Place::TEXT, segments.lines[i].text, actual[j]);
    let mut head = 0;
    while head < n.min(m) && !segments.elided[head] && same(head, head) {
        head += 1;
    }
    let mut tail = 0;
    while tail < (n - head).min(m - head) && !segments.elided[n - tail] && same(n - tail - 1, m - tail - 1) {
        tail += 1;
    }
    let elided = |i: usize| segments.elided[head + i];
    // Of an output that is too long to align as a whole, as much as can be; the rest comes behind it.
    let (count, length) = (n - head - tail, m - head - tail);
    let length = length.min((align::MAX_PAIRS / count.max(1)).max(count.min(1_000)));
    let sequences = Sequences { documented: count, actual: length, elided: &elided };
    let middle = align::align(&sequences, &|i, j| likeness(segments.lines[head + i].text, actual[head + j], ledger))?;
    let beyond =
        (head + length..m - tail).map(|j| if segments.elided[n - tail] { Step::Elided(j) } else { Step::Extra(j) });
    let mut steps: Vec<Step> = (0..head).map(|i| Step::Pair(i, i)).collect();
    steps.extend(middle.into_iter().map(|step| match step {
        Step::Pair(i, j) => Step::Pair(head + i, head + j),
        Step::Missing(i) => Step::Missing(head + i),
        Step::Extra(j) => Step::Extra(head + j),
        Step::Elided(j) => Step::Elided(head + j),
    }));
    steps.extend(beyond);
    steps.extend((0..tail).rev().map(|back| Step::Pair(n - back - 1, m - back - 1)));
    Some(steps)
}

/// Lines that begin with the same word, or have one in the same place, mean the same thing.
fn likeness(documented: &str, actual: &str, ledger: &Ledger<'_>) -> Likeness {
    if ledger.scope.holds(Place::TEXT, documented, actual) {
        return Likeness::Same;
    }
    if documented.is_empty() != actual.is_empty() {
        return Likeness::Never;
    }
    let (mut ours, mut theirs) = (words::words(documented), words::words(actual));
    let shares = |one: Option<(usize, &str)>, other: Option<(usize, &str)>| {
        one.zip(other).is_some_and(|(one, other)| one.1 == other.1)
    };
    if shares(ours.next(), theirs.next()) || shares(ours.next_back(), theirs.next_back()) {
        Likeness::Close
    } else {
        Likeness::Other
    }
}

fn report(segments: &Segments<'_, '_>, actual: &[&str], steps: &[Step], ledger: &mut Ledger<'_>) {
    let spot = |line: usize| Spot { line, path: "", rule: "text line" };
    let mut last = segments.lines.first().map_or(ledger.begins, |line| line.source);
    let mut extra: Vec<&str> = vec![];
    for step in steps {
        if !matches!(step, Step::Extra(_)) {
            extra_lines(&mut extra, spot(last), ledger);
        }
        match *step {
            Step::Pair(i, j) => {
                let line = segments.lines[i];
                last = line.source;
                if !ledger.settle(line.source, Place::TEXT, line.text, actual[j]) {
                    ledger.differing_words(spot(line.source), Place::TEXT, line.text, actual[j]);
                }
            }
            Step::Missing(i) => {
                let line = segments.lines[i];
                last = line.source;
                if !line.text.is_empty() {
                    ledger.missing(spot(line.source), line.text);
                }
            }
            Step::Extra(j) if !actual[j].is_empty() => extra.push(actual[j]),
            Step::Extra(_) | Step::Elided(_) => {}
        }
    }
    extra_lines(&mut extra, spot(last), ledger);
}

/// A finding for each of a few lines that came together, one for many.
fn extra_lines(lines: &mut Vec<&str>, spot: Spot<'_>, ledger: &mut Ledger<'_>) {
    const MOST: usize = 5;
    let (first, rest) = lines.split_at(lines.len().min(if lines.len() > MOST { 1 } else { MOST }));
    for line in first {
        ledger.extra(spot, line);
    }
    if let Some(last) = rest.last() {
        let message = format!("and {} more lines, down to {}", rest.len(), quoted(last));
        ledger.find(finding(FindingClass::Extra, spot, "", &rest[..MOST.min(rest.len())].join("\n"), message));
    }
    lines.clear();
}
