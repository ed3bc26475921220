//! What a build makes beside the pages: print pages, feeds, sitemaps, redirects, lists in pages, menus;
//! and that the theme's own HTML is right.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::{SiteTest, corpus, shared};

/// A site in English and Arabic with documents and a blog of twelve posts.
fn site() -> SiteTest {
    let site = SiteTest::empty()
        .file(
            "book.toml",
            "[book]\ntitle = \"Q & A\"\nlanguage = \"en\"\ndescription = \"All about <it>\"\n\n\
             [build]\nbase-url = \"https://x.example/y/\"\n\n\
             [outputs]\nhome = [\"html\", \"rss\", \"redirects\", \"headers\"]\nsection = [\"html\", \"print\"]\n\n\
             [params]\ntime_format_blog = \"January 2, 2006\"\ngithub_repo = \"https://github.com/x/y\"\n\n\
             [languages.ar]\nname = \"العربية\"\ntitle = \"س\"\n",
        )
        .file("content/en/_index.md", "---\ntitle: Home\n---\n\nHello.\n")
        .file("content/ar/_index.md", "---\ntitle: بيت\n---\n\nمرحبا\n")
        .file("content/ar/docs/_index.md", "---\ntitle: مستندات\naliases: [/ar/d/]\n---\n\nنص\n")
        .file(
            "content/en/docs/_index.md",
            "---\ntitle: Docs\nweight: 2\nmenu: {main: {weight: 10, name: Manual}}\n---\n\n## See {#see}\n",
        )
        .file(
            "content/en/docs/a.md",
            "---\ntitle: A <b>\nweight: 1\naliases: [/old/, /page/1/]\n---\n\n## See\n\n[up](#see) [B](/docs/in/b/)\n\n\
             {{< tabs name=\"t\" >}}{{% tab name=\"One\" %}}1{{% /tab %}}{{< /tabs >}}\n",
        )
        .file("content/en/docs/in/_index.md", "---\ntitle: In\nweight: 2\ndescription: Within & out\n---\n")
        .file("content/en/docs/in/b.md", "---\ntitle: B\nsitemap: {disable: true}\n---\n\n## See\n\nText\n")
        .file("content/en/docs/in/c.md", "---\ntitle: C\nno_print: true\n---\n\nsecret\n")
        .file(
            "content/en/docs/feed.md",
            "---\ntitle: Feed\noutputs: [html, json, rss]\nbuild: {list: never}\n---\n\nx\n",
        )
        .file("content/en/blog/_index.md", "---\ntitle: Blog\nmenu: main\noutputs: [html, rss, json]\n---\n\nIntro\n")
        .file("static/_redirects.base", "# ours\n/a /b 302\n");
    for post in 1..=12 {
        site.write(
            &format!("content/en/blog/{}-{post:02}-03-post-{post}.md", 2023 + post % 2),
            format!(
                "---\ntitle: Post {post}\ndate: {}-{post:02}-03T22:00:00-05:00\nauthor: >\n  [Ada](https://a/) & **Bob**\n\
                 ---\n\nThe *{post}th*: [docs](/docs/).\n\n<!--more-->\n\nMore\n",
                2023 + post % 2
            ),
        );
    }
    site
}

fn built() -> SiteTest {
    let site = site();
    site.run("build --clock 2025-01-01T00:00:00Z").code(0);
    site
}

/// The elements of an XML text by their path, with their texts; fails if it is not well-formed.
fn xml(text: &str) -> Vec<(String, String)> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut path: Vec<String> = vec![];
    let mut found: Vec<(String, String)> = vec![];
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}\n{text}")) {
            Event::Start(start) => {
                path.push(start.name().as_ref().to_owned());
                found.push((path.join("/"), String::new()));
            }
            Event::End(_) => drop(path.pop()),
            Event::Text(part) => {
                if let Some((_, text)) = found.last_mut() {
                    text.push_str(&part);
                }
            }
            Event::GeneralRef(entity) => {
                let text = match (entity.resolve_char_ref().unwrap(), &*entity) {
                    (Some(char), _) => char.to_string(),
                    (None, name) => quick_xml::escape::resolve_xml_entity(name).unwrap().to_owned(),
                };
                found.last_mut().unwrap().1.push_str(&text);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(path.is_empty(), "{path:?} is open at the end");
    found.into_iter().map(|(path, text)| (path, text.trim().to_owned())).collect()
}

