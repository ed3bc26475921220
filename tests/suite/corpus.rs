//! A large real site, where it is there: two of its languages, and all of them where `DOCBUILD_CORPUS=DIR` names it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use docbuild::config::{self, LoadOptions};
use docbuild::diagnostics::Severity;
use docbuild::diagnostics::render::{Style, render};
use docbuild::export;
use docbuild::site::{self, Site};
use docbuild::source;

use crate::support::{corpus, shared};

/// Every page is exported, and none has a shortcode's placeholder left in it. `DOCBUILD_EXPORT=FILE`
/// keeps the lines, and what was said about the pages beside them.
#[test]
#[expect(clippy::print_stderr, reason = "the figures are what one runs it for")]
fn every_page_of_the_corpus_renders() {
    let Some(root) = corpus() else { return };
    let start = Instant::now();
    let clock = "2026-04-25T12:00:00Z".parse().ok();
    let languages = match (std::env::var("DOCBUILD_CORPUS_LANG"), std::env::var_os("DOCBUILD_CORPUS")) {
        (Ok(language), _) => vec![language],
        // All of them take a minute without optimisation.
        (Err(_), None) => vec!["fr".to_owned(), "ja".to_owned()],
        (Err(_), Some(_)) => vec![],
    };
    let options = LoadOptions { root: Some(root), languages, clock, ..LoadOptions::default() };
    let config = Arc::new(config::load(&options).map_err(|said| said.sorted()).unwrap());
    let mut lines = vec![];
    let diagnostics = export::write_pages(&config, &mut lines).unwrap().sorted();
    let pages = memchr::memchr_iter(b'\n', &lines).count();
    eprintln!("{pages} pages: {:?}", start.elapsed());
    if let Some(file) = std::env::var_os("DOCBUILD_EXPORT").map(PathBuf::from) {
        let mut said = String::new();
        let mut counts = BTreeMap::<String, usize>::new();
        for diagnostic in &diagnostics {
            *counts.entry(format!("{} {}", diagnostic.code.id, diagnostic.message)).or_default() += 1;
            said.push_str(&render(diagnostic, Style::default()));
        }
        let counts: String = counts.iter().map(|(key, count)| format!("{count:6} {key}\n")).collect();
        std::fs::write(file.with_extension("diagnostics"), said).unwrap();
        std::fs::write(file.with_extension("counts"), counts).unwrap();
        std::fs::File::create(&file).and_then(|mut file| file.write_all(&lines)).unwrap();
    }
    // Hugo builds it without a mistake of a shortcode.
    let stages = ["shortcode-", "file-", "include-", "reference-", "term-", "feature-", "tab", "data-", "template-"];
    let wrong = diagnostics
        .iter()
        .filter(|said| said.severity == Severity::Error && stages.iter().any(|stage| said.code.id.starts_with(stage)));
    let wrong: String = wrong.map(|said| render(said, Style::default())).collect();
    assert!(wrong.is_empty(), "{wrong}");
    assert!(pages > 0, "no page is published");
    assert!(memchr::memmem::find(&lines, b"XSHORTCODE").is_none(), "a placeholder is left in a page");
}

