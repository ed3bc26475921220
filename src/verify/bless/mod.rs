//! Corrects what pages document of outputs.
//!
//! In: [`Prepared`] pages, the [`Recording`] of their run and the [`Report`] of it, and the [`Sources`]:
//! the pages' files as they were parsed. Out: a [`Blessing`]: new texts of files, what was corrected, and
//! what was left, each with the reason. It would rather leave a difference than correct it wrongly.
//!
//! 1. Each output with the verdict drift, page by page, in order. Nothing else is ever touched.
//! 2. [`correct`]: finding by finding; [`lines`], [`cells`], [`keys`] and [`place`] propose, the
//!    comparison itself decides, and of the tokens proposed keeps only those it needs.
//! 3. The page is judged again with the new text: no other output may hold less than before.
//! 4. [`safe`]: what came must not act in the page.
//! 5. [`files`]: back into the author's lines.

mod cells;
mod correct;
mod files;
mod keys;
mod lines;
mod names;
mod place;
mod real;
mod safe;
mod sheet;
mod tokens;

pub use files::{Change, Sources, WriteError};

use crate::verify::model::{BlockReport, PageReport, Report, Role, Verdict};
use crate::verify::pages::Prepared;
use crate::verify::plan::PagePlan;
use crate::verify::recording::{PageRun, Recording};
use crate::verify::run;
use crate::verify::verdict::{self, Compared};
use files::Edit;
use sheet::Sheet;

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blessing {
    /// The files that change, in order.
    pub changes: Vec<Change>,
    /// Each corrected line.
    pub blessed: Vec<Said>,
    /// What differs still, and why.
    pub left: Vec<Said>,
}

/// Something to say of a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// Relative to the root.
    pub file: String,
    /// 1-based, before the change.
    pub line: usize,
    /// A sentence, or the change.
    pub text: String,
}

impl Change {
    /// What `diff -u` would say.
    #[must_use]
    pub fn diff(&self) -> String {
        let diff = similar::TextDiff::from_lines(&self.before, &self.after);
        let (old, new) = (format!("a/{}", self.path), format!("b/{}", self.path));
        diff.unified_diff().context_radius(3).header(&old, &new).to_string()
    }
}

/// Corrects the drifted outputs of pages. `report` is what was said of this run.
#[must_use]
pub fn bless(pages: &[Prepared], recording: &Recording, report: &Report, sources: &Sources) -> Blessing {
    let mut blessing = Blessing::default();
    let mut edits: Vec<Edit> = vec![];
    for (page, reported) in pages.iter().zip(&report.pages) {
        let run = run::answering(page, recording);
        let mut work = Work::new(&page.plan, run.as_deref(), reported);
        work.outputs();
        blessing.left.append(&mut work.left);
        // Several pages may include one file.
        edits.extend(work.edits.into_iter().filter(|edit| !edits.contains(edit)).collect::<Vec<_>>());
    }
    let mut files: Vec<&str> = edits.iter().map(|edit| edit.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    for file in files {
        let own: Vec<&Edit> = edits.iter().filter(|edit| edit.file == file).collect();
        change(file, &own, sources, &mut blessing);
    }
    blessing.left.sort();
    blessing.left.dedup();
    blessing
}

/// Puts the edits of one file together; those that can't be placed are left.
fn change(file: &str, edits: &[&Edit], sources: &Sources, blessing: &mut Blessing) {
    let mut left = |edit: &Edit, at: usize, text: String| {
        let line = edit.lines.get(at).or(edit.lines.first()).copied().unwrap_or(1);
        blessing.left.push(Said { file: file.to_owned(), line, text });
    };
    let Some(before) = sources.text(file) else {
        return edits.iter().for_each(|edit| left(edit, 0, "the file can't be read as text".to_owned()));
    };
    let mut after = before.to_owned();
    let mut placed: Vec<&Edit> = vec![];
    for edit in edits {
        let overlaps = |other: &&Edit| other.lines.iter().any(|line| edit.lines.contains(line));
        if placed.iter().any(overlaps) {
            left(edit, 0, "pages that include this file show different outputs for it".to_owned());
            continue;
        }
        placed.push(edit);
        match files::rewritten(before, &placed) {
            Ok(text) => after = text,
            Err((at, why)) => {
                placed.pop();
                left(edit, at, why);
            }
        }
    }
    if after != before {
        blessing.blessed.extend(placed.iter().flat_map(|edit| said(edit)));
        blessing.changes.push(Change { path: file.to_owned(), before: before.to_owned(), after });
    }
}

/// What an edit does, line by line.
fn said(edit: &Edit) -> Vec<Said> {
    let mut said = vec![];
    let line = |at: usize| edit.lines.get(at).copied().unwrap_or(1);
    let mut last = line(0);
    for (at, old) in edit.old.rows.iter().enumerate() {
        let new = edit.new.rows.iter().find(|row| row.origin == Some(at));
        let text = match new {
            Some(new) if new.text == old.text => continue,
            Some(new) => format!("`{}` is now `{}`", old.text.trim(), new.text.trim()),
            None => format!("`{}` is gone", old.text.trim()),
        };
        said.push(Said { file: edit.file.clone(), line: line(at), text });
    }
    for row in &edit.new.rows {
        match row.origin {
            Some(at) => last = line(at),
            None => {
                said.push(Said { file: edit.file.clone(), line: last, text: format!("`{}` is new", row.text.trim()) })
            }
        }
    }
    said.sort();
    said
}

/// One page while its outputs are corrected.
struct Work<'a> {
    plan: PagePlan,
    run: Option<&'a PageRun>,
    reported: &'a PageReport,
    judged: PageReport,
    compared: Vec<Compared>,
    edits: Vec<Edit>,
    left: Vec<Said>,
}

