//! `code_sample`, `codenew`, `code`: an example file of the site, shown.

use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostics::SourceFile;
use crate::markdown::flow::FlowItem;
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::{fill, url};
use crate::source::FileError;

/// One of the names it goes by.
pub(super) struct CodeSample {
    name: &'static str,
    /// A file of the page's bundle takes precedence over the examples. As in Hugo, the newest of the names is the
    /// one for which it does not.
    bundle_first: bool,
}

pub(super) const CODE_SAMPLE: CodeSample = CodeSample { name: "code_sample", bundle_first: false };
pub(super) const CODENEW: CodeSample = CodeSample { name: "codenew", bundle_first: true };
pub(super) const CODE: CodeSample = CodeSample { name: "code", bundle_first: true };

impl Shortcode for CodeSample {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] =
            &[Parameter::named("file").required(), Parameter::named("language"), Parameter::named("options")];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let shown = call.named_text("file").unwrap_or_default();
        // Names are below the folder, also those that start with a slash.
        let name = shown.trim_start_matches('/').to_owned();
        let folders = folders(call);
        let found = if self.bundle_first {
            or_else(beside_page(call, &shown), || in_folders(call, &folders, &name))
        } else {
            or_else(in_folders(call, &folders, &name), || beside_page(call, &shown))
        };
        let file = match found {
            Ok(file) => file,
            Err(error) => {
                let folders: Vec<_> = folders.iter().map(PathBuf::as_path).collect();
                call.say_file_error("file", usize::MAX, &name, &error, &folders[..folders.len().min(2)]);
                return Output::default();
            }
        };
        let language = call
            .named_text("language")
            .unwrap_or_else(|| name.rsplit_once('.').map_or("", |(_, extension)| extension).to_owned());
        let options = call.named_text("options").unwrap_or_default();
        let code = Invocation::code_html(&file.text, &language, &options);
        if let Some(icon) = call.site().asset(COPY_ICON) {
            call.publish(&icon);
        }
        let html = page_html(call, &shown, &source_path(call, &shown, &file.path), &code);
        let example = FlowItem::Example { file: name, path: file.path.clone(), text: file.text.clone(), at: call.at() };
        Output { html, flow: vec![example], part: None }
    }
}

/// The image of the button that copies a sample, among the global files of a site (the theme draws its own; feeds
/// and other readers of the article show the image).
const COPY_ICON: &str = "images/copycode.svg";

/// Where examples are looked for: the site's folder, else the language's, else the default language's;
/// last beside the page.
fn folders(call: &Invocation<'_, '_>) -> Vec<PathBuf> {
    let config = call.config();
    let page = call.page();
    let content = |language: usize| config.languages[language].content_dir.clone();
    let mut folders = match &config.examples_dir {
        Some(folder) => vec![folder.clone()],
        None if page.language == 0 => vec![content(0).join("examples")],
        None => vec![content(page.language).join("examples"), content(0).join("examples")],
    };
    folders.push(content(page.language).join(page.folder()));
    folders
}

type Found = Result<Arc<SourceFile>, FileError>;

/// What was found, else what is found elsewhere. A file that is there and can't be read hides the other.
fn or_else(found: Found, elsewhere: impl FnOnce() -> Found) -> Found {
    if matches!(found, Err(FileError::Missing)) { elsewhere() } else { found }
}

/// The first of these folders that has the file.
fn in_folders(call: &mut Invocation<'_, '_>, folders: &[PathBuf], name: &str) -> Found {
    let mut found = folders.iter().map(|folder| call.read_file(folder, name));
    found.find(|found| !matches!(found, Err(FileError::Missing))).unwrap_or(Err(FileError::Missing))
}

/// The first file of the page's bundle whose path begins so.
fn beside_page(call: &mut Invocation<'_, '_>, name: &str) -> Found {
    let resource = call.site().match_resource(call.page(), &format!("{name}*")).ok_or(FileError::Missing)?;
    call.resource_text(&resource)
}

/// Where the file's source is said to be: in the language's examples, also when it stands beside the page, as in
/// Hugo; or where the examples of the site are.
fn source_path(call: &Invocation<'_, '_>, shown: &str, path: &str) -> String {
    let config = call.config();
    if config.examples_dir.is_some() {
        return path.to_owned();
    }
    let content = config.content_dir.strip_prefix(&config.root).unwrap_or(&config.content_dir).to_string_lossy();
    let examples = |language: usize| format!("{content}/{}/examples/", config.languages[language].code);
    let default = examples(0);
    let folder = if path.starts_with(&default) { default } else { examples(call.page().language) };
    format!("{folder}{shown}")
}

fn page_html(call: &Invocation<'_, '_>, name: &str, path: &str, code: &str) -> String {
    let anchor = url::anchorize(name);
    let shown = Invocation::escape(name);
    let title = Invocation::escape(&fill(call.string("copy_sample_to_clipboard"), &[("filename", name)]));
    let link = source_url(call, path).map_or_else(
        || format!("<code>{shown}</code>"),
        |url| format!("<a href=\"{}\" download=\"{shown}\"><code>{shown}</code>\n    </a>", Invocation::escape(&url)),
    );
    format!(
        "<div class=\"highlight code-sample\">\n  <div class=\"copy-code-icon\">\n    {link}<img src=\"/{COPY_ICON}\" \
         class=\"icon-copycode\" onclick=\"copyCode('{anchor}')\" title=\"{title}\"></img></div>\n  <div class=\"includecode\" \
         id=\"{anchor}\">{code}</div>\n</div>\n"
    )
}

/// Where the file's source can be had: below `params.githubWebsiteRaw`, if the site has that.
pub(super) fn source_url(call: &Invocation<'_, '_>, path: &str) -> Option<String> {
    let param = |name: &str| call.config().param(call.page().language, name).and_then(serde_json::Value::as_str);
    let base = param("githubWebsiteRaw")?;
    let branch = param("docsbranch").unwrap_or("main");
    Some(format!("https://{}/{branch}/{}", base.trim_matches('/'), url::encode(path)))
}
