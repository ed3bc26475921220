//! Tags -> a tree of calls.
//!
//! In: the lexer's pieces, and which names take inner content. Out: [`Node`]s, and what does not fit
//! together. Total: a tag that fits nowhere is left out, and said.

use std::collections::HashMap;

use super::lexer::{Argument, Delimiter, Mistake, Piece, Tag};
use crate::diagnostics::{Span, codes, nearest};

/// Calls inside of calls, at most. Deeper ones are a mistake; it also bounds the stack.
const DEEPEST: usize = 24;

/// A part of a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Ordinary text.
    Text(Span),
    /// A shortcode.
    Call(Box<Call>),
}

/// One use of a shortcode.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// The delimiters of its opening tag.
    pub delimiter: Delimiter,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// The opening tag.
    pub open: Span,
    /// From the opening tag to the end of the closing one.
    pub whole: Span,
    /// Whether its tag could not be read: it is not run.
    pub broken: bool,
    /// What is between them; `None` for a shortcode without a closing tag.
    pub inner: Option<Vec<Node>>,
}

/// What the parser has to know of a shortcode.
pub trait Names {
    /// Whether it takes inner content; `None` if there is no such shortcode.
    fn takes_inner(&self, name: &str) -> Option<bool>;
    /// All names.
    fn all(&self) -> Vec<&str>;
}

/// A mistake, and a second place that explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseMistake {
    /// What is wrong.
    pub mistake: Mistake,
    /// A second place, and what it is.
    pub label: Option<(Span, String)>,
}

/// Makes a tree of pieces.
#[must_use]
pub fn parse(text: &str, pieces: Vec<Piece>, names: &dyn Names) -> (Vec<Node>, Vec<ParseMistake>) {
    let mut closers: HashMap<&str, usize> = HashMap::new();
    for piece in &pieces {
        if let Piece::Tag(tag) = piece
            && tag.closing
        {
            *closers.entry(tag.name.slice(text)).or_default() += 1;
        }
    }
    let mut parser = Parser { text, names, closers, nodes: vec![], open: vec![], mistakes: vec![], too_deep: false };
    for piece in pieces {
        match piece {
            Piece::Text(span) => parser.add(Node::Text(span)),
            Piece::Tag(tag) if tag.closing => parser.close(&tag),
            Piece::Tag(tag) => parser.open(tag),
        }
    }
    parser.finish()
}

/// A call whose closing tag is not there yet.
struct Open {
    call: Call,
    nodes: Vec<Node>,
}

struct Parser<'t> {
    text: &'t str,
    names: &'t dyn Names,
    /// How many closing tags of each name there are still to come.
    closers: HashMap<&'t str, usize>,
    nodes: Vec<Node>,
    open: Vec<Open>,
    mistakes: Vec<ParseMistake>,
    /// Whether a tag stood too deep, which is said once.
    too_deep: bool,
}

impl<'t> Parser<'t> {
    fn add(&mut self, node: Node) {
        self.open.last_mut().map_or(&mut self.nodes, |open| &mut open.nodes).push(node);
    }

    fn say(&mut self, code: crate::diagnostics::Code, span: Span, message: String, help: String) -> &mut ParseMistake {
        let at = self.mistakes.len();
        self.mistakes.push(ParseMistake { mistake: Mistake { code, span, message, help }, label: None });
        &mut self.mistakes[at]
    }

    fn open(&mut self, tag: Tag) {
        let name = tag.name.slice(self.text);
        let takes_inner = self.names.takes_inner(name);
        if takes_inner.is_none() {
            self.unknown(name, tag.name);
        }
        let call = Call {
            name: name.to_owned(),
            name_span: tag.name,
            delimiter: tag.delimiter,
            arguments: tag.arguments,
            open: tag.span,
            whole: tag.span,
            broken: tag.broken,
            inner: None,
        };
        // One that nobody knows has inner content if it is closed further down.
        let has_inner = takes_inner.unwrap_or_else(|| self.closers.get(name).is_some_and(|&count| count > 0));
        if tag.self_closing {
            let inner = if has_inner { Some(vec![]) } else { None };
            return self.add(Node::Call(Box::new(Call { inner, ..call })));
        }
        if !has_inner {
            return self.add(Node::Call(Box::new(call)));
        }
        if self.open.len() >= DEEPEST {
            // Said once a page: what follows from it is no further mistake.
            if std::mem::replace(&mut self.too_deep, true) {
                return;
            }
            let help = "take one level of shortcodes apart into a page of its own, and include it".to_owned();
            self.say(
                codes::SHORTCODE_NESTING,
                tag.span,
                format!("shortcodes are nested more than {DEEPEST} deep here"),
                help,
            );
            return;
        }
        self.open.push(Open { call, nodes: vec![] });
    }

    fn unknown(&mut self, name: &str, span: Span) {
        let all = self.names.all();
        let help = match nearest(name, all.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("a shortcode of the site's own is a file `layouts/shortcodes/{name}.html`"),
        };
        self.say(codes::SHORTCODE_UNKNOWN, span, format!("there is no shortcode `{name}`"), help);
    }

