//! The command line itself: usage errors, help, versions.

use crate::support::{SiteTest, shared};

#[test]
fn a_usage_error_is_exit_code_2_and_says_how_to_go_on() {
    let site = SiteTest::small();
    let ran = site.run("no-such-command").code(2);
    assert!(ran.stderr.contains("no-such-command") && ran.stderr.contains("--help"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "", "nothing but data goes to stdout");
}

#[test]
fn version_is_the_crates() {
    let ran = SiteTest::empty().run("--version").code(0);
    assert_eq!(ran.stdout, format!("docbuild {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_command_changes_nothing_where_it_only_informs() {
    let site = SiteTest::small();
    let before = site.read("book.toml");
    site.run("--help").code(0);
    assert_eq!(site.read("book.toml"), before);
}

#[test]
fn the_shared_seed_page_is_the_one_the_specification_names() {
    let Some(seeds) = shared("seeds") else { return };
    assert!(seeds.join("000_9b49ee064ae5e843.txt").exists());
}
