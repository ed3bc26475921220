//! The address of a page.
//!
//! In: its path, its front matter (`url`, `slug`), the permalink pattern of its section. Out: its URL path from
//! the site's root, and what is wrong with what the author wrote.

use super::assemble::Assembler;
use super::head::Head;
use super::permalink::Permalink;
use super::{Page, PageKind, url};
use crate::diagnostics::{Diagnostic, codes};
use crate::source::SourcePage;

impl Assembler<'_> {
    /// The URL of a page by its path, `slug`, `url` and the permalink pattern of its section.
    pub(super) fn url(&mut self, head: &Head<'_>, source: &SourcePage, page: &Page, file_slug: Option<&str>) -> String {
        let prefix = self.prefix(source.language);
        if let Some(text) = head.text("url", self.diagnostics) {
            if !url_is_usable(&text) {
                self.diagnostics.push(
                    Diagnostic::error(codes::BAD_URL, format!("`{text}` can't be the URL of a page"))
                        .at(head.file, head.front_matter.value_span(head.file, "url"))
                        .help("write a path from the site's root, as in `url: /docs/start/`"),
                );
            } else {
                let text = if text.contains("/:") { self.filled(&text, source, page, head, file_slug) } else { text };
                return with_final_slash(&if text.starts_with('/') { text } else { format!("{prefix}{text}") });
            }
        }
        let section = source.path.split_once('/').map_or("", |(section, _)| section);
        if let Some(pattern) = self.config.permalinks.get(section).filter(|_| page.kind == PageKind::Page) {
            let path = self.filled(pattern, source, page, head, file_slug);
            return with_final_slash(&format!("{prefix}{}", path.trim_start_matches('/')));
        }
        let path = url::path_key_case(&source.path);
        if page.kind != PageKind::Page {
            return with_final_slash(&format!("{prefix}{}", url::urlize(&path)));
        }
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let slug = self.slug(head);
        let name = slug.as_deref().or(file_slug).unwrap_or(name);
        let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        with_final_slash(&format!("{prefix}{}", url::urlize(&path)))
    }

    /// The page's `slug`, if it has one that can be in a URL.
    fn slug(&mut self, head: &Head<'_>) -> Option<String> {
        let slug = head.text("slug", self.diagnostics).filter(|slug| !slug.is_empty())?;
        if !url::urlize(&slug).split('/').any(|part| part == "." || part == "..") {
            return Some(slug);
        }
        self.diagnostics.push(
            Diagnostic::error(codes::BAD_URL, format!("`{slug}` can't be the last part of a URL"))
                .at(head.file, head.front_matter.value_span(head.file, "slug"))
                .help("write one word, as in `slug: first-steps`"),
        );
        None
    }

    /// A permalink pattern with this page's values.
    fn filled(
        &mut self,
        pattern: &str,
        source: &SourcePage,
        page: &Page,
        head: &Head<'_>,
        file_slug: Option<&str>,
    ) -> String {
        let path = url::path_key_case(&source.path);
        let name = path.rsplit('/').next().unwrap_or(&path);
        let section = source.path.split_once('/').map_or("", |(section, _)| section);
        let slug = self.slug(head).or_else(|| file_slug.map(str::to_owned));
        let slug = slug.or_else(|| Some(page.title.clone())).filter(|slug| !url::urlize(slug).is_empty());
        let slug = slug.unwrap_or_else(|| name.to_owned());
        let uses_date = pattern.split('/').any(|part| matches!(part, ":year" | ":month" | ":day"));
        // The date of a draft may still be open.
        if uses_date && page.date.is_none() && page.published {
            self.diagnostics.push(
                Diagnostic::warning(
                    codes::NO_DATE,
                    "the URLs of this section have the date in them, and this page has none",
                )
                .at(head.file, head.file.line_span(1))
                .note(format!("the pattern is `{pattern}`"))
                .help("add its date to the front matter, as in `date: 2024-05-06`; until then its URL has the year 1"),
            );
        }
        let date = page.date.as_deref().unwrap_or("0001-01-01");
        Permalink { section, name, slug: &slug, title: &page.title, date }.fill(pattern)
    }

    /// `/` for the default language, `/ja/` for others.
    pub(super) fn prefix(&self, language: usize) -> String {
        self.config.url_prefix(language)
    }
}

/// Whether an author's URL can be a page's.
pub(super) fn url_is_usable(text: &str) -> bool {
    let path = text.split("://").count() == 1;
    path && !text.is_empty()
        && !text.contains(|c: char| c.is_control() || matches!(c, '\\' | '?' | '#'))
        && !text.starts_with("//")
        && !text.split('/').any(|part| part == "..")
}

/// A URL with a `/` at its end (those of files apart), no two of them beside each other, and without
/// the name of an index file.
pub(super) fn with_final_slash(url: &str) -> String {
    let mut single = String::with_capacity(url.len() + 1);
    for c in url.chars() {
        if c != '/' || !single.ends_with('/') {
            single.push(c);
        }
    }
    // The file that a folder's URL shows is that URL.
    let url = match single.strip_suffix("index.html") {
        Some(folder) if folder.ends_with('/') => folder,
        _ => single.as_str(),
    };
    let is_file = url.rsplit('/').next().is_some_and(|name| name.ends_with(".html") || name.ends_with(".htm"));
    if url.ends_with('/') || is_file { url.to_owned() } else { format!("{url}/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_paths() {
        for usable in ["/docs/a/", "a b", "/日本/", "x.html"] {
            assert!(url_is_usable(usable), "{usable:?}");
        }
        for unusable in
            ["", "https://x.org/", "//x.org/", "/a/../b", "/a\\b", "/a?b", "/a#b", "/a\tb", "/a\r\nb", "/a\u{7f}"]
        {
            assert!(!url_is_usable(unusable), "{unusable:?}");
        }
    }

    #[test]
    fn folders_end_with_one_slash() {
        let cases = [("/a", "/a/"), ("//a///b", "/a/b/"), ("/a.html", "/a.html"), ("/a/index.html", "/a/")];
        for (url, expected) in cases {
            assert_eq!(with_final_slash(url), expected);
        }
    }
}
