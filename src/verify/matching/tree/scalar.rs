//! Scalars: typed, with quantities and image references normalised.

use super::compare::Compare;
use super::node::{Real, Scalar, Style, is_typed};
use crate::verify::matching::case::Line;
use crate::verify::matching::ledger::{Ledger, Spot};
use crate::verify::matching::text::{self, Rest};
use crate::verify::matching::token::{Place, ip};
use crate::verify::model::{Cause, FindingSeverity};

/// Schemes of container ids: which runtime a cluster has is not the page's business.
const RUNTIMES: &[&str] = &["docker", "containerd", "cri-o", "docker-pullable"];

pub(super) fn compare(outer: &mut Compare<'_, '_, '_>, scalar: &Scalar, real: &Real, spot: Spot<'_>) {
    let ledger = &mut *outer.ledger;
    let (actual, is_text) = match real {
        Real::Text(text) => (text.as_str(), true),
        Real::Plain(text) => (text.as_str(), false),
        _ => ("", false),
    };
    if scalar.style == Style::Block {
        return block(ledger, scalar, actual, spot);
    }
    let key = spot.path.rsplit('.').next().unwrap_or("").trim_end_matches("\"]");
    let documented = scalar.text.trim_end_matches('\n');
    let came = actual.trim_end_matches('\n');
    if matches!(real, Real::Null) {
        if !matches!(documented, "null" | "~" | "") {
            ledger.value(spot, documented, "null");
        }
        return;
    }
    let documents_text = scalar.style == Style::Quoted || !is_typed(documented);
    if documents_text == is_text && ledger.settle(spot.line, place(key), documented, came) {
        return;
    }
    let of_node = is_of_machine(spot.path, key) && outer.is_of_node();
    let ledger = &mut *outer.ledger;
    if of_node && !documented.is_empty() && !came.is_empty() {
        return ledger.note(spot.line, "B5 node facts", documented, came);
    }
    if let Some(rule) = by_key(key, documented, came, spot.path) {
        return ledger.note(spot.line, rule, documented, came);
    }
    if documents_text == is_text && (same_json(documented, came) || same_wrapped(ledger, key, documented, came)) {
        return ledger.note(spot.line, "E wrapped", documented, came);
    }
    if other_runtime(ledger, documented, came, spot) {
        return;
    }
    if documents_text != is_text && documented == came {
        return ledger.value(spot, &typed(documented, documents_text), &typed(came, is_text));
    }
    ledger.value(Spot { line: differing_line(ledger, scalar, came, spot.line), ..spot }, documented, came);
}

/// The line of a wrapped scalar where it begins to differ.
fn differing_line(ledger: &Ledger<'_>, scalar: &Scalar, actual: &str, first: usize) -> usize {
    let pairs = scalar.text.split_whitespace().zip(actual.split_whitespace());
    let same = pairs.take_while(|(one, other)| ledger.scope.holds(Place::TEXT, one, other)).count();
    scalar.line_of_word(same, first)
}

fn typed(text: &str, is_text: bool) -> String {
    if is_text { format!("\"{text}\"") } else { text.to_owned() }
}

fn place(key: &str) -> Place {
    match key {
        "nodeName" | "kubernetes.io/hostname" => Place::NODE,
        "message" | "note" => Place::TEXT,
        _ => Place::VALUE,
    }
}

/// What a key says of its value: rules that no other place has.
fn by_key(key: &str, documented: &str, actual: &str, path: &str) -> Option<&'static str> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let hash = crate::verify::matching::token::names::is_template_hash;
    match key {
        "resourceVersion" if digits(documented) && digits(actual) => Some("B4 resourceVersion"),
        "nodePort" if ip::is_free_port(documented) && ip::is_free_port(actual) => Some("B5 node port"),
        "io/pod-template-hash" | "pod-template-hash" | "controller-revision-hash"
            if hash(documented) && hash(actual) =>
        {
            Some("B6 template hash")
        }
        "image" if same_image(documented, actual) => Some("E image reference"),
        _ if is_quantity_path(path) && quantity(documented).is_some_and(|value| quantity(actual) == Some(value)) => {
            Some("E quantity")
        }
        _ => None,
    }
}

/// Whether a path of a Node is about the machine below it: what the page itself has added is not.
fn is_of_machine(path: &str, key: &str) -> bool {
    let part = |name: &str| path.split(['.', '[']).any(|key| key == name);
    let resources = part("capacity") || part("allocatable");
    resources && is_machine_resource(key)
        || part("nodeInfo")
            && matches!(key, "kernelVersion" | "osImage" | "machineID" | "systemUUID" | "bootID" | "architecture")
}

/// The resources that every node has.
pub(in crate::verify::matching) fn is_machine_resource(key: &str) -> bool {
    matches!(key, "cpu" | "memory" | "pods" | "ephemeral-storage")
        || key.starts_with("hugepages-")
        || key.starts_with("attachable-volumes-")
}

fn is_quantity_path(path: &str) -> bool {
    [
        "limits",
        "requests",
        "hard",
        "used",
        "capacity",
        "allocatable",
        "resources",
        "min",
        "max",
        "default",
        "defaultRequest",
        "sizeLimit",
        "storage",
    ]
    .iter()
    .any(|part| path.split(['.', '[']).any(|key| key == *part))
}

