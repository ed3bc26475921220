//! Changes every letter and digit of a documented output, one at a time: a change that nobody
//! notices is only right where a rule says that the token is free.

use std::collections::BTreeMap;

use super::Comparison;
use docbuild::verify::matching::Outcome;

/// A change that gave no finding at its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Survivor {
    /// 1-based line of the documented text.
    pub(crate) line: usize,
    /// The word as documented, and as changed.
    pub(crate) word: String,
    pub(crate) changed: String,
    /// The rule that let it hold; `None` if no decision speaks of the word.
    pub(crate) rule: Option<&'static str>,
}

/// What a run over a text came to.
#[derive(Debug, Default)]
pub(crate) struct Mutations {
    /// How many changes were tried.
    pub(crate) tried: usize,
    pub(crate) survivors: Vec<Survivor>,
}

impl Mutations {
    /// The survivors that no rule explains.
    pub(crate) fn unexplained(&self) -> Vec<&Survivor> {
        self.survivors.iter().filter(|survivor| survivor.rule.is_none()).collect()
    }

    /// How many survived by each rule.
    pub(crate) fn by_rule(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for survivor in &self.survivors {
            *counts.entry(survivor.rule.unwrap_or("none")).or_default() += 1;
        }
        counts
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.tried += other.tried;
        self.survivors.extend(other.survivors);
    }
}

/// Every `stride`-th change of a comparison's documented text: each letter and digit replaced,
/// removed, and followed by another.
pub(crate) fn mutate(comparison: &Comparison, stride: usize) -> Mutations {
    let base = comparison.outcome();
    let mut mutations = Mutations::default();
    let mut count = 0;
    let mut start = 0;
    for (index, line) in comparison.documented.split_inclusive('\n').enumerate() {
        for (at, c) in line.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()) {
            for changed in changes(c) {
                count += 1;
                if count % stride != 0 {
                    continue;
                }
                mutations.tried += 1;
                let position = start + at;
                let text = format!(
                    "{}{changed}{}",
                    &comparison.documented[..position],
                    &comparison.documented[position + 1..]
                );
                let outcome = comparison.outcome_of(&text);
                if is_noticed(&base, &outcome, index + 1) {
                    continue;
                }
                let changed_line = text.lines().nth(index).unwrap_or("");
                let word = word_at(line, at);
                if came(comparison, word_at(changed_line, at)) && speaks(&outcome, index + 1) < speaks(&base, index + 1)
                {
                    // The change happens to make it what came.
                    continue;
                }
                let rule = rule_of(&outcome, index + 1, word_at(changed_line, at))
                    .or_else(|| rule_of(&outcome, index + 1, word));
                mutations.survivors.push(Survivor {
                    line: index + 1,
                    word: word.to_owned(),
                    changed: word_at(changed_line, at).to_owned(),
                    rule,
                });
            }
        }
        start += line.len();
    }
    mutations
}

fn changes(c: char) -> [String; 3] {
    let other = match c {
        '9' => '0',
        'z' => 'a',
        'Z' => 'A',
        c => char::from(c as u8 + 1),
    };
    [other.to_string(), String::new(), format!("{c}{other}")]
}

fn word_at(line: &str, at: usize) -> &str {
    let at = at.min(line.len());
    let start = line[..at].rfind(char::is_whitespace).map_or(0, |before| before + 1);
    let end = line[at..].find(char::is_whitespace).map_or(line.len(), |after| at + after);
    &line[start..end]
}

/// Whether there is a finding at the line that the unchanged text does not have.
fn is_noticed(base: &Outcome, changed: &Outcome, line: usize) -> bool {
    changed
        .findings
        .iter()
        .filter(|found| found.line == line || found.lines.contains(&line))
        .any(|found| !base.findings.contains(found))
}

/// How much an outcome has to say of a line.
fn speaks(outcome: &Outcome, line: usize) -> usize {
    outcome.findings.iter().filter(|found| found.line == line || found.lines.contains(&line)).count()
        + outcome.decisions.iter().filter(|decision| decision.line == line).count()
}

/// Whether a word is one of those that came.
fn came(comparison: &Comparison, word: &str) -> bool {
    let actual = &comparison.actual;
    actual.stdout.split_whitespace().chain(actual.stderr.split_whitespace()).any(|other| other == word)
}

fn rule_of(outcome: &Outcome, line: usize, word: &str) -> Option<&'static str> {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    outcome
        .decisions
        .iter()
        .filter(|decision| decision.line == line)
        .find(|decision| decision.documented.contains(bare) || bare.contains(decision.documented.trim()))
        .map(|decision| decision.rule)
}

#[test]
fn a_survivor_is_noticed() {
    let comparison = Comparison::of(
        "kubectl get pods",
        "NAME   READY   AGE\nweb    1/1     5s\n",
        "NAME   READY   AGE\nweb    1/1     70s\n",
    );
    let mutations = mutate(&comparison, 1);
    assert_eq!(mutations.tried, 3 * (4 + 5 + 3 + 3 + 2 + 2));
    assert!(
        mutations.survivors.iter().all(|survivor| survivor.rule == Some("B5 duration")),
        "{:?}",
        mutations.survivors
    );
    assert!(!mutations.survivors.is_empty(), "an age is free");
}
