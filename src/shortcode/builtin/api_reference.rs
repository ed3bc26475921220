//! `api-reference` and `page-api-reference`: links to the pages of the API's kinds.

use serde_json::{Value, json};

use crate::diagnostics::{Diagnostic, codes, nearest};
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::{Page, PageKind, url};

/// The section that holds them.
const REFERENCE: &str = "docs/reference/kubernetes-api";

pub(super) struct ApiReference;

impl Shortcode for ApiReference {
    fn name(&self) -> &str {
        "api-reference"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] =
            &[Parameter::named("page").required(), Parameter::named("anchor"), Parameter::named("text")];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let name = call.named_text("page").unwrap_or_default();
        let site = call.site();
        let path = format!("{REFERENCE}/{}", name.trim_matches('/'));
        let found = site.find(call.page().language, &path).or_else(|| site.find(0, &path));
        let target = found.map(|id| site.page(id));
        if target.is_none() {
            unknown(call, &name);
        }
        let anchor = call.named_text("anchor");
        let kind = || text_of(target.and_then(|page| page.param("api_metadata")?.get("kind")));
        let text = call.named_text("text").or_else(|| anchor.clone()).unwrap_or_else(kind);
        let fragment = anchor.map_or_else(String::new, |anchor| format!("#{}", url::encode_url(&anchor)));
        // Without a page, the link leads to the anchor on this one, as in Hugo.
        let page = target.map_or_else(String::new, |page| url::encode(&page.url));
        let href = Invocation::escape(&format!("{page}{fragment}"));
        format!("\n<a href=\"{href}\">{}</a>", Invocation::escape(&text)).into()
    }
}

fn text_of(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or("").to_owned()
}

fn unknown(call: &mut Invocation<'_, '_>, name: &str) {
    let site = call.site();
    let known: Vec<&str> = site
        .pages
        .iter()
        .filter(|page| page.language == 0)
        .filter_map(|page| page.path.strip_prefix(REFERENCE)?.strip_prefix('/')?.strip_suffix(".md"))
        .collect();
    let span = call.argument_span("page", usize::MAX);
    let message = format!("the API reference has no page `{name}`");
    let said = Diagnostic::warning(codes::REFERENCE_MISSING, message).at(&call.at().file, span);
    call.say(match nearest(name, known.iter().copied()) {
        Some(meant) => said.help(format!("did you mean `{meant}`?")),
        None => said.help(format!("name a page by its path below {REFERENCE}/")),
    });
}

pub(super) struct PageApiReference;

impl Shortcode for PageApiReference {
    fn name(&self) -> &str {
        "page-api-reference"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("kind")];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let page = call.page();
        let is_simple = page.param("simple_list").is_some_and(|value| *value != Value::Bool(false));
        let described = page.param("api_metadata").and_then(Value::as_array).filter(|_| !is_simple);
        let wanted = call.named_text("kind");
        let mut links = vec![];
        for entry in described.into_iter().flatten() {
            let kind = text_of(entry.get("kind"));
            if wanted.as_ref().is_some_and(|wanted| *wanted != kind) {
                continue;
            }
            let Some(target) = page_of(call, entry) else { continue };
            let text = entry.get("override_link_text").and_then(Value::as_str).unwrap_or(&kind).to_owned();
            let base = call.config().base_url.trim_end_matches('/');
            links.push((kind, json!({ "href": format!("{base}{}", url::encode(&target.url)), "text": text })));
        }
        if links.is_empty() {
            return Output::default();
        }
        links.sort_by(|(a, _), (b, _)| a.cmp(b));
        let links: Vec<Value> = links.into_iter().map(|(_, link)| link).collect();
        call.layout(&json!({ "links": links, "single": wanted.is_some() })).into()
    }
}

/// The page, in a section below the reference, that describes the kind and version of an entry.
fn page_of<'e>(call: &Invocation<'_, 'e>, entry: &Value) -> Option<&'e Page> {
    let site = call.site();
    let reference = site.page(site.find(call.page().language, REFERENCE)?);
    let sections = reference.children.iter().map(|id| site.page(*id)).filter(|page| page.kind == PageKind::Section);
    sections.flat_map(|section| section.children.iter()).map(|id| site.page(*id)).find(|page| {
        let same = |key: &str| {
            let own = page.param("api_metadata").and_then(|metadata| metadata.get(key));
            own.is_some() && own == entry.get(key)
        };
        same("kind") && same("apiVersion")
    })
}
