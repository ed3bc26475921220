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
    format!("assets/{}", hashed_name(name, bytes))
}

/// A file name with a hash of its bytes in it: `nav.0a1b2c3d4e.json`.
#[must_use]
pub fn hashed_name(name: &str, bytes: &[u8]) -> String {
    let hash = blake3::hash(bytes).to_hex();
    let hash = &hash[..HASH_DIGITS];
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
        None => format!("{name}.{hash}"),
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

    /// The value of a colour in the style, in the light scheme and in the dark one.
    fn colour(style: &str, name: &str) -> [f64; 2] {
        // On screens: the colours of paper stand all in one line.
        let lines = style.lines().map(str::trim_start);
        let values: Vec<&str> = lines.filter_map(|line| line.strip_prefix(&format!("--{name}: #"))).collect();
        let [light, dark] = values[..] else { panic!("{name} has {} values", values.len()) };
        [light, dark].map(|value| {
            let hex: String = value.chars().take_while(char::is_ascii_hexdigit).collect();
            assert_eq!(hex.len(), 6, "{name}");
            let part = |at: usize| {
                let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
        })
    }

    /// WCAG 2.2, 1.4.3: at least 4.5 to 1 for text.
    #[test]
    fn code_can_be_read_in_both_schemes() {
        let style = std::str::from_utf8(THEME.get_file("docbuild.css").unwrap().contents()).unwrap();
        let parts = ["comment", "keyword", "text", "number", "key", "builtin", "variable"];
        let parts = parts.map(|part| format!("code-{part}"));
        for name in parts.iter().map(String::as_str).chain(["good", "danger", "code"]) {
            for ground in ["sunken", "marked"] {
                for (text, ground) in colour(style, name).iter().zip(colour(style, ground)) {
                    let ratio = (text.max(ground) + 0.05) / (text.min(ground) + 0.05);
                    assert!(ratio >= 4.5, "{name}: {ratio:.2} to 1");
                }
            }
        }
    }
}
