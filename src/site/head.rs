//! A page's front matter, read by types: what has the wrong one is said at its place.

use std::sync::Arc;

use serde_json::Value;

use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, codes};
use crate::source::FrontMatter;

/// A page's front matter, read by types.
pub(super) struct Head<'a> {
    /// The page's file.
    pub(super) file: &'a Arc<SourceFile>,
    /// Its front matter.
    pub(super) front_matter: &'a FrontMatter,
}

impl Head<'_> {
    fn wrong(&self, key: &str, wanted: &str, example: &str, diagnostics: &mut Diagnostics) {
        diagnostics.push(
            Diagnostic::error(codes::FRONT_MATTER_TYPE, format!("`{key}` must be {wanted}"))
                .at(self.file, self.front_matter.value_span(self.file, key))
                .help(format!("write it as `{key}: {example}`")),
        );
    }

    /// A text; numbers and truth values count as what they look like.
    pub(super) fn text(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<String> {
        match self.front_matter.get(key)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            Value::Array(_) | Value::Object(_) => {
                self.wrong(key, "a text", "\"some words\"", diagnostics);
                None
            }
            other => Some(other.to_string()),
        }
    }

    /// A whole number.
    pub(super) fn integer(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<i64> {
        let value = self.front_matter.get(key).filter(|value| !value.is_null())?;
        #[expect(clippy::cast_possible_truncation, reason = "weights are small; a fraction is cut off as Hugo does")]
        let number = value
            .as_i64()
            .or_else(|| value.as_f64().map(|number| number as i64))
            .or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
        if number.is_none() {
            // Hugo takes it for none.
            let said = Diagnostic::warning(codes::FRONT_MATTER_TYPE, format!("`{key}` must be a whole number"));
            let said = said.at(self.file, self.front_matter.value_span(self.file, key));
            diagnostics.push(said.help(format!("write it as `{key}: 10`; until then it counts as none")));
        }
        number
    }

    /// A truth value.
    pub(super) fn truth(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<bool> {
        let value = self.front_matter.get(key).filter(|value| !value.is_null())?;
        let truth = value.as_bool().or_else(|| match value.as_str()?.to_ascii_lowercase().as_str() {
            "true" | "yes" => Some(true),
            "false" | "no" | "" => Some(false),
            _ => None,
        });
        if truth.is_none() {
            self.wrong(key, "`true` or `false`", "true", diagnostics);
        }
        truth
    }

    /// A list of texts.
    pub(super) fn texts(&self, key: &str, diagnostics: &mut Diagnostics) -> Vec<String> {
        match self.front_matter.get(key) {
            None | Some(Value::Null) => vec![],
            Some(Value::String(text)) => vec![text.clone()],
            Some(Value::Array(items)) if items.iter().all(|item| !item.is_object() && !item.is_array()) => items
                .iter()
                .filter(|item| !item.is_null())
                .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
                .collect(),
            Some(_) => {
                self.wrong(key, "a list of texts", "[\"/docs/old/\"]", diagnostics);
                vec![]
            }
        }
    }
}
