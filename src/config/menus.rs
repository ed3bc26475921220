//! `[[menus.main]]`: entries of the header's menu that stand in the configuration, by Hugo's names.

use super::reader::{Reader, Table};

/// The menu that the header shows.
const MAIN: &str = "main";

/// An entry as it is written; pages name others in their front matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MenuItem {
    /// What the reader sees; without it, the title of the page.
    pub name: Option<String>,
    /// The page it leads to, below a language's folder: `/docs/home`.
    pub page: Option<String>,
    /// Where it leads, if not to a page of the site.
    pub url: Option<String>,
    /// What entries below it call it; without it, its name.
    pub identifier: Option<String>,
    /// The identifier or name of the entry that it is below.
    pub parent: Option<String>,
    /// Order; 0 is last.
    pub weight: i64,
}

impl MenuItem {
    /// Reads the menu of a site or of a language; `None` where it has none. `page_key` is the name of the
    /// key with the page, and `strict` says whether unknown keys are mistakes.
    fn read(top: &mut Table<'_>, reader: &mut Reader<'_>, page_key: &'static str, strict: bool) -> Option<Vec<Self>> {
        let holder = ["menus", "menu"].into_iter().find(|key| top.key_span(key).is_some())?;
        let tables = top.table(reader, holder)?.table_list(reader, MAIN);
        let item = |mut table: Table<'_>| {
            let item = Self {
                name: table.string(reader, "name"),
                page: table.string(reader, page_key),
                url: table.string(reader, "url"),
                identifier: table.string(reader, "identifier"),
                parent: table.string(reader, "parent"),
                weight: table.integer(reader, "weight").unwrap_or(0),
            };
            if strict {
                table.finish(reader);
            }
            item
        };
        Some(tables.into_iter().map(item).collect())
    }

    /// Reads it from a `book.toml`.
    pub(super) fn read_book(top: &mut Table<'_>, reader: &mut Reader<'_>) -> Option<Vec<Self>> {
        Self::read(top, reader, "page", true)
    }

    /// Reads it from a `hugo.toml`.
    pub(super) fn read_hugo(top: &mut Table<'_>, reader: &mut Reader<'_>) -> Option<Vec<Self>> {
        Self::read(top, reader, "pageRef", false)
    }
}
