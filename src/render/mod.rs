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

use crate::assets;
use crate::diagnostics::Diagnostics;
use crate::markdown::Article;
use crate::site::{Page, Site};
use files::Sink;
use layouts::Layouts;
use tree::Tree;
use urls::Base;

pub use pipeline::{Built, build};
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

/// Renders a site. `articles` holds one article a page, in the order of [`Site::pages`]. With an
/// error among the diagnostics the files are not to be published.
#[must_use]
pub fn render(site: &Site, articles: &[Article]) -> (Rendered, Diagnostics) {
    let base = Base::new(&site.config.base_url);
    let theme = assets::theme();
    let layouts = match Layouts::load(&site.config, base.path(), &theme) {
        Ok(layouts) => layouts,
        Err(diagnostics) => return (Rendered::new(), diagnostics),
    };
    let contexts =
        (0..site.config.languages.len()).map(|language| page::language_context(site, &base, language)).collect();
    let shared = Shared { site, tree: Tree::new(site), base, layouts, contexts };
    let mut sink = Sink::default();
    for asset in &theme {
        sink.add(asset.path.clone(), Arc::from(asset.bytes), "the theme");
    }
    let pages: Vec<&Page> = site.pages.iter().filter(|page| page.published && is_selected(site, page)).collect();
    let rendered: Vec<_> =
        pages.par_iter().map(|page| shared.render_page(page, articles.get(page.id.0 as usize))).collect();
    for (page, result) in pages.into_iter().zip(rendered) {
        match (result, urls::output_path(&page.url)) {
            (Ok(html), Some(path)) => sink.add(path, Arc::from(html.into_bytes()), &page.path),
            (Ok(_), None) => sink.bad_url(page, &page.url),
            (Err(diagnostics), _) => sink.diagnostics.extend(diagnostics),
        }
    }
    files::add_all(&shared, &mut sink);
    (sink.files, sink.diagnostics)
}

/// Whether a page's language is one of those to build.
fn is_selected(site: &Site, page: &Page) -> bool {
    site.config.languages[page.language].selected
}
