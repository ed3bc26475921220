//! One page's body -> [`Article`].

use std::sync::Arc;

use crate::diagnostics::Span;
use crate::markdown::flow::CodeBlock;
use crate::shortcode::{self, Registry};
use crate::site::{PageId, Site};
use crate::source::Files;

use super::Article;
use super::flow::At;
use super::mapped::Mapped;
use super::scope::{IncludeBudget, Scope, Unit, Visit};
use super::summary::{self, Summary};
use super::unit;

/// What all pages of a site are rendered with.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The site.
    pub site: &'a Site,
    /// The way to files that pages name.
    pub files: &'a dyn Files,
    /// The shortcodes.
    pub shortcodes: &'a Registry,
    /// HTML that is put behind a code block (a verdict).
    pub decorate: Option<&'a (dyn Fn(&CodeBlock) -> String + Sync)>,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Context").field("shortcodes", self.shortcodes).finish_non_exhaustive()
    }
}

/// Renders the body of a page. A page without a file has an empty one.
#[must_use]
pub fn article(context: &Context<'_>, page: PageId) -> Article {
    article_within(context, page, &[], &IncludeBudget::default())
}

/// Renders a page that is included by others: `chain` holds them, the outermost first.
/// `includes` is what is left for them all.
pub(super) fn article_within(context: &Context<'_>, id: PageId, chain: &[Visit], includes: &IncludeBudget) -> Article {
    let page = context.site.page(id);
    let Some(file) = &page.file else { return Article::default() };
    let mut scope = Scope::new(context, page, file, chain, includes);
    let mut article = if page.is_markdown() {
        let expansion = shortcode::expand_page(&mut scope, page.body);
        let rendered = unit::render(&mut scope, &expansion.text, Unit::Page, Some(&expansion.placeholder));
        let divided = expansion.divider.and_then(|word| summary::divide(&rendered.html, &word));
        let (own_summary, html) = divided.map_or((None, rendered.html), |(summary, html)| (Some(summary), html));
        let own_summary = own_summary.or_else(|| front_matter_summary(&mut scope)).map(Box::new);
        Article { html, headings: rendered.headings, flow: rendered.flow, own_summary, ..Article::default() }
    } else {
        let text = shortcode::expand_html_page(&mut scope, page.body);
        let flow = text.inserts().iter().flat_map(|insert| insert.flow.clone()).collect();
        Article { html: text.text().to_owned(), flow, ..Article::default() }
    };
    let Scope { links, dependencies, publications, shortcodes, contents_place, diagnostics, .. } = scope;
    if let Some(place) = contents_place {
        article.html = article.html.replace(&place, &article.contents_html());
    }
    article.links = links;
    article.dependencies = dependencies.into_iter().collect();
    article.publications = publications.into_iter().collect();
    article.shortcodes = shortcodes.into_iter().collect();
    article.diagnostics = diagnostics;
    article
}

/// The summary that stands in the front matter, as Markdown.
fn front_matter_summary(scope: &mut Scope<'_>) -> Option<Summary> {
    let markdown = scope.page.front_matter.values.get("summary")?.as_str()?.trim();
    let at = At { file: Arc::clone(&scope.file), span: Span::new(0, 0) };
    let mut text = Mapped::default();
    text.push_made(markdown, &at);
    let links = scope.links.len();
    let html = scope.render(&text, Unit::Markdownify).html;
    // They are no links of the body.
    scope.links.truncate(links);
    let bare =
        html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>\n")).filter(|html| !html.contains("<p>"));
    let html = bare.map_or_else(|| html.trim().to_owned(), str::to_owned);
    (!html.is_empty()).then_some(Summary { html, truncated: false })
}
