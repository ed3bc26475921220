//! Documented outputs with one character changed: each change must be told at its line.
//!
//! The manual's own pages and the recording that the repository ships; the seed page's test is in
//! `verify_seed`.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use docbuild::config::{LoadOptions, load};
use docbuild::markdown::{self, Article};
use docbuild::shortcode::Registry;
use docbuild::site::{PageId, assemble};
use docbuild::source::{self, DiskFiles};
use docbuild::verify::model::{Finding, Report, Role, Verdict};
use docbuild::verify::recording::Recording;
use docbuild::verify::{pages, run};

use crate::support::SiteTest;

/// The report of a site's page against a recording, in process.
pub(crate) fn judged(site: &SiteTest, page: &str, recording: &Recording) -> Report {
    let options =
        LoadOptions { root: Some(site.root().to_owned()), start: site.root().to_owned(), ..LoadOptions::default() };
    let config = Arc::new(load(&options).unwrap_or_else(|_| panic!("the configuration has an error")));
    let (source, _) = source::load(&config);
    let (site, _) = assemble(config, source);
    let (registry, _) = Registry::load(&site.config);
    let files = DiskFiles::new(&site.config.root);
    let context = markdown::Context { site: &site, files: &files, shortcodes: &registry, decorate: None };
    let parse = |id: PageId| -> Article { markdown::article(&context, id) };
    let ids = pages::select(&site, &[page.to_owned()], &[]).unwrap();
    run::replay(&pages::prepare(&site, &ids, &parse), recording)
}

/// All findings of the report's first page.
pub(crate) fn findings(report: &Report) -> Vec<Finding> {
    report.pages[0].blocks.iter().flat_map(|block| block.findings.clone()).collect()
}

/// Whether a finding tells of this line what the unchanged page's do not.
pub(crate) fn noticed(line: usize, found: &[Finding], unchanged: &[Finding]) -> bool {
    found.iter().any(|finding| (finding.line == line || finding.lines.contains(&line)) && !unchanged.contains(finding))
}

/// The tokens of a line that are no elision, with their byte offsets.
pub(crate) fn tokens(line: &str) -> Vec<(usize, &str)> {
    line.split_whitespace()
        .filter(|token| !token.contains("..."))
        .map(|token| (token.as_ptr() as usize - line.as_ptr() as usize, token))
        .collect()
}

/// Another character of the same kind.
pub(crate) fn other(c: char) -> char {
    match c {
        '9' => '8',
        'z' => 'y',
        'Z' => 'Y',
        c => char::from(c as u8 + 1),
    }
}

/// Copies a folder of the checkout into a site.
fn copy(site: &SiteTest, folder: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in walkdir::WalkDir::new(root.join(folder)).into_iter().flatten() {
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(root).unwrap();
            site.write(path.to_str().unwrap(), std::fs::read(entry.path()).unwrap());
        }
    }
}

/// The tokens of a page's outputs, a character changed in each, whose change no finding tells.
fn survivors(page: &str) -> BTreeSet<String> {
    let site = SiteTest::empty();
    ["book.toml", "content", "examples", "layouts", "i18n"].iter().for_each(|part| copy(&site, part));
    let recording = Recording::parse(include_str!("../../recordings/manual.json")).unwrap();
    let report = judged(&site, page, &recording);
    let unchanged = findings(&report);
    let text = site.read(page);
    let lines: Vec<&str> = text.lines().collect();
    let mut left = BTreeSet::new();
    let mut tried = 0;
    let outputs = report.pages[0].blocks.iter().filter(|block| block.role == Role::Output);
    for block in outputs {
        assert_eq!(block.verdict, Some(Verdict::Pass), "{page}:{}: {:?}", block.line, block.reason);
        for number in block.line + 1..block.end_line {
            for (start, token) in tokens(lines[number - 1]) {
                // One character of the token, in its middle.
                let places: Vec<_> = token.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()).collect();
                let Some(&(at, old)) = places.get(places.len() / 2) else { continue };
                let mut line = lines[number - 1].to_owned();
                line.replace_range(start + at..start + at + 1, &other(old).to_string());
                let mut changed: Vec<&str> = lines.clone();
                changed[number - 1] = &line;
                site.write(page, changed.join("\n") + "\n");
                tried += 1;
                if !noticed(number, &findings(&judged(&site, page, &recording)), &unchanged) {
                    left.insert(format!("{token} -> {}", line[start..].split_whitespace().next().unwrap_or_default()));
                }
            }
        }
    }
    assert!(tried > 20, "only {tried} tokens of {page} were tried");
    left
}

#[test]
fn no_output_of_the_shared_volume_page_can_change_unnoticed() {
    insta::assert_debug_snapshot!(survivors("content/en/docs/tasks/shared-volume.md"));
}

#[test]
fn no_output_of_the_deployment_page_can_change_unnoticed() {
    insta::assert_debug_snapshot!(survivors("content/en/docs/tasks/deployment-service.md"));
}

#[test]
fn no_output_of_the_job_page_can_change_unnoticed() {
    insta::assert_debug_snapshot!(survivors("content/en/docs/tasks/job-configmap.md"));
}
