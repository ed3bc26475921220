//! Mistakes and what docbuild says about them: one file a mistake in `tests/fixtures/diagnostics`.
//!
//! A file holds a small site, `=== PATH` before each of its files, and behind `=== says` all that is
//! said about it, at 80 columns. `DOCBUILD_UPDATE=1` rewrites what is said.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use docbuild::config::{self, LoadOptions};
use docbuild::diagnostics::render::{Style, render};
use docbuild::diagnostics::{Diagnostic, codes};
use docbuild::markdown::{Context, article};
use docbuild::shortcode::Registry;
use docbuild::site;
use docbuild::source::{self, DiskFiles};

const BOOK: &str = "[book]\ntitle = \"Test\"\nlanguage = \"en\"\n\n[params]\nversion = \"v1.36\"\n";
const HOME: &str = "---\ntitle: Home\n---\n\nHello.\n";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/diagnostics")
}

/// All that is said about a site, in its order.
fn said_about(root: &Path) -> Vec<Diagnostic> {
    let clock = "2026-04-25T12:00:00Z".parse().ok();
    let options = LoadOptions { root: Some(root.to_owned()), clock, ..LoadOptions::default() };
    let config = match config::load(&options) {
        Ok(config) => Arc::new(config),
        Err(said) => return said.sorted(),
    };
    let (source, mut said) = source::load(&config);
    let (site, more) = site::assemble(Arc::clone(&config), source);
    said.extend(more.sorted());
    let (shortcodes, more) = Registry::load(&config);
    said.extend(more.sorted());
    let files = DiskFiles::new(&config.root);
    let context = Context { site: &site, files: &files, shortcodes: &shortcodes, decorate: None };
    for page in site.pages.iter().filter(|page| page.published) {
        said.extend(article(&context, page.id).diagnostics);
    }
    said.sorted()
}

/// The files of a case, and what it expects to be said.
fn parts(case: &str) -> (Vec<(&str, &str)>, &str) {
    let mut files = vec![];
    for section in case.split("=== ").skip(1) {
        let (path, text) = section.split_once('\n').unwrap();
        if path == "says" {
            return (files, text);
        }
        files.push((path, text));
    }
    (files, "")
}

fn write(root: &Path, path: &str, text: &str) {
    // `\xNN` is a byte, so that a case can hold what is no text; `->` makes a symbolic link.
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    if let Some(target) = text.strip_prefix("-> ") {
        return std::os::unix::fs::symlink(target.trim_end(), path).unwrap();
    }
    let mut bytes = vec![];
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x") {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(&after[..2], 16).unwrap());
        rest = &after[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    std::fs::write(path, bytes).unwrap();
}

fn run(case: &str) -> String {
    let site = tempfile::tempdir().unwrap();
    let root = site.path().canonicalize().unwrap();
    let (files, _) = parts(case);
    if !files.iter().any(|(path, _)| path.ends_with(".toml") && !path.contains('/')) {
        write(&root, "book.toml", BOOK);
    }
    if !files.iter().any(|(path, _)| *path == "content/en/_index.md") {
        write(&root, "content/en/_index.md", HOME);
    }
    for (path, text) in files {
        write(&root, path, text);
    }
    let mut text = String::new();
    for diagnostic in said_about(&root) {
        assert!(
            codes::find(diagnostic.code.id).is_some(),
            "`docbuild explain {}` has nothing to say",
            diagnostic.code.id
        );
        assert!(!diagnostic.help.is_empty(), "no way out is shown: {}", diagnostic.message);
        assert!(!render(&diagnostic, Style { color: true, width: 60 }).is_empty());
        text.push_str(&render(&diagnostic, Style::default()));
        text.push('\n');
    }
    text.replace(&*root.to_string_lossy(), "[ROOT]")
}

#[test]
fn every_mistake_is_named_with_its_place_and_a_way_out() {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let mut wrong = vec![];
    for path in &cases {
        let case = std::fs::read_to_string(path).unwrap();
        let said = run(&case);
        let (_, expected) = parts(&case);
        if expected == said && !said.is_empty() {
            continue;
        }
        if std::env::var_os("DOCBUILD_UPDATE").is_some() {
            let files = case.split_once("=== says\n").map_or(case.as_str(), |(files, _)| files);
            std::fs::write(path, format!("{files}=== says\n{said}")).unwrap();
        } else {
            wrong.push(format!("{}\n--- expected\n{expected}--- said\n{said}", path.display()));
        }
    }
    assert!(cases.len() >= 30, "only {} cases are there", cases.len());
    assert!(
        wrong.is_empty(),
        "{} of {} differ (DOCBUILD_UPDATE=1 accepts):\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_right_site_is_told_nothing() {
    let case = "=== content/en/docs/_index.md\n---\ntitle: Docs\n---\n\n{{< note >}}Use {{< param \"version\" >}}.{{< /note >}}\n";
    assert_eq!(run(case), "");
}
