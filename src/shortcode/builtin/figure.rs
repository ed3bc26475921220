//! `figure src="..."`: an image with a caption.

use crate::markdown::plain_text;
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::url;

pub(super) struct Figure;

impl Shortcode for Figure {
    fn name(&self) -> &str {
        "figure"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[
            Parameter::named("src").required(),
            Parameter::named("alt"),
            Parameter::named("caption"),
            Parameter::named("title"),
            Parameter::named("class"),
            Parameter::named("link"),
            Parameter::named("target"),
            Parameter::named("rel"),
            Parameter::named("width"),
            Parameter::named("height"),
            Parameter::named("attr"),
            Parameter::named("attrlink"),
            Parameter::named("clicktozoom"),
        ];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let caption = given(call, "caption").map(|text| call.markdownify(&text));
        let class = given(call, "class").map_or_else(String::new, |class| {
            let zoom = if call.named("clicktozoom").is_some() { "clickable-zoom" } else { "" };
            format!(" class=\"{} {zoom}\"", Invocation::escape(&class))
        });
        let alt = call
            .named_text("alt")
            .filter(|alt| !alt.is_empty())
            .or_else(|| caption.as_deref().map(|html| plain_text(html).trim().to_owned()))
            .unwrap_or_default();
        let attribute = |name: &str, value: Option<String>| {
            value.map_or_else(String::new, |value| format!(" {name}=\"{}\"", Invocation::escape(&value)))
        };
        let src = image_source(call);
        let mut image = format!("\n    <img src=\"{}\"", Invocation::escape(&src));
        if !alt.is_empty() {
            image.push_str(&format!("\n         alt=\"{}\"", Invocation::escape(&alt)));
        }
        image.push_str(&attribute("width", given(call, "width")));
        image.push_str(&attribute("height", given(call, "height")));
        image.push_str("/> ");
        if let Some(link) = given(call, "link") {
            let extra = attribute("target", given(call, "target")) + &attribute("rel", given(call, "rel"));
            image = format!("<a href=\"{}\"{extra}>{image}</a>", Invocation::escape(&url::encode_url(&link)));
        }
        let caption = figcaption(call, caption);
        format!("<figure{class}>{image}{caption}\n</figure>\n").into()
    }
}

/// An argument that says something: an empty one is as good as none.
fn given(call: &Invocation<'_, '_>, name: &str) -> Option<String> {
    call.named_text(name).filter(|text| !text.is_empty())
}

/// A file beside the page whose path has the source in its last part, else what is written.
fn image_source(call: &mut Invocation<'_, '_>) -> String {
    let src = call.named_text("src").unwrap_or_default();
    match call.site().match_resource(call.page(), &format!("**{src}*")) {
        Some(found) => call.publish(&found),
        None => url::encode_url(&src),
    }
}

fn figcaption(call: &mut Invocation<'_, '_>, caption: Option<String>) -> String {
    let title = given(call, "title").map(|title| format!("<h4>{}</h4>", Invocation::escape(&title)));
    let attr = given(call, "attr").map(|text| call.markdownify(&text));
    if title.is_none() && caption.is_none() && attr.is_none() {
        return String::new();
    }
    let source = attr.map(|text| match given(call, "attrlink") {
        Some(link) => format!("<a href=\"{}\">{text}</a>", Invocation::escape(&url::encode_url(&link))),
        None => text,
    });
    let text = match (caption, source) {
        (None, None) => String::new(),
        (caption, source) => format!("<p>{}{}</p>", caption.unwrap_or_default(), source.unwrap_or_default()),
    };
    format!("<figcaption>\n            {}{text}\n        </figcaption>", title.unwrap_or_default())
}
