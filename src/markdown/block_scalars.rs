//! What Hugo's highlighter makes of YAML: it writes the indentation of a block scalar once more behind
//! the scalar's last line.
//!
//! In: YAML. Out: the same with those blanks. They can't be seen, but they are in the text of hundreds of
//! pages, and an article is to be equal to Hugo's. The rules are those by which its lexer finds the
//! scalars, in its order; a `|` within a text is none.

/// YAML with the blanks; `None` where there is no block scalar.
pub(super) fn with_blanks(code: &str) -> Option<String> {
    if !may_have_scalar(code) {
        return None;
    }
    let mut out = String::with_capacity(code.len() + 64);
    let mut written = 0;
    let mut at = 0;
    let mut line = Line::from(code, 0);
    while at < code.len() {
        line.pass_to(code, at);
        match token(code, at, &line) {
            Token::Plain(length) => at += length.max(1),
            Token::Scalar { length, indentation } => {
                at += length;
                out.push_str(&code[written..at]);
                out.extend(std::iter::repeat_n(' ', indentation));
                written = at;
            }
        }
        while !code.is_char_boundary(at) {
            at += 1;
        }
    }
    if written == 0 {
        return None;
    }
    out.push_str(&code[written..]);
    Some(out)
}

fn may_have_scalar(code: &str) -> bool {
    memchr::memchr2_iter(b'|', b'>', code.as_bytes()).any(|at| scalar(&code[at..]).is_some())
}

/// What keys are looked for in: the rest of a line. A line of many tokens is searched once, not once a token.
struct Line {
    end: usize,
    /// Where its last `": ` is.
    quoted_colon: Option<usize>,
    /// Where the next sign is that a plain key can't hold.
    plain_end: usize,
    /// Where the last `: ` before that is.
    plain_colon: Option<usize>,
}

impl Line {
    fn from(code: &str, at: usize) -> Self {
        let end = memchr::memchr(b'\n', &code.as_bytes()[at..]).map_or(code.len(), |length| at + length);
        let quoted_colon = code[at..end].rfind("\": ").map(|colon| at + colon);
        let mut line = Self { end, quoted_colon, plain_end: at, plain_colon: None };
        line.find_plain(code, at);
        line
    }

    /// Goes on to a place behind the last one.
    fn pass_to(&mut self, code: &str, at: usize) {
        if at > self.end {
            *self = Self::from(code, at);
        } else if at > self.plain_end {
            self.find_plain(code, at);
        }
    }

    fn find_plain(&mut self, code: &str, at: usize) {
        let rest = &code.as_bytes()[at..self.end];
        self.plain_end = memchr::memchr2(b'"', b'{', rest).map_or(self.end, |length| at + length);
        self.plain_colon = code[at..self.plain_end].rfind(": ").map(|colon| at + colon);
    }

    /// The length of a key that starts at a place, with its colon and what follows that.
    fn key(&self, code: &str, at: usize) -> Option<usize> {
        let bytes = code.as_bytes();
        if bytes.get(at) == Some(&b'"') && bytes.get(at + 1) != Some(&b'"') {
            // At least one sign, then as far as there is an end of a quoted key.
            if let Some(colon) = self.quoted_colon.filter(|colon| *colon > at + 1) {
                return Some(colon + 3 - at);
            }
        }
        // The blank behind the colon may not be cut off with what can't be in a key.
        if let Some(colon) = self.plain_colon.filter(|colon| *colon >= at) {
            return Some(colon + 2 - at);
        }
        let ends_with_colon = self.plain_end == self.end && self.end > at && bytes[self.end - 1] == b':';
        (ends_with_colon && code.len() > self.end).then_some(self.end + 1 - at)
    }
}

enum Token {
    Plain(usize),
    Scalar { length: usize, indentation: usize },
}

