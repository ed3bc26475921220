//! The site's menu: what the header links to.
//!
//! In: `[[menus.main]]` of the configuration and the pages' front matter (`menu: main`, or
//! `menu: {main: {weight: 20, name: Docs, parent: More}}`). Out: a tree of links, by weight, then by name.
//! A site without a menu has its first-level sections there.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Shared;
use super::page::LinkView;
use crate::config::MenuItem;
use crate::site::sidebar::Entry;
use crate::site::{Page, PageId, Site};

/// The menu that the header shows.
const MAIN: &str = "main";

/// `menu`: an entry of the header.
#[derive(Serialize)]
pub(super) struct MenuView<'a> {
    /// An entry that only holds others has none.
    href: Option<String>,
    name: &'a str,
    lang: &'a str,
    foreign: bool,
    /// It is this page or above it.
    current: bool,
    children: Vec<MenuView<'a>>,
}

/// Where an entry leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Page(PageId),
    Url(String),
    /// It only holds those below it.
    Nothing,
}

/// An entry of the main menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MenuEntry {
    pub(super) target: Target,
    pub(super) name: String,
    pub(super) children: Vec<MenuEntry>,
    weight: i64,
    /// What entries below it call it.
    key: String,
    parent: Option<String>,
}

/// The main menu of a language.
pub(super) fn main(site: &Site, language: usize) -> Vec<MenuEntry> {
    let items = &site.config.languages[language].menu;
    let mut entries: Vec<MenuEntry> = items.iter().filter_map(|item| configured(site, language, item)).collect();
    let pages = site.pages.iter().filter(|page| page.published && page.language == language);
    entries.extend(pages.filter_map(of_page));
    nested(entries)
}

/// An entry of the configuration. A page that the language lacks is linked in the default language;
/// one that no language has is no link, as in Hugo.
fn configured(site: &Site, language: usize, item: &MenuItem) -> Option<MenuEntry> {
    let find = |path: &String| {
        let path = path.trim_matches('/');
        let ids = [language, 0].into_iter().filter_map(|language| match path {
            "" => Some(site.homes[language]),
            path => site.find(language, path),
        });
        ids.into_iter().find(|id| site.page(*id).published)
    };
    let page = item.page.as_ref().and_then(find);
    let name = item.name.clone().or_else(|| Some(site.page(page?).link_title.clone()))?;
    let url = item.url.as_ref().filter(|url| is_safe(url));
    let target = page.map(Target::Page).or_else(|| url.cloned().map(Target::Url)).unwrap_or(Target::Nothing);
    let key = item.identifier.clone().unwrap_or_else(|| name.clone());
    Some(MenuEntry { target, name, children: vec![], weight: item.weight, key, parent: item.parent.clone() })
}

