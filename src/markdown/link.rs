//! Destinations of links and images.

use std::fmt::Write as _;

use super::scope::{Scope, Unit};
use crate::site::{Page, url};

/// The `href` of a link that an author wrote as `destination`.
///
/// A path from the root is led to the page of the current language, if there is one; anything else
/// stays, with illegal characters percent-encoded.
pub(super) fn href(scope: &Scope<'_>, destination: &str) -> String {
    let normal = normalise(destination);
    if destination.starts_with('#')
        || has_scheme(destination)
        || destination.starts_with("//")
        || !destination.starts_with('/')
    {
        return normal;
    }
    let site = scope.context.site;
    let code = &site.config.languages[scope.page.language].code;
    let end = destination.find(['?', '#']).unwrap_or(destination.len());
    let path = &destination[..end];
    if path
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(code.as_str()))
        .is_some_and(|rest| rest.starts_with('/'))
    {
        return normal;
    }
    let decoded = decode(path);
    // A file of a leaf bundle is no page that could be found.
    let is_found = |page: &&Page| page.bundle.is_none() && !is_draft(page);
    let Some(page) = site.find(scope.page.language, &decoded).map(|id| site.page(id)).filter(is_found) else {
        return normal;
    };
    // A page without an address of its own is found as well: the link leads nowhere.
    let (query, fragment) = destination[end..].split_once('#').unwrap_or((&destination[end..], ""));
    let mut href = url::encode(&page.url) + query;
    if !fragment.is_empty() {
        href.push('#');
        href.push_str(&decode(fragment));
    }
    href
}

/// Whether a page is left out of the site.
fn is_draft(page: &Page) -> bool {
    !page.published && page.front_matter.values.get("draft").and_then(serde_json::Value::as_bool).unwrap_or(false)
}

/// The `src` of an image: a file beside the page (of text rendered on its own, beside the home page), else
/// one below `assets/`, else as it is written.
pub(super) fn src(scope: &mut Scope<'_>, destination: &str, unit: Unit) -> String {
    if has_scheme(destination) {
        return normalise(destination);
    }
    let site = scope.context.site;
    let page = match unit {
        Unit::Markdownify => site.page(site.homes[scope.page.language]),
        Unit::Page | Unit::Inner => scope.page,
    };
    let end = destination.find(['?', '#']).unwrap_or(destination.len());
    let name = decode(destination[..end].strip_prefix("./").unwrap_or(&destination[..end]));
    match site.resource(page, &name).or_else(|| site.asset(&name)) {
        Some(found) => scope.publish(&found) + &destination[end..],
        None => normalise(destination),
    }
}

/// Whether a URL starts with a scheme.
pub(super) fn has_scheme(destination: &str) -> bool {
    destination.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// A URL as Go's `net/url` reads and writes it. A path or fragment that is encoded well stays as it is;
/// else all of it is decoded and encoded anew. The query is left alone, an empty fragment goes.
pub(super) fn normalise(destination: &str) -> String {
    // Most are plain, and stay.
    if destination.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte))
        && !destination.as_bytes().iter().take_while(|byte| **byte != b'/').any(u8::is_ascii_uppercase)
    {
        return destination.to_owned();
    }
    let mut normal = String::with_capacity(destination.len() + 16);
    let (before, fragment) =
        destination.split_once('#').map_or((destination, None), |(before, fragment)| (before, Some(fragment)));
    let (place, query) = before.split_once('?').map_or((before, None), |(path, query)| (path, Some(query)));
    let mut path = place;
    if has_scheme(place)
        && let Some((scheme, rest)) = place.split_once(':')
    {
        normal.push_str(&scheme.to_ascii_lowercase());
        normal.push(':');
        path = rest;
    }
    if !normal.is_empty() && !path.starts_with('/') {
        // `mailto:` and its like: what follows is opaque.
        normal.push_str(path);
        path = "";
    } else if path.starts_with("//") && !path.starts_with("///") {
        let end = path[2..].find('/').map_or(path.len(), |end| end + 2);
        push_encoded(&mut normal, &path[..end], HOST, HOST);
        path = &path[end..];
    }
    push_encoded(&mut normal, path, VALID, PATH);
    if let Some(query) = query {
        normal.push('?');
        normal.push_str(query);
    }
    if let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty()) {
        normal.push('#');
        push_encoded(&mut normal, fragment, VALID_FRAGMENT, FRAGMENT);
    }
    normal
}

/// What may stand in a host beside letters and digits.
const HOST: &[u8] = b"-._~!$&'()*+,;=:[]<>\"/@";
/// What may stand in a path that is encoded already.
const VALID: &[u8] = b"-._~!$&'()*+,;=:@[]/";
/// What is not encoded where a path is encoded.
const PATH: &[u8] = b"-._~$&+,/:;=@";
/// As [`VALID`], for a fragment.
const VALID_FRAGMENT: &[u8] = b"-._~!$&'()*+,;=:@[]/?";
/// As [`PATH`], for a fragment.
const FRAGMENT: &[u8] = b"-._~$&+,/:;=@?!()*";