fn texts<'a>(elements: &'a [(String, String)], path: &str) -> Vec<&'a str> {
    elements.iter().filter(|(at, _)| at == path).map(|(_, text)| text.as_str()).collect()
}

#[test]
fn a_section_is_on_one_page_for_printing() {
    let site = built();
    let page = site.read("public/docs/_print/index.html");
    assert!(page.contains("<link rel=\"canonical\" href=\"https://x.example/y/docs/\">"), "{page}");
    assert!(page.contains("<meta name=\"robots\" content=\"noindex\">"), "{page}");
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text}: {page}"));
    assert!(at("<h1>Docs") < at("</span> A &lt;b&gt;</h1>"), "the section first");
    assert!(at("</span> A &lt;b&gt;</h1>") < at("</span> In</h1>") && at("</span> In</h1>") < at("</span> B</h1>"));
    assert!(page.contains("<span>2.1</span> B</a>") && page.contains("Within &amp; out"), "{page}");
    assert!(!page.contains("secret"), "no_print: {page}");
    assert!(page.contains(">1</"), "tabs are shown without scripts: {page}");
    // Three headings of one name, and the link to the second of them.
    let ids: Vec<&str> = regex::Regex::new(r#"<h2 id="(pg-[0-9a-f]{8}-see)""#)
        .unwrap()
        .captures_iter(&page)
        .map(|found| found.get(1).unwrap().as_str())
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 3, "{ids:?}");
    assert!(page.contains(&format!("<a href=\"#{}\">up</a>", ids[1])), "{page}");
    // The anchor is the same on every print page.
    assert!(site.read("public/docs/in/_print/index.html").contains(ids[2]));
    assert!(site.read("public/docs/a/index.html").contains("href=\"/y/docs/_print/\""));
    assert!(!site.root().join("public/blog/_print").exists(), "the blog's outputs name no print page");
}

#[test]
fn feeds_have_the_newest_pages() {
    let site = built();
    for path in ["public/feed.xml", "public/blog/feed.xml"] {
        let feed = xml(&site.read(path));
        let titles = texts(&feed, "rss/channel/item/title");
        assert_eq!(titles[..3], ["Post 11", "Post 9", "Post 7"], "{path}");
        assert_eq!(titles.len(), 12, "{path}");
        assert_eq!(texts(&feed, "rss/channel/item/pubDate")[0], "Mon, 04 Nov 2024 03:00:00 +0000");
        assert_eq!(texts(&feed, "rss/channel/lastBuildDate"), ["Mon, 04 Nov 2024 03:00:00 +0000"]);
        assert_eq!(texts(&feed, "rss/channel/item/link")[0], "https://x.example/y/blog/2024-11-03-post-11/");
        assert_eq!(texts(&feed, "rss/channel/item/dc:creator")[0], "Ada & Bob");
        assert_eq!(
            texts(&feed, "rss/channel/item/description")[0],
            "<p>The <em>11th</em>: <a href=\"https://x.example/y/docs/\">docs</a>.</p>"
        );
    }
    assert_eq!(texts(&xml(&site.read("public/feed.xml")), "rss/channel/title"), ["Q & A"]);
    assert!(texts(&xml(&site.read("public/ar/feed.xml")), "rss/channel/item/title").is_empty());
    let json: serde_json::Value = serde_json::from_str(&site.read("public/blog/index.json")).unwrap();
    assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(json["feed_url"], "https://x.example/y/blog/index.json");
    assert_eq!(json["items"][0]["title"], "Post 11");
    assert_eq!(json["items"][0]["date_published"], "2024-11-03T22:00:00-05:00");
    assert_eq!(json["items"][0]["authors"][0]["name"], "Ada & Bob");
    // A page that asks for them has them, too.
    assert!(texts(&xml(&site.read("public/docs/feed/feed.xml")), "rss/channel/item").is_empty());
    assert!(site.root().join("public/docs/feed/index.json").exists());
    let head = "<link rel=\"alternate\" type=\"application/rss+xml\" href=\"/y/";
    assert!(site.read("public/docs/a/index.html").contains(&format!("{head}feed.xml\"")));
    assert!(site.read("public/blog/index.html").contains(&format!("{head}blog/feed.xml\"")));
}