/// The token at a place. What the lexer tells apart further makes no difference here.
fn token(code: &str, at: usize, in_line: &Line) -> Token {
    let rest = &code[at..];
    let bytes = rest.as_bytes();
    let line_length = in_line.end - at;
    let line = &rest[..line_length];
    let word = || line.find(char::is_whitespace).unwrap_or(line_length);
    let at_line_start = at == 0 || code.as_bytes()[at - 1] == b'\n';
    let white = rest.len() - rest.trim_start().len();
    if white > 0 {
        return Token::Plain(white);
    }
    if at_line_start && (line.starts_with("---") || line.starts_with("...")) {
        return Token::Plain(3);
    }
    if line.starts_with("- ") {
        return Token::Plain(2);
    }
    match bytes[0] {
        b'#' => return Token::Plain(line_length),
        b'&' | b'*' if word() > 1 => return Token::Plain(word()),
        b'!' if line.starts_with("!!") && word() > 2 => return Token::Plain(word()),
        _ => {}
    }
    if let Some(length) = in_line.key(code, at) {
        return Token::Plain(length);
    }
    if let Some((length, indentation)) = scalar(rest) {
        return Token::Scalar { length, indentation };
    }
    Token::Plain(value(rest, line))
}

/// The length of a block scalar and how far it is indented.
fn scalar(rest: &str) -> Option<(usize, usize)> {
    let after = rest.strip_prefix(['|', '>'])?;
    let after = after.strip_prefix(['+', '-']).unwrap_or(after).strip_prefix('\n')?;
    let indentation = after.len() - after.trim_start_matches(' ').len();
    if indentation == 0 {
        return None;
    }
    let indent = &after[..indentation];
    let start = rest.len() - after.len();
    let mut end = 0;
    let mut next = 0;
    for line in after.split_inclusive('\n') {
        if next > 0 && line != "\n" && !line.starts_with(indent) {
            break;
        }
        next += line.len();
        if next == line.len() || line != "\n" {
            end = next - usize::from(line.ends_with('\n'));
        }
    }
    Some((start + end, indentation))
}

/// The length of a constant, a quoted text, or the rest of the line.
fn value(rest: &str, line: &str) -> usize {
    const WORDS: [&str; 22] = [
        "false", "False", "FALSE", "true", "True", "TRUE", "null", "Off", "off", "yes", "Yes", "YES", "OFF", "On",
        "ON", "no", "No", "on", "NO", "n", "N", "Y",
    ];
    let ends = |at: usize| !line[at..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let constant = WORDS.iter().chain(&["y"]).find(|word| line.starts_with(**word) && ends(word.len()));
    if let Some(word) = constant {
        return word.len();
    }
    if let Some(length) = quoted(rest) {
        return length;
    }
    let digits = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len());
    if digits > 0 && ends(digits) {
        return digits;
    }
    let first = line.chars().next();
    if first.is_some_and(|c| "{}[]?,:!-*&@".contains(c)) { first.map_or(1, char::len_utf8) } else { line.len() }
}

/// The length of a text in quotes, which may have several lines.
fn quoted(rest: &str) -> Option<usize> {
    let quote = *rest.as_bytes().first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let mut bytes = rest.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            byte if byte == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::with_blanks;

    #[test]
    fn blanks_stand_behind_the_last_line_of_a_scalar() {
        let blanks = |code: &str| with_blanks(code).unwrap_or_else(|| code.to_owned());
        assert_eq!(blanks("a: |\n  b\n\n  c\nd: e\n"), "a: |\n  b\n\n  c  \nd: e\n");
        assert_eq!(blanks("- >-\n    b\n\n"), "- >-\n    b    \n\n");
        assert_eq!(blanks("a: |\n  b\n   c\n d: |\n  e"), "a: |\n  b\n   c  \n d: |\n  e  ");
        assert_eq!(blanks("\"a\": |+\n b"), "\"a\": |+\n b ");
        for same in
            ["a: b |\n  c\n", "a: |\nb\n", "# a: |\n#  b\n", "a: | \n  b\n", "a: 'b\n  |\n  c'\n", "a: {b: c}\n"]
        {
            assert_eq!(with_blanks(same), None, "{same:?}");
        }
    }

    #[test]
    fn a_line_of_many_tokens_is_read_once() {
        // Read once a token, these would take minutes.
        for part in ["[", "\"a\"[", "{: "] {
            let code = format!("a: |\n  b\n{}\n", part.repeat(300_000));
            assert!(with_blanks(&code).is_some_and(|with| with.starts_with("a: |\n  b  \n")), "{part}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_passes(code in "[a|>:#\"'\\n {}\\-+あ*&!\\\\.]{0,60}") {
            if let Some(with) = with_blanks(&code) {
                proptest::prop_assert!(with.len() > code.len());
            }
        }
    }
}
