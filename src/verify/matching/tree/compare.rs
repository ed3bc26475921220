//! Documented nodes against what came.

use super::displaced;
use super::list;
use super::node::{Entry, Kind, Map, Node, Real, join};
use super::scalar;
use crate::verify::matching::ledger::{Ledger, Spot};
use crate::verify::model::Cause;

/// A node of what came and its path.
#[derive(Debug, Clone)]
pub(super) struct Place<'r> {
    pub(super) path: String,
    pub(super) real: &'r Real,
}

/// A comparison below one root.
pub(super) struct Compare<'l, 'r, 'a> {
    pub(super) ledger: &'l mut Ledger<'a>,
    /// From the root to the node that is compared.
    pub(super) ancestors: Vec<Place<'r>>,
    pub(super) root: &'r Real,
    mode: Mode,
}

/// What a comparison is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Its findings are told.
    Final,
    /// To learn how well a place fits: nothing is searched elsewhere, and the budget ends it.
    Trial,
}

impl<'l, 'r, 'a> Compare<'l, 'r, 'a> {
    pub(super) fn new(root: &'r Real, ledger: &'l mut Ledger<'a>) -> Self {
        Self { ledger, ancestors: vec![], root, mode: Mode::Final }
    }

    /// How many differences a node has at a place, tried on a copy.
    pub(super) fn trial(
        root: &'r Real,
        ledger: &Ledger<'a>,
        node: &Node,
        real: &'r Real,
        path: &str,
    ) -> (usize, usize) {
        let mut trial = ledger.trial();
        Compare { ledger: &mut trial, ancestors: vec![], root, mode: Mode::Trial }.node(node, real, path, node.line);
        trial.cost()
    }

    /// Compares a part of the root that is found at `path`.
    pub(super) fn part(&mut self, node: &Node, real: &'r Real, path: &str) {
        if !std::ptr::eq(real, self.root) {
            self.ancestors.push(Place { path: String::new(), real: self.root });
        }
        self.node(node, real, path, node.line);
        self.ancestors.clear();
    }

    /// Whether what is compared is a part of a Node.
    pub(super) fn is_of_node(&self) -> bool {
        let is_node = |place: &Place<'_>| matches!(place.real.get("kind"), Some(Real::Text(kind)) if kind == "Node");
        self.ancestors.iter().any(is_node)
    }

    /// Compares a node; `line` is its key's.
    pub(super) fn node(&mut self, node: &Node, real: &'r Real, path: &str, line: usize) {
        if self.mode == Mode::Trial && !self.ledger.may_try() {
            return;
        }
        let spot = Spot { line, path, rule: "tree value" };
        match (&node.kind, real) {
            (Kind::Any, _) => self.ledger.note(node.line, "E elided", "...", &real.brief()),
            (Kind::Empty, _) if node.open => self.ledger.note(node.line, "E elided", "", &real.brief()),
            (Kind::Empty, real) if real.is_empty() => {}
            (Kind::Map(map), Real::Map(entries)) if entries.is_empty() && !map.entries.is_empty() => {
                self.nothing_there(map, path, line);
            }
            (Kind::Map(map), Real::Map(_)) => {
                self.ancestors.push(Place { path: path.to_owned(), real });
                self.map(node, map, real, path);
                self.ancestors.pop();
            }
            (Kind::Map(map), Real::Null) => self.nothing_there(map, path, line),
            (Kind::List(items), Real::List(reals)) => {
                self.ancestors.push(Place { path: path.to_owned(), real });
                list::compare(self, node, items, reals, path);
                self.ancestors.pop();
            }
            // Dots stand for the beginning of an item too, its dash included.
            (Kind::Map(_), Real::List(reals)) if node.open => {
                self.ancestors.push(Place { path: path.to_owned(), real });
                list::compare(self, node, std::slice::from_ref(node), reals, path);
                self.ancestors.pop();
            }
            (Kind::Scalar(scalar), Real::Text(_) | Real::Plain(_) | Real::Null) => {
                scalar::compare(self, scalar, real, Spot { line: node.line.max(line), ..spot });
            }
            _ => self.ledger.value(spot, &node.brief(), &real.brief()),
        }
    }

    fn map(&mut self, node: &Node, map: &Map, real: &'r Real, path: &str) {
        self.entries(map, real, path);
        for part in &map.floating {
            self.floating(part);
        }
        if let (false, Real::Map(entries)) = (node.open, real) {
            self.additions(node, map, entries, path);
        }
    }

    fn entries(&mut self, map: &Map, real: &'r Real, path: &str) {
        for (index, entry) in map.entries.iter().enumerate() {
            match real.get(&entry.key) {
                Some(value) if is_outdented(entry, &map.entries[index + 1..], value, real) => {
                    self.ledger.note(entry.line, "E lost indentation", &entry.key, "");
                }
                Some(value) => self.node(&entry.value, value, &join(path, &entry.key), entry.line),
                None => self.elsewhere(entry, path, map.adrift),
            }
        }
    }

    /// A key that its map lacks. Where the page does not show whose key it is (`adrift`), it may stand anywhere.
    fn elsewhere(&mut self, entry: &Entry, path: &str, adrift: bool) {
        let documented = join(path, &entry.key);
        if let Some(found) = self.search(entry) {
            if adrift {
                self.ledger.note(entry.line, "E excerpt", &entry.key, &found.path);
            } else {
                displaced::report(self.ledger, entry.line, &documented, &found.path);
            }
            let ancestors = std::mem::take(&mut self.ancestors);
            self.part(&entry.value, found.real, &found.path);
            self.ancestors = ancestors;
            return;
        }
        let value = entry.value.brief();
        let text = if value.is_empty() { format!("{}:", entry.key) } else { format!("{}: {value}", entry.key) };
        self.ledger.missing(Spot { line: entry.line, path: &documented, rule: "tree key" }, &text);
        if entry.key == "ingress" && path.ends_with("loadBalancer") {
            self.no_load_balancer();
        }
        self.ledger.unseen += entry.value.weight();
        self.unseen(&entry.value);
    }

