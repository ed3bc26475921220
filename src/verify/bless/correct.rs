//! One output, corrected finding by finding.
//!
//! The comparison is the judge: a correction is kept if, with it, the comparison finds less than before,
//! and of its tokens only those are kept that are needed for that. What the rules let hold (ages, names,
//! elisions) is therefore never touched.

use super::names::Names;
use super::sheet::Sheet;
use super::{cells, keys, lines, place, tokens};
use crate::verify::matching::{self, Documented, Outcome};
use crate::verify::model::{Cause, Finding, FindingClass};
use crate::verify::verdict::{Compared, blames_page};

/// The most corrections of one output.
const MOST_STEPS: usize = 200;
/// The most lines that are added to an output that has fewer.
const FEW_LINES: usize = 5;
/// Texts of this many tokens are no single value.
const FEW_TOKENS: usize = 6;

/// Why an output stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Left {
    /// The index of the documented line.
    pub(super) at: usize,
    pub(super) why: String,
}

/// An output and what came in its place.
pub(super) struct Case<'a> {
    pub(super) compared: &'a Compared,
    /// The findings of its block as they are reported: later stages may know another cause.
    pub(super) reported: &'a [Finding],
    pub(super) names: Names,
}

/// Corrects a documented text until the comparison holds.
pub(super) fn correct(compared: &Compared, text: &str, reported: &[Finding]) -> Result<Sheet, Left> {
    let old = Sheet::new(text);
    let mut bindings = compared.before.clone();
    let mut outcome = compare(compared, &old, &mut bindings);
    let case = Case { compared, reported, names: Names::new(&bindings, text) };
    let mut sheet = old.clone();
    for _ in 0..MOST_STEPS {
        let open = case.open(&outcome);
        if open.is_empty() {
            return worth(&old, sheet);
        }
        let attempt = Attempt { case: &case, sheet: &sheet, cost: cost(&open), matcher: outcome.matcher };
        let Some(better) = open.iter().find_map(|finding| attempt.correct(finding)) else {
            return Err(left(&open, &sheet));
        };
        sheet = better;
        outcome = case.outcome(&sheet);
    }
    Err(Left { at: 0, why: format!("it has more than {MOST_STEPS} differences") })
}

fn compare(compared: &Compared, sheet: &Sheet, bindings: &mut matching::Bindings) -> Outcome {
    let text = sheet.text();
    let lines: Vec<usize> = (1..=sheet.rows.len()).collect();
    let documented = Documented { text: &text, lines: &lines, command: &compared.command_text, command_line: 1 };
    matching::compare(&documented, &compared.actual, bindings, &compared.facts)
}

impl Case<'_> {
    pub(super) fn outcome(&self, sheet: &Sheet) -> Outcome {
        compare(self.compared, sheet, &mut self.compared.before.clone())
    }

    /// The findings that keep the output from passing, but for those that somebody has said to leave.
    fn open(&self, outcome: &Outcome) -> Vec<Finding> {
        let reported = |found: &Finding| {
            let same = |other: &&Finding| {
                (other.class, &other.documented, &other.actual) == (found.class, &found.documented, &found.actual)
            };
            let reported = self.reported.iter().find(same);
            let cause = reported.map_or(found.cause, |reported| reported.cause);
            Finding { cause, known: reported.and_then(|reported| reported.known.clone()), ..found.clone() }
        };
        let findings = outcome.each.iter().map(reported);
        findings.filter(|found| blames_page(found) && found.known.is_none()).collect()
    }
}

/// How much there is to correct: a finding may be of several rows.
fn cost(open: &[Finding]) -> usize {
    let rows = |found: &Finding| match (found.class, found.rule.as_str()) {
        (FindingClass::Extra, "table row") => found.actual.split(", ").count(),
        _ => 1,
    };
    open.iter().map(rows).sum()
}

/// One step: the sheet as it is, and how much there is to correct in it.
pub(super) struct Attempt<'c> {
    pub(super) case: &'c Case<'c>,
    pub(super) sheet: &'c Sheet,
    pub(super) matcher: &'static str,
    cost: usize,
}

