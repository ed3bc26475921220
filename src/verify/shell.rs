//! Shell text as a page prints it: its complete commands, and the words of each.
//!
//! In: the text of a block. Out: [`Unit`]s, the smallest runs of lines that a shell would execute as
//! one (a continued line, a heredoc, a loop), and their [`Simple`] commands. This is no shell: it
//! knows quotes, heredocs and compound commands well enough to find where things end, and never
//! expands anything. Total: any text gives units.

/// One complete command of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Index of its first line in the block.
    pub first: usize,
    /// Index of its last line in the block.
    pub last: usize,
    /// Its text, without a final newline.
    pub text: String,
}

/// A simple command: words without operators, assignments in front removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simple {
    /// The words, quotes removed. The first is the command; none for a bare assignment.
    pub words: Vec<String>,
    /// `NAME=value` in front of it.
    pub assignments: Vec<String>,
    /// Files that it writes (`> file`, `>> file`), `/dev/null` and descriptors apart.
    pub writes: Vec<String>,
    /// Whether it is left running (`&`).
    pub background: bool,
}

impl Simple {
    /// The command's name; empty for an assignment.
    #[must_use]
    pub fn name(&self) -> &str {
        self.words.first().map_or("", |word| word.as_str())
    }
}

/// Splits a block into complete commands. Blank lines and comment lines between them belong to none.
#[must_use]
pub fn units(text: &str) -> Vec<Unit> {
    let lines: Vec<&str> = text.lines().collect();
    let mut units = vec![];
    let mut first = 0;
    while first < lines.len() {
        let line = lines[first].trim();
        if line.is_empty() || line.starts_with('#') {
            first += 1;
            continue;
        }
        let mut last = first;
        let mut scanner = Scanner::default();
        loop {
            if scanner.line(lines[last], &lines[last + 1..]) || last + 1 == lines.len() {
                break;
            }
            last += 1;
        }
        // A quote or compound that never ends is no reason to swallow the rest of the block.
        if !scanner.complete() && last > first {
            last = first;
        }
        units.push(Unit { first, last, text: lines[first..=last].join("\n") });
        first = last + 1;
    }
    units
}

/// Finds where a command ends.
#[derive(Debug, Default)]
struct Scanner {
    quote: Option<char>,
    depth: usize,
    heredocs: Vec<String>,
    continued: bool,
}

impl Scanner {
    /// Reads one more line; returns whether the command is complete with it.
    fn line(&mut self, line: &str, following: &[&str]) -> bool {
        if self.quote.is_none()
            && let Some(end) = self.heredocs.first()
        {
            if line.trim_start_matches('\t') == end || line.trim() == end {
                self.heredocs.remove(0);
            }
            return self.complete();
        }
        self.continued = false;
        self.scan(line, following);
        self.complete()
    }

    fn complete(&self) -> bool {
        self.quote.is_none() && self.depth == 0 && self.heredocs.is_empty() && !self.continued
    }

    fn scan(&mut self, line: &str, following: &[&str]) {
        let chars: Vec<char> = line.chars().collect();
        let mut word = String::new();
        let mut command_position = self.quote.is_none();
        let mut at = 0;
        while at < chars.len() {
            let c = chars[at];
            if let Some(quote) = self.quote {
                if c == '\\' && quote == '"' {
                    at += 1;
                } else if c == quote {
                    self.quote = None;
                }
                at += 1;
                continue;
            }
            match c {
                '\\' => {
                    self.continued = at + 1 == chars.len();
                    word.push('\\');
                    at += 1;
                }
                '\'' | '"' => {
                    self.quote = Some(c);
                    word.push(c);
                }
                '#' if word.is_empty() && (at == 0 || chars[at - 1].is_whitespace()) => break,
                '<' if self.heredoc(&chars[at..], following) => at += 1,
                ' ' | '\t' | ';' | '|' | '&' | '(' | ')' => {
                    command_position = self.word(&word, command_position) || matches!(c, ';' | '|' | '&' | '(');
                    word.clear();
                    match c {
                        '(' => self.depth += 1,
                        ')' => self.depth = self.depth.saturating_sub(1),
                        _ => {}
                    }
                }
                _ => word.push(c),
            }
            at += 1;
        }
        if self.quote.is_none() {
            self.word(&word, command_position);
            let code = line.trim_end();
            self.continued |= code.ends_with("&&") || code.ends_with('|');
        }
    }

