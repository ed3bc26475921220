//! `cncf-landscape`: lists of products that the Cloud Native Computing Foundation keeps.

use serde_json::json;

use crate::diagnostics::codes;
use crate::shortcode::lexer::Value;
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::url;

/// What is shown where no category is named: the end of the frame's id, and the category.
const CATEGORIES: [(&str, &str); 3] = [
    ("-kcsp", "special--kubernetes-certified-service-provider"),
    ("-conformance", "platform"),
    ("-kcntp", "special--kubernetes-and-cloud-native-training-partner"),
];

pub(super) struct Landscape;

impl Shortcode for Landscape {
    fn name(&self) -> &str {
        "cncf-landscape"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("helpers").required(), Parameter::named("category")];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let Some(Value::Bool(helpers)) = call.named("helpers").cloned() else {
            let span = call.argument_span("helpers", usize::MAX);
            let said = call.error(codes::SHORTCODE_WRONG_VALUE, span, "`helpers` is neither true nor false");
            call.say(said.help("write it without quotes: `helpers=true`"));
            return Output::default();
        };
        let category = call.named_text("category");
        let frames: Vec<_> = match &category {
            Some(category) => vec![json!({ "id": "iframe-landscape", "category": url::encode_value(category) })],
            None => CATEGORIES
                .iter()
                .map(|(end, category)| json!({ "id": format!("iframe-landscape{end}"), "category": category }))
                .collect(),
        };
        let values = json!({ "helpers": helpers, "frames": frames, "all": category.is_none() });
        call.layout(&values).into()
    }
}
