//! `kubectl describe`: documented keys are a subset, events a multiset subset.
//!
//! 1. [`outline`]: both sides as an indent tree of `Key: value`, several objects apart.
//! 2. Keys by name among siblings; an excerpt from deeper is looked for.
//! 3. [`events`] and the other tables by what names their rows.

mod events;
mod outline;

use super::case::{Case, Line};
use super::ledger::{Ledger, Spot, finding, quoted};
use super::registry::Matcher;
use super::table::cell;
use super::table::grid::Grid;
use super::table::lines_of;
use super::text;
use super::token::Place;
use crate::verify::model::{Cause, FindingClass};
use outline::{Item, Outline};

/// See the module.
pub(super) struct Describe;

impl Matcher for Describe {
    fn name(&self) -> &'static str {
        "describe"
    }

    fn fits(&self, case: &Case<'_>) -> bool {
        case.command.has("describe") && case.command.runs("kubectl") && !case.command.has("|")
    }

    fn compare(&self, case: &Case<'_>, ledger: &mut Ledger<'_>) {
        text::best_stream(case, ledger, |actual, ledger| {
            let actual = lines_of(actual);
            objects(case, &objects_of(&case.lines), &objects_of(&actual), ledger);
        });
    }
}

/// The objects of a text: each begins with its `Name:`.
fn objects_of<'t>(lines: &[Line<'t>]) -> Vec<Outline<'t>> {
    let mut starts: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].text.starts_with("Name:")).collect();
    if starts.first().is_none_or(|first| *first > 0) {
        starts.insert(0, 0);
    }
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    let outlines = starts.iter().zip(ends).map(|(start, end)| Outline::read(&lines[*start..end]));
    outlines.filter(|outline| !outline.items.is_empty() || !outline.tables.is_empty()).collect()
}

fn name<'t>(outline: &Outline<'t>) -> Option<&'t str> {
    outline.items.iter().find(|item| item.key == "Name").map(|item| item.value)
}

fn objects(case: &Case<'_>, ours: &[Outline<'_>], theirs: &[Outline<'_>], ledger: &mut Ledger<'_>) {
    let place = if case.command.has_any(&["node", "nodes", "no"]) { Place::NODE } else { Place::VALUE };
    let mut taken = vec![false; theirs.len()];
    let mut last = case.first_line();
    for outline in ours {
        let free = || (0..theirs.len()).filter(|at| !taken[*at]);
        let named = name(outline).and_then(|ours| {
            free().find(|at| name(&theirs[*at]).is_some_and(|theirs| ledger.scope.holds(place, ours, theirs)))
        });
        let Some(at) = named.or_else(|| free().next()) else {
            let line = outline.items.first().map_or(last, |item| item.line);
            ledger.missing(Spot { line, path: "", rule: "describe object" }, name(outline).unwrap_or("an object"));
            continue;
        };
        taken[at] = true;
        last = outline.items.first().map_or(last, |item| item.line);
        let mut pair = Pair { root: &theirs[at], new: vec![], nodes: place == Place::NODE };
        pair.outlines(outline, &theirs[at], "", ledger);
        if !pair.new.is_empty() && name(outline).is_some() && !outline.open {
            ledger.additive(Spot { line: last, path: "", rule: "describe key" }, &pair.new.join(", "));
        }
    }
    let others: Vec<&str> = (0..theirs.len()).filter(|at| !taken[*at]).filter_map(|at| name(&theirs[at])).collect();
    let elided = ours.iter().any(|outline| outline.open);
    if !others.is_empty() && !elided && ours.iter().all(|outline| name(outline).is_some()) {
        let message = format!("the output also describes {}", quoted(&others.join(", ")));
        let spot = Spot { line: case.first_line(), path: "", rule: "describe object" };
        ledger.find(finding(FindingClass::Extra, spot, "", &others.join(", "), message));
    }
}

struct Pair<'r, 't> {
    root: &'r Outline<'t>,
    /// Keys at the top that are not documented.
    new: Vec<String>,
    nodes: bool,
}

