//! `docbuild export`: the site as JSON on stdout.

use std::io::BufWriter;
use std::process::ExitCode;

use super::site_flags::{SiteFlags, load_or_print};
use super::{DONE, FAILED, GlobalFlags, Terminal, USAGE};
use crate::export::{write_pages, write_sidebar};

/// The flags of `export`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    site: SiteFlags,
    /// What to print: `ndjson`, an object a line for each page, or `nav`, the docs' sidebar
    #[arg(long, value_name = "FORMAT", default_value = "ndjson", hide_possible_values = true)]
    format: Format,
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Ndjson,
    Nav,
}

pub(super) fn run(args: &Args, global: &GlobalFlags, terminal: &Terminal) -> ExitCode {
    let options = args.site.options(global);
    let Some(config) = load_or_print(&options, terminal) else { return ExitCode::from(USAGE) };
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout());
    let written = match args.format {
        Format::Ndjson => write_pages(&config, &mut out),
        Format::Nav => write_sidebar(&config, &mut out),
    };
    match written {
        Ok(diagnostics) => ExitCode::from(if terminal.diagnostics(diagnostics) { FAILED } else { DONE }),
        // Who reads no further has what they wanted.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::from(DONE),
        Err(error) => {
            terminal.error(&format!("stdout can't be written: {error}"), &[]);
            ExitCode::from(FAILED)
        }
    }
}
