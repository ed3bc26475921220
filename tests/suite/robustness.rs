//! No text makes docbuild panic, lose its place or leave something half done.

use std::sync::Arc;

use docbuild::config::{self, LoadOptions};
use docbuild::diagnostics::{Diagnostic, SourceFile, Span};
use docbuild::markdown::flow::{At, FlowItem};
use docbuild::markdown::{Article, Context, article};
use docbuild::shortcode::Registry;
use docbuild::shortcode::lexer::{Piece, lex};
use docbuild::shortcode::parser::{Node, parse};
use docbuild::site::{self, Site};
use docbuild::source::{self, DiskFiles};
use proptest::prelude::*;

use crate::case_site;
use crate::support::corpus;

/// Pieces that texts are put together from: what the grammars care about, well and badly formed.
const PIECES: &[&str] = &[
    "{{<",
    ">}}",
    "{{%",
    "%}}",
    "{{</*",
    "*/>}}",
    "{{< note >}}",
    "{{< /note >}}",
    "{{% note %}}",
    "{{% /note %}}",
    "{{< tabs >}}",
    "{{% tab name=\"a\" %}}",
    "{{% /tab %}}",
    "{{< /tabs >}}",
    "{{< param \"version\" >}}",
    "{{% heading \"whatsnext\" %}}",
    "{{< include \"a.md\" >}}",
    "{{% code_sample file=\"a.yaml\" %}}",
    "{{< details summary=\"s\" >}}",
    "{{< /details >}}",
    "{{< highlight yaml >}}",
    "{{< /highlight >}}",
    "{{< version-check >}}",
    "{{< own >}}",
    "{{< /own >}}",
    "note",
    "=",
    "\"",
    "`",
    "/",
    "\\",
    " ",
    "  ",
    "    ",
    "\t",
    "\n",
    "\n\n",
    "\r\n",
    "```",
    "~~~",
    "```shell\n",
    "# ",
    "## ",
    "- ",
    "1. ",
    "> ",
    "| a | b |\n|---|---|\n",
    "<!--",
    "-->",
    "<div>",
    "</div>",
    "<p>",
    "<pre>",
    "[a](b)",
    "![",
    "](",
    "[^1]",
    "[^1]: ",
    "**",
    "*",
    "_",
    "~~",
    ": ",
    "---\n",
    "<!--more-->",
    "https://a.io/b",
    "www.a.io",
    "a@b.org",
    "&amp;",
    "&",
    "<",
    "XSHORTCODE0Z",
    "日本",
    "é",
    "\u{feff}",
    "\0",
    "\u{301}",
    "title: a\n",
];

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![9 => proptest::sample::select(PIECES).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn settings() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() }
}

/// A site whose page `docs/page.md` is given any text.
struct Bench {
    site: Site,
    shortcodes: Registry,
    files: DiskFiles,
    page: site::PageId,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("content/en/docs/page.md", "---\ntitle: Page\n---\n"),
            ("content/en/includes/index.md", "---\nheadless: true\n---\n"),
            ("content/en/includes/a.md", "Included.\n\n```\ncode\n```\n"),
            ("content/en/examples/a.yaml", "a: 1\n\nb: 2\n"),
            ("layouts/shortcodes/own.html", "<b>{{ inner }}</b>\n"),
        ];
        case_site::write(folder.path(), &files);
        let options = LoadOptions { root: Some(folder.path().to_owned()), ..LoadOptions::default() };
        let config = Arc::new(config::load(&options).unwrap());
        let (site, _) = site::assemble(Arc::clone(&config), source::load(&config).0);
        let (shortcodes, _) = Registry::load(&config);
        let page = site.find(0, "docs/page").unwrap();
        Self { site, shortcodes, files: DiskFiles::new(&config.root), page, _folder: folder }
    }

    fn article(&mut self, text: &str) -> Article {
        let file = SourceFile::new("content/en/docs/page.md", text);
        let page = &mut self.site.pages[self.page.0 as usize];
        page.body = Span::new(0, text.len());
        page.file = Some(file);
        let context = Context { site: &self.site, files: &self.files, shortcodes: &self.shortcodes, decorate: None };
        article(&context, self.page)
    }
}

fn assert_on_characters(file: &SourceFile, span: Span) {
    assert!(span.start <= span.end && file.text.get(span.range()).is_some(), "{span:?} lies not on {}", file.path);
}

