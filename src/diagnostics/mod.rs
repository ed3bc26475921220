//! What docbuild says about a file: one type, one order, one renderer.
//!
//! In: stages create a [`Diagnostic`] with [`Diagnostic::error`] or [`Diagnostic::warning`], give
//! it a place with [`Diagnostic::at`], advice with [`Diagnostic::help`], and return it as a value.
//! Out: [`render::render`] turns it into text, in the terminal layer only.
//!
//! Spans are byte ranges of the author's file as it is on disk (after UTF-8 validation), from the
//! lexer to the report; nothing points into rewritten text.

pub mod codes;
pub mod render;

use std::ops::Range;
use std::sync::Arc;

pub use codes::Code;

/// A text file that diagnostics can point into.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path relative to the site's root, with `/` (as it is printed).
    pub path: String,
    /// The file's text, byte for byte.
    pub text: String,
    /// Byte offset of the first byte of each line.
    line_starts: Vec<usize>,
}

impl SourceFile {
    /// Wraps a file's text; `path` is relative to the root, with `/`.
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let text = text.into();
        let line_starts =
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
        Arc::new(Self { path: path.into(), text, line_starts })
    }

    /// The 1-based line that holds the byte at `offset` (the last line for offsets past the end).
    #[must_use]
    pub fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= offset)
    }

    /// 1-based line and 1-based column, in characters, of the byte at `offset`.
    #[must_use]
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let line = self.line_of(offset);
        let start = self.line_starts[line - 1];
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        (line, self.text[start.min(end)..end].chars().count() + 1)
    }

    /// The bytes of 1-based `line`, without its line end; empty past the last line.
    #[must_use]
    pub fn line_span(&self, line: usize) -> Span {
        let Some(&start) = line.checked_sub(1).and_then(|index| self.line_starts.get(index)) else {
            return Span::new(self.text.len(), self.text.len());
        };
        let end = self.line_starts.get(line).map_or(self.text.len(), |&next| next - 1);
        let end = if end > start && self.text.as_bytes()[end - 1] == b'\r' { end - 1 } else { end };
        Span::new(start, end)
    }

    /// The text of 1-based `line`, without its line end.
    #[must_use]
    pub fn line(&self, line: usize) -> &str {
        self.line_span(line).slice(&self.text)
    }

    /// How many lines the file has (a final newline starts no further line).
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.line_starts.len() - usize::from(self.text.ends_with('\n') || self.text.is_empty())
    }
}

/// A range of bytes in a [`SourceFile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes `start..end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The part of `text` the span covers; empty where it does not lie on characters of it.
    #[must_use]
    pub fn slice(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or("")
    }

    /// As a standard range.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A span in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The bytes in it.
    pub span: Span,
}

impl Place {
    /// A place in a file: all characters that `span` touches, as parsers of others count in bytes.
    #[must_use]
    pub fn new(file: &Arc<SourceFile>, span: Span) -> Self {
        let mut start = span.start.min(file.text.len());
        while !file.text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = span.end.clamp(start, file.text.len());
        while !file.text.is_char_boundary(end) {
            end += 1;
        }
        Self { file: Arc::clone(file), span: Span::new(start, end) }
    }

    /// 1-based line of the place's first byte.
    #[must_use]
    pub fn line(&self) -> usize {
        self.file.line_of(self.span.start)
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The build fails (exit code 1).
    Error,
    /// The build goes on; `--strict` makes it an error.
    Warning,
    /// For information.
    Note,
}

/// One thing to tell the author: what is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of mistake it is (`docbuild explain CODE`).
    pub code: Code,
    /// One sentence, lower case, no full stop.
    pub message: String,
    /// Where it is. `None` only for what has no file (a missing folder, a port in use).
    pub place: Option<Place>,
    /// Further places that explain it, with a word each ("first defined here").
    pub labels: Vec<(Place, String)>,
    /// Facts that help to understand it.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
}

impl Diagnostic {
    fn new(severity: Severity, code: Code, message: impl Into<String>) -> Self {
        Self { severity, code, message: message.into(), place: None, labels: vec![], notes: vec![], help: vec![] }
    }