/// Pages, redirects and the files beside pages are where Hugo has them, in the languages that are known: nothing
/// is missing, nothing is too much. No page is rendered for it.
#[test]
fn the_corpus_has_hugos_urls() {
    let Some(golden) = shared("golden") else { return };
    let Some(root) = corpus() else { return };
    let options =
        LoadOptions { root: Some(root), clock: "2026-04-25T12:00:00Z".parse().ok(), ..LoadOptions::default() };
    let config = Arc::new(config::load(&options).map_err(|said| said.sorted()).unwrap());
    let (source, _) = source::load(&config);
    // What Hugo's content adapters make is Hugo's alone.
    let adapters: Vec<(usize, bool, String)> = source
        .adapters
        .iter()
        .map(|adapter| (adapter.language, adapter.every_language, adapter.path.replace("_content.gotmpl", "")))
        .collect();
    let (site, _) = site::assemble(config, source);
    let lines = |name: &str| -> BTreeSet<String> {
        let text = std::fs::read_to_string(golden.join(name)).unwrap();
        text.lines().filter_map(|line| line.split('\t').next()).map(str::to_owned).collect()
    };
    let copied = lines("static-paths.txt");
    let mut wrong = String::new();
    for (language, settings) in site.config.languages.iter().enumerate() {
        let code = &settings.code;
        if !golden.join(format!("urls-{code}.txt")).exists() {
            continue;
        }
        let mut hugo =
            Published::by_hugo(&lines(&format!("urls-{code}.txt")), &lines(&format!("aliases-{code}.txt")), &copied);
        let ours = Published::by_docbuild(&site, language, &copied);
        let prefix = site.config.url_prefix(language);
        let is_adapted = |url: &str| {
            let path = url.strip_prefix(&prefix).unwrap_or(url);
            adapters.iter().any(|(at, every, folder)| (*every || *at == language) && path.starts_with(folder))
        };
        hugo.pages.retain(|url| ours.pages.contains(url) || !is_adapted(url));
        assert!(hugo.pages.len() > 100, "{code}: {} pages", hugo.pages.len());
        for (what, hugo, ours) in [
            ("page", &hugo.pages, &ours.pages),
            ("redirect", &hugo.aliases, &ours.aliases),
            ("file", &hugo.files, &ours.files),
        ] {
            for path in hugo.difference(ours) {
                let _ = writeln!(wrong, "{code}: {what} {path} is missing");
            }
            for path in ours.difference(hugo) {
                let _ = writeln!(wrong, "{code}: {what} {path} is too much");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What is published in a language, as URL paths of files.
#[derive(Default)]
struct Published {
    pages: BTreeSet<String>,
    aliases: BTreeSet<String>,
    files: BTreeSet<String>,
}

impl Published {
    fn by_hugo(urls: &BTreeSet<String>, aliases: &BTreeSet<String>, copied: &BTreeSet<String>) -> Self {
        // Print pages, the pages of the blog's list and the way to its first one are no pages of the model; neither is
        // the way to the default language.
        let is_derived = |url: &str| url.contains("/_print/") || url.contains("/page/") || url == "/en/";
        let aliases: BTreeSet<String> = aliases.iter().filter(|url| !is_derived(url)).cloned().collect();
        let mut hugo = Self { aliases, ..Self::default() };
        for url in urls.iter().filter(|url| !copied.contains(*url) && !is_derived(url)) {
            if let Some(page) = url.strip_suffix("index.html") {
                if !hugo.aliases.contains(page) && page != "/en/" {
                    hugo.pages.insert(page.to_owned());
                }
            } else if is_beside_pages(url) {
                hugo.files.insert(url.clone());
            }
        }
        hugo
    }

    fn by_docbuild(site: &Site, language: usize, copied: &BTreeSet<String>) -> Self {
        let mut ours = Self::default();
        for page in site.pages.iter().filter(|page| page.language == language) {
            if page.published {
                ours.pages.insert(page.url.clone());
            }
            ours.aliases.extend(page.aliases.iter().cloned());
            let files = page.resources.iter().filter(|_| page.publishes_resources).map(|(url, _)| url);
            ours.files.extend(files.filter(|url| !copied.contains(*url)).cloned());
        }
        ours
    }
}

/// Whether a file stands beside a page: not one that only layouts use, was scaled, or is made of pages.
fn is_beside_pages(url: &str) -> bool {
    let of_layouts =
        ["/css/", "/js/", "/scss/", "/fonts/", "/webfonts/", "/favicons/", "/icons/", "/images/", "/plugins/"];
    let made = [".html", ".xml", "/index.json", ".webmanifest", "/robots.txt", "/_redirects", "/_headers"];
    !of_layouts.iter().any(|folder| url.starts_with(folder))
        && !made.iter().any(|end| url.ends_with(end))
        && !url.contains("_hu")
}
