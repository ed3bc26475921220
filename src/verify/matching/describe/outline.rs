//! The shape of `kubectl describe`: an indent tree of `Key: value`, with tables in it.

use crate::verify::matching::case::Line;
use crate::verify::matching::table::grid::{self, Grid, Row};
use crate::verify::matching::token;

/// Nesting above which deeper lines count as siblings.
const MAX_DEPTH: usize = 60;

/// A line and what is indented below it.
#[derive(Debug, Clone)]
pub(super) struct Item<'t> {
    /// Without its colon; empty for a line that has none.
    pub(super) key: &'t str,
    /// What stands behind the key, or the whole line.
    pub(super) value: &'t str,
    pub(super) line: usize,
    pub(super) below: Outline<'t>,
}

/// Siblings, and the table among them.
#[derive(Debug, Clone, Default)]
pub(super) struct Outline<'t> {
    pub(super) items: Vec<Item<'t>>,
    pub(super) tables: Vec<Grid<'t>>,
    /// An elision stands among them.
    pub(super) open: bool,
}

impl<'t> Outline<'t> {
    pub(super) fn read(lines: &[Line<'t>]) -> Self {
        let mut at = 0;
        let mut outline = Self::default();
        while at < lines.len() {
            let before = at;
            let part = siblings(lines, &mut at, 0, 0);
            outline.items.extend(part.items);
            outline.tables.extend(part.tables);
            outline.open |= part.open;
            at = at.max(before + 1);
        }
        outline
    }

    /// Every outline below and this one, this one first.
    pub(super) fn each(&self, see: &mut dyn FnMut(&Self)) {
        see(self);
        for item in &self.items {
            item.below.each(see);
        }
    }
}

fn indent(line: &Line<'_>) -> usize {
    line.text.len() - line.text.trim_start().len()
}

fn siblings<'t>(lines: &[Line<'t>], at: &mut usize, least: usize, depth: usize) -> Outline<'t> {
    let mut outline = Outline::default();
    let mut level = None;
    while let Some(line) = lines.get(*at) {
        let text = line.text.trim();
        if text.is_empty() || text.bytes().all(|byte| byte == b'=') {
            *at += 1;
            continue;
        }
        if indent(line) < least {
            break;
        }
        if token::is_elision(text) {
            outline.open = true;
            *at += 1;
            continue;
        }
        if let Some(end) = table_end(lines, *at) {
            outline.tables.extend(Grid::read(&lines[*at..end], true));
            *at = end;
            continue;
        }
        if let Some((events, end)) = events(lines, *at) {
            outline.tables.push(events);
            *at = end;
            continue;
        }
        let level = *level.get_or_insert(indent(line));
        if indent(line) < level {
            break;
        }
        *at += 1;
        let (key, value) = split(text);
        let deeper = lines.get(*at).is_some_and(|next| indent(next) > indent(line));
        let blank_then_deeper = lines.get(*at).is_some_and(|next| next.text.trim().is_empty())
            && lines.get(*at + 1).is_some_and(|next| indent(next) > indent(line));
        let below = if (deeper || blank_then_deeper) && depth < MAX_DEPTH {
            siblings(lines, at, indent(line) + 1, depth + 1)
        } else {
            Outline::default()
        };
        outline.items.push(Item { key, value, line: line.source, below });
    }
    outline
}

/// Where the table that begins at a line ends, if one does: its second line is dashes.
fn table_end(lines: &[Line<'_>], at: usize) -> Option<usize> {
    let underlined = lines.get(at + 1).is_some_and(|next| grid::is_underline(next.text));
    let titled = lines[at].text.split_whitespace().eq(["Type", "Status"]);
    if !underlined && !titled {
        return None;
    }
    let level = indent(&lines[at]);
    let from = at + 1;
    // A key of a ConfigMap's data is underlined too; authors leave out the blank line in front of the next.
    let next = |i: usize| lines.get(i + 1).is_some_and(|line| grid::is_underline(line.text));
    let rows = (from..lines.len())
        .take_while(|i| !lines[*i].text.trim().is_empty() && indent(&lines[*i]) >= level && !next(*i))
        .count();
    // An empty value of a ConfigMap.
    let empty = underlined && rows == 1 && lines[at].text.trim().ends_with(':');
    (!empty).then_some(from + rows)
}

/// Events that a page shows without their header, from a line on, and where they end.
fn events<'t>(lines: &[Line<'t>], at: usize) -> Option<(Grid<'t>, usize)> {
    let header = ["Type", "Reason", "Age", "From", "Message"];
    let row = |line: &Line<'t>| {
        let mut cells: Vec<&'t str> = grid::pieces(line.text).into_iter().map(|(_, cell)| cell).collect();
        let is_event = matches!(cells.first(), Some(&("Normal" | "Warning"))) && cells.len() >= header.len();
        if is_event {
            let from = line.text.find(cells[header.len() - 1])?;
            cells.truncate(header.len() - 1);
            cells.push(line.text[from..].trim());
        }
        is_event.then(|| Row { cells, text: line.text.trim(), line: line.source, after_elision: false })
    };
    let rows: Vec<Row<'t>> = lines[at..].iter().map_while(row).collect();
    let (first, end) = (rows.first()?.line, at + rows.len());
    Some((Grid { header: header.to_vec(), line: first, rows, open: false }, end))
}

/// `Key:  value`; a key has no run of blanks, and a colon that ends a word.
fn split(text: &str) -> (&str, &str) {
    let colon = text
        .match_indices(':')
        .map(|(at, _)| at)
        .find(|at| matches!(text.as_bytes().get(at + 1), None | Some(b' ' | b'\t')));
    match colon {
        Some(at) if !text[..at].contains("  ") && at > 0 && at < 60 => (&text[..at], text[at + 1..].trim()),
        _ => ("", text),
    }
}