    /// Notes a heredoc's end word; also of `<EOF`, a slip for `<<EOF`, where a line `EOF` follows.
    fn heredoc(&mut self, rest: &[char], following: &[&str]) -> bool {
        let double = rest.get(1) == Some(&'<');
        if double && rest.get(2) == Some(&'<') {
            return true;
        }
        let from = if double { 2 } else { 1 };
        let name: String = rest[from..]
            .iter()
            .skip_while(|c| matches!(c, '-' | ' '))
            .take_while(|c| !c.is_whitespace() && !matches!(c, '>' | '|' | ';' | '&' | ')'))
            .filter(|c| !matches!(c, '\'' | '"' | '\\'))
            .collect();
        let is_word = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if is_word && (double || following.iter().any(|line| line.trim() == name)) {
            self.heredocs.push(name);
        }
        double
    }

    /// Counts compound commands; returns whether the next word is at a command's place.
    fn word(&mut self, word: &str, command_position: bool) -> bool {
        if word.is_empty() {
            return command_position;
        }
        if !command_position {
            return false;
        }
        match word {
            "for" | "while" | "until" | "case" | "select" | "if" | "{" => self.depth += 1,
            "done" | "fi" | "esac" | "}" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        matches!(word, "do" | "then" | "else" | "elif" | "while" | "until" | "if" | "{" | "!" | "time")
            || word.contains('=') && !word.starts_with('-')
    }
}

/// The simple commands of a unit, in order. Loops and conditions are taken apart; what stands in
/// `$(...)` or a heredoc is not.
#[must_use]
pub fn simple_commands(text: &str) -> Vec<Simple> {
    let mut lexer = Lexer { commands: vec![], current: Simple::default(), word: None, redirect: None };
    lexer.run(&without_heredocs(text));
    lexer.commands
}

/// Words that only introduce a command, or end one.
const KEYWORDS: &[&str] =
    &["do", "done", "then", "else", "elif", "fi", "esac", "if", "while", "until", "{", "}", "!", "time", "in"];

struct Lexer {
    commands: Vec<Simple>,
    current: Simple,
    word: Option<String>,
    redirect: Option<bool>,
}

impl Lexer {
    fn run(&mut self, text: &str) {
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        while at < chars.len() {
            let c = chars[at];
            let next = chars.get(at + 1).copied();
            match c {
                '\\' if next == Some('\n') => at += 1,
                '\\' => {
                    self.push(next.unwrap_or('\\'));
                    at += 1;
                }
                '\'' | '"' => at = self.quoted(&chars, at),
                '$' if next == Some('(') => at = self.substitution(&chars, at),
                '#' if self.word.is_none() => {
                    while at + 1 < chars.len() && chars[at + 1] != '\n' {
                        at += 1;
                    }
                }
                '>' | '<' => at = self.redirection(&chars, at),
                ' ' | '\t' => self.end_word(),
                '\n' | ';' | '(' | ')' => self.end_command(false),
                '|' => self.end_command(false),
                '&' if next == Some('&') => {
                    self.end_command(false);
                    at += 1;
                }
                '&' if next == Some('>') => {
                    at += 1;
                    at = self.redirection(&chars, at);
                }
                '&' => self.end_command(true),
                _ => self.push(c),
            }
            at += 1;
        }
        self.end_command(false);
    }

    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    /// Takes a quoted string; returns the place of its last quote.
    fn quoted(&mut self, chars: &[char], open: usize) -> usize {
        let quote = chars[open];
        let word = self.word.get_or_insert_default();
        let mut at = open + 1;
        while at < chars.len() && chars[at] != quote {
            if chars[at] == '\\' && quote == '"' && at + 1 < chars.len() {
                at += 1;
            }
            word.push(chars[at]);
            at += 1;
        }
        at
    }

