//! Files of pages: as they were parsed, corrected, and written.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::sheet::Sheet;
use crate::verify::pages::Prepared;

/// The texts of the files that pages come from, read when the pages are parsed: what is written later
/// must be a correction of just that text.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    root: PathBuf,
    texts: BTreeMap<String, String>,
}

/// A file's text and what it is to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Relative to the root.
    pub path: String,
    /// As it was parsed.
    pub before: String,
    /// Corrected.
    pub after: String,
}

/// Why a file is not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Somebody has worked on it since.
    #[error("it has changed since it was read; nothing is written into it")]
    Changed,
    /// A link leads out of the site.
    #[error("it is a link to a file outside of the site")]
    Outside,
    /// The machine says no.
    #[error("it can't be written: {0}")]
    Io(#[from] std::io::Error),
}

/// A corrected output and where its lines are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    /// The file, relative to the root.
    pub(super) file: String,
    /// The source line of each documented line.
    pub(super) lines: Vec<usize>,
    /// As documented.
    pub(super) old: Sheet,
    pub(super) new: Sheet,
}

impl Sources {
    /// Reads the files of these pages, and of the files that they include. What can't be read is missing,
    /// and then not corrected.
    #[must_use]
    pub fn read(root: &Path, pages: &[Prepared]) -> Self {
        let mut sources = Self { root: root.to_owned(), texts: BTreeMap::new() };
        for page in pages {
            let included = page.plan.blocks.iter().filter_map(|block| block.block.file.clone());
            for file in included.chain([page.plan.path.clone()]) {
                if let Ok(text) = std::fs::read_to_string(root.join(&file)) {
                    sources.texts.entry(file).or_insert(text);
                }
            }
        }
        sources
    }

    pub(super) fn text(&self, file: &str) -> Option<&str> {
        self.texts.get(file).map(String::as_str)
    }

    /// Writes one file: whole or not at all, with the rights it has.
    ///
    /// # Errors
    /// When the file is no longer what was parsed, is outside of the root, or can't be written.
    pub fn write(&self, change: &Change) -> Result<(), WriteError> {
        let root = self.root.canonicalize()?;
        let path = self.root.join(&change.path).canonicalize()?;
        let folder = path.parent().filter(|_| path.starts_with(&root)).ok_or(WriteError::Outside)?;
        if std::fs::read(&path)? != change.before.as_bytes() {
            return Err(WriteError::Changed);
        }
        let rights = std::fs::metadata(&path)?;
        let mut file = tempfile::Builder::new().prefix(".docbuild-bless-").tempfile_in(folder)?;
        file.write_all(change.after.as_bytes())?;
        // Only root may give a file away: elsewhere it is the user's already.
        let _ = {
            use std::os::unix::fs::MetadataExt as _;
            std::os::unix::fs::chown(file.path(), Some(rights.uid()), Some(rights.gid()))
        };
        file.as_file().set_permissions(rights.permissions())?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok(())
    }
}

/// A line of a file and how it ends.
struct Raw<'t> {
    body: &'t str,
    end: &'t str,
}

/// What becomes of a line: nothing, or another text; and the lines before and behind it.
#[derive(Default)]
struct Fate {
    gone: bool,
    text: Option<String>,
    before: Vec<String>,
    behind: Vec<String>,
}

/// A file's text with the edits of one or more outputs. What the container puts before a line (blanks,
/// `> `) stays, and is put before new ones.
///
/// # Errors
/// The index of a documented line whose line in the file is not the same text, and why.
pub(super) fn rewritten(text: &str, edits: &[&Edit]) -> Result<String, (usize, String)> {
    let raw: Vec<Raw<'_>> = text.split_inclusive('\n').map(Raw::new).collect();
    let mut fates: BTreeMap<usize, Fate> = BTreeMap::new();
    for edit in edits {
        Placed { edit, raw: &raw }.decide(&mut fates)?;
    }
    let usual = raw.iter().map(|line| line.end).find(|end| !end.is_empty()).unwrap_or("\n");
    let mut out = String::with_capacity(text.len());
    for (at, line) in raw.iter().enumerate() {
        let Some(fate) = fates.get(&at) else {
            out.push_str(line.body);
            out.push_str(line.end);
            continue;
        };
        let own = (!fate.gone).then(|| fate.text.clone().unwrap_or_else(|| line.body.to_owned()));
        let lines: Vec<String> = fate.before.iter().cloned().chain(own).chain(fate.behind.iter().cloned()).collect();
        let end = if line.end.is_empty() { usual } else { line.end };
        for (index, text) in lines.iter().enumerate() {
            out.push_str(text);
            // The file's last line ends as it did.
            out.push_str(if index + 1 == lines.len() { line.end } else { end });
        }
    }
    Ok(out)
}

impl<'t> Raw<'t> {
    fn new(line: &'t str) -> Self {
        let body = line.strip_suffix('\n').unwrap_or(line);
        let body = body.strip_suffix('\r').unwrap_or(body);
        Self { body, end: &line[body.len()..] }
    }
}

struct Placed<'e, 't> {
    edit: &'e Edit,
    raw: &'e [Raw<'t>],
}

