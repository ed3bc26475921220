//! `docbuild report merge A.json B.json...` and `docbuild report show R.json`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::reports::{FailFlags, Kind, ReportFlags};
use super::{DONE, Terminal, USAGE};
use crate::verify::model::{Report, Verdict};
use crate::verify::report::merge::{self, MergeError, Named};

/// The flags of `report`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Join the JSON reports of the shards of one run
    ///
    /// The exit code is that of `verify`. Without --report the whole is printed as JSON.
    Merge {
        /// JSON reports: each page in one of them, all made in the same way
        #[arg(value_name = "REPORT", required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        fail: FailFlags,
        #[command(flatten)]
        reports: ReportFlags,
    },
    /// Show a JSON report, or turn it into another kind
    Show {
        /// A JSON report
        #[arg(value_name = "REPORT")]
        file: PathBuf,
        #[command(flatten)]
        reports: ReportFlags,
    },
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> ExitCode {
    let done = match &args.command {
        Command::Merge { files, fail, reports } => joined(files, *fail, reports, terminal),
        Command::Show { file, reports } => shown(file, reports, terminal),
    };
    done.unwrap_or_else(|code| code)
}

fn joined(
    files: &[PathBuf],
    fail: FailFlags,
    reports: &ReportFlags,
    terminal: &Terminal,
) -> Result<ExitCode, ExitCode> {
    let mut named = vec![];
    for file in files {
        named.push(Named { name: file.display().to_string(), report: read(file, terminal)? });
    }
    let report = merge::merge(named).map_err(|error| {
        let help = match error {
            MergeError::Missing { .. } => "give the reports of all shards; one that is lost has to be run again",
            MergeError::Interrupted { .. } => "run that shard again: with `--cached` it goes on where it was",
            MergeError::Twice { .. } | MergeError::SameShard { .. } => "give each report once",
            _ => "join reports that the same docbuild made of the same pages, on clusters of one kind",
        };
        terminal.error(&format!("the reports can't be joined: {error}"), &[help.to_owned()]);
        ExitCode::from(USAGE)
    })?;
    reports.write(&report, Kind::Json, terminal)?;
    Ok(ExitCode::from(fail.code(&report, planned(&report))))
}

/// Whether something was to be run: a command that only the cluster, or the recording, kept from it.
fn planned(report: &Report) -> bool {
    let commands = || report.pages.iter().flat_map(|page| &page.blocks).flat_map(|block| &block.commands);
    let unanswered = crate::verify::verdict::not_recorded();
    !report.plan
        && commands()
            .any(|command| command.verdict == Some(Verdict::Infra) || command.reason.as_deref() == Some(unanswered))
}

fn shown(file: &Path, reports: &ReportFlags, terminal: &Terminal) -> Result<ExitCode, ExitCode> {
    let report = read(file, terminal)?;
    reports.write(&report, Kind::Text, terminal)?;
    Ok(ExitCode::from(DONE))
}

fn read(file: &Path, terminal: &Terminal) -> Result<Report, ExitCode> {
    let wrong = |message: String| {
        let help = "write one with `docbuild verify --report json=FILE`".to_owned();
        terminal.error(&format!("{}: {message}", file.display()), &[help]);
        ExitCode::from(USAGE)
    };
    let text = std::fs::read_to_string(file).map_err(|error| wrong(format!("it can't be read: {error}")))?;
    merge::read(&text).map_err(|error| wrong(error.to_string()))
}
