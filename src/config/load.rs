//! Finds the root, reads its file, and settles every default.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};
use toml::de::DeTable;

use super::reader::Reader;
use super::{
    Config, DataPages, DateSource, Language, MenuItem, Outputs, Pictures, Publish, Taxonomies, VerifyConfig, book, hugo,
};
use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, codes, nearest};

/// The names a configuration file can have, the first found wins.
const FILE_NAMES: [&str; 4] = ["book.toml", "hugo.toml", "config.toml", "config/_default/hugo.toml"];

/// Where the site is, and what the command line says over its file.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// `--root`; without it, the nearest folder upward from [`LoadOptions::start`] with a
    /// configuration file.
    pub root: Option<PathBuf>,
    /// The folder the command was started in.
    pub start: PathBuf,
    /// `--lang`: only these languages; empty for all.
    pub languages: Vec<String>,
    /// `--output`, relative to [`LoadOptions::start`].
    pub output: Option<PathBuf>,
    /// `--base-url`.
    pub base_url: Option<String>,
    /// `--drafts`.
    pub drafts: bool,
    /// `--future`.
    pub future: bool,
    /// `--clock`; without it, the system's.
    pub clock: Option<jiff::Timestamp>,
}

/// What a file says, before defaults.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) title: Option<String>,
    pub(super) language: Option<(String, Range<usize>)>,
    pub(super) authors: Vec<String>,
    pub(super) description: String,
    pub(super) languages: Vec<LanguageSettings>,
    pub(super) content_dir: Option<String>,
    /// Folder of a default language that the file does not describe.
    pub(super) content_of_default: Option<String>,
    pub(super) layouts_dir: Option<String>,
    pub(super) examples_dir: Option<String>,
    pub(super) i18n_dir: Option<String>,
    pub(super) data_dir: Option<String>,
    pub(super) assets_dir: Option<String>,
    pub(super) static_dir: Option<String>,
    pub(super) build_dir: Option<String>,
    pub(super) base_url: Option<(String, Range<usize>)>,
    pub(super) params: Map<String, Value>,
    pub(super) permalinks: BTreeMap<String, String>,
    pub(super) outputs: Outputs,
    pub(super) pictures: Pictures,
    pub(super) taxonomies: Taxonomies,
    pub(super) menu: Option<Vec<MenuItem>>,
    pub(super) ignore_files: Vec<(String, Range<usize>)>,
    pub(super) drafts: bool,
    pub(super) future: bool,
    pub(super) expired: bool,
    pub(super) dates: Vec<DateSource>,
    pub(super) time_zone: Option<(String, Range<usize>)>,
    pub(super) data_pages: Vec<DataPages>,
    pub(super) verify: VerifyConfig,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            title: None,
            language: None,
            authors: vec![],
            description: String::new(),
            languages: vec![],
            content_dir: None,
            content_of_default: None,
            layouts_dir: None,
            examples_dir: None,
            i18n_dir: None,
            data_dir: None,
            assets_dir: None,
            static_dir: None,
            build_dir: None,
            base_url: None,
            params: Map::new(),
            permalinks: BTreeMap::new(),
            outputs: Outputs::default(),
            pictures: Pictures::default(),
            taxonomies: Taxonomies::default(),
            menu: None,
            ignore_files: vec![],
            drafts: false,
            future: false,
            expired: false,
            dates: DateSource::defaults(),
            time_zone: None,
            data_pages: vec![],
            verify: book::default_verify(),
        }
    }
}

/// What a file says about a language.
#[derive(Debug)]
pub(super) struct LanguageSettings {
    pub(super) code: String,
    pub(super) name: Option<String>,
    pub(super) title: Option<String>,
    pub(super) weight: Option<i64>,
    pub(super) right_to_left: bool,
    /// Relative to the root; without it, the folder of its code below the content folder.
    pub(super) content_dir: Option<String>,
    /// Its own menu, in place of the site's.
    pub(super) menu: Option<Vec<MenuItem>>,
    pub(super) params: Map<String, Value>,
}

