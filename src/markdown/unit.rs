//! Markdown -> HTML and flow, in one pass over the parser's events.

mod headings;
mod links;

use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd};

use super::blocks::{OpenBlock, block_html};
use super::escape::{push_quoted, push_text};
use super::flow::{Container, FlowItem};
use super::footnotes::Footnotes;
use super::headings::Ids;
use super::mapped::Mapped;
use super::nesting::{self, Nesting};
use super::prose::{self, FlowBuilder};
use super::scope::{Scope, Unit};
use super::{Heading, dialect, link, linkify};
use headings::OpenHeading;
use links::{OpenImage, with_written_destination};

/// What came of a unit.
pub(super) struct Rendered {
    pub(super) html: String,
    pub(super) flow: Vec<FlowItem>,
    pub(super) headings: Vec<Heading>,
}

/// Renders a text. `placeholder` is what its placeholders begin with.
pub(super) fn render(scope: &mut Scope<'_>, source: &Mapped, unit: Unit, placeholder: Option<&str>) -> Rendered {
    let edits = dialect::edits(source.text());
    let edited = (!edits.is_empty()).then(|| source.edited(&edits));
    let source = edited.as_ref().unwrap_or(source);
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES;
    options.set(Options::ENABLE_DEFINITION_LIST, nesting::has_definitions(source.text()));
    let mut writer = Writer::new(scope, source, unit, placeholder);
    let mut events = Parser::new_ext(source.text(), options).into_offset_iter();
    while let Some((event, range)) = events.next() {
        let definition = match &event {
            Event::Start(Tag::Link { id, .. } | Tag::Image { id, .. }) => {
                events.reference_definitions().get(id).map(|definition| definition.span.clone())
            }
            _ => None,
        };
        writer.event(with_written_destination(event, source.text(), &range, definition), range);
    }
    writer.finish()
}

struct Writer<'s, 'e, 't> {
    scope: &'s mut Scope<'e>,
    source: &'t Mapped,
    unit: Unit,
    placeholder: Option<&'t str>,
    html: String,
    flow: FlowBuilder<'t>,
    ids: Ids,
    headings: Vec<Heading>,
    heading: Option<OpenHeading>,
    code: Option<OpenBlock>,
    html_block: Option<Vec<(String, Range<usize>)>>,
    /// Text that the parser gave in pieces.
    pending: Option<(String, Range<usize>)>,
    links: usize,
    /// Whether the open link is a bare URL, whose text is not escaped.
    in_autolink: bool,
    nesting: Nesting,
    images: Vec<OpenImage>,
    alignments: Vec<Alignment>,
    cell: usize,
    in_head: bool,
    has_rows: bool,
    footnotes: Footnotes,
}

impl<'s, 'e, 't> Writer<'s, 'e, 't> {
    fn new(scope: &'s mut Scope<'e>, source: &'t Mapped, unit: Unit, placeholder: Option<&'t str>) -> Self {
        Self {
            scope,
            source,
            unit,
            placeholder,
            html: String::with_capacity(source.text().len() * 3 / 2),
            flow: FlowBuilder::new(source, placeholder),
            ids: Ids::default(),
            headings: vec![],
            heading: None,
            code: None,
            html_block: None,
            pending: None,
            links: 0,
            in_autolink: false,
            nesting: Nesting::default(),
            images: vec![],
            alignments: vec![],
            cell: 0,
            in_head: false,
            has_rows: false,
            footnotes: Footnotes::default(),
        }
    }

    fn finish(mut self) -> Rendered {
        self.flush_text();
        let footnotes = self.footnotes.finish();
        if !footnotes.is_empty() {
            self.block(&footnotes);
        }
        let flow = self.flow.finish();
        let mut html = self.html;
        let mut headings = self.headings;
        if let Some(prefix) = self.placeholder {
            html = prose::resolve(html, self.source, prefix);
            for heading in &mut headings {
                heading.html = prose::resolve(std::mem::take(&mut heading.html), self.source, prefix);
            }
        }
        Rendered { html, flow, headings }
    }

