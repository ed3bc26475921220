//! Text in columns: a header, and rows cut at its offsets.

use crate::verify::matching::case::Line;
use crate::verify::matching::token;

/// A header's columns and the rows below it.
#[derive(Debug, Clone)]
pub(in crate::verify::matching) struct Grid<'t> {
    pub(in crate::verify::matching) header: Vec<&'t str>,
    /// Source line of the header.
    pub(in crate::verify::matching) line: usize,
    pub(in crate::verify::matching) rows: Vec<Row<'t>>,
    /// Rows are left out.
    pub(in crate::verify::matching) open: bool,
}

/// One row. Without as many cells as the header has columns, `cells` is empty and `text` is all.
#[derive(Debug, Clone)]
pub(in crate::verify::matching) struct Row<'t> {
    pub(in crate::verify::matching) cells: Vec<&'t str>,
    pub(in crate::verify::matching) text: &'t str,
    pub(in crate::verify::matching) line: usize,
    /// An elision stands right before it.
    pub(in crate::verify::matching) after_elision: bool,
}

impl<'t> Grid<'t> {
    /// The index of a column, by name.
    pub(in crate::verify::matching) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| *column == name)
    }

    /// Reads a header and the rows below it. An underline of dashes is passed over.
    pub(in crate::verify::matching) fn read(lines: &[Line<'t>], last_takes_rest: bool) -> Option<Self> {
        let mut open = false;
        let mut at = 0;
        while lines.get(at).is_some_and(|line| token::is_elision(line.text)) {
            open = true;
            at += 1;
        }
        let head = lines.get(at)?;
        let starts = columns_of(head.text);
        let header: Vec<&str> = starts.iter().map(|(_, name)| *name).collect();
        let mut rows = vec![];
        let mut after_elision = open;
        for line in &lines[at + 1..] {
            if token::is_elision(line.text) {
                open = true;
                after_elision = true;
                continue;
            }
            if line.text.trim().is_empty() || is_underline(line.text) {
                continue;
            }
            let cells = cut(line.text, &starts, last_takes_rest).unwrap_or_default();
            rows.push(Row { cells, text: line.text.trim(), line: line.source, after_elision });
            after_elision = false;
        }
        Some(Self { header, line: head.source, rows, open })
    }
}

/// `----  ------`: what stands below the header of a `describe` table.
pub(in crate::verify::matching) fn is_underline(text: &str) -> bool {
    text.contains("---") && text.bytes().all(|byte| matches!(byte, b'-' | b' ' | b'\t'))
}

/// Whether a line is the header of a kubectl table: words in capitals, elisions between them.
pub(in crate::verify::matching) fn is_header(text: &str) -> bool {
    let mut letters = 0;
    for word in text.split_whitespace() {
        if matches!(word, "..." | "…") {
            continue;
        }
        let is_name = word.bytes().all(|byte| {
            byte.is_ascii_uppercase()
                || byte.is_ascii_digit()
                || matches!(byte, b'(' | b')' | b'/' | b'%' | b'_' | b'-' | b'.' | b'#')
        });
        if !is_name {
            return false;
        }
        letters += word.bytes().filter(u8::is_ascii_uppercase).count();
    }
    letters >= 2 && text.trim().starts_with(|c: char| c.is_ascii_uppercase() || c == '%' || c == '.' || c == '…')
}

/// The columns of a header and their byte offsets: apart by two blanks, a tab or an elision.
fn columns_of(text: &str) -> Vec<(usize, &str)> {
    let mut columns = vec![];
    for (start, piece) in pieces(text) {
        let mut from = 0;
        for (at, word) in token::words::words(piece) {
            if !matches!(word, "..." | "…") {
                continue;
            }
            if !piece[from..at].trim().is_empty() {
                columns.push((start + from, piece[from..at].trim()));
            }
            columns.push((start + at, word));
            from = at + word.len();
        }
        let rest = &piece[from..];
        let blanks = rest.len() - rest.trim_start().len();
        if !rest.trim().is_empty() {
            columns.push((start + from + blanks, rest.trim()));
        }
    }
    columns
}

