//! Paths and URLs of pages (Hugo's rules).

use std::fmt::Write as _;

/// The key of a path in [`super::Site::by_path`]: lower case, no slashes at the ends, no extension of
/// a page, no index name.
#[must_use]
pub fn path_key(path: &str) -> String {
    path_key_case(&path.to_lowercase())
}

/// The same with the letters' case kept.
pub(super) fn path_key_case(path: &str) -> String {
    let path = path.trim_matches('/');
    let stem =
        [".md", ".markdown", ".html", ".htm"].iter().find_map(|extension| path.strip_suffix(extension)).unwrap_or(path);
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    if name == "_index" || name == "index" { folder.to_owned() } else { stem.to_owned() }
}

/// A path as it stands in a URL: lower case, blanks as `-`, nothing but letters, their marks, digits and
/// `.-_/+~`. A blank beside a `-` makes no second one.
#[must_use]
pub fn urlize(path: &str) -> String {
    let mut url = String::with_capacity(path.len());
    let mut blank = false;
    let mut after_dash = false;
    for c in path.chars() {
        let kept = matches!(c, '.' | '-' | '_' | '/' | '+' | '~') || c.is_alphanumeric() || is_mark(c);
        if !kept {
            blank |= c.is_whitespace() && !url.is_empty() && !after_dash;
            continue;
        }
        after_dash = c == '-';
        if blank && !after_dash {
            url.push('-');
        }
        blank = false;
        url.extend(c.to_lowercase());
    }
    url
}

/// Letters' marks in the scripts of documentation that `is_alphanumeric` leaves out.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{d7f}' | '\u{e31}'..='\u{e4e}' | '\u{200c}' | '\u{200d}')
}

/// A URL path with everything percent-encoded that may not stand in one.
#[must_use]
pub fn encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~/$&+,:;=@!*'()".contains(&byte);
        if plain {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// A whole URL with what may not stand in one percent-encoded (in lower case, as Go's templates do);
/// what is encoded already stays. One that would run as a program gives `#ZgotmplZ`, as in Go.
#[must_use]
pub fn encode_url(url: &str) -> String {
    if has_unsafe_scheme(url) {
        return "#ZgotmplZ".to_owned();
    }
    let bytes = url.as_bytes();
    let mut encoded = String::with_capacity(url.len());
    for (at, &byte) in bytes.iter().enumerate() {
        let is_code =
            byte == b'%' && bytes.get(at + 1..at + 3).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
        if is_code || byte.is_ascii_alphanumeric() || b"-._~!#$&*+,/:;=?@[]".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02x}");
        }
    }
    encoded
}

/// A text as a value in the query of a URL, or as one part of its path: nothing in it has a meaning there.
#[must_use]
pub fn encode_value(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02x}");
        }
    }
    encoded
}

/// Whether a URL has a scheme that is no address of a page, a file or a person.
fn has_unsafe_scheme(url: &str) -> bool {
    let Some((scheme, _)) = url.split_once(':') else { return false };
    !scheme.contains('/') && !["http", "https", "mailto"].iter().any(|safe| scheme.eq_ignore_ascii_case(safe))
}

/// The anchor made of a text: letters and numbers in lower case, runs of anything else as one `-`,
/// none at the ends (the rule called blackfriday in Hugo).
#[must_use]
pub fn anchorize(text: &str) -> String {
    let mut anchor = String::with_capacity(text.len());
    let mut dash = false;
    for c in text.chars() {
        if !is_letter_or_number(c) {
            dash = true;
            continue;
        }
        if dash && !anchor.is_empty() {
            anchor.push('-');
        }
        dash = false;
        let mut lower = c.to_lowercase();
        // A simple mapping is wanted: one letter for one.
        anchor.extend(lower.next().filter(|_| lower.next().is_none()).or(Some(c)));
    }
    anchor
}

/// Unicode categories L and N. `is_alphanumeric` counts vowel signs, which are marks, as alphabetic.
fn is_letter_or_number(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    c.is_alphanumeric() && !is_dependent_sign(c)
}

/// Marks (category M) that Unicode counts as alphabetic, in the scripts of the Indic block, Thai, Lao,
/// Arabic and Hebrew.
fn is_dependent_sign(c: char) -> bool {
    let code = c as u32;
    let in_block = match code {
        // The Indic blocks share their layout, 0x80 apart: signs at 00-03, vowel signs at 3A-3C, 3E-4F,
        // 51-57, 62-63.
        0x900..=0xd7f => {
            matches!(code & 0x7f, 0x00..=0x03 | 0x3a..=0x3c | 0x3e..=0x4f | 0x51..=0x57 | 0x62..=0x63)
                && !matches!(code, 0x904 | 0x950 | 0x93d)
        }
        _ => false,
    };
    in_block
        || matches!(code, 0x345 | 0x5b0..=0x5bd | 0x5bf | 0x5c1 | 0x5c2 | 0x5c4 | 0x5c5 | 0x5c7)
        || matches!(code, 0x610..=0x61a | 0x64b..=0x65f | 0x670 | 0x6d6..=0x6dc | 0x6e1..=0x6e8 | 0x6ed)
        || matches!(code, 0xe31 | 0xe34..=0xe3a | 0xe47..=0xe4e | 0xeb1 | 0xeb4..=0xeb9 | 0xebb | 0xebc | 0xecd)
        || matches!(code, 0x102b..=0x103e | 0x1056..=0x1059 | 0x17b6..=0x17c8 | 0x24b6..=0x24e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_forget_how_a_path_is_written() {
        for path in ["docs/tasks", "/docs/tasks/", "docs/tasks/_index.md", "Docs/Tasks.md", "docs/tasks/index.html"] {
            assert_eq!(path_key(path), "docs/tasks", "{path}");
        }
        assert_eq!(path_key("_index.md"), "");
        assert_eq!(path_key("docs/kubelet-config.v1beta1.md"), "docs/kubelet-config.v1beta1");
    }

    #[test]
    fn urls_keep_letters_and_lose_punctuation() {
        assert_eq!(urlize("Docs/What's new (2)"), "docs/whats-new-2");
        assert_eq!(urlize("A - b -- c – d "), "a-b--c-d");
        assert_eq!(urlize("docs/kubelet-config.v1beta1"), "docs/kubelet-config.v1beta1");
        assert_eq!(urlize("ブログ/こんにちは"), "ブログ/こんにちは");
        assert_eq!(encode("/ü x/"), "/%C3%BC%20x/");
        assert_eq!(encode_value("a-b_c.1~ &x=#?/+%"), "a-b_c.1~%20%26x%3d%23%3f%2f%2b%25");
    }

    #[test]
    fn anchors_follow_blackfriday() {
        assert_eq!(anchorize("What's next"), "what-s-next");
        assert_eq!(anchorize("`kubectl` and *x*"), "kubectl-and-x");
        assert_eq!(anchorize("Podの作成 (2)"), "podの作成-2");
        assert_eq!(anchorize("--"), "");
        assert_eq!(anchorize("हिन्दी"), "ह-न-द", "vowel signs are no letters");
    }
}
