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

/// The shared test data beside the checkout, or `None` after saying so: users do not have it.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if path.exists() {
        return Some(path);
    }
    #[expect(clippy::print_stderr, reason = "a skipped test says so")]
    {
        eprintln!("skipped: no corpus ({} is not there)", path.display());
    }
    assert!(std::env::var_os("DOCBUILD_REQUIRE_CORPUS").is_none(), "the corpus is required and is not there");
    None
}
