//! `hugo.toml` and `config.toml`: the keys that docbuild shares with Hugo; Hugo's many others are
//! its own and are left alone.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::Outputs;
use super::load::{LanguageSettings, Settings};
use super::reader::{Reader, Table};
use crate::diagnostics::{Diagnostic, codes};

/// Reads the keys that mean something here.
pub(super) fn read(top_table: &DeTable<'_>, reader: &mut Reader<'_>) -> Settings {
    let mut top = Table::top(top_table);
    let mut settings = Settings {
        title: top.string(reader, "title"),
        language: top.placed_string(reader, "defaultContentLanguage"),
        base_url: top.placed_string(reader, "baseURL"),
        ignore_files: top.strings(reader, "ignoreFiles").unwrap_or_default(),
        params: top.json(reader, "params"),
        drafts: top.boolean(reader, "buildDrafts").unwrap_or(false),
        future: top.boolean(reader, "buildFuture").unwrap_or(false),
        build_dir: top.string(reader, "publishDir"),
        assets_dir: top.string(reader, "assetDir"),
        permalinks: permalinks(top_table),
        outputs: Outputs::read_hugo(&mut top, reader),
        ..Settings::default()
    };
    say_unsupported(&mut top, reader);
    let content_dir = top.string(reader, "contentDir");
    for (code, mut language) in top.tables(reader, "languages") {
        settings.languages.push(LanguageSettings {
            name: language.string(reader, "languageName"),
            title: language.string(reader, "title"),
            weight: language.integer(reader, "weight"),
            params: language.json(reader, "params"),
            code,
        });
    }
    // Hugo names one folder a language (`content/en`); here the languages' common parent is named.
    settings.content_dir = content_dir.map(|folder| {
        let is_language = |name: &str| settings.languages.iter().any(|language| language.code == name);
        match folder.trim_end_matches('/').rsplit_once('/') {
            Some((parent, last)) if is_language(last) => parent.to_owned(),
            _ => folder,
        }
    });
    settings
}

/// Keys that change what Hugo publishes, and that this version does nothing with.
const UNSUPPORTED: [&str; 7] = ["taxonomies", "menus", "menu", "timeZone", "markup", "enableEmoji", "uglyURLs"];

/// Says once, at the first of them, which keys have no effect.
fn say_unsupported(top: &mut Table<'_>, reader: &mut Reader<'_>) {
    let mut found: Vec<_> =
        UNSUPPORTED.iter().filter_map(|key| Some((top.key_span(key)?, format!("`{key}`")))).collect();
    found.sort_by_key(|(span, _)| span.start);
    let Some((first, _)) = found.first() else { return };
    let names: Vec<&str> = found.iter().map(|(_, name)| name.as_str()).collect();
    let message = format!("this version of docbuild does nothing with {}", names.join(", "));
    reader.diagnostics.push(
        Diagnostic::information(codes::CONFIG_UNSUPPORTED, message)
            .at(reader.file, first.clone())
            .help("the site builds without what they ask for"),
    );
}

/// `[permalinks]` and `[permalinks.page]`: section -> pattern.
fn permalinks(top: &DeTable<'_>) -> BTreeMap<String, String> {
    let mut patterns = BTreeMap::new();
    let mut collect = |table: &DeTable<'_>| {
        for (name, value) in table {
            if let Some(pattern) = value.get_ref().as_str() {
                patterns.insert(name.get_ref().to_string(), pattern.to_owned());
            }
        }
    };
    let Some(DeValue::Table(table)) =
        top.iter().find(|(name, _)| name.get_ref() == "permalinks").map(|(_, value)| value.get_ref())
    else {
        return patterns;
    };
    collect(table);
    if let Some(DeValue::Table(pages)) =
        table.iter().find(|(name, _)| name.get_ref() == "page").map(|(_, value)| value.get_ref())
    {
        collect(pages);
    }
    patterns
}
