//! Reports in each form: valid by the schema of their format, and harmless whatever a page or a cluster prints.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Need, SiteTest, skip};
use crate::verify_replay::{PAGE, hostile, recording, replay};

/// Reports of one kind: of a page that holds, a page with all that is hard to report, one with known findings,
/// and a cluster that failed.
fn reports(kind: &str) -> Vec<(&'static str, String)> {
    let written = |page: &str, recording: &Value, arguments: &str| {
        let (_, site) = replay(page, recording, &format!("--report {kind}=report.file {arguments}"));
        site.read("report.file")
    };
    let (page, recording_of_it) = hostile();
    let mut infra = recording();
    infra["pages"][0]["commands"][1]["ended"] = json!({"how": "infra", "reason": "the <node> \u{1b}[31mis gone"});
    vec![
        ("holds", written(PAGE, &recording(), "")),
        ("hostile", written(&page, &recording_of_it, "")),
        ("known", known(&page, &recording_of_it, kind)),
        ("infra", written(PAGE, &infra, "")),
    ]
}

/// The report of a page all of whose findings a baseline knows.
fn known(page: &str, recording: &Value, kind: &str) -> String {
    let (_, site) = replay(page, recording, "--write-baseline known.toml");
    site.run(&format!(
        "verify --replay recording.json --baseline known.toml --report {kind}=known.file content/en/page.md"
    ))
    .code(0);
    site.read("known.file")
}

#[test]
fn sarif_is_valid_by_its_schema() {
    let schema = include_str!("../fixtures/schemas/sarif-schema-2.1.0.json");
    // As published, this one is no regular expression: it closes a bracket that it never opened.
    let broken = "-[a-zA-Z]{2}]?$";
    assert!(schema.contains(broken));
    let schema: Value = serde_json::from_str(&schema.replace(broken, "-[a-zA-Z]{2}$")).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let mistakes = |log: &Value| -> Vec<String> {
        validator.iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).collect()
    };
    for (name, text) in reports("sarif") {
        let log: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(mistakes(&log), Vec::<String>::new(), "{name}");
        let results = log["runs"][0]["results"].as_array().unwrap();
        let rules: Vec<&Value> =
            log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
        assert!(results.iter().all(|result| rules.contains(&&result["ruleId"])), "{name}: a result without a rule");
        let suppressed = results.iter().filter(|result| result.get("suppressions").is_some()).count();
        let expected = match name {
            "holds" => (0, 0),
            "hostile" => (4, 0),
            "known" => (4, 4),
            _ => (2, 0),
        };
        assert_eq!((results.len(), suppressed), expected, "{name}: {text}");
        // The schema is really asked.
        let mut wrong = log.clone();
        wrong["runs"][0]["results"] = json!([{"level": "bad"}]);
        assert!(mistakes(&wrong).len() > 1, "{name}");
    }
    let (_, hostile) = reports("sarif").swap_remove(1);
    let hostile: Value = serde_json::from_str(&hostile).unwrap();
    let region = &hostile["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(region["artifactLocation"]["uri"], "content/en/page.md");
    assert_eq!(region["region"], json!({"startLine": 26, "snippet": {"text": "<b>\\e[2J100%</b>"}}));
}

