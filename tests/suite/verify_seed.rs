//! The page it all began with: a Japanese task page, unmodified, against a recorded run of a real
//! cluster, and against the cluster itself where there is one.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use docbuild::verify::model::{Cause, FindingClass, Report, Role, Verdict};
use docbuild::verify::recording::Recording;

use crate::support::{Ran, SiteTest, shared};
use crate::verify_mutation::{self, findings, noticed, other, tokens};

pub(crate) const PAGE: &str = "docs/tasks/access-application-cluster/communicate-containers-same-pod-shared-volume.md";
const MANIFEST: &str = include_str!("../../examples/pods/two-container-pod.yaml");
pub(crate) const RECORDING: &str = include_str!("../fixtures/seed/recording.json");

/// The seed page's text, if the shared test data is there.
pub(crate) fn seed() -> Option<String> {
    let file = shared("seeds/000_9b49ee064ae5e843.txt")?;
    Some(std::fs::read_to_string(file).unwrap())
}

/// The Japanese page as it is, in a site with all that it names.
pub(crate) fn site(seed: &str) -> SiteTest {
    SiteTest::empty()
        .file(
            "book.toml",
            "[book]\ntitle = \"Seed\"\nlanguage = \"en\"\n\n[build]\nexamples-dir = \"examples\"\n\n[languages.en]\nname = \"English\"\n\n[languages.ja]\nname = \"日本語\"\n\n[params]\nversion = \"v1.36\"\n",
        )
        .file("content/en/_index.md", "---\ntitle: Home\n---\n\nHello.\n")
        .file("content/ja/_index.md", "---\ntitle: ホーム\n---\n\nこんにちは。\n")
        .file("content/en/includes/index.md", "---\nheadless: true\n---\n")
        .file("content/ja/includes/index.md", "---\nheadless: true\n---\n")
        .file("content/en/includes/task-tutorial-prereqs.md", "You need a cluster and kubectl.\n")
        .file("content/ja/includes/task-tutorial-prereqs.md", "クラスターとkubectlが必要です。\n")
        .file("examples/pods/two-container-pod.yaml", MANIFEST)
        .file(&format!("content/ja/{PAGE}"), seed)
}

/// The page in English: the same code, own sentences around it.
pub(crate) fn english(seed: &str) -> String {
    let lines: Vec<&str> = seed.lines().collect();
    let code = |from: usize, to: usize| lines[from - 1..to].join("\n");
    let parts = [
        "The page in English\n\n{{< codenew file=\"pods/two-container-pod.yaml\" >}}\n\nThe second container runs the following command and then ends.".to_owned(),
        code(40, 40),
        "Make the Pod:".to_owned(),
        code(46, 46),
        "Look at it:".to_owned(),
        code(50, 50),
        "A part of the output is:".to_owned(),
        code(54, 81),
        "Open a shell in one container:".to_owned(),
        code(87, 87),
        "In your shell, look for the server:".to_owned(),
        code(91, 93),
        "The output is similar to this:".to_owned(),
        code(97, 98),
        "Ask the server:".to_owned(),
        code(103, 105),
        "The output shows what the other container wrote:".to_owned(),
        code(109, 111),
    ];
    format!("---\ntitle: Shared volume\n---\n\n{}\n", parts.join("\n\n"))
}

fn replay(site: &SiteTest, arguments: &str) -> Ran {
    site.write("recording.json", RECORDING);
    site.run(&format!("verify --replay recording.json {arguments}"))
}

pub(crate) fn report(json: &str) -> Report {
    serde_json::from_str(json).unwrap()
}

/// The findings of "The seed page, worked": line, class, cause.
pub(crate) fn worked(report: &Report, path: &str) {
    let page = report.pages.iter().find(|page| page.path == path).unwrap();
    let by_line: Vec<(usize, Role)> = page.blocks.iter().map(|block| (block.line, block.role)).collect();
    assert_eq!(
        by_line,
        [
            (40, Role::Other),
            (46, Role::Command),
            (50, Role::Command),
            (54, Role::Output),
            (87, Role::Command),
            (91, Role::Transcript),
            (97, Role::Output),
            (103, Role::Transcript),
            (109, Role::Output)
        ]
    );
    let at = |line: usize| page.blocks.iter().find(|block| block.line == line).unwrap();
    for block in &page.blocks {
        let expected = match block.line {
            40 => None,
            54 => Some(Verdict::Drift),
            _ => Some(Verdict::Pass),
        };
        assert_eq!(block.verdict, expected, "the block at line {}: {:?}", block.line, block.findings);
    }
    assert_eq!((at(91).in_session, at(103).in_session), (Some(at(87).id), Some(at(87).id)));
    assert_eq!(
        (at(54).documents, at(97).documents, at(109).documents),
        (Some(at(50).id), Some(at(91).id), Some(at(103).id))
    );
    assert_eq!(at(46).commands[0].ran, "kubectl apply -f examples/pods/two-container-pod.yaml");
    let told: BTreeSet<(usize, &str)> = at(54)
        .findings
        .iter()
        .filter(|finding| finding.class != FindingClass::Additive)
        .map(|finding| (finding.line, if finding.cause == Cause::Docs { "docs" } else { "environment" }))
        .collect();
    let expected = BTreeSet::from([(63, "docs"), (68, "docs"), (65, "environment"), (74, "environment")]);
    assert_eq!(told, expected, "{:#?}", at(54).findings);
    assert_eq!(page.verdict, Some(Verdict::Drift));
}

