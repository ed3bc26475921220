//! Documented output against actual output.
//!
//! In: [`Documented`] (text with its source lines), [`Actual`] (what one command printed),
//! [`VolatileFacts`] (what is known of live objects) and the page's [`Bindings`].
//! Out: [`Outcome`]: findings with source lines, and the rule behind each decision.
//! Pure and total: knows nothing of a cluster, a file or a clock.
//!
//! 1. [`case`]: the documented lines with their places, the command's words.
//! 2. [`registry`]: the first matcher that fits the shape of the text and the command.
//! 3. The matcher pairs documented with actual pieces (lines, rows, nodes) and settles each pair
//!    by [`token`]: the rules of section B of the design, the first that applies.
//! 4. [`ledger`]: findings, decisions and what was bound.
//!
//! To add a matcher: one file with a [`registry::Matcher`], one line in [`registry::MATCHERS`].

mod align;
mod case;
mod columns;
mod describe;
mod errors;
mod ledger;
mod logs;
mod names;
mod progress;
mod registry;
mod table;
mod text;
mod token;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::verify::model::Finding;
pub use errors::ErrorText;

/// Compares what a page documents with what came, and binds in `bindings` what documented names
/// turned out to be.
///
/// Never a pass that was not earned: what cannot be compared (an output too large to align) is a
/// finding that says so.
pub fn compare(
    documented: &Documented<'_>,
    actual: &Actual,
    bindings: &mut Bindings,
    facts: &VolatileFacts,
) -> Outcome {
    // Rule B1 for the whole output: equal bytes hold, whatever shape the text is taken for.
    let is_same = |actual: &Actual| documented.text.trim() == actual.stdout.trim();
    let plain = without_colours(actual);
    let is_equal = actual.exit.is_none_or(|code| code == 0) && (is_same(actual) || plain.as_ref().is_some_and(is_same));
    let actual = plain.as_ref().unwrap_or(actual);
    let case = case::Case::new(documented, actual);
    let (mut outcome, bound) = {
        let mut ledger = ledger::Ledger::new(&case, bindings, facts);
        let matcher = registry::choose(&case);
        if is_equal || case.is_comparable() {
            matcher.compare(&case, &mut ledger);
        } else {
            ledger.too_large(case.first_line(), "output");
        }
        ledger.finish(matcher.name())
    };
    bindings.bound.extend(bound);
    if is_equal {
        outcome.findings.clear();
        outcome.each.clear();
    }
    outcome
}

/// What came without the escape sequences that colour it, if there are any: some programs colour what
/// goes into a file, too.
fn without_colours(actual: &Actual) -> Option<Actual> {
    let is_coloured = |text: &str| text.contains("\u{1b}[");
    if !is_coloured(&actual.stdout) && !is_coloured(&actual.stderr) {
        return None;
    }
    let plain = |text: &str| {
        let mut parts = text.split("\u{1b}[");
        let mut plain = parts.next().unwrap_or("").to_owned();
        for part in parts {
            let code = part.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
            match part.as_bytes().get(code) {
                Some(b'm' | b'K') => plain.push_str(&part[code + 1..]),
                _ => plain.extend(["\u{1b}[", part]),
            }
        }
        plain
    };
    Some(Actual { stdout: plain(&actual.stdout), stderr: plain(&actual.stderr), ..actual.clone() })
}

/// A documented output.
#[derive(Debug, Clone, Copy)]
pub struct Documented<'a> {
    /// The block's text, without fences and container indentation.
    pub text: &'a str,
    /// For each line of `text`, its 1-based line in the source file.
    pub lines: &'a [usize],
    /// The command it documents, as the page prints it.
    pub command: &'a str,
    /// The source line of that command.
    pub command_line: usize,
}

/// What a command did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Actual {
    /// Standard output (of a terminal: both, escapes and prompts removed).
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Exit code; `None` where there is none (a session's opening, a REPL).
    pub exit: Option<i32>,
    /// Whether the text came from a terminal (runs of blanks then count as one).
    pub terminal: bool,
}

/// What is known of the cluster's live objects when an output is matched: the values that no two
/// clusters share, and the names that controllers made. Recorded with a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct VolatileFacts {
    /// Live objects of the namespaces the page uses.
    pub objects: Vec<ObjectFacts>,
    /// Names of the nodes.
    pub nodes: Vec<String>,
    /// Images that are stand-ins here: reference -> what it is.
    pub stand_ins: BTreeMap<String, String>,
    /// The runtime's scheme in container ids (`containerd`).
    pub runtime: String,
}

/// The volatile part of one live object.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct ObjectFacts {
    /// `Pod`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace; empty for cluster-scoped ones.
    pub namespace: String,
    /// The stem its name was generated from (`web-6d4cf56db6-` of its owner), if it was.
    pub generate_name: Option<String>,
    /// Kind and name of its controller, if it has one.
    pub owner: Option<(String, String)>,
    /// uid, resourceVersion, podIP, hostIP, clusterIP, nodeName, creationTimestamp ...: field -> value.
    pub volatile: BTreeMap<String, String>,
    /// Why a Pod does not run or a claim is not bound on this cluster, where that is not the page's fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stuck: Option<String>,
}

/// What documented names turned out to be on this run, page-wide: documented -> actual.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bindings {
    /// Documented token -> actual token, and the source line where it was bound first.
    pub bound: BTreeMap<String, Binding>,
}

impl Bindings {
    /// Binds the names that were filled in when a command was run: the page's word -> what was run in its place.
    pub fn fill_in(&mut self, planned: &str, ran: &str, line: usize) {
        let words = |text: &str| -> Vec<String> {
            text.split(|c: char| c.is_whitespace() || matches!(c, '/' | '=' | '"' | '\'' | ':' | ','))
                .map(str::to_owned)
                .collect()
        };
        let (planned, ran) = (words(planned), words(ran));
        if planned.len() != ran.len() {
            return;
        }
        for (documented, actual) in planned.into_iter().zip(ran).filter(|(documented, actual)| documented != actual) {
            let binding = Binding { actual, line, rule: "A10 name filled in".to_owned() };
            self.bound.entry(documented).or_insert(binding);
        }
    }
}

/// One bound token.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Binding {
    /// The actual token.
    pub actual: String,
    /// Source line where it was bound.
    pub line: usize,
    /// Which rule bound it (`generated name`, `ip`, `uid`).
    pub rule: String,
}

/// What came of a comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The differences, in source order. Only `additive` ones (or none): it is as documented.
    pub findings: Vec<Finding>,
    /// The same before one change on several lines became one finding: each with its own line and texts.
    pub each: Vec<Finding>,
    /// Where the rule is not plain equality: which rule let a documented token hold.
    pub decisions: Vec<Decision>,
    /// Which matcher was used: `table`, `tree`, `text`, `ps`, `describe` ...
    pub matcher: &'static str,
}

/// A documented token that holds although its bytes differ, or that is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Source line.
    pub line: usize,
    /// The documented token.
    pub documented: String,
    /// What came.
    pub actual: String,
    /// The rule, with the name of its volatile class: `B5 duration`, `B2 wildcard`.
    pub rule: &'static str,
}