#[test]
fn text_that_xml_forbids_does_not_break_a_feed() {
    let site = site();
    site.write("content/en/blog/odd.md", "---\ntitle: \"]]> \\x01 &amp;\"\ndate: 2024-12-24\n---\n\nA\u{8}B\n");
    site.run("build").code(0);
    let feed = xml(&site.read("public/feed.xml"));
    assert_eq!(texts(&feed, "rss/channel/item/title")[0], "]]>  &amp;");
    assert_eq!(texts(&feed, "rss/channel/item/description")[0], "<p>AB</p>");
}

#[test]
fn a_title_brings_no_articles_into_a_print_page() {
    let site = site();
    let marks = "\\0article 1\\0".repeat(9);
    site.write("content/en/many/_index.md", format!("---\ntitle: \"{marks}\"\noutputs: [html, print]\n---\n"));
    site.write("content/en/many/a.md", "---\ntitle: A\n---\n\nOnce.\n");
    site.run("build").code(0);
    assert_eq!(site.read("public/many/_print/index.html").matches("Once.").count(), 1);
}

#[test]
fn an_old_address_redirects_from_nowhere_else() {
    let site = site();
    site.write("content/en/docs/odd.md", "---\ntitle: Odd\naliases: ['/*', '/:any/x', '/a 301! /b']\n---\n");
    site.run("build").code(0);
    let table = site.read("public/_redirects");
    for line in ["/y/%2A/ /y/docs/odd/ 301!", "/y/%3Aany/x/ /y/docs/odd/ 301!", "/y/a%20301!%20/b/ /y/docs/odd/ 301!"] {
        assert!(table.lines().any(|known| known == line), "{line} is not in\n{table}");
    }
}

#[test]
fn each_language_has_a_sitemap() {
    let site = built();
    let index = xml(&site.read("public/sitemap.xml"));
    assert_eq!(
        texts(&index, "sitemapindex/sitemap/loc"),
        ["https://x.example/y/en/sitemap.xml", "https://x.example/y/ar/sitemap.xml"]
    );
    assert_eq!(texts(&index, "sitemapindex/sitemap/lastmod"), ["2024-11-03T22:00:00-05:00"]);
    let map = xml(&site.read("public/en/sitemap.xml"));
    let pages = texts(&map, "urlset/url/loc");
    assert_eq!(pages.len(), 18, "{pages:?}");
    assert!(pages.contains(&"https://x.example/y/docs/a/"), "{pages:?}");
    for left_out in ["/docs/in/b/", "/docs/feed/", "_print", "/ar/"] {
        assert!(!pages.iter().any(|page| page.contains(left_out)), "{pages:?}");
    }
    assert_eq!(texts(&xml(&site.read("public/ar/sitemap.xml")), "urlset/url/loc").len(), 2);
    assert!(site.read("public/robots.txt").contains("Sitemap: https://x.example/y/sitemap.xml"));
}

#[test]
fn old_addresses_lead_to_new_ones() {
    let site = built();
    let table = site.read("public/_redirects");
    assert_eq!(
        table,
        "# ours\n/a /b 302\n\n/y/blog/page/1/ /y/blog/ 301!\n/y/old/ /y/docs/a/ 301!\n/y/page/1/ /y/docs/a/ 301!\n\
         /y/ar/d/ /y/ar/docs/ 301!\n/y/en/ /y/ 301!\n"
    );
    assert!(
        !site.root().join("public/ar/_redirects").exists() || site.read("public/ar/_redirects").contains("/y/ar/d/")
    );
    for (path, target) in [("old", "docs/a/"), ("blog/page/1", "blog/"), ("en", ""), ("ar/d", "ar/docs/")] {
        let page = site.read(&format!("public/{path}/index.html"));
        assert!(page.contains(&format!("content=\"0; url=/y/{target}\"")), "{path}: {page}");
        assert!(page.contains(&format!("href=\"https://x.example/y/{target}\"")), "{path}: {page}");
    }
    let headers = site.read("public/_headers");
    assert!(headers.contains("/y/assets/*\n  Cache-Control: public, max-age=31536000, immutable\n"), "{headers}");
    // A file of the site's own wins.
    site.write("static/_redirects", "/mine / 301\n");
    site.run("build").code(0);
    assert_eq!(site.read("public/_redirects"), "/mine / 301\n");
}

