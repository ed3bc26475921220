//! Keys that stand below another key than the page says.

use super::correct::Attempt;
use super::keys::{children, end, indent, is_elision, key, level, parent, siblings, with_key};
use super::real::{self, Step};
use super::sheet::{Row, Sheet};
use crate::verify::model::Finding;

/// Moves a key to where it came: below a key that is shown already, else below a new line for it. Where
/// the key that it stands below is only the wrong one of two, that is renamed instead.
pub(super) fn moved(attempt: &Attempt<'_>, finding: &Finding) -> Option<Sheet> {
    let way = Way::of(attempt, finding)?;
    way.renamed(attempt).or_else(|| attempt.first(way.moves(attempt)))
}

/// From where to where, as far as the two differ. Lists are not crossed.
struct Way {
    /// The row of the key.
    at: usize,
    /// The rows of the keys that it stands below and should not, the nearest first.
    from: Vec<usize>,
    /// The keys that it should stand below instead, the outermost first.
    to: Vec<String>,
    /// The path of the outermost key that differs.
    common: Vec<Step>,
}

impl Way {
    fn of(attempt: &Attempt<'_>, finding: &Finding) -> Option<Self> {
        let (sheet, at) = (attempt.sheet, finding.line - 1);
        let (mut from, mut to) = (real::path(&finding.documented)?, real::path(&finding.actual)?);
        let (own, other) = (from.pop()?, to.pop()?);
        if own != other || own != Step::Key(key(sheet.at(at))?.to_owned()) || indent(sheet.at(at)) < level(sheet.at(at))
        {
            return None;
        }
        let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
        let common = from[..shared].to_vec();
        let mut rows = vec![];
        let mut below = at;
        for step in from[shared..].iter().rev() {
            let row = parent(sheet, below)?;
            if !matches!(step, Step::Key(name) if key(sheet.at(row)) == Some(name)) {
                return None;
            }
            rows.push(row);
            below = row;
        }
        let names = to[shared..].iter().map(|step| match step {
            Step::Key(name) => Some(name.clone()),
            Step::Item(_) => None,
        });
        Some(Self { at, from: rows, to: names.collect::<Option<_>>()?, common })
    }

    /// The key above under its right name: if nothing else stands below it, and nothing came below it.
    fn renamed(&self, attempt: &Attempt<'_>) -> Option<Sheet> {
        let sheet = attempt.sheet;
        let ([row], [name]) = (self.from.as_slice(), self.to.as_slice()) else { return None };
        let below = children(sheet, *row).into_iter().filter(|row| !is_elision(sheet.at(*row))).count();
        let mut steps = self.common.clone();
        steps.push(Step::Key(key(sheet.at(*row))?.to_owned()));
        let documents = real::documents(&attempt.case.compared.actual.stdout);
        let came = real::find(&documents, &steps).is_some_and(|value| !real::is_empty(value));
        if below != 1 || came || siblings(sheet, *row).contains(&name.as_str()) {
            return None;
        }
        attempt.first(with_key(sheet, *row, name))
    }

    fn moves(&self, attempt: &Attempt<'_>) -> Vec<Sheet> {
        let elided = self.moved(attempt, true);
        let bare = self.moved(attempt, false);
        elided.into_iter().chain(bare).flat_map(|moved| [moved.kept, moved.emptied]).flatten().collect()
    }

    fn moved(&self, attempt: &Attempt<'_>, elide: bool) -> Option<Moved> {
        let sheet = attempt.sheet;
        let own = level(sheet.at(self.at));
        let node = self.at..end(sheet, self.at, own);
        let elision = self.elision(attempt).filter(|_| elide);
        if elide && elision.is_none() {
            return None;
        }
        let base = self.from.last().copied().unwrap_or(self.at);
        let depth = level(sheet.at(base));
        let cut = sheet.without(node.clone());
        // What is behind the moved rows has moved up.
        let behind = if self.from.is_empty() { self.at } else { end(&cut, base, depth) };
        let target = Target { depth, behind, base, names: &self.to };
        let (place, at, new) = target.find(&cut);
        let elision = elision.filter(|_| !new.is_empty()).map(|elision| format!("{}{elision}", " ".repeat(at)));
        let mut rows: Vec<Row> = new.into_iter().chain(elision).map(|text| Row { text, origin: None }).collect();
        // What only gets a line above it stays what it was.
        let stays = place == node.start;
        let moved = sheet.rows[node].iter();
        rows.extend(moved.map(|row| Row { text: shifted(&row.text, own, at), origin: row.origin.filter(|_| stays) }));
        let kept = cut.with_rows(place, rows.clone());
        Some(Moved { emptied: self.emptied(&cut, place, rows), kept: Some(kept) })
    }

