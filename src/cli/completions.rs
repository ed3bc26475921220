//! `docbuild completions SHELL`.

use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, DONE, Terminal};

/// The flags of `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> ExitCode {
    let mut script = vec![];
    clap_complete::generate(args.shell, &mut Cli::command(), "docbuild", &mut script);
    terminal.data(&String::from_utf8_lossy(&script));
    ExitCode::from(DONE)
}