#[test]
fn a_blog_is_listed_in_pages_of_ten() {
    let site = built();
    let first = site.read("public/blog/index.html");
    assert_eq!(first.matches("<article class=\"post\">").count(), 10, "{first}");
    assert!(first.contains("<p>Intro</p>") && first.contains("<h2 id=\"posts-2024\">2024</h2>"), "{first}");
    assert!(
        first
            .contains("<time datetime=\"2024-11-03T22:00:00-05:00\">November 3, 2024</time><span>Ada &amp; Bob</span>")
    );
    assert!(first.contains("<p>The <em>11th</em>: <a href=\"/y/docs/\">docs</a>.</p>"), "{first}");
    assert!(first.contains("<a rel=\"next\" href=\"/y/blog/page/2/\">"), "{first}");
    let second = site.read("public/blog/page/2/index.html");
    assert_eq!(second.matches("<article class=\"post\">").count(), 2, "{second}");
    assert!(second.contains("<a rel=\"prev\" href=\"/y/blog/\">") && !second.contains("Intro"), "{second}");
    assert!(second.contains("<a href=\"/y/blog/page/2/\" aria-current=\"page\">2</a>"), "{second}");
    assert!(!site.root().join("public/blog/page/3").exists());
    let post = site.read("public/blog/2024-11-03-post-11/index.html");
    assert!(post.contains("November 3, 2024") && !post.contains("class=\"sidebar\""), "{post}");
    assert!(post.contains("href=\"https://github.com/x/y/edit/main/content/en/blog/2024-11-03-post-11.md\""), "{post}");
}

#[test]
fn the_header_has_the_menu() {
    let site = built();
    let page = site.read("public/docs/a/index.html");
    let manual = page.find("<a href=\"/y/docs/\" aria-current=\"true\">Manual</a>").unwrap();
    let blog = page.find("<a href=\"/y/blog/\">Blog</a>").unwrap();
    assert!(manual < blog, "by weight, none is last");
    assert!(site.read("public/ar/docs/index.html").contains("<html lang=\"ar\" dir=\"rtl\">"));
}

#[test]
fn the_configuration_has_menus_too() {
    let site = site();
    site.write(
        "book.toml",
        site.read("book.toml")
            + "\n[[menus.main]]\nname = \"Code <x>\"\nidentifier = \"code\"\nurl = \"https://x.example/?a&b\"\nweight = 5\n\
               [[menus.main]]\nname = \"Inside\"\npage = \"/docs/in\"\nparent = \"code\"\n\
               [[menus.main]]\npage = \"/docs/a\"\nparent = \"Nowhere\"\n",
    );
    site.run("build").code(0);
    let page = site.read("public/docs/in/index.html");
    let (code, manual) =
        (page.find("<summary aria-current=\"true\">Code &lt;x&gt;</summary>"), page.find(">Manual</a>"));
    assert!(code.is_some() && code < manual, "by weight: {page}");
    assert!(page.contains("<a href=\"https://x.example/?a&amp;b\">Code &lt;x&gt;</a>"), "{page}");
    assert!(page.contains("<li><a href=\"/y/docs/in/\" aria-current=\"true\">Inside</a></li>"), "{page}");
    assert!(page.contains("<summary>Nowhere</summary>"), "{page}");
    assert!(site.read("public/404.html").contains("https://x.example/"), "where there is no page too");
    site.write("book.toml", site.read("book.toml") + "titel = \"x\"\n");
    assert!(site.run("build").code(2).stderr.contains("unknown key `titel`"));
}

#[test]
fn a_glossary_lists_its_terms() {
    let site = site();
    let folder = "content/en/docs/reference/glossary";
    site.write(&format!("{folder}/index.md"), "---\ntitle: Glossary\nlayout: glossary\n---\n");
    let term =
        |title: &str, rest: &str| format!("---\ntitle: {title}\nshort_description: >\n  It is {title}.\n{rest}---\n");
    site.write(&format!("{folder}/pod.md"), term("Pod", "full_link: /docs/a/#see\n"));
    site.write(&format!("{folder}/node.md"), term("Node <b>", "full_link:\naka: [Minion]\n"));
    site.write(&format!("{folder}/bad.md"), term("Bad", "full_link: 'javascript:x'\naka:\n"));
    site.run("build").code(0);
    let page = site.read("public/docs/reference/glossary/index.html");
    let (node, pod) =
        (page.find("<dt id=\"term-node\">Node &lt;b&gt;<small>Minion</small></dt>"), page.find("<dt id=\"term-pod\">"));
    assert!(node.is_some() && node < pod, "{page}");
    assert!(page.contains("<a href=\"/y/docs/a/#see\">Pod</a></dt>\n<dd>It is Pod.</dd>"), "{page}");
    assert!(!page.contains("javascript:"), "{page}");
    assert_eq!(faults(&page), [""; 0]);
}

