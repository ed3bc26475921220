//! Every kind of mistake docbuild can name, with the text of `docbuild explain CODE`.
//!
//! To add one: a constant here, and its name in [`ALL`] (a test finds what is forgotten).

/// A kind of mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code {
    /// Stable name, `stage-what`: printed in brackets and accepted by `docbuild explain`.
    pub id: &'static str,
    /// What it means, why it is a mistake, and how to mend it; a few sentences.
    pub explanation: &'static str,
}

macro_rules! codes {
    ($($name:ident = $id:literal, $explanation:literal;)*) => {
        $(
            #[doc = $explanation]
            pub const $name: Code = Code { id: $id, explanation: $explanation };
        )*
        /// All codes, in the order of this file.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    UNREADABLE_FILE = "source-unreadable", "A file of the site could not be read. Check that it exists and that you may read it.";
    CONFIG_NOT_FOUND = "config-not-found", "No configuration file was found. docbuild looks for `book.toml`, then `hugo.toml` and `config.toml`, in the folder it was started in and in each folder above it; `--root` names the folder.";
    CONFIG_SYNTAX = "config-syntax", "A TOML file is not valid TOML, so nothing in it can be trusted. The place is where reading stopped; the cause is there or in the line before.";
    CONFIG_UNKNOWN_KEY = "config-unknown-key", "A key in `book.toml` means nothing to docbuild. A key that is silently ignored is a setting that silently does not work, so this is an error.";
    CONFIG_WRONG_TYPE = "config-wrong-type", "A value in the configuration has the wrong type, such as a number where a string is wanted.";
    CONFIG_UNSUPPORTED = "config-unsupported", "A key is part of docbuild's configuration, but this version does nothing with it yet.";
    CONFIG_BASE_URL = "config-base-url", "The site's base URL must be absolute, with `http://` or `https://` and a host: feeds, canonical links and redirects are made from it.";
    CONFIG_PATTERN = "config-pattern", "An entry of `ignore-files` (Hugo: `ignoreFiles`) is no regular expression.";
    CONFIG_NO_CONTENT = "config-no-content", "Each language of the site has a folder of its own, `content/CODE/`. One of the configured languages has none.";
    CONFIG_UNKNOWN_LANGUAGE = "config-unknown-language", "`--lang` names a language that the configuration does not have.";
    CONFIG_GO_TEMPLATES = "config-go-templates", "The site has Go templates, which only Hugo reads. docbuild renders with its own Tera layouts, which a site can replace one by one.";
    FRONT_MATTER_SYNTAX = "front-matter-syntax", "The front matter between the `---` lines at the head of a page is not valid YAML (or TOML between `+++` lines), so none of it is used.";
    FRONT_MATTER_UNCLOSED = "front-matter-unclosed", "A page starts with a line `---`, which opens front matter, and no second such line closes it. To start a page with a horizontal rule, put a blank line before it.";
    FRONT_MATTER_DUPLICATE = "front-matter-duplicate-key", "A key stands twice in a page's front matter. Keys do not depend on the case of their letters.";
    FRONT_MATTER_TYPE = "front-matter-type", "A key of the front matter that docbuild reads has a value of the wrong type, such as a list for `title` or a word for `weight`.";
    DUPLICATE_URL = "site-duplicate-url", "Two pages would be written to the same URL, so one of them would silently be lost. URLs are made of the path in lower case; `slug` and `url` in the front matter change them.";
    DUPLICATE_ALIAS = "site-duplicate-alias", "An alias is an old URL that redirects to a page. It is claimed by two pages, or a page is published there.";
    BAD_URL = "site-bad-url", "The `url`, `slug` or an alias of a page can't be used: a URL of a page starts with `/`, has no `..`, no query and no fragment.";
    STRINGS = "site-strings", "A file of translated strings (`i18n/CODE.toml`) can't be used. It holds one table a string, `[key]` with `other = \"text\"`, or `key = \"text\"`.";
    INVALID_UTF8 = "source-invalid-utf8", "A text file holds bytes that are not UTF-8. Save it as UTF-8: other encodings are not guessed, because a wrong guess changes the page silently.";
}

/// The code called `id`.
#[must_use]
pub fn find(id: &str) -> Option<Code> {
    ALL.iter().copied().find(|code| code.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_explained() {
        for (index, code) in ALL.iter().enumerate() {
            assert!(ALL[..index].iter().all(|other| other.id != code.id), "{} is there twice", code.id);
            assert!(code.explanation.len() > 40, "{} needs an explanation", code.id);
            assert!(
                code.id.contains('-')
                    && code.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
        }
    }
}
