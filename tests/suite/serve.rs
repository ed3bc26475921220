//! `docbuild serve` over HTTP, without a browser.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::SiteTest;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server.
pub(crate) struct Server {
    child: Child,
    /// `127.0.0.1:1313`.
    pub(crate) address: String,
    /// What it printed until it served.
    pub(crate) greeting: String,
}

impl Server {
    /// Starts `docbuild serve` and waits until it serves.
    #[track_caller]
    pub(crate) fn start(site: &SiteTest, arguments: &[&str]) -> Self {
        let mut command = site.command();
        let mut child = command.arg("serve").args(arguments).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut greeting = String::new();
        let address = loop {
            let mut line = String::new();
            assert!(lines.read_line(&mut line).unwrap() > 0, "the server ended: {greeting}");
            greeting.push_str(&line);
            if let Some(rest) = line.strip_prefix("serving http://") {
                break rest[..rest.find('/').unwrap()].to_owned();
            }
        };
        // The pipe is emptied, so that the server is never held up by it.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Self { child, address, greeting }
    }

    /// Sends a request's head as it is; the whole response.
    pub(crate) fn raw(&self, head: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }

    /// GET.
    pub(crate) fn get(&self, path: &str) -> String {
        self.raw(&format!("GET {path} HTTP/1.1\r\nHost: {}", self.address))
    }

    /// Waits until a page holds a text.
    #[track_caller]
    fn wait_for(&self, path: &str, text: &str) {
        let start = Instant::now();
        let mut page = self.get(path);
        while !page.contains(text) {
            assert!(start.elapsed() < PATIENCE, "`{text}` did not come: {page}");
            std::thread::sleep(Duration::from_millis(10));
            page = self.get(path);
        }
    }

    /// The server-sent events.
    fn events(&self) -> impl Iterator<Item = serde_json::Value> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
            .write_all(format!("GET /-/docbuild/events HTTP/1.1\r\nHost: {}\r\n\r\n", self.address).as_bytes())
            .unwrap();
        BufReader::new(stream)
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
    }

    /// Ctrl-C; the exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn site() -> SiteTest {
    SiteTest::small()
        .file("content/en/docs/_index.md", "---\ntitle: Docs\n---\n\nOld text.\n")
        .file("static/data.json", "{}")
}

