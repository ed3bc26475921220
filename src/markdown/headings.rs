//! Ids of headings.

use std::collections::HashMap;

use crate::site::url::anchorize;

/// The ids of one unit.
#[derive(Debug, Default)]
pub(super) struct Ids(HashMap<String, usize>);

impl Ids {
    /// The id that an author gave.
    pub(super) fn explicit(&mut self, id: &str) -> String {
        self.0.entry(id.to_owned()).or_insert(1);
        id.to_owned()
    }

    /// An id from a heading's source text: `-1`, `-2` ... where it is taken.
    pub(super) fn automatic(&mut self, source: &str) -> String {
        let base = anchorize(source);
        let base = if base.is_empty() { "heading".to_owned() } else { base };
        let Some(next) = self.0.get(&base).copied() else {
            self.0.insert(base.clone(), 1);
            return base;
        };
        // All numbers below the next one are taken, and stay so: thousands of equal headings don't count anew.
        let mut number = next;
        let mut id = format!("{base}-{number}");
        while self.0.contains_key(&id) {
            number += 1;
            id = format!("{base}-{number}");
        }
        self.0.insert(base, number + 1);
        self.0.insert(id.clone(), 1);
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

/// What stands between the braces behind a heading, as attributes: `#id`, `.class` and `key=value`, in
/// their order, classes together. A single word is none, and makes all of it text (`None`).
pub(super) fn attributes(inside: &str) -> Option<Vec<(&str, String)>> {
    let mut attributes: Vec<(&str, String)> = vec![];
    let mut rest = inside.trim_start();
    while !rest.is_empty() {
        let (name, value, length) = attribute(rest)?;
        let classes = if name == "class" { attributes.iter_mut().find(|(known, _)| *known == "class") } else { None };
        match classes {
            Some((_, classes)) => {
                classes.push(' ');
                classes.push_str(value);
            }
            None => attributes.push((name, value.to_owned())),
        }
        rest = rest[length..].trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Some(attributes)
}

/// The attribute that a text starts with: name, value, length.
fn attribute(text: &str) -> Option<(&str, &str, usize)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '-');
    let first = text.chars().next()?;
    if matches!(first, '#' | '.') {
        let length = text[1..].find(|c: char| c.is_ascii() && !is_name(c)).unwrap_or(text.len() - 1);
        return Some((if first == '#' { "id" } else { "class" }, &text[1..=length], 1 + length));
    }
    if !(first.is_ascii_alphabetic() || matches!(first, '_' | ':')) {
        return None;
    }
    let behind = text.trim_start_matches(is_name);
    let name = &text[..text.len() - behind.len()];
    let value = behind.trim_start().strip_prefix('=')?.trim_start();
    let start = text.len() - value.len();
    match value.chars().next()? {
        '"' => {
            let end = value[1..].find('"')?;
            Some((name, &value[1..=end], start + end + 2))
        }
        '[' => {
            let end = value.find(']')?;
            Some((name, &value[1..end], start + end + 1))
        }
        _ => {
            let end = value.find(|c: char| !(is_name(c) || c == '+')).unwrap_or(value.len());
            (end > 0).then(|| (name, &value[..end], start + end))
        }
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
    fn attributes_have_signs_or_values() {
        let shown = |inside: &str| {
            let all = attributes(inside)?;
            Some(all.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("|"))
        };
        let cases = [
            ("#id .a k=v .b", "id=id|class=a b|k=v"),
            ("k=\"b c\", n = 1", "k=b c|n=1"),
            ("#パス", "id=パス"),
            ("l=[1,2]", "l=1,2"),
            ("", ""),
        ];
        for (inside, expected) in cases {
            assert_eq!(shown(inside).as_deref(), Some(expected));
        }
        for no in ["word", "#id word", "-a=b", "k=", "k=\"", "#a!", "é=1"] {
            assert_eq!(shown(no), None, "{no}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_passes(inside in "[#.a=\"\\[\\], あ1]{0,20}") {
            attributes(&inside);
        }
    }

    #[test]
    fn taken_ids_get_a_number() {
        let mut ids = Ids::default();
        assert_eq!(ids.explicit("a-1"), "a-1");
        assert_eq!([ids.automatic("A"), ids.automatic("a"), ids.automatic("a!")], ["a", "a-2", "a-3"]);
        assert_eq!(ids.automatic("--"), "heading");
    }
}
