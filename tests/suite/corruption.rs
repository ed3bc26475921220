//! Pages with one byte wrong, each built as a part of a site.
//!
//! Every build ends with a site, or with errors that have a place. What is corrupted and how follows from a
//! seed, which a failure prints. A few dozen run always, on pages of our own and on those of the corpus where it is there;
//! `DOCBUILD_CORRUPTIONS=1000` (and `DOCBUILD_SEED=N`) says how many (`docs/dev/robustness.md`).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use docbuild::config::{self, LoadOptions};
use docbuild::diagnostics::Severity;
use docbuild::diagnostics::render::{Style, render as render_text};
use docbuild::render::verdicts::Verdicts;
use docbuild::render::{self, Memory};

use crate::support::{SiteTest, corpus};

/// Longer than this no build of a handful of pages takes, on a busy machine and without optimisation.
const LONGEST_BUILD: Duration = Duration::from_secs(60);

/// Numbers that follow from a seed (Knuth's MMIX generator, its upper half).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

/// A place of some kind: anywhere, in the front matter, at a sign of a shortcode.
fn place(bytes: &[u8], random: &mut Random) -> usize {
    let at = random.below(bytes.len());
    let front_matter = memchr::memmem::find(bytes.get(4..).unwrap_or_default(), b"\n---").map_or(0, |end| end + 8);
    match random.below(4) {
        0 if front_matter > 0 => random.below(front_matter),
        1 => {
            let tags: Vec<_> = memchr::memmem::find_iter(bytes, b"{{").collect();
            if tags.is_empty() { at } else { tags[random.below(tags.len())] + random.below(24) }
        }
        _ => at,
    }
    .min(bytes.len().saturating_sub(1))
}

/// One byte changed, and how.
fn corrupt(bytes: &[u8], random: &mut Random) -> (Vec<u8>, String) {
    let at = place(bytes, random);
    let mut made = bytes.to_vec();
    if made.is_empty() {
        return (vec![random.byte()], "one byte in an empty file".to_owned());
    }
    const SIGNS: &[u8] = b"\"'`{}<>%/\\\n\r\t:-#|[]()*_~&=!\0";
    let what = match random.below(7) {
        0 => {
            made[at] ^= 1 << random.below(8);
            "a bit is flipped"
        }
        1 => {
            made.remove(at);
            "a byte is missing"
        }
        2 => {
            made.insert(at, SIGNS[random.below(SIGNS.len())]);
            "a sign is put in"
        }
        3 => {
            made[at] = SIGNS[random.below(SIGNS.len())];
            "a byte is a sign"
        }
        4 => {
            made.truncate(at);
            "the end is missing"
        }
        5 => {
            made[at] = 0x80 | random.byte();
            "a byte is no UTF-8"
        }
        _ => {
            made.insert(at, random.byte());
            "any byte is put in"
        }
    };
    (made, format!("{what} at {at} of {}", bytes.len()))
}

/// Builds the site in a folder; what is wrong with how that ended.
fn build(root: &Path) -> Result<(), String> {
    let started = Instant::now();
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let clock = "2026-04-25T12:00:00Z".parse().ok();
        let options = LoadOptions { root: Some(root.to_owned()), clock, ..LoadOptions::default() };
        let config = config::load(&options).map_err(|said| said.sorted())?;
        let built = render::build(&Arc::new(config), &Verdicts::default(), &Memory::default());
        let said = built.diagnostics.sorted();
        said.iter().for_each(|said| drop(render_text(said, Style::default())));
        Ok::<_, Vec<_>>(said)
    }));
    let said = match ended {
        Ok(Ok(said) | Err(said)) => said,
        Err(_) => return Err("it panics".to_owned()),
    };
    if let Some(error) = said.iter().find(|said| said.severity == Severity::Error && said.place.is_none()) {
        return Err(format!("an error has no place: {} {}", error.code.id, error.message));
    }
    for place in said.iter().flat_map(|said| &said.place) {
        if place.file.text.get(place.span.range()).is_none() {
            return Err(format!("{:?} is no place in {}", place.span, place.file.path));
        }
    }
    let took = started.elapsed();
    if took > LONGEST_BUILD { Err(format!("it takes {took:?}")) } else { Ok(()) }
}

