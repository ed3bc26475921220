//! Builds the flow of a unit while its HTML is written.
//!
//! In: the parser's events that a reader would notice. Out: [`FlowItem`]s. What a shortcode put into
//! the text brings its own items; they come where it stands, and the HTML it left in the text is not
//! read again.

use std::collections::HashMap;
use std::ops::Range;

use super::escape::plain_text;
use super::flow::{CodeBlock, CodeSpan, Container, FlowItem};
use super::mapped::{Insert, Mapped};

/// The flow of one unit.
pub(super) struct FlowBuilder<'t> {
    source: &'t Mapped,
    /// What placeholders begin with; none in nested units.
    placeholder: Option<&'t str>,
    by_word: HashMap<&'t str, &'t Insert>,
    /// Inserts that stand in the text as HTML and have blocks, in order.
    blocks: Vec<&'t Insert>,
    next_block: usize,
    items: Vec<FlowItem>,
    prose: String,
    spans: Vec<CodeSpan>,
    range: Option<Range<usize>>,
}

impl<'t> FlowBuilder<'t> {
    pub(super) fn new(source: &'t Mapped, placeholder: Option<&'t str>) -> Self {
        let text = source.text();
        let by_word = source
            .inserts()
            .iter()
            .filter(|insert| insert.html.is_some())
            .map(|insert| (&text[insert.range.clone()], insert));
        let blocks = source.inserts().iter().filter(|insert| insert.html.is_none()).collect();
        Self {
            source,
            placeholder,
            by_word: by_word.collect(),
            blocks,
            next_block: 0,
            items: vec![],
            prose: String::new(),
            spans: vec![],
            range: None,
        }
    }

    /// The items.
    pub(super) fn finish(mut self) -> Vec<FlowItem> {
        self.reach(usize::MAX);
        self.flush();
        self.items
    }

    /// Emits the blocks of inserts that start before `offset`.
    pub(super) fn reach(&mut self, offset: usize) {
        while let Some(insert) = self.blocks.get(self.next_block).copied().filter(|insert| insert.range.start < offset)
        {
            self.next_block += 1;
            self.flush();
            self.items.extend(insert.flow.iter().cloned());
        }
    }

    /// Whether a range lies in an insert that has brought its own items.
    fn is_spoken_for(&self, range: &Range<usize>) -> bool {
        let seen = &self.blocks[..self.next_block];
        seen.last().is_some_and(|insert| range.start < insert.range.end && range.end > insert.range.start)
    }

    /// Text within a line.
    pub(super) fn text(&mut self, text: &str, range: &Range<usize>) {
        self.reach(range.end);
        if self.is_spoken_for(range) {
            return;
        }
        self.push_expanded(text, range);
    }

    /// The end of a line within a paragraph.
    pub(super) fn line_end(&mut self) {
        if !self.prose.is_empty() && !self.prose.ends_with(' ') {
            self.prose.push(' ');
        }
    }

    /// Between the cells of a row.
    pub(super) fn cell_end(&mut self) {
        if !self.prose.is_empty() {
            self.prose.push_str(" | ");
        }
    }

    /// The end of a row.
    pub(super) fn row_end(&mut self) {
        let length = self.prose.trim_end_matches([' ', '|']).len();
        self.prose.truncate(length);
        self.flush();
    }

    /// A code span.
    pub(super) fn code_span(&mut self, code: &str, range: &Range<usize>) {
        self.reach(range.end);
        if self.is_spoken_for(range) {
            return;
        }
        let text = self.expanded(code);
        self.cover(range);
        self.prose.push('`');
        self.prose.push_str(&text);
        self.prose.push('`');
        let span = self.source.at(range).map(|at| at.span).unwrap_or_default();
        self.spans.push(CodeSpan { text, span });
    }

    /// Inline HTML: only comments count.
    pub(super) fn inline_html(&mut self, html: &str, range: &Range<usize>) {
        self.reach(range.end);
        if html.starts_with("<!--") && !self.is_spoken_for(range) {
            self.flush();
            self.comment(html, range);
        }
    }

    /// A block of HTML: its comments, and what stands between its tags.
    pub(super) fn html_block(&mut self, lines: &[(String, Range<usize>)]) {
        let mut html = String::new();
        let mut starts = vec![];
        for (line, range) in lines {
            self.reach(range.end);
            if self.is_spoken_for(range) {
                continue;
            }
            starts.push((html.len(), range.start));
            html.push_str(line);
        }
        let source_at = |at: usize| {
            let index = starts.partition_point(|(start, _)| *start <= at).saturating_sub(1);
            starts.get(index).map_or(0, |(start, source)| source + (at - start))
        };
        let mut at = 0;
        while at < html.len() {
            let comment = html[at..].find("<!--").map_or(html.len(), |found| at + found);
            self.visible_html(&html[at..comment], source_at(at)..source_at(comment.saturating_sub(1)) + 1);
            if comment == html.len() {
                break;
            }
            let end = html[comment..].find("-->").map_or(html.len(), |found| comment + found + 3);
            self.flush();
            self.comment(&html[comment..end], &(source_at(comment)..source_at(end - 1) + 1));
            at = end;
        }
    }

    fn visible_html(&mut self, html: &str, range: Range<usize>) {
        let text = plain_text(html);
        if !text.trim().is_empty() {
            self.push_expanded(&text, &range);
        } else if self.placeholder.is_some_and(|word| html.contains(word)) {
            self.push_expanded("", &range);
        }
        self.flush();
    }