fn assert_sound(article: &Article, text: &str) {
    assert!(
        text.contains("XSHORTCODE") || !article.html.contains("XSHORTCODE"),
        "a placeholder is left: {}",
        article.html
    );
    article
        .diagnostics
        .iter()
        .flat_map(|said| &said.place)
        .for_each(|place| assert_on_characters(&place.file, place.span));
    let mut depth = 0_i32;
    let check = |At { file, span }: &At| assert_on_characters(file, *span);
    for item in &article.flow {
        match item {
            FlowItem::Enter(_, at) => {
                depth += 1;
                check(at);
            }
            FlowItem::Leave => depth -= 1,
            FlowItem::Heading { at, .. }
            | FlowItem::Prose { at, .. }
            | FlowItem::Example { at, .. }
            | FlowItem::Comment { at, .. } => check(at),
            FlowItem::Code(block) => {
                check(&block.at);
                assert_eq!(block.lines.len(), block.text.split_inclusive('\n').count(), "{block:?}");
                let last = block.at.file.line_count().max(1);
                assert!(
                    block.line <= block.end_line && block.lines.iter().all(|line| (1..=last).contains(line)),
                    "{block:?} of {last}"
                );
            }
        }
        assert!(depth >= 0, "more is left than was entered");
    }
    assert_eq!(depth, 0, "what is entered is left");
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn the_lexer_covers_any_text_in_order(text in texts()) {
        let (pieces, mistakes) = lex(&text, Span::new(0, text.len()));
        let mut at = 0;
        for piece in &pieces {
            let span = match piece { Piece::Text(span) => *span, Piece::Tag(tag) => tag.span };
            prop_assert!(span.start >= at && span.start < span.end && text.get(span.range()).is_some());
            // Only the signs of an escape are left out.
            prop_assert!(span.start == at || ["/*", "*/", "/**/"].contains(&&text[at..span.start]), "{:?} is lost", &text[at..span.start]);
            at = span.end;
        }
        prop_assert!(mistakes.iter().all(|mistake| text.get(mistake.span.range()).is_some()));
    }

    #[test]
    fn the_parser_keeps_all_text(text in texts()) {
        fn length(nodes: &[Node]) -> usize {
            nodes.iter().map(|node| match node {
                Node::Text(span) => span.end - span.start,
                Node::Call(call) => call.inner.as_deref().map_or(0, length),
            }).sum()
        }
        let (pieces, _) = lex(&text, Span::new(0, text.len()));
        let written: usize = pieces.iter().map(|piece| if let Piece::Text(span) = piece { span.end - span.start } else { 0 }).sum();
        let (nodes, mistakes) = parse(&text, pieces, &Registry::built_in());
        prop_assert_eq!(length(&nodes), written);
        prop_assert!(mistakes.iter().all(|mistake| text.get(mistake.mistake.span.range()).is_some()));
    }
}

#[test]
fn any_text_becomes_a_sound_article() {
    let mut bench = Bench::new();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 1500, ..settings() });
    let bench = std::cell::RefCell::new(&mut bench);
    let checked = runner.run(&texts(), |text| {
        assert_sound(&bench.borrow_mut().article(&text), &text);
        Ok(())
    });
    checked.unwrap();
}

#[test]
fn any_bytes_are_a_page_or_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    case_site::write(folder.path(), &[]);
    let options = LoadOptions { root: Some(folder.path().to_owned()), ..LoadOptions::default() };
    let config = config::load(&options).unwrap();
    let page = folder.path().join("content/en/page.md");
    let heads = proptest::sample::select(vec![&b""[..], b"---\n", b"+++\n", b"\xef\xbb\xbf---\r\n"]);
    let bytes = proptest::collection::vec(any::<u8>(), 0..40);
    let mut runner = proptest::test_runner::TestRunner::new(settings());
    let checked = runner.run(&(heads, texts(), bytes), |(head, text, bytes)| {
        let all = [head, text.as_bytes(), b"\n---\n", &bytes].concat();
        std::fs::write(&page, &all).unwrap();
        let (source, said) = source::load(&config);
        let pages = source.pages.len();
        let said = said.sorted();
        prop_assert_eq!(pages == 2, std::str::from_utf8(&all).is_ok(), "a page is lost only if it is no text");
        prop_assert!(said.iter().all(|said: &Diagnostic| said.place.is_some()));
        for place in said.iter().flat_map(|said| &said.place) {
            assert!(place.span.start <= place.file.text.len(), "{place:?}");
        }
        Ok(())
    });
    checked.unwrap();
}

/// Real pages, cut, doubled and mixed up.
#[test]
fn damaged_pages_of_the_corpus_are_sound() {
    let Some(corpus) = corpus() else { return };
    let mut bench = Bench::new();
    let pages = walkdir::WalkDir::new(corpus.join("content")).sort_by_file_name().into_iter().flatten();
    let pages = pages.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "md")).step_by(37);
    let mut random = 12345_u64;
    let mut next = |bound: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % bound.max(1)
    };
    let mut seen = 0;
    for entry in pages {
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        for _ in 0..3 {
            let cut = |at: usize| (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            let (from, length, to) = (cut(next(text.len())), next(200), cut(next(text.len())));
            let end = cut((from + length).min(text.len()));
            let damaged = format!("{}{}{}", &text[..from], &text[end..], &text[to..cut((to + 300).min(text.len()))]);
            assert_sound(&bench.article(&damaged), &damaged);
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} pages were tried");
}
