//! Which part of what came does the page show?

use super::compare::Compare;
use super::displaced;
use super::node::{Kind, Node, Real};
use crate::verify::matching::ledger::{Ledger, Spot};

/// The most parts that are tried.
const MAX_CANDIDATES: usize = 200;

/// Compares documented documents with those that came, in order.
pub(super) fn documents(documented: &[Node], actual: &[Real], ledger: &mut Ledger<'_>) {
    let mut from = 0;
    for node in documented {
        let several = documented.len() > 1;
        let rest = if several { &actual[from.min(actual.len())..] } else { actual };
        match best(node, rest, ledger) {
            Some(found) => {
                Compare::new(&rest[found.document], ledger).part(node, found.real, &found.path);
                from += found.document + 1;
            }
            None => {
                let spot = Spot { line: node.line, path: "", rule: "tree root" };
                ledger.missing(spot, &node.brief());
            }
        }
    }
}

/// A part of what came.
struct Candidate<'r> {
    rank: usize,
    document: usize,
    path: String,
    real: &'r Real,
}

/// The part that fits with the fewest differences; of several, whole documents before items before
/// parts of a spec before others before parts of a status.
fn best<'r>(node: &Node, actual: &'r [Real], ledger: &Ledger<'_>) -> Option<Candidate<'r>> {
    let mut best: Option<(Candidate<'r>, (usize, usize, usize))> = None;
    for candidate in candidates(node, actual) {
        let (hard, all) = Compare::trial(&actual[candidate.document], ledger, node, candidate.real, &candidate.path);
        let cost = (hard, all, candidate.rank);
        if best.as_ref().is_none_or(|(_, least)| cost < *least) {
            let done = cost.0 == 0 && cost.1 == 0;
            best = Some((candidate, cost));
            if done {
                break;
            }
        }
    }
    best.map(|(candidate, _)| candidate)
}

fn candidates<'r>(node: &Node, actual: &'r [Real]) -> Vec<Candidate<'r>> {
    let mut found = vec![];
    for (document, real) in actual.iter().enumerate() {
        found.push(Candidate { rank: 0, document, path: String::new(), real });
        let items = real.get("items");
        if let Some(Real::List(items)) = items {
            for (index, item) in items.iter().enumerate().take(MAX_CANDIDATES) {
                found.push(Candidate { rank: 1, document, path: format!("items[{index}]"), real: item });
            }
        }
        let mut parts = vec![];
        real.walk("", &mut |path, part| {
            if !path.is_empty() && parts.len() < MAX_CANDIDATES && has_shape(node, part) {
                parts.push((path.to_owned(), part));
            }
        });
        found.extend(parts.into_iter().map(|(path, real)| Candidate { rank: rank(&path), document, path, real }));
    }
    found.sort_by_key(|candidate| candidate.rank);
    found.retain(|candidate| candidate.rank < 2 || displaced::is_evidence(node));
    found
}

fn rank(path: &str) -> usize {
    let root = path
        .split(['.', '['])
        .find(|part| !part.is_empty() && *part != "items" && !part.starts_with(|c: char| c.is_ascii_digit()));
    match root {
        Some("spec") => 2,
        Some("status") => 4,
        _ => 3,
    }
}

/// Whether a part has all documented keys, or is a list where one is documented.
fn has_shape(node: &Node, part: &Real) -> bool {
    match (&node.kind, part) {
        (Kind::Map(map), Real::Map(_)) => {
            !map.entries.is_empty() && map.entries.iter().all(|entry| part.get(&entry.key).is_some())
        }
        (Kind::List(items), Real::List(parts)) => items.len() <= parts.len(),
        _ => false,
    }
}
