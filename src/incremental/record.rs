//! The record of a build, as it is kept on disk.
//!
//! A heading, a checksum, and the values in postcard's format. Anything else at its place is no record.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Stamps;
use super::stock::Stock;
use crate::diagnostics::{Diagnostic, Place, Severity, SourceFile, Span, codes};
use crate::markdown::Article;
use crate::render::{PrintPlace, PrintPlaces};
use crate::site::{PageId, Publication};

const HEADING: &[u8] = b"docbuild.build/2\n";

/// How many build folders have a record; the oldest goes.
const KEPT: usize = 8;

/// What a build made of what.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record {
    /// What it was told.
    pub(super) key: [u8; 32],
    /// Its clock, in seconds.
    pub(super) clock: i64,
    /// When pages come and go, in seconds, in order.
    pub(super) moments: Vec<i64>,
    /// The model.
    pub(super) model: [u8; 32],
    /// The sources.
    pub(super) stock: Stock,
    /// The files in the build folder.
    pub(super) outputs: Stamps,
    /// One a page, in their order.
    pub(super) pages: Vec<PageRecord>,
    /// Paths of the print pages that hold texts of articles.
    pub(super) prints: Vec<String>,
    /// What was said about no article.
    pub(super) said: Vec<SavedDiagnostic>,
    pub(super) page_count: usize,
    pub(super) language_count: usize,
}

/// What is kept of an article.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PageRecord {
    pub(super) dependencies: Vec<String>,
    publications: Vec<Publication>,
    pub(super) said: Vec<SavedDiagnostic>,
    /// Where its text stands in a print page.
    printed: Option<Printed>,
}

/// A place in one of [`Record::prints`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Printed {
    print: usize,
    start: u64,
    length: usize,
}

impl PageRecord {
    fn of(article: &Article, printed: Option<Printed>) -> Self {
        let said = article.diagnostics.iter().map(SavedDiagnostic::of).collect();
        Self { dependencies: article.dependencies.clone(), publications: article.publications.clone(), said, printed }
    }

    /// The records of all pages, and the print pages that they name.
    pub(super) fn all(articles: &[Arc<Article>], places: &PrintPlaces) -> (Vec<Self>, Vec<String>) {
        let paths: BTreeSet<&str> = places.values().map(|place| &*place.path).collect();
        let numbers: HashMap<&str, usize> = paths.iter().enumerate().map(|(number, path)| (*path, number)).collect();
        let printed = |id: PageId| {
            let PrintPlace { path, start, length } = places.get(&id)?;
            Some(Printed { print: *numbers.get(&**path)?, start: *start, length: *length })
        };
        let pages = (0..).zip(articles).map(|(id, article)| Self::of(article, printed(PageId(id)))).collect();
        (pages, paths.into_iter().map(str::to_owned).collect())
    }

    /// The article without its text.
    pub(super) fn restore(&self, files: &mut Sources) -> Option<Article> {
        let diagnostics = self.said.iter().map(|said| said.restore(files)).collect::<Option<_>>()?;
        let mut article = Article::default();
        article.dependencies.clone_from(&self.dependencies);
        article.publications.clone_from(&self.publications);
        article.diagnostics = diagnostics;
        Some(article)
    }
}

/// A diagnostic, its files by name.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SavedDiagnostic {
    severity: u8,
    code: String,
    message: String,
    place: Option<(String, Span)>,
    labels: Vec<(String, Span, String)>,
    notes: Vec<String>,
    help: Vec<String>,
}

impl SavedDiagnostic {
    pub(super) fn of(said: &Diagnostic) -> Self {
        let place = |place: &Place| (place.file.path.clone(), place.span);
        let label = |(place, text): &(Place, String)| (place.file.path.clone(), place.span, text.clone());
        Self {
            severity: match said.severity {
                Severity::Error => 0,
                Severity::Warning => 1,
                Severity::Note => 2,
            },
            code: said.code.id.to_owned(),
            message: said.message.clone(),
            place: said.place.as_ref().map(place),
            labels: said.labels.iter().map(label).collect(),
            notes: said.notes.clone(),
            help: said.help.clone(),
        }
    }

