//! `verify --bless`: what of a page is rewritten, and that nothing else is.
//!
//! Case files: `tests/fixtures/bless/<case>.md`, blocks behind headings `command`, `documented`, `stdout`,
//! `stderr`, `exit`, `facts` (YAML), `expected`, and `left` where the output stays as it is: words of the
//! reason.

use std::path::Path;
use std::sync::Arc;

use docbuild::config::{LoadOptions, load};
use docbuild::markdown::{self, Article};
use docbuild::shortcode::Registry;
use docbuild::site::{PageId, assemble};
use docbuild::source::{self, DiskFiles};
use docbuild::verify::bless::{Blessing, Sources, bless};
use docbuild::verify::model::{Report, Verdict};
use docbuild::verify::recording::Recording;
use docbuild::verify::{pages, run};
use serde_json::{Value, json};

use crate::support::{SiteTest, shared};
use crate::verify_mutation::{judged, other, tokens};
use crate::verify_seed::{self, PAGE};

const FILE: &str = "content/en/page.md";

struct Case {
    name: String,
    command: String,
    documented: String,
    expected: String,
    left: Option<String>,
    run: Value,
}

/// The fenced block behind a heading.
fn section<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("\n## {name}\n"))?;
    let (_, rest) = rest.split_once("~~~\n")?;
    Some(rest.split_once("~~~").map_or(rest, |(block, _)| block))
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bless");
    let mut cases = vec![];
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap) {
        if entry.file_type().is_file() {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            cases.push(case(&entry.file_name().to_string_lossy(), &text));
        }
    }
    assert!(cases.len() > 10, "no case files");
    cases
}

fn case(name: &str, text: &str) -> Case {
    let part = |name: &str| section(text, name).unwrap_or("").to_owned();
    let command = part("command").trim().to_owned();
    let exit: i32 = section(text, "exit").map_or(0, |exit| exit.trim().parse().unwrap());
    let facts: Value = match section(text, "facts") {
        Some(facts) => serde_yaml::from_str(facts).unwrap(),
        None => json!({"nodes": ["node1"], "runtime": "containerd"}),
    };
    let run = ran(&command, &part("stdout"), &part("stderr"), exit, &facts);
    let left = section(text, "left").map(|left| left.trim().to_owned());
    Case { name: name.to_owned(), documented: part("documented"), expected: part("expected"), command, left, run }
}

fn ran(command: &str, stdout: &str, stderr: &str, exit: i32, facts: &Value) -> Value {
    let attempt = json!({"stdout": stdout, "stderr": stderr, "exit": exit, "terminal": false, "ms": 1});
    json!({"line": 8, "text": command, "ran": command, "ended": {"how": "done"}, "attempts": [attempt], "facts": facts})
}

fn recording(path: &str, runs: &[Value]) -> Value {
    json!({
        "schema": "docbuild.recording/1",
        "docbuild": env!("CARGO_PKG_VERSION"),
        "recorded": "2026-01-02T03:04:05Z",
        "pages": [{"path": path, "commands": runs}],
    })
}

/// A page with one command and its output, fenced as is said.
fn page(command: &str, output: &str) -> String {
    format!(
        "---\ntitle: Page\n---\n\nRun it:\n\n```shell\n{command}\n```\n\nThe output is similar to this:\n\n```none\n{output}```\n\nThat's it.\n"
    )
}

/// A site's page blessed from a recording, in process: what is said, and the page after it.
fn blessed(site: &SiteTest, names: &[&str], recording: &Recording) -> (Report, Blessing) {
    let options =
        LoadOptions { root: Some(site.root().to_owned()), start: site.root().to_owned(), ..LoadOptions::default() };
    let config = Arc::new(load(&options).unwrap_or_else(|_| panic!("the configuration has an error")));
    let (source, _) = source::load(&config);
    let (assembled, _) = assemble(config, source);
    let (registry, _) = Registry::load(&assembled.config);
    let files = DiskFiles::new(&assembled.config.root);
    let context = markdown::Context { site: &assembled, files: &files, shortcodes: &registry, decorate: None };
    let parse = |id: PageId| -> Article { markdown::article(&context, id) };
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let ids = pages::select(&assembled, &names, &[]).unwrap();
    let prepared = pages::prepare(&assembled, &ids, &parse);
    let sources = Sources::read(site.root(), &prepared);
    let report = run::replay(&prepared, recording);
    let blessing = bless(&prepared, recording, &report, &sources);
    for change in &blessing.changes {
        sources.write(change).unwrap();
    }
    (report, blessing)
}

