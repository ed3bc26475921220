//! `ps`, `ls -l`, `top`, `df`: columns by header, most of them volatile.

use super::align::{self, Likeness, Sequences, Step};
use super::case::{Case, Line};
use super::ledger::{Ledger, Spot, finding, quoted};
use super::registry::Matcher;
use super::table::grid::{self, Grid, Row};
use super::table::lines_of;
use super::token::Place;
use crate::verify::model::FindingClass;

/// See the module.
pub(super) struct Columns;

impl Matcher for Columns {
    fn name(&self) -> &'static str {
        "columns"
    }

    fn fits(&self, case: &Case<'_>) -> bool {
        Shape::of(case).is_some()
    }

    fn compare(&self, case: &Case<'_>, ledger: &mut Ledger<'_>) {
        let Some(shape) = Shape::of(case) else { return };
        let actual = lines_of(&case.actual.stdout);
        let (ours, theirs) = (shape.read(&case.lines), shape.read(&actual));
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => {
                for line in case.lines.iter().filter(|line| is_total(line.text)) {
                    ledger.note(line.source, "G file", line.text, "total");
                }
                compare(&ours, &theirs, ledger);
            }
            (Some(ours), None) => {
                for row in &ours.rows {
                    ledger.missing(Spot { line: row.line, path: "", rule: "columns row" }, row.text);
                }
            }
            (None, _) => {}
        }
    }
}

/// Where the columns come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A header that the output prints.
    Header,
    /// `ls -l` prints none.
    Listing,
}

/// The columns of `ls -l`.
const LISTING: &[&str] = &["MODE", "LINKS", "OWNER", "GROUP", "SIZE", "DATE", "FILE"];

impl Shape {
    fn of(case: &Case<'_>) -> Option<Self> {
        let head = case.head()?;
        let words: Vec<&str> = head.text.split_whitespace().collect();
        let is_ps = words.contains(&"PID") && grid::is_header(head.text);
        let is_top = case.command.runs("kubectl") && case.command.has("top") && grid::is_header(head.text);
        let is_df = head.text.starts_with("Filesystem ");
        if is_ps || is_top || is_df {
            return Some(Self::Header);
        }
        let listed = case.lines.iter().any(|line| listing(line.text).is_some());
        (listed
            && case.lines.iter().all(|line| {
                listing(line.text).is_some()
                    || is_total(line.text)
                    || super::token::is_elision(line.text)
                    || line.text.is_empty()
            }))
        .then_some(Self::Listing)
    }

    fn read<'t>(self, lines: &[Line<'t>]) -> Option<Grid<'t>> {
        match self {
            Self::Header => by_header(lines),
            Self::Listing => {
                let rows: Vec<Row<'t>> = lines
                    .iter()
                    .filter_map(|line| {
                        listing(line.text).map(|cells| Row {
                            cells,
                            text: line.text.trim(),
                            line: line.source,
                            after_elision: false,
                        })
                    })
                    .collect();
                let open = lines.iter().any(|line| super::token::is_elision(line.text));
                Some(Grid { header: LISTING.to_vec(), line: lines.first()?.source, rows, open })
            }
        }
    }
}

/// `total 4`: of blocks, which differ by file system.
fn is_total(text: &str) -> bool {
    text.strip_prefix("total ")
        .is_some_and(|size| size.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()))
}

/// A line of `ls -l`: mode, links, owner, group, size, three words of a date, and the name.
fn listing(text: &str) -> Option<Vec<&str>> {
    let words: Vec<(usize, &str)> = super::token::words::words(text).collect();
    let mode = words.first()?.1;
    let is_mode = mode.len() >= 10
        && mode.starts_with(['-', 'd', 'l', 'c', 'b', 's', 'p'])
        && mode.as_bytes()[1..10]
            .iter()
            .all(|byte| matches!(byte, b'r' | b'w' | b'x' | b's' | b'S' | b't' | b'T' | b'-'));
    if !is_mode || words.len() < 9 {
        return None;
    }
    let date = &text[words[5].0..words[7].0 + words[7].1.len()];
    let mut cells: Vec<&str> = words[..5].iter().map(|(_, word)| *word).collect();
    cells.push(date);
    cells.push(text[words[8].0..].trim());
    Some(cells)
}

