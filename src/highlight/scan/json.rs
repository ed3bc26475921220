//! JSON, with the comments that some readers of it allow.

use super::{Runs, Scanner, is_number, is_word};
use crate::highlight::run::Class;

/// What is what in JSON.
pub(in crate::highlight) fn json(text: &str) -> Runs {
    let mut scan = Scanner::new(text);
    while !scan.is_done() {
        let start = scan.at;
        match scan.byte() {
            b'"' => {
                let line_end = scan.line_end();
                scan.at = scan.string_end(line_end, true).unwrap_or(line_end);
                let end = scan.at;
                scan.skip(|byte| byte.is_ascii_whitespace());
                let is_key = scan.byte() == b':';
                scan.at = end;
                scan.mark(start, if is_key { Class::Key } else { Class::Text });
            }
            b'/' if scan.ahead(1) == b'/' => scan.mark_to(scan.line_end(), Class::Comment),
            b'/' if scan.ahead(1) == b'*' => {
                let end = memchr::memmem::find(&scan.bytes[start + 2..], b"*/");
                scan.mark_to(end.map_or(text.len(), |length| start + length + 4), Class::Comment);
            }
            byte if is_word(byte) || byte == b'-' => {
                let word = scan.skip(|byte| is_word(byte) || matches!(byte, b'-' | b'+' | b'.'));
                match word {
                    b"true" | b"false" | b"null" => scan.mark(start, Class::Keyword),
                    word if is_number(word) => scan.mark(start, Class::Number),
                    _ => {}
                }
            }
            _ => scan.at += 1,
        }
    }
    scan.runs
}
