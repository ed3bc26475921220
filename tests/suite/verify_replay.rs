//! A recording answers for what was run, and for nothing else: no pass that was not earned.

use docbuild::verify::model::{Report, Verdict};
use serde_json::{Value, json};

use crate::support::{Ran, SiteTest};

pub(crate) const PAGE: &str = "---\ntitle: Page\n---\n\nRun it:\n\n```shell\nkubectl create configmap a --from-literal=k=v\n```\n\nThe output is:\n\n```none\nconfigmap/a created\n```\n\nLook at it:\n\n```shell\nkubectl get configmap a -o jsonpath={.data.k}\n```\n\nThe output is:\n\n```none\nv\n```\n";

fn site(page: &str) -> SiteTest {
    SiteTest::small().file("content/en/page.md", page)
}

pub(crate) fn recording() -> Value {
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
pub(crate) fn replay(page: &str, recording: &Value, arguments: &str) -> (Ran, SiteTest) {
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

/// The page with what is hard to report: escape sequences, markup, several lines, a failure.
pub(crate) fn hostile() -> (String, Value) {
    let page = PAGE.replace("```none\nv\n```", "```none\n<b>\u{1b}[2J100%</b>\nsecond\n```")
        + "\nRemove it:\n\n```shell\nkubectl delete configmap b\n```\n";
    let mut recording = recording();
    recording["pages"][0]["commands"][1]["attempts"][0]["stdout"] = json!(
        "<i>]]>&amp;\u{1b}]0;title\u{7}\r\n::error::injected\nthird, a line that is longer than any terminal of sixty columns can show in one\n"
    );
    let failed = json!({"stdout": "", "stderr": "Error from server (Forbidden): no\u{1b}[31m\n", "exit": 1, "terminal": false, "ms": 1});
    let text = "kubectl delete configmap b";
    recording["pages"][0]["commands"]
        .as_array_mut()
        .unwrap()
        .push(json!({"line": 33, "text": text, "ran": text, "ended": {"how": "done"}, "attempts": [failed]}));
    (page, recording)
}

#[test]
fn reports_show_what_came_and_obey_none_of_it() {
    let (page, recording) = hostile();
    let arguments = "--report text=r.txt --report junit=r.xml --report github=r.gh";
    let (ran, site) = replay(&page, &recording, arguments);
    ran.code(1);
    for file in ["r.txt", "r.xml", "r.gh"] {
        let text = site.read(file);
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{file}: {text:?}");
        insta::assert_snapshot!(format!("hostile_{}", file.trim_start_matches("r.")), text);
    }
    assert!(site.read("r.gh").lines().all(|line| line.starts_with("::error file=content/en/page.md,line=")));
}

#[test]
fn the_text_report_fits_a_narrow_terminal() {
    let (page, recording) = hostile();
    let site = site(&page);
    site.write("recording.json", recording.to_string());
    let mut command = site.command();
    command.env("COLUMNS", "60").args(["verify", "--replay", "recording.json", "content/en/page.md"]);
    let ran = site.finish(command).code(1);
    insta::assert_snapshot!("narrow", ran.stdout);
}

/// The fields of `docbuild.verify/1` by the kind of object they stand in; `?` marks those that may be
/// left out. What is not listed here is no part of the format.
const FIELDS: &[(&str, &str)] = &[
    ("report", "schema docbuild plan? source recorded? started finished cluster? shard? notes? pages summary"),
    ("cluster", "provider server_version context"),
    ("shard", "index of total places"),
    ("pages", "path url lang verdict shares_run_of? stand_ins? blocks"),
    (
        "blocks",
        "id line end_line info file? role because in_session documents inline? commands? verdict reason findings",
    ),
    ("commands", "line text ran exit? stdout stderr ms verdict reason?"),
    ("findings", "class line lines? where documented actual rule cause of? severity message source? known?"),
    ("inline", "line text"),
    ("summary", "pages commands pass drift fail environment? skip flaky infra known?"),
];

fn fits(kind: &str, value: &Value) {
    let (_, fields) = FIELDS.iter().find(|(name, _)| *name == kind).unwrap_or_else(|| panic!("{kind} is no object"));
    let object = value.as_object().unwrap();
    let known: Vec<&str> = fields.split(' ').map(|field| field.trim_end_matches('?')).collect();
    for field in fields.split(' ').filter(|field| !field.ends_with('?')) {
        assert!(object.contains_key(field), "{kind} has no {field}: {value}");
    }
    for (key, value) in object {
        assert!(known.contains(&key.as_str()), "{kind} has a {key}, which is no part of the format");
        match value {
            Value::Array(items) => items.iter().filter(|item| item.is_object()).for_each(|item| fits(key, item)),
            Value::Object(_) if key != "stand_ins" => fits(key, value),
            _ => {}
        }
    }
}

#[test]
fn the_json_report_has_the_documented_fields_and_no_others() {
    let (page, recording) = hostile();
    let (_, site) = replay(&page, &recording, "");
    let report: Value = serde_json::from_str(&site.read("report.json")).unwrap();
    fits("report", &report);
    assert_eq!(report["schema"], "docbuild.verify/1");
    assert_eq!((&report["source"], &report["recorded"]), (&json!("recording"), &recording["recorded"]));
    assert_eq!(
        report["summary"],
        json!({"pages": 1, "commands": 5, "pass": 3, "drift": 1, "fail": 1, "skip": 0, "flaky": 0, "infra": 0})
    );
    let planned = site.run("verify --plan --report json content/en/page.md").code(0);
    let plan: Value = serde_json::from_str(&planned.stdout).unwrap();
    fits("report", &plan);
    assert_eq!(plan["plan"], json!(true));
    assert!(plan["pages"][0]["blocks"].as_array().unwrap().iter().all(|block| block["verdict"].is_null()));
}

/// A page of one command and its outputs, the last introduced by `cue`, and a run that answers `attempts`.
fn asked(command: &str, outputs: &[&str], cue: &str, attempts: &[Value]) -> (i32, Report) {
    let mut page = format!("---\ntitle: Page\n---\n\nLook at it:\n\n```shell\n{command}\n```\n");
    for (index, output) in outputs.iter().enumerate() {
        let cue = if index + 1 < outputs.len() { "The output is:" } else { cue };
        page.push_str(&format!("\n{cue}\n\n```none\n{output}\n```\n"));
    }
    let mut recording = recording();
    recording["pages"][0]["commands"] =
        json!([{"line": 8, "text": command, "ran": command, "ended": {"how": "done"}, "attempts": attempts}]);
    let (ran, site) = replay(&page, &recording, "");
    (ran.code, serde_json::from_str(&site.read("report.json")).unwrap())
}

fn answer(stdout: &str, stderr: &str, exit: i32) -> Value {
    json!({"stdout": stdout, "stderr": stderr, "exit": exit, "terminal": false, "ms": 1})
}

fn block_verdicts(report: &Report) -> Vec<Option<Verdict>> {
    report.pages[0].blocks.iter().map(|block| block.verdict).collect()
}

const DRIFT: Option<Verdict> = Some(Verdict::Drift);

#[test]
fn what_only_this_cluster_lacks_is_told_and_blames_nobody() {
    let table =
        |address: &str| format!("NAME   TYPE           EXTERNAL-IP     AGE\nweb    LoadBalancer   {address:<15} 5s\n");
    let come = [answer(&table("<pending>"), "", 0)];
    let (code, report) = asked("kubectl get service web", &[&table("104.198.205.71")], "The output is:", &come);
    assert_eq!((code, block_verdicts(&report)), (0, vec![PASS, DRIFT]), "it did not come, and the page is right");
    assert_eq!(report.pages[0].verdict, PASS);
    assert_eq!((report.summary.drift, report.summary.environment), (1, 1));
    let other = [answer(&table("<pending>").replace("web ", "wob "), "", 0)];
    let (code, report) = asked("kubectl get service web", &[&table("104.198.205.71")], "The output is:", &other);
    assert_eq!((code, report.pages[0].verdict, report.summary.environment), (1, DRIFT, 0), "the name is the page's");
}

#[test]
fn outputs_that_an_or_joins_are_alternatives() {
    let come = [answer("two\n", "", 0)];
    let outputs = ["one", "two"];
    let (code, report) = asked("kubectl get x", &outputs, "Or the output is:", &come);
    assert_eq!((code, block_verdicts(&report)), (0, vec![PASS, PASS, PASS]));
    let (code, report) = asked("kubectl get x", &outputs, "The output is:", &come);
    assert_eq!((code, block_verdicts(&report)), (1, vec![PASS, DRIFT, PASS]), "both are to be seen");
    let (code, report) = asked("kubectl get x", &outputs, "Or the output is:", &[answer("three\n", "", 0)]);
    assert_eq!((code, block_verdicts(&report)), (1, vec![PASS, DRIFT, DRIFT]), "one of them is");
}

#[test]
fn an_answer_that_comes_and_goes_is_flaky() {
    let (yes, no) = (answer("up\n", "", 0), answer("down\n", "", 0));
    let run = |attempts: &[&Value]| {
        let attempts: Vec<Value> = attempts.iter().map(|attempt| (*attempt).clone()).collect();
        block_verdicts(&asked("kubectl get x", &["up"], "The output is:", &attempts).1)
    };
    assert_eq!(run(&[&no, &yes]), [PASS, PASS], "it takes its time");
    assert_eq!(run(&[&no, &no]), [PASS, DRIFT]);
    assert_eq!(run(&[&yes, &no, &yes, &no]), [PASS, Some(Verdict::Flaky)]);
}

#[test]
fn a_message_that_is_shown_excuses_the_command_that_prints_it() {
    let shown = "persistentvolumeclaims \"two\" is forbidden:\nexceeded quota: q";
    let said = "Error from server (Forbidden): error when creating \"a.yaml\": persistentvolumeclaims \"two\" is forbidden: exceeded quota: q\n";
    let (code, report) = asked("kubectl create -f a.yaml", &[shown], "The output is:", &[answer("", said, 1)]);
    assert_eq!((code, block_verdicts(&report)), (0, vec![PASS, PASS]));
    let other = said.replace("quota: q", "quota: other");
    let (code, report) = asked("kubectl create -f a.yaml", &[shown], "The output is:", &[answer("", &other, 1)]);
    assert_eq!((code, block_verdicts(&report)), (1, vec![PASS, DRIFT]), "it is another message");
}

#[test]
fn an_exit_code_of_1_answers_questions_and_breaks_the_rest() {
    let verdict =
        |command: &str| block_verdicts(&asked(command, &["x"], "The output is:", &[answer("x\n", "", 1)]).1)[0];
    for question in
        ["diff a b", "kubectl diff -f a.yaml", "kubectl exec web -- grep x /etc/hosts", "kubectl auth can-i get pods"]
    {
        assert_eq!(verdict(question), PASS, "{question}");
    }
    for order in ["kubectl get pods", "kubectl exec web -- cat /etc/hosts", "cat x"] {
        assert_eq!(verdict(order), Some(Verdict::Fail), "{order}");
    }
}

#[test]
fn a_machine_without_network_is_no_fault_of_the_page() {
    let fetch = |said: &str| {
        let (code, report) = asked("curl -s https://dl.k8s.io/x", &["x"], "The output is:", &[answer("", said, 6)]);
        (code, report.pages[0].blocks[0].verdict, report.summary.environment)
    };
    let fail = Some(Verdict::Fail);
    assert_eq!(fetch("curl: (6) Could not resolve host: dl.k8s.io\n").2, 2, "the command, and its output");
    assert_eq!(fetch("curl: (6) Could not resolve host: my-service\n"), (1, fail, 0), "the page makes this name");
}

#[test]
fn what_was_never_made_cannot_be_removed() {
    let page = PAGE.to_owned() + "\nRemove it:\n\n```shell\nkubectl delete configmap NAME-of-it\n```\n";
    let gone = |name: &str, made: i32| {
        let page = page
            .replace("NAME-of-it", name)
            .replace("configmap a", &format!("configmap {name}"))
            .replace("configmap/a", &format!("configmap/{name}"));
        let mut recording = recording();
        let text = format!("kubectl delete configmap {name}");
        let said = format!("Error from server (NotFound): configmaps \"{name}\" not found\n");
        let commands = recording["pages"][0]["commands"].as_array_mut().unwrap();
        commands.push(json!({"line": 33, "text": text, "ran": text, "ended": {"how": "done"}, "attempts": [answer("", &said, 1)]}));
        for command in commands {
            for field in ["text", "ran"] {
                command[field] =
                    json!(command[field].as_str().unwrap().replace("configmap a ", &format!("configmap {name} ")));
            }
        }
        recording["pages"][0]["commands"][0]["attempts"][0]["exit"] = json!(made);
        *verdicts(&page, &recording).1.last().unwrap()
    };
    assert_eq!(gone("settings", 0), PASS, "it was made on this page, and is gone already");
    assert_eq!(gone("settings", 1), Some(Verdict::Fail), "what should have made it failed");
}
