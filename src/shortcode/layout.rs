//! The markup of built-in shortcodes: Tera files `layouts/shortcodes/NAME.html`, embedded like the theme's.
//!
//! In: the values that a shortcode's Rust file made of its arguments. Out: HTML. A site's file of the same name
//! replaces the markup: it gets the same values, and those that each of the site's own shortcodes gets.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, OnceLock};

use include_dir::{Dir, include_dir};
use tera::{Context, Tera, Value};

use super::invocation::Invocation;
use super::template::{self, TemplateFile, insert_generic, template_error};
use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, codes};
use crate::markdown::escape_attribute;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/layouts/shortcodes");

/// The layouts of built-in shortcodes, by name.
pub(super) struct ShortcodeLayouts {
    engine: Tera,
    /// The site's own, which are shown in diagnostics.
    own: HashMap<String, Arc<SourceFile>>,
    /// The strings of each language, made when they are first asked for.
    strings: Vec<OnceLock<Value>>,
}

impl ShortcodeLayouts {
    /// The embedded ones, and over them those of `own` (the site's files, whose names are taken out of it).
    pub(super) fn new(own: &mut Vec<TemplateFile>, languages: usize) -> (Self, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let mut engine = Tera::new();
        engine.set_escape_fn(escape);
        // A broken one is found by a test.
        let _ = engine.add_raw_templates(embedded().map(|(name, text)| (file_name(&name), text)));
        let mut shadows = HashMap::new();
        own.retain(|template| {
            let file_name = file_name(&template.name);
            if !engine.contains_template(&file_name) {
                return true;
            }
            match engine.add_raw_template(&file_name, &template.file.text) {
                Ok(()) => drop(shadows.insert(template.name.clone(), Arc::clone(&template.file))),
                Err(error) => diagnostics.push(template_error(&error, &template.file, codes::TEMPLATE_SYNTAX)),
            }
            false
        });
        let strings = std::iter::repeat_with(OnceLock::new).take(languages).collect();
        (Self { engine, own: shadows, strings }, diagnostics)
    }

    /// Renders the layout called `name` for a call.
    pub(super) fn render(
        &self,
        name: &str,
        call: &Invocation<'_, '_>,
        values: &serde_json::Value,
    ) -> Result<String, Diagnostic> {
        let own = self.own.get(name);
        let mut context = Context::new();
        if own.is_some() {
            insert_generic(&mut context, call);
        }
        context.insert_value("strings", self.strings(call));
        for (key, value) in values.as_object().into_iter().flatten() {
            context.insert(key.clone(), value);
        }
        template::render(&self.engine, &file_name(name), &context).map_err(|error| {
            let embedded = || SourceFile::new(format!("layouts/shortcodes/{name}.html"), String::new());
            let file = own.map_or_else(embedded, Arc::clone);
            let at = call.at();
            template_error(&error, &file, codes::TEMPLATE_RUN).label(
                &at.file,
                at.span,
                format!("used by `{}` here", call.name()),
            )
        })
    }

    /// The strings that the page's language has, those of the default language behind them.
    fn strings(&self, call: &Invocation<'_, '_>) -> Value {
        let site = call.site();
        let language = call.page().language;
        let make = || {
            let mut all = site.strings[0].clone();
            all.extend(site.strings[language].iter().map(|(key, text)| (key.clone(), text.clone())));
            Value::from_serializable(&all)
        };
        self.strings.get(language).map_or_else(make, |slot| slot.get_or_init(make).clone())
    }
}

/// The name in the engine: what it ends with says how text is escaped.
fn file_name(name: &str) -> String {
    format!("{name}.html")
}

/// The embedded layouts: name and text.
fn embedded() -> impl Iterator<Item = (String, &'static str)> {
    let mut files = vec![];
    let mut folders = vec![&BUILT_IN];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        files.extend(folder.files());
    }
    files.into_iter().filter_map(|file| {
        let path = file.path().to_string_lossy().replace('\\', "/");
        Some((path.strip_suffix(".html")?.to_owned(), file.contents_utf8()?))
    })
}

/// The escapes of Hugo's templates in text and quoted attributes.
fn escape(text: &str, to: &mut dyn Write) -> std::io::Result<()> {
    to.write_all(escape_attribute(text).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_layout_is_valid_and_belongs_to_a_shortcode() {
        let registry = crate::shortcode::Registry::built_in();
        for (name, text) in embedded() {
            let added = Tera::new().add_raw_template(&file_name(&name), text);
            assert!(added.is_ok(), "{name}: {added:?}");
            assert!(registry.get(&name).is_some(), "no shortcode is called `{name}`");
        }
    }

    #[test]
    fn text_is_escaped_as_in_hugo() {
        let (layouts, _) = ShortcodeLayouts::new(&mut vec![], 1);
        let mut engine = layouts.engine.clone();
        engine.add_raw_template("x.html", "{{ a }}{{ b | safe }}").unwrap();
        let mut context = Context::new();
        context.insert("a", "<'+\"&");
        context.insert("b", "<i>");
        assert_eq!(engine.render("x.html", &context).unwrap(), "&lt;&#39;&#43;&#34;&amp;<i>");
    }
}
