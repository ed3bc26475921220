//! What an author asks of one block: lines to mark, line numbers, attributes.

/// How a block is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The lines to mark, counted from 1: first and last of each range.
    pub marked: Vec<(usize, usize)>,
    /// Whether and where lines have numbers.
    pub line_numbers: LineNumbers,
    /// The number of the first line, less one.
    pub lines_before: usize,
    /// Inside of a line of prose, without a block around it.
    pub inline: bool,
    /// Further attributes of the block, in order.
    pub attributes: Vec<(String, String)>,
}

/// Whether and where lines have numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LineNumbers {
    /// Nowhere.
    #[default]
    None,
    /// Before each line.
    Inline,
    /// In a column of their own, which is not copied with the code.
    Table,
}

/// How many attributes a block has, at most: each is looked for among the others.
const MOST_ATTRIBUTES: usize = 100;

/// A number of a line, of a range or of a first line, at most: what is beyond is a slip.
const MOST_LINES: usize = 1_000_000;

impl Options {
    /// The options in braces at the end of a fence's info string: `yaml {hl_lines=[1,"3-5"] linenos=table}`.
    /// Keys that are not known are attributes of the block; `.name` is a class and `#name` an id.
    #[must_use]
    pub fn of_fence(info: &str) -> Self {
        let mut options = Self::default();
        let Some(start) = info.find('{') else { return options };
        let Some(end) = info.rfind('}').filter(|end| *end > start) else { return options };
        for (key, value) in attributes(&info[start + 1..end]) {
            if !options.set(&key, &value) {
                options.attribute(key, value);
            }
        }
        options
    }

    /// Options as the shortcode `highlight` has them: `linenos=inline,hl_lines=2 4-6`. Keys that are not
    /// known are left out.
    #[must_use]
    pub fn of_list(list: &str) -> Self {
        let mut options = Self::default();
        for part in list.split(',') {
            if let Some((key, value)) = part.split_once('=') {
                let _ = options.set(key.trim(), value.trim());
            }
        }
        options
    }

    /// Takes an option; `false` if there is none of this name.
    fn set(&mut self, key: &str, value: &str) -> bool {
        let value = value.trim_matches(['"', '\'', '`']);
        match key.to_ascii_lowercase().as_str() {
            "hl_lines" => self.marked = ranges(value),
            "linenos" => {
                self.line_numbers = match value {
                    "inline" => LineNumbers::Inline,
                    "false" | "" => LineNumbers::None,
                    _ => LineNumbers::Table,
                }
            }
            "linenostart" => {
                self.lines_before = value.parse::<usize>().unwrap_or(1).clamp(1, MOST_LINES) - 1;
            }
            "hl_inline" => self.inline = value == "true",
            // The colours are the theme's, and a number needs no link.
            "style" | "hl_style" | "noclasses" | "anchorlinenos" | "lineanchors" | "linenumbersintable"
            | "tabwidth" | "guesssyntax" | "nohl" => {}
            _ => return false,
        }
        true
    }

    fn attribute(&mut self, key: String, value: String) {
        let has_room = self.attributes.len() < MOST_ATTRIBUTES;
        let known = self.attributes.iter_mut().find(|(known, _)| *known == key);
        match known {
            Some((_, classes)) if key == "class" => {
                classes.push(' ');
                classes.push_str(&value);
            }
            Some((_, old)) => *old = value,
            None if has_room => self.attributes.push((key, value)),
            None => {}
        }
    }

    /// For each of so many lines, from the first, whether it is marked.
    pub(super) fn marks(&self, lines: usize) -> Vec<bool> {
        // How many ranges begin and end at each line; those may be many, and each as long as the code.
        let mut changes = vec![0_isize; lines + 2];
        for (first, last) in self.marked.iter().filter(|(first, last)| first <= last && *first <= lines) {
            changes[*first] += 1;
            changes[(*last).min(lines) + 1] -= 1;
        }
        let open = changes.into_iter().scan(0, |open, change| {
            *open += change;
            Some(*open > 0)
        });
        open.skip(1).take(lines).collect()
    }
}

