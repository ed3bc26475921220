//! What is collected while one page is rendered.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::article::{Context, article_within};
use super::flow::{At, FlowItem};
use super::mapped::Mapped;
use super::{Link, blocks, unit};
use crate::diagnostics::{Diagnostic, SourceFile, Span, codes};
use crate::highlight;
use crate::shortcode;
use crate::site::{Page, PageId, Publication, Resource};

/// Pages that include each other, at most.
const DEEPEST_INCLUDE: usize = 16;

/// How many pages one page includes, at most, those that its includes include counted.
const MOST_INCLUDES: usize = 1000;

/// How much HTML all includes of one page give, at most, in bytes.
const MOST_INCLUDED: usize = 32 << 20;

/// What is left for the includes of one page, at every depth together: ten pages that each include the
/// next one ten times would else be ten thousand million.
#[derive(Debug)]
pub(super) struct IncludeBudget {
    pages: Cell<usize>,
    bytes: Cell<usize>,
    spent: Cell<bool>,
}

impl Default for IncludeBudget {
    fn default() -> Self {
        Self { pages: Cell::new(MOST_INCLUDES), bytes: Cell::new(MOST_INCLUDED), spent: Cell::new(false) }
    }
}

impl IncludeBudget {
    /// Takes one page from it; `false` when there is none left.
    fn take_page(&self) -> bool {
        let left = self.pages.get();
        self.pages.set(left.saturating_sub(1));
        left > 0 && self.bytes.get() > 0
    }

    fn has_bytes(&self) -> bool {
        self.bytes.get() > 0
    }

    fn take_bytes(&self, length: usize) {
        self.bytes.set(self.bytes.get().saturating_sub(length));
    }
}

/// A piece of rendered content.
#[derive(Debug, Clone, Default)]
pub struct Fragment {
    /// HTML.
    pub html: String,
    /// Its prose and code blocks.
    pub flow: Vec<FlowItem>,
}

impl Fragment {
    /// About how much room it takes, in bytes.
    fn weight(&self) -> usize {
        self.html.len() + self.flow.len() * size_of::<FlowItem>()
    }
}

/// What is rendered: ids of headings are unique in it, footnotes are collected at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A page's body.
    Page,
    /// Inner content of a shortcode, as a part of the page.
    Inner,
    /// Text rendered on its own: files beside the page are not found from it.
    Markdownify,
}

/// A page on the way from the page that is built to an included one.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// The page.
    page: PageId,
    /// The shortcode in it that includes the next.
    at: At,
}

/// The state of one page's rendering.
pub(crate) struct Scope<'e> {
    pub(crate) context: &'e Context<'e>,
    pub(crate) page: &'e Page,
    pub(crate) file: Arc<SourceFile>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) dependencies: BTreeSet<String>,
    pub(crate) publications: BTreeSet<Publication>,
    pub(crate) links: Vec<Link>,
    chain: &'e [Visit],
    includes: &'e IncludeBudget,
    tabsets: usize,
    /// The element in whose place the contents list stands, if a shortcode asked for it.
    pub(crate) contents_place: Option<String>,
    /// The shortcodes that ran.
    pub(crate) shortcodes: BTreeSet<String>,
    /// What was included already: a page of lists includes the same pages for each of them.
    included: HashMap<PageId, Fragment>,
}

impl<'e> Scope<'e> {
    pub(super) fn new(
        context: &'e Context<'e>,
        page: &'e Page,
        file: &Arc<SourceFile>,
        chain: &'e [Visit],
        includes: &'e IncludeBudget,
    ) -> Self {
        Self {
            context,
            page,
            file: Arc::clone(file),
            diagnostics: vec![],
            dependencies: BTreeSet::new(),
            publications: BTreeSet::new(),
            links: vec![],
            chain,
            includes,
            tabsets: 0,
            contents_place: None,
            shortcodes: BTreeSet::new(),
            included: HashMap::new(),
        }
    }

    /// The number of the next group of tabs, from 0.
    pub(crate) fn next_tabset(&mut self) -> usize {
        self.tabsets += 1;
        self.tabsets - 1
    }

    /// The address of a file that this page uses; it is published with the page.
    pub(crate) fn publish(&mut self, resource: &Resource<'_>) -> String {
        self.publications.extend(self.context.site.publication(resource));
        resource.href()
    }

    /// Markdown without placeholders -> HTML.
    pub(crate) fn render(&mut self, text: &Mapped, kind: Unit) -> Fragment {
        let rendered = unit::render(self, text, kind, None);
        Fragment { html: rendered.html, flow: rendered.flow }
    }

