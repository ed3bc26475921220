//! The strings of shortcodes and theme in every language.
//!
//! In: the built-in `layouts/i18n/<lang>.toml`, the site's `i18n/<lang>.toml` (or
//! `i18n/<lang>/*.toml`) over them. Out: one map a language; what a language lacks comes from the
//! default language, then from English. A key that the site's default language has is the site's: the
//! built-in translations of it are not mixed with the site's words.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use crate::config::Config;
use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, codes, invalid_utf8};

/// The built-in strings.
static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/layouts/i18n");

/// The strings of all languages, in the order of `config.languages`.
pub(super) fn load(config: &Config, diagnostics: &mut Diagnostics) -> Vec<BTreeMap<String, String>> {
    let own: Vec<BTreeMap<String, String>> = config
        .languages
        .iter()
        .map(|language| {
            let files = files(&config.i18n_dir, &language.code);
            files.iter().flat_map(|path| read(&config.root, path, diagnostics)).collect()
        })
        .collect();
    let mut all = own.clone();
    for (strings, language) in all.iter_mut().zip(&config.languages) {
        for (key, text) in built_in(&language.code) {
            // A string that the site words itself is the site's in every language.
            if !own[0].contains_key(&key) {
                strings.entry(key).or_insert(text);
            }
        }
    }
    // English behind the default language, whatever that is.
    let english = built_in("en");
    for (key, text) in english {
        all[0].entry(key).or_insert(text);
    }
    all
}

/// A string with its `{{ .name }}` places filled in.
#[must_use]
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else { break };
        filled.push_str(before);
        let name = name.trim().trim_start_matches('.');
        if let Some((_, value)) = values.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            filled.push_str(value);
        }
        rest = behind;
    }
    filled + rest
}

/// A string with each `%s` (and `%v`) replaced by the next value, and `%%` by a percent sign. What has no value left
/// goes.
#[must_use]
pub fn printed(text: &str, values: &[&str]) -> String {
    let mut printed = String::with_capacity(text.len());
    let mut values = values.iter();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        printed.push_str(before);
        let (verb, behind) = after.split_at(after.chars().next().map_or(0, char::len_utf8));
        match verb {
            "s" | "v" => printed.push_str(values.next().unwrap_or(&"")),
            "%" => printed.push('%'),
            other => {
                printed.push('%');
                printed.push_str(other);
            }
        }
        rest = behind;
    }
    printed + rest
}

fn built_in(code: &str) -> BTreeMap<String, String> {
    let text = BUILT_IN.get_file(format!("{code}.toml")).and_then(include_dir::File::contents_utf8).unwrap_or("");
    toml::from_str::<toml::Table>(text).map(|table| strings_of(&table).0).unwrap_or_default()
}

fn files(folder: &Path, code: &str) -> Vec<PathBuf> {
    let single = folder.join(format!("{code}.toml"));
    let mut files: Vec<PathBuf> = if single.is_file() { vec![single] } else { vec![] };
    let entries = std::fs::read_dir(folder.join(code)).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut below: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect();
    below.sort();
    files.extend(below);
    files
}

fn read(root: &Path, path: &Path, diagnostics: &mut Diagnostics) -> BTreeMap<String, String> {
    let shown = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let said = match std::fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => {
            let file = SourceFile::new(shown, text);
            match toml::from_str::<toml::Table>(&file.text) {
                Ok(table) => {
                    let (strings, wrong) = strings_of(&table);
                    diagnostics.extend(wrong.iter().map(|key| wrong_string(&file, key)));
                    return strings;
                }
                Err(error) => crate::config::toml_error(&error, &file),
            }
        }
        Ok(Err(error)) => invalid_utf8(&shown, error.as_bytes()),
        Err(error) => Diagnostic::error(codes::UNREADABLE_FILE, format!("{shown} can't be read: {error}"))
            .help("check the file's permissions"),
    };
    diagnostics.push(said);
    BTreeMap::new()
}

fn wrong_string(file: &Arc<SourceFile>, key: &str) -> Diagnostic {
    let at = file.text.find(key).unwrap_or(0);
    Diagnostic::error(codes::STRINGS, format!("`{key}` is no string"))
        .at(file, at..at + key.len())
        .help(format!("write `{key} = \"text\"`, or a table `[{key}]` with `other = \"text\"`"))
}

/// The strings of a file, and the keys that are none.
fn strings_of(table: &toml::Table) -> (BTreeMap<String, String>, Vec<String>) {
    let mut strings = BTreeMap::new();
    let mut wrong = vec![];
    for (key, value) in table {
        let text = match value {
            toml::Value::String(text) => Some(text.as_str()),
            // Plural forms: without a count `other` is used.
            toml::Value::Table(forms) => {
                ["other", "many", "few", "one"].iter().find_map(|form| forms.get(*form)).and_then(toml::Value::as_str)
            }
            _ => None,
        };
        match text {
            Some(text) => drop(strings.insert(key.clone(), text.to_owned())),
            None => wrong.push(key.clone()),
        }
    }
    (strings, wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_file_is_read_and_names_only_english_keys() {
        let english = built_in("en");
        assert!(english.contains_key("note"));
        for file in BUILT_IN.files() {
            let text = file.contents_utf8().unwrap();
            let table = toml::from_str::<toml::Table>(text).unwrap();
            assert!(strings_of(&table).1.is_empty(), "{:?}", file.path());
            for key in table.keys() {
                assert!(english.contains_key(key), "{:?}: `{key}` is not in en.toml", file.path());
            }
        }
    }

    #[test]
    fn verbs_in_strings_are_replaced_in_order() {
        assert_eq!(printed("**%s** from %s to %s: 100%%", &["1.2", "a"]), "**1.2** from a to : 100%");
        assert_eq!(printed("50% of %あ", &["x"]), "50% of %あ");
        assert_eq!(printed("%", &[]), "%");
    }

    #[test]
    fn places_in_strings_are_filled() {
        assert_eq!(fill("Copy {{ .filename }} now", &[("filename", "a.yaml")]), "Copy a.yaml now");
        assert_eq!(fill("{{ .x", &[]), "{{ .x");
    }
}
