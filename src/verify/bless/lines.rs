//! Corrections of plain lines.

use std::ops::Range;

use super::correct::Attempt;
use super::sheet::Sheet;
use crate::verify::model::Finding;

/// The most lines that one documented value is wrapped over.
const MOST_WRAPPED: usize = 40;

/// A part of a few rows.
pub(super) struct Part {
    rows: Range<usize>,
    /// The rows, with line ends between them.
    text: String,
    pub(super) span: Range<usize>,
}

impl Part {
    pub(super) fn old(&self) -> &str {
        &self.text[self.span.clone()]
    }

    /// The sheet with another text in its place.
    pub(super) fn with(&self, sheet: &Sheet, new: &str) -> Sheet {
        let text = format!("{}{new}{}", &self.text[..self.span.start], &self.text[self.span.end..]);
        sheet.replaced(self.rows.clone(), &text)
    }
}

/// Where a documented text stands that begins in a row, however it is wrapped.
pub(super) fn parts(sheet: &Sheet, at: usize, documented: &str) -> Vec<Part> {
    let words: Vec<String> = documented.split_whitespace().map(regex::escape).collect();
    if words.is_empty() {
        return vec![];
    }
    let Ok(pattern) = regex::Regex::new(&words.join(r"\s+")) else { return vec![] };
    let end = sheet.rows.len().min(at + MOST_WRAPPED);
    let text = sheet.rows[at..end].iter().map(|row| row.text.as_str()).collect::<Vec<_>>().join("\n");
    let first = sheet.at(at).len();
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut parts = vec![];
    let mut from = 0;
    while let Some(found) =
        text.get(from..).and_then(|_| pattern.find_at(&text, from)).filter(|found| found.start() < first)
    {
        let span = found.range();
        let begins = !(is_word(text[..span.start].chars().next_back()) && is_word(text[span.start..].chars().next()));
        let ends = !(is_word(text[..span.end].chars().next_back()) && is_word(text[span.end..].chars().next()));
        from = span.start + text[span.start..].chars().next().map_or(1, char::len_utf8);
        if begins && ends {
            let rows = text[..span.end].matches('\n').count() + 1;
            let length = text.match_indices('\n').nth(rows - 1).map_or(text.len(), |(end, _)| end);
            parts.push(Part { rows: at..at + rows, text: text[..length].to_owned(), span });
        }
    }
    parts
}

/// Another value, where it stands.
pub(super) fn value(attempt: &Attempt<'_>, finding: &Finding) -> Option<Sheet> {
    let sheet = attempt.sheet;
    let parts = parts(sheet, finding.line - 1, &finding.documented);
    let replaced = |parts: &[Part], actual: &str| {
        attempt.wordings(actual).iter().find_map(|wording| {
            parts.iter().find_map(|part| attempt.tokens(part.old(), wording, &|new| Some(part.with(sheet, new))))
        })
    };
    replaced(&parts, &finding.actual).or_else(|| {
        // A message is compared as a whole, and the words of the finding may not be all that differ.
        let first = sheet.rows.iter().position(|row| !row.text.trim().is_empty())?;
        let whole = self::parts(sheet, first, &sheet.text());
        let actual = &attempt.case.compared.actual;
        let said = [&actual.stderr, &actual.stdout].into_iter().find(|text| !text.trim().is_empty())?;
        (finding.rule == "error text").then(|| replaced(&whole, said.trim()))?
    })
}

/// Takes away a line that did not come.
pub(super) fn missing(attempt: &Attempt<'_>, finding: &Finding) -> Option<Sheet> {
    let (sheet, at) = (attempt.sheet, finding.line - 1);
    if attempt.matcher == "names" {
        let row = sheet.at(at);
        let several = row.split_whitespace().count() > 1;
        let part = parts(sheet, at, &finding.documented).into_iter().find(|_| several);
        if let Some(part) = part {
            let (before, after) = (&row[..part.span.start], &row[part.span.end..]);
            let text = if after.trim().is_empty() {
                before.trim_end().to_owned()
            } else {
                format!("{before}{}", after.trim_start())
            };
            return attempt.first([sheet.with(at, text)]);
        }
    }
    attempt.first([removed(sheet, at..at + 1)])
}

/// The sheet without some rows. Of two elisions that then follow each other one goes too.
pub(super) fn removed(sheet: &Sheet, range: Range<usize>) -> Sheet {
    let before = range.start.checked_sub(1).map_or("", |before| sheet.at(before));
    let after = sheet.at(range.end);
    let elides = |text: &str| matches!(text.trim(), "..." | "…");
    if elides(before) && before == after { sheet.without(range.start..range.end + 1) } else { sheet.without(range) }
}

/// Adds a line that came, behind the documented line it came behind, or before it.
pub(super) fn extra(attempt: &Attempt<'_>, finding: &Finding) -> Option<Sheet> {
    let (sheet, at) = (attempt.sheet, finding.line - 1);
    let wordings = attempt.wordings(&finding.actual);
    if attempt.matcher == "names" && sheet.at(at).split_whitespace().count() > 1 {
        let text = |wording: &String| format!("{}  {wording}", sheet.at(at).trim_end());
        return attempt.first(wordings.iter().map(|wording| sheet.with(at, text(wording))));
    }
    let places = [at + 1, at];
    attempt.first(
        wordings.iter().flat_map(|wording| places.map(|index| sheet.inserted(index, [wording.trim_end().to_owned()]))),
    )
}
