//! Ids of headings.

use std::collections::HashSet;

use crate::site::url::anchorize;

/// The ids of one unit.
#[derive(Debug, Default)]
pub(super) struct Ids(HashSet<String>);

impl Ids {
    /// The id that an author gave.
    pub(super) fn explicit(&mut self, id: &str) -> String {
        self.0.insert(id.to_owned());
        id.to_owned()
    }

    /// An id from a heading's source text: `-1`, `-2` ... where it is taken.
    pub(super) fn automatic(&mut self, source: &str) -> String {
        let base = anchorize(source);
        let base = if base.is_empty() { "heading".to_owned() } else { base };
        let mut id = base.clone();
        let mut number = 1;
        while !self.0.insert(id.clone()) {
            id = format!("{base}-{number}");
            number += 1;
        }
        id
    }
}

/// What an automatic id is made of: the heading's Markdown (of several lines the last) without its
/// signs and attributes.
pub(super) fn id_source(markdown: &str, has_attributes: bool) -> &str {
    let text = markdown.trim();
    let text = if text.starts_with('#') {
        let inside = text.trim_start_matches('#');
        let closed = inside.trim_end_matches('#');
        if closed.len() < inside.len() && closed.ends_with([' ', '\t']) { closed } else { inside }
    } else {
        // Underlined: the last line is the line below the text.
        let above = text.rsplit_once('\n').map_or(text, |(above, _)| above);
        above.trim_end().rsplit('\n').next().unwrap_or(above)
    };
    let text = text.trim();
    match text.rfind('{') {
        Some(open) if has_attributes && text.ends_with('}') => text[..open].trim_end(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_of_the_source() {
        assert_eq!(id_source("## `kubectl` and *x* ##", false), "`kubectl` and *x*");
        assert_eq!(id_source("## H {#id .c}", true), "H");
        assert_eq!(id_source("## H {x}", false), "H {x}");
        assert_eq!(id_source("one\ntwo\n---", false), "two");
        assert_eq!(id_source("## C#", false), "C#");
    }

    #[test]
    fn taken_ids_get_a_number() {
        let mut ids = Ids::default();
        assert_eq!(ids.explicit("a-1"), "a-1");
        assert_eq!([ids.automatic("A"), ids.automatic("a"), ids.automatic("a!")], ["a", "a-2", "a-3"]);
        assert_eq!(ids.automatic("--"), "heading");
    }
}
