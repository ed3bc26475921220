//! Print pages: a section and all below it on one page (`<section>/_print/`).
//!
//! In: a section, the articles. Out: the text of the layout `print.html` with the articles between
//! its pieces, as references: an article is in the print page of each section above it, and its text
//! is held once. Each article's anchors get a prefix of its own, so that links within it stay in it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use memchr::memmem;
use serde::{Deserialize, Serialize};

use super::{Shared, body};
use crate::diagnostics::Diagnostic;
use crate::markdown::Article;
use crate::site::{Page, PageId};

/// Stands around what marks an article's place in the layout's text; HTML does not allow it.
const MARK: char = '\u{0}';

/// `contents`: a page of the print page, and those below it.
#[derive(Serialize)]
struct PrintEntry<'a> {
    /// Anchor of the page.
    id: String,
    /// `2.1.3`: its place in the contents; empty for the section itself.
    number: String,
    title: &'a str,
    description: &'a str,
    /// Where it is on its own.
    href: String,
    /// Marks the place of the article.
    content: String,
    children: Vec<PrintEntry<'a>>,
}

/// Where the text of an article stands in a print page: the next build takes it from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintPlace {
    /// Path of the print page below the build folder.
    pub path: Arc<str>,
    /// Where the text begins, in bytes.
    pub start: u64,
    /// Its length in bytes.
    pub length: usize,
}

/// For each page that is printed, the place of its text in the print page of the outermost section.
pub type PrintPlaces = BTreeMap<PageId, PrintPlace>;

/// A print page.
pub(super) struct PrintPage {
    pub(super) pieces: Vec<Arc<str>>,
    /// The pages whose texts are among the pieces, with where each begins and its length.
    pub(super) places: Vec<(PageId, u64, usize)>,
}

/// The articles' texts as print pages hold them, each made when it is first asked for.
pub(super) struct PrintTexts(Vec<OnceLock<Arc<str>>>);

impl PrintTexts {
    /// For a site of this many pages.
    pub(super) fn new(pages: usize) -> Self {
        Self(std::iter::repeat_with(OnceLock::new).take(pages).collect())
    }

    /// Takes the text of an article from what the last build printed.
    pub(super) fn set(&self, page: PageId, text: Arc<str>) {
        if let Some(place) = self.0.get(page.0 as usize) {
            let _ = place.set(text);
        }
    }

    fn get(&self, shared: &Shared<'_>, page: &Page, articles: &[Arc<Article>]) -> Arc<str> {
        let make = || {
            let html = articles.get(page.id.0 as usize).map_or("", |article| article.html.as_str());
            Arc::from(prefix_anchors(&body::prepare(html, &shared.base), &anchor(page)))
        };
        self.0.get(page.id.0 as usize).map_or_else(make, |text| Arc::clone(text.get_or_init(make)))
    }
}

impl Shared<'_> {
    /// The print page of a section, as pieces of text.
    pub(super) fn render_print(
        &self,
        section: &Page,
        articles: &[Arc<Article>],
        texts: &PrintTexts,
    ) -> Result<PrintPage, Vec<Diagnostic>> {
        let mut pages = vec![];
        let own = self.print_entry(section, String::new(), &mut pages);
        let mut context = self.contexts[section.language].clone();
        context.insert("page", &self.page_view(section, None));
        context.insert("print", &own);
        let text = self.layouts.render("print.html", &context, &section.path)?;
        let mut print = PrintPage { pieces: vec![], places: vec![] };
        let mut written = 0;
        // Each article stands there once, whatever titles look like its mark.
        let mut left: Vec<Option<&Page>> = pages.into_iter().map(Some).collect();
        for part in text.split(MARK) {
            let index = part.strip_prefix("article ").and_then(|index| index.parse::<usize>().ok());
            let article = index.and_then(|index| left.get_mut(index)?.take());
            let piece = article.map_or_else(|| Arc::from(part), |page| texts.get(self, page, articles));
            print.places.extend(article.map(|page| (page.id, written, piece.len())));
            written += piece.len() as u64;
            print.pieces.push(piece);
        }
        Ok(print)
    }

    /// The pages of a section's print page.
    pub(super) fn printed(&self, section: &Page) -> Vec<PageId> {
        let mut all = vec![section.id];
        let mut at = 0;
        while let Some(id) = all.get(at).copied() {
            at += 1;
            let children = self.site.page(id).children.iter().copied();
            all.extend(children.filter(|id| is_printed(self.site.page(*id))));
        }
        all
    }

    /// A page with all below it, and in `pages` the same in the order in which they are printed.
    fn print_entry<'p>(&'p self, page: &'p Page, number: String, pages: &mut Vec<&'p Page>) -> PrintEntry<'p> {
        let content = format!("{MARK}article {}{MARK}", pages.len());
        pages.push(page);
        let children = page.children.iter().map(|id| self.site.page(*id)).filter(|page| is_printed(page));
        let children = (1..).zip(children).map(|(place, child)| {
            let number = if number.is_empty() { place.to_string() } else { format!("{number}.{place}") };
            self.print_entry(child, number, pages)
        });
        PrintEntry {
            id: anchor(page),
            children: children.collect(),
            number,
            title: &page.title,
            description: &page.description,
            href: self.base.href(&page.url),
            content,
        }
    }
}

