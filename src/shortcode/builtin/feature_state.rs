//! `feature-state`: how mature a feature is.

use serde_json::Value;

use crate::diagnostics::{codes, nearest};
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::Page;

/// The bundle with one page a feature gate.
pub(super) const GATES: &str = "docs/reference/command-line-tools-reference/feature-gates";

const STATES: [&str; 4] = ["alpha", "beta", "deprecated", "stable"];

pub(super) struct FeatureState;

impl Shortcode for FeatureState {
    fn name(&self) -> &str {
        "feature-state"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] =
            &[Parameter::named("state"), Parameter::named("for_k8s_version"), Parameter::named("feature_gate_name")];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        match call.named_text("feature_gate_name") {
            Some(name) => of_gate(call, &name),
            None => given(call),
        }
    }
}

/// `state="beta" for_k8s_version="v1.30"`.
fn given(call: &mut Invocation<'_, '_>) -> Output {
    let state = call.named_text("state").unwrap_or_default();
    if !STATES.join(", ").contains(&state) || state.is_empty() {
        let said = call.error(
            codes::FEATURE_UNKNOWN,
            call.argument_span("state", usize::MAX),
            format!("`{state}` is no state of a feature"),
        );
        call.say(said.help(format!("write one of {}", STATES.join(", "))));
        return Output::default();
    }
    let site_version = || call.site().param(call.page(), "version").and_then(Value::as_str).unwrap_or("").to_owned();
    let version = call.named_text("for_k8s_version").unwrap_or_else(site_version);
    format!(
        "\n  <div class=\"feature-state-notice feature-{state}\">\n      <span class=\"feature-state-name\">{}</span>\n      \
         <code>{} {} [{state}]</code>\n    </div>\n  \n",
        Invocation::escape(call.string("feature_state")),
        Invocation::escape(call.string("feature_state_kubernetes_label")),
        Invocation::escape(&version),
    )
    .into()
}

/// `feature_gate_name="X"`: what the gate's page says of its last stage.
fn of_gate(call: &mut Invocation<'_, '_>, name: &str) -> Output {
    let site = call.site();
    let gates = site.find(0, GATES).map(|bundle| site.page(bundle).members.as_slice()).unwrap_or_default();
    let gates: Vec<&Page> = gates.iter().map(|id| site.page(*id)).collect();
    let mut html = String::new();
    for gate in gates.iter().filter(|gate| gate.title == name) {
        let Some(stage) = gate.param("stages").and_then(Value::as_array).and_then(|stages| stages.last()) else {
            continue;
        };
        html.push_str(&gate_html(call, name, stage));
    }
    if html.is_empty() {
        let said = call.error(
            codes::FEATURE_UNKNOWN,
            call.argument_span("feature_gate_name", usize::MAX),
            format!("there is no feature gate `{name}`"),
        );
        let meant = nearest(name, gates.iter().map(|gate| gate.title.as_str()));
        call.say(match meant {
            Some(meant) => said.help(format!("did you mean `{meant}`?")),
            None => said.help(format!("add a page with that title and its `stages` to {GATES}/")),
        });
    }
    html.into()
}

fn gate_html(call: &Invocation<'_, '_>, name: &str, stage: &Value) -> String {
    let text = |key: &str| match stage.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    };
    let key = if stage.get("defaultValue") == Some(&Value::Bool(true)) {
        "feature_gate_enabled"
    } else {
        "feature_gate_disabled"
    };
    let state = Invocation::escape(&text("stage"));
    format!(
        "\n\n\n<div class=\"feature-state-notice feature-{state}\" title=\"{} {}\">\n <span class=\"feature-state-name\">{}</span> \n \
         <code>{} v{} [{state}]</code>{}</div>\n",
        Invocation::escape(call.string("feature_state_feature_gate_tooltip")),
        Invocation::escape(name),
        Invocation::escape(call.string("feature_state")),
        Invocation::escape(call.string("feature_state_kubernetes_label")),
        Invocation::escape(&text("fromVersion")),
        Invocation::escape(call.string(key)),
    )
}
