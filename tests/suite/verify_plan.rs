//! What would be run: a page in, the table of roles, pairs and reasons out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use docbuild::verify::model::{BlockReport, PageReport, Report, Role};
use serde::Deserialize;

use crate::support::{SiteTest, corpus, shared};

/// The plan of a case file at a width.
fn plan(case: &str, width: &str) -> String {
    let file = format!("{}/tests/fixtures/classify/{case}.md", env!("CARGO_MANIFEST_DIR"));
    let site = SiteTest::small().file("content/en/docs/page.md", std::fs::read_to_string(file).unwrap());
    let mut command = site.command();
    command.args(["verify", "--plan", "--explain", "docs/page.md"]).env("COLUMNS", width);
    site.finish(command).code(0).stdout
}

#[test]
fn blocks_typed_into_a_shell_stay_there() {
    insta::assert_snapshot!(plan("sessions", "80"));
}

#[test]
fn outputs_are_paired_with_their_commands() {
    insta::assert_snapshot!(plan("outputs", "80"));
}

#[test]
fn what_is_not_run_has_a_reason() {
    insta::assert_snapshot!(plan("skips", "80"));
}

#[test]
fn alternatives_are_run_or_passed_over() {
    insta::assert_snapshot!(plan("alternatives", "80"));
}

#[test]
fn programs_editors_and_leases_are_followed() {
    insta::assert_snapshot!(plan("programs", "80"));
}

#[test]
fn what_is_only_supposed_is_not_run() {
    insta::assert_snapshot!(plan("suppositions", "80"));
}

#[test]
fn outputs_are_known_without_a_cue() {
    insta::assert_snapshot!(plan("printed", "80"));
}

/// The plan of a page that shows `pods/talker.yaml`, whose container says something.
fn plan_beside_an_example(page: &str) -> String {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: talker\nspec:\n  containers:\n  - args: [\"-text=just made some calls!\"]\n    command: [sh, -c, \"ls /etc/config/\"]\n";
    let page = format!("---\ntitle: Talker\n---\n\n{{{{% code_sample file=\"pods/talker.yaml\" %}}}}\n\n{page}");
    let site =
        SiteTest::small().file("content/en/examples/pods/talker.yaml", pod).file("content/en/docs/page.md", page);
    site.run("verify --plan --explain docs/page.md").code(0).stdout
}

#[test]
fn words_of_a_manifest_are_an_output_right_behind_a_command() {
    let said = plan_beside_an_example("```shell\ncurl localhost:5678\n```\n\n```\njust made some calls!\n```\n");
    assert!(said.contains("compare  output      just made some calls!"), "{said}");
}

#[test]
fn what_the_example_has_its_container_print_is_not_run_on_the_machine() {
    let said = plan_beside_an_example(
        "When the Pod runs, the command `ls /etc/config/` produces the output below:\n\n```\nlevel\n```\n",
    );
    assert!(said.contains("skip: a container prints it: ls /etc/config/"), "{said}");
}

#[test]
fn the_last_definition_of_a_file_is_read() {
    let write = "```shell\ncat <<EOF > talker.yaml\nold: yes\nEOF\n```\n\n";
    let shown = "{{% code_sample file=\"pods/talker.yaml\" %}}\n\n";
    let told = "Replace `talker.yaml` so that it has the following contents:\n\n```yaml\na: b\n```\n\n";
    let read = "```shell\nkubectl apply -f talker.yaml\n```\n";
    let finds = "finds the file talker.yaml";
    assert!(!plan_beside_an_example(&format!("{write}{read}")).contains(finds));
    assert!(plan_beside_an_example(&format!("{write}{shown}{read}")).contains(finds));
    assert!(plan_beside_an_example(&format!("{write}{told}{read}")).contains(finds));
    assert!(!plan_beside_an_example(&format!("{told}{write}{read}")).contains(finds));
}

#[test]
fn what_a_linked_page_makes_is_set_up_before() {
    let first =
        "---\ntitle: First\n---\n\n```shell\nkubectl get pods\nkubectl create deployment web --image=nginx\n```\n";
    let second = "---\ntitle: Second\n---\n\n[Create the Deployment](/docs/first/#it) before, see [home](/).\n\n\
                  ```shell\nkubectl delete deployment web\nkubectl get pod nowhere\n```\n";
    let site = SiteTest::small().file("content/en/docs/first.md", first).file("content/en/docs/second.md", second);
    let ran = site.run("verify --plan docs/second.md").code(0);
    let before: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("before:")).collect();
    assert_eq!(before.len(), 1, "{}", ran.stdout);
    assert!(before[0].contains("`kubectl create deployment web --image=nginx` of content/en/docs/first.md"));
    assert!(!site.run("verify --plan docs/first.md").code(0).stdout.contains("before:"));
}

#[test]
fn what_is_only_shown_is_not_there() {
    let page = "---\ntitle: Page\n---\n\n{{% code_sample file=\"pods/lone.yaml\" %}}\n\n\
                ```shell\nkubectl get pod lone\n```\n\n{{% code_sample file=\"pods/made.yaml\" %}}\n\n\
                ```shell\nkubectl apply -f https://k8s.io/examples/pods/made.yaml\nkubectl get pod made\n```\n";
    let pod = |name: &str| format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n");
    let site = SiteTest::small()
        .file("content/en/examples/pods/lone.yaml", pod("lone"))
        .file("content/en/examples/pods/made.yaml", pod("made"))
        .file("content/en/docs/page.md", page);
    let plan = site.run("verify --plan --report json=plan.json docs/page.md").code(0);
    let report: Report = serde_json::from_str(&site.read("plan.json")).unwrap();
    let reasons: Vec<Option<&str>> = report.pages[0].blocks.iter().map(|block| block.reason.as_deref()).collect();
    let lone = "the page shows pods/lone.yaml, and no command that makes what is in it";
    assert_eq!(reasons, [Some(lone), None], "{}", plan.stdout);
}

