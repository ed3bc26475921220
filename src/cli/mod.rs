//! The command line: one file a subcommand, which reads flags, calls the library and prints.
//!
//! In: arguments. Out: an exit code (0 done, 1 an error in the content or a finding, 2 usage or
//! configuration, 3 nothing could be run). Data goes to stdout, all else to stderr.

mod bless;
mod build;
mod choice;
mod cluster;
mod completions;
mod doctor;
mod edit;
mod explain;
mod export;
mod init;
mod known;
mod new;
mod patience;
mod progress;
mod report;
mod reports;
mod run_progress;
mod serve;
mod site_flags;
mod terminal;
mod verify;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use terminal::{ColorChoice, Terminal};

/// Builds a localized documentation site from Markdown, and proves that the commands printed in it
/// still do what the page says.
#[derive(Debug, Parser)]
#[command(name = "docbuild", version, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: GlobalFlags,
    #[command(subcommand)]
    command: Command,
}

/// The flags that every command takes.
#[derive(Debug, Clone, clap::Args)]
pub struct GlobalFlags {
    /// The site's root folder [default: the nearest folder upward with book.toml or hugo.toml]
    #[arg(long, global = true, help_heading = "Global options", value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Say only what is wrong
    #[arg(long, short, global = true, help_heading = "Global options")]
    pub quiet: bool,
    /// Say more
    #[arg(long, short, global = true, help_heading = "Global options", conflicts_with = "quiet")]
    pub verbose: bool,
    /// When to use colours: auto, always or never
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub color: ColorChoice,
}

/// The commands, in the order that people meet them.
#[derive(Debug, Subcommand)]
enum Command {
    /// Make a small bilingual site in a new folder
    Init(init::Args),
    /// Make a page, its front matter filled in
    New(new::Args),
    /// Write the site into its build folder
    Build(build::Args),
    /// Serve the site on this machine and reload the browser at each change
    Serve(serve::Args),
    /// Run the commands of pages and compare what comes with what the pages say
    Verify(verify::Args),
    /// Join or show the JSON reports of `verify`
    Report(report::Args),
    /// Print the site as JSON, for other programs
    Export(export::Args),
    /// Say more about a code that a message names
    Explain(explain::Args),
    /// Print completions for a shell
    Completions(completions::Args),
    Cluster(cluster::ClusterArgs),
    Doctor(doctor::DoctorArgs),
    /// The editor of pages that are verified
    #[command(hide = true)]
    Edit(edit::Args),
}

/// Runs the command that `arguments` name and returns its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Where the message can't be printed there is nobody to read it.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let terminal = Terminal::new(&cli.global);
    match cli.command {
        Command::Init(args) => init::run(&args, &terminal),
        Command::New(args) => new::run(&args, &cli.global, &terminal),
        Command::Build(args) => build::run(&args, &cli.global, &terminal),
        Command::Serve(args) => serve::run(args, &cli.global, &terminal),
        Command::Verify(args) => verify::run(&args, &cli.global, &terminal),
        Command::Report(args) => report::run(&args, &terminal),
        Command::Export(args) => export::run(&args, &cli.global, &terminal),
        Command::Explain(args) => explain::run(&args, &terminal),
        Command::Completions(args) => completions::run(&args, &terminal),
        Command::Cluster(args) => cluster::run(args, &terminal),
        Command::Doctor(args) => doctor::run(&args, &terminal),
        Command::Edit(args) => edit::run(&args, &terminal),
    }
}

/// Done.
const DONE: u8 = 0;
/// An error in the content, or a finding.
const FAILED: u8 = 1;
/// A usage or configuration error.
const USAGE: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }
}
