//! One page's line.

use std::borrow::Cow;

use serde::Serialize;

use crate::markdown::Article;
use crate::site::url::encode;
use crate::site::{Page, PageId, PageKind, Site, Taxonomy, Term};

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
        let mut all = vec![];
        for taxonomy in &site.taxonomies[language] {
            if published.lists {
                all.push(Self::of_taxonomy(site, language, taxonomy));
            }
            if published.terms {
                all.extend(taxonomy.terms.iter().map(|term| Self::of_term(site, language, taxonomy, term)));
            }
        }
        all
    }

    fn of_taxonomy(site: &'a Site, language: usize, taxonomy: &'a Taxonomy) -> Self {
        let terms = if site.config.taxonomies.terms { taxonomy.terms.as_slice() } else { &[] };
        Self {
            url: encode(&taxonomy.url),
            date: newest(site, taxonomy.terms.iter().flat_map(|term| &term.pages)),
            translations: others(site, language, taxonomy).map(|other| encode(&other.url)).collect(),
            parent: Some(encode(&site.page(site.homes[language]).url)),
            pages: terms.iter().map(|term| encode(&term.url)).collect(),
            ..Self::of_list(site, language, taxonomy, ListKind::Taxonomy, Cow::Owned(taxonomy.title()))
        }
    }

    fn of_term(site: &'a Site, language: usize, taxonomy: &'a Taxonomy, term: &'a Term) -> Self {
        let home = site.page(site.homes[language]);
        let mut pages: Vec<&Page> = term.pages.iter().map(|id| site.page(*id)).collect();
        pages.sort_by(|a, b| site.order.compare(a, b, language));
        let same = |other: &'a Taxonomy| other.terms.iter().find(|other| other.slug == term.slug);
        let translations = others(site, language, taxonomy).filter_map(same);
        Self {
            url: encode(&term.url),
            date: newest(site, &term.pages),
            translations: translations.map(|other| encode(&other.url)).collect(),
            parent: Some(encode(if site.config.taxonomies.lists { &taxonomy.url } else { &home.url })),
            pages: pages.into_iter().map(|page| encode(&page.url)).collect(),
            ..Self::of_list(site, language, taxonomy, ListKind::Term, Cow::Borrowed(&term.name))
        }
    }

    /// What the two kinds of lists have in common; the rest is empty.
    fn of_list(site: &'a Site, language: usize, taxonomy: &'a Taxonomy, kind: ListKind, title: Cow<'a, str>) -> Self {
        Self {
            path: String::new(),
            url: String::new(),
            lang: &site.config.languages[language].code,
            kind: Kind::List(kind),
            content_type: Cow::Borrowed(&taxonomy.name),
            layout: "",
            title: title.clone(),
            link_title: title,
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

/// The same taxonomy in the other languages.
fn others<'a>(site: &'a Site, language: usize, taxonomy: &'a Taxonomy) -> impl Iterator<Item = &'a Taxonomy> {
    let others = (0..site.taxonomies.len()).filter(move |other| *other != language);
    others.flat_map(|other| &site.taxonomies[other]).filter(|other| other.name == taxonomy.name)
}

/// The date of the newest of some pages.
fn newest<'a>(site: &'a Site, pages: impl IntoIterator<Item = &'a PageId>) -> Option<&'a str> {
    let pages = pages.into_iter().map(|id| site.page(*id));
    pages.filter(|page| page.moment.is_some()).max_by_key(|page| page.moment)?.date.as_deref()
}
