//! The documents name what is there: files, commands, flags; and the manual's languages agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::SiteTest;

/// A file of the repository, by its path from the root.
#[track_caller]
fn repository_file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The Markdown files below a folder of the repository, as paths from that folder.
fn markdown_files(folder: &str) -> BTreeSet<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    walkdir::WalkDir::new(&root)
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "md"))
        .map(|entry| entry.path().strip_prefix(&root).unwrap().to_owned())
        .collect()
}

/// The destinations of the inline links of a Markdown text, code left out.
fn links(text: &str) -> Vec<String> {
    use pulldown_cmark::{Event, Parser, Tag};
    Parser::new(text)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.to_string()),
            _ => None,
        })
        .collect()
}

#[test]
fn links_of_the_developers_documents_lead_to_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents: Vec<PathBuf> = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(PathBuf::from).to_vec();
    documents.extend(markdown_files("docs").into_iter().map(|path| Path::new("docs").join(path)));
    let mut broken = vec![];
    let mut seen = 0;
    for document in &documents {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        for link in links(&text) {
            if link.contains("://") || link.starts_with('#') {
                continue;
            }
            seen += 1;
            let target = link.split('#').next().unwrap();
            if !root.join(document).parent().unwrap().join(target).exists() {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(seen > 10, "the test found only {seen} links: it looks in the wrong place");
    assert_eq!(broken, Vec::<String>::new(), "links to files that are not there");
}

#[test]
fn every_decision_is_in_the_list() {
    let list = repository_file("docs/dev/decisions/README.md");
    for decision in markdown_files("docs/dev/decisions") {
        let name = decision.to_str().unwrap();
        assert!(name == "README.md" || list.contains(&format!("]({name})")), "{name} is not in the list of decisions");
    }
}

#[test]
fn the_manual_has_the_same_pages_in_each_language() {
    assert_eq!(markdown_files("content/en"), markdown_files("content/ja"));
}

/// The code blocks of a page that a reader types or compares: those of pages that are verified.
fn code_blocks(text: &str) -> Vec<String> {
    use pulldown_cmark::{Event, Parser, Tag, TagEnd};
    let body = text.splitn(3, "---\n").nth(2).unwrap_or(text);
    let mut blocks = vec![];
    let mut open: Option<String> = None;
    for event in Parser::new(body) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => open = Some(String::new()),
            Event::Text(text) => {
                if let Some(block) = &mut open {
                    block.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

#[test]
fn translations_of_verified_pages_have_the_code_of_their_original() {
    let mut seen = 0;
    for folder in ["docs/tasks", "docs/tutorials"] {
        for page in markdown_files(&format!("content/en/{folder}")) {
            let page = format!("{folder}/{}", page.display());
            let english = code_blocks(&repository_file(&format!("content/en/{page}")));
            let japanese = code_blocks(&repository_file(&format!("content/ja/{page}")));
            assert_eq!(english, japanese, "{page}");
            seen += english.len();
        }
    }
    assert!(seen > 20, "only {seen} code blocks");
}

/// The names below `Commands:` in a help text.
fn commands_in_help(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// The long flags in a help text: the words that begin with `--` where an option is defined.
fn flags_in_help(help: &str) -> BTreeSet<String> {
    help.lines()
        .map(str::trim_start)
        .filter(|line| line.starts_with('-'))
        .filter_map(|line| line.split([' ', ',', '=']).find(|word| word.starts_with("--") && word.len() > 2))
        .map(|flag| flag.trim_end_matches("...").to_owned())
        .collect()
}

/// The sections of the command page: `## name {#name}` -> its text.
fn sections(text: &str) -> BTreeMap<String, String> {
    text.split("\n## ")
        .skip(1)
        .filter_map(|section| {
            let id = section.lines().next()?.split("{#").nth(1)?.strip_suffix('}')?;
            Some((id.to_owned(), section.to_owned()))
        })
        .collect()
}

#[test]
fn every_command_and_flag_is_in_the_manual() {
    let site = SiteTest::empty();
    let commands = commands_in_help(&site.run("--help").code(0).stdout);
    let global = flags_in_help(&site.run("--help").code(0).stdout);
    let mut missing = vec![];
    for language in ["en", "ja"] {
        let page = repository_file(&format!("content/{language}/docs/commands.md"));
        let sections = sections(&page);
        for flag in global.iter().filter(|flag| *flag != "--help" && *flag != "--version") {
            if !sections["global"].contains(flag) {
                missing.push(format!("{language}: {flag}"));
            }
        }
        for command in &commands {
            let Some(section) = sections.get(command) else {
                missing.push(format!("{language}: {command}"));
                continue;
            };
            let help = site.run(&format!("{command} --help")).code(0).stdout;
            let mut nested = vec![(command.clone(), help.clone())];
            for sub in commands_in_help(&help) {
                if !section.contains(&format!("`docbuild {command} {sub}")) {
                    missing.push(format!("{language}: {command} {sub}"));
                }
                nested.push((format!("{command} {sub}"), site.run(&format!("{command} {sub} --help")).code(0).stdout));
            }
            for (name, help) in nested {
                for flag in flags_in_help(&help).iter().filter(|flag| *flag != "--help" && !global.contains(*flag)) {
                    if !section.contains(&format!("`{flag}")) && !section.contains(&format!("{flag}`")) {
                        missing.push(format!("{language}: {name} {flag}"));
                    }
                }
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new(), "not in the manual's page of commands");
}

#[test]
fn the_manual_names_no_command_that_is_not_there() {
    let site = SiteTest::empty();
    let commands: BTreeSet<String> = commands_in_help(&site.run("--help").code(0).stdout).into_iter().collect();
    for language in ["en", "ja"] {
        let page = repository_file(&format!("content/{language}/docs/commands.md"));
        for (id, section) in sections(&page) {
            if id == "global" {
                continue;
            }
            assert!(commands.contains(&id), "{language}: `docbuild {id}` is in the manual and not in --help");
            let help = site.run(&format!("{id} --help")).code(0).stdout;
            let known: BTreeSet<String> = flags_in_help(&help)
                .into_iter()
                .chain(
                    commands_in_help(&help)
                        .iter()
                        .flat_map(|sub| flags_in_help(&site.run(&format!("{id} {sub} --help")).code(0).stdout)),
                )
                .collect();
            for line in section.lines().filter(|line| line.starts_with("| `--")) {
                let cell = line.split('|').nth(1).unwrap();
                for flag in cell.split('`').filter(|code| code.starts_with("--")) {
                    let flag = flag.split([' ', '[', '=']).next().unwrap();
                    assert!(
                        known.contains(flag),
                        "{language}: `docbuild {id} {flag}` is in the manual and not in --help"
                    );
                }
            }
        }
    }
}

#[test]
fn the_manual_builds_without_a_warning() {
    let site = SiteTest::empty();
    let output = site.root().join("public");
    let ran = site.run(&format!("build --strict --root {} --output {}", env!("CARGO_MANIFEST_DIR"), output.display()));
    let ran = ran.code(0);
    assert!(output.join("ja/docs/tasks/shared-volume/index.html").exists(), "{}", ran.stderr);
}

#[test]
fn the_manual_holds_against_its_recording() {
    let site = SiteTest::empty();
    let root = env!("CARGO_MANIFEST_DIR");
    let ran =
        site.run(&format!("verify --root {root} --replay {root}/recordings/manual.json --lang en --lang ja")).code(0);
    assert!(
        ran.stdout.starts_with("REPLAY: ") && ran.stdout.trim_end().lines().last().unwrap().starts_with("REPLAY: ")
    );
    for page in ["shared-volume", "deployment-service", "job-configmap"] {
        for language in ["en", "ja"] {
            let passed = format!("pass content/{language}/docs/tasks/{page}.md");
            assert!(ran.stdout.contains(&passed), "{}", ran.stdout);
        }
    }
    assert!(!ran.stdout.contains(" skip"), "{}", ran.stdout);
}

#[test]
fn every_key_of_the_configuration_is_in_the_manual() {
    // The keys as the reader of `book.toml` asks for them.
    let reader = repository_file("src/config/book.rs");
    let asked = regex::Regex::new(r#"\(&?(?:mut )?reader, "([a-z-]+)"|\.tables?\(reader, "([a-z-]+)"\)"#).unwrap();
    let keys: BTreeSet<&str> =
        asked.captures_iter(&reader).map(|found| found.get(1).or(found.get(2)).unwrap().as_str()).collect();
    assert!(keys.len() > 20 && keys.contains("base-url") && keys.contains("pages-config"), "{keys:?}");
    for language in ["en", "ja"] {
        let page = repository_file(&format!("content/{language}/docs/configuration.md"));
        let missing: Vec<_> = keys
            .iter()
            .filter(|key| !page.contains(&format!("| `{key}` |")) && !page.contains(&format!("## [{key}")))
            .collect();
        assert!(missing.is_empty(), "{language}: not in the manual: {missing:?}");
    }
}

#[test]
fn every_built_in_shortcode_is_in_the_manual() {
    use docbuild::shortcode::parser::Names as _;
    let registry = docbuild::shortcode::Registry::built_in();
    let names = registry.all();
    assert!(names.len() > 10, "{names:?}");
    for language in ["en", "ja"] {
        let page = repository_file(&format!("content/{language}/docs/shortcodes.md"));
        let described: BTreeSet<&str> = page
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .flat_map(|heading| heading.split([',', '、', ' ']))
            .map(str::trim)
            .collect();
        let missing: Vec<_> = names.iter().filter(|name| !described.contains(*name) && **name != "code").collect();
        assert!(missing.is_empty(), "{language}: no section for {missing:?}");
    }
}

#[test]
fn documents_that_the_code_names_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = regex::Regex::new(r"docs/dev/[a-z0-9/-]+\.md").unwrap();
    for entry in walkdir::WalkDir::new(root.join("src")) {
        let entry = entry.unwrap();
        if entry.path().extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        for found in named.find_iter(&text) {
            assert!(root.join(found.as_str()).exists(), "{} names {}", entry.path().display(), found.as_str());
        }
    }
}

#[test]
fn make_has_the_targets_that_documents_name() {
    let makefile = repository_file("Makefile");
    let targets: BTreeSet<&str> = makefile.lines().filter_map(|line| line.split_once(": ##")).map(|it| it.0).collect();
    assert!(targets.contains("demo") && targets.contains("test"), "{targets:?}");
    for document in ["README.md", "CONTRIBUTING.md", "content/en/docs/getting-started.md", "docs/dev/benchmarks.md"] {
        for named in repository_file(document).split("make ").skip(1) {
            let named: &str = named.split(|c: char| !(c.is_ascii_lowercase() || c == '-')).next().unwrap();
            // `make` is also an English word: only what code marks as a command counts.
            let in_code = repository_file(document).contains(&format!("`make {named}`"))
                || repository_file(document).contains(&format!("\nmake {named} "));
            assert!(!in_code || targets.contains(named), "{document} names `make {named}`");
        }
    }
}

#[test]
fn scripts_are_plain_shell() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut scripts: Vec<PathBuf> =
        std::fs::read_dir(root.join("tools")).unwrap().map(|it| it.unwrap().path()).collect();
    scripts.push(root.join(".ci/run"));
    assert!(scripts.len() > 3);
    for script in scripts {
        let status = std::process::Command::new("sh").arg("-n").arg(&script).status().unwrap();
        assert!(status.success(), "{}", script.display());
    }
}

#[test]
fn the_manual_names_the_rust_version_of_the_manifest() {
    let manifest: toml::Table = repository_file("Cargo.toml").parse().unwrap();
    let book: toml::Table = repository_file("book.toml").parse().unwrap();
    let wanted = manifest["package"]["rust-version"].as_str().unwrap();
    assert_eq!(book["params"]["rust_version"].as_str().unwrap(), wanted);
    assert!(repository_file("README.md").contains(&format!("Rust ({wanted} or newer)")));
}
