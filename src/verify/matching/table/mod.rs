//! kubectl tables: columns by name, rows by name, cells by column.
//!
//! 1. [`grid`]: both sides cut into tables, at headers behind blank lines.
//! 2. [`rows`]: rows paired by (NAMESPACE, NAME); a watch is a history instead.
//! 3. [`cell`]: each pair's cells, by what their column holds.

pub(super) mod cell;
pub(super) mod grid;
mod rows;

use super::case::{Case, Line};
use super::ledger::{Ledger, Spot, finding, quoted};
use super::registry::Matcher;
use super::text;
use crate::verify::model::FindingClass;
use grid::Grid;

/// `kubectl get` and whatever prints a header in capitals.
pub(super) struct Table;

impl Matcher for Table {
    fn name(&self) -> &'static str {
        "table"
    }

    fn fits(&self, case: &Case<'_>) -> bool {
        case.head().is_some_and(|line| grid::is_header(line.text)) && case.lines.len() > 1
    }

    fn compare(&self, case: &Case<'_>, ledger: &mut Ledger<'_>) {
        let actual = lines_of(&case.actual.stdout);
        let kind = Kind::of(case);
        let ours = sections(&case.lines);
        let mut theirs = sections(&actual);
        if theirs.is_empty() {
            let said = case.actual.stderr.trim();
            return nothing(&ours, if said.is_empty() { case.actual.stdout.trim() } else { said }, ledger);
        }
        for ours in &ours {
            let Some(at) = nearest(ours, &theirs, ledger) else {
                ledger.missing(Spot { line: ours.line, path: "", rule: "table" }, &ours.header.join("  "));
                continue;
            };
            let theirs = theirs.remove(at);
            compare(ours, &theirs, kind, ledger);
        }
        for theirs in theirs {
            let last = ours.last().map_or(0, |ours| ours.rows.last().map_or(ours.line, |row| row.line));
            rows::extra(&theirs, &(0..theirs.rows.len()).collect::<Vec<_>>(), last, ledger);
        }
    }
}

/// What a table is of, as far as its rows depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its rows are nodes: names differ, and there may be fewer.
    Nodes,
    /// Its rows are states of objects, one after the other.
    Watch,
    /// The order of rows counts.
    Sorted,
    /// Anything else.
    Plain,
}

impl Kind {
    fn of(case: &Case<'_>) -> Self {
        let command = &case.command;
        if command.has_any(&["-w", "--watch", "--watch-only", "--watch=true"]) {
            Self::Watch
        } else if command.has_any(&["node", "nodes", "no"]) {
            Self::Nodes
        } else if case.command_text.contains("--sort-by") {
            Self::Sorted
        } else {
            Self::Plain
        }
    }
}

pub(super) fn lines_of(text: &str) -> Vec<Line<'_>> {
    text::significant_lines(text).into_iter().enumerate().map(|(at, text)| Line { text, source: at + 1 }).collect()
}

/// The tables of a text: a header first, and behind each blank line.
fn sections<'t>(lines: &[Line<'t>]) -> Vec<Grid<'t>> {
    let mut starts = vec![];
    let mut after_blank = true;
    for (at, line) in lines.iter().enumerate() {
        if after_blank && grid::is_header(line.text) {
            starts.push(at);
        }
        after_blank = line.text.trim().is_empty() || (after_blank && super::token::is_elision(line.text));
    }
    if let Some(first) = starts.first_mut() {
        *first = 0;
    }
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    starts.iter().zip(ends).filter_map(|(start, end)| Grid::read(&lines[*start..end], false)).collect()
}

fn nothing(ours: &[Grid<'_>], said: &str, ledger: &mut Ledger<'_>) {
    for row in ours.iter().flat_map(|grid| &grid.rows) {
        let spot = Spot { line: row.line, path: row.cells.first().copied().unwrap_or(""), rule: "table row" };
        let message = format!("documented row {}, the output has no table: {}", quoted(row.text), quoted(said));
        ledger.find(finding(FindingClass::Missing, spot, row.text, said, message));
    }
}

/// The table that shares most rows' names, then most columns; of equals the first.
fn nearest(ours: &Grid<'_>, theirs: &[Grid<'_>], ledger: &Ledger<'_>) -> Option<usize> {
    if theirs.len() == 1 {
        return Some(0);
    }
    let likeness = |grid: &Grid<'_>| {
        let names = ours
            .rows
            .iter()
            .filter(|row| grid.rows.iter().any(|other| first_holds(row.cells.first(), other.cells.first(), ledger)))
            .count();
        (names, ours.header.iter().filter(|name| grid.header.contains(name)).count())
    };
    (0..theirs.len()).max_by_key(|at| (likeness(&theirs[*at]), usize::MAX - at))
}

fn first_holds(one: Option<&&str>, other: Option<&&str>, ledger: &Ledger<'_>) -> bool {
    one.zip(other).is_some_and(|(one, other)| ledger.scope.holds(super::token::Place::VALUE, one, other))
}

/// The columns that both have, as indices; reports those that only one has.
pub(super) fn columns(ours: &Grid<'_>, theirs: &Grid<'_>, ledger: &mut Ledger<'_>) -> Vec<(usize, usize)> {
    let mut pairs = vec![];
    let elided = ours.header.iter().any(|name| matches!(*name, "..." | "…"));
    for (index, name) in ours.header.iter().enumerate() {
        if matches!(*name, "..." | "…") {
            continue;
        }
        let repeated = ours.header[..index].contains(name);
        match theirs.column(name).filter(|_| !repeated) {
            Some(at) => pairs.push((index, at)),
            None => {
                let spot = Spot { line: ours.line, path: name, rule: "table column" };
                let message = format!("documented column {}, the output has no such column", quoted(name));
                ledger.find(finding(FindingClass::Schema, spot, name, "", message));
                for row in &ours.rows {
                    ledger.note(row.line, "D column gone", row.cells.get(index).unwrap_or(&""), "");
                }
            }
        }
    }
    let new: Vec<&str> = theirs.header.iter().copied().filter(|name| !ours.header.contains(name)).collect();
    if !new.is_empty() && !elided {
        ledger.additive(Spot { line: ours.line, path: "", rule: "table column" }, &new.join(", "));
    }
    pairs
}

fn compare(ours: &Grid<'_>, theirs: &Grid<'_>, kind: Kind, ledger: &mut Ledger<'_>) {
    let columns = columns(ours, theirs, ledger);
    let table = rows::Pair { ours, theirs, columns, kind };
    if kind == Kind::Watch { table.history(ledger) } else { table.rows(ledger) }
}
