//! What a comparison has come to so far: findings, decisions, what was bound.
//!
//! Matchers try several ways (roots of a document, streams) on clones and keep the best.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::case::Case;
use super::token::{BindingKind, Place, Scope, Use, words};
use super::{Binding, Bindings, Decision, Outcome, VolatileFacts};
use crate::verify::model::{Cause, Finding, FindingClass, FindingSeverity};

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Ledger<'a> {
    pub(super) scope: Scope<'a>,
    findings: Vec<Finding>,
    decisions: Vec<Decision>,
    bound: BTreeMap<String, Binding>,
    /// The documented block's first line.
    pub(super) begins: usize,
    /// How much of what is documented stands below things that did not come.
    pub(super) unseen: usize,
    /// How many more nodes may be tried; shared by all copies.
    budget: Rc<Cell<usize>>,
}

/// Nodes that may be tried to find where and how things fit, before the first guess is taken.
const BUDGET: usize = 2_000_000;

/// A place in the page and in the value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'a> {
    /// 1-based source line.
    pub(super) line: usize,
    /// [`Finding::path`].
    pub(super) path: &'a str,
    /// [`Finding::rule`].
    pub(super) rule: &'static str,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(case: &Case<'a>, page: &'a Bindings, facts: &'a VolatileFacts) -> Self {
        let scope =
            Scope { facts, page, command: case.command_text, forward: BTreeMap::new(), backward: BTreeMap::new() };
        Self {
            scope,
            findings: vec![],
            decisions: vec![],
            bound: BTreeMap::new(),
            begins: case.first_line(),
            unseen: 0,
            budget: Rc::new(Cell::new(BUDGET)),
        }
    }

    /// A ledger to try something on: with what is bound, without what was found.
    pub(super) fn trial(&self) -> Self {
        Self {
            scope: self.scope.clone(),
            findings: vec![],
            decisions: vec![],
            bound: BTreeMap::new(),
            begins: self.begins,
            unseen: 0,
            budget: Rc::clone(&self.budget),
        }
    }

    /// Takes one from the budget of trials; `false` when it is used up.
    pub(super) fn may_try(&self) -> bool {
        let left = self.budget.get();
        self.budget.set(left.saturating_sub(1));
        left > 0
    }

    /// Holds `documented` against `actual` by the rules of section B; remembers by which.
    pub(super) fn settle(&mut self, line: usize, place: Place, documented: &str, actual: &str) -> bool {
        let Some(uses) = self.scope.phrase(place, documented, actual) else { return false };
        self.scope.bind(&uses);
        for used in uses {
            if used.binding != BindingKind::Free && used.rule != "B3 bound" {
                let binding = Binding { actual: used.actual.clone(), line, rule: used.rule.to_owned() };
                self.bound.insert(used.documented.clone(), binding);
            }
            self.decide(line, &used);
        }
        true
    }

    fn decide(&mut self, line: usize, used: &Use) {
        self.note(line, used.rule, &used.documented, &used.actual);
    }

    /// Remembers a decision that is not one of section B's.
    pub(super) fn note(&mut self, line: usize, rule: &'static str, documented: &str, actual: &str) {
        self.decisions.push(Decision { line, documented: documented.to_owned(), actual: actual.to_owned(), rule });
    }

    /// Adds a finding.
    pub(super) fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Another value.
    pub(super) fn value(&mut self, spot: Spot<'_>, documented: &str, actual: &str) {
        let message = match actual {
            "" => format!("documented {}, nothing came", quoted(documented)),
            _ => format!("documented {}, the output says {}", quoted(documented), quoted(actual)),
        };
        self.find(finding(FindingClass::Value, spot, documented, actual, message));
    }

    /// The words of two lines that differ.
    pub(super) fn differing_words(&mut self, spot: Spot<'_>, place: Place, documented: &str, actual: &str) {
        let (ours, theirs) = words::differing(documented, actual, |one, other| self.scope.holds(place, one, other));
        if ours.is_empty() && theirs.is_empty() {
            // Word by word they hold, the line does not: a name would be bound in two ways.
            return self.value(spot, documented.trim(), actual.trim());
        }
        if ours.is_empty() {
            let message = format!("the output also says {} in this line", quoted(theirs));
            return self.find(finding(FindingClass::Value, spot, documented.trim(), actual.trim(), message));
        }
        let (ours, theirs) = (ours.to_owned(), theirs.to_owned());
        self.value(spot, &ours, &theirs);
    }

    /// Something documented that did not come.
    pub(super) fn missing(&mut self, spot: Spot<'_>, documented: &str) {
        let message = format!("documented {}, which did not come", quoted(documented));
        self.find(finding(FindingClass::Missing, spot, documented, "", message));
    }

    /// Something that came and is not documented.
    pub(super) fn extra(&mut self, spot: Spot<'_>, actual: &str) {
        let message = format!("the output has {} after this, which is not documented", quoted(actual));
        self.find(finding(FindingClass::Extra, spot, "", actual, message));
    }

    /// Something new that breaks no documented token.
    pub(super) fn additive(&mut self, spot: Spot<'_>, actual: &str) {
        let message = format!("the output also has {}", quoted(actual));
        self.find(finding(FindingClass::Additive, spot, "", actual, message));
    }

    /// What differs and is too large to say where.
    pub(super) fn too_large(&mut self, line: usize, what: &str) {
        let spot = Spot { line, path: "", rule: "C alignment" };
        let message = format!("the {what} differs and is too large to say where; document an excerpt with `...` lines");
        self.find(finding(FindingClass::Value, spot, "", "", message));
    }

    /// How bad it is: what breaks documented tokens first, then all findings; additive ones are free.
    pub(super) fn cost(&self) -> (usize, usize) {
        let weighs = |finding: &&Finding| finding.class != FindingClass::Additive;
        let all = self.findings.iter().filter(weighs).count();
        let hard = self.findings.iter().filter(weighs).filter(|finding| finding.class != FindingClass::Extra).count();
        (hard + self.unseen, all)
    }

    /// Whether nothing but additions was found.
    pub(super) fn holds(&self) -> bool {
        self.cost() == (0, 0)
    }

    /// The findings so far, to be changed where a matcher knows more of their cause.
    pub(super) fn findings_mut(&mut self) -> &mut Vec<Finding> {
        &mut self.findings
    }

    pub(super) fn finish(mut self, matcher: &'static str) -> (Outcome, BTreeMap<String, Binding>) {
        self.findings.sort_by_key(|finding| finding.line);
        let each = self.findings.clone();
        (Outcome { findings: grouped(self.findings), each, decisions: self.decisions, matcher }, self.bound)
    }
}

