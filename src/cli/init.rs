//! `docbuild init DIR`: a small bilingual site that builds and verifies.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{DONE, FAILED, Terminal, new};

/// The files of the new site; `{{ title }}` is filled in.
const FILES: [(&str, &str); 8] = [
    ("book.toml", include_str!("starter/book.toml")),
    (".gitignore", include_str!("starter/gitignore")),
    ("content/en/_index.md", include_str!("starter/content/en/_index.md")),
    ("content/en/docs/_index.md", include_str!("starter/content/en/docs/_index.md")),
    ("content/en/docs/first-page.md", include_str!("starter/content/en/docs/first-page.md")),
    ("content/ja/_index.md", include_str!("starter/content/ja/_index.md")),
    ("content/ja/docs/_index.md", include_str!("starter/content/ja/docs/_index.md")),
    ("content/ja/docs/first-page.md", include_str!("starter/content/ja/docs/first-page.md")),
];

/// The flags of `init`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder; made if it is not there, else it must be empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(args: &Args, terminal: &Terminal) -> ExitCode {
    if let Err(message) = make(&args.folder) {
        terminal.error(&message, &["name a folder that is new or empty".to_owned()]);
        return ExitCode::from(FAILED);
    }
    let folder = args.folder.display();
    terminal.say(&format!(
        "made a site in {folder}\n\n  cd {folder}\n  docbuild serve     # write, and see the page at once\n  \
         docbuild verify    # run what the pages print\n  docbuild build     # public/"
    ));
    ExitCode::from(DONE)
}

fn make(folder: &Path) -> Result<(), String> {
    let is_empty = match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(format!("cannot look into {}: {error}", folder.display())),
    };
    if !is_empty {
        return Err(format!("{} is not empty", folder.display()));
    }
    let title = title(folder);
    for (path, text) in FILES {
        let path = folder.join(path);
        let text = text.replace("{{ title }}", &title);
        new::create(&path, &text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}

/// The folder's name as a title; quotes and back slashes would end the strings it is written into.
fn title(folder: &Path) -> String {
    let name = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = name.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let plain: String = name.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).collect();
    if plain.trim().is_empty() { "Documentation".to_owned() } else { plain }
}
