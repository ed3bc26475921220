//! `table caption="..." sortable="true"`: a Markdown table with a caption.

use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};

pub(super) struct Table;

impl Shortcode for Table {
    fn name(&self) -> &str {
        "table"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("caption"), Parameter::named("sortable")];
        Signature { inner: InnerRule::Raw, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let inner = call.markdownify_inner();
        let mut html = inner.html;
        if let Some(caption) = call.named_text("caption") {
            html = html.replace("<table>", &format!("<table><caption style=\"display: none;\">{caption}</caption>"));
        }
        if call.named_text("sortable").is_some_and(|text| !text.is_empty()) {
            html = html.replace("<table>", "<table class=\"sortable-table\">");
        }
        Output { html: format!("\n\n{html}\n"), flow: inner.flow, part: None }
    }
}
