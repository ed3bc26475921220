//! Runs the shortcodes of a page and puts their output in their places.
//!
//! In: a body. Out: Markdown text that knows where it came from ([`Mapped`]). The rules are those of
//! Hugo:
//!
//! - At the top, `{{< >}}` leaves a placeholder, for which the output is put in after Markdown;
//!   `{{% %}}` pastes its output into the Markdown.
//! - Inside of another shortcode, outputs are pasted into its inner content before it runs; one that
//!   was opened with `{{%` gets its own inner content as HTML.
//! - The white space before a shortcode without inner content goes before each further line of its
//!   output.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::invocation::{InnerText, Invocation, Output, Part};
use super::lexer::{self, Delimiter, Mistake};
use super::parser::{self, Call, Node};
use super::registry::{InnerRule, Shortcode, Signature};
use crate::diagnostics::{Diagnostic, Span, codes, nearest};
use crate::highlight;
use crate::markdown::flow::At;
use crate::markdown::mapped::Mapped;
use crate::markdown::{DIVIDER, Fragment, Scope, Unit, plain_text};

/// A body with its shortcodes run.
pub(crate) struct Expansion {
    /// The Markdown.
    pub(crate) text: Mapped,
    /// What all placeholders in it begin with.
    pub(crate) placeholder: String,
    /// The word that stands for the mark at the end of the summary, if the author set one.
    pub(crate) divider: Option<String>,
}

/// Expands the body of a Markdown page.
pub(crate) fn expand_page(scope: &mut Scope<'_>, body: Span) -> Expansion {
    let nodes = read(scope, body);
    let placeholder = placeholder_for(body.slice(&scope.file.text));
    let mut text = Mapped::default();
    let mut blank = Indentation::default();
    let mut divider = None;
    let mut ordinal = 0;
    for (number, node) in nodes.iter().enumerate() {
        match node {
            Node::Text(span) if divider.is_none() => {
                if push_divided(&mut text, scope, *span, &placeholder) {
                    divider = Some(divider_word(&placeholder));
                }
            }
            Node::Text(span) => text.push_copied(&scope.file, *span),
            Node::Call(call) => {
                let ran = run(scope, call, None, blank.before(call), ordinal);
                ordinal += 1;
                let at = At { file: Arc::clone(&scope.file), span: call.whole };
                if call.delimiter == Delimiter::Percent && ran.rule != InnerRule::Rendered {
                    paste(&mut text, ran.output, ran.inner.as_ref(), &at);
                } else {
                    let plain = plain_text(&ran.output.html);
                    let word = format!("{placeholder}{number}Z");
                    text.push_insert(&word, &at, Some(ran.output.html), ran.output.flow, plain);
                }
            }
        }
        blank.see(node, &scope.file.text);
    }
    Expansion { text, placeholder, divider }
}

/// The word for the end of the summary: one of the placeholders, for which nothing is put in.
fn divider_word(placeholder: &str) -> String {
    format!("{placeholder}MOREZ")
}

/// Appends a part of the body. The first mark that ends a summary becomes a paragraph of its own, and the
/// white space behind it goes; whether there was one.
fn push_divided(text: &mut Mapped, scope: &Scope<'_>, span: Span, placeholder: &str) -> bool {
    let part = span.slice(&scope.file.text);
    let Some(mark) = part.find(DIVIDER) else {
        text.push_copied(&scope.file, span);
        return false;
    };
    let (start, end) = (span.start + mark, span.start + mark + DIVIDER.len());
    let rest = part[mark + DIVIDER.len()..].trim_start().len();
    text.push_copied(&scope.file, Span::new(span.start, start));
    let at = At { file: Arc::clone(&scope.file), span: Span::new(start, end) };
    text.push_made(&format!("\n\n{}\n\n", divider_word(placeholder)), &at);
    text.push_copied(&scope.file, Span::new(span.end - rest, span.end));
    true
}

/// Expands the body of an HTML page: every output stands where its shortcode stood.
pub(crate) fn expand_html_page(scope: &mut Scope<'_>, body: Span) -> Mapped {
    let nodes = read(scope, body);
    expand_nodes(scope, &nodes, None).text
}

