//! `tutorials/...`: the overview of a course, and the pictures of a lesson.

use serde_json::json;

use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::url;

/// The modules of a course.
pub(super) struct Modules;

impl Shortcode for Modules {
    fn name(&self) -> &str {
        "tutorials/modules"
    }

    fn signature(&self) -> Signature {
        Signature { inner: InnerRule::Raw, parameters: Some(&[]) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let inner = call.take_inner();
        Output { html: call.layout(&json!({ "inner": inner.html })), flow: inner.flow, part: None }
    }
}

/// A module: a picture that leads to its page.
pub(super) struct Module;

impl Shortcode for Module {
    fn name(&self) -> &str {
        "tutorials/module"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[
            Parameter::named("path").required(),
            Parameter::named("image"),
            Parameter::named("alt"),
            Parameter::named("title"),
        ];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let path = call.named_text("path").unwrap_or_default();
        // As in Hugo, also before a path that has the language in it.
        let prefix = call.config().url_prefix(call.page().language);
        let values = json!({
            "url": url::encode_url(&format!("{}{path}", prefix.trim_end_matches('/'))),
            "image": url::encode_url(&call.named_text("image").unwrap_or_default()),
            "alt": call.named_text("alt").unwrap_or_default(),
            "title": call.named_text("title").unwrap_or_default(),
        });
        call.layout(&values).into()
    }
}

/// Pictures, one after the other.
pub(super) struct Carousel;

impl Shortcode for Carousel {
    fn name(&self) -> &str {
        "tutorials/carousel"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("id"), Parameter::named("interval")];
        Signature { inner: InnerRule::Raw, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let inner = call.take_inner();
        let values = json!({
            "id": call.named_text("id").unwrap_or_else(|| "myCarousel".to_owned()),
            "interval": call.named_text("interval").unwrap_or_else(|| "3000".to_owned()),
            "inner": inner.html,
        });
        Output { html: call.layout(&values), flow: inner.flow, part: None }
    }
}

/// One picture.
pub(super) struct CarouselItem;

impl Shortcode for CarouselItem {
    fn name(&self) -> &str {
        "tutorials/carousel-item"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("image").required(), Parameter::named("active")];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let active = call.named_text("active").is_some_and(|active| active == "true");
        let image = url::encode_url(&call.named_text("image").unwrap_or_default());
        let active = if active { "active" } else { "" };
        format!(
            "<div class=\"item carousel-item {active}\">\n    <img src=\"{}\">\n</div>\n",
            Invocation::escape(&image)
        )
        .into()
    }
}