/// Numbers are right-aligned below their names here: cells are counted, not measured.
fn by_header<'t>(lines: &[Line<'t>]) -> Option<Grid<'t>> {
    let at = lines.iter().position(|line| grid::is_header(line.text) || line.text.starts_with("Filesystem "))?;
    let header: Vec<&str> = match lines[at].text.split_once("Mounted on") {
        Some((before, _)) => before.split_whitespace().chain(["Mounted on"]).collect(),
        None => lines[at].text.split_whitespace().collect(),
    };
    let mut grid = Grid { header, line: lines[at].source, rows: vec![], open: false };
    for line in &lines[at + 1..] {
        if super::token::is_elision(line.text) {
            grid.open = true;
            continue;
        }
        if line.text.trim().is_empty() {
            continue;
        }
        let words: Vec<(usize, &str)> = super::token::words::words(line.text).collect();
        let count = grid.header.len();
        let mut cells: Vec<&str> = vec![];
        if words.len() >= count && count > 0 {
            cells.extend(words[..count - 1].iter().map(|(_, word)| *word));
            cells.push(line.text[words[count - 1].0..].trim());
        }
        grid.rows.push(Row { cells, text: line.text.trim(), line: line.source, after_elision: false });
    }
    Some(grid)
}

fn compare(ours: &Grid<'_>, theirs: &Grid<'_>, ledger: &mut Ledger<'_>) {
    let columns = columns(ours, theirs, ledger);
    let differing = |i: usize, j: usize, ledger: &Ledger<'_>| {
        let (ours, theirs) = (&ours.rows[i], &theirs.rows[j]);
        if ours.cells.is_empty() || theirs.cells.is_empty() {
            return if ledger.scope.holds(Place::AGE, ours.text, theirs.text) { 0 } else { columns.len().max(1) };
        }
        columns.iter().filter(|(name, one, other)| !holds(name, ours.cells[*one], theirs.cells[*other], ledger)).count()
    };
    let likeness = |i: usize, j: usize| match differing(i, j, ledger) {
        0 => Likeness::Same,
        1 => Likeness::Close,
        _ => Likeness::Other,
    };
    // Rows are an ordered subset: a process or file more is not the page's business.
    let everywhere = |_: usize| true;
    let sequences = Sequences { documented: ours.rows.len(), actual: theirs.rows.len(), elided: &everywhere };
    let Some(steps) = align::align(&sequences, &likeness) else {
        return ledger.too_large(ours.line, "listing");
    };
    for step in steps {
        match step {
            Step::Pair(i, j) => settle(&columns, &ours.rows[i], &theirs.rows[j], ledger),
            Step::Missing(i) => {
                let row = &ours.rows[i];
                ledger.missing(Spot { line: row.line, path: "", rule: "columns row" }, row.text);
            }
            Step::Extra(_) | Step::Elided(_) => {}
        }
    }
}

fn columns<'t>(ours: &Grid<'t>, theirs: &Grid<'_>, ledger: &mut Ledger<'_>) -> Vec<(&'t str, usize, usize)> {
    let mut pairs = vec![];
    for (index, name) in ours.header.iter().enumerate().filter(|(_, name)| !matches!(**name, "..." | "…")) {
        let repeated = ours.header[..index].contains(name);
        if let Some(at) = theirs.header.iter().position(|other| other == name).filter(|_| !repeated) {
            pairs.push((*name, index, at));
            continue;
        }
        let spot = Spot { line: ours.line, path: name, rule: "columns header" };
        let message = format!("documented column {}, the output has no such column", quoted(name));
        ledger.find(finding(FindingClass::Schema, spot, name, "", message));
    }
    pairs
}

