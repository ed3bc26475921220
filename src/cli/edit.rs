//! `docbuild edit SHOWN FILE` (hidden): the editor that `kubectl edit` opens while a page is verified.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{DONE, FAILED, Terminal};
use crate::verify::edit;

/// What is put where.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file with the lines that the page shows
    shown: PathBuf,
    /// The file that is edited
    file: PathBuf,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> ExitCode {
    let read = |path: &PathBuf| std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
    let edited = read(&args.shown)
        .and_then(|shown| edit::merge(&read(&args.file)?, &shown))
        .and_then(|text| std::fs::write(&args.file, text).map_err(|error| format!("{}: {error}", args.file.display())));
    match edited {
        Ok(()) => ExitCode::from(DONE),
        Err(error) => {
            terminal.error(&error, &[]);
            ExitCode::from(FAILED)
        }
    }
}
