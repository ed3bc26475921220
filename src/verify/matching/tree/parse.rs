//! YAML with elisions, by lines and indentation. Never fails: what makes no sense is said to be
//! broken, and the caller compares line by line instead.

use std::collections::BTreeSet;

use super::flow;
use super::node::{Entry, Kind, Map, Node, Scalar, Style};
use crate::verify::matching::case::Line;
use crate::verify::matching::token;

/// Nesting above which a text is given up as broken.
pub(super) const MAX_DEPTH: usize = 100;

/// The documents of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) documents: Vec<Node>,
    /// Something in it is neither YAML nor an elision.
    pub(super) broken: bool,
}

/// Reads all documents of a text.
pub(super) fn yaml(lines: &[Line<'_>]) -> Parsed {
    let mut parsed = Parsed { documents: vec![], broken: false };
    for document in lines.split(|line| line.text == "---" || line.text.starts_with("--- ")) {
        let mut reader = Reader::new(document);
        let Some(node) = reader.document() else { continue };
        parsed.broken |= reader.broken;
        parsed.documents.push(node);
    }
    parsed
}

/// Whether a comment says that something is left out.
pub(super) fn marks_open(comment: &str) -> bool {
    let text = comment.trim_start_matches(['#', '/', ' ']).to_lowercase();
    text.contains("...")
        || text.contains('…')
        || ["other ", "more ", "omitted", "snip", "truncated"].iter().any(|word| text.starts_with(word))
}

/// What an escaped letter of a double-quoted string stands for.
pub(super) fn unescape(escaped: char) -> char {
    match escaped {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        '0' => '\0',
        'a' => '\u{7}',
        'e' => '\u{1b}',
        other => other,
    }
}

#[derive(Debug, Clone, Copy)]
struct Row<'a> {
    indent: usize,
    text: &'a str,
    source: usize,
    elision: bool,
}

struct Reader<'a> {
    rows: Vec<Row<'a>>,
    /// The lines as they are, for block scalars.
    raw: Vec<&'a str>,
    at: usize,
    depth: usize,
    broken: bool,
}

impl<'a> Reader<'a> {
    fn new(lines: &[Line<'a>]) -> Self {
        let rows = lines
            .iter()
            .map(|line| {
                let text = line.text.trim();
                let elision = token::is_elision(text) || (text.starts_with('#') && marks_open(text));
                Row { indent: line.text.len() - line.text.trim_start().len(), text, source: line.source, elision }
            })
            .collect();
        Self { rows, raw: lines.iter().map(|line| line.text).collect(), at: 0, depth: 0, broken: false }
    }

    /// The next row that is neither blank nor a comment.
    fn peek(&mut self) -> Option<Row<'a>> {
        loop {
            let row = *self.rows.get(self.at)?;
            if row.elision || !(row.text.is_empty() || row.text.starts_with('#')) {
                return Some(row);
            }
            self.at += 1;
        }
    }

    fn document(&mut self) -> Option<Node> {
        let first = self.peek()?;
        let mut root = self.block(None);
        while let Some(row) = self.peek() {
            let before = self.at;
            if row.elision {
                root.open = true;
                self.at += 1;
                continue;
            }
            let part = self.block(None);
            self.broken |= self.at == before;
            if self.at == before {
                break;
            }
            root = beside(root, part);
        }
        if root.line == 0 {
            root.line = first.source;
        }
        let top = self.rows.iter().filter(|row| !row.elision && !row.text.is_empty()).map(|row| row.indent).min();
        if let (true, Kind::Map(map)) = (root.open && top > Some(0), &mut root.kind) {
            map.adrift = true;
        }
        Some(root)
    }

    /// The node whose rows are indented deeper than `parent`.
    fn block(&mut self, parent: Option<usize>) -> Node {
        let deeper = |row: &Row<'_>| parent.is_none_or(|parent| row.indent > parent);
        let mut open = false;
        let mut line = 0;
        while let Some(row) = self.peek().filter(|row| row.elision && deeper(row)) {
            open = true;
            line = row.source;
            self.at += 1;
        }
        let Some(row) = self.peek().filter(deeper) else {
            let kind = if open { Kind::Any } else { Kind::Empty };
            return Node { line, open, kind };
        };
        if self.depth > MAX_DEPTH {
            self.broken = true;
            self.at = self.rows.len();
            return Node::new(row.source, Kind::Empty);
        }
        self.depth += 1;
        let mut node = if is_item(row.text) {
            self.list(row.indent, parent)
        } else if split_key(row.text).is_some() {
            self.map(row.indent, parent)
        } else {
            self.at += 1;
            self.inline(row, row.text, parent)
        };
        self.depth -= 1;
        node.open |= open;
        node
    }

