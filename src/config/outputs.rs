//! `[outputs]`: what is made of pages beside HTML, by Hugo's names.

use super::reader::{Reader, Table};
use crate::diagnostics::{Diagnostic, codes, nearest};

/// A form in which a page is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Output {
    /// The page.
    Html,
    /// A feed of what is below it, RSS 2.0: `feed.xml`.
    Rss,
    /// A feed of what is below it, JSON Feed: `index.json`.
    Json,
    /// A section with all below it on one page: `_print/`.
    Print,
    /// Headers for the files, in the form of Netlify and others: `_headers`.
    Headers,
    /// Redirects from old addresses, likewise: `_redirects`.
    Redirects,
}

impl Output {
    const ALL: [(&'static str, Self); 6] = [
        ("html", Self::Html),
        ("rss", Self::Rss),
        ("json", Self::Json),
        ("print", Self::Print),
        ("headers", Self::Headers),
        ("redirects", Self::Redirects),
    ];

    /// The output of this name, in any case of letters.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim())).map(|(_, output)| *output)
    }
}

/// The outputs of each kind of page; a page's front matter (`outputs`) goes over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outputs {
    /// Of the home pages.
    pub home: Vec<Output>,
    /// Of sections.
    pub section: Vec<Output>,
    /// Of other pages.
    pub page: Vec<Output>,
    /// Name of RSS feeds, with its extension.
    pub feed: String,
    /// How many entries one page of a long list has.
    pub page_size: usize,
}

impl Default for Outputs {
    fn default() -> Self {
        let html = || vec![Output::Html];
        Self { home: html(), section: html(), page: html(), feed: "feed.xml".to_owned(), page_size: 10 }
    }
}

impl Outputs {
    /// Reads `[outputs]` over these.
    pub(super) fn read(&mut self, top: &mut Table<'_>, reader: &mut Reader<'_>) {
        let Some(mut table) = top.table(reader, "outputs") else { return };
        for (key, outputs) in [("home", &mut self.home), ("section", &mut self.section), ("page", &mut self.page)] {
            if let Some(names) = table.strings(reader, key) {
                *outputs = names.iter().filter_map(|(name, span)| known(name, span.clone(), reader)).collect();
            }
        }
        // Lists of terms have no outputs of their own yet.
        for key in ["taxonomy", "term"] {
            table.key_span(key);
        }
        table.finish(reader);
    }

    /// Reads Hugo's keys: its sites have feeds unless they say otherwise, called `index.xml`.
    pub(super) fn read_hugo(top: &mut Table<'_>, reader: &mut Reader<'_>) -> Self {
        let feeds = || vec![Output::Html, Output::Rss];
        let mut outputs = Self { home: feeds(), section: feeds(), feed: "index.xml".to_owned(), ..Self::default() };
        outputs.read(top, reader);
        for (name, mut format) in top.tables(reader, "outputFormats") {
            if name.eq_ignore_ascii_case("rss")
                && let Some(base) = format.string(reader, "baseName")
                && !base.contains(['/', '\\'])
            {
                outputs.feed = format!("{base}.xml");
            }
        }
        let pagination = top.table(reader, "pagination").and_then(|mut table| table.integer(reader, "pagerSize"));
        let size = pagination.or_else(|| top.integer(reader, "paginate"));
        if let Some(size) = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0) {
            outputs.page_size = size;
        }
        outputs
    }
}

fn known(name: &str, span: std::ops::Range<usize>, reader: &mut Reader<'_>) -> Option<Output> {
    let output = Output::of_name(name);
    if output.is_none() {
        let names = Output::ALL.iter().map(|(name, _)| *name);
        let help = match nearest(name, names.clone()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known: {}", names.collect::<Vec<_>>().join(", ")),
        };
        let message = format!("docbuild makes no output `{name}`");
        reader
            .diagnostics
            .push(Diagnostic::information(codes::CONFIG_UNSUPPORTED, message).at(reader.file, span).help(help));
    }
    output
}
