//! The one place where a [`Diagnostic`] becomes text.
//!
//! In: a diagnostic (and the width of the terminal). Out: `error[code]: message`, the place as
//! `file:line:column`, the lines with carets, notes and help. A browser overlay shows the same text.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Place, Severity, Span};

/// How the text is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// ANSI colours.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: 80 }
    }
}

/// A diagnostic as text, with a final newline.
#[must_use]
pub fn render(diagnostic: &Diagnostic, style: Style) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(&*diagnostic.message).id(diagnostic.code.id));
    let long_line = diagnostic.place.as_ref().and_then(LongLine::around);
    if let Some(place) = &diagnostic.place {
        let in_same_file = |other: &&(Place, String)| other.0.file.path == place.file.path;
        let context: Vec<(&Place, &str)> =
            diagnostic.labels.iter().filter(in_same_file).map(|(other, text)| (other, &**text)).collect();
        group = group.element(match &long_line {
            Some(long) => long.snippet(place),
            None => snippet(Some(place), &context),
        });
        for (other, text) in diagnostic.labels.iter().filter(|label| !in_same_file(label)) {
            group = group.element(snippet(None, &[(other, text)]));
        }
    }
    // `  = help: ` stands before the first line, and as many blanks before the others.
    let room = style.width.max(40) - 12;
    let notes: Vec<String> = diagnostic.notes.iter().map(|text| wrapped(text, room)).collect();
    let helps: Vec<String> = diagnostic.help.iter().map(|text| wrapped(text, room)).collect();
    for note in &notes {
        group = group.element(Level::NOTE.message(&**note));
    }
    for help in &helps {
        group = group.element(Level::HELP.message(&**help));
    }
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(style.width.max(20));
    let mut text = renderer.render(&[group]).to_string();
    if let Some((long, place)) = long_line.zip(diagnostic.place.as_ref()) {
        text = long.with_its_column(&text, place);
    }
    text.push('\n');
    text
}

/// Text in lines of at most `room` columns, broken at blanks, but not inside of backticks: what stands
/// there is typed or copied.
fn wrapped(text: &str, room: usize) -> String {
    let mut lines = String::with_capacity(text.len() + 8);
    let mut column = 0;
    let mut in_code = false;
    let outside_code = |c: char| {
        in_code ^= c == '`';
        c == ' ' && !in_code
    };
    for word in text.split(outside_code) {
        let width = unicode_width::UnicodeWidthStr::width(word);
        if column > 0 && column + 1 + width > room {
            lines.push('\n');
            column = 0;
        } else if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += width;
    }
    lines
}

/// The lines of one file that are shown: those of its places, and what lies between. Never the whole
/// file, which would be read again for every mistake in it.
fn snippet<'a>(primary: Option<&'a Place>, context: &[(&'a Place, &'a str)]) -> Snippet<'a, Annotation<'a>> {
    let places = || primary.into_iter().chain(context.iter().map(|(place, _)| *place));
    let Some(file) = places().next().map(|place| &place.file) else { return Snippet::source("") };
    let lines = || places().map(|place| file.line_of(on_character(&file.text, place.span.start)));
    let first = lines().min().unwrap_or(1);
    let start = file.line_span(first).start;
    let end = lines().max().map_or(file.text.len(), |last| file.line_span(last).end);
    let shown = |kind: AnnotationKind, place: &Place| {
        let span = within_line(place);
        kind.span(span.start - start..span.end - start)
    };
    Snippet::source(file.text.get(start..end).unwrap_or_default())
        .line_start(first)
        .path(&file.path)
        .annotations(primary.map(|place| shown(AnnotationKind::Primary, place)))
        .annotations(context.iter().map(|(place, text)| shown(AnnotationKind::Context, place).label(*text)))
}

/// The longest line that is given to the renderer whole, in bytes.
const LONGEST_LINE: usize = 1000;

