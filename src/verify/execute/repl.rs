//! A program with a prompt of its own (`redis-cli`, `mysql`, `psql`, `python`), driven on a terminal.
//!
//! In: the command that opens it, then lines as a person types them. Out: what each line printed, without
//! prompt, echo and terminal escapes. Such a program says no exit codes. The terminal is util-linux's
//! `script`: 24 rows, 80 columns, on pipes.

use std::time::{Duration, Instant};

use super::driver::{Shell, Tail};
use crate::verify::matching::Actual;
use crate::verify::shell::quote;

/// After this long without a byte, a prompt at the end of what came is taken for one.
const QUIET: Duration = Duration::from_millis(300);
/// After this long without a prompt, a line end is sent, as `kubectl` asks people to.
const NUDGE: Duration = Duration::from_secs(8);

/// A program at its prompt.
pub(super) struct Repl {
    tail: Tail,
    prompt: String,
    /// Bytes of output that earlier lines have had.
    read: usize,
}

/// What the key sends. A terminal makes a line end of it, unless the program reads keys itself.
const ENTER: &str = "\r";

/// The command that runs `text` on a terminal of its own.
pub(super) fn on_terminal(text: &str) -> String {
    let inner = format!("stty rows 24 cols 80 2>/dev/null; exec {text}");
    format!("exec script -q -e -f -c {} /dev/null", quote(&inner))
}

impl Repl {
    /// Waits for the first prompt of a program that was just started on a terminal.
    ///
    /// # Errors
    /// What it printed instead, where it ends or shows none in time.
    pub(super) async fn open(shell: Shell, limit: Duration) -> Result<Self, Actual> {
        let mut repl = Self { tail: Tail::of(shell), prompt: String::new(), read: 0 };
        let deadline = Instant::now() + limit;
        let mut nudge = Instant::now() + NUDGE;
        loop {
            let quiet = !repl.tail.read((Instant::now() + QUIET).min(deadline)).await;
            if repl.tail.ended() {
                repl.tail.settle().await;
                return Err(repl.tail.actual());
            }
            let text = repl.new_text();
            if let Some(prompt) = prompt_of(&text).filter(|_| quiet) {
                repl.prompt = prompt.to_owned();
                repl.read = repl.tail.actual().stdout.len();
                return Ok(repl);
            }
            if Instant::now() > deadline {
                let said = repl.tail.actual();
                repl.tail.close().await;
                return Err(said);
            }
            if Instant::now() > nudge {
                repl.tail.send(ENTER).await;
                nudge = deadline;
            }
        }
    }

    /// Types one line and waits for the next prompt.
    pub(super) async fn line(&mut self, text: &str, limit: Duration) -> (Actual, Stopped) {
        let deadline = Instant::now() + limit;
        self.tail.send(&format!("{}{ENTER}", text.trim_end())).await;
        loop {
            let quiet = !self.tail.read((Instant::now() + QUIET).min(deadline)).await;
            let said = self.new_text();
            let ended = self.tail.ended();
            let at_prompt = quiet && said.trim_end().ends_with(self.prompt.as_str()) && said.contains('\n');
            let late = Instant::now() > deadline;
            if ended || at_prompt || late {
                self.read = self.tail.actual().stdout.len();
                // Of one that is late, all that came shows whether it is there at all.
                let stdout = if ended || at_prompt { printed(&said, text, &self.prompt) } else { said };
                let actual = Actual { stdout, stderr: String::new(), exit: None, terminal: true };
                let stopped = match (ended, at_prompt) {
                    (true, _) => Stopped::Ended,
                    (false, true) => Stopped::AtPrompt,
                    (false, false) => Stopped::Late,
                };
                return (actual, stopped);
            }
        }
    }

    /// Ends the program.
    pub(super) async fn close(self) {
        self.tail.close().await;
    }

