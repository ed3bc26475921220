//! Where Hugo's Markdown parser reads a line otherwise than ours, the line is changed so that ours reads
//! it the same way.
//!
//! In: the lines of a unit. Out: edits of them, mostly none:
//!
//! - A fence may be closed by a line that ends in tabs.
//! - A bullet behind a tab that is left of a list item's indentation is text.
//! - A table's delimiter row has dashes with at most one colon at each end, and tabs as well as blanks around
//!   them; its header may have fewer cells than that row.
//! - An empty item of a list within a list ends the outer one if a blank line follows it ([`EmptyItems`]).

use std::ops::Range;

use super::empty_items::EmptyItems;

/// A part of the text, and what stands there instead.
pub(super) type Edit = (Range<usize>, String);

/// The edits of a text, in its order.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut edits = vec![];
    let mut fence: Option<&str> = None;
    let mut above = "";
    let mut items = EmptyItems::default();
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |length| start + length);
        let line = &text[start..end];
        let inside = line.trim_start_matches([' ', '\t']);
        if fence.is_none() && items.end_list(line) {
            edits.push((start..start, EmptyItems::SEPARATOR.to_owned()));
        }
        match inside.as_bytes().first() {
            Some(b'`' | b'~') => {
                let marks = fence_marks(inside);
                match fence {
                    Some(open) if marks.starts_with(open) && inside[marks.len()..].trim().is_empty() => {
                        let kept = line.trim_end_matches(['\t', ' ', '\r']).len();
                        if line[kept..].contains('\t') {
                            edits.push((start + kept..end, String::new()));
                        }
                        fence = None;
                    }
                    None if !marks.is_empty() => fence = Some(marks),
                    _ => {}
                }
            }
            Some(b'*' | b'+' | b'-') if fence.is_none() && is_text_behind_tab(above, line, inside) => {
                edits.push((end - inside.len()..end - inside.len(), "\\".to_owned()));
            }
            Some(b'|' | b'-' | b':') if fence.is_none() => {
                let base = start - 1_usize.min(start);
                edits.extend(table_edit(above, inside, base, end - inside.len()));
            }
            _ => {}
        }
        above = line;
        start = end + 1;
    }
    edits
}

/// The marks that a fence's line starts with; empty if it is none.
fn fence_marks(line: &str) -> &str {
    let mark = line.chars().next().unwrap_or('`');
    let marks = &line[..line.len() - line.trim_start_matches(mark).len()];
    let is_code_span = mark == '`' && line[marks.len()..].contains('`');
    if marks.len() < 3 || is_code_span { "" } else { marks }
}

/// Whether a bullet stands behind the indentation of the line above and a tab.
fn is_text_behind_tab(above: &str, line: &str, inside: &str) -> bool {
    let indentation = &line[..line.len() - inside.len()];
    let blanks = indentation.trim_end_matches('\t');
    blanks.len() > 1
        && blanks.len() < indentation.len()
        && !blanks.contains('\t')
        && inside[1..].starts_with([' ', '\t'])
        && content_column(above) == Some(blanks.len())
}

/// The column at which the text of a line starts, behind the marker of a list item if there is one.
fn content_column(line: &str) -> Option<usize> {
    let inside = line.trim_start_matches(' ');
    let blanks = line.len() - inside.len();
    let number = inside.len() - inside.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let marker = match inside[number..].chars().next()? {
        '-' | '*' | '+' if number == 0 => 1,
        '.' | ')' if number > 0 => number + 1,
        // A tab behind the blanks: the line is text itself.
        _ => return Some(blanks),
    };
    let text = inside[marker..].trim_start_matches(' ');
    let gap = inside.len() - marker - text.len();
    Some(if gap == 0 || text.is_empty() { blanks } else { blanks + marker + gap })
}

