//! The development server: HTTP on 127.0.0.1, watching, live reload.
//!
//! In: [`Options`]. Out: pages over HTTP until Ctrl-C, and [`Event`]s for the terminal.
//! Steps: take a port; build in memory; serve what was built ([`http`]); watch everything a page is
//! made of ([`watch`]); build again at each change and tell the browsers ([`Snapshot`]).
//!
//! Nothing is written to the build folder. A build with an error leaves the last good pages where
//! they are, and the browsers show the diagnostics over them.

mod editor;
mod http;
mod watch;

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch as channel;

use crate::config::{Config, LoadOptions, load};
use crate::diagnostics::render::{Style, render as render_text};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::render::verdicts::Verdicts;
use crate::render::{self, Built, Memory, Rendered};
use watch::Watcher;

/// The port when none is asked for.
pub const DEFAULT_PORT: u16 = 1313;

/// How many ports are tried when none is asked for.
const PORTS_TRIED: u16 = 20;

/// Where `verify` leaves its last report, below the root.
const LAST_REPORT: &str = ".docbuild/last-verify.json";

/// How the server runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which site.
    pub load: LoadOptions,
    /// The address to listen on.
    pub bind: IpAddr,
    /// The port; `None` for [`DEFAULT_PORT`] or the next free one.
    pub port: Option<u16>,
    /// The command that opens a file from the overlay.
    pub editor: Option<String>,
}

/// What happens, for the terminal.
#[derive(Debug)]
pub enum Event {
    /// The default port was taken.
    PortTaken(u16),
    /// The site is there.
    Serving {
        /// The address of its home page.
        url: String,
    },
    /// A build ended.
    Built {
        /// What changed, relative to the root; empty for the first build.
        changed: Vec<String>,
        /// What it said.
        diagnostics: Diagnostics,
        /// How long it took.
        time: Duration,
    },
    /// Something is wrong that does not stop the server.
    Warning(String),
    /// Ctrl-C.
    Stopping,
}