impl<'r, 't> Pair<'r, 't> {
    fn outlines(&mut self, ours: &Outline<'_>, theirs: &'r Outline<'t>, path: &str, ledger: &mut Ledger<'_>) {
        let mut taken = vec![false; theirs.items.len()];
        let mut from = 0;
        for item in &ours.items {
            if item.key.is_empty() {
                from = self.bare(item, theirs, from, path, ledger);
                continue;
            }
            let same = |at: &usize| !taken[*at] && theirs.items[*at].key == item.key;
            let mut fitting: Vec<usize> = (0..taken.len()).filter(same).collect();
            if fitting.is_empty() {
                // Names of volumes and containers are keys here, and some are generated.
                let named =
                    |at: &usize| !taken[*at] && ledger.scope.holds(Place::VALUE, item.key, theirs.items[*at].key);
                fitting.extend((0..taken.len()).filter(named).take(1));
            }
            fitting.sort_by_key(|at| !ledger.scope.holds(self.place(path, item), item.value, theirs.items[*at].value));
            match fitting.first() {
                Some(at) => {
                    taken[*at] = true;
                    ledger.settle(item.line, Place::VALUE, item.key, theirs.items[*at].key);
                    self.item(item, &theirs.items[*at], path, ledger);
                }
                None => self.elsewhere(item, path, ledger),
            }
        }
        for table in &ours.tables {
            self.table(table, theirs, path, ledger);
        }
        if path.is_empty() {
            let new = theirs.items.iter().zip(&taken).filter(|(item, taken)| !**taken && !item.key.is_empty());
            self.new.extend(new.map(|(item, _)| item.key.to_owned()));
        }
    }

    fn place(&self, path: &str, item: &Item<'_>) -> Place {
        match item.key {
            "Age" | "Duration" | "Last Schedule Time" | "AGE" => Place::AGE,
            "Node" | "Hostname" => Place::NODE,
            "Message" => Place::TEXT,
            "Name" | "kubernetes.io/hostname" if self.nodes && path.is_empty() => Place::NODE,
            _ => Place::VALUE,
        }
    }

    fn item(&mut self, ours: &Item<'_>, theirs: &'r Item<'t>, path: &str, ledger: &mut Ledger<'_>) {
        let path = if path.is_empty() { ours.key.to_owned() } else { format!("{path}.{}", ours.key) };
        let spot = Spot { line: ours.line, path: &path, rule: "describe value" };
        let place = self.place("", ours);
        if let Some(rule) = by_key(ours.key, &path, ours.value, theirs.value, self.nodes) {
            ledger.note(ours.line, rule, ours.value, theirs.value);
        } else if ours.key == "Events" && ours.value == "<none>" && theirs.below.tables.iter().any(events::are_passing)
        {
            ledger.note(ours.line, "F passing events", ours.value, theirs.value);
        } else if !ledger.settle(ours.line, place, ours.value, theirs.value)
            && !other_runtime(ours, theirs, spot, ledger)
        {
            if ours.value.is_empty() || theirs.value.is_empty() {
                ledger.value(spot, ours.value, theirs.value);
            } else {
                ledger.differing_words(spot, place, ours.value, theirs.value);
            }
        }
        self.outlines(&ours.below, &theirs.below, &path, ledger);
    }

    /// A line without a key: one of its own among the rest, in order.
    fn bare(&self, ours: &Item<'_>, theirs: &Outline<'_>, from: usize, path: &str, ledger: &mut Ledger<'_>) -> usize {
        let rest = theirs.items.iter().enumerate().skip(from).filter(|(_, item)| item.key.is_empty());
        for (at, other) in rest {
            if ledger.settle(ours.line, Place::VALUE, ours.value, other.value) {
                return at + 1;
            }
        }
        let spot = Spot { line: ours.line, path, rule: "describe line" };
        match theirs.items.get(from).filter(|item| item.key.is_empty()) {
            Some(other) => ledger.differing_words(spot, Place::VALUE, ours.value, other.value),
            None => ledger.missing(spot, ours.value),
        }
        from
    }

    /// A key that has no partner: the page may show an excerpt from deeper.
    fn elsewhere(&mut self, ours: &Item<'_>, path: &str, ledger: &mut Ledger<'_>) {
        let mut found: Option<&'r Item<'t>> = None;
        if path.is_empty() {
            let mut waiting: Vec<&'r Item<'t>> = self.root.items.iter().rev().collect();
            while let Some(item) = waiting.pop() {
                if item.key == ours.key && (found.is_none() || ledger.scope.holds(Place::VALUE, ours.value, item.value))
                {
                    found = Some(item);
                    if ledger.scope.holds(Place::VALUE, ours.value, item.value) {
                        break;
                    }
                }
                waiting.extend(item.below.items.iter().rev());
            }
        }
        if let Some(item) = found {
            ledger.note(ours.line, "F excerpt", ours.key, item.key);
            return self.item(ours, item, path, ledger);
        }
        let text = format!("{}: {}", ours.key, ours.value);
        let spot = Spot { line: ours.line, path: ours.key, rule: "describe key" };
        let message = format!("documented {}, the output has no such key", quoted(&text));
        let mut missing = finding(FindingClass::Missing, spot, text.trim(), "", message);
        if ours.key == "LoadBalancer Ingress" {
            missing.cause = Cause::Environment;
            missing.message.push_str(": this cluster has no load balancer");
        }
        ledger.find(missing);
    }

