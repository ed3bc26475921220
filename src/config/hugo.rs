//! `hugo.toml` and `config.toml`: the keys that docbuild shares with Hugo; Hugo's many others are
//! its own and are left alone.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::load::{LanguageSettings, Settings};
use super::reader::{Reader, Table};
use super::{DateSource, MenuItem, Outputs, Pictures, Taxonomies, markup};
use crate::diagnostics::{Diagnostic, codes};

/// Reads the keys that mean something here.
pub(super) fn read(top_table: &DeTable<'_>, reader: &mut Reader<'_>) -> Settings {
    let mut top = Table::top_in_any_case(top_table);
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
        expired: top.boolean(reader, "buildExpired").unwrap_or(false),
        dates: DateSource::read_hugo(&mut top, reader),
        time_zone: top.placed_string(reader, "timeZone"),
        layouts_dir: top.string(reader, "layoutDir"),
        data_dir: top.string(reader, "dataDir"),
        i18n_dir: top.string(reader, "i18nDir"),
        pictures: Pictures::read_hugo(&mut top, reader),
        taxonomies: Taxonomies::read_hugo(&mut top, reader),
        menu: MenuItem::read_hugo(&mut top, reader),
        ..Settings::default()
    };
    say_unsupported(&mut top, reader);
    let content_dir = top.string(reader, "contentDir");
    let off: Vec<String> =
        top.strings(reader, "disableLanguages").unwrap_or_default().into_iter().map(|(code, _)| code).collect();
    let default = settings.language.as_ref().map_or("en", |(code, _)| code.as_str()).to_owned();
    for (code, mut language) in top.tables(reader, "languages") {
        if language.boolean(reader, "disabled").unwrap_or(false) || off.contains(&code) {
            continue;
        }
        let own = language.string(reader, "contentDir");
        settings.languages.push(LanguageSettings {
            name: language.string(reader, "languageName"),
            title: language.string(reader, "title"),
            weight: language.integer(reader, "weight"),
            right_to_left: language.string(reader, "languageDirection").is_some_and(|text| text == "rtl"),
            content_dir: own.or_else(|| content_dir.clone().filter(|_| code == default)),
            menu: MenuItem::read_hugo(&mut language, reader),
            params: language.json(reader, "params"),
            code,
        });
    }
    settle_folders(&mut settings, content_dir);
    settings
}

/// Hugo names one folder a language (`content/en`); here the languages' common parent is named too. A site
/// in one language has its pages in the folder itself.
fn settle_folders(settings: &mut Settings, content_dir: Option<String>) {
    let folder = content_dir.unwrap_or_else(|| "content".to_owned());
    let is_language = |name: &str| settings.languages.iter().any(|language| language.code == name);
    let (parent, is_own) = match folder.trim_end_matches('/').rsplit_once('/') {
        Some((parent, last)) if is_language(last) => (parent.to_owned(), true),
        _ => (folder.clone(), false),
    };
    if !is_own {
        let named = settings.languages.iter().any(|language| language.content_dir.is_some());
        if settings.languages.is_empty() || named {
            settings.content_of_default = Some(folder);
        }
    }
    settings.content_dir = Some(parent);
}

/// Keys that change what Hugo publishes, and that this version does nothing with.
const UNSUPPORTED: [&str; 1] = ["uglyURLs"];

/// Says once, at the first of them, which keys have no effect.
fn say_unsupported(top: &mut Table<'_>, reader: &mut Reader<'_>) {
    let mut found: Vec<_> =
        UNSUPPORTED.iter().filter_map(|key| Some((top.key_span(key)?, format!("`{key}`")))).collect();
    if top.boolean(reader, "enableEmoji") == Some(true) {
        found.extend(top.key_span("enableEmoji").map(|span| (span, "`enableEmoji`".to_owned())));
    }
    if let Some(span) = top.key_span("markup") {
        let markup = serde_json::Value::Object(top.json(reader, "markup"));
        let mut others = vec![];
        markup::differences("markup", &markup, &mut others);
        found.extend(others.into_iter().map(|key| (span.clone(), format!("`{key}`"))));
    }
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
