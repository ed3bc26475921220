//! Shells of the Bourne family, and records of what was typed into one.

use super::{Runs, Scanner, is_number, is_word};
use crate::highlight::run::Class;

/// What is what in a script.
pub(in crate::highlight) fn shell(text: &str) -> Runs {
    let mut shell = Shell::new(text);
    shell.read(text.len());
    shell.scan.runs
}

/// What is what in a record: lines behind a prompt are commands, the others what they printed.
pub(in crate::highlight) fn console(text: &str) -> Runs {
    let mut shell = Shell::new(text);
    while !shell.scan.is_done() {
        let mut end = shell.scan.line_end();
        let prompt = prompt(&text[shell.scan.at..end]);
        if prompt == 0 {
            shell.scan.at = end + 1;
            continue;
        }
        // A command goes on behind a backslash at the end of its line.
        while text[shell.scan.at..end].ends_with('\\') && end < text.len() {
            end = memchr::memchr(b'\n', &text.as_bytes()[end + 1..]).map_or(text.len(), |length| end + 1 + length);
        }
        shell.scan.mark_to(shell.scan.at + prompt, Class::Prompt);
        shell.command = true;
        shell.quotes = true;
        shell.read(end);
        shell.heredocs.clear();
        shell.scan.at = shell.scan.at.max(end) + 1;
    }
    shell.scan.runs
}

/// How long the prompt at the start of a line is: `$`, `#`, `%` or `>` and a blank, with `user@host:~` or
/// words in brackets before the first two.
fn prompt(line: &str) -> usize {
    let name = line.bytes().take(64).take_while(|byte| is_word(*byte) || b"@:~/.-[]() ".contains(byte)).count();
    let bytes = line.as_bytes();
    let sign = bytes.get(name).copied().unwrap_or_default();
    let has_name = name > 0 && line.as_bytes()[..name].iter().any(|byte| b"@~]".contains(byte));
    let fits = match sign {
        b'$' | b'#' => name == 0 || has_name,
        b'%' | b'>' => name == 0,
        _ => false,
    };
    if fits && bytes.get(name + 1).is_none_or(|byte| *byte == b' ') { name + 1 } else { 0 }
}

struct Shell<'t> {
    scan: Scanner<'t>,
    /// Whether the next word is a command.
    command: bool,
    /// The ends of the texts that begin at the next line; whether tabs may stand before them.
    heredocs: Vec<(&'t str, bool)>,
    /// Whether quotes may still be closed: one that stays open is a mere sign, and so are all behind it.
    quotes: bool,
    /// Whether `in` is a word of the language: behind `for` and `case`.
    awaits_in: bool,
}

impl<'t> Shell<'t> {
    fn new(text: &'t str) -> Self {
        Self { scan: Scanner::new(text), command: true, heredocs: vec![], quotes: true, awaits_in: false }
    }

    fn read(&mut self, limit: usize) {
        while self.scan.at < limit {
            let start = self.scan.at;
            let at_word = start == 0 || matches!(self.scan.bytes[start - 1], b' ' | b'\t' | b'\n' | b';' | b'(');
            match self.scan.byte() {
                b'\n' => {
                    self.scan.at += 1;
                    self.command = true;
                    self.awaits_in = false;
                    self.heredoc(limit);
                }
                b'\\' => {
                    self.scan.at = (start + 2).min(limit);
                    // Never into the middle of a character.
                    while !self.scan.text.is_char_boundary(self.scan.at) {
                        self.scan.at += 1;
                    }
                }
                b'#' if at_word => self.scan.mark_to(self.scan.line_end(), Class::Comment),
                b'\'' if self.quotes && !follows_word(self.scan.bytes, start) => self.single_quoted(limit),
                b'"' if self.quotes => self.double_quoted(limit),
                b'$' => self.variable(),
                b'<' if self.scan.ahead(1) == b'<' => self.heredoc_start(limit),
                b';' | b'|' | b'&' | b'(' | b'`' => {
                    self.scan.at += 1;
                    self.command = true;
                }
                byte if is_word(byte) || matches!(byte, b'-' | b'.' | b'/' | b'[') => self.word(limit),
                byte => {
                    self.scan.at += 1;
                    self.command &= matches!(byte, b' ' | b'\t' | b'{' | b'!');
                }
            }
        }
    }

    fn word(&mut self, limit: usize) {
        let start = self.scan.at;
        let rest = self.scan.skip(|byte| is_word(byte) || matches!(byte, b'-' | b'.' | b'/' | b'[' | b':' | b'+'));
        let word = &rest[..rest.len().min(limit - start)];
        self.scan.at = start + word.len();
        let is_command = std::mem::take(&mut self.command);
        let at_end = matches!(self.scan.byte(), 0 | b' ' | b'\t' | b'\n' | b';' | b')' | b'|' | b'&' | b'`');
        if is_command && self.scan.byte() == b'=' && word.iter().all(|byte| is_word(*byte)) {
            self.scan.mark(start, Class::Variable);
            self.command = self.scan.ahead(1) == b' ';
        } else if is_command && at_end {
            match word {
                b"if" | b"then" | b"else" | b"elif" | b"while" | b"until" | b"do" | b"time" => {
                    self.scan.mark(start, Class::Keyword);
                    self.command = true;
                }
                b"for" | b"case" | b"select" => {
                    self.scan.mark(start, Class::Keyword);
                    self.awaits_in = true;
                }
                b"fi" | b"done" | b"esac" | b"function" | b"return" | b"break" | b"continue" => {
                    self.scan.mark(start, Class::Keyword)
                }
                b"sudo" | b"exec" | b"eval" | b"command" => {
                    self.scan.mark(start, Class::Builtin);
                    self.command = true;
                }
                word if is_builtin(word) => self.scan.mark(start, Class::Builtin),
                _ => {}
            }
        } else if at_end && word == b"in" && std::mem::take(&mut self.awaits_in) {
            self.scan.mark(start, Class::Keyword);
        } else if at_end && is_number(word) && !follows_word(self.scan.bytes, start) {
            self.scan.mark(start, Class::Number);
        }
    }

