//! The contents list of a page as HTML.
//!
//! In: the headings of a page's own Markdown. Out: what Hugo gives as `.TableOfContents`: a nested
//! list of the headings of levels 2 and 3.

use super::Heading;

/// The first level that is shown, and the last one.
const SHOWN: std::ops::RangeInclusive<usize> = 2..=3;

/// A heading in its place, or the empty place of one that the page skips.
#[derive(Default)]
struct Entry<'h> {
    heading: Option<&'h Heading>,
    below: Vec<Entry<'h>>,
}

/// The list as HTML. Without a heading of a level that is shown, there is none in it.
pub(super) fn contents_html(headings: &[Heading]) -> String {
    let mut html = "<nav id=\"TableOfContents\">".to_owned();
    push_list(&mut html, 1, 0, &tree(headings));
    html.push_str("</nav>");
    html
}

/// Headings of level 1 (or the first one, whatever its level) start a row; the others are put below the
/// last heading of the level above them, for which an empty one stands where the page skips it.
fn tree<'h>(headings: &'h [Heading]) -> Vec<Entry<'h>> {
    let mut rows: Vec<Entry<'h>> = vec![];
    for heading in headings {
        if heading.level == 1 || rows.is_empty() {
            rows.push(Entry::default());
        }
        let Some(mut place) = rows.last_mut() else { continue };
        if heading.level == 1 {
            place.heading = Some(heading);
            continue;
        }
        for _ in 2..heading.level {
            if place.below.is_empty() {
                place.below.push(Entry::default());
            }
            let last = place.below.len() - 1;
            place = &mut place.below[last];
        }
        place.below.push(Entry { heading: Some(heading), below: vec![] });
    }
    rows
}

fn push_list(html: &mut String, level: usize, indentation: usize, entries: &[Entry<'_>]) {
    if level < *SHOWN.start() {
        for entry in entries {
            push_list(html, level + 1, indentation, &entry.below);
        }
        return;
    }
    if level > *SHOWN.end() || entries.is_empty() {
        return;
    }
    html.push('\n');
    indent(html, indentation + 1);
    html.push_str("<ul>\n");
    for entry in entries {
        indent(html, indentation + 2);
        html.push_str("<li>");
        if let Some(Heading { id, html: title, .. }) = entry.heading {
            html.push_str("<a href=\"#");
            html.push_str(id);
            html.push_str("\">");
            html.push_str(title);
            html.push_str("</a>");
        }
        push_list(html, level + 1, indentation + 2, &entry.below);
        html.push_str("</li>\n");
    }
    indent(html, indentation + 1);
    html.push_str("</ul>\n");
    indent(html, indentation);
}

fn indent(html: &mut String, steps: usize) {
    for _ in 0..steps {
        html.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::{SourceFile, Span};

    fn contents(headings: &[(u8, &str)]) -> String {
        let file = SourceFile::new("a.md", "");
        let heading = |(level, text): &(u8, &str)| Heading {
            level: *level,
            id: (*text).to_owned(),
            html: text.to_uppercase(),
            file: std::sync::Arc::clone(&file),
            span: Span::new(0, 0),
        };
        contents_html(&headings.iter().map(heading).collect::<Vec<_>>())
    }

    #[test]
    fn levels_two_and_three_are_shown() {
        assert_eq!(contents(&[]), "<nav id=\"TableOfContents\"></nav>");
        assert_eq!(
            contents(&[(2, "a"), (3, "b"), (4, "c"), (2, "d")]),
            "<nav id=\"TableOfContents\">\n  <ul>\n    <li><a href=\"#a\">A</a>\n      <ul>\n        \
             <li><a href=\"#b\">B</a></li>\n      </ul>\n    </li>\n    <li><a href=\"#d\">D</a></li>\n  </ul>\n</nav>"
        );
    }

    #[test]
    fn a_skipped_level_has_an_empty_place() {
        assert_eq!(
            contents(&[(3, "a"), (1, "b"), (3, "c")]).matches("<li>\n").count(),
            2,
            "each row has its own empty place"
        );
    }
}
