//! What browsers ask for.
//!
//! Pages come from the last good build in memory, copied files from the place that this build found
//! them at: no address is ever made a path of the disk. docbuild's own addresses lie below `/-/docbuild/`.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, Request, State as Extract};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt as _};

use super::{Snapshot, editor};
use crate::render::decode_url;

const LIVE_SCRIPT: &str = include_str!("live.js");
const LIVE_PATH: &str = "/-/docbuild/live.js";

/// What the handlers share.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    pub(super) address: SocketAddr,
    pub(super) root: PathBuf,
    pub(super) editor: Option<String>,
}

impl State {
    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshots.borrow())
    }
}

/// Serves until Ctrl-C or SIGTERM; `stopping` is called then.
pub(super) async fn run(
    listener: TcpListener,
    state: State,
    stopping: impl FnOnce() + Send + 'static,
) -> std::io::Result<()> {
    let router = Router::new()
        .route("/-/docbuild/events", get(events))
        .route("/-/docbuild/edit", post(edit))
        .route(LIVE_PATH, get(live_script))
        .fallback(file)
        .layer(middleware::from_fn_with_state(state.clone(), check_host))
        .with_state(state);
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let stop = async move {
        stop_signal().await;
        stopping();
    };
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

/// Waits for Ctrl-C or SIGTERM.
async fn stop_signal() {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
    let terminated = async {
        match &mut terminate {
            Some(signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

/// A page of another site that resolves its name to this machine (DNS rebinding) sends its own name:
/// only addresses, `localhost` and names below it are answered.
async fn check_host(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(|host| is_own_host(host, state.address)) {
        return next.run(request).await;
    }
    let text = format!("This server answers for http://{}/ only.\n", state.address);
    (StatusCode::MISDIRECTED_REQUEST, text).into_response()
}

fn is_own_host(host: &str, address: SocketAddr) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (name, port.parse().ok())
        }
        _ => (host, Some(80)),
    };
    if port != Some(address.port()) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let literal = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    match literal {
        // Whoever binds to all addresses wants to be reached at each.
        Ok(literal) => address.ip().is_unspecified() || literal == address.ip() || literal.is_loopback(),
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    }
}

/// A file of the site.
async fn file(Extract(state): Extract<State>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let snapshot = state.snapshot();
    match find(&snapshot, request.uri().path()) {
        Found::File(path) => respond(&snapshot, StatusCode::OK, &path).await,
        Found::Redirect(to) => redirect(&to),
        Found::Nothing if snapshot.files.is_empty() => nothing_yet(&snapshot),
        Found::Nothing => {
            let page = not_found_page(&snapshot, request.uri().path());
            respond(&snapshot, StatusCode::NOT_FOUND, &page).await
        }
    }
}

/// What is at an address.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// A file of the site, by its path.
    File(String),
    /// A folder's address without its `/`, or the root above the base path.
    Redirect(String),
    Nothing,
}

fn find(snapshot: &Snapshot, path: &str) -> Found {
    let base = &snapshot.base_path;
    let Some(below) = path.strip_prefix(base.as_str()) else {
        let is_root = path == "/" || format!("{path}/") == *base;
        return if is_root { Found::Redirect(base.clone()) } else { Found::Nothing };
    };
    let Some(below) = decode_url(below) else { return Found::Nothing };
    if below.is_empty() || below.ends_with('/') {
        let index = format!("{below}index.html");
        return if snapshot.files.contains_key(&index) { Found::File(index) } else { Found::Nothing };
    }
    if snapshot.files.contains_key(&below) {
        return Found::File(below);
    }
    if snapshot.files.contains_key(&format!("{below}/index.html")) {
        return Found::Redirect(format!("{path}/"));
    }
    Found::Nothing
}

/// The nearest `404.html` above an address: the language's, else the site's.
fn not_found_page(snapshot: &Snapshot, path: &str) -> String {
    let below = path.strip_prefix(snapshot.base_path.as_str()).unwrap_or("");
    let language = below.split('/').next().unwrap_or("");
    let own = format!("{language}/404.html");
    if snapshot.files.contains_key(&own) { own } else { "404.html".to_owned() }
}

fn redirect(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn respond(snapshot: &Snapshot, status: StatusCode, path: &str) -> Response {
    let Some(file) = snapshot.files.get(path).cloned() else { return (status, "Not found\n").into_response() };
    let Ok(Ok(bytes)) = tokio::task::spawn_blocking(move || file.bytes()).await else {
        return (StatusCode::NOT_FOUND, "The file is gone\n").into_response();
    };
    let kind = content_type(path);
    let body = if kind.starts_with("text/html") { with_live_script(&bytes, snapshot.version) } else { bytes };
    let caching = if path.starts_with("assets/") { "max-age=31536000, immutable" } else { "no-store" };
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, caching), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (status, headers, Body::from(body)).into_response()
}

/// The site's first build failed: an empty page, over which the overlay shows why.
fn nothing_yet(snapshot: &Snapshot) -> Response {
    let page = b"<!DOCTYPE html><html lang=\"en\"><title>docbuild</title><body></body></html>";
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, with_live_script(page, snapshot.version)).into_response()
}

