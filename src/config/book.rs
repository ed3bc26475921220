//! `book.toml`: mdBook's names where the meaning is the same, Hugo's for what mdBook lacks.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::load::{LanguageSettings, Settings};
use super::reader::{Reader, Table};
use super::{DataPages, MenuItem, PageOverride, Pictures, Taxonomies, VerifyConfig, VerifySetup};
use crate::diagnostics::{Diagnostic, codes};

/// Reads the whole file.
pub(super) fn read(top: &DeTable<'_>, reader: &mut Reader<'_>) -> Settings {
    let mut top = Table::top(top);
    let mut settings = Settings::default();
    if let Some(mut book) = top.table(reader, "book") {
        settings.title = book.string(reader, "title");
        settings.language = book.placed_string(reader, "language");
        settings.authors =
            book.strings(reader, "authors").unwrap_or_default().into_iter().map(|(name, _)| name).collect();
        settings.description = book.string(reader, "description").unwrap_or_default();
        book.finish(reader);
    }
    if let Some(build) = top.table(reader, "build") {
        read_build(build, &mut settings, reader);
    }
    for (code, mut language) in top.tables(reader, "languages") {
        settings.languages.push(LanguageSettings {
            code,
            name: language.string(reader, "name"),
            title: language.string(reader, "title"),
            weight: language.integer(reader, "weight"),
            right_to_left: language.boolean(reader, "right-to-left").unwrap_or(false),
            content_dir: None,
            menu: MenuItem::read_book(&mut language, reader),
            params: language.json(reader, "params"),
        });
        language.finish(reader);
    }
    settings.params = top.json(reader, "params");
    settings.permalinks = top.string_map(reader, "permalinks");
    settings.outputs.read(&mut top, reader);
    settings.menu = MenuItem::read_book(&mut top, reader);
    settings.pictures = Pictures::read(&mut top, reader);
    settings.taxonomies = Taxonomies::read(&mut top, reader);
    if let Some(verify) = top.table(reader, "verify") {
        read_verify(verify, &mut settings.verify, reader);
    }
    settings.data_pages = DataPages::read(&mut top, reader);
    if let Some(span) = top.key_span("publish") {
        let message = "`publish` is not supported by this version of docbuild, and is ignored";
        reader.diagnostics.push(
            Diagnostic::warning(codes::CONFIG_UNSUPPORTED, message)
                .at(reader.file, span)
                .help("the rest of the site builds without it"),
        );
    }
    top.finish(reader);
    settings
}

fn read_build(mut build: Table<'_>, settings: &mut Settings, reader: &mut Reader<'_>) {
    settings.content_dir = build.string(reader, "content-dir");
    settings.layouts_dir = build.string(reader, "layouts-dir");
    settings.examples_dir = build.string(reader, "examples-dir");
    settings.i18n_dir = build.string(reader, "i18n-dir");
    settings.data_dir = build.string(reader, "data-dir");
    settings.static_dir = build.string(reader, "static-dir");
    settings.build_dir = build.string(reader, "build-dir");
    settings.base_url = build.placed_string(reader, "base-url");
    settings.ignore_files = build.strings(reader, "ignore-files").unwrap_or_default();
    settings.drafts = build.boolean(reader, "drafts").unwrap_or(false);
    settings.future = build.boolean(reader, "future").unwrap_or(false);
    settings.expired = build.boolean(reader, "expired").unwrap_or(false);
    build.finish(reader);
}

fn read_verify(mut verify: Table<'_>, config: &mut VerifyConfig, reader: &mut Reader<'_>) {
    if let Some(cluster) = verify.string(reader, "cluster") {
        config.cluster = cluster;
    }
    config.pages = verify.strings(reader, "pages").unwrap_or_default().into_iter().map(|(glob, _)| glob).collect();
    if let Some((text, span)) = verify.placed_string(reader, "timeout") {
        match parse_duration_ms(&text) {
            Some(ms) => config.timeout_ms = ms,
            None => reader.diagnostics.push(
                Diagnostic::error(codes::CONFIG_WRONG_TYPE, format!("`{text}` is no duration"))
                    .at(reader.file, span)
                    .help("write a number with its unit: \"500ms\", \"60s\", \"5m\", \"1h\""),
            ),
        }
    }
    let urls = verify.string_map(reader, "urls");
    if !urls.is_empty() {
        config.urls = urls;
    }
    for (glob, mut page) in verify.tables(reader, "pages-config") {
        let page_override =
            PageOverride { skip: page.string_map(reader, "skip"), cluster: page.boolean(reader, "cluster") };
        page.finish(reader);
        config.pages_config.insert(glob, page_override);
    }
    config.baseline = verify.string(reader, "baseline");
    if let Some(setup) = verify.table(reader, "setup") {
        config.setup = read_setup(setup, reader);
    }
    verify.finish(reader);
}

fn read_setup(mut setup: Table<'_>, reader: &mut Reader<'_>) -> VerifySetup {
    let texts = |placed: Option<Vec<(String, _)>>| -> Vec<String> {
        placed.unwrap_or_default().into_iter().map(|(text, _)| text).collect()
    };
    let allowed = setup.strings(reader, "allow-env").unwrap_or_default();
    let env = setup.string_map(reader, "env");
    let span = setup.key_span("env").unwrap_or_default();
    let names = allowed.iter().map(|(name, span)| (name, span.clone()));
    for (name, span) in names.chain(env.keys().map(|name| (name, span.clone()))).filter(|(name, _)| !is_variable(name))
    {
        reader.diagnostics.push(
            Diagnostic::error(codes::CONFIG_WRONG_TYPE, format!("`{name}` is no name of a variable"))
                .at(reader.file, span)
                .help("a name has letters, digits and `_`, and does not begin with a digit"),
        );
    }
    let settings = VerifySetup {
        env,
        allow_env: allowed.into_iter().map(|(name, _)| name).collect(),
        images: texts(setup.strings(reader, "images")),
        run: texts(setup.strings(reader, "run")),
    };
    setup.finish(reader);
    settings
}

/// Whether a shell can have a variable of this name.
fn is_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `90s` and the like, in milliseconds.
pub(super) fn parse_duration_ms(text: &str) -> Option<u64> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..at].parse().ok()?;
    let factor = match text[at..].trim() {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// What `verify` does where the file says nothing.
pub(super) fn default_verify() -> VerifyConfig {
    let urls = [("https://k8s.io/examples/", "examples/"), ("https://kubernetes.io/examples/", "examples/")];
    VerifyConfig {
        cluster: "auto".to_owned(),
        pages: vec![],
        timeout_ms: 60_000,
        urls: urls.into_iter().map(|(url, folder)| (url.to_owned(), folder.to_owned())).collect(),
        pages_config: BTreeMap::new(),
        baseline: None,
        setup: VerifySetup::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_duration_ms;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(parse_duration_ms("60s"), Some(60_000));
        assert_eq!(parse_duration_ms("500ms"), Some(500));
        assert_eq!(parse_duration_ms("60"), None);
        assert_eq!(parse_duration_ms("s"), None);
        assert_eq!(parse_duration_ms("99999999999999999999h"), None);
    }

    #[test]
    fn variables_have_names_that_a_shell_can_have() {
        assert!(super::is_variable("A_1") && super::is_variable("_"));
        assert!(
            !super::is_variable("1A")
                && !super::is_variable("A-B")
                && !super::is_variable("")
                && !super::is_variable("É")
        );
    }
}
