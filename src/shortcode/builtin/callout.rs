//! `thirdparty-content`, `legacy-repos-deprecation`, `dockershim-removal`: boxes whose text is a string of the
//! language.

use serde_json::json;

use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};

/// Says that a page names other people's products.
pub(super) struct ThirdPartyContent;

impl Shortcode for ThirdPartyContent {
    fn name(&self) -> &str {
        "thirdparty-content"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("single"), Parameter::named("vendor")];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        // The text "true": a value without quotes is no text.
        let is_on = |name: &str| call.named(name).is_some_and(|value| value.is_text("true"));
        let single = is_on("single");
        let message = match (single, is_on("vendor")) {
            (true, _) => "thirdparty_message_single_item",
            (false, true) => "thirdparty_message_vendor",
            (false, false) => "thirdparty_message",
        };
        let values = json!({ "single": single, "message": call.string(message) });
        call.layout(&values).into()
    }
}

/// A note that is the same wherever it stands.
pub(super) struct StandingNote {
    name: &'static str,
    message: &'static str,
    /// Whether the message is Markdown; else it is HTML.
    is_markdown: bool,
}

pub(super) const LEGACY_REPOS: StandingNote =
    StandingNote { name: "legacy-repos-deprecation", message: "legacy_repos_message", is_markdown: true };
pub(super) const DOCKERSHIM: StandingNote =
    StandingNote { name: "dockershim-removal", message: "dockershim_message", is_markdown: false };

impl Shortcode for StandingNote {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> Signature {
        Signature { inner: InnerRule::None, parameters: Some(&[]) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let text = call.string(self.message);
        let message = if self.is_markdown { call.markdownify(text) } else { text.to_owned() };
        call.layout(&json!({ "message": message })).into()
    }
}
