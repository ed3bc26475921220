//! What the last build left for the next: the cache on disk.
//!
//! In: [`Config`], the state of the source files on disk, the record of the last build.
//! Out: [`State`]: nothing changed, so that no page is parsed; only texts of pages changed, so that
//! these pages and what is made of them is made again ([`Before`]); or everything is to be made.
//! Steps: take the stock of the sources ([`stock`]), read the record ([`record`]), compare, build,
//! write the new record.
//!
//! A record is never trusted further than it can be checked: it names the docbuild that wrote it and
//! has a checksum, and one that does not fit is no record. The stock is taken before anything is
//! read, so that a file saved during a build counts as changed in the next one.

mod model;
mod record;
mod stock;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::config::Config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::markdown::Article;
use crate::output;
use crate::render::{Before, Built, PrintPlaces};
use crate::site::{PageId, Site};
use record::{PageRecord, Record, SavedDiagnostic};
use stock::Stock;

/// Folder of the caches, below the root.
const FOLDER: &str = ".docbuild/cache";

/// The cache of one build folder.
#[derive(Debug)]
pub struct Cache {
    config: Arc<Config>,
    file: PathBuf,
    key: [u8; 32],
    /// `None` where the sources can't be taken stock of.
    stock: Option<Stock>,
    last: Option<Record>,
    /// The fingerprint of this build's model: it has one.
    model: OnceLock<[u8; 32]>,
}

/// How a build relates to the last one.
#[derive(Debug)]
pub enum State {
    /// The site in the build folder is the one that would be built.
    Unchanged(Unchanged),
    /// Some files may differ.
    Changed,
    /// There is no usable record.
    Unknown,
}

/// What the last build said.
#[derive(Debug)]
pub struct Unchanged {
    /// Its diagnostics.
    pub diagnostics: Diagnostics,
    /// Its pages.
    pub pages: usize,
    /// Its languages.
    pub languages: usize,
    /// Its files.
    pub files: usize,
}

impl Cache {
    /// Opens the cache of a site's build folder. `extra` is whatever else the pages are made of (the
    /// verdicts).
    #[must_use]
    pub fn open(config: &Arc<Config>, extra: &[u8]) -> Self {
        let key = model::key(config, extra);
        let name = blake3::hash(config.build_dir.as_os_str().as_encoded_bytes()).to_hex();
        let file = config.root.join(FOLDER).join(format!("{}.build", &name[..16]));
        let stock = Stock::take(config);
        let last = Record::load(&file).filter(|record| record.key == key && record.is_valid_at(config.publish.clock));
        let last = last.filter(|record| record.outputs == stock::of_outputs(&config.build_dir));
        Self { config: Arc::clone(config), file, key, stock, last, model: OnceLock::new() }
    }

    /// How the sources relate to those of the last build.
    #[must_use]
    pub fn state(&self) -> State {
        let (Some(last), Some(stock)) = (&self.last, &self.stock) else { return State::Unknown };
        if !last.stock.is_same(stock, &self.config.root) {
            return State::Changed;
        }
        let mut files = record::Sources::new(&self.config.root);
        let pages = last.pages.iter().flat_map(|page| &page.said);
        let said: Option<Vec<Diagnostic>> =
            last.said.iter().chain(pages).map(|said| said.restore(&mut files)).collect();
        let Some(said) = said else { return State::Changed };
        let mut diagnostics = Diagnostics::new();
        diagnostics.extend(said);
        State::Unchanged(Unchanged {
            diagnostics,
            pages: last.page_count,
            languages: last.language_count,
            files: last.outputs.len(),
        })
    }

