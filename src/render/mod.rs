//! Articles and layouts -> files.
//!
//! In: [`crate::site::Site`], one [`crate::markdown::Article`] a page, the Tera layouts.
//! Out: files, each handed to a [`Sink`] as soon as it is finished: path below the build folder and [`Content`].
//! Steps: compile the layouts ([`layouts`]), see the tree as each language's readers do ([`tree`]),
//! render every page in parallel ([`page`]), add what is made of several pages ([`derived`]) and what stands
//! beside them ([`files`]).
//!
//! A page that the default language has and another lacks is not copied: the other language's tree
//! shows it marked, and links to a notice on it, in the reader's language (`#untranslated-ja`), which
//! shows only where it is linked to.

mod body;
mod byline;
mod derived;
mod feeds;
mod files;
mod glossary;
mod images;
mod layouts;
mod lists;
mod menus;
mod page;
mod pagination;
mod pictures;
mod pipeline;
mod print;
mod publications;
mod redirects;
mod sidebar;
mod sink;
mod sitemap;
mod terms;
pub mod timing;
mod tree;
mod urls;
pub mod verdicts;

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use crate::assets::{self, Asset};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::markdown::Article;
use crate::site::{Page, PageId, Site};
use files::{Files, Origin};
use layouts::Layouts;
use pictures::Pictures;
use sidebar::Sidebars;
use tree::Tree;
use urls::Base;

pub use pipeline::{Before, Built, build, build_again, rebuild};
pub use print::{PrintPlace, PrintPlaces};
pub use sink::{Content, Memory, Rendered, Sink, Stored};
pub use urls::decode as decode_url;

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
    /// The main menu of each language.
    menus: Vec<Vec<menus::MenuEntry>>,
    /// `None` while they are made.
    sidebars: Option<Sidebars>,
    /// What stands for the site elsewhere.
    pictures: Pictures,
}

impl<'a> Shared<'a> {
    fn new(site: &'a Site, theme: &[Asset]) -> Result<Self, Diagnostics> {
        let base = Base::new(&site.config.base_url);
        let layouts = Layouts::load(&site.config, base.path(), theme)?;
        let languages = 0..site.config.languages.len();
        let pictures = Pictures::find(site)?;
        let icons = pictures.links(&base);
        let contexts = languages.map(|language| page::language_context(site, &base, &icons, language)).collect();
        let menus = (0..site.config.languages.len()).map(|language| menus::main(site, language)).collect();
        let mut shared = Self { site, tree: Tree::new(site), base, layouts, contexts, menus, pictures, sidebars: None };
        shared.sidebars = Some(Sidebars::new(&shared));
        Ok(shared)
    }

    /// Renders these pages in parallel, and hands each on at once.
    fn render_pages(&self, pages: &[&Page], articles: &[Arc<Article>], files: &Files<'_>) {
        let render = |page: &&Page| match (self.render_page(page, articles), urls::output_path(&page.url)) {
            (Ok(html), Some(path)) => {
                let origin = Origin::Page(format!("/{}", path.trim_end_matches("index.html")));
                files.put(&path, origin, Content::Text(html));
                vec![]
            }
            (Ok(_), None) => {
                files.bad_url(page, &page.url);
                vec![]
            }
            (Err(diagnostics), _) => diagnostics,
        };
        let said: Vec<Vec<Diagnostic>> = pages.par_iter().map(render).collect();
        files.say(said.into_iter().flatten());
    }
}

/// Renders a site. `articles` holds one article a page, in the order of [`Site::pages`]. With an
/// error among the diagnostics the files are not to be published.
#[must_use]
pub fn render(site: &Site, articles: &[Arc<Article>], sink: &dyn Sink) -> (Diagnostics, PrintPlaces) {
    let theme = assets::theme();
    let shared = match Shared::new(site, &theme) {
        Ok(shared) => shared,
        Err(diagnostics) => return (diagnostics, PrintPlaces::new()),
    };
    let files = Files::new(sink);
    for asset in &theme {
        files.put(&asset.path, Origin::Theme, Content::Static(asset.bytes));
    }
    for (path, text) in shared.sidebars.iter().flat_map(|sidebars| sidebars.files(&shared)) {
        files.put(&path, Origin::Theme, Content::Text(text));
    }
    shared.render_pages(&published(site), articles, &files);
    let places = files::add_all(&shared, articles, &files);
    (files.finish(), places)
}

/// Some pages that are rendered again over the files of a site whose model is the same.
struct Again<'a> {
    shared: &'a Shared<'a>,
    stale: &'a BTreeSet<PageId>,
    plan: derived::Plan<'a>,
}

impl<'a> Again<'a> {
    fn new(shared: &'a Shared<'a>, stale: &'a BTreeSet<PageId>) -> Self {
        Self { shared, stale, plan: derived::Plan::new(shared, Some(stale)) }
    }

    /// The pages whose articles it takes, where the texts in print pages are those that there were.
    fn articles(&self, printed: impl Fn(PageId) -> Option<Arc<str>> + Sync) -> BTreeSet<PageId> {
        let mut needed = self.plan.articles(self.shared, self.stale, printed);
        needed.extend(self.stale);
        needed
    }

    fn render(self, articles: &[Arc<Article>], sink: &dyn Sink) -> (Diagnostics, PrintPlaces) {
        let site = self.shared.site;
        let files = Files::new(sink);
        let pages: Vec<&Page> = published(site).into_iter().filter(|page| self.stale.contains(&page.id)).collect();
        self.shared.render_pages(&pages, articles, &files);
        files::reserve(self.shared, &files);
        files.say(self.shared.pictures.said());
        let changed = pages.iter().filter_map(|page| articles.get(page.id.0 as usize));
        publications::add_all(self.shared, changed.map(AsRef::as_ref), &[], &files);
        let places = self.plan.add(self.shared, articles, &files);
        (files.finish(), places)
    }
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
