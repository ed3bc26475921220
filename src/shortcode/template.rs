//! A site's own shortcodes: Tera files `layouts/shortcodes/NAME.html`.
//!
//! In: the site's layouts folder. Out: shortcodes that shadow the built-in ones of their names, those apart
//! whose markup is a layout: there the file replaces that ([`super::layout`]). A template sees `args` (a list of positional values, or a map of named ones), `inner` (as written),
//! `inner_html` (rendered), `page`, `site` and `strings`. One that mentions `inner` or `inner_html`
//! takes inner content.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tera::{Context, ErrorKind, Tera};

use super::invocation::{Invocation, Output};
use super::lexer;
use super::registry::{InnerRule, Shortcode, Signature};
use crate::config::Config;
use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, codes, invalid_utf8};

/// A shortcode that is a template.
struct TemplateShortcode {
    name: String,
    /// Its name in the engine.
    template: String,
    file: Arc<SourceFile>,
    engine: Arc<Tera>,
    takes_inner: bool,
    wants_html: bool,
}

/// A file of the site's `layouts/shortcodes/`.
pub(super) struct TemplateFile {
    /// The shortcode's name.
    pub(super) name: String,
    /// Its path below that folder, with the extension.
    template: String,
    pub(super) file: Arc<SourceFile>,
}

/// The templates below `layouts/shortcodes/`.
pub(super) fn files(config: &Config, diagnostics: &mut Diagnostics) -> Vec<TemplateFile> {
    let folder = config.layouts_dir.join("shortcodes");
    let mut files = vec![];
    for path in template_files(&folder) {
        let Some(file) = read(&config.root, &path, diagnostics) else { continue };
        let below = path.strip_prefix(&folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let name = below.rsplit_once('.').map_or(below.as_str(), |(name, _)| name).to_owned();
        // A template written for Hugo is no mistake of this site: it is left to Hugo.
        if !is_go_template(&file.text) {
            files.push(TemplateFile { name, template: below, file });
        }
    }
    files
}

/// Shortcodes that are nothing but a template.
pub(super) fn shortcodes(files: Vec<TemplateFile>, diagnostics: &mut Diagnostics) -> Vec<Box<dyn Shortcode>> {
    let mut engine = Tera::new();
    let mut valid = vec![];
    let mut broken: Vec<Box<dyn Shortcode>> = vec![];
    for own in files {
        match engine.add_raw_template(&own.template, &own.file.text) {
            Ok(()) => valid.push(own),
            Err(error) => {
                diagnostics.push(template_error(&error, &own.file, codes::TEMPLATE_SYNTAX));
                broken.push(Box::new(Broken { takes_inner: own.file.text.contains("inner"), name: own.name }));
            }
        }
    }
    let engine = Arc::new(engine);
    let shortcodes = valid.into_iter().map(|TemplateFile { name, template, file }| {
        let variables = engine.get_template_variables(&template).unwrap_or_default();
        let wants_html = variables.contains("inner_html");
        let takes_inner = wants_html || variables.contains("inner");
        Box::new(TemplateShortcode { name, template, file, engine: Arc::clone(&engine), takes_inner, wants_html })
            as Box<dyn Shortcode>
    });
    shortcodes.chain(broken).collect()
}

/// A shortcode whose template is no Tera, which is said once: its uses are no mistakes.
struct Broken {
    name: String,
    takes_inner: bool,
}

impl Shortcode for Broken {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> Signature {
        Signature { inner: if self.takes_inner { InnerRule::Raw } else { InnerRule::None }, parameters: None }
    }

    fn run(&self, _: &mut Invocation<'_, '_>) -> Output {
        Output::default()
    }
}

fn template_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let is_template = |path: &Path| path.extension().is_some_and(|extension| extension == "html" || extension == "md");
    entries
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| is_template(path))
        .collect()
}

fn read(root: &Path, path: &Path, diagnostics: &mut Diagnostics) -> Option<Arc<SourceFile>> {
    let shown = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    match std::fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => return Some(SourceFile::new(shown, text)),
        Ok(Err(error)) => diagnostics.push(invalid_utf8(&shown, error.as_bytes())),
        Err(error) => {
            let message = format!("{shown} can't be read: {error}");
            diagnostics.push(Diagnostic::error(codes::UNREADABLE_FILE, message).help("check the file's permissions"));
        }
    }
    None
}

/// Whether a template is one of Hugo's: their variables start with a dot or a dollar sign.
fn is_go_template(text: &str) -> bool {
    text.split("{{").skip(1).any(|action| {
        let action = action.trim_start_matches('-').trim_start();
        let words = [
            "if ",
            "with ",
            "range ",
            "end",
            "define ",
            "partial ",
            "errorf ",
            "warnf ",
            "printf ",
            "T ",
            "i18n ",
            "/*",
            "template ",
        ];
        action.starts_with(['.', '$']) || words.iter().any(|word| action.starts_with(word))
    })
}

