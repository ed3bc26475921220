//! Articles and layouts -> files.
//!
//! In: [`crate::site::Site`], one [`crate::markdown::Article`] a page, the Tera layouts.
//! Out: [`Rendered`]: path below the build folder -> bytes.
//! Steps: compile the layouts ([`layouts`]), see the tree as each language's readers do ([`tree`]),
//! render every page in parallel ([`page`]), add what stands beside the pages ([`files`]).
//!
//! A page that the default language has and another lacks is not copied: the other language's tree
//! shows it marked, and links to a notice on it, in the reader's language (`#untranslated-ja`), which
//! shows only where it is linked to.

mod body;
mod files;
mod layouts;
mod page;
mod pipeline;
mod tree;
mod urls;
pub mod verdicts;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::assets::{self, Asset};
use crate::diagnostics::Diagnostics;
use crate::markdown::Article;
use crate::site::{Page, Site};
use files::Sink;
use layouts::Layouts;
use tree::Tree;
use urls::Base;

pub use pipeline::{Built, build, rebuild};
pub use urls::decode as decode_url;

/// The files of a site, by path below the build folder, with `/`.
pub type Rendered = BTreeMap<String, Arc<[u8]>>;

/// First part of paths that pages may not have: `output` keeps its own files there.
const RESERVED: &str = ".docbuild";

/// What all pages are rendered with.
struct Shared<'a> {
    site: &'a Site,
    tree: Tree<'a>,
    base: Base,
    layouts: Layouts,
    /// Values that do not depend on the page, for each language.
    contexts: Vec<tera::Context>,
}

impl<'a> Shared<'a> {
    fn new(site: &'a Site, theme: &[Asset]) -> Result<Self, Diagnostics> {
        let base = Base::new(&site.config.base_url);
        let layouts = Layouts::load(&site.config, base.path(), theme)?;
        let languages = 0..site.config.languages.len();
        let contexts = languages.map(|language| page::language_context(site, &base, language)).collect();
        Ok(Self { site, tree: Tree::new(site), base, layouts, contexts })
    }

    /// Renders these pages in parallel: path and text, in their order.
    fn render_pages(&self, pages: &[&Page], articles: &[Arc<Article>], sink: &mut Sink) -> Vec<(String, Arc<[u8]>)> {
        let render = |page: &&Page| self.render_page(page, articles.get(page.id.0 as usize).map(AsRef::as_ref));
        let rendered: Vec<_> = pages.par_iter().map(render).collect();
        let mut files = vec![];
        for (page, result) in pages.iter().zip(rendered) {
            match (result, urls::output_path(&page.url)) {
                (Ok(html), Some(path)) => files.push((path, Arc::from(html.into_bytes()))),
                (Ok(_), None) => sink.bad_url(page, &page.url),
                (Err(diagnostics), _) => sink.diagnostics.extend(diagnostics),
            }
        }
        files
    }
}

/// Renders a site. `articles` holds one article a page, in the order of [`Site::pages`]. With an
/// error among the diagnostics the files are not to be published.
#[must_use]
pub fn render(site: &Site, articles: &[Arc<Article>]) -> (Rendered, Diagnostics) {
    let theme = assets::theme();
    let shared = match Shared::new(site, &theme) {
        Ok(shared) => shared,
        Err(diagnostics) => return (Rendered::new(), diagnostics),
    };
    let mut sink = Sink::default();
    for asset in &theme {
        sink.add(asset.path.clone(), Arc::from(asset.bytes), "the theme");
    }
    let pages = published(site);
    for (path, bytes) in shared.render_pages(&pages, articles, &mut sink) {
        let origin = format!("the page at /{}", path.trim_end_matches("index.html"));
        sink.add(path, bytes, &origin);
    }
    files::add_all(&shared, &mut sink);
    (sink.files, sink.diagnostics)
}

/// Renders some pages again over the files of a site whose model is the same.
fn render_again(site: &Site, articles: &[Arc<Article>], pages: &[&Page], files: &Rendered) -> (Rendered, Diagnostics) {
    let shared = match Shared::new(site, &assets::theme()) {
        Ok(shared) => shared,
        Err(diagnostics) => return (Rendered::new(), diagnostics),
    };
    let mut sink = Sink::default();
    let mut files = files.clone();
    files.extend(shared.render_pages(pages, articles, &mut sink));
    (files, sink.diagnostics)
}

/// The pages that get a file of their own; of two with one URL, which `site` reports, the first.
fn published(site: &Site) -> Vec<&Page> {
    let has_file =
        |page: &&Page| page.published && is_selected(site, page) && site.by_url.get(&page.url) == Some(&page.id);
    site.pages.iter().filter(has_file).collect()
}

/// Whether a page's language is one of those to build.
fn is_selected(site: &Site, page: &Page) -> bool {
    site.config.languages[page.language].selected
}
