//! From a configuration to the files of a site: all stages but the last.
//!
//! In: [`Config`], the verdicts to show. Out: [`Built`], with everything that is wrong at once.
//! Steps: read the sources, assemble the site, make the articles in parallel, render.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::verdicts::Verdicts;
use super::{Rendered, render};
use crate::config::Config;
use crate::diagnostics::Diagnostics;
use crate::markdown::flow::CodeBlock;
use crate::markdown::{self, Article, Context};
use crate::shortcode::Registry;
use crate::site::{Page, Site, assemble};
use crate::source::{self, DiskFiles};

/// A site as it would be published.
#[derive(Debug)]
pub struct Built {
    /// The model.
    pub site: Site,
    /// The files; not to be published where the diagnostics hold an error.
    pub files: Rendered,
    /// What all stages said.
    pub diagnostics: Diagnostics,
    /// How long each stage took, in order.
    pub timings: Vec<(&'static str, Duration)>,
}

impl Built {
    /// How many pages have a URL of their own.
    #[must_use]
    pub fn page_count(&self) -> usize {
        self.site.pages.iter().filter(|page| page.published && super::is_selected(&self.site, page)).count()
    }

    /// How many languages are built.
    #[must_use]
    pub fn language_count(&self) -> usize {
        self.site.config.languages.iter().filter(|language| language.selected).count()
    }
}

/// Builds a site in memory.
#[must_use]
pub fn build(config: &Arc<Config>, verdicts: &Verdicts) -> Built {
    let mut clock = Clock::start();
    let (source, mut diagnostics) = source::load(config);
    clock.lap("read");
    let (site, more) = assemble(Arc::clone(config), source);
    diagnostics.extend(more.sorted());
    clock.lap("assemble");
    let (shortcodes, more) = Registry::load(config);
    diagnostics.extend(more.sorted());
    let mut articles = articles(&site, &shortcodes, verdicts);
    for article in &mut articles {
        diagnostics.extend(std::mem::take(&mut article.diagnostics));
    }
    clock.lap("articles");
    let (files, more) = render(&site, &articles);
    diagnostics.extend(more.sorted());
    clock.lap("pages");
    Built { site, files, diagnostics, timings: clock.laps }
}

/// The articles of all pages, in their order.
fn articles(site: &Site, shortcodes: &Registry, verdicts: &Verdicts) -> Vec<Article> {
    let files = DiskFiles::new(site.config.root.clone());
    let article = |page: &Page| {
        let decorate = |block: &CodeBlock| verdicts.html(&block.at.file.path, block.line, site, page.language);
        // Only a page with an address of its own is published; the others are made where they are included.
        if !page.published || !super::is_selected(site, page) {
            return Article::default();
        }
        markdown::article(&Context { site, files: &files, shortcodes, decorate: Some(&decorate) }, page.id)
    };
    site.pages.par_iter().map(article).collect()
}

/// Measures stages.
struct Clock {
    since: Instant,
    laps: Vec<(&'static str, Duration)>,
}

impl Clock {
    fn start() -> Self {
        Self { since: Instant::now(), laps: vec![] }
    }

    fn lap(&mut self, stage: &'static str) {
        let now = Instant::now();
        self.laps.push((stage, now - self.since));
        self.since = now;
    }
}
