//! The head of a page: YAML between `---` lines, or TOML between `+++` lines.
//!
//! In: a file. Out: its values with lower-cased keys, the bytes of the body, and what is wrong, at
//! its line and column. Total: any text gives a body.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::FrontMatter;
use crate::diagnostics::{Diagnostic, SourceFile, Span, codes};

/// A file taken apart.
#[derive(Debug)]
pub(super) struct Parsed {
    /// The head.
    pub(super) front_matter: FrontMatter,
    /// What follows it.
    pub(super) body: Span,
    /// What is wrong with the head.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// How a head is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Yaml,
    Toml,
}

impl Format {
    fn fence(self) -> &'static str {
        match self {
            Self::Yaml => "---",
            Self::Toml => "+++",
        }
    }
}

/// Takes a file apart, as Hugo does: behind a byte order mark and empty lines, three signs open the front
/// matter, and the next line that begins with them closes it. What else is on that line is text.
pub(super) fn parse(file: &Arc<SourceFile>) -> Parsed {
    let text = &file.text;
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let whole =
        Parsed { front_matter: FrontMatter::default(), body: Span::new(start, text.len()), diagnostics: vec![] };
    let open = start + empty_lines(&text[start..]);
    let Some(format) = [Format::Yaml, Format::Toml].into_iter().find(|format| text[open..].starts_with(format.fence()))
    else {
        return whole;
    };
    let head_start = open + format.fence().len();
    let Some((head_end, body_start)) = closing_fence(text, head_start, format.fence()) else {
        let said = Diagnostic::error(codes::FRONT_MATTER_UNCLOSED, "the front matter has no end")
            .at(file, open..head_start)
            .help(format!("close it with a line `{}` before the page's text", format.fence()));
        return Parsed { diagnostics: vec![said], ..whole };
    };
    let span = Span::new(head_start + line_break(&text[head_start..head_end]), head_end);
    let body = Span::new(body_start, text.len());
    let mut diagnostics = vec![];
    let values = values(file, span, format, &mut diagnostics).unwrap_or_else(|said| {
        diagnostics.push(said);
        Map::new()
    });
    Parsed { front_matter: FrontMatter { span, values }, body, diagnostics }
}

/// How many bytes of empty lines a text begins with.
fn empty_lines(text: &str) -> usize {
    text.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum()
}

/// The length of the line break that a text begins with.
fn line_break(text: &str) -> usize {
    ["\r\n", "\n"].iter().find(|end| text.starts_with(**end)).map_or(0, |end| end.len())
}

/// Where the head ends and where the body starts.
fn closing_fence(text: &str, from: usize, fence: &str) -> Option<(usize, usize)> {
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        // What stands behind the opening signs is no line of its own.
        if at > from && line.starts_with(fence) {
            let end = at + fence.len();
            return Some((at, end + line_break(&text[end..])));
        }
        at += line.len();
    }
    None
}

fn values(
    file: &Arc<SourceFile>,
    span: Span,
    format: Format,
    said: &mut Vec<Diagnostic>,
) -> Result<Map<String, Value>, Diagnostic> {
    let text = span.slice(&file.text);
    let value = match format {
        Format::Yaml => yaml(file, span, text, said)?,
        Format::Toml => toml(file, span, text)?,
    };
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(map) => Ok(map.into_iter().map(|(key, value)| (key.to_lowercase(), value)).collect()),
        _ => Err(Diagnostic::error(codes::FRONT_MATTER_SYNTAX, "the front matter is no list of keys and values")
            .at(file, first_text(text, span))
            .help("write one `key: value` a line, as in `title: My page`")),
    }
}

/// The first line with something on it.
fn first_text(text: &str, span: Span) -> Span {
    let blank = text.len() - text.trim_start().len();
    let line = text[blank..].lines().next().unwrap_or("").len();
    Span::new(span.start + blank, span.start + blank + line)
}

/// Brackets and list dashes inside of one another that are read at most. The parser's time grows with
/// the square of the depth, and a page may come from a stranger.
const DEEPEST: usize = 100;