#[test]
fn the_seed_page_has_the_findings_that_were_worked_out_by_hand() {
    let Some(seed) = seed() else { return };
    let site = site(&seed);
    let ran = replay(&site, &format!("--report json=report.json --report text content/ja/{PAGE}")).code(1);
    let report = report(&site.read("report.json"));
    assert_eq!(report.source, "recording");
    assert!(report.recorded.is_some());
    worked(&report, &format!("content/ja/{PAGE}"));
    for line in [63, 65, 68, 74] {
        assert!(ran.stdout.contains(&format!("content/ja/{PAGE}:{line}: ")), "line {line} is not in\n{}", ran.stdout);
    }
    assert!(ran.stdout.starts_with("REPLAY: nothing was run"), "{}", ran.stdout);
    assert!(ran.stdout.lines().last().unwrap().starts_with("REPLAY: nothing was run"));
    assert!(site.read(".docbuild/last-verify.json").contains("docbuild.verify/1"), "serve reads the last report");
    let built = site.run("build --strict");
    assert_eq!(built.code, 0, "{}", built.stderr);
}

#[test]
fn the_page_and_its_original_share_one_run() {
    let Some(seed) = seed() else { return };
    let site = site(&seed);
    site.write(&format!("content/en/{PAGE}"), english(&seed));
    replay(&site, &format!("--report json=report.json content/ja/{PAGE} content/en/{PAGE}")).code(1);
    let report = report(&site.read("report.json"));
    worked(&report, &format!("content/ja/{PAGE}"));
    let [ja, en] = &report.pages[..] else { panic!("two pages were named") };
    assert_eq!(ja.shares_run_of.as_deref(), Some(en.path.as_str()));
    assert_eq!(en.shares_run_of, None);
    assert_eq!(ja.verdict, en.verdict);
    let printed = |page: &docbuild::verify::model::PageReport| {
        page.blocks.iter().flat_map(|block| &block.commands).map(|command| command.stdout.clone()).collect::<Vec<_>>()
    };
    assert_eq!(printed(ja), printed(en), "one run, two pages");
}

#[test]
fn a_command_that_the_recording_lacks_is_no_pass() {
    let Some(seed) = seed() else { return };
    let site = site(&seed.replace("curl localhost", "curl localhost:8080"));
    replay(&site, &format!("--report json=report.json content/ja/{PAGE}")).code(1);
    let report = report(&site.read("report.json"));
    let block = |line: usize| report.pages[0].blocks.iter().find(|block| block.line == line).unwrap();
    assert_eq!((block(103).verdict, block(103).reason.as_deref()), (Some(Verdict::Skip), Some("not in the recording")));
    assert_eq!(block(109).verdict, Some(Verdict::Skip));
}

/// The report of the Japanese page with this text, in process.
fn judged(seed: &str) -> Report {
    verify_mutation::judged(&site(seed), &format!("content/ja/{PAGE}"), &Recording::parse(RECORDING).unwrap())
}

/// Each character of each documented output, changed one at a time, is told at its line, but for the
/// volatile ones, which the snapshot lists.
#[test]
fn no_literal_of_an_output_can_change_unnoticed() {
    let Some(seed) = seed() else { return };
    let unchanged = findings(&judged(&seed));
    let lines: Vec<&str> = seed.lines().collect();
    let mut survivors = String::new();
    let mut tried = 0;
    for number in (54..=81).chain(97..=98).chain(110..=110) {
        for (start, token) in tokens(lines[number - 1]) {
            for (at, old) in token.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()) {
                let mut line = lines[number - 1].to_owned();
                line.replace_range(start + at..start + at + 1, &other(old).to_string());
                let mut changed: Vec<&str> = lines.clone();
                changed[number - 1] = &line;
                tried += 1;
                let found = findings(&judged(&(changed.join("\n") + "\n")));
                if !noticed(number, &found, &unchanged) {
                    let _ = writeln!(survivors, "line {number}: `{token}` with `{old}` as `{}`", other(old));
                }
            }
        }
    }
    assert!(tried > 300, "only {tried} characters were tried");
    insta::assert_snapshot!("seed_survivors", survivors);
}
