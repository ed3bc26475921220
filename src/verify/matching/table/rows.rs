//! Rows of two tables: paired by what names them, or read as a history.

use std::collections::{BTreeMap, BTreeSet};

use super::Kind;
use super::cell::{self, Cell};
use super::grid::{Grid, Row};
use crate::verify::matching::align::{self, Likeness, Sequences, Step};
use crate::verify::matching::ledger::{Ledger, Spot, finding, quoted};
use crate::verify::matching::token::Place;
use crate::verify::model::{Cause, FindingClass};

/// Two tables with their common columns.
pub(super) struct Pair<'g, 't> {
    pub(super) ours: &'g Grid<'t>,
    pub(super) theirs: &'g Grid<'t>,
    pub(super) columns: Vec<(usize, usize)>,
    pub(super) kind: Kind,
}

impl Pair<'_, '_> {
    fn cells<'c>(&'c self, ours: &'c Row<'_>, theirs: &'c Row<'_>) -> impl Iterator<Item = Cell<'c>> {
        let nodes = self.kind == Kind::Nodes;
        self.columns.iter().filter_map(move |(one, other)| {
            let (documented, actual) = (ours.cells.get(*one)?, theirs.cells.get(*other)?);
            Some(Cell { column: self.ours.header[*one], documented, actual, names_node: nodes })
        })
    }

    /// How many cells differ; one that could not be cut differs in all.
    fn cost(&self, ours: &Row<'_>, theirs: &Row<'_>, ledger: &Ledger<'_>) -> usize {
        if ours.cells.is_empty() || theirs.cells.is_empty() {
            return if ledger.scope.holds(Place::AGE, ours.text, theirs.text) { 0 } else { self.columns.len().max(1) };
        }
        if cell::has_moved_on(&self.ours.header, &ours.cells, &self.theirs.header, &theirs.cells) {
            let strict = self.cells(ours, theirs).filter(|cell| !cell::moves(cell.column));
            return strict.filter(|cell| !cell.holds(ledger)).count();
        }
        self.cells(ours, theirs).filter(|cell| !cell.holds(ledger)).count()
    }

    /// The columns that name a row.
    fn key(&self) -> Vec<(usize, usize)> {
        let named = |name: &str| self.columns.iter().copied().find(|(one, _)| self.ours.header[*one] == name);
        let Some(name) = named("NAME") else { return vec![] };
        named("NAMESPACE").into_iter().chain([name]).collect()
    }

    fn same_key(
        &self,
        key: &[(usize, usize)],
        ours: &Row<'_>,
        theirs: &Row<'_>,
        test: &dyn Fn(&str, &str) -> bool,
    ) -> bool {
        key.iter().all(|(one, other)| match (ours.cells.get(*one), theirs.cells.get(*other)) {
            (Some(documented), Some(actual)) => test(documented, actual),
            _ => false,
        })
    }

    pub(super) fn rows(&self, ledger: &mut Ledger<'_>) {
        let key = self.key();
        let elided = |i: usize| {
            self.ours.rows.get(i).is_some_and(|row| row.after_elision) || (i == self.ours.rows.len() && self.ours.open)
        };
        let (n, m) = (self.ours.rows.len(), self.theirs.rows.len());
        if key.is_empty() {
            if n.saturating_mul(m) > align::MAX_PAIRS {
                return ledger.too_large(self.ours.line, "table");
            }
            let likeness = |i: usize, j: usize| match self.cost(&self.ours.rows[i], &self.theirs.rows[j], ledger) {
                0 => Likeness::Same,
                some if some * 2 <= self.columns.len() => Likeness::Close,
                _ => Likeness::Other,
            };
            let steps =
                align::align(&Sequences { documented: n, actual: m, elided: &elided }, &likeness).unwrap_or_default();
            return self.report(&steps, ledger);
        }
        let Some(pairs) = self.pair_by(&key, ledger) else { return ledger.too_large(self.ours.line, "table") };
        let taken: BTreeSet<usize> = pairs.iter().flatten().copied().collect();
        let mut steps: Vec<Step> = (0..n).map(|i| pairs[i].map_or(Step::Missing(i), |j| Step::Pair(i, j))).collect();
        if !self.ours.open {
            steps.extend((0..m).filter(|j| !taken.contains(j)).map(Step::Extra));
        }
        self.report(&steps, ledger);
        if self.kind == Kind::Sorted {
            self.order(&pairs, ledger);
        }
    }

    /// Equal names first, then names that hold, each with the row it differs least from; a single
    /// row left on both sides is the same one under another name if the rest agrees. `None` where that
    /// would be too many comparisons.
    fn pair_by(&self, key: &[(usize, usize)], ledger: &Ledger<'_>) -> Option<Vec<Option<usize>>> {
        let mut pairs = vec![None; self.ours.rows.len()];
        let mut taken = vec![false; self.theirs.rows.len()];
        self.pair_equal(key, &mut pairs, &mut taken, ledger)?;
        let place = if self.kind == Kind::Nodes { Place::NODE } else { Place::VALUE };
        let test = |one: &str, other: &str| ledger.scope.holds(place, one, other);
        let left: Vec<usize> =
            (0..pairs.len()).filter(|i| pairs[*i].is_none() && !self.ours.rows[*i].cells.is_empty()).collect();
        let free: Vec<usize> = (0..taken.len()).filter(|j| !taken[*j]).collect();
        if left.len().saturating_mul(free.len()) > align::MAX_PAIRS {
            return None;
        }
        // What agrees in all goes together before what differs takes its place.
        for most in [0, usize::MAX] {
            for i in left.iter().copied() {
                if pairs[i].is_some() {
                    continue;
                }
                let ours = &self.ours.rows[i];
                let fitting = free
                    .iter()
                    .copied()
                    .filter(|j| !taken[*j] && self.same_key(key, ours, &self.theirs.rows[*j], &test))
                    .map(|j| (self.cost(ours, &self.theirs.rows[j], ledger), j));
                if let Some((_, j)) = fitting.min().filter(|(cost, _)| *cost <= most) {
                    taken[j] = true;
                    pairs[i] = Some(j);
                }
            }
        }
        let left: Vec<usize> = (0..pairs.len()).filter(|i| pairs[*i].is_none()).collect();
        let free: Vec<usize> = (0..taken.len()).filter(|j| !taken[*j]).collect();
        if let ([i], [j]) = (left.as_slice(), free.as_slice()) {
            let strict = self.columns.iter().filter(|(one, _)| !cell::is_volatile(self.ours.header[*one])).count();
            let cost = self.cost(&self.ours.rows[*i], &self.theirs.rows[*j], ledger);
            if strict > key.len() && cost <= key.len() {
                pairs[*i] = Some(*j);
            }
        }
        Some(pairs)
    }

    /// Pairs the rows whose names are equal, whatever their number.
    fn pair_equal(
        &self,
        key: &[(usize, usize)],
        pairs: &mut [Option<usize>],
        taken: &mut [bool],
        ledger: &Ledger<'_>,
    ) -> Option<()> {
        let mut named: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
        for (j, row) in self.theirs.rows.iter().enumerate() {
            let name: Option<Vec<&str>> = key.iter().map(|(_, other)| row.cells.get(*other).copied()).collect();
            named.entry(name.unwrap_or_default()).or_default().push(j);
        }
        let mut compared = 0;
        for (i, ours) in self.ours.rows.iter().enumerate() {
            let name: Option<Vec<&str>> = key.iter().map(|(one, _)| ours.cells.get(*one).copied()).collect();
            let Some(same) = name.and_then(|name| named.get(&name)) else { continue };
            compared += same.len();
            if compared > align::MAX_PAIRS {
                return None;
            }
            let free = same.iter().copied().filter(|j| !taken[*j]);
            if let Some(j) = free.min_by_key(|j| (self.cost(ours, &self.theirs.rows[*j], ledger), *j)) {
                taken[j] = true;
                pairs[i] = Some(j);
            }
        }
        Some(())
    }

    fn report(&self, steps: &[Step], ledger: &mut Ledger<'_>) {
        let mut last = self.ours.line;
        let mut extra = vec![];
        for step in steps {
            match *step {
                Step::Pair(i, j) => {
                    last = last.max(self.ours.rows[i].line);
                    self.settle(&self.ours.rows[i], &self.theirs.rows[j], ledger);
                }
                Step::Missing(i) => self.missing(&self.ours.rows[i], ledger),
                Step::Extra(j) => extra.push(j),
                Step::Elided(_) => {}
            }
        }
        self::extra(self.theirs, &extra, last, ledger);
    }

    fn missing(&self, row: &Row<'_>, ledger: &mut Ledger<'_>) {
        let name = row.cells.first().copied().unwrap_or(row.text);
        let spot = Spot { line: row.line, path: name, rule: "table row" };
        let message = format!("documented row {}, which did not come", quoted(row.text));
        let mut found = finding(FindingClass::Missing, spot, row.text, "", message);
        if self.kind == Kind::Nodes {
            found.cause = Cause::Environment;
            found.message = format!("documented node {}, this cluster has {}", quoted(name), self.theirs.rows.len());
        }
        ledger.find(found);
    }

    fn settle(&self, ours: &Row<'_>, theirs: &Row<'_>, ledger: &mut Ledger<'_>) {
        let name = ours.cells.first().copied().unwrap_or("");
        if ours.cells.is_empty() || theirs.cells.is_empty() {
            let spot = Spot { line: ours.line, path: "", rule: "table row" };
            if !ledger.settle(ours.line, Place::AGE, ours.text, theirs.text) {
                ledger.differing_words(spot, Place::AGE, ours.text, theirs.text);
            }
            return;
        }
        let moved = cell::has_moved_on(&self.ours.header, &ours.cells, &self.theirs.header, &theirs.cells);
        let status = self.cells(ours, theirs).find(|cell| cell.column == "STATUS");
        let crashes = status.is_some_and(|cell| cell::is_crash(cell.documented) && cell.documented == cell.actual);
        for cell in self.cells(ours, theirs) {
            if moved && cell::moves(cell.column) && !cell.holds(ledger) {
                ledger.note(ours.line, "D transient", cell.documented, cell.actual);
                continue;
            }
            if crashes && cell.column == "RESTARTS" && cell::counts_on(cell.documented, cell.actual) {
                ledger.note(ours.line, "B5 restarts of what crashes", cell.documented, cell.actual);
                continue;
            }
            cell.settle(ours.line, name, ledger);
        }
    }

    fn order(&self, pairs: &[Option<usize>], ledger: &mut Ledger<'_>) {
        let mut highest = None;
        for (i, j) in pairs.iter().enumerate().filter_map(|(i, j)| j.map(|j| (i, j))) {
            if highest.is_some_and(|highest| j < highest) {
                let row = &self.ours.rows[i];
                let spot = Spot { line: row.line, path: row.cells.first().copied().unwrap_or(""), rule: "table order" };
                let message = format!("documented row {} comes earlier in the output", quoted(row.text));
                return ledger.find(finding(FindingClass::Order, spot, row.text, "", message));
            }
            highest = Some(j);
        }
    }

    /// The documented rows are states that were seen, in this order.
    pub(super) fn history(&self, ledger: &mut Ledger<'_>) {
        if self.ours.rows.len().saturating_mul(self.theirs.rows.len()) > align::MAX_PAIRS {
            return ledger.too_large(self.ours.line, "table");
        }
        let mut from = 0;
        for ours in &self.ours.rows {
            let rest = self.theirs.rows.get(from..).unwrap_or(&[]);
            if let Some(at) = rest.iter().position(|theirs| self.cost(ours, theirs, ledger) == 0) {
                self.settle(ours, &rest[at], ledger);
                ledger.note(ours.line, "D watch", ours.text, rest[at].text);
                from += at + 1;
                continue;
            }
            let key = self.key();
            let named = |theirs: &&Row<'_>| {
                self.same_key(&key, ours, theirs, &|one, other| ledger.scope.holds(Place::VALUE, one, other))
            };
            let nearest = self.theirs.rows.iter().filter(named).min_by_key(|theirs| self.cost(ours, theirs, ledger));
            match nearest {
                Some(theirs) if !key.is_empty() && self.cost(ours, theirs, ledger) > 0 => {
                    self.settle(ours, theirs, ledger)
                }
                _ => self.missing(ours, ledger),
            }
        }
    }
}

