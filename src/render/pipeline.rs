//! From a configuration to the files of a site: all stages but the last.
//!
//! In: [`Config`], the verdicts to show. Out: [`Built`], with everything that is wrong at once.
//! Steps: read the sources, assemble the site, make the articles in parallel, render.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use super::timing::{Clock, Lap};
use super::verdicts::Verdicts;
use super::{Again, PrintPlaces, Shared, Sink, render};
use crate::assets;
use crate::config::Config;
use crate::diagnostics::Diagnostics;
use crate::markdown::flow::CodeBlock;
use crate::markdown::{self, Article, Context};
use crate::shortcode::Registry;
use crate::site::{Page, PageId, Publication, Site, assemble};
use crate::source::{self, DiskFiles};

/// A site as it would be published.
#[derive(Debug)]
pub struct Built {
    /// The model.
    pub site: Site,
    /// One article a page, in their order.
    pub articles: Vec<Arc<Article>>,
    /// What all stages said; with an error among it the files are not to be published.
    pub diagnostics: Diagnostics,
    /// Where the texts of articles stand in print pages.
    pub print_places: PrintPlaces,
    /// How long each stage took, in order.
    pub timings: Vec<Lap>,
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

/// Builds a site; its files go to `sink`.
#[must_use]
pub fn build(config: &Arc<Config>, verdicts: &Verdicts, sink: &dyn Sink) -> Built {
    let mut clock = Clock::start();
    let model = Model::load(config, &mut clock);
    finish(model, verdicts, sink, clock)
}

/// What an earlier build left for this one.
pub trait Before: Sync {
    /// The pages to make again because only texts of pages changed; `None` when more than that did.
    fn stale(&self, site: &Site) -> Option<BTreeSet<PageId>>;

    /// What there is of all articles.
    fn articles(&self, site: &Site) -> Option<Vec<Arc<Article>>>;

    /// Whether these articles have their text; one that has none is made again where its text is needed.
    fn has_texts(&self) -> bool;

    /// The text of an article as it stands in a print page of that build.
    fn printed(&self, page: PageId) -> Option<Arc<str>>;

    /// Where the texts stand in print pages, as far as that is known.
    fn places(&self) -> PrintPlaces;
}

/// A build in memory, and the files (absolute) that changed since.
struct Memory<'a> {
    built: &'a Built,
    changed: &'a [PathBuf],
}

impl Before for Memory<'_> {
    fn stale(&self, site: &Site) -> Option<BTreeSet<PageId>> {
        stale_pages(self.built, site, self.changed)
    }

    fn articles(&self, _: &Site) -> Option<Vec<Arc<Article>>> {
        Some(self.built.articles.clone())
    }

    fn has_texts(&self) -> bool {
        true
    }

    fn printed(&self, _: PageId) -> Option<Arc<str>> {
        None
    }

    fn places(&self) -> PrintPlaces {
        PrintPlaces::new()
    }
}

/// Builds a site again after these files (absolute) changed, with the same configuration but for the
/// clock. Where only the text of pages changed, only they and what includes them is made again.
#[must_use]
pub fn rebuild(
    before: &Built,
    config: &Arc<Config>,
    verdicts: &Verdicts,
    changed: &[PathBuf],
    sink: &dyn Sink,
) -> Built {
    build_again(&Memory { built: before, changed }, config, verdicts, sink)
}

/// Builds a site, with what an earlier build left. `sink` holds that build's files.
#[must_use]
pub fn build_again(before: &dyn Before, config: &Arc<Config>, verdicts: &Verdicts, sink: &dyn Sink) -> Built {
    let mut clock = Clock::start();
    let model = Model::load(config, &mut clock);
    let stale = before.stale(&model.site).and_then(|stale| Some((stale, before.articles(&model.site)?)));
    let Some((stale, mut articles)) = stale else {
        return finish(model, verdicts, sink, clock);
    };
    let Model { site, mut diagnostics, shortcodes } = model;
    let used = publications(&articles);
    let mut print_places = before.places();
    let rendered = match Shared::new(&site, &assets::theme()) {
        Ok(shared) => {
            let again = Again::new(&shared, &stale);
            let needed = if before.has_texts() { stale.clone() } else { again.articles(|page| before.printed(page)) };
            let pages: Vec<&Page> = needed.iter().map(|id| site.page(*id)).collect();
            for (page, article) in pages.iter().zip(make_articles(&site, &pages, &shortcodes, verdicts)) {
                articles[page.id.0 as usize] = article;
            }
            clock.lap("articles");
            // A file that no page uses any more must go, and among the kept ones nobody knows it.
            let stays = used.is_subset(&publications(&articles)) && sink.keep_rest();
            stays.then(|| again.render(&articles, sink))
        }
        // It is said again, with all the rest.
        Err(_) => None,
    };
    let Some((said, places)) = rendered else {
        return finish(Model { site, diagnostics, shortcodes }, verdicts, sink, clock);
    };
    diagnostics.extend(said.sorted());
    print_places.extend(places);
    diagnostics.extend(articles.iter().flat_map(|article| article.diagnostics.iter().cloned()));
    clock.lap("pages");
    Built { site, articles, diagnostics, print_places, timings: clock.laps() }
}

