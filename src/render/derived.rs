//! What is made of several pages beside their own files: print pages, feeds, the later pages of lists.
//!
//! In: the site, the articles. Out: files, unless the site has its own at their paths.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::files::Files;
use super::pagination::ListPage;
use super::print::{PrintPlace, PrintPlaces, PrintTexts};
use super::sink::Content;
use super::{Shared, is_selected, lists, urls};
use crate::config::Output;
use crate::diagnostics::Diagnostic;
use crate::markdown::Article;
use crate::site::{Page, PageId, PageKind, Taxonomy, Term};

/// A file to be made of a page and what is below it.
struct Derived<'a> {
    path: String,
    page: &'a Page,
    form: Form<'a>,
}

enum Form<'a> {
    Print,
    Rss,
    Json,
    List(ListPage, usize),
    Taxonomy(&'a Taxonomy),
    Term(&'a Term),
}

/// What is to be made of several pages.
pub(super) struct Plan<'a> {
    all: Vec<Derived<'a>>,
    texts: PrintTexts,
}

impl<'a> Plan<'a> {
    /// All of them, or those that the text of these pages goes into.
    pub(super) fn new(shared: &'a Shared<'_>, stale: Option<&BTreeSet<PageId>>) -> Self {
        let site = shared.site;
        let above = stale.map(|stale| with_ancestors(shared, stale));
        let is_wanted = |page: &&Page| {
            page.published && is_selected(site, page) && above.as_ref().is_none_or(|above| above.contains(&page.id))
        };
        let all = site.pages.iter().filter(is_wanted).flat_map(|page| of(shared, page));
        let is_stale = |derived: &Derived<'_>| {
            stale.is_none_or(|stale| articles_of(shared, derived).iter().any(|id| stale.contains(id)))
        };
        Self { all: all.filter(is_stale).collect(), texts: PrintTexts::new(site.pages.len()) }
    }

    /// The pages whose articles go into them, apart from those (`stale` are none) whose text is taken from what
    /// was printed before.
    pub(super) fn articles(
        &self,
        shared: &Shared<'_>,
        stale: &BTreeSet<PageId>,
        printed: impl Fn(PageId) -> Option<Arc<str>> + Sync,
    ) -> BTreeSet<PageId> {
        let (prints, others): (Vec<_>, Vec<_>) =
            self.all.iter().partition(|derived| matches!(derived.form, Form::Print));
        let mut needed: BTreeSet<PageId> = others.iter().flat_map(|derived| articles_of(shared, derived)).collect();
        let in_prints: BTreeSet<PageId> = prints.iter().flat_map(|derived| articles_of(shared, derived)).collect();
        let in_prints: Vec<PageId> = in_prints.difference(stale).copied().collect();
        let missing = in_prints.par_iter().filter(|id| match printed(**id) {
            Some(text) => {
                self.texts.set(**id, text);
                false
            }
            None => true,
        });
        needed.extend(missing.copied().collect::<Vec<_>>());
        needed
    }

    /// Adds them; where the texts of articles stand in print pages.
    pub(super) fn add(mut self, shared: &Shared<'_>, articles: &[Arc<Article>], files: &Files<'_>) -> PrintPlaces {
        self.all.retain(|derived| files.claim_default(&derived.path));
        let made: Vec<Vec<(PageId, PrintPlace)>> = self
            .all
            .par_iter()
            .map(|derived| match render(shared, derived, articles, &self.texts) {
                Ok((content, places)) => {
                    files.put_claimed(&derived.path, content);
                    places
                }
                Err(diagnostics) => {
                    files.say(diagnostics);
                    vec![]
                }
            })
            .collect();
        let mut by_depth: Vec<_> = self.all.iter().zip(made).filter(|(_, places)| !places.is_empty()).collect();
        // The outermost is the last to say where a text stands.
        by_depth.sort_by_key(|(derived, _)| Reverse(shared.tree.ancestors(derived.page.id).len()));
        by_depth.into_iter().flat_map(|(_, places)| places).collect()
    }
}

fn with_ancestors(shared: &Shared<'_>, stale: &BTreeSet<PageId>) -> BTreeSet<PageId> {
    stale.iter().flat_map(|id| shared.tree.ancestors(*id)).chain(stale.iter().copied()).collect()
}

