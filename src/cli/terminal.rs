//! Where the commands print: data to stdout, all else to stderr, in colour where it is wanted.
//!
//! The only place that writes to the standard streams. A closed pipe is success, as everywhere on
//! Unix: who reads no further has what they wanted.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};

use super::GlobalFlags;
use crate::diagnostics::render::{Style, render};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};

/// How many mistakes of one kind are printed for one file: the first ones tell what the rest is.
const MOST_ALIKE: usize = 50;

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// Where stderr is a terminal and NO_COLOR is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The standard streams and how to write to them.
#[derive(Debug, Clone)]
pub struct Terminal {
    /// Colours and width of stderr.
    pub style: Style,
    /// Colours of stdout.
    pub stdout_color: bool,
    /// `--quiet`.
    pub quiet: bool,
    /// `--verbose`.
    pub verbose: bool,
}

impl Terminal {
    /// As the flags and the environment say.
    #[must_use]
    pub fn new(flags: &GlobalFlags) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = |is_terminal: bool| match flags.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => is_terminal && !no_color,
        };
        let width = std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok())
            .or_else(|| rustix::termios::tcgetwinsize(std::io::stderr()).ok().map(|size| usize::from(size.ws_col)))
            .filter(|&columns| columns > 0)
            .unwrap_or(80);
        Self {
            style: Style { color: color(std::io::stderr().is_terminal()), width },
            stdout_color: color(std::io::stdout().is_terminal()),
            quiet: flags.quiet,
            verbose: flags.verbose,
        }
    }

    /// Prints data.
    pub fn data(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    }

    /// Tells something, unless `--quiet`.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.warn(text);
        }
    }

    /// Tells something, also with `--quiet`.
    pub fn warn(&self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Tells an error that has no place in a file, with what to do.
    pub fn error(&self, message: &str, help: &[String]) {
        let (red, plain) = if self.style.color { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        self.warn(&format!("{red}error{plain}: {message}"));
        for line in help {
            self.warn(&format!("  help: {line}"));
        }
    }

    /// Prints diagnostics in order, and returns whether there was an error among them. With
    /// `--quiet` only errors are printed.
    pub fn diagnostics(&self, diagnostics: Diagnostics) -> bool {
        let failed = diagnostics.has_errors();
        let sorted = diagnostics.sorted();
        self.diagnostic_list(sorted.iter().filter(|said| !self.quiet || said.severity == Severity::Error));
        failed
    }

    /// Prints these diagnostics; without `--verbose`, no more than [`MOST_ALIKE`] of one kind in one
    /// file, and how many more there are.
    pub fn diagnostic_list<'a>(&self, shown: impl IntoIterator<Item = &'a Diagnostic>) {
        let mut alike: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for diagnostic in shown {
            // What has no file is never the same thing twice.
            let Some(place) = diagnostic.place.as_ref().filter(|_| !self.verbose) else {
                self.diagnostic(diagnostic);
                continue;
            };
            let count = alike.entry((&place.file.path, diagnostic.code.id)).or_default();
            *count += 1;
            if *count <= MOST_ALIKE {
                self.diagnostic(diagnostic);
            }
        }
        for ((file, code), count) in alike.into_iter().filter(|(_, count)| *count > MOST_ALIKE) {
            self.warn(&format!("{file}: {} more `{code}` (`--verbose` shows all)", count - MOST_ALIKE));
        }
    }

    /// Prints one diagnostic.
    pub fn diagnostic(&self, diagnostic: &Diagnostic) {
        self.warn(&render(diagnostic, self.style));
    }
}