/// Rows that are not documented: one finding for all, but for what every cluster has.
pub(super) fn extra(theirs: &Grid<'_>, rows: &[usize], line: usize, ledger: &mut Ledger<'_>) {
    let name_column = theirs.column("NAME").unwrap_or(0);
    let name = |row: &Row<'_>| row.cells.get(name_column).copied().unwrap_or(row.text).to_owned();
    let of_cluster = |row: &Row<'_>| {
        let namespace = theirs.column("NAMESPACE").and_then(|at| row.cells.get(at));
        namespace.is_some_and(|namespace| namespace.starts_with("kube-")) || is_everywhere(&name(row), ledger)
    };
    let (common, new): (Vec<usize>, Vec<usize>) = rows.iter().partition(|at| of_cluster(&theirs.rows[**at]));
    let names = |rows: &[usize]| rows.iter().map(|at| name(&theirs.rows[*at])).collect::<Vec<_>>().join(", ");
    let (common, count, new) = (names(&common), new.len(), names(&new));
    let spot = Spot { line, path: "", rule: "table row" };
    if !common.is_empty() {
        ledger.additive(spot, &common);
    }
    if !new.is_empty() {
        let rows = if count == 1 { "a row".to_owned() } else { format!("{count} rows") };
        let are = if count == 1 { "is" } else { "are" };
        let message = format!("the output has {rows} that {are} not documented: {}", quoted(&new));
        ledger.find(finding(FindingClass::Extra, spot, "", &new, message));
    }
}

/// Objects that belong to every cluster and namespace.
fn is_everywhere(name: &str, ledger: &Ledger<'_>) -> bool {
    let asks_for = |kinds: &[&str]| ledger.scope.command.split_whitespace().any(|word| kinds.contains(&word));
    let bare = name.rsplit('/').next().unwrap_or(name);
    match bare {
        "kubernetes" | "kube-root-ca.crt" | "kube-system" | "kube-public" | "kube-node-lease" => true,
        "default" => {
            asks_for(&["ns", "namespace", "namespaces", "sa", "serviceaccount", "serviceaccounts"])
                || name.starts_with("serviceaccount/")
        }
        // Roles, priorities and bindings that the control plane makes for itself.
        bare => bare.starts_with("system:") || matches!(bare, "system-cluster-critical" | "system-node-critical"),
    }
}