/// A body as a tree; what is wrong with it is said.
fn read(scope: &mut Scope<'_>, body: Span) -> Vec<Node> {
    let file = Arc::clone(&scope.file);
    let (pieces, mistakes) = lexer::lex(&file.text, body);
    let diagnostic =
        |mistake: Mistake| Diagnostic::error(mistake.code, mistake.message).at(&file, mistake.span).help(mistake.help);
    scope.diagnostics.extend(mistakes.into_iter().map(diagnostic));
    let (nodes, mistakes) = parser::parse(&file.text, pieces, scope.context.shortcodes);
    for mistake in mistakes {
        let mut said = diagnostic(mistake.mistake);
        if let Some((span, text)) = mistake.label {
            said = said.label(&file, span, text);
        }
        scope.diagnostics.push(said);
    }
    nodes
}

/// A word of letters and digits that the text does not have. Capitals: the end of a bare URL is a word in
/// small letters, so none is cut in the middle of it.
fn placeholder_for(text: &str) -> String {
    // A text may have any of them, on purpose too: it is read once, and the word stays short.
    let taken: BTreeSet<usize> =
        text.match_indices("SHORTCODE").filter_map(|(at, _)| number_before(text, at)).collect();
    let free = (0..).find(|number| !taken.contains(number)).unwrap_or_default();
    if free == 0 { "XSHORTCODE".to_owned() } else { format!("X{free}SHORTCODE") }
}

/// An empty element that the text does not have, for what is only known when all of it is rendered: the contents
/// list. Being an element, it is no prose.
pub(crate) fn contents_place(text: &str) -> String {
    format!("<nav id=\"{}CONTENTS\"></nav>", placeholder_for(text))
}

/// The number of the placeholder whose last part is at `at`; 0 for the one without.
fn number_before(text: &str, at: usize) -> Option<usize> {
    let before = &text.as_bytes()[..at];
    let digits = before.iter().rev().take(19).take_while(|byte| byte.is_ascii_digit()).count();
    let starts = before[..at - digits].ends_with(b"X");
    if digits == 0 { starts.then_some(0) } else { text[at - digits..at].parse().ok().filter(|_| starts) }
}

/// The text of nested nodes, and what they handed to their parent.
struct Inner {
    text: Mapped,
    parts: Vec<Part>,
}

fn expand_nodes(scope: &mut Scope<'_>, nodes: &[Node], parent: Option<&str>) -> Inner {
    let mut inner = Inner { text: Mapped::default(), parts: vec![] };
    let mut blank = Indentation::default();
    let mut ordinal = 0;
    for node in nodes {
        match node {
            Node::Text(span) => inner.text.push_copied(&scope.file, *span),
            Node::Call(call) => {
                let mut ran = run(scope, call, Some(parent.unwrap_or("")), blank.before(call), ordinal);
                ordinal += 1;
                inner.parts.extend(ran.output.part.take());
                ran.output.html = protect_code(ran.output.html);
                let at = At { file: Arc::clone(&scope.file), span: call.whole };
                paste(&mut inner.text, ran.output, ran.inner.as_ref(), &at);
            }
        }
        blank.see(node, &scope.file.text);
    }
    inner
}

/// Puts an output into a text. Where it repeats the inner content as it is, that part keeps its places.
fn paste(text: &mut Mapped, output: Output, inner: Option<&Mapped>, at: &At) {
    if !output.flow.is_empty() {
        let plain = String::new();
        return text.push_insert(&protect_code(output.html), at, None, output.flow, plain);
    }
    let repeated = inner.filter(|inner| !inner.text().trim().is_empty()).and_then(|inner| {
        let start = output.html.find(inner.text())?;
        Some((start, start + inner.text().len(), inner))
    });
    let Some((start, end, inner)) = repeated else {
        return text.push_made(&output.html, at);
    };
    text.push_made(&output.html[..start], at);
    text.append(inner);
    text.push_made(&output.html[end..], at);
}

/// What came of a call.
struct Ran {
    output: Output,
    rule: InnerRule,
    /// The inner content, if the shortcode got it as it was written.
    inner: Option<Mapped>,
}

