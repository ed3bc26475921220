//! What stands beside the pages: redirects, `404.html`, the sitemap, files copied as they are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::sink::{Content, Sink};
use super::{PrintPlaces, Shared, derived, is_selected, lists, publications, published, redirects, sitemap, urls};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::markdown::Article;
use crate::site::Page;

/// What a file is made from, in the order in which messages name them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// The theme's files.
    Theme,
    /// The page with this URL.
    Page(String),
    /// A file of the site, relative to the root.
    File(String),
    /// What docbuild adds unless the site has it.
    Generated,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Theme => formatter.write_str("the theme"),
            Self::Page(path) => write!(formatter, "the page at {path}"),
            Self::File(path) => formatter.write_str(path),
            Self::Generated => formatter.write_str("docbuild"),
        }
    }
}

/// The way of files to the sink, from many threads: knows where each came from, and finds two at one
/// path.
pub(super) struct Files<'a> {
    sink: &'a dyn Sink,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    origins: BTreeMap<String, Origin>,
    /// Path and origin of files that came second.
    conflicts: Vec<(String, Origin)>,
    diagnostics: Diagnostics,
}

impl<'a> Files<'a> {
    pub(super) fn new(sink: &'a dyn Sink) -> Self {
        Self { sink, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a file on; a second one at the same path is an error.
    pub(super) fn put(&self, path: &str, origin: Origin, content: Content) {
        if !self.claim(path, origin) {
            return;
        }
        self.put_claimed(path, content);
    }

    /// Hands on what docbuild makes by itself, unless the site has it. Called in a fixed order, after
    /// all [`Self::put`].
    pub(super) fn put_default(&self, path: &str, text: Result<String, Vec<Diagnostic>>) {
        match text {
            Ok(text) if self.claim_default(path) => self.put_claimed(path, Content::Text(text)),
            Ok(_) => {}
            Err(diagnostics) => self.state().diagnostics.extend(diagnostics),
        }
    }

    /// Takes a path for what docbuild makes by itself; `false` where the site has it. Called in a
    /// fixed order, so that rendering can then be done in any.
    pub(super) fn claim_default(&self, path: &str) -> bool {
        self.claim_free(path, Origin::Generated)
    }

    /// Takes a path unless another file has it; that is no conflict.
    pub(super) fn claim_free(&self, path: &str, origin: Origin) -> bool {
        let mut state = self.state();
        let free = !state.origins.contains_key(path);
        if free {
            state.origins.insert(path.to_owned(), origin);
        }
        free
    }

    /// Hands on a file whose path was claimed.
    pub(super) fn put_claimed(&self, path: &str, content: Content) {
        let source = if let Content::Copy(file) = &content { Some(file.clone()) } else { None };
        if let Err(error) = self.sink.put(path, content) {
            let origin = self.state().origins.get(path).map(ToString::to_string);
            let name = origin.or_else(|| source.map(|file| file.display().to_string())).unwrap_or_default();
            self.say([unreadable(&name, &error)]);
        }
    }

    /// Adds to what is wrong.
    pub(super) fn say(&self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.state().diagnostics.extend(diagnostics);
    }

    fn claim(&self, path: &str, origin: Origin) -> bool {
        let mut state = self.state();
        if state.origins.contains_key(path) {
            state.conflicts.push((path.to_owned(), origin));
            return false;
        }
        state.origins.insert(path.to_owned(), origin);
        true
    }

    /// Says that a page's URL or alias names no file.
    pub(super) fn bad_url(&self, page: &Page, url: &str) {
        let mut diagnostic = Diagnostic::error(codes::RENDER_BAD_PATH, format!("`{url}` can't be the name of a file"))
            .help("leave out `..`, control characters, back slashes and parts of more than 255 bytes");
        if let Some(file) = &page.file {
            let keys: &[&str] = if page.url == url { &["url", "slug"] } else { &["aliases"] };
            let key = keys.iter().find(|key| page.front_matter.get(key).is_some());
            let span = key.map_or(page.front_matter.span, |key| page.front_matter.value_span(file, key));
            diagnostic = diagnostic.at(file, span);
        }
        self.say([diagnostic]);
    }

    /// All that is wrong. Which of two files at one path came first depends on threads, what is said
    /// does not.
    pub(super) fn finish(self) -> Diagnostics {
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.say_conflicts();
        state.say_folders();
        state.diagnostics
    }
}

impl State {
    fn say_conflicts(&mut self) {
        let mut conflicts: BTreeMap<String, Vec<Origin>> = BTreeMap::new();
        for (path, origin) in std::mem::take(&mut self.conflicts) {
            conflicts.entry(path).or_default().push(origin);
        }
        for (path, mut origins) in conflicts {
            origins.extend(self.origins.get(&path).cloned());
            origins.sort();
            if let Some((first, others)) = origins.split_first() {
                self.origins.insert(path.clone(), first.clone());
                self.diagnostics.extend(others.iter().map(|origin| {
                    Diagnostic::error(
                        codes::RENDER_CONFLICT,
                        format!("{origin} and {first} would both be written to {path}"),
                    )
                    .help("rename one of them, or give the page another `url`")
                }));
            }
        }
    }

    /// No path may be a file and a folder.
    fn say_folders(&mut self) {
        for (path, below) in &self.origins {
            for (end, _) in path.match_indices('/') {
                let Some(file) = self.origins.get(&path[..end]) else { continue };
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

/// Adds all of them; where the texts of articles stand in print pages.
pub(super) fn add_all(shared: &Shared<'_>, articles: &[Arc<Article>], files: &Files<'_>) -> PrintPlaces {
    add_resources(shared, files);
    add_static(shared, files);
    shared.pictures.add(shared, files);
    publications::add_all(shared, articles.iter().map(AsRef::as_ref), &shared.image_publications(), files);
    let places = derived::Plan::new(shared, None).add(shared, articles, files);
    redirects::add(shared, files);
    sitemap::add(shared, files);
    add_generated(shared, files);
    places
}

/// Files beside pages.
fn add_resources(shared: &Shared<'_>, files: &Files<'_>) {
    let site = shared.site;
    let resources: Vec<(&Page, &str, &PathBuf)> = site
        .pages
        .iter()
        .filter(|page| page.publishes_resources && is_selected(site, page))
        .flat_map(|page| page.resources.iter().map(move |(url, file)| (page, url.as_str(), file)))
        .collect();
    resources.into_par_iter().for_each(|(page, url, file)| match resource_path(url) {
        Some(path) => files.put(&path, Origin::File(shown(file, &site.config.root)), Content::Copy(file.clone())),
        None => files.bad_url(page, url),
    });
}

/// A resource's URL is its file: no `index.html` is added.
pub(super) fn resource_path(url: &str) -> Option<String> {
    let folder = urls::output_path(&format!("{}/", url.trim_end_matches('/')))?;
    folder.strip_suffix("/index.html").map(str::to_owned)
}

/// `static/`, copied as it is.
fn add_static(shared: &Shared<'_>, files: &Files<'_>) {
    let root = &shared.site.config.root;
    static_files(shared, files).into_par_iter().for_each(|(path, file)| {
        files.put(&path, Origin::File(shown(&file, root)), Content::Copy(file));
    });
}

/// The files of `static/`: path below the build folder, and file. Links are followed where they stay in the site.
fn static_files(shared: &Shared<'_>, files: &Files<'_>) -> Vec<(String, PathBuf)> {
    let config = &shared.site.config;
    let mut found = vec![];
    if !config.static_dir.is_dir() {
        return found;
    }
    for entry in walkdir::WalkDir::new(&config.static_dir).follow_links(true).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let message = format!("cannot read {}: {error}", shown(&config.static_dir, &config.root));
                files.say([Diagnostic::error(codes::UNREADABLE_FILE, message)]);
                continue;
            }
        };
        if entry.path_is_symlink() && !stays_inside(entry.path(), &config.root) {
            let message = format!("{} is a link that leads out of the site", shown(entry.path(), &config.root));
            files.say([Diagnostic::error(codes::RENDER_BAD_PATH, message).help("copy the file into the site")]);
            continue;
        }
        if !entry.file_type().is_file() {
            continue;
        }
        match entry.path().strip_prefix(&config.static_dir).ok().and_then(Path::to_str) {
            Some(path) => found.push((path.replace('\\', "/"), entry.into_path())),
            None => {
                let message = format!("the name of {} is not UTF-8", shown(entry.path(), &config.root));
                files.say([Diagnostic::error(codes::RENDER_BAD_PATH, message).help("rename the file")]);
            }
        }
    }
    found
}

/// Takes the paths of all that the site has itself and that stays as the last build made it, so that nothing that
/// docbuild makes goes there. Called behind the pages that are made again.
pub(super) fn reserve(shared: &Shared<'_>, files: &Files<'_>) {
    let site = shared.site;
    // The first page of a list is made again with the others.
    for page in published(site).into_iter().filter(|page| !lists::is_list(page)) {
        if let Some(path) = urls::output_path(&page.url) {
            files.claim_free(&path, Origin::Page(page.url.clone()));
        }
    }
    let resources = site.pages.iter().filter(|page| is_selected(site, page)).flat_map(|page| &page.resources);
    let resources = resources.filter_map(|(url, file)| Some((resource_path(url)?, file.clone())));
    for (path, file) in resources.chain(static_files(shared, files)) {
        files.claim_free(&path, Origin::File(shown(&file, &site.config.root)));
    }
}

fn stays_inside(path: &Path, root: &Path) -> bool {
    match (path.canonicalize(), root.canonicalize()) {
        (Ok(path), Ok(root)) => path.starts_with(root),
        _ => false,
    }
}

/// `404.html`, `robots.txt`.
fn add_generated(shared: &Shared<'_>, files: &Files<'_>) {
    let site = shared.site;
    for (language, lang) in site.config.languages.iter().enumerate().filter(|(_, lang)| lang.selected) {
        let path = if language == 0 { "404.html".to_owned() } else { format!("{}/404.html", lang.code) };
        files.put_default(&path, shared.render_special("404.html", language));
    }
    let mut context = tera::Context::new();
    context.insert("sitemap", &shared.base.permalink("/sitemap.xml"));
    files.put_default("robots.txt", shared.layouts.render("robots.txt", &context, "robots.txt"));
}

pub(super) fn unreadable(path: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(codes::UNREADABLE_FILE, format!("{path} can't be read: {error}"))
        .help("check the file's permissions")
}

pub(super) fn shown(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
