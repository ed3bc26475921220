//! `docbuild serve`: the development server.

use std::net::{IpAddr, Ipv4Addr};
use std::process::{Command, ExitCode, Stdio};

use super::build::number;
use super::site_flags::SiteFlags;
use super::{DONE, GlobalFlags, Terminal, USAGE};
use crate::serve::{DEFAULT_PORT, Event, Options, ServeError, serve};

/// The flags of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    site: SiteFlags,
    /// The port [default: 1313, or the next free one]
    #[arg(long, short, value_name = "N")]
    port: Option<u16>,
    /// The address to listen on; with the default only this machine can reach the site
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// Open the browser
    #[arg(long)]
    open: bool,
    /// What opens a file from the error overlay, as in "code -g" or "vim +{line} {file}"
    #[arg(long, value_name = "CMD")]
    editor: Option<String>,
}

pub(super) fn run(args: Args, global: &GlobalFlags, terminal: &Terminal) -> ExitCode {
    let options = Options { load: args.site.options(global), bind: args.bind, port: args.port, editor: args.editor };
    let open = args.open;
    let printer = terminal.clone();
    match serve(options, move |event| print(event, open, &printer)) {
        Ok(()) => ExitCode::from(DONE),
        Err(ServeError::Config(diagnostics)) => {
            terminal.diagnostics(diagnostics);
            ExitCode::from(USAGE)
        }
        Err(error) => {
            let help = match &error {
                ServeError::Bind { .. } => "choose another with `--port N`, or leave it out for a free one",
                ServeError::Watch(_) => {
                    "the system's limit of watched files may be reached: fs.inotify.max_user_watches"
                }
                _ => "run it again with `--verbose`",
            };
            terminal.error(&error.to_string(), &[help.to_owned()]);
            ExitCode::from(USAGE)
        }
    }
}

fn print(event: Event, open: bool, terminal: &Terminal) {
    match event {
        Event::PortTaken(port) => {
            terminal.say(&format!("port {port} is taken, so the next free one is used"));
        }
        Event::Serving { url } => {
            terminal.say(&format!("serving {url} (Ctrl-C stops it)"));
            if open {
                open_browser(&url, terminal);
            }
        }
        Event::Built { changed, diagnostics, time } => {
            let failed = terminal.diagnostics(diagnostics);
            if changed.is_empty() {
                return;
            }
            let what = match changed.as_slice() {
                [one] => one.clone(),
                many => number(many.len(), "file"),
            };
            let how = if failed { "kept the last good pages" } else { "rebuilt" };
            terminal.say(&format!("{what} changed: {how} ({} ms)", time.as_millis()));
        }
        Event::Warning(message) => terminal.say(&message),
        Event::Stopping => terminal.say("stopped"),
    }
}

/// Opens the default browser, as far as there is one.
fn open_browser(url: &str, terminal: &Terminal) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let started =
        Command::new(program).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    match started {
        // Waited for so that it leaves no zombie.
        Ok(mut child) => drop(std::thread::spawn(move || drop(child.wait()))),
        Err(error) => terminal.say(&format!("the browser was not opened: {program}: {error}")),
    }
}

const _: () = assert!(DEFAULT_PORT == 1313, "the help text names the port");