/// Runs one call. `parent` is `None` at the top, else the name of the shortcode around it; `ordinal` is its number
/// among the calls beside it.
fn run(scope: &mut Scope<'_>, call: &Call, parent: Option<&str>, indentation: &str, ordinal: usize) -> Ran {
    let context = scope.context;
    let Some(shortcode) = context.shortcodes.get(&call.name) else {
        // The parser has said it. What was inside is kept, so that its mistakes are found too.
        let inner = call.inner.as_ref().map(|nodes| expand_nodes(scope, nodes, Some(&call.name)).text);
        let html = inner.as_ref().map_or_else(String::new, |inner| inner.text().to_owned());
        return Ran { output: Output { html, ..Output::default() }, rule: InnerRule::Raw, inner };
    };
    let signature = shortcode.signature();
    let (inner, parts) = inner_text(scope, call, signature, parent.is_some());
    // Only what is pasted into a text may repeat it.
    let is_pasted = parent.is_some() || call.delimiter == Delimiter::Percent;
    let raw = match &inner {
        InnerText::Raw(text) if is_pasted => Some(text.clone()),
        _ => None,
    };
    let mut output = Output::default();
    if !call.broken && arguments_fit(scope, shortcode, call, signature) {
        if !scope.shortcodes.contains(&call.name) {
            scope.shortcodes.insert(call.name.clone());
        }
        let mut invocation =
            Invocation::new(scope, call, parent.filter(|name| !name.is_empty()), inner, parts, ordinal);
        output = shortcode.run(&mut invocation);
    }
    if call.inner.as_ref().is_none_or(Vec::is_empty) && !indentation.is_empty() {
        output.html = indent(&output.html, indentation);
    }
    Ran { output, rule: signature.inner, inner: raw }
}

fn inner_text(scope: &mut Scope<'_>, call: &Call, signature: Signature, nested: bool) -> (InnerText, Vec<Part>) {
    let Some(nodes) = &call.inner else { return (InnerText::None, vec![]) };
    let Inner { text, parts } = expand_nodes(scope, nodes, Some(&call.name));
    let as_html = call.delimiter == Delimiter::Percent && (nested || signature.inner == InnerRule::Rendered);
    if !as_html {
        return (InnerText::Raw(text), parts);
    }
    let one_line = !text.text().contains('\n');
    let mut fragment = scope.render(&text, Unit::Inner);
    if one_line {
        let bare = fragment.html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>\n")).map(str::to_owned);
        fragment.html = bare.unwrap_or(fragment.html);
    }
    (InnerText::Rendered(fragment), parts)
}

/// Checks the arguments against the signature, and says what does not fit. Whether it can run.
fn arguments_fit(scope: &mut Scope<'_>, shortcode: &dyn Shortcode, call: &Call, signature: Signature) -> bool {
    let Some(parameters) = signature.parameters else { return true };
    let file = Arc::clone(&scope.file);
    let name = shortcode.name();
    for argument in &call.arguments {
        let Some(key_span) = argument.name else { continue };
        let key = key_span.slice(&file.text);
        if parameters.iter().any(|parameter| parameter.name == key) {
            continue;
        }
        let said = Diagnostic::warning(codes::SHORTCODE_UNKNOWN_ARGUMENT, format!("`{name}` has no argument `{key}`"))
            .at(&file, key_span);
        let known =
            || parameters.iter().map(|parameter| format!("`{}`", parameter.name)).collect::<Vec<_>>().join(", ");
        scope.diagnostics.push(match nearest(key, parameters.iter().map(|parameter| parameter.name)) {
            Some(meant) => said.help(format!("did you mean `{meant}`?")),
            None if parameters.is_empty() => said.help("it takes none"),
            None => said.help(format!("it takes {}", known())),
        });
    }
    let mut fits = true;
    for parameter in parameters.iter().filter(|parameter| parameter.required) {
        let given = call.arguments.iter().enumerate().any(|(index, argument)| match argument.name {
            Some(key) => key.slice(&file.text) == parameter.name,
            None => parameter.position == Some(index),
        });
        if given {
            continue;
        }
        fits = false;
        let (open, close) = (call.delimiter.open(), call.delimiter.close());
        let example = match parameter.position {
            Some(_) => format!("{open} {name} \"...\" {close}"),
            None => format!("{open} {name} {}=\"...\" {close}", parameter.name),
        };
        scope.diagnostics.push(
            Diagnostic::error(
                codes::SHORTCODE_MISSING_ARGUMENT,
                format!("`{name}` needs the argument `{}`", parameter.name),
            )
            .at(&file, call.open)
            .help(format!("write it as `{example}`")),
        );
    }
    fits
}

