//! `alert` and `pageinfo`: boxes with a colour.

use crate::markdown::flow::Container;
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};

pub(super) struct Alert;

impl Shortcode for Alert {
    fn name(&self) -> &str {
        "alert"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("title"), Parameter::named("color")];
        Signature { inner: InnerRule::Rendered, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let color = Invocation::escape(&call.named_text("color").unwrap_or_else(|| "primary".to_owned()));
        let title = call
            .named_text("title")
            .map_or_else(String::new, |title| format!("<h4 class=\"alert-heading\">{title}</h4>\n"));
        let inner = call.markdownify_inner();
        let html =
            format!("\n\n<div class=\"alert alert-{color}\" role=\"alert\">\n{title}\n    {}\n\n</div>\n", inner.html);
        Output { html, flow: call.contained(Container::Shortcode("alert".to_owned()), inner.flow), part: None }
    }
}

pub(super) struct PageInfo;

impl Shortcode for PageInfo {
    fn name(&self) -> &str {
        "pageinfo"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("color")];
        Signature { inner: InnerRule::Rendered, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let color = Invocation::escape(&call.named_text("color").unwrap_or_else(|| "primary".to_owned()));
        let inner = call.take_inner();
        let html = format!("<div class=\"pageinfo pageinfo-{color}\">\n{}\n</div>\n", inner.html);
        Output { html, flow: call.contained(Container::Shortcode("pageinfo".to_owned()), inner.flow), part: None }
    }
}
