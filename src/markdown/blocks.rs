//! Code blocks: their HTML, and the values that `verify` reads.

use std::ops::Range;

use super::block_scalars;
use super::escape::push_text;
use super::flow::CodeBlock;
use super::mapped::Mapped;
use crate::highlight;

/// A code block while it is read.
#[derive(Debug)]
pub(super) struct OpenBlock {
    /// The info string; `None` for an indented block.
    info: Option<String>,
    text: String,
    /// For each line that was started in `text`, where it starts in the Markdown.
    starts: Vec<usize>,
    /// Whether it is in a list item, where a line of white space is an empty one.
    in_item: bool,
    /// Where in `text` a carriage return stood.
    returns: Vec<usize>,
}

impl OpenBlock {
    pub(super) fn new(info: Option<&str>, in_item: bool) -> Self {
        let info = info.map(|info| info.trim().to_owned());
        Self { info, text: String::new(), starts: vec![], in_item, returns: vec![] }
    }

    /// Adds what the parser found at `range` of the Markdown.
    pub(super) fn push(&mut self, markdown: &str, code: &str, range: &Range<usize>) {
        let verbatim = markdown.get(range.clone()) == Some(code);
        let mut at = range.start;
        if code.starts_with('\n') && markdown.get(..at).is_some_and(|before| before.ends_with('\r')) {
            self.returns.push(self.text.len());
        }
        for line in code.split_inclusive('\n') {
            if self.text.is_empty() || self.text.ends_with('\n') {
                self.starts.push(at);
            }
            let is_blank = self.in_item && line.ends_with('\n') && line.trim().is_empty();
            self.text.push_str(if is_blank && self.text.len() == line_start(&self.text) { "\n" } else { line });
            if verbatim {
                at += line.len();
            }
        }
    }

    /// The code with the carriage returns that its lines had, but for the last.
    fn with_returns(&self) -> String {
        let mut text = String::with_capacity(self.text.len() + self.returns.len());
        let mut from = 0;
        for &at in self.returns.iter().filter(|at| **at + 1 < self.text.len()) {
            text.push_str(&self.text[from..at]);
            text.push('\r');
            from = at;
        }
        text + &self.text[from..]
    }

    /// The code.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The first word of the info string, up to a blank or a brace.
    pub(super) fn language(&self) -> Option<&str> {
        self.info.as_deref().map(|info| info.split([' ', '{', '\t']).next().unwrap_or(""))
    }

    /// The block as `verify` reads it. `expand` gives the text for a line with placeholders.
    pub(super) fn finish(
        self,
        source: &Mapped,
        range: &Range<usize>,
        expand: impl Fn(&str) -> String,
    ) -> Option<CodeBlock> {
        let mut text = String::with_capacity(self.text.len());
        let mut lines = vec![];
        for (line, start) in self.text.split_inclusive('\n').zip(&self.starts) {
            let expanded = expand(line);
            lines.extend(std::iter::repeat_n(source.line(*start), expanded.split_inclusive('\n').count()));
            text.push_str(&expanded);
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        let markdown = source.text().get(range.clone()).unwrap_or("");
        let last = range.start + markdown.trim_end().len().saturating_sub(1);
        let is_fence = self.info.is_some();
        let line = if is_fence {
            source.line(range.start)
        } else {
            lines.first().copied().unwrap_or_else(|| source.line(range.start))
        };
        let end_line = if is_fence { source.line(last) } else { lines.last().copied().unwrap_or(line) };
        Some(CodeBlock { info: self.info, text, lines, line, end_line: end_line.max(line), at: source.at(range)? })
    }
}

/// Inner content of a shortcode as a code block: blank lines at its ends are no part of the code, nor is
/// `indentation` at the start of its lines.
pub(super) fn code_of_text(text: &Mapped, language: &str, indentation: &str) -> Option<CodeBlock> {
    let whole = text.text();
    let start = whole.len() - whole.trim_start_matches(['\n', '\r']).len();
    let end = whole.trim_end().len().max(start);
    let mut block = OpenBlock::new(Some(language), false);
    block.push(whole, &whole[start..end], &(start..end));
    block.finish(text, &(start..end), |line| line.strip_prefix(indentation).unwrap_or(line).to_owned())
}

/// Where the last line of a text starts.
fn line_start(text: &str) -> usize {
    text.rfind('\n').map_or(0, |at| at + 1)
}

/// A fence's HTML. Without a language it is plain.
pub(crate) fn code_html(code: &str, language: &str, options: &highlight::Options) -> String {
    let is_yaml = ["yaml", "yml"].iter().any(|name| language.eq_ignore_ascii_case(name));
    let with_blanks = is_yaml.then(|| block_scalars::with_blanks(code)).flatten();
    highlight::code(language, with_blanks.as_deref().unwrap_or(code), options)
}

/// A block's HTML: indented ones and those for diagrams and formulas have their own form.
pub(super) fn block_html(block: &OpenBlock) -> String {
    let code = block.text();
    match block.language() {
        Some("") if !block.returns.is_empty() => code_html(&block.with_returns(), "", &highlight::Options::default()),
        None => {
            let mut html = "<pre><code>".to_owned();
            push_text(&mut html, code);
            html + "</code></pre>\n"
        }
        // These are read by scripts in the page.
        Some("mermaid") => format!("<div class=\"mermaid\">{}\n</div>\n", code.trim_end_matches('\n')),
        Some(kind @ ("math" | "chem")) => format!("\n<div class=\"{kind}\">$${}$$</div>", code.trim_end_matches('\n')),
        Some(language) => {
            code_html(code, language, &highlight::Options::of_fence(block.info.as_deref().unwrap_or_default()))
        }
    }
}
