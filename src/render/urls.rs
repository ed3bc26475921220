//! URLs as they stand in pages, and the files behind them.
//!
//! In: a page's URL below the site's root (`/ja/docs/`), the site's base URL (which may have a path
//! of its own). Out: an address that works below that path, an absolute address, or the path of the
//! file in the build folder.

/// Where the site is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Base {
    /// Absolute URL of the root, with a final `/`.
    url: String,
    /// Its path, with `/` at both ends.
    path: String,
}

impl Base {
    pub(crate) fn new(base_url: &str) -> Self {
        let url = if base_url.ends_with('/') { base_url.to_owned() } else { format!("{base_url}/") };
        let after_scheme = url.find("://").map_or(0, |at| at + 3);
        let path = url[after_scheme..].find('/').map_or("/", |at| &url[after_scheme + at..]).to_owned();
        Self { url, path }
    }

    /// The path below which the site lives, with `/` at both ends.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// A URL of the site as a path that begins with one `/`, safe in an attribute.
    pub(crate) fn href(&self, url: &str) -> String {
        join(&self.path, url)
    }

    /// A URL of the site with scheme and host.
    pub(crate) fn permalink(&self, url: &str) -> String {
        join(&self.url, url)
    }
}

/// Joins so that a leading `//` can't become another host.
fn join(base: &str, url: &str) -> String {
    let mut joined = base.to_owned();
    encode_into(&mut joined, url.trim_start_matches('/'));
    joined
}

/// An address of another site, safe in an attribute.
pub(crate) fn encode(url: &str) -> String {
    let mut encoded = String::with_capacity(url.len());
    encode_into(&mut encoded, url);
    encoded
}

/// Percent-encodes what may not stand in a URL (RFC 3986), and what has a meaning in HTML; existing
/// escapes stay.
fn encode_into(target: &mut String, url: &str) {
    const PLAIN: &[u8] = b"-._~/!$&()*+,;=:@?#[]%";
    for byte in url.bytes() {
        if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) {
            target.push(byte as char);
        } else {
            target.push('%');
            for digit in [byte >> 4, byte & 15] {
                target.push(char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
}

/// The text with `%xx` decoded; `None` where that is no UTF-8.
pub fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let hex = |at: usize| bytes.get(at).and_then(|digit| (*digit as char).to_digit(16));
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(u8::try_from(high * 16 + low).unwrap_or(b'%'));
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).ok()
}

/// The file of a page: `/ja/docs/` -> `ja/docs/index.html`, `/x.html` -> `x.html`. `None` for a URL
/// that names no file below the build folder.
pub(crate) fn output_path(url: &str) -> Option<String> {
    let url = decode(url.split(['?', '#']).next().unwrap_or(url))?;
    let parts: Vec<&str> = url.split('/').filter(|part| !part.is_empty()).collect();
    let plain = |part: &&str| {
        !matches!(*part, "." | "..") && part.len() <= 255 && !part.chars().any(|c| c.is_control() || c == '\\')
    };
    if !parts.iter().all(plain) || parts.first() == Some(&crate::render::RESERVED) {
        return None;
    }
    let names_file = !url.ends_with('/') && parts.last().is_some_and(|part| is_page_file(part));
    let mut path = parts.join("/");
    if !names_file {
        path.push_str(if path.is_empty() { "index.html" } else { "/index.html" });
    }
    Some(path)
}

fn is_page_file(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty() && matches!(extension, "html" | "htm" | "xml" | "txt" | "json")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stay_below_the_base() {
        let base = Base::new("https://x.org/y");
        assert_eq!(base.path(), "/y/");
        assert_eq!(base.href("/ja/docs/"), "/y/ja/docs/");
        assert_eq!(base.permalink("/ja/docs/"), "https://x.org/y/ja/docs/");
        assert_eq!(base.href("//evil.org/"), "/y/evil.org/");
        assert_eq!(Base::new("https://x.org").href("//evil.org/"), "/evil.org/");
        assert_eq!(Base::new("/").href("/a"), "/a");
        assert_eq!(base.href("/日/\"><script>"), "/y/%E6%97%A5/%22%3E%3Cscript%3E");
        assert_eq!(base.href("/a%20b'c"), "/y/a%20b%27c");
    }

    #[test]
    fn files_stay_below_the_build_folder() {
        assert_eq!(output_path("/ja/docs/").as_deref(), Some("ja/docs/index.html"));
        assert_eq!(output_path("/").as_deref(), Some("index.html"));
        assert_eq!(output_path("/kubelet-config.v1beta1/").as_deref(), Some("kubelet-config.v1beta1/index.html"));
        assert_eq!(output_path("/v1.36").as_deref(), Some("v1.36/index.html"));
        assert_eq!(output_path("/old.html").as_deref(), Some("old.html"));
        assert_eq!(output_path("/%E6%97%A5/").as_deref(), Some("日/index.html"));
        for bad in ["/../x", "/a/%2e%2e/b", "/a%00", "/a%5Cb", "/%ff/", "/.docbuild/files"] {
            assert_eq!(output_path(bad), None, "{bad}");
        }
        assert_eq!(output_path("javascript:alert(1)").as_deref(), Some("javascript:alert(1)/index.html"));
    }

    #[test]
    fn decoding_undoes_encoding() {
        for text in ["a b", "日本", "100%", "%2", "%zz", "\"'<>"] {
            let mut encoded = String::new();
            encode_into(&mut encoded, &text.replace('%', "%25"));
            assert_eq!(decode(&encoded).as_deref(), Some(text));
        }
    }
}
