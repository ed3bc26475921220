//! Least-mismatch alignment of two sequences.

/// How two sequences go together, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A documented and an actual item stand for each other; whether they hold is another matter.
    Pair(usize, usize),
    /// A documented item that did not come.
    Missing(usize),
    /// An actual item that is not documented.
    Extra(usize),
    /// An actual item that an elision stands for.
    Elided(usize),
}

/// The most pairs of items that are compared; above it, [`align`] declines.
pub(super) const MAX_PAIRS: usize = 400_000;

const MISSING: u32 = 6;
const EXTRA: u32 = 6;

/// How unlike two items are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// They hold.
    Same,
    /// They differ, and look as if they meant the same thing.
    Close,
    /// They differ.
    Other,
    /// They never stand for each other: a blank line and a line.
    Never,
}

/// What is to be aligned.
pub(super) struct Sequences<'f> {
    /// How many documented items there are.
    pub(super) documented: usize,
    /// How many actual ones.
    pub(super) actual: usize,
    /// Whether an elision stands before a documented item, or (at their number) at the end.
    pub(super) elided: &'f dyn Fn(usize) -> bool,
}

/// Aligns with least mismatch; `None` if that would cost more than [`MAX_PAIRS`].
pub(super) fn align(sequences: &Sequences<'_>, likeness: &dyn Fn(usize, usize) -> Likeness) -> Option<Vec<Step>> {
    let Sequences { documented: n, actual: m, elided } = *sequences;
    if n.saturating_mul(m) > MAX_PAIRS {
        return None;
    }
    let width = m + 1;
    let at = |i: usize, j: usize| i * width + j;
    // `best[at(i, j)]`: the least cost of aligning the rests from `i` and `j` on.
    let mut best = vec![0_u32; (n + 1) * width];
    let skip = |i: usize| if elided(i) { 0 } else { EXTRA };
    for i in (0..=n).rev() {
        for j in (0..=m).rev() {
            best[at(i, j)] = match (i < n, j < m) {
                (false, false) => 0,
                (true, false) => best[at(i + 1, j)] + MISSING,
                (false, true) => best[at(i, j + 1)] + skip(i),
                (true, true) => {
                    let pair = best[at(i + 1, j + 1)] + pair_cost(likeness(i, j));
                    pair.min(best[at(i + 1, j)] + MISSING).min(best[at(i, j + 1)] + skip(i))
                }
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut steps = Vec::with_capacity(n + m);
    while i < n || j < m {
        let here = best[at(i, j)];
        let pairs = i < n && j < m && here == best[at(i + 1, j + 1)] + pair_cost(likeness(i, j));
        if pairs {
            steps.push(Step::Pair(i, j));
            (i, j) = (i + 1, j + 1);
        } else if i < n && here == best[at(i + 1, j)] + MISSING {
            steps.push(Step::Missing(i));
            i += 1;
        } else {
            steps.push(if elided(i) { Step::Elided(j) } else { Step::Extra(j) });
            j += 1;
        }
    }
    Some(steps)
}

fn pair_cost(likeness: Likeness) -> u32 {
    match likeness {
        Likeness::Same => 0,
        Likeness::Close => 5,
        Likeness::Other => 11,
        Likeness::Never => 1_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(documented: &str, actual: &str, expected: &[Step]) {
        let ours: Vec<char> = documented.chars().filter(|c| *c != '.').collect();
        let mut gaps = vec![false; ours.len() + 1];
        let mut index = 0;
        for c in documented.chars() {
            if c == '.' { gaps[index] = true } else { index += 1 }
        }
        let theirs: Vec<char> = actual.chars().collect();
        let sequences = Sequences { documented: ours.len(), actual: theirs.len(), elided: &|i| gaps[i] };
        let likeness = |i: usize, j: usize| match (ours[i] == theirs[j], ours[i].eq_ignore_ascii_case(&theirs[j])) {
            (true, _) => Likeness::Same,
            (_, true) => Likeness::Close,
            _ => Likeness::Other,
        };
        assert_eq!(align(&sequences, &likeness).as_deref(), Some(expected), "{documented} {actual}");
    }

    #[test]
    fn elisions_take_what_is_between() {
        use Step::{Elided, Extra, Missing, Pair};
        check("ab", "ab", &[Pair(0, 0), Pair(1, 1)]);
        check("a.c", "abbc", &[Pair(0, 0), Elided(1), Elided(2), Pair(1, 3)]);
        check(".b.", "abc", &[Elided(0), Pair(0, 1), Elided(2)]);
        check("ac", "abc", &[Pair(0, 0), Extra(1), Pair(1, 2)]);
        check("abc", "ac", &[Pair(0, 0), Missing(1), Pair(2, 1)]);
        check("aXc", "axc", &[Pair(0, 0), Pair(1, 1), Pair(2, 2)]);
        check("axc", "ayc", &[Pair(0, 0), Pair(1, 1), Pair(2, 2)]);
    }
}