/// The files that articles use.
fn publications(articles: &[Arc<Article>]) -> BTreeSet<Publication> {
    articles.iter().flat_map(|article| &article.publications).cloned().collect()
}

/// What there is before any article is made.
struct Model {
    site: Site,
    diagnostics: Diagnostics,
    shortcodes: Registry,
}

impl Model {
    fn load(config: &Arc<Config>, clock: &mut Clock) -> Self {
        let (source, mut diagnostics) = source::load(config);
        clock.lap("read");
        let (site, more) = assemble(Arc::clone(config), source);
        diagnostics.extend(more.sorted());
        let (shortcodes, more) = Registry::load(config);
        diagnostics.extend(more.sorted());
        clock.lap("assemble");
        Self { site, diagnostics, shortcodes }
    }
}

fn finish(model: Model, verdicts: &Verdicts, sink: &dyn Sink, mut clock: Clock) -> Built {
    let Model { site, mut diagnostics, shortcodes } = model;
    let pages: Vec<&Page> = site.pages.iter().collect();
    let articles = make_articles(&site, &pages, &shortcodes, verdicts);
    diagnostics.extend(articles.iter().flat_map(|article| article.diagnostics.iter().cloned()));
    clock.lap("articles");
    let (said, print_places) = render(&site, &articles, sink);
    diagnostics.extend(said.sorted());
    clock.lap("pages");
    Built { site, articles, diagnostics, print_places, timings: clock.laps() }
}

/// The articles of these pages, in their order.
fn make_articles(site: &Site, pages: &[&Page], shortcodes: &Registry, verdicts: &Verdicts) -> Vec<Arc<Article>> {
    let files = DiskFiles::new(site.config.root.clone());
    let article = |page: &&Page| {
        // Only a page with an address of its own is published; the others are made where they are included.
        if !page.published || !super::is_selected(site, page) {
            return Arc::default();
        }
        let decorate = |block: &CodeBlock| verdicts.html(&block.at.file.path, block.line, site, page.language);
        let context = Context { site, files: &files, shortcodes, decorate: Some(&decorate) };
        Arc::new(markdown::article(&context, page.id).without_flow())
    };
    pages.par_iter().map(article).collect()
}

/// The pages to make again when only the text of pages changed; `None` when more than that did.
fn stale_pages(before: &Built, site: &Site, changed: &[PathBuf]) -> Option<BTreeSet<PageId>> {
    if before.diagnostics.has_errors() || !is_same_model(&before.site, site) {
        return None;
    }
    let config = &site.config;
    let depends = |page: PageId, path: &String| before.articles[page.0 as usize].dependencies.contains(path);
    // An editor's own file, gone again: no page was made of it.
    let came_and_went = |path: &PathBuf, shown: &String| {
        path.starts_with(&config.content_dir)
            && !path.exists()
            && !site.pages.iter().any(|page| depends(page.id, shown))
    };
    let changed: BTreeSet<String> = changed
        .iter()
        .map(|path| (path, path.strip_prefix(&config.root).unwrap_or(path).to_string_lossy().replace('\\', "/")))
        .filter(|(path, shown)| !came_and_went(path, shown))
        .map(|(_, shown)| shown)
        .collect();
    let path_of = |page: &Page| page.file.as_ref().map(|file| file.path.clone());
    let pages: BTreeSet<String> = site.pages.iter().filter_map(path_of).collect();
    if !changed.is_subset(&pages) {
        return None;
    }
    let is_stale = |page: &&Page| {
        let own = path_of(page).is_some_and(|path| changed.contains(&path));
        own || changed.iter().any(|path| depends(page.id, path))
    };
    Some(site.pages.iter().filter(is_stale).map(|page| page.id).collect())
}

