//! Languages that are words, numbers, strings and comments.

use super::{Runs, Scanner, is_word};
use crate::highlight::run::Class;

/// What a language has.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::highlight) struct Words {
    /// What begins a comment up to the end of the line.
    comments: &'static [&'static str],
    /// Whether `/*` and `*/` are around comments.
    has_blocks: bool,
    /// Quotes of strings that end in their line.
    quotes: &'static [u8],
    /// The quote of strings over several lines.
    long_quote: &'static str,
    /// Words of the language and its constants.
    keywords: &'static [&'static str],
    /// Types and functions that it brings along.
    builtins: &'static [&'static str],
}

impl Words {
    pub(in crate::highlight) const GO: &'static Self = &Self {
        comments: &["//"],
        has_blocks: true,
        quotes: b"\"'",
        long_quote: "`",
        keywords: &[
            "break",
            "case",
            "chan",
            "const",
            "continue",
            "default",
            "defer",
            "else",
            "fallthrough",
            "for",
            "func",
            "go",
            "goto",
            "if",
            "import",
            "interface",
            "map",
            "package",
            "range",
            "return",
            "select",
            "struct",
            "switch",
            "type",
            "var",
            "true",
            "false",
            "nil",
            "iota",
        ],
        builtins: &[
            "any",
            "bool",
            "byte",
            "comparable",
            "complex64",
            "complex128",
            "error",
            "float32",
            "float64",
            "int",
            "int8",
            "int16",
            "int32",
            "int64",
            "rune",
            "string",
            "uint",
            "uint8",
            "uint16",
            "uint32",
            "uint64",
            "uintptr",
            "append",
            "cap",
            "clear",
            "close",
            "complex",
            "copy",
            "delete",
            "imag",
            "len",
            "make",
            "max",
            "min",
            "new",
            "panic",
            "print",
            "println",
            "real",
            "recover",
        ],
    };

    pub(in crate::highlight) const JAVA: &'static Self = &Self {
        comments: &["//"],
        has_blocks: true,
        quotes: b"\"'",
        long_quote: "\"\"\"",
        keywords: &[
            "abstract",
            "assert",
            "break",
            "case",
            "catch",
            "class",
            "const",
            "continue",
            "default",
            "do",
            "else",
            "enum",
            "extends",
            "final",
            "finally",
            "for",
            "if",
            "implements",
            "import",
            "instanceof",
            "interface",
            "native",
            "new",
            "package",
            "private",
            "protected",
            "public",
            "record",
            "return",
            "static",
            "super",
            "switch",
            "synchronized",
            "this",
            "throw",
            "throws",
            "transient",
            "try",
            "volatile",
            "while",
            "true",
            "false",
            "null",
        ],
        builtins: &["boolean", "byte", "char", "double", "float", "int", "long", "short", "void", "var", "String"],
    };

    pub(in crate::highlight) const CSHARP: &'static Self = &Self {
        comments: &["//"],
        has_blocks: true,
        quotes: b"\"'",
        long_quote: "\"\"\"",
        keywords: &[
            "abstract",
            "as",
            "async",
            "await",
            "base",
            "break",
            "case",
            "catch",
            "class",
            "const",
            "continue",
            "default",
            "delegate",
            "do",
            "else",
            "enum",
            "event",
            "finally",
            "for",
            "foreach",
            "get",
            "if",
            "in",
            "interface",
            "internal",
            "is",
            "lock",
            "namespace",
            "new",
            "operator",
            "out",
            "override",
            "params",
            "private",
            "protected",
            "public",
            "readonly",
            "record",
            "ref",
            "return",
            "sealed",
            "set",
            "static",
            "struct",
            "switch",
            "this",
            "throw",
            "try",
            "typeof",
            "using",
            "virtual",
            "when",
            "where",
            "while",
            "yield",
            "true",
            "false",
            "null",
        ],
        builtins: &[
            "bool", "byte", "char", "decimal", "double", "dynamic", "float", "int", "long", "object", "short",
            "string", "uint", "ulong", "ushort", "var", "void",
        ],
    };

    pub(in crate::highlight) const JAVASCRIPT: &'static Self = &Self {
        comments: &["//"],
        has_blocks: true,
        quotes: b"\"'",
        long_quote: "`",
        keywords: &[
            "async",
            "await",
            "break",
            "case",
            "catch",
            "class",
            "const",
            "continue",
            "default",
            "delete",
            "do",
            "else",
            "export",
            "extends",
            "finally",
            "for",
            "from",
            "function",
            "if",
            "import",
            "in",
            "instanceof",
            "let",
            "new",
            "of",
            "return",
            "static",
            "super",
            "switch",
            "this",
            "throw",
            "try",
            "typeof",
            "var",
            "void",
            "while",
            "with",
            "yield",
            "true",
            "false",
            "null",
            "undefined",
        ],
        builtins: &[
            "Array", "Boolean", "Date", "Error", "JSON", "Map", "Math", "Number", "Object", "Promise", "RegExp", "Set",
            "String", "Symbol", "console", "document", "module", "process", "require", "window",
        ],
    };

    pub(in crate::highlight) const PHP: &'static Self = &Self {
        comments: &["//", "#"],
        has_blocks: true,
        quotes: b"\"'",
        long_quote: "",
        keywords: &[
            "abstract",
            "as",
            "break",
            "case",
            "catch",
            "class",
            "const",
            "continue",
            "default",
            "do",
            "echo",
            "else",
            "elseif",
            "extends",
            "final",
            "finally",
            "fn",
            "for",
            "foreach",
            "function",
            "global",
            "if",
            "implements",
            "include",
            "instanceof",
            "interface",
            "match",
            "namespace",
            "new",
            "print",
            "private",
            "protected",
            "public",
            "require",
            "return",
            "static",
            "switch",
            "throw",
            "trait",
            "try",
            "use",
            "while",
            "yield",
            "php",
            "true",
            "false",
            "null",
        ],
        builtins: &["array", "bool", "float", "int", "isset", "mixed", "object", "string", "unset", "void"],
    };

    pub(in crate::highlight) const PYTHON: &'static Self = &Self {
        comments: &["#"],
        has_blocks: false,
        quotes: b"\"'",
        long_quote: "\"\"\"",
        keywords: &[
            "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else",
            "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not",
            "or", "pass", "raise", "return", "try", "while", "with", "yield", "True", "False", "None", "self",
        ],
        builtins: &[
            "bool",
            "bytes",
            "dict",
            "enumerate",
            "float",
            "format",
            "getattr",
            "int",
            "isinstance",
            "len",
            "list",
            "map",
            "max",
            "min",
            "object",
            "open",
            "print",
            "range",
            "set",
            "sorted",
            "str",
            "sum",
            "super",
            "tuple",
            "type",
            "zip",
        ],
    };
}

