//! What came, in the author's names.
//!
//! A live name, address or uid that the page documents under another one is written as the page has it.

use std::collections::BTreeMap;

use crate::verify::matching::Bindings;

/// See the module.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Live -> documented.
    documented: BTreeMap<String, String>,
}

impl Names {
    /// Of several documented names of one thing, one that stands in `text` wins, then the one bound last.
    pub(super) fn new(bindings: &Bindings, text: &str) -> Self {
        let mut best: BTreeMap<String, (bool, usize, String)> = BTreeMap::new();
        for (documented, binding) in &bindings.bound {
            if binding.actual == *documented || binding.actual.len() < 3 {
                continue;
            }
            let found = (text.contains(documented.as_str()), binding.line, documented.clone());
            let known = best.get(&binding.actual);
            if known.is_none_or(|known| *known < found) {
                best.insert(binding.actual.clone(), found);
            }
        }
        Self { documented: best.into_iter().map(|(actual, (_, _, documented))| (actual, documented)).collect() }
    }

    /// The text with each live name as the author wrote it. A name is a whole word.
    pub(super) fn authors(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let begins = !text[..at].ends_with(is_part);
            match begins.then(|| self.at(&text[at..])).flatten() {
                Some((live, documented)) => {
                    out.push_str(documented);
                    at += live.len();
                }
                None => {
                    out.push(c);
                    at += c.len_utf8();
                }
            }
        }
        out
    }

    /// The longest live name that a text begins with.
    fn at(&self, text: &str) -> Option<(&str, &str)> {
        let fitting = self.documented.iter().filter(|(live, _)| {
            text.strip_prefix(live.as_str()).is_some_and(|rest| {
                // A full stop ends a sentence as well as a part of a name.
                let mut rest = rest.chars();
                match rest.next() {
                    Some('.') => !rest.next().is_some_and(char::is_alphanumeric),
                    Some(next) => !is_part(next),
                    None => true,
                }
            })
        });
        fitting.max_by_key(|(live, _)| live.len()).map(|(live, documented)| (live.as_str(), documented.as_str()))
    }
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::matching::Binding;

    #[test]
    fn live_names_become_the_authors() {
        let mut bindings = Bindings::default();
        for (documented, actual, line) in
            [("web-111-aaaaa", "web-222-bbbbb", 4), ("web-333-ccccc", "web-222-bbbbb", 9), ("10.1.1.1", "10.2.2.2", 4)]
        {
            let binding = Binding { actual: actual.into(), line, rule: String::new() };
            bindings.bound.insert(documented.into(), binding);
        }
        let names = Names::new(&bindings, "web-111-aaaaa is shown here");
        assert_eq!(names.authors("pod/web-222-bbbbb at 10.2.2.2:80."), "pod/web-111-aaaaa at 10.1.1.1:80.");
        assert_eq!(
            names.authors("web-222-bbbbb-x 10.2.2.21 my-web-222-bbbbb"),
            "web-222-bbbbb-x 10.2.2.21 my-web-222-bbbbb"
        );
        assert_eq!(Names::new(&bindings, "").authors("web-222-bbbbb"), "web-333-ccccc");
    }
}
