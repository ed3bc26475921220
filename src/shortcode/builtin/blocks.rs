//! `blocks/section` and `blocks/feature`: the bands of a home page.

use serde_json::json;

use crate::diagnostics::{Diagnostic, codes};
use crate::markdown::flow::Container;
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::{Resource, url};

/// The bundle whose images all pages of a language share.
const COMMON_BUNDLE: &str = "_common-resources";

/// A band over the whole width, with a colour or an image behind it.
pub(super) struct Section;

impl Shortcode for Section {
    fn name(&self) -> &str {
        "blocks/section"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[
            Parameter::named("color"),
            Parameter::named("height"),
            Parameter::named("type"),
            Parameter::named("style"),
            Parameter::named("id"),
            Parameter::named("class"),
            Parameter::named("background-image"),
        ];
        Signature { inner: InnerRule::Rendered, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let number = call.ordinal();
        let class = call.named_text("class").unwrap_or_default();
        let is_overview = class == "k8s-overview";
        let image = call.named_text("background-image").and_then(|name| {
            let asset = call.site().asset(&format!("images/site-blocks/{name}.jpeg"));
            let found = asset.or_else(|| common_image(call, &name));
            if found.is_none() {
                say_missing(call, "background-image", &name);
            }
            found.map(|found| {
                let address = call.publish(&found);
                // What a style sheet would read as the end of the address is encoded too.
                url::encode_url(&call.absolute(&address))
            })
        });
        let inner = if is_overview { call.take_inner() } else { call.markdownify_inner() };
        let text = |name: &str, default: &str| call.named_text(name).unwrap_or_else(|| default.to_owned());
        let values = json!({
            "number": number,
            "id": text("id", &format!("td-block-{number}-section")),
            "color": text("color", &number.to_string()),
            "height": text("height", "auto"),
            "kind": text("type", ""),
            "style": text("style", ""),
            "class": class,
            "is_overview": is_overview,
            "image": image,
            "inner": inner.html,
        });
        let html = call.layout(&values);
        Output { html, flow: call.contained(Container::Shortcode("section".to_owned()), inner.flow), part: None }
    }
}

/// A text beside an image.
pub(super) struct Feature;

impl Shortcode for Feature {
    fn name(&self) -> &str {
        "blocks/feature"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("image"), Parameter::named("id")];
        Signature { inner: InnerRule::Raw, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let name = call.named_text("image").unwrap_or_else(|| "flower".to_owned());
        let found = common_image(call, &name);
        if found.is_none() {
            say_missing(call, "image", &name);
        }
        let image = found.map(|found| call.publish(&found));
        let inner = call.take_inner();
        let html = call.layout(&json!({ "image": image, "inner": inner.html }));
        Output { html, flow: inner.flow, part: None }
    }
}

/// An image of the bundle that all pages of the language share.
fn common_image<'e>(call: &Invocation<'_, 'e>, name: &str) -> Option<Resource<'e>> {
    let site = call.site();
    let bundle = site.page(site.find(call.page().language, COMMON_BUNDLE)?);
    site.match_image(bundle, &format!("images/**{name}*"))
}

fn say_missing(call: &mut Invocation<'_, '_>, argument: &str, name: &str) {
    let at = call.at();
    let said = Diagnostic::warning(codes::RESOURCE_MISSING, format!("there is no image `{name}` for this"))
        .at(&at.file, call.argument_span(argument, usize::MAX))
        .note(format!("looked for in the folder images/ of the language's {COMMON_BUNDLE} bundle"));
    call.say(said.help("add the image there, or correct the name"));
}
