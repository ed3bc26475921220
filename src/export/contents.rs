//! The contents list of a page as HTML, as Hugo's `TableOfContents` has it.

use std::fmt::Write as _;

use crate::markdown::Heading;

/// The levels it shows.
const SHOWN: std::ops::RangeInclusive<usize> = 2..=3;

/// A heading in the tree; without one where a level was left out.
#[derive(Default)]
struct Entry<'a> {
    heading: Option<&'a Heading>,
    below: Vec<Entry<'a>>,
}

/// The contents list: headings of levels 2 and 3 as nested lists, an empty item where a heading of
/// level 3 has none of level 2 above it, and a new list behind each heading of level 1.
pub(super) fn html(headings: &[Heading]) -> String {
    let mut out = String::from("<nav id=\"TableOfContents\">");
    write_level(&mut out, 1, 0, &tree(headings));
    out.push_str("</nav>");
    out
}

fn tree(headings: &[Heading]) -> Vec<Entry<'_>> {
    let mut top: Vec<Entry<'_>> = vec![];
    for heading in headings {
        let entry = Entry { heading: Some(heading), below: vec![] };
        if heading.level == 1 {
            top.push(entry);
            continue;
        }
        let mut level = &mut top;
        for _ in 1..heading.level {
            if level.is_empty() {
                level.push(Entry::default());
            }
            let last = level.len() - 1;
            level = &mut level[last].below;
        }
        level.push(entry);
    }
    top
}

fn write_level(out: &mut String, level: usize, depth: usize, entries: &[Entry<'_>]) {
    if level < *SHOWN.start() {
        return entries.iter().for_each(|entry| write_level(out, level + 1, depth, &entry.below));
    }
    if level > *SHOWN.end() || entries.is_empty() {
        return;
    }
    let indent = "  ".repeat(depth);
    let _ = write!(out, "\n{indent}  <ul>\n");
    for entry in entries {
        let _ = write!(out, "{indent}    <li>");
        if let Some(heading) = entry.heading {
            let _ = write!(out, "<a href=\"#{}\">{}</a>", heading.id, heading.html);
        }
        write_level(out, level + 1, depth + 2, &entry.below);
        out.push_str("</li>\n");
    }
    let _ = write!(out, "{indent}  </ul>\n{indent}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::{SourceFile, Span};

    fn contents(levels: &[u8]) -> String {
        let file = SourceFile::new("a.md", "");
        let headings = levels.iter().enumerate().map(|(at, level)| Heading {
            level: *level,
            id: format!("h{at}"),
            html: format!("<em>{at}</em>"),
            file: std::sync::Arc::clone(&file),
            span: Span::default(),
        });
        html(&headings.collect::<Vec<_>>()).replace("\n", "").replace("  ", "")
    }

    #[test]
    fn levels_nest_and_others_are_left_out() {
        assert_eq!(contents(&[]), "<nav id=\"TableOfContents\"></nav>");
        let two = "<nav id=\"TableOfContents\"><ul><li><a href=\"#h0\"><em>0</em></a><ul><li><a href=\"#h1\">\
                   <em>1</em></a></li></ul></li></ul></nav>";
        assert_eq!(contents(&[2, 3]), two);
        assert_eq!(contents(&[2, 3, 4]), two);
    }

    #[test]
    fn a_level_that_is_left_out_is_an_empty_item() {
        assert_eq!(
            contents(&[3]),
            "<nav id=\"TableOfContents\"><ul><li><ul><li><a href=\"#h0\"><em>0</em></a></li></ul></li></ul></nav>"
        );
    }

    #[test]
    fn each_heading_of_level_one_starts_a_list() {
        assert_eq!(contents(&[2, 1, 2]).matches("<nav id=\"TableOfContents\"><ul>").count(), 1);
        assert_eq!(contents(&[2, 1, 2]).matches("</ul><ul>").count(), 1);
    }
}