/// How much one use of a template gives, at most, in bytes.
const MOST_OUTPUT: usize = 16 << 20;

/// Renders a template, whose loops may be nested and long: what it gives has a limit.
pub(super) fn render(engine: &Tera, template: &str, context: &Context) -> tera::TeraResult<String> {
    /// Takes what is written, up to the limit.
    struct Limited(Vec<u8>);

    impl std::io::Write for Limited {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.0.len() + bytes.len() > MOST_OUTPUT {
                return Err(std::io::Error::other("too much"));
            }
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let mut output = Limited(vec![]);
    engine.render_to(template, context, &mut output).map_err(|error| match error.kind() {
        ErrorKind::SyntaxError(_) | ErrorKind::RenderingError(_) => error,
        _ => tera::Error::message(format!("one use of it gives more than {} MB", MOST_OUTPUT >> 20)),
    })?;
    String::from_utf8(output.0).map_err(|error| tera::Error::message(error.to_string()))
}

/// A mistake in a template, at its place in it.
pub(super) fn template_error(
    error: &tera::Error,
    file: &Arc<SourceFile>,
    code: crate::diagnostics::Code,
) -> Diagnostic {
    let help = "templates are Tera's: https://keats.github.io/tera/ tells their language";
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let message = report.message().trim_end_matches('.').to_owned();
            let range = report.span().range.clone();
            Diagnostic::error(code, format!("this shortcode's template fails: {}", lower_first(&message)))
                .at(file, range)
                .help(help)
        }
        _ => {
            let message = error.to_string().lines().next().unwrap_or_default().to_owned();
            Diagnostic::error(code, format!("this shortcode's template fails: {}", lower_first(&message)))
                .at(file, file.line_span(1))
                .help(help)
        }
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().collect::<String>() + letters.as_str())
}

impl Shortcode for TemplateShortcode {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> Signature {
        Signature { inner: if self.takes_inner { InnerRule::Raw } else { InnerRule::None }, parameters: None }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let mut context = Context::new();
        insert_generic(&mut context, call);
        context.insert("strings", &call.site().strings[call.page().language]);
        let mut flow = vec![];
        if self.takes_inner {
            let inner = call.inner().to_owned();
            context.insert_value("inner", tera::Value::safe_string(&inner));
            if self.wants_html {
                let fragment = call.markdownify_inner();
                context.insert_value("inner_html", tera::Value::safe_string(&fragment.html));
                flow = fragment.flow;
            } else {
                flow = call.take_inner().flow;
            }
        }
        match render(&self.engine, &self.template, &context) {
            Ok(html) => Output { html, flow, part: None },
            Err(error) => {
                let at = call.at();
                let name = format!("used by `{}` here", self.name);
                call.say(template_error(&error, &self.file, codes::TEMPLATE_RUN).label(&at.file, at.span, name));
                Output::default()
            }
        }
    }
}

/// What every template of a site sees, its strings apart.
pub(super) fn insert_generic(context: &mut Context, call: &Invocation<'_, '_>) {
    context.insert("args", &arguments(call));
    context.insert("name", call.name());
    context.insert("ordinal", &call.ordinal());
    context.insert("page", &page_value(call));
    context.insert("site", &site_value(call));
}

fn arguments(call: &Invocation<'_, '_>) -> Value {
    let value = |value: &lexer::Value| match value {
        lexer::Value::Text(text) => json!(text),
        lexer::Value::Bool(truth) => json!(truth),
        lexer::Value::Integer(number) => json!(number),
        lexer::Value::Float(number, _) => json!(number),
    };
    let mut named = Map::new();
    let mut positional = vec![];
    for (name, argument) in call.arguments() {
        match name {
            Some(name) => drop(named.insert(name.to_owned(), value(argument))),
            None => positional.push(value(argument)),
        }
    }
    if positional.is_empty() { Value::Object(named) } else { Value::Array(positional) }
}

fn page_value(call: &Invocation<'_, '_>) -> Value {
    let page = call.page();
    json!({
        "title": page.title,
        "link_title": page.link_title,
        "description": page.description,
        "url": page.url,
        "path": page.path,
        "lang": call.config().languages[page.language].code,
        "weight": page.weight,
        "date": page.date,
        "params": page.front_matter.values,
    })
}

fn site_value(call: &Invocation<'_, '_>) -> Value {
    let config = call.config();
    json!({
        "title": config.languages[call.page().language].title,
        "base_url": config.base_url,
        "params": config.params,
    })
}