/// `2`, `4-6` and lists of them with blanks, commas, brackets or quotes between.
fn ranges(value: &str) -> Vec<(usize, usize)> {
    let parts = value.split(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '"' | '\''));
    let number = |text: &str| text.parse::<usize>().ok().map(|number| number.min(MOST_LINES));
    parts
        .filter(|part| !part.is_empty())
        .filter_map(|part| match part.split_once('-') {
            Some((first, last)) => Some((number(first)?, number(last)?)),
            None => number(part).map(|line| (line, line)),
        })
        .collect()
}

/// What stands in an attribute list, between its braces. Values keep no quotes; a list keeps its brackets.
/// What is not understood ends it.
fn attributes(list: &str) -> Vec<(String, String)> {
    let mut found = vec![];
    let mut rest = list.trim_start_matches([' ', ',', '\t']);
    while !rest.is_empty() {
        let length = rest.find([' ', ',', '\t', '=']).unwrap_or(rest.len());
        let (key, behind) = rest.split_at(length);
        match (behind.strip_prefix('='), key.strip_prefix('.'), key.strip_prefix('#')) {
            (Some(behind), ..) if is_name(key) => {
                let (value, behind) = value(behind);
                found.push((key.to_owned(), value.to_owned()));
                rest = behind;
            }
            (None, Some(class), _) if is_name(class) => {
                found.push(("class".to_owned(), class.to_owned()));
                rest = behind;
            }
            (None, _, Some(id)) if is_name(id) => {
                found.push(("id".to_owned(), id.to_owned()));
                rest = behind;
            }
            _ => return found,
        }
        rest = rest.trim_start_matches([' ', ',', '\t']);
    }
    found
}

/// Names that HTML and its readers take for nothing else: a page's text must not add a script.
fn is_name(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(is_letter)
        && !name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("on"))
}

/// The value at the start of a text, and what is behind it.
fn value(text: &str) -> (&str, &str) {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    if let Some(end) = quote.and_then(|quote| Some(text[1..].find(quote)? + 1)) {
        return (&text[1..end], &text[end + 1..]);
    }
    if text.starts_with('[') {
        let end = text.find(']').map_or(text.len(), |end| end + 1);
        return text.split_at(end);
    }
    text.split_at(text.find([' ', ',', '\t']).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_has_options_and_attributes() {
        let options = Options::of_fence(
            "yaml {hl_lines=[1,\"3-5\"] linenos=table,linenostart=7 .wide #main .tall title=\"a b\" style=emacs}",
        );
        assert_eq!(options.marked, [(1, 1), (3, 5)]);
        assert_eq!((options.line_numbers, options.lines_before), (LineNumbers::Table, 6));
        let attributes: Vec<_> = options.attributes.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(attributes, [("class", "wide tall"), ("id", "main"), ("title", "a b")]);
        assert_eq!(Options::of_fence("yaml"), Options::default());
        assert_eq!(Options::of_fence("yaml }{"), Options::default());
        let many: String = (0..1000).map(|number| format!("a{number}=b ")).collect();
        assert_eq!(Options::of_fence(&format!("yaml {{{many}}}")).attributes.len(), MOST_ATTRIBUTES);
        assert_eq!(Options::of_fence("yaml {onclick=\"x\" a=b}").attributes, []);
    }

    #[test]
    fn a_shortcode_has_a_list_of_options() {
        let options = Options::of_list("linenos=inline, hl_lines=27-30 38-41, style=emacs");
        assert_eq!(options.marked, [(27, 30), (38, 41)]);
        assert_eq!(options.line_numbers, LineNumbers::Inline);
        assert!(Options::of_list("hl_inline=true").inline);
        assert_eq!(Options::of_list("linenos=false,hl_lines=x-2 -3 9999999999999999999999"), Options::default());
        assert_eq!(Options::of_list("hl_lines=2-99999999").marks(3), [false, true, true]);
        assert_eq!(Options::of_list("hl_lines=0-1 3-2 9 2-2 2-4").marks(5), [true, true, true, true, false]);
        assert_eq!(Options::of_list("hl_lines=1").marks(0), [false; 0]);
    }
}
