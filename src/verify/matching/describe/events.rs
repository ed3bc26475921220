//! Events: each documented one has one of its own; ages are free.

use crate::verify::matching::ledger::{Ledger, Spot, finding, quoted};
use crate::verify::matching::table::grid::{Grid, Row};
use crate::verify::matching::token::{Place, classes, words};
use crate::verify::model::FindingClass;

/// Whether all events are of writes that came in each other's way: a controller says so of an object that others change
/// too, and tries again. Whether any comes is chance.
pub(super) fn are_passing(events: &Grid<'_>) -> bool {
    let reason = events.column("Reason");
    let passing = |cells: &[&str]| {
        let reason = reason.and_then(|at| cells.get(at));
        reason.is_some_and(|reason| matches!(*reason, "FailedToUpdateEndpoint" | "FailedToUpdateEndpointSlices"))
    };
    !events.rows.is_empty() && events.rows.iter().all(|row| passing(&row.cells))
}

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

    /// Remembers by which rules the cells hold that do.
    fn settle(&self, ours: &Row<'_>, theirs: &Row<'_>, ledger: &mut Ledger<'_>) {
        for (one, other) in &self.columns {
            let (Some(documented), Some(actual)) = (ours.cells.get(*one), theirs.cells.get(*other)) else { continue };
            let name = self.ours.header[*one];
            if !ledger.settle(ours.line, Self::place(name), documented, actual)
                && holds(name, documented, actual, ledger)
            {
                ledger.note(ours.line, "B5 age", documented, actual);
            }
        }
    }

    fn report(&self, ours: &Row<'_>, theirs: &Row<'_>, ledger: &mut Ledger<'_>) {
        let spot = Spot { line: ours.line, path: "", rule: "describe event" };
        if ours.cells.is_empty() || theirs.cells.is_empty() {
            return ledger.differing_words(spot, Place::TEXT, ours.text, theirs.text);
        }
        self.settle(ours, theirs, ledger);
        self.differences(ours, theirs, &[], ledger);
    }

    /// Reports the cells that differ, but for those of `free` columns.
    fn differences(&self, ours: &Row<'_>, theirs: &Row<'_>, free: &[&str], ledger: &mut Ledger<'_>) {
        for (one, other) in self.differing(ours, theirs, ledger) {
            if free.contains(&self.ours.header[one]) || ours.cells.len() <= one || theirs.cells.len() <= other {
                continue;
            }
            let name = self.ours.header[one];
            let path = format!("Events.{name}");
            let (documented, actual) = (ours.cells[one], theirs.cells[other]);
            let (was, is) =
                words::differing(documented, actual, |one, other| ledger.scope.holds(Self::place(name), one, other));
            let message = match (was, is) {
                ("", is) => format!("the output also says {} in this message", quoted(is)),
                (was, is) => format!("documented {}, the output says {}", quoted(was), quoted(is)),
            };
            ledger.find(finding(
                FindingClass::Value,
                Spot { line: ours.line, path: &path, rule: "describe event" },
                documented,
                actual,
                message,
            ));
        }
    }

    /// Whether an image was pulled or was there already is the node's past: the events about one
    /// image are one class.
    fn image_class(&self, row: &Row<'t>, ledger: &mut Ledger<'_>) -> bool {
        let Some((image, kind)) = pulled_image(self.cell(row, "Reason"), self.cell(row, "Message")) else {
            return false;
        };
        let other = self.theirs.rows.iter().find(|other| {
            pulled_image(self.actual(other, "Reason"), self.actual(other, "Message"))
                .is_some_and(|found| found.0 == image && found.1 != kind)
        });
        let Some(other) = other else { return false };
        self.settle(row, other, ledger);
        self.differences(row, other, &["Reason", "Message"], ledger);
        true
    }
}

fn holds(name: &str, documented: &str, actual: &str, ledger: &Ledger<'_>) -> bool {
    if ledger.scope.holds(Events::place(name), documented, actual) {
        return true;
    }
    // `11s` against `10s (x3 over 20s)`: how often is as volatile as when.
    let is_age =
        |text: &str| classes::read(text).is_some_and(|found| found.length == text.len() && found.class.is_duration());
    Events::place(name) == Place::AGE && is_age(documented) && is_age(actual)
}

/// What a message says of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pull {
    Begun,
    Done,
    Needless,
}

/// The image that an event is about, with or without the prefix that names the container.
fn pulled_image<'t>(reason: &str, message: &'t str) -> Option<(&'t str, Pull)> {
    let message = match message.split_once("}: ") {
        Some((prefix, rest)) if prefix.starts_with("spec.") => rest,
        _ => message,
    };
    let forms = [
        ("Pulling image \"", Pull::Begun),
        ("pulling image \"", Pull::Begun),
        ("Successfully pulled image \"", Pull::Done),
        ("Container image \"", Pull::Needless),
    ];
    let (rest, kind) =
        forms.into_iter().find_map(|(head, kind)| message.strip_prefix(head).map(|rest| (rest, kind)))?;
    let (image, tail) = rest.split_once('"')?;
    let is_whole = match kind {
        Pull::Begun => tail.is_empty(),
        Pull::Done => tail.is_empty() || classes::pull_time(tail) == Some(tail.len()),
        Pull::Needless => {
            matches!(tail, " already present on machine" | " already present on machine and can be accessed by the pod")
        }
    };
    let fits = reason == if kind == Pull::Begun { "Pulling" } else { "Pulled" };
    (is_whole && fits).then_some((image, kind))
}
