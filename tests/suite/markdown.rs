//! Pages and what becomes of them: one file a case in `tests/fixtures/markdown`.
//!
//! A file holds a small site; of its page `content/en/docs/page.md` (or `content/ja/...`) the HTML stands
//! behind `=== html`, the flow behind `=== flow`.

use std::fmt::Write as _;

use docbuild::markdown::flow::{CodeBlock, Container, FlowItem};

use crate::case_site;
use crate::support::{corpus, shared};

/// A flow as text, one line an item.
fn shown(flow: &[FlowItem], page: &str) -> String {
    let mut text = String::new();
    let mut depth = 0_usize;
    for item in flow {
        if matches!(item, FlowItem::Leave) {
            depth -= 1;
            continue;
        }
        let place = |at: &docbuild::markdown::flow::At| {
            if at.file.path == page { at.line().to_string() } else { format!("{}:{}", at.file.path, at.line()) }
        };
        text.push_str(&"  ".repeat(depth));
        let _ = match item {
            FlowItem::Heading { level, id, text: words, at } => writeln!(text, "{} h{level} #{id} {words}", place(at)),
            FlowItem::Prose { text: words, at, .. } => writeln!(text, "{} {words}", place(at)),
            FlowItem::Code(block) => {
                let CodeBlock { info, lines, line, end_line, at, .. } = block;
                writeln!(text, "{} code {line}-{end_line} {info:?} {lines:?} {:?}", place(at), block.text)
            }
            FlowItem::Example { file, path, text: code, at } => {
                writeln!(text, "{} example {file} {path} {code:?}", place(at))
            }
            FlowItem::Comment { text: words, at } => writeln!(text, "{} comment {words}", place(at)),
            FlowItem::Enter(container, at) => {
                depth += 1;
                let name = match container {
                    Container::Tab(label) => format!("tab {label}"),
                    Container::Shortcode(name) | Container::Include(name) => name.clone(),
                    other => format!("{other:?}").to_lowercase(),
                };
                writeln!(text, "{} in {name}", place(at))
            }
            FlowItem::Leave => Ok(()),
        };
    }
    assert_eq!(depth, 0, "what is entered is left");
    text
}

/// Each line of a block stands at the line that it says, unless a shortcode made it.
fn assert_lines(flow: &[FlowItem]) -> usize {
    let mut blocks = 0;
    for item in flow {
        let FlowItem::Code(block) = item else { continue };
        blocks += 1;
        assert_eq!(block.text.lines().count(), block.lines.len(), "{block:?}");
        for (line, number) in block.text.lines().zip(&block.lines) {
            let source = block.at.file.line(*number);
            assert!(source.contains(line.trim()) || source.contains("{{"), "line {number} is {source:?}, not {line:?}");
        }
    }
    blocks
}

#[test]
fn pages_become_html_and_flow() {
    let cases = case_site::check("markdown", |case| {
        let site = tempfile::tempdir().unwrap();
        case_site::write(site.path(), &case.files);
        let built = case_site::build(site.path()).unwrap();
        assert!(built.said.is_empty(), "{:?}", built.said);
        let page = built.site.pages.iter().find(|page| ["docs/page.md", "docs/page/index.md"].contains(&&*page.path));
        let page = page.unwrap();
        let article = &built.articles[page.id.0 as usize];
        assert_lines(&article.flow);
        vec![("html", format!("{}\n", article.html)), ("flow", shown(&article.flow, &page.file.as_ref().unwrap().path))]
    });
    assert!(cases >= 10, "only {cases} cases are there");
}