    fn map(&mut self, indent: usize, parent: Option<usize>) -> Node {
        let mut map = Map::default();
        let mut open = false;
        let mut keys = BTreeSet::new();
        let line = self.rows[self.at].source;
        while let Some(row) = self.peek() {
            let inside = parent.is_none_or(|parent| row.indent > parent);
            if row.elision && inside {
                open = true;
                self.at += 1;
                continue;
            }
            if row.indent < indent {
                break;
            }
            if row.indent > indent {
                let part = self.block(Some(indent));
                map.floating.push(part);
                continue;
            }
            let Some((key, rest)) = split_key(row.text) else {
                if !is_item(row.text) {
                    self.broken = true;
                    self.at += 1;
                    continue;
                }
                let part = self.list(indent, parent);
                go_on(&mut map, part);
                continue;
            };
            self.at += 1;
            let (value, opens) = self.value(row, rest, indent);
            open |= opens;
            self.broken |= !keys.insert(key.clone());
            map.entries.push(Entry { key, line: row.source, value });
        }
        Node { line, open, kind: Kind::Map(map) }
    }

    /// What stands behind a key; and whether an elision at the key's own indent opens its map too.
    fn value(&mut self, row: Row<'a>, rest: &'a str, indent: usize) -> (Node, bool) {
        if !without_comment(rest).is_empty() {
            return (self.inline(row, rest, Some(indent)), false);
        }
        let mut node = match self.peek() {
            Some(next) if next.indent > indent => self.block(Some(indent)),
            Some(next) if next.indent == indent && is_item(next.text) && !next.elision => {
                let list = self.list(indent, Some(indent));
                let opens = list.open;
                return (Node { line: next.source, ..list }, opens);
            }
            Some(next) => Node { line: row.source, open: next.elision, kind: Kind::Empty },
            None => Node { line: row.source, open: true, kind: Kind::Empty },
        };
        if node.line == 0 {
            node.line = row.source;
        }
        (node, false)
    }

    fn list(&mut self, indent: usize, parent: Option<usize>) -> Node {
        let mut items = vec![];
        let mut open = false;
        let line = self.rows[self.at].source;
        while let Some(row) = self.peek() {
            let inside = parent.is_none_or(|parent| row.indent > parent) || row.indent == indent;
            if row.elision {
                // What is left out right behind the items may be more of them, wherever its dots stand.
                open = true;
                if !inside {
                    break;
                }
                self.at += 1;
                continue;
            }
            if row.indent != indent || !is_item(row.text) {
                break;
            }
            let content = row.text[1..].trim_start();
            if content.is_empty() || content.starts_with('#') {
                self.at += 1;
                let mut item = self.block(Some(indent));
                if item.line == 0 {
                    item.line = row.source;
                }
                items.push(item);
                continue;
            }
            // The item's first line stands as if its dash were a blank.
            let inner = indent + (row.text.len() - content.len());
            self.rows[self.at] =
                Row { indent: inner, text: content, source: row.source, elision: token::is_elision(content) };
            if self.rows[self.at].elision {
                self.at += 1;
                items.push(Node { line: row.source, open: true, kind: Kind::Any });
                continue;
            }
            items.push(self.block(Some(indent)));
        }
        Node { line, open, kind: Kind::List(items) }
    }

    /// A value that begins on a row, and may go on over deeper ones.
    fn inline(&mut self, row: Row<'a>, rest: &'a str, parent: Option<usize>) -> Node {
        let text = rest.strip_prefix("!!str ").unwrap_or(rest);
        match text.as_bytes().first() {
            _ if token::is_elision(text) && !text.starts_with('#') => {
                Node { line: row.source, open: true, kind: Kind::Any }
            }
            Some(b'|' | b'>') if is_block_header(text) => self.block_scalar(row, text, parent),
            Some(b'"' | b'\'') => self.quoted(row, text, parent),
            Some(b'{' | b'[') if !text.starts_with("{{") => self.flow(row, text, parent),
            _ => self.plain(row, text, parent),
        }
    }

