//! The image registry inside of a cluster: serves what was built, to be read only.
//!
//! It speaks the part of the OCI distribution specification that pulling needs, and knows which
//! registry containerd asks in place of (`ns`), so `docker.io/library/nginx` and `quay.io/nginx` are
//! two things. Nothing can be pushed: what a Pod does can't change what the next page gets. The two
//! texts of an image are made when its tag is asked for, and remembered: they are asked for again by
//! their digests.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use tokio_stream::wrappers::ReceiverStream;

use crate::cluster::ClusterError;
use crate::cluster::images::{self, Name, Store};

/// Where it listens, inside of the cluster's network namespace only.
pub(super) const ADDRESS: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 15_000);

/// The header that tells an answer's digest.
const DIGEST: header::HeaderName = header::HeaderName::from_static("docker-content-digest");

/// How large a piece of a layer is sent at once, in bytes.
const PIECE: usize = 256 * 1024;

/// Serves the images in a folder until it is ended: all, or those of one recipe.
///
/// # Errors
/// When the address is in use.
pub(crate) fn serve(folder: &Path, only: Option<String>) -> Result<(), ClusterError> {
    let failed = || ClusterError::io(format!("serving images on {ADDRESS}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed())?;
    let router = router(Shelf::new(Store::open(folder), only));
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(ADDRESS).await.map_err(failed())?;
        axum::serve(listener, router).await.map_err(failed())
    })
}

/// What is served.
struct Shelf {
    store: Store,
    only: Option<String>,
    /// The texts that were made, by their digests.
    texts: Mutex<BTreeMap<String, Text>>,
}

/// A manifest or a configuration.
#[derive(Clone)]
struct Text {
    kind: &'static str,
    bytes: Arc<[u8]>,
}

impl Shelf {
    fn new(store: Store, only: Option<String>) -> Self {
        Self { store, only, texts: Mutex::default() }
    }

    /// The digest of the manifest that a name stands for.
    fn find(&self, reference: &str) -> Option<String> {
        let served = self.store.find(&Name::parse(reference)?)?;
        if self.only.as_ref().is_some_and(|only| *only != served.recipe) {
            return None;
        }
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let digest = served.manifest.0.clone();
        for ((digest, bytes), kind) in [(served.manifest, images::MANIFEST_TYPE), (served.config, images::CONFIG_TYPE)]
        {
            texts.insert(digest, Text { kind, bytes: bytes.into() });
        }
        Some(digest)
    }

    /// What has this digest.
    fn answer(&self, digest: &str) -> Response {
        let text = self.texts.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned();
        match text {
            Some(Text { kind, bytes }) => {
                let headers = [(header::CONTENT_TYPE, kind.to_owned()), (DIGEST, digest.to_owned())];
                (headers, Body::from(bytes.to_vec())).into_response()
            }
            None => blob(&self.store, digest),
        }
    }
}

fn router(shelf: Shelf) -> Router {
    Router::new().fallback(answer).with_state(Arc::new(shelf))
}

/// The registry that containerd asks in place of.
#[derive(Deserialize)]
struct Namespace {
    ns: Option<String>,
}

/// What a path asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted<'a> {
    Version,
    Manifest { repository: &'a str, reference: &'a str },
    Blob { digest: &'a str },
}

impl<'a> Wanted<'a> {
    fn parse(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix("/v2")?.trim_start_matches('/');
        if rest.is_empty() {
            return Some(Self::Version);
        }
        let (front, last) = rest.rsplit_once('/')?;
        let (repository, kind) = front.rsplit_once('/')?;
        match kind {
            "manifests" => Some(Self::Manifest { repository, reference: last }),
            "blobs" => Some(Self::Blob { digest: last }),
            _ => None,
        }
    }
}

async fn answer(State(shelf): State<Arc<Shelf>>, Query(query): Query<Namespace>, uri: Uri) -> Response {
    match Wanted::parse(uri.path()) {
        Some(Wanted::Version) => StatusCode::OK.into_response(),
        Some(Wanted::Blob { digest } | Wanted::Manifest { reference: digest, .. }) if digest.starts_with("sha256:") => {
            shelf.answer(digest)
        }
        Some(Wanted::Blob { .. }) => missing("BLOB_UNKNOWN"),
        Some(Wanted::Manifest { repository, reference }) => {
            let registry = query.ns.as_deref().unwrap_or("docker.io");
            match shelf.find(&format!("{registry}/{repository}:{reference}")) {
                Some(digest) => shelf.answer(&digest),
                None => missing("MANIFEST_UNKNOWN"),
            }
        }
        None => missing("UNSUPPORTED"),
    }
}