/// Why the server did not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration has an error.
    #[error("the configuration has an error")]
    Config(Diagnostics),
    /// The address can't be listened on.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address and port.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The folders can't be watched.
    #[error("cannot watch the site's folders: {0}")]
    Watch(#[from] notify::Error),
    /// The server failed.
    #[error("the server failed: {0}")]
    Io(#[from] std::io::Error),
}

/// What browsers are given: the last good build, and what is wrong with the newest.
#[derive(Debug, Default)]
struct Snapshot {
    /// Changes with every build that changes a page or the problems.
    version: u64,
    /// The last good build's files.
    files: Arc<Rendered>,
    /// The path that the site lives below, with `/` at both ends.
    base_path: String,
    /// The newest build's errors, as text.
    problems: Vec<Problem>,
    /// The server is stopping.
    closing: bool,
}

/// An error, for the overlay.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
struct Problem {
    /// Relative to the root; empty without a place.
    file: String,
    /// 1-based.
    line: usize,
    /// 1-based.
    column: usize,
    /// The whole diagnostic with its code frame.
    text: String,
}

/// Serves a site until Ctrl-C.
///
/// # Errors
/// When it can't start; a mistake in the content is no error but an [`Event`].
pub fn serve(options: Options, tell: impl Fn(Event) + Send + Sync + 'static) -> Result<(), ServeError> {
    let config = load(&options.load).map_err(ServeError::Config)?;
    let listener = listen(options.bind, options.port, &tell)?;
    let address = listener.local_addr()?;
    let root = config.root.clone();
    let (sender, receiver) = channel::channel(Arc::new(Snapshot::default()));
    let url = format!("http://{address}{}", base_path(&config.base_url));
    let mut builder = Builder { options: options.load, address, snapshots: sender, tell: Arc::new(tell), last: None };
    let mut watcher = Watcher::new(&config)?;
    builder.build_and_send(Ok(config), vec![]);
    (builder.tell)(Event::Serving { url });
    let tell = Arc::clone(&builder.tell);
    let snapshots = builder.snapshots.clone();
    std::thread::Builder::new().name("build".to_owned()).spawn(move || {
        while let Some(changed) = watcher.wait() {
            let config = load(&builder.options);
            if let Ok(config) = &config
                && let Err(error) = watcher.follow(config)
            {
                (builder.tell)(Event::Warning(format!("cannot watch the site's folders: {error}")));
            }
            builder.build_and_send(config, changed);
        }
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let state = http::State { snapshots: receiver, address, root, editor: options.editor };
    let result = runtime.block_on(http::run(listener, state, move || {
        tell(Event::Stopping);
        snapshots.send_modify(|snapshot| *snapshot = Arc::new(Snapshot { closing: true, ..Snapshot::default() }));
    }));
    // A request that hangs does not keep the command alive.
    runtime.shutdown_timeout(Duration::from_millis(200));
    Ok(result?)
}

/// Takes the port that was asked for, or the first free one.
fn listen(bind: IpAddr, port: Option<u16>, tell: &impl Fn(Event)) -> Result<TcpListener, ServeError> {
    let first = port.unwrap_or(DEFAULT_PORT);
    let tries = if port.is_some() { 1 } else { PORTS_TRIED };
    let mut tried = 0;
    loop {
        let address = SocketAddr::new(bind, first.saturating_add(tried));
        match TcpListener::bind(address) {
            Ok(listener) => {
                if tried > 0 {
                    tell(Event::PortTaken(first));
                }
                listener.set_nonblocking(true)?;
                return Ok(listener);
            }
            Err(source) if source.kind() == std::io::ErrorKind::AddrInUse && tried + 1 < tries => tried += 1,
            Err(source) => return Err(ServeError::Bind { address, source }),
        }
    }
}

/// The path of an absolute URL, with `/` at both ends.
fn base_path(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    url[after_scheme..].find('/').map_or("/", |at| &url[after_scheme + at..])
}

/// Builds and tells everyone.
struct Builder {
    options: LoadOptions,
    address: SocketAddr,
    snapshots: channel::Sender<Arc<Snapshot>>,
    tell: Arc<dyn Fn(Event) + Send + Sync>,
    /// The newest build that had a configuration.
    last: Option<Built>,
}

impl Builder {
    fn build_and_send(&mut self, config: Result<Config, Diagnostics>, changed: Vec<PathBuf>) {
        let start = Instant::now();
        let before = Arc::clone(&self.snapshots.borrow());
        let (files, base, diagnostics, root) = match config {
            Ok(mut config) => {
                let base = base_path(&config.base_url).to_owned();
                config.base_url = format!("http://{}{base}", self.address);
                let verdicts = self.verdicts(&config);
                let root = config.root.clone();
                let config = Arc::new(config);
                let sink = Memory::new(Arc::clone(&before.files));
                // With errors in it, the last build left no files that could stay.
                let built = match &self.last {
                    Some(last) => render::rebuild(last, &config, &verdicts, &changed, &sink),
                    None => render::build(&config, &verdicts, &sink),
                };
                let result = (Some(sink.into_files()), base, built.diagnostics.clone(), root);
                self.last = Some(built);
                result
            }
            Err(diagnostics) => (None, before.base_path.clone(), diagnostics, PathBuf::new()),
        };
        let failed = diagnostics.has_errors();
        let problems = if failed { problems(diagnostics.clone()) } else { vec![] };
        let files = files.filter(|_| !failed).map_or_else(|| Arc::clone(&before.files), Arc::new);
        if *files != *before.files || problems != before.problems || before.version == 0 {
            let version = before.version + 1;
            let base_path = base;
            self.snapshots.send_replace(Arc::new(Snapshot { version, files, base_path, problems, closing: false }));
        }
        let shown = |path: PathBuf| path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
        let changed = changed.into_iter().map(shown).collect();
        (self.tell)(Event::Built { changed, diagnostics, time: start.elapsed() });
    }

    /// The last report of `verify`, if there is one.
    fn verdicts(&self, config: &Config) -> Verdicts {
        let path = config.root.join(LAST_REPORT);
        if !path.exists() {
            return Verdicts::default();
        }
        Verdicts::read(&path).unwrap_or_else(|message| {
            (self.tell)(Event::Warning(format!("no verdicts on the pages: {message}")));
            Verdicts::default()
        })
    }
}

/// The errors of a build as text.
fn problems(diagnostics: Diagnostics) -> Vec<Problem> {
    let errors = diagnostics.sorted().into_iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    errors.map(|diagnostic| problem(&diagnostic)).collect()
}

fn problem(diagnostic: &Diagnostic) -> Problem {
    let place = diagnostic.place.as_ref();
    let (line, column) = place.map_or((0, 0), |place| place.file.line_column(place.span.start));
    Problem {
        file: place.map_or_else(String::new, |place| place.file.path.clone()),
        line,
        column,
        text: render_text(diagnostic, Style { color: false, width: 100 }),
    }
}