/// Reads the configuration of a site.
///
/// # Errors
/// All that is wrong with it, at once. What is only worth saying is in [`Config::notices`].
pub fn load(options: &LoadOptions) -> Result<Config, Diagnostics> {
    let (root, path) = find(options).map_err(one)?;
    let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
    let file = read_file(&path, &name).map_err(one)?;
    let mut diagnostics = Diagnostics::new();
    let table = match DeTable::parse(&file.text) {
        Ok(table) => table,
        Err(error) => return Err(one(toml_error(&error, &file))),
    };
    let mut reader = Reader { file: &file, diagnostics: &mut diagnostics };
    let is_book = name == "book.toml";
    let settings =
        if is_book { book::read(table.get_ref(), &mut reader) } else { hugo::read(table.get_ref(), &mut reader) };
    let mut config =
        Resolver { root, file: Arc::clone(&file), options, diagnostics: &mut diagnostics }.resolve(&settings);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    config.notices = diagnostics.sorted();
    if !is_book && has_go_layouts(&config.layouts_dir) {
        let message = "Hugo's Go templates under `layouts/` are not read; docbuild's own layouts render the site";
        config.notices.push(
            Diagnostic::information(codes::CONFIG_GO_TEMPLATES, message).help(
                "Tera templates in the same folder, by the same names, replace the built-in layouts and shortcodes",
            ),
        );
    }
    Ok(config)
}

fn one(diagnostic: Diagnostic) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.push(diagnostic);
    diagnostics
}

/// The root and the configuration file in it, both absolute.
fn find(options: &LoadOptions) -> Result<(PathBuf, PathBuf), Diagnostic> {
    let absolute = |path: &Path| if path.is_absolute() { path.to_owned() } else { options.start.join(path) };
    let file_in = |folder: &Path| FILE_NAMES.iter().map(|name| folder.join(name)).find(|file| file.is_file());
    if let Some(root) = &options.root {
        let root = absolute(root);
        let root = root.canonicalize().unwrap_or(root);
        return file_in(&root).map(|file| (root.clone(), file)).ok_or_else(|| {
            Diagnostic::error(codes::CONFIG_NOT_FOUND, format!("no `book.toml` in {}", root.display()))
                .help("give the folder of a site with `--root`, or make one with `docbuild init DIR`")
        });
    }
    let start = options.start.canonicalize().unwrap_or_else(|_| options.start.clone());
    for folder in start.ancestors() {
        if let Some(file) = file_in(folder) {
            return Ok((folder.to_owned(), file));
        }
    }
    Err(Diagnostic::error(
        codes::CONFIG_NOT_FOUND,
        format!("no `book.toml` or `hugo.toml` in {} or in any folder above", start.display()),
    )
    .help("go to the folder of a site, give it with `--root DIR`, or make one with `docbuild init DIR`"))
}

fn read_file(path: &Path, name: &str) -> Result<Arc<SourceFile>, Diagnostic> {
    let bytes = std::fs::read(path).map_err(|error| {
        Diagnostic::error(codes::UNREADABLE_FILE, format!("`{name}` can't be read: {error}"))
            .help("check the file's permissions")
    })?;
    String::from_utf8(bytes)
        .map(|text| SourceFile::new(name, text))
        .map_err(|error| crate::diagnostics::invalid_utf8(name, &error.into_bytes()))
}

/// A mistake in TOML, at its place.
pub(crate) fn toml_error(error: &toml::de::Error, file: &Arc<SourceFile>) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let message = error.message().lines().next().unwrap_or("it can't be read").to_owned();
    let help = match message.as_str() {
        "duplicate key" => "each key stands once in its table: remove one of them",
        text if text.contains("recurs") => "lists and tables are nested too deeply: close the brackets that are open",
        _ => "strings need quotes, lists brackets with commas, and tables a line `[name]` of their own",
    };
    Diagnostic::error(codes::CONFIG_SYNTAX, format!("this is not valid TOML: {message}")).at(file, span).help(help)
}

fn has_go_layouts(folder: &Path) -> bool {
    folder.join("_default").is_dir() || folder.join("partials").is_dir()
}

/// Settles defaults and checks what belongs together.
struct Resolver<'a> {
    root: PathBuf,
    file: Arc<SourceFile>,
    options: &'a LoadOptions,
    diagnostics: &'a mut Diagnostics,
}