/// `text` with `indentation` before each line but the first.
fn indent(text: &str, indentation: &str) -> String {
    let mut indented = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index > 0 {
            indented.push_str(indentation);
        }
        indented.push_str(line);
    }
    indented
}

/// HTML that is read as Markdown once more must not have blank lines in highlighted code: they would end its
/// block. An empty element makes such a line one that is not blank, and shows nothing. Other code is Markdown's:
/// a blank line in it ends what Markdown says it ends.
fn protect_code(html: String) -> String {
    const PRE: &str = highlight::OPENING;
    if !html.contains(PRE) {
        return html;
    }
    let mut protected = String::with_capacity(html.len() + 64);
    let mut rest = html.as_str();
    while let Some(start) = rest.find(PRE) {
        let end = rest[start..].find("</pre>").map_or(rest.len(), |end| start + end);
        protected.push_str(&rest[..start]);
        for line in rest[start..end].split_inclusive('\n') {
            match line.strip_suffix('\n').filter(|line| line.trim().is_empty()) {
                // Behind the indentation, which keeps it in its list item.
                Some(blank) => {
                    protected.push_str(blank);
                    protected.push_str("<span></span>\n");
                }
                None => protected.push_str(line),
            }
        }
        rest = &rest[end..];
    }
    protected + rest
}

/// The white space between the start of a line, or another shortcode, and the next one.
#[derive(Default)]
struct Indentation {
    blank: String,
}

impl Indentation {
    /// What counts as the indentation of a call that comes now.
    fn before(&self, _call: &Call) -> &str {
        &self.blank
    }

    fn see(&mut self, node: &Node, text: &str) {
        self.blank.clear();
        if let Node::Text(span) = node {
            let text = span.slice(text);
            let line = text.rsplit('\n').next().unwrap_or(text);
            if line.chars().all(|c| matches!(c, ' ' | '\t' | '\r')) {
                self.blank.push_str(line);
            }
        }
    }
}

/// A fragment as text that is read as Markdown once more.
pub(super) fn reread(fragment: Fragment, at: &At) -> Mapped {
    let mut text = Mapped::default();
    let html = protect_code(fragment.html);
    if fragment.flow.is_empty() {
        text.push_made(&html, at);
    } else {
        text.push_insert(&html, at, None, fragment.flow, String::new());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_after_the_first_are_indented() {
        assert_eq!(indent("a\n\nb\n", "  "), "a\n  \n  b\n");
        assert_eq!(indent("a", "  "), "a");
    }

    #[test]
    fn blank_lines_in_code_are_protected() {
        assert_eq!(
            protect_code("a\n\n<pre tabindex=\"0\" class=\"chroma\">b\n \nc</pre>\n\nd".to_owned()),
            "a\n\n<pre tabindex=\"0\" class=\"chroma\">b\n <span></span>\nc</pre>\n\nd"
        );
        assert_eq!(protect_code("<pre>a\n\nb</pre>".to_owned()), "<pre>a\n\nb</pre>");
    }

    #[test]
    fn a_placeholder_is_a_word_that_the_page_does_not_have() {
        assert_eq!(placeholder_for("a"), "XSHORTCODE");
        assert_eq!(placeholder_for("XXSHORTCODE X2SHORTCODE 1SHORTCODE あX3SHORTCODE"), "X1SHORTCODE");
        assert_eq!(placeholder_for("X1SHORTCODE"), "XSHORTCODE");
        assert_eq!(placeholder_for(&format!("X{}SHORTCODE SHORTCODE", "9".repeat(40))), "XSHORTCODE");
    }
}