/// The pages whose articles go into a file.
fn articles_of(shared: &Shared<'_>, derived: &Derived<'_>) -> Vec<PageId> {
    let page = derived.page;
    match &derived.form {
        Form::Print => shared.printed(page),
        Form::Rss | Form::Json => shared.feed_pages(page),
        Form::List(list, _) => {
            let posts = lists::posts(shared.site, page);
            let posts = posts.get(list.entries.clone()).unwrap_or_default();
            let own = (list.number == 1).then_some(page.id);
            own.into_iter().chain(posts.iter().copied()).collect()
        }
        Form::Taxonomy(_) | Form::Term(_) => vec![],
    }
}

/// The files made of one page.
fn of<'a>(shared: &'a Shared<'_>, page: &'a Page) -> Vec<Derived<'a>> {
    let outputs = shared.outputs(page);
    let mut all = vec![];
    let mut add = |url: String, form: Form<'a>| {
        if let Some(path) = urls::output_path(&url) {
            all.push(Derived { path, page, form });
        }
    };
    let below = |name: &str| format!("{}/{name}", page.url.trim_end_matches('/'));
    if outputs.contains(&Output::Print) && page.kind != PageKind::Page {
        add(below("_print/"), Form::Print);
    }
    if outputs.contains(&Output::Rss) {
        add(below(&shared.site.config.outputs.feed), Form::Rss);
    }
    if outputs.contains(&Output::Json) {
        add(below("index.json"), Form::Json);
    }
    if page.kind == PageKind::Home {
        for taxonomy in &shared.site.taxonomies[page.language] {
            if shared.site.config.taxonomies.lists {
                add(taxonomy.url.clone(), Form::Taxonomy(taxonomy));
            }
            if shared.site.config.taxonomies.terms {
                taxonomy.terms.iter().for_each(|term| add(term.url.clone(), Form::Term(term)));
            }
        }
    }
    if lists::is_list(page) {
        let lists = shared.list_pages(page);
        let total = lists.len();
        // The first is the section itself, which is made again where a post changed.
        for list in lists {
            add(list.url.clone(), Form::List(list, total));
        }
    }
    all
}

/// A file's content, and the places of articles' texts in it.
type Made = (Content, Vec<(PageId, PrintPlace)>);

fn render(
    shared: &Shared<'_>,
    derived: &Derived<'_>,
    articles: &[Arc<Article>],
    texts: &PrintTexts,
) -> Result<Made, Vec<Diagnostic>> {
    let page = derived.page;
    let text = match &derived.form {
        Form::Print => {
            let print = shared.render_print(page, articles, texts)?;
            let path: Arc<str> = Arc::from(derived.path.as_str());
            let place = |(id, start, length)| (id, PrintPlace { path: Arc::clone(&path), start, length });
            return Ok((Content::Pieces(print.pieces), print.places.into_iter().map(place).collect()));
        }
        Form::Rss => shared.render_rss(page, articles)?,
        Form::Json => shared.render_json(page, articles),
        Form::Taxonomy(taxonomy) => shared.render_taxonomy(page.language, taxonomy)?,
        Form::Term(term) => shared.render_term(page.language, term)?,
        Form::List(list, total) => shared.render_list(page, list, *total, articles)?,
    };
    Ok((Content::Text(text), vec![]))
}

impl Shared<'_> {
    /// In which forms a page is published: its front matter's `outputs`, else those of its kind.
    pub(super) fn outputs(&self, page: &Page) -> Vec<Output> {
        let config = &self.site.config.outputs;
        let named = match page.front_matter.values.get("outputs") {
            Some(serde_json::Value::String(name)) => Some(vec![name.as_str()]),
            Some(serde_json::Value::Array(names)) => Some(names.iter().filter_map(serde_json::Value::as_str).collect()),
            _ => None,
        };
        match (named, page.kind) {
            (Some(names), _) => names.into_iter().filter_map(Output::of_name).collect(),
            (None, PageKind::Home) => config.home.clone(),
            (None, PageKind::Section) => config.section.clone(),
            (None, PageKind::Page) => config.page.clone(),
        }
    }
}
