//! Old addresses: a page at each that leads to the new one, and the same as a table for the host.
//!
//! In: the pages' aliases, and the addresses that lists and languages have twice. Out: redirect pages,
//! `_redirects` and `_headers` for hosts that read them (Netlify's form). What is published at an
//! address now wins over a redirect from it.

use std::fmt::Write as _;

use rayon::prelude::*;

use super::files::Files;
use super::lists;
use super::sink::Content;
use super::{Shared, is_selected, pagination, urls};
use crate::config::Output;
use crate::site::Page;

/// What a site has in `static/` to begin its own `_redirects` and `_headers` with.
const BASES: [(Output, &str, &str); 2] =
    [(Output::Redirects, "_redirects", "_redirects.base"), (Output::Headers, "_headers", "_headers.base")];

/// An address that leads to a page.
struct Redirect<'a> {
    from: String,
    to: &'a Page,
}

/// Adds all of them.
pub(super) fn add(shared: &Shared<'_>, files: &Files<'_>) {
    let mut redirects = vec![];
    let mut written = vec![];
    for redirect in all(shared) {
        match urls::output_path(&redirect.from) {
            Some(path) if files.claim_default(&path) => {
                written.push((path, redirect.to));
                redirects.push(redirect);
            }
            Some(_) => {}
            None => files.bad_url(redirect.to, &redirect.from),
        }
    }
    written.into_par_iter().for_each(|(path, page)| match shared.render_alias(page) {
        Ok(text) => files.put_claimed(&path, Content::Text(text)),
        Err(diagnostics) => files.say(diagnostics),
    });
    add_tables(shared, &redirects, files);
}

/// All redirects, by page, in the order of the pages.
fn all<'a>(shared: &Shared<'a>) -> Vec<Redirect<'a>> {
    let site = shared.site;
    let mut redirects = vec![];
    for page in site.pages.iter().filter(|page| page.published && is_selected(site, page)) {
        redirects.extend(page.aliases.iter().map(|alias| Redirect { from: alias.clone(), to: page }));
        if lists::is_list(page) && !lists::posts(site, page).is_empty() {
            redirects.push(Redirect { from: pagination::first_page_alias(&page.url), to: page });
        }
    }
    // The default language's pages stand at the root; its own code leads there.
    let languages = &site.config.languages;
    if languages.len() > 1 && languages[0].selected {
        redirects.push(Redirect { from: format!("/{}/", languages[0].code), to: site.page(site.homes[0]) });
    }
    redirects
}

/// `_redirects` and `_headers` of each home page that has them: at the root for the whole site, in a
/// language's folder for that language.
fn add_tables(shared: &Shared<'_>, redirects: &[Redirect<'_>], files: &Files<'_>) {
    let site = shared.site;
    for (language, lang) in site.config.languages.iter().enumerate().filter(|(_, lang)| lang.selected) {
        let outputs = shared.outputs(site.page(site.homes[language]));
        for (output, name, base) in BASES.into_iter().filter(|(output, ..)| outputs.contains(output)) {
            let base =
                if language == 0 { std::fs::read_to_string(site.config.static_dir.join(base)).ok() } else { None };
            let mut text = base.map_or(String::new(), |base| format!("{}\n\n", base.trim_end()));
            match output {
                Output::Redirects => {
                    let of_table =
                        redirects.iter().filter(|redirect| language == 0 || redirect.to.language == language);
                    for Redirect { from, to } in of_table {
                        let _ =
                            writeln!(text, "{} {} 301!", literal(&shared.base.href(from)), shared.base.href(&to.url));
                    }
                }
                _ => text.push_str(&headers(shared.base.path())),
            }
            let path = if language == 0 { name.to_owned() } else { format!("{}/{name}", lang.code) };
            files.put_default(&path, Ok(text));
        }
    }
}

/// An address that stands for nothing but itself: in the table `*` is any address, and `:name` any part of one.
fn literal(href: &str) -> String {
    href.replace('*', "%2A").replace(':', "%3A")
}

/// Files whose names change with their bytes may be kept for ever, all others are asked for again.
fn headers(root: &str) -> String {
    format!(
        "{root}*\n  X-Content-Type-Options: nosniff\n  Referrer-Policy: strict-origin-when-cross-origin\n\n\
         {root}assets/*\n  Cache-Control: public, max-age=31536000, immutable\n"
    )
}