    fn single_quoted(&mut self, limit: usize) {
        match self.scan.string_end(limit, false) {
            Some(end) => self.scan.mark_to(end, Class::Text),
            None => {
                self.quotes = false;
                self.scan.at += 1;
            }
        }
        self.command = false;
    }

    /// A string, with the variables in it.
    fn double_quoted(&mut self, limit: usize) {
        self.command = false;
        let Some(end) = self.scan.string_end(limit, true) else {
            self.quotes = false;
            self.scan.at += 1;
            return;
        };
        let mut start = self.scan.at;
        while self.scan.at < end {
            match self.scan.byte() {
                b'\\' => self.scan.at += 2,
                b'$' if is_variable_start(self.scan.ahead(1)) && self.scan.at + 1 < end => {
                    self.scan.mark(start, Class::Text);
                    self.variable();
                    // A brace that is not closed in the string ends with it.
                    self.scan.at = self.scan.at.min(end);
                    start = self.scan.at;
                }
                _ => self.scan.at += 1,
            }
        }
        self.scan.at = end;
        self.scan.mark(start, Class::Text);
    }

    /// `$name`, `${...}`, `$1`; `$(` begins a command.
    fn variable(&mut self) {
        let start = self.scan.at;
        self.scan.at += 1;
        match self.scan.byte() {
            b'(' => {
                self.scan.at += 1;
                self.command = true;
                return;
            }
            b'{' => {
                let rest = &self.scan.bytes[self.scan.at..self.scan.line_end()];
                let Some(length) = rest.iter().take(128).position(|byte| matches!(byte, b'}' | b'"')) else { return };
                self.scan.at += length + usize::from(rest[length] == b'}');
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                self.scan.skip(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            }
            byte if is_variable_start(byte) => self.scan.at += 1,
            _ => return,
        }
        self.command = false;
        self.scan.mark(start, Class::Variable);
    }

    /// `<<END`, `<<-'END'`: the text begins at the next line. `<<<` begins none.
    fn heredoc_start(&mut self, limit: usize) {
        self.scan.at += 2;
        self.command = false;
        if self.scan.byte() == b'<' {
            self.scan.at += 1;
            return;
        }
        let tabs = self.scan.byte() == b'-';
        self.scan.at += usize::from(tabs);
        self.scan.blanks();
        let quote = Some(self.scan.byte()).filter(|byte| matches!(byte, b'\'' | b'"' | b'\\'));
        self.scan.at += usize::from(quote.is_some());
        let start = self.scan.at;
        self.scan.skip(is_word);
        if self.scan.at > limit || self.scan.at == start {
            self.scan.at = start.min(limit);
            return;
        }
        self.heredocs.push((&self.scan.text[start..self.scan.at], tabs));
        self.scan.at += usize::from(quote == Some(self.scan.byte()) && quote != Some(b'\\'));
    }

    /// The text that begins here, up to the line that ends it.
    fn heredoc(&mut self, limit: usize) {
        for (word, tabs) in std::mem::take(&mut self.heredocs) {
            let start = self.scan.at;
            while self.scan.at < limit {
                let end = self.scan.line_end();
                let line = &self.scan.text[self.scan.at..end];
                let bare = if tabs { line.trim_start_matches('\t') } else { line };
                // Pages indent whole blocks: the end is found there too.
                if bare.trim() == word {
                    break;
                }
                self.scan.at = (end + 1).min(self.scan.text.len());
            }
            self.scan.mark(start, Class::Text);
            self.scan.at = self.scan.line_end();
        }
    }
}

/// Whether the byte before is a part of a word: a quote there is an apostrophe.
fn follows_word(bytes: &[u8], at: usize) -> bool {
    at > 0 && is_word(bytes[at - 1])
}

fn is_variable_start(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'{' | b'@' | b'#' | b'?' | b'*' | b'!' | b'$')
}

fn is_builtin(word: &[u8]) -> bool {
    matches!(
        word,
        b"alias"
            | b"bg"
            | b"cd"
            | b"declare"
            | b"echo"
            | b"exit"
            | b"export"
            | b"false"
            | b"fg"
            | b"hash"
            | b"help"
            | b"history"
            | b"jobs"
            | b"kill"
            | b"let"
            | b"local"
            | b"popd"
            | b"printf"
            | b"pushd"
            | b"pwd"
            | b"read"
            | b"readonly"
            | b"set"
            | b"shift"
            | b"shopt"
            | b"source"
            | b"test"
            | b"trap"
            | b"true"
            | b"type"
            | b"typeset"
            | b"ulimit"
            | b"umask"
            | b"unalias"
            | b"unset"
            | b"wait"
            | b"["
    )
}
