//! Reads TOML tables by known keys, so that every wrong type and every unknown key has its place.
//!
//! In: a table with spans. Out: typed values, and a diagnostic for each that does not fit.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, codes, nearest};

/// A table being read.
pub(super) struct Table<'a> {
    /// Keys from the top, as an author writes them in brackets; empty for the top itself.
    path: String,
    table: &'a DeTable<'a>,
    known: Vec<&'static str>,
    /// Whether the case of a key's letters does not count, as in Hugo's files.
    any_case: bool,
}

/// What all tables of a file share.
pub(super) struct Reader<'a> {
    /// The file.
    pub(super) file: &'a Arc<SourceFile>,
    /// What is wrong with it.
    pub(super) diagnostics: &'a mut Diagnostics,
}

impl<'a> Table<'a> {
    /// The file's top table.
    pub(super) fn top(table: &'a DeTable<'a>) -> Self {
        Self { path: String::new(), table, known: vec![], any_case: false }
    }

    /// The top table of a file of Hugo's, whose keys may be in any case of letters.
    pub(super) fn top_in_any_case(table: &'a DeTable<'a>) -> Self {
        Self { any_case: true, ..Self::top(table) }
    }

    fn entry(&self, key: &str) -> Option<(&'a Spanned<std::borrow::Cow<'a, str>>, &'a Spanned<DeValue<'a>>)> {
        let same = |name: &str| name == key || self.any_case && name.eq_ignore_ascii_case(key);
        self.table.iter().find(|(name, _)| same(name.get_ref()))
    }

    fn value(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.push(key);
        self.entry(key).map(|(_, value)| value)
    }

    /// The full name of a key, as it is named in messages.
    fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// A string.
    pub(super) fn string(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Option<String> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str().map(str::to_owned);
        text.or_else(|| reader.wrong_type(&self.name(key), "a string", "\"...\"", value))
    }

    /// A string and where it stands.
    pub(super) fn placed_string(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
    ) -> Option<(String, std::ops::Range<usize>)> {
        let text = self.string(reader, key)?;
        let span = self.entry(key)?.1.span();
        Some((text, span))
    }