/// One change that shows on several lines is one finding with its `lines`.
fn grouped(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut first: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for found in findings {
        let column = found.path.rsplit('.').next().unwrap_or("").to_owned();
        let repeats = found.class == FindingClass::Value
            && matches!(found.rule.as_str(), "text line" | "table cell" | "describe event");
        if !repeats {
            kept.push(found);
            continue;
        }
        let key = (found.rule.clone(), column, found.message.clone());
        match first.get(&key).and_then(|at| kept.get_mut(*at)) {
            Some(earlier) if earlier.line != found.line => earlier.lines.push(found.line),
            _ => {
                first.insert(key, kept.len());
                kept.push(found);
            }
        }
    }
    kept
}

/// A finding of the page's fault that misleads readers.
pub(super) fn finding(class: FindingClass, spot: Spot<'_>, documented: &str, actual: &str, message: String) -> Finding {
    Finding {
        class,
        line: spot.line,
        lines: vec![],
        path: spot.path.to_owned(),
        documented: documented.to_owned(),
        actual: actual.to_owned(),
        rule: spot.rule.to_owned(),
        cause: Cause::Docs,
        of: None,
        severity: FindingSeverity::Error,
        message,
        source: None,
        known: None,
    }
}

/// A text in backticks, cut where nobody reads on.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 160;
    let text = text.trim();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}` ...", &text[..end]),
        None => format!("`{text}`"),
    }
}
