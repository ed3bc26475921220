//! `version-check`: which version the page needs, and how to see it.

use serde_json::Value;

use crate::shortcode::{InnerRule, Invocation, Output, Shortcode, Signature};

pub(super) struct VersionCheck;

impl Shortcode for VersionCheck {
    fn name(&self) -> &str {
        "version-check"
    }

    fn signature(&self) -> Signature {
        Signature { inner: InnerRule::None, parameters: Some(&[]) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let param = |name: &str| match call.site().param(call.page(), name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(value @ Value::Number(_)) => Some(value.to_string()),
            _ => None,
        };
        let minimum = param("min-kubernetes-server-version");
        let is_current = minimum.is_some() && minimum == param("version");
        let needed = minimum.map_or_else(String::new, |minimum| {
            let key = if is_current { "version_check_mustbe" } else { "version_check_mustbeorlater" };
            format!("{}{}.", Invocation::escape(call.string(key)), Invocation::escape(&minimum))
        });
        let to_check = Invocation::escape(call.string("version_check_tocheck"));
        format!("\n\n{needed}\n <p>{to_check} <code>kubectl version</code>.</p>\n").into()
    }
}
