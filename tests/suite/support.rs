//! A site in a temporary folder, the command run in it, and what came out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A site that lasts as long as the value.
pub(crate) struct SiteTest {
    folder: tempfile::TempDir,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Exit code.
    pub(crate) code: i32,
    /// Data, with the site's folder as `[ROOT]`.
    pub(crate) stdout: String,
    /// Diagnostics, with the site's folder as `[ROOT]`.
    pub(crate) stderr: String,
}

impl SiteTest {
    /// A folder with nothing in it.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The smallest site: English, one home page.
    pub(crate) fn small() -> Self {
        Self::empty()
            .file("book.toml", "[book]\ntitle = \"Small\"\nlanguage = \"en\"\n")
            .file("content/en/_index.md", "---\ntitle: Home\n---\n\nHello.\n")
    }

    /// Writes a file, its folders made.
    pub(crate) fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(path, text);
        self
    }

    /// Writes a file, its folders made.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The text of a file; fails the test if it is not there.
    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        let path = self.root().join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The site's root.
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `docbuild` with these arguments (split at blanks) in the root.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        let mut command = self.command();
        command.args(arguments.split_whitespace());
        self.finish(command)
    }

    /// The command, to be given arguments and an environment.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_docbuild"));
        command.current_dir(self.root()).env("COLUMNS", "100").env_remove("NO_COLOR");
        command
    }

    /// Runs a prepared command to its end.
    #[track_caller]
    pub(crate) fn finish(&self, mut command: Command) -> Ran {
        let output = command.output().unwrap();
        let root = self.root().canonicalize().unwrap();
        let clean = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&*root.to_string_lossy(), "[ROOT]");
        Ran { code: output.status.code().unwrap_or(-1), stdout: clean(&output.stdout), stderr: clean(&output.stderr) }
    }
}

impl Ran {
    /// Fails the test, showing what was printed, unless the command ended with this code.
    #[track_caller]
    pub(crate) fn code(self, expected: i32) -> Self {
        assert_eq!(self.code, expected, "\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }
}

/// Something that a machine may lack, and with it the tests that need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "the browser's tests have a way of their own to say it")]
pub(crate) enum Need {
    /// The shared test data beside the checkout.
    Corpus,
    /// A local Kubernetes: Linux, root, Go, kernel features.
    Cluster,
    /// Chromium and chromedriver.
    Browser,
    /// xmllint, which reads XML schemas.
    Schemas,
}

/// Says that the running test is skipped, by its name, and why. `make test` lists these at its end.
///
/// Where the need is required (`DOCBUILD_REQUIRE_CLUSTER`, `_BROWSER`, `_CORPUS`, `_SCHEMAS`: set in `.ci/run`) the
/// test fails instead.
#[track_caller]
pub(crate) fn skip(need: Need, reason: &str) {
    use std::io::Write as _;
    let variable = match need {
        Need::Corpus => "DOCBUILD_REQUIRE_CORPUS",
        Need::Cluster => "DOCBUILD_REQUIRE_CLUSTER",
        Need::Browser => "DOCBUILD_REQUIRE_BROWSER",
        Need::Schemas => "DOCBUILD_REQUIRE_SCHEMAS",
    };
    let required = std::env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0");
    assert!(!required, "{variable} is set, and there is none: {reason}");
    let thread = std::thread::current();
    let line = format!("{}: skipped: {reason}\n", thread.name().unwrap_or("a test"));
    // Written past the test harness, which shows nothing of a test that passes.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
    if let Some(file) = std::env::var_os("DOCBUILD_SKIPPED") {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(file);
        file.and_then(|mut file| file.write_all(line.as_bytes())).unwrap();
    }
}

/// The shared test data: beside the checkout, or where `DOCBUILD_SHARED` says. `None` after saying so:
/// users do not have it.
#[track_caller]
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let path = shared_folder().join(path);
    if path.exists() {
        return Some(path);
    }
    skip(Need::Corpus, &format!("no corpus ({} is not there)", path.display()));
    None
}

fn shared_folder() -> PathBuf {
    std::env::var_os("DOCBUILD_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from)
}

/// A large real site, not to be written to: `DOCBUILD_CORPUS`, else the shared archive, unpacked once into the
/// user's cache. `None` after saying so.
#[track_caller]
pub(crate) fn corpus() -> Option<PathBuf> {
    static UNPACKED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    if let Some(folder) = std::env::var_os("DOCBUILD_CORPUS") {
        return Some(PathBuf::from(folder));
    }
    match UNPACKED.get_or_init(unpacked) {
        Ok(folder) => Some(folder.clone()),
        Err(reason) => {
            skip(Need::Corpus, &format!("no corpus ({reason})"));
            None
        }
    }
}

/// The folder of the unpacked archive. It gets its name when it is complete, so that another process sees all
/// of it or nothing.
fn unpacked() -> Result<PathBuf, String> {
    let shared = shared_folder();
    let archive = shared.join("corpus/kubernetes-site.tar.xz");
    let metadata = archive.metadata().map_err(|error| format!("{}: {error}", archive.display()))?;
    let home = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let caches = home.ok_or("there is no HOME for a cache")?.join("docbuild");
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let name = format!("corpus-{}-{}", metadata.len(), modified.unwrap_or_default().as_secs());
    let folder = caches.join(name);
    if folder.is_dir() {
        return Ok(folder);
    }
    let wrong = |error: std::io::Error| format!("{}: {error}", caches.display());
    std::fs::create_dir_all(&caches).map_err(wrong)?;
    let fresh = tempfile::Builder::new().prefix("unpacking-").tempdir_in(&caches).map_err(wrong)?;
    let ended = Command::new(shared.join("tools/unpack")).arg(fresh.path()).status();
    match ended {
        Ok(status) if status.success() => {}
        ended => return Err(format!("{}: {ended:?}", archive.display())),
    }
    // Another process may have been quicker.
    match std::fs::rename(fresh.path(), &folder) {
        Err(error) if !folder.is_dir() => Err(wrong(error)),
        _ => Ok(folder),
    }
}

/// A copy of these files and folders of the corpus, as a site; languages without any are empty.
#[track_caller]
pub(crate) fn corpus_part(parts: &[&str]) -> Option<SiteTest> {
    let corpus = corpus()?;
    let site = SiteTest::empty();
    for language in std::fs::read_dir(corpus.join("content")).unwrap() {
        std::fs::create_dir_all(site.root().join("content").join(language.unwrap().file_name())).unwrap();
    }
    for part in parts {
        for entry in walkdir::WalkDir::new(corpus.join(part)).into_iter().map(Result::unwrap) {
            if entry.file_type().is_file() {
                let path = entry.path().strip_prefix(&corpus).unwrap().to_str().unwrap();
                site.write(path, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    Some(site)
}

/// The files of a folder with their bytes, docbuild's own apart.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    entries
        .filter(|entry| entry.file_type().is_file() && !entry.path().starts_with(folder.join(".docbuild")))
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            (path, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}
