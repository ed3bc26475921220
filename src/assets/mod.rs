//! Styles, scripts and icons of the built-in theme, and their content hashes.
//!
//! In: the files of `assets/theme/`, embedded at compile time. Out: [`Asset`]s, whose published
//! paths hold a hash of their bytes: a browser may keep them for ever, and a new build is never seen
//! with an old style.

use include_dir::{Dir, include_dir};

static THEME: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/theme");

/// Hexadecimal digits of the hash in a path: 40 bits, for a dozen files.
const HASH_DIGITS: usize = 10;

/// A file of the theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Name that layouts call it by: `docbuild.css`.
    pub name: &'static str,
    /// Path below the build folder: `assets/docbuild.0a1b2c3d4e.css`.
    pub path: String,
    /// The file.
    pub bytes: &'static [u8],
}

/// The theme's files, by name.
#[must_use]
pub fn theme() -> Vec<Asset> {
    let mut assets: Vec<Asset> = THEME
        .files()
        .filter_map(|file| {
            let name = file.path().to_str()?;
            let bytes = file.contents();
            Some(Asset { name, path: hashed_path(name, bytes), bytes })
        })
        .collect();
    assets.sort_by_key(|asset| asset.name);
    assets
}

fn hashed_path(name: &str, bytes: &[u8]) -> String {
    let hash = blake3::hash(bytes).to_hex();
    let hash = &hash[..HASH_DIGITS];
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("assets/{stem}.{hash}.{extension}"),
        None => format!("assets/{name}.{hash}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_change_with_the_bytes_only() {
        assert_eq!(hashed_path("a.css", b"x"), hashed_path("a.css", b"x"));
        assert_ne!(hashed_path("a.css", b"x"), hashed_path("a.css", b"y"));
        assert!(hashed_path("a.b.css", b"x").starts_with("assets/a.b."));
    }

    #[test]
    fn the_theme_is_small_and_needs_no_inline_script() {
        let assets = theme();
        assert!(assets.iter().any(|asset| asset.name == "docbuild.css"));
        let bytes: usize = assets.iter().map(|asset| asset.bytes.len()).sum();
        assert!(bytes < 64 * 1024, "{bytes} bytes of theme on every first visit");
    }
}
