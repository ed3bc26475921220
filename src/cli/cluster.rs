//! `docbuild cluster`: the local Kubernetes that `verify` uses when none is given.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Terminal;
use super::progress::TerminalProgress;
use crate::cluster::local::{self, ImageSource, Local, Options};
use crate::cluster::{ClusterError, Image, Provider as _};

/// Nothing could be run.
const NOTHING: u8 = 3;
/// What was asked for can't be asked for.
const USAGE: u8 = 2;

/// The local Kubernetes that `verify` uses when none is given
///
/// A real one-node Kubernetes, built from Go modules and run in namespaces of its own: no container
/// engine is needed, nothing of it can be seen on the machine but one network link, and `down`
/// leaves nothing behind. Needs Linux and root.
#[derive(Debug, Args)]
pub(super) struct ClusterArgs {
    #[command(subcommand)]
    action: Action,
    /// Which cluster; clusters of different names run side by side
    #[arg(long, global = true, value_name = "NAME", default_value = "default")]
    name: String,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Bring the cluster up, or find that it is up
    ///
    /// The first time it builds Kubernetes (some minutes) and makes the images that pages use.
    /// DOCBUILD_IMAGES says where images come from: registries, stand-ins (made from Debian
    /// packages), or auto (registries if one can be reached).
    Up {
        /// Only say what would be used, built and made, and what is missing
        #[arg(long)]
        explain: bool,
    },
    /// End the cluster and remove everything it has on this machine
    Down {
        /// End all clusters, and remove built programs and images too
        #[arg(long)]
        all: bool,
    },
    /// Make the cluster as empty as it was when it came up
    Reset,
    /// Say how the cluster and its components are
    Status,
    /// Run a command in the cluster's namespaces, with kubectl and its other programs in PATH
    Exec {
        /// The command and its arguments, after `--`
        #[arg(required = true, last = true, value_name = "COMMAND")]
        command: Vec<String>,
    },
    /// The images that stand in for those of registries
    Images {
        #[command(subcommand)]
        action: Option<ImagesAction>,
    },
    /// PID 1 of a cluster
    #[command(hide = true)]
    Supervise {
        /// The cluster's state folder
        state: PathBuf,
    },
    /// The registry inside of a cluster
    #[command(hide = true)]
    ServeImages {
        /// The image store
        folder: PathBuf,
        /// Serve the images of one recipe only
        #[arg(long)]
        only: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum ImagesAction {
    /// List the images and what they stand for
    List,
    /// Make images; all, if none is named
    Build {
        /// Names from `docbuild cluster images list`
        names: Vec<String>,
    },
}

/// Runs the command.
pub(super) fn run(args: ClusterArgs, terminal: &Terminal) -> ExitCode {
    let progress = TerminalProgress::new(terminal);
    let done = act(args, terminal, &progress);
    progress.finish();
    done.unwrap_or_else(|error| fail(&error, terminal))
}

fn act(args: ClusterArgs, terminal: &Terminal, progress: &TerminalProgress<'_>) -> Result<ExitCode, ClusterError> {
    let open = || Local::open(Options { name: args.name.clone() });
    match args.action {
        Action::Up { explain: true } => explain(&open()?, terminal),
        Action::Up { explain: false } if local::is_beside(&args.name) => Err(ClusterError::Usage {
            wrong: format!("clusters called `{}` are those of `docbuild verify --jobs`, which removes them", args.name),
            help: vec!["use another name".to_owned()],
        }),
        Action::Up { explain: false } => up(&open()?, terminal, progress),
        Action::Down { all } => down(&open()?, all, terminal, progress),
        Action::Reset => block_on(open()?.reset(progress)).map(|()| ExitCode::SUCCESS),
        Action::Status => Ok(status(&open()?, terminal)),
        Action::Exec { command } => exec(&open()?, &command),
        Action::Images { action } => images(&open()?, action.unwrap_or(ImagesAction::List), terminal, progress),
        Action::Supervise { state } => local::supervise(&state).map(|()| ExitCode::SUCCESS),
        Action::ServeImages { folder, only } => local::serve_images(&folder, only).map(|()| ExitCode::SUCCESS),
    }
}

/// Prints an error of a cluster; its exit code says that nothing could be run.
pub(super) fn fail(error: &ClusterError, terminal: &Terminal) -> ExitCode {
    terminal.error(&error.to_string(), &[]);
    for line in error.details() {
        terminal.warn(&format!("  {line}"));
    }
    ExitCode::from(if error.is_usage() { USAGE } else { NOTHING })
}

/// Waits for something that the cluster does.
pub(super) fn block_on<T>(future: impl Future<Output = Result<T, ClusterError>>) -> Result<T, ClusterError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| ClusterError::Io { what: "starting the asynchronous runtime".to_owned(), source })?;
    runtime.block_on(future)
}

