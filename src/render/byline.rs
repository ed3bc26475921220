//! Who wrote a page, and when, as readers see it.

use pulldown_cmark::{Event, Parser};
use serde_json::Value;

use crate::site::calendar::Calendar;
use crate::site::{Page, Site};

/// The form of dates where the site asks for none: that of ISO 8601, which everybody reads.
const DEFAULT_FORM: &str = "2006-01-02";

/// A page's date in the form that the site asks for (`time_format_blog` in its params).
pub(super) fn date(site: &Site, page: &Page) -> Option<String> {
    let form = site.config.param(page.language, "time_format_blog").and_then(Value::as_str).unwrap_or(DEFAULT_FORM);
    // The author's own offset decides which day it is.
    let date = page.date.as_deref()?.get(..10)?.parse().ok()?;
    let languages = &site.config.languages;
    Some(Calendar::of(&[&languages[page.language].code, &languages[0].code]).format(date, form))
}

/// `author` or `authors` of a page's front matter as plain text: Markdown's signs are left out.
pub(super) fn author(page: &Page) -> Option<String> {
    let value = page.param("author").or_else(|| page.param("authors"))?;
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        _ => return None,
    };
    let mut plain = String::with_capacity(text.len());
    for event in Parser::new(&text) {
        match event {
            Event::Text(text) | Event::Code(text) => plain.push_str(&text),
            Event::SoftBreak | Event::HardBreak => plain.push(' '),
            _ => {}
        }
    }
    let plain = plain.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}
