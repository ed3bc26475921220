//! `docbuild doctor`: what this machine can do, and what to do about the rest.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::Terminal;
use crate::cluster::doctor::{Check, checks};

/// What this machine can do: clusters, confinement, a browser
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A check as JSON has it.
#[derive(Serialize)]
struct Line<'a> {
    what: &'a str,
    ok: bool,
    found: &'a str,
    help: &'a [String],
}

/// Runs the command. What is missing is no error: most of it is not needed by most people.
pub(super) fn run(args: &DoctorArgs, terminal: &Terminal) -> ExitCode {
    let checks = checks();
    if args.json {
        let lines: Vec<Line<'_>> = checks
            .iter()
            .map(|check| Line { what: check.what, ok: check.ok, found: &check.found, help: &check.help })
            .collect();
        let text = serde_json::to_string_pretty(&lines).unwrap_or_default();
        terminal.data(&format!("{text}\n"));
        return ExitCode::SUCCESS;
    }
    for check in &checks {
        terminal.data(&describe(check, terminal.stdout_color));
    }
    ExitCode::SUCCESS
}

fn describe(check: &Check, color: bool) -> String {
    let (word, code) = if check.ok { ("ok     ", "32") } else { ("missing", "33") };
    let word = if color { format!("\x1b[{code}m{word}\x1b[0m") } else { word.to_owned() };
    let mut text = format!("{word}  {}: {}\n", check.what, check.found);
    for line in &check.help {
        text.push_str(&format!("         {line}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_says_what_to_do() {
        let check = Check {
            what: "kind",
            ok: false,
            found: "docker not installed".to_owned(),
            help: vec!["install it".to_owned()],
        };
        assert_eq!(describe(&check, false), "missing  kind: docker not installed\n         install it\n");
    }
}