/// What is what in a language of words.
pub(in crate::highlight) fn words(text: &str, words: &Words) -> Runs {
    let mut scan = Scanner::new(text);
    while !scan.is_done() {
        let start = scan.at;
        let rest = &scan.bytes[start..];
        if words.has_blocks && rest.starts_with(b"/*") {
            let end = memchr::memmem::find(&rest[2..], b"*/");
            scan.mark_to(end.map_or(text.len(), |length| start + length + 4), Class::Comment);
        } else if words.comments.iter().any(|comment| rest.starts_with(comment.as_bytes())) {
            scan.mark_to(scan.line_end(), Class::Comment);
        } else if !words.long_quote.is_empty() && rest.starts_with(words.long_quote.as_bytes()) {
            let quote = words.long_quote.as_bytes();
            let end = memchr::memmem::find(&rest[quote.len()..], quote);
            scan.mark_to(end.map_or(text.len(), |length| start + length + 2 * quote.len()), Class::Text);
        } else if words.quotes.contains(&rest[0]) {
            let line_end = scan.line_end();
            scan.mark_to(scan.string_end(line_end, true).unwrap_or(line_end), Class::Text);
        } else if rest[0].is_ascii_digit() {
            scan.skip(|byte| is_word(byte) || byte == b'.');
            scan.mark(start, Class::Number);
        } else if rest[0] == b'$' {
            scan.at += 1;
            scan.skip(is_word);
            if scan.at > start + 1 {
                scan.mark(start, Class::Variable);
            }
        } else if is_word(rest[0]) {
            let word = scan.skip(is_word);
            let is_member = start > 0 && scan.bytes[start - 1] == b'.';
            let is_one_of = |list: &[&str]| !is_member && list.iter().any(|known| known.as_bytes() == word);
            if is_one_of(words.keywords) {
                scan.mark(start, Class::Keyword);
            } else if is_one_of(words.builtins) {
                scan.mark(start, Class::Builtin);
            }
        } else {
            scan.at += 1;
        }
    }
    scan.runs
}