/// An output: its block, and in a transcript its command.
type Place = (usize, Option<usize>);

impl<'a> Work<'a> {
    fn new(plan: &PagePlan, run: Option<&'a PageRun>, reported: &'a PageReport) -> Self {
        let (judged, compared) = verdict::judge_compared(plan, run, verdict::not_recorded());
        Self { plan: plan.clone(), run, reported, judged, compared, edits: vec![], left: vec![] }
    }

    fn outputs(&mut self) {
        // What differs only as this cluster does, or is known, is nobody's to correct.
        let is_open = |block: &&BlockReport| !(block.is_of_environment() || is_known(block));
        let blocks = self.reported.blocks.iter().enumerate().filter(|(_, block)| is_open(block));
        for (index, block) in blocks {
            for place in drifted(index, block) {
                self.output(place, block);
            }
            let word = match block.verdict {
                Some(Verdict::Fail) => "a failure",
                Some(Verdict::Flaky) => "what differs from attempt to attempt",
                Some(Verdict::Infra) => "a failure of the cluster",
                _ => continue,
            };
            let line = block.findings.first().map_or(block.line, |found| found.line);
            self.leave(block, line, format!("{word} is never blessed"));
        }
    }

    fn leave(&mut self, block: &BlockReport, line: usize, text: String) {
        let file = block.file.clone().unwrap_or_else(|| self.reported.path.clone());
        self.left.push(Said { file, line, text });
    }

    fn output(&mut self, place: Place, block: &BlockReport) {
        let found = self.compared.iter().find(|compared| (compared.block, compared.command) == place);
        let (Some(compared), Some((text, lines))) = (found, self.shown(place)) else {
            return self.leave(block, block.line, "how a command ends is never blessed".to_owned());
        };
        let file = block.file.clone().unwrap_or_else(|| self.plan.path.clone());
        let is_page = [".md", ".markdown", ".html"].iter().any(|extension| file.ends_with(extension));
        let corrected = correct::correct(compared, &text, &block.findings);
        let (text, lines) = (Sheet::new(&text), lines.to_vec());
        let source = |at: usize| lines.get(at).or(lines.last()).copied().unwrap_or(block.line);
        let sheet = match corrected {
            Ok(sheet) if sheet == text => return,
            Ok(sheet) => sheet,
            Err(left) => return self.leave(block, source(left.at), left.why),
        };
        if !is_page {
            return self.leave(block, source(0), "it is in a file that is no page".to_owned());
        }
        if let Some((at, why)) = unsafe_row(&text, &sheet) {
            return self.leave(block, source(at), why.to_owned());
        }
        let plan = self.with(place, &sheet, &lines);
        let (judged, compared) = verdict::judge_compared(&plan, self.run, verdict::not_recorded());
        if let Some(line) = worse(&self.judged, &judged, place.0) {
            let why = format!("with it, the block in line {line} would no longer hold");
            return self.leave(block, source(0), why);
        }
        (self.plan, self.judged, self.compared) = (plan, judged, compared);
        self.edits.push(Edit { file, lines, old: text, new: sheet });
    }

    /// The documented text and its source lines.
    fn shown(&self, (block, command): Place) -> Option<(String, &[usize])> {
        let planned = self.plan.blocks.get(block)?;
        match command {
            Some(command) => {
                let output = planned.commands.get(command)?.output.as_ref()?;
                Some((output.text.clone(), &output.lines))
            }
            None => Some((planned.block.text.clone(), &planned.block.lines)),
        }
    }

    fn with(&self, (block, command): Place, sheet: &Sheet, lines: &[usize]) -> PagePlan {
        let mut plan = self.plan.clone();
        let (text, lines) = (sheet.text(), sheet.lines(lines));
        let Some(planned) = plan.blocks.get_mut(block) else { return plan };
        match command.and_then(|command| planned.commands.get_mut(command)).and_then(|command| command.output.as_mut())
        {
            Some(output) => (output.text, output.lines) = (text, lines),
            None => (planned.block.text, planned.block.lines) = (text, lines),
        }
        plan
    }
}

/// Whether the baseline says of all that differs in a block why it stays.
fn is_known(block: &BlockReport) -> bool {
    let mut findings = block.findings.iter().filter(|found| verdict::blames_page(found)).peekable();
    findings.peek().is_some() && findings.all(|found| found.known.is_some())
}

/// The outputs of a block that have drifted.
fn drifted(index: usize, block: &BlockReport) -> Vec<Place> {
    if block.role == Role::Output {
        return if block.verdict == Some(Verdict::Drift) { vec![(index, None)] } else { vec![] };
    }
    let commands = block.commands.iter().enumerate();
    commands.filter(|(_, command)| command.verdict == Some(Verdict::Drift)).map(|(at, _)| (index, Some(at))).collect()
}

/// The first row that may not be written.
fn unsafe_row(old: &Sheet, new: &Sheet) -> Option<(usize, &'static str)> {
    let mut last = 0;
    new.rows.iter().find_map(|row| {
        last = row.origin.unwrap_or(last);
        let before = row.origin.map_or("", |at| old.at(at));
        Some((last, safe::refuse(before, &row.text)?))
    })
}

/// The line of a block, other than the corrected one, that came out better before.
fn worse(before: &PageReport, after: &PageReport, corrected: usize) -> Option<usize> {
    let pairs = before.blocks.iter().zip(&after.blocks).enumerate().filter(|(index, _)| *index != corrected);
    let blocks = pairs.map(|(_, pair)| pair);
    blocks
        .filter(|(old, new)| old.verdict == Some(Verdict::Pass) && new.verdict != old.verdict)
        .map(|(old, _)| old.line)
        .next()
}