/// `nginx`, `nginx:latest` and `docker.io/library/nginx:latest` are one image.
fn same_image(documented: &str, actual: &str) -> bool {
    normal_image(documented) == normal_image(actual)
}

fn normal_image(reference: &str) -> String {
    let (host, rest) = match reference.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (host, rest),
        _ => ("docker.io", reference),
    };
    let host = if host == "index.docker.io" { "docker.io" } else { host };
    let library = if host == "docker.io" && !rest.contains('/') { "library/" } else { "" };
    let tagged = rest.contains('@') || rest.rsplit('/').next().is_some_and(|name| name.contains(':'));
    format!("{host}/{library}{rest}{}", if tagged { "" } else { ":latest" })
}

/// A quantity in thousandths; `None` if it is none, or too fine or too large for that.
fn quantity(text: &str) -> Option<i128> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || whole.len() > 15 || fraction.len() > 9 {
        return None;
    }
    let factor: i128 = match unit {
        "m" => 1,
        "" => 1_000,
        "k" => 1_000_000,
        "M" => 1_000_000_000,
        "G" => 1_000_000_000_000,
        "T" => 1_000_000_000_000_000,
        "Ki" => 1_000 << 10,
        "Mi" => 1_000 << 20,
        "Gi" => 1_000 << 30,
        "Ti" => 1_000 << 40,
        _ => return None,
    };
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let value = digits.checked_mul(factor)?;
    (value % scale == 0).then(|| value / scale)
}

fn same_json(documented: &str, actual: &str) -> bool {
    if !documented.trim_start().starts_with(['{', '[']) {
        return false;
    }
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    parse(documented).is_some_and(|value| parse(actual) == Some(value))
}

/// The wrapping of folded strings does not count.
fn same_wrapped(ledger: &Ledger<'_>, key: &str, documented: &str, actual: &str) -> bool {
    let collapse = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    ledger.scope.holds(place(key), &collapse(documented), &collapse(actual))
}

/// `docker://...` where this cluster says `containerd://...`: the id after it is volatile.
pub(in crate::verify::matching) fn other_runtime(
    ledger: &mut Ledger<'_>,
    documented: &str,
    actual: &str,
    spot: Spot<'_>,
) -> bool {
    let is_whole = |id: &str| id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some((theirs, id)) = actual.split_once("://")
        && RUNTIMES.contains(&theirs)
        && is_whole(documented)
        && is_whole(id)
    {
        ledger.note(spot.line, "B5 container id", documented, actual);
        return true;
    }
    let Some(((ours, our_id), (theirs, their_id))) = documented.split_once("://").zip(actual.split_once("://")) else {
        return false;
    };
    let this_cluster = if ledger.scope.facts.runtime.is_empty() { theirs } else { ledger.scope.facts.runtime.as_str() };
    let our_id = our_id.trim_end_matches(['.', '…', ' ']);
    let is_id = |id: &str| id.len() >= 6 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !RUNTIMES.contains(&ours)
        || !RUNTIMES.contains(&theirs)
        || theirs != this_cluster
        || !is_id(our_id)
        || !is_id(their_id)
    {
        return false;
    }
    let spot = Spot { rule: "container runtime", ..spot };
    ledger.value(spot, documented, actual);
    if let Some(last) = ledger.findings_mut().last_mut() {
        last.cause = Cause::Environment;
        last.message = format!("documented `{ours}://`, this cluster's runtime is `{theirs}://`");
    }
    true
}

/// One long line that the author has broken, which a block scalar does not allow: where it is broken is no difference.
fn one_line(ledger: &mut Ledger<'_>, scalar: &Scalar, actual: &str, spot: Spot<'_>) {
    let came = actual.trim();
    let mut rest = came;
    let before = ledger.findings_mut().len();
    // Behind a line that differs, the next that came as documented goes on.
    let mut lost = false;
    for (text, line) in scalar.text.lines().zip(&scalar.lines) {
        let ours = text.trim();
        let behind = match rest.trim_start().strip_prefix(ours) {
            None if lost && !ours.is_empty() => rest.split_once(ours).map(|(_, behind)| behind),
            behind => behind,
        };
        match behind {
            Some(behind) => rest = behind,
            None => ledger.value(Spot { line: *line, ..spot }, ours, came),
        }
        lost = behind.is_none();
    }
    if ledger.findings_mut().len() > before {
        return;
    }
    if rest.trim().is_empty() {
        ledger.note(spot.line, "E wrapped", scalar.text.trim(), came);
    } else {
        ledger.value(spot, scalar.text.trim(), came);
    }
}

fn block(ledger: &mut Ledger<'_>, scalar: &Scalar, actual: &str, spot: Spot<'_>) {
    if scalar.text.trim_end() == actual.trim_end() || same_json(scalar.text.trim(), actual.trim()) {
        return;
    }
    if scalar.text.trim_end().contains('\n') && !actual.trim_end().contains('\n') {
        return one_line(ledger, scalar, actual, spot);
    }
    let lines: Vec<Line<'_>> =
        scalar.text.lines().zip(&scalar.lines).map(|(text, source)| Line { text, source: *source }).collect();
    let first_new = ledger.findings_mut().len();
    text::lines(&lines, actual, ledger, Rest::Documented);
    for finding in ledger.findings_mut().iter_mut().skip(first_new) {
        spot.path.clone_into(&mut finding.path);
        finding.severity = FindingSeverity::Error;
    }
}