/// The pieces of a line between runs of two blanks or more, or tabs, with their byte offsets.
pub(in crate::verify::matching) fn pieces(text: &str) -> Vec<(usize, &str)> {
    let bytes = text.as_bytes();
    let mut pieces = vec![];
    let mut start = None;
    let mut at = 0;
    while at < bytes.len() {
        let gap = bytes[at] == b'\t' || (bytes[at] == b' ' && matches!(bytes.get(at + 1), Some(b' ' | b'\t') | None));
        match (gap, start) {
            (true, Some(from)) => {
                pieces.push((from, &text[from..at]));
                start = None;
            }
            (false, None) if bytes[at] != b' ' => start = Some(at),
            _ => {}
        }
        at += 1;
    }
    if let Some(from) = start {
        pieces.push((from, &text[from..]));
    }
    pieces
}

/// Cuts a row: by gaps if there is a cell for each column, else at the header's offsets, else by words.
fn cut<'t>(text: &'t str, columns: &[(usize, &str)], last_takes_rest: bool) -> Option<Vec<&'t str>> {
    let parts = pieces(text);
    if parts.len() == columns.len() {
        return Some(parts.into_iter().map(|(_, part)| part).collect());
    }
    if let Some(cells) = cut_at_offsets(text, columns) {
        return Some(cells);
    }
    let words: Vec<(usize, &str)> = token::words::words(text).collect();
    if words.len() == columns.len() {
        return Some(words.into_iter().map(|(_, word)| word).collect());
    }
    if last_takes_rest && words.len() > columns.len() && !columns.is_empty() {
        let mut cells: Vec<&str> = words[..columns.len() - 1].iter().map(|(_, word)| *word).collect();
        cells.push(text[words[columns.len() - 1].0..].trim());
        return Some(cells);
    }
    None
}

fn cut_at_offsets<'t>(text: &'t str, columns: &[(usize, &str)]) -> Option<Vec<&'t str>> {
    let bytes = text.as_bytes();
    let mut cells = Vec::with_capacity(columns.len());
    for (index, (start, _)) in columns.iter().enumerate() {
        if *start > 0 && bytes.get(start - 1).is_some_and(|byte| *byte != b' ') {
            return None;
        }
        let end = columns.get(index + 1).map_or(text.len(), |(next, _)| *next).min(text.len());
        let from = (*start).min(end);
        cells.push(text.get(from..end)?.trim());
    }
    Some(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Line<'_>> {
        text.lines().enumerate().map(|(at, text)| Line { text, source: at + 1 }).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[&[&str]]) {
        let lines = lines(text);
        let Some(grid) = Grid::read(&lines, false) else { panic!("no table in {text}") };
        let mut found = vec![grid.header.clone()];
        found.extend(grid.rows.iter().map(|row| row.cells.clone()));
        assert_eq!(found, expected);
    }

    #[test]
    fn columns_with_blanks_empty_cells_and_elisions() {
        check(
            "NAME   ACCESS MODES   AGE\nx      RWO            1s",
            &[&["NAME", "ACCESS MODES", "AGE"], &["x", "RWO", "1s"]],
        );
        check("NAME   STATUS   AGE\nx               1s", &[&["NAME", "STATUS", "AGE"], &["x", "", "1s"]]);
        check("NAME   ...  IP\nx ...  1.2.3.4", &[&["NAME", "...", "IP"], &["x", "...", "1.2.3.4"]]);
        check("NAME  READY\nlong-name 1/1", &[&["NAME", "READY"], &["long-name", "1/1"]]);
    }

    #[test]
    fn headers_are_capitals() {
        for header in ["NAME   READY", "USER  PID %CPU ... COMMAND", "NAME", "PORT(S)   AGE", "... IP  NODE"] {
            assert!(is_header(header), "{header}");
        }
        for row in ["nginx 1/1", "Name:  x", "-rw-r--r-- 1", "A", "10.0.0.1", ""] {
            assert!(!is_header(row), "{row}");
        }
    }
}
