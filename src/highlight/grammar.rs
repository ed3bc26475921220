//! Code of the languages without a reader of our own: by syntect, with the grammars of two-face.
//!
//! A grammar is a set of regular expressions that backtrack. Code is read by one only up to a size, and
//! lines only up to a length: the rest is plain.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use super::languages::Language;
use super::run::{Class, Runs};

/// Code longer than this, in bytes, is plain.
const LONGEST_CODE: usize = 64 << 10;

/// A line longer than this, in bytes, and everything behind it is plain.
const LONGEST_LINE: usize = 512;

/// The grammars, read when the first code needs one. Each compiles its expressions when it first meets them.
static GRAMMARS: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// What was read before: translations of a page have the same code. It holds results of a pure function,
/// so nobody can tell whether it is there; it is emptied in parts when it grows.
static MEMO: LazyLock<Memo> = LazyLock::new(Memo::default);

/// What is what in some code.
pub(super) fn runs(language: &'static Language, text: &str) -> Runs {
    if text.len() > LONGEST_CODE {
        return Runs::default();
    }
    let key = (language.name, text);
    let shard = MEMO.shard(&key);
    if let Some(known) = shard.lock().unwrap_or_else(PoisonError::into_inner).get(language.name, text) {
        return Runs::clone(&known);
    }
    let runs = language.syntax(&GRAMMARS).map(|syntax| parse(syntax, text)).unwrap_or_default();
    shard.lock().unwrap_or_else(PoisonError::into_inner).put(language.name, text, &runs);
    runs
}

fn parse(syntax: &SyntaxReference, text: &str) -> Runs {
    let mut runs = Runs::default();
    let mut state = ParseState::new(syntax);
    let mut scopes = ScopeStack::new();
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        // What the state behind such a line is, nobody knows.
        if line.len() > LONGEST_LINE {
            break;
        }
        let Ok(changes) = state.parse_line(line, &GRAMMARS) else { break };
        let mut at = 0;
        for (place, change) in changes {
            let place = place.min(line.len());
            if place > at {
                mark(&mut runs, text, line_start + at, line_start + place, class(&scopes));
                at = place;
            }
            if scopes.apply(&change).is_err() {
                return runs;
            }
        }
        mark(&mut runs, text, line_start + at, line_start + line.len(), class(&scopes));
        line_start += line.len();
    }
    runs
}

/// Marks without blanks at the ends.
fn mark(runs: &mut Runs, text: &str, start: usize, end: usize, class: Class) {
    let part = text.get(start..end).unwrap_or_default();
    let from = start + (part.len() - part.trim_start().len());
    runs.mark(text, from, from + part.trim().len(), class);
}

/// What the innermost scope is that says so.
fn class(scopes: &ScopeStack) -> Class {
    scopes.scopes.iter().rev().find_map(|scope| class_of(*scope)).unwrap_or_default()
}

fn class_of(scope: Scope) -> Option<Class> {
    static CLASSES: LazyLock<Vec<(Scope, Class)>> = LazyLock::new(|| {
        let names = SCOPES.iter().filter_map(|(name, class)| Some((Scope::new(name).ok()?, *class)));
        names.collect()
    });
    CLASSES.iter().find(|(known, _)| known.is_prefix_of(scope)).map(|(_, class)| *class)
}

/// The scopes that grammars agree on (the naming guide of Sublime Text); the first that fits counts.
const SCOPES: &[(&str, Class)] = &[
    ("comment", Class::Comment),
    ("string", Class::Text),
    ("constant.numeric", Class::Number),
    ("constant.character", Class::Text),
    ("constant", Class::Keyword),
    ("keyword.operator", Class::Plain),
    ("keyword", Class::Keyword),
    ("storage", Class::Keyword),
    ("entity.name.tag", Class::Key),
    ("entity.other.attribute-name", Class::Key),
    ("entity.name.section", Class::Heading),
    ("support.type.property-name", Class::Key),
    ("support.function", Class::Builtin),
    ("support.type", Class::Builtin),
    ("support.class", Class::Builtin),
    ("variable.other.readwrite.assignment", Class::Variable),
    ("variable.parameter", Class::Plain),
    ("variable.function", Class::Plain),
    ("variable.language", Class::Keyword),
    ("markup.heading", Class::Heading),
    ("markup.inserted", Class::Inserted),
    ("markup.deleted", Class::Deleted),
    ("markup.raw", Class::Text),
    ("meta.diff.header", Class::Heading),
    ("meta.diff.range", Class::Heading),
    ("meta.interpolation", Class::Plain),
    ("punctuation.section.interpolation", Class::Variable),
];

/// Results by language and code, in parts with a lock each.
#[derive(Default)]
struct Memo {
    shards: [Mutex<Shard>; 16],
    hasher: RandomState,
}

/// How much code one part of the memo holds, at most, in bytes.
const SHARD_BYTES: usize = 512 << 10;

#[derive(Default)]
struct Shard {
    known: HashMap<&'static str, HashMap<Box<str>, Arc<Runs>>>,
    bytes: usize,
}

impl Memo {
    fn shard(&self, key: &(&str, &str)) -> &Mutex<Shard> {
        let hash = self.hasher.hash_one(key);
        &self.shards[usize::try_from(hash % 16).unwrap_or_default()]
    }
}

impl Shard {
    fn get(&self, language: &str, text: &str) -> Option<Arc<Runs>> {
        self.known.get(language)?.get(text).cloned()
    }

    fn put(&mut self, language: &'static str, text: &str, runs: &Runs) {
        if self.bytes > SHARD_BYTES {
            *self = Self::default();
        }
        self.bytes += text.len();
        self.known.entry(language).or_default().insert(text.into(), Arc::new(runs.clone()));
    }
}
