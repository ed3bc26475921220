//! Destinations of links and images.

use std::fmt::Write as _;

use super::scope::{Scope, Unit};
use crate::site::url;

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
    let Some(page) = site.find(scope.page.language, &decoded).map(|id| site.page(id)).filter(|page| page.published)
    else {
        return normal;
    };
    let (query, fragment) = destination[end..].split_once('#').unwrap_or((&destination[end..], ""));
    let mut href = url::encode(&page.url) + query;
    if !fragment.is_empty() {
        href.push('#');
        href.push_str(&decode(fragment));
    }
    href
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

/// Percent-encodes what may not stand in a URL; what is encoded already stays. The query is left alone.
fn normalise(destination: &str) -> String {
    let (before, fragment) =
        destination.split_once('#').map_or((destination, None), |(before, fragment)| (before, Some(fragment)));
    let (path, query) = before.split_once('?').map_or((before, None), |(path, query)| (path, Some(query)));
    let mut normal = String::with_capacity(destination.len());
    push_encoded(&mut normal, path, b"\\^`{|}\"<> ");
    if let Some(query) = query {
        normal.push('?');
        normal.push_str(query);
    }
    if let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty()) {
        normal.push('#');
        push_encoded(&mut normal, fragment, b"\\^`{|}\"<> ");
    }
    normal
}

fn push_encoded(out: &mut String, text: &str, illegal: &[u8]) {
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        let stray_percent =
            byte == b'%' && !bytes.get(at + 1..at + 3).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
        if !byte.is_ascii() || byte.is_ascii_control() || illegal.contains(&byte) || stray_percent {
            let _ = write!(out, "%{byte:02X}");
        } else {
            out.push(char::from(byte));
        }
    }
}

/// Percent-decodes; stays as it is where that gives no text.
fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code =
            text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%').and_then(|code| u8::from_str_radix(code, 16).ok());
        decoded.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
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
    fn schemes() {
        assert!(has_scheme("https://a") && has_scheme("mailto:a@b"));
        assert!(!has_scheme("/a:b") && !has_scheme("a/b:c") && !has_scheme("#a:b"));
    }
}
