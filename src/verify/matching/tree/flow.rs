//! JSON and flow collections with elisions: never fails, reads what is cut off as open.

use super::node::{Entry, Kind, Map, Node, Style};
use super::parse::{MAX_DEPTH, Parsed};

/// Reads a whole JSON text, one or several values, with or without its outer braces.
///
/// `lines`: the source line of each line of the text.
pub(super) fn json(text: &str, lines: &[usize]) -> Parsed {
    let mut reader = Reader::new(text, lines);
    let mut documents = vec![];
    reader.skip();
    if reader.peek() == Some('"') && reader.is_member() {
        let mut map = Map::default();
        let line = reader.line();
        let open = reader.members(&mut map, None, 0);
        documents.push(Node { line, open, kind: Kind::Map(map) });
    }
    loop {
        let elided = reader.skip();
        if let Some(last) = documents.last_mut() {
            let last: &mut Node = last;
            last.open |= elided;
        }
        if reader.peek().is_none() {
            break;
        }
        let before = reader.position;
        documents.push(reader.value(0));
        if reader.position == before {
            reader.broken = true;
            break;
        }
    }
    Parsed { documents, broken: reader.broken }
}

/// Reads the flow collection at the head of a text that may go on over several lines.
pub(super) fn collection(text: &str, lines: &[usize]) -> (Node, bool) {
    let mut reader = Reader::new(text, lines);
    let node = reader.value(0);
    reader.skip();
    let broken = reader.broken || reader.peek().is_some();
    (node, broken)
}

