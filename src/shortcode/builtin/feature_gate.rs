//! `feature-gate-description`, `feature-gate-list`, `feature-gate-table`: what the pages of the feature gates say.

use serde_json::{Value, json};

use super::feature_state::GATES;
use crate::diagnostics::{codes, nearest};
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::Page;

/// The stages that a gate can be in.
const STAGES: [&str; 4] = ["alpha", "beta", "stable", "deprecated"];

/// The gates of the page's language, in the order of pages.
fn gates<'e>(call: &Invocation<'_, 'e>) -> Vec<&'e Page> {
    let site = call.site();
    let bundle = site.find(call.page().language, GATES);
    let members = bundle.map(|bundle| site.page(bundle).members.as_slice()).unwrap_or_default();
    members.iter().map(|id| site.page(*id)).collect()
}

/// The stages of a gate, in the order they are written.
fn stages(gate: &Page) -> &[Value] {
    gate.param("stages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn stage_name(stage: &Value) -> &str {
    stage.get("stage").and_then(Value::as_str).unwrap_or("")
}

fn is_removed(gate: &Page) -> bool {
    gate.param("removed") == Some(&Value::Bool(true))
}

/// A gate's page as HTML.
fn content(call: &mut Invocation<'_, '_>, gate: &Page) -> String {
    call.include_page(gate.id).unwrap_or_default().html
}

pub(super) struct FeatureGateDescription;

impl Shortcode for FeatureGateDescription {
    fn name(&self) -> &str {
        "feature-gate-description"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("name").required()];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let name = call.named_text("name").unwrap_or_default();
        let gates = gates(call);
        let Some(gate) = gates.iter().find(|gate| gate.title == name) else {
            let span = call.argument_span("name", usize::MAX);
            let said = call.error(codes::FEATURE_UNKNOWN, span, format!("there is no feature gate `{name}`"));
            call.say(match nearest(&name, gates.iter().map(|gate| gate.title.as_str())) {
                Some(meant) => said.help(format!("did you mean `{meant}`?")),
                None => said.help(format!("add a page with that title to {GATES}/ of this language")),
            });
            return Output::default();
        };
        let html = content(call, gate);
        let html = call.markdownify_html(html);
        format!("<p><code>{}</code>: {html}</p>\n", Invocation::escape(&name)).into()
    }
}

pub(super) struct FeatureGateList;

impl Shortcode for FeatureGateList {
    fn name(&self) -> &str {
        "feature-gate-list"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[Parameter::named("include"), Parameter::named("show-removed")];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let include = call.named_text("include").unwrap_or_default();
        let show_removed = call.named("show-removed").is_some();
        let mut shown = vec![];
        for gate in gates(call) {
            let is_included = stages(gate).iter().map(stage_name).any(|stage| {
                let stage = if stage == "stable" { "ga" } else { stage };
                !stage.is_empty() && include.contains(stage)
            });
            let is_shown = if is_removed(gate) { show_removed } else { is_included };
            if !is_shown || stages(gate).is_empty() {
                continue;
            }
            let html = content(call, gate);
            let html = call.markdownify_html(html);
            let html = if html.starts_with("<p>") { html } else { format!("<p>{html}</p>") };
            shown.push(json!({ "name": gate.title, "content": html }));
        }
        call.layout(&json!({ "gates": shown })).into()
    }
}

pub(super) struct FeatureGateTable;

impl Shortcode for FeatureGateTable {
    fn name(&self) -> &str {
        "feature-gate-table"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[
            Parameter::named("include"),
            Parameter::named("show-removed"),
            Parameter::named("caption"),
            Parameter::named("sortable"),
        ];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let include = call.named_text("include").unwrap_or_default();
        let show_removed = call.named("show-removed").is_some();
        let wants_early = include.contains("alpha") || include.contains("beta");
        let mut rows = vec![];
        for gate in gates(call) {
            let has_graduated = stages(gate).iter().any(|stage| matches!(stage_name(stage), "stable" | "deprecated"));
            let is_shown =
                if show_removed { is_removed(gate) } else { !is_removed(gate) && wants_early != has_graduated };
            if !is_shown {
                continue;
            }
            let html = content(call, gate);
            let plain = Invocation::attribute_of_html(&html);
            for stage in stages(gate) {
                check(call, gate, stage);
                rows.push(row(call, gate, stage, &plain));
            }
        }
        let caption = call.named_text("caption").unwrap_or_default();
        call.layout(&json!({ "caption": caption, "removed": show_removed, "rows": rows })).into()
    }
}

fn row(call: &Invocation<'_, '_>, gate: &Page, stage: &Value, plain: &str) -> Value {
    json!({
        "name": gate.title,
        "description": plain,
        "default": stage.get("defaultValue").map(shown),
        "stage": call.string(&format!("feature_gate_stage_{}", stage_name(stage))),
        "from": stage.get("fromVersion").map(shown),
        "to": stage.get("toVersion").map(shown),
    })
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Says it if a stage on a gate's page is none, or its versions are no versions.
fn check(call: &mut Invocation<'_, '_>, gate: &Page, stage: &Value) {
    let name = stage_name(stage);
    let wrong = if !STAGES.contains(&name) {
        format!("`{name}` is no stage of a feature: a stage is one of {}", STAGES.join(", "))
    } else {
        let versions = ["fromVersion", "toVersion"].into_iter().filter_map(|key| stage.get(key));
        let Some(version) = versions.map(shown).find(|version| !is_version(version)) else { return };
        format!("`{version}` is no version: one has two or three numbers, as in 1.30")
    };
    let path = gate.file.as_ref().map_or(gate.path.as_str(), |file| file.path.as_str());
    let said = call
        .error(codes::FEATURE_UNKNOWN, call.open_span(), format!("the stages of `{}` can't be shown", gate.title))
        .note(wrong)
        .help(format!("mend the `stages` in the front matter of {path}"));
    call.say(said);
}

/// Two or three numbers with dots between them.
fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    (2..=3).contains(&parts.len())
        && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::is_version;

    #[test]
    fn versions_have_two_or_three_numbers() {
        assert!(is_version("1.30") && is_version("1.31.0"));
        assert!(!is_version("1") && !is_version("v1.30") && !is_version("1.") && !is_version("1.2.3.4"));
    }
}
