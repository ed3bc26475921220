//! A recording answers for what was run, and for nothing else: no pass that was not earned.

use docbuild::verify::model::{Report, Verdict};
use serde_json::{Value, json};

use crate::support::{Ran, SiteTest};

const PAGE: &str = "---\ntitle: Page\n---\n\nRun it:\n\n```shell\nkubectl create configmap a --from-literal=k=v\n```\n\nThe output is:\n\n```none\nconfigmap/a created\n```\n\nLook at it:\n\n```shell\nkubectl get configmap a -o jsonpath={.data.k}\n```\n\nThe output is:\n\n```none\nv\n```\n";

fn site(page: &str) -> SiteTest {
    SiteTest::small().file("content/en/page.md", page)
}

fn recording() -> Value {
    let command = |line: usize, text: &str, stdout: &str| {
        let attempt = json!({"stdout": stdout, "stderr": "", "exit": 0, "terminal": false, "ms": 1});
        json!({"line": line, "text": text, "ran": text, "ended": {"how": "done"}, "attempts": [attempt]})
    };
    json!({
        "schema": "docbuild.recording/1",
        "docbuild": env!("CARGO_PKG_VERSION"),
        "recorded": "2026-01-02T03:04:05Z",
        "cluster": {"provider": "local", "server_version": "v1.36.3", "context": "docbuild"},
        "pages": [{"path": "content/en/page.md", "commands": [
            command(8, "kubectl create configmap a --from-literal=k=v", "configmap/a created\n"),
            command(20, "kubectl get configmap a -o jsonpath={.data.k}", "v"),
        ]}],
    })
}

/// Replays the recording on the page.
fn replay(page: &str, recording: &Value, arguments: &str) -> (Ran, SiteTest) {
    let site = site(page);
    site.write("recording.json", recording.to_string());
    let ran =
        site.run(&format!("verify --replay recording.json --report json=report.json {arguments} content/en/page.md"));
    (ran, site)
}

fn verdicts(page: &str, recording: &Value) -> (i32, Vec<Option<Verdict>>) {
    let (ran, site) = replay(page, recording, "");
    let report: Report = serde_json::from_str(&site.read("report.json")).unwrap();
    (ran.code, report.pages[0].blocks.iter().map(|block| block.verdict).collect())
}

const PASS: Option<Verdict> = Some(Verdict::Pass);
const SKIP: Option<Verdict> = Some(Verdict::Skip);

#[test]
fn the_page_that_was_recorded_holds() {
    assert_eq!(verdicts(PAGE, &recording()), (0, vec![PASS; 4]));
}

#[test]
fn after_another_change_no_answer_is_one_to_this_page() {
    let changed = PAGE.replace("--from-literal=k=v", "--from-literal=k=other");
    assert_eq!(verdicts(&changed, &recording()), (3, vec![SKIP; 4]), "`get` would print something else now");
    let removed = PAGE.replace("```shell\nkubectl create configmap a --from-literal=k=v\n```", "Nothing.");
    let (code, blocks) = verdicts(&removed, &recording());
    assert_eq!((code, blocks.contains(&PASS)), (3, false), "what `get` shows was never made on this page");
}

#[test]
fn another_question_is_not_answered_and_those_behind_it_are() {
    let page = PAGE.replace("{.data.k}", "{.data.other}");
    assert_eq!(verdicts(&page, &recording()), (0, vec![PASS, PASS, SKIP, SKIP]));
    let more = PAGE.replace("Look at it:\n", "Look around:\n\n```shell\nkubectl get nodes\n```\n\nLook at it:\n");
    assert_eq!(verdicts(&more, &recording()), (0, vec![PASS, PASS, SKIP, PASS, PASS]));
}

#[test]
fn a_recording_that_was_cut_or_edited_makes_no_pass() {
    let mut cut = recording();
    cut["pages"][0]["commands"].as_array_mut().unwrap().pop();
    assert_eq!(verdicts(PAGE, &cut), (0, vec![PASS, PASS, SKIP, SKIP]));
    let mut silent = recording();
    silent["pages"][0]["commands"][1]["attempts"] = json!([]);
    assert_eq!(verdicts(PAGE, &silent), (0, vec![PASS, PASS, SKIP, SKIP]));
    let mut other = recording();
    other["pages"][0]["commands"][1]["attempts"][0]["stdout"] = json!("w");
    assert_eq!(verdicts(PAGE, &other), (1, vec![PASS, PASS, PASS, Some(Verdict::Drift)]));
    let mut elsewhere = recording();
    elsewhere["pages"][0]["commands"][1]["session"] = json!(8);
    assert_eq!(verdicts(PAGE, &elsewhere), (0, vec![PASS, PASS, SKIP, SKIP]), "it was typed into another shell");
    let mut failed = recording();
    failed["pages"][0]["commands"][0]["attempts"][0] =
        json!({"stdout": "", "stderr": "error: no", "exit": 1, "terminal": false, "ms": 1});
    let fail = Some(Verdict::Fail);
    assert_eq!(verdicts(PAGE, &failed), (1, vec![fail, fail, PASS, PASS]));
}

#[test]
fn a_recording_of_other_pages_is_no_success() {
    let mut other = recording();
    other["pages"] = json!([]);
    assert_eq!(verdicts(PAGE, &other), (3, vec![SKIP; 4]));
}

#[test]
fn an_output_on_the_way_hides_no_difference_of_the_last() {
    let page = PAGE.replace("```none\nv\n```", "```none\none\ntwo\nthree\n```");
    let mut asked = recording();
    let attempt = |stdout: &str| json!({"stdout": stdout, "stderr": "", "exit": 0, "terminal": false, "ms": 1});
    asked["pages"][0]["commands"][1]["attempts"] = json!([attempt("one\ntwo\n"), attempt("one\nother\nother\n")]);
    let (_, site) = replay(&page, &asked, "");
    let report: Report = serde_json::from_str(&site.read("report.json")).unwrap();
    let lines: Vec<usize> = report.pages[0].blocks[3].findings.iter().map(|finding| finding.line).collect();
    assert_eq!(
        lines.first(),
        Some(&27),
        "the second line of the last answer differs, the first answer lacks the third"
    );
}

#[test]
fn a_recording_that_is_none_is_told_as_such() {
    let (ran, _) = replay(PAGE, &json!({"schema": "docbuild.recording/9"}), "");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("docbuild.recording/9"), "{}", ran.stderr);
    let mut older = recording();
    older["docbuild"] = json!("0.0.1");
    let (ran, _) = replay(PAGE, &older, "");
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("recorded by docbuild 0.0.1"), "{}", ran.stderr);
}
