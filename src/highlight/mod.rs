//! Code -> HTML with its parts marked by classes.
//!
//! In: a language's name as an author wrote it, code, and [`Options`] (lines to mark, line numbers).
//! Out: HTML. The styles of the theme give the classes their colours, for light and dark.
//!
//! 1. [`languages`]: the name -> a known language and what reads it, or none
//! 2. [`scan`] (YAML, shell, JSON, and languages of words and strings: nearly all that documentation shows) or [`grammar`] (syntect, for
//!    all others): code -> [`run::Runs`], which part of it is what
//! 3. [`mod@write`]: runs -> HTML
//!
//! What surrounds the code is Hugo's: `div.highlight` for a language that it knows, a plain `pre` for one
//! that it does not. The text of the HTML, its tags removed, is the code.
//!
//! Pure and total: no input panics, none takes long ([`grammar`] has the limits).

mod grammar;
mod languages;
mod options;
mod run;
mod scan;
#[cfg(test)]
mod tests;
mod write;

pub use options::{LineNumbers, Options};

use languages::Reader;
use run::Runs;

/// Code of a fence or a shortcode as HTML.
///
/// `language` is the word that names it; when that is empty the code is plain, without a language. CRLF
/// ends of lines are LF in code of a known language.
#[must_use]
pub fn code(language: &str, text: &str, options: &Options) -> String {
    let mut html = String::with_capacity(text.len() * 3 / 2 + 160);
    match languages::find(language) {
        Some(known) => {
            let text = unix_lines(text);
            let runs = runs(known, &text);
            if options.inline {
                write::inline(&mut html, language, Some((&text, &runs)));
            } else {
                write::block(&mut html, language, &text, &runs, options);
            }
        }
        None if options.inline => {
            write::inline(&mut html, language, None);
            write::escape(&mut html, text);
            html.push_str("</code>");
        }
        None => write::plain(&mut html, language, text),
    }
    html
}

/// What code of a known language begins with. Lines in it that look blank are no blank lines of Markdown, also
/// where the HTML is read as Markdown once more.
pub(crate) const OPENING: &str = "<pre tabindex=\"0\" class=\"chroma\">";

fn unix_lines(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\r') { text.replace("\r\n", "\n").into() } else { text.into() }
}

fn runs(language: &'static languages::Language, text: &str) -> Runs {
    match language.reader {
        Reader::Plain => Runs::default(),
        Reader::Yaml => scan::yaml(text),
        Reader::Shell => scan::shell(text),
        Reader::Console => scan::console(text),
        Reader::Json => scan::json(text),
        Reader::Words(language) => scan::words(text, language),
        Reader::Grammar => grammar::runs(language, text),
    }
}
