//! The list of a glossary's terms, for a page with `layout: glossary`: tooltips of terms that have no
//! article of their own lead there.
//!
//! In: the pages beside the glossary's `index.md`. Out: the values of the layout `glossary.html`.

use serde::Serialize;
use serde_json::Value;

use super::Shared;
use crate::site::{Page, PageId, url};

/// A term of `glossary`.
#[derive(Serialize)]
pub(super) struct GlossaryTerm<'a> {
    /// What links name it by: `#term-ID`.
    id: String,
    title: &'a str,
    /// Where more is said.
    href: Option<String>,
    /// Other names.
    aka: Vec<&'a str>,
    /// One sentence; plain text.
    text: &'a str,
    lang: &'a str,
    /// It is not translated.
    foreign: bool,
}

impl Shared<'_> {
    /// The terms of a glossary page, by title; those that its language lacks are the default language's.
    pub(super) fn glossary(&self, page: &Page) -> Vec<GlossaryTerm<'_>> {
        if page.param("layout").and_then(Value::as_str) != Some("glossary") {
            return vec![];
        }
        let members = |id: PageId| self.site.page(id).members.iter().map(|id| self.site.page(*id));
        let mut terms: Vec<&Page> = members(page.id).collect();
        let original = self.site.find(0, &url::path_key(&page.path)).filter(|id| *id != page.id);
        let missing: Vec<&Page> = original
            .into_iter()
            .flat_map(members)
            .filter(|term| terms.iter().all(|own| own.path != term.path))
            .collect();
        terms.extend(missing);
        terms.sort_by(|a, b| (a.title.to_lowercase(), &a.path).cmp(&(b.title.to_lowercase(), &b.path)));
        terms.into_iter().map(|term| self.term(term, page)).collect()
    }

    fn term<'s>(&'s self, term: &'s Page, page: &Page) -> GlossaryTerm<'s> {
        let text = |name: &str| term.param(name).and_then(Value::as_str).map(str::trim);
        let aka = match term.param("aka") {
            Some(Value::String(name)) => vec![name.as_str()],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => vec![],
        };
        let href = text("full_link").filter(|link| !link.is_empty()).map(|link| match link.strip_prefix('/') {
            Some(path) if !path.starts_with('/') => {
                let (path, anchor) = path.find('#').map_or((path, ""), |at| path.split_at(at));
                let target = self.site.find(page.language, path.trim_end_matches('/'));
                let target = target.map(|id| self.site.page(id)).filter(|target| target.published);
                let url = target.map_or_else(|| format!("/{path}"), |target| target.url.clone());
                format!("{}{anchor}", self.base.href(&url))
            }
            _ => link.to_owned(),
        });
        GlossaryTerm {
            id: url::path_key(&term.path).rsplit('/').next().unwrap_or_default().to_owned(),
            title: &term.title,
            href: href.filter(|href| super::menus::is_safe(href)),
            aka: aka.into_iter().filter(|name| !name.trim().is_empty()).collect(),
            // A sentence with a shortcode is not for plain text.
            text: text("short_description").filter(|text| !text.contains("{{")).unwrap_or_default(),
            lang: &self.site.config.languages[term.language].code,
            foreign: term.language != page.language,
        }
    }
}
