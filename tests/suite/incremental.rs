//! The cache on disk: what a build makes with what the last one left is what a build afresh makes.

use crate::support::{SiteTest, corpus_part, files};

fn site() -> SiteTest {
    SiteTest::empty()
        .file(
            "book.toml",
            "[book]\ntitle = \"T\"\nlanguage = \"en\"\n\n[build]\nexamples-dir = \"examples\"\n\n\
             [languages.ja]\nname = \"日本語\"\ntitle = \"題\"\n",
        )
        .file("content/en/_index.md", "---\ntitle: Home\n---\n")
        .file("content/en/docs/_index.md", "---\ntitle: Docs\n---\n")
        .file("content/en/docs/a.md", "---\ntitle: A\n---\n\n{{< include \"part.md\" >}}\n")
        .file("content/en/docs/b.md", "---\ntitle: B\n---\n\n{{% code_sample file=\"x.yaml\" %}}\n")
        .file("content/en/docs/c.md", "---\ntitle: C\n---\n\n{{< own >}}\n\n[nowhere](/docs/none/)\n")
        .file("content/en/docs/later.md", "---\ntitle: Later\ndate: 2026-05-01T08:00:00Z\n---\n\nLater.\n")
        .file("content/en/includes/index.md", "---\nheadless: true\n---\n")
        .file("content/en/includes/part.md", "Part one.\n")
        .file("content/ja/_index.md", "---\ntitle: ホーム\n---\n")
        .file("content/ja/docs/_index.md", "---\ntitle: 文書\n---\n")
        .file("content/ja/docs/a.md", "---\ntitle: あ\n---\n\n本文\n")
        .file("examples/x.yaml", "a: 1\n")
        .file("data/d.yaml", "a: 1\n")
        .file("i18n/ja.toml", "theme_next = \"次\"\n")
        .file("layouts/shortcodes/own.html", "<b>own</b>")
        .file("layouts/partials/footer.html", "<footer>one</footer>")
        .file("static/s.txt", "one\n")
}