fn parsed(recording: &Value) -> Recording {
    Recording::parse(&recording.to_string()).unwrap()
}

/// Blesses a case's page; checks that a second time changes nothing and that what was blessed holds.
fn check(case: &Case, page: &str, expected: &str) -> Result<(), String> {
    let site = SiteTest::small().file(FILE, page);
    let recording = parsed(&recording(FILE, std::slice::from_ref(&case.run)));
    let (report, blessing) = blessed(&site, &[FILE], &recording);
    let verdict = report.pages[0].blocks.last().unwrap().verdict;
    if verdict != Some(Verdict::Drift) {
        return Err(format!("{}: nothing drifted: {:#?}", case.name, report.pages[0].blocks));
    }
    let found = site.read(FILE);
    if found != expected {
        return Err(format!("{}\n--- expected\n{expected}--- found\n{found}--- {blessing:#?}", case.name));
    }
    match (&case.left, blessing.left.as_slice()) {
        (None, []) => {}
        (Some(why), [left]) if left.text.contains(why.as_str()) => {}
        (_, left) => return Err(format!("{}: left {left:#?}", case.name)),
    }
    let (again, second) = blessed(&site, &[FILE], &recording);
    let output = again.pages[0].blocks.last().unwrap();
    let verdict = output.verdict;
    let holds = verdict == Some(Verdict::Pass) || output.is_of_environment();
    if !second.changes.is_empty() || holds != case.left.is_none() {
        return Err(format!("{}: the second time: {verdict:?} {second:#?} {:#?}", case.name, again.pages[0].blocks));
    }
    Ok(())
}

