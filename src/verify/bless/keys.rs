//! Corrections of trees (YAML, JSON, `describe`), by their lines and indentation.

use std::ops::Range;

use super::correct::Attempt;
use super::lines::removed;
use super::real::{self, Step};
use super::sheet::Sheet;
use crate::verify::model::Finding;

/// The most lines of a part that came in the place of another.
const MOST_LINES: usize = 12;
/// From which ratio on two names are alike.
const ALIKE: f32 = 0.6;
/// A text of this length is in two places for a reason.
const TELLING: usize = 8;

/// How deep a line is indented.
pub(super) fn indent(text: &str) -> usize {
    text.len() - text.trim_start_matches(' ').len()
}

/// How deep the key of a line stands: the dashes of list items before it are indentation.
pub(super) fn level(text: &str) -> usize {
    let mut at = indent(text);
    while let Some(rest) = text[at..].strip_prefix('-').filter(|rest| rest.starts_with(' ')) {
        at += 1 + indent(rest);
    }
    at
}

/// The key that a line begins with, without quotes.
pub(super) fn key(text: &str) -> Option<&str> {
    let rest = &text[level(text)..];
    if let Some(quote @ ('"' | '\'')) = rest.chars().next() {
        let (key, after) = rest[1..].split_once(quote)?;
        return after.trim_start().starts_with(':').then_some(key);
    }
    let end = rest.find(": ").or_else(|| rest.trim_end().ends_with(':').then(|| rest.trim_end().len() - 1))?;
    Some(rest[..end].trim_end())
}

/// Where the node ends that begins at a row: behind what is indented deeper than `level`, and, for a key
/// with nothing behind it, behind the list items that stand at its own level.
pub(super) fn end(sheet: &Sheet, at: usize, level: usize) -> usize {
    let opens = sheet.at(at).trim_end();
    let takes_items = opens.ends_with(':') && !opens[level.min(opens.len())..].starts_with('-');
    let mut end = at + 1;
    for row in at + 1..sheet.rows.len() {
        let text = sheet.at(row);
        if text.trim().is_empty() {
            continue;
        }
        let closes = opens.ends_with(['{', '[']) && indent(text) == level && text.trim_start().starts_with(['}', ']']);
        let is_item = takes_items && indent(text) == level && text[level..].starts_with('-');
        if !(indent(text) > level || is_item || closes) {
            break;
        }
        end = row + 1;
        if closes {
            break;
        }
    }
    end
}

/// The row of the key that a row stands below, if it is shown.
pub(super) fn parent(sheet: &Sheet, at: usize) -> Option<usize> {
    let own = level(sheet.at(at));
    let is_item = sheet.at(at)[indent(sheet.at(at))..].starts_with('-');
    (0..at).rev().find(|row| {
        let text = sheet.at(*row);
        let above =
            level(text) < own || is_item && level(text) == indent(sheet.at(at)) && !text.trim_start().starts_with('-');
        !text.trim().is_empty() && above && key(text).is_some()
    })
}

/// The rows of the keys and elisions right below a key.
pub(super) fn children(sheet: &Sheet, at: usize) -> Vec<usize> {
    let own = level(sheet.at(at));
    let below = at + 1..end(sheet, at, own);
    let first = below.clone().find(|row| !sheet.at(*row).trim().is_empty());
    let Some(least) = first.map(|row| indent(sheet.at(row))) else { return vec![] };
    below.filter(|row| !sheet.at(*row).trim().is_empty() && indent(sheet.at(*row)) == least).collect()
}

pub(super) fn is_elision(text: &str) -> bool {
    matches!(text.trim(), "..." | "…")
}

/// Another value behind a key or a dash.
pub(super) fn value(attempt: &Attempt<'_>, finding: &Finding) -> Option<Sheet> {
    let (sheet, at) = (attempt.sheet, finding.line - 1);
    scalar(attempt, finding).or_else(|| renamed(attempt, finding)).or_else(|| {
        let row = sheet.at(at);
        let span = value_span(row)?;
        let below = at + 1..end(sheet, at, level(row));
        let is_key = key(row).is_some() && row[span.clone()].trim().is_empty();
        // What came is short: behind the key. What stood below it goes.
        let short = matches!(finding.actual.as_str(), "{}" | "[]" | "null");
        if short && is_key && !below.is_empty() {
            let text = format!("{} {}", row.trim_end(), finding.actual);
            return attempt.first([sheet.without(below).with(at, text)]);
        }
        whole(attempt, finding, at, span)
    })
}

