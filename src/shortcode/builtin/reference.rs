//! `ref` and `relref`: the URL of a page named by its path in the sources.

use crate::diagnostics::{codes, nearest};
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::{PageId, url};

/// One of the two.
pub(super) struct Reference {
    name: &'static str,
    absolute: bool,
}

pub(super) const REF: Reference = Reference { name: "ref", absolute: true };
pub(super) const RELREF: Reference = Reference { name: "relref", absolute: false };

impl Shortcode for Reference {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] =
            &[Parameter::positional("path", 0).required(), Parameter::named("lang"), Parameter::named("outputFormat")];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let target = call.text("path", 0).unwrap_or_default();
        let (path, fragment) =
            target.split_once('#').map_or((target.as_str(), ""), |(path, fragment)| (path, fragment));
        let fragment = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
        if path.is_empty() {
            return fragment.into();
        }
        let Some(page) = find(call, path) else {
            missing(call, path);
            return Output::default();
        };
        let page_url = url::encode(&call.site().page(page).url);
        let base = if self.absolute { call.config().base_url.trim_end_matches('/') } else { "" };
        format!("{base}{page_url}{fragment}").into()
    }
}

fn find(call: &Invocation<'_, '_>, path: &str) -> Option<PageId> {
    let site = call.site();
    let code = call.named_text("lang");
    let language = match code {
        Some(code) => site.config.languages.iter().position(|language| language.code == code)?,
        None => call.page().language,
    };
    if path.starts_with('/') {
        return site.find(language, path);
    }
    let mut parts: Vec<&str> = call.page().folder().split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let by_name = || {
        let key = url::path_key(path);
        let mut named = site
            .pages
            .iter()
            .filter(|page| page.language == language && url::path_key(&page.path).rsplit('/').next() == Some(&key));
        let only = named.next().map(|page| page.id);
        only.filter(|_| !path.contains('/') && named.next().is_none())
    };
    site.find(language, &parts.join("/")).or_else(|| site.find(language, path)).or_else(by_name)
}

fn missing(call: &mut Invocation<'_, '_>, path: &str) {
    let site = call.site();
    let language = call.page().language;
    let wanted = url::path_key(path.trim_start_matches("../"));
    // A bare name is compared with names, a path with paths.
    let keys: Vec<String> =
        site.pages.iter().filter(|page| page.language == language).map(|page| url::path_key(&page.path)).collect();
    let said =
        call.error(codes::REFERENCE_MISSING, call.argument_span("path", 0), format!("there is no page `{path}`"));
    let last = |key: &'_ str| key.rsplit('/').next().unwrap_or("").to_owned();
    let names: Vec<String> =
        keys.iter().map(|key| if wanted.contains('/') { key.clone() } else { last(key) }).collect();
    let meant = nearest(&wanted, names.iter().map(String::as_str))
        .and_then(|meant| names.iter().position(|name| name == meant));
    call.say(match meant.map(|index| &keys[index]) {
        Some(meant) => said.help(format!("did you mean `/{meant}`?")),
        None => said.help("name a page by its path below the language's folder, as in `/docs/tasks/first-task`"),
    });
}
