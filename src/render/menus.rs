//! The site's menu: what the header links to.
//!
//! In: the pages' front matter (`menu: main`, or `menu: {main: {weight: 20, name: Docs}}`). Out: links,
//! by weight, then by name. A site without a menu has its first-level sections there.

use serde_json::Value;

use crate::site::{Page, PageId, Site};

/// The menu that the header shows.
const MAIN: &str = "main";

/// An entry of the main menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MenuEntry {
    pub(super) page: PageId,
    pub(super) name: String,
    weight: i64,
}

/// The main menu of a language.
pub(super) fn main(site: &Site, language: usize) -> Vec<MenuEntry> {
    let pages = site.pages.iter().filter(|page| page.published && page.language == language);
    let mut entries: Vec<MenuEntry> = pages.filter_map(entry).collect();
    // As everywhere, no weight is the last.
    entries.sort_by(|a, b| (a.weight == 0, a.weight, &a.name).cmp(&(b.weight == 0, b.weight, &b.name)));
    entries
}

fn entry(page: &Page) -> Option<MenuEntry> {
    let values = &page.front_matter.values;
    let menus = values.get("menus").or_else(|| values.get("menu"))?;
    let settings = match menus {
        Value::String(name) => (name == MAIN).then_some(&Value::Null),
        Value::Array(names) => names.iter().any(|name| name == MAIN).then_some(&Value::Null),
        Value::Object(menus) => menus.get(MAIN),
        _ => None,
    }?;
    let text = |key: &str| settings.get(key).and_then(Value::as_str);
    Some(MenuEntry {
        page: page.id,
        name: text("name").unwrap_or(&page.link_title).to_owned(),
        weight: settings.get("weight").and_then(Value::as_i64).unwrap_or(page.weight),
    })
}
