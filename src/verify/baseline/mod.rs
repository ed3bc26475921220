//! The baseline: findings that are known, with the reason, so that only new ones end a run with 1.
//!
//! In: a [`Baseline`] (TOML or JSON, [`mod@file`]), a report and the pages it is about. Out: the report with
//! its known findings marked, and notes about entries that are over or not needed any more; or a
//! baseline of all that a report found ([`Baseline::of`]).
//!
//! An entry names a block by its text, not by its line: it holds wherever the block moves, and stops
//! where somebody changes it. A verdict stays what it is: a known drift is a drift.

pub mod file;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::verify::model::{BlockReport, Cause, Finding, FindingClass, PageReport, Report, Verdict};
use crate::verify::pages::Prepared;
use crate::verify::report;

/// What is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Its entries, in the order of the file.
    pub entries: Vec<Entry>,
}

/// One known finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The page, relative to the root; `None` for any page that has the block.
    pub page: Option<String>,
    /// [`block_id`] of the block's text.
    pub block: String,
    /// What kind of finding.
    pub class: FindingClass,
    /// Where in the value; `None` for anywhere in the block.
    pub place: Option<String>,
    /// The documented text.
    pub documented: String,
    /// Why it is known.
    pub reason: String,
    /// The last day that it is.
    pub expires: Option<Date>,
}

/// What a block is called in a baseline: the first 16 digits of a hash of its text. Blanks at the ends of
/// lines and empty lines at the end do not count.
#[must_use]
pub fn block_id(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let hash = blake3::hash(lines.join("\n").trim_end().as_bytes());
    hash.to_hex()[..16].to_owned()
}

/// How much of the site a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All pages that are verified when none is named.
    Whole,
    /// Some of them.
    Part,
}

impl Entry {
    /// Whether it is about this finding of this block of this page.
    fn is_about(&self, page: &str, block: &str, finding: &Finding) -> bool {
        self.block == block
            && self.class == finding.class
            && self.documented.trim() == finding.documented.trim()
            && self.page.as_deref().is_none_or(|named| named == page)
            && self.place.as_deref().is_none_or(|place| place == finding.path)
    }

    /// What makes it the same as another, its reason and end apart.
    fn key(&self) -> (Option<&str>, &str, FindingClass, Option<&str>, &str) {
        (self.page.as_deref(), &self.block, self.class, self.place.as_deref(), self.documented.trim())
    }

    fn is_over(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    /// The entry in a few words.
    fn named(&self) -> String {
        let documented = self.documented.lines().next().unwrap_or("").trim();
        let what = if documented.is_empty() { String::new() } else { format!(" `{documented}`") };
        let page = self.page.as_deref().map(|page| format!(" of {page}")).unwrap_or_default();
        format!("{}{what} in block {}{page}", report::word(self.class), self.block)
    }
}

/// A block of the report with what a baseline calls it.
struct Seen<'a> {
    page: &'a PageReport,
    block: &'a BlockReport,
    id: String,
}

/// The blocks of a report with their names. `pages` are those that the report was made of, in its order.
fn seen<'a>(report: &'a Report, pages: &[Prepared]) -> Vec<Seen<'a>> {
    let both = report.pages.iter().zip(pages);
    both.flat_map(|(page, prepared)| {
        let texts = prepared.plan.blocks.iter().map(|planned| &planned.block.text);
        page.blocks.iter().zip(texts).map(move |(block, text)| Seen { page, block, id: block_id(text) })
    })
    .collect()
}

impl Baseline {
    /// Marks the findings of the report that are known, counts them, and adds notes about entries that are
    /// over or that nothing needs. `pages` are those that the report was made of, in its order.
    pub fn apply(&self, report: &mut Report, pages: &[Prepared], today: Date, scope: Scope) {
        let blocks = seen(report, pages);
        let mut needed = vec![false; self.entries.len()];
        let mut known: Vec<((usize, usize), String)> = vec![];
        let mut notes = vec![];
        for (at, seen) in blocks.iter().enumerate() {
            for (f, finding) in seen.block.findings.iter().enumerate().filter(|(_, finding)| report::weighs(finding)) {
                let about = |entry: &Entry| entry.is_about(&seen.page.path, &seen.id, finding);
                for (e, entry) in self.entries.iter().enumerate().filter(|(_, entry)| about(entry)) {
                    needed[e] = true;
                    match entry.expires.filter(|_| entry.is_over(today)) {
                        None => known.push(((at, f), entry.reason.clone())),
                        Some(last) => notes.push(format!(
                            "the baseline's entry for {}:{} was good until {last}: the finding counts again ({})",
                            seen.page.path, finding.line, entry.reason
                        )),
                    }
                }
            }
        }
        let unneeded = self.unneeded(&blocks, &needed, scope);
        notes.extend(unneeded.into_iter().map(|(entry, why)| format!("the baseline's entry {}: {why}", entry.named())));
        mark(report, known);
        report.pages.iter_mut().for_each(follow);
        report.notes.extend(notes);
        report.summary = report::summary(&report.pages);
    }