/// What makes ours take or leave a table: `row` may be the delimiter row below the header `above`, which
/// ends at `above_end`.
fn table_edit(above: &str, row: &str, above_end: usize, row_start: usize) -> Vec<Edit> {
    let row = row.trim_end();
    let is_delimiter = row.bytes().all(|byte| b"-|: \t".contains(&byte)) && row.contains('|') && row.contains('-');
    if !is_delimiter || above.trim().is_empty() {
        return vec![];
    }
    let columns = row.strip_prefix('|').unwrap_or(row);
    let columns: Vec<&str> = columns.strip_suffix('|').unwrap_or(columns).split('|').map(str::trim).collect();
    let is_column = |column: &&str| {
        let dashes = column.strip_prefix(':').unwrap_or(column);
        let dashes = dashes.strip_suffix(':').unwrap_or(dashes);
        !dashes.is_empty() && dashes.bytes().all(|byte| byte == b'-')
    };
    if !columns.iter().all(is_column) {
        return vec![(row_start..row_start, "\\".to_owned())];
    }
    let mut edits = vec![];
    let header = above.trim();
    if header.starts_with('|') {
        let is_closed = header.len() > 1 && header.ends_with('|') && !header.ends_with("\\|");
        let bars = header.match_indices('|').filter(|(at, _)| *at == 0 || !header[..*at].ends_with('\\')).count();
        let cells = bars - usize::from(is_closed);
        if cells < columns.len() {
            let missing = columns.len() - cells + usize::from(!is_closed);
            edits.push((above_end..above_end, " |".repeat(missing)));
        }
    }
    if row.contains('\t') {
        edits.push((row_start..row_start + row.len(), row.replace('\t', " ")));
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapted(text: &str) -> String {
        let mut out = String::new();
        let mut from = 0;
        for (range, by) in edits(text) {
            out.push_str(&text[from..range.start]);
            out.push_str(&by);
            from = range.end;
        }
        out + &text[from..]
    }

    #[test]
    fn tabs_behind_a_closing_fence_go() {
        assert_eq!(adapted("```sh\na\t\n``` \t\nb\t\n"), "```sh\na\t\n```\nb\t\n");
        assert_eq!(adapted("~~~~\n~~~\t\n~~~~\t"), "~~~~\n~~~\t\n~~~~");
    }

    #[test]
    fn bullets_behind_a_tab_are_text() {
        assert_eq!(adapted("- a\n  b:\n  \t* c\n  \t- d\n"), "- a\n  b:\n  \t\\* c\n  \t\\- d\n");
        for same in ["- a\n\t* b\n", "- a\n  - b\n", "```\n  a\n  \t* b\n```\n", "  a\n\n  \t* b\n"] {
            assert_eq!(adapted(same), same);
        }
    }

    #[test]
    fn tables_have_one_colon_an_end_and_full_headers() {
        assert_eq!(adapted("|a|b|\n|-:-:-|--|\n|c|d|"), "|a|b|\n\\|-:-:-|--|\n|c|d|");
        assert_eq!(adapted("|a|\n|-|-|\n|c|d|"), "|a| |\n|-|-|\n|c|d|");
        assert_eq!(adapted("|a\t|b|\n| -\t\t|:-\t|\n|c|d|"), "|a\t|b|\n| -  |:- |\n|c|d|");
        assert_eq!(adapted("|a|\n|-\t|-|"), "|a| |\n|- |-|");
        for same in ["|a|b|\n|:-|-:|\n|c|d|", "a|b\n-|-\n", "a\n---\n", "|a \\| b|c|\n|-|-|"] {
            assert_eq!(adapted(same), same);
        }
    }

    #[test]
    fn empty_items_end_the_list_around_theirs() {
        assert_eq!(adapted("* a\n\n    *\n\n    * b\n* c\n"), "* a\n\n    *\n\n<!-- -->\n    * b\n* c\n");
        assert_eq!(adapted("1. a\n\n   -\n\n   b\n"), "1. a\n\n   -\n\n<!-- -->\n   b\n");
        for same in [
            "* a\n\n    *\n    * b\n",
            "* a\n\n    *\n\n* b\n",
            "* a\n    *\n\n    b\n",
            "*\n\n* b\n\n  c\n",
            "a\n\n  -\n\n  - b\n",
            "* a\n\n  ```\n\n  -\n\n  b\n  ```\n",
        ] {
            assert_eq!(adapted(same), same);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_passes(text in "[|:\\- \\t\\n`~*+aあ\\r\\\\]{0,60}") {
            adapted(&text);
        }
    }
}
