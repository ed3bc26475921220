//! A small site written in a case file: `=== PATH` before each of its files, expectations behind.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use docbuild::config::{self, LoadOptions};
use docbuild::diagnostics::Diagnostic;
use docbuild::markdown::{Article, Context, article};
use docbuild::shortcode::Registry;
use docbuild::site::{self, Site};
use docbuild::source::{self, DiskFiles};

const BOOK: &str = "[book]\ntitle = \"Test\"\nlanguage = \"en\"\n\n[params]\nversion = \"v1.36\"\n";
const HOME: &str = "---\ntitle: Home\n---\n\nHello.\n";

/// The sections of a case: files, and expectations (whose names have no dot).
pub(crate) struct Case<'t> {
    pub(crate) files: Vec<(&'t str, &'t str)>,
    pub(crate) expected: Vec<(&'t str, &'t str)>,
    /// The text before the first expectation.
    pub(crate) head: &'t str,
}

pub(crate) fn parse(text: &str) -> Case<'_> {
    let mut case = Case { files: vec![], expected: vec![], head: text };
    let mut at = 0;
    for section in text.split("=== ") {
        let start = at;
        at += section.len() + 4;
        let Some((name, body)) = section.split_once('\n') else { continue };
        if name.contains('.') {
            case.files.push((name, body));
        } else {
            if case.expected.is_empty() {
                case.head = &text[..start - 4];
            }
            case.expected.push((name, body));
        }
    }
    case
}

/// Writes the files of a case; a configuration and a home page are made where it has none.
pub(crate) fn write(root: &Path, files: &[(&str, &str)]) {
    if !files.iter().any(|(path, _)| path.ends_with(".toml") && !path.contains('/')) {
        write_file(root, "book.toml", BOOK);
    }
    if !files.iter().any(|(path, _)| *path == "content/en/_index.md") {
        write_file(root, "content/en/_index.md", HOME);
    }
    for (path, text) in files {
        write_file(root, path, text);
    }
}

/// `\xNN` in the text is a byte, so that a case can hold what is no text; `->` makes a symbolic link.
fn write_file(root: &Path, path: &str, text: &str) {
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

/// A site with all its articles, in the order of its pages.
pub(crate) struct Built {
    pub(crate) site: Site,
    pub(crate) articles: Vec<Article>,
    pub(crate) said: Vec<Diagnostic>,
}

/// Reads a site and renders the published pages (the others have an empty article).
///
/// # Errors
/// What is wrong with its configuration.
pub(crate) fn build(root: &Path) -> Result<Built, Vec<Diagnostic>> {
    let clock = "2026-04-25T12:00:00Z".parse().ok();
    let options = LoadOptions { root: Some(root.to_owned()), clock, ..LoadOptions::default() };
    let config = Arc::new(config::load(&options).map_err(docbuild::diagnostics::Diagnostics::sorted)?);
    let (source, mut said) = source::load(&config);
    let (site, more) = site::assemble(Arc::clone(&config), source);
    said.extend(more.sorted());
    let (shortcodes, more) = Registry::load(&config);
    said.extend(more.sorted());
    let files = DiskFiles::new(&config.root);
    let context = Context { site: &site, files: &files, shortcodes: &shortcodes, decorate: None };
    let render = |page: &site::Page| if page.published { article(&context, page.id) } else { Article::default() };
    let articles: Vec<Article> = site.pages.iter().map(render).collect();
    said.extend(articles.iter().flat_map(|article| article.diagnostics.clone()));
    Ok(Built { said: said.sorted(), articles, site })
}

/// Runs `run` over all case files of a folder below `tests/fixtures`; it gives the expectations' texts
/// by name. `DOCBUILD_UPDATE=1` rewrites them. Returns how many cases there are.
pub(crate) fn check(folder: &str, run: impl Fn(&Case<'_>) -> Vec<(&'static str, String)>) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let mut wrong = vec![];
    for path in &cases {
        let text = std::fs::read_to_string(path).unwrap();
        let case = parse(&text);
        let made = run(&case);
        let same = made.len() == case.expected.len()
            && made.iter().zip(&case.expected).all(|((name, text), (expected, said))| name == expected && text == said);
        if same {
            continue;
        }
        let made: String = made.iter().map(|(name, text)| format!("=== {name}\n{text}")).collect();
        if std::env::var_os("DOCBUILD_UPDATE").is_some() {
            std::fs::write(path, format!("{}{made}", case.head)).unwrap();
        } else {
            let expected: String = case.expected.iter().map(|(name, text)| format!("=== {name}\n{text}")).collect();
            wrong.push(format!("{}\n--- expected\n{expected}\n--- made\n{made}", path.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} differ (DOCBUILD_UPDATE=1 accepts):\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    cases.len()
}
