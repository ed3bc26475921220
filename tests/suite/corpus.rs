//! The whole of a large real site, where it is there: `DOCBUILD_CORPUS=DIR` names it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use docbuild::config::{self, LoadOptions};
use docbuild::diagnostics::render::{Style, render};
use docbuild::markdown::{Article, Context, article};
use docbuild::shortcode::Registry;
use docbuild::site::Site;
use docbuild::source::{self, DiskFiles};
use docbuild::{markdown, site};
use rayon::prelude::*;

/// Every page renders, and what is said about it is about shortcodes that docbuild lacks.
/// `DOCBUILD_EXPORT=FILE` writes the pages as JSON lines.
#[test]
#[expect(clippy::print_stderr, reason = "the figures are what one runs it for")]
fn every_page_of_the_corpus_renders() {
    let Some(root) = std::env::var_os("DOCBUILD_CORPUS").map(PathBuf::from) else {
        eprintln!("skipped: no corpus (DOCBUILD_CORPUS is not set)");
        return;
    };
    let start = Instant::now();
    let clock = "2026-04-25T12:00:00Z".parse().ok();
    let languages = std::env::var("DOCBUILD_CORPUS_LANG").ok().into_iter().collect();
    let options = LoadOptions { root: Some(root.clone()), languages, clock, ..LoadOptions::default() };
    let config = Arc::new(config::load(&options).map_err(|said| said.sorted()).unwrap());
    let (source, mut diagnostics) = source::load(&config);
    let walked = start.elapsed();
    let (site, said) = site::assemble(Arc::clone(&config), source);
    diagnostics.extend(said.sorted());
    let assembled = start.elapsed();
    let (shortcodes, said) = Registry::load(&config);
    diagnostics.extend(said.sorted());
    let files = DiskFiles::new(&config.root);
    let context = Context { site: &site, files: &files, shortcodes: &shortcodes, decorate: None };
    let published: Vec<_> =
        site.pages.iter().filter(|page| page.published && config.languages[page.language].selected).collect();
    let articles: Vec<Article> = published.par_iter().map(|page| article(&context, page.id)).collect();
    let rendered = start.elapsed();
    eprintln!(
        "{} pages: walked {walked:?}, assembled {:?}, rendered {:?}",
        articles.len(),
        assembled - walked,
        rendered - assembled
    );
    diagnostics.extend(articles.iter().flat_map(|article| article.diagnostics.iter().cloned()));
    let mut text = String::new();
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for diagnostic in diagnostics.sorted() {
        *counts.entry(format!("{} {}", diagnostic.code.id, diagnostic.message)).or_default() += 1;
        text.push_str(&render(&diagnostic, Style::default()));
    }
    if let Ok(file) = std::env::var("DOCBUILD_EXPORT") {
        std::fs::write(&file, export(&site, &published, &articles)).unwrap();
        std::fs::write(format!("{file}.diagnostics"), text).unwrap();
        std::fs::write(
            format!("{file}.counts"),
            counts.iter().map(|(key, count)| format!("{count:6} {key}\n")).collect::<String>(),
        )
        .unwrap();
    }
    assert!(articles.iter().all(|article| !article.html.contains("XSHORTCODE")), "a placeholder is left in a page");
}

fn export(site: &Site, pages: &[&site::Page], articles: &[Article]) -> String {
    let url = |id: site::PageId| site.page(id).url.clone();
    let lines = pages.iter().zip(articles).map(|(page, article): (&&site::Page, &markdown::Article)| {
        let line = serde_json::json!({
            "path": format!("{}/{}", site.config.languages[page.language].code, page.path),
            "url": site::url::encode(&page.url),
            "lang": site.config.languages[page.language].code,
            "kind": page.kind,
            "title": page.title,
            "linkTitle": page.link_title,
            "weight": page.weight,
            "date": page.date,
            "description": page.description,
            "content": article.html,
            "aliases": page.front_matter.values.get("aliases").cloned().unwrap_or_else(|| serde_json::json!([])),
            "translations": page.translations.iter().map(|id| url(*id)).collect::<Vec<_>>(),
            "parent": page.parent.map(url),
            "pages": page.children.iter().map(|id| url(*id)).collect::<Vec<_>>(),
        });
        line.to_string() + "\n"
    });
    lines.collect()
}