/// The rule by which a column is free, if it is.
fn free_rule(column: &str) -> Option<&'static str> {
    match column {
        "PID" | "PPID" | "LWP" | "TTY" | "TT" | "TIME" | "START" | "STARTED" | "STIME" | "C" => Some("G process"),
        "%CPU" | "%MEM" | "VSZ" | "RSS" | "STAT" | "S" | "SZ" => Some("G usage"),
        "CPU(cores)" | "CPU%" | "CPU(%)" | "MEMORY(bytes)" | "MEMORY%" | "MEMORY(%)" => Some("G usage"),
        "LINKS" | "SIZE" | "DATE" => Some("G file"),
        "1K-blocks" | "Size" | "Used" | "Available" | "Avail" | "Use%" => Some("G disk"),
        _ => None,
    }
}

/// Free columns have a form too: a mistyped number is no number.
fn has_form(column: &str, cell: &str) -> bool {
    let digits_and =
        |others: &[u8]| !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit() || others.contains(&byte));
    match column {
        "PID" | "PPID" | "LWP" | "RSS" | "SZ" | "LINKS" | "C" => digits_and(b""),
        "VSZ" => digits_and(b"mgKMG"),
        "%CPU" | "%MEM" => digits_and(b"."),
        "TIME" => digits_and(b":.-"),
        "START" | "STIME" | "STARTED" => {
            digits_and(b":")
                || super::token::scan::Scan::new(cell).month().is_some()
                || super::token::scan::Scan::new(cell).weekday().is_some()
                || cell.parse::<u32>().is_ok()
        }
        "STAT" | "S" => !cell.is_empty() && cell.bytes().all(|byte| b"DIRSTtWXZ<NLsl+".contains(&byte)),
        "TTY" | "TT" => cell == "?" || cell.starts_with("pts/") || cell.starts_with("tty") || cell == "console",
        "SIZE" | "Size" | "Used" | "Available" | "Avail" | "1K-blocks" => digits_and(b".KMGTi"),
        "Use%" | "CPU%" | "CPU(%)" | "MEMORY%" | "MEMORY(%)" => digits_and(b"%"),
        "CPU(cores)" => digits_and(b"mn"),
        "MEMORY(bytes)" => digits_and(b"KMGi"),
        "DATE" => super::token::classes::read(cell).is_some_and(|instance| instance.length == cell.len()),
        _ => true,
    }
}

fn is_free(column: &str, documented: &str, actual: &str) -> Option<&'static str> {
    let rule = free_rule(column)?;
    // The first process of a container is the first process.
    let is_first = column == "PID" && (documented == "1") != (actual == "1");
    (!is_first && has_form(column, documented) && has_form(column, actual)).then_some(rule)
}

fn holds(column: &str, documented: &str, actual: &str, ledger: &Ledger<'_>) -> bool {
    is_free(column, documented, actual).is_some() || ledger.scope.holds(Place::VALUE, documented, actual)
}

fn settle(columns: &[(&str, usize, usize)], ours: &Row<'_>, theirs: &Row<'_>, ledger: &mut Ledger<'_>) {
    let spot = Spot { line: ours.line, path: "", rule: "columns row" };
    if ours.cells.is_empty() || theirs.cells.is_empty() {
        if !ledger.settle(ours.line, Place::AGE, ours.text, theirs.text) {
            ledger.differing_words(spot, Place::AGE, ours.text, theirs.text);
        }
        return;
    }
    for (column, one, other) in columns {
        let (documented, actual) = (ours.cells[*one], theirs.cells[*other]);
        if documented == actual {
            continue;
        }
        match is_free(column, documented, actual) {
            Some(rule) => ledger.note(ours.line, rule, documented, actual),
            None if ledger.settle(ours.line, Place::VALUE, documented, actual) => {}
            None => ledger.value(Spot { path: column, ..spot }, documented, actual),
        }
    }
}