    fn is_deeper(row: &Row<'_>, parent: Option<usize>) -> bool {
        parent.is_none_or(|parent| row.indent > parent)
    }

    fn plain(&mut self, row: Row<'a>, text: &'a str, parent: Option<usize>) -> Node {
        let mut whole = without_comment(text).to_owned();
        let mut wraps = vec![];
        while let Some(next) = self.rows.get(self.at).copied() {
            let goes_on = !next.text.is_empty()
                && Self::is_deeper(&next, parent)
                && !next.elision
                && !next.text.starts_with('#')
                && split_key(next.text).is_none()
                && !is_item(next.text);
            if !goes_on || parent.is_none() {
                break;
            }
            wraps.push((whole.split_whitespace().count(), next.source));
            whole.push(' ');
            whole.push_str(without_comment(next.text));
            self.at += 1;
        }
        Node::wrapped(row.source, whole, Style::Plain, wraps)
    }

    fn quoted(&mut self, row: Row<'a>, text: &'a str, parent: Option<usize>) -> Node {
        const LONGEST: usize = 200;
        let mut whole = text.to_owned();
        let mut taken = 0;
        let mut wraps = vec![];
        loop {
            if let Some((value, _)) = unquote(&whole) {
                self.at += taken;
                return Node::wrapped(row.source, value, Style::Quoted, wraps);
            }
            let next =
                self.rows.get(self.at + taken).filter(|next| next.text.is_empty() || Self::is_deeper(next, parent));
            let Some(next) = next.filter(|_| taken < LONGEST) else { break };
            match next.text {
                "" => whole.push('\n'),
                more => {
                    wraps.push((whole.split_whitespace().count(), next.source));
                    if !whole.ends_with('\n') {
                        whole.push(' ');
                    }
                    whole.push_str(more);
                }
            }
            taken += 1;
        }
        if text.ends_with("...") || text.ends_with('…') {
            // Cut off in the middle of a string: the elision stands for the rest.
            return Node::scalar(row.source, &text[1..], Style::Quoted);
        }
        self.plain(row, text, parent)
    }

    fn flow(&mut self, row: Row<'a>, text: &'a str, parent: Option<usize>) -> Node {
        const LONGEST: usize = 500;
        let mut whole = text.to_owned();
        let mut sources = vec![row.source];
        let start = self.at;
        while sources.len() < LONGEST && !is_balanced(&whole) {
            let Some(next) = self.rows.get(self.at).filter(|next| {
                next.text.is_empty() || Self::is_deeper(next, parent) || next.text.starts_with(['}', ']'])
            }) else {
                break;
            };
            whole.push('\n');
            whole.push_str(next.text);
            sources.push(next.source);
            self.at += 1;
        }
        let (node, broken) = flow::collection(&whole, &sources);
        if broken && self.at == start {
            // `[some text] more` is a plain scalar that only looks like a list.
            return self.plain(row, text, parent);
        }
        self.broken |= broken;
        node
    }

    fn block_scalar(&mut self, row: Row<'a>, header: &str, parent: Option<usize>) -> Node {
        let mut lines: Vec<(&str, usize)> = vec![];
        let given = header.bytes().find(u8::is_ascii_digit).map(|digit| usize::from(digit - b'0'));
        let mut margin = given.map(|given| parent.unwrap_or(0) + given);
        while let Some(next) = self.rows.get(self.at).copied() {
            if !next.text.is_empty() {
                let margin = *margin.get_or_insert(next.indent);
                if !Self::is_deeper(&next, parent) || next.indent < margin {
                    break;
                }
            }
            let raw = self.raw[self.at];
            let cut = margin.unwrap_or(0).min(raw.len());
            lines.push((raw.get(cut..).unwrap_or(next.text), next.source));
            self.at += 1;
        }
        while lines.last().is_some_and(|(text, _)| text.trim().is_empty()) {
            lines.pop();
        }
        let folded = header.starts_with('>');
        let separator = if folded { " " } else { "\n" };
        let text = lines.iter().map(|(text, _)| *text).collect::<Vec<_>>().join(separator);
        let sources = lines.iter().map(|(_, source)| *source).collect();
        let style = if folded { Style::Quoted } else { Style::Block };
        Node::new(row.source, Kind::Scalar(Scalar { text, style, lines: sources, wraps: vec![] }))
    }
}

