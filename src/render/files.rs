//! What stands beside the pages: redirects, `404.html`, the sitemap, files copied as they are.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use super::page::Alternate;
use super::{Rendered, Shared, is_selected, urls};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::site::Page;

/// The files so far, and where each came from.
#[derive(Default)]
pub(super) struct Sink {
    pub(super) files: Rendered,
    pub(super) diagnostics: Diagnostics,
    origins: std::collections::BTreeMap<String, String>,
}

impl Sink {
    /// Adds a file; a second one at the same path is an error.
    pub(super) fn add(&mut self, path: String, bytes: Arc<[u8]>, origin: &str) {
        if let Some(other) = self.origins.get(&path) {
            self.diagnostics.push(
                Diagnostic::error(
                    codes::RENDER_CONFLICT,
                    format!("{origin} and {other} would both be written to {path}"),
                )
                .help("rename one of them, or give the page another `url`"),
            );
            return;
        }
        self.origins.insert(path.clone(), origin.to_owned());
        self.files.insert(path, bytes);
    }

    /// Adds what docbuild makes by itself, unless the site has it.
    fn add_default(&mut self, path: &str, text: Result<String, Vec<Diagnostic>>) {
        match text {
            Ok(text) if !self.files.contains_key(path) => {
                self.origins.insert(path.to_owned(), "docbuild".to_owned());
                self.files.insert(path.to_owned(), Arc::from(text.into_bytes()));
            }
            Ok(_) => {}
            Err(diagnostics) => self.diagnostics.extend(diagnostics),
        }
    }

    /// Says that a page's URL or alias names no file.
    pub(super) fn bad_url(&mut self, page: &Page, url: &str) {
        let mut diagnostic = Diagnostic::error(codes::RENDER_BAD_PATH, format!("`{url}` can't be the name of a file"))
            .help("leave out `..`, control characters, back slashes and parts of more than 255 bytes");
        if let Some(file) = &page.file {
            let keys: &[&str] = if page.url == url { &["url", "slug"] } else { &["aliases"] };
            let key = keys.iter().find(|key| page.front_matter.get(key).is_some());
            let span = key.map_or(page.front_matter.span, |key| page.front_matter.value_span(file, key));
            diagnostic = diagnostic.at(file, span);
        }
        self.diagnostics.push(diagnostic);
    }

    /// No path may be a file and a folder.
    fn check_folders(&mut self) {
        for path in self.files.keys() {
            for (end, _) in path.match_indices('/') {
                let (Some(file), Some(below)) = (self.origins.get(&path[..end]), self.origins.get(path)) else {
                    continue;
                };
                self.diagnostics.push(
                    Diagnostic::error(
                        codes::RENDER_CONFLICT,
                        format!("{} would be a file ({file}) and a folder ({below})", &path[..end]),
                    )
                    .help("rename one of them, or give the page another `url`"),
                );
            }
        }
    }
}

/// Adds all of them.
pub(super) fn add_all(shared: &Shared<'_>, sink: &mut Sink) {
    add_resources(shared, sink);
    add_static(shared, sink);
    add_aliases(shared, sink);
    add_generated(shared, sink);
    sink.check_folders();
}

/// Files beside pages.
fn add_resources(shared: &Shared<'_>, sink: &mut Sink) {
    let site = shared.site;
    let resources: Vec<(&Page, &str, &PathBuf)> = site
        .pages
        .iter()
        .filter(|page| is_selected(site, page))
        .flat_map(|page| page.resources.iter().map(move |(url, file)| (page, url.as_str(), file)))
        .collect();
    let read: Vec<_> = resources.par_iter().map(|(_, _, file)| fs::read(file)).collect();
    for ((page, url, file), bytes) in resources.into_iter().zip(read) {
        let origin = shown(file, &site.config.root);
        match (bytes, resource_path(url)) {
            (Ok(bytes), Some(path)) => sink.add(path, Arc::from(bytes), &origin),
            (Ok(_), None) => sink.bad_url(page, url),
            (Err(error), _) => sink.diagnostics.push(unreadable(&origin, &error)),
        }
    }
}