#[test]
fn serves_pages_and_nothing_else() {
    let site = site();
    let server = Server::start(&site, &["--port", "0"]);
    let page = server.get("/docs/");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("content-type: text/html; charset=utf-8"), "{page}");
    assert!(page.contains("Old text.") && page.contains("/-/docbuild/live.js"), "{page}");
    assert!(server.get("/docs").contains("location: /docs/"));
    assert!(server.get("/data.json").contains("content-type: application/json"));
    let missing = server.get("/nothing/");
    assert!(missing.starts_with("HTTP/1.1 404") && missing.contains("Page not found"), "{missing}");
    for path in
        ["/../book.toml", "/%2e%2e/book.toml", "/..%2fbook.toml", "/book.toml", "//etc/passwd", "/.docbuild/files"]
    {
        assert!(server.get(path).starts_with("HTTP/1.1 404"), "{path}");
    }
    let rebound = server.raw("GET / HTTP/1.1\r\nHost: evil.example");
    assert!(rebound.starts_with("HTTP/1.1 421") && !rebound.contains("Hello"), "{rebound}");
    assert!(server.raw("GET / HTTP/1.1").starts_with("HTTP/1.1 4"), "a request names its host");
    let post = server.raw(&format!("POST /docs/ HTTP/1.1\r\nHost: {}", server.address));
    assert!(post.starts_with("HTTP/1.1 405"), "{post}");
    let edit =
        server.raw(&format!("POST /-/docbuild/edit?problem=0 HTTP/1.1\r\nHost: {}\r\nX-Docbuild: 1", server.address));
    assert!(edit.starts_with("HTTP/1.1 403"), "without --editor nothing is run: {edit}");
    assert!(!site.root().join("public").exists(), "the server writes nothing");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn everything_that_makes_a_page_is_watched() {
    let site = site();
    let server = Server::start(&site, &["--port", "0"]);
    server.wait_for("/docs/", "Old text.");
    site.write("content/en/docs/_index.md", "---\ntitle: Docs\n---\n\nNew text.\n");
    server.wait_for("/docs/", "New text.");
    // As editors save: a second file, renamed over the first.
    site.write("content/en/docs/_index.md~", "---\ntitle: Docs\n---\n\nRenamed text.\n");
    std::fs::rename(site.root().join("content/en/docs/_index.md~"), site.root().join("content/en/docs/_index.md"))
        .unwrap();
    server.wait_for("/docs/", "Renamed text.");
    // Folders that were not there at the start.
    site.write("layouts/partials/footer.html", "<footer>our footer</footer>");
    server.wait_for("/docs/", "our footer");
    site.write("i18n/en.toml", "theme_skip = \"Jump\"\n");
    server.wait_for("/docs/", "Jump");
    site.write("content/en/new/deep/page.md", "---\ntitle: Deep\n---\n\nA deep page.\n");
    server.wait_for("/new/deep/page/", "A deep page.");
    std::fs::remove_file(site.root().join("layouts/partials/footer.html")).unwrap();
    server.wait_for("/docs/", "Built with docbuild");
    site.write("book.toml", "[book]\ntitle = \"Renamed site\"\nlanguage = \"en\"\n");
    server.wait_for("/docs/", "Renamed site");
    // A checkout that takes the folder away and puts another one there.
    std::fs::rename(site.root().join("content"), site.root().join("away")).unwrap();
    site.write("content/en/_index.md", "---\ntitle: Home\n---\n\nOther branch.\n");
    server.wait_for("/", "Other branch.");
    site.write("content/en/_index.md", "---\ntitle: Home\n---\n\nStill watched.\n");
    server.wait_for("/", "Still watched.");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_mistake_keeps_the_last_good_page_and_is_told() {
    let site = site();
    let server = Server::start(&site, &["--port", "0"]);
    let mut events = server.events();
    let first = events.next().unwrap();
    assert_eq!(first["problems"], serde_json::json!([]));
    site.write("content/en/docs/_index.md", "---\ntitle: Docs\n---\n\n{{< notes >}}<script>{{< /notes >}}\n");
    let broken = events.next().unwrap();
    let problem = &broken["problems"][0];
    assert_eq!((&problem["file"], &problem["line"]), (&"content/en/docs/_index.md".into(), &5.into()), "{broken}");
    let text = problem["text"].as_str().unwrap();
    assert!(
        text.contains("content/en/docs/_index.md:5:") && text.contains("{{< notes >}}") && text.contains("note"),
        "{text}"
    );
    assert!(server.get("/docs/").contains("Old text."), "the last good page stays");
    site.write("book.toml", "[book]\ntitl = \"x\"\n");
    let config = events.next().unwrap();
    assert!(config["problems"].to_string().contains("book.toml:2:"), "{config}");
    site.write("book.toml", "[book]\ntitle = \"Small\"\nlanguage = \"en\"\n");
    site.write("content/en/docs/_index.md", "---\ntitle: Docs\n---\n\nMended text.\n");
    let mended = events.find(|event| event["problems"] == serde_json::json!([])).unwrap();
    assert!(mended["version"].as_u64() > first["version"].as_u64());
    server.wait_for("/docs/", "Mended text.");
    drop(events);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_first_build_that_fails_is_served_as_its_mistakes() {
    let site = site().file("content/en/bad.md", "{{< nothing-like-it >}}\n");
    let server = Server::start(&site, &["--port", "0"]);
    assert!(server.greeting.contains("content/en/bad.md:1:"), "{}", server.greeting);
    let page = server.get("/docs/");
    assert!(page.starts_with("HTTP/1.1 503") && page.contains("/-/docbuild/live.js"), "{page}");
    std::fs::remove_file(site.root().join("content/en/bad.md")).unwrap();
    server.wait_for("/docs/", "Old text.");
}

#[test]
fn a_taken_port_is_an_error_only_if_it_was_asked_for() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let site = site();
    let ran = site.run(&format!("serve --port {port}")).code(2);
    assert!(
        ran.stderr.contains(&format!("cannot listen on 127.0.0.1:{port}")) && ran.stderr.contains("--port N"),
        "{}",
        ran.stderr
    );
    let _default = TcpListener::bind("127.0.0.1:1313");
    let server = Server::start(&site, &[]);
    assert_ne!(server.address, "127.0.0.1:1313");
    assert!(server.greeting.contains("port 1313 is taken"), "{}", server.greeting);
}

#[test]
fn a_site_below_a_path_is_served_there() {
    let site = site();
    site.write("book.toml", "[book]\ntitle = \"S\"\nlanguage = \"en\"\n[build]\nbase-url = \"https://x.example/y/\"\n");
    let server = Server::start(&site, &["--port", "0"]);
    assert!(server.greeting.contains("/y/ "), "{}", server.greeting);
    assert!(server.get("/").contains("location: /y/"));
    assert!(server.get("/y/docs/").contains("Old text."));
}

#[test]
fn the_editor_opens_known_places_only() {
    let site = site();
    let server = Server::start(&site, &["--port", "0", "--editor", "cp {file} opened"]);
    let edit = |number: usize, header: &str| {
        server.raw(&format!("POST /-/docbuild/edit?problem={number} HTTP/1.1\r\nHost: {}{header}", server.address))
    };
    assert!(edit(0, "\r\nX-Docbuild: 1").starts_with("HTTP/1.1 404"), "there is no problem");
    let mut events = server.events();
    events.next().unwrap();
    site.write("content/en/bad.md", "{{< nothing-like-it >}}\n");
    events.next().unwrap();
    assert!(edit(0, "").starts_with("HTTP/1.1 403"), "another site's page can't send the header");
    assert!(!site.root().join("opened").exists());
    assert!(edit(0, "\r\nX-Docbuild: 1").starts_with("HTTP/1.1 204"));
    let start = Instant::now();
    while !site.root().join("opened").exists() {
        assert!(start.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn verdicts_of_the_last_run_appear() {
    let site = site().file("content/en/docs/a.md", "---\ntitle: A\n---\n\n```shell\necho 1\n```\n");
    let server = Server::start(&site, &["--port", "0"]);
    assert!(!server.get("/docs/a/").contains("class=\"verdict "));
    let report = serde_json::json!({
        "schema": "docbuild.verify/1", "docbuild": "0.1.0", "source": "run", "started": "2026-04-26T12:00:00Z",
        "finished": "2026-04-26T12:00:01Z",
        "summary": {"pages": 1, "commands": 1, "pass": 1, "drift": 0, "fail": 0, "skip": 0, "flaky": 0, "infra": 0},
        "pages": [{"path": "content/en/docs/a.md", "url": "/docs/a/", "lang": "en", "verdict": "pass", "blocks": [
            {"id": 1, "line": 5, "end_line": 7, "info": "shell", "role": "command", "because": "x", "in_session": null,
             "documents": null, "verdict": "pass", "reason": null, "findings": []}]}],
    });
    site.write(".docbuild/last-verify.json", report.to_string());
    server.wait_for("/docs/a/", "class=\"verdict verdict-pass\"");
    std::fs::remove_file(site.root().join(".docbuild/last-verify.json")).unwrap();
    let start = Instant::now();
    while server.get("/docs/a/").contains("class=\"verdict ") {
        assert!(start.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(10));
    }
}