    /// The record of a build, but for the files that are in the build folder at its end.
    #[must_use]
    pub fn record(&self, built: &Built) -> Option<Finished> {
        let mut stock = self.stock.clone()?;
        stock.add_hashes(&self.config.root, self.last.as_ref().map(|record| &record.stock));
        let of_articles: BTreeSet<_> =
            built.articles.iter().flat_map(|article| &article.diagnostics).map(key_of).collect();
        let others = built.diagnostics.clone().sorted();
        let (pages, prints) = PageRecord::all(&built.articles, &built.print_places);
        let record = Record {
            key: self.key,
            clock: self.config.publish.clock.as_second(),
            moments: model::moments(&built.site),
            model: *self.model.get_or_init(|| model::fingerprint(&built.site)),
            stock,
            outputs: Stamps::new(),
            pages,
            prints,
            said: others.iter().filter(|said| !of_articles.contains(&key_of(said))).map(SavedDiagnostic::of).collect(),
            page_count: built.page_count(),
            language_count: built.language_count(),
        };
        Some(Finished { record, file: self.file.clone(), build_dir: self.config.build_dir.clone() })
    }
}

/// The record of a build, to be kept when its files are in the build folder.
#[derive(Debug)]
pub struct Finished {
    record: Record,
    file: PathBuf,
    build_dir: PathBuf,
}

impl Finished {
    /// Writes it. Where that is not possible, the next build makes everything: the cache is no reason to fail.
    pub fn save(mut self) {
        self.record.outputs = stock::of_outputs(&self.build_dir);
        self.record.store(&self.file);
    }
}

/// What tells one diagnostic from another.
fn key_of(said: &Diagnostic) -> (Option<(&str, usize)>, &str, &str) {
    let place = said.place.as_ref().map(|place| (place.file.path.as_str(), place.span.start));
    (place, said.code.id, said.message.as_str())
}

impl Before for Cache {
    fn stale(&self, site: &Site) -> Option<BTreeSet<PageId>> {
        let (last, stock) = (self.last.as_ref()?, self.stock.as_ref()?);
        if last.pages.len() != site.pages.len() || last.model != *self.model.get_or_init(|| model::fingerprint(site)) {
            return None;
        }
        let changed = last.stock.changed(stock, &self.config.root)?;
        let pages: HashMap<&str, PageId> =
            site.pages.iter().filter_map(|page| Some((page.file.as_ref()?.path.as_str(), page.id))).collect();
        let mut stale = BTreeSet::new();
        for path in &changed {
            stale.insert(*pages.get(path.as_str())?);
        }
        let depends = |page: &PageRecord| page.dependencies.iter().any(|path| changed.contains(path));
        let others = site.pages.iter().zip(&last.pages).filter(|(_, record)| depends(record));
        stale.extend(others.map(|(page, _)| page.id));
        Some(stale)
    }

    fn articles(&self, site: &Site) -> Option<Vec<Arc<Article>>> {
        let mut files = record::Sources::new(&self.config.root);
        let pages = &self.last.as_ref()?.pages;
        debug_assert_eq!(pages.len(), site.pages.len());
        pages.iter().map(|page| page.restore(&mut files).map(Arc::new)).collect()
    }

    fn has_texts(&self) -> bool {
        false
    }

    fn printed(&self, page: PageId) -> Option<Arc<str>> {
        let place = self.last.as_ref()?.place(page)?;
        // The stamps of all files in the build folder were compared: it holds what was written.
        let file = File::open(self.config.build_dir.join(&*place.path)).ok()?;
        if place.start + place.length as u64 > file.metadata().ok()?.len() {
            return None;
        }
        let mut bytes = vec![0; place.length];
        file.read_exact_at(&mut bytes, place.start).ok()?;
        String::from_utf8(bytes).ok().map(Arc::from)
    }

    fn places(&self) -> PrintPlaces {
        let Some(last) = &self.last else { return PrintPlaces::new() };
        (0..).map(PageId).take(last.pages.len()).filter_map(|id| Some((id, last.place(id)?))).collect()
    }
}

/// The paths of the files that the last build wrote, for tests and messages.
pub(crate) type Stamps = BTreeMap<String, stock::Stamp>;

/// Files in the build folder, by the list that `output` keeps.
fn output_paths(folder: &std::path::Path) -> Vec<String> {
    output::files(folder).unwrap_or_default().into_iter().collect()
}
