//! The Tera layouts: the built-in ones, shadowed by name by the site's own.
//!
//! In: the embedded `layouts/`, the site's layouts folder. Out: [`Layouts`], or diagnostics that
//! point into the site's files. Content never passes through here as a template: an article's HTML
//! is a value.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use tera::{Context, ErrorKind, Kwargs, State, Tera};

use crate::assets::Asset;
use crate::config::Config;
use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, Span, codes, nearest};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/layouts");

/// Folders of the layouts folder that hold no page layouts.
const OTHER_FOLDERS: [&str; 2] = ["shortcodes", "i18n"];

/// The compiled layouts.
pub(crate) struct Layouts {
    tera: Tera,
    /// Name -> file, for diagnostics.
    files: BTreeMap<String, Arc<SourceFile>>,
}

impl Layouts {
    /// Reads and compiles them. `base_path` and `assets` are what `asset(name=...)` answers with.
    pub(crate) fn load(config: &Config, base_path: &str, assets: &[Asset]) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let mut files = built_in();
        files.extend(site_layouts(config, &mut diagnostics));
        let mut tera = Tera::default();
        tera.register_function("asset", asset_function(base_path, assets));
        let mut layouts = Self { tera: Tera::default(), files };
        let templates = layouts.files.iter().map(|(name, file)| (name.as_str(), file.text.as_str()));
        if let Err(error) = tera.add_raw_templates(templates) {
            diagnostics.extend(layouts.diagnose(&error, None));
        }
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        layouts.tera = tera;
        Ok(layouts)
    }

    /// Whether there is a layout of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// Renders a layout for `page` (named in diagnostics).
    pub(crate) fn render(&self, name: &str, context: &Context, page: &str) -> Result<String, Vec<Diagnostic>> {
        self.tera.render(name, context).map_err(|error| self.diagnose(&error, Some(page)))
    }

    /// What Tera says, with places in the site's files.
    fn diagnose(&self, error: &tera::Error, page: Option<&str>) -> Vec<Diagnostic> {
        let code = if page.is_some() { codes::LAYOUT_RENDER } else { codes::LAYOUT_INVALID };
        let finish = |diagnostic: Diagnostic| match page {
            Some(page) => diagnostic.note(format!("while rendering {page}")),
            None => diagnostic,
        };
        match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
                let diagnostic = Diagnostic::error(code, lower_first(report.message()));
                vec![finish(self.place(diagnostic, report.filename(), Span::from(report.span().range.clone())))]
            }
            // Several mistakes in one text, each with a line `--> file:line:column`.
            ErrorKind::Msg(text) if text.contains("\n") => {
                text.split("\n\n").map(|report| finish(self.diagnose_text(code, report))).collect()
            }
            kind => vec![finish(Diagnostic::error(code, lower_first(&kind.to_string())))],
        }
    }

    fn diagnose_text(&self, code: codes::Code, report: &str) -> Diagnostic {
        let message = report.lines().next().unwrap_or(report);
        let message = message.strip_prefix("error: ").unwrap_or(message);
        let mut diagnostic = Diagnostic::error(code, lower_first(message));
        if let Some(name) = message.strip_prefix("Unknown template `").and_then(|rest| rest.strip_suffix('`'))
            && let Some(known) = nearest(name, self.files.keys().map(String::as_str))
        {
            diagnostic = diagnostic.help(format!("did you mean `{known}`?"));
        }
        let place = report.lines().find_map(|line| line.trim_start().strip_prefix("--> ")).and_then(|place| {
            let mut parts = place.rsplitn(3, ':');
            let column: usize = parts.next()?.parse().ok()?;
            let line: usize = parts.next()?.parse().ok()?;
            Some((parts.next()?, line, column))
        });
        let Some((name, line, column)) = place else { return diagnostic };
        let Some(file) = self.files.get(name) else { return diagnostic };
        let span = file.line_span(line);
        let start = span.slice(&file.text).char_indices().nth(column - 1).map_or(span.end, |(at, _)| span.start + at);
        diagnostic.at(file, Span::new(start, span.end))
    }

    fn place(&self, diagnostic: Diagnostic, name: &str, span: Span) -> Diagnostic {
        match self.files.get(name) {
            Some(file) => diagnostic.at(file, span),
            None => diagnostic.note(format!("in the layout {name}")),
        }
    }
}

/// Sentences of diagnostics begin in lower case.
fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// `asset(name="docbuild.css")`: the address of a file of the theme.
fn asset_function(
    base_path: &str,
    assets: &[Asset],
) -> impl Fn(Kwargs, &State) -> tera::TeraResult<String> + Sync + Send + 'static {
    let urls: BTreeMap<&'static str, String> =
        assets.iter().map(|asset| (asset.name, format!("{base_path}{}", asset.path))).collect();
    move |arguments, _| {
        let name = arguments.must_get::<&str>("name")?;
        urls.get(name).cloned().ok_or_else(|| {
            let known = urls.keys().copied().collect::<Vec<_>>().join(", ");
            tera::Error::message(format!("the theme has no asset `{name}`; it has {known}"))
        })
    }
}

fn built_in() -> BTreeMap<String, Arc<SourceFile>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![&BUILT_IN];
    while let Some(folder) = folders.pop() {
        folders.extend(
            folder.dirs().filter(|inner| inner.path().to_str().is_none_or(|name| !OTHER_FOLDERS.contains(&name))),
        );
        for file in folder.files() {
            if let (Some(name), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                files.insert(name.to_owned(), SourceFile::new(format!("(built-in) layouts/{name}"), text));
            }
        }
    }
    files
}

/// The site's own layouts: every `.html`, `.xml` and `.txt` file outside of `shortcodes/` and `i18n/`.
fn site_layouts(config: &Config, diagnostics: &mut Diagnostics) -> Vec<(String, Arc<SourceFile>)> {
    let folder = &config.layouts_dir;
    if !folder.is_dir() {
        return vec![];
    }
    let mut layouts = vec![];
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(|entry| {
        entry.depth() != 1 || !entry.file_name().to_str().is_some_and(|name| OTHER_FOLDERS.contains(&name))
    });
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                diagnostics
                    .push(Diagnostic::error(codes::UNREADABLE_FILE, format!("cannot read the layouts: {error}")));
                continue;
            }
        };
        let is_layout = |path: &Path| path.extension().is_some_and(|e| e == "html" || e == "xml" || e == "txt");
        if !entry.file_type().is_file() || !is_layout(entry.path()) {
            continue;
        }
        let name = relative(entry.path(), folder);
        let path = relative(entry.path(), &config.root);
        match std::fs::read_to_string(entry.path()) {
            // Go templates of a Hugo site are not Tera; `config` says so once.
            Ok(_) if config.file.path != "book.toml" => {}
            Ok(text) => layouts.push((name, SourceFile::new(path, text))),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                diagnostics.push(Diagnostic::error(codes::INVALID_UTF8, format!("the layout {path} is not UTF-8")));
            }
            Err(error) => {
                diagnostics
                    .push(Diagnostic::error(codes::UNREADABLE_FILE, format!("cannot read the layout {path}: {error}")));
            }
        }
    }
    layouts
}

fn relative(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
