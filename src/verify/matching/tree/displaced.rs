//! Documented keys that stand elsewhere in what came.

use super::compare::{Compare, Place};
use super::node::{Entry, Kind, Node, Real, join};
use crate::verify::matching::ledger::{Ledger, Spot, finding, quoted};
use crate::verify::model::FindingClass;

/// The most places that are tried for one key.
const MAX_PLACES: usize = 64;

/// Whether finding this somewhere says anything: a text or number does, nothing at all does not.
pub(super) fn is_evidence(node: &Node) -> bool {
    node.weight() > 0
}

/// Looks for the key from the map it is documented in outward, and takes the place where its value
/// fits best. Other items of a list are no place for an item's keys.
pub(super) fn find<'r>(entry: &Entry, ancestors: &[Place<'r>], ledger: &Ledger<'_>) -> Option<Place<'r>> {
    let root = ancestors.first()?.real;
    let mut own: Option<&Place<'r>> = None;
    for place in ancestors.iter().rev() {
        if matches!(place.real, Real::List(_)) {
            own = Some(place);
            continue;
        }
        let mut best: Option<(Place<'r>, (usize, usize))> = None;
        let mut tried = 0;
        let skipped = own.map(|own| own.real as *const Real);
        visit(place.real, &place.path, skipped, &mut |path, real| {
            let Some(value) = real.get(&entry.key) else { return };
            tried += 1;
            if tried > MAX_PLACES || !fits(&entry.value, value) {
                return;
            }
            let path = join(path, &entry.key);
            let cost = Compare::trial(root, ledger, &entry.value, value, &path);
            let weight = entry.value.weight();
            let speaks = weight == 0 || cost.0 < weight;
            if speaks && best.as_ref().is_none_or(|(_, least)| cost < *least) {
                best = Some((Place { path, real: value }, cost));
            }
        });
        if let Some((found, _)) = best {
            return Some(found);
        }
        own = Some(place);
    }
    None
}

/// Every map below `real`, but not inside of `skipped`.
fn visit<'r>(real: &'r Real, path: &str, skipped: Option<*const Real>, see: &mut dyn FnMut(&str, &'r Real)) {
    if skipped == Some(std::ptr::from_ref(real)) {
        return;
    }
    match real {
        Real::Map(entries) => {
            see(path, real);
            for (key, value) in entries {
                visit(value, &join(path, key), skipped, see);
            }
        }
        Real::List(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(item, &format!("{path}[{index}]"), skipped, see);
            }
        }
        _ => {}
    }
}

fn fits(node: &Node, real: &Real) -> bool {
    match (&node.kind, real) {
        (Kind::Map(_), Real::Map(_)) | (Kind::List(_), Real::List(_)) => true,
        (Kind::Scalar(_), real) => !matches!(real, Real::Map(_) | Real::List(_)),
        (Kind::Any | Kind::Empty, real) => matches!(real, Real::Map(_) | Real::List(_)),
        _ => false,
    }
}

/// The finding for a key that stands elsewhere.
pub(super) fn report(ledger: &mut Ledger<'_>, line: usize, documented: &str, actual: &str) {
    let spot = Spot { line, path: documented, rule: "tree place" };
    let message = format!("documented as {}, the output has it as {}", quoted(documented), quoted(actual));
    ledger.find(finding(FindingClass::Schema, spot, documented, actual, message));
}
