//! Links and images of a unit.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Tag};

use super::Writer;
use crate::markdown::escape::{escape_attribute, push_quoted};
use crate::markdown::{Link, link};

/// A link or image with destination and title exactly as they are written (as Hugo hands them to its hooks).
/// `definition` is where the one that it refers to stands.
pub(super) fn with_written_destination<'t>(
    event: Event<'t>,
    text: &'t str,
    range: &Range<usize>,
    definition: Option<Range<usize>>,
) -> Event<'t> {
    let written = |kind: LinkType| match kind {
        LinkType::Inline => link::written(text.get(range.clone())?),
        LinkType::Autolink | LinkType::Email => None,
        _ => link::written_definition(text.get(definition?)?),
    };
    match event {
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let (dest_url, title) =
                written(link_type).map_or((dest_url, title), |(url, title)| (url.into(), title.into()));
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            let (dest_url, title) =
                written(link_type).map_or((dest_url, title), |(url, title)| (url.into(), title.into()));
            Event::Start(Tag::Image { link_type, dest_url, title, id })
        }
        other => other,
    }
}

/// An image whose alternative text is being written.
pub(super) struct OpenImage {
    /// Where the text starts in the HTML.
    html_start: usize,
    /// The attributes behind `alt`.
    tail: String,
}

impl Writer<'_, '_, '_> {
    pub(super) fn note_link(&mut self, destination: String, image: bool, range: &Range<usize>) {
        if let Some(at) = self.source.at(range) {
            self.scope.links.push(Link { destination, image, file: at.file, span: at.span });
        }
    }

    pub(super) fn start_link(&mut self, kind: LinkType, destination: &str, title: &str, range: &Range<usize>) {
        self.links += 1;
        self.in_autolink = matches!(kind, LinkType::Autolink | LinkType::Email);
        let destination = if kind == LinkType::Email && !destination.starts_with("mailto:") {
            format!("mailto:{destination}")
        } else {
            destination.to_owned()
        };
        self.html.push_str("<a");
        let href = if kind == LinkType::Email { destination.clone() } else { link::href(self.scope, &destination) };
        if !href.is_empty() {
            self.html.push_str(" href=");
            push_quoted(&mut self.html, &href);
        }
        if !title.is_empty() {
            self.html.push_str(" title=");
            push_quoted(&mut self.html, &escape_attribute(title));
        }
        self.html.push('>');
        self.note_link(destination, false, range);
    }

    /// The tag is written at the image's end, when its text is known.
    pub(super) fn start_image(&mut self, destination: &str, title: &str) {
        let src = link::src(self.scope, destination, self.unit);
        let mut tail = String::new();
        if !src.is_empty() {
            tail.push_str(" src=");
            push_quoted(&mut tail, &src);
        }
        if !title.is_empty() {
            tail.push_str(" title=");
            push_quoted(&mut tail, &escape_attribute(title));
        }
        tail.push('>');
        self.images.push(OpenImage { html_start: self.html.len(), tail });
    }

    pub(super) fn end_image(&mut self) {
        let Some(OpenImage { html_start, tail }) = self.images.pop() else { return };
        let alt = self.html.split_off(html_start);
        self.html.push_str("<img");
        if !alt.is_empty() {
            self.html.push_str(" alt=");
            push_quoted(&mut self.html, &alt);
        }
        self.html.push_str(&tail);
    }
}
