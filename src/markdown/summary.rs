//! A page's summary and its plain words, as Hugo makes them.
//!
//! In: the HTML of a body. Out: its text without tags, the first sentences of that, and the parts
//! around the mark with which an author ends the summary.

/// What ends a summary that an author marks.
pub(crate) const DIVIDER: &str = "<!--more-->";

/// How many words of the text a summary has, at least; it goes on to the end of the sentence.
const WORDS: usize = 70;

/// The beginning of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// As HTML.
    pub html: String,
    /// Whether the page goes on behind it.
    pub truncated: bool,
}

/// The summary of a body without a mark: its first sentences, without tags (entities stay encoded).
pub(super) fn first_sentences(html: &str) -> Summary {
    let plain = plain(html);
    let Some((start, _)) = plain.char_indices().filter(|(_, c)| c.is_whitespace()).take(WORDS).last() else {
        return Summary { html: plain, truncated: false };
    };
    let ends = |c: char| matches!(c, '.' | '?' | '!' | '"' | '\n');
    match plain[start..].find(ends) {
        Some(end) => {
            let end = start + end + 1;
            Summary { html: plain[..end].trim().to_owned(), truncated: end < plain.len() }
        }
        None => Summary { html: plain, truncated: false },
    }
}

/// Cuts a body at the `word` that stands for the author's mark: the summary, and the body without the
/// mark and the paragraph around it.
pub(super) fn divide(html: &str, word: &str) -> Option<(Summary, String)> {
    let mark = html.find(word)?;
    let start = html[..mark].rfind("<p").unwrap_or(mark);
    let end = html[mark..].find("</p").map_or(mark + word.len(), |end| (mark + end + 4).min(html.len()));
    let rest = html.get(end..).unwrap_or("").trim_matches('\n');
    let body = format!("{}{rest}", &html[..start]).trim().to_owned();
    let summary = Summary { html: html[..start].trim().to_owned(), truncated: !rest.trim().is_empty() };
    Some((summary, body))
}

/// The text of some HTML without tags, comments, scripts and styles. White space runs become their first
/// character; a paragraph's end and a line break are line ends. Entities stay encoded.
pub fn plain(html: &str) -> String {
    let mut text = Plain { text: String::with_capacity(html.len() / 2), after_white: false };
    let mut rest = html;
    while let Some(open) = memchr::memchr(b'<', rest.as_bytes()) {
        text.push(&rest[..open], true);
        rest = &rest[open..];
        let Some(length) = markup_length(rest) else {
            text.push("<", true);
            rest = &rest[1..];
            continue;
        };
        if matches!(&rest[..length], "</p>" | "<br>" | "<br />") {
            text.push("\n", false);
        }
        rest = &rest[length..];
    }
    text.push(rest, true);
    text.text
}

/// Text whose white space is folded while it grows.
struct Plain {
    text: String,
    after_white: bool,
}

impl Plain {
    fn push(&mut self, part: &str, fold_lines: bool) {
        for c in part.chars() {
            let white = c.is_whitespace();
            if !(white && self.after_white) {
                self.text.push(if fold_lines && c == '\n' { ' ' } else { c });
            }
            self.after_white = white;
        }
    }
}

/// The length of the tag, comment, or script or style with its content that a text starts with; `None`
/// if it starts with none.
fn markup_length(html: &str) -> Option<usize> {
    if html.starts_with("<!--") {
        return Some(html.find("-->").map_or(html.len(), |end| end + 3));
    }
    let name_start = 1 + usize::from(html[1..].starts_with('/'));
    if !html[name_start..].starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let name = html[1..].split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    let end = tag_end(html);
    for raw in ["script", "style"] {
        if name.eq_ignore_ascii_case(raw) {
            let close = format!("</{raw}");
            let at = html[end..].find(&close).map_or(html.len(), |at| end + at);
            return Some(html[at..].find('>').map_or(html.len(), |last| at + last + 1));
        }
    }
    Some(end)
}

/// Where a tag ends: behind the first `>` that is not in a quoted value.
fn tag_end(html: &str) -> usize {
    let mut quote = None;
    let mut after_equals = false;
    for (at, byte) in html.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') if after_equals => quote = Some(byte),
            (None, b'>') => return at + 1,
            (None, _) => {}
        }
        after_equals = byte == b'=' || (after_equals && byte.is_ascii_whitespace());
    }
    html.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_go_and_blanks_fold() {
        assert_eq!(plain("<p>a\n <em title=\">\">b</em></p>\n<p>c &amp; d<br>\ne</p>"), "a b\nc &amp; d\ne\n");
        assert_eq!(plain("<style>x</style>1 < 2<!-- > --> <script>if (a</script>3"), "1 < 2 3");
    }

    #[test]
    fn a_summary_ends_with_its_sentence() {
        let words = "word ".repeat(WORDS);
        let summary = first_sentences(&format!("<p>{words}end. More.</p>"));
        assert!(summary.html.ends_with("word end.") && summary.truncated, "{summary:?}");
        assert_eq!(first_sentences("<p>one</p>"), Summary { html: "one\n".trim().to_owned(), truncated: false });
    }

    #[test]
    fn a_mark_takes_its_paragraph_along() {
        let (summary, body) = divide("<p>a</p>\n<p>X</p>\n<p>b</p>\n", "X").unwrap();
        assert_eq!((summary.html.as_str(), summary.truncated), ("<p>a</p>", true));
        assert_eq!(body, "<p>a</p>\n<p>b</p>");
        let (summary, body) = divide("<p>a</p>\n<p>X", "X").unwrap();
        assert_eq!((summary.html.as_str(), summary.truncated, body.as_str()), ("<p>a</p>", false, "<p>a</p>"));
        assert_eq!(divide("<p>a</p>", "X"), None);
    }
}
