//! One page's line.

use std::borrow::Cow;

use serde::Serialize;

use crate::markdown::Article;
use crate::site::url::encode;
use crate::site::{Page, PageId, PageKind, Site, Taxonomy};

/// What a line is about.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase", untagged)]
enum Kind {
    Page(PageKind),
    List(ListKind),
}

/// A page that no file stands for.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum ListKind {
    /// The list of a taxonomy's terms.
    Taxonomy,
    /// The list of a term's pages.
    Term,
}

/// The fields of a page, in the order they are printed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    path: String,
    url: String,
    lang: &'a str,
    kind: Kind,
    #[serde(rename = "type")]
    content_type: Cow<'a, str>,
    layout: &'a str,
    title: Cow<'a, str>,
    link_title: Cow<'a, str>,
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
            kind: Kind::Page(page.kind),
            content_type: page.content_type(),
            layout: page.front_matter.get("layout").and_then(serde_json::Value::as_str).unwrap_or_default(),
            title: Cow::Borrowed(&page.title),
            link_title: Cow::Borrowed(&page.link_title),
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

    /// The lists of a language's terms and of their pages, those of them that are published.
    pub(super) fn of_taxonomies(site: &'a Site, language: usize) -> Vec<Record<'a>> {
        let published = &site.config.taxonomies;
        let home = encode(&site.page(site.homes[language]).url);
        let mut all = vec![];
        for taxonomy in &site.taxonomies[language] {
            let url = encode(&taxonomy.url);
            let title = taxonomy.title();
            let list = |kind, url: &str, title: String| Record {
                url: url.to_owned(),
                kind: Kind::List(kind),
                content_type: Cow::Borrowed(&taxonomy.name),
                link_title: Cow::Owned(title.clone()),
                title: Cow::Owned(title),
                ..Record::empty(&site.config.languages[language].code)
            };
            let translations = |address: &dyn Fn(&'a Taxonomy) -> Option<&'a str>| -> Vec<String> {
                let others = (0..site.taxonomies.len()).filter(|other| *other != language);
                let same = others.flat_map(|other| &site.taxonomies[other]).filter(|other| other.name == taxonomy.name);
                same.filter_map(|other| address(other).map(encode)).collect()
            };
            if published.lists {
                let pages = if published.terms {
                    taxonomy.terms.iter().map(|term| encode(&term.url)).collect()
                } else {
                    vec![]
                };
                let dates = taxonomy.terms.iter().flat_map(|term| &term.pages);
                all.push(Record {
                    date: newest(site, dates),
                    translations: translations(&|other| Some(&other.url)),
                    parent: Some(home.clone()),
                    pages,
                    ..list(ListKind::Taxonomy, &url, title)
                });
            }
            let parent = if published.lists { &url } else { &home };
            for term in taxonomy.terms.iter().filter(|_| published.terms) {
                let mut pages: Vec<&Page> = term.pages.iter().map(|id| site.page(*id)).collect();
                pages.sort_by(|a, b| site.order.compare(a, b, language));
                let same = |other: &'a Taxonomy| other.terms.iter().find(|other| other.slug == term.slug);
                all.push(Record {
                    date: newest(site, &term.pages),
                    translations: translations(&|other| same(other).map(|term| term.url.as_str())),
                    parent: Some(parent.clone()),
                    pages: pages.into_iter().map(|page| encode(&page.url)).collect(),
                    ..list(ListKind::Term, &encode(&term.url), term.name.clone())
                });
            }
        }
        all
    }

    fn empty(lang: &'a str) -> Self {
        Self {
            path: String::new(),
            url: String::new(),
            lang,
            kind: Kind::List(ListKind::Taxonomy),
            content_type: Cow::Borrowed(""),
            layout: "",
            title: Cow::Borrowed(""),
            link_title: Cow::Borrowed(""),
            weight: 0,
            date: None,
            description: "",
            content: "",
            toc: String::new(),
            summary: String::new(),
            aliases: vec![],
            translations: vec![],
            parent: None,
            pages: vec![],
        }
    }
}

/// The date of the newest of some pages.
fn newest<'a>(site: &'a Site, pages: impl IntoIterator<Item = &'a PageId>) -> Option<&'a str> {
    let pages = pages.into_iter().map(|id| site.page(*id));
    pages.filter(|page| page.moment.is_some()).max_by_key(|page| page.moment)?.date.as_deref()
}
