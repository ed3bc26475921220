//! `youtube ID`: a film.

use serde_json::json;

use crate::shortcode::lexer::Value;
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::url;

pub(super) struct YouTube;

impl Shortcode for YouTube {
    fn name(&self) -> &str {
        "youtube"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[
            Parameter::positional("id", 0).required(),
            Parameter::named("title"),
            Parameter::named("class"),
            Parameter::named("start"),
            Parameter::named("end"),
            Parameter::named("autoplay"),
            Parameter::named("controls"),
            Parameter::named("loop"),
            Parameter::named("mute"),
            Parameter::named("loading"),
            Parameter::named("allowFullScreen"),
        ];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let text = |name: &str, default: &str| call.named_text(name).unwrap_or_else(|| default.to_owned());
        let number = |name: &str| call.named_text(name).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        let switch = |name: &str, default: bool| u8::from(truth(call.named(name)).unwrap_or(default));
        let id = call.text("id", 0).unwrap_or_default();
        let query = format!(
            "autoplay={}&controls={}&end={}&loop={}&mute={}&start={}",
            switch("autoplay", false),
            switch("controls", true),
            number("end"),
            switch("loop", false),
            switch("mute", false),
            number("start"),
        );
        // A film that repeats is a list of one.
        let list =
            if switch("loop", false) == 1 { format!("&playlist={}", url::encode_value(&id)) } else { String::new() };
        let values = json!({
            // As in Hugo, the address is what it has to be as a whole: an id may bring a query of its own.
            "address": url::encode_url(&format!("https://www.youtube.com/embed/{id}")),
            "query": query + &list,
            "title": text("title", "YouTube video"),
            "class": call.named_text("class").filter(|class| !class.is_empty()),
            "loading": text("loading", "eager"),
            "fullscreen": truth(call.named("allowFullScreen")).unwrap_or(true),
        });
        call.layout(&values).into()
    }
}

fn truth(value: Option<&Value>) -> Option<bool> {
    match value?.to_string().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}
