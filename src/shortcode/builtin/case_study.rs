//! `case-studies/lead` and `case-studies/quote`: the parts of a case study that stand out.

use serde_json::json;

use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::url;

/// The opening words.
pub(super) struct Lead;

impl Shortcode for Lead {
    fn name(&self) -> &str {
        "case-studies/lead"
    }

    fn signature(&self) -> Signature {
        Signature { inner: InnerRule::Raw, parameters: Some(&[]) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let inner = call.take_inner();
        Output { html: format!("<div class=\"lead\">{}</div>\n", inner.html), flow: inner.flow, part: None }
    }
}

/// Somebody's words, over an image if there is one.
pub(super) struct Quote;

impl Shortcode for Quote {
    fn name(&self) -> &str {
        "case-studies/quote"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("author"), Parameter::named("image")];
        Signature { inner: InnerRule::Raw, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        // Markdown on HTML pages too, as in Hugo.
        let text = call.inner().to_owned();
        let flow = call.take_inner().flow;
        let is_on =
            |value: &serde_json::Value| !matches!(value, serde_json::Value::Bool(false) | serde_json::Value::Null);
        let values = json!({
            "text": call.markdownify(&text),
            "author": call.named_text("author").filter(|author| !author.is_empty()),
            "image": call.named_text("image").filter(|image| !image.is_empty()).map(|image| url::encode_url(&image)),
            "overlay": call.site().param(call.page(), "use_gradient_overlay").is_some_and(is_on),
        });
        Output { html: call.layout(&values), flow, part: None }
    }
}