impl Attempt<'_> {
    fn correct(&self, finding: &Finding) -> Option<Sheet> {
        if why_not(finding).is_some() || finding.line == 0 || finding.line > self.sheet.rows.len() {
            return None;
        }
        let rule = finding.rule.as_str();
        let in_columns = rule.starts_with("table") || rule.starts_with("columns") || rule.starts_with("describe event");
        match finding.class {
            FindingClass::Value if rule == "tree value" => {
                keys::value(self, finding).or_else(|| lines::value(self, finding))
            }
            FindingClass::Value if in_columns => cells::value(self, finding),
            FindingClass::Value => lines::value(self, finding),
            FindingClass::Missing if matches!(rule, "tree key" | "tree item" | "describe key") => {
                keys::missing(self, finding)
            }
            FindingClass::Missing => lines::missing(self, finding),
            FindingClass::Extra if rule == "tree item" => keys::extra(self, finding),
            FindingClass::Extra if rule == "table row" => cells::extra(self, finding),
            FindingClass::Extra if rule == "text line" => lines::extra(self, finding),
            FindingClass::Schema if rule == "tree place" => place::moved(self, finding),
            FindingClass::Schema if in_columns => cells::column_gone(self, finding),
            FindingClass::Order if rule == "table order" => cells::reordered(self, finding),
            _ => None,
        }
    }

    /// What is left to correct in a sheet, if that is less.
    fn less(&self, sheet: &Sheet) -> Option<usize> {
        let left = cost(&self.case.open(&self.case.outcome(sheet)));
        (left < self.cost).then_some(left)
    }

    pub(super) fn leaves_less(&self, sheet: &Sheet) -> bool {
        self.less(sheet).is_some()
    }

    /// The first of these that leaves less to correct.
    pub(super) fn first(&self, sheets: impl IntoIterator<Item = Sheet>) -> Option<Sheet> {
        sheets.into_iter().find(|sheet| sheet != self.sheet && self.less(sheet).is_some())
    }

    /// Makes `new` of `old` in as few tokens as do. `build` puts a text in the place of `old`.
    pub(super) fn tokens(&self, old: &str, new: &str, build: &dyn Fn(&str) -> Option<Sheet>) -> Option<Sheet> {
        let mut hunks = tokens::hunks(old, new);
        let mut best = build(&tokens::apply(old, &hunks))?;
        let mut left = self.less(&best)?;
        let mut at = 0;
        while at < hunks.len() && hunks.len() > 1 {
            let mut fewer = hunks.clone();
            fewer.remove(at);
            let sheet = build(&tokens::apply(old, &fewer));
            match sheet.and_then(|sheet| Some((self.less(&sheet).filter(|less| *less <= left)?, sheet))) {
                Some((less, sheet)) => (hunks, best, left) = (fewer, sheet, less),
                None => at += 1,
            }
        }
        Some(best)
    }

    /// What came, in the author's names, and as it is.
    pub(super) fn wordings(&self, actual: &str) -> Vec<String> {
        let authors = self.case.names.authors(actual);
        if authors == actual { vec![authors] } else { vec![authors, actual.to_owned()] }
    }
}

/// Why a finding is none to be corrected.
fn why_not(finding: &Finding) -> Option<String> {
    match (finding.class, finding.cause, finding.of) {
        (FindingClass::ExitCode | FindingClass::Timeout, ..) => Some("how a command ends is never blessed".to_owned()),
        (_, Cause::FollowUp, Some(line)) => Some(format!("it follows from line {line}")),
        (_, Cause::FollowUp, None) => Some("it follows from another".to_owned()),
        (FindingClass::Missing, ..) if !finding.actual.is_empty() => {
            Some(format!("nothing of it came: {}", finding.actual))
        }
        _ => None,
    }
}

fn left(open: &[Finding], sheet: &Sheet) -> Left {
    let finding = open.iter().find(|found| why_not(found).is_some()).or_else(|| open.first());
    let row = finding.and_then(|found| sheet.rows.get(found.line.checked_sub(1)?));
    let why = match finding {
        Some(found) => why_not(found).unwrap_or_else(|| format!("no safe correction: {}", found.message)),
        None => String::new(),
    };
    Left { at: row.and_then(|row| row.origin).unwrap_or(0), why }
}

/// Whether the new text is still the old one, corrected: an output that has nothing in common with what
/// came is no drifted output, but one of another command; and one that shows a part without saying so
/// would grow by all the rest.
fn worth(old: &Sheet, new: Sheet) -> Result<Sheet, Left> {
    let added = new.rows.iter().filter(|row| row.origin.is_none() && !row.text.trim().is_empty()).count();
    let documented = old.rows.iter().filter(|row| !row.text.trim().is_empty()).count();
    if added > documented.max(FEW_LINES) {
        let why = format!("{added} lines came that are not documented; leave them out with `...`, or show them");
        return Err(Left { at: 0, why });
    }
    let (kept, all) = kept_tokens(old, &new);
    if all > FEW_TOKENS && kept * 4 < all {
        return Err(Left { at: 0, why: "what came has next to nothing in common with it".to_owned() });
    }
    Ok(new)
}

/// How many tokens of the old text are in the new one too, and how many there are.
fn kept_tokens(old: &Sheet, new: &Sheet) -> (usize, usize) {
    let all = tokens::count(&old.text());
    let mut gone = 0;
    for (at, row) in old.rows.iter().enumerate() {
        match new.rows.iter().find(|new| new.origin == Some(at)) {
            Some(new) => {
                let hunks = tokens::hunks(&row.text, &new.text);
                gone += hunks.iter().map(|hunk| tokens::count(&row.text[hunk.at.clone()])).sum::<usize>();
            }
            None => gone += tokens::count(&row.text),
        }
    }
    (all.saturating_sub(gone), all)
}