    /// `None` where its file can't be read or its code is none.
    pub(super) fn restore(&self, files: &mut Sources) -> Option<Diagnostic> {
        let mut place = |path: &String, span: Span| Some(Place { file: files.get(path)?, span });
        let labels = self.labels.iter().map(|(path, span, text)| Some((place(path, *span)?, text.clone())));
        let labels = labels.collect::<Option<_>>()?;
        let own = match &self.place {
            Some((path, span)) => Some(place(path, *span)?),
            None => None,
        };
        Some(Diagnostic {
            severity: match self.severity {
                0 => Severity::Error,
                1 => Severity::Warning,
                _ => Severity::Note,
            },
            code: codes::find(&self.code)?,
            message: self.message.clone(),
            place: own,
            labels,
            notes: self.notes.clone(),
            help: self.help.clone(),
        })
    }
}

/// The files that diagnostics point into, each read once.
pub(super) struct Sources {
    root: PathBuf,
    files: BTreeMap<String, Option<Arc<SourceFile>>>,
}

impl Sources {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), files: BTreeMap::new() }
    }

    fn get(&mut self, path: &str) -> Option<Arc<SourceFile>> {
        if let Some(file) = self.files.get(path) {
            return file.clone();
        }
        let file = std::fs::read_to_string(self.root.join(path)).ok().map(|text| SourceFile::new(path, text));
        self.files.insert(path.to_owned(), file.clone());
        file
    }
}

impl Record {
    /// Where the text of a page stands in a print page.
    pub(super) fn place(&self, page: PageId) -> Option<PrintPlace> {
        let printed = self.pages.get(page.0 as usize)?.printed?;
        let path = Arc::from(self.prints.get(printed.print)?.as_str());
        Some(PrintPlace { path, start: printed.start, length: printed.length })
    }

    /// The record in a file, if there is one that is whole.
    pub(super) fn load(file: &Path) -> Option<Self> {
        let bytes = std::fs::read(file).ok()?;
        let (hash, values) = bytes.strip_prefix(HEADING)?.split_at_checked(blake3::OUT_LEN)?;
        if blake3::hash(values).as_bytes() != hash {
            return None;
        }
        postcard::from_bytes(values).ok()
    }

    /// Writes it, by a rename.
    pub(super) fn store(&self, file: &Path) {
        let Ok(values) = postcard::to_stdvec(self) else { return };
        let bytes = [HEADING, blake3::hash(&values).as_bytes(), &values].concat();
        let fresh = file.with_extension(format!("{}.new", std::process::id()));
        let written = file.parent().is_some_and(|folder| std::fs::create_dir_all(folder).is_ok())
            && std::fs::write(&fresh, bytes).is_ok()
            && std::fs::rename(&fresh, file).is_ok();
        if !written {
            let _ = std::fs::remove_file(&fresh);
        }
        if let Some(folder) = file.parent() {
            drop_oldest(folder);
        }
    }

    /// Whether a build at this clock makes the same: on the same day (dates in pages are days), with no
    /// page coming or going in between.
    pub(super) fn is_valid_at(&self, clock: Timestamp) -> bool {
        const DAY: i64 = 24 * 60 * 60;
        let now = clock.as_second();
        // A page goes behind the moment of its end: that of the last build's clock counts too.
        let passed = || self.moments.iter().any(|moment| (self.clock..=now).contains(moment));
        self.clock == now || (self.clock < now && self.clock.div_euclid(DAY) == now.div_euclid(DAY) && !passed())
    }
}

/// Removes the records of build folders that were not built to for longest.
fn drop_oldest(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut records: Vec<_> =
        entries.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
    records.sort();
    records.reverse();
    for (_, path) in records.into_iter().skip(KEPT) {
        let _ = std::fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_is_in_the_file_there_is_a_record_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("x.build");
            for head in [b"".as_slice(), HEADING] {
                let hash = blake3::hash(&bytes);
                for check in [b"".as_slice(), hash.as_bytes()] {
                    std::fs::write(&file, [head, check, &bytes].concat()).unwrap();
                    let _ = Record::load(&file);
                }
            }
        }
    }
}
