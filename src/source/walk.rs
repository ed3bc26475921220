//! Lists and reads the files below `content/<lang>/`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::files::leads_out;
use super::{FrontMatter, Source, SourceAdapter, SourcePage, SourceResource, data, front_matter};
use crate::config::Config;
use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, Span, codes, invalid_utf8};

/// A file on its way to be read.
struct Found {
    language: usize,
    path: String,
    file: PathBuf,
}

/// Walks the content of all languages and the data files, in parallel.
///
/// Files whose name starts with a dot and those that `ignore-files` names are no part of the site.
/// A page that can't be read is left out of the [`Source`], and is in the diagnostics.
#[must_use]
pub fn load(config: &Config) -> (Source, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut source = Source { data: data::load(config, &mut diagnostics), ..Source::default() };
    let mut pages = vec![];
    for (language, settings) in config.languages.iter().enumerate() {
        let folder = settings.content_dir.clone();
        for entry in list(config, &folder, language, &mut diagnostics) {
            if is_page(&entry.path) {
                pages.push(entry);
            } else if is_adapter(&entry.path) {
                source.adapters.push(read_adapter(entry));
            } else {
                source.resources.push(SourceResource { language: entry.language, path: entry.path, file: entry.file });
            }
        }
    }
    source.assets = assets(config);
    let read: Vec<(Option<SourcePage>, Vec<Diagnostic>)> =
        pages.into_par_iter().map(|found| read_page(config, found)).collect();
    for (page, said) in read {
        source.pages.extend(page);
        diagnostics.extend(said);
    }
    (source, diagnostics)
}

/// The files below `assets/`. What links lead to is left out, as for pages.
fn assets(config: &Config) -> Vec<(String, PathBuf)> {
    let folder = &config.assets_dir;
    if leads_out(&config.root, folder) {
        return vec![];
    }
    let hidden = |entry: &walkdir::DirEntry| entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(|entry| !hidden(entry));
    let files = entries.flatten().filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path);
    files.map(|file| (relative(folder, &file), file)).collect()
}

/// Whether a file is a page of its own, by its extension.
fn is_page(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["md", "markdown", "html", "htm"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Whether a file is one of Hugo's content adapters.
fn is_adapter(path: &str) -> bool {
    path.rsplit('/').next() == Some("_content.gotmpl")
}

fn read_adapter(found: Found) -> SourceAdapter {
    // The call by which a template says so. One that can't be read makes nothing.
    let every_language =
        std::fs::read(&found.file).is_ok_and(|bytes| memchr::memmem::find(&bytes, b"EnableAllLanguages").is_some());
    SourceAdapter { language: found.language, path: found.path, file: found.file, every_language }
}

fn list(config: &Config, folder: &Path, language: usize, diagnostics: &mut Diagnostics) -> Vec<Found> {
    let hidden = |entry: &walkdir::DirEntry| entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
    let mut found = vec![];
    if leads_out(&config.root, folder) {
        let message = format!("{}/ is a link that leads out of the site", relative(&config.root, folder));
        diagnostics.push(
            Diagnostic::error(codes::FILE_OUTSIDE, message)
                .help("copy the pages into the site, or name their folder in the configuration (`content-dir`)"),
        );
        return found;
    }
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(|entry| !hidden(entry)) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().map_or_else(|| folder.display().to_string(), |path| path.display().to_string());
                let cause = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                diagnostics.push(
                    Diagnostic::error(codes::UNREADABLE_FILE, format!("{path} can't be read: {cause}"))
                        .help("check that it exists and that you may read it"),
                );
                continue;
            }
        };
        // A symbolic link is not followed: content may come from strangers and must stay in its folder.
        if !entry.file_type().is_file() {
            continue;
        }
        let below_root = relative(&config.root, entry.path());
        if config.ignore_files.iter().any(|pattern| pattern.is_match(&below_root)) {
            continue;
        }
        found.push(Found { language, path: relative(folder, entry.path()), file: entry.path().to_owned() });
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn relative(base: &Path, path: &Path) -> String {
    path.strip_prefix(base).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn read_page(config: &Config, found: Found) -> (Option<SourcePage>, Vec<Diagnostic>) {
    let shown = relative(&config.root, &found.file);
    let bytes = match std::fs::read(&found.file) {
        Ok(bytes) => bytes,
        Err(error) => {
            let said = Diagnostic::error(codes::UNREADABLE_FILE, format!("{shown} can't be read: {error}"))
                .help("check the file's permissions");
            return (None, vec![said]);
        }
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return (None, vec![invalid_utf8(&shown, error.as_bytes())]),
    };
    let file = SourceFile::new(shown, text);
    let mut said = vec![];
    let (front_matter, body) = parse(&file, &mut said);
    (Some(SourcePage { file, language: found.language, path: found.path, front_matter, body }), said)
}

fn parse(file: &Arc<SourceFile>, said: &mut Vec<Diagnostic>) -> (FrontMatter, Span) {
    let parsed = front_matter::parse(file);
    said.extend(parsed.diagnostics);
    (parsed.front_matter, parsed.body)
}