    fn comment(&mut self, html: &str, range: &Range<usize>) {
        let text = html.strip_prefix("<!--").unwrap_or(html);
        let text = self.expanded(text.strip_suffix("-->").unwrap_or(text).trim());
        if text.is_empty() {
            return;
        }
        if let Some(at) = self.source.at(range) {
            self.items.push(FlowItem::Comment { text, at });
        }
    }

    /// A container starts at a range.
    pub(super) fn enter(&mut self, container: Container, range: &Range<usize>) {
        self.flush();
        if let Some(at) = self.source.at(range) {
            self.items.push(FlowItem::Enter(container, at));
        }
    }

    /// The innermost container ends.
    pub(super) fn leave(&mut self) {
        self.flush();
        self.items.push(FlowItem::Leave);
    }

    /// A code block.
    pub(super) fn code(&mut self, block: CodeBlock, range: &Range<usize>) {
        self.reach(range.end);
        self.flush();
        if !self.is_spoken_for(range) {
            self.items.push(FlowItem::Code(block));
        }
    }

    /// The text gathered so far is a heading's.
    pub(super) fn heading(&mut self, level: u8, id: String, range: &Range<usize>) {
        let (text, _) = self.take();
        if let Some(at) = self.source.at(range) {
            self.items.push(FlowItem::Heading { level, id, text, at });
        }
    }

    /// The end of a paragraph: what was gathered is prose.
    pub(super) fn flush(&mut self) {
        let Some(range) = self.range.clone() else { return };
        let (text, code_spans) = self.take();
        if text.is_empty() {
            return;
        }
        if let Some(at) = self.source.at(&range) {
            self.items.push(FlowItem::Prose { text, code_spans, at });
        }
    }

    fn take(&mut self) -> (String, Vec<CodeSpan>) {
        self.range = None;
        let prose = std::mem::take(&mut self.prose);
        (one_line(&prose), std::mem::take(&mut self.spans))
    }

    fn cover(&mut self, range: &Range<usize>) {
        match &mut self.range {
            Some(covered) => covered.end = covered.end.max(range.end),
            None => self.range = Some(range.clone()),
        }
    }

    /// Text with placeholders: those of blocks end the paragraph and bring their blocks.
    fn push_expanded(&mut self, text: &str, range: &Range<usize>) {
        let mut rest = text;
        while let Some((before, word, after)) = self.next_word(rest) {
            if !before.is_empty() {
                self.cover(range);
                self.prose.push_str(before);
            }
            if let Some(insert) = self.by_word.get(word).copied() {
                if insert.flow.is_empty() {
                    self.cover(range);
                    self.prose.push_str(&insert.plain);
                } else {
                    self.flush();
                    self.items.extend(insert.flow.iter().cloned());
                }
            }
            rest = after;
        }
        if !rest.is_empty() {
            self.cover(range);
            self.prose.push_str(rest);
        }
    }

    /// Text with each placeholder replaced by what a reader sees of it.
    pub(super) fn expanded(&self, text: &str) -> String {
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, word, after)) = self.next_word(rest) {
            expanded.push_str(before);
            expanded.push_str(self.by_word.get(word).map_or(word, |insert| insert.plain.as_str()));
            rest = after;
        }
        expanded + rest
    }

    /// Text with each placeholder as Hugo has it in the id of a heading: a word and the shortcode's number.
    pub(super) fn as_words(&self, text: &str) -> String {
        let mut words = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, word, after)) = self.next_word(rest) {
            let number = word.trim_matches(|c: char| !c.is_ascii_digit());
            words.push_str(before);
            words.push_str("hahahugoshortcode0s");
            words.push_str(number);
            words.push_str("hbhb");
            rest = after;
        }
        words + rest
    }

    /// Splits a text at its first placeholder.
    fn next_word<'x>(&self, text: &'x str) -> Option<(&'x str, &'x str, &'x str)> {
        split_at_word(text, self.placeholder?)
    }
}

/// Splits a text at the first placeholder that begins with `prefix`: before, the word, after.
fn split_at_word<'x>(text: &'x str, prefix: &str) -> Option<(&'x str, &'x str, &'x str)> {
    let start = memchr::memmem::find(text.as_bytes(), prefix.as_bytes())?;
    let end = start + prefix.len() + text[start + prefix.len()..].find('Z')? + 1;
    Some((&text[..start], &text[start..end], &text[end..]))
}

/// Puts the outputs of shortcodes in for their placeholders. One that is alone in a paragraph loses the
/// paragraph's tags.
pub(super) fn resolve(html: String, source: &Mapped, prefix: &str) -> String {
    let by_word: HashMap<&str, &str> = source
        .inserts()
        .iter()
        .filter_map(|insert| Some((&source.text()[insert.range.clone()], insert.html.as_deref()?)))
        .collect();
    if by_word.is_empty() {
        return html;
    }
    let mut resolved = String::with_capacity(html.len() + by_word.values().map(|html| html.len()).sum::<usize>());
    let mut rest = html.as_str();
    while let Some((before, word, after)) = split_at_word(rest, prefix) {
        rest = after;
        let Some(output) = by_word.get(word).copied() else {
            resolved.push_str(before);
            resolved.push_str(word);
            continue;
        };
        match (before.strip_suffix("<p>"), after.strip_prefix("</p>")) {
            (Some(before), Some(after)) => {
                resolved.push_str(before);
                rest = after;
            }
            _ => resolved.push_str(before),
        }
        resolved.push_str(output);
    }
    resolved + rest
}

/// White space runs as one blank, none at the ends.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}