    /// Code that a shortcode shows, and the block that its inner content is.
    pub(crate) fn code_fragment(
        &mut self,
        code: &str,
        text: &Mapped,
        language: &str,
        options: &highlight::Options,
        indentation: &str,
    ) -> Fragment {
        let mut html = blocks::code_html(code, language, options);
        let Some(block) = blocks::code_of_text(text, language, indentation) else {
            return Fragment { html, flow: vec![] };
        };
        if let Some(decorate) = self.context.decorate {
            html.push_str(&decorate(&block));
        }
        Fragment { html, flow: vec![FlowItem::Code(block)] }
    }

    /// The body of another page, rendered as that page; `at` is the shortcode that asks for it.
    pub(crate) fn include(&mut self, id: PageId, at: &At) -> Option<Fragment> {
        if let Some(fragment) = self.included.get(&id) {
            let fragment = fragment.clone();
            self.includes.take_bytes(fragment.weight());
            if self.includes.has_bytes() {
                return Some(fragment);
            }
            self.say_too_many(at);
            return None;
        }
        let page = self.context.site.page(id);
        let mut chain = self.chain.to_vec();
        chain.push(Visit { page: self.page.id, at: at.clone() });
        let is_cycle = chain.iter().any(|visit| visit.page == id);
        if is_cycle || chain.len() > DEEPEST_INCLUDE {
            self.diagnostics.push(self.cycle(page, &chain, is_cycle));
            return None;
        }
        if !self.includes.take_page() {
            self.say_too_many(at);
            return None;
        }
        let article = article_within(self.context, id, &chain, self.includes);
        self.diagnostics.extend(article.diagnostics);
        self.dependencies.extend(article.dependencies);
        self.publications.extend(article.publications);
        self.dependencies.extend(page.file.as_ref().map(|file| file.path.clone()));
        self.links.extend(article.links);
        let fragment = Fragment { html: article.html, flow: article.flow };
        self.includes.take_bytes(fragment.weight());
        self.included.insert(id, fragment.clone());
        Some(fragment)
    }

    /// A text of another page's front matter, read as Markdown on this page. Shortcodes in it run, unless the texts
    /// of pages show each other without end.
    pub(crate) fn render_text_of(&mut self, owner: PageId, text: &str, at: &At) -> String {
        let is_known = |visit: &Visit| visit.page == owner;
        let runs = text.contains("{{")
            && !self.chain.iter().any(is_known)
            && self.chain.len() < DEEPEST_INCLUDE
            && self.includes.take_page();
        if !runs {
            let mut mapped = Mapped::default();
            mapped.push_made(text, at);
            return self.render(&mapped, Unit::Markdownify).html;
        }
        let mut chain = self.chain.to_vec();
        chain.push(Visit { page: owner, at: at.clone() });
        let path = &self.context.site.page(owner).path;
        let file = SourceFile::new(format!("{path} (front matter)"), text);
        let mut scope = Scope::new(self.context, self.page, &file, &chain, self.includes);
        let expansion = shortcode::expand_page(&mut scope, Span::new(0, text.len()));
        let html = unit::render(&mut scope, &expansion.text, Unit::Markdownify, Some(&expansion.placeholder)).html;
        // A text has no contents list.
        let html = match &scope.contents_place {
            Some(place) => html.replace(place, ""),
            None => html,
        };
        let (diagnostics, dependencies) = (scope.diagnostics, scope.dependencies);
        self.diagnostics.extend(diagnostics);
        self.dependencies.extend(dependencies);
        html
    }

    /// Said once, at the include in the page that is built: what multiplies may be anywhere below it.
    fn say_too_many(&mut self, at: &At) {
        if self.includes.spent.replace(true) {
            return;
        }
        let first = self.chain.first().map_or(at, |visit| &visit.at);
        let said = Diagnostic::error(
            codes::INCLUDE_TOO_MUCH,
            format!(
                "with this, more than {MOST_INCLUDES} pages or {} MB are included in one page",
                MOST_INCLUDED >> 20
            ),
        )
        .at(&first.file, first.span)
        .help("look for included pages that include others several times each: what they give multiplies");
        self.diagnostics.push(said);
    }

    fn cycle(&self, page: &Page, chain: &[Visit], is_cycle: bool) -> Diagnostic {
        let name = |page: &Page| page.file.as_ref().map_or_else(|| page.path.clone(), |file| file.path.clone());
        let message = if is_cycle {
            "this includes a page that is being included"
        } else {
            "pages include each other too deeply"
        };
        let start = chain.iter().position(|visit| visit.page == page.id).unwrap_or(0);
        let mut path: Vec<String> =
            chain[start..].iter().map(|visit| name(self.context.site.page(visit.page))).collect();
        path.push(name(page));
        let mut said = Diagnostic::error(codes::INCLUDE_CYCLE, message);
        if let Some(last) = chain.last() {
            said = said.at(&last.at.file, last.at.span);
        }
        for visit in &chain[start..chain.len() - 1] {
            said = said.label(&visit.at.file, visit.at.span, "which is included here");
        }
        said.note(format!("the chain: {}", path.join(" -> ")))
            .help("move what both need into a page that includes neither")
    }
}
