//! Runs -> HTML.

use super::options::{LineNumbers, Options};
use super::run::{Class, Run, Runs};

/// A block of a known language.
pub(super) fn block(html: &mut String, language: &str, text: &str, runs: &Runs, options: &Options) {
    html.push_str("<div class=\"highlight");
    for (key, value) in &options.attributes {
        if key == "class" {
            html.push(' ');
            escape(html, value);
        }
    }
    html.push('"');
    for (key, value) in options.attributes.iter().filter(|(key, _)| key != "class") {
        html.push(' ');
        html.push_str(key);
        html.push_str("=\"");
        escape(html, value);
        html.push('"');
    }
    html.push('>');
    let by_lines = !options.marked.is_empty() || options.line_numbers != LineNumbers::None;
    if options.line_numbers == LineNumbers::Table {
        html.push_str("<table class=\"lntable\"><tr><td class=\"lntd\">");
        html.push_str(super::OPENING);
        html.push_str("<code>");
        for number in numbers(text, options) {
            html.push_str("<span class=\"lnt\">");
            html.push_str(&number);
            html.push_str("\n</span>");
        }
        html.push_str("</code></pre></td>\n<td class=\"lntd\">");
    }
    html.push_str(super::OPENING);
    open_code(html, "", language);
    if by_lines {
        lines(html, text, runs, options);
    } else {
        spans(html, text, 0, text.len(), runs.iter().copied());
    }
    html.push_str("</code></pre>");
    if options.line_numbers == LineNumbers::Table {
        html.push_str("</td></tr></table>");
    }
    html.push_str("</div>");
}

/// A block of a language that is not known, or of none.
pub(super) fn plain(html: &mut String, language: &str, text: &str) {
    html.push_str("<pre tabindex=\"0\">");
    if language.is_empty() {
        html.push_str("<code>");
    } else {
        open_code(html, "", language);
    }
    escape(html, text);
    html.push_str("</code></pre>");
}

/// Code inside of a line: opened, and closed with what is given.
pub(super) fn inline(html: &mut String, language: &str, code: Option<(&str, &Runs)>) {
    open_code(html, "code-inline ", language);
    if let Some((text, runs)) = code {
        spans(html, text, 0, text.len(), runs.iter().copied());
        html.push_str("</code>");
    }
}

fn open_code(html: &mut String, class: &str, language: &str) {
    html.push_str("<code class=\"");
    html.push_str(class);
    html.push_str("language-");
    escape(html, language);
    if class.is_empty() {
        html.push_str("\" data-lang=\"");
        escape(html, language);
    }
    html.push_str("\">");
}

/// Code with elements around its runs; those reach over ends of lines.
fn spans(html: &mut String, text: &str, from: usize, to: usize, runs: impl Iterator<Item = Run>) {
    let mut at = from;
    for run in runs {
        escape(html, &text[at..run.start]);
        open(html, run.class);
        escape(html, &text[run.start..run.end]);
        html.push_str("</span>");
        at = run.end;
    }
    escape(html, &text[at..to]);
}

fn open(html: &mut String, class: Class) {
    html.push_str("<span class=\"");
    html.push_str(class.name().unwrap_or_default());
    html.push_str("\">");
}

/// Code line by line: marked lines have an element around them, numbered ones begin with their number.
fn lines(html: &mut String, text: &str, runs: &Runs, options: &Options) {
    let mut runs = runs.iter().copied().peekable();
    let mut numbers = numbers(text, options);
    let marks = options.marks(text.split_inclusive('\n').count());
    let mut start = 0;
    for (line, marked) in text.split_inclusive('\n').zip(marks) {
        let end = start + line.len();
        if marked {
            html.push_str("<span class=\"hl\">");
        }
        if options.line_numbers == LineNumbers::Inline {
            html.push_str("<span class=\"ln\">");
            html.push_str(&numbers.next().unwrap_or_default());
            html.push_str("</span>");
        }
        let mut here = vec![];
        while let Some(run) = runs.peek().copied().filter(|run| run.start < end) {
            here.push(Run { start: run.start.max(start), end: run.end.min(end), class: run.class });
            if run.end > end {
                break;
            }
            runs.next();
        }
        spans(html, text, start, end, here.into_iter());
        if marked {
            html.push_str("</span>");
        }
        start = end;
    }
}

/// The numbers of the lines, aligned to the right.
fn numbers(text: &str, options: &Options) -> impl Iterator<Item = String> {
    let count = text.split_inclusive('\n').count();
    let first = options.lines_before + 1;
    let width = (options.lines_before + count).to_string().len();
    (first..first + count).map(move |number| format!("{number:>width$}"))
}

/// Appends code or a value as HTML text: `& < > " '`.
pub(super) fn escape(html: &mut String, text: &str) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&#34;",
            b'\'' => "&#39;",
            _ => continue,
        };
        html.push_str(&text[from..at]);
        html.push_str(entity);
        from = at + 1;
    }
    html.push_str(&text[from..]);
}
