//! Patterns of URLs (Hugo's `permalinks`).

use super::url;

/// Tokens of a permalink pattern.
pub(super) struct Permalink<'a> {
    pub(super) section: &'a str,
    pub(super) name: &'a str,
    pub(super) slug: &'a str,
    pub(super) title: &'a str,
    pub(super) date: &'a str,
}

impl Permalink<'_> {
    /// A pattern with the values in it.
    pub(super) fn fill(&self, pattern: &str) -> String {
        let part = |token: &str| match token {
            ":section" | ":sections" => self.section.to_owned(),
            ":year" => self.date.get(..4).unwrap_or_default().to_owned(),
            ":month" => self.date.get(5..7).unwrap_or_default().to_owned(),
            ":day" => self.date.get(8..10).unwrap_or_default().to_owned(),
            ":slug" | ":slugorfilename" | ":slugorcontentbasename" => url::urlize(self.slug),
            ":title" => url::urlize(self.title),
            ":filename" | ":contentbasename" => url::urlize(self.name),
            other => url::urlize(other),
        };
        pattern.split('/').map(part).collect::<Vec<_>>().join("/")
    }
}
