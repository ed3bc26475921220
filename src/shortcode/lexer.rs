//! Text -> text and tags.
//!
//! In: a file's text and the part of it to read. Out: [`Piece`]s that cover it, with spans into the
//! file, and what is wrong. It works on the raw text, before Markdown: a tag in a code fence or an
//! HTML comment is a tag. Total: after a mistake, reading goes on behind it.

use crate::diagnostics::{Code, Span, codes};

/// A part of the text.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Ordinary text.
    Text(Span),
    /// A tag of a shortcode.
    Tag(Tag),
}

/// How a tag is delimited, which decides what becomes of the shortcode's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    /// `{{< >}}`: the output stands in the page as it is.
    Angle,
    /// `{{% %}}`: the output is Markdown.
    Percent,
}

impl Delimiter {
    /// The opening characters.
    #[must_use]
    pub const fn open(self) -> &'static str {
        match self {
            Self::Angle => "{{<",
            Self::Percent => "{{%",
        }
    }

    /// The closing characters.
    #[must_use]
    pub const fn close(self) -> &'static str {
        match self {
            Self::Angle => ">}}",
            Self::Percent => "%}}",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Angle => Self::Percent,
            Self::Percent => Self::Angle,
        }
    }
}

/// `{{< name arguments >}}`, `{{< /name >}}` or `{{< name />}}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// Its delimiters.
    pub delimiter: Delimiter,
    /// All of it.
    pub span: Span,
    /// Whether it closes a shortcode.
    pub closing: bool,
    /// Whether it ends in `/`.
    pub self_closing: bool,
    /// The shortcode's name.
    pub name: Span,
    /// Its arguments, in order.
    pub arguments: Vec<Argument>,
    /// Whether something in it could not be read: it has a place, and does nothing.
    pub broken: bool,
}

/// One argument.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// Its name; `None` for a positional one.
    pub name: Option<Span>,
    /// Its value.
    pub value: Value,
    /// Name and value.
    pub span: Span,
}

/// A typed value. Quoted ones are always text.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A decimal number, and how it was written.
    Float(f64, String),
}

impl Value {
    /// Whether this is a text, quoted or a plain word, and reads so.
    #[must_use]
    pub fn is_text(&self, text: &str) -> bool {
        matches!(self, Self::Text(own) if own == text)
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) | Self::Float(_, text) => formatter.write_str(text),
            Self::Bool(truth) => truth.fmt(formatter),
            Self::Integer(number) => number.fmt(formatter),
        }
    }
}

/// A mistake in a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Its kind.
    pub code: Code,
    /// Where it is.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Reads the part `span` of `text`.
#[must_use]
pub fn lex(text: &str, span: Span) -> (Vec<Piece>, Vec<Mistake>) {
    let end = span.end.min(text.len());
    let mut lexer = Lexer {
        text: text.get(..end).unwrap_or(text),
        at: span.start,
        pieces: vec![],
        mistakes: vec![],
        no_escape_ends: [false; 2],
    };
    lexer.run();
    (lexer.pieces, lexer.mistakes)
}

