//! `details summary="..."`: content that a reader opens.

use crate::markdown::flow::Container;
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};

pub(super) struct Details;

impl Shortcode for Details {
    fn name(&self) -> &str {
        "details"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("summary")];
        Signature { inner: InnerRule::Raw, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let summary = call
            .named_text("summary")
            .map_or_else(String::new, |text| format!("<summary>{}</summary>", Invocation::escape(&text)));
        let inner = call.markdownify_inner();
        let html =
            format!("<details>{summary}<div class=\"details-inner\">\n    {}\n  </div>\n</details>\n", inner.html);
        let flow = call.contained(Container::Shortcode("details".to_owned()), inner.flow);
        Output { html, flow, part: None }
    }
}
