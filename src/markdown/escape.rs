//! Text <-> HTML.

use std::fmt::Write as _;

/// Appends Markdown text as HTML text: `& < > "`.
pub(super) fn push_text(html: &mut String, text: &str) {
    push_escaped(html, text, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        _ => None,
    });
}

fn push_escaped(html: &mut String, text: &str, entity: impl Fn(u8) -> Option<&'static str>) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(entity) = entity(byte) {
            html.push_str(&text[from..at]);
            html.push_str(entity);
            from = at + 1;
        }
    }
    html.push_str(&text[from..]);
}

/// A text as it stands in HTML text or a quoted attribute, as Go's templates write it.
pub(crate) fn escape_attribute(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    push_escaped(&mut html, text, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&#34;"),
        b'\'' => Some("&#39;"),
        b'+' => Some("&#43;"),
        0 => Some("\u{fffd}"),
        _ => None,
    });
    html
}

/// A value in double quotes, as Go's `%q` writes it: only `"` and `\` and what can't be printed change.
pub(super) fn push_quoted(html: &mut String, text: &str) {
    html.push('"');
    for c in text.chars() {
        match c {
            '"' => html.push_str("\\\""),
            '\\' => html.push_str("\\\\"),
            '\n' => html.push_str("\\n"),
            '\t' => html.push_str("\\t"),
            '\r' => html.push_str("\\r"),
            c if c.is_control() => drop(write!(html, "\\x{:02x}", c as u32)),
            c => html.push(c),
        }
    }
    html.push('"');
}

/// The text of some HTML as Hugo's `plainify` makes it: tags go, entities stay, a paragraph's end and a line break are an
/// end of line, all other ends of lines are blanks, and of several white spaces, tags between them or not, the first is left.
pub(crate) fn plainify(html: &str) -> String {
    if !html.contains(['<', '>']) {
        return html.to_owned();
    }
    let lines = html.replace('\n', " ").replace("</p>", "\n").replace("<br>", "\n").replace("<br />", "\n");
    let mut text = String::with_capacity(lines.len());
    let (mut in_tag, mut was_space) = (false, false);
    for c in lines.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ if in_tag => {}
            c => {
                if !c.is_whitespace() || !was_space {
                    text.push(c);
                }
                was_space = c.is_whitespace();
            }
        }
    }
    text
}

/// The text of some HTML: tags and comments removed, the common entities read.
pub(crate) fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        rest = &rest[open..];
        let is_tag = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        let end =
            if rest.starts_with("<!--") { rest.find("-->").map(|at| at + 3) } else { rest.find('>').map(|at| at + 1) };
        match end.filter(|_| is_tag) {
            Some(end) => rest = &rest[end..],
            None => {
                text.push('<');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    if text.contains('&') { decode_entities(&text) } else { text }
}

fn decode_entities(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        decoded.push_str(&rest[..start]);
        rest = &rest[start..];
        let entity = rest.find(';').filter(|end| *end <= 10).and_then(|end| Some((end, entity(&rest[1..end])?)));
        match entity {
            Some((end, c)) => {
                decoded.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded + rest
}

fn entity(name: &str) -> Option<char> {
    let number = name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")).map(|hex| u32::from_str_radix(hex, 16));
    if let Some(number) = number.or_else(|| name.strip_prefix('#').map(str::parse)) {
        return number.ok().and_then(char::from_u32);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "mdash" => '—',
        "ndash" => '–',
        "hellip" => '…',
        "puncsp" => '\u{2008}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_go_and_entities_are_read() {
        assert_eq!(
            plain_text("a <b class=\"x\">c</b> &lt;d&gt; &#39;e&#x27; &amp;amp;<!-- f > g -->h"),
            "a c <d> 'e' &amp;h"
        );
        assert_eq!(plain_text("1 < 2 & 3 <"), "1 < 2 & 3 <");
    }

    #[test]
    fn plain_text_has_a_line_for_each_paragraph() {
        assert_eq!(plainify("<p>a <b>b</b>\n  c &amp; d</p>\n<p>e<br>f</p>\n"), "a b c &amp; d\ne\nf\n");
        assert_eq!(plainify("a\nb  c"), "a\nb  c", "what has no tag is left alone");
    }

    #[test]
    fn attributes_are_escaped_as_go_does() {
        assert_eq!(escape_attribute("a + b & 'c' \"d\" <e>"), "a &#43; b &amp; &#39;c&#39; &#34;d&#34; &lt;e&gt;");
    }
}
