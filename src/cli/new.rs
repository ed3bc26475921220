//! `docbuild new PATH`: a page from an archetype.
//!
//! The archetype is the site's `archetypes/default.md`, else the built-in one; `{{ title }}` and
//! `{{ date }}` in it are filled in.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use super::site_flags::load_or_print;
use super::{DONE, FAILED, GlobalFlags, Terminal, USAGE};
use crate::config::{Config, LoadOptions};
use crate::site::fill;

const ARCHETYPE: &str = "---\ntitle: {{ title }}\ndescription: \"\"\n---\n\nWrite here.\n";

/// The flags of `new`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The page: content/en/docs/x.md, or docs/x.md in the default language
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The language, for a path without one
    #[arg(long, value_name = "L")]
    lang: Option<String>,
}

pub(super) fn run(args: &Args, global: &GlobalFlags, terminal: &Terminal) -> ExitCode {
    let options = LoadOptions {
        root: global.root.clone(),
        start: std::env::current_dir().unwrap_or_default(),
        languages: args.lang.iter().cloned().collect(),
        ..LoadOptions::default()
    };
    let Some(config) = load_or_print(&options, terminal) else { return ExitCode::from(USAGE) };
    let path = match page_path(args, &config) {
        Ok(path) => path,
        Err(message) => {
            terminal.error(&message, &["name it as in `docbuild new docs/tasks/my-page.md`".to_owned()]);
            return ExitCode::from(USAGE);
        }
    };
    match create(&path, &text(&path, &config)) {
        Ok(()) => {
            terminal.say(&format!("made {}", path.strip_prefix(&config.root).unwrap_or(&path).display()));
            ExitCode::from(DONE)
        }
        Err(error) => {
            let message = format!("{} was not made: {error}", path.display());
            terminal.error(&message, &["choose another name, or edit the page that is there".to_owned()]);
            ExitCode::from(FAILED)
        }
    }
}

/// The file, absolute, below a language's folder.
fn page_path(args: &Args, config: &Config) -> Result<PathBuf, String> {
    let shown = args.path.display();
    let path = args.path.strip_prefix(&config.root).unwrap_or(&args.path);
    if path.components().any(|part| !matches!(part, Component::Normal(_))) {
        return Err(format!("`{shown}` is no path below the content folder"));
    }
    if path.extension().is_none_or(|extension| extension != "md") {
        return Err(format!("`{shown}` does not end in .md"));
    }
    let content = config.content_dir.strip_prefix(&config.root).unwrap_or(&config.content_dir);
    if let Ok(below) = path.strip_prefix(content) {
        let language =
            below.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
        if !config.languages.iter().any(|known| known.code == language) {
            return Err(format!("the site has no language `{language}`"));
        }
        return Ok(config.content_dir.join(below));
    }
    let language = args.lang.as_deref().unwrap_or(&config.default_language().code);
    Ok(config.content_dir.join(language).join(path))
}

fn text(path: &Path, config: &Config) -> String {
    let archetype = fs::read_to_string(config.root.join("archetypes/default.md"));
    let archetype = archetype.as_deref().unwrap_or(ARCHETYPE);
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let folder =
        path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = if matches!(stem.as_str(), "index" | "_index") { folder } else { stem };
    let date = config.publish.clock.to_string();
    fill(archetype, &[("title", &title(&name)), ("date", &date)])
}

/// `my-first_page` -> `My first page`, quoted where YAML needs it.
fn title(name: &str) -> String {
    let words = name.replace(['-', '_'], " ");
    let mut chars = words.chars();
    let title: String = chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default();
    let plain = title.starts_with(char::is_alphabetic) && title.chars().all(|c| c.is_alphanumeric() || c == ' ');
    let is_word =
        matches!(title.to_ascii_lowercase().as_str(), "yes" | "no" | "true" | "false" | "null" | "on" | "off");
    if plain && !is_word { title } else { format!("{title:?}") }
}

/// Writes a new file; one that is there stays.
pub(super) fn create(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    std::io::Write::write_all(&mut file, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_words_and_valid_yaml() {
        assert_eq!(title("my-first_page"), "My first page");
        assert_eq!(title("yes"), "\"Yes\"");
        assert_eq!(title("a: b"), "\"A: b\"");
        assert_eq!(title("1.2"), "\"1.2\"");
        assert_eq!(title("日本"), "日本");
    }
}
