//! What a shortcode sees while it runs, and what it gives back.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use super::expand::reread;
use super::lexer::Value;
use super::parser::Call;
use crate::config::Config;
use crate::diagnostics::{Code, Diagnostic, SourceFile, Span, codes};
use crate::highlight;
use crate::markdown::flow::{At, Container, FlowItem};
use crate::markdown::mapped::Mapped;
use crate::markdown::{Fragment, Scope, Unit, escape_attribute, plainify};
use crate::site::calendar::Calendar;
use crate::site::{Page, PageId, Publication, Resource, Site, fill, printed};
use crate::source::FileError;

/// The output of a shortcode.
#[derive(Debug, Default, Clone)]
pub struct Output {
    /// HTML, or Markdown where it is pasted into Markdown.
    pub html: String,
    /// The prose, code blocks and examples in it; empty for text within a line.
    pub flow: Vec<FlowItem>,
    /// What it hands to the shortcode around it (a tab to its tabs).
    pub part: Option<Part>,
}

impl From<String> for Output {
    fn from(html: String) -> Self {
        Self { html, ..Self::default() }
    }
}

impl From<&str> for Output {
    fn from(html: &str) -> Self {
        html.to_owned().into()
    }
}

/// What a shortcode hands to the one around it.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its label.
    pub label: String,
    /// Its content.
    pub html: String,
    /// The blocks in the content.
    pub flow: Vec<FlowItem>,
    /// Where it is.
    pub at: At,
}

/// Inner content.
#[derive(Debug, Clone)]
pub(super) enum InnerText {
    /// The shortcode has none.
    None,
    /// As it is written, with nested shortcodes' output in it.
    Raw(Mapped),
    /// Rendered already.
    Rendered(Fragment),
}

/// One running shortcode.
pub struct Invocation<'s, 'e> {
    scope: &'s mut Scope<'e>,
    call: &'s Call,
    parent: Option<&'s str>,
    inner: InnerText,
    parts: Vec<Part>,
    ordinal: usize,
}

impl<'s, 'e> Invocation<'s, 'e> {
    pub(super) fn new(
        scope: &'s mut Scope<'e>,
        call: &'s Call,
        parent: Option<&'s str>,
        inner: InnerText,
        parts: Vec<Part>,
        ordinal: usize,
    ) -> Self {
        Self { scope, call, parent, inner, parts, ordinal }
    }

