//! Mistakes and what docbuild says about them: one file a mistake in `tests/fixtures/diagnostics`.
//!
//! A file holds a small site, and behind `=== says` all that is said about it, at 80 columns.

use docbuild::diagnostics::codes;
use docbuild::diagnostics::render::{Style, render};

use crate::case_site::{self, Case};

fn said(case: &Case<'_>) -> String {
    let site = tempfile::tempdir().unwrap();
    let root = site.path().canonicalize().unwrap();
    case_site::write(&root, &case.files);
    let said = case_site::build(&root).map_or_else(|said| said, |built| built.said);
    let mut text = String::new();
    for diagnostic in said {
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
    let cases = case_site::check("diagnostics", |case| {
        let said = said(case);
        assert!(!said.is_empty(), "nothing is said about {:?}", case.files);
        vec![("says", said)]
    });
    assert!(cases >= 30, "only {cases} cases are there");
}

#[test]
fn a_right_site_is_told_nothing() {
    let case = "=== content/en/docs/_index.md\n---\ntitle: Docs\n---\n\n{{< note >}}Use {{< param \"version\" >}}.{{< /note >}}\n";
    assert_eq!(said(&case_site::parse(case)), "");
}
