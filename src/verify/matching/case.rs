//! What a matcher is given: documented lines with their places, the command, what came.

use super::{Actual, Documented, token};

/// A documented output and what came, cut into lines once.
pub(super) struct Case<'a> {
    /// The documented lines, blank ones at both ends and a final prompt removed.
    pub(super) lines: Vec<Line<'a>>,
    /// What came.
    pub(super) actual: &'a Actual,
    /// The command's words.
    pub(super) command: Command<'a>,
    /// The command as the page prints it.
    pub(super) command_text: &'a str,
    /// The source line of the block's first line, whatever stands there.
    begins: usize,
}

/// A line and its 1-based line in the source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) source: usize,
}

/// The words of a command, as far as matching needs them.
pub(super) struct Command<'a> {
    words: Vec<&'a str>,
}

impl<'a> Case<'a> {
    pub(super) fn new(documented: &Documented<'a>, actual: &'a Actual) -> Self {
        let mut last = documented.command_line;
        let begins = documented.lines.first().copied().unwrap_or(last);
        let mut lines: Vec<Line<'a>> = documented
            .text
            .lines()
            .enumerate()
            .map(|(index, text)| {
                last = documented.lines.get(index).copied().unwrap_or(last);
                Line { text: text.trim_end(), source: last }
            })
            .collect();
        while lines.last().is_some_and(|line| line.text.is_empty()) {
            lines.pop();
        }
        // What was copied from a terminal begins with the command.
        let command = documented.command.trim();
        let echo = |text: &str| text.trim() == command || is_typed(text, command);
        let copied = lines.iter().take_while(|line| line.text.is_empty() || echo(line.text)).count();
        lines.drain(..copied.min(lines.len().saturating_sub(1)));
        if lines.len() > 1 && lines.last().is_some_and(|line| is_prompt(line.text)) {
            lines.pop();
        }
        let command = Command { words: documented.command.split_whitespace().collect() };
        Self { lines, actual, command, command_text: documented.command, begins }
    }

    /// Whether every documented line may be held against every one that came.
    pub(super) fn is_comparable(&self) -> bool {
        const MOST: usize = 50_000_000;
        let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let came = lines(&self.actual.stdout) + lines(&self.actual.stderr);
        self.lines.len().saturating_mul(came) <= MOST
    }

    /// The source line of the first documented line; the block's first where nothing is documented.
    pub(super) fn first_line(&self) -> usize {
        self.lines.first().map_or(self.begins, |line| line.source)
    }

    /// The first documented line that is neither blank nor an elision.
    pub(super) fn head(&self) -> Option<&Line<'a>> {
        self.lines.iter().find(|line| !line.text.trim().is_empty() && !token::is_elision(line.text))
    }
}

impl Command<'_> {
    /// Whether this word is among the command's.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    /// Whether one of these words is among the command's.
    pub(super) fn has_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.has(word))
    }

    /// Whether the command runs this program, at its head or behind `|`, `;`, `&&`, `--`, `sudo`.
    pub(super) fn runs(&self, program: &str) -> bool {
        self.words.iter().enumerate().any(|(index, word)| {
            let word = word.trim_start_matches("$(").trim_start_matches('(');
            word == program
                && (index == 0 || matches!(self.words[index - 1], "|" | ";" | "&&" | "||" | "--" | "sudo" | "time"))
        })
    }

    /// The value of `-o`, `--output`, glued or apart.
    pub(super) fn output_format(&self) -> Option<&str> {
        self.words.iter().enumerate().find_map(|(index, word)| match *word {
            "-o" | "--output" => self.words.get(index + 1).copied(),
            _ => word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o=")).or_else(|| {
                word.strip_prefix("-o")
                    .filter(|rest| ["yaml", "json", "wide", "name"].iter().any(|format| rest.starts_with(format)))
            }),
        })
    }
}

/// Whether a line is a command behind a prompt.
fn is_typed(line: &str, command: &str) -> bool {
    line.strip_suffix(command).is_some_and(|before| !command.is_empty() && is_prompt(before))
}

/// `root@host:/#` and its like with nothing behind it: a terminal that waits is no output.
pub(super) fn is_prompt(line: &str) -> bool {
    let line = line.trim();
    let Some(before) = line.strip_suffix(['#', '$', '%', '>']) else { return false };
    let before = before.trim_end();
    before.is_empty() && line == "$"
        || before == "/"
        || (before.contains('@') && before.contains(':') && !before.contains(' '))
        || (before.starts_with("[ ") && before.ends_with(']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_told_from_output() {
        for prompt in ["root@mynode:/#", "/ #", "$", "user@host:~$", "[ root@pod:/ ]$"] {
            assert!(is_prompt(prompt), "{prompt}");
        }
        for output in ["100 %", "a > ", "# Kubernetes-managed hosts file.", "#", "price: 5 $"] {
            assert!(!is_prompt(output), "{output}");
        }
    }

    #[test]
    fn formats_and_programs_of_a_command() {
        let command = |text: &'static str| Command { words: text.split_whitespace().collect() };
        assert_eq!(command("kubectl get pod x -o yaml").output_format(), Some("yaml"));
        assert_eq!(command("kubectl get pod x --output=json").output_format(), Some("json"));
        assert_eq!(command("kubectl get pod -ojson").output_format(), Some("json"));
        assert_eq!(command("curl -O x").output_format(), None);
        assert!(command("kubectl exec x -- ls -l").runs("ls"));
        assert!(!command("kubectl get ls").runs("ls"));
    }
}
