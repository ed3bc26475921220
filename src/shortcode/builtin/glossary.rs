//! `glossary_tooltip` and `glossary_definition`: terms from the pages of the glossary bundle.

use crate::diagnostics::{codes, nearest};
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::{Page, url};

/// The bundle that holds the terms.
const GLOSSARY: &str = "docs/reference/glossary";

pub(super) struct GlossaryTooltip;

impl Shortcode for GlossaryTooltip {
    fn name(&self) -> &str {
        "glossary_tooltip"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("term_id").required(), Parameter::named("text")];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let id = call.named_text("term_id").unwrap_or_default();
        let language = call.page().language;
        // A term that is not translated is shown in the default language.
        let Some(term) = term(call, language, &id).or_else(|| term(call, 0, &id)) else {
            unknown(call, &id);
            return call.named_text("text").map_or_else(Output::default, |text| Invocation::escape(&text).into());
        };
        let text = call.named_text("text").filter(|text| !text.is_empty()).unwrap_or_else(|| term.title.clone());
        let text = Invocation::escape(&text);
        let description = term.param("short_description").and_then(serde_json::Value::as_str).unwrap_or("");
        let description = without_tooltips(call.markdownify_of(term.id, description));
        let tooltip = Invocation::attribute_of_html(&description);
        let tooltip = tooltip.trim_matches([' ', '\n']).replace("&#43;", "+");
        let prefix = prefix(call);
        let link = term.param("full_link").and_then(serde_json::Value::as_str).filter(|link| !link.is_empty());
        let link = link.map_or_else(|| format!("{prefix}/{GLOSSARY}/?all=true#term-{id}"), str::to_owned);
        let href = Invocation::escape(&url::encode_url(&localised(call, &link, &prefix)));
        format!(
            "<a class='glossary-tooltip' title='{tooltip}' data-toggle='tooltip' data-placement='top' href='{href}' target='_blank' \
             aria-label='{text}'>{text}</a>"
        )
        .into()
    }
}

/// HTML without the tooltips in it. As in Hugo, all from the first of them to the end of the last link goes.
fn without_tooltips(html: String) -> String {
    let start = html.find("<a class='glossary-tooltip'");
    let end = html.rfind("</a>").map(|end| end + "</a>".len());
    match (start, end) {
        (Some(start), Some(end)) if start < end => format!("{}{}", &html[..start], &html[end..]),
        _ => html,
    }
}

/// `/ja` for a language, nothing for the default one.
fn prefix(call: &Invocation<'_, '_>) -> String {
    let language = call.page().language;
    if language == 0 { String::new() } else { format!("/{}", call.config().languages[language].code) }
}

/// A link in the page's language: paths get its prefix, other sites' URLs stay.
fn localised(call: &Invocation<'_, '_>, link: &str, prefix: &str) -> String {
    let base = call.config().base_url.trim_end_matches('/');
    let (path, is_own) = match link.strip_prefix(base) {
        Some(path) if path.starts_with('/') => (path, true),
        _ => (link, false),
    };
    let elsewhere =
        path.starts_with("//") || path.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'));
    if elsewhere {
        return link.to_owned();
    }
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    if !is_own && (path.starts_with(&format!("{prefix}/")) || prefix.is_empty()) {
        path
    } else {
        format!("{prefix}{path}")
    }
}

fn term<'e>(call: &Invocation<'_, 'e>, language: usize, id: &str) -> Option<&'e Page> {
    let site = call.site();
    let bundle = site.find(language, GLOSSARY)?;
    let term = site.page(site.find(language, &format!("{GLOSSARY}/{id}"))?);
    (term.bundle == Some(bundle)).then_some(term)
}

fn unknown(call: &mut Invocation<'_, '_>, id: &str) {
    let site = call.site();
    let mut known = vec![];
    for language in [call.page().language, 0] {
        let members =
            site.find(language, GLOSSARY).map(|bundle| site.page(bundle).members.as_slice()).unwrap_or_default();
        let name = |page: &'_ Page| url::path_key(&page.path).rsplit('/').next().unwrap_or("").to_owned();
        known.extend(members.iter().map(|id| name(site.page(*id))));
    }
    let said = call.error(
        codes::TERM_UNKNOWN,
        call.argument_span("term_id", usize::MAX),
        format!("the glossary has no term `{id}`"),
    );
    let code = &call.config().languages[call.page().language].code;
    call.say(match nearest(id, known.iter().map(String::as_str)) {
        Some(meant) => said.help(format!("did you mean `{meant}`?")),
        None => said.help(format!("a term is a page beside content/{code}/{GLOSSARY}/index.md: add {id}.md there")),
    });
}

pub(super) struct GlossaryDefinition;

impl Shortcode for GlossaryDefinition {
    fn name(&self) -> &str {
        "glossary_definition"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[
            Parameter::named("term_id").required(),
            Parameter::named("length").required(),
            Parameter::named("prepend"),
        ];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let id = call.named_text("term_id").unwrap_or_default();
        let Some(term) = term(call, call.page().language, &id) else {
            unknown(call, &id);
            return Output::default();
        };
        let Some(fragment) = call.include_page(term.id) else { return Output::default() };
        let content = fragment.html.replacen("<!--more-->", "", 1);
        let first =
            content.split_once("<p>").and_then(|(_, rest)| rest.split_once("</p>")).map_or("", |(inside, _)| inside);
        let start = call.named_text("prepend").filter(|text| !text.is_empty()).map(|text| Invocation::escape(&text));
        let html = match (call.named_text("length").as_deref(), start) {
            (Some("short"), None) => first.to_owned(),
            (Some("short"), Some(start)) => format!("<p>{start} {}</p>", lower_first(first)),
            (_, None) => content,
            (_, Some(start)) if first.is_empty() => format!("<p>{start}</p>{content}"),
            (_, Some(start)) => content.replace(first, &format!("<p>{start} {}</p>", lower_first(first))),
        };
        html.into()
    }
}

/// The text with its first letter in lower case.
fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map_or_else(String::new, |first| first.to_lowercase().collect());
    first + letters.as_str()
}