fn explain(cluster: &Local, terminal: &Terminal) -> Result<ExitCode, ClusterError> {
    ImageSource::from_environment()?;
    let lines = cluster.explain();
    let width = lines.iter().map(|(what, _)| what.len()).max().unwrap_or_default();
    for (what, how) in &lines {
        terminal.data(&format!("{what:width$}  {how}\n"));
    }
    let is_possible = cluster.missing().is_empty();
    Ok(if is_possible { ExitCode::SUCCESS } else { ExitCode::from(NOTHING) })
}

fn up(cluster: &Local, terminal: &Terminal, progress: &TerminalProgress<'_>) -> Result<ExitCode, ClusterError> {
    let was_up = cluster.status().ready;
    let handle = block_on(cluster.up(progress))?;
    progress.finish();
    let said = if was_up { "was up already" } else { "is up" };
    terminal.say(&format!("Kubernetes {} {said}", handle.server_version));
    for folder in &handle.path {
        terminal.say(&format!("  export PATH={}:$PATH", quoted(folder)));
    }
    terminal.say(&format!("  export KUBECONFIG={}", quoted(&handle.kubeconfig)));
    Ok(ExitCode::SUCCESS)
}

/// A path as a shell reads it: a cluster's folder has no character but a blank that would need more.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    if text.contains(' ') { format!("\"{text}\"") } else { text }
}

fn down(
    cluster: &Local,
    all: bool,
    terminal: &Terminal,
    progress: &TerminalProgress<'_>,
) -> Result<ExitCode, ClusterError> {
    if !all {
        block_on(cluster.down(progress))?;
        return Ok(ExitCode::SUCCESS);
    }
    for name in Local::names()? {
        block_on(Local::open(Options { name })?.down(progress))?;
    }
    Local::remove_shared()?;
    terminal.say("built programs and images are removed too");
    Ok(ExitCode::SUCCESS)
}

fn status(cluster: &Local, terminal: &Terminal) -> ExitCode {
    let status = cluster.status();
    let Some(pid) = status.pid else {
        terminal.data("down\n");
        return ExitCode::from(NOTHING);
    };
    let state = if status.ready { "up" } else { "coming up, or its start was interrupted" };
    terminal.data(&format!("{state}\npid         {pid}\nfolder      {}\n", status.folder.display()));
    terminal.data(&format!("kubeconfig  {}\n", status.kubeconfig.display()));
    for (name, how) in status.components() {
        terminal.data(&format!("{name:<20} {how}\n"));
    }
    for fault in &status.faults {
        terminal.data(&format!("network              {fault}; `docbuild cluster up` mends it\n"));
    }
    ExitCode::SUCCESS
}

/// Becomes the command, so that signals, the terminal and the exit code are its own.
fn exec(cluster: &Local, command: &[String]) -> Result<ExitCode, ClusterError> {
    use std::os::unix::process::CommandExt as _;
    let source = cluster.exec(command)?.exec();
    Err(ClusterError::Io { what: "running nsenter".to_owned(), source })
}

fn images(
    cluster: &Local,
    action: ImagesAction,
    terminal: &Terminal,
    progress: &TerminalProgress<'_>,
) -> Result<ExitCode, ClusterError> {
    match action {
        ImagesAction::List => {
            for image in cluster.images() {
                terminal.data(&describe(&image));
            }
        }
        ImagesAction::Build { names } => {
            let made = cluster.make_images(&names, progress)?;
            progress.finish();
            let said = if made.is_empty() {
                "nothing to do: they are made".to_owned()
            } else {
                format!("made {}", made.join(", "))
            };
            terminal.say(&said);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn describe(image: &Image) -> String {
    let when = if image.default { "made with the cluster" } else { "made when a page asks for it" };
    let how = match (&image.about, image.size) {
        #[expect(clippy::cast_precision_loss, reason = "a size in MB")]
        (Some(about), Some(size)) => format!("{about}, {:.0} MB", (size as f64 / 1e6).ceil()),
        _ => format!("{when}, about {} s", image.seconds),
    };
    let mut text = format!("{}: {how}\n", image.name);
    for repository in &image.repositories {
        text.push_str(&format!("  {repository}\n"));
    }
    text
}
