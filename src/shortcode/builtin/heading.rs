//! `heading "whatsnext"`: a heading's text in the page's language.

use crate::diagnostics::{Diagnostic, codes, nearest};
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};

pub(super) struct Heading;

impl Shortcode for Heading {
    fn name(&self) -> &str {
        "heading"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::positional("name", 0).required()];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let name = call.text("name", 0).unwrap_or_default();
        let site = call.site();
        if let Some(text) = site.string(call.page().language, &format!("{name}_heading")) {
            return text.into();
        }
        let known: Vec<&str> = site.strings[0].keys().filter_map(|key| key.strip_suffix("_heading")).collect();
        // The heading is empty then, as in Hugo.
        let said = Diagnostic::warning(codes::STRING_UNKNOWN, format!("there is no heading `{name}`"))
            .at(&call.at().file, call.argument_span("name", 0));
        call.say(match nearest(&name, known.iter().copied()) {
            Some(meant) => said.help(format!("did you mean `{meant}`?")),
            None => said
                .note(format!("there are {}", known.join(", ")))
                .help(format!("add the string `{name}_heading` to `i18n/` of the site")),
        });
        Output::default()
    }
}
