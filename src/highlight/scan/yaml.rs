//! YAML, several documents, flow collections and block scalars among it.

use super::{Runs, Scanner, is_number};
use crate::highlight::run::Class;

/// How far behind its opening quote a string over several lines may end. One that does not is a sign.
const LONGEST_STRING: usize = 4096;

/// What is what in YAML.
pub(in crate::highlight) fn yaml(text: &str) -> Runs {
    let mut yaml = Yaml { scan: Scanner::new(text), flow: 0 };
    while !yaml.scan.is_done() {
        yaml.line();
        // Behind the end of line, if the line was read to it.
        if yaml.scan.byte() == b'\n' {
            yaml.scan.at += 1;
        }
    }
    yaml.scan.runs
}

struct Yaml<'t> {
    scan: Scanner<'t>,
    /// How many brackets and braces are open.
    flow: usize,
}

impl Yaml<'_> {
    fn line(&mut self) {
        let start = self.scan.at;
        let indentation = self.scan.blanks();
        if indentation == 0 {
            match self.scan.byte() {
                b'%' => return self.scan.mark_to(self.scan.line_end(), Class::Keyword),
                // A bracket that was never closed ends at the next key of the document.
                byte if byte.is_ascii_alphabetic() => self.flow = 0,
                b'-' if self.scan.ahead(1) == b'-' => self.flow = 0,
                _ => {}
            }
        }
        if self.flow > 0 {
            return self.flow_items();
        }
        self.block_items(self.scan.at - start);
    }

    /// What stands in a line: signs of lists, a key, a value.
    fn block_items(&mut self, mut indentation: usize) {
        // Each sign of a list, and each key that is asked for, indents what is behind it.
        while matches!(self.scan.byte(), b'-' | b'?') && matches!(self.scan.ahead(1), b' ' | b'\t' | b'\n' | 0) {
            self.scan.at += 1;
            let blanks = self.scan.blanks();
            if matches!(self.scan.byte(), b'\n' | 0) || blanks == 0 {
                return;
            }
            // A text in a list is indented more than the list's sign.
            if !matches!(self.scan.byte(), b'|' | b'>') {
                indentation += 1 + blanks;
            }
        }
        if let Some(end) = self.key_end() {
            self.scan.mark_to(end, Class::Key);
            self.scan.blanks();
            self.scan.at += 1;
            self.scan.blanks();
        }
        self.value(indentation);
    }

    /// Where the key ends that starts here, if one does: at a colon with a blank behind it.
    fn key_end(&self) -> Option<usize> {
        let line_end = self.scan.line_end();
        let bytes = self.scan.bytes;
        let is_colon = |at: usize| bytes[at] == b':' && matches!(bytes.get(at + 1), None | Some(b' ' | b'\t' | b'\n'));
        match self.scan.byte() {
            b'"' | b'\'' => {
                let end = self.scan.string_end(line_end, self.scan.byte() == b'"')?;
                let colon = (end..line_end).find(|at| bytes[*at] != b' ')?;
                is_colon(colon).then_some(end)
            }
            b'#' | b'[' | b'{' | b'|' | b'>' | b'@' | b'`' | b'&' | b'!' => None,
            _ => {
                let mut at = self.scan.at;
                loop {
                    at += memchr::memchr2(b':', b'#', &bytes[at..line_end])?;
                    match bytes[at] {
                        b':' if is_colon(at) => break Some(at).filter(|at| *at > self.scan.at),
                        b'#' if matches!(bytes[at - 1], b' ' | b'\t') => break None,
                        _ => at += 1,
                    }
                }
            }
        }
    }

    /// What stands behind a key, or alone in its line. `indentation` is that of the key.
    fn value(&mut self, indentation: usize) {
        loop {
            let line_end = self.scan.line_end();
            if self.scan.at >= line_end {
                return;
            }
            match self.scan.byte() {
                b'#' => return self.scan.mark_to(line_end, Class::Comment),
                b'!' | b'&' | b'*' => {
                    let start = self.scan.at;
                    self.scan.skip(|byte| !byte.is_ascii_whitespace());
                    self.scan.mark(start, Class::Variable);
                }
                b'"' | b'\'' => {
                    if !self.quoted() {
                        return self.scan.at = line_end;
                    }
                }
                b'[' | b'{' => {
                    self.flow_items();
                    if self.flow > 0 {
                        return;
                    }
                }
                b'|' | b'>' if self.is_block_scalar(line_end) => return self.block_scalar(indentation, line_end),
                _ => {
                    self.plain(|_| false);
                }
            }
            self.scan.blanks();
        }
    }

    /// A string. `false`: its quote is never closed.
    fn quoted(&mut self) -> bool {
        let limit = self.scan.bytes.len().min(self.scan.at + LONGEST_STRING);
        let end = self.scan.string_end(limit, self.scan.byte() == b'"');
        if let Some(end) = end {
            self.scan.mark_to(end, Class::Text);
        }
        end.is_some()
    }

    /// Text without quotes, up to a comment, the end of the line, or where `ends` says so.
    fn plain(&mut self, ends: impl Fn(u8) -> bool) {
        let start = self.scan.at;
        let line_end = self.scan.line_end();
        let mut end = start;
        while self.scan.at < line_end {
            let byte = self.scan.byte();
            if ends(byte) || byte == b'#' && self.scan.at > start && self.scan.bytes[self.scan.at - 1] == b' ' {
                break;
            }
            self.scan.at += 1;
            if !matches!(byte, b' ' | b'\t') {
                end = self.scan.at;
            }
        }
        self.scan.runs.mark(self.scan.text, start, end, scalar(&self.scan.bytes[start..end]));
    }

    /// Whether nothing but signs of how to read it, and a comment, is behind the `|` or `>`.
    fn is_block_scalar(&self, line_end: usize) -> bool {
        let rest = &self.scan.text[self.scan.at + 1..line_end];
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
        rest.trim().is_empty() || rest.starts_with(" #")
    }

    /// Lines that are indented more than the key before the sign.
    fn block_scalar(&mut self, indentation: usize, line_end: usize) {
        if let Some(comment) = memchr::memchr(b'#', &self.scan.bytes[self.scan.at..line_end]) {
            self.scan.at += comment;
            self.scan.mark_to(line_end, Class::Comment);
        }
        let (mut start, mut end) = (None, line_end);
        self.scan.at = (line_end + 1).min(self.scan.bytes.len());
        while !self.scan.is_done() {
            let line = self.scan.at;
            let here = self.scan.blanks();
            let line_end = self.scan.line_end();
            if self.scan.at < line_end {
                if here <= indentation {
                    self.scan.at = line;
                    break;
                }
                start.get_or_insert(self.scan.at);
                end = line_end;
            }
            self.scan.at = (line_end + 1).min(self.scan.bytes.len());
        }
        if let Some(start) = start {
            self.scan.runs.mark(self.scan.text, start, end, Class::Text);
        }
        // The caller goes on at the end of a line.
        self.scan.at = self.scan.at.saturating_sub(usize::from(!self.scan.is_done())).max(end);
    }

    /// What is between brackets or braces, up to their end or that of the line.
    fn flow_items(&mut self) {
        while !self.scan.is_done() {
            let start = self.scan.at;
            match self.scan.byte() {
                b'\n' => return,
                b'[' | b'{' => {
                    self.flow += 1;
                    self.scan.at += 1;
                }
                b']' | b'}' => {
                    self.flow = self.flow.saturating_sub(1);
                    self.scan.at += 1;
                    if self.flow == 0 {
                        return;
                    }
                }
                b'#' if start > 0 && matches!(self.scan.bytes[start - 1], b' ' | b'\t' | b'\n') => {
                    self.scan.mark_to(self.scan.line_end(), Class::Comment);
                }
                b' ' | b'\t' | b',' | b':' => self.scan.at += 1,
                _ => self.flow_scalar(),
            }
        }
    }

    fn flow_scalar(&mut self) {
        let start = self.scan.at;
        let line_end = self.scan.line_end();
        let quoted = match self.scan.byte() {
            b'"' | b'\'' => self.scan.string_end(line_end, self.scan.byte() == b'"'),
            _ => None,
        };
        let end = quoted.unwrap_or_else(|| {
            let is_end = |at: &usize| match self.scan.bytes[*at] {
                b',' | b'[' | b']' | b'{' | b'}' => true,
                b':' => matches!(self.scan.bytes.get(at + 1), None | Some(b' ' | b'\n' | b',' | b'}' | b']')),
                b'#' => *at > start && self.scan.bytes[at - 1] == b' ',
                _ => false,
            };
            (start..line_end).find(is_end).unwrap_or(line_end)
        });
        // A sign that opens nothing here is passed, so that every round goes on.
        self.scan.at = end.max(start + 1).min(line_end);
        while !self.scan.text.is_char_boundary(self.scan.at) {
            self.scan.at += 1;
        }
        let is_key = self.scan.bytes[self.scan.at..line_end].iter().find(|byte| **byte != b' ') == Some(&b':');
        let word = self.scan.text[start..self.scan.at].trim_end();
        let class = match quoted {
            _ if is_key => Class::Key,
            Some(_) => Class::Text,
            None => scalar(word.as_bytes()),
        };
        self.scan.runs.mark(self.scan.text, start, start + word.len(), class);
    }
}

/// What a text without quotes is.
fn scalar(word: &[u8]) -> Class {
    match word {
        b"true" | b"false" | b"null" | b"~" | b"yes" | b"no" | b"on" | b"off" | b"True" | b"False" | b"Null"
        | b"TRUE" | b"FALSE" | b"NULL" | b"Yes" | b"No" | b"On" | b"Off" => Class::Keyword,
        [b'&' | b'*' | b'!', ..] => Class::Variable,
        word if is_number(word) => Class::Number,
        _ => Class::Plain,
    }
}
