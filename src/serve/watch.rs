//! Watching everything that can change a page.
//!
//! In: the configuration, which names the folders. Out: [`Watcher::wait`]: the files of one burst of
//! changes. Whatever changed, everything is built again; so an editor's way of saving (in place, by
//! a rename, by a second file) does not matter, and events need no pairing, only a moment of quiet.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use notify::event::ModifyKind;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::LAST_REPORT;
use crate::config::Config;

/// A burst ends when nothing happened for this long: an editor's write is several events.
const QUIET: Duration = Duration::from_millis(15);

/// A burst that goes on longer is cut (a checkout of another branch).
const LONGEST: Duration = Duration::from_millis(250);

/// Watches a site's sources.
pub(super) struct Watcher {
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<notify::Event>>,
    sources: Sources,
    watched: BTreeSet<(PathBuf, bool)>,
}

/// The paths that pages are made of.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sources {
    folders: BTreeSet<PathBuf>,
    files: BTreeSet<PathBuf>,
    build: PathBuf,
}

impl Sources {
    fn of(config: &Config) -> Self {
        let folders = config.source_folders().into_iter().map(Path::to_owned).collect();
        let files = BTreeSet::from([config.root.join(&config.file.path), config.root.join(LAST_REPORT)]);
        Self { folders, files, build: config.build_dir.clone() }
    }

    fn matter(&self, path: &Path) -> bool {
        let inside = self.folders.iter().any(|folder| path.starts_with(folder));
        (inside && !path.starts_with(&self.build)) || self.files.contains(path)
    }

    /// What to watch now: folders with all below them, and the folders above, where they would
    /// appear if they are not there yet.
    fn to_watch(&self) -> BTreeSet<(PathBuf, bool)> {
        let mut watch = BTreeSet::new();
        for folder in &self.folders {
            if folder.is_dir() {
                watch.insert((folder.clone(), true));
            }
        }
        for path in self.folders.iter().chain(&self.files) {
            if let Some(parent) = path.ancestors().skip(1).find(|parent| parent.is_dir()) {
                watch.insert((parent.to_owned(), false));
            }
        }
        watch
    }
}

impl Watcher {
    pub(super) fn new(config: &Config) -> notify::Result<Self> {
        let (sender, events) = channel();
        // Nobody listens any more when the server has stopped.
        let watcher = notify::recommended_watcher(move |event| drop(sender.send(event)))?;
        let mut watcher = Self { watcher, events, sources: Sources::default(), watched: BTreeSet::new() };
        watcher.follow(config)?;
        Ok(watcher)
    }

    /// Watches what the configuration names now.
    pub(super) fn follow(&mut self, config: &Config) -> notify::Result<()> {
        self.sources = Sources::of(config);
        self.update()
    }

    fn update(&mut self) -> notify::Result<()> {
        let wanted = self.sources.to_watch();
        for (path, _) in self.watched.difference(&wanted) {
            // It may be gone.
            let _ = self.watcher.unwatch(path);
        }
        for (path, deep) in wanted.difference(&self.watched) {
            let mode = if *deep { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
            self.watcher.watch(path, mode)?;
        }
        self.watched = wanted;
        Ok(())
    }

    /// Waits for a burst of changes; `None` when watching has ended.
    pub(super) fn wait(&mut self) -> Option<Vec<PathBuf>> {
        loop {
            let mut changed = BTreeSet::new();
            let first = self.events.recv().ok()?;
            self.note(first, &mut changed);
            if changed.is_empty() {
                continue;
            }
            let start = Instant::now();
            while start.elapsed() < LONGEST
                && let Ok(event) = self.events.recv_timeout(QUIET)
            {
                self.note(event, &mut changed);
            }
            return Some(changed.into_iter().collect());
        }
    }

    /// Adds the paths of an event that matter.
    fn note(&mut self, event: notify::Result<notify::Event>, changed: &mut BTreeSet<PathBuf>) {
        let Ok(event) = event else { return };
        if event.need_rescan() {
            changed.extend(self.sources.files.iter().take(1).cloned());
            return;
        }
        if matches!(event.kind, EventKind::Access(_)) {
            return;
        }
        for path in event.paths {
            let is_above =
                self.sources.folders.iter().chain(&self.sources.files).any(|source| source.starts_with(&path));
            let comes_or_goes = matches!(
                event.kind,
                EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
            );
            if is_above && comes_or_goes {
                self.watch_again(&path);
                // What was put into it before it was watched is seen by building.
                changed.insert(path.clone());
            }
            if self.sources.matter(&path) {
                changed.insert(path);
            }
        }
    }

    /// A folder of sources, or one above it, came or went: a watch follows the folder, not its name.
    fn watch_again(&mut self, path: &Path) {
        let (stale, kept): (BTreeSet<_>, BTreeSet<_>) =
            std::mem::take(&mut self.watched).into_iter().partition(|(watched, _)| watched.starts_with(path));
        for (path, _) in &stale {
            let _ = self.watcher.unwatch(path);
        }
        self.watched = kept;
        // What can't be watched now is tried again at the next change above it.
        let _ = self.update();
    }
}
