//! `link` and `example`: links with attributes of their own.

use super::code_sample::source_url;
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::url;

pub(super) struct Link;

impl Shortcode for Link {
    fn name(&self) -> &str {
        "link"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[
            Parameter::named("text"),
            Parameter::named("url").required(),
            Parameter::named("target"),
            Parameter::named("class"),
        ];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let text = Invocation::escape(&call.named_text("text").unwrap_or_default());
        let href = url::encode_url(&call.named_text("url").unwrap_or_default());
        let target = call.named_text("target").unwrap_or_else(|| "_blank".to_owned());
        let class = call
            .named_text("class")
            .map_or_else(String::new, |class| format!(" class=\"{}\"", Invocation::escape(&class)));
        let (href, target) = (Invocation::escape(&href), Invocation::escape(&target));
        format!("<a href=\"{href}\" target=\"{target}\"{class}>{text}</a>").into()
    }
}

pub(super) struct Example;

impl Shortcode for Example {
    fn name(&self) -> &str {
        "example"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("file").required()];
        Signature { inner: InnerRule::Raw, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let file = call.named_text("file").unwrap_or_default();
        let language = &call.config().languages[call.page().language].code;
        let path = format!("content/{language}/examples/{}", file.trim_start_matches('/'));
        let shown = Invocation::escape(&file);
        let text = if call.has_inner() { call.take_inner().html } else { shown.clone() };
        match source_url(call, &path) {
            Some(source) => {
                format!("\n<a href=\"{}\" download=\"{shown}\">{text}</a>\n", Invocation::escape(&source)).into()
            }
            None => text.into(),
        }
    }
}
