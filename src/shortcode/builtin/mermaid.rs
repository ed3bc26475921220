//! `mermaid`: a diagram that a script draws.

use crate::shortcode::{InnerRule, Invocation, Output, Shortcode, Signature};

pub(super) struct Mermaid;

impl Shortcode for Mermaid {
    fn name(&self) -> &str {
        "mermaid"
    }

    fn signature(&self) -> Signature {
        Signature { inner: InnerRule::Raw, parameters: Some(&[]) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let message = call.markdownify(call.string("javascript_required"));
        format!(
            "<figure>\n<div class=\"mermaid\">\n    {}\n</div>\n</figure>\n<noscript>\n  <div class=\"alert alert-secondary callout\" \
             role=\"note\">\n    <em class=\"javascript-required\">{message}</em>\n  </div>\n</noscript>\n",
            call.inner()
        )
        .into()
    }
}
