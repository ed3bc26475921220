//! `social-media-feed kind="bluesky"`: the latest posts of the project, which a script of the site fetches in the
//! reader's browser.

use std::fmt::Write as _;

use base64::Engine as _;
use serde_json::json;

use crate::diagnostics::codes;
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::Publication;

/// The script, below `assets/`.
const SCRIPT: &str = "js/bluesky-feed.js";

pub(super) struct SocialMediaFeed;

impl Shortcode for SocialMediaFeed {
    fn name(&self) -> &str {
        "social-media-feed"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] =
            &[Parameter::named("kind").required(), Parameter::named("handle"), Parameter::named("limit")];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let kind = call.named_text("kind").unwrap_or_default();
        if kind != "bluesky" {
            let span = call.argument_span("kind", usize::MAX);
            let said = call.error(codes::SHORTCODE_WRONG_VALUE, span, format!("there is no kind `{kind}` of feed"));
            call.say(said.help("the one kind there is: `kind=\"bluesky\"`"));
            return Output::default();
        }
        let values = json!({
            "handle": call.named_text("handle").unwrap_or_else(|| "kubernetes.io".to_owned()),
            "limit": call.named_text("limit").unwrap_or_else(|| "5".to_owned()),
            "script": script(call),
        });
        call.layout(&values).into()
    }
}

/// The address of the site's script, which changes with its content, and what a browser checks it by.
fn script(call: &mut Invocation<'_, '_>) -> Option<serde_json::Value> {
    let site = call.site();
    let found = site.asset(SCRIPT)?;
    let bytes = call.resource_bytes(&found).ok()?;
    let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
    let mut hex = String::with_capacity(64);
    for byte in digest.as_ref() {
        let _ = write!(hex, "{byte:02x}");
    }
    let url = format!("/js/bluesky-feed.min.{hex}.js");
    call.publish_made(Publication { url: url.clone(), file: site.below_root(found.file), image: None });
    let integrity = base64::engine::general_purpose::STANDARD.encode(digest.as_ref());
    Some(json!({ "url": url, "integrity": format!("sha256-{integrity}") }))
}
