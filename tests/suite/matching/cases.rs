//! Case files: `tests/fixtures/matching/<matcher>/<case>.md`, fenced blocks behind headings
//! `command`, `documented`, `stdout`, `stderr`, `exit`, `facts` (YAML) and `findings`.
//!
//! Findings are written `LINE CLASS CAUSE [PATH] MESSAGE`. `SNAPSHOTS=overwrite cargo test` writes
//! those that come; look at the difference before committing it.

use std::path::{Path, PathBuf};

use super::mutation::mutate;
use super::{Comparison, holds};
use docbuild::verify::matching::{Actual, Outcome, VolatileFacts};

struct Case {
    path: PathBuf,
    text: String,
    matcher: String,
    comparison: Comparison,
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/matching");
    let mut cases = vec![];
    for entry in walkdir::WalkDir::new(root).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let matcher = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        cases.push(Case { comparison: comparison(&text), path, text, matcher });
    }
    assert!(!cases.is_empty(), "no case files");
    cases
}

/// The fenced block behind a heading.
fn section<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("\n## {name}\n"))?;
    let (_, rest) = rest.split_once("~~~\n")?;
    Some(rest.split_once("~~~").map_or(rest, |(block, _)| block))
}

fn comparison(text: &str) -> Comparison {
    let part = |name: &str| section(text, name).unwrap_or("").to_owned();
    let facts: VolatileFacts = match section(text, "facts") {
        Some(facts) => serde_yaml::from_str(facts).unwrap(),
        None => VolatileFacts { nodes: vec!["node1".into()], runtime: "containerd".into(), ..VolatileFacts::default() },
    };
    let exit = section(text, "exit").map_or(0, |exit| exit.trim().parse().unwrap());
    Comparison {
        command: part("command").trim().to_owned(),
        documented: part("documented"),
        actual: Actual { stdout: part("stdout"), stderr: part("stderr"), exit: Some(exit), terminal: false },
        facts,
    }
}

fn findings(outcome: &Outcome) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for found in &outcome.findings {
        let name = |value: serde_json::Value| value.as_str().unwrap().to_owned();
        let class = name(serde_json::to_value(found.class).unwrap());
        let cause = name(serde_json::to_value(found.cause).unwrap());
        let lines: String = found.lines.iter().map(|line| format!(",{line}")).collect();
        writeln!(text, "{}{lines} {class} {cause} [{}] {}", found.line, found.path, found.message).unwrap();
    }
    text
}

#[test]
fn case_files_give_their_findings() {
    let overwrite = std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite");
    let mut wrong = vec![];
    for case in cases() {
        let outcome = case.comparison.outcome();
        assert_eq!(outcome.matcher, case.matcher, "{}", case.path.display());
        let (expected, found) = (section(&case.text, "findings").unwrap_or(""), findings(&outcome));
        if expected == found {
            continue;
        }
        if overwrite {
            let head = case.text.split("\n## findings\n").next().unwrap();
            std::fs::write(&case.path, format!("{head}\n## findings\n~~~\n{found}~~~\n")).unwrap();
        }
        wrong.push(format!("{}\n--- expected\n{expected}--- found\n{found}", case.path.display()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_change_of_a_literal_token_survives() {
    let mut wrong = vec![];
    for case in cases() {
        let mutations = mutate(&case.comparison, 1);
        assert!(mutations.tried > 0, "{}", case.path.display());
        for survivor in mutations.unexplained() {
            wrong.push(format!("{}: {survivor:?}", case.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} survivors\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_came_is_as_what_came() {
    for case in cases() {
        let actual = &case.comparison.actual;
        if actual.stdout.is_empty() || !actual.stderr.is_empty() {
            continue;
        }
        let same = Comparison { documented: actual.stdout.clone(), ..case.comparison.clone() };
        let outcome = same.outcome();
        assert!(holds(&outcome), "{}: {:?}", case.path.display(), outcome.findings);
    }
}