impl Resolver<'_> {
    fn resolve(&mut self, settings: &Settings) -> Config {
        let folder = |name: &Option<String>, default: &str| self.root.join(name.as_deref().unwrap_or(default));
        let title = settings.title.clone().unwrap_or_else(|| "Documentation".to_owned());
        let output = self.options.output.as_ref().map(|output| self.options.start.join(output));
        let mut config = Config {
            content_dir: folder(&settings.content_dir, "content"),
            layouts_dir: folder(&settings.layouts_dir, "layouts"),
            examples_dir: settings.examples_dir.as_ref().map(|name| self.root.join(name)),
            i18n_dir: folder(&settings.i18n_dir, "i18n"),
            data_dir: folder(&settings.data_dir, "data"),
            assets_dir: folder(&settings.assets_dir, "assets"),
            static_dir: folder(&settings.static_dir, "static"),
            build_dir: output.unwrap_or_else(|| folder(&settings.build_dir, "public")),
            base_url: String::new(),
            languages: vec![],
            ignore_files: vec![],
            publish: Publish {
                drafts: self.options.drafts || settings.drafts,
                future: self.options.future || settings.future,
                expired: settings.expired,
                clock: self.options.clock.unwrap_or_else(jiff::Timestamp::now),
            },
            root: self.root.clone(),
            file: Arc::clone(&self.file),
            title,
            authors: settings.authors.clone(),
            description: settings.description.clone(),
            params: settings.params.clone(),
            permalinks: settings.permalinks.clone(),
            outputs: settings.outputs.clone(),
            pictures: settings.pictures.clone(),
            taxonomies: settings.taxonomies.clone(),
            verify: settings.verify.clone(),
            dates: settings.dates.clone(),
            time_zone: jiff::tz::TimeZone::UTC,
            data_pages: settings.data_pages.clone(),
            notices: vec![],
        };
        config.base_url = self.base_url(settings.base_url.clone());
        config.ignore_files = self.patterns(&settings.ignore_files);
        config.languages = self.languages(settings, &config);
        config.time_zone = self.time_zone(settings.time_zone.as_ref());
        config
    }

    fn base_url(&mut self, setting: Option<(String, Range<usize>)>) -> String {
        let (url, span) = match (&self.options.base_url, setting) {
            (Some(url), _) => (url.clone(), None),
            (None, Some((url, span))) => (url, Some(span)),
            (None, None) => return "http://localhost/".to_owned(),
        };
        let has_host = ["http://", "https://"]
            .iter()
            .any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')));
        if !has_host {
            let mut diagnostic = Diagnostic::error(codes::CONFIG_BASE_URL, format!("`{url}` is no absolute URL"))
                .help("write the site's address in full, as in \"https://docs.example.org/\"");
            if let Some(span) = span {
                diagnostic = diagnostic.at(&self.file, span);
            }
            self.diagnostics.push(diagnostic);
        }
        format!("{}/", url.trim_end_matches('/'))
    }

    fn time_zone(&mut self, setting: Option<&(String, Range<usize>)>) -> jiff::tz::TimeZone {
        let Some((name, span)) = setting.filter(|(name, _)| !name.is_empty()) else { return jiff::tz::TimeZone::UTC };
        jiff::tz::TimeZone::get(name).unwrap_or_else(|_| {
            let message = format!("there is no time zone `{name}`");
            let said = Diagnostic::error(codes::CONFIG_WRONG_TYPE, message).at(&self.file, span.clone());
            self.diagnostics.push(said.help("write its name, as in \"UTC\" or \"Asia/Tokyo\""));
            jiff::tz::TimeZone::UTC
        })
    }

    fn patterns(&mut self, settings: &[(String, Range<usize>)]) -> Vec<regex::Regex> {
        let mut patterns = vec![];
        for (text, span) in settings {
            match regex::Regex::new(text) {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => self.diagnostics.push(
                    Diagnostic::error(codes::CONFIG_PATTERN, format!("`{text}` is no regular expression"))
                        .at(&self.file, span.clone())
                        .note(
                            error
                                .to_string()
                                .lines()
                                .last()
                                .unwrap_or_default()
                                .trim_start_matches("error: ")
                                .to_owned(),
                        )
                        .help(
                            "these are regular expressions over paths, not globs: `.` is any character, `\\\\.` a dot",
                        ),
                ),
            }
        }
        patterns
    }

    /// The default language first, then by weight, then by code; only the wanted ones.
    fn languages(&mut self, settings: &Settings, config: &Config) -> Vec<Language> {
        let default = settings.language.as_ref().map_or("en", |(code, _)| code.as_str()).to_owned();
        let mut languages: Vec<Language> = settings
            .languages
            .iter()
            .map(|language| Language {
                code: language.code.clone(),
                name: language.name.clone().unwrap_or_else(|| native_name(&language.code)),
                title: language.title.clone().unwrap_or_else(|| config.title.clone()),
                weight: language.weight.unwrap_or(0),
                right_to_left: language.right_to_left,
                content_dir: match &language.content_dir {
                    Some(folder) => self.root.join(folder),
                    None => config.content_dir.join(&language.code),
                },
                selected: true,
                menu: language.menu.clone().or_else(|| settings.menu.clone()).unwrap_or_default(),
                params: language.params.clone(),
            })
            .collect();
        if !languages.iter().any(|language| language.code == default) {
            languages.push(Language {
                name: native_name(&default),
                title: config.title.clone(),
                weight: 0,
                right_to_left: false,
                content_dir: match &settings.content_of_default {
                    // A folder called after the language is meant to be its.
                    Some(folder) if !config.content_dir.join(&default).is_dir() => self.root.join(folder),
                    _ => config.content_dir.join(&default),
                },
                selected: true,
                menu: settings.menu.clone().unwrap_or_default(),
                params: Map::new(),
                code: default.clone(),
            });
        }
        // A language without a weight comes after those with one, as pages do.
        languages.sort_by_key(|language| {
            (language.code != default, language.weight == 0, language.weight, language.code.clone())
        });
        self.check_folders(&languages, settings);
        self.wanted(languages)
    }

    fn check_folders(&mut self, languages: &[Language], settings: &Settings) {
        for language in languages {
            let folder = &language.content_dir;
            if folder.is_dir() {
                continue;
            }
            let shown = folder.strip_prefix(&self.root).unwrap_or(folder).display().to_string();
            let message = format!("the language `{}` has no folder: {shown}/ is not there", language.code);
            let mut diagnostic = Diagnostic::error(codes::CONFIG_NO_CONTENT, message).help(format!(
                "make the folder, with an `_index.md` for its home page, or take `{}` out of the configuration",
                language.code
            ));
            let header = format!("[languages.{}]", language.code);
            let place = self.file.text.find(&header).map(|at| at..at + header.len());
            let place = place.or_else(|| {
                settings.language.as_ref().filter(|(code, _)| *code == language.code).map(|(_, span)| span.clone())
            });
            if let Some(span) = place {
                diagnostic = diagnostic.at(&self.file, span);
            }
            self.diagnostics.push(diagnostic);
        }
    }

    fn wanted(&mut self, languages: Vec<Language>) -> Vec<Language> {
        let known: Vec<String> = languages.iter().map(|language| language.code.clone()).collect();
        for code in &self.options.languages {
            if known.contains(code) {
                continue;
            }
            let mut diagnostic =
                Diagnostic::error(codes::CONFIG_UNKNOWN_LANGUAGE, format!("the site has no language `{code}`"))
                    .note(format!("its languages: {}", known.join(", ")));
            if let Some(meant) = nearest(code, known.iter().map(String::as_str)) {
                diagnostic = diagnostic.help(format!("did you mean `--lang {meant}`?"));
            }
            self.diagnostics.push(diagnostic);
        }
        let selected =
            |language: &Language| self.options.languages.is_empty() || self.options.languages.contains(&language.code);
        let mut languages = languages;
        for language in &mut languages {
            language.selected = selected(language);
        }
        // The default language stays: strings, examples and glossary terms fall back to it.
        let default = languages[0].code.clone();
        languages.retain(|language| language.selected || language.code == default);
        languages
    }
}

/// What speakers call a language, for those that documentation is often translated to.
fn native_name(code: &str) -> String {
    let names = [
        ("ar", "العربية"),
        ("bn", "বাংলা"),
        ("de", "Deutsch"),
        ("en", "English"),
        ("es", "Español"),
        ("fr", "Français"),
        ("hi", "हिन्दी"),
        ("id", "Bahasa Indonesia"),
        ("it", "Italiano"),
        ("ja", "日本語"),
        ("ko", "한국어"),
        ("pl", "Polski"),
        ("pt", "Português"),
        ("pt-br", "Português (Brasil)"),
        ("ru", "Русский"),
        ("tr", "Türkçe"),
        ("uk", "Українська"),
        ("vi", "Tiếng Việt"),
        ("zh-cn", "简体中文"),
        ("zh-tw", "繁體中文"),
    ];
    names.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name).to_owned()
}
