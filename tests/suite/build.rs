//! `docbuild build`, `init`, `new`: what is written, and what is left alone.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use crate::support::{Need, SiteTest, files, skip};

/// A site in two languages, one page of which is not translated.
fn bilingual() -> SiteTest {
    SiteTest::empty()
        .file(
            "book.toml",
            "[book]\ntitle = \"T & <b>\"\nlanguage = \"en\"\n\n[build]\nbase-url = \"https://x.example/y/\"\n\n\
             [languages.ja]\nname = \"日本語\"\ntitle = \"題\"\n",
        )
        .file("content/en/_index.md", "---\ntitle: Home\n---\n\n[Docs](/docs/)\n")
        .file("content/en/docs/_index.md", "---\ntitle: Docs\nweight: 1\n---\n")
        .file(
            "content/en/docs/a.md",
            "---\ntitle: A\nweight: 1\naliases: [/old/]\n---\n\n## One\n\n[B](/docs/b/)\n\n## Two\n",
        )
        .file("content/en/docs/b.md", "---\ntitle: B\nweight: 2\n---\n\n![x](/x.png)\n")
        .file("content/ja/_index.md", "---\ntitle: ホーム\n---\n")
        .file("content/ja/docs/_index.md", "---\ntitle: 文書\nweight: 1\n---\n")
        .file("content/ja/docs/a.md", "---\ntitle: あ\nweight: 1\n---\n\n[B](/docs/b/)\n")
        .file("static/x.png", [1, 2, 3])
}

