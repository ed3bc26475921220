//! Text put together from parts of files, that remembers for each byte where it came from.
//!
//! Shortcodes paste text into a page's Markdown, and a note's inner content is Markdown of its own:
//! what the Markdown parser reads is often no slice of a file. Its events still have to point into
//! the author's file.

use std::ops::Range;
use std::sync::Arc;

use super::flow::{At, FlowItem};
use crate::diagnostics::{SourceFile, Span};

/// Text with the origin of its parts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mapped {
    text: String,
    /// In the order of the text, without gaps.
    pieces: Vec<Piece>,
    /// What shortcodes put into the text, in its order.
    inserts: Vec<Insert>,
}

/// A run of bytes with one origin.
#[derive(Debug, Clone)]
struct Piece {
    start: usize,
    at: At,
    /// Whether the bytes are those of the file; else all of them stand for the whole span.
    copied: bool,
}

/// The output of a shortcode in a text.
#[derive(Debug, Clone)]
pub(crate) struct Insert {
    /// Where it is in the text.
    pub(crate) range: Range<usize>,
    /// Its HTML, if the text has a placeholder for it; `None` if the HTML itself is in the text.
    pub(crate) html: Option<String>,
    /// The blocks in it.
    pub(crate) flow: Vec<FlowItem>,
    /// Its text for a reader, where it has no blocks.
    pub(crate) plain: String,
}

impl Mapped {
    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What shortcodes put into it.
    pub(crate) fn inserts(&self) -> &[Insert] {
        &self.inserts
    }

    /// Appends a part of a file.
    pub(crate) fn push_copied(&mut self, file: &Arc<SourceFile>, span: Span) {
        if span.start < span.end {
            self.pieces.push(Piece { start: self.text.len(), at: At { file: Arc::clone(file), span }, copied: true });
            self.text.push_str(span.slice(&file.text));
        }
    }

    /// Appends text that stands in no file; all of it is `at` that place.
    pub(crate) fn push_made(&mut self, text: &str, at: &At) {
        if !text.is_empty() {
            self.pieces.push(Piece { start: self.text.len(), at: at.clone(), copied: false });
            self.text.push_str(text);
        }
    }

    /// Appends another text with its origins.
    pub(crate) fn append(&mut self, other: &Self) {
        let base = self.text.len();
        self.pieces.extend(other.pieces.iter().cloned().map(|piece| Piece { start: base + piece.start, ..piece }));
        self.inserts.extend(
            other
                .inserts
                .iter()
                .cloned()
                .map(|insert| Insert { range: base + insert.range.start..base + insert.range.end, ..insert }),
        );
        self.text.push_str(&other.text);
    }

    /// The text with parts of it replaced; `edits` are in order and do not overlap. What is put in stands
    /// at the place of what it replaces.
    pub(crate) fn edited(&self, edits: &[(Range<usize>, String)]) -> Self {
        let mut edited = Self::default();
        let mut from = 0;
        for (range, by) in edits {
            edited.append_part(self, from..range.start);
            if let Some(piece) = self.piece_at(range.start.saturating_sub(1)) {
                edited.push_made(by, &piece.at.clone());
            }
            from = range.end;
        }
        edited.append_part(self, from..self.text.len());
        edited
    }

    /// Appends a part of another text with its origins.
    fn append_part(&mut self, other: &Self, part: Range<usize>) {
        let base = self.text.len();
        let first = other.pieces.partition_point(|piece| piece.start <= part.start).saturating_sub(1);
        for (index, piece) in other.pieces.iter().enumerate().skip(first) {
            let end = other.pieces.get(index + 1).map_or(other.text.len(), |next| next.start);
            let (from, to) = (piece.start.max(part.start), end.min(part.end));
            if from >= to {
                continue;
            }
            let span = if piece.copied { Span::new(piece.start_of(from), piece.end_of(to)) } else { piece.at.span };
            let at = At { file: Arc::clone(&piece.at.file), span };
            self.pieces.push(Piece { start: base + from - part.start, at, copied: piece.copied });
        }
        let moved = |at: usize| base + at - part.start;
        self.inserts.extend(
            other
                .inserts
                .iter()
                .filter(|insert| part.start <= insert.range.start && insert.range.end <= part.end)
                .map(|insert| Insert { range: moved(insert.range.start)..moved(insert.range.end), ..insert.clone() }),
        );
        self.text.push_str(&other.text[part]);
    }

