//! What a page of a stranger can't do: leave its folder, write elsewhere, run a script by an argument, or
//! keep a machine busy.

use std::time::{Duration, Instant};

use crate::support::SiteTest;

/// What a text of this size takes is well below a second; what grows with its square takes minutes.
const QUICK: Duration = Duration::from_secs(30);

const HEAD: &str = "---\ntitle: Page\n---\n\n";

#[test]
fn urls_slugs_and_aliases_stay_in_the_build_folder() {
    let values =
        ["../../out", "/../../out", "/a/\\0/", "C:\\\\out", "/%2e%2e/out", "//host/out", "/.docbuild/", "/a/./b/"];
    for key in ["url", "aliases"] {
        for value in values {
            let head = format!("---\ntitle: Page\n{key}: \"{value}\"\n---\n");
            let ran = SiteTest::small().file("content/en/page.md", head).run("build").code(1);
            assert!(ran.stderr.contains("bad-"), "{key} {value}: {}", ran.stderr);
        }
    }
    let site = SiteTest::small().file("content/en/page.md", "---\ntitle: Page\nslug: \"/../../out\"\n---\n");
    assert!(site.run("build").code(1).stderr.contains("bad-url"));
}

#[test]
fn a_linked_folder_of_content_or_examples_is_not_read() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("_index.md"), "SECRET").unwrap();
    let site =
        SiteTest::small().file("content/en/page.md", format!("{HEAD}{{{{< code_sample file=\"_index.md\" >}}}}\n"));
    std::os::unix::fs::symlink(outside.path(), site.root().join("content/en/examples")).unwrap();
    let ran = site.run("build").code(1);
    assert!(ran.stderr.contains("file-outside") && !ran.stderr.contains("SECRET"), "{}", ran.stderr);

    let site = SiteTest::small().file("content/de/_index.md", "");
    std::fs::remove_dir_all(site.root().join("content/en")).unwrap();
    std::os::unix::fs::symlink(outside.path(), site.root().join("content/en")).unwrap();
    let ran = site.run("build").code(1);
    assert!(ran.stderr.contains("file-outside"), "{}", ran.stderr);
}

#[test]
fn arguments_and_titles_are_text_wherever_they_land() {
    let evil = "\\\"><script>alert(1)</script>";
    let page = format!(
        "---\ntitle: \"{evil}\"\ndescription: \"{evil}\"\naliases: [\"/x{evil}\"]\n---\n\n\
         {{{{< tabs name=\"{evil}\" >}}}}{{{{% tab name=\"{evil}\" %}}}}x{{{{% /tab %}}}}{{{{< /tabs >}}}}\n\n\
         {{{{< details summary=\"{evil}\" >}}}}x{{{{< /details >}}}}\n\n{{{{< param \"title\" >}}}}\n\n\
         {{{{< figure src=\"javascript:alert(1)\" alt=\"{evil}\" >}}}}\n\n\
         {{{{< highlight \"{evil}\" >}}}}x{{{{< /highlight >}}}}\n"
    );
    let site = SiteTest::small().file("content/en/page.md", page);
    site.run("build").code(0);
    for file in ["public/page/index.html", "public/index.html", "public/sitemap.xml"] {
        let html = site.read(file);
        assert!(!html.contains("<script>alert") && !html.contains("javascript:"), "{file}: {html}");
    }
}

/// Nine aliases of nine aliases, nine times.
fn alias_bomb() -> String {
    let mut page = "---\na0: &a0 x\n".to_owned();
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        page.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    page + "---\n"
}

#[test]
fn a_shortcode_of_the_site_has_an_end() {
    let template = "{% for a in range(end=90000) %}{% for b in range(end=90000) %}{{ a }}{% endfor %}{% endfor %}";
    let site = SiteTest::small()
        .file("layouts/shortcodes/endless.html", template)
        .file("content/en/page.md", format!("{HEAD}{{{{< endless >}}}}\n"));
    let ran = site.run("build").code(1);
    assert!(ran.stderr.contains("template-run") && ran.stderr.contains("content/en/page.md:5"), "{}", ran.stderr);
}