/// Puts items into the map that they stand in: they go on with the list of its last key, if an elision
/// between has cut that off.
fn go_on(map: &mut Map, part: Node) {
    let last = map.entries.last_mut().filter(|_| map.floating.is_empty());
    match (last.map(|entry| &mut entry.value), part) {
        (
            Some(Node { open: open @ true, kind: Kind::List(items), .. }),
            Node { open: more, kind: Kind::List(others), .. },
        ) => {
            items.extend(others);
            *open |= more;
        }
        (_, part) => map.floating.push(part),
    }
}

/// Puts a part that stands beside the root into it.
fn beside(root: Node, part: Node) -> Node {
    match root.kind {
        Kind::Map(mut map) => {
            let open = root.open || part.open;
            match part {
                Node { kind: Kind::Map(other), .. } => {
                    map.entries.extend(other.entries);
                    map.floating.extend(other.floating);
                }
                part => map.floating.push(part),
            }
            Node { line: root.line, open, kind: Kind::Map(map) }
        }
        Kind::Any | Kind::Empty => Node { open: true, ..part },
        _ => {
            let open = root.open;
            Node { line: root.line, open, kind: Kind::Map(Map { floating: vec![root, part], ..Map::default() }) }
        }
    }
}

fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

fn is_block_header(text: &str) -> bool {
    let header = text[1..].split(" #").next().unwrap_or("").trim();
    header.len() <= 2 && header.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+'))
}

/// Splits `key: value`; the key is quoted or holds no blank.
pub(super) fn split_key(text: &str) -> Option<(String, &str)> {
    if text.starts_with(['"', '\'']) {
        let (key, end) = unquote(text)?;
        let rest = text[end..].trim_start().strip_prefix(':')?;
        return (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| (key, rest.trim()));
    }
    let end = text
        .match_indices(':')
        .map(|(at, _)| at)
        .find(|at| matches!(text.as_bytes().get(at + 1), None | Some(b' ' | b'\t')))?;
    let key = &text[..end];
    let is_key = !key.is_empty()
        && !key.contains([' ', '\t'])
        && !key.starts_with(['{', '[', '-', '#', '&', '*', '!', '|', '>', '%', '@', '`']);
    is_key.then(|| (key.to_owned(), text[end + 1..].trim()))
}

/// Reads a closed quoted string at the head of a text: its value and where it ends.
fn unquote(text: &str) -> Option<(String, usize)> {
    let quote = text.chars().next()?;
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((index, c)) = characters.next() {
        match c {
            '\\' if quote == '"' => match characters.next()?.1 {
                ' ' => value.push(' '),
                'u' => {
                    let digits: String = characters.by_ref().take(4).map(|(_, c)| c).collect();
                    let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                    value.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                // An escaped line end joins without a blank; the blank stands for the line end.
                escaped => value.push(unescape(escaped)),
            },
            '\'' if quote == '\'' && characters.peek().is_some_and(|(_, next)| *next == '\'') => {
                characters.next();
                value.push('\'');
            }
            c if c == quote => {
                let rest = text[index + 1..].trim_start();
                let ends = rest.is_empty() || rest.starts_with('#') || rest.starts_with(':');
                return ends.then_some((value, index + 1));
            }
            c => value.push(c),
        }
    }
    None
}

fn is_balanced(text: &str) -> bool {
    let mut depth = 0_i64;
    let mut quote = None;
    let mut escaped = false;
    for c in text.chars() {
        match quote {
            Some(open) => {
                if escaped {
                    escaped = false;
                } else if c == '\\' && open == '"' {
                    escaped = true;
                } else if c == open {
                    quote = None;
                }
            }
            None => match c {
                '"' | '\'' => quote = Some(c),
                '{' | '[' => depth += 1,
                '}' | ']' => depth -= 1,
                _ => {}
            },
        }
    }
    depth <= 0 && quote.is_none()
}

fn without_comment(text: &str) -> &str {
    if text.starts_with('#') {
        return "";
    }
    text.find(" #").map_or(text, |at| &text[..at]).trim_end()
}
