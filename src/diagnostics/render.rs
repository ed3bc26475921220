//! The one place where a [`Diagnostic`] becomes text.
//!
//! In: a diagnostic (and the width of the terminal). Out: `error[code]: message`, the place as
//! `file:line:column`, the lines with carets, notes and help. A browser overlay shows the same text.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Place, Severity};

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
    if let Some(place) = &diagnostic.place {
        let in_same_file = |other: &&(Place, String)| other.0.file.path == place.file.path;
        let context = diagnostic
            .labels
            .iter()
            .filter(in_same_file)
            .map(|(other, text)| annotation(AnnotationKind::Context, other).label(&**text));
        group =
            group.element(snippet(place, std::iter::once(annotation(AnnotationKind::Primary, place)).chain(context)));
        for (other, text) in diagnostic.labels.iter().filter(|label| !in_same_file(label)) {
            group = group.element(snippet(other, [annotation(AnnotationKind::Context, other).label(&**text)]));
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

fn snippet<'a>(place: &'a Place, annotations: impl IntoIterator<Item = Annotation<'a>>) -> Snippet<'a, Annotation<'a>> {
    Snippet::source(&place.file.text).path(&place.file.path).annotations(annotations)
}

/// The place as an annotation that lies on characters of the file, whatever the span says, and that
/// does not run over the end of its first line (a caret under a whole block helps nobody).
fn annotation(kind: AnnotationKind, place: &Place) -> Annotation<'_> {
    let text = &place.file.text;
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(place.span.start);
    let line_end = place.file.line_span(place.file.line_of(start)).end.max(start);
    kind.span(start..floor(place.span.end).clamp(start, line_end))
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
