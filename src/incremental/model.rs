//! Fingerprints: of what a build is told, and of the model that it made.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use rayon::prelude::*;

use crate::config::{Config, Publish};
use crate::diagnostics::Span;
use crate::site::{Page, Site, parse_date};

/// Counted up when a record means something else than before.
const VERSION: u32 = 3;

/// Front matter that says when a page comes and goes.
const MOMENTS: [&str; 7] = ["date", "publishdate", "pubdate", "published", "expirydate", "unpublishdate", "lastmod"];

/// Hashes what is printed to it.
struct Printer(blake3::Hasher);

impl fmt::Write for Printer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

fn hash(value: &dyn fmt::Debug) -> [u8; 32] {
    let mut printer = Printer(blake3::Hasher::new());
    // Hashing does not fail.
    let _ = write!(printer, "{value:?}");
    *printer.0.finalize().as_bytes()
}

/// The configuration apart from the clock, what else was asked for, and which docbuild this is.
pub(super) fn key(config: &Config, extra: &[u8]) -> [u8; 32] {
    let publish = Publish { clock: jiff::Timestamp::UNIX_EPOCH, ..config.publish };
    let told = Config { publish, ..config.clone() };
    let program = std::env::current_exe().and_then(std::fs::metadata).ok();
    let program = program.map(|program| (program.len(), program.modified().ok()));
    hash(&(VERSION, env!("CARGO_PKG_VERSION"), program, told, extra))
}

/// The model apart from the pages' texts. Everything that a [`Page`] has is printed, so that a new
/// field is not forgotten.
pub(super) fn fingerprint(site: &Site) -> [u8; 32] {
    let pages: Vec<[u8; 32]> = site.pages.par_iter().map(page).collect();
    hash(&(pages, &site.homes, &site.strings))
}

fn page(page: &Page) -> [u8; 32] {
    let mut front_matter = page.front_matter.clone();
    front_matter.span = Span::default();
    hash(&Page { file: None, body: Span::default(), front_matter, ..page.clone() })
}

/// The moments at which another clock makes another site, in seconds, in order.
pub(super) fn moments(site: &Site) -> Vec<i64> {
    let values = site.pages.iter().flat_map(|page| {
        let told = MOMENTS.iter().filter_map(|key| page.front_matter.values.get(*key)?.as_str());
        told.chain(page.date.as_deref())
    });
    let zone = &site.config.time_zone;
    let moments: BTreeSet<i64> = values.filter_map(|text| Some(parse_date(text, zone)?.1.as_second())).collect();
    moments.into_iter().collect()
}
