//! `docbuild export`: the site as JSON.

use serde_json::{Value, json};

use crate::support::SiteTest;

fn bilingual() -> SiteTest {
    SiteTest::empty()
        .file("book.toml", "[book]\ntitle = \"T\"\nlanguage = \"en\"\n\n[languages.ja]\nname = \"日本語\"\n")
        .file("content/en/_index.md", "---\ntitle: Home\n---\n")
        .file("content/en/docs/_index.md", "---\ntitle: Docs\n---\n")
        .file(
            "content/en/docs/a.md",
            "---\ntitle: A page\nlinkTitle: A\nweight: 1\ndate: 2024-05-06\naliases: [/old, older]\n---\n\n## One\n\n### `Two`\n",
        )
        .file("content/en/docs/b.md", "---\ntitle: B\nweight: 2\ndraft: true\n---\n")
        .file("content/en/docs/c.md", "---\ntitle: C\nweight: 3\n---\n")
        .file("content/ja/_index.md", "---\ntitle: ホーム\n---\n")
        .file("content/ja/docs/_index.md", "---\ntitle: 文書\n---\n")
        .file("content/ja/docs/a.md", "---\ntitle: あ\nweight: 1\n---\n")
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_page_is_a_line_with_all_its_fields() {
    let ran = bilingual().run("export").code(0);
    let pages = lines(&ran.stdout);
    let urls: Vec<&str> = pages.iter().map(|page| page["url"].as_str().unwrap()).collect();
    assert_eq!(urls, ["/", "/docs/", "/docs/a/", "/docs/c/", "/ja/", "/ja/docs/", "/ja/docs/a/"]);
    let expected = json!({
        "path": "en/docs/a.md", "url": "/docs/a/", "lang": "en", "kind": "page", "type": "docs", "layout": "",
        "title": "A page", "linkTitle": "A", "weight": 1, "date": "2024-05-06T00:00:00Z", "description": "",
        "content": "<h2 id=\"one\">One</h2>\n<h3 id=\"two\"><code>Two</code></h3>\n",
        "toc": "<nav id=\"TableOfContents\">\n  <ul>\n    <li><a href=\"#one\">One</a>\n      <ul>\n        \
                <li><a href=\"#two\"><code>Two</code></a></li>\n      </ul>\n    </li>\n  </ul>\n</nav>",
        "summary": pages[2]["summary"],
        "aliases": ["/old", "older"], "translations": ["/ja/docs/a/"], "parent": "/docs/", "pages": [],
    });
    assert_eq!(pages[2], expected);
    assert_eq!(pages[1]["pages"], json!(["/docs/a/", "/docs/c/"]));
    assert_eq!(lines(&bilingual().run("export --lang en --drafts").code(0).stdout).len(), 5);
}

#[test]
fn pages_with_errors_are_printed_too() {
    let site = bilingual().file("content/en/docs/d.md", "---\ntitle: D\n---\n\n{{< no-such-shortcode >}}\n");
    let ran = site.run("export").code(1);
    assert_eq!(lines(&ran.stdout).len(), 8);
    assert!(ran.stderr.contains("no-such-shortcode"), "{}", ran.stderr);
}

#[test]
fn lists_of_terms_are_printed_after_the_pages() {
    let site = bilingual();
    site.write("book.toml", site.read("book.toml") + "\n[taxonomies]\ntag = \"tags\"\n");
    site.write("content/en/docs/t.md", "---\ntitle: T\nweight: 9\ndate: 2020-01-01\ntags: [Big Data, x]\n---\n");
    site.write("content/en/docs/u.md", "---\ntitle: U\nweight: 8\ndate: 2021-01-01\ntags: big data\n---\n");
    site.write("content/ja/docs/t.md", "---\ntitle: て\ntags: [x]\n---\n");
    let all = lines(&site.run("export").code(0).stdout);
    let lists: Vec<_> = all.iter().filter(|page| page["kind"] == "taxonomy" || page["kind"] == "term").collect();
    let urls: Vec<&str> = lists.iter().map(|page| page["url"].as_str().unwrap()).collect();
    assert_eq!(urls, ["/tags/", "/tags/big-data/", "/tags/x/", "/ja/tags/", "/ja/tags/x/"]);
    let expected = json!({
        "path": "", "url": "/tags/big-data/", "lang": "en", "kind": "term", "type": "tags", "layout": "",
        "title": "Big Data", "linkTitle": "Big Data", "weight": 0, "date": "2021-01-01T00:00:00Z", "description": "",
        "content": "", "toc": "", "summary": "", "aliases": [], "translations": [], "parent": "/tags/",
        "pages": ["/docs/u/", "/docs/t/"],
    });
    assert_eq!(lists[1], &expected);
    assert_eq!((&lists[0]["title"], &lists[0]["parent"]), (&json!("Tags"), &json!("/")));
    assert_eq!(lists[0]["pages"], json!(["/tags/big-data/", "/tags/x/"]));
    assert_eq!(lists[2]["translations"], json!(["/ja/tags/x/"]));
    assert_eq!(lines(&site.run("export --lang ja").code(0).stdout).last().unwrap()["url"], "/ja/tags/x/");
}

#[test]
fn the_sidebar_shows_what_is_not_translated_yet() {
    let ran = bilingual().run("export --format nav --lang ja").code(0);
    let expected = json!({"title": "文書", "url": "/ja/docs/", "children": [
        {"title": "あ", "url": "/ja/docs/a/", "children": []},
        {"title": "C", "url": "/docs/c/", "children": []},
    ]});
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).unwrap(), expected);
    let both: Value = serde_json::from_str(&bilingual().run("export --format nav").code(0).stdout).unwrap();
    assert_eq!(both["en"]["children"][1]["url"], "/docs/c/");
}