/// Where lists and maps are nested too deeply. Quotes are not looked at: so many brackets left open
/// are in no text either.
pub(super) fn too_deep(text: &str) -> Option<usize> {
    let mut brackets = 0_usize;
    let mut dashes = 0_usize;
    for (at, pair) in text.as_bytes().windows(2).enumerate() {
        match pair {
            [b'[' | b'{', _] => brackets += 1,
            [b']' | b'}', _] => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        match pair {
            [b'-' | b'?', b' '] => dashes += 1,
            [b' ' | b'\t', _] => {}
            _ => dashes = 0,
        }
        if brackets > DEEPEST || dashes > DEEPEST {
            return Some(at);
        }
    }
    None
}

fn yaml(file: &Arc<SourceFile>, span: Span, text: &str, said: &mut Vec<Diagnostic>) -> Result<Value, Diagnostic> {
    if let Some(at) = too_deep(text) {
        let at = span.start + at;
        return Err(Diagnostic::error(codes::FRONT_MATTER_SYNTAX, "lists and maps are nested too deeply here")
            .at(file, at..at + 1)
            .help(format!(
                "no more than {DEEPEST} levels are read: close the brackets that are open, or put the data elsewhere"
            )));
    }
    let error = match super::yaml::parse(text) {
        Ok((value, twice)) => {
            said.extend(twice.iter().map(|key| duplicate_key(file, span, key)));
            return Ok(value);
        }
        Err(error) => error,
    };
    let message = error.to_string();
    // The parser counts in characters from the start of the head; the last line is where it gave up.
    let at = error.location().map_or(span.start, |location| {
        let line_start =
            text.split_inclusive('\n').take(location.line().saturating_sub(1)).map(str::len).sum::<usize>();
        let line = text[line_start..].lines().next().unwrap_or("");
        let column = line.char_indices().nth(location.column().saturating_sub(1)).map_or(line.len(), |(at, _)| at);
        span.start + line_start + column
    });
    let cause = message.split(" at line ").next().unwrap_or(&message).to_owned();
    let mut diagnostic =
        Diagnostic::error(codes::FRONT_MATTER_SYNTAX, format!("the front matter is not valid YAML: {cause}"))
            .at(file, at..at + 1);
    let line = file.line(file.line_of(at));
    diagnostic = if cause.contains("repetition limit") {
        diagnostic.help("aliases (`*name`) repeat so much here that the whole would be huge: write the values out")
    } else if line.contains('\t') && line.trim_start_matches(' ').starts_with('\t') {
        diagnostic.help("YAML is indented with blanks, never with tabs")
    } else if let Some(close) = ["']'", "'}'"].into_iter().find(|close| cause.contains(*close)) {
        diagnostic.help(format!("what was opened in a line above ends with {close}"))
    } else if line.matches(": ").count() > 1 {
        diagnostic.help("a value that holds `: ` needs quotes: `title: \"Pods: an overview\"`")
    } else {
        diagnostic.help("a value with `:`, `#`, `*`, `@` or a quote in it needs quotes around it; lists and maps need even indentation")
    };
    Err(diagnostic)
}

fn duplicate_key(file: &Arc<SourceFile>, span: Span, key: &str) -> Diagnostic {
    let mut places = key_spans(file, span, key);
    let message = format!("the key `{key}` stands twice in the front matter");
    let diagnostic = Diagnostic::warning(codes::FRONT_MATTER_DUPLICATE, message)
        .help("remove one of them: the last one counts here, and YAML leaves that open");
    let first = places.next();
    match (places.next(), first) {
        (Some(second), Some(first)) => diagnostic.at(file, second).label(file, first, "first here"),
        (None, Some(only)) => diagnostic.at(file, only),
        _ => diagnostic.at(file, span.start..span.start + 1),
    }
}

/// Where a key of the head's first level stands, in any case of letters.
pub(super) fn key_spans<'a>(file: &'a SourceFile, span: Span, key: &'a str) -> impl Iterator<Item = Span> + 'a {
    let mut at = span.start;
    span.slice(&file.text).split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        let end = line.find([':', '='])?;
        let name = line[..end].trim_end().trim_matches(['"', '\'']);
        name.eq_ignore_ascii_case(key).then(|| Span::new(start, start + end))
    })
}

fn toml(file: &Arc<SourceFile>, span: Span, text: &str) -> Result<Value, Diagnostic> {
    toml::from_str::<Value>(text).map_err(|error| {
        let place = error.span().unwrap_or(0..0);
        let message = error.message().lines().next().unwrap_or("it can't be read").to_owned();
        Diagnostic::error(codes::FRONT_MATTER_SYNTAX, format!("the front matter is not valid TOML: {message}"))
            .at(file, span.start + place.start..span.start + place.end)
            .help("between `+++` lines the front matter is TOML: `title = \"My page\"`")
    })
}

