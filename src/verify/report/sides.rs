//! Two texts side by side or one above the other, line by line, in a given width.
//!
//! In: the documented text and what came. Out: [`Row`]s: lines that are equal, that differ, or that only
//! one of them has; then text. Long lines are broken at the width, so that nothing is lost.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use unicode_width::UnicodeWidthChar as _;

use super::visible;

/// How many lines of a side are shown.
const MOST_LINES: usize = 40;

/// Lines that stand beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The documented line.
    pub(super) left: Option<String>,
    /// The line that came.
    pub(super) right: Option<String>,
    /// Whether both are the same.
    pub(super) equal: bool,
}

/// The rows of two texts, as readers can see them, and how many lines were left out.
pub(super) fn rows(documented: &str, actual: &str) -> (Vec<Row>, usize) {
    let (documented, actual) = (visible(documented), visible(actual));
    let (old, new): (Vec<&str>, Vec<&str>) = (documented.lines().collect(), actual.lines().collect());
    let left_out = old.len().saturating_sub(MOST_LINES) + new.len().saturating_sub(MOST_LINES);
    let (old, new) = (&old[..old.len().min(MOST_LINES)], &new[..new.len().min(MOST_LINES)]);
    let mut rows = vec![];
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        let equal = matches!(op, DiffOp::Equal { .. });
        let (left, right) = (op.old_range(), op.new_range());
        for at in 0..left.len().max(right.len()) {
            let line = |lines: &[&str], range: &std::ops::Range<usize>| {
                (at < range.len()).then(|| lines[range.start + at].to_owned())
            };
            rows.push(Row { left: line(old, &left), right: line(new, &right), equal });
        }
    }
    (rows, left_out)
}

/// A line in pieces of at most `width` columns; at least one.
pub(super) fn pieces(line: &str, width: usize) -> Vec<String> {
    let line = line.replace('\t', "    ");
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for c in line.chars() {
        let columns = c.width().unwrap_or(0);
        if used + columns > width && used > 0 {
            pieces.push(String::new());
            used = 0;
        }
        used += columns;
        if let Some(last) = pieces.last_mut() {
            last.push(c);
        }
    }
    pieces
}

/// Columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(left: Option<&str>, right: Option<&str>, equal: bool) -> Row {
        Row { left: left.map(str::to_owned), right: right.map(str::to_owned), equal }
    }

    #[test]
    fn equal_lines_stand_beside_each_other() {
        let (rows, left_out) = rows("a\nb\nc\n", "a\nx\nc\nd\n");
        let expected = [
            row(Some("a"), Some("a"), true),
            row(Some("b"), Some("x"), false),
            row(Some("c"), Some("c"), true),
            row(None, Some("d"), false),
        ];
        assert_eq!((rows.as_slice(), left_out), (&expected[..], 0));
        let (rows, left_out) = super::rows(&"a\n".repeat(45), "");
        assert_eq!((rows.len(), left_out), (40, 5));
    }

    #[test]
    fn long_lines_are_broken_and_nothing_is_lost() {
        assert_eq!(pieces("abcdefg", 3), ["abc", "def", "g"]);
        assert_eq!(pieces("日本語", 4), ["日本", "語"], "a wide character takes two columns");
        assert_eq!(pieces("日", 1), ["日"], "it ends at any width");
        assert_eq!(pieces("", 3), [""]);
    }
}