impl Placed<'_, '_> {
    fn decide(&self, fates: &mut BTreeMap<usize, Fate>) -> Result<(), (usize, String)> {
        let kept: BTreeSet<usize> = self.edit.new.rows.iter().filter_map(|row| row.origin).collect();
        for at in 0..self.edit.old.rows.len() {
            if !kept.contains(&at) {
                self.prefix(at)?;
                fates.entry(self.index(at)?).or_default().gone = true;
            }
        }
        let mut last: Option<usize> = None;
        let first = kept.first().copied();
        for row in &self.edit.new.rows {
            match (row.origin, last) {
                (Some(at), _) => {
                    last = Some(at);
                    if row.text != self.edit.old.at(at) {
                        let text = format!("{}{}", self.prefix(at)?, row.text);
                        fates.entry(self.index(at)?).or_default().text = Some(text);
                    }
                }
                (None, Some(at)) => {
                    let text = self.new_line(at, &row.text)?;
                    fates.entry(self.index(at)?).or_default().behind.push(text);
                }
                (None, None) => {
                    let at = first.ok_or((0, "nothing of it is left".to_owned()))?;
                    let text = self.new_line(at, &row.text)?;
                    fates.entry(self.index(at)?).or_default().before.push(text);
                }
            }
        }
        Ok(())
    }

    /// The index in the file of a documented line.
    fn index(&self, at: usize) -> Result<usize, (usize, String)> {
        let line = self.edit.lines.get(at).copied().unwrap_or(0);
        let shared = self.edit.lines.iter().filter(|other| **other == line).count() > 1;
        match line.checked_sub(1).filter(|index| *index < self.raw.len() && !shared) {
            Some(index) => Ok(index),
            None => Err((at, "a shortcode has made this line, it is not in the file".to_owned())),
        }
    }

    /// What stands before a documented line in the file.
    fn prefix(&self, at: usize) -> Result<&str, (usize, String)> {
        let body = self.raw[self.index(at)?].body;
        body.strip_suffix(self.edit.old.at(at)).ok_or_else(|| (at, "the line in the file is another text".to_owned()))
    }

    /// A new line beside a documented one. One without a text has no blanks either.
    fn new_line(&self, at: usize, text: &str) -> Result<String, (usize, String)> {
        let line = format!("{}{text}", self.prefix_near(at)?);
        Ok(if text.is_empty() { line.trim_end().to_owned() } else { line })
    }

    /// What is to stand before a new line beside a documented one: as before the nearest line with a text
    /// and no list marker before it.
    fn prefix_near(&self, at: usize) -> Result<&str, (usize, String)> {
        let plain = |text: &str| text.chars().all(|c| matches!(c, ' ' | '\t' | '>'));
        let nearest = (0..=at).rev().chain(at + 1..self.edit.old.rows.len());
        let fitting = nearest.filter(|row| !self.edit.old.at(*row).is_empty());
        fitting
            .filter_map(|row| self.prefix(row).ok())
            .find(|prefix| plain(prefix))
            .ok_or_else(|| (at, "a new line can't be put into this list item".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(lines: &[usize], old: &str, change: impl Fn(&Sheet) -> Sheet) -> Edit {
        let old = Sheet::new(old);
        Edit { file: "a.md".into(), lines: lines.to_vec(), new: change(&old), old }
    }

    #[test]
    fn what_is_around_stays_as_it_is() {
        let text = "\u{feff}x\r\n  > a\r\n  > b \r\n  >\r\n  > c\r\ny";
        let lines = [2, 3, 4, 5];
        let added = edit(&lines, "a\nb \n\nc\n", |sheet| sheet.with(0, "A").inserted(3, ["new".to_owned()]));
        let expected = "\u{feff}x\r\n  > A\r\n  > b \r\n  >\r\n  > new\r\n  > c\r\ny";
        assert_eq!(rewritten(text, &[&added]).as_deref(), Ok(expected));
        let gone = edit(&lines, "a\nb \n\nc\n", |sheet| sheet.without(1..3));
        assert_eq!(rewritten(text, &[&gone]).as_deref(), Ok("\u{feff}x\r\n  > a\r\n  > c\r\ny"));
        let first = edit(&lines, "a\nb \n\nc\n", |sheet| sheet.inserted(0, ["new".to_owned()]));
        assert!(rewritten(text, &[&first]).is_ok_and(|text| text.contains("x\r\n  > new\r\n  > a\r\n")));
    }

    #[test]
    fn a_file_without_a_last_line_end_gets_none() {
        let added = edit(&[1], "a\n", |sheet| sheet.inserted(1, ["b".to_owned()]));
        assert_eq!(rewritten("    a", &[&added]).as_deref(), Ok("    a\n    b"));
    }

    #[test]
    fn lines_that_are_not_in_the_file_are_refused() {
        let made = edit(&[1], "made by a shortcode\n", |sheet| sheet.with(0, "x"));
        assert_eq!(rewritten("{{< x >}}\n", &[&made]).map_err(|(at, _)| at), Err(0));
        let several = edit(&[1, 1], "a\na\n", |sheet| sheet.with(0, "x"));
        assert_eq!(rewritten("a\n", &[&several]).map_err(|(at, _)| at), Err(0));
    }
}
