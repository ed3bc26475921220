//! `param "version"`: a parameter of the page, else of the site.

use serde_json::Value;

use crate::diagnostics::{codes, nearest};
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};

pub(super) struct Param;

impl Shortcode for Param {
    fn name(&self) -> &str {
        "param"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::positional("name", 0).required()];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let name = call.text("name", 0).unwrap_or_default();
        let site = call.site();
        match site.param(call.page(), &name) {
            Some(Value::String(text)) => return Invocation::escape(text).into(),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => return value.to_string().into(),
            _ => {}
        }
        let known: Vec<&str> =
            site.config.params.keys().chain(call.page().front_matter.values.keys()).map(String::as_str).collect();
        let said =
            call.error(codes::PARAM_UNKNOWN, call.argument_span("name", 0), format!("there is no parameter `{name}`"));
        call.say(match nearest(&name, known) {
            Some(meant) => said.help(format!("did you mean `{meant}`?")),
            None => said.help(format!(
                "add `{name} = \"...\"` below `[params]` in the site's configuration, or to the page's front matter"
            )),
        });
        Output::default()
    }
}
