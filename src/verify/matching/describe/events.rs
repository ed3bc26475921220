//! Events: each documented one has one of its own; ages are free.

use crate::verify::matching::ledger::{Ledger, Spot, finding, quoted};
use crate::verify::matching::table::grid::{Grid, Row};
use crate::verify::matching::token::{Place, words};
use crate::verify::model::FindingClass;

pub(super) fn compare(ours: &Grid<'_>, theirs: &Grid<'_>, ledger: &mut Ledger<'_>) {
    let columns = crate::verify::matching::table::columns(ours, theirs, ledger);
    let events = Events { ours, theirs, columns };
    let mut taken = vec![false; theirs.rows.len()];
    let mut left = vec![];
    for row in &ours.rows {
        match (0..taken.len()).find(|at| !taken[*at] && events.differing(row, &theirs.rows[*at], ledger).is_empty()) {
            Some(at) => {
                taken[at] = true;
                events.settle(row, &theirs.rows[at], ledger);
            }
            None => left.push(row),
        }
    }
    let mut late = vec![];
    for row in left {
        if events.image_class(row, ledger) {
            continue;
        }
        let same_reason = |at: &usize| {
            !taken[*at]
                && ["Type", "Reason"]
                    .iter()
                    .all(|name| events.cell(row, name) == events.actual(&theirs.rows[*at], name))
        };
        match (0..taken.len())
            .filter(same_reason)
            .min_by_key(|at| events.differing(row, &theirs.rows[*at], ledger).len())
        {
            Some(at) => {
                taken[at] = true;
                late.push((row, &theirs.rows[at]));
            }
            None => ledger.missing(Spot { line: row.line, path: "Events", rule: "describe event" }, row.text),
        }
    }
    for (row, other) in late {
        events.report(row, other, ledger);
    }
}

struct Events<'g, 't> {
    ours: &'g Grid<'t>,
    theirs: &'g Grid<'t>,
    columns: Vec<(usize, usize)>,
}

impl<'t> Events<'_, 't> {
    fn cell(&self, row: &Row<'t>, name: &str) -> &'t str {
        self.ours.column(name).and_then(|at| row.cells.get(at)).copied().unwrap_or("")
    }

    fn actual(&self, row: &Row<'t>, name: &str) -> &'t str {
        self.theirs.column(name).and_then(|at| row.cells.get(at)).copied().unwrap_or("")
    }

    fn place(name: &str) -> Place {
        match name {
            "Age" | "FirstSeen" | "LastSeen" | "First Seen" | "Last Seen" => Place::AGE,
            "From" => Place::NODE,
            _ => Place::TEXT,
        }
    }

    /// The columns in which two events differ. Their ages do not count, but have to be ages.
    fn differing(&self, ours: &Row<'_>, theirs: &Row<'_>, ledger: &Ledger<'_>) -> Vec<(usize, usize)> {
        let differs = |(one, other): &&(usize, usize)| {
            let (Some(documented), Some(actual)) = (ours.cells.get(*one), theirs.cells.get(*other)) else {
                return true;
            };
            !holds(self.ours.header[*one], documented, actual, ledger)
        };
        self.columns.iter().filter(differs).copied().collect()
    }

    fn settle(&self, ours: &Row<'_>, theirs: &Row<'_>, ledger: &mut Ledger<'_>) {
        for (one, other) in &self.columns {
            let (Some(documented), Some(actual)) = (ours.cells.get(*one), theirs.cells.get(*other)) else { continue };
            if !ledger.settle(ours.line, Self::place(self.ours.header[*one]), documented, actual) {
                ledger.note(ours.line, "B5 age", documented, actual);
            }
        }
    }

    fn report(&self, ours: &Row<'_>, theirs: &Row<'_>, ledger: &mut Ledger<'_>) {
        let spot = Spot { line: ours.line, path: "", rule: "describe event" };
        if ours.cells.is_empty() || theirs.cells.is_empty() {
            return ledger.differing_words(spot, Place::TEXT, ours.text, theirs.text);
        }
        for (one, other) in self.differing(ours, theirs, ledger) {
            let name = self.ours.header[one];
            let path = format!("Events.{name}");
            let (documented, actual) = (ours.cells[one], theirs.cells[other]);
            let (was, is) =
                words::differing(documented, actual, |one, other| ledger.scope.holds(Self::place(name), one, other));
            let message = match (was, is) {
                ("", is) => format!("the output also says {} in this message", quoted(is)),
                (was, is) => format!("documented {}, the output says {}", quoted(was), quoted(is)),
            };
            ledger.find(finding(FindingClass::Value, Spot { path: &path, ..spot }, documented, actual, message));
        }
    }

    /// Whether an image was pulled or was there already is the node's past: the events about one
    /// image are one class.
    fn image_class(&self, row: &Row<'t>, ledger: &mut Ledger<'_>) -> bool {
        let Some(image) = pulled_image(self.cell(row, "Reason"), self.cell(row, "Message")) else { return false };
        let other = self
            .theirs
            .rows
            .iter()
            .find(|other| pulled_image(self.actual(other, "Reason"), self.actual(other, "Message")) == Some(image));
        let Some(other) = other else { return false };
        let from = (self.cell(row, "From"), self.actual(other, "From"));
        ledger.note(row.line, "F image events", self.cell(row, "Message"), self.actual(other, "Message"));
        if !from.0.is_empty() && !ledger.settle(row.line, Place::NODE, from.0, from.1) {
            let message = format!("documented {}, the output says {}", quoted(from.0), quoted(from.1));
            let spot = Spot { line: row.line, path: "Events.From", rule: "describe event" };
            ledger.find(finding(FindingClass::Value, spot, from.0, from.1, message));
        }
        true
    }
}

fn holds(name: &str, documented: &str, actual: &str, ledger: &Ledger<'_>) -> bool {
    if ledger.scope.holds(Events::place(name), documented, actual) {
        return true;
    }
    // `11s` against `10s (x3 over 20s)`: how often is as volatile as when.
    let is_age = |text: &str| {
        crate::verify::matching::token::classes::read(text)
            .is_some_and(|found| found.length == text.len() && found.class.is_duration())
    };
    Events::place(name) == Place::AGE && is_age(documented) && is_age(actual)
}

/// The image that a `Pulling` or `Pulled` event is about.
fn pulled_image<'t>(reason: &str, message: &'t str) -> Option<&'t str> {
    if !matches!(reason, "Pulling" | "Pulled") {
        return None;
    }
    let from = message.find('"')? + 1;
    let image = &message[from..from + message[from..].find('"')?];
    let known = ["Pulling image \"", "pulling image \"", "Successfully pulled image \"", "Container image \""]
        .iter()
        .any(|head| message[..from].ends_with(head));
    known.then_some(image)
}