    /// The site.
    #[must_use]
    pub fn site(&self) -> &'e Site {
        self.scope.context.site
    }

    /// The site's configuration.
    #[must_use]
    pub fn config(&self) -> &'e Config {
        &self.scope.context.site.config
    }

    /// The page it stands on; of an included page, that page.
    #[must_use]
    pub fn page(&self) -> &'e Page {
        self.scope.page
    }

    /// The name it was called by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.call.name
    }

    /// The name of the shortcode around it.
    #[must_use]
    pub fn parent(&self) -> Option<&str> {
        self.parent
    }

    /// Its number among the shortcodes of the page, from 0; of a nested one, among those in the shortcode
    /// around it.
    #[must_use]
    pub fn ordinal(&self) -> usize {
        self.ordinal
    }

    /// A number that counts up with each use on the page (Hugo's `tabset-counter`).
    pub fn next_tabset(&mut self) -> usize {
        self.scope.next_tabset()
    }

    /// Where it stands, whole.
    #[must_use]
    pub fn at(&self) -> At {
        At { file: Arc::clone(&self.scope.file), span: self.call.whole }
    }

    /// The value of a named argument.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Value> {
        let text = &self.scope.file.text;
        let mut arguments = self.call.arguments.iter();
        arguments
            .find(|argument| argument.name.is_some_and(|key| key.slice(text) == name))
            .map(|argument| &argument.value)
    }

    /// The value of the argument at a position (from 0), given without a name.
    #[must_use]
    pub fn positional(&self, position: usize) -> Option<&Value> {
        self.call.arguments.get(position).filter(|argument| argument.name.is_none()).map(|argument| &argument.value)
    }

    /// The text of an argument given by name or at a position.
    #[must_use]
    pub fn text(&self, name: &str, position: usize) -> Option<String> {
        self.named(name).or_else(|| self.positional(position)).map(ToString::to_string)
    }

    /// The text of a named argument.
    #[must_use]
    pub fn named_text(&self, name: &str) -> Option<String> {
        self.named(name).map(ToString::to_string)
    }

    /// All arguments, with their names.
    pub fn arguments(&self) -> impl Iterator<Item = (Option<&str>, &Value)> {
        let text = &self.scope.file.text;
        self.call.arguments.iter().map(|argument| (argument.name.map(|key| key.slice(text)), &argument.value))
    }

    /// Where an argument's value stands (by name or position), else the opening tag.
    #[must_use]
    pub fn argument_span(&self, name: &str, position: usize) -> Span {
        let text = &self.scope.file.text;
        let by_name =
            self.call.arguments.iter().find(|argument| argument.name.is_some_and(|key| key.slice(text) == name));
        let at = by_name.or_else(|| self.call.arguments.get(position).filter(|argument| argument.name.is_none()));
        at.map_or(self.call.open, |argument| argument.span)
    }

    /// The opening tag.
    #[must_use]
    pub fn open_span(&self) -> Span {
        self.call.open
    }

    /// Says something about this use.
    pub fn say(&mut self, diagnostic: Diagnostic) {
        self.scope.diagnostics.push(diagnostic);
    }

    /// A mistake at a span of this page's file.
    #[must_use]
    pub fn error(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, message).at(&self.scope.file, span)
    }

    /// A string in the page's language; empty if there is none.
    #[must_use]
    pub fn string(&self, key: &str) -> &'e str {
        self.site().string(self.page().language, key).unwrap_or("")
    }

    /// A string in the page's language with its `{{ .name }}` places filled in; empty if there is none.
    #[must_use]
    pub fn filled_string(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.string(key), values)
    }

    /// A string in the page's language with each `%s` replaced by the next value; empty if there is none.
    #[must_use]
    pub fn printed_string(&self, key: &str, values: &[&str]) -> String {
        printed(self.string(key), values)
    }

    /// The HTML that the layout `layouts/shortcodes/NAME.html` of this shortcode makes of some values (an object).
    /// If it fails, that is said.
    pub fn layout(&mut self, values: &serde_json::Value) -> String {
        let name = self.name().to_owned();
        self.layout_of(&name, values)
    }

    /// As [`Self::layout`], by a layout that several shortcodes share.
    pub fn layout_of(&mut self, name: &str, values: &serde_json::Value) -> String {
        let rendered = self.scope.context.shortcodes.layouts.render(name, self, values);
        rendered.unwrap_or_else(|said| {
            self.say(said);
            String::new()
        })
    }

    /// A data file's value, by its path below the data folder without the extension; it is noted as a dependency.
    pub fn data(&mut self, name: &str) -> Option<&'e serde_json::Value> {
        let file = self.scope.context.site.data.get(name)?;
        self.scope.dependencies.insert(file.path.clone());
        Some(&file.value)
    }

    /// A date in the words of the page's language: a Go layout, or `:date_full` and the like.
    #[must_use]
    pub fn date(&self, date: jiff::civil::Date, layout: &str) -> String {
        let languages = &self.config().languages;
        Calendar::of(&[&languages[self.page().language].code, &languages[0].code]).format(date, layout)
    }

    /// Whether there is anything between the tags.
    #[must_use]
    pub fn has_inner(&self) -> bool {
        match &self.inner {
            InnerText::None => false,
            InnerText::Raw(text) => !text.text().is_empty(),
            InnerText::Rendered(fragment) => !fragment.html.is_empty(),
        }
    }

    /// The inner content as text: as it is written, or the HTML where it was rendered.
    #[must_use]
    pub fn inner(&self) -> &str {
        match &self.inner {
            InnerText::None => "",
            InnerText::Raw(text) => text.text(),
            InnerText::Rendered(fragment) => &fragment.html,
        }
    }

    /// The inner content as HTML, and the blocks in it. Text that was written as it is stays so.
    #[must_use]
    pub fn take_inner(&mut self) -> Fragment {
        match std::mem::replace(&mut self.inner, InnerText::None) {
            InnerText::None => Fragment::default(),
            InnerText::Raw(text) => {
                let flow = text.inserts().iter().flat_map(|insert| insert.flow.clone()).collect();
                Fragment { html: text.text().to_owned(), flow }
            }
            InnerText::Rendered(fragment) => fragment,
        }
    }

    /// The inner content rendered as Markdown, without the tags of a single paragraph. On an HTML page
    /// it is HTML as it stands.
    pub fn markdownify_inner(&mut self) -> Fragment {
        let inner = std::mem::replace(&mut self.inner, InnerText::None);
        let at = self.at();
        let text = match inner {
            InnerText::None => return Fragment::default(),
            InnerText::Raw(text) => text,
            InnerText::Rendered(fragment) => reread(fragment, &at),
        };
        if !self.page().is_markdown() {
            let flow = text.inserts().iter().flat_map(|insert| insert.flow.clone()).collect();
            return Fragment {
                html: text.text().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"),
                flow,
            };
        }
        let fragment = self.scope.render(&text, Unit::Markdownify);
        Fragment { html: without_single_paragraph(fragment.html), ..fragment }
    }

    /// Some text rendered as Markdown, without the tags of a single paragraph.
    pub fn markdownify(&mut self, text: &str) -> String {
        let mut mapped = Mapped::default();
        mapped.push_made(text, &self.at());
        without_single_paragraph(self.scope.render(&mapped, Unit::Markdownify).html)
    }

    /// A text of the front matter of `owner` as HTML, without the tags of a single paragraph; shortcodes in it run.
    pub fn markdownify_of(&mut self, owner: PageId, text: &str) -> String {
        let at = self.at();
        without_single_paragraph(self.scope.render_text_of(owner, text, &at))
    }

    /// HTML that was rendered already, read as Markdown once more, without the tags of a single paragraph.
    pub fn markdownify_html(&mut self, html: String) -> String {
        let text = reread(Fragment { html, flow: vec![] }, &self.at());
        without_single_paragraph(self.scope.render(&text, Unit::Markdownify).html)
    }

    /// The text of some HTML as it stands in a quoted attribute: entities in it stay what they are.
    #[must_use]
    pub fn attribute_of_html(html: &str) -> String {
        let mut text = String::new();
        for c in plainify(html).chars() {
            match c {
                '"' => text.push_str("&#34;"),
                '\'' => text.push_str("&#39;"),
                '+' => text.push_str("&#43;"),
                '<' => text.push_str("&lt;"),
                '>' => text.push_str("&gt;"),
                c => text.push(c),
            }
        }
        text
    }

    /// An empty element in whose place the page's contents list will stand.
    pub fn contents_place(&mut self) -> String {
        let place = crate::shortcode::contents_place(&self.scope.file.text);
        self.scope.contents_place.get_or_insert(place).clone()
    }

    /// The white space at the start of the line that the shortcode opens in.
    #[must_use]
    pub fn line_indentation(&self) -> String {
        let file = &self.scope.file;
        let line = file.line(file.line_of(self.call.open.start));
        line[..line.len() - line.trim_start().len()].to_owned()
    }

    /// What nested shortcodes handed up.
    pub fn take_parts(&mut self) -> Vec<Part> {
        std::mem::take(&mut self.parts)
    }

    /// Code as HTML. `options` are a list as the shortcode `highlight` has it.
    #[must_use]
    pub fn code_html(code: &str, language: &str, options: &str) -> String {
        crate::markdown::code_html(code, language, &highlight::Options::of_list(options))
    }

    /// Inner content as a code block: `shown` is what the page has of it (`None`: all), and the flow has
    /// each line at its place in the author's file, without `indentation`. `options` are as for [`Self::code_html`].
    pub fn inner_code_block(
        &mut self,
        shown: Option<&str>,
        language: &str,
        options: &str,
        indentation: &str,
    ) -> Fragment {
        match std::mem::replace(&mut self.inner, InnerText::None) {
            InnerText::Raw(text) => {
                let options = highlight::Options::of_list(options);
                self.scope.code_fragment(shown.unwrap_or(text.text()), &text, language, &options, indentation)
            }
            InnerText::Rendered(fragment) => {
                Fragment { html: Self::code_html(shown.unwrap_or(&fragment.html), language, options), flow: vec![] }
            }
            InnerText::None => Fragment::default(),
        }
    }

    /// The text of a file of the site below `folder` (absolute); it is noted as a dependency.
    ///
    /// # Errors
    /// As [`crate::source::Files::read`].
    pub fn read_file(&mut self, folder: &Path, name: &str) -> Result<Arc<SourceFile>, FileError> {
        let file = self.scope.context.files.read(folder, name)?;
        self.scope.dependencies.insert(file.path.clone());
        Ok(file)
    }

    /// The address of a file that the page uses; it is published with the page.
    pub fn publish(&mut self, resource: &Resource<'_>) -> String {
        self.scope.publish(resource)
    }

    /// Publishes what is made from a file.
    pub fn publish_made(&mut self, publication: Publication) {
        self.scope.publications.insert(publication);
    }

    /// The bytes of a file that a page may use; it is noted as a dependency.
    ///
    /// # Errors
    /// As [`crate::source::Files::bytes`].
    pub fn resource_bytes(&mut self, resource: &Resource<'_>) -> Result<Vec<u8>, FileError> {
        let (Some(folder), Some(name)) = (resource.file.parent(), resource.file.file_name().and_then(OsStr::to_str))
        else {
            return Err(FileError::Missing);
        };
        let bytes = self.scope.context.files.bytes(folder, name)?;
        self.depend_on(resource.file);
        Ok(bytes)
    }

    /// The text of a file that a page may use; it is noted as a dependency.
    ///
    /// # Errors
    /// As [`crate::source::Files::read`].
    pub fn resource_text(&mut self, resource: &Resource<'_>) -> Result<Arc<SourceFile>, FileError> {
        let (Some(folder), Some(name)) = (resource.file.parent(), resource.file.file_name().and_then(OsStr::to_str))
        else {
            return Err(FileError::Missing);
        };
        self.read_file(folder, name)
    }

    /// An address of the site with scheme and host.
    #[must_use]
    pub fn absolute(&self, href: &str) -> String {
        format!("{}{href}", self.config().base_url.trim_end_matches('/'))
    }

    /// Notes that the output is made from another page's front matter.
    pub fn depend_on_page(&mut self, page: &Page) {
        self.scope.dependencies.extend(page.file.as_ref().map(|file| file.path.clone()));
    }

    /// Notes that the output is made from a file (absolute).
    fn depend_on(&mut self, file: &Path) {
        let shown = file.strip_prefix(&self.config().root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        self.scope.dependencies.insert(shown);
    }

    /// The names of the files below a folder.
    #[must_use]
    pub fn file_names(&self, folder: &Path) -> Vec<String> {
        self.scope.context.files.names(folder)
    }

    /// Another page's body, rendered as that page. `None`, and a mistake is said, if it includes itself.
    pub fn include_page(&mut self, id: PageId) -> Option<Fragment> {
        let at = self.at();
        self.scope.include(id, &at)
    }

    /// Surrounds blocks with the container of this shortcode.
    #[must_use]
    pub fn contained(&self, container: Container, flow: Vec<FlowItem>) -> Vec<FlowItem> {
        let mut all = Vec::with_capacity(flow.len() + 2);
        all.push(FlowItem::Enter(container, self.at()));
        all.extend(flow);
        all.push(FlowItem::Leave);
        all
    }

    /// A text as it stands in a quoted attribute or in text.
    #[must_use]
    pub fn escape(text: &str) -> String {
        escape_attribute(text)
    }

    /// Says that a file named by the argument `name` (or at `position`) could not be had.
    pub fn say_file_error(&mut self, name: &str, position: usize, file: &str, error: &FileError, folders: &[&Path]) {
        let span = self.argument_span(name, position);
        let root = &self.config().root;
        let shown: Vec<String> = folders
            .iter()
            .map(|folder| format!("{}/", folder.strip_prefix(root).unwrap_or(folder).display()))
            .collect();
        let said = match error {
            FileError::Outside => self
                .error(codes::FILE_OUTSIDE, span, format!("`{file}` leads out of {}", shown.join(" and ")))
                .help("name a file below that folder: no `..`, no absolute path, no link to elsewhere"),
            FileError::Missing => {
                let names: Vec<String> = folders.iter().flat_map(|folder| self.file_names(folder)).collect();
                let said = self
                    .error(codes::FILE_MISSING, span, format!("there is no file `{file}`"))
                    .note(format!("looked for in {}", shown.join(", then ")));
                match nearest_file(file, &names) {
                    Some(meant) => said.help(format!("did you mean `{meant}`?")),
                    None => said.help("add the file there, or correct the name"),
                }
            }
            FileError::NotText => {
                self.error(codes::INVALID_UTF8, span, format!("`{file}` is not UTF-8 text")).help("save it as UTF-8")
            }
            FileError::Unreadable(cause) => self
                .error(codes::UNREADABLE_FILE, span, format!("`{file}` can't be read: {cause}"))
                .help("check the file's permissions"),
        };
        self.say(said);
    }
}

/// The file that was meant: a similar path, or the same name in another folder.
fn nearest_file<'a>(file: &str, names: &'a [String]) -> Option<&'a str> {
    let base = |path: &'a str| path.rsplit('/').next().unwrap_or(path);
    let same_name = names.iter().find(|name| base(name) == file.rsplit('/').next().unwrap_or(file)).map(String::as_str);
    same_name.or_else(|| crate::diagnostics::nearest(file, names.iter().map(String::as_str)))
}

/// HTML that is one paragraph, without its tags (Hugo's `markdownify`).
pub(super) fn without_single_paragraph(html: String) -> String {
    let trimmed = html.trim();
    let Some(inside) = trimmed.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>")) else { return html };
    if inside.contains("<p>") { html } else { inside.trim().to_owned() }
}