/// The page that it all began with, byte for byte: no warning, and every indented block at its line.
#[test]
fn the_first_page_builds_without_a_warning() {
    let Some(page) = shared("seeds/000_9b49ee064ae5e843.txt") else { return };
    let page = std::fs::read_to_string(page).unwrap();
    let path = "content/ja/docs/tasks/access-application-cluster/communicate-containers-same-pod-shared-volume.md";
    let book = "[book]\ntitle = \"Test\"\n[languages.ja]\nname = \"日本語\"\n[params]\nversion = \"v1.36\"\n";
    let files = [
        ("book.toml", book),
        ("content/ja/_index.md", "---\ntitle: ホーム\n---\n"),
        ("content/ja/includes/index.md", "---\nheadless: true\n---\n"),
        ("content/ja/includes/task-tutorial-prereqs.md", "クラスターが必要です。\n"),
        ("content/en/examples/pods/two-container-pod.yaml", "apiVersion: v1\nkind: Pod\n"),
        (path, page.as_str()),
    ];
    let site = tempfile::tempdir().unwrap();
    case_site::write(site.path(), &files);
    let built = case_site::build(site.path()).unwrap();
    assert_eq!(built.said, []);
    let page = built.site.pages.iter().find(|page| page.file.as_ref().is_some_and(|file| file.path == path)).unwrap();
    let flow = &built.articles[page.id.0 as usize].flow;
    assert_eq!(assert_lines(flow), 9);
    let first = flow.iter().find_map(|item| if let FlowItem::Code(block) = item { Some(block) } else { None }).unwrap();
    assert_eq!(
        (first.line, first.end_line, first.text.as_str()),
        (40, 40, "echo Hello from the debian container > /pod-data/index.html\n")
    );
    assert!(
        flow.iter().any(|item| matches!(item, FlowItem::Example { file, .. } if file == "pods/two-container-pod.yaml"))
    );
    assert!(flow.iter().any(|item| matches!(item, FlowItem::Comment { text, .. } if text == "steps")));
    assert!(built.articles[page.id.0 as usize].html.contains("generated/kubernetes-api/v1.36/#volume-v1-core"));
}

/// HTML without what a comparison leaves out: colours of code, white space between tags.
fn bare(html: &str) -> String {
    let mut bare = String::new();
    let mut in_code = false;
    for part in html.split_inclusive('>') {
        let (text, tag) = part.rsplit_once('<').unwrap_or((part, ""));
        let text = if in_code { text.to_owned() } else { text.split_whitespace().collect::<Vec<_>>().join(" ") };
        bare.push_str(&text.replace("&#34;", "\"").replace("&quot;", "\"").replace("&#39;", "'"));
        in_code = (in_code || tag.starts_with("code class")) && !tag.starts_with("/code");
        let is_color = in_code && tag.trim_start_matches('/').starts_with("span");
        if !is_color && !tag.starts_with("pre") {
            bare.push('<');
            bare.push_str(&tag.replace("\"class", "\" class"));
        }
    }
    bare
}

/// A page of tricky constructs, with Hugo's output.
#[test]
fn the_tricky_page_is_equal_to_hugos() {
    let (Some(micro), Some(corpus)) = (shared("spec/micro"), corpus()) else { return };
    let site = tempfile::tempdir().unwrap();
    let copy = |from: &std::path::Path, to: &str| {
        for entry in walkdir::WalkDir::new(from).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
            let target = site.path().join(to).join(entry.path().strip_prefix(from).unwrap());
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::copy(entry.path(), target).unwrap();
        }
    };
    for folder in ["i18n", "data"] {
        copy(&corpus.join(folder), folder);
    }
    copy(&micro.join("content"), "content");
    let configuration = std::fs::read_to_string(corpus.join("hugo.toml")).unwrap();
    for language in configuration.split("\n[languages.").skip(1) {
        let code = language.split([']', '.']).next().unwrap();
        std::fs::create_dir_all(site.path().join("content").join(code)).unwrap();
    }
    std::fs::write(site.path().join("hugo.toml"), &configuration).unwrap();
    let built = case_site::build(site.path()).unwrap();
    let page = built.site.pages.iter().find(|page| page.path == "docs/concepts/x.md").unwrap();
    let article = &built.articles[page.id.0 as usize];
    let expected = |name: &str| std::fs::read_to_string(micro.join(name)).unwrap();
    assert_eq!(bare(&article.html), bare(&expected("x.content.html")));
    assert_eq!(article.contents_html(), expected("x.toc.html").trim());
}
