//! What would be run: a page in, the table of roles, pairs and reasons out.

use crate::support::SiteTest;

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
fn the_table_fits_a_narrow_terminal() {
    use unicode_width::UnicodeWidthStr as _;
    for line in plan("skips", "60").lines() {
        assert!(line.width() <= 61, "{line}");
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
