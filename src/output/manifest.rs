//! The list of files that docbuild wrote: only these are ever replaced or removed.
//!
//! A text file, one path a line below a heading, sorted: the same site gives the same bytes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{OutputError, STATE_FOLDER};

const NAME: &str = "files";
const HEADING: &str = "docbuild.files/1";

/// The files of the last build; empty where there was none.
pub(super) fn load(folder: &Path) -> Result<BTreeSet<String>, OutputError> {
    let path = folder.join(STATE_FOLDER).join(NAME);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(OutputError::io("read", &path)(error)),
    };
    Ok(text.lines().skip(1).map(str::to_owned).collect())
}

/// Writes the list, by a rename, if it is another than before.
pub(super) fn store<'a>(folder: &Path, files: impl Iterator<Item = &'a str>) -> Result<(), OutputError> {
    let mut text = format!("{HEADING}\n");
    for file in files {
        text.push_str(file);
        text.push('\n');
    }
    let path = folder.join(STATE_FOLDER).join(NAME);
    if fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    let fresh = path.with_extension("new");
    fs::write(&fresh, text).map_err(OutputError::io("write", &fresh))?;
    fs::rename(&fresh, &path).map_err(OutputError::io("rename", &fresh))
}
