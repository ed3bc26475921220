//! `note`, `caution`, `warning`: a box with a label.

use crate::markdown::flow::Container;
use crate::shortcode::{InnerRule, Invocation, Output, Shortcode, Signature};

/// A kind of box.
pub(super) struct Admonition {
    /// The shortcode's name, which is also the label's key.
    name: &'static str,
    /// The suffix of its class.
    class: &'static str,
    /// What stands before it.
    before: &'static str,
}

pub(super) const NOTE: Admonition = Admonition { name: "note", class: "info", before: "\n" };
pub(super) const CAUTION: Admonition = Admonition { name: "caution", class: "caution", before: "" };
pub(super) const WARNING: Admonition = Admonition { name: "warning", class: "danger", before: "" };

impl Shortcode for Admonition {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> Signature {
        Signature { inner: InnerRule::Rendered, parameters: Some(&[]) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let label = match call.string(self.name) {
            "" => String::new(),
            text => format!("<h4 class=\"alert-heading\">{text}</h4>"),
        };
        let inner = call.markdownify_inner();
        let html = format!(
            "{}<div class=\"alert alert-{}\" role=\"note\">{label}{}</div>\n",
            self.before, self.class, inner.html
        );
        let flow = call.contained(Container::Shortcode(self.name.to_owned()), inner.flow);
        Output { html, flow, part: None }
    }
}