    /// The entries that nothing needs, as far as this run can tell, and why.
    fn unneeded<'a>(&'a self, blocks: &[Seen<'_>], needed: &[bool], scope: Scope) -> Vec<(&'a Entry, &'static str)> {
        let pages: BTreeSet<&str> = blocks.iter().map(|seen| seen.page.path.as_str()).collect();
        let why = |entry: &Entry| {
            let on_page = |seen: &&Seen<'_>| entry.page.as_deref().is_none_or(|page| page == seen.page.path);
            let mut same = blocks.iter().filter(|seen| seen.id == entry.block).filter(on_page).peekable();
            if same.peek().is_some() {
                // What was skipped, or what the cluster failed at, says nothing about it.
                let judged = |seen: &Seen<'_>| matches!(seen.block.verdict, Some(Verdict::Pass | Verdict::Drift));
                return same.all(judged).then_some("nothing needs it any more, remove it");
            }
            let looked = match &entry.page {
                Some(page) => scope == Scope::Whole || pages.contains(page.as_str()),
                None => scope == Scope::Whole,
            };
            looked.then_some("no page has a block with this text any more, remove it")
        };
        let unused = self.entries.iter().zip(needed).filter(|(_, needed)| !**needed);
        unused.filter_map(|(entry, _)| Some((entry, why(entry)?))).collect()
    }

    /// A baseline that holds all findings of the report that count, for the reason that they are known
    /// since `today`. What `earlier` says of the same findings stays as it is, and so do its entries about
    /// blocks that this run does not tell about.
    #[must_use]
    pub fn of(report: &Report, pages: &[Prepared], today: Date, earlier: &Self, scope: Scope) -> Written {
        let blocks = seen(report, pages);
        let mut needed = vec![false; earlier.entries.len()];
        let mut found: BTreeMap<String, Vec<(Entry, String)>> = BTreeMap::new();
        let mut order = vec![];
        for seen in &blocks {
            for finding in seen.block.findings.iter().filter(|finding| counts(finding)) {
                let about: Vec<usize> = (0..earlier.entries.len())
                    .filter(|e| earlier.entries[*e].is_about(&seen.page.path, &seen.id, finding))
                    .collect();
                about.iter().for_each(|e| needed[*e] = true);
                if about.iter().any(|e| !earlier.entries[*e].is_over(today)) {
                    continue;
                }
                let (entry, place) = new_entry(seen, finding, today);
                let key = format!("{:?}", (&entry.block, entry.class, &entry.place, entry.documented.trim()));
                if !found.contains_key(&key) {
                    order.push(key.clone());
                }
                found.entry(key).or_default().push((entry, place));
            }
        }
        let unneeded: Vec<_> =
            earlier.unneeded(&blocks, &needed, scope).into_iter().map(|(entry, _)| entry.key()).collect();
        let stays = |entry: &&Entry| !unneeded.contains(&entry.key()) && !entry.is_over(today);
        let mut entries: Vec<(Entry, String)> =
            earlier.entries.iter().filter(stays).map(|entry| (entry.clone(), String::new())).collect();
        let added = order.len();
        for mut same in order.iter().filter_map(|key| found.remove(key)) {
            // The same block on several pages, as in translations, is known once for all of them.
            let several = same.iter().any(|(entry, _)| entry.page != same[0].0.page);
            let (mut entry, place) = same.swap_remove(0);
            entry.page = entry.page.filter(|_| !several);
            entries.push((entry, place));
        }
        Written { entries, added }
    }
}

/// A baseline that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Entries, each with a remark for people (empty for one that was there).
    pub entries: Vec<(Entry, String)>,
    /// How many of them are new.
    pub added: usize,
}

/// Whether a finding counts by itself: what follows from another is known with that.
fn counts(finding: &Finding) -> bool {
    report::weighs(finding) && finding.cause != Cause::FollowUp
}

fn new_entry(seen: &Seen<'_>, finding: &Finding, today: Date) -> (Entry, String) {
    let entry = Entry {
        page: Some(seen.page.path.clone()),
        block: seen.id.clone(),
        class: finding.class,
        // The documented text tells findings of a block apart; where there is none, the place does.
        place: (finding.documented.trim().is_empty() && !finding.path.is_empty()).then(|| finding.path.clone()),
        documented: finding.documented.clone(),
        reason: format!("known since {today}: say why, and what is done about it"),
        expires: None,
    };
    let message = finding.message.lines().next().unwrap_or("");
    (entry, format!("{}:{}: {message}", seen.page.path, finding.line))
}

/// Writes reasons at findings: the number of the block in the report, and of the finding in the block.
fn mark(report: &mut Report, known: Vec<((usize, usize), String)>) {
    let mut blocks: Vec<&mut BlockReport> = report.pages.iter_mut().flat_map(|page| &mut page.blocks).collect();
    for ((block, finding), reason) in known {
        if let Some(finding) = blocks.get_mut(block).and_then(|block| block.findings.get_mut(finding)) {
            finding.known.get_or_insert(reason);
        }
    }
}

/// What follows from known findings is known with them.
fn follow(page: &mut PageReport) {
    loop {
        let mut open = BTreeSet::new();
        let mut known = BTreeSet::new();
        for finding in page.blocks.iter().flat_map(|block| &block.findings).filter(|finding| report::weighs(finding)) {
            if finding.known.is_some() {
                known.insert(finding.line)
            } else {
                open.insert(finding.line)
            };
        }
        let mut changed = false;
        for finding in page.blocks.iter_mut().flat_map(|block| &mut block.findings) {
            let follows = finding.cause == Cause::FollowUp && finding.known.is_none() && report::weighs(finding);
            if let Some(line) = finding.of.filter(|line| follows && known.contains(line) && !open.contains(line)) {
                finding.known = Some(format!("it follows from line {line}"));
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_known_by_its_text() {
        assert_eq!(block_id("a\nb\n"), block_id("a  \nb\n\n"));
        assert_ne!(block_id("a\nb\n"), block_id("a\n b\n"));
        assert_eq!(block_id("").len(), 16);
    }
}
