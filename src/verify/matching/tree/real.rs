//! What came, as a tree.

use serde::Deserialize;

use super::node::Real;
use super::parse;
use crate::verify::matching::case::Line;

/// The documents of an actual output; `None` if it is neither JSON nor YAML with keys or items.
pub(super) fn documents(text: &str) -> Option<Vec<Real>> {
    // The indentation of the first line is a part of YAML.
    let leading = text.lines().take_while(|line| line.trim().is_empty()).map(|line| line.len() + 1).sum::<usize>();
    let text = text.get(leading..).unwrap_or("").trim_end();
    if text.trim_start().starts_with(['{', '[']) {
        let values: Result<Vec<serde_json::Value>, _> = serde_json::Deserializer::from_str(text).into_iter().collect();
        if let Ok(values) = values {
            return Some(values.into_iter().map(Real::from).collect());
        }
    }
    let documents = strict(text).or_else(|| lenient(text))?;
    let documents: Vec<Real> = documents.into_iter().filter(|document| !matches!(document, Real::Null)).collect();
    let is_tree = documents.iter().any(|document| matches!(document, Real::Map(_) | Real::List(_)));
    is_tree.then_some(documents)
}

fn strict(text: &str) -> Option<Vec<Real>> {
    let documents: Result<Vec<serde_yaml::Value>, _> =
        serde_yaml::Deserializer::from_str(text).map(serde_yaml::Value::deserialize).collect();
    documents.ok().map(|documents| documents.into_iter().map(Real::from).collect())
}

fn lenient(text: &str) -> Option<Vec<Real>> {
    let lines: Vec<Line<'_>> = text.lines().enumerate().map(|(index, text)| Line { text, source: index + 1 }).collect();
    let parsed = parse::yaml(&lines);
    (!parsed.broken).then(|| parsed.documents.iter().map(Real::from).collect())
}
