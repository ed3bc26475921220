//! Corrections of tables: cells, rows and columns, aligned as the author has them.
//!
//! Positions are characters, not bytes.

use std::ops::Range;

use super::correct::Attempt;
use super::lines;
use super::sheet::Sheet;
use crate::verify::model::Finding;

/// What kubectl leaves between columns: no author needs more.
const WIDEST_GAP: usize = 3;

/// The columns of a header: where each begins, and its name. Apart by two blanks, a tab or an elision;
/// with `words`, by any blank.
fn columns(header: &str, words: bool) -> Vec<(usize, String)> {
    let chars: Vec<char> = header.chars().collect();
    let mut found: Vec<(usize, String)> = vec![];
    let mut at = 0;
    while at < chars.len() {
        if chars[at].is_whitespace() {
            at += 1;
            continue;
        }
        let start = at;
        let ends = |at: usize| {
            let next = chars.get(at + 1).copied().unwrap_or(' ');
            chars[at] == '\t'
                || chars[at] == ' ' && (words || next.is_whitespace() || chars[at + 1..].starts_with(&['.', '.', '.']))
                || chars[at] == ' ' && chars[..at].ends_with(&['.', '.', '.'])
        };
        while at < chars.len() && !ends(at) {
            at += 1;
        }
        found.push((start, chars[start..at].iter().collect()));
    }
    found
}

/// The rows without a blank one among them that a row belongs to.
fn section(sheet: &Sheet, at: usize) -> Range<usize> {
    let is_blank = |at: &usize| sheet.at(*at).trim().is_empty();
    let start = (0..=at).rev().take_while(|at| !is_blank(at)).last().unwrap_or(at);
    let end = (at..sheet.rows.len()).take_while(|at| !is_blank(at)).last().map_or(at + 1, |last| last + 1);
    start..end
}

fn is_elision(text: &str) -> bool {
    matches!(text.trim(), "..." | "…")
}

/// The row of the column names: the first of the section that is no elision.
fn header(sheet: &Sheet, section: &Range<usize>) -> usize {
    section.clone().find(|at| !is_elision(sheet.at(*at))).unwrap_or(section.start)
}

/// Another value in a cell. Of several places that read alike, the one below the column's name.
pub(super) fn value(attempt: &Attempt<'_>, finding: &Finding) -> Option<Sheet> {
    let (sheet, at) = (attempt.sheet, finding.line - 1);
    let section = section(sheet, at);
    let head = header(sheet, &section);
    let named = columns(sheet.at(head), attempt.matcher == "columns");
    let column = named
        .iter()
        .filter(|(_, name)| finding.path == *name || finding.path.ends_with(&format!(".{name}")))
        .max_by_key(|(_, name)| name.len());
    if finding.documented.is_empty() {
        return filled(attempt, finding, &section, column?.0);
    }
    let row = sheet.at(at);
    let start = |part: &lines::Part| row.get(..part.span.start).map_or(0, |before| before.chars().count());
    let mut parts: Vec<lines::Part> = lines::parts(sheet, at, &finding.documented);
    parts.retain(|part| part.span.end <= row.len());
    if let Some((begins, _)) = column {
        parts.sort_by_key(|part| start(part).abs_diff(*begins));
    }
    let right = |span: &Range<usize>| column.is_some_and(|column| is_right_aligned(row, span, column));
    attempt.wordings(&finding.actual).iter().find_map(|wording| {
        parts.iter().find_map(|part| {
            let build = |new: &str| Some(with_cell(sheet, &section, at, &part.span, new, right(&part.span)));
            attempt.tokens(part.old(), wording, &build)
        })
    })
}

/// Numbers of `ps` and `top` end where their column's name ends.
fn is_right_aligned(row: &str, span: &Range<usize>, (begins, name): &(usize, String)) -> bool {
    let (from, to) = (row[..span.start].chars().count(), row[..span.end].chars().count());
    from != *begins && to == begins + name.chars().count()
}

