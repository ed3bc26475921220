//! One documented text against one actual text, by the rules of section B, the first that applies.
//!
//! In: the two texts, a [`Place`] (what may vary there) and a [`Scope`] (facts and bindings).
//! Out: the [`Use`]s of rules other than plain equality that let it hold, or `None`.
//! A text may hold many tokens (a line of a log, a cell, a scalar): both sides are walked together,
//! volatile instances are recognised at word boundaries, wildcards backtrack.

pub(super) mod classes;
pub(super) mod ip;
pub(super) mod names;
pub(super) mod scan;
mod walk;
pub(super) mod words;

use std::collections::BTreeMap;

use super::{Bindings, VolatileFacts};

/// What may vary where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Durations are ages here, not settings.
    pub(super) ages: bool,
    /// A node's name is what is meant here.
    pub(super) nodes: bool,
    /// How free the other volatile classes are.
    pub(super) classes: Classes,
}

/// How free the volatile classes of B5 are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Classes {
    /// Two instances of one class hold.
    Free,
    /// Only equality, bindings and wildcards.
    Strict,
}

impl Place {
    /// Running text: a log, a message.
    pub(super) const TEXT: Self = Self { ages: true, nodes: false, classes: Classes::Free };
    /// A value that may be a setting.
    pub(super) const VALUE: Self = Self { ages: false, nodes: false, classes: Classes::Free };
    /// An age.
    pub(super) const AGE: Self = Self { ages: true, nodes: false, classes: Classes::Free };
    /// A node's name.
    pub(super) const NODE: Self = Self { ages: false, nodes: true, classes: Classes::Free };
}

/// One use of a rule other than equality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) documented: String,
    pub(super) actual: String,
    pub(super) rule: &'static str,
    pub(super) binding: BindingKind,
}

/// What a use says of the same token elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BindingKind {
    /// Nothing.
    Free,
    /// It stands for the same thing all over the block, and no other token does.
    Injective,
    /// It stands for the same thing, but others may too (one node for many documented ones).
    Shared,
}

/// What a comparison knows: the page's bindings, this block's, the live objects, the command.
#[derive(Debug, Clone)]
pub(super) struct Scope<'a> {
    pub(super) facts: &'a VolatileFacts,
    pub(super) page: &'a Bindings,
    pub(super) command: &'a str,
    /// Bound in this block: documented -> actual.
    pub(super) forward: BTreeMap<String, String>,
    /// The injective ones the other way round.
    pub(super) backward: BTreeMap<String, String>,
}

impl Scope<'_> {
    /// The uses of rules by which `documented` holds against `actual`; `None` where it does not.
    pub(super) fn phrase(&self, place: Place, documented: &str, actual: &str) -> Option<Vec<Use>> {
        if documented == actual {
            return Some(vec![]);
        }
        walk::walk(self, place, documented, actual)
    }

    /// Whether `documented` holds against `actual`.
    pub(super) fn holds(&self, place: Place, documented: &str, actual: &str) -> bool {
        self.phrase(place, documented, actual).is_some()
    }

    /// What the token is bound to: in this block, else on this page.
    pub(super) fn bound(&self, documented: &str) -> Option<&str> {
        let here = self.forward.get(documented).map(String::as_str);
        here.or_else(|| self.page.bound.get(documented).map(|binding| binding.actual.as_str()))
    }

    /// Whether binding these two would contradict what is bound in this block.
    fn contradicts(&self, documented: &str, actual: &str) -> bool {
        if self.forward.get(documented).is_some_and(|bound| bound != actual) {
            return true;
        }
        self.backward.get(actual).is_some_and(|bound| bound != documented)
    }

    /// Remembers what the uses bind in this block.
    pub(super) fn bind(&mut self, uses: &[Use]) {
        for used in uses {
            if used.binding == BindingKind::Free {
                continue;
            }
            self.forward.insert(used.documented.clone(), used.actual.clone());
            if used.binding == BindingKind::Injective {
                self.backward.insert(used.actual.clone(), used.documented.clone());
            }
        }
    }
}

/// Whether a line is nothing but an elision.
pub(super) fn is_elision(line: &str) -> bool {
    let line = line.trim();
    let line = line.strip_prefix('#').or_else(|| line.strip_prefix("//")).unwrap_or(line).trim();
    matches!(line, "..." | "…" | "[...]" | "[…]" | "{...}" | "<...>" | "(...)" | "....") || is_snip(line)
}

fn is_snip(line: &str) -> bool {
    let inner = ["[", "<", "("].iter().find_map(|open| line.strip_prefix(open)).unwrap_or("");
    let inner = inner.trim_end_matches([']', '>', ')']);
    matches!(inner, "snip" | "snipped" | "truncated" | "output truncated" | "omitted" | "output omitted")
}