#[test]
fn a_new_site_builds_without_a_warning() {
    let site = SiteTest::empty();
    let ran = site.run("init docs").code(0);
    insta::assert_snapshot!(ran.stderr, @r"
    made a site in docs

      cd docs
      docbuild serve     # write, and see the page at once
      docbuild verify    # run what the pages print
      docbuild build     # public/
    ");
    let ran = site.run("build --root docs --strict").code(0);
    assert!(ran.stderr.starts_with("built 6 pages in 2 languages into public: "), "{}", ran.stderr);
    let page = site.read("docs/public/ja/docs/first-page/index.html");
    assert!(page.contains("<html lang=\"ja\"") && page.contains("最初の検証ページ"), "{page}");
    let before = files(&site.root().join("docs"));
    let ran = site.run("init docs").code(1);
    insta::assert_snapshot!(ran.stderr, @r"
    error: docs is not empty
      help: name a folder that is new or empty
    ");
    assert_eq!(files(&site.root().join("docs")), before);
    assert!(site.run("build --root docs").code(0).stderr.contains("nothing changed"));
}

#[test]
fn pages_are_made_from_an_archetype_and_never_replaced() {
    let site = SiteTest::small();
    let ran = site.run("new docs/my-first_page.md").code(0);
    assert_eq!(ran.stderr, "made content/en/docs/my-first_page.md\n");
    assert!(site.read("content/en/docs/my-first_page.md").starts_with("---\ntitle: My first page\n"));
    site.run("build --strict").code(0);
    let ran = site.run("new content/en/docs/my-first_page.md").code(1);
    assert!(ran.stderr.contains("was not made"), "{}", ran.stderr);
    for bad in ["../x.md", "/etc/x.md", "docs/x.txt", "content/xx/y.md"] {
        site.run(&format!("new {bad}")).code(2);
    }
    site.write("archetypes/default.md", "---\ntitle: {{ title }}\nowner: us\n---\n");
    site.run("new docs/other/_index.md").code(0);
    assert_eq!(site.read("content/en/docs/other/_index.md"), "---\ntitle: Other\nowner: us\n---\n");
}

#[test]
fn all_links_work_below_a_path() {
    let site = bilingual();
    site.run("build --strict").code(0);
    let files = files(&site.root().join("public"));
    let attribute = regex::Regex::new(r#"(?:href|src)="([^"]*)""#).unwrap();
    let mut checked = 0;
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        for found in attribute.captures_iter(&String::from_utf8_lossy(bytes)) {
            let url = found[1].split('#').next().unwrap();
            if url.is_empty() || url.starts_with("https://x.example/y/") {
                continue;
            }
            let below = url.strip_prefix("/y/").unwrap_or_else(|| panic!("{path} links to {url}"));
            let target =
                if below.is_empty() || below.ends_with('/') { format!("{below}index.html") } else { below.to_owned() };
            assert!(files.contains_key(&target), "{path} links to {url}, which is not there");
            checked += 1;
        }
    }
    assert!(checked > 80, "{checked} links");
}

#[test]
fn an_untranslated_page_is_marked_and_tells_its_readers() {
    let site = bilingual();
    site.run("build").code(0);
    let tree = site.read("public/ja/docs/a/index.html");
    assert!(
        tree.contains(
            "<a href=\"/y/docs/b/#untranslated-ja\" lang=\"en\" hreflang=\"en\">B <span class=\"tag\">en</span></a>"
        ),
        "{tree}"
    );
    let page = site.read("public/docs/b/index.html");
    assert!(page.contains("<aside class=\"notice\" id=\"untranslated-ja\" lang=\"ja\">"), "{page}");
    assert!(page.contains("hreflang=\"ja\">日本語のページに戻る</a>"), "{page}");
    assert!(
        page.contains("<a href=\"/y/ja/docs/\" lang=\"ja\" hreflang=\"ja\">日本語<small>未翻訳</small></a>"),
        "{page}"
    );
    assert!(!site.read("public/docs/a/index.html").contains("class=\"notice\""), "a translated page has no notice");
    assert!(!site.root().join("public/ja/docs/b").exists(), "no page that nobody wrote");
}

/// A page of a section with hundreds of pages carries those around it; the language's whole tree is in
/// one file, whose addresses work below a path.
#[test]
fn the_sidebar_carries_the_open_branch_and_the_rest_is_one_file() {
    let site = bilingual();
    for number in 0..200 {
        let page = format!("---\ntitle: Page {number:03}\n---\n\nText.\n");
        site.write(&format!("content/en/docs/many/p{number:03}.md"), &page);
    }
    site.write("content/en/docs/many/_index.md", "---\ntitle: Many\n---\n");
    site.run("build --strict").code(0);
    let page = site.read("public/docs/many/p100/index.html");
    let count = regex::Regex::new(r#"href="/y/docs/many/p\d+/""#).unwrap().find_iter(&page).count();
    assert!((40..60).contains(&count), "{count} of 200 pages are in the page");
    assert!(page.contains("<li class=\"more\"><a href=\"/y/docs/many/\">… Many</a></li>"), "{page}");
    assert!(page.contains("<a href=\"/y/docs/many/p100/\" aria-current=\"page\">Page 100</a>"), "{page}");
    let nav = page.split("data-nav=\"/y/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(nav.starts_with("nav.") && nav.ends_with(".json"), "{nav}");
    let tree = site.read(&format!("public/{nav}"));
    serde_json::from_str::<serde_json::Value>(&tree).unwrap();
    assert_eq!(tree.matches("/y/docs/many/p").count(), 200, "{tree}");
    let japanese = site.read("public/ja/docs/a/index.html");
    assert!(japanese.contains("data-nav=\"/y/ja/nav."), "{japanese}");
}

#[test]
fn redirects_sitemap_and_the_page_for_nothing() {
    let site = bilingual();
    site.run("build").code(0);
    let alias = site.read("public/old/index.html");
    assert!(
        alias.contains("content=\"0; url=/y/docs/a/\"") && alias.contains("href=\"https://x.example/y/docs/a/\""),
        "{alias}"
    );
    let map = site.read("public/ja/sitemap.xml");
    assert_eq!(map.matches("<url>").count(), 3, "{map}");
    assert!(map.contains("<loc>https://x.example/y/ja/docs/a/</loc>"), "{map}");
    assert!(site.read("public/ja/404.html").contains("ページが見つかりません"));
    assert!(site.read("public/404.html").contains("T &amp; &lt;b&gt;"), "titles are text");
    let only = site.run("build --lang ja").code(0);
    assert!(only.stderr.contains("built 3 pages in 1 language"), "{}", only.stderr);
    assert!(!site.root().join("public/docs").exists());
}

#[test]
fn hostile_content_stays_text() {
    let site = SiteTest::small()
        .file(
            "content/en/evil.md",
            "---\ntitle: '\"><script>alert(1)</script>'\nlinkTitle: \"'\\\" onmouseover=alert(1) {{ 1234 * 5678 }}\"\n\
             description: '\"><script>alert(2)</script>'\naliases: ['/javascript:alert(3)/', '/a\"b<c>/']\n---\n\n\
             ## {{ 1234 * 5678 }} <b id=\"x\">\n\nText {% raw %} {{ page.title }}\n\n## Second\n",
        )
        .file("content/en/o'dd & \"name\".md", "---\ntitle: Odd\n---\n")
        .file("static/100% \"real\".txt", "x");
    site.run("build").code(0);
    let all = files(&site.root().join("public"));
    for (path, bytes) in all.iter().filter(|(path, _)| path.ends_with("html") || path.ends_with("xml")) {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("<script>alert"), "{path}");
        assert!(!text.contains("\" onmouseover") && !text.contains("' onmouseover"), "{path}: {text}");
        assert!(!text.contains("href=\"javascript:"), "{path}");
        assert!(!text.contains("7006652"), "{path}: content went through the template engine");
    }
    assert!(all.contains_key("100% \"real\".txt"));
    let page = String::from_utf8(all["evil/index.html"].clone()).unwrap();
    assert!(page.contains("{{ page.title }}") && page.contains("{% raw %}"), "{page}");
}

#[test]
fn the_same_bytes_from_one_thread_and_from_many() {
    let site = bilingual();
    let mut outputs = vec![];
    for threads in ["1", "8"] {
        let mut command = site.command();
        command.env("RAYON_NUM_THREADS", threads).args(["build", "--output", threads]);
        site.finish(command).code(0);
        let mut bytes = files(&site.root().join(threads));
        bytes.insert("files".to_owned(), std::fs::read(site.root().join(threads).join(".docbuild/files")).unwrap());
        outputs.push(bytes);
    }
    assert!(outputs[0].len() > 10 && outputs[0] == outputs[1]);
}

#[test]
fn unchanged_files_are_not_touched() {
    let site = bilingual();
    site.run("build").code(0);
    let stamp = |path: &str| {
        let metadata = std::fs::metadata(site.root().join("public").join(path)).unwrap();
        (metadata.ino(), metadata.mtime(), metadata.mtime_nsec())
    };
    let before = (stamp("docs/a/index.html"), stamp("x.png"), stamp("docs/b/index.html"));
    site.write("content/en/docs/b.md", "---\ntitle: B\nweight: 2\n---\n\nOther.\n");
    let ran = site.run("build").code(0);
    assert!(ran.stderr.contains(": 1 file changed, "), "{}", ran.stderr);
    assert_eq!((stamp("docs/a/index.html"), stamp("x.png")), (before.0, before.1));
    assert_ne!(stamp("docs/b/index.html"), before.2);
}

#[test]
fn a_build_with_errors_reports_them_all_and_writes_nothing() {
    let site = bilingual();
    site.run("build").code(0);
    let before = files(&site.root().join("public"));
    site.write("content/en/docs/b.md", "---\ntitle: B\n---\n\n{{< nothing-like-it >}}\n");
    site.write("content/en/docs/a.md", "---\ntitle: A\n---\n\nNew.\n\n{{< note >}}\n");
    let ran = site.run("build").code(1);
    let first = ran.stderr.find("content/en/docs/a.md:7").unwrap_or_else(|| panic!("{}", ran.stderr));
    let second = ran.stderr.find("content/en/docs/b.md:5").unwrap_or_else(|| panic!("{}", ran.stderr));
    assert!(first < second && ran.stderr.ends_with("2 errors\nnothing was written\n"), "{}", ran.stderr);
    assert_eq!(files(&site.root().join("public")), before);
    let fresh = site.run("build --output elsewhere").code(1);
    assert!(!site.root().join("elsewhere").exists(), "{}", fresh.stderr);
}

#[test]
fn a_sites_own_layouts_win_and_their_mistakes_have_a_place() {
    let site = SiteTest::small().file("layouts/partials/footer.html", "<footer>ours {{ lang.code }}</footer>\n");
    site.run("build").code(0);
    assert!(site.read("public/index.html").contains("<footer>ours en</footer>"));
    site.write("layouts/partials/footer.html", "<footer>\n{{ page.nothing }}</footer>\n");
    let ran = site.run("build").code(1);
    assert!(
        ran.stderr.contains("layouts/partials/footer.html:2:") && ran.stderr.contains("layout-render"),
        "{}",
        ran.stderr
    );
    site.write("layouts/partials/footer.html", "<footer>\n{% if %}</footer>\n");
    let ran = site.run("build").code(1);
    assert!(
        ran.stderr.contains("layouts/partials/footer.html:2:") && ran.stderr.contains("layout-invalid"),
        "{}",
        ran.stderr
    );
    site.write("layouts/partials/footer.html", "x\n{{ 1 | nofilter }}\n{% include \"partials/heder.html\" %}\n");
    let ran = site.run("build").code(1);
    assert!(
        ran.stderr.contains("footer.html:2:") && ran.stderr.contains("did you mean `partials/header.html`?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn two_files_for_one_path_are_an_error() {
    let site = bilingual().file("static/docs/a/index.html", "mine").file("static/docs/b", "a file");
    let ran = site.run("build").code(1);
    assert!(ran.stderr.contains("would both be written to docs/a/index.html"), "{}", ran.stderr);
    assert!(ran.stderr.contains("docs/b would be a file (static/docs/b) and a folder"), "{}", ran.stderr);
}

#[test]
fn a_link_out_of_the_site_is_not_published() {
    let site = bilingual().file("static/in.txt", "inside");
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(secret.path(), site.root().join("static/out.txt")).unwrap();
    std::os::unix::fs::symlink("in.txt", site.root().join("static/link.txt")).unwrap();
    let ran = site.run("build").code(1);
    assert!(ran.stderr.contains("static/out.txt is a link that leads out of the site"), "{}", ran.stderr);
    std::fs::remove_file(site.root().join("static/out.txt")).unwrap();
    site.run("build").code(0);
    assert_eq!(site.read("public/link.txt"), "inside");
}

#[test]
fn a_build_folder_with_other_peoples_files_is_left_alone() {
    let site = bilingual().file("public/index.html", "theirs");
    let ran = site.run("build").code(1);
    insta::assert_snapshot!(ran.stderr, @r"
    error: [ROOT]/public holds files that docbuild did not write, and a build would replace them: index.html
      help: remove the folder if nothing in it is needed, or write elsewhere with `--output DIR`
    ");
    assert_eq!(site.read("public/index.html"), "theirs");
    let ran = site.run("build --output .").code(2);
    assert!(ran.stderr.contains("overlaps the sources"), "{}", ran.stderr);
    site.write("file", "x");
    site.run("build --output file/public").code(1);
}

/// Root may write everywhere, so the command runs as nobody then.
#[test]
fn a_folder_that_may_not_be_written_to_stays_whole() {
    let site = bilingual();
    site.run("build").code(0);
    let public = site.root().join("public");
    let before = files(&public);
    let program = site.root().join("docbuild");
    std::fs::copy(env!("CARGO_BIN_EXE_docbuild"), &program).unwrap();
    site.write("content/en/docs/b.md", "---\ntitle: Changed\n---\n");
    let mode = |path: &Path, mode: u32| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let is_root = rustix::process::geteuid().is_root();
    for entry in walkdir::WalkDir::new(site.root()) {
        mode(entry.unwrap().path(), if is_root { 0o777 } else { 0o755 });
    }
    mode(&public.join("docs/b"), 0o555);
    let mut command = std::process::Command::new(&program);
    command.current_dir(site.root()).arg("build");
    if is_root {
        command.uid(65534);
    }
    let ran = site.finish(command).code(1);
    assert!(ran.stderr.contains("[ROOT]/public/docs/b may not be written to"), "{}", ran.stderr);
    assert_eq!(files(&public), before);
    mode(&public.join("docs/b"), 0o755);
    site.run("build").code(0);
    assert!(site.read("public/docs/b/index.html").contains("Changed"));
}

/// The build folder is a small file system that only the test sees.
#[test]
fn a_full_disk_is_an_error_and_the_old_site_stays() {
    if !rustix::process::geteuid().is_root() {
        skip(Need::Cluster, "only root can mount a small disk");
        return;
    }
    let site = bilingual();
    std::fs::create_dir(site.root().join("public")).unwrap();
    site.write("big", format!("---\ntitle: Big\n---\n\n{}", "Many words. ".repeat(400_000)));
    let script = "mount -t tmpfs -o size=1m docbuild public || exit 77; \
                  \"$DOCBUILD\" build > log 2>&1 || exit 78; cp -r public before; \
                  cp big content/en/docs/big.md; \"$DOCBUILD\" build; code=$?; cp -r public after; exit $code";
    let mut command = std::process::Command::new("unshare");
    command.args(["--mount", "sh", "-c", script]).env("DOCBUILD", env!("CARGO_BIN_EXE_docbuild"));
    command.current_dir(site.root());
    let ran = site.finish(command);
    if ran.code == 77 {
        skip(Need::Cluster, "no small disk can be mounted here");
        return;
    }
    let ran = ran.code(1);
    assert!(ran.stderr.contains("No space left on device") && ran.stderr.contains("free space"), "{}", ran.stderr);
    let (before, after) = (files(&site.root().join("before")), files(&site.root().join("after")));
    assert!(before.contains_key("docs/a/index.html") && before == after);
    assert!(!site.root().join("after/.docbuild/staged").exists(), "what was staged is gone");
}

#[test]
fn verdicts_stand_beside_their_blocks_and_are_text() {
    let evil = "<img src=x onerror=alert(1)>\"'";
    let report = serde_json::json!({
        "schema": "docbuild.verify/1", "docbuild": "0.1.0", "source": "recording", "recorded": "2026-04-25T12:00:00Z",
        "started": "2026-04-26T12:00:00Z", "finished": "2026-04-26T12:00:01Z",
        "cluster": {"provider": "local", "server_version": "v1.36.3", "context": "docbuild"},
        "summary": {"pages": 1, "commands": 2, "pass": 1, "drift": 1, "fail": 0, "skip": 0, "flaky": 0, "infra": 0},
        "pages": [{"path": "content/en/docs/a.md", "url": "/docs/a/", "lang": "en", "verdict": "drift", "blocks": [
            {"id": 1, "line": 5, "end_line": 7, "info": "shell", "role": "command", "because": "x", "in_session": null,
             "documents": null, "verdict": "pass", "reason": null, "findings": [],
             "commands": [{"line": 6, "text": "echo 1", "ran": "echo 1", "exit": 0, "verdict": "pass"}]},
            {"id": 2, "line": 9, "end_line": 11, "info": null, "role": "output", "because": "x", "in_session": null,
             "documents": 1, "verdict": "drift", "reason": null, "findings": [
                {"class": "value", "line": 10, "where": evil, "documented": evil, "actual": evil, "rule": "text",
                 "cause": "docs", "severity": "error", "message": evil}]}]}],
    });
    let site = SiteTest::small()
        .file(
            "content/en/docs/a.md",
            "---\ntitle: A\n---\n\n```shell\necho 1\n```\n\n```\n2\n```\n\n```yaml\na: b\n```\n",
        )
        .file("report.json", report.to_string());
    site.run("build --verdicts report.json").code(0);
    let page = site.read("public/docs/a/index.html");
    assert_eq!(page.matches("class=\"verdict ").count(), 2, "a block that is only shown has none: {page}");
    assert!(page.contains("verdict-pass") && page.contains(">Verified</span>"), "{page}");
    assert!(page.contains("verdict-drift") && page.contains(">Differs</span>"), "{page}");
    assert!(page.contains("<span>2026-04-25, Kubernetes v1.36.3 (recorded)</span>"), "{page}");
    assert!(!page.contains("<img src=x"), "{page}");
    assert_eq!(page.matches("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;").count(), 4, "{page}");
    site.run("build").code(0);
    assert!(!site.read("public/docs/a/index.html").contains("class=\"verdict "), "verdicts are an explicit input");
    site.write("bad.json", "{}");
    let ran = site.run("build --verdicts bad.json").code(2);
    assert!(ran.stderr.contains("no report of `docbuild verify --report json`"), "{}", ran.stderr);
}

#[test]
fn explain_and_completions() {
    let site = SiteTest::empty();
    let list = site.run("explain").code(0).stdout;
    assert!(list.lines().any(|line| line == "layout-render"), "{list}");
    for code in list.lines() {
        assert!(site.run(&format!("explain error[{code}]:")).code(0).stdout.starts_with(code));
    }
    let ran = site.run("explain layout-rendre").code(2);
    assert!(ran.stderr.contains("did you mean `layout-render`?"), "{}", ran.stderr);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(site.run(&format!("completions {shell}")).code(0).stdout.contains("drafts"));
    }
}

#[test]
fn timings_name_the_stages() {
    let ran = bilingual().run("build --timings").code(0);
    for stage in ["configuration", "read", "assemble", "articles", "pages", "commit", "cache", "total"] {
        assert!(
            ran.stderr.lines().any(|line| line.trim_start().starts_with(stage) && line.contains(" ms")),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn the_manual_builds_without_a_warning_and_without_inline_scripts() {
    let output = tempfile::tempdir().unwrap();
    let manual = env!("CARGO_MANIFEST_DIR");
    let ran =
        SiteTest::empty().run(&format!("build --strict --root {manual} --output {}/public", output.path().display()));
    ran.code(0);
    let handler = regex::Regex::new(r"<[a-z][^>]*\son[a-z]+\s*=").unwrap();
    let pages = files(&output.path().join("public"));
    assert!(pages.len() > 20);
    for (path, bytes) in pages.iter().filter(|(path, _)| path.ends_with(".html")) {
        let text = String::from_utf8_lossy(bytes);
        assert!(!handler.is_match(&text), "{path} has an inline event handler: {:?}", handler.find(&text));
        assert!(!text.contains("<script>") && !text.contains("<style"), "{path} has an inline script or style");
    }
}

#[test]
fn files_that_pages_use_are_published_with_them() {
    let index = "---\ntitle: Bundle\n---\n\n![own](Own.PNG) ![shared](img/shared.png) ![global](logo/Mark.png) ![none](none.png)\n";
    let site = bilingual()
        .file("content/en/docs/bundle/index.md", index)
        .file("content/ja/docs/bundle/index.md", index)
        .file("content/en/docs/bundle/own.png", "en")
        .file("content/ja/docs/bundle/own.png", "ja")
        .file("content/en/docs/bundle/img/shared.png", "shared")
        .file("assets/logo/mark.png", "global")
        .file("assets/logo/unused.png", "unused");
    site.run("build").code(0);
    let en = site.read("public/docs/bundle/index.html");
    let ja = site.read("public/ja/docs/bundle/index.html");
    for (html, own) in [(&en, "/y/docs/bundle/own.png"), (&ja, "/y/ja/docs/bundle/own.png")] {
        assert!(html.contains(&format!("src=\"{own}\"")), "{html}");
        for src in ["/y/docs/bundle/img/shared.png", "/y/logo/mark.png", "none.png"] {
            assert!(html.contains(&format!("src=\"{src}\"")), "{src}: {html}");
        }
    }
    assert_eq!(site.read("public/logo/mark.png"), "global");
    assert!(!site.root().join("public/logo/unused.png").exists());
    // A language that is built alone takes along what it uses of another.
    site.run("build --lang ja --output alone").code(0);
    assert_eq!(site.read("alone/docs/bundle/img/shared.png"), "shared");
    assert!(!site.root().join("alone/docs/bundle/own.png").exists());
}

#[test]
fn files_beside_pages_are_published_by_rule() {
    let lazy = "---\ntitle: Lazy\n_build:\n  publishResources: false\n---\n\n![](used.png)\n";
    let site = bilingual()
        .file("content/en/docs/lazy/index.md", lazy)
        .file("content/en/docs/lazy/used.png", "used")
        .file("content/en/docs/lazy/unused.png", "unused")
        .file("content/en/docs/draft/index.md", "---\ntitle: Draft\ndraft: true\n---\n")
        .file("content/en/docs/draft/secret.png", "secret")
        .file("content/ja/docs/html/index.html", "---\ntitle: HTML\n---\n<img src=\"logo.png\">\n")
        .file("content/en/docs/html/logo.png", "logo")
        .file("content/en/examples/index.md", "---\ntitle: Examples\nheadless: true\n---\n")
        .file("content/en/examples/web.yaml", "a: 1\n")
        .file("content/en/docs/sample.md", "---\ntitle: Sample\n---\n\n{{% code_sample file=\"web.yaml\" %}}\n")
        .file("assets/images/copycode.svg", "<svg/>");
    site.run("build").code(0);
    assert_eq!(site.read("public/docs/lazy/used.png"), "used");
    assert_eq!(site.read("public/ja/docs/html/logo.png"), "logo");
    assert_eq!(site.read("public/images/copycode.svg"), "<svg/>");
    for path in ["public/docs/lazy/unused.png", "public/docs/draft/secret.png"] {
        assert!(!site.root().join(path).exists(), "{path}");
    }
    site.run("build --drafts").code(0);
    assert_eq!(site.read("public/docs/draft/secret.png"), "secret");
}

#[test]
fn images_are_scaled_when_the_site_is_built() {
    let image = image::DynamicImage::new_rgb8(40, 20);
    let mut png = std::io::Cursor::new(vec![]);
    image.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let site = SiteTest::small().file("content/en/docs/trip/harbour.png", png.into_inner()).file(
        "content/en/docs/trip/index.md",
        "---\ntitle: Trip\n---\n\n{{< imgproc harbour Fit \"10x10\" >}}\nAt *dawn*\n{{< /imgproc >}}\n",
    );
    site.run("build").code(0);
    let html = site.read("public/docs/trip/index.html");
    assert!(html.contains("width=\"10\" height=\"5\"") && html.contains("At *dawn*"), "{html}");
    let src = html.split("src=\"/docs/trip/harbour_hu").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let made = image::open(site.root().join(format!("public/docs/trip/harbour_hu{src}"))).unwrap();
    assert_eq!((made.width(), made.height()), (10, 5));
    site.write("content/en/docs/trip/harbour.png", "no image");
    let said = site.run("build").code(1).stderr;
    assert!(said.contains("image-unreadable") && said.contains("index.md:5"), "{said}");
}

#[test]
fn html_pages_are_taken_as_they_are() {
    let body = "\n<!DOCTYPE html>\r\n<h2>*As* it is</h2>\r\n{{< note >}}\n&lt;b&gt;bold&lt;/b&gt; *text*\n{{< /note >}}{{% skew latestVersion %}}\n";
    let site = SiteTest::small()
        .file(
            "book.toml",
            "[book]\ntitle = \"Small\"\nlanguage = \"en\"\n\n[params]\nversion = \"v1.36\"\nlatest = \"v1.36\"\n",
        )
        .file("content/en/docs/old.html", format!("---\ntitle: Old\n---\n{body}"));
    let said = site.run("build").code(0).stderr;
    assert!(!said.contains("warning"), "{said}");
    let html = site.read("public/docs/old/index.html");
    assert!(html.contains("<h2>*As* it is</h2>\r\n"), "{html}");
    assert!(html.contains("<b>bold</b> *text*\n</div>\n1.36\n"), "{html}");
}

#[test]
fn a_page_that_names_products_of_others_says_so_once_below() {
    let site = SiteTest::empty().file("book.toml", "[book]\ntitle = \"T\"\nlanguage = \"en\"\n");
    let texts = [
        ("docs/a.md", "{{% thirdparty-content %}}"),
        ("docs/b.md", "None."),
        ("docs/_index.md", "{{% thirdparty-content %}}"),
        ("blog/c.md", "{{% thirdparty-content %}}"),
    ];
    for (path, text) in texts {
        site.write(&format!("content/en/{path}"), format!("---\ntitle: P\ndate: 2026-01-01\n---\n\n{text}\n"));
    }
    site.run("build").code(0);
    let count = |path: &str| site.read(path).matches("id=\"third-party-content-disclaimer\"").count();
    for (page, expected) in [("docs/a", 1), ("docs/b", 0), ("docs", 1), ("blog/c", 1)] {
        assert_eq!(count(&format!("public/{page}/index.html")), expected, "{page}");
    }
}
