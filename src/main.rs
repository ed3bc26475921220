//! The `docbuild` command: arguments in, an exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    docbuild::cli::run(std::env::args_os())
}