    /// The last finding is of this cluster, not of the page.
    fn no_load_balancer(&mut self) {
        if let Some(last) = self.ledger.findings_mut().last_mut() {
            last.cause = Cause::Environment;
            last.message.push_str(": this cluster has no load balancer");
        }
    }

    fn search(&self, entry: &Entry) -> Option<Place<'r>> {
        (self.mode == Mode::Final).then(|| displaced::find(entry, &self.ancestors, self.ledger))?
    }

    /// What stands below a key that did not come cannot be compared.
    fn unseen(&mut self, node: &Node) {
        if self.mode == Mode::Trial {
            return;
        }
        match &node.kind {
            Kind::Map(map) => {
                for entry in &map.entries {
                    self.ledger.note(entry.line, "E key gone", &entry.key, "");
                    self.unseen(&entry.value);
                }
            }
            Kind::List(items) => items.iter().for_each(|item| self.unseen(item)),
            Kind::Scalar(scalar) => self.ledger.note(node.line, "E key gone", &scalar.text, ""),
            Kind::Any | Kind::Empty => {}
        }
    }

    /// A documented map where an empty one came: its children may stand beside it.
    fn nothing_there(&mut self, map: &Map, path: &str, line: usize) {
        let node = Node::new(line, Kind::Map(map.clone()));
        let spot = Spot { line, path, rule: "tree value" };
        self.ledger.value(spot, &node.brief(), "{}");
        if path.ends_with("loadBalancer") {
            self.no_load_balancer();
            return self.unseen(&node);
        }
        for entry in &map.entries {
            match self.search(entry) {
                Some(found) => {
                    if let Some(last) = self
                        .ledger
                        .findings_mut()
                        .iter_mut()
                        .rev()
                        .find(|finding| finding.line == line && finding.path == path)
                    {
                        last.message.push_str(&format!("; `{}` is at `{}`", entry.key, found.path));
                    }
                }
                None => {
                    let path = join(path, &entry.key);
                    self.ledger.missing(Spot { line: entry.line, path: &path, rule: "tree key" }, &entry.key);
                }
            }
        }
    }

    /// A part whose place is not shown: wherever below here it fits best.
    fn floating(&mut self, part: &Node) {
        let Some(here) = self.ancestors.last().cloned() else { return };
        let keys: Vec<&str> = match &part.kind {
            Kind::Map(map) => map.entries.iter().map(|entry| entry.key.as_str()).collect(),
            _ => vec![],
        };
        let mut places = vec![];
        here.real.walk(&here.path, &mut |path, real| {
            let fits = match (&part.kind, real) {
                (Kind::Map(_), Real::Map(_)) => keys.iter().all(|key| real.get(key).is_some()),
                (Kind::List(_), Real::List(_)) => true,
                _ => false,
            };
            if fits && places.len() < 200 {
                places.push((path.to_owned(), real));
            }
        });
        let mut best: Option<(Place<'r>, (usize, usize))> = None;
        for (path, real) in places {
            let cost = Self::trial(self.root, self.ledger, part, real, &path);
            if best.as_ref().is_none_or(|(_, least)| cost < *least) {
                best = Some((Place { path, real }, cost));
            }
        }
        match (best, &part.kind) {
            (Some((place, _)), _) => {
                let ancestors = std::mem::take(&mut self.ancestors);
                self.part(part, place.real, &place.path);
                self.ancestors = ancestors;
            }
            (None, Kind::Map(map)) => self.entries(map, here.real, &here.path),
            (None, Kind::Any | Kind::Empty) => {}
            (None, _) => {
                self.ledger.missing(Spot { line: part.line, path: &here.path, rule: "tree part" }, &part.brief())
            }
        }
    }

    /// Keys that came and are not documented, but for those that the server fills in.
    fn additions(&mut self, node: &Node, map: &Map, entries: &[(String, Real)], path: &str) {
        let new: Vec<&str> = entries
            .iter()
            .map(|(key, _)| key.as_str())
            .filter(|key| !map.entries.iter().any(|entry| entry.key == *key) && !is_filled_in(key))
            .collect();
        if !new.is_empty() {
            self.ledger.additive(Spot { line: node.line, path, rule: "tree key" }, &new.join(", "));
        }
    }
}

/// Whether nothing stands below a key because what belongs there stands beside it: its children are told
/// as displaced, and the key itself holds.
fn is_outdented(entry: &Entry, rest: &[Entry], value: &Real, beside: &Real) -> bool {
    entry.value.kind == Kind::Empty
        && rest.iter().any(|next| beside.get(&next.key).is_none() && value.get(&next.key).is_some())
}

/// Keys that the API server and controllers set by themselves.
fn is_filled_in(key: &str) -> bool {
    matches!(
        key,
        "annotations"
            | "creationTimestamp"
            | "generation"
            | "managedFields"
            | "resourceVersion"
            | "uid"
            | "selfLink"
            | "status"
            | "kubectl.kubernetes.io/last-applied-configuration"
            | "deployment.kubernetes.io/revision"
    )
}