struct Lexer<'t> {
    /// The text up to the end of what is read.
    text: &'t str,
    at: usize,
    pieces: Vec<Piece>,
    mistakes: Vec<Mistake>,
    /// Whether the rest of the text has no end of an escape, for each delimiter: it is looked for once.
    no_escape_ends: [bool; 2],
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn run(&mut self) {
        let mut text_start = self.at;
        while let Some(found) = memchr::memmem::find(self.rest().as_bytes(), b"{{") {
            let open = self.at + found;
            let delimiter = match self.text.as_bytes().get(open + 2) {
                Some(b'<') => Delimiter::Angle,
                Some(b'%') => Delimiter::Percent,
                _ => {
                    self.at = open + 1;
                    continue;
                }
            };
            self.at = open + 3;
            if self.rest().starts_with("/*") {
                self.escaped(&mut text_start, open, delimiter);
                continue;
            }
            match self.tag(open, delimiter) {
                Ok(tag) => {
                    self.push_text(text_start, open);
                    self.pieces.push(Piece::Tag(tag));
                    text_start = self.at;
                }
                Err(mistake) => {
                    self.mistakes.push(mistake);
                    match self.broken_tag(open, delimiter) {
                        Some(tag) => {
                            self.push_text(text_start, open);
                            self.at = tag.span.end;
                            text_start = tag.span.end;
                            self.pieces.push(Piece::Tag(tag));
                        }
                        // What was read of it stays text.
                        None => self.at = self.at.max(open + 3),
                    }
                }
            }
        }
        self.push_text(text_start, self.text.len());
    }

    fn push_text(&mut self, start: usize, end: usize) {
        if start < end {
            self.pieces.push(Piece::Text(Span::new(start, end)));
        }
    }

    /// `{{</* name */>}}` is the text `{{< name >}}`.
    fn escaped(&mut self, text_start: &mut usize, open: usize, delimiter: Delimiter) {
        let from = open + 5;
        let end = match delimiter {
            Delimiter::Angle => "*/>}}",
            Delimiter::Percent => "*/%}}",
        };
        let no_end = usize::from(delimiter == Delimiter::Percent);
        let rest = if self.no_escape_ends[no_end] { "" } else { self.text.get(from..).unwrap_or("") };
        let Some(length) = rest.find(end) else {
            self.no_escape_ends[no_end] = true;
            self.mistakes.push(Mistake {
                code: codes::SHORTCODE_SYNTAX,
                span: Span::new(open, from),
                message: format!("the escaped shortcode that starts here has no `{end}`"),
                help: format!("an escape looks like `{}/* name {end}`", delimiter.open()),
            });
            self.at = from;
            return;
        };
        self.push_text(*text_start, open + 3);
        self.push_text(from, from + length);
        self.at = from + length + end.len();
        // The two characters of the comment's end are left out, the delimiter's stay.
        *text_start = from + length + 2;
    }

    /// What can be told of a tag with a mistake in it: its name, and that it ends on its line. So its
    /// closing tag is not taken for a second mistake.
    fn broken_tag(&self, open: usize, delimiter: Delimiter) -> Option<Tag> {
        let inside = &self.text[open + 3..];
        // No further than the next tag: a line may be long, and hold many.
        let inside = inside.split("{{").next().unwrap_or(inside);
        let line = inside.lines().next().unwrap_or("");
        let end =
            [delimiter, delimiter.other()].into_iter().filter_map(|delimiter| line.find(delimiter.close())).min()?;
        let head = line[..end].trim_start();
        let closing = head.starts_with('/');
        let head = head.trim_start_matches('/').trim_start();
        let length =
            head.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.'))).unwrap_or(head.len());
        let start = open + 3 + (end - head.len().min(end));
        let name = Span::new(start, start + length);
        let span = Span::new(open, open + 3 + end + 3);
        let self_closing = line[..end].ends_with('/');
        (length > 0).then_some(Tag { delimiter, span, closing, self_closing, name, arguments: vec![], broken: true })
    }

    /// A tag whose delimiter starts at `open`; `self.at` is behind the delimiter, and after a success
    /// behind the tag.
    fn tag(&mut self, open: usize, delimiter: Delimiter) -> Result<Tag, Mistake> {
        self.skip_white();
        let closing = self.eat("/");
        self.skip_white();
        let name = self.name(open, delimiter)?;
        let mut tag = Tag {
            delimiter,
            span: Span::new(open, self.at),
            closing,
            self_closing: false,
            name,
            arguments: vec![],
            broken: false,
        };
        loop {
            self.skip_white();
            if self.eat(delimiter.close()) {
                break;
            }
            let slash = self.at;
            if self.eat("/") {
                self.skip_white();
                if !self.eat(delimiter.close()) {
                    return Err(self.needs_quotes(slash));
                }
                tag.self_closing = true;
                break;
            }
            self.check_end(open, delimiter, &tag)?;
            let argument = self.argument(delimiter)?;
            tag.arguments.push(argument);
        }
        tag.span.end = self.at;
        tag.broken = self.is_mixed(&tag);
        Ok(tag)
    }

    /// The text ends, or another tag starts, or the delimiter is of the other kind.
    fn check_end(&mut self, open: usize, delimiter: Delimiter, tag: &Tag) -> Result<(), Mistake> {
        let rest = self.rest();
        let name = tag.name.slice(self.text);
        let slash = if tag.closing { "/" } else { "" };
        let rest_of_it = if tag.closing { "" } else { " ..." };
        let whole = format!("{} {slash}{name}{rest_of_it} {}", delimiter.open(), delimiter.close());
        let other = delimiter.other();
        if rest.starts_with(other.close()) {
            let at = self.at;
            self.at += 3;
            return Err(Mistake {
                code: codes::SHORTCODE_SYNTAX,
                span: Span::new(at, at + 3),
                message: format!("this tag opens with `{}` and ends in `{}`", delimiter.open(), other.close()),
                help: format!("end it with `{}`", delimiter.close()),
            });
        }
        if rest.is_empty() || rest.starts_with("{{<") || rest.starts_with("{{%") {
            return Err(Mistake {
                code: codes::SHORTCODE_SYNTAX,
                span: Span::new(open, tag.name.end),
                message: format!("the tag of `{name}` has no end"),
                help: format!(
                    "close it with `{}`, as in `{whole}`; to show it as text, write `{}/* ... */{}`",
                    delimiter.close(),
                    delimiter.open(),
                    delimiter.close()
                ),
            });
        }
        Ok(())
    }

    /// Whether arguments with and without names are mixed, which is said.
    fn is_mixed(&mut self, tag: &Tag) -> bool {
        let Some(first) = tag.arguments.first() else { return false };
        let Some(odd) = tag.arguments.iter().find(|argument| argument.name.is_some() != first.name.is_some()) else {
            return false;
        };
        self.mistakes.push(Mistake {
            code: codes::SHORTCODE_MIXED_ARGUMENTS,
            span: odd.span,
            message: format!("`{}` mixes arguments with and without a name", tag.name.slice(self.text)),
            help: "give all of them a name (`key=\"value\"`), or none".to_owned(),
        });
        true
    }

    fn name(&mut self, open: usize, delimiter: Delimiter) -> Result<Span, Mistake> {
        let start = self.at;
        let length = self
            .rest()
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.')))
            .unwrap_or(self.rest().len());
        // `{{< name/>}}`: the slash belongs to the end of the tag.
        let word = self.rest()[..length].trim_end_matches('/');
        self.at += word.len();
        if !word.is_empty() {
            return Ok(Span::new(start, self.at));
        }
        Err(Mistake {
            code: codes::SHORTCODE_SYNTAX,
            span: Span::new(open, open + 3),
            message: format!("`{}` starts a shortcode, and no name follows", delimiter.open()),
            help: format!(
                "write `{} name {}`; to show the characters as text, write `{}/* ... */{}`",
                delimiter.open(),
                delimiter.close(),
                delimiter.open(),
                delimiter.close()
            ),
        })
    }

    fn argument(&mut self, delimiter: Delimiter) -> Result<Argument, Mistake> {
        let start = self.at;
        if self.rest().starts_with(['"', '`']) {
            let value = Value::Text(self.quoted()?);
            return Ok(Argument { name: None, value, span: Span::new(start, self.at) });
        }
        let word = self.word(delimiter, false);
        let word_end = self.at;
        self.skip_white();
        if !word.is_empty() && self.eat("=") {
            self.skip_white();
            let value = if self.rest().starts_with(['"', '`']) {
                Value::Text(self.quoted()?)
            } else {
                let at = self.at;
                let word = self.word(delimiter, true);
                if word.is_empty() {
                    return Err(Mistake {
                        code: codes::SHORTCODE_SYNTAX,
                        span: Span::new(start, at),
                        message: "this argument has no value".to_owned(),
                        help: "write the value behind the `=`: `key=\"value\"`".to_owned(),
                    });
                }
                typed(word)
            };
            return Ok(Argument { name: Some(Span::new(start, word_end)), value, span: Span::new(start, self.at) });
        }
        self.at = word_end;
        let rest = self.rest();
        let ends_here = |rest: &str| rest.trim_start().starts_with(delimiter.close());
        let followed_well = rest.is_empty()
            || rest.starts_with(char::is_whitespace)
            || ends_here(rest)
            || rest.strip_prefix('/').is_some_and(ends_here);
        if word.is_empty() || !followed_well {
            return Err(self.needs_quotes(start));
        }
        Ok(Argument { name: None, value: typed(word), span: Span::new(start, word_end) })
    }

    /// A value without quotes: a positional one of letters, digits, `_`, `-` and `.`; a named one up
    /// to white space or the end of the tag.
    fn word(&mut self, delimiter: Delimiter, is_value: bool) -> &'t str {
        let rest = self.rest();
        let end = if is_value {
            let white = rest.find(char::is_whitespace).unwrap_or(rest.len());
            rest[..white].find(delimiter.close()).unwrap_or(white)
        } else {
            rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(rest.len())
        };
        self.at += end;
        &rest[..end]
    }

    /// A value that is not in quotes and has to be; reading goes on behind its line or tag.
    fn needs_quotes(&mut self, start: usize) -> Mistake {
        let rest = &self.text[start..];
        let end = rest.find(|c: char| c.is_whitespace() || c == '}').unwrap_or(rest.len());
        let word = rest[..end].trim_end_matches(['>', '%']);
        let end = if word.is_empty() { rest.chars().next().map_or(0, char::len_utf8) } else { word.len() };
        self.at = start + end;
        let is_curly = rest.starts_with(['“', '”', '‘', '’', '„', '«']);
        Mistake {
            code: codes::SHORTCODE_SYNTAX,
            span: Span::new(start, start + end),
            message: if is_curly {
                "these are no quotes that a shortcode knows".to_owned()
            } else {
                format!("`{word}` needs quotes here")
            },
            help: if is_curly {
                "use straight ones: \"value\"".to_owned()
            } else {
                "without quotes a value has letters, digits, `_`, `-` and `.` only: write \"value\"".to_owned()
            },
        }
    }

    /// A value in double quotes (one line, `\"` is a quote) or backquotes (raw).
    fn quoted(&mut self) -> Result<String, Mistake> {
        let start = self.at;
        let rest = self.rest();
        let quote = if rest.starts_with('`') { '`' } else { '"' };
        let mut escapes = false;
        let mut skip = false;
        for (at, c) in rest.char_indices().skip(1) {
            if skip {
                skip = false;
            } else if c == quote {
                self.at = start + at + 1;
                let value = &rest[1..at];
                return Ok(if escapes { value.replace('\\', "") } else { value.to_owned() });
            } else if c == '\n' && quote == '"' {
                break;
            } else if c == '\\' && quote == '"' && rest[at + 1..].starts_with('"') {
                escapes = true;
                skip = true;
            }
        }
        let line = rest.lines().next().unwrap_or("");
        self.at = start + line.len().max(1);
        Err(Mistake {
            code: codes::SHORTCODE_UNTERMINATED_STRING,
            span: Span::new(start, self.at),
            message: "this text has no closing quote".to_owned(),
            help: match quote {
                '"' => "end it with `\"` on the same line; a text of several lines stands in backquotes".to_owned(),
                _ => "end it with a backquote".to_owned(),
            },
        })
    }

    fn skip_white(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, token: &str) -> bool {
        let there = self.rest().starts_with(token);
        if there {
            self.at += token.len();
        }
        there
    }
}