/// Whether two models differ in nothing but the pages' texts: then no page has to be rendered again
/// because of another one.
fn is_same_model(a: &Site, b: &Site) -> bool {
    let same = |a: &Page, b: &Page| {
        let listing = |page: &Page| (page.language, page.kind, page.weight, page.published, page.listed, page.toc_hide);
        let tree = |page: &Page| (page.parent, page.bundle);
        listing(a) == listing(b)
            && tree(a) == tree(b)
            && (&a.path, &a.url, &a.title, &a.link_title) == (&b.path, &b.url, &b.title, &b.link_title)
            && (&a.description, &a.date, &a.aliases) == (&b.description, &b.date, &b.aliases)
            && (&a.children, &a.members, &a.translations) == (&b.children, &b.members, &b.translations)
            && (&a.resources, &a.front_matter.values) == (&b.resources, &b.front_matter.values)
    };
    let (old, new) = (&a.config, &b.config);
    old.file.text == new.file.text
        && old.base_url == new.base_url
        && a.strings == b.strings
        && a.pages.len() == b.pages.len()
        && a.pages.iter().zip(&b.pages).all(|(a, b)| same(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{LoadOptions, load};
    use std::path::Path;

    fn write(root: &Path, path: &str, text: &str) -> PathBuf {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn config(root: &Path) -> Arc<Config> {
        let options = LoadOptions { root: Some(root.to_owned()), ..LoadOptions::default() };
        Arc::new(load(&options).unwrap())
    }

    /// How many articles were made again.
    fn made(before: &Built, after: &Built) -> usize {
        before.articles.iter().zip(&after.articles).filter(|(a, b)| !Arc::ptr_eq(a, b)).count()
    }

    #[test]
    fn building_again_gives_what_building_afresh_gives() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        write(&root, "book.toml", "[book]\ntitle = \"T\"\nlanguage = \"en\"\n[build]\nexamples-dir = \"examples\"\n");
        write(&root, "content/en/_index.md", "---\ntitle: Home\n---\n");
        write(&root, "content/en/docs/_index.md", "---\ntitle: Docs\n---\n");
        write(&root, "content/en/docs/a.md", "---\ntitle: A\n---\n\n{{< include \"part.md\" >}}\n");
        write(&root, "content/en/docs/b.md", "---\ntitle: B\n---\n\n{{% code_sample file=\"x.yaml\" %}}\n");
        write(&root, "content/en/includes/index.md", "---\nheadless: true\n---\n");
        write(&root, "content/en/includes/part.md", "Part one.\n");
        write(&root, "examples/x.yaml", "a: 1\n");
        // Each edit, and how many pages are made again (`None`: all).
        let edits: [(&str, Option<&str>, Option<usize>); 8] = [
            ("content/en/docs/b.md", Some("---\ntitle: B\n---\n\nOther text.\n"), Some(1)),
            ("content/en/includes/part.md", Some("Part two.\n"), Some(1)),
            ("content/en/docs/a.md", Some("---\ntitle: Renamed\n---\n\n{{< include \"part.md\" >}}\n"), None),
            ("content/en/docs/b.md", Some("---\ntitle: B\n---\n\n{{% code_sample file=\"x.yaml\" %}}\n"), Some(1)),
            ("examples/x.yaml", Some("a: 2\n"), None),
            ("content/en/docs/c.md", Some("---\ntitle: C\n---\n"), None),
            ("content/en/docs/a.md", Some("---\ntitle: Renamed\n---\n\n{{< include \"none.md\" >}}\n"), Some(1)),
            ("content/en/docs/a.md", None, None),
        ];
        let sink = crate::render::Memory::default();
        let mut before = build(&config(&root), &Verdicts::default(), &sink);
        let mut files = Arc::new(sink.into_files());
        assert!(!before.diagnostics.has_errors(), "{:?}", before.diagnostics.clone().sorted());
        for (path, text, expected) in edits {
            let changed = match text {
                Some(text) => write(&root, path, text),
                None => {
                    std::fs::remove_file(root.join(path)).unwrap();
                    root.join(path)
                }
            };
            let config = config(&root);
            let (again, anew) = (crate::render::Memory::new(files), crate::render::Memory::default());
            let after = rebuild(&before, &config, &Verdicts::default(), &[changed], &again);
            let afresh = build(&config, &Verdicts::default(), &anew);
            files = Arc::new(again.into_files());
            assert_eq!(after.diagnostics.clone().sorted(), afresh.diagnostics.sorted(), "{path}");
            assert!(after.diagnostics.has_errors() || *files == anew.into_files(), "{path}");
            if let Some(expected) = expected {
                // The headless part is no article of its own.
                let own = usize::from(path.contains("/includes/"));
                assert_eq!(made(&before, &after), expected + own, "{path}");
            }
            before = after;
        }
    }
}