/// The sheet with another text in a cell. What stands behind the cell keeps its place; a column that is
/// too narrow is widened in all rows.
fn with_cell(sheet: &Sheet, section: &Range<usize>, at: usize, span: &Range<usize>, new: &str, right: bool) -> Sheet {
    let row = sheet.at(at);
    let (before, behind) = (&row[..span.start], &row[span.end..]);
    let old = row[span.clone()].chars().count();
    let wide = new.chars().count();
    if right {
        let blanks = before.len() - before.trim_end_matches(' ').len();
        let left = (blanks + old).saturating_sub(wide).max(1);
        return sheet.with(at, format!("{}{}{new}{behind}", before.trim_end_matches(' '), " ".repeat(left)));
    }
    let rest = behind.trim_start_matches(' ');
    let gap = behind.len() - rest.len();
    let start = before.chars().count();
    let next = start + old + gap;
    let neighbours = |row: &usize| *row != at && begins_at(sheet.at(*row), next);
    let aligned: Vec<usize> = section.clone().filter(neighbours).collect();
    if rest.is_empty() || rest.starts_with('\t') || gap == 0 || aligned.is_empty() {
        return sheet.with(at, format!("{before}{new}{behind}"));
    }
    let least =
        aligned.iter().map(|row| gap_before(sheet.at(*row), next)).chain([gap, WIDEST_GAP]).min().unwrap_or(gap);
    let (width, needed) = (next - start, wide + least);
    let mut changed = sheet.with(at, format!("{before}{new}{}{rest}", " ".repeat(width.max(needed) - wide)));
    if needed > width {
        let others: Vec<usize> = section.clone().filter(|row| *row != at).collect();
        widen(&mut changed, &others, next, needed - width);
    }
    changed
}

/// Whether a cell begins at this place.
fn begins_at(row: &str, at: usize) -> bool {
    let mut chars = row.chars().skip(at.saturating_sub(1));
    at > 0 && chars.next() == Some(' ') && chars.next().is_some_and(|c| c != ' ')
}

fn gap_before(row: &str, at: usize) -> usize {
    let before: Vec<char> = row.chars().take(at).collect();
    before.iter().rev().take_while(|c| **c == ' ').count()
}

/// Moves what stands at `at` and behind it to the right, in rows where nothing reaches over that place.
fn widen(sheet: &mut Sheet, rows: &[usize], at: usize, by: usize) {
    for row in rows {
        let Some(row) = sheet.rows.get_mut(*row) else { continue };
        let split = row.text.char_indices().nth(at).map(|(byte, _)| byte);
        if let Some(byte) = split.filter(|byte| row.text[..*byte].ends_with(' ')) {
            row.text.insert_str(byte, &" ".repeat(by));
        }
    }
}

/// A value where the page has an empty cell.
fn filled(attempt: &Attempt<'_>, finding: &Finding, section: &Range<usize>, begins: usize) -> Option<Sheet> {
    let at = finding.line - 1;
    attempt.first(
        attempt
            .wordings(&finding.actual)
            .iter()
            .filter_map(|wording| with_text_at(attempt.sheet, section, at, begins, wording)),
    )
}

/// The sheet with a text written where a row is empty.
fn with_text_at(sheet: &Sheet, section: &Range<usize>, at: usize, begins: usize, text: &str) -> Option<Sheet> {
    let mut chars: Vec<char> = sheet.at(at).chars().collect();
    while chars.len() < begins {
        chars.push(' ');
    }
    let before: String = chars[..begins].iter().collect();
    let behind: String = chars[begins..].iter().collect();
    let rest = behind.trim_start_matches(' ');
    if !(before.is_empty() || before.ends_with(' ')) {
        return None;
    }
    let gap = behind.chars().count() - rest.chars().count();
    if rest.is_empty() {
        return Some(sheet.with(at, format!("{before}{text}")));
    }
    let next = begins + gap;
    let aligned = section.clone().filter(|row| *row != at && begins_at(sheet.at(*row), next));
    let least = aligned.map(|row| gap_before(sheet.at(row), next)).chain([WIDEST_GAP]).min().unwrap_or(WIDEST_GAP);
    let missing = (text.chars().count() + least).saturating_sub(gap);
    let pad = (gap + missing).saturating_sub(text.chars().count());
    let mut changed = sheet.with(at, format!("{before}{text}{}{rest}", " ".repeat(pad)));
    let others: Vec<usize> = section.clone().filter(|row| *row != at).collect();
    widen(&mut changed, &others, next, missing);
    Some(changed)
}

