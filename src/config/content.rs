//! What the configuration says about pages: where their dates come from, and which are made from data.

use std::collections::BTreeMap;
use std::ops::Range;

use super::reader::{Reader, Table};
use crate::diagnostics::{Diagnostic, codes};

/// Where a page's date can come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateSource {
    /// A key of the front matter, in lower case.
    Key(String),
    /// The beginning of the file's name, or of its folder's in a bundle: `2024-05-06-name.md`.
    FileName,
}

impl DateSource {
    /// Where dates come from unless the configuration says otherwise.
    pub(super) fn defaults() -> Vec<Self> {
        let key = |name: &str| Self::Key(name.to_owned());
        vec![key("date"), Self::FileName, key("publishdate"), key("lastmod")]
    }

    /// Hugo's own order.
    fn hugo_defaults() -> Vec<Self> {
        ["date", "publishdate", "pubdate", "published", "lastmod", "modified"]
            .map(|name| Self::Key(name.to_owned()))
            .to_vec()
    }

    /// `[frontmatter] date` of a file of Hugo's.
    pub(super) fn read_hugo(top: &mut Table<'_>, reader: &mut Reader<'_>) -> Vec<Self> {
        let Some(mut table) = top.table(reader, "frontmatter") else { return Self::hugo_defaults() };
        let Some(names) = table.strings(reader, "date") else { return Self::hugo_defaults() };
        let mut sources = vec![];
        for (name, span) in names {
            match name.to_lowercase().as_str() {
                ":default" => sources.extend(Self::hugo_defaults()),
                ":filename" => sources.push(Self::FileName),
                key if key.starts_with(':') => {
                    let message = format!("docbuild takes no dates from `{name}`");
                    let said = Diagnostic::information(codes::CONFIG_UNSUPPORTED, message).at(reader.file, span);
                    reader.diagnostics.push(said.help("the next entry of the list is taken"));
                }
                key => sources.push(Self::Key(key.to_owned())),
            }
        }
        sources
    }
}

/// A text of the configuration and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedText {
    /// The text.
    pub text: String,
    /// Its bytes in [`super::Config::file`].
    pub span: Range<usize>,
}

/// Pages that are made from a data file: one for each item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataPages {
    /// The data file below `data-dir`: `releases/schedule.yaml`.
    pub source: PlacedText,
    /// Where the list is in the file, by keys with dots between them; the whole file without it.
    pub items: Option<PlacedText>,
    /// Address of a page, below the language's (a Tera template that sees `item`).
    pub url: PlacedText,
    /// Title of a page (a Tera template).
    pub title: PlacedText,
    /// Further keys of the page's front matter (Tera templates).
    pub params: BTreeMap<String, String>,
}

impl DataPages {
    /// `[[data-pages]]`.
    pub(super) fn read(top: &mut Table<'_>, reader: &mut Reader<'_>) -> Vec<Self> {
        let mut all = vec![];
        for mut table in top.table_list(reader, "data-pages") {
            let mut text = |reader: &mut Reader<'_>, key: &'static str| {
                table.placed_string(reader, key).map(|(text, span)| PlacedText { text, span })
            };
            let source = text(reader, "source");
            let items = text(reader, "items");
            let (url, title) = (text(reader, "url"), text(reader, "title"));
            let params = table.string_map(reader, "params");
            table.finish(reader);
            match (source, url) {
                (Some(source), Some(url)) => {
                    let title = title.unwrap_or_else(|| PlacedText { text: String::new(), span: url.span.clone() });
                    all.push(Self { source, items, url, title, params });
                }
                (source, url) => {
                    let place = source.or(url).map(|found| found.span);
                    let message = "`[[data-pages]]` needs a `source` and a `url`";
                    let mut said = Diagnostic::error(codes::DATA_PAGES, message);
                    if let Some(span) = place.or_else(|| top.key_span("data-pages")) {
                        said = said.at(reader.file, span);
                    }
                    reader.diagnostics.push(said.help(
                        "`source = \"releases.yaml\"` names a file of the data folder, `url = \"/releases/{{ item.name }}/\"` the page of each of its items",
                    ));
                }
            }
        }
        all
    }
}
