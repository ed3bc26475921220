//! Lists: open ones are ordered subsequences, closed ones are paired by merge key.

use super::compare::Compare;
use super::node::{Kind, Node, Real};
use crate::verify::matching::align::{self, Likeness, Sequences, Step};
use crate::verify::matching::ledger::Spot;

/// The keys by which the API merges lists, most telling first.
const MERGE_KEYS: &[&str] =
    &["name", "containerPort", "port", "mountPath", "devicePath", "topologyKey", "type", "uid", "ip", "key"];

/// The most pairs of items that are tried.
const MAX_PAIRS: usize = 10_000;

pub(super) fn compare<'r>(outer: &mut Compare<'_, 'r, '_>, node: &Node, items: &[Node], reals: &'r [Real], path: &str) {
    let scalars = items.iter().all(|item| !matches!(item.kind, Kind::Map(_) | Kind::List(_)));
    if scalars || items.len().saturating_mul(reals.len()) > MAX_PAIRS {
        return in_order(outer, node, items, reals, path);
    }
    by_merge_key(outer, node, items, reals, path);
}

fn item_path(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// What an item differs by, tried on a copy.
fn attempt<'r>(outer: &Compare<'_, 'r, '_>, item: &Node, real: &'r Real, path: &str) -> (usize, usize) {
    Compare::trial(outer.root, outer.ledger, item, real, path)
}

fn in_order<'r>(outer: &mut Compare<'_, 'r, '_>, node: &Node, items: &[Node], reals: &'r [Real], path: &str) {
    let shown: Vec<&Node> = items.iter().filter(|item| item.kind != Kind::Any).collect();
    let elided = node.open || shown.len() < items.len();
    let likeness = |i: usize, j: usize| match attempt(outer, shown[i], &reals[j], path) {
        (0, 0) => Likeness::Same,
        _ => Likeness::Close,
    };
    let is_elided = |_: usize| elided;
    let sequences = Sequences { documented: shown.len(), actual: reals.len(), elided: &is_elided };
    let positional = || {
        (0..shown.len().max(reals.len())).map(|at| match (at < shown.len(), at < reals.len()) {
            (true, true) => Step::Pair(at, at),
            (true, false) => Step::Missing(at),
            _ => Step::Extra(at),
        })
    };
    let same_length = shown.len() == reals.len() && !elided;
    let fits = same_length || shown.len().saturating_mul(reals.len()) > MAX_PAIRS;
    let steps: Vec<Step> = if fits {
        positional().collect()
    } else {
        align::align(&sequences, &likeness).unwrap_or_else(|| positional().collect())
    };
    let mut last = node.line;
    for step in steps {
        match step {
            Step::Pair(i, j) => {
                last = shown[i].line;
                outer.node(shown[i], &reals[j], &item_path(path, j), shown[i].line);
            }
            Step::Missing(i) => {
                let spot = Spot { line: shown[i].line, path, rule: "tree item" };
                outer.ledger.missing(spot, &shown[i].brief());
            }
            Step::Extra(j) => outer.ledger.extra(Spot { line: last, path, rule: "tree item" }, &reals[j].brief()),
            Step::Elided(_) => {}
        }
    }
}

fn by_merge_key<'r>(outer: &mut Compare<'_, 'r, '_>, node: &Node, items: &[Node], reals: &'r [Real], path: &str) {
    let elided = node.open || items.iter().any(|item| item.kind == Kind::Any);
    let mut taken = vec![false; reals.len()];
    let mut pairs = vec![None; items.len()];
    // First what names itself, then what is left, each to the one it differs least from.
    for by_key in [true, false] {
        for (index, item) in items.iter().enumerate() {
            if pairs[index].is_some() || item.kind == Kind::Any {
                continue;
            }
            let free = (0..reals.len()).filter(|at| !taken[*at]);
            let fitting: Vec<usize> = free.filter(|at| !by_key || shares_key(outer, item, &reals[*at])).collect();
            let nearest = match fitting.as_slice() {
                [only] => Some(*only),
                several => several.iter().copied().min_by_key(|at| (attempt(outer, item, &reals[*at], path), *at)),
            };
            if let Some(at) = nearest {
                taken[at] = true;
                pairs[index] = Some(at);
            }
        }
    }
    let mut last = node.line;
    for (item, pair) in items.iter().zip(&pairs) {
        last = item.line;
        match pair {
            Some(at) => outer.node(item, &reals[*at], &item_path(path, *at), item.line),
            None if item.kind == Kind::Any => {}
            None => outer.ledger.missing(Spot { line: item.line, path, rule: "tree item" }, &item.brief()),
        }
    }
    if elided {
        return;
    }
    for (at, real) in reals.iter().enumerate().filter(|(at, _)| !taken[*at]) {
        let spot_path = item_path(path, at);
        let spot = Spot { line: last, path: &spot_path, rule: "tree item" };
        if is_filled_in(real) {
            outer.ledger.additive(spot, &brief(real));
        } else {
            outer.ledger.extra(spot, &brief(real));
        }
    }
}

fn brief(real: &Real) -> String {
    let named = MERGE_KEYS.iter().find_map(|key| real.get(key).map(|value| format!("{key}: {}", value.brief())));
    named.unwrap_or_else(|| real.brief())
}

/// Whether the first merge key that both have holds.
fn shares_key(outer: &Compare<'_, '_, '_>, item: &Node, real: &Real) -> bool {
    let Kind::Map(map) = &item.kind else { return false };
    MERGE_KEYS.iter().any(|key| {
        let documented = map.entries.iter().find(|entry| entry.key == *key).map(|entry| &entry.value.kind);
        match (documented, real.get(key)) {
            (Some(Kind::Scalar(scalar)), Some(Real::Text(text) | Real::Plain(text))) => {
                outer.ledger.scope.holds(crate::verify::matching::token::Place::VALUE, &scalar.text, text)
            }
            _ => false,
        }
    })
}

/// Items that admission adds to every Pod.
fn is_filled_in(real: &Real) -> bool {
    let text = |key: &str| match real.get(key) {
        Some(Real::Text(text)) => text.as_str(),
        _ => "",
    };
    text("name").starts_with("kube-api-access-")
        || matches!(text("key"), "node.kubernetes.io/not-ready" | "node.kubernetes.io/unreachable")
}
