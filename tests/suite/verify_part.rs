//! A part of the pages, and a part of the findings: what a change touched, and what is known.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::SiteTest;
use crate::verify_replay::{PAGE, hostile, recording, replay};

/// Runs Git in the site, with a name of its own.
fn git(site: &SiteTest, arguments: &str) {
    let ran = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"])
        .args(arguments.split_whitespace())
        .current_dir(site.root())
        .output()
        .unwrap();
    assert!(ran.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&ran.stderr));
}

/// A site in a repository: pages that include, show and read files, and a translation.
fn repository() -> SiteTest {
    let page = |text: &str| format!("---\ntitle: Page\n---\n\n{text}\n");
    let apply =
        |file: &str| page(&format!("Run it:\n\n```shell\nkubectl apply -f https://k8s.io/examples/{file}\n```"));
    let plain = page("Run it:\n\n```shell\nkubectl get nodes\n```");
    let site = SiteTest::small()
        .file("book.toml", "[book]\ntitle = \"Small\"\nlanguage = \"en\"\n[build]\nexamples-dir = \"examples\"\n[languages.ja]\nname = \"日本語\"\n")
        .file("content/ja/_index.md", page("ホーム"))
        .file("content/en/includes/index.md", "---\nheadless: true\n---\n")
        .file("content/en/includes/part.md", "Before you begin.\n")
        .file("content/en/docs/plain.md", &plain)
        .file("content/en/docs/includes.md", page("{{< include \"part.md\" >}}\n\n```shell\nkubectl get pods\n```"))
        .file("content/en/docs/reads.md", apply("pod.yaml"))
        .file("content/en/docs/gone.md", apply("old.yaml"))
        .file("content/ja/docs/plain.md", plain.replace("Run it", "実行します"))
        .file("examples/pod.yaml", "kind: Pod\n")
        .file("examples/old.yaml", "kind: Pod\n");
    git(&site, "init -q -b main");
    git(&site, "add .");
    git(&site, "commit -q -m first");
    site
}

/// The pages of a plan since a revision.
fn since(site: &SiteTest, revision: &str) -> Vec<String> {
    let ran = site.run(&format!("verify --plan --lang en --lang ja docs/** --since {revision} --report json")).code(0);
    let plan: Value = serde_json::from_str(&ran.stdout).unwrap();
    let path = |page: &Value| page["path"].as_str().unwrap().trim_start_matches("content/").to_owned();
    plan["pages"].as_array().unwrap().iter().map(path).collect()
}

#[test]
fn a_page_counts_as_changed_with_what_it_is_made_of() {
    let site = repository();
    assert_eq!(since(&site, "HEAD"), Vec::<String>::new());
    let changes: [(&str, &str, &[&str]); 5] = [
        ("content/en/docs/plain.md", "more", &["en/docs/plain.md", "ja/docs/plain.md"]),
        ("content/ja/docs/plain.md", "more", &["ja/docs/plain.md"]),
        ("content/en/includes/part.md", "more", &["en/docs/includes.md"]),
        ("examples/pod.yaml", "more: 1", &["en/docs/reads.md"]),
        ("static/other.txt", "new", &[]),
    ];
    for (file, text, expected) in changes {
        let before = std::fs::read_to_string(site.root().join(file)).ok();
        site.write(file, format!("{}{text}\n", before.clone().unwrap_or_default()));
        assert_eq!(since(&site, "HEAD"), expected, "{file}, not committed");
        git(&site, "add .");
        git(&site, "commit -q -m second");
        assert_eq!(since(&site, "HEAD"), Vec::<String>::new(), "{file}");
        assert_eq!(since(&site, "HEAD~1"), expected, "{file}, committed");
        git(&site, "reset -q --hard HEAD~1");
    }
    site.write("content/en/docs/new.md", "---\ntitle: New\n---\n\n```shell\nkubectl get pods\n```\n");
    assert_eq!(since(&site, "main"), ["en/docs/new.md"], "a file that Git does not track yet");
    git(&site, "rm -q examples/old.yaml");
    assert_eq!(since(&site, "main"), ["en/docs/gone.md", "en/docs/new.md"], "an example that is gone");
}

