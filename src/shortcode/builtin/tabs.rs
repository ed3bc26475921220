//! `tabs` and `tab`: alternatives, one of which is shown.

use crate::diagnostics::{SourceFile, codes};
use crate::markdown::flow::{Container, FlowItem};
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Part, Shortcode, Signature};
use crate::site::{PageId, PageKind, match_name, url};

pub(super) struct Tabs;

impl Shortcode for Tabs {
    fn name(&self) -> &str {
        "tabs"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("name")];
        Signature { inner: InnerRule::Raw, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let number = call.next_tabset();
        let tabs = call.take_parts();
        if tabs.is_empty() {
            let said = call
                .error(codes::TABS_EMPTY, call.open_span(), "these tabs have no tab")
                .help("put each alternative into `{{% tab name=\"...\" %}}` ... `{{% /tab %}}` between the two tags");
            call.say(said);
        }
        let id = call.named_text("name").unwrap_or_else(|| format!("tabset-{}-{number}", call.page().url));
        let html = html(&url::anchorize(&id), &tabs);
        let mut flow = vec![];
        for tab in tabs {
            flow.push(FlowItem::Enter(Container::Tab(tab.label), tab.at));
            flow.extend(tab.flow);
            flow.push(FlowItem::Leave);
        }
        Output { html, flow: call.contained(Container::Tabs, flow), part: None }
    }
}

fn html(id: &str, tabs: &[Part]) -> String {
    let mut list = format!("<ul class=\"nav nav-tabs\" id=\"{id}\" role=\"tablist\">");
    let mut panes = format!("<div class=\"tab-content\" id=\"{id}\">");
    for (index, tab) in tabs.iter().enumerate() {
        let (link_class, pane_class, selected) = match index {
            0 => ("nav-link active", "tab-pane show active", " aria-selected=\"true\""),
            _ => ("nav-link", "tab-pane", ""),
        };
        let label = Invocation::escape(&tab.label);
        list.push_str(&format!(
            "<li class=\"nav-item\"><a data-toggle=\"tab\" class=\"{link_class}\" href=\"#{id}-{index}\" role=\"tab\" \
             aria-controls=\"{id}-{index}\"{selected}>{label}</a></li>\n"
        ));
        panes.push_str(&format!(
            "<div id=\"{id}-{index}\" class=\"{pane_class}\" role=\"tabpanel\" aria-labelledby=\"{id}-{index}\">\n\n<p>{}</div>\n",
            tab.html
        ));
    }
    format!("{}</ul>\n{}</div>\n", list.trim_end(), panes.trim_end())
}

pub(super) struct Tab;

impl Shortcode for Tab {
    fn name(&self) -> &str {
        "tab"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] =
            &[Parameter::named("name").required(), Parameter::named("include"), Parameter::named("codelang")];
        Signature { inner: InnerRule::Raw, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        if call.parent() != Some("tabs") {
            let said = call
                .error(codes::TAB_OUTSIDE, call.open_span(), "a `tab` stands outside of `tabs`")
                .help("put `{{< tabs >}}` before the first tab and `{{< /tabs >}}` behind the last");
            call.say(said);
            return Output::default();
        }
        let label = call.named_text("name").unwrap_or_default().trim().to_owned();
        let at = call.at();
        let (html, flow) = match (call.has_inner(), call.named_text("codelang"), call.named_text("include")) {
            (true, Some(language), _) => {
                let block = call.inner_code_block(None, &language, "", "");
                (block.html, block.flow)
            }
            (true, None, _) => {
                let inner = call.take_inner();
                (inner.html, inner.flow)
            }
            (false, language, Some(name)) => included(call, &name, language.as_deref()),
            (false, _, None) => (String::new(), vec![]),
        };
        Output { part: Some(Part { label, html, flow, at }), ..Output::default() }
    }
}

/// The first file of the page's bundle, else the first page in it, whose path fits `**NAME*`.
fn in_bundle(call: &mut Invocation<'_, '_>, name: &str, language: Option<&str>) -> Option<(String, Vec<FlowItem>)> {
    let site = call.site();
    let pattern = format!("**{name}*");
    if let Some(found) = site.match_resource(call.page(), &pattern) {
        let file = call.resource_text(&found).ok()?;
        return Some(code_of(call, name, &file, language));
    }
    let below = call.page().folder().len();
    let path = |id: &PageId| site.page(*id).path.get(below..).unwrap_or("").trim_start_matches('/');
    let members = &call.page().members;
    let index = match_name(&pattern, members.iter().map(path))?;
    let fragment = call.include_page(members[index]).unwrap_or_default();
    let flow = call.contained(Container::Include(name.to_owned()), fragment.flow);
    Some((fragment.html, flow))
}

/// A tab whose content is another file: a page beside this one, or a file shown as code.
fn included(call: &mut Invocation<'_, '_>, name: &str, language: Option<&str>) -> (String, Vec<FlowItem>) {
    let site = call.site();
    let is_leaf = call.page().is_bundle() && call.page().kind == PageKind::Page;
    if is_leaf && let Some(found) = in_bundle(call, name, language) {
        return found;
    }
    let folder = call.page().folder();
    let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    if let Some(id) = site.find(call.page().language, &path) {
        let fragment = call.include_page(id).unwrap_or_default();
        let flow = call.contained(Container::Include(name.to_owned()), fragment.flow);
        return (fragment.html, flow);
    }
    let config = call.config();
    let folder = config.languages[call.page().language].content_dir.join(folder);
    match call.read_file(&folder, name) {
        Ok(file) => code_of(call, name, &file, language),
        Err(error) => {
            call.say_file_error("include", usize::MAX, name, &error, &[&folder]);
            (String::new(), vec![])
        }
    }
}

/// A file shown as code; its language is that of its extension if none is given.
fn code_of(
    call: &Invocation<'_, '_>,
    name: &str,
    file: &SourceFile,
    language: Option<&str>,
) -> (String, Vec<FlowItem>) {
    let extension = || file.path.rsplit_once('.').map_or("", |(_, extension)| extension);
    let html = Invocation::code_html(&file.text, language.unwrap_or_else(extension), "");
    let (path, text) = (file.path.clone(), file.text.clone());
    (html, vec![FlowItem::Example { file: name.to_owned(), path, text, at: call.at() }])
}
