//! Where two texts differ, token by token, and where a documented text elides.

use std::ops::Range;

/// A part of the old text, and what stands there in the new one. Both may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hunk {
    pub(super) at: Range<usize>,
    pub(super) new: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Mark,
    /// Stands for anything.
    Elision,
}

#[derive(Debug, Clone)]
struct Token {
    at: Range<usize>,
    kind: Kind,
}

/// The most pairs of tokens that are compared; above it, what is between common ends is one hunk.
const MOST_PAIRS: usize = 400_000;

/// The hunks that make `new` of `old`, in order. An elision of the old text stands for as much of the
/// new one as there is, and is in no hunk.
pub(super) fn hunks(old: &str, new: &str) -> Vec<Hunk> {
    let (ours, theirs) = (tokens(old, true), tokens(new, false));
    let same = |one: &Token, other: &Token| old[one.at.clone()] == new[other.at.clone()];
    let head = ours.iter().zip(&theirs).take_while(|(one, other)| same(one, other)).count();
    let limit = ours.len().min(theirs.len()) - head;
    let tail =
        ours.iter().rev().zip(theirs.iter().rev()).take(limit).take_while(|(one, other)| same(one, other)).count();
    let (n, m) = (ours.len() - tail, theirs.len() - tail);
    let text = Texts { old, new, ours: &ours, theirs: &theirs };
    if (n - head).saturating_mul(m - head) > MOST_PAIRS {
        return text.one_hunk(head..n, head..m);
    }
    text.hunks(&align(&text, head..n, head..m))
}

/// The old text with some of its hunks.
pub(super) fn apply<'h>(old: &str, hunks: impl IntoIterator<Item = &'h Hunk>) -> String {
    let mut text = String::with_capacity(old.len());
    let mut from = 0;
    for hunk in hunks {
        text.push_str(&old[from..hunk.at.start]);
        text.push_str(&hunk.new);
        from = hunk.at.end;
    }
    text.push_str(&old[from..]);
    text
}

/// How many words and marks a text has, elisions apart.
pub(super) fn count(text: &str) -> usize {
    tokens(text, true).iter().filter(|token| token.kind != Kind::Elision).count()
}

struct Texts<'t> {
    old: &'t str,
    new: &'t str,
    ours: &'t [Token],
    theirs: &'t [Token],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Pair(usize, usize),
    Delete(usize),
    Insert(usize),
    /// An elision takes a token of the new text.
    Absorb,
    /// An elision ends.
    Pass,
}