/// Takes a column away that the output no longer has.
pub(super) fn column_gone(attempt: &Attempt<'_>, finding: &Finding) -> Option<Sheet> {
    let (sheet, at) = (attempt.sheet, finding.line - 1);
    let section = section(sheet, at);
    let named = columns(sheet.at(at), attempt.matcher == "columns");
    let index = named.iter().position(|(_, name)| *name == finding.documented)?;
    if let Some(renamed) = column_renamed(attempt, at, &named, index) {
        return Some(renamed);
    }
    let start = named[index].0;
    let next = named.get(index + 1).map(|(next, _)| *next);
    let mut changed = sheet.clone();
    for row in section.filter(|row| !is_elision(sheet.at(*row))) {
        changed = changed.with(row, without_part(sheet.at(row), start, next)?);
    }
    attempt.first([changed])
}

/// The column under the name that it has now: the one that came between the same two columns, if it has
/// the documented cells.
fn column_renamed(attempt: &Attempt<'_>, at: usize, named: &[(usize, String)], index: usize) -> Option<Sheet> {
    let sheet = attempt.sheet;
    let stdout = &attempt.case.compared.actual.stdout;
    let headers = stdout.lines().map(|line| columns(line, attempt.matcher == "columns"));
    let shown = |name: &String| named.iter().any(|(_, other)| other == name);
    let (_, old) = &named[index];
    let before = index.checked_sub(1).map(|before| &named[before].1);
    let after = named.get(index + 1).map(|(_, name)| name);
    let span = sheet.at(at).match_indices(old.as_str()).map(|(start, _)| start..start + old.len());
    let starts = |span: &Range<usize>| sheet.at(at)[..span.start].chars().count() == named[index].0;
    let span = span.into_iter().find(starts)?;
    let section = section(sheet, at);
    attempt.first(headers.flat_map(|came| {
        let names: Vec<String> = came.into_iter().map(|(_, name)| name).collect();
        let between = |at: &usize| {
            let (left, right) = (at.checked_sub(1).and_then(|at| names.get(at)), names.get(at + 1));
            !shown(&names[*at]) && left == before && right == after
        };
        let fitting: Vec<String> = (0..names.len()).filter(between).map(|at| names[at].clone()).collect();
        fitting.into_iter().map(|name| with_cell(sheet, &section, at, &span, &name, false)).collect::<Vec<_>>()
    }))
}

/// A row without what stands from `start` up to `next`; `None` if a cell reaches over one of them.
fn without_part(row: &str, start: usize, next: Option<usize>) -> Option<String> {
    let chars: Vec<char> = row.chars().collect();
    if chars.len() <= start {
        return Some(row.to_owned());
    }
    let free = |at: usize| at == 0 || at > chars.len() || chars[at - 1] == ' ';
    if !free(start) || next.is_some_and(|next| !free(next)) {
        return None;
    }
    let before: String = chars[..start].iter().collect();
    match next {
        Some(next) => Some(before + &chars[next.min(chars.len())..].iter().collect::<String>()),
        None => Some(before.trim_end().to_owned()),
    }
}

/// A row of the output: its cells by column.
struct Came {
    columns: Vec<String>,
    cells: Vec<String>,
}

impl Came {
    fn cell(&self, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|name| name == column)?;
        self.cells.get(at).map(String::as_str)
    }

    fn name(&self) -> &str {
        self.cell("NAME").or_else(|| self.cells.first().map(String::as_str)).unwrap_or("")
    }
}

