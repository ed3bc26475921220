//! What is made of several pages beside their own files: print pages, feeds, the later pages of lists.
//!
//! In: the site, the articles. Out: files, unless the site has its own at their paths.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::files::Files;
use super::pagination::ListPage;
use super::print::PrintTexts;
use super::sink::Content;
use super::terms::{Taxonomy, Term};
use super::{Shared, is_selected, lists, urls};
use crate::config::Output;
use crate::diagnostics::Diagnostic;
use crate::markdown::Article;
use crate::site::{Page, PageId, PageKind};

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

/// Adds all of them, or those that the text of these pages goes into.
pub(super) fn add(shared: &Shared<'_>, articles: &[Arc<Article>], stale: Option<&BTreeSet<PageId>>, files: &Files<'_>) {
    let above = stale.map(|stale| with_ancestors(shared, stale));
    let site = shared.site;
    let is_wanted = |page: &&Page| {
        page.published && is_selected(site, page) && above.as_ref().is_none_or(|above| above.contains(&page.id))
    };
    let mut all = vec![];
    for page in site.pages.iter().filter(is_wanted) {
        all.extend(of(shared, page).into_iter().filter(|derived| files.claim_default(&derived.path)));
    }
    let texts = PrintTexts::new(site.pages.len());
    let said: Vec<Vec<Diagnostic>> = all
        .par_iter()
        .map(|derived| match render(shared, derived, articles, &texts) {
            Ok(content) => {
                files.put_claimed(&derived.path, content);
                vec![]
            }
            Err(diagnostics) => diagnostics,
        })
        .collect();
    files.say(said.into_iter().flatten());
}

fn with_ancestors(shared: &Shared<'_>, stale: &BTreeSet<PageId>) -> BTreeSet<PageId> {
    stale.iter().flat_map(|id| shared.tree.ancestors(*id)).chain(stale.iter().copied()).collect()
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
        for taxonomy in &shared.taxonomies[page.language] {
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

fn render(
    shared: &Shared<'_>,
    derived: &Derived<'_>,
    articles: &[Arc<Article>],
    texts: &PrintTexts,
) -> Result<Content, Vec<Diagnostic>> {
    let page = derived.page;
    Ok(match &derived.form {
        Form::Print => Content::Pieces(shared.render_print(page, articles, texts)?),
        Form::Rss => Content::Text(shared.render_rss(page, articles)?),
        Form::Json => Content::Text(shared.render_json(page, articles)),
        Form::Taxonomy(taxonomy) => Content::Text(shared.render_taxonomy(page.language, taxonomy)?),
        Form::Term(term) => Content::Text(shared.render_term(page.language, term)?),
        Form::List(list, total) => Content::Text(shared.render_list(page, list, *total, articles)?),
    })
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
