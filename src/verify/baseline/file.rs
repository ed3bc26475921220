//! The baseline's file: TOML, or JSON where its name ends so.
//!
//! ```toml
//! [[known]]
//! page = "content/en/docs/x.md"   # optional: without it, any page that has the block
//! block = "0123456789abcdef"
//! class = "value"
//! documented = "terminated: ..."
//! reason = "a bug of the runtime, reported upstream"
//! expires = 2027-01-31            # optional
//! ```

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Baseline, Entry, Written};
use crate::verify::model::FindingClass;

/// Why a file is no baseline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// It has another form.
    #[error("it is no baseline: {0}")]
    Malformed(String),
    /// An entry does not say why.
    #[error("entry {number} (block {block}) has no reason: say why the finding is known")]
    NoReason {
        /// Which entry, from 1.
        number: usize,
        /// Its block.
        block: String,
    },
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    known: Vec<Row>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    block: String,
    class: FindingClass,
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    documented: String,
    reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<Day>,
}

/// A day, as TOML has it or as text.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Day {
    Text(String),
    Toml(toml::value::Datetime),
}

impl Day {
    fn date(&self) -> Result<Date, BaselineError> {
        let text = match self {
            Self::Text(text) => text.clone(),
            Self::Toml(date) => date.to_string(),
        };
        text.parse().map_err(|_| BaselineError::Malformed(format!("`{text}` is no day: write it as 2027-01-31")))
    }
}

/// Whether a file of this name is JSON.
fn is_json(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|end| end.eq_ignore_ascii_case("json"))
}

/// Reads the text of a file of this name.
///
/// # Errors
/// When it is no baseline, or an entry has no reason.
pub fn read(name: &str, text: &str) -> Result<Baseline, BaselineError> {
    let wrong = |error: String| BaselineError::Malformed(error.trim_end().to_owned());
    let document: Document = if is_json(name) {
        serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?
    } else {
        toml::from_str(text).map_err(|error| wrong(error.to_string()))?
    };
    let entries = document.known.into_iter().enumerate().map(|(index, row)| {
        if row.reason.trim().is_empty() {
            return Err(BaselineError::NoReason { number: index + 1, block: row.block });
        }
        Ok(Entry {
            page: row.page,
            block: row.block,
            class: row.class,
            place: row.place,
            documented: row.documented,
            reason: row.reason,
            expires: row.expires.as_ref().map(Day::date).transpose()?,
        })
    });
    Ok(Baseline { entries: entries.collect::<Result<_, _>>()? })
}

/// The text of a file of this name.
#[must_use]
pub fn write(name: &str, written: &Written) -> String {
    if is_json(name) {
        let known = written.entries.iter().map(|(entry, _)| row(entry)).collect();
        return serde_json::to_string_pretty(&Document { known }).unwrap_or_default() + "\n";
    }
    let mut out = String::from(
        "# Findings of `docbuild verify` that are known. Each says why in `reason`; with `expires = 2027-01-31` it\n\
         # counts again from the day after. `block` is the block's text: an entry ends where the block changes.\n",
    );
    for (entry, remark) in &written.entries {
        out.push_str("\n[[known]]\n");
        if !remark.is_empty() {
            out.push_str(&format!("# {}\n", crate::verify::report::visible(remark).replace('\n', " ")));
        }
        let mut pair = |key: &str, value: &str| {
            out.push_str(&format!("{key} = {}\n", toml::Value::String(value.to_owned())));
        };
        if let Some(page) = &entry.page {
            pair("page", page);
        }
        pair("block", &entry.block);
        pair("class", crate::verify::report::key(entry.class));
        if let Some(place) = &entry.place {
            pair("where", place);
        }
        pair("documented", &entry.documented);
        pair("reason", &entry.reason);
        if let Some(last) = entry.expires {
            out.push_str(&format!("expires = {last}\n"));
        }
    }
    out
}

fn row(entry: &Entry) -> Row {
    Row {
        page: entry.page.clone(),
        block: entry.block.clone(),
        class: entry.class,
        place: entry.place.clone(),
        documented: entry.documented.clone(),
        reason: entry.reason.clone(),
        expires: entry.expires.map(|date| Day::Text(date.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            page: Some("content/en/a.md".to_owned()),
            block: "0123456789abcdef".to_owned(),
            class: FindingClass::ExitCode,
            place: Some("rows[\"a b\"].AGE".to_owned()),
            documented: "two\nlines, \"quoted\" '''and''' \u{1b}[31m \\".to_owned(),
            reason: "because".to_owned(),
            expires: Some(jiff::civil::date(2027, 1, 31)),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let plain = Entry { page: None, place: None, expires: None, documented: String::new(), ..entry() };
        let entries = vec![(entry(), "a remark\nof two lines".to_owned()), (plain.clone(), String::new())];
        for name in ["known.toml", "known.json"] {
            let text = write(name, &Written { entries: entries.clone(), added: 2 });
            assert_eq!(read(name, &text).map(|read| read.entries), Ok(vec![entry(), plain.clone()]), "{name}\n{text}");
        }
    }

    #[test]
    fn a_file_that_is_no_baseline_is_told_with_its_line() {
        let whole = "[[known]]\nblock = \"a\"\nclass = \"value\"\ndocumented = \"x\"\nreason = \"y\"\n";
        assert!(read("a.toml", whole).is_ok());
        assert!(read("a.toml", &format!("{whole}expires = \"2027-01-31\"\n")).is_ok(), "a day may be text");
        let wrong = [
            (whole.replace("reason = \"y\"\n", ""), "missing field `reason`"),
            (whole.replace("\"y\"", "\"  \""), "entry 1 (block a) has no reason"),
            (whole.replace("\"value\"", "\"valeu\""), "unknown variant `valeu`"),
            (format!("{whole}line = 3\n"), "line 6"),
            (format!("{whole}expires = \"soon\"\n"), "`soon` is no day"),
        ];
        for (text, said) in wrong {
            let error = read("a.toml", &text).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
        assert!(read("a.json", "{\"known\": [{}]}").unwrap_err().to_string().contains("line 1"));
    }
}
