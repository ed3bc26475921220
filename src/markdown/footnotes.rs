//! Footnotes: numbered in the order of their first use, shown at the end of the unit.

use std::collections::HashMap;

/// The footnotes of one unit.
#[derive(Default)]
pub(super) struct Footnotes {
    numbers: HashMap<String, usize>,
    /// How often each is used, by number.
    uses: Vec<usize>,
    texts: HashMap<String, String>,
    /// The HTML around open definitions, with their labels.
    outer: Vec<(String, String)>,
}

impl Footnotes {
    /// A use in the text, as HTML.
    pub(super) fn used(&mut self, label: &str) -> String {
        let next = self.numbers.len() + 1;
        let number = *self.numbers.entry(label.to_owned()).or_insert(next);
        if self.uses.len() < number {
            self.uses.resize(number, 0);
        }
        let again = again(self.uses[number - 1]);
        self.uses[number - 1] += 1;
        format!(
            "<sup id=\"fnref{again}:{number}\"><a href=\"#fn:{number}\" class=\"footnote-ref\" role=\"doc-noteref\">{number}</a></sup>"
        )
    }

    /// A definition starts; `outer` is the HTML before it.
    pub(super) fn open(&mut self, label: String, outer: String) {
        self.outer.push((label, outer));
    }

    /// A definition ends; gives back the HTML before it.
    pub(super) fn close(&mut self, text: String) -> String {
        let Some((label, outer)) = self.outer.pop() else { return text };
        self.texts.entry(label).or_insert(text);
        outer
    }

    /// The list of the notes that are used; empty without any.
    pub(super) fn finish(&self) -> String {
        if self.numbers.is_empty() {
            return String::new();
        }
        let mut labels: Vec<(&String, &usize)> = self.numbers.iter().collect();
        labels.sort_by_key(|(_, number)| **number);
        let mut list = "<div class=\"footnotes\" role=\"doc-endnotes\">\n<hr>\n<ol>\n".to_owned();
        for (label, number) in labels {
            let text = self.texts.get(label).map_or("", String::as_str);
            let back: String = (0..self.uses[number - 1]).map(|index| back_link(*number, index)).collect();
            let text = match text.trim_end().strip_suffix("</p>") {
                Some(inside) => format!("{inside}{back}</p>\n"),
                None => format!("{text}{back}\n"),
            };
            list.push_str(&format!("<li id=\"fn:{number}\">\n{text}</li>\n"));
        }
        list + "</ol>\n</div>\n"
    }
}

/// The link from a note to one of its uses.
fn back_link(number: usize, index: usize) -> String {
    let again = again(index);
    format!(
        "&#160;<a href=\"#fnref{again}:{number}\" class=\"footnote-backref\" role=\"doc-backlink\">&#x21a9;&#xfe0e;</a>"
    )
}

/// What tells a further use from the first.
fn again(index: usize) -> String {
    if index == 0 { String::new() } else { index.to_string() }
}