#[test]
fn case_files_become_what_they_say() {
    let wrong: Vec<String> = cases()
        .iter()
        .filter_map(|case| {
            check(case, &page(&case.command, &case.documented), &page(&case.command, &case.expected)).err()
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// The same in a list item, indented, with a mark at the file's head and other line ends.
#[test]
fn indentation_line_ends_and_marks_stay() {
    let around = |case: &Case, output: &str| {
        let lines: String = output
            .lines()
            .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("       {line}\n") })
            .collect();
        let text = format!(
            "\u{feff}---\ntitle: Page\n---\n\n1. Run it:\n\n   ```shell\n   {}\n   ```\n\n   The output is similar to this:\n\n{lines}\n   That's it.\n",
            case.command
        );
        text.replace('\n', "\r\n")
    };
    let mut wrong = vec![];
    // A blank line at the end of an indented block belongs to nothing.
    for case in cases().iter().filter(|case| case.left.is_none() && !case.documented.contains("\n\n")) {
        wrong.extend(check(case, &around(case, &case.documented), &around(case, &case.expected)).err());
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

fn simple() -> (String, Value) {
    let recording = recording(FILE, &[ran("kubectl get cm a", "one 2\nthree 4\n", "", 0, &json!({}))]);
    (page("kubectl get cm a", "one 2\nthree 3\n"), recording)
}

#[test]
fn a_diff_is_shown_and_nothing_written() {
    let (page, recording) = simple();
    let site = SiteTest::small().file(FILE, &page).file("recording.json", recording.to_string());
    let ran = site.run(&format!("verify --replay recording.json --bless --diff {FILE}")).code(0);
    assert_eq!(
        ran.stdout,
        "--- a/content/en/page.md\n+++ b/content/en/page.md\n@@ -12,7 +12,7 @@\n \n ```none\n one 2\n-three 3\n+three 4\n ```\n \n That's it.\n"
    );
    assert_eq!(site.read(FILE), page);
    let ran = site.run(&format!("verify --replay recording.json --bless {FILE}")).code(0);
    assert!(ran.stderr.contains("blessed content/en/page.md:15: `three 3` is now `three 4`"), "{}", ran.stderr);
    assert_eq!(site.read(FILE), page.replace("three 3", "three 4"));
    site.run(&format!("verify --replay recording.json {FILE}")).code(0);
    let ran = site.run(&format!("verify --replay recording.json --bless --diff {FILE}")).code(0);
    assert_eq!(ran.stdout, "", "there is nothing more to bless");
}

#[test]
fn what_a_baseline_knows_stays_as_it_is() {
    let (page, recording) = simple();
    let site = SiteTest::small().file(FILE, &page).file("recording.json", recording.to_string());
    site.run(&format!("verify --replay recording.json --write-baseline known.toml {FILE}")).code(1);
    let ran = site.run(&format!("verify --replay recording.json --bless --baseline known.toml {FILE}")).code(0);
    assert!(!ran.stderr.contains("left"), "{}", ran.stderr);
    assert_eq!(site.read(FILE), page);
}

#[test]
fn what_is_left_is_said_with_its_place_and_fails() {
    let (_, mut recording) = simple();
    let page = page("kubectl get cm a", "one 2\nthree 3\n") + "\nThen:\n\n```shell\nkubectl delete cm b\n```\n";
    let mut failed = ran("kubectl delete cm b", "", "error: no\u{1b}[31m\n", 1, &json!({}));
    failed["line"] = json!(22);
    recording["pages"][0]["commands"].as_array_mut().unwrap().push(failed);
    recording["pages"][0]["commands"][0]["attempts"][0]["stdout"] = json!("one 2\nthree {{< x >}}\n");
    let site = SiteTest::small().file(FILE, &page).file("recording.json", recording.to_string());
    let ran = site.run(&format!("verify --replay recording.json --bless {FILE}")).code(1);
    assert!(
        ran.stderr.contains("left content/en/page.md:15: what came has the marks of a shortcode"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("left content/en/page.md:23: a failure is never blessed"), "{}", ran.stderr);
    assert_eq!(site.read(FILE), page);
}

#[test]
fn a_file_that_is_no_longer_what_was_parsed_is_not_written() {
    let (page, recording) = simple();
    let site = SiteTest::small().file(FILE, &page);
    let (_, blessing) = blessed(&site, &[FILE], &parsed(&recording));
    let change = &blessing.changes[0];
    site.write(FILE, page.replace("That's it.", "That was it."));
    let sources = Sources::read(site.root(), &[]);
    assert!(sources.write(change).is_err());
    assert!(site.read(FILE).contains("That was it.") && site.read(FILE).contains("three 3"));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_site_is_not_followed_and_rights_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let (page, recording) = simple();
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("page.md");
    std::fs::write(&target, &page).unwrap();
    let site = SiteTest::small().file("recording.json", recording.to_string());
    std::os::unix::fs::symlink(&target, site.root().join(FILE)).unwrap();
    site.run(&format!("verify --replay recording.json --bless {FILE}"));
    assert_eq!(std::fs::read_to_string(&target).unwrap(), page);

    std::fs::remove_file(site.root().join(FILE)).unwrap();
    site.write(FILE, &page);
    let rights = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(site.root().join(FILE), rights).unwrap();
    site.run(&format!("verify --replay recording.json --bless {FILE}")).code(0);
    let mode = std::fs::metadata(site.root().join(FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    let left: Vec<_> = std::fs::read_dir(site.root().join("content/en")).unwrap().flatten().collect();
    assert_eq!(left.len(), 2, "a temporary file is left: {left:?}");
}

#[test]
fn an_included_file_is_blessed_once_where_it_is() {
    let (page, recording) = simple();
    let block = "```none\none 2\nthree 3\n```\n";
    let site = SiteTest::small()
        .file("content/en/includes/index.md", "---\nheadless: true\n---\n")
        .file("content/en/includes/out.md", block)
        .file(FILE, page.replace(block, "{{< include \"out.md\" >}}\n"));
    site.write("content/en/other.md", site.read(FILE));
    let (_, blessing) = blessed(&site, &[FILE, "content/en/other.md"], &parsed(&recording));
    assert_eq!(blessing.left, []);
    assert_eq!(blessing.changes.len(), 1);
    assert_eq!(site.read("content/en/includes/out.md"), block.replace("three 3", "three 4"));
}

#[test]
fn the_output_in_a_transcript_is_blessed() {
    let page =
        "---\ntitle: Page\n---\n\n```console\n$ kubectl get cm a\none 2\nthree 3\n$ kubectl get cm b\nfour\n```\n";
    let runs = [
        ran("kubectl get cm a", "one 2\nthree 4\nfive\n", "", 0, &json!({})),
        ran("kubectl get cm b", "four\n", "", 0, &json!({})),
    ];
    let site = SiteTest::small().file(FILE, page);
    let (_, blessing) = blessed(&site, &[FILE], &parsed(&recording(FILE, &runs)));
    assert_eq!(blessing.left, []);
    assert_eq!(site.read(FILE), page.replace("three 3\n", "three 4\nfive\n"));
}

/// The seed page and its original: the findings of "The seed page, worked" go, each in its own file, and
/// nothing but their lines changes.
#[test]
fn the_seed_page_is_blessed_in_both_languages() {
    let Some(seed) = verify_seed::seed() else { return };
    let site = verify_seed::site(&seed);
    site.write(&format!("content/en/{PAGE}"), verify_seed::english(&seed));
    site.write("recording.json", verify_seed::RECORDING);
    let pages = format!("content/ja/{PAGE} content/en/{PAGE}");
    site.run(&format!("verify --replay recording.json --bless {pages}")).code(0);
    let expected =
        |text: &str| {
            text.replacen("      containerStatuses:\n", "    status:\n      ...\n      containerStatuses:\n", 1)
                .replacen("        lastState:\n", "        state:\n", 1)
        };
    assert_eq!(site.read(&format!("content/ja/{PAGE}")), expected(&seed));
    assert_eq!(site.read(&format!("content/en/{PAGE}")), expected(&verify_seed::english(&seed)));
    site.run(&format!("verify --replay recording.json --report json=report.json {pages}")).code(0);
    let report = verify_seed::report(&site.read("report.json"));
    assert!(report.pages.iter().all(|page| page.verdict == Some(Verdict::Pass)));
    let before = site.read(&format!("content/ja/{PAGE}"));
    site.run(&format!("verify --replay recording.json --bless {pages}")).code(0);
    assert_eq!(site.read(&format!("content/ja/{PAGE}")), before, "a second time changes nothing");
}

/// Recorded outputs as pages document them, with one token of each changed: the token comes back, and
/// every other byte is as it was.
#[test]
fn a_changed_token_comes_back_and_nothing_else_changes() {
    let Some(folder) = shared("truth/recordings") else { return };
    let all = std::env::var_os("DOCBUILD_ALL_MUTATIONS").is_some();
    let (mut tried, mut wrong, mut left, mut number) = (0, vec![], vec![], 0);
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap) {
        if !entry.file_type().is_file() {
            continue;
        }
        let commands: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(entry.path()).unwrap()).unwrap();
        for command in commands {
            let (text, stdout) = (command["command"].as_str().unwrap_or(""), command["stdout"].as_str().unwrap_or(""));
            let fits = command["exit"] == 0 && !text.contains('\n') && stdout.ends_with('\n');
            if !fits || stdout.len() > 6_000 || stdout.contains("```") || stdout.contains(['\u{1b}', '\r']) {
                continue;
            }
            number += 1;
            if !all && number % 9 != 0 {
                continue;
            }
            let recording =
                recording(FILE, &[ran(text, stdout, "", 0, &json!({"nodes": ["node1"], "runtime": "containerd"}))]);
            let one = Mutated { command: text, stdout, recording: parsed(&recording) };
            let places = stdout.lines().count().max(1);
            for index in 0..if all { 6 } else { 2 } {
                match one.check(places * (2 * index + 1) / if all { 12 } else { 4 }) {
                    Outcome::Back => tried += 1,
                    Outcome::NothingToSay => {}
                    Outcome::Left(why) => left.push(format!("{text}: {why}")),
                    Outcome::Wrong(why) => wrong.push(format!("{text}: {why}")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{tried} came back, {} did not\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 20 && left.len() * 10 <= tried, "{tried} came back, {} were left\n{}", left.len(), left.join("\n"));
}

struct Mutated<'c> {
    command: &'c str,
    stdout: &'c str,
    recording: Recording,
}

enum Outcome {
    Back,
    /// The token is free, or the page is not read as a command and its output.
    NothingToSay,
    Left(String),
    Wrong(String),
}

impl Mutated<'_> {
    fn check(&self, line: usize) -> Outcome {
        let original = page(self.command, self.stdout);
        let lines: Vec<&str> = self.stdout.lines().collect();
        let Some(text) = lines.get(line) else { return Outcome::NothingToSay };
        let words = tokens(text);
        let Some((start, word)) = words.get(line % words.len().max(1)) else { return Outcome::NothingToSay };
        let Some((at, old)) = word.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()).nth(word.len() / 3) else {
            return Outcome::NothingToSay;
        };
        let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        changed[line].replace_range(start + at..start + at + 1, &other(old).to_string());
        let mutated = page(self.command, &(changed.join("\n") + "\n"));
        let site = SiteTest::small().file(FILE, &mutated);
        let report = judged(&site, FILE, &self.recording);
        let Some(output) = report.pages[0].blocks.get(1) else { return Outcome::NothingToSay };
        if output.verdict != Some(Verdict::Drift) {
            return Outcome::NothingToSay;
        }
        let (_, blessing) = blessed(&site, &[FILE], &self.recording);
        let found = site.read(FILE);
        match blessing.left.first() {
            _ if found == original => Outcome::Back,
            Some(left) if found == mutated => Outcome::Left(format!("`{}`: {}", changed[line], left.text)),
            _ => Outcome::Wrong(format!("`{}` for `{text}`: {:#?}", changed[line], blessing.blessed)),
        }
    }
}
