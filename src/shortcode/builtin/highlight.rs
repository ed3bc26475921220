//! `highlight LANGUAGE`: inner content as a code block.

use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};

pub(super) struct Highlight;

impl Shortcode for Highlight {
    fn name(&self) -> &str {
        "highlight"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] =
            &[Parameter::positional("language", 0).required(), Parameter::positional("options", 1)];
        Signature { inner: InnerRule::Raw, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let language = call.text("language", 0).unwrap_or_default();
        let options = call.text("options", 1).unwrap_or_default();
        if options.contains("hl_inline=true") {
            return Invocation::code_html(call.inner().trim_matches(['\n', '\r']), &language, &options).into();
        }
        let indentation = call.line_indentation();
        let code = without_indentation(call.inner(), &indentation);
        let block = call.inner_code_block(Some(code.trim_matches(['\n', '\r'])), &language, &options, &indentation);
        Output { html: block.html, flow: block.flow, part: None }
    }
}

/// Each line without the indentation of the line that the shortcode opens in.
fn without_indentation(code: &str, indentation: &str) -> String {
    code.split_inclusive('\n').map(|line| line.strip_prefix(indentation).unwrap_or(line)).collect()
}