/// The value that a word without quotes stands for.
fn typed(word: &str) -> Value {
    match word {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(number) = word.parse::<i64>() {
        return Value::Integer(number);
    }
    let is_decimal =
        word.contains('.') && word.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match word.parse::<f64>() {
        Ok(number) if is_decimal => Value::Float(number, word.to_owned()),
        _ => Value::Text(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text as it is, tags as `<name key=value>`, escapes shown by what is left of them.
    fn shown(text: &str) -> String {
        let (pieces, mistakes) = lex(text, Span::new(0, text.len()));
        let mut shown = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(span) => shown.push_str(span.slice(text)),
                Piece::Tag(tag) => {
                    let arguments = tag.arguments.iter().map(|argument| {
                        let name = argument.name.map(|name| format!("{}=", name.slice(text))).unwrap_or_default();
                        format!(" {name}{:?}", argument.value)
                    });
                    let slash = |there: bool| if there { "/" } else { "" };
                    shown.push_str(&format!(
                        "⟨{}{}{}{}⟩",
                        slash(tag.closing),
                        tag.name.slice(text),
                        arguments.collect::<String>(),
                        slash(tag.self_closing)
                    ));
                }
            }
        }
        for mistake in mistakes {
            shown.push_str(&format!(" !{}:{}..{}", mistake.code.id, mistake.span.start, mistake.span.end));
        }
        shown
    }

    #[test]
    fn tags_of_both_kinds_with_and_without_blanks() {
        assert_eq!(shown("a {{< b >}} c {{%d%}}{{< /b >}}"), "a ⟨b⟩ c ⟨d⟩⟨/b⟩");
        assert_eq!(shown("{{<b>}}{{</b>}}"), "⟨b⟩⟨/b⟩");
        assert_eq!(shown("{{< b />}}{{<b/>}}"), "⟨b/⟩⟨b/⟩");
        assert_eq!(shown("{{< blocks/section\n\tid=x\n>}}"), "⟨blocks/section id=Text(\"x\")⟩");
    }

    #[test]
    fn values_are_typed_unless_quoted() {
        assert_eq!(
            shown(r#"{{< x true "true" 12 -3 1.50 v1.2 >}}"#),
            r#"⟨x Bool(true) Text("true") Integer(12) Integer(-3) Float(1.5, "1.50") Text("v1.2")⟩"#
        );
        assert_eq!(
            shown("{{< x a = \"b c\" d=e/f?g h=`raw\n\"text\"` >}}"),
            "⟨x a=Text(\"b c\") d=Text(\"e/f?g\") h=Text(\"raw\\n\\\"text\\\"\")⟩"
        );
        assert_eq!(shown("{{< x a=b>}}"), "⟨x a=Text(\"b\")⟩");
    }

    #[test]
    fn an_escaped_quote_drops_all_backslashes() {
        assert_eq!(shown(r#"{{< x "a\b" >}}"#), r#"⟨x Text("a\\b")⟩"#);
        assert_eq!(shown(r#"{{< x "a\b \"c\"" >}}"#), r#"⟨x Text("ab \"c\"")⟩"#);
    }

    #[test]
    fn escapes_are_text_without_their_comment_signs() {
        assert_eq!(shown("x {{</* note */>}} y {{%/* a \"b\" */%}}z"), "x {{< note >}} y {{% a \"b\" %}}z");
        assert_eq!(shown("{{</* a"), "{{</* a !shortcode-syntax:0..5");
    }

    #[test]
    fn braces_in_text_are_text() {
        assert_eq!(shown("{{ .Values.x }} {{{ {{- if }} {"), "{{ .Values.x }} {{{ {{- if }} {");
    }

    #[test]
    fn reading_goes_on_after_a_mistake() {
        assert_eq!(shown("{{< a \"b >}}\n{{< c >}}"), "⟨a⟩\n⟨c⟩ !shortcode-unterminated-string:6..12");
        assert_eq!(shown("{{< a {{< c >}}"), "{{< a ⟨c⟩ !shortcode-syntax:0..5");
        assert_eq!(shown("{{< a %}} {{< c >}}"), "⟨a⟩ ⟨c⟩ !shortcode-syntax:6..9");
        assert_eq!(shown("{{< a b=1 c >}}"), "⟨a b=Integer(1) Text(\"c\")⟩ !shortcode-mixed-arguments:10..11");
        assert_eq!(shown("{{< a x/y.yaml >}}"), "⟨a⟩ !shortcode-syntax:6..14");
        assert_eq!(shown("{{< a “b” >}}"), "⟨a⟩ !shortcode-syntax:6..13");
        assert_eq!(shown("{{< >}}"), "{{< >}} !shortcode-syntax:0..3");
    }
}
