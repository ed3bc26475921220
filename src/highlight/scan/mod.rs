//! Readers for the languages that most code of documentation is in: one pass, in time linear in the code.
//!
//! They tell apart what a reader wants told apart, and take anything: code in documentation is cut, has
//! dots for what is left out, and mixes commands with what they print.

mod json;
mod shell;
mod words;
mod yaml;

pub(super) use json::json;
pub(super) use shell::{console, shell};
pub(super) use words::{Words, words};
pub(super) use yaml::yaml;

use std::cell::Cell;

use super::run::{Class, Runs};

/// Code on the way to its runs.
struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// The byte that is looked at.
    at: usize,
    runs: Runs,
    /// Between these two no line ends, but one does at the second: long lines are searched once.
    line: Cell<(usize, usize)>,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, runs: Runs::default(), line: Cell::new((1, 0)) }
    }

    /// The byte looked at; 0 behind the end.
    fn byte(&self) -> u8 {
        self.ahead(0)
    }

    /// The byte this far ahead; 0 behind the end.
    fn ahead(&self, distance: usize) -> u8 {
        self.bytes.get(self.at + distance).copied().unwrap_or_default()
    }

    fn is_done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Goes on as long as bytes fit, and gives what was passed.
    fn skip(&mut self, fits: impl Fn(u8) -> bool) -> &'t [u8] {
        let start = self.at;
        while self.at < self.bytes.len() && fits(self.bytes[self.at]) {
            self.at += 1;
        }
        &self.bytes[start..self.at]
    }

    /// Passes the blanks of a line.
    fn blanks(&mut self) -> usize {
        self.skip(|byte| matches!(byte, b' ' | b'\t')).len()
    }

    /// Where this line ends: at its end of line or the end of the code.
    fn line_end(&self) -> usize {
        let (from, end) = self.line.get();
        if (from..=end).contains(&self.at) {
            return end;
        }
        let at = self.at.min(self.bytes.len());
        let end = memchr::memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |length| at + length);
        self.line.set((at, end));
        end
    }

    /// Marks everything from `start` to what is looked at.
    fn mark(&mut self, start: usize, class: Class) {
        self.runs.mark(self.text, start, self.at, class);
    }

    /// Goes to `end`, and marks what is passed.
    fn mark_to(&mut self, end: usize, class: Class) {
        let start = self.at;
        self.at = end.min(self.bytes.len());
        self.mark(start, class);
    }

    /// Where a string ends, behind its closing quote, that opens at what is looked at. `None`: nowhere before
    /// `limit`. A backslash takes the byte after it along if `escapes`.
    fn string_end(&self, limit: usize, escapes: bool) -> Option<usize> {
        let quote = self.byte();
        let mut at = self.at + 1;
        while at < limit {
            match self.bytes[at] {
                b'\\' if escapes => at += 1,
                byte if byte == quote => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
        None
    }
}

/// Bytes of words, those of all other letters among them.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether a word is a number: digits, with a sign, a point, an exponent, or hexadecimal.
fn is_number(word: &[u8]) -> bool {
    let digits = word.strip_prefix(b"-").or_else(|| word.strip_prefix(b"+")).unwrap_or(word);
    if let Some(hex) = digits.strip_prefix(b"0x") {
        return !hex.is_empty() && hex.iter().all(u8::is_ascii_hexdigit);
    }
    let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'e' | b'E' | b'+' | b'-');
    let points = digits.iter().filter(|byte| **byte == b'.').count();
    digits.first().is_some_and(u8::is_ascii_digit)
        && points < 2
        && digits.iter().all(is_part)
        && digits.windows(2).all(|pair| !matches!(pair[1], b'+' | b'-') || matches!(pair[0], b'e' | b'E'))
}
