//! What is marked, and that the text stays what it was.

use proptest::prelude::*;

use super::options::Options;
use super::{code, languages, runs};

/// Code with its runs as `‹class text›`.
fn marked(language: &str, text: &str) -> String {
    let mut shown = String::new();
    let mut at = 0;
    for run in runs(languages::find(language).unwrap(), text).iter() {
        shown.push_str(&text[at..run.start]);
        let class = run.class.name().unwrap();
        shown.push_str(&format!("‹{class} {}›", &text[run.start..run.end]));
        at = run.end;
    }
    shown + &text[at..]
}

/// The text of HTML that [`code`] made.
fn text_of(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        rest = rest[start..].split_once('>').unwrap().1;
    }
    text.push_str(rest);
    [("&lt;", "<"), ("&gt;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text, |text, (entity, c)| text.replace(entity, c))
}

#[test]
fn yaml_has_keys_values_and_blocks_of_text() {
    let text = "# top\napiVersion: v1\nspec: # why\n- name: \"a b\" # c\n  count: 3\n  on: true\n  command: [sh, \"-c\", {k: 1}]\n\
                args: |\n  echo: 1\n\n  # text\nnext: &a !t x#y\n'q k': *a\nurl: http://a.b:80/c\n---\n- >-\n  folded\n- b: |2\n   x\n";
    assert_eq!(
        marked("yaml", text),
        "‹c # top›\n‹nt apiVersion›: v1\n‹nt spec›: ‹c # why›\n- ‹nt name›: ‹s \"a b\"› ‹c # c›\n  ‹nt count›: ‹m 3›\n  \
         ‹nt on›: ‹k true›\n  ‹nt command›: [sh, ‹s \"-c\"›, {‹nt k›: ‹m 1›}]\n‹nt args›: |\n  ‹s echo: 1\n\n  # text›\n\
         ‹nt next›: ‹nv &a !t› x#y\n‹nt 'q k'›: ‹nv *a›\n‹nt url›: http://a.b:80/c\n---\n- >-\n  ‹s folded›\n- ‹nt b›: |2\n   ‹s x›\n"
    );
    assert_eq!(
        marked("yaml", "a: {b: c,\n  d: \"e\"}\nf: [1,\ng: 2\n"),
        "‹nt a›: {‹nt b›: c,\n  ‹nt d›: ‹s \"e\"›}\n‹nt f›: [‹m 1›,\n‹nt g›: ‹m 2›\n"
    );
    assert_eq!(marked("yaml", "a: \"b\n  c\" # d\n...\ne: 'f\n"), "‹nt a›: ‹s \"b\n  c\"› ‹c # d›\n...\n‹nt e›: 'f\n");
}

#[test]
fn shell_has_commands_strings_and_variables() {
    assert_eq!(
        marked(
            "shell",
            "# why\nexport A=1 && echo \"x $A ${B:-c}\" 'it' | grep -c 3 >> f # d\nif [ -n \"$1\" ]; then\n  kubectl get pods\nfi\n"
        ),
        "‹c # why›\n‹nb export› A=‹m 1› && ‹nb echo› ‹s \"x ›‹nv $A›‹s  ›‹nv ${B:-c}›‹s \" 'it'› | grep -c ‹m 3› >> f ‹c # d›\n\
         ‹k if› ‹nb [› -n ‹s \"›‹nv $1›‹s \"› ]; ‹k then›\n  kubectl get pods\n‹k fi›\n"
    );
    assert_eq!(
        marked("sh", "cat <<EOF | kubectl apply -f -\na: $b\nEOF\ncd x\n"),
        "cat <<EOF | kubectl apply -f -\n‹s a: $b\n›EOF\n‹nb cd› x\n"
    );
    assert_eq!(marked("sh", "for a in b; do echo in; done\n"), "‹k for› a ‹k in› b; ‹k do› ‹nb echo› in; ‹k done›\n");
    assert_eq!(marked("sh", "don't worry 'open\nX=$(pwd)\n"), "don't worry 'open\n‹nv X›=$(‹nb pwd›)\n");
}

#[test]
fn a_console_has_prompts() {
    assert_eq!(
        marked("console", "$ echo \\\n  'a'\necho 'b'\nroot@h:~# cd /\n# exit 0\n"),
        "‹gp $› ‹nb echo› \\\n  ‹s 'a'›\necho 'b'\n‹gp root@h:~#› ‹nb cd› /\n‹gp #› ‹nb exit› ‹m 0›\n"
    );
}

#[test]
fn json_and_go() {
    assert_eq!(
        marked("json", "{\"a\" : [1.5, -2e3, true, \"b\\\"c\"], // d\n \"open"),
        "{‹nt \"a\"› : [‹m 1.5›, ‹m -2e3›, ‹k true›, ‹s \"b\\\"c\"›], ‹c // d›\n ‹s \"open›"
    );
    assert_eq!(
        marked("golang", "func f(s string) { /* a\n\nb */ return x.len(`r\n`, 'c', 0x1F) } // d"),
        "‹k func› f(s ‹nb string›) { ‹c /* a\n\nb */› ‹k return› x.len(‹s `r\n`›, ‹s 'c'›, ‹m 0x1F›) } ‹c // d›"
    );
}

#[test]
fn languages_of_words() {
    assert_eq!(
        marked("python", "def f(x): # y\n  \"\"\"a\n\n  b\"\"\"\n  return x.len + len('c')"),
        "‹k def› f(x): ‹c # y›\n  ‹s \"\"\"a\n\n  b\"\"\"›\n  ‹k return› x.len + ‹nb len›(‹s 'c'›)"
    );
    assert_eq!(marked("js", "const a = `b\n`; /* c"), "‹k const› a = ‹s `b\n`›; ‹c /* c›");
    assert_eq!(marked("php", "$a = true; # b\n"), "‹nv $a› = ‹k true›; ‹c # b›\n");
    for language in ["java", "csharp", "typescript"] {
        assert_eq!(marked(language, "class A { } // b"), "‹k class› A { } ‹c // b›");
    }
}

#[test]
fn other_languages_are_read_by_grammars() {
    assert_eq!(marked("toml", "a = \"b\" # c\n"), "‹nt a› = ‹s \"b\"› ‹c # c›\n");
    assert_eq!(marked("diff", "+a\n-b\n c\n"), "‹gi +a›\n‹gd -b›\n c\n");
    let grammars = two_face::syntax::extra_newlines();
    for language in ["dockerfile", "proto", "rust", "html", "http", "ini", "xml", "ruby"] {
        let grammar = languages::find(language).unwrap().syntax(&grammars);
        assert!(grammar.is_some(), "{language}");
    }
}

#[test]
fn the_wrapper_says_whether_a_language_is_known() {
    let none = Options::default();
    assert_eq!(
        code("YAML", "a: 1\r\n", &none),
        "<div class=\"highlight\"><pre tabindex=\"0\" class=\"chroma\"><code class=\"language-YAML\" data-lang=\"YAML\">\
         <span class=\"nt\">a</span>: <span class=\"m\">1</span>\n</code></pre></div>"
    );
    assert_eq!(
        code("x\"y", "<a>\n", &none),
        "<pre tabindex=\"0\"><code class=\"language-x&#34;y\" data-lang=\"x&#34;y\">&lt;a&gt;\n</code></pre>"
    );
    assert_eq!(code("", "'\n", &none), "<pre tabindex=\"0\"><code>&#39;\n</code></pre>");
    let inline = Options::of_list("hl_inline=true");
    assert_eq!(
        code("sh", "cd", &inline),
        "<code class=\"code-inline language-sh\"><span class=\"nb\">cd</span></code>"
    );
    assert_eq!(code("zzz", "<", &inline), "<code class=\"code-inline language-zzz\">&lt;</code>");
}

#[test]
fn lines_are_marked_and_numbered() {
    let block = |options: &str, text: &str| {
        let html = code("yaml", text, &Options::of_fence(options));
        html.split_once("data-lang=\"yaml\">").unwrap().1.replace("</code></pre>", "|")
    };
    assert_eq!(
        block("{hl_lines=[2]}", "a: |\n  b\n  c\n"),
        "<span class=\"nt\">a</span>: |\n<span class=\"hl\">  <span class=\"s\">b\n</span></span><span class=\"s\">  c</span>\n|</div>"
    );
    assert_eq!(
        block("{linenos=inline linenostart=9}", "x\ny"),
        "<span class=\"ln\"> 9</span>x\n<span class=\"ln\">10</span>y|</div>"
    );
    let table = code("yaml", "x\ny\n", &Options::of_fence("{linenos=table .a id=b}"));
    assert!(table.starts_with(
        "<div class=\"highlight a\" id=\"b\"><table class=\"lntable\"><tr><td class=\"lntd\"><pre tabindex=\"0\" class=\"chroma\">\
         <code><span class=\"lnt\">1\n</span><span class=\"lnt\">2\n</span></code></pre></td>\n<td class=\"lntd\">"
    ));
    assert!(table.ends_with(">x\ny\n</code></pre></td></tr></table></div>"));
}

/// Signs that the languages care about.
const PIECES: &[&str] = &[
    "a", "key", ": ", ":", "- ", "|", ">", "\n", "\n  ", "\"", "'", "`", "\\", "#", " # ", "[", "]", "{", "}", ",",
    "$", "${", "$(", ")", "<<EOF\n", "EOF", "$ ", "//", "/*", "*/", "0x", "1", ".5", "&", "*", "!", "%", "---", "\t",
    "日", "é", "\r\n", "=", "if", "<a b=\"", "</", "+", "-", "@@", "\0",
];

#[test]
fn any_code_keeps_its_text() {
    let texts = proptest::collection::vec(proptest::sample::select(PIECES), 0..60).prop_map(|pieces| pieces.concat());
    let languages = proptest::sample::select(vec![
        "yaml", "sh", "console", "json", "go", "php", "python", "text", "toml", "ruby", "html", "none", "",
    ]);
    let lists = proptest::sample::select(vec!["", "hl_lines=1 3-4", "hl_inline=true"]);
    let settings = ProptestConfig { failure_persistence: None, cases: 1500, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(settings);
    let checked = runner.run(&(texts, languages, lists), |(text, language, list)| {
        let html = code(language, &text, &Options::of_list(list));
        let known = languages::find(language).is_some();
        prop_assert_eq!(text_of(&html), if known { text.replace("\r\n", "\n") } else { text });
        prop_assert_eq!(html.matches("<span").count(), html.matches("</span>").count());
        Ok(())
    });
    checked.unwrap();
}

/// Time grows with the code, not with its square, and grammars have limits.
#[test]
fn long_and_hostile_code_is_soon_read() {
    let started = std::time::Instant::now();
    let signs = [
        "\"a\",", "${", "$(", "'", "\"", "\\\"", "!a ", "&", "[", "{", "- ", "<<E ", "`", "a: ", "#", "|", "/*",
        "<!--", "a.", "(((", "a\n",
    ];
    for language in ["yaml", "sh", "console", "json", "go", "php", "python"] {
        for sign in signs {
            let text = sign.repeat((256 << 10) / sign.len());
            assert!(code(language, &text, &Options::default()).len() > text.len());
        }
    }
    for language in ["markdown", "html", "ruby", "toml", "rust"] {
        for sign in signs {
            let long = sign.repeat((256 << 10) / sign.len());
            assert!(code(language, &long, &Options::default()).len() > long.len());
            let line = sign.repeat(500 / sign.len());
            assert!(code(language, &line, &Options::default()).len() > line.len());
        }
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
