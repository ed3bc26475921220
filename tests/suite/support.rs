//! A site in a temporary folder, the command run in it, and what came out.

use std::path::{Path, PathBuf};
use std::process::Command;

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
}

/// Says that the running test is skipped, by its name, and why. `make test` lists these at its end.
///
/// Where the need is required (`DOCBUILD_REQUIRE_CLUSTER`, `_BROWSER`, `_CORPUS`: set in `.ci/run`) the
/// test fails instead.
#[track_caller]
pub(crate) fn skip(need: Need, reason: &str) {
    use std::io::Write as _;
    let variable = match need {
        Need::Corpus => "DOCBUILD_REQUIRE_CORPUS",
        Need::Cluster => "DOCBUILD_REQUIRE_CLUSTER",
        Need::Browser => "DOCBUILD_REQUIRE_BROWSER",
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

/// The shared test data beside the checkout, or `None` after saying so: users do not have it.
#[track_caller]
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if path.exists() {
        return Some(path);
    }
    skip(Need::Corpus, &format!("no corpus ({} is not there)", path.display()));
    None
}
