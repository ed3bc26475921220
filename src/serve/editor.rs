//! Opening a file from the error overlay in the author's editor.

use std::path::Path;
use std::process::{Command, Stdio};

/// Runs the editor's command for a place: `{file}`, `{line}` and `{column}` in it are filled in; a
/// command without them gets `FILE:LINE:COLUMN` as its last argument.
///
/// # Errors
/// When the command is empty or can't be started.
pub(super) fn open(command: &str, file: &Path, line: usize, column: usize) -> std::io::Result<()> {
    let arguments = arguments(command, &file.to_string_lossy(), line, column);
    let Some((program, arguments)) = arguments.split_first() else {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "the editor's command is empty"));
    };
    let mut child = Command::new(program).args(arguments).stdin(Stdio::null()).spawn()?;
    // The editor outlives the request; its exit is awaited so that it leaves no zombie.
    std::thread::spawn(move || drop(child.wait()));
    Ok(())
}

/// The command's words; blanks separate them, no shell is involved.
fn arguments(command: &str, file: &str, line: usize, column: usize) -> Vec<String> {
    let has_places = command.contains("{file}");
    let fill = |word: &str| {
        word.replace("{line}", &line.to_string()).replace("{column}", &column.to_string()).replace("{file}", file)
    };
    let mut words: Vec<String> = command.split_whitespace().map(fill).collect();
    if !has_places && !words.is_empty() {
        words.push(format!("{file}:{line}:{column}"));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_without_a_shell() {
        assert_eq!(arguments("code -g", "/a b.md", 3, 4), ["code", "-g", "/a b.md:3:4"]);
        assert_eq!(arguments("vim +{line} {file}", "/a; rm {line}.md", 3, 4), ["vim", "+3", "/a; rm {line}.md"]);
        assert!(arguments(" ", "/a", 1, 1).is_empty());
    }
}
