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
    CONFIG_UNSUPPORTED = "config-unsupported", "A key of `book.toml` or `hugo.toml` has a meaning, but this version of docbuild does nothing with it yet.";
    CONFIG_BASE_URL = "config-base-url", "The site's base URL must be absolute, with `http://` or `https://` and a host: feeds, canonical links and redirects are made from it.";
    CONFIG_PATTERN = "config-pattern", "An entry of `ignore-files` (Hugo: `ignoreFiles`) is no regular expression.";
    CONFIG_PICTURE = "config-picture", "A picture that stands for the site (`icon`, `preview` in `[pictures]`) is not below the asset folder, or can't be read as PNG or JPEG.";
    CONFIG_NO_CONTENT = "config-no-content", "Each language of the site has a folder of its own, `content/CODE/`. One of the configured languages has none.";
    CONFIG_UNKNOWN_LANGUAGE = "config-unknown-language", "`--lang` names a language that the configuration does not have.";
    CONFIG_GO_TEMPLATES = "config-go-templates", "The site has Go templates, which only Hugo reads. docbuild renders with its own Tera layouts, which a site can replace one by one.";
    FRONT_MATTER_SYNTAX = "front-matter-syntax", "The front matter between the `---` lines at the head of a page is not valid YAML (or TOML between `+++` lines), so none of it is used.";
    FRONT_MATTER_UNCLOSED = "front-matter-unclosed", "A page starts with a line `---`, which opens front matter, and no second such line closes it. A page that starts with a horizontal rule writes it as `***`.";
    FRONT_MATTER_DUPLICATE = "front-matter-duplicate-key", "A key stands twice in a page's front matter. Keys do not depend on the case of their letters.";
    FRONT_MATTER_TYPE = "front-matter-type", "A key of the front matter that docbuild reads has a value of the wrong type, such as a list for `title` or a word for `weight`.";
    DUPLICATE_URL = "site-duplicate-url", "Two pages would be written to the same URL, so one of them would silently be lost. URLs are made of the path in lower case; `slug` and `url` in the front matter change them.";
    DUPLICATE_ALIAS = "site-duplicate-alias", "An alias is an old URL that redirects to a page. It is claimed by two pages, or a page is published there.";
    BAD_URL = "site-bad-url", "The `url`, `slug` or an alias of a page can't be used: a URL of a page starts with `/`, has no `..`, no query and no fragment.";
    NO_DATE = "site-no-date", "The `permalinks` of the configuration put the date into the URLs of a section's pages, and a page of it has no date. Its URL will change when it gets one.";
    STRINGS = "site-strings", "A file of translated strings (`i18n/CODE.toml`) can't be used. It holds one table a string, `[key]` with `other = \"text\"`, or `key = \"text\"`.";
    DATA_SYNTAX = "data-syntax", "A file of the data folder is not valid YAML, TOML or JSON (its extension says which), so nothing in it is used.";
    DATA_PAGES = "data-pages", "Pages can't be made from a data file as `[[data-pages]]` in book.toml says: the file is not there, has no such list, or a template of the address or title fails.";
    SHORTCODE_SYNTAX = "shortcode-syntax", "A shortcode's tag can't be read. A tag is `{{< name arguments >}}` or `{{% name arguments %}}`; to show one as text, write `{{</* name */>}}`.";
    SHORTCODE_UNTERMINATED_STRING = "shortcode-unterminated-string", "A quoted argument of a shortcode has no closing quote. A text in double quotes ends on its line, one in backquotes may have several.";
    SHORTCODE_MIXED_ARGUMENTS = "shortcode-mixed-arguments", "A shortcode's arguments either all have a name (`key=\"value\"`) or none has one.";
    SHORTCODE_UNKNOWN = "shortcode-unknown", "There is no shortcode of this name: none built in, and no file `layouts/shortcodes/NAME.html` in the site.";
    SHORTCODE_UNCLOSED = "shortcode-unclosed", "A shortcode with inner content has no closing tag, so where its content ends is unknown. Close it with `{{< /name >}}`, or end its own tag with `/>}}`.";
    SHORTCODE_UNOPENED = "shortcode-unopened", "A closing tag closes nothing: the shortcode is not open there, or takes no inner content.";
    SHORTCODE_NESTING = "shortcode-nesting", "Shortcodes stand inside of one another more deeply than docbuild follows.";
    SHORTCODE_UNKNOWN_ARGUMENT = "shortcode-unknown-argument", "A shortcode is given an argument that it does not know, and ignores it.";
    SHORTCODE_MISSING_ARGUMENT = "shortcode-missing-argument", "A shortcode is not given an argument that it needs, so it has no output.";
    SHORTCODE_WRONG_VALUE = "shortcode-wrong-value", "An argument of a shortcode has a value that means nothing to it, so it has no output. The message names the values that do.";
    FILE_MISSING = "file-missing", "A file that a page names is not there. Examples are looked for in `examples-dir`, or in `content/CODE/examples` of the page's language and then of the default language.";
    FILE_OUTSIDE = "file-outside", "A name of a file leads out of the folder that it belongs in, by `..`, by an absolute path, through a link or in another spelling. Pages may come from strangers, so this never works.";
    INCLUDE_MISSING = "include-missing", "There is no page of this name in the language's `includes` bundle nor beside the page that includes it.";
    INCLUDE_CYCLE = "include-cycle", "Pages include each other in a circle, so there is no end to what they would show.";
    INCLUDE_TOO_MUCH = "include-too-much", "One page includes so many others, directly and through them, that it would be of no use to a reader: a page that includes another twice, which includes a third twice, doubles with each step.";
    RESOURCE_MISSING = "resource-missing", "A page names a file of its bundle, or one below `assets/`, and there is none whose path fits. The files of a bundle are those in the folder of a page called `index.md` or `_index.md`.";
    IMAGE_UNREADABLE = "image-unreadable", "An image is to be scaled and can't be: it is neither JPEG nor PNG, it is broken, or the size asked for is none.";
    PARAM_UNKNOWN = "param-unknown", "A parameter is neither in the page's front matter nor below `[params]` in the site's configuration.";
    STRING_UNKNOWN = "string-unknown", "A translated string is asked for by a key that no `i18n/` file has.";
    TERM_UNKNOWN = "term-unknown", "The glossary has no page for this term, neither in the page's language nor in the default language.";
    TAB_OUTSIDE = "tab-outside", "A `tab` is only something inside of `tabs`: outside it is shown nowhere.";
    TABS_EMPTY = "tabs-empty", "A `tabs` shortcode has no `tab` in it, so it shows nothing.";
    REFERENCE_MISSING = "reference-missing", "`ref` or `relref` names a page that is not there. Paths are those of the sources, from the page's folder or, with a leading `/`, from the language's.";
    FEATURE_UNKNOWN = "feature-unknown", "A feature gate or a feature's state is named that does not exist. Gates are the pages of the bundle docs/reference/command-line-tools-reference/feature-gates of the default language.";
    TEMPLATE_SYNTAX = "template-syntax", "A site's shortcode template is not valid Tera.";
    TEMPLATE_RUN = "template-run", "A site's shortcode template fails for this use of it, for instance because a variable is not there.";
    DATA_MISSING = "data-missing", "A shortcode shows what is in a data file, and the file or the list in it is not there.";
    SHORTCODE_OFFLINE = "shortcode-offline", "A shortcode shows what is fetched from the network while the site is built. A build of docbuild depends on the site's files alone, so it shows nothing.";
    INVALID_UTF8 = "source-invalid-utf8", "A text file holds bytes that are not UTF-8. Save it as UTF-8: other encodings are not guessed, because a wrong guess changes the page silently.";
    LAYOUT_INVALID = "layout-invalid", "A layout of the site's layouts folder is no valid Tera template, or uses a filter, function, block, component or other layout that is not there. The built-in layouts and what they are given are the model: a file of the same name replaces one.";
    LAYOUT_RENDER = "layout-render", "A layout failed while rendering a page: most often it uses a value that the page does not have. Test it first (`{% if page.date %}`), or give it a default (`page.params.x | default(value=\"\")`).";
    RENDER_CONFLICT = "render-conflict", "Two files of the site would be written to one path, or one path would be a file and a folder. One of them would silently be lost, so neither is written.";
    RENDER_BAD_PATH = "render-bad-path", "A URL, alias or file name can't become a file of the site: it leads out of the build folder, holds control characters, or a part of it is longer than file systems allow.";
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