#[test]
fn cards_lead_into_the_site() {
    let site = site();
    site.write(
        "content/en/docs/_index.md",
        "---\ntitle: Docs\ncards:\n- {title: Go <, button: View, button_path: /docs/in}\n- {title: X, button_path: 'javascript:x'}\n---\n",
    );
    site.run("build").code(0);
    let page = site.read("public/docs/index.html");
    assert!(page.contains("<h2>Go &lt;</h2>") && page.contains("<a href=\"/y/docs/in/\">View</a>"), "{page}");
    assert!(!page.contains("javascript:") && !page.contains("class=\"children\""), "{page}");
}

#[test]
fn pages_are_listed_by_what_they_are_about() {
    let site = site();
    site.write("book.toml", site.read("book.toml") + "\n[taxonomies]\ntag = \"tags\"\n");
    site.write(
        "content/en/docs/t.md",
        "---\ntitle: T\ndate: 2020-01-01\ntags: [Big Data, <b>, '', ../up, ., a/../b, v1.2]\n---\n",
    );
    site.write("content/en/docs/u.md", "---\ntitle: U\ndate: 2021-01-01\ntags: big data\n---\n");
    site.write("content/ar/docs/t.md", "---\ntitle: T\ntags: [c]\n---\n");
    let said = site.run("build").code(0).stderr;
    for term in ["../up", ".", "a/../b"] {
        assert!(said.contains(&format!("`{term}` in `tags` can't be a part of an address")), "{term}: {said}");
    }
    let list = site.read("public/tags/index.html");
    assert!(list.contains("/y/tags/v1.2/") && !list.contains("tags/.") && !list.contains("a/../b"), "{list}");
    assert!(list.contains("<a href=\"/y/tags/big-data/\">Big Data (2)</a>"), "{list}");
    assert!(list.contains("&lt;b&gt; (1)") && !list.contains("/y/tags/c/"), "{list}");
    let term = site.read("public/tags/big-data/index.html");
    assert!(term.find("docs/u/").unwrap() < term.find("docs/t/").unwrap(), "the newest first: {term}");
    assert_eq!(faults(&term), [""; 0]);
    assert!(site.read("public/docs/t/index.html").contains("<a href=\"/y/tags/big-data/\">Big Data</a>"));
    assert!(site.root().join("public/ar/tags/c/index.html").exists());
    assert!(!site.root().join("public/up").exists());
    assert!(!site.read("public/docs/t/index.html").contains("/tags/."));
}

#[test]
fn a_changed_post_changes_the_lists_and_feeds_it_is_in() {
    let site = built();
    let post = "content/en/blog/2024-11-03-post-11.md";
    site.write(post, site.read(post).replace("11th", "new"));
    site.run("build --clock 2025-01-01T00:00:00Z").code(0);
    for path in ["blog/index.html", "blog/feed.xml", "feed.xml", "blog/index.json"] {
        assert!(site.read(&format!("public/{path}")).contains("new"), "{path}");
    }
}

/// Elements without an end.
const VOID: [&str; 14] =
    ["area", "base", "br", "circle", "col", "hr", "img", "input", "link", "meta", "path", "source", "track", "wbr"];