/// Corrupts one of `pages` after the other, all in a site in `root`, until `count` are tried or time is over.
fn try_all(root: &Path, pages: &[(PathBuf, PathBuf)], seed: u64, count: usize, budget: Duration) -> usize {
    let started = Instant::now();
    let mut wrong = vec![];
    let mut tried = 0;
    while tried < count && started.elapsed() < budget {
        let number = seed + tried as u64;
        let mut random = Random(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        random.below(2);
        let (from, to) = &pages[random.below(pages.len())];
        let bytes = std::fs::read(from).unwrap();
        let (corrupted, what) = corrupt(&bytes, &mut random);
        let to = root.join(to);
        let before = std::fs::read(&to).ok();
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(&to, corrupted).unwrap();
        if let Err(why) = build(root) {
            wrong.push(format!("DOCBUILD_SEED={number}: {}: {what}: {why}", from.display()));
        }
        match before {
            Some(before) => std::fs::write(&to, before).unwrap(),
            None => std::fs::remove_file(&to).unwrap(),
        }
        tried += 1;
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    tried
}

/// How many, for how long, from which seed: a few, unless the environment asks for more.
fn effort() -> (usize, Duration, u64) {
    let count = number("DOCBUILD_CORRUPTIONS").and_then(|count| usize::try_from(count).ok());
    let budget = if count.is_some() { Duration::MAX } else { Duration::from_secs(10) };
    (count.unwrap_or(100), budget, number("DOCBUILD_SEED").unwrap_or(20_260_425))
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|value| value.parse().unwrap())
}

/// Something of all that a page may have.
const PAGE: &str = r#"---
title: "A page: 日本"
date: 2024-02-29
weight: 10
aliases: [/old/]
tags: [a, "b c"]
cascade: {params: {x: 1}}
---

Text with a [link](/docs/), {{< param "version" >}}, `code`, <b>HTML</b> and a note.[^1]

{{< note >}}
A *note* with {{< glossary_tooltip term_id="pod" text="Pods" >}}.
{{< /note >}}

{{< tabs name="t" >}}
{{% tab name="A" %}}
```yaml {hl_lines=[2]}
a: 1
b: "two"
```
{{% /tab %}}
{{< tab name="B" codelang="bash" >}}
echo "$HOME"
{{< /tab >}}
{{< /tabs >}}

## {{% heading "whatsnext" %}} {#next}

1. one

   {{% code_sample file="a.yaml" %}}

   | a | b |
   |---|:-:|
   | 1 | `x|y` |

{{< include "part.md" >}}
{{% version-check %}}
{{< highlight go "linenos=table" >}}
func main() {}
{{< /highlight >}}
term
: definition

[^1]: The note.
"#;

fn small_site() -> SiteTest {
    let site = SiteTest::small()
        .file("content/en/docs/_index.md", "---\ntitle: Docs\n---\n")
        .file("content/en/docs/page.md", PAGE)
        .file("content/en/docs/other.md", "+++\ntitle = \"Other\"\n[params]\na = [1, 2]\n+++\n\n# Heading\n\n> quote\n")
        .file("content/en/includes/index.md", "---\nheadless: true\n---\n")
        .file("content/en/includes/part.md", "Included.\n")
        .file("content/en/docs/reference/glossary/index.md", "---\ntitle: Glossary\n---\n")
        .file(
            "content/en/docs/reference/glossary/pod.md",
            "---\ntitle: Pod\nid: pod\nshort_description: >\n  A Pod.\n---\n A Pod.\n",
        )
        .file("content/en/examples/a.yaml", "kind: Pod\n\nmetadata: {}\n");
    site.write("book.toml", "[book]\ntitle = \"Small\"\nlanguage = \"en\"\n\n[params]\nversion = \"v1\"\n");
    site
}

#[test]
fn a_page_with_one_byte_wrong_is_built_or_a_mistake() {
    let site = small_site();
    assert_eq!(build(site.root()), Ok(()));
    let paths = ["page.md", "other.md", "reference/glossary/pod.md", "_index.md"];
    let pages: Vec<_> = paths
        .iter()
        .map(|path| Path::new("content/en/docs").join(path))
        .map(|path| (site.root().join(&path), path))
        .collect();
    let (count, budget, seed) = effort();
    let tried = try_all(site.root(), &pages, seed, count, budget);
    assert!(tried > 0, "only {tried} were tried");
}

/// Real pages, each in a site that has what its shortcodes need but no other page.
#[test]
fn a_page_of_the_corpus_with_one_byte_wrong_is_built_or_a_mistake() {
    let Some(corpus) = corpus() else { return };
    let site = SiteTest::empty();
    // What is not there is a mistake with a place; the site stays small, so that each build is quick.
    let is_needed = |path: &str| {
        let folders = ["data/", "i18n/en", "content/en/includes/", "content/en/examples/pods/"];
        path == "hugo.toml"
            || path.starts_with("content/en/docs/reference/glossary/po")
            || path == "content/en/docs/reference/glossary/index.md"
            || folders.iter().any(|folder| path.starts_with(folder))
    };
    let mut pages = vec![];
    for entry in walkdir::WalkDir::new(&corpus).sort_by_file_name().into_iter().flatten() {
        let path = entry.path().strip_prefix(&corpus).unwrap();
        let shown = path.to_string_lossy();
        let is_page = path.extension().is_some_and(|extension| extension == "md" || extension == "html");
        if entry.file_type().is_file() && is_needed(&shown) {
            site.write(&shown, std::fs::read(entry.path()).unwrap());
        }
        if entry.file_type().is_file() && is_page && shown.starts_with("content/") {
            pages.push((entry.path().to_owned(), path.to_owned()));
        }
    }
    for language in std::fs::read_dir(corpus.join("content")).unwrap() {
        let language = language.unwrap().file_name();
        site.write(&format!("content/{}/_index.md", language.to_string_lossy()), "---\ntitle: Home\n---\n");
    }
    let config = config::load(&LoadOptions { root: Some(site.root().to_owned()), ..LoadOptions::default() });
    assert!(config.is_ok(), "{config:?}");
    let (count, budget, seed) = effort();
    let tried = try_all(site.root(), &pages, seed, count, budget);
    assert!(tried > 0, "none was tried");
}