/// A place in a line so long that only what is around it is shown; a second place in it is left out.
struct LongLine {
    /// What is shown.
    part: Span,
    /// The place itself.
    place: Span,
}

impl LongLine {
    fn around(place: &Place) -> Option<Self> {
        let text = &place.file.text;
        let span = within_line(place);
        let line = place.file.line_span(place.file.line_of(span.start));
        if line.end - line.start <= LONGEST_LINE {
            return None;
        }
        let start = on_character(text, span.start.saturating_sub(LONGEST_LINE / 4).max(line.start));
        let end = on_character(text, (span.start + LONGEST_LINE / 4).min(line.end));
        Some(Self { part: Span::new(start, end), place: Span::new(span.start, span.end.min(end)) })
    }

    fn snippet<'a>(&self, place: &'a Place) -> Snippet<'a, Annotation<'a>> {
        let start = self.part.start;
        Snippet::source(self.part.slice(&place.file.text))
            .line_start(place.line())
            .path(&place.file.path)
            .annotation(AnnotationKind::Primary.span(self.place.start - start..self.place.end - start))
    }

    /// The renderer counts columns from the start of what it is given: here they count from the line's.
    fn with_its_column(&self, text: &str, place: &Place) -> String {
        let before = Span::new(self.part.start, self.place.start).slice(&place.file.text);
        let (line, column) = place.file.line_column(self.place.start);
        let path = &place.file.path;
        let shown = format!("{path}:{line}:{}", before.chars().count() + 1);
        text.replacen(&shown, &format!("{path}:{line}:{column}"), 1)
    }
}

/// The place as a span that lies on characters of the file, whatever it says, and that does not run
/// over the end of its first line (a caret under a whole block helps nobody).
fn within_line(place: &Place) -> Span {
    let text = &place.file.text;
    let start = on_character(text, place.span.start);
    let line_end = place.file.line_span(place.file.line_of(start)).end.max(start);
    Span::new(start, on_character(text, place.span.end).clamp(start, line_end))
}

/// The start of the character that the byte at `at` belongs to.
fn on_character(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::{SourceFile, codes};

    #[test]
    fn shows_the_place_the_line_and_the_way_out() {
        let file = SourceFile::new("content/en/a.md", "one\ntwo words\nthree\n");
        let diagnostic = Diagnostic::error(codes::UNREADABLE_FILE, "these words are wrong")
            .at(&file, 8..13)
            .note("a fact")
            .help("say something else");
        let text = render(&diagnostic, Style::default());
        insta::assert_snapshot!(text);
    }

    #[test]
    fn advice_is_wrapped_to_the_terminal() {
        let file = SourceFile::new("content/en/a.md", "one\n");
        let help = "first words of some advice, then `a command` and `another command` to do";
        let diagnostic = Diagnostic::error(codes::UNREADABLE_FILE, "these words are wrong").at(&file, 0..3).help(help);
        insta::assert_snapshot!(render(&diagnostic, Style { color: false, width: 60 }));
    }

    #[test]
    fn a_place_in_a_very_long_line_has_its_own_column_and_little_around_it() {
        let file = SourceFile::new("a.md", format!("one\n{}wrong{}\n", "あ".repeat(5000), "x".repeat(500_000)));
        let at = file.text.find("wrong").unwrap_or_default();
        let diagnostic = Diagnostic::error(codes::UNREADABLE_FILE, "m").at(&file, at..at + 5);
        insta::assert_snapshot!(render(&diagnostic, Style::default()));
    }

    #[test]
    fn any_span_renders() {
        let file = SourceFile::new("a.md", "あいう\nx");
        for start in 0..14 {
            for end in 0..14 {
                let diagnostic = Diagnostic::error(codes::UNREADABLE_FILE, "m").at(&file, start..end);
                assert!(render(&diagnostic, Style { color: true, width: 60 }).contains("a.md"));
            }
        }
    }
}
