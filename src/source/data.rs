//! Data files: `data/**.yaml`, `.yml`, `.toml`, `.json`.
//!
//! In: the site's data folder. Out: [`Data`], each file's value by its path without the extension
//! (`releases/schedule`), and what is wrong with files that can't be read. Values of all three formats are
//! the same kind of tree.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;

use super::files::leads_out;
use super::front_matter::too_deep;
use crate::config::Config;
use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, codes, invalid_utf8};

/// All data files of a site, by path below the data folder, without the extension.
#[derive(Debug, Clone, Default)]
pub struct Data {
    files: BTreeMap<String, DataFile>,
}

/// One data file.
#[derive(Debug, Clone)]
pub struct DataFile {
    /// Its path relative to the site's root.
    pub path: String,
    /// What it holds.
    pub value: Value,
}

impl Data {
    /// The file at a path below the data folder, without its extension: `releases/schedule`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&DataFile> {
        self.files.get(name)
    }

    /// The names of all files, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

/// Reads all data files, in parallel. Of two that differ in the extension only, the one whose extension comes
/// last in the alphabet is taken.
pub(super) fn load(config: &Config, diagnostics: &mut Diagnostics) -> Data {
    let folder = &config.data_dir;
    if !folder.is_dir() {
        return Data::default();
    }
    if leads_out(&config.root, folder) {
        let message = format!("{} is a link that leads out of the site", folder.display());
        diagnostics.push(Diagnostic::error(codes::FILE_OUTSIDE, message).help("copy the data into the site"));
        return Data::default();
    }
    let visible =
        |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
    // Links are not followed, as below `content/`.
    let found: Vec<_> = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(visible)
        .flatten()
        .filter(|entry| entry.file_type().is_file() && Format::of(entry.path()).is_some())
        .map(walkdir::DirEntry::into_path)
        .collect();
    let read: Vec<Result<(String, DataFile), Diagnostic>> =
        found.par_iter().filter_map(|path| Some(read(config, path, Format::of(path)?))).collect();
    let mut data = Data::default();
    for file in read {
        match file {
            Ok((name, file)) => drop(data.files.insert(name, file)),
            Err(said) => diagnostics.push(said),
        }
    }
    data
}

/// How a data file is written.
#[derive(Clone, Copy)]
enum Format {
    Yaml,
    Toml,
    Json,
}

impl Format {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "yaml" | "yml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

fn read(config: &Config, path: &Path, format: Format) -> Result<(String, DataFile), Diagnostic> {
    let slashes = |base: &Path| path.strip_prefix(base).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let shown = slashes(&config.root);
    let below = slashes(&config.data_dir);
    let name = below.rsplit_once('.').map_or(below.as_str(), |(name, _)| name).to_owned();
    let bytes = std::fs::read(path).map_err(|error| {
        Diagnostic::error(codes::UNREADABLE_FILE, format!("{shown} can't be read: {error}"))
            .help("check the file's permissions")
    })?;
    let text = String::from_utf8(bytes).map_err(|error| invalid_utf8(&shown, error.as_bytes()))?;
    let file = SourceFile::new(shown.clone(), text);
    let value = match format {
        Format::Yaml => yaml(&file)?,
        Format::Toml => toml::from_str(&file.text).map_err(|error| crate::config::toml_error(&error, &file))?,
        Format::Json => json(&file)?,
    };
    Ok((name, DataFile { path: shown, value }))
}

fn yaml(file: &Arc<SourceFile>) -> Result<Value, Diagnostic> {
    let text = file.text.trim_start_matches('\u{feff}');
    let behind_mark = file.text.len() - text.len();
    if let Some(at) = too_deep(text) {
        let at = behind_mark + at;
        return Err(Diagnostic::error(codes::DATA_SYNTAX, "lists and maps are nested too deeply here")
            .at(file, at..at + 1)
            .help("close the brackets that are open, or take the data apart into several files"));
    }
    super::yaml::parse(text).map(|(value, _)| value).map_err(|error| {
        let message = error.to_string();
        let cause = message.split(" at line ").next().unwrap_or(&message).trim_end();
        let place = error.location().map_or((1, 1), |location| (location.line(), location.column()));
        broken(file, "YAML", cause, place)
    })
}

fn json(file: &Arc<SourceFile>) -> Result<Value, Diagnostic> {
    serde_json::from_str(file.text.trim_start_matches('\u{feff}')).map_err(|error| {
        let message = error.to_string();
        let cause = message.split(" at line ").next().unwrap_or(&message);
        broken(file, "JSON", cause, (error.line(), error.column()))
    })
}

/// What is wrong, at a line and a column, both from 1.
fn broken(file: &Arc<SourceFile>, format: &str, cause: &str, (line, column): (usize, usize)) -> Diagnostic {
    let span = file.line_span(line.max(1));
    let text = span.slice(&file.text);
    let at = span.start + text.char_indices().nth(column.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    Diagnostic::error(codes::DATA_SYNTAX, format!("this data file is not valid {format}: {cause}"))
        .at(file, at..at + 1)
        .help("the cause is here or in the line before; until it is mended, nothing in the file is used")
}