impl FrontMatter {
    /// The value of a key (lower case).
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// Where a key of the first level stands; the whole head if it can't be told.
    #[must_use]
    pub fn key_span(&self, file: &SourceFile, key: &str) -> Span {
        key_spans(file, self.span, key).next().unwrap_or(self.span)
    }

    /// Where the value of a one-line key stands; the key's place if it is not on that line.
    #[must_use]
    pub fn value_span(&self, file: &SourceFile, key: &str) -> Span {
        let key = self.key_span(file, key);
        let line = file.line_span(file.line_of(key.start));
        let rest = Span::new((key.end + 1).min(line.end), line.end);
        let text = rest.slice(&file.text);
        let start = rest.start + (text.len() - text.trim_start().len());
        if text.trim().is_empty() { key } else { Span::new(start, start + text.trim().len()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Map<String, Value>, String, Vec<String>) {
        let file = SourceFile::new("a.md", text);
        let parsed = parse(&file);
        let said = parsed.diagnostics.iter().map(|said| {
            let place = said.place.as_ref().unwrap();
            let (line, column) = file.line_column(place.span.start);
            format!("{line}:{column} {}", said.code.id)
        });
        (parsed.front_matter.values, parsed.body.slice(text).to_owned(), said.collect())
    }

    #[test]
    fn keys_lose_their_case_and_the_body_starts_after_the_fence() {
        let (values, body, said) = parsed("---\nlinkTitle: A\nweight: 3\n---\nText\n");
        assert_eq!(values["linktitle"], "A");
        assert_eq!(values["weight"], 3);
        assert_eq!((body.as_str(), said.len()), ("Text\n", 0));
    }

    #[test]
    fn fences_may_be_odd() {
        for text in [
            "\n \n---\ntitle: A\n---\nText\n",
            "---   \ntitle: A\n---\nText\n",
            "------\ntitle: A\n---\nText\n",
            "\u{feff}\r\n---\r\ntitle: A\r\n---\r\nText\n",
        ] {
            let (values, body, said) = parsed(text);
            assert_eq!((values["title"].as_str(), body.as_str(), said.len()), (Some("A"), "Text\n", 0), "{text:?}");
        }
        assert_eq!(parsed("---\ntitle: A\n---1\nText\n").1, "1\nText\n");
        assert_eq!(parsed("---\n---\nText\n"), (Map::new(), "Text\n".to_owned(), vec![]));
    }

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        let (values, _, said) = parsed("---\ntitle: a\nweight: 1\ntitle: b\n---\n");
        assert_eq!((values["title"].as_str(), said), (Some("b"), vec!["4:1 front-matter-duplicate-key".to_owned()]));
    }

    #[test]
    fn a_page_without_front_matter_is_all_body() {
        assert_eq!(parsed("# A\n---\n").1, "# A\n---\n");
        assert_eq!(parsed("  ---\ntitle: x\n---\n").1, "  ---\ntitle: x\n---\n", "an indented fence is none");
        assert_eq!(parsed("").1, "");
    }

    #[test]
    fn byte_order_mark_and_carriage_returns_are_no_part_of_it() {
        let (values, body, said) = parsed("\u{feff}---\r\ntitle: A\r\n---\r\nText\r\n");
        assert_eq!(values["title"], "A");
        assert_eq!((body.as_str(), said.len()), ("Text\r\n", 0));
    }

    #[test]
    fn mistakes_have_their_line_and_column() {
        assert_eq!(parsed("---\ntitle: a\nb: [1, 2\n---\n").2, ["4:1 front-matter-syntax"]);
        assert_eq!(parsed("---\ntitle: Pods: more\n---\n").2, ["2:12 front-matter-syntax"]);
        assert_eq!(parsed("---\ntitle: a\n\nText\n").2, ["1:1 front-matter-unclosed"]);
        assert_eq!(parsed("---\njust words\n---\n").2, ["2:1 front-matter-syntax"]);
    }

    #[test]
    fn toml_between_plus_signs() {
        let (values, body, _) = parsed("+++\ntitle = \"A\"\n+++\nText\n");
        assert_eq!((values["title"].as_str(), body.as_str()), (Some("A"), "Text\n"));
    }
}