#[test]
fn a_broken_shortcode_of_the_site_is_not_unknown_too() {
    let site = SiteTest::small()
        .file("layouts/shortcodes/own.html", "{% if inner %}")
        .file("content/en/page.md", format!("{HEAD}{{{{< own >}}}}x{{{{< /own >}}}}\n"));
    let ran = site.run("build").code(1);
    assert_eq!(ran.stderr.matches("error[").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("error[template-syntax]"), "{}", ran.stderr);
}

#[test]
fn paths_that_differ_in_case_only_are_a_mistake() {
    let site = SiteTest::small()
        .file("content/en/docs/Page.md", "---\ntitle: One\n---\n")
        .file("content/en/docs/page.md", "---\ntitle: Two\n---\n");
    let ran = site.run("build").code(1);
    assert!(ran.stderr.contains("content/en/docs/page.md") && ran.stderr.contains("Page.md"), "{}", ran.stderr);
}

#[test]
fn no_text_takes_the_square_of_its_length() {
    let repeated = |text: &str, times: usize| format!("{HEAD}{}", text.repeat(times));
    let words: String = (1..2000).map(|length| format!("{}SHORTCODE ", "X".repeat(length))).collect();
    let pages = [
        ("unfinished tags", repeated("{{< ", 50_000)),
        ("open strings", repeated("{{<note a=\"", 50_000)),
        ("open escapes", repeated("{{</*", 50_000)),
        ("nested shortcodes", repeated("{{< note >}}", 20_000) + &"{{< /note >}}".repeat(20_000)),
        ("unknown shortcodes", repeated("{{< nope >}}\n", 10_000)),
        ("addresses on one line", repeated("word http://a.example/b ", 20_000)),
        ("hosts without an end", repeated("~www.", 100_000)),
        ("closing brackets", format!("{HEAD}http://a.example/{}", ")".repeat(300_000))),
        ("words like placeholders", format!("{HEAD}{words}{{{{< param \"title\" >}}}}\n")),
        ("quotes in quotes", repeated("> ", 20_000)),
        ("lists in lists", repeated("- ", 20_000)),
        ("brackets", repeated("[", 50_000)),
        ("a wide table", format!("{HEAD}{}|\n{}|\n{}", "|a".repeat(5000), "|-".repeat(5000), "|b\n".repeat(500))),
        ("a long table", format!("{HEAD}|a|b|\n|-|-|\n{}", "|c|d|\n".repeat(50_000))),
        ("a long line", repeated("word *and* `code` ", 60_000)),
        ("a line of signs", repeated("*_`~[<!&", 40_000)),
        ("headings", repeated("# Same\n", 100_000)),
        ("entities", repeated("&amp;&#x41;&nope;", 60_000)),
        ("footnotes", repeated("[^a] ", 20_000) + "\n\n[^a]: a\n"),
        ("definitions of links", (0..20_000).map(|n| format!("[a{n}]: /b\n")).collect::<String>() + "[a1]"),
        ("code", format!("{HEAD}```yaml\n{}\n```\n", "a: [\"".repeat(100_000))),
        ("code of a grammar", format!("{HEAD}{}", "```ruby\n\"#{\"#{\n<<A <<B\n```\n".repeat(500))),
        ("open comments", repeated("<!-- ", 50_000)),
        ("open elements", repeated("<a b=\"", 50_000)),
        ("aliases in front matter", alias_bomb()),
        (
            "tables in front matter",
            format!("+++\n{}\n+++\n", (0..5000).map(|n| format!("[a{n}.b.c]\n")).collect::<String>()),
        ),
        ("front matter in brackets", format!("---\na: {}\n---\n", "[".repeat(100_000))),
        ("front matter in dashes", format!("---\na: {}\n---\n", "- ".repeat(100_000))),
    ];
    for (name, page) in pages {
        let site = SiteTest::small().file("content/en/page.md", page);
        let start = Instant::now();
        let ran = site.run("build");
        assert!([0, 1].contains(&ran.code), "{name}: {}", ran.stderr);
        assert!(start.elapsed() < QUICK, "{name} took {:?}", start.elapsed());
        assert!(ran.stderr.lines().count() < 1000, "{name}: {} lines are printed", ran.stderr.lines().count());
    }
}