    /// A mistake that fails the build.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// Something an author should look at.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// Something worth knowing.
    #[must_use]
    pub fn information(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    /// Gives it its place.
    #[must_use]
    pub fn at(mut self, file: &Arc<SourceFile>, span: impl Into<Span>) -> Self {
        self.place = Some(Place::new(file, span.into()));
        self
    }

    /// Adds a second place with its meaning.
    #[must_use]
    pub fn label(mut self, file: &Arc<SourceFile>, span: impl Into<Span>, text: impl Into<String>) -> Self {
        self.labels.push((Place::new(file, span.into()), text.into()));
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    fn sort_key(&self) -> (Severity, Option<(&str, usize)>, &str, &str) {
        let place = self.place.as_ref().map(|place| (place.file.path.as_str(), place.span.start));
        (self.severity, place, self.code.id, &self.message)
    }
}

/// The collector: what all stages said, in an order that does not depend on threads.
#[derive(Debug, Default, Clone)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// An empty collector.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds many.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(diagnostics);
    }

    /// Whether the build fails.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sorted by severity, file, place, code and message, without repetitions.
    #[must_use]
    pub fn sorted(mut self) -> Vec<Diagnostic> {
        self.0.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.0.dedup();
        self.0
    }
}

/// A file that should be UTF-8 text and is not, with the place of the first wrong byte.
///
/// `path` is relative to the root. The text shown has U+FFFD where bytes are wrong.
#[must_use]
pub fn invalid_utf8(path: &str, bytes: &[u8]) -> Diagnostic {
    let valid = std::str::from_utf8(bytes).err().map_or(bytes.len(), |error| error.valid_up_to());
    let file = SourceFile::new(path, String::from_utf8_lossy(bytes));
    let byte = bytes.get(valid).copied().unwrap_or_default();
    Diagnostic::error(codes::INVALID_UTF8, "this file is not UTF-8 text")
        .at(&file, valid..valid + 1)
        .note(format!("the byte here is 0x{byte:02X}"))
        .help("save the file as UTF-8 in your editor, or convert it: `iconv -f LATIN1 -t UTF-8 FILE > NEW`")
}

/// The known name that is nearest to `name`, if it is near enough to be what was meant
/// (at most a third of its letters differ).
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (edit_distance(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance in characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let file = SourceFile::new("a.md", "ab\nあx\r\n");
        assert_eq!(file.line_column(0), (1, 1));
        assert_eq!(file.line_column(3), (2, 1));
        assert_eq!(file.line_column(6), (2, 2));
        assert_eq!(file.line_column(4), (2, 1), "inside a character is at that character");
        assert_eq!(file.line(2), "あx");
        assert_eq!(file.line(9), "");
        assert_eq!(file.line_count(), 2);
    }

    #[test]
    fn nearest_names_what_was_meant_and_nothing_far_away() {
        let known = ["title", "language", "authors"];
        assert_eq!(nearest("langage", known), Some("language"));
        assert_eq!(nearest("tilte", known), None, "two of five letters is too far");
        assert_eq!(nearest("titel", ["title"]), None);
        assert_eq!(nearest("titl", known), Some("title"));
        assert_eq!(nearest("colour", known), None);
    }

    #[test]
    fn diagnostics_are_sorted_and_said_once() {
        let file = SourceFile::new("a.md", "one\ntwo\n");
        let mut all = Diagnostics::new();
        all.push(Diagnostic::warning(codes::UNREADABLE_FILE, "w").at(&file, 0..1));
        all.push(Diagnostic::error(codes::UNREADABLE_FILE, "second").at(&file, 4..5));
        all.push(Diagnostic::error(codes::UNREADABLE_FILE, "first").at(&file, 0..1));
        all.push(Diagnostic::error(codes::UNREADABLE_FILE, "first").at(&file, 0..1));
        assert!(all.has_errors());
        let texts: Vec<_> = all.sorted().into_iter().map(|d| d.message).collect();
        assert_eq!(texts, ["first", "second", "w"]);
    }
}
