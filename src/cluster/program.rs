//! Programs of the machine that do what the kernel offers no file for: `ip`, `nft`, `debootstrap`.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::ClusterError;

/// Arguments of `setpriv` that run a command in a PID namespace: killing this process ends it with
/// all that it has started.
pub(super) const ENDS_WITH_US: &str = "--pdeathsig KILL unshare --pid --fork --kill-child";

/// The file that `name` would run, looked for in `PATH` and where administration programs are.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/local/go/bin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| is_executable(file))
}

/// Whether this is a file that may be run.
pub(super) fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// A program to be run to its end.
pub(super) struct Program {
    command: Command,
    shown: String,
    input: Option<String>,
}

impl Program {
    /// The program called `name`.
    pub(super) fn new(name: &str) -> Self {
        let file = find(name).unwrap_or_else(|| PathBuf::from(name));
        Self { command: Command::new(file), shown: name.to_owned(), input: None }
    }

    /// Adds arguments that are split at blanks.
    pub(super) fn words(mut self, words: &str) -> Self {
        self.shown = format!("{} {words}", self.shown);
        self.command.args(words.split_ascii_whitespace());
        self
    }

    /// Adds one argument as it is.
    pub(super) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.shown = format!("{} {}", self.shown, argument.as_ref().to_string_lossy());
        self.command.arg(argument);
        self
    }

    /// Gives it this text on its standard input.
    pub(super) fn input(mut self, text: impl Into<String>) -> Self {
        self.input = Some(text.into());
        self
    }

    /// Sets a variable of its environment.
    pub(super) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it and returns its standard output.
    ///
    /// # Errors
    /// When it can't be started or fails; with what it said last on its standard error.
    pub(super) fn output(mut self) -> Result<String, ClusterError> {
        let failed = ClusterError::io(format!("running `{}`", self.shown));
        self.command.stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut run = || {
            let mut child = self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
            if let (Some(text), Some(mut pipe)) = (&self.input, child.stdin.take()) {
                pipe.write_all(text.as_bytes())?;
            }
            child.wait_with_output()
        };
        let output = run().map_err(failed)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        let said = if stderr.trim().is_empty() { String::from_utf8_lossy(&output.stdout) } else { stderr };
        Err(ClusterError::Program {
            program: self.shown,
            status: output.status.to_string(),
            said: last_lines(&said, 5),
        })
    }

    /// Runs it; what it prints is of no interest.
    ///
    /// # Errors
    /// As [`Program::output`].
    pub(super) fn run(self) -> Result<(), ClusterError> {
        self.output().map(drop)
    }

    /// Runs it and tells whether it succeeded.
    pub(super) fn succeeds(self) -> bool {
        self.output().is_ok()
    }
}

/// The last `count` lines that are not blank, each cut to a readable length.
pub(super) fn last_lines(text: &str, count: usize) -> Vec<String> {
    let mut lines: Vec<String> = text
        .lines()
        .rev()
        .filter(|line| !line.trim().is_empty())
        .take(count)
        .map(|line| line.trim_end().chars().take(300).collect())
        .collect();
    lines.reverse();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_carries_the_last_words() {
        let failed = Program::new("sh").arg("-c").arg("echo one >&2; echo two >&2; exit 3").output();
        let Err(ClusterError::Program { program, status, said }) = failed else { panic!("{failed:?}") };
        assert!(program.starts_with("sh -c"), "{program}");
        assert!(status.contains('3'), "{status}");
        assert_eq!(said, ["one", "two"]);
    }

    #[test]
    fn standard_input_is_given() {
        assert_eq!(Program::new("cat").input("a\nb").output().unwrap(), "a\nb");
    }

    #[test]
    fn last_lines_skips_blank_ones() {
        assert_eq!(last_lines("a\n\nb\n  \nc\n\n", 2), ["b", "c"]);
    }
}