#[test]
fn junit_is_valid_by_its_schema() {
    let schema = format!("{}/tests/fixtures/schemas/junit-10.xsd", env!("CARGO_MANIFEST_DIR"));
    let valid = |xml: &str| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.xml");
        std::fs::write(&file, xml).unwrap();
        let asked = Command::new("xmllint").args(["--nonet", "--noout", "--schema", &schema]).arg(&file).output();
        asked.map(|output| (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
    };
    if let Err(error) = valid("<testsuites/>") {
        return skip(Need::Schemas, &format!("xmllint can't be started ({error})"));
    }
    for (name, text) in reports("junit") {
        let (valid, said) = valid(&text).unwrap();
        assert!(valid, "{name}: {said}\n{text}");
    }
    let (_, known) = reports("junit").swap_remove(2);
    assert!(known.contains("failures=\"0\"") && known.contains("skipped=\"2\""), "{known}");
    assert!(known.contains("(known: known since "), "{known}");
    let (refused, _) = valid(&known.replace("<testcase ", "<case ")).unwrap();
    assert!(!refused, "the schema is really asked");
}

/// The tags of a page, scripts and styles apart: their text is not markup.
fn tags(html: &str) -> Vec<&str> {
    let tag = regex::Regex::new(r"<[A-Za-z/!][^>]*>").unwrap();
    let body = html.find("<body>").unwrap()..html.rfind("<script>").unwrap();
    tag.find_iter(&html[body]).map(|tag| tag.as_str()).collect()
}

#[test]
fn the_html_report_is_one_file_that_runs_nothing_of_others() {
    use base64::Engine as _;
    let handler = regex::Regex::new(r"\s(on\w+|style|src|href|action|formaction)\s*=").unwrap();
    for (name, html) in reports("html") {
        assert!(!html.chars().any(|c| c.is_control() && c != '\n'), "{name}");
        for injected in ["<i>", "<b>\\e", "<node>", "]]>"] {
            assert!(!html.contains(injected), "{name}: {injected} is markup");
        }
        for tag in tags(&html) {
            // Quoted values apart: a text in one is no attribute.
            let names: String = tag.split('"').step_by(2).collect();
            assert!(!handler.is_match(&names), "{name}: {tag}");
        }
        assert_eq!((html.matches("<script").count(), html.matches("<style").count()), (1, 1), "{name}");
        // The policy lets exactly these two run.
        for (kind, open, close) in [("style", "<style>", "</style>"), ("script", "<script>", "</script>")] {
            let text = html.split(open).nth(1).unwrap().split(close).next().unwrap();
            let digest = ring_sha256(text);
            let hash = base64::engine::general_purpose::STANDARD.encode(digest);
            assert!(html.contains(&format!("{kind}-src 'sha256-{hash}'")), "{name}: {kind}");
        }
        assert!(html.contains("default-src 'none'"), "{name}");
        assert!(!html.contains("https:") && !html.contains("http:"), "{name}: it names another place");
    }
    let (_, hostile) = reports("html").swap_remove(1);
    for shown in [
        "&lt;i&gt;]]&gt;&amp;amp;\\e]0;title\\u{7}",
        "v1.36.3",
        "local (docbuild)",
        env!("CARGO_PKG_VERSION"),
        "2026-01-02",
        "This is a replay",
        "content/en/page.md:33",
        "Error from server (Forbidden): no\\e[31m",
    ] {
        assert!(hostile.contains(shown), "{shown}");
    }
}

fn ring_sha256(text: &str) -> Vec<u8> {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().to_vec()
}

#[test]
fn the_markdown_report_holds_nothing_that_is_markup_of_others() {
    for (name, text) in reports("markdown") {
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{name}");
        let html: String = pulldown_cmark::Parser::new_ext(&text, pulldown_cmark::Options::all())
            .filter_map(|event| match event {
                pulldown_cmark::Event::Html(html) | pulldown_cmark::Event::InlineHtml(html) => Some(html.into_string()),
                pulldown_cmark::Event::Start(pulldown_cmark::Tag::Link { dest_url, .. }) => {
                    Some(dest_url.into_string())
                }
                _ => None,
            })
            .collect();
        assert_eq!(html, "", "{name}: {text}");
        assert!(text.starts_with("# Verification report, ") && text.contains("| `/` | 1 |"), "{name}: {text}");
    }
    let (_, hostile) = reports("markdown").swap_remove(1);
    let day = regex::Regex::new(r"report, \S+|to `\S+`").unwrap();
    insta::assert_snapshot!("markdown-report", day.replace_all(&hostile, "[now]"));
}

#[test]
fn a_report_shows_again_what_verify_showed() {
    let (page, recording) = hostile();
    let (ran, site) = replay(&page, &recording, "--report text");
    let shown = site.run("report show report.json").code(0);
    assert_eq!(shown.stdout, ran.stdout);
    site.run("report show report.json --report html=again.html --report json=again.json").code(0);
    assert_eq!(site.read("again.json"), site.read("report.json"));
    assert!(site.read("again.html").starts_with("<!doctype html>"));
    let ran = site.run("report show book.toml").code(2);
    assert!(ran.stderr.contains("book.toml: it is no report of `docbuild verify`"), "{}", ran.stderr);
}

#[test]
fn the_text_report_fits_its_width() {
    use unicode_width::UnicodeWidthStr as _;
    let (page, recording) = hostile();
    let (_, site) = replay(&page, &recording, "");
    for width in [60, 80, 100, 140] {
        let mut command = site.command();
        command.env("COLUMNS", width.to_string()).args(["report", "show", "report.json"]);
        let text = site.finish(command).code(0).stdout;
        for line in text.lines().filter(|line| !line.starts_with("REPLAY: ")) {
            assert!(line.width() <= width, "{width}: {line}");
        }
        // Nothing of a long line is lost by breaking it.
        let whole: String = text.split_whitespace().collect();
        assert!(whole.contains("+third,alinethatislongerthananyterminalofsixtycolumnscanshowinone"), "{width}: {text}");
    }
}

/// A site of some pages, with a recording of all.
fn pages() -> SiteTest {
    let mut all = recording();
    let run = all["pages"][0].clone();
    all["pages"] = json!([]);
    let site = SiteTest::small();
    for number in 1..=5 {
        // Different sequences of commands, and one page that drifts.
        let with = |text: &str| {
            text.replace("configmap a", &format!("configmap a{number}"))
                .replace("configmap/a", &format!("configmap/a{number}"))
        };
        let page = if number == 4 { PAGE.replace("\nv\n", "\nw\n") } else { PAGE.to_owned() };
        site.write(&format!("content/en/docs/{number}.md"), with(&page));
        let mut run: Value = serde_json::from_str(&with(&run.to_string())).unwrap();
        run["path"] = json!(format!("content/en/docs/{number}.md"));
        all["pages"].as_array_mut().unwrap().push(run);
    }
    site.write("recording.json", all.to_string());
    site
}

fn json_of(site: &SiteTest, file: &str) -> Value {
    let mut report: Value = serde_json::from_str(&site.read(file)).unwrap();
    for time in ["started", "finished"] {
        report.as_object_mut().unwrap().remove(time);
    }
    report
}

#[test]
fn shards_join_to_the_report_of_the_whole() {
    let site = pages();
    let verify = "verify --replay recording.json docs/**";
    site.run(&format!("{verify} --report json=whole.json")).code(1);
    for shard in 1..=3 {
        site.run(&format!("{verify} --shard {shard}/3 --report json={shard}.json"));
    }
    site.run("report merge 3.json 1.json 2.json --report json=joined.json --report junit=joined.xml").code(1);
    assert_eq!(json_of(&site, "joined.json"), json_of(&site, "whole.json"));
    assert_eq!(site.read("joined.xml").matches("<testsuite ").count(), 5);
    let stdout = site.run("report merge 1.json 2.json 3.json --fail-on fail").code(0).stdout;
    assert!(stdout.starts_with("{\n"), "without a kind it is JSON: {stdout}");
    let said = |arguments: &str| site.run(&format!("report merge {arguments}")).code(2).stderr;
    assert!(said("1.json 3.json").contains("shard 2/3 is missing"), "{}", said("1.json 3.json"));
    assert!(said("1.json 2.json 3.json 1.json").contains("is in 1.json and in 1.json"));
    assert!(said("whole.json 1.json").contains("whole.json"));
    let mut other = json_of(&site, "2.json");
    other["docbuild"] = json!("0.0.1");
    other["started"] = json!("2026-01-02T03:04:05Z");
    other["finished"] = json!("2026-01-02T03:04:05Z");
    site.write("2.json", other.to_string());
    assert!(said("1.json 2.json 3.json").contains("the version of docbuild differs"));
}

#[test]
fn a_shard_of_a_plan_joins_too() {
    let site = pages();
    for shard in 1..=2 {
        site.run(&format!("verify --plan docs/** --shard {shard}/2 --report json={shard}.json")).code(0);
    }
    let joined: Value = serde_json::from_str(&site.run("report merge 1.json 2.json").code(0).stdout).unwrap();
    assert_eq!((&joined["plan"], &joined["summary"]["pages"]), (&json!(true), &json!(5)));
    let ran = site.run("report show 1.json").code(2);
    assert!(ran.stderr.contains("a plan has no verdicts to show"), "{}", ran.stderr);
    let ran = site.run("verify --plan docs/** --shard 3/2").code(2);
    assert!(ran.stderr.contains("the parts of 2 are 1/2 to 2/2"), "{}", ran.stderr);
}