/// Appends a part of a URL: as it is if all of it is `valid`, else encoded but for what is `plain`.
fn push_encoded(out: &mut String, text: &str, valid: &[u8], plain: &[u8]) {
    let bytes = text.as_bytes();
    let is_valid = bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => bytes.get(at + 1..at + 3).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit)),
        _ => byte.is_ascii_alphanumeric() || valid.contains(byte),
    });
    if is_valid {
        return out.push_str(text);
    }
    for byte in decode_bytes(text) {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// Destination and title of an inline link or image exactly as they are written, if the `markdown` of the
/// whole link has an escape or an entity in it (else the parser's are the same).
pub(super) fn written(markdown: &str) -> Option<(&str, &str)> {
    memchr::memchr2(b'\\', b'&', markdown.as_bytes())?;
    // The first `](` behind which a destination and a title reach the link's end.
    markdown.match_indices("](").find_map(|(at, _)| {
        let (destination, title, end) = destination_and_title(&markdown[at + 2..])?;
        (at + 2 + end == markdown.len()).then_some((destination, title))
    })
}

/// The same for a definition: `[label]: destination "title"`.
pub(super) fn written_definition(markdown: &str) -> Option<(&str, &str)> {
    memchr::memchr2(b'\\', b'&', markdown.as_bytes())?;
    let inside = &markdown[markdown.find("]:")? + 2..];
    let (destination, length) = destination(inside)?;
    let title = title(&inside[length..]).map_or("", |(title, _)| title);
    Some((destination, title))
}

/// What stands between `](` and `)`, and its length with the parenthesis.
fn destination_and_title(text: &str) -> Option<(&str, &str, usize)> {
    let close = |at: usize| {
        let rest = text[at..].trim_start();
        rest.starts_with(')').then(|| text.len() - rest.len() + 1)
    };
    if let Some(end) = close(0) {
        return Some(("", "", end));
    }
    let (destination, at) = destination(text)?;
    if let Some(end) = close(at) {
        return Some((destination, "", end));
    }
    let (title, length) = title(&text[at..])?;
    close(at + length).map(|end| (destination, title, end))
}

/// A destination, and the length up to its end.
fn destination(text: &str) -> Option<(&str, usize)> {
    let start = text.len() - text.trim_start().len();
    let bytes = text.as_bytes();
    let is_escape = |at: usize| bytes[at] == b'\\' && bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation);
    let mut at = start;
    if bytes.get(at) == Some(&b'<') {
        while *bytes.get(at)? != b'>' {
            at += if is_escape(at) { 2 } else { 1 };
        }
        return Some((&text[start + 1..at], at + 1));
    }
    let mut open = 0_usize;
    while at < bytes.len() {
        match bytes[at] {
            b'(' => open += 1,
            b')' if open == 0 => break,
            b')' => open -= 1,
            byte if byte.is_ascii_whitespace() => break,
            _ if is_escape(at) => at += 1,
            _ => {}
        }
        at += 1;
    }
    (at > start).then(|| (&text[start..at], at))
}

/// A title in quotes or parentheses, and the length up to its end.
fn title(text: &str) -> Option<(&str, usize)> {
    let start = text.len() - text.trim_start().len();
    let bytes = text.as_bytes();
    let closer = match *bytes.get(start)? {
        b'(' => b')',
        quote @ (b'"' | b'\'') => quote,
        _ => return None,
    };
    let mut at = start + 1;
    while *bytes.get(at)? != closer {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    Some((&text[start + 1..at], at + 1))
}

/// Percent-decodes; stays as it is where that gives no text.
fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    String::from_utf8(decode_bytes(text)).unwrap_or_else(|_| text.to_owned())
}

fn decode_bytes(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = text
            .get(at + 1..at + 3)
            .filter(|code| bytes[at] == b'%' && code.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        decoded.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn illegal_bytes_are_encoded_once() {
        assert_eq!(normalise("/docs/none#ä"), "/docs/none#%C3%A4");
        assert_eq!(normalise("a b"), "a%20b");
        assert_eq!(normalise("/a%20b?q=ä&b"), "/a%20b?q=ä&b");
        assert_eq!(normalise("100%"), "100%25");
        assert_eq!(decode("%C3%A4/%zz"), "ä/%zz");
    }

    #[test]
    fn what_is_not_encoded_well_is_encoded_anew() {
        assert_eq!(normalise("https://a.io/x_(y)"), "https://a.io/x_(y)");
        assert_eq!(normalise("https://a.io/x_\\(y\\)"), "https://a.io/x_%5C%28y%5C%29");
        assert_eq!(normalise("a.yaml###L1"), "a.yaml#%23%23L1");
        assert_eq!(normalise("/a#"), "/a");
        assert_eq!(normalise("HTTPS://A.io/%7e?"), "https://A.io/%7e?");
        assert_eq!(normalise("mailto:é@b.org"), "mailto:é@b.org");
        assert_eq!(normalise("//é.org/é"), "//%C3%A9.org/%C3%A9");
    }

    #[test]
    fn destinations_are_taken_as_they_are_written() {
        assert_eq!(written("[a](b)"), None);
        assert_eq!(written("[a\\_](b\\_c&amp;d)"), Some(("b\\_c&amp;d", "")));
        assert_eq!(written("[![&](x) `](y`](<a b> \"t\\\"u\")"), Some(("a b", "t\\\"u")));
        assert_eq!(written("![a](b\\) (c) )"), Some(("b\\)", "c")));
        assert_eq!(written("[\\]()"), Some(("", "")));
        assert_eq!(written("[a](b \\"), None);
        assert_eq!(written_definition("[a]: b\\_c 'd&e'"), Some(("b\\_c", "d&e")));
    }

    #[test]
    fn schemes() {
        assert!(has_scheme("https://a") && has_scheme("mailto:a@b"));
        assert!(!has_scheme("/a:b") && !has_scheme("a/b:c") && !has_scheme("#a:b"));
    }
}