impl Texts<'_> {
    fn one_hunk(&self, ours: Range<usize>, theirs: Range<usize>) -> Vec<Hunk> {
        let span = |tokens: &[Token], range: Range<usize>| match tokens.get(range) {
            Some([first, .., last]) => first.at.start..last.at.end,
            Some([only]) => only.at.clone(),
            _ => 0..0,
        };
        vec![Hunk { at: span(self.ours, ours), new: self.new[span(self.theirs, theirs)].to_owned() }]
    }

    /// Whether a token is the same; glued to an elision, whether it is its beginning or end.
    fn holds(&self, i: usize, j: usize) -> bool {
        let (ours, theirs) = (&self.ours[i].at, &self.theirs[j].at);
        let (one, other) = (&self.old[ours.clone()], &self.new[theirs.clone()]);
        let elides = |token: &Token| token.kind == Kind::Elision;
        let cut_behind = self.ours.get(i + 1).is_some_and(|next| elides(next) && next.at.start == ours.end);
        let cut_before = i > 0 && elides(&self.ours[i - 1]) && self.ours[i - 1].at.end == ours.start;
        one == other || cut_behind && other.starts_with(one) || cut_before && other.ends_with(one)
    }

    fn cost(&self, i: usize, j: usize) -> u32 {
        let (one, other) = (&self.ours[i], &self.theirs[j]);
        if self.holds(i, j) {
            return 0;
        }
        match (one.kind, other.kind) {
            (Kind::Word, Kind::Word) => 10,
            (Kind::Mark, Kind::Mark) => 14,
            _ => 1_000,
        }
    }

    fn hunks(&self, steps: &[Step]) -> Vec<Hunk> {
        let mut hunks: Vec<Hunk> = vec![];
        let mut end = 0;
        let mut begun = false;
        for (at, step) in steps.iter().enumerate() {
            match *step {
                Step::Pair(i, j) => {
                    let (one, other) = (&self.ours[i], &self.theirs[j]);
                    end = one.at.end;
                    if !self.holds(i, j) {
                        hunks.push(Hunk { at: one.at.clone(), new: self.new[other.at.clone()].to_owned() });
                    }
                }
                Step::Delete(i) => {
                    let goes_on = at > 0 && matches!(steps[at - 1], Step::Delete(_));
                    self.delete(&mut hunks, i, goes_on);
                    end = self.ours[i].at.end;
                }
                Step::Insert(j) => {
                    let goes_on = at > 0 && matches!(steps[at - 1], Step::Insert(_));
                    self.insert(&mut hunks, j, end, goes_on, !begun);
                }
                Step::Absorb => {}
                Step::Pass => end = self.elision_after(end),
            }
            begun |= !matches!(step, Step::Insert(_));
        }
        hunks.retain(|hunk| !(hunk.at.is_empty() && hunk.new.is_empty()));
        hunks
    }

    fn elision_after(&self, end: usize) -> usize {
        let next = self.ours.iter().find(|token| token.kind == Kind::Elision && token.at.start >= end);
        next.map_or(end, |token| token.at.end)
    }

    /// Takes a token away with the blanks before it; at the beginning, with those behind it.
    fn delete(&self, hunks: &mut Vec<Hunk>, i: usize, goes_on: bool) {
        let token = &self.ours[i];
        if let Some(last) = hunks.last_mut().filter(|_| goes_on) {
            last.at.end = last.at.end.max(token.at.end);
            return;
        }
        let before = i.checked_sub(1).map(|before| self.ours[before].at.end);
        let range = match (before, self.ours.get(i + 1)) {
            (Some(before), _) => before..token.at.end,
            (None, Some(next)) => token.at.start..next.at.start,
            (None, None) => token.at.clone(),
        };
        // What was replaced right before keeps its place.
        let from = hunks.last().map_or(range.start, |last| range.start.max(last.at.end));
        hunks.push(Hunk { at: from..range.end.max(from), new: String::new() });
    }

    /// Adds a token with the blanks before it; at the beginning, with those behind it.
    fn insert(&self, hunks: &mut Vec<Hunk>, j: usize, end: usize, goes_on: bool, first: bool) {
        let token = &self.theirs[j];
        let before = j.checked_sub(1).map_or(0, |before| self.theirs[before].at.end);
        let after = self.theirs.get(j + 1).map_or(token.at.end, |next| next.at.start);
        let new = if first { &self.new[token.at.start..after] } else { &self.new[before..token.at.end] };
        match hunks.last_mut().filter(|last| goes_on && last.at.is_empty()) {
            Some(last) => last.new.push_str(new),
            None => {
                let at = if first { self.ours.first().map_or(0, |token| token.at.start) } else { end };
                hunks.push(Hunk { at: at..at, new: new.to_owned() });
            }
        }
    }
}

/// Beside an elision, another word is more likely than one less.
const DELETE: u32 = 11;
const INSERT: u32 = 8;

fn align(texts: &Texts<'_>, ours: Range<usize>, theirs: Range<usize>) -> Vec<Step> {
    let (n, m) = (ours.len(), theirs.len());
    let elision = |i: usize| texts.ours[ours.start + i].kind == Kind::Elision;
    let width = m + 1;
    let mut best = vec![0_u32; (n + 1) * width];
    // The least cost of aligning the rests, and the step that has it.
    let choose = |best: &[u32], i: usize, j: usize| -> (u32, Step) {
        let mut options: Vec<(u32, Step)> = Vec::with_capacity(3);
        if i < n && elision(i) {
            options.push((best[(i + 1) * width + j], Step::Pass));
            if j < m {
                options.push((best[i * width + j + 1], Step::Absorb));
            }
        } else {
            if i < n && j < m {
                let (at, other) = (ours.start + i, theirs.start + j);
                options.push((best[(i + 1) * width + j + 1] + texts.cost(at, other), Step::Pair(at, other)));
            }
            if i < n {
                options.push((best[(i + 1) * width + j] + DELETE, Step::Delete(ours.start + i)));
            }
            if j < m {
                options.push((best[i * width + j + 1] + INSERT, Step::Insert(theirs.start + j)));
            }
        }
        options.into_iter().min_by_key(|(cost, _)| *cost).unwrap_or((0, Step::Pass))
    };
    for i in (0..=n).rev() {
        for j in (0..=m).rev() {
            if i < n || j < m {
                best[i * width + j] = choose(&best, i, j).0;
            }
        }
    }
    let mut steps: Vec<Step> = (0..ours.start).map(|at| Step::Pair(at, at)).collect();
    let (mut i, mut j) = (0, 0);
    while i < n || j < m {
        let (_, step) = choose(&best, i, j);
        match step {
            Step::Pair(..) => (i, j) = (i + 1, j + 1),
            Step::Delete(_) | Step::Pass => i += 1,
            Step::Insert(_) | Step::Absorb => j += 1,
        }
        steps.push(step);
    }
    steps
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// The tokens of a text; with `elisions`, `...`, `…` and `<words>` stand for anything.
fn tokens(text: &str, elisions: bool) -> Vec<Token> {
    let mut tokens = vec![];
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let rest = &text[at..];
        if let Some(length) = elision(rest).filter(|_| elisions) {
            tokens.push(Token { at: at..at + length, kind: Kind::Elision });
            at += length;
            continue;
        }
        let mut length: usize = word(rest);
        let kind = if length > 0 { Kind::Word } else { Kind::Mark };
        if length == 0 {
            length = c.len_utf8();
        }
        tokens.push(Token { at: at..at + length, kind });
        at += length;
    }
    tokens
}