    fn table(&self, ours: &Grid<'_>, theirs: &Outline<'_>, path: &str, ledger: &mut Ledger<'_>) {
        let likeness = |grid: &Grid<'_>| ours.header.iter().filter(|name| grid.header.contains(name)).count();
        let mut tables: Vec<Grid<'_>> = theirs.tables.clone();
        if tables.is_empty() || path.is_empty() {
            self.root.each(&mut |outline| tables.extend(outline.tables.iter().cloned()));
        }
        let best = tables.iter().enumerate().max_by_key(|(at, grid)| (likeness(grid), usize::MAX - at));
        let Some((_, grid)) = best.filter(|(_, grid)| likeness(grid) > 0) else {
            return ledger.missing(Spot { line: ours.line, path, rule: "describe table" }, &ours.header.join("  "));
        };
        if ours.column("Reason").is_some() && ours.column("Message").is_some() {
            return events::compare(ours, grid, ledger);
        }
        rows(ours, grid, ledger);
    }
}

/// Rows by their first cell; new rows are additive.
fn rows(ours: &Grid<'_>, theirs: &Grid<'_>, ledger: &mut Ledger<'_>) {
    let columns = super::table::columns(ours, theirs, ledger);
    let mut taken = vec![false; theirs.rows.len()];
    for row in &ours.rows {
        let first = row.cells.first().copied().unwrap_or(row.text);
        let at = (0..taken.len()).find(|at| {
            !taken[*at]
                && theirs.rows[*at].cells.first().is_some_and(|other| ledger.scope.holds(Place::VALUE, first, other))
        });
        let Some(at) = at else {
            ledger.missing(Spot { line: row.line, path: first, rule: "describe row" }, row.text);
            continue;
        };
        taken[at] = true;
        for (one, other) in &columns {
            let (Some(documented), Some(actual)) = (row.cells.get(*one), theirs.rows[at].cells.get(*other)) else {
                continue;
            };
            let cell = cell::Cell { column: ours.header[*one], documented, actual, names_node: false };
            cell.settle(row.line, first, ledger);
        }
    }
    let new: Vec<&str> = theirs
        .rows
        .iter()
        .zip(&taken)
        .filter(|(_, taken)| !**taken)
        .map(|(row, _)| row.cells.first().copied().unwrap_or(row.text))
        .collect();
    if !new.is_empty() && !ours.open {
        ledger.additive(Spot { line: ours.line, path: "", rule: "describe row" }, &new.join(", "));
    }
}

/// Rules that hang on the key.
fn by_key(key: &str, path: &str, documented: &str, actual: &str, nodes: bool) -> Option<&'static str> {
    if documented == actual {
        return None;
    }
    let top = path.split('.').next().unwrap_or("");
    let of_machine = match top {
        "Capacity" | "Allocatable" => super::tree::is_machine_resource(key),
        "System Info" => key != "Kubelet Version",
        top => matches!(top, "Addresses" | "PodCIDR" | "PodCIDRs"),
    };
    if nodes && of_machine && !documented.is_empty() && !actual.is_empty() {
        return Some("B5 node facts");
    }
    if matches!(key, "NodePort" | "Port" | "HealthCheck NodePort") {
        let (ours, theirs) = (documented.split_whitespace(), actual.split_whitespace());
        let same = documented.split_whitespace().count() == actual.split_whitespace().count()
            && ours.zip(theirs).all(|(one, other)| one == other || cell::same_port(one, other));
        return same.then_some("B5 node port");
    }
    let set = cell::Cell { column: "ENDPOINTS", documented, actual, names_node: false };
    if key == "Endpoints" && set.is_subset_by_count() {
        return Some("D set");
    }
    let blanks = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    (blanks(documented) == blanks(actual)).then_some("F blanks")
}

/// `docker://...` where this cluster says `containerd://...`.
fn other_runtime(ours: &Item<'_>, theirs: &Item<'_>, spot: Spot<'_>, ledger: &mut Ledger<'_>) -> bool {
    if ours.key != "Container ID" && ours.key != "Image ID" {
        return false;
    }
    super::tree::other_runtime(ledger, ours.value, theirs.value, spot)
}
