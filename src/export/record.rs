//! One page's line.

use std::borrow::Cow;

use serde::Serialize;

use crate::markdown::Article;
use crate::site::url::encode;
use crate::site::{Page, PageId, PageKind, Site};

/// The fields of a page, in the order they are printed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    path: String,
    url: String,
    lang: &'a str,
    kind: PageKind,
    #[serde(rename = "type")]
    content_type: Cow<'a, str>,
    layout: &'a str,
    title: &'a str,
    link_title: &'a str,
    weight: i64,
    date: Option<&'a str>,
    description: &'a str,
    content: &'a str,
    toc: String,
    summary: String,
    aliases: Vec<String>,
    translations: Vec<String>,
    parent: Option<String>,
    pages: Vec<String>,
}

impl<'a> Record<'a> {
    pub(super) fn new(site: &'a Site, page: &'a Page, article: &'a Article) -> Self {
        let urls = |ids: &[PageId]| -> Vec<String> {
            ids.iter().map(|id| site.page(*id)).filter(|page| page.published).map(|page| encode(&page.url)).collect()
        };
        let lang = site.config.languages[page.language].code.as_str();
        Self {
            path: if page.file.is_some() { format!("{lang}/{}", page.path) } else { String::new() },
            url: encode(&page.url),
            lang,
            kind: page.kind,
            content_type: page.content_type(),
            layout: page.front_matter.get("layout").and_then(serde_json::Value::as_str).unwrap_or_default(),
            title: &page.title,
            link_title: &page.link_title,
            weight: page.weight,
            date: page.date.as_deref(),
            description: &page.description,
            content: &article.html,
            toc: if page.is_markdown() { article.contents_html() } else { String::new() },
            summary: article.summary().html,
            aliases: page.written_aliases(),
            translations: urls(&page.translations),
            parent: page.parent.map(|id| encode(&site.page(id).url)),
            pages: urls(&page.children),
        }
    }
}