/// What is wrong with a page's HTML: tags that do not match, ids that are there twice, references to ids
/// that are not there, code in attributes.
fn faults(html: &str) -> Vec<String> {
    let tag = regex::Regex::new(r#"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[^\s=>"]+(?:="[^"]*")?)*)\s*/?>"#).unwrap();
    let attribute = regex::Regex::new(r#"([^\s=>"]+)="([^"]*)""#).unwrap();
    let mut faults = vec![];
    let mut open: Vec<String> = vec![];
    let mut ids = BTreeSet::new();
    let mut wanted = BTreeSet::new();
    for found in tag.captures_iter(html) {
        let name = found[2].to_lowercase();
        if &found[1] == "/" {
            if open.pop().as_ref() != Some(&name) {
                faults.push(format!("</{name}> closes nothing"));
            }
            continue;
        }
        if !VOID.contains(&name.as_str()) {
            open.push(name);
        }
        for attribute in attribute.captures_iter(&found[3]) {
            match &attribute[1] {
                "id" if !ids.insert(attribute[2].to_owned()) => faults.push(format!("id {} twice", &attribute[2])),
                "style" => faults.push("a style attribute".to_owned()),
                event if event.starts_with("on") => faults.push(format!("an inline {event}")),
                "aria-labelledby" | "for" => drop(wanted.insert(attribute[2].to_owned())),
                "href" if attribute[2].starts_with('#') => drop(wanted.insert(attribute[2][1..].to_owned())),
                _ => {}
            }
        }
    }
    faults.extend(open.into_iter().map(|name| format!("<{name}> stays open")));
    faults.extend(wanted.difference(&ids).filter(|id| !id.is_empty()).map(|id| format!("no id {id}")));
    if regex::Regex::new(r"<script(?:>|\s[^>]*>)[^<]").unwrap().is_match(html) || html.contains("<style") {
        faults.push("inline code".to_owned());
    }
    faults
}

#[test]
fn the_themes_html_is_right() {
    let told = faults("<p id=\"a\"><b></p><a href=\"#b\" onclick=\"x\"><br>");
    let expected = ["</p> closes nothing", "an inline onclick", "<p> stays open", "<a> stays open", "no id b"];
    assert_eq!(told, expected, "the check itself");
    let site = site();
    // Tabs are as Hugo's site has them, unclosed paragraphs included.
    let page = site.read("content/en/docs/a.md");
    site.write("content/en/docs/a.md", page.split("{{<").next().unwrap());
    site.run("build").code(0);
    let mut wrong = BTreeMap::new();
    let mut count = 0;
    for entry in walkdir::WalkDir::new(site.root().join("public")) {
        let entry = entry.unwrap();
        if entry.path().extension().is_some_and(|extension| extension == "html") {
            count += 1;
            let faults = faults(&std::fs::read_to_string(entry.path()).unwrap());
            if !faults.is_empty() {
                wrong.insert(entry.path().to_owned(), faults);
            }
        }
    }
    assert!(count > 25 && wrong.is_empty(), "{count} pages: {wrong:#?}");
}

/// The paths that Hugo publishes of the corpus, those apart that come from its theme, from a
/// program in the content folder, or from the network.
fn hugos_paths(golden: &Path, language: &str) -> Vec<String> {
    let read = |name: String| std::fs::read_to_string(golden.join(name)).unwrap();
    let of_static: BTreeSet<String> = read("static-paths.txt".to_owned()).lines().map(str::to_owned).collect();
    let of_theme = regex::Regex::new(
        r"(\.min)?\.[0-9a-f]{32,}\.(css|js)$|_hu\d+|(^|/)releases/\d+\.\d+/|^/?(css|js|scss|webfonts|plugins)/",
    )
    .unwrap();
    let is_other = |path: &str| of_static.contains(path) || of_theme.is_match(path);
    let is_wanted = |path: &&str| !path.is_empty() && !is_other(path);
    read(format!("urls-{language}.txt")).lines().filter(is_wanted).map(str::to_owned).collect()
}

/// Needs the corpus and the golden data.
#[test]
fn every_path_of_the_corpus_is_published() {
    let Some(golden) = shared("golden") else { return };
    let Some(root) = corpus() else { return };
    let site = SiteTest::empty();
    let mut command = site.command();
    command.arg("build").arg("--root").arg(root).args(["--clock", "2026-04-25T12:00:00Z", "--output", "public"]);
    // All languages: pages of one show files that only another has.
    // The corpus is not ours to leave a record in.
    command.arg("--no-cache");
    site.finish(command).code(0);
    for language in ["en", "ja", "fr"] {
        let paths = hugos_paths(&golden, language);
        let public = site.root().join("public");
        let missing: Vec<_> = paths.iter().filter(|path| !public.join(path.trim_start_matches('/')).exists()).collect();
        assert!(missing.is_empty(), "{language}: {} of {} are missing: {missing:?}", missing.len(), paths.len());
    }
}