    fn close(&mut self, tag: &Tag) {
        let name = tag.name.slice(self.text);
        if let Some(count) = self.closers.get_mut(name) {
            *count = count.saturating_sub(1);
        }
        let Some(level) = self.open.iter().rposition(|open| open.call.name == name) else {
            return self.unopened(tag, name);
        };
        while self.open.len() > level + 1 {
            if let Some(open) = self.open.pop() {
                self.unclosed(open, Some(tag.span));
            }
        }
        if let Some(Open { mut call, nodes }) = self.open.pop() {
            call.whole.end = tag.span.end;
            call.inner = Some(nodes);
            self.add(Node::Call(Box::new(call)));
        }
    }

    fn unopened(&mut self, tag: &Tag, name: &str) {
        if self.too_deep {
            return;
        }
        let message = format!("this closes `{name}`, which is not open");
        let help = match self.names.takes_inner(name) {
            Some(false) => format!("`{name}` has no inner content: remove the closing tag"),
            _ => match self.open.last() {
                Some(open) => format!("`{}` is open here: close that one first, or remove this tag", open.call.name),
                None => format!(
                    "open it with `{} {name} {}`, or remove this tag",
                    tag.delimiter.open(),
                    tag.delimiter.close()
                ),
            },
        };
        let open = self.open.last().map(|open| (open.call.open, format!("`{}` is opened here", open.call.name)));
        self.say(codes::SHORTCODE_UNOPENED, tag.span, message, help).label = open;
    }

    /// Says it, and keeps what would have been inside.
    fn unclosed(&mut self, open: Open, ended_by: Option<Span>) {
        let call = open.call;
        let (name, delimiter) = (&call.name, call.delimiter);
        let message = format!("`{name}` is never closed");
        let (open_with, close_with) = (delimiter.open(), delimiter.close());
        let help = format!(
            "close it with `{open_with} /{name} {close_with}`, or end its own tag with `/{close_with}` if nothing belongs inside"
        );
        let label = ended_by.map(|span| (span, "this closes what is around it".to_owned()));
        self.say(codes::SHORTCODE_UNCLOSED, call.open, message, help).label = label;
        self.add(Node::Call(Box::new(Call { inner: Some(vec![]), ..call })));
        for node in open.nodes {
            self.add(node);
        }
    }

    fn finish(mut self) -> (Vec<Node>, Vec<ParseMistake>) {
        while let Some(open) = self.open.pop() {
            self.unclosed(open, None);
        }
        (self.nodes, self.mistakes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shortcode::lexer::lex;

    struct Known;

    impl Names for Known {
        fn takes_inner(&self, name: &str) -> Option<bool> {
            match name {
                "note" | "tabs" | "tab" => Some(true),
                "param" => Some(false),
                _ => None,
            }
        }

        fn all(&self) -> Vec<&str> {
            vec!["note", "tabs", "tab", "param"]
        }
    }

    fn shown(text: &str) -> String {
        fn nodes(text: &str, all: &[Node]) -> String {
            all.iter()
                .map(|node| match node {
                    Node::Text(span) => span.slice(text).to_owned(),
                    Node::Call(call) => match &call.inner {
                        Some(inner) => format!("({} {})", call.name, nodes(text, inner)),
                        None => format!("({})", call.name),
                    },
                })
                .collect()
        }
        let (pieces, _) = lex(text, Span::new(0, text.len()));
        let (tree, mistakes) = parse(text, pieces, &Known);
        let mistakes = mistakes
            .iter()
            .map(|mistake| format!(" !{}:{}", mistake.mistake.code.id, mistake.mistake.span.slice(text)));
        nodes(text, &tree) + &mistakes.collect::<String>()
    }

    #[test]
    fn calls_hold_what_is_between_their_tags() {
        assert_eq!(
            shown("a{{< tabs >}}b{{% tab %}}c{{< param x >}}{{% /tab %}}{{< /tabs >}}d"),
            "a(tabs b(tab c(param)))d"
        );
        assert_eq!(shown("{{< note />}}x{{< note >}}{{< /note >}}"), "(note )x(note )");
        assert_eq!(shown("{{< note >}}a{{% /note %}}"), "(note a)", "the kinds of the two tags need not agree");
    }

    #[test]
    fn tags_that_do_not_fit_are_said_and_the_text_stays() {
        assert_eq!(shown("{{< note >}}a"), "(note )a !shortcode-unclosed:{{< note >}}");
        assert_eq!(shown("a{{< /note >}}"), "a !shortcode-unopened:{{< /note >}}");
        assert_eq!(shown("{{< param x >}}{{< /param >}}"), "(param) !shortcode-unopened:{{< /param >}}");
        assert_eq!(shown("{{< tabs >}}{{< note >}}a{{< /tabs >}}"), "(tabs (note )a) !shortcode-unclosed:{{< note >}}");
        assert_eq!(shown("{{< notes >}}a"), "(notes)a !shortcode-unknown:notes");
        assert_eq!(
            shown("{{< notes >}}a{{< /notes >}}b{{< notes >}}"),
            "(notes a)b(notes) !shortcode-unknown:notes !shortcode-unknown:notes"
        );
    }

    #[test]
    fn nesting_has_a_bound() {
        let deep = "{{< note >}}".repeat(100) + "x" + &"{{< /note >}}".repeat(100);
        assert!(shown(&deep).contains("!shortcode-nesting"));
    }
}
