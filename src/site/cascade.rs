//! `cascade` of a section's front matter: keys that the pages below have unless they set them themselves.
//!
//! In: the sources. Out: their front matter, with the keys of the sections above in it, the nearest
//! section's first. Of Hugo's `_target`, `kind` and `lang` are known; a cascade with another condition is
//! left out.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::PageKind;
use super::assemble::{ancestors, kind};
use crate::config::Config;
use crate::source::Source;

/// Gives the pages what the sections above them cascade.
pub(super) fn apply(config: &Config, source: &mut Source) {
    let mut cascades: HashMap<(usize, String), Vec<Value>> = HashMap::new();
    for page in source.pages.iter().filter(|page| kind(&page.path) != PageKind::Page) {
        let rules = match page.front_matter.get("cascade") {
            Some(Value::Array(rules)) => rules.clone(),
            Some(rule @ Value::Object(_)) => vec![rule.clone()],
            _ => continue,
        };
        cascades.insert((page.language, folder_of(&page.path).to_owned()), rules);
    }
    if cascades.is_empty() {
        return;
    }
    for page in &mut source.pages {
        let own = kind(&page.path);
        let folder = folder_of(&page.path);
        let language = config.languages[page.language].code.as_str();
        // What a section cascades is for the pages below it; the home page's is its own too.
        let skip = usize::from(own == PageKind::Section);
        for folder in ancestors(folder).skip(skip) {
            for rule in cascades.get(&(page.language, folder.to_owned())).into_iter().flatten() {
                if let Some(rule) = rule.as_object().filter(|rule| is_meant(rule, own, language)) {
                    merge(&mut page.front_matter.values, rule);
                }
            }
        }
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a rule is for a page of this kind and language.
fn is_meant(rule: &Map<String, Value>, kind: PageKind, language: &str) -> bool {
    let Some(target) = rule.get("_target").or_else(|| rule.get("target")) else { return true };
    let kind = match kind {
        PageKind::Home => "home",
        PageKind::Section => "section",
        PageKind::Page => "page",
    };
    target.as_object().is_some_and(|target| {
        target.iter().all(|(key, wanted)| match key.to_ascii_lowercase().as_str() {
            "kind" => wanted.as_str().is_some_and(|wanted| wanted.eq_ignore_ascii_case(kind)),
            "lang" => wanted.as_str().is_some_and(|wanted| wanted.eq_ignore_ascii_case(language)),
            _ => false,
        })
    })
}

fn merge(values: &mut Map<String, Value>, rule: &Map<String, Value>) {
    for (key, value) in rule {
        let key = key.to_lowercase();
        match (values.get_mut(&key), value) {
            _ if key == "_target" || key == "target" => {}
            // Parameters are merged one by one.
            (Some(Value::Object(own)), Value::Object(more)) if key == "params" => {
                for (name, value) in more {
                    own.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
            (Some(_), _) => {}
            (None, value) => drop(values.insert(key, value.clone())),
        }
    }
}