    /// Without the key that nothing is left below.
    fn emptied(&self, cut: &Sheet, place: usize, rows: Vec<Row>) -> Option<Sheet> {
        let row = *self.from.first()?;
        let is_empty = end(cut, row, level(cut.at(row))) == row + 1 && place > row;
        is_empty.then(|| cut.with_rows(place, rows).without(row..row + 1))
    }

    /// The elision that stands beside the key: where it moves below a new one of which more came, the
    /// author leaves that out too.
    fn elision(&self, attempt: &Attempt<'_>) -> Option<String> {
        let sheet = attempt.sheet;
        let above = *self.from.first()?;
        let row = children(sheet, above).into_iter().find(|row| is_elision(sheet.at(*row)))?;
        let mut steps = self.common.clone();
        steps.extend(self.to.iter().cloned().map(Step::Key));
        let documents = real::documents(&attempt.case.compared.actual.stdout);
        let more = real::find(&documents, &steps).is_some_and(|value| real::keys(value).len() > 1);
        more.then(|| sheet.at(row).trim().to_owned())
    }
}

struct Moved {
    kept: Option<Sheet>,
    emptied: Option<Sheet>,
}

/// Where a key moves to.
struct Target<'w> {
    /// How deep the outermost key is that differs.
    depth: usize,
    /// The row behind the part that it leaves.
    behind: usize,
    base: usize,
    names: &'w [String],
}

impl Target<'_> {
    /// The row before which it is put, its indentation there, and the new lines above it.
    fn find(&self, cut: &Sheet) -> (usize, usize, Vec<String>) {
        let mut found: Option<(usize, usize)> = None;
        let mut known = 0;
        for name in self.names {
            let row = match found {
                None => self.shown(cut, name),
                Some((row, _)) => children(cut, row).into_iter().find(|row| key(cut.at(*row)) == Some(name)),
            };
            let Some(row) = row.filter(|row| cut.at(*row).trim_end().ends_with(':')) else { break };
            found = Some((row, level(cut.at(row))));
            known += 1;
        }
        let (place, mut at) = match found {
            Some((row, depth)) => {
                let inner = children(cut, row).first().map_or(depth + 2, |row| indent(cut.at(*row)));
                (end(cut, row, depth), inner)
            }
            None => (self.behind, self.depth),
        };
        let mut new = vec![];
        for name in &self.names[known..] {
            new.push(format!("{}{name}:", " ".repeat(at)));
            at += 2;
        }
        (place, at, new)
    }

    /// The row of a key beside the outermost one that differs.
    fn shown(&self, cut: &Sheet, name: &str) -> Option<usize> {
        let base = self.base.min(cut.rows.len().checked_sub(1)?);
        let belongs = |row: &usize| cut.at(*row).trim().is_empty() || level(cut.at(*row)) >= self.depth;
        let above = (0..base).rev().take_while(belongs);
        let below = (base..cut.rows.len()).take_while(belongs);
        above.chain(below).find(|row| {
            indent(cut.at(*row)) == self.depth && level(cut.at(*row)) == self.depth && key(cut.at(*row)) == Some(name)
        })
    }
}

/// A line at another depth.
fn shifted(text: &str, from: usize, to: usize) -> String {
    match text.trim().is_empty() {
        true => text.to_owned(),
        false => format!("{}{}", " ".repeat((indent(text) + to).saturating_sub(from)), text.trim_start_matches(' ')),
    }
}
