//! The site as data, for tools that judge or read it: what `docbuild export` prints.
//!
//! In: [`crate::config::Config`]. Out: JSON on a writer: one line a published page ([`write_pages`]),
//! or the sidebar of a language ([`write_sidebar`]); and what is wrong with the content.
//! Steps: read the sources, assemble the site, make articles in parallel, write them in order. No
//! more than two batches of articles are in memory at a time.

mod record;
mod sidebar;

use std::io::{self, Write};
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::Config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::markdown::{Context, article};
use crate::shortcode::Registry;
use crate::site::{Page, Site, assemble};
use crate::source::{self, DiskFiles};
use record::Record;

/// How many pages are made at once: enough to keep all cores busy, few enough to stay small.
const BATCH: usize = 256;

/// A page as a line, and what is wrong with it.
struct Line {
    json: Vec<u8>,
    diagnostics: Vec<Diagnostic>,
}

/// Writes one JSON object a line for each published page of the chosen languages, in the order of
/// [`Site::pages`], then for each list of terms and of a term's pages. Pages with errors in them are written too.
///
/// # Errors
/// When `out` can't be written.
pub fn write_pages(config: &Arc<Config>, out: &mut (impl Write + Send)) -> io::Result<Diagnostics> {
    let (site, mut diagnostics) = model(config);
    let (shortcodes, said) = Registry::load(config);
    diagnostics.extend(said.sorted());
    let files = DiskFiles::new(config.root.clone());
    let context = Context { site: &site, files: &files, shortcodes: &shortcodes, decorate: None };
    let pages: Vec<&Page> = site.pages.iter().filter(|page| page.published && is_chosen(&site, page)).collect();
    let mut made: Vec<Line> = vec![];
    // One batch is written while the next is made.
    for batch in pages.chunks(BATCH).chain([[].as_slice()]) {
        let (written, next) =
            rayon::join(|| made.iter().try_for_each(|line| out.write_all(&line.json)), || lines(&context, batch));
        written?;
        diagnostics.extend(std::mem::replace(&mut made, next).into_iter().flat_map(|line| line.diagnostics));
    }
    for language in (0..config.languages.len()).filter(|language| config.languages[*language].selected) {
        for record in Record::of_taxonomies(&site, language) {
            serde_json::to_writer(&mut *out, &record)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(diagnostics)
}

/// Writes the sidebar of the docs as nested objects: that of the chosen language, or, where several
/// are chosen, an object with one for each language's code.
///
/// # Errors
/// When `out` can't be written.
pub fn write_sidebar(config: &Arc<Config>, out: &mut impl Write) -> io::Result<Diagnostics> {
    let (site, diagnostics) = model(config);
    let chosen = (0..config.languages.len()).filter(|language| config.languages[*language].selected);
    let mut trees: Vec<_> =
        chosen.map(|language| (config.languages[language].code.as_str(), sidebar::tree(&site, language))).collect();
    if trees.len() == 1 {
        serde_json::to_writer_pretty(&mut *out, &trees.remove(0).1)?;
    } else {
        // The languages' own order says more than that of their codes.
        serde_json::to_writer_pretty(&mut *out, &sidebar::InOrder(trees))?;
    }
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(diagnostics)
}

fn model(config: &Arc<Config>) -> (Site, Diagnostics) {
    let (source, mut diagnostics) = source::load(config);
    let (site, said) = assemble(Arc::clone(config), source);
    diagnostics.extend(said.sorted());
    (site, diagnostics)
}

fn is_chosen(site: &Site, page: &Page) -> bool {
    site.config.languages[page.language].selected
}

fn lines(context: &Context<'_>, pages: &[&Page]) -> Vec<Line> {
    let line = |page: &&Page| {
        let mut article = article(context, page.id);
        let diagnostics = std::mem::take(&mut article.diagnostics);
        let mut json = Vec::with_capacity(article.html.len() + article.html.len() / 8 + 1024);
        // Texts and numbers can't fail to be JSON.
        let _ = serde_json::to_writer(&mut json, &Record::new(context.site, page, &article));
        json.push(b'\n');
        Line { json, diagnostics }
    };
    pages.par_iter().map(line).collect()
}
