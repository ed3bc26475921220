//! Pages that are made from data files (`[[data-pages]]` of book.toml).
//!
//! In: the configuration, the data. Out: for each item of each list, its address, title and front matter;
//! and what is wrong, at its place in the configuration.

use serde_json::{Map, Value};
use tera::{Context, ErrorKind, Tera};

use crate::config::{Config, DataPages, PlacedText};
use crate::diagnostics::{Diagnostic, Diagnostics, codes, nearest};
use crate::source::Data;

/// A page to be made, in every language.
pub(super) struct DataPage {
    /// Its address below the language's, with a `/` in front.
    pub(super) url: String,
    /// Its title.
    pub(super) title: String,
    /// Its front matter; keys in lower case.
    pub(super) values: Map<String, Value>,
}

/// All pages from data, in the order of the configuration and of their items.
pub(super) fn all(config: &Config, data: &Data, diagnostics: &mut Diagnostics) -> Vec<DataPage> {
    let mut pages = vec![];
    for rule in &config.data_pages {
        let Some(items) = items(config, rule, data, diagnostics) else { continue };
        for item in items {
            match page(config, rule, &item) {
                Ok(page) => pages.push(page),
                Err(said) => {
                    // Where a template fails for one item, it does for all that are alike.
                    diagnostics.push(*said);
                    break;
                }
            }
        }
    }
    pages
}

/// The items of a rule's list; those of a table are its values.
fn items(config: &Config, rule: &DataPages, data: &Data, diagnostics: &mut Diagnostics) -> Option<Vec<Value>> {
    let name = rule.source.text.trim_start_matches('/');
    let stem = [".yaml", ".yml", ".toml", ".json"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let Some(file) = data.get(stem) else {
        let mut said = wrong(config, &rule.source, format!("there is no data file `{name}`"));
        said = match nearest(stem, data.names()) {
            Some(near) => said.help(format!("a file with a similar name is there: `{near}`")),
            None => said.help("name a YAML, TOML or JSON file by its path below the data folder"),
        };
        diagnostics.push(said);
        return None;
    };
    let keys = rule.items.as_ref().map_or("", |items| items.text.as_str());
    let list = keys.split('.').filter(|key| !key.is_empty()).try_fold(&file.value, |value, key| value.get(key));
    match list {
        Some(Value::Array(items)) => Some(items.clone()),
        Some(Value::Object(table)) if rule.items.is_some() => Some(table.values().cloned().collect()),
        _ => {
            let place = rule.items.as_ref().unwrap_or(&rule.source);
            let what = if keys.is_empty() { "it".to_owned() } else { format!("`{keys}`") };
            let said = wrong(config, place, format!("{what} is no list in {}", file.path));
            diagnostics
                .push(said.help("`items` names the list, by keys with dots between them: `items = \"schedules\"`"));
            None
        }
    }
}

fn page(config: &Config, rule: &DataPages, item: &Value) -> Result<DataPage, Box<Diagnostic>> {
    let mut context = Context::new();
    context.insert("item", item);
    context.insert("params", &config.params);
    let fill = |place: &PlacedText, template: &str| {
        Tera::one_off(template, &context, false).map_err(|error| {
            let cause = match error.kind() {
                ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => report.message().to_owned(),
                _ => error.to_string().lines().next().unwrap_or_default().to_owned(),
            };
            let cause = cause.trim_start_matches("error: ").trim_end_matches('.');
            Box::new(
                wrong(config, place, format!("the template can't be filled in: {cause}"))
                    .help("`{{ item.name }}` is the value of the item's key `name`"),
            )
        })
    };
    let url = fill(&rule.url, &rule.url.text)?;
    let url = format!("/{}", url.trim().trim_start_matches('/'));
    if !super::address::url_is_usable(&url) {
        return Err(Box::new(
            wrong(config, &rule.url, format!("`{url}` can't be the address of a page"))
                .help("write a path, as in `url = \"/releases/{{ item.name }}/\"`"),
        ));
    }
    let mut values = Map::new();
    for (key, template) in &rule.params {
        values.insert(key.to_lowercase(), Value::String(fill(&rule.source, template)?));
    }
    Ok(DataPage { url, title: fill(&rule.title, &rule.title.text)?.trim().to_owned(), values })
}

fn wrong(config: &Config, place: &PlacedText, message: String) -> Diagnostic {
    Diagnostic::error(codes::DATA_PAGES, message).at(&config.file, place.span.clone())
}