    fn new_text(&self) -> String {
        let all = self.tail.actual().stdout;
        plain(all.get(self.read..).unwrap_or_default())
    }
}

/// How the answer to a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    /// The program asks for the next line.
    AtPrompt,
    /// The program is gone.
    Ended,
    /// It did not ask in time. A late answer would be taken for the next line's: it is of no more use.
    Late,
}

/// The text without terminal escapes, carriage returns and what they overwrite.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                Some('[') => {
                    // Parameters and intermediates up to a final byte (ECMA-48, 5.4).
                    while chars.next().is_some_and(|c| !('\u{40}'..='\u{7e}').contains(&c)) {}
                }
                Some(']') => while chars.next().is_some_and(|c| c != '\u{7}' && c != '\u{1b}') {},
                _ => {}
            },
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => {
                let line = out.rfind('\n').map_or(0, |at| at + 1);
                out.truncate(line);
            }
            '\u{8}' => {
                out.pop();
            }
            c if c == '\n' || c == '\t' || !c.is_control() => out.push(c),
            _ => {}
        }
    }
    out
}

/// The prompt at the end of a text: its last line, if that is short and ends as prompts do.
fn prompt_of(text: &str) -> Option<&str> {
    let line = text.rsplit('\n').next()?.trim();
    let fits = line.len() <= 60 && line.ends_with(['>', '#', '$', '%']);
    fits.then_some(line)
}

/// What a line printed: without its echo in front and the next prompt behind.
fn printed(said: &str, typed: &str, prompt: &str) -> String {
    let body = said.trim_end().strip_suffix(prompt).unwrap_or(said);
    let mut lines: Vec<&str> = body.lines().collect();
    let typed = typed.trim();
    if let Some(first) = lines.first()
        && first.trim_start_matches(prompt).trim() == typed
    {
        lines.remove(0);
    }
    let mut out = lines.join("\n");
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_overwritten_text_go() {
        assert_eq!(plain("\u{1b}[1;32mok\u{1b}[0m\r\nab\u{8}c\r\n"), "ok\nac\n");
        assert_eq!(plain("old\rnew\n\u{1b}]0;title\u{7}x"), "new\nx");
    }

    #[test]
    fn what_was_printed_stands_between_echo_and_prompt() {
        let prompt = prompt_of("hello\n127.0.0.1:6379> ").unwrap();
        assert_eq!(prompt, "127.0.0.1:6379>");
        assert_eq!(
            printed("CONFIG GET maxmemory\n1) \"a\"\n2) \"b\"\n127.0.0.1:6379> ", "CONFIG GET maxmemory", prompt),
            "1) \"a\"\n2) \"b\"\n"
        );
        assert_eq!(prompt_of("no prompt\n"), None);
        assert_eq!(prompt_of("a sentence that only ends: "), None);
    }

    #[tokio::test]
    async fn a_program_is_driven_by_its_prompt() {
        if !std::path::Path::new("/usr/bin/script").exists() {
            return;
        }
        // A shell with a prompt of its own is as good a program as any.
        let text = on_terminal("env PS1='calc> ' bash --noprofile --norc -i");
        let mut command = tokio::process::Command::new("bash");
        command.args(["--noprofile", "--norc", "-c", &text]).env("TERM", "dumb");
        let shell = Shell::start(command, "n0nce").unwrap();
        let limit = Duration::from_secs(20);
        let mut repl = Repl::open(shell, limit).await.ok().unwrap();
        let (said, stopped) = repl.line("echo $((6*7))", limit).await;
        assert_eq!((said.stdout.as_str(), stopped), ("42\n", Stopped::AtPrompt));
        let (said, _) = repl.line("stty size", limit).await;
        assert_eq!(said.stdout, "24 80\n");
        let (said, stopped) = repl.line("sleep 30", Duration::from_millis(300)).await;
        assert_eq!((said.stdout.trim(), stopped), ("sleep 30", Stopped::Late));
        repl.close().await;
    }
}