/// A page with the script that reloads it.
fn with_live_script(page: &[u8], version: u64) -> Vec<u8> {
    let script = format!(
        "<script src=\"{LIVE_PATH}\" data-version=\"{version}\" data-process=\"{}\" defer></script>",
        std::process::id()
    );
    let at = memchr::memmem::rfind(page, b"</body>").unwrap_or(page.len());
    [&page[..at], script.as_bytes(), &page[at..]].concat()
}

async fn live_script() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (headers, LIVE_SCRIPT).into_response()
}

/// The newest version and its problems, now and at each change.
async fn events(Extract(state): Extract<State>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let can_edit = state.editor.is_some();
    let stream = WatchStream::new(state.snapshots).take_while(|snapshot| !snapshot.closing).map(move |snapshot| {
        let data = serde_json::json!({
            "version": snapshot.version,
            "process": std::process::id(),
            "problems": snapshot.problems,
            "editor": can_edit,
        });
        Ok(Event::default().data(data.to_string()))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20)))
}

/// Which problem to open.
#[derive(Debug, serde::Deserialize)]
struct Edit {
    problem: usize,
}

/// Opens the place of a problem in the editor. Other sites' pages can't send the header without
/// being allowed to, and only places of present problems can be named.
async fn edit(Extract(state): Extract<State>, Query(edit): Query<Edit>, headers: HeaderMap) -> Response {
    let Some(command) = state.editor.as_deref().filter(|_| headers.contains_key("x-docbuild")) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let snapshot = state.snapshot();
    let Some(problem) = snapshot.problems.get(edit.problem).filter(|problem| !problem.file.is_empty()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match editor::open(command, &state.root.join(&problem.file), problem.line, problem.column) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{command}: {error}\n")).into_response(),
    }
}

/// By the file name's extension (IANA media types).
fn content_type(path: &str) -> &'static str {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    match extension.as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "xml" => "application/xml; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "pdf" => "application/pdf",
        "wasm" => "application/wasm",
        "zip" => "application/zip",
        "gz" | "tgz" => "application/gzip",
        "yaml" | "yml" => "application/yaml; charset=utf-8",
        "txt" | "md" | "toml" | "csv" | "sh" | "go" | "py" | "conf" | "" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(base: &str) -> Snapshot {
        let paths = ["index.html", "docs/index.html", "ja/404.html", "404.html", "日/index.html", "a b.txt"];
        let files = paths.into_iter().map(|path| (path.to_owned(), Arc::new(path.into()))).collect();
        Snapshot { version: 1, files: Arc::new(files), base_path: base.to_owned(), ..Snapshot::default() }
    }

    #[test]
    fn addresses_lead_to_own_files_only() {
        let site = snapshot("/");
        let file = |path: &str| Found::File(path.to_owned());
        assert_eq!(find(&site, "/"), file("index.html"));
        assert_eq!(find(&site, "/docs/"), file("docs/index.html"));
        assert_eq!(find(&site, "/docs"), Found::Redirect("/docs/".to_owned()));
        assert_eq!(find(&site, "/%E6%97%A5/"), file("日/index.html"));
        assert_eq!(find(&site, "/a%20b.txt"), file("a b.txt"));
        for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "//etc/passwd", "/docs/%00", "/%ff", "/docs/../index.html"]
        {
            assert_eq!(find(&site, path), Found::Nothing, "{path}");
        }
        assert_eq!(not_found_page(&site, "/ja/x/"), "ja/404.html");
        assert_eq!(not_found_page(&site, "/x"), "404.html");
    }

    #[test]
    fn a_site_below_a_path_is_served_there() {
        let site = snapshot("/y/");
        assert_eq!(find(&site, "/"), Found::Redirect("/y/".to_owned()));
        assert_eq!(find(&site, "/y"), Found::Redirect("/y/".to_owned()));
        assert_eq!(find(&site, "/y/docs/"), Found::File("docs/index.html".to_owned()));
        assert_eq!(find(&site, "/docs/"), Found::Nothing);
    }

    #[test]
    fn only_own_names_are_answered() {
        let address = "127.0.0.1:1313".parse().unwrap();
        for host in ["127.0.0.1:1313", "localhost:1313", "LOCALHOST:1313", "docs.localhost:1313", "[::1]:1313"] {
            assert!(is_own_host(host, address), "{host}");
        }
        for host in [
            "evil.example:1313",
            "evil.example",
            "127.0.0.1",
            "127.0.0.1:80",
            "10.0.0.1:1313",
            "localhost.evil.example:1313",
            "",
        ] {
            assert!(!is_own_host(host, address), "{host}");
        }
        let everywhere = "0.0.0.0:1313".parse().unwrap();
        assert!(is_own_host("10.0.0.1:1313", everywhere));
        assert!(!is_own_host("evil.example:1313", everywhere));
    }

    #[test]
    fn the_script_stands_at_the_end_of_the_body() {
        let page = String::from_utf8(with_live_script(b"<body><code>&lt;/body></code>x</body></html>", 7)).unwrap();
        assert!(page.contains("x<script src=\"/-/docbuild/live.js\" data-version=\"7\""), "{page}");
        assert!(page.ends_with("</body></html>"));
    }
}