/// The length of the word that a text begins with: no elision in it, no full stop at its end.
fn word(text: &str) -> usize {
    let end = text.char_indices().find(|(_, c)| !is_word(*c)).map_or(text.len(), |(at, _)| at);
    let whole = &text[..end];
    let whole = whole.find("...").map_or(whole, |dots| &whole[..dots]);
    whole.trim_end_matches('.').len()
}

/// The literals in angle brackets that Kubernetes prints.
const LITERALS: &[&str] = &["<none>", "<pending>", "<unset>", "<invalid>", "<unknown>", "<nil>", "<error>"];

fn elision(text: &str) -> Option<usize> {
    if text.starts_with("...") {
        return Some(text.bytes().take_while(|byte| *byte == b'.').count());
    }
    if text.starts_with('…') {
        return Some('…'.len_utf8());
    }
    let close = text.strip_prefix('<')?.find('>')? + 2;
    let written = &text[..close];
    let inner = &written[1..close - 1];
    let is_words = inner.starts_with(char::is_alphabetic)
        && inner.chars().all(|c| c.is_numeric() || c.is_alphabetic() && !c.is_uppercase() || " -_'".contains(c));
    (is_words && !LITERALS.contains(&written)).then_some(close)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elides(text: &str) -> bool {
        tokens(text, true).iter().any(|token| token.kind == Kind::Elision)
    }

    #[track_caller]
    fn check(old: &str, new: &str, expected: &[(&str, &str)]) {
        let hunks = hunks(old, new);
        let found: Vec<(&str, &str)> = hunks.iter().map(|hunk| (&old[hunk.at.clone()], hunk.new.as_str())).collect();
        assert_eq!(found, expected);
        if !elides(old) {
            assert_eq!(apply(old, &hunks), new);
        }
    }

    #[test]
    fn hunks_are_tokens() {
        check("a b c", "a x c", &[("b", "x")]);
        check("a c", "a b c", &[("", " b")]);
        check("b c", "a b c", &[("", "a ")]);
        check("a b c", "a c", &[(" b", "")]);
        check("a b", "b", &[("a ", "")]);
        check("pod \"x\" deleted", "pod \"x\" deleted from default namespace", &[("", " from default namespace")]);
        check("time=12:30:01 a", "time=12:31:02 b", &[("30", "31"), ("01", "02"), ("a", "b")]);
        check("limit is 5.", "limit is 5", &[(".", "")]);
        check("a", "", &[("a", "")]);
        check("", "a b", &[("", "a b")]);
        check("a b", "c d e", &[("a", "c"), ("b", "d"), ("", " e")]);
    }

    #[test]
    fn elisions_take_what_is_there_and_stay() {
        check("id docker://c1d8... old end", "id docker://c1d8ff and more new end", &[("old", "new")]);
        check("created ... ago by x", "created 5 m ago by y", &[("x", "y")]);
        check("the <pod name> runs", "the web-1 ran", &[("runs", "ran")]);
        check("IP <none> x", "IP <pending> x", &[("none", "pending")]);
    }
}