#[test]
fn without_a_repository_or_the_revision_it_is_a_clear_error() {
    let site = repository();
    let ran = site.run("verify --plan --since nowhere").code(2);
    assert!(ran.stderr.contains("the Git repository has no revision `nowhere`"), "{}", ran.stderr);
    let ran = site.run("verify --plan --since=--help").code(2);
    assert!(ran.stderr.contains("no revision `--help`"), "{}", ran.stderr);
    let outside = SiteTest::small();
    let mut command = outside.command();
    // Whatever is above the temporary folder.
    command.env("GIT_CEILING_DIRECTORIES", outside.root().parent().unwrap());
    command.args(["verify", "--plan", "--since", "HEAD"]);
    let ran = outside.finish(command).code(2);
    assert!(ran.stderr.contains("is in no Git repository"), "{}", ran.stderr);
}

#[test]
fn nothing_changed_is_a_success_and_runs_nothing() {
    let site = repository();
    let ran = site.run("verify --cluster none --since HEAD docs/**").code(0);
    assert!(ran.stderr.contains("0 of 4 pages changed since HEAD"), "{}", ran.stderr);
}

/// The hostile page with its recording, and a baseline of all its findings.
fn known() -> SiteTest {
    let (page, recording) = hostile();
    let (ran, site) = replay(&page, &recording, "--write-baseline known.toml");
    ran.code(1);
    site
}

const VERIFY: &str = "verify --replay recording.json --report json=report.json --report text content/en/page.md";

fn report(site: &SiteTest) -> Value {
    serde_json::from_str(&site.read("report.json")).unwrap()
}