/// A resource's URL is its file: no `index.html` is added.
fn resource_path(url: &str) -> Option<String> {
    let folder = urls::output_path(&format!("{}/", url.trim_end_matches('/')))?;
    folder.strip_suffix("/index.html").map(str::to_owned)
}

/// `static/`, copied as it is. Links are followed where they stay in the site.
fn add_static(shared: &Shared<'_>, sink: &mut Sink) {
    let config = &shared.site.config;
    if !config.static_dir.is_dir() {
        return;
    }
    let mut files = vec![];
    for entry in walkdir::WalkDir::new(&config.static_dir).follow_links(true).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let message = format!("cannot read {}: {error}", shown(&config.static_dir, &config.root));
                sink.diagnostics.push(Diagnostic::error(codes::UNREADABLE_FILE, message));
                continue;
            }
        };
        if entry.path_is_symlink() && !stays_inside(entry.path(), &config.root) {
            let message = format!("{} is a link that leads out of the site", shown(entry.path(), &config.root));
            sink.diagnostics
                .push(Diagnostic::error(codes::RENDER_BAD_PATH, message).help("copy the file into the site"));
            continue;
        }
        if entry.file_type().is_file() {
            files.push(entry.into_path());
        }
    }
    let read: Vec<_> = files.par_iter().map(fs::read).collect();
    for (file, bytes) in files.iter().zip(read) {
        let origin = shown(file, &config.root);
        let path =
            file.strip_prefix(&config.static_dir).ok().and_then(Path::to_str).map(|path| path.replace('\\', "/"));
        match (bytes, path) {
            (Ok(bytes), Some(path)) => sink.add(path, Arc::from(bytes), &origin),
            (Ok(_), None) => {
                let message = format!("the name of {origin} is not UTF-8");
                sink.diagnostics.push(Diagnostic::error(codes::RENDER_BAD_PATH, message).help("rename the file"));
            }
            (Err(error), _) => sink.diagnostics.push(unreadable(&origin, &error)),
        }
    }
}

fn stays_inside(path: &Path, root: &Path) -> bool {
    match (path.canonicalize(), root.canonicalize()) {
        (Ok(path), Ok(root)) => path.starts_with(root),
        _ => false,
    }
}

/// Redirects from old addresses; what is published there now wins.
fn add_aliases(shared: &Shared<'_>, sink: &mut Sink) {
    let site = shared.site;
    for page in site.pages.iter().filter(|page| page.published && is_selected(site, page)) {
        for alias in &page.aliases {
            let Some(path) = urls::output_path(alias) else {
                sink.bad_url(page, alias);
                continue;
            };
            sink.add_default(&path, shared.render_alias(page));
        }
    }
}

/// An entry of the sitemap.
#[derive(Serialize)]
struct SitemapEntry<'a> {
    permalink: String,
    date: Option<&'a str>,
    alternates: Vec<Alternate<'a>>,
}

/// `404.html`, `sitemap.xml`, `robots.txt`.
fn add_generated(shared: &Shared<'_>, sink: &mut Sink) {
    let site = shared.site;
    for (language, lang) in site.config.languages.iter().enumerate().filter(|(_, lang)| lang.selected) {
        let path = if language == 0 { "404.html".to_owned() } else { format!("{}/404.html", lang.code) };
        sink.add_default(&path, shared.render_special("404.html", language));
    }
    let pages = site.pages.iter().filter(|page| page.published && is_selected(site, page));
    let entries: Vec<SitemapEntry<'_>> = pages
        .map(|page| SitemapEntry {
            permalink: shared.base.permalink(&page.url),
            date: page.date.as_deref(),
            alternates: shared.alternates(page),
        })
        .collect();
    let mut context = tera::Context::new();
    context.insert("entries", &entries);
    context.insert("sitemap", &shared.base.permalink("/sitemap.xml"));
    sink.add_default("sitemap.xml", shared.layouts.render("sitemap.xml", &context, "sitemap.xml"));
    sink.add_default("robots.txt", shared.layouts.render("robots.txt", &context, "robots.txt"));
}

fn unreadable(path: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(codes::UNREADABLE_FILE, format!("{path} can't be read: {error}"))
        .help("check the file's permissions")
}

fn shown(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
