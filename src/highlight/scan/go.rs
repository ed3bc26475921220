//! Go.

use super::{Runs, Scanner, is_word};
use crate::highlight::run::Class;

/// What is what in Go.
pub(in crate::highlight) fn go(text: &str) -> Runs {
    let mut scan = Scanner::new(text);
    while !scan.is_done() {
        let start = scan.at;
        match scan.byte() {
            b'/' if scan.ahead(1) == b'/' => scan.mark_to(scan.line_end(), Class::Comment),
            b'/' if scan.ahead(1) == b'*' => {
                let end = memchr::memmem::find(&scan.bytes[start + 2..], b"*/");
                scan.mark_to(end.map_or(text.len(), |length| start + length + 4), Class::Comment);
            }
            b'"' | b'\'' => {
                let line_end = scan.line_end();
                scan.mark_to(scan.string_end(line_end, true).unwrap_or(line_end), Class::Text);
            }
            b'`' => scan.mark_to(scan.string_end(text.len(), false).unwrap_or(text.len()), Class::Text),
            byte if byte.is_ascii_digit() => {
                scan.skip(|byte| is_word(byte) || byte == b'.');
                scan.mark(start, Class::Number);
            }
            byte if is_word(byte) => {
                let word = scan.skip(is_word);
                let is_member = start > 0 && scan.bytes[start - 1] == b'.';
                scan.mark(start, if is_member { Class::Plain } else { class(word) });
            }
            _ => scan.at += 1,
        }
    }
    scan.runs
}

fn class(word: &[u8]) -> Class {
    match word {
        b"break" | b"case" | b"chan" | b"const" | b"continue" | b"default" | b"defer" | b"else" | b"fallthrough"
        | b"for" | b"func" | b"go" | b"goto" | b"if" | b"import" | b"interface" | b"map" | b"package" | b"range"
        | b"return" | b"select" | b"struct" | b"switch" | b"type" | b"var" | b"true" | b"false" | b"nil" | b"iota" => {
            Class::Keyword
        }
        b"any" | b"bool" | b"byte" | b"comparable" | b"complex64" | b"complex128" | b"error" | b"float32"
        | b"float64" | b"int" | b"int8" | b"int16" | b"int32" | b"int64" | b"rune" | b"string" | b"uint" | b"uint8"
        | b"uint16" | b"uint32" | b"uint64" | b"uintptr" | b"append" | b"cap" | b"clear" | b"close" | b"complex"
        | b"copy" | b"delete" | b"imag" | b"len" | b"make" | b"max" | b"min" | b"new" | b"panic" | b"print"
        | b"println" | b"real" | b"recover" => Class::Builtin,
        _ => Class::Plain,
    }
}