struct Reader<'t> {
    text: &'t str,
    position: usize,
    lines: &'t [usize],
    /// The index of the current line.
    row: usize,
    broken: bool,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, lines: &'t [usize]) -> Self {
        Self { text, position: 0, lines, row: 0, broken: false }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.position..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn line(&self) -> usize {
        self.lines.get(self.row).or(self.lines.last()).copied().unwrap_or(0)
    }

    fn advance(&mut self, length: usize) {
        let passed = &self.text[self.position..self.position + length];
        self.row += passed.bytes().filter(|byte| *byte == b'\n').count();
        self.position += length;
    }

    /// Skips blanks, commas, comments and elisions; says whether an elision was among them.
    fn skip(&mut self) -> bool {
        let mut elided = false;
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',').len();
            self.advance(blanks);
            let rest = self.rest();
            let length = if rest.starts_with("...") {
                elided = true;
                rest.bytes().take_while(|byte| *byte == b'.').count()
            } else if rest.starts_with('…') {
                elided = true;
                '…'.len_utf8()
            } else if rest.starts_with("//") || rest.starts_with('#') {
                let comment = rest.lines().next().unwrap_or(rest);
                elided |= super::parse::marks_open(comment);
                comment.len()
            } else {
                return elided;
            };
            self.advance(length);
        }
    }

    /// Whether the string at the cursor is followed by a colon.
    fn is_member(&self) -> bool {
        let mut ahead =
            Reader { text: self.text, position: self.position, lines: self.lines, row: self.row, broken: false };
        ahead.string();
        ahead.rest().trim_start().starts_with(':')
    }

    fn value(&mut self, depth: usize) -> Node {
        let elided = self.skip();
        let line = self.line();
        if depth > MAX_DEPTH {
            self.broken = true;
            self.advance(self.rest().len());
            return Node::new(line, Kind::Empty);
        }
        match self.peek() {
            Some('{') => {
                self.advance(1);
                let mut map = Map::default();
                let open = self.members(&mut map, Some('}'), depth);
                let only_elided = open && map.entries.is_empty();
                Node { line, open, kind: if only_elided { Kind::Any } else { Kind::Map(map) } }
            }
            Some('[') => {
                self.advance(1);
                self.items(line, depth)
            }
            Some('"' | '\'') => {
                let text = self.string();
                Node::scalar(line, text, Style::Quoted)
            }
            Some('}' | ']') | None if elided => Node::new(line, Kind::Any),
            Some('}' | ']') | None => Node::new(line, Kind::Empty),
            Some(_) => self.bare(line),
        }
    }

    fn items(&mut self, line: usize, depth: usize) -> Node {
        let mut items = vec![];
        let mut open = false;
        loop {
            open |= self.skip();
            match self.peek() {
                None => {
                    open = true;
                    break;
                }
                Some(']') => {
                    self.advance(1);
                    break;
                }
                Some('}') => {
                    self.broken = true;
                    self.advance(1);
                }
                Some(_) => items.push(self.value(depth + 1)),
            }
        }
        let only_elided = open && items.is_empty();
        Node { line, open, kind: if only_elided { Kind::Any } else { Kind::List(items) } }
    }

    /// Reads members up to `close`; says whether an elision or the end of the text cut them off.
    fn members(&mut self, map: &mut Map, close: Option<char>, depth: usize) -> bool {
        let mut open = false;
        loop {
            open |= self.skip();
            match self.peek() {
                // Without its outer braces a text is an excerpt, but a whole one.
                None => return open || close.is_some(),
                Some(bracket @ ('}' | ']')) => {
                    self.advance(1);
                    if Some(bracket) == close {
                        return open;
                    }
                    self.broken |= close.is_some();
                }
                Some(_) => {
                    let line = self.line();
                    let key = self.key();
                    if self.peek() != Some(':') {
                        self.broken = true;
                        if self.rest().is_empty() {
                            return true;
                        }
                        let length = self.peek().map_or(0, char::len_utf8);
                        self.advance(length);
                        continue;
                    }
                    self.advance(1);
                    let value = self.value(depth + 1);
                    map.entries.push(Entry { key, line, value });
                }
            }
        }
    }

    fn key(&mut self) -> String {
        if matches!(self.peek(), Some('"' | '\'')) {
            let key = self.string();
            let rest = self.rest();
            self.advance(rest.len() - rest.trim_start_matches([' ', '\t']).len());
            return key;
        }
        let rest = self.rest();
        let length = rest.find([':', ',', '}', ']', '\n']).unwrap_or(rest.len());
        self.advance(length);
        rest[..length].trim().to_owned()
    }

    /// A number, a word, a placeholder: up to what ends a value.
    fn bare(&mut self, line: usize) -> Node {
        let rest = self.rest();
        let length = rest.find([',', '}', ']', '\n']).unwrap_or(rest.len());
        let length = length.max(rest.chars().next().map_or(0, char::len_utf8));
        self.advance(length);
        let text = rest[..length].trim();
        let text = text.split(" //").next().unwrap_or(text).trim();
        Node::scalar(line, text, Style::Plain)
    }

    /// A quoted string with its escapes; one that is not closed ends with its line.
    fn string(&mut self) -> String {
        let rest = self.rest();
        let Some(quote) = rest.chars().next() else { return String::new() };
        let mut text = String::new();
        let mut characters = rest.char_indices().skip(1);
        while let Some((index, c)) = characters.next() {
            match c {
                '\n' => {
                    self.broken = true;
                    self.advance(index);
                    return text;
                }
                '\\' if quote == '"' => match characters.next() {
                    Some((_, 'u')) => text.push(unicode(&mut characters)),
                    Some((_, escaped)) => text.push(super::parse::unescape(escaped)),
                    None => break,
                },
                c if c == quote => {
                    self.advance(index + quote.len_utf8());
                    return text;
                }
                c => text.push(c),
            }
        }
        self.broken = true;
        self.advance(rest.len());
        text
    }
}

/// Four hexadecimal digits, and the second half of a surrogate pair if there is one.
fn unicode(characters: &mut std::iter::Skip<std::str::CharIndices<'_>>) -> char {
    let mut four = || {
        let digits: String = characters.by_ref().take(4).map(|(_, c)| c).collect();
        u32::from_str_radix(&digits, 16).unwrap_or(0xfffd)
    };
    let first = four();
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER);
    }
    characters.by_ref().take(2).for_each(drop);
    let digits: String = characters.by_ref().take(4).map(|(_, c)| c).collect();
    let second = u32::from_str_radix(&digits, 16).unwrap_or(0);
    let code = 0x10000 + ((first - 0xd800) << 10) + second.wrapping_sub(0xdc00).min(0x3ff);
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}