#[test]
fn what_a_baseline_knows_is_no_failure_and_is_said() {
    let site = known();
    let written = site.read("known.toml");
    assert_eq!(written.matches("[[known]]").count(), 4, "{written}");
    assert!(written.contains("# content/en/page.md:26: documented `<b>\\e[2J100%</b>`"), "{written}");
    let ran = site.run(&format!("{VERIFY} --baseline known.toml")).code(0);
    assert!(
        ran.stdout.contains("fail (known) content/en/page.md")
            || ran.stdout.contains("fail content/en/page.md (known)"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("known: known since "), "{}", ran.stdout);
    assert!(ran.stdout.contains("1 drift, 1 fail, 2 of these known"), "{}", ran.stdout);
    let report = report(&site);
    assert_eq!((&report["summary"]["known"], &report["summary"]["fail"]), (&json!(2), &json!(1)));
    assert_eq!(report["pages"][0]["verdict"], "fail", "a known failure is a failure");
    // The same, named by the configuration.
    let book = site.read("book.toml");
    site.write("book.toml", format!("{book}[verify]\nbaseline = \"known.toml\"\n"));
    site.run(VERIFY).code(0);
    site.write("known.toml", "");
    site.run(VERIFY).code(1);
    std::fs::remove_file(site.root().join("known.toml")).unwrap();
    let ran = site.run(VERIFY).code(2);
    assert!(ran.stderr.contains("known.toml can't be read"), "{}", ran.stderr);
}

#[test]
fn what_is_new_counts_although_the_rest_is_known() {
    let site = known();
    let known = site.read("known.toml");
    // Without the entry for the failing command.
    let (rest, last) = known.rsplit_once("\n[[known]]\n").unwrap();
    assert!(last.contains("exit-code"), "{last}");
    site.write("known.toml", rest);
    let ran = site.run(&format!("{VERIFY} --baseline known.toml")).code(1);
    assert!(ran.stdout.contains("1 drift, 1 fail, 1 of these known"), "{}", ran.stdout);
    site.run(&format!("{VERIFY} --baseline known.toml --fail-on fail")).code(1);
    // Without one of three entries for one output.
    let (first, rest) = known.split_once("\n[[known]]\n").unwrap();
    site.write("known.toml", format!("{first}\n[[known]]\n{}", rest.split_once("[[known]]\n").unwrap().1));
    let ran = site.run(&format!("{VERIFY} --baseline known.toml")).code(1);
    assert!(ran.stdout.contains("1 drift, 1 fail, 1 of these known"), "{}", ran.stdout);
    site.run(&format!("{VERIFY} --baseline known.toml --fail-on fail")).code(0);
}

#[test]
fn an_entry_moves_with_its_block_and_ends_with_its_text() {
    let site = known();
    let page = site.read("content/en/page.md");
    site.write("content/en/page.md", page.replace("\nRun it:", "\nMore.\n\nAnd more.\n\nRun it:"));
    let ran = site.run(&format!("{VERIFY} --baseline known.toml")).code(0);
    assert!(!ran.stdout.contains("note:"), "{}", ran.stdout);
    site.write("content/en/page.md", page.replace("\nsecond\n", "\nsecond one\n"));
    let ran = site.run(&format!("{VERIFY} --baseline known.toml")).code(1);
    assert!(ran.stdout.contains("1 drift, 1 fail, 1 of these known"), "{}", ran.stdout);
    let said: String = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(said.matches("no page has a block with this text any more, remove it").count(), 3, "{said}");
}

#[test]
fn an_entry_that_is_over_counts_again_and_one_that_is_not_needed_is_said() {
    let site = known();
    let known = site.read("known.toml");
    site.write("known.toml", known.replace("class = \"exit-code\"", "expires = 2020-02-29\nclass = \"exit-code\""));
    let ran = site.run(&format!("{VERIFY} --baseline known.toml")).code(1);
    let said: String = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("the baseline's entry for content/en/page.md:33 was good until 2020-02-29"), "{said}");
    assert!(said.contains("1 drift, 1 fail, 1 of these known"), "{said}");
    site.write("known.toml", known.replace("class = \"exit-code\"", "expires = 2999-02-28\nclass = \"exit-code\""));
    site.run(&format!("{VERIFY} --baseline known.toml")).code(0);
    // The cluster prints now what the page says.
    let mut mended: Value = serde_json::from_str(&site.read("recording.json")).unwrap();
    mended["pages"][0]["commands"][1]["attempts"][0]["stdout"] = json!("<b>\u{1b}[2J100%</b>\nsecond\n");
    site.write("recording.json", mended.to_string());
    let ran = site.run(&format!("{VERIFY} --baseline known.toml")).code(0);
    let said: String = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(said.matches("nothing needs it any more, remove it").count(), 3, "{said}");
    // Written anew, it holds what is needed, and its reasons.
    site.write("known.toml", known.replace(": say why, and what is done about it", ", for a reason"));
    site.run(&format!("{VERIFY} --baseline known.toml --write-baseline known.toml")).code(0);
    let anew = site.read("known.toml");
    assert_eq!((anew.matches("[[known]]").count(), anew.matches("for a reason").count()), (1, 1), "{anew}");
}

#[test]
fn a_baseline_says_nothing_of_pages_that_did_not_run() {
    let site = known();
    site.write("content/en/other.md", PAGE);
    site.write("recording.json", recording().to_string());
    let ran = site.run("verify --replay recording.json --baseline known.toml content/en/other.md --report text");
    assert!(!ran.stdout.contains("note:"), "{}", ran.stdout);
    // Nothing of the page is in the recording: it is skipped, and its entries stay.
    site.write(
        "recording.json",
        json!({"schema": "docbuild.recording/1", "docbuild": "0.1.0", "recorded": "", "pages": []}).to_string(),
    );
    let ran = site.run(&format!("{VERIFY} --baseline known.toml --write-baseline again.toml")).code(3);
    assert!(!ran.stdout.contains("note:"), "{}", ran.stdout);
    assert_eq!(site.read("again.toml").matches("[[known]]").count(), 4);
}

#[test]
fn a_file_that_is_no_baseline_is_not_overwritten() {
    let site = known();
    site.write("notes.toml", "[other]\n");
    let ran = site.run(&format!("{VERIFY} --write-baseline notes.toml")).code(2);
    assert!(ran.stderr.contains("notes.toml: it is no baseline"), "{}", ran.stderr);
    assert_eq!(site.read("notes.toml"), "[other]\n");
}
