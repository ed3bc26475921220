//! When a page is of: its date by the sources that the configuration names, and whether it is of now.

use jiff::Timestamp;

use super::dates;
use super::head::Head;
use crate::config::{Config, DateSource};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};

/// When a page is of.
pub(super) struct Dating {
    /// Its date in RFC 3339, and the moment it is.
    pub(super) date: Option<(String, Timestamp)>,
    /// What the file's name says behind its date, where the date is that of the name.
    pub(super) slug: Option<String>,
    /// Whether the configuration wants pages of its time.
    pub(super) is_of_now: bool,
}

impl Dating {
    /// Of the page whose path is `path`. The date of a draft may still be open.
    pub(super) fn of(head: &Head<'_>, path: &str, draft: bool, config: &Config, diagnostics: &mut Diagnostics) -> Self {
        let mut reader = DateReader { head, draft, config, diagnostics };
        let mut date = None;
        let mut slug = None;
        for source in &config.dates {
            match source {
                DateSource::Key(key) => date = reader.key(key),
                DateSource::FileName => {
                    if let Some((text, rest)) = dates::of_file_name(base_name(path)) {
                        date = dates::parse(text, &config.time_zone);
                        slug = Some(rest.to_owned()).filter(|rest| !rest.is_empty());
                    }
                }
            }
            if date.is_some() {
                break;
            }
        }
        let now = config.publish.clock;
        let starts = reader.key("publishdate").or_else(|| date.clone());
        let ends = reader.key("expirydate");
        let is_of_now = (config.publish.future || starts.is_none_or(|(_, moment)| moment <= now))
            && (config.publish.expired || ends.is_none_or(|(_, moment)| moment >= now));
        Self { date, slug, is_of_now }
    }
}

/// The name that a page has in its folder, without the extension: in a bundle, that of the folder.
fn base_name(path: &str) -> &str {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if stem == "index" { folder.rsplit('/').next().unwrap_or(folder) } else { stem }
}

/// Reads dates from a front matter.
struct DateReader<'a, 'b> {
    head: &'a Head<'b>,
    draft: bool,
    config: &'a Config,
    diagnostics: &'a mut Diagnostics,
}

impl DateReader<'_, '_> {
    fn key(&mut self, key: &str) -> Option<(String, Timestamp)> {
        let text = self.head.text(key, self.diagnostics).filter(|text| !text.trim().is_empty())?;
        let date = dates::parse(&text, &self.config.time_zone);
        if date.is_none() {
            let message = format!("`{text}` is no date");
            let said = match self.draft {
                true => Diagnostic::warning(codes::FRONT_MATTER_TYPE, message),
                false => Diagnostic::error(codes::FRONT_MATTER_TYPE, message),
            };
            let said = said.at(self.head.file, self.head.front_matter.value_span(self.head.file, key));
            self.diagnostics
                .push(said.help("write it as 2024-05-06, or with a time and an offset: 2024-05-06T07:08:09+09:00"));
        }
        date
    }
}
