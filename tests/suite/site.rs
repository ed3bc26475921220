//! Sources and the site that is made of them: one file a case in `tests/fixtures/site`.
//!
//! A file holds the sources; behind `=== pages` stands the tree of what is published, behind `=== unpublished`
//! what is not.

use std::fmt::Write as _;

use docbuild::site::{Page, PageId, Site};

use crate::case_site;

fn tree(site: &Site, id: PageId, depth: usize, text: &mut String) {
    let page = site.page(id);
    let kind = format!("{:?}", page.kind).to_lowercase();
    let _ = write!(text, "{}{} {kind} {:?} ({})", "  ".repeat(depth), page.url, page.title, page.path);
    let list = |urls: &[String]| urls.join(" ");
    if !page.translations.is_empty() {
        let urls: Vec<String> = page.translations.iter().map(|id| site.page(*id).url.clone()).collect();
        let _ = write!(text, " translations: {}", list(&urls));
    }
    if !page.aliases.is_empty() {
        let _ = write!(text, " aliases: {}", list(&page.aliases));
    }
    if !page.resources.is_empty() {
        let urls: Vec<String> = page.resources.iter().map(|(url, _)| url.clone()).collect();
        let _ = write!(text, " files: {}", list(&urls));
    }
    text.push('\n');
    for child in &page.children {
        assert_eq!(site.page(*child).parent, Some(id));
        tree(site, *child, depth + 1, text);
    }
}

#[test]
fn sources_become_a_site() {
    let cases = case_site::check("site", |case| {
        let folder = tempfile::tempdir().unwrap();
        case_site::write(folder.path(), &case.files);
        let built = case_site::build(folder.path()).unwrap();
        let said: Vec<_> = built.said.iter().filter(|said| said.code.id != "config-go-templates").collect();
        assert!(said.is_empty(), "{said:?}");
        let site = &built.site;
        let mut text = String::new();
        for home in &site.homes {
            tree(site, *home, 0, &mut text);
        }
        let shown = |page: &&Page| page.published && !page.listed;
        let unlisted: String =
            site.pages.iter().filter(shown).map(|page| format!("{} (unlisted)\n", page.url)).collect();
        let hidden: String =
            site.pages.iter().filter(|page| !page.published).map(|page| format!("{}\n", page.path)).collect();
        assert!(
            site.pages.iter().all(|page| page.published != page.url.is_empty()),
            "a page has a URL exactly if it is published"
        );
        vec![("pages", text + &unlisted), ("unpublished", hidden)]
    });
    assert!(cases >= 5, "only {cases} cases are there");
}
