//! Feeds: a section's newest pages, as RSS 2.0 (`feed.xml`) and as JSON Feed 1.1 (`index.json`).
//!
//! In: a page, the articles. Out: text. All addresses in it are absolute. No clock is read: a feed was
//! changed when its newest item was.

use std::sync::Arc;

use serde::Serialize;

use super::{Shared, body, byline};
use crate::diagnostics::Diagnostic;
use crate::markdown::{Article, escape_attribute};
use crate::site::{Page, PageId, PageKind};

/// How many items a feed has at most: readers ask for it again and again.
const MOST_ITEMS: usize = 50;

/// `feed`: what the layout `rss.xml` sees.
#[derive(Serialize)]
pub(super) struct Feed<'a> {
    title: String,
    description: &'a str,
    /// The page that the feed is of.
    permalink: String,
    /// The feed itself.
    own_permalink: String,
    language: &'a str,
    /// RFC 822; of the newest item.
    date: Option<String>,
    items: Vec<FeedItem<'a>>,
}

/// An item of a feed.
#[derive(Serialize)]
struct FeedItem<'a> {
    title: &'a str,
    permalink: String,
    /// RFC 822.
    date: Option<String>,
    /// RFC 3339.
    published: &'a str,
    author: Option<String>,
    /// HTML with absolute addresses.
    summary: String,
}

/// A JSON Feed, see <https://www.jsonfeed.org/version/1.1/>.
#[derive(Serialize)]
struct JsonFeed<'a> {
    version: &'static str,
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    language: &'a str,
    items: Vec<JsonItem>,
}

#[derive(Serialize)]
struct JsonItem {
    id: String,
    url: String,
    title: String,
    content_html: String,
    date_published: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<JsonAuthor>,
}

#[derive(Serialize)]
struct JsonAuthor {
    name: String,
}

impl Shared<'_> {
    /// The feed of a page as RSS.
    pub(super) fn render_rss(&self, page: &Page, articles: &[Arc<Article>]) -> Result<String, Vec<Diagnostic>> {
        let mut context = self.contexts[page.language].clone();
        context.insert("feed", &self.feed(page, "feed.xml", articles));
        let mut text = self.layouts.render("rss.xml", &context, &page.path)?;
        text.retain(is_xml);
        Ok(text)
    }

    /// The feed of a page as JSON.
    pub(super) fn render_json(&self, page: &Page, articles: &[Arc<Article>]) -> String {
        let feed = self.feed(page, "index.json", articles);
        let item = |item: &'_ FeedItem<'_>| JsonItem {
            id: item.permalink.clone(),
            url: item.permalink.clone(),
            title: item.title.to_owned(),
            content_html: item.summary.clone(),
            date_published: item.published.to_owned(),
            authors: item.author.iter().map(|name| JsonAuthor { name: name.clone() }).collect(),
        };
        let json = JsonFeed {
            version: "https://jsonfeed.org/version/1.1",
            title: &feed.title,
            description: feed.description,
            home_page_url: &feed.permalink,
            feed_url: &feed.own_permalink,
            language: feed.language,
            items: feed.items.iter().map(item).collect(),
        };
        serde_json::to_string_pretty(&json).unwrap_or_default() + "\n"
    }

    fn feed<'p>(&'p self, page: &'p Page, file: &str, articles: &[Arc<Article>]) -> Feed<'p> {
        let language = &self.site.config.languages[page.language];
        let title = match page.kind {
            PageKind::Home => language.title.clone(),
            _ => format!("{} | {}", page.title, language.title),
        };
        let items: Vec<FeedItem<'_>> = self
            .feed_pages(page)
            .into_iter()
            .filter_map(|id| self.feed_item(self.site.page(id), articles.get(id.0 as usize)?))
            .collect();
        Feed {
            title,
            description: &page.description,
            permalink: self.base.permalink(&page.url),
            own_permalink: self.base.permalink(&format!("{}{file}", page.url)),
            language: &language.code,
            date: items.first().and_then(|item| item.date.clone()),
            items,
        }
    }

    /// The pages of a page's feed: those below it that have a date, the newest first.
    pub(super) fn feed_pages(&self, page: &Page) -> Vec<PageId> {
        let mut below: Vec<PageId> = page.children.clone();
        let mut at = 0;
        while let Some(id) = below.get(at).copied() {
            at += 1;
            below.extend(&self.site.page(id).children);
        }
        let is_item = |page: &&Page| page.kind == PageKind::Page && page.published && page.listed;
        let mut dated: Vec<(jiff::Timestamp, &Page)> = below
            .iter()
            .map(|id| self.site.page(*id))
            .filter(is_item)
            .filter_map(|page| Some((page.date.as_ref()?.parse().ok()?, page)))
            .collect();
        dated.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.path.cmp(&other.path)));
        dated.into_iter().take(MOST_ITEMS).map(|(_, page)| page.id).collect()
    }

    fn feed_item<'p>(&self, page: &'p Page, article: &Article) -> Option<FeedItem<'p>> {
        let published = page.date.as_deref()?;
        let summary = body::absolute(&summary(page, article), &self.base);
        Some(FeedItem {
            title: &page.title,
            permalink: self.base.permalink(&page.url),
            date: mail_date(published),
            published,
            author: byline::author(page),
            summary,
        })
    }
}

/// Whether XML 1.0 allows a character, escaped or not.
fn is_xml(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}') || matches!(c, '\t' | '\n' | '\r' | '\u{80}'..='\u{9f}')
}

/// What a list says about a page, as HTML: its description, else the summary that its author marked, else its
/// first sentences.
pub(super) fn summary(page: &Page, article: &Article) -> String {
    if !page.description.is_empty() {
        return format!("<p>{}</p>", escape_attribute(&page.description));
    }
    let summary = article.summary();
    let text = summary.html.trim();
    if text.is_empty() || text.starts_with('<') {
        return text.to_owned();
    }
    format!("<p>{text}</p>")
}

/// A date (RFC 3339) as RSS has it (RFC 822, with the four digits of a year that RSS prefers).
fn mail_date(date: &str) -> Option<String> {
    let moment: jiff::Timestamp = date.parse().ok()?;
    Some(moment.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_mail() {
        assert_eq!(mail_date("2024-05-06T07:08:09+09:00").as_deref(), Some("Sun, 05 May 2024 22:08:09 +0000"));
        assert_eq!(mail_date("2024-05-06"), None);
    }
}