/// Whether an address leads somewhere, and runs no script.
pub(super) fn is_safe(url: &str) -> bool {
    let scheme = url.split(['/', '?', '#']).next().and_then(|first| first.split_once(':'));
    scheme.is_none_or(|(scheme, _)| ["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known)))
}

fn of_page(page: &Page) -> Option<MenuEntry> {
    let values = &page.front_matter.values;
    let menus = values.get("menus").or_else(|| values.get("menu"))?;
    let settings = match menus {
        Value::String(name) => (name == MAIN).then_some(&Value::Null),
        Value::Array(names) => names.iter().any(|name| name == MAIN).then_some(&Value::Null),
        Value::Object(menus) => menus.get(MAIN),
        _ => None,
    }?;
    let text = |key: &str| settings.get(key).and_then(Value::as_str);
    let name = text("name").unwrap_or(&page.link_title).to_owned();
    Some(MenuEntry {
        target: Target::Page(page.id),
        key: text("identifier").unwrap_or(&name).to_owned(),
        name,
        children: vec![],
        parent: text("parent").map(str::to_owned),
        weight: settings.get("weight").and_then(Value::as_i64).unwrap_or(page.weight),
    })
}

/// Puts entries below the parents that they name. A parent that is no entry becomes one, as in Hugo;
/// entries that are below themselves are left out.
fn nested(entries: Vec<MenuEntry>) -> Vec<MenuEntry> {
    let mut below: BTreeMap<String, Vec<MenuEntry>> = BTreeMap::new();
    let mut top = vec![];
    for entry in entries {
        match entry.parent.clone().filter(|parent| !parent.is_empty()) {
            Some(parent) => below.entry(parent).or_default().push(entry),
            None => top.push(entry),
        }
    }
    let known: Vec<&str> = top.iter().chain(below.values().flatten()).map(|entry| entry.key.as_str()).collect();
    let missing: Vec<String> = below.keys().filter(|key| !known.contains(&key.as_str())).cloned().collect();
    top.extend(missing.into_iter().map(|name| MenuEntry {
        target: Target::Nothing,
        key: name.clone(),
        name,
        children: vec![],
        weight: 0,
        parent: None,
    }));
    adopt(&mut top, &mut below);
    top
}

/// Gives entries their children and puts them in order: as everywhere, no weight is the last. An entry is
/// taken once, so this ends whatever the entries say.
fn adopt(entries: &mut [MenuEntry], below: &mut BTreeMap<String, Vec<MenuEntry>>) {
    entries.sort_by(|a, b| (a.weight == 0, a.weight, &a.name).cmp(&(b.weight == 0, b.weight, &b.name)));
    for entry in entries {
        entry.children = below.remove(&entry.key).unwrap_or_default();
        adopt(&mut entry.children, below);
    }
}

impl Shared<'_> {
    /// The main menu, or the first-level sections where the site has none.
    pub(super) fn menu(&self, page: &Page) -> Vec<MenuView<'_>> {
        let entries = &self.menus[page.language];
        if entries.is_empty() {
            let sections = self.sections(page).into_iter();
            return sections
                .map(|LinkView { href, link_title, lang, foreign, current, .. }| MenuView {
                    href: Some(href),
                    name: link_title,
                    lang,
                    foreign,
                    current,
                    children: vec![],
                })
                .collect();
        }
        entries.iter().map(|entry| self.menu_view(entry, page, Self::is_in_section)).collect()
    }

    /// An entry at the top is the current one in the whole of its section, one below it at its page and below that.
    fn menu_view<'s>(
        &'s self,
        entry: &'s MenuEntry,
        page: &Page,
        is_at: fn(&Self, &Page, PageId) -> bool,
    ) -> MenuView<'s> {
        let children: Vec<MenuView<'_>> =
            entry.children.iter().map(|child| self.menu_view(child, page, Self::is_below)).collect();
        let below = children.iter().any(|child| child.current);
        let (href, lang, at) = match &entry.target {
            Target::Page(id) => {
                let lang = self.site.page(*id).language;
                let node = Entry { id: *id, foreign: lang != page.language };
                (Some(self.node_href(node, page.language)), lang, is_at(self, page, *id))
            }
            Target::Url(url) if url.starts_with('/') && !url.starts_with("//") => {
                (Some(self.base.href(url)), page.language, false)
            }
            Target::Url(url) => (Some(url.clone()), page.language, false),
            Target::Nothing => (None, page.language, false),
        };
        MenuView {
            href,
            name: &entry.name,
            lang: &self.site.config.languages[lang].code,
            foreign: lang != page.language,
            current: at || below,
            children,
        }
    }

    fn is_below(&self, page: &Page, target: PageId) -> bool {
        page.id == target || self.tree.ancestors(page.id).contains(&target)
    }

    /// Whether a page is the target of a menu's entry or in the same first-level section.
    fn is_in_section(&self, page: &Page, target: PageId) -> bool {
        page.id == target || self.tree.root(page.id).is_some_and(|root| Some(root) == self.tree.root(target))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, parent: &str, weight: i64) -> MenuEntry {
        let parent = Some(parent.to_owned());
        let (key, name) = (name.to_lowercase(), name.to_owned());
        MenuEntry { target: Target::Nothing, name, children: vec![], weight, key, parent }
    }

    fn shown(entries: &[MenuEntry]) -> String {
        let one = |entry: &MenuEntry| format!("{}({})", entry.name, shown(&entry.children));
        entries.iter().map(one).collect()
    }

    #[test]
    fn entries_are_below_their_parents_by_weight() {
        let entries = vec![entry("D", "b", 2), entry("A", "", 0), entry("B", "", 3), entry("C", "b", 1)];
        assert_eq!(shown(&nested(entries)), "B(C()D())A()");
        assert_eq!(shown(&nested(vec![entry("E", "More", 1)])), "More(E())", "a parent is made");
        assert_eq!(shown(&nested(vec![entry("F", "g", 1), entry("G", "f", 1), entry("H", "h", 1)])), "", "a circle");
    }

    #[test]
    fn an_address_runs_no_script() {
        for (url, safe) in [
            ("/docs/", true),
            ("https://x.example/a:b", true),
            ("a/b:c", true),
            ("#x", true),
            ("JavaScript:alert(1)", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(is_safe(url), safe, "{url}");
        }
    }
}
