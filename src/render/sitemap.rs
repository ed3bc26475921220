//! `sitemap.xml`: the addresses of all pages, for search engines.
//!
//! A site in one language has one; in several languages each has its own (`/ja/sitemap.xml`, the
//! default language's below its code too), and `/sitemap.xml` is the list of them, as Hugo has it.
//! `sitemap: {disable: true}` in a page's front matter leaves it out.

use serde::Serialize;

use super::files::Files;
use super::page::Alternate;
use super::{Shared, is_selected};
use crate::site::Page;

/// `entries` of `sitemap.xml`.
#[derive(Serialize)]
struct Entry<'a> {
    permalink: String,
    date: Option<&'a str>,
    alternates: Vec<Alternate<'a>>,
}

/// `entries` of `sitemapindex.xml`.
#[derive(Serialize)]
struct IndexEntry<'a> {
    permalink: String,
    /// Of its newest page.
    date: Option<&'a str>,
}

/// Adds all of them.
pub(super) fn add(shared: &Shared<'_>, files: &Files<'_>) {
    let languages = &shared.site.config.languages;
    let mut index = vec![];
    for (language, lang) in languages.iter().enumerate().filter(|(_, lang)| lang.selected) {
        let pages: Vec<&Page> =
            shared.site.pages.iter().filter(|page| page.language == language && is_shown(shared, page)).collect();
        let path = if languages.len() == 1 { "sitemap.xml".to_owned() } else { format!("{}/sitemap.xml", lang.code) };
        let date = pages.iter().filter_map(|page| page.date.as_deref()).max();
        index.push(IndexEntry { permalink: shared.base.permalink(&path), date });
        let entries: Vec<Entry<'_>> = pages.iter().map(|page| entry(shared, page)).collect();
        let mut context = tera::Context::new();
        context.insert("entries", &entries);
        files.put_default(&path, shared.layouts.render("sitemap.xml", &context, &path));
    }
    if languages.len() > 1 {
        let mut context = tera::Context::new();
        context.insert("entries", &index);
        files.put_default("sitemap.xml", shared.layouts.render("sitemapindex.xml", &context, "sitemap.xml"));
    }
}

fn is_shown(shared: &Shared<'_>, page: &Page) -> bool {
    let disabled = page.front_matter.values.get("sitemap").and_then(|sitemap| sitemap.get("disable"));
    page.published && page.listed && is_selected(shared.site, page) && disabled != Some(&serde_json::Value::Bool(true))
}

fn entry<'a>(shared: &'a Shared<'_>, page: &'a Page) -> Entry<'a> {
    Entry {
        permalink: shared.base.permalink(&page.url),
        date: page.date.as_deref(),
        alternates: shared.alternates(page),
    }
}
