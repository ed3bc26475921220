//! What is said about URLs that two pages claim.

use std::sync::Arc;

use super::Page;
use crate::diagnostics::{Diagnostic, SourceFile, Span, codes};

/// Two pages have one URL.
pub(super) fn duplicate_url(first: &Page, second: &Page) -> Diagnostic {
    let mut said = Diagnostic::error(codes::DUPLICATE_URL, format!("two pages have the URL {}", second.url));
    let place = |page: &Page, file: &Arc<SourceFile>| {
        let key = ["url", "slug"].into_iter().find(|key| page.front_matter.get(key).is_some());
        key.map_or_else(|| first_line(file), |key| page.front_matter.value_span(file, key))
    };
    if let Some(file) = &second.file {
        said = said.at(file, place(second, file));
    }
    if let Some(file) = &first.file {
        said = said.label(file, place(first, file), "the other page");
    }
    said.help("rename one of the files, or give one of them a `slug` or `url` of its own")
}

/// An alias of a page leads to another one too.
pub(super) fn duplicate_alias(alias: &str, page: &Page, other: &Page) -> Diagnostic {
    let message = match other.url == alias {
        true => format!("the alias {alias} is the URL of another page"),
        false => format!("two pages have the alias {alias}"),
    };
    let mut said = Diagnostic::warning(codes::DUPLICATE_ALIAS, message);
    if let Some(file) = &page.file {
        said = said.at(file, alias_span(page, file, alias));
    }
    if let Some(file) = &other.file {
        let span = if other.url == alias { first_line(file) } else { alias_span(other, file, alias) };
        said = said.label(file, span, "the other page");
    }
    said.help(if other.url == alias {
        "remove the alias: the page that is published there is shown, and nothing leads from it to this one"
    } else {
        "remove it from one of them: a URL can lead to one page only"
    })
}

fn first_line(file: &SourceFile) -> Span {
    file.line_span(1)
}

/// Where an alias stands in the front matter, else where `aliases` does.
pub(super) fn alias_span(page: &Page, file: &SourceFile, alias: &str) -> Span {
    let head = page.front_matter.span;
    let bare = alias.trim_matches('/');
    let name = bare.rsplit('/').next().unwrap_or(bare);
    let found = [alias, bare, name].into_iter().filter(|text| !text.is_empty()).find_map(|text| {
        let from = page.front_matter.key_span(file, "aliases").start;
        let at = from + file.text.get(from..head.end)?.find(text)?;
        Some(Span::new(at, at + text.len()))
    });
    found.unwrap_or_else(|| page.front_matter.key_span(file, "aliases"))
}
