//! A large real site, where it is there: two of its languages, and all of them where `DOCBUILD_CORPUS=DIR` names it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use docbuild::config::{self, LoadOptions};
use docbuild::diagnostics::Severity;
use docbuild::diagnostics::render::{Style, render};
use docbuild::export;

use crate::support::corpus;

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
