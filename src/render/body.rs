//! An article's HTML on its way into a page.
//!
//! In: the body as Markdown and shortcodes made it (which is what `export` gives). Out: the same
//! with what only a page needs: links that work below a base path, and a label in each tab for
//! readers without scripts. Inline event handlers and icons that belong to another theme's scripts
//! are left out.

use std::collections::HashMap;

use super::urls::Base;

/// Attributes that hold a URL of the site.
const URL_ATTRIBUTES: [&str; 4] = ["href", "src", "action", "poster"];

/// Prepares a body; the text is returned as it is where nothing applies.
pub(crate) fn prepare(html: &str, base: &Base) -> String {
    let tabs = tab_names(html);
    if base.path() == "/" && tabs.is_empty() && !html.contains("icon-copycode") {
        return html.to_owned();
    }
    let mut out = String::with_capacity(html.len() + html.len() / 16);
    let mut written = 0;
    for tag in Tags::new(html) {
        out.push_str(&html[written..tag.start]);
        written = tag.end;
        let text = &html[tag.start..tag.end];
        if tag.attribute("class").is_some_and(|class| class == "icon-copycode") {
            continue;
        }
        if text == "</img>" {
            continue;
        }
        push_tag(&mut out, &tag, base.path());
        let class = tag.attribute("class").unwrap_or("");
        if class.split(' ').any(|name| name == "tab-pane")
            && let Some(name) = tag.attribute("id").and_then(|id| tabs.get(id))
        {
            out.push_str("<p class=\"tab-label\">");
            out.push_str(name);
            out.push_str("</p>");
        }
    }
    out.push_str(&html[written..]);
    out
}

/// HTML whose links to the site have its scheme and host, for what is read elsewhere.
pub(crate) fn absolute(html: &str, base: &Base) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 16);
    let mut written = 0;
    for tag in Tags::new(html) {
        out.push_str(&html[written..tag.start]);
        written = tag.end;
        push_tag(&mut out, &tag, &base.permalink(""));
    }
    out.push_str(&html[written..]);
    out
}

/// Writes a tag, its URLs moved below `root`.
fn push_tag(out: &mut String, tag: &Tag<'_>, root: &str) {
    let mut written = tag.start;
    for attribute in &tag.attributes {
        let is_url = URL_ATTRIBUTES.iter().any(|name| attribute.name.eq_ignore_ascii_case(name));
        let value = attribute.value;
        if is_url && value.starts_with('/') && !value.starts_with("//") {
            out.push_str(&tag.html[written..attribute.value_start]);
            out.push_str(root.trim_end_matches('/'));
            written = attribute.value_start;
        }
    }
    out.push_str(&tag.html[written..tag.end]);
}

/// Pane id -> the tab's label, as HTML.
fn tab_names(html: &str) -> HashMap<&str, &str> {
    if !html.contains("nav-tabs") {
        return HashMap::new();
    }
    Tags::new(html)
        .filter(|tag| tag.attribute("data-toggle") == Some("tab"))
        .filter_map(|tag| {
            let id = tag.attribute("href")?.strip_prefix('#')?;
            let rest = &html[tag.end..];
            Some((id, &rest[..rest.find("</a>")?]))
        })
        .collect()
}

/// HTML without links and images, for where it stands inside of a link.
pub(crate) fn without_links(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut written = 0;
    for tag in Tags::new(html) {
        if tag.is("a") || tag.is("img") {
            out.push_str(&html[written..tag.start]);
            written = tag.end;
        }
    }
    out.push_str(&html[written..]);
    out
}

/// A start or end tag.
struct Tag<'a> {
    html: &'a str,
    start: usize,
    end: usize,
    attributes: Vec<Attribute<'a>>,
}

/// An attribute with a value.
struct Attribute<'a> {
    name: &'a str,
    value: &'a str,
    value_start: usize,
}

impl<'a> Tag<'a> {
    fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name)).map(|found| found.value)
    }

    fn is(&self, name: &str) -> bool {
        let text = self.html[self.start..self.end].trim_start_matches(['<', '/']);
        let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
        text[..end].eq_ignore_ascii_case(name)
    }
}

/// The tags of a text, comments and the insides of scripts and styles apart.
struct Tags<'a> {
    html: &'a str,
    at: usize,
}

impl<'a> Tags<'a> {
    fn new(html: &'a str) -> Self {
        Self { html, at: 0 }
    }

