//! Runs that were made before, kept by what they depend on.
//!
//! In: a page's plan, the cluster it is run on. Out: the [`PageRun`] of the same blocks, files, cluster,
//! images and docbuild, if there is one. Runs in which something failed that is not the page's are not kept:
//! they say nothing. Every run is written here; only `verify --cached` reads it.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::cluster::{Handle, cache};
use crate::config::VerifySetup;
use crate::verify::images;
use crate::verify::plan::PagePlan;
use crate::verify::plan::files::FileSource;
use crate::verify::recording::{self, CommandRun, Ended, PageRun};

/// Runs older than this are removed: nobody knows any more what else was different then.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// The runs of this user.
pub(super) struct Runs {
    folder: PathBuf,
    /// What the site sets up before each page.
    setup: String,
}

impl Runs {
    /// The runs kept on this machine; `None` where there is no place for them.
    pub(super) fn open(setup: &VerifySetup) -> Option<Self> {
        let folder = cache::folder().ok()?.join("verify");
        cache::make_private(&folder).ok()?;
        let runs = Self { folder, setup: format!("{setup:?}") };
        runs.prune();
        Some(runs)
    }

    /// The run of a page on a cluster, if it was made before.
    pub(super) fn find(&self, plan: &PagePlan, handle: &Handle) -> Option<PageRun> {
        let text = std::fs::read(self.file(plan, handle)?).ok()?;
        let run: PageRun = serde_json::from_slice(&text).ok()?;
        Some(run)
    }

    /// Keeps a run. That it can't be kept costs time, nothing else.
    pub(super) fn keep(&self, plan: &PagePlan, handle: &Handle, run: &PageRun) {
        // What was skipped while the page ran, for want of time or of an image, says nothing either.
        let planned = plan.blocks.iter().flat_map(|block| &block.commands).filter(|command| command.skip.is_some());
        let skipped: Vec<&str> = planned.map(|command| command.text.as_str()).collect();
        let lost = |command: &CommandRun| match &command.ended {
            Ended::Infra { .. } => true,
            Ended::NotRun { .. } => !skipped.contains(&command.text.as_str()),
            Ended::Done | Ended::TimedOut { .. } => false,
        };
        if run.commands.iter().chain(run.again.iter().flatten()).any(lost) {
            return;
        }
        if let (Some(file), Ok(text)) = (self.file(plan, handle), serde_json::to_vec(run)) {
            let _ = cache::write_private(&file, text);
        }
    }

    fn file(&self, plan: &PagePlan, handle: &Handle) -> Option<PathBuf> {
        Some(self.folder.join(format!("{}.json", key(plan, handle, &self.setup)?)))
    }

    fn prune(&self) {
        let Some(oldest) = SystemTime::now().checked_sub(KEPT) else { return };
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if entry.metadata().and_then(|data| data.modified()).is_ok_and(|made| made < oldest) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// A hash of all that a run depends on; `None` where a file can't be read.
fn key(plan: &PagePlan, handle: &Handle, setup: &str) -> Option<String> {
    let mut hasher = blake3::Hasher::new();
    // A length in front of each part: no two sequences of parts look the same.
    let mut add = |part: &[u8]| {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    };
    for part in [env!("CARGO_PKG_VERSION"), recording::SCHEMA, handle.provider, &handle.server_version, setup] {
        add(part.as_bytes());
    }
    for name in images::asked_for(plan).iter().map(|name| crate::cluster::whole_image_name(name)) {
        add(name.as_bytes());
        add(handle.stand_ins.get(&name).map_or("", String::as_str).as_bytes());
    }
    // Its blocks, their lines, all that was decided about them.
    add(&serde_json::to_vec(plan).ok()?);
    let own = plan.blocks.iter().flat_map(|block| &block.commands);
    let commands = own.chain(plan.setup.iter().map(|setup| &setup.command));
    for file in commands.flat_map(|command| &command.files) {
        if let FileSource::Site(path) = &file.source {
            add_files(path, &mut add)?;
        }
    }
    Some(hasher.finalize().to_hex().to_string())
}

/// Adds a file, or the files below a folder.
fn add_files(path: &Path, add: &mut dyn FnMut(&[u8])) -> Option<()> {
    for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
        let entry = entry.ok()?;
        if entry.file_type().is_file() {
            add(entry.path().strip_prefix(path).ok()?.to_string_lossy().as_bytes());
            add(&std::fs::read(entry.path()).ok()?);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::classify;
    use crate::verify::cues::Cues;
    use crate::verify::extract::{Block, Context, Page};
    use crate::verify::plan::{self, files::Folders};
    use crate::verify::recording::CommandRun;

    fn planned(text: &str) -> PagePlan {
        let block = Block {
            id: 1,
            line: 1,
            end_line: 3,
            info: Some("shell".into()),
            file: None,
            language: "shell".into(),
            text: text.into(),
            lines: vec![2],
            context: Context::default(),
        };
        let page = Page {
            path: "a.md".into(),
            url: "/a/".into(),
            lang: "en".into(),
            original: None,
            overrides: crate::config::PageOverride::default(),
            variables: vec![],
            blocks: vec![block],
            examples: vec![],
        };
        let cues = Cues::of("en");
        let classes = classify::classify(&page, &cues, None);
        plan::plan(&page, &classes, &cues, &Folders::default())
    }

    fn handle(version: &str) -> Handle {
        Handle {
            provider: "local",
            kubeconfig: PathBuf::new(),
            context: "c".into(),
            server_version: version.into(),
            path: vec![],
            stand_ins: std::collections::BTreeMap::new(),
            missing_images: std::collections::BTreeMap::new(),
            resettable: true,
            network: None,
        }
    }

    #[test]
    fn a_run_is_found_again_only_for_the_same_blocks_and_cluster() {
        let folder = tempfile::tempdir().unwrap();
        let runs = Runs { folder: folder.path().to_owned(), setup: String::new() };
        let (plan, cluster) = (planned("kubectl get pods\n"), handle("v1"));
        let run = PageRun {
            path: "a.md".into(),
            commands: vec![CommandRun { ended: Ended::Done, ..CommandRun::not_run(2, "x", "y") }],
            ..PageRun::default()
        };
        runs.keep(&plan, &cluster, &run);
        assert_eq!(runs.find(&plan, &cluster), Some(run));
        assert_eq!(runs.find(&planned("kubectl get pod\n"), &cluster), None);
        assert_eq!(runs.find(&plan, &handle("v2")), None);
    }

    #[test]
    fn a_run_that_failed_for_the_cluster_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let runs = Runs { folder: folder.path().to_owned(), setup: String::new() };
        let (plan, cluster) = (planned("kubectl get pods\n"), handle("v1"));
        let mut command = CommandRun::not_run(2, "x", "y");
        command.ended = Ended::Infra { reason: "no API".into() };
        runs.keep(&plan, &cluster, &PageRun { commands: vec![command], ..PageRun::default() });
        assert_eq!(runs.find(&plan, &cluster), None);
    }
}