    fn event(&mut self, event: Event<'t>, range: Range<usize>) {
        if let Some(block) = &mut self.code {
            match event {
                Event::Text(text) => block.push(self.source.text(), &text, &range),
                _ => self.end_code(&range),
            }
            return;
        }
        if let Some(lines) = &mut self.html_block {
            match event {
                Event::Html(html) | Event::Text(html) => {
                    self.html.push_str(&html);
                    lines.push((html.into_string(), range));
                }
                _ => {
                    let lines = self.html_block.take().unwrap_or_default();
                    self.flow.html_block(&lines);
                }
            }
            return;
        }
        if let Event::Text(text) = event {
            return self.text(text, range);
        }
        self.flush_text();
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, range),
            other => self.inline(other, range),
        }
    }

    fn text(&mut self, text: CowStr<'t>, range: Range<usize>) {
        match &mut self.pending {
            Some((pending, covered)) => {
                pending.push_str(&text);
                covered.end = range.end;
            }
            None => self.pending = Some((text.into_string(), range)),
        }
    }

    fn flush_text(&mut self) {
        let Some((text, range)) = self.pending.take() else { return };
        let links = if self.links == 0 && self.images.is_empty() { linkify::find(&text) } else { vec![] };
        let mut from = 0;
        for (place, url) in links {
            push_text(&mut self.html, &text[from..place.start]);
            let href = link::href(self.scope, &url);
            self.html.push_str("<a href=");
            push_quoted(&mut self.html, &href);
            self.html.push('>');
            self.html.push_str(&text[place.clone()]);
            self.html.push_str("</a>");
            from = place.end;
            self.note_link(url, false, &range);
        }
        if self.in_autolink {
            self.html.push_str(&text);
        } else {
            push_text(&mut self.html, &text[from..]);
        }
        if self.images.is_empty() {
            self.flow.text(&text, &range);
        }
    }

    fn inline(&mut self, event: Event<'t>, range: Range<usize>) {
        match event {
            Event::Code(code) => {
                self.html.push_str("<code>");
                push_text(&mut self.html, &code);
                self.html.push_str("</code>");
                self.flow.code_span(&code, &range);
            }
            Event::InlineHtml(html) | Event::Html(html) => {
                self.html.push_str(&html);
                self.flow.inline_html(&html, &range);
            }
            Event::FootnoteReference(label) => self.html.push_str(&self.footnotes.used(&label)),
            Event::SoftBreak => {
                self.html.push('\n');
                self.flow.line_end();
            }
            Event::HardBreak => {
                self.html.push_str("<br>\n");
                self.flow.line_end();
            }
            Event::Rule => {
                self.flow.reach(range.end);
                self.flow.flush();
                self.line_start();
                self.html.push_str("<hr>\n");
            }
            Event::TaskListMarker(done) => {
                self.html.push_str(if done {
                    "<input checked=\"\" disabled=\"\" type=\"checkbox\"> "
                } else {
                    "<input disabled=\"\" type=\"checkbox\"> "
                });
            }
            _ => {}
        }
    }

    /// Starts a new line of HTML unless it is one.
    fn line_start(&mut self) {
        if !self.html.is_empty() && !self.html.ends_with('\n') {
            self.html.push('\n');
        }
    }

    fn block(&mut self, tag: &str) {
        self.line_start();
        self.html.push_str(tag);
    }

    fn start(&mut self, tag: Tag<'t>, range: Range<usize>) {
        if is_block(&tag) {
            self.flow.reach(range.start + 1);
            self.flow.flush();
        }
        match tag {
            Tag::Paragraph => {
                if self.nesting.open_paragraph() {
                    self.block("<p>");
                }
            }
            Tag::Heading { level, id, classes, attrs } => {
                self.start_heading(level, id.is_some() || !classes.is_empty() || !attrs.is_empty());
            }
            Tag::BlockQuote(_) => {
                self.block("<blockquote>\n");
                self.nesting.enter();
                self.flow.enter(Container::Quote, &range);
            }
            Tag::CodeBlock(kind) => {
                self.code = Some(match &kind {
                    CodeBlockKind::Fenced(info) => OpenBlock::new(Some(info), self.nesting.in_item()),
                    CodeBlockKind::Indented => OpenBlock::new(None, self.nesting.in_item()),
                });
            }
            Tag::HtmlBlock => {
                self.line_start();
                self.html_block = Some(vec![]);
            }
            Tag::List(None) => self.block("<ul>\n"),
            Tag::List(Some(1)) => self.block("<ol>\n"),
            Tag::List(Some(first)) => self.block(&format!("<ol start=\"{first}\">\n")),
            Tag::Item => {
                self.block("<li>");
                self.nesting.enter_item();
                self.flow.enter(Container::ListItem, &range);
            }
            Tag::FootnoteDefinition(label) => {
                self.nesting.enter();
                let outer = std::mem::take(&mut self.html);
                self.footnotes.open(label.into_string(), outer);
            }
            Tag::DefinitionList => self.block("<dl>\n"),
            Tag::DefinitionListTitle => self.block("<dt>"),
            Tag::DefinitionListDefinition => {
                self.block("<dd>");
                self.nesting.enter_definition(self.source.text(), &range);
            }
            Tag::Table(alignments) => {
                self.alignments = alignments;
                self.has_rows = false;
                self.block("<table>\n");
            }
            Tag::TableHead => {
                self.in_head = true;
                self.cell = 0;
                self.html.push_str("<thead>\n<tr>\n");
            }
            Tag::TableRow => {
                if !self.has_rows {
                    self.html.push_str("<tbody>\n");
                }
                self.has_rows = true;
                self.cell = 0;
                self.html.push_str("<tr>\n");
            }
            Tag::TableCell => self.start_cell(),
            Tag::Emphasis => self.html.push_str("<em>"),
            Tag::Strong => self.html.push_str("<strong>"),
            Tag::Strikethrough => self.html.push_str("<del>"),
            Tag::Link { link_type, dest_url, title, .. } => self.start_link(link_type, &dest_url, &title, &range),
            Tag::Image { dest_url, title, .. } => {
                self.note_link(dest_url.to_string(), true, &range);
                self.start_image(&dest_url, &title);
            }
            Tag::Superscript | Tag::Subscript | Tag::MetadataBlock(_) => {}
        }
    }

    fn start_cell(&mut self) {
        self.html.push_str(if self.in_head { "<th" } else { "<td" });
        match self.alignments.get(self.cell) {
            Some(Alignment::Left) => self.html.push_str(" style=\"text-align:left\">"),
            Some(Alignment::Center) => self.html.push_str(" style=\"text-align:center\">"),
            Some(Alignment::Right) => self.html.push_str(" style=\"text-align:right\">"),
            Some(Alignment::None) | None => self.html.push('>'),
        }
        self.cell += 1;
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Paragraph => {
                let tag = if self.nesting.close_paragraph() { "</p>\n" } else { "" };
                self.close_block(tag, &range);
            }
            TagEnd::Heading(_) => self.end_heading(&range),
            TagEnd::BlockQuote(_) => {
                self.flow.reach(range.end);
                self.line_start();
                self.html.push_str("</blockquote>\n");
                self.nesting.leave();
                self.flow.leave();
            }
            TagEnd::List(ordered) => self.close_block(if ordered { "</ol>\n" } else { "</ul>\n" }, &range),
            TagEnd::Item => {
                self.flow.reach(range.end);
                self.html.push_str("</li>\n");
                self.nesting.leave();
                self.flow.leave();
            }
            TagEnd::FootnoteDefinition => {
                self.nesting.leave();
                self.flow.flush();
                let text = std::mem::take(&mut self.html);
                self.html = self.footnotes.close(text);
            }
            TagEnd::DefinitionList => self.close_block("</dl>\n", &range),
            TagEnd::DefinitionListTitle => self.close_block("</dt>\n", &range),
            TagEnd::DefinitionListDefinition => {
                self.nesting.leave();
                self.close_block("</dd>\n", &range);
            }
            TagEnd::Table => {
                if self.has_rows {
                    self.html.push_str("</tbody>\n");
                }
                self.close_block("</table>\n", &range);
            }
            TagEnd::TableHead => {
                self.in_head = false;
                self.flow.row_end();
                self.close_block("</tr>\n</thead>\n", &range);
            }
            TagEnd::TableRow => {
                self.flow.row_end();
                self.close_block("</tr>\n", &range);
            }
            TagEnd::TableCell => {
                self.html.push_str(if self.in_head { "</th>\n" } else { "</td>\n" });
                self.flow.cell_end();
            }
            TagEnd::Emphasis => self.html.push_str("</em>"),
            TagEnd::Strong => self.html.push_str("</strong>"),
            TagEnd::Strikethrough => self.html.push_str("</del>"),
            TagEnd::Link => {
                self.links = self.links.saturating_sub(1);
                self.in_autolink = false;
                self.html.push_str("</a>");
            }
            TagEnd::Image => self.end_image(),
            TagEnd::CodeBlock
            | TagEnd::HtmlBlock
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    fn close_block(&mut self, tag: &str, range: &Range<usize>) {
        self.flow.reach(range.end);
        self.flow.flush();
        self.html.push_str(tag);
    }

    fn end_code(&mut self, range: &Range<usize>) {
        let Some(open) = self.code.take() else { return };
        self.line_start();
        self.html.push_str(&block_html(&open));
        let block = open.finish(self.source, range, |line| self.flow.expanded(line));
        let Some(block) = block else { return };
        if let Some(decorate) = self.scope.context.decorate {
            self.html.push_str(&decorate(&block));
        }
        self.flow.code(block, range);
    }
}

/// Whether a tag ends the paragraph before it.
fn is_block(tag: &Tag<'_>) -> bool {
    !matches!(
        tag,
        Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::Link { .. }
            | Tag::Image { .. }
            | Tag::TableCell
    )
}