    /// The tag that begins at `start`, if one does.
    fn tag(&self, start: usize) -> Option<Tag<'a>> {
        let bytes = self.html.as_bytes();
        let name = start + 1 + usize::from(bytes.get(start + 1) == Some(&b'/'));
        if !bytes.get(name)?.is_ascii_alphabetic() {
            return None;
        }
        let skip = |mut at: usize, while_: &dyn Fn(u8) -> bool| {
            while bytes.get(at).is_some_and(|byte| while_(*byte)) {
                at += 1;
            }
            at
        };
        let mut attributes = vec![];
        let mut at = skip(name, &|byte| !byte.is_ascii_whitespace() && byte != b'>' && byte != b'/');
        loop {
            at = skip(at, &|byte| byte.is_ascii_whitespace() || byte == b'/');
            if *bytes.get(at)? == b'>' {
                return Some(Tag { html: self.html, start, end: at + 1, attributes });
            }
            // HTML takes a `=` in front as part of the name.
            let end = skip(at + 1, &|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'=' | b'>' | b'/'));
            let attribute = self.html.get(at..end)?;
            let equals = skip(end, &|byte| byte.is_ascii_whitespace());
            if bytes.get(equals) != Some(&b'=') {
                at = end;
                continue;
            }
            let value = skip(equals + 1, &|byte| byte.is_ascii_whitespace());
            let quote = *bytes.get(value)?;
            let (value_start, value_end) = if matches!(quote, b'"' | b'\'') {
                (value + 1, skip(value + 1, &|byte| byte != quote))
            } else {
                (value, skip(value, &|byte| !byte.is_ascii_whitespace() && byte != b'>'))
            };
            at = value_end + usize::from(value_start > value);
            attributes.push(Attribute { name: attribute, value: self.html.get(value_start..value_end)?, value_start });
        }
    }
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let start = self.at + memchr::memchr(b'<', self.html.as_bytes().get(self.at..)?)?;
            if self.html[start..].starts_with("<!--") {
                self.at = self.html[start..].find("-->").map_or(self.html.len(), |end| start + end + 3);
                continue;
            }
            let Some(tag) = self.tag(start) else {
                self.at = start + 1;
                continue;
            };
            self.at = tag.end;
            for raw in ["script", "style"] {
                if tag.is(raw) && !self.html[tag.start..].starts_with("</") {
                    let rest = self.html[tag.end..].to_ascii_lowercase();
                    self.at = rest.find(&format!("</{raw}")).map_or(self.html.len(), |end| tag.end + end);
                }
            }
            return Some(tag);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn below(html: &str) -> String {
        prepare(html, &Base::new("https://x.org/y/"))
    }

    #[test]
    fn links_of_the_site_move_below_the_base_path() {
        assert_eq!(below(r#"<a href="/docs/">x</a>"#), r#"<a href="/y/docs/">x</a>"#);
        assert_eq!(below("<img alt='>' src='/a.png'>"), "<img alt='>' src='/y/a.png'>");
        assert_eq!(below("<a href=/docs/>x</a>"), "<a href=/y/docs/>x</a>");
        for same in [
            r##"<a href="#a">x</a>"##,
            r#"<a href="//h/x">x</a>"#,
            r#"<a href="https://h/">x</a>"#,
            r#"<a title="/x">x</a>"#,
            r#"<!-- <a href="/x"> -->"#,
            r#"<script>a = '<a href="/x">'</script>"#,
            "<code>&lt;a href=\"/x\"></code>",
            "a < b, c > d",
            "<a href=\"/never closed",
        ] {
            assert_eq!(below(same), same);
        }
    }

    #[test]
    fn links_of_the_site_get_its_host() {
        let html = r#"<a href="/docs/?a#b">x</a> <a href="//h/">y</a> 日"#;
        let expected = r#"<a href="https://x.org/y/docs/?a#b">x</a> <a href="//h/">y</a> 日"#;
        assert_eq!(absolute(html, &Base::new("https://x.org/y/")), expected);
    }

    #[test]
    fn tabs_get_labels_for_readers_without_scripts() {
        let html = "<ul class=\"nav nav-tabs\"><li><a data-toggle=\"tab\" href=\"#t-0\">A &amp; B</a></li></ul>\
                    <div id=\"t-0\" class=\"tab-pane show active\">x</div>";
        let page = prepare(html, &Base::new("/"));
        assert!(page.contains("class=\"tab-pane show active\"><p class=\"tab-label\">A &amp; B</p>x</div>"), "{page}");
    }

    #[test]
    fn another_themes_copy_icon_is_left_out() {
        let html = "<a>f</a><img src=\"/images/copycode.svg\" class=\"icon-copycode\" onclick=\"copyCode('a')\" title=\"t\"></img></div>";
        assert_eq!(prepare(html, &Base::new("/")), "<a>f</a></div>");
    }

    #[test]
    fn contents_entries_hold_no_links() {
        assert_eq!(without_links("a <a href=\"/x\">b <code>c</code></a><img src=x>"), "a b <code>c</code>");
    }

    proptest! {
        #[test]
        fn any_text_passes(html in "[<>/a-c=\"' \\-!scriptあ]{0,60}") {
            let page = below(&html);
            prop_assert!(page.len() >= html.len() || html.contains("img"));
        }
    }
}