    /// Takes `$(...)` as part of a word; returns the place of its last parenthesis.
    fn substitution(&mut self, chars: &[char], open: usize) -> usize {
        let mut depth = 0;
        let mut at = open;
        while at < chars.len() {
            self.push(chars[at]);
            match chars[at] {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 && at > open {
                break;
            }
            at += 1;
        }
        at
    }

    fn redirection(&mut self, chars: &[char], at: usize) -> usize {
        let descriptor =
            self.word.as_deref().is_some_and(|word| word.len() == 1 && word.bytes().all(|b| b.is_ascii_digit()));
        if descriptor {
            self.word = None;
        } else {
            self.end_word();
        }
        let mut last = at;
        if chars.get(last + 1) == Some(&'>') {
            last += 1;
        }
        if chars.get(last + 1) == Some(&'&') {
            // `2>&1` names a descriptor, no file.
            last += 1;
            while chars.get(last + 1).is_some_and(|c| c.is_ascii_digit() || *c == '-') {
                last += 1;
            }
            return last;
        }
        self.redirect = Some(chars[at] == '>');
        last
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if let Some(write) = self.redirect.take() {
            if write && word != "/dev/null" {
                self.current.writes.push(word);
            }
        } else if self.current.words.is_empty() && KEYWORDS.contains(&word.as_str()) {
            // What follows is the command.
        } else if self.current.words.is_empty() && is_assignment(&word) {
            self.current.assignments.push(word);
        } else {
            self.current.words.push(word);
        }
    }

    fn end_command(&mut self, background: bool) {
        self.end_word();
        let command = std::mem::take(&mut self.current);
        if command != Simple::default() {
            self.commands.push(Simple { background, ..command });
        }
    }
}

/// The text without the bodies of its heredocs and without their `<<WORD`: what stays are commands.
fn without_heredocs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut ends: Vec<String> = vec![];
    for line in text.split_inclusive('\n') {
        if let Some(end) = ends.first() {
            if line.trim() == end {
                ends.remove(0);
            }
            continue;
        }
        let mut rest = line;
        while let Some(at) = rest.find("<<") {
            out.push_str(&rest[..at]);
            rest = &rest[at + 2..];
            if let Some(string) = rest.strip_prefix('<') {
                // A here-string reads a word: as good as a file to read.
                out.push('<');
                rest = string;
                continue;
            }
            let word = rest.trim_start_matches(['-', ' ']);
            let end = word
                .find(|c: char| c.is_whitespace() || matches!(c, '>' | '|' | ';' | '&' | ')'))
                .unwrap_or(word.len());
            ends.push(word[..end].chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect());
            rest = &word[end..];
        }
        out.push_str(rest);
    }
    out
}

fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    let name = name.strip_suffix('+').unwrap_or(name);
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The text as one word of a POSIX shell.
#[must_use]
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        units(text).into_iter().map(|unit| unit.text).collect()
    }

    fn names(text: &str) -> Vec<String> {
        simple_commands(text).into_iter().map(|command| command.words.join(" ")).collect()
    }

    #[test]
    fn a_unit_is_what_a_shell_runs_at_once() {
        assert_eq!(texts("a\n# note\n\nb \\\n  c\nd |\n e\n"), ["a", "b \\\n  c", "d |\n e"]);
        assert_eq!(texts("cat <<EOF | kubectl apply -f -\nx: 'y\nEOF\nls\n").len(), 2);
        assert_eq!(texts("for i in 1 2\ndo\n  echo $i\ndone\nls\n").len(), 2);
        assert_eq!(texts("while true; do curl x; done\nls").len(), 2);
        assert_eq!(texts("curl --data '{\n a\n}' http://x\nls").len(), 2);
        assert_eq!(texts("cat <EOF >./x.yaml\na: b\nEOF\nls").len(), 2, "a slip for <<EOF");
        assert_eq!(texts("f() {\n  ls\n}\nf").len(), 2);
        assert_eq!(texts("echo don't\nls").len(), 2, "a quote that never ends swallows nothing");
    }

    #[test]
    fn simple_commands_are_words_assignments_and_writes() {
        assert_eq!(
            names("A=1 kubectl get pods -o yaml | grep 'a b' > x.txt 2>&1; ls &"),
            ["kubectl get pods -o yaml", "grep a b", "ls"]
        );
        let commands = simple_commands("A=1 kubectl get x | grep y > x.txt 2>/dev/null & B=$(ls -l)");
        assert_eq!(commands[0].assignments, ["A=1"]);
        assert_eq!(commands[1].writes, ["x.txt"]);
        assert!(commands[1].background);
        assert_eq!(commands[2].assignments, ["B=$(ls -l)"]);
        assert_eq!(names("cat <<EOF | kubectl apply -f -\nrm -rf /\nEOF\n"), ["cat", "kubectl apply -f -"]);
        assert_eq!(
            names("for i in 0 1; do kubectl exec web-$i -- sh -c 'hostname'; done"),
            ["for i in 0 1", "kubectl exec web-$i -- sh -c hostname"]
        );
        assert_eq!(names("if ls; then cat x; fi"), ["ls", "cat x"]);
    }

    #[test]
    fn quoting_survives_a_shell() {
        assert_eq!(quote("it's"), "'it'\\''s'");
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_units_and_commands(text in "[a-z<>|&;'\"\\\\$(){}# \n=EOF-]{0,60}") {
            let lines = text.lines().count();
            for unit in units(&text) {
                proptest::prop_assert!(unit.first <= unit.last && unit.last < lines);
            }
            let _ = simple_commands(&text);
        }
    }
}
