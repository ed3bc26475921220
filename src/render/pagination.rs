//! Long lists in pages of a few entries (`/blog/page/2/`).
//!
//! In: the section, how many entries it lists. Out: for each page its number, its address, its part of
//! the list and the way to the others. The first page is the section itself; `page/1/` leads to it, as
//! in Hugo.

use std::ops::Range;

use serde::Serialize;

use super::urls::Base;

/// How many pages before and behind the current one are linked to.
const NEAR: usize = 2;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListPage {
    /// From 1.
    pub(super) number: usize,
    /// The section's address, or below it.
    pub(super) url: String,
    /// Which entries it shows.
    pub(super) entries: Range<usize>,
}

/// The pages of a list of `entries`; one, where there are none.
pub(super) fn pages(section: &str, entries: usize, size: usize) -> Vec<ListPage> {
    let size = size.max(1);
    let page = |index: usize| ListPage {
        number: index + 1,
        url: page_url(section, index + 1),
        entries: index * size..entries.min((index + 1) * size),
    };
    (0..entries.div_ceil(size).max(1)).map(page).collect()
}

/// The address that leads to the first page under its number.
pub(super) fn first_page_alias(section: &str) -> String {
    format!("{section}page/1/")
}

fn page_url(section: &str, number: usize) -> String {
    if number == 1 { section.to_owned() } else { format!("{section}page/{number}/") }
}

/// `pager`: the way from one page of a list to the others.
#[derive(Serialize)]
pub(super) struct Pager {
    number: usize,
    total: usize,
    /// Address of the page with newer entries.
    newer: Option<String>,
    /// Address of the page with older entries.
    older: Option<String>,
    links: Vec<PagerLink>,
}

/// A page of the list by its number, or, without a number, a gap.
#[derive(Serialize)]
struct PagerLink {
    number: Option<usize>,
    href: String,
    current: bool,
}

impl Pager {
    /// Nothing for a list on one page.
    pub(super) fn new(section: &str, number: usize, total: usize, base: &Base) -> Option<Self> {
        if total < 2 {
            return None;
        }
        let href = |number| base.href(&page_url(section, number));
        let mut links: Vec<PagerLink> = vec![];
        for at in 1..=total {
            if at == 1 || at == total || at.abs_diff(number) <= NEAR {
                links.push(PagerLink { number: Some(at), href: href(at), current: at == number });
            } else if links.last().is_some_and(|link| link.number.is_some()) {
                links.push(PagerLink { number: None, href: String::new(), current: false });
            }
        }
        let newer = (number > 1).then(|| href(number - 1));
        let older = (number < total).then(|| href(number + 1));
        Some(Self { number, total, newer, older, links })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_cut_into_pages() {
        let cut = |entries| -> Vec<(String, Range<usize>)> {
            pages("/blog/", entries, 10).into_iter().map(|page| (page.url, page.entries)).collect()
        };
        assert_eq!(cut(0), [("/blog/".to_owned(), 0..0)]);
        assert_eq!(cut(10), [("/blog/".to_owned(), 0..10)]);
        assert_eq!(cut(11), [("/blog/".to_owned(), 0..10), ("/blog/page/2/".to_owned(), 10..11)]);
        assert_eq!(pages("/blog/", 722, 10).len(), 73);
        assert_eq!(pages("/blog/", 2, 0).len(), 2);
    }

    #[test]
    fn far_pages_are_a_gap() {
        let base = Base::new("https://x.org/y/");
        let shown = |number, total| -> String {
            let pager = Pager::new("/blog/", number, total, &base).unwrap();
            let text = |link: &PagerLink| link.number.map_or("…".to_owned(), |number| number.to_string());
            pager.links.iter().map(text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown(1, 3), "1 2 3");
        assert_eq!(shown(1, 73), "1 2 3 … 73");
        assert_eq!(shown(40, 73), "1 … 38 39 40 41 42 … 73");
        let pager = Pager::new("/blog/", 2, 3, &base).unwrap();
        assert_eq!((pager.newer.as_deref(), pager.older.as_deref()), (Some("/y/blog/"), Some("/y/blog/page/3/")));
        assert!(Pager::new("/blog/", 1, 1, &base).is_none());
    }
}
