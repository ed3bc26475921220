//! Prompts at the head of documented lines.
//!
//! In: a line. Out: the [`Prompt`] it begins with, and the command after it. One table of forms.

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::verify::words;

/// Whose prompt it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prompt {
    /// A user's shell: on the machine unless a shell is open in a container.
    User,
    /// Root in a container.
    Container,
    /// A program with a prompt of its own (`mysql> `).
    Repl,
    /// `# `: root's shell, or a comment; a prompt only where a known command follows.
    Hash,
    /// `> `: a prompt only where every line of the block has it.
    Angle,
}

/// The forms, the most specific first.
static FORMS: LazyLock<Vec<(Prompt, Regex)>> = LazyLock::new(|| {
    [
        (Prompt::Container, r"^\[ ?root@[\w.-]+[: ][^\]]*\][$#]\s+"),
        (Prompt::User, r"^\[ ?[\w.-]+@[\w.-]+[: ][^\]]*\][$#]\s+"),
        (Prompt::Container, r"^root@[\w.-]+:[^\s$#]*#(?:\s+|$)"),
        (Prompt::User, r"^[\w.-]+@[\w.-]+:[^\s$#]*[$#](?:\s+|$)"),
        (Prompt::Container, r"^(?:/[\w./-]*|~) ?#(?:\s+|$)"),
        (Prompt::Container, r"^(?:/[\w./-]*|~) ?\$(?:\s+|$)"),
        (Prompt::User, r"^\$\s+"),
        (Prompt::User, r"^[a-z][\w-]* \$\s+"),
        (Prompt::Repl, r"^>>>\s"),
        (Prompt::Repl, r"^[\w.-]+:\d+>\s"),
        (Prompt::Repl, r"^[a-z]\w*(?:\[\w+\])?[>#]\s"),
        (Prompt::Hash, r"^#\s+"),
        (Prompt::Angle, r"^>\s"),
    ]
    .into_iter()
    .filter_map(|(prompt, form)| Some((prompt, Regex::new(form).ok()?)))
    .collect()
});

/// The prompt at the head of a line and what is typed behind it, by form alone.
#[must_use]
pub fn split(line: &str) -> Option<(Prompt, &str)> {
    FORMS.iter().find_map(|(prompt, form)| form.find(line).map(|found| (*prompt, &line[found.end()..])))
}

/// The lines of a block as a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// Index of its first line in the block.
    pub first: usize,
    /// Index of its last line.
    pub last: usize,
    /// The command, prompts removed.
    pub text: String,
    /// Whose prompt.
    pub prompt: Prompt,
    /// Indices of the output lines after it: `last + 1 .. end`.
    pub end: usize,
}

/// Reads a block as prompts, commands and outputs; `None` if it is no transcript.
#[must_use]
pub fn transcript(text: &str) -> Option<Vec<Typed>> {
    let lines: Vec<&str> = text.lines().collect();
    let filled = || lines.iter().filter(|line| !line.trim().is_empty());
    let all_angle = filled().all(|line| matches!(split(line), Some((Prompt::Angle, _)))) && filled().count() > 0;
    // Before a tool of the machine, with its output below, nothing else begins so.
    let first_angle = filled().next().is_some_and(
        |line| matches!(split(line), Some((Prompt::Angle, rest)) if words::machine_tool(first_word(rest))),
    );
    let bare_command = filled().any(|line| words::known(first_word(line)) && split(line).is_none());
    let rules = Ambiguous { all_angle, first_angle, bare_command };
    let is_prompt = |line| rules.prompt(line);
    let first = lines.iter().position(|line| !line.trim().is_empty())?;
    is_prompt(lines[first])?;
    let mut typed: Vec<Typed> = vec![];
    let mut at = first;
    while at < lines.len() {
        let Some((prompt, rest)) = is_prompt(lines[at]) else {
            at += 1;
            if let Some(last) = typed.last_mut() {
                last.end = at;
            }
            continue;
        };
        let mut text = rest.to_owned();
        let start = at;
        while text.ends_with('\\') && at + 1 < lines.len() {
            at += 1;
            let next = lines[at];
            text.push('\n');
            text.push_str(next.strip_prefix("> ").unwrap_or(next));
        }
        at += 1;
        if !text.trim().is_empty() && !text.trim_start().starts_with('#') {
            typed.push(Typed { first: start, last: at - 1, text, prompt, end: at });
        }
    }
    (!typed.is_empty()).then_some(typed)
}

/// What a whole block says about forms that are a prompt in one block and something else in another.
struct Ambiguous {
    all_angle: bool,
    first_angle: bool,
    bare_command: bool,
}

impl Ambiguous {
    fn prompt<'a>(&self, line: &'a str) -> Option<(Prompt, &'a str)> {
        split(line).filter(|(prompt, rest)| match prompt {
            Prompt::Angle => {
                self.all_angle || self.first_angle && !self.bare_command && words::machine_tool(first_word(rest))
            }
            // Beside commands without a prompt, `# ` is a comment.
            Prompt::Hash => !self.bare_command && words::known(first_word(rest)),
            Prompt::Repl => !rest.is_empty(),
            Prompt::User | Prompt::Container => true,
        })
    }
}

/// The first word of a line.
#[must_use]
pub fn first_word(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_prompt_is_known() {
        for (line, prompt, rest) in [
            ("$ ls", Prompt::User, "ls"),
            ("# ls", Prompt::Hash, "ls"),
            ("/ # ls", Prompt::Container, "ls"),
            ("/# ls", Prompt::Container, "ls"),
            ("root@two-containers:/# ps aux", Prompt::Container, "ps aux"),
            ("root@two-containers:/usr/share# ps", Prompt::Container, "ps"),
            ("user@host:~$ ls", Prompt::User, "ls"),
            ("[ root@curl-131556218-9fnch:/ ]$ nslookup x", Prompt::Container, "nslookup x"),
            ("node $ ls", Prompt::User, "ls"),
            ("127.0.0.1:6379> CONFIG GET maxmemory", Prompt::Repl, "CONFIG GET maxmemory"),
            ("mysql> select 1", Prompt::Repl, "select 1"),
            (">>> print(1)", Prompt::Repl, "print(1)"),
            ("> ls", Prompt::Angle, "ls"),
        ] {
            assert_eq!(split(line), Some((prompt, rest)), "{line}");
        }
        assert_eq!(split("kubectl get pods"), None);
        assert_eq!(split("NAME  READY"), None);
    }

    #[test]
    fn a_transcript_has_commands_and_their_outputs() {
        let typed = transcript("$ a \\\n> b\nout 1\nout 2\n$ c\n").unwrap();
        assert_eq!(typed.len(), 2);
        assert_eq!((typed[0].text.as_str(), typed[0].last, typed[0].end), ("a \\\nb", 1, 4));
        assert_eq!((typed[1].text.as_str(), typed[1].end), ("c", 5));
        assert!(transcript("# Run this inside the container\nls /\n").is_none(), "a comment is no prompt");
        assert!(transcript("# ls /\nbin\n").is_some());
        assert!(transcript("a: b\n> c\n").is_none());
        assert!(transcript("> a\n> b\n").is_some());
        let applied = transcript("> kubectl apply -k ./\ndeployment.apps/x created\n").unwrap();
        assert_eq!((applied[0].text.as_str(), applied[0].end), ("kubectl apply -k ./", 2));
        assert!(transcript("> a quote\n of two lines\n").is_none());
    }
}