/// Whether a page is part of its section's print page; `no_print: true` in its front matter leaves it
/// out, with all below it.
fn is_printed(page: &Page) -> bool {
    page.published && page.listed && page.param("no_print") != Some(&serde_json::Value::Bool(true))
}

/// The anchor of a page on a print page: the same on all of them, whatever pages come and go.
fn anchor(page: &Page) -> String {
    format!("pg-{}", &blake3::hash(page.url.as_bytes()).to_hex()[..8])
}

/// Attributes that hold an anchor or refer to one; up to the anchor.
const ANCHORS: [&str; 5] = [" id=\"", " href=\"#", "target=\"#", " for=\"", " aria-labelledby=\""];

/// The text with `prefix-` before each anchor and each reference to one.
fn prefix_anchors(html: &str, prefix: &str) -> String {
    let bytes = html.as_bytes();
    let mut found: Vec<(usize, usize)> = ANCHORS
        .iter()
        .flat_map(|attribute| memmem::find_iter(bytes, attribute).map(|at| (at, at + attribute.len())))
        .filter(|(_, value)| bytes.get(*value).is_some_and(|byte| *byte != b'"'))
        .collect();
    found.sort_unstable();
    let mut reader = Reader::default();
    let places: Vec<usize> =
        found.into_iter().filter(|(at, _)| reader.is_in_tag_at(html, *at)).map(|(_, value)| value).collect();
    let mut out = String::with_capacity(html.len() + places.len() * (prefix.len() + 1));
    let mut written = 0;
    for place in places {
        out.push_str(&html[written..place]);
        out.push_str(prefix);
        out.push('-');
        written = place;
    }
    out.push_str(&html[written..]);
    out
}

/// Reads some HTML up to places in ascending order: every byte is looked at once.
#[derive(Default)]
struct Reader {
    at: usize,
    in_tag: bool,
    in_comment: bool,
}

impl Reader {
    /// Whether a place stands inside of a tag (and not of a comment).
    fn is_in_tag_at(&mut self, html: &str, place: usize) -> bool {
        let from = self.at;
        for angle in memchr::memchr2_iter(b'<', b'>', &html.as_bytes()[from..place]).map(|at| from + at) {
            let opens = html[angle..].starts_with('<');
            if self.in_comment {
                self.in_comment = opens || !html[..angle].ends_with("--");
                continue;
            }
            self.in_comment = html[angle..].starts_with("<!--");
            self.in_tag = opens && !html[angle..].starts_with("<!");
        }
        self.at = place;
        self.in_tag && !self.in_comment
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn anchors_and_the_links_to_them_move_together() {
        let html = "<h2 id=\"a\">A</h2><a href=\"#a\">x</a><a href=\"/b/#a\">y</a><a href=\"#\">top</a> id=\"text\" \
                    <svg fill=\"#fff\"></svg><!-- <p id=\"c\"> --><li data-bs-target=\"#a\">日";
        assert_eq!(
            prefix_anchors(html, "p"),
            "<h2 id=\"p-a\">A</h2><a href=\"#p-a\">x</a><a href=\"/b/#a\">y</a><a href=\"#\">top</a> id=\"text\" \
             <svg fill=\"#fff\"></svg><!-- <p id=\"c\"> --><li data-bs-target=\"#p-a\">日"
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost(html in "[<>/a-c=\"# \\-!iderfhあ]{0,60}") {
            prop_assert_eq!(prefix_anchors(&html, "p").replace("p-", ""), html);
        }
    }
}
