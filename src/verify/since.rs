//! Which pages a change can have touched (`--since`).
//!
//! In: a revision of the Git repository that the site is in. Out: [`Changed`]: the files that differ from
//! it, committed or not, and whether a page is made of one of them: its own file, what it includes and
//! shows, the examples that its commands read, and the same of the page that it translates.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::verify::pages::Prepared;
use crate::verify::plan::PagePlan;
use crate::verify::plan::files::FileSource;

/// The files that differ from a revision, relative to the site's root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// All of them, those that are gone included.
    pub files: BTreeSet<String>,
    /// Those that are gone.
    pub removed: BTreeSet<String>,
}

/// Why it is not known what has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SinceError {
    /// There is no Git.
    #[error("`--since` asks Git what has changed, and Git can't be started: {0}")]
    NoGit(String),
    /// The site is in no repository.
    #[error("`--since` asks Git what has changed, and {0} is in no Git repository")]
    NoRepository(String),
    /// The repository does not have the revision.
    #[error("the Git repository has no revision `{0}`")]
    NoRevision(String),
    /// Git said something else.
    #[error("Git does not say what has changed: {0}")]
    Git(String),
}

impl SinceError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoGit(_) => "install Git, or name the pages instead",
            Self::NoRepository(_) => "name the pages instead: `docbuild verify docs/tasks/x.md`",
            Self::NoRevision(_) => {
                "fetch it first (a CI often fetches only the newest commit), or name another: `--since HEAD~1`"
            }
            Self::Git(_) => "try the same with `git diff --name-only`",
        }
    }
}

impl Changed {
    /// What differs from `revision` in the folder `root`: committed, staged, changed, or not tracked yet.
    ///
    /// # Errors
    /// Where Git can't say.
    pub fn since(root: &Path, revision: &str) -> Result<Self, SinceError> {
        let git = Git { root };
        if !git.run(&["rev-parse", "--is-inside-work-tree"])?.status.success() {
            return Err(SinceError::NoRepository(root.display().to_string()));
        }
        // Resolved first, so that no revision is read as a flag or as a path.
        let named = format!("{revision}^{{commit}}");
        let commit = git.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &named])?;
        if !commit.status.success() {
            return Err(SinceError::NoRevision(revision.to_owned()));
        }
        let commit = String::from_utf8_lossy(&commit.stdout).trim().to_owned();
        let diff = ["diff", "--name-only", "--no-renames", "--relative", "--no-ext-diff", "-z"];
        let mut files = git.paths(&[&diff[..], &[&commit, "--", "."]].concat())?;
        files.extend(git.paths(&["ls-files", "--others", "--exclude-standard", "-z", "--", "."])?);
        let removed = git.paths(&[&diff[..], &["--diff-filter=D", &commit, "--", "."]].concat())?;
        Ok(Self { files, removed })
    }

    /// Whether the page is made of something that has changed. `text` reads a file, relative to the root.
    #[must_use]
    pub fn touches(&self, page: &Prepared, text: &dyn Fn(&str) -> Option<String>, root: &Path) -> bool {
        let plans = [&*page.plan, &*page.run];
        page.sources.iter().any(|file| self.files.contains(file))
            || plans.iter().any(|plan| self.touches_examples(plan, root))
            // What is gone can't be found by what the page reads now, only by its name.
            || !self.removed.is_empty()
                && page.sources.iter().filter_map(|file| text(file)).any(|text| self.names_removed(&text))
    }

    /// Whether a command of the plan reads a file, or from a folder, that has changed.
    fn touches_examples(&self, plan: &PagePlan, root: &Path) -> bool {
        let own = plan.blocks.iter().flat_map(|block| &block.commands);
        let commands = plan.setup.iter().map(|setup| &setup.command).chain(own);
        commands
            .flat_map(|command| &command.files)
            .filter_map(|file| match &file.source {
                FileSource::Site(path) => path.strip_prefix(root).ok(),
                FileSource::Block(_) => None,
            })
            .any(|used| self.files.iter().any(|file| Path::new(file).starts_with(used)))
    }

    fn names_removed(&self, text: &str) -> bool {
        self.removed.iter().filter_map(|file| file.rsplit('/').next()).any(|name| text.contains(name))
    }
}

/// Git in the site's root.
struct Git<'a> {
    root: &'a Path,
}

impl Git<'_> {
    fn run(&self, arguments: &[&str]) -> Result<std::process::Output, SinceError> {
        Command::new("git")
            .arg("-C")
            .arg(self.root)
            .args(["-c", "core.quotePath=false"])
            .args(arguments)
            .output()
            .map_err(|error| SinceError::NoGit(error.to_string()))
    }

    /// The paths that a command lists, relative to the root.
    fn paths(&self, arguments: &[&str]) -> Result<BTreeSet<String>, SinceError> {
        let output = self.run(arguments)?;
        if !output.status.success() {
            return Err(SinceError::Git(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        let paths = output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
    }
}