#[test]
fn the_table_fits_narrow_terminals() {
    use unicode_width::UnicodeWidthStr as _;
    for case in ["skips", "alternatives", "programs", "suppositions", "printed"] {
        for (width, columns) in [("60", 60), ("80", 80)] {
            for line in plan(case, width).lines() {
                assert!(line.width() <= columns, "{line}");
            }
        }
    }
}

/// A labelled page of the answer key.
#[derive(Deserialize)]
struct Key {
    path: String,
    blocks: Vec<KeyBlock>,
}

#[derive(Deserialize)]
struct KeyBlock {
    line: usize,
    role: Role,
    documents: Option<usize>,
    inline_command: Option<serde_json::Value>,
    verdict: Option<String>,
}

/// Roles, pairs and what can be known of skips without a cluster, against the key that was made by hand. The floors
/// are a little below what is reached, so that a rule which costs something shows.
#[test]
fn the_plan_agrees_with_the_answer_key() {
    let Some(labels) = shared("truth/labels") else { return };
    let Some(root) = corpus() else { return };
    let keys: Vec<Key> = std::fs::read_dir(labels)
        .unwrap()
        .map(|entry| serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap())
        .collect();
    let report = planned(&root, &keys);
    let pages: BTreeMap<&str, &PageReport> = report.pages.iter().map(|page| (page.path.as_str(), page)).collect();
    let (mut roles, mut pairs, mut runs) = (Tally::default(), Tally::default(), Tally::default());
    for key in &keys {
        let page = pages[key.path.as_str()];
        let own: BTreeMap<usize, &BlockReport> =
            page.blocks.iter().filter(|block| block.file.is_none()).map(|block| (block.line, block)).collect();
        for want in &key.blocks {
            let have = own.get(&want.line);
            let role = have.map_or(Role::Other, |block| block.role);
            let at = format!("{}:{}", key.path, want.line);
            roles.count(shown(want.role) == shown(role), &format!("{at} is {:?}, taken for {role:?}", want.role));
            if let Some(documented) = want.documents.filter(|_| want.inline_command.is_none())
                && want.role == Role::Output
            {
                let line = have.and_then(|block| block.documents).map(|id| page.blocks[id - 1].line);
                pairs.count(line == Some(documented), &format!("{at} documents {documented}, paired with {line:?}"));
            }
            let verified = want.verdict.as_deref().is_some_and(|verdict| verdict != "skip");
            if verified && shown(want.role) != Role::Other {
                let skipped = have.and_then(|block| block.reason.clone());
                runs.count(skipped.is_none(), &format!("{at} is verified, skipped here: {skipped:?}"));
            }
        }
    }
    roles.at_least(990);
    pairs.at_least(990);
    runs.at_least(990);
}

/// The plan of the key's pages.
fn planned(root: &std::path::Path, keys: &[Key]) -> Report {
    let ran = Command::new(env!("CARGO_BIN_EXE_docbuild"))
        .args(["verify", "--plan", "--report", "json", "--root"])
        .arg(root)
        .args(keys.iter().map(|key| key.path.as_str()))
        .output()
        .unwrap();
    serde_json::from_slice(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&ran.stderr)))
}

/// What is shown and not run is one to the key.
fn shown(role: Role) -> Role {
    if matches!(role, Role::Manifest | Role::File) { Role::Other } else { role }
}

#[derive(Default)]
struct Tally {
    all: usize,
    wrong: usize,
    said: String,
}

impl Tally {
    fn count(&mut self, good: bool, what: &str) {
        self.all += 1;
        if !good {
            self.wrong += 1;
            let _ = writeln!(self.said, "{what}");
        }
    }

    #[track_caller]
    fn at_least(&self, per_mille: usize) {
        let good = self.all - self.wrong;
        assert!(good * 1000 >= self.all * per_mille, "{good} of {}\n{}", self.all, self.said);
    }
}

#[test]
fn a_page_that_is_not_there_is_a_usage_error() {
    let ran = SiteTest::small().run("verify --plan docs/nowhere.md").code(2);
    assert!(ran.stderr.contains("no page is called `docs/nowhere.md`"), "{}", ran.stderr);
}

#[test]
fn a_page_without_a_cluster_is_run_in_a_folder_of_its_own() {
    let page = "---\ntitle: Local\n---\n\nCount:\n\n```shell\nprintf 'one\\ntwo\\n' > lines.txt\ncat lines.txt | wc -l\n```\n\nThe output is:\n\n```\n2\n```\n";
    let site = SiteTest::small().file("content/en/docs/page.md", page);
    site.run("verify --cluster none docs/page.md").code(0);
    assert!(!site.root().join("lines.txt").exists(), "it must not write into the site");
    site.write("content/en/docs/page.md", page.replace("\n2\n", "\n3\n"));
    let ran = site.run("verify --cluster none docs/page.md").code(1);
    assert!(ran.stdout.contains("content/en/docs/page.md:15: "), "{}", ran.stdout);
}
