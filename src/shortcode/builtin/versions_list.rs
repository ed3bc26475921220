//! `doc-versions-list`: the same page in the site's other versions.

use serde_json::{Value, json};

use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::url;

pub(super) struct DocVersionsList;

impl Shortcode for DocVersionsList {
    fn name(&self) -> &str {
        "doc-versions-list"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::positional("item", 0)];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let page = call.page();
        let param = |name: &str| call.site().param(page, name);
        let version = param("version").and_then(Value::as_str).unwrap_or("");
        let item = call.text("item", 0).unwrap_or_default();
        let text = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
        let others: Vec<Value> = param("versions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|entry| text(entry, "version") != version)
            .map(|entry| {
                let href = format!("{}{}", url::encode_url(&text(entry, "url")), url::encode(&page.url));
                json!({ "version": text(entry, "version"), "href": href })
            })
            .collect();
        let intro = call.printed_string("docs_page_versions", &[&item, version]);
        call.layout(&json!({ "intro": intro, "title": page.title, "versions": others })).into()
    }
}