/// Builds with the cache and afresh elsewhere, and compares files and messages.
fn agrees(site: &SiteTest, clock: &str, what: &str) -> String {
    let warm = site.run(&format!("build --clock {clock}"));
    let cold = site.run(&format!("build --clock {clock} --no-cache --output cold"));
    assert_eq!(warm.code, cold.code, "{what}: {}\n{}", warm.stderr, cold.stderr);
    let said = |stderr: &str| {
        let lines = stderr.lines().filter(|line| !line.starts_with("built ") && !line.starts_with("nothing changed"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(said(&warm.stderr), said(&cold.stderr), "{what}");
    if warm.code == 0 {
        let (warm, cold) = (files(&site.root().join("public")), files(&site.root().join("cold")));
        assert_eq!(warm.keys().collect::<Vec<_>>(), cold.keys().collect::<Vec<_>>(), "{what}");
        for (path, bytes) in &warm {
            assert!(bytes == &cold[path], "{what}: {path} differs");
        }
    }
    warm.stderr
}

#[test]
fn a_warm_build_gives_what_a_cold_one_gives() {
    const NOW: &str = "2026-04-25T12:00:00Z";
    let site = site();
    agrees(&site, NOW, "the first build");
    assert!(agrees(&site, NOW, "nothing").contains("nothing changed"));
    let edits: [(&str, Option<&str>); 16] = [
        ("content/en/docs/b.md", Some("---\ntitle: B\n---\n\nOther text.\n")),
        ("content/en/docs/b.md", Some("---\ntitle: Bee\n---\n\nOther text.\n")),
        ("content/en/includes/part.md", Some("Part two.\n")),
        ("content/en/docs/b.md", Some("---\ntitle: Bee\n---\n\n{{% code_sample file=\"x.yaml\" %}}\n")),
        ("examples/x.yaml", Some("a: 2\n")),
        ("data/d.yaml", Some("a: 2\n")),
        ("i18n/ja.toml", Some("theme_next = \"つぎ\"\n")),
        ("layouts/partials/footer.html", Some("<footer>two</footer>")),
        ("layouts/shortcodes/own.html", Some("<b>other</b>")),
        ("static/s.txt", Some("two\n")),
        ("content/en/docs/c.md", Some("---\ntitle: C\n---\n\n{{< none >}}\n")),
        ("content/en/docs/c.md", Some("---\ntitle: C\n---\n\nNo more.\n")),
        ("content/en/docs/new.md", Some("---\ntitle: New\n---\n\nNew.\n")),
        ("content/en/docs/new.md", None),
        ("content/ja/docs/b.md", Some("---\ntitle: び\n---\n\n本文\n")),
        ("book.toml", Some("[book]\ntitle = \"U\"\nlanguage = \"en\"\n\n[build]\nexamples-dir = \"examples\"\n")),
    ];
    for (path, text) in edits {
        match text {
            Some(text) => site.write(path, text),
            None => std::fs::remove_file(site.root().join(path)).unwrap(),
        }
        let what = format!("{path}: {text:?}");
        agrees(&site, NOW, &what);
        agrees(&site, NOW, &format!("nothing after {what}"));
    }
    std::fs::rename(site.root().join("content/en/docs/b.md"), site.root().join("content/en/docs/z.md")).unwrap();
    agrees(&site, NOW, "a renamed page");
}

#[test]
fn what_the_site_has_itself_stays_in_a_warm_build() {
    const NOW: &str = "2026-04-25T12:00:00Z";
    let site = site();
    site.write(
        "book.toml",
        "[book]\ntitle = \"T\"\nlanguage = \"en\"\n[outputs]\nsection = [\"html\", \"rss\", \"print\"]\n",
    );
    site.write("static/docs/_print/index.html", "own");
    site.write("content/en/docs/feed.xml", "own");
    site.write("content/en/docs/b.md", "---\ntitle: B\n---\n");
    agrees(&site, NOW, "the first build");
    site.write("content/en/docs/b.md", "---\ntitle: B\n---\n\nText.\n");
    agrees(&site, NOW, "an edit");
    assert_eq!(site.read("public/docs/_print/index.html"), "own");
    assert_eq!(site.read("public/docs/feed.xml"), "own");
}

#[test]
fn a_made_image_goes_with_its_last_use() {
    const NOW: &str = "2026-04-25T12:00:00Z";
    const WITH: &str = "---\ntitle: P\n---\n\n{{< imgproc web Fill \"2x2\" >}}x{{< /imgproc >}}\n";
    let site = site();
    site.write("content/en/docs/p/index.md", WITH);
    site.write("content/en/docs/q/index.md", "---\ntitle: Q\n---\n");
    for page in ["p", "q"] {
        image::RgbImage::new(4, 4).save(site.root().join(format!("content/en/docs/{page}/web.png"))).unwrap();
    }
    let made = || files(&site.root().join("public")).keys().filter(|path| path.contains("web_hu")).count();
    agrees(&site, NOW, "the first build");
    assert_eq!(made(), 1);
    site.write("content/en/docs/q/index.md", WITH.replace("P", "Q"));
    agrees(&site, NOW, "a page uses one more");
    assert_eq!(made(), 2);
    site.write("content/en/docs/p/index.md", "---\ntitle: P\n---\n\nNone.\n");
    agrees(&site, NOW, "a page uses none any more");
    assert_eq!(made(), 1);
}

#[test]
fn a_global_file_is_taken_anew_wherever_its_folder_is() {
    const NOW: &str = "2026-04-25T12:00:00Z";
    let site = SiteTest::empty()
        .file("hugo.toml", "title = \"T\"\nassetDir = \"global\"\n")
        .file("content/_index.md", "---\ntitle: Home\n---\n\n![A drawing](pictures/a.svg)\n")
        .file("global/pictures/a.svg", "<svg/>");
    agrees(&site, NOW, "the first build");
    site.write("global/pictures/a.svg", "<svg></svg>");
    agrees(&site, NOW, "another drawing");
    assert_eq!(site.read("public/pictures/a.svg"), "<svg></svg>");
}

#[test]
fn the_clock_makes_pages_come_and_a_cache_knows() {
    let site = site();
    agrees(&site, "2026-05-01T07:00:00Z", "before");
    assert!(!site.root().join("public/docs/later").exists());
    assert!(agrees(&site, "2026-05-01T07:59:59Z", "still before").contains("nothing changed"));
    agrees(&site, "2026-05-01T08:00:01Z", "after");
    assert!(site.root().join("public/docs/later/index.html").exists());
    agrees(&site, "2026-05-01T07:00:00Z", "back");
    assert!(!site.root().join("public/docs/later").exists());
    site.write("content/en/docs/later.md", "---\ntitle: Later\nexpirydate: 2026-05-01T08:00:00Z\n---\n");
    agrees(&site, "2026-05-01T08:00:00Z", "at its end");
    assert!(site.root().join("public/docs/later").exists());
    agrees(&site, "2026-05-01T08:00:01Z", "behind its end");
    assert!(!site.root().join("public/docs/later").exists());
}

#[test]
fn files_of_the_site_that_somebody_touched_are_mended() {
    let site = site();
    site.run("build").code(0);
    let page = "public/docs/a/index.html";
    let good = site.read(page);
    for change in ["", "x"] {
        site.write(page, change);
        site.run("build").code(0);
        assert_eq!(site.read(page), good);
        site.run("build").code(0);
    }
    std::fs::remove_file(site.root().join(page)).unwrap();
    site.run("build").code(0);
    assert_eq!(site.read(page), good);
}

#[test]
fn a_cache_with_anything_in_it_is_none() {
    let site = site();
    let now = "2026-04-25T12:00:00Z";
    agrees(&site, now, "first");
    let folder = site.root().join(".docbuild/cache");
    let record = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let records: Vec<_> = record.map(|path| (std::fs::read(&path).unwrap(), path)).collect();
    assert!(!records.is_empty());
    for (bytes, path) in &records {
        let middle = bytes.len() / 2;
        let mut flipped = bytes.clone();
        flipped[middle] ^= 1;
        for damaged in [&flipped, &bytes[..middle].to_vec(), &vec![], &vec![0; 1000], &b"docbuild.build/1\nx".to_vec()]
        {
            std::fs::write(path, damaged).unwrap();
            assert!(!agrees(&site, now, "damaged").contains("nothing changed"));
            assert!(agrees(&site, now, "mended").contains("nothing changed"));
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "no folder").unwrap();
    agrees(&site, now, "a file is in the way of the cache");
}

/// One language of a large site, and what it takes from the language it is translated from.
#[test]
fn a_part_of_the_corpus_is_the_same_from_a_cache_and_from_one_thread() {
    let parts = ["hugo.toml", "data", "i18n", "assets", "content/en", "content/fr"];
    let Some(site) = corpus_part(&parts) else { return };
    let build = |output: &str, threads: &str, cache: &str| {
        let mut command = site.command();
        command.env("RAYON_NUM_THREADS", threads).args(["--quiet", "build", "--clock", "2026-04-25T12:00:00Z"]);
        command.args(["--lang", "fr", "--output", output]).args(cache.split_whitespace());
        site.finish(command).code(0);
        files(&site.root().join(output))
    };
    let first = build("warm", "2", "");
    assert!(first.len() > 300, "{} files", first.len());
    for page in ["content/fr/docs/concepts/_index.md", "content/fr/docs/concepts/overview/components.md"] {
        site.write(page, format!("{}\nOne more line.\n", site.read(page)));
    }
    let (warm, cold) = (build("warm", "2", ""), build("cold", "1", "--no-cache"));
    assert_eq!(warm.keys().collect::<Vec<_>>(), cold.keys().collect::<Vec<_>>());
    for (path, bytes) in &warm {
        assert!(bytes == &cold[path], "{path} differs");
    }
    assert!(warm != first);
    assert!(build("warm", "1", "") == cold);
}