    /// A whole number.
    pub(super) fn integer(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Option<i64> {
        let value = self.value(key)?;
        let number =
            value.get_ref().as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        number.or_else(|| reader.wrong_type(&self.name(key), "a whole number", "1", value))
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        value.get_ref().as_bool().or_else(|| reader.wrong_type(&self.name(key), "`true` or `false`", "true", value))
    }

    /// A list of strings, with their places.
    pub(super) fn strings(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
    ) -> Option<Vec<(String, std::ops::Range<usize>)>> {
        let value = self.value(key)?;
        let texts = value.get_ref().as_array().and_then(|items| {
            items.iter().map(|item| item.get_ref().as_str().map(|text| (text.to_owned(), item.span()))).collect()
        });
        texts.or_else(|| reader.wrong_type(&self.name(key), "a list of strings", "[\"...\"]", value))
    }

    /// A table below this one.
    pub(super) fn table(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Option<Table<'a>> {
        let value = self.value(key)?;
        let Some(table) = value.get_ref().as_table() else {
            return reader.wrong_type(&self.name(key), "a table", "{ ... }", value);
        };
        Some(Table { path: self.name(key), table, known: vec![], any_case: self.any_case })
    }

    /// A table whose keys the author chooses and whose values are tables.
    pub(super) fn tables(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Vec<(String, Table<'a>)> {
        let Some(holder) = self.table(reader, key) else { return vec![] };
        let mut tables = vec![];
        for (name, value) in holder.table {
            let path = holder.name(name.get_ref());
            match value.get_ref().as_table() {
                Some(table) => {
                    let below = Table { path, table, known: vec![], any_case: self.any_case };
                    tables.push((name.get_ref().to_string(), below));
                }
                None => reader.wrong_type(&path, "a table", "{ ... }", value).unwrap_or(()),
            }
        }
        tables
    }

    /// A list of tables (`[[key]]`).
    pub(super) fn table_list(&mut self, reader: &mut Reader<'_>, key: &'static str) -> Vec<Table<'a>> {
        let Some(value) = self.value(key) else { return vec![] };
        let tables = value
            .get_ref()
            .as_array()
            .and_then(|items| items.iter().map(|item| item.get_ref().as_table()).collect::<Option<Vec<_>>>());
        let Some(tables) = tables else {
            return reader.wrong_type(&self.name(key), "a list of tables", "[{ ... }]", value).unwrap_or_default();
        };
        let below = |table| Table { path: self.name(key), table, known: vec![], any_case: self.any_case };
        tables.into_iter().map(below).collect()
    }

    /// A table of strings with keys that the author chooses.
    pub(super) fn string_map(&mut self, reader: &mut Reader<'_>, key: &'static str) -> BTreeMap<String, String> {
        let Some(holder) = self.table(reader, key) else { return BTreeMap::new() };
        let mut map = BTreeMap::new();
        for (name, value) in holder.table {
            match value.get_ref().as_str() {
                Some(text) => drop(map.insert(name.get_ref().to_string(), text.to_owned())),
                None => reader.wrong_type(&holder.name(name.get_ref()), "a string", "\"...\"", value).unwrap_or(()),
            }
        }
        map
    }

    /// A table with anything in it, as JSON.
    pub(super) fn json(
        &mut self,
        reader: &mut Reader<'_>,
        key: &'static str,
    ) -> serde_json::Map<String, serde_json::Value> {
        let Some(holder) = self.table(reader, key) else { return serde_json::Map::new() };
        holder.table.iter().map(|(name, value)| (name.get_ref().to_string(), to_json(value.get_ref()))).collect()
    }

    /// Where a key stands, if it is there. It counts as known from then on.
    pub(super) fn key_span(&mut self, key: &'static str) -> Option<std::ops::Range<usize>> {
        self.known.push(key);
        self.entry(key).map(|(name, _)| name.span())
    }

    /// The end of a table: what is left is unknown.
    pub(super) fn finish(self, reader: &mut Reader<'_>) {
        for (name, _) in self.table {
            if self.known.contains(&name.get_ref().as_ref()) {
                continue;
            }
            let place = if self.path.is_empty() { "at the top".to_owned() } else { format!("in `[{}]`", self.path) };
            let message = format!("unknown key `{}` {place}", name.get_ref());
            let mut diagnostic = Diagnostic::error(codes::CONFIG_UNKNOWN_KEY, message).at(reader.file, name.span());
            diagnostic = match nearest(name.get_ref(), self.known.iter().copied()) {
                Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
                None => diagnostic.help(format!(
                    "known here: {}",
                    self.known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
                )),
            };
            reader.diagnostics.push(diagnostic);
        }
    }
}

impl Reader<'_> {
    /// Says that a value has the wrong type; always `None`.
    fn wrong_type<T>(&mut self, name: &str, wanted: &str, example: &str, value: &Spanned<DeValue<'_>>) -> Option<T> {
        let message = format!("`{name}` must be {wanted}, not {}", kind(value.get_ref()));
        let key = name.rsplit('.').next().unwrap_or(name);
        self.diagnostics.push(
            Diagnostic::error(codes::CONFIG_WRONG_TYPE, message)
                .at(self.file, value.span())
                .help(format!("write it as `{key} = {example}`")),
        );
        None
    }
}

/// What a value is, in words.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn to_json(value: &DeValue<'_>) -> serde_json::Value {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| number.to_string().into(), serde_json::Value::from),
        DeValue::Float(number) => number
            .as_str()
            .parse::<f64>()
            .ok()
            .and_then(serde_json::Number::from_f64)
            .map_or_else(|| number.as_str().into(), serde_json::Value::Number),
        DeValue::Boolean(truth) => (*truth).into(),
        DeValue::Datetime(date) => date.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| to_json(item.get_ref())).collect(),
        DeValue::Table(table) => serde_json::Value::Object(
            table.iter().map(|(name, value)| (name.get_ref().to_string(), to_json(value.get_ref()))).collect(),
        ),
    }
}
