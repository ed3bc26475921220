//! Headings of a unit.

use std::ops::Range;

use pulldown_cmark::HeadingLevel;

use super::Writer;
use crate::markdown::Heading;
use crate::markdown::escape::{escape_attribute, push_text};
use crate::markdown::headings::{attributes, id_source};
use crate::markdown::scope::Unit;

/// A heading being written.
pub(super) struct OpenHeading {
    level: u8,
    html_start: usize,
    /// Whether the parser found some.
    has_attributes: bool,
}

impl Writer<'_, '_, '_> {
    pub(super) fn start_heading(&mut self, level: HeadingLevel, has_attributes: bool) {
        self.line_start();
        let level = level as u8;
        self.heading = Some(OpenHeading { level, html_start: self.html.len(), has_attributes });
    }

    /// The attributes of a heading, without its id, and the id. What the parser took for attributes is text
    /// where Hugo's rule has none.
    pub(super) fn heading_attributes(&self, markdown: &str, inside: &mut String) -> Option<(Option<String>, String)> {
        let (start, end) = markdown.rfind('{').zip(markdown.rfind('}')).filter(|(start, end)| start < end)?;
        let Some(attributes) = attributes(&markdown[start + 1..end]) else {
            inside.push(' ');
            push_text(inside, &markdown[start..=end]);
            return None;
        };
        // Hugo trims one blank before them; more can be seen in the contents list.
        let title = markdown[..start].trim_end();
        inside.extend(std::iter::repeat_n(' ', (start - title.len()).saturating_sub(1)));
        let mut id = None;
        let mut html = String::new();
        for (name, value) in attributes {
            if name == "id" {
                id = Some(value);
            } else {
                html.push_str(&format!(" {name}=\"{}\"", escape_attribute(&value)));
            }
        }
        Some((id, html))
    }

    pub(super) fn end_heading(&mut self, range: &Range<usize>) {
        let Some(open) = self.heading.take() else { return };
        let mut inside = self.html.split_off(open.html_start);
        let markdown = self.source.text().get(range.clone()).unwrap_or("").trim_end();
        let found = open.has_attributes.then(|| self.heading_attributes(markdown, &mut inside)).flatten();
        let has_attributes = found.is_some();
        let (id, attributes) = found.unwrap_or_default();
        let id = match id {
            Some(id) => self.ids.explicit(&id),
            None => {
                let source = id_source(markdown, has_attributes);
                // A site that Hugo builds as well keeps the anchors that it has there.
                let is_hugo = !self.scope.context.site.config.file.path.ends_with("book.toml");
                let source = if is_hugo { self.flow.as_words(source) } else { self.flow.expanded(source) };
                self.ids.automatic(&source)
            }
        };
        let level = open.level;
        self.html.push_str(&format!("<h{level} id=\"{}\"{}>{inside}</h{level}>\n", escape_attribute(&id), attributes));
        if let Some(at) = self.source.at(range).filter(|_| self.unit == Unit::Page) {
            self.headings.push(Heading { level, id: id.clone(), html: inside, file: at.file, span: at.span });
        }
        self.flow.heading(level, id, range);
    }
}