/// The rows of all tables of an output, in order.
fn came(stdout: &str) -> Vec<Came> {
    let mut rows = vec![];
    let mut header: Option<Vec<(usize, String)>> = None;
    for line in stdout.lines() {
        if line.trim().is_empty() {
            header = None;
            continue;
        }
        let Some(columns) = &header else {
            header = Some(columns(line, false));
            continue;
        };
        let chars: Vec<char> = line.chars().collect();
        let ends = columns.iter().skip(1).map(|(start, _)| *start).chain([chars.len()]);
        let cell = |(start, end): (usize, usize)| -> String {
            chars[start.min(chars.len())..end.clamp(start.min(chars.len()), chars.len())].iter().collect()
        };
        let cells = columns.iter().map(|(start, _)| *start).zip(ends).map(cell);
        rows.push(Came {
            cells: cells.map(|cell| cell.trim().to_owned()).collect(),
            columns: columns.iter().map(|(_, name)| name.clone()).collect(),
        });
    }
    rows
}

/// Adds the rows that came and are not documented, each behind the row that it came behind.
pub(super) fn extra(attempt: &Attempt<'_>, finding: &Finding) -> Option<Sheet> {
    let came = came(&attempt.case.compared.actual.stdout);
    let names: Vec<&str> = finding.actual.split(", ").collect();
    let mut sheet = attempt.sheet.clone();
    for (at, row) in came.iter().enumerate().filter(|(_, row)| names.contains(&row.name())) {
        let section = section(&sheet, finding.line - 1);
        let head = header(&sheet, &section);
        let place = came[..at]
            .iter()
            .rev()
            .take_while(|before| before.columns == row.columns)
            .find_map(|before| named_row(attempt, &sheet, &section, before.name()))
            .map_or(head + 1, |row| row + 1);
        sheet = with_row(attempt, &sheet, head, place, row)?;
    }
    attempt.first([sheet])
}

/// The documented row of an object.
fn named_row(attempt: &Attempt<'_>, sheet: &Sheet, section: &Range<usize>, name: &str) -> Option<usize> {
    let wordings = attempt.wordings(name);
    section
        .clone()
        .rev()
        .find(|row| sheet.at(*row).split_whitespace().any(|word| wordings.iter().any(|wording| wording == word)))
}

/// The sheet with a new row, cell by cell below the documented columns.
fn with_row(attempt: &Attempt<'_>, sheet: &Sheet, head: usize, place: usize, row: &Came) -> Option<Sheet> {
    let count = columns(sheet.at(head), false).len();
    let mut changed = sheet.inserted(place, [String::new()]);
    // From the last column on, so that those before are not moved by it.
    for index in (0..count).rev() {
        let (begins, name) = columns(changed.at(head), false).into_iter().nth(index)?;
        let cell =
            if is_elision(&name) { name.clone() } else { attempt.case.names.authors(row.cell(&name).unwrap_or("")) };
        if cell.is_empty() {
            continue;
        }
        let rows = section_of(&changed, head, place);
        changed = with_text_at(&changed, &rows, place, begins, &cell)?;
    }
    Some(changed)
}

/// The section of a header, over a row that is still empty.
fn section_of(sheet: &Sheet, head: usize, place: usize) -> Range<usize> {
    let above = section(sheet, head);
    let below = if place + 1 < sheet.rows.len() && !sheet.at(place + 1).trim().is_empty() {
        section(sheet, place + 1).end
    } else {
        place + 1
    };
    above.start..below.max(above.end)
}

/// Puts the rows into the order they came in.
pub(super) fn reordered(attempt: &Attempt<'_>, finding: &Finding) -> Option<Sheet> {
    let sheet = attempt.sheet;
    let section = section(sheet, finding.line - 1);
    let first = header(sheet, &section) + 1;
    let rows: Vec<usize> = (first..section.end).collect();
    let came = came(&attempt.case.compared.actual.stdout);
    let place = |row: &usize| {
        came.iter().position(|came| {
            let wordings = attempt.wordings(came.name());
            sheet.at(*row).split_whitespace().any(|word| wordings.iter().any(|wording| wording == word))
        })
    };
    let mut placed: Vec<(usize, &str)> = vec![];
    for row in &rows {
        placed.push((place(row)?, sheet.at(*row)));
    }
    placed.sort_by_key(|(place, _)| *place);
    let mut changed = sheet.clone();
    for (row, (_, text)) in rows.iter().zip(&placed) {
        changed = changed.with(*row, *text);
    }
    attempt.first([changed])
}