/// Where the value of a row stands: behind the colon or the dash, without a comment or a comma.
fn value_span(row: &str) -> Option<Range<usize>> {
    let from = level(row);
    let start = match key(row) {
        Some(key) => {
            let behind = row[from..].find(key)? + from + key.len();
            row[behind..].find(':')? + behind + 1
        }
        None => from,
    };
    let start = start + indent(&row[start..]);
    let rest = row[start..].trim_end();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    let closed = quote.and_then(|quote| rest[1..].rfind(quote)).map(|end| end + 2);
    let mut end = closed.unwrap_or_else(|| rest.find(" #").unwrap_or(rest.len()));
    if closed.is_none() && row[from..].starts_with('"') {
        end = rest[..end].trim_end_matches(',').len();
    }
    Some(start..start + rest[..end].trim_end().len())
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

impl Quotes {
    fn of(source: &str) -> Self {
        match source.as_bytes() {
            [b'"', .., b'"'] => Self::Double,
            [b'\'', .., b'\''] => Self::Single,
            _ => Self::None,
        }
    }

    fn write(self, text: &str) -> String {
        match self {
            Self::None => text.to_owned(),
            Self::Single => format!("'{}'", text.replace('\'', "''")),
            Self::Double => serde_json::to_string(text).unwrap_or_default(),
        }
    }
}

/// A scalar in its row, quoted as the author does, else as it has to be.
fn scalar(attempt: &Attempt<'_>, finding: &Finding) -> Option<Sheet> {
    let (sheet, at) = (attempt.sheet, finding.line - 1);
    let row = sheet.at(at);
    let span = value_span(row)?;
    let source = &row[span.clone()];
    let is_part = finding.actual.starts_with('{') && finding.actual.ends_with('}') && finding.actual != "{}";
    if source.is_empty() && !finding.documented.is_empty() || is_part {
        return None;
    }
    let own = Quotes::of(source);
    let inner = if own == Quotes::None { source.to_owned() } else { finding.documented.clone() };
    let with = |text: &str| sheet.with(at, format!("{}{text}{}", &row[..span.start], &row[span.end..]));
    let wordings = attempt.wordings(&finding.actual);
    let as_written = wordings.iter().find_map(|new| attempt.tokens(&inner, new, &|text| Some(with(&own.write(text)))));
    as_written.or_else(|| {
        let others = [Quotes::None, Quotes::Double, Quotes::Single].into_iter().filter(|other| *other != own);
        attempt.first(
            others
                .flat_map(|quotes| wordings.iter().map(move |new| (quotes, new)))
                .map(|(quotes, new)| with(&quotes.write(new))),
        )
    })
}

/// A key whose documented children stand below its sibling: `lastState` where it is `state` that has
/// them. Only where the sibling is not documented itself.
fn renamed(attempt: &Attempt<'_>, finding: &Finding) -> Option<Sheet> {
    let (sheet, at) = (attempt.sheet, finding.line - 1);
    let own = key(sheet.at(at))?;
    let wanted: Vec<&str> = children(sheet, at).iter().filter_map(|row| key(sheet.at(*row))).collect();
    let documents = real::documents(&attempt.case.compared.actual.stdout);
    let steps = real::path(&finding.path)?;
    let (Step::Key(last), parents) = steps.split_last()? else { return None };
    if wanted.is_empty() || last != own {
        return None;
    }
    let map = real::find(&documents, parents)?;
    let siblings = siblings(sheet, at);
    let fitting = real::keys(map).into_iter().filter(|name| {
        let has = map.get(*name).map(real::keys).unwrap_or_default();
        !siblings.contains(name) && wanted.iter().all(|key| has.contains(key))
    });
    attempt.first(fitting.filter_map(|name| with_key(sheet, at, name)))
}

/// The keys that are documented beside a row's.
pub(super) fn siblings(sheet: &Sheet, at: usize) -> Vec<&str> {
    let own = level(sheet.at(at));
    let belongs = |row: &usize| sheet.at(*row).trim().is_empty() || level(sheet.at(*row)) >= own;
    // An item's dash begins a map of its own.
    let begins = |row: usize| indent(sheet.at(row)) < own;
    let above = (0..at).rev().take_while(|row| !begins(row + 1) && belongs(row));
    let below =
        (at + 1..sheet.rows.len()).take_while(|row| belongs(row) && !begins(*row) || sheet.at(*row).trim().is_empty());
    let rows = above.chain(below).filter(|row| level(sheet.at(*row)) == own);
    rows.filter_map(|row| key(sheet.at(row))).collect()
}

/// The sheet with another key in a row.
pub(super) fn with_key(sheet: &Sheet, at: usize, name: &str) -> Option<Sheet> {
    let row = sheet.at(at);
    let own = key(row)?;
    let start = row[level(row)..].find(own)? + level(row);
    Some(sheet.with(at, format!("{}{name}{}", &row[..start], &row[start + own.len()..])))
}

/// A part that came where another, or nothing, is documented: as it came, if it is short.
fn whole(attempt: &Attempt<'_>, finding: &Finding, at: usize, span: Range<usize>) -> Option<Sheet> {
    let sheet = attempt.sheet;
    let row = sheet.at(at);
    if row[level(row)..].starts_with(['"', '{', '[']) || key(row).is_none() {
        return None;
    }
    let documents = real::documents(&attempt.case.compared.actual.stdout);
    let came = real::find(&documents, &real::path(&finding.path)?)?;
    let text: Vec<String> = real::lines(came).iter().map(|line| attempt.case.names.authors(line)).collect();
    if text.len() > MOST_LINES || !(came.is_mapping() || came.is_sequence()) {
        return None;
    }
    let deeper = " ".repeat(level(row) + 2);
    let below = at + 1..end(sheet, at, level(row));
    if below.clone().any(|row| is_elision(sheet.at(row))) {
        return None;
    }
    let changed = sheet.without(below).with(at, row[..span.start].trim_end());
    attempt.first([changed.inserted(at + 1, text.iter().map(|line| format!("{deeper}{line}")))])
}

/// Takes away a key or an item that did not come, with what is below it; and the key above, if nothing is
/// left below that.
pub(super) fn missing(attempt: &Attempt<'_>, finding: &Finding) -> Option<Sheet> {
    let (sheet, at) = (attempt.sheet, finding.line - 1);
    if let Some(shorter) = in_flow(sheet, at, &finding.documented) {
        return attempt.first(shorter);
    }
    if let Some(renamed) = other_name(attempt, finding) {
        return Some(renamed);
    }
    let mut options = vec![];
    if finding.rule == "tree item" {
        options.extend(without_node(sheet, at, indent(sheet.at(at))));
    } else {
        options.extend(without_node(sheet, at, level(sheet.at(at))));
    }
    let mut above = parent(sheet, at);
    let mut only = at;
    while let Some(row) = above.filter(|row| children(sheet, *row) == [only] && options.len() < 4) {
        options.extend(without_node(sheet, row, level(sheet.at(row))));
        (only, above) = (row, parent(sheet, row));
    }
    attempt.first(options)
}

/// The key under the name that it has now: one that came beside it and is not documented, and has what is
/// documented below the old name. A number alone says nothing, unless the names are alike too.
fn other_name(attempt: &Attempt<'_>, finding: &Finding) -> Option<Sheet> {
    let (sheet, at) = (attempt.sheet, finding.line - 1);
    if finding.rule != "tree key" {
        return None;
    }
    let own = key(sheet.at(at))?;
    let documents = real::documents(&attempt.case.compared.actual.stdout);
    let steps = real::path(&finding.path)?;
    let map = real::find(&documents, steps.split_last()?.1)?;
    let shown = siblings(sheet, at);
    let alike = |name: &str| similar::TextDiff::from_chars(own, name).ratio() >= ALIKE;
    let below = children(sheet, at).iter().any(|row| !is_elision(sheet.at(*row)));
    let says = below || value_span(sheet.at(at)).is_some_and(|span| span.len() >= TELLING);
    let telling = |name: &str| match map.get(name).filter(|_| says) {
        Some(serde_yaml::Value::String(text)) => text.len() >= TELLING,
        Some(value) => !real::is_empty(value) && (value.is_mapping() || value.is_sequence()),
        None => false,
    };
    let new = || real::keys(map).into_iter().filter(|name| !shown.contains(name));
    let under = |name: &str| with_key(sheet, at, name).filter(|sheet| attempt.leaves_less(sheet));
    let by_name = new().filter(|name| alike(name)).find_map(under);
    by_name.or_else(|| {
        let mut fitting = new().filter(|name| telling(name)).filter_map(under);
        let only = fitting.next()?;
        fitting.next().is_none().then_some(only)
    })
}

/// The sheet without the node of a row. A dash before it moves to the next key of its item, a comma
/// before a closing bracket goes.
fn without_node(sheet: &Sheet, at: usize, level: usize) -> Option<Sheet> {
    let row = sheet.at(at);
    let end = end(sheet, at, level);
    let has_dash = indent(row) < level;
    let next = sheet.at(end);
    let goes_on = has_dash && end < sheet.rows.len() && indent(next) == level;
    if goes_on && (is_elision(next) || next.trim_start().starts_with('-')) {
        return None;
    }
    let mut changed = removed(sheet, at..end);
    if goes_on {
        changed = changed.with(at, format!("{}{}", &row[..level], next.trim_start()));
    }
    let before = at.checked_sub(1)?;
    if changed.at(at).trim_start().starts_with(['}', ']']) && changed.at(before).trim_end().ends_with(',') {
        let text = changed.at(before).trim_end().trim_end_matches(',').to_owned();
        changed = changed.with(before, text);
    }
    Some(changed)
}

/// The row without a member of a list in brackets.
fn in_flow(sheet: &Sheet, at: usize, documented: &str) -> Option<Vec<Sheet>> {
    let row = sheet.at(at);
    if !(row.contains('[') && row.contains(']')) || documented.is_empty() {
        return None;
    }
    let quoted = format!("\"{documented}\"");
    let forms = [quoted.as_str(), documented].into_iter().flat_map(|form| {
        [format!(", {form}"), format!("{form}, "), format!(",{form}"), format!("{form},"), form.to_owned()]
    });
    let sheets: Vec<Sheet> = forms
        .filter(|form| row.contains(form.as_str()))
        .map(|form| sheet.with(at, row.replacen(&form, "", 1)))
        .collect();
    (!sheets.is_empty()).then_some(sheets)
}

/// Adds an item that came, behind the documented one that it came behind.
pub(super) fn extra(attempt: &Attempt<'_>, finding: &Finding) -> Option<Sheet> {
    let (sheet, at) = (attempt.sheet, finding.line - 1);
    let row = sheet.at(at);
    let own = indent(row);
    let wordings = attempt.wordings(&finding.actual);
    if !row[own..].starts_with('-') {
        return beside(attempt, at, &wordings);
    }
    let place = end(sheet, at, own);
    let dash = &row[..level(row).max(own + 2).min(row.len())];
    let dash = if dash.trim() == "-" { dash.to_owned() } else { format!("{}- ", " ".repeat(own)) };
    if let Some(lines) = item(attempt, finding, at) {
        let inner = " ".repeat(dash.len());
        let rows =
            lines.iter().enumerate().map(|(index, line)| format!("{}{line}", if index == 0 { &dash } else { &inner }));
        return attempt.first([sheet.inserted(place, rows)]);
    }
    let quotes = value_span(row).map_or(Quotes::None, |span| Quotes::of(&row[span]));
    let texts = wordings.iter().flat_map(|new| [quotes.write(new), new.clone()]);
    attempt.first(texts.map(|text| sheet.inserted(place, [format!("{dash}{text}")])))
}

/// The lines of an item that came and is a map: the keys that its sibling shows, with its elision, if it
/// elides; else all of it, if that is short.
fn item(attempt: &Attempt<'_>, finding: &Finding, sibling: usize) -> Option<Vec<String>> {
    let documents = real::documents(&attempt.case.compared.actual.stdout);
    let came = real::find(&documents, &real::path(&finding.path)?)?;
    let map = came.as_mapping()?;
    let sheet = attempt.sheet;
    let own = level(sheet.at(sibling));
    let rows = sibling..end(sheet, sibling, indent(sheet.at(sibling)));
    let elides = rows.clone().find(|row| is_elision(sheet.at(*row)) && indent(sheet.at(*row)) == own);
    let shown: Vec<&str> =
        rows.filter(|row| level(sheet.at(*row)) == own).filter_map(|row| key(sheet.at(row))).collect();
    let part: serde_yaml::Mapping = map
        .iter()
        .filter(|(name, _)| elides.is_none() || name.as_str().is_some_and(|name| shown.contains(&name)))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut lines: Vec<String> =
        real::lines(&serde_yaml::Value::Mapping(part)).iter().map(|line| attempt.case.names.authors(line)).collect();
    lines.extend(elides.map(|row| sheet.at(row).trim().to_owned()));
    (lines.len() <= MOST_LINES).then_some(lines)
}

/// Items without dashes: of JSON, or in brackets.
fn beside(attempt: &Attempt<'_>, at: usize, wordings: &[String]) -> Option<Sheet> {
    let sheet = attempt.sheet;
    let row = sheet.at(at);
    if let (Some(open), Some(close)) = (row.find('['), row.rfind(']')) {
        let inner = row.get(open + 1..close)?.trim();
        let separator = if inner.is_empty() { "" } else { ", " };
        let quotes = inner.rsplit(',').next().map_or(Quotes::None, |last| Quotes::of(last.trim()));
        let texts = wordings
            .iter()
            .map(|new| format!("{}{separator}{}{}", row[..close].trim_end(), quotes.write(new), &row[close..]));
        return attempt.first(texts.map(|text| sheet.with(at, text)));
    }
    let text = row.trim();
    let bare = text.trim_end_matches(',');
    if key(row).is_some() || bare.is_empty() {
        return None;
    }
    let own = Quotes::of(bare);
    let comma = if text.ends_with(',') { "," } else { "" };
    let before = sheet.with(at, format!("{}{bare},", &row[..indent(row)]));
    attempt.first(
        wordings
            .iter()
            .map(|new| before.inserted(at + 1, [format!("{}{}{comma}", " ".repeat(indent(row)), own.write(new))])),
    )
}
