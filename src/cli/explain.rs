//! `docbuild explain [CODE]`: a kind of mistake in full, or the list of all.

use std::process::ExitCode;

use super::{DONE, Terminal, USAGE};
use crate::diagnostics::{codes, nearest};

/// The flags of `explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The code in brackets of a message; without one, all are listed
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> ExitCode {
    let Some(wanted) = &args.code else {
        let mut all: Vec<&str> = codes::ALL.iter().map(|code| code.id).collect();
        all.sort_unstable();
        terminal.data(&format!("{}\n", all.join("\n")));
        return ExitCode::from(DONE);
    };
    // People paste what they see: `error[code]: ...`.
    let id = wanted.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or(wanted.as_str(), |(id, _)| id);
    if let Some(code) = codes::find(id) {
        terminal.data(&format!("{}\n\n{}\n", code.id, wrap(code.explanation, terminal.style.width.min(100))));
        return ExitCode::from(DONE);
    }
    let mut help = vec!["`docbuild explain` lists all codes".to_owned()];
    if let Some(meant) = nearest(id, codes::ALL.iter().map(|code| code.id)) {
        help.insert(0, format!("did you mean `{meant}`?"));
    }
    terminal.error(&format!("there is no code `{id}`"), &help);
    ExitCode::from(USAGE)
}

/// Breaks a paragraph at blanks into lines of at most `width` columns.
fn wrap(text: &str, width: usize) -> String {
    let mut wrapped = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = unicode_width::UnicodeWidthStr::width(word);
        if column > 0 && column + 1 + length > width {
            wrapped.push('\n');
            column = 0;
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_fit_the_terminal() {
        let text = wrap("one two three four supercalifragilistic five", 9);
        assert_eq!(text, "one two\nthree\nfour\nsupercalifragilistic\nfive");
    }
}