fn missing(code: &str) -> Response {
    let body = format!("{{\"errors\":[{{\"code\":\"{code}\",\"message\":\"there is no such image here\"}}]}}");
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Sends a blob piece by piece: a layer is some hundred megabytes.
fn blob(store: &Store, digest: &str) -> Response {
    let Some(file) = store.blob(digest) else { return missing("BLOB_UNKNOWN") };
    let opened = std::fs::File::open(&file).and_then(|open| Ok((open.metadata()?.len(), open)));
    let Ok((length, mut open)) = opened else { return missing("BLOB_UNKNOWN") };
    let (sender, receiver) = tokio::sync::mpsc::channel::<std::io::Result<Vec<u8>>>(4);
    tokio::task::spawn_blocking(move || {
        use std::io::Read as _;
        loop {
            let mut piece = vec![0; PIECE];
            let read = open.read(&mut piece).map(|length| {
                piece.truncate(length);
                piece
            });
            let ended = !read.as_ref().is_ok_and(|piece| !piece.is_empty());
            // A receiver that is gone has what it wanted: a HEAD request wants no body.
            if read.as_ref().is_ok_and(Vec::is_empty) || sender.blocking_send(read).is_err() || ended {
                return;
            }
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (DIGEST, digest.to_owned()),
    ];
    (headers, Body::from_stream(ReceiverStream::new(receiver))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read() {
        assert_eq!(Wanted::parse("/v2/"), Some(Wanted::Version));
        let manifest = Wanted::Manifest { repository: "library/nginx", reference: "1.14.2" };
        assert_eq!(Wanted::parse("/v2/library/nginx/manifests/1.14.2"), Some(manifest));
        assert_eq!(Wanted::parse("/v2/a/b/c/blobs/sha256:1"), Some(Wanted::Blob { digest: "sha256:1" }));
        assert_eq!(Wanted::parse("/v2/a/tags/list"), None);
        assert_eq!(Wanted::parse("/etc/passwd"), None);
    }

    #[tokio::test]
    async fn images_are_served_and_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        let layer = store.keep_test_image("one", "docker.io/library/one", "1.0..2");
        store.keep_test_image("two", "docker.io/library/two", "1");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(axum::serve(listener, router(Shelf::new(store, Some("one".into())))).into_future());
        let ask = |path: String| async move { get(address, &path).await };
        let found = ask("/v2/library/one/manifests/1.0?ns=docker.io".to_owned()).await;
        assert!(found.starts_with("HTTP/1.1 200"), "{found}");
        assert!(found.contains(images::MANIFEST_TYPE) && found.contains(&layer), "{found}");
        let other = ask("/v2/library/one/manifests/1.2?ns=docker.io".to_owned()).await;
        let digest_of = |answer: &str| {
            let line = answer.lines().find_map(|line| line.strip_prefix("docker-content-digest: "));
            line.unwrap().trim().to_owned()
        };
        assert_ne!(digest_of(&found), digest_of(&other), "tags differ in their digests");
        let body = found.split_once("\r\n\r\n").unwrap().1;
        let manifest: serde_json::Value = serde_json::from_str(body).unwrap();
        let again = ask(format!("/v2/library/one/manifests/{}", digest_of(&found))).await;
        assert!(again.ends_with(body), "{again}");
        let config = ask(format!("/v2/library/one/blobs/{}", manifest["config"]["digest"].as_str().unwrap())).await;
        assert!(config.contains("docker.io/library/one:1.0"), "{config}");
        assert!(ask(format!("/v2/library/one/blobs/{layer}")).await.ends_with("a layer"));
        for path in [
            "/v2/library/one/manifests/1.3?ns=docker.io",
            "/v2/library/one/manifests/1.0?ns=quay.io",
            "/v2/library/two/manifests/1?ns=docker.io",
            "/v2/library/one/blobs/sha256:00",
            "/v2/library/one/blobs/..%2f..%2fetc",
            "/v2/../one/manifests/1",
        ] {
            let answer = ask(path.to_owned()).await;
            assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        }
        server.abort();
    }

    async fn get(address: std::net::SocketAddr, path: &str) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}