    /// Appends the output of a shortcode that has blocks or a placeholder.
    pub(crate) fn push_insert(
        &mut self,
        text: &str,
        at: &At,
        html: Option<String>,
        flow: Vec<FlowItem>,
        plain: String,
    ) {
        let start = self.text.len();
        self.push_made(text, at);
        self.inserts.push(Insert { range: start..self.text.len(), html, flow, plain });
    }

    /// Where the bytes of a range come from. An empty text has no place.
    pub(crate) fn at(&self, range: &Range<usize>) -> Option<At> {
        let first = self.piece_at(range.start)?;
        let start = first.start_of(range.start);
        let last = self.piece_at(range.end.saturating_sub(1).max(range.start))?;
        let end = if Arc::ptr_eq(&last.at.file, &first.at.file) { last.end_of(range.end) } else { first.at.span.end };
        Some(At { file: Arc::clone(&first.at.file), span: Span::new(start, end.max(start)) })
    }

    /// The 1-based source line of a byte.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.piece_at(offset).map_or(1, |piece| piece.at.file.line_of(piece.start_of(offset)))
    }

    fn piece_at(&self, offset: usize) -> Option<&Piece> {
        let index = self.pieces.partition_point(|piece| piece.start <= offset);
        self.pieces.get(index.saturating_sub(1))
    }
}

impl Piece {
    fn start_of(&self, offset: usize) -> usize {
        if self.copied { self.at.span.start + (offset - self.start.min(offset)) } else { self.at.span.start }
    }

    fn end_of(&self, offset: usize) -> usize {
        if self.copied { self.at.span.start + (offset - self.start.min(offset)) } else { self.at.span.end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_knows_its_place() {
        let file = SourceFile::new("a.md", "one\n{{< x >}}\ntwo\n");
        let call = At { file: Arc::clone(&file), span: Span::new(4, 13) };
        let mut text = Mapped::default();
        text.push_copied(&file, Span::new(0, 4));
        text.push_made("made\nhere", &call);
        text.push_copied(&file, Span::new(13, 18));
        assert_eq!(text.text(), "one\nmade\nhere\ntwo\n");
        assert_eq!(text.line(0), 1);
        assert_eq!((text.line(4), text.line(10)), (2, 2), "all that was made is where the call is");
        assert_eq!(text.line(text.text().find("two").unwrap()), 3);
        assert_eq!(text.at(&(1..3)).unwrap().span, Span::new(1, 3));
        assert_eq!(text.at(&(5..7)).unwrap().span, Span::new(4, 13));
        assert_eq!(text.at(&(0..17)).unwrap().span, Span::new(0, 17));
        assert_eq!(Mapped::default().at(&(0..0)), None);
    }

    #[test]
    fn edits_keep_the_places_around_them() {
        let file = SourceFile::new("a.md", "one\ntwo\nthree\n");
        let mut text = Mapped::default();
        text.push_copied(&file, Span::new(0, 8));
        text.push_copied(&file, Span::new(8, 14));
        let edited = text.edited(&[(1..2, "NN".to_owned()), (5..5, "+".to_owned()), (10..12, String::new())]);
        assert_eq!(edited.text(), "oNNe\nt+wo\nthe\n");
        for word in ["wo", "th", "e\n"] {
            let at = edited.text().rfind(word).unwrap();
            assert_eq!(edited.at(&(at..at + word.len())).unwrap().span.slice(&file.text), word);
        }
    }
}
