//! `release-data`, `release-branches`, `upcoming-releases`, `eol-releases`: the schedule of releases, from the data
//! files `releases/schedule` and `releases/eol`.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::diagnostics::codes;
use crate::shortcode::{InnerRule, Invocation, Output, Shortcode, Signature};
use crate::site::printed;

/// Where the release notes of a minor version are.
const CHANGELOG: &str = "https://git.k8s.io/kubernetes/CHANGELOG/CHANGELOG-";

/// One of the lists that is made of the schedule.
pub(super) struct Releases {
    name: &'static str,
    /// The data file, and the list in it.
    data: (&'static str, &'static str),
    values: fn(&mut Invocation<'_, '_>, &Value) -> Value,
}

const SCHEDULE: &str = "releases/schedule";

pub(super) const RELEASE_DATA: Releases =
    Releases { name: "release-data", data: (SCHEDULE, "schedules"), values: release };
pub(super) const RELEASE_BRANCHES: Releases =
    Releases { name: "release-branches", data: (SCHEDULE, "schedules"), values: branch };
pub(super) const UPCOMING_RELEASES: Releases =
    Releases { name: "upcoming-releases", data: (SCHEDULE, "upcoming_releases"), values: upcoming };
pub(super) const EOL_RELEASES: Releases =
    Releases { name: "eol-releases", data: ("releases/eol", "branches"), values: ended };

impl Shortcode for Releases {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> Signature {
        Signature { inner: InnerRule::None, parameters: Some(&[]) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let (file, list) = self.data;
        let Some(entries) = call.data(file).and_then(|data| data.get(list)).and_then(Value::as_array) else {
            let folder = call.config().data_dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let said = call
                .error(codes::DATA_MISSING, call.open_span(), format!("`{}` has no data to show", self.name))
                .help(format!("write the list `{list}` into {folder}/{file}.yaml"));
            call.say(said);
            return Output::default();
        };
        let releases: Vec<Value> = entries.iter().map(|entry| (self.values)(call, entry)).collect();
        call.layout(&json!({ "releases": releases })).into()
    }
}

/// A text or number in an entry; empty if there is none.
fn text(entry: &Value, key: &str) -> String {
    match entry.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        _ => String::new(),
    }
}

fn list<'a>(entry: &'a Value, key: &str) -> &'a [Value] {
    entry.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn date_of(entry: &Value, key: &str) -> Option<Date> {
    entry.get(key)?.as_str()?.parse().ok()
}

/// A date as its element shows it: when it is, what stands there, and the tooltip.
fn date(call: &Invocation<'_, '_>, date: Option<Date>, layout: &str, title: &str) -> Value {
    date.map_or(
        Value::Null,
        |date| json!({ "iso": date.to_string(), "text": call.date(date, layout), "title": call.date(date, title) }),
    )
}

/// Whether a day begins later than now.
fn is_ahead(call: &Invocation<'_, '_>, date: Option<Date>) -> bool {
    let start = date.and_then(|date| date.to_zoned(TimeZone::UTC).ok());
    start.is_some_and(|start| start.timestamp() > call.config().publish.clock)
}

fn release(call: &mut Invocation<'_, '_>, entry: &Value) -> Value {
    let name = text(entry, "release");
    let mut patches: Vec<&Value> = list(entry, "previousPatches").iter().collect();
    let (latest, since) = match patches.first() {
        Some(patch) => (text(patch, "release"), date_of(patch, "targetDate")),
        None => (format!("{name}.0"), date_of(entry, "releaseDate")),
    };
    patches.sort_by_key(|patch| text(patch, "targetDate"));
    let format = call.string("release_date_format");
    let changelog = format!("{CHANGELOG}{name}.md");
    let patches: Vec<Value> = patches
        .into_iter()
        .map(|patch| {
            let patch = text(patch, "release");
            json!({ "release": patch, "href": format!("{changelog}#v{}", patch.replace('.', "")) })
        })
        .collect();
    let language = call.page().language;
    let prefix = if language == 0 { String::new() } else { format!("/{}", call.config().languages[language].code) };
    json!({
        "release": name,
        "id": name.replace('.', "-"),
        "latest": latest,
        "since": date(call, since, format, ":date_full"),
        "end": date(call, date_of(entry, "endOfLifeDate"), format, ":date_full"),
        "patches": patches,
        "changelog": changelog,
        // With two slashes, as in Hugo.
        "details": format!("{prefix}/releases/{name}//"),
    })
}

fn branch(call: &mut Invocation<'_, '_>, entry: &Value) -> Value {
    let name = text(entry, "release");
    let maintenance = date_of(entry, "maintenanceModeStartDate");
    let is_active = is_ahead(call, maintenance);
    let none = Value::Null;
    let next = entry.get("next").unwrap_or(&none);
    let next_patch = if is_active {
        let sentence = call.printed_string("release_info_next_patch", &[&text(next, "release")]);
        call.markdownify(&sentence)
    } else {
        String::new()
    };
    let note = call.markdownify(&text(next, "note"));
    let sentence = life(call, &name, maintenance, date_of(entry, "endOfLifeDate"));
    let format = call.string("release_date_format");
    let patches: Vec<Value> = list(entry, "previousPatches")
        .iter()
        .map(|patch| {
            let note = call.markdownify(&text(patch, "note"));
            json!({
                "release": text(patch, "release"),
                "deadline": date(call, date_of(patch, "cherryPickDeadline"), format, ":date_full"),
                "target": date(call, date_of(patch, "targetDate"), format, ":date_full"),
                "note": note,
            })
        })
        .collect();
    json!({
        "release": name,
        "id": name.replace('.', "-"),
        "next_patch": next_patch,
        "note": note,
        "life": sentence,
        "patches": patches,
    })
}

/// The sentence about when a branch is maintained and when it ends.
fn life(call: &mut Invocation<'_, '_>, name: &str, maintenance: Option<Date>, end: Option<Date>) -> String {
    let time = |date: Option<Date>| {
        date.map_or_else(String::new, |date| {
            let (title, text) = (call.date(date, ":date_full"), call.date(date, ":date_medium"));
            format!("<time datetime={date} title=\"{}\">{text}</time>", Invocation::escape(&title))
        })
    };
    let (starts, ends) = (time(maintenance), time(end));
    let older = call.string("release_info_eol");
    let sentence = if older.is_empty() {
        let tense = if is_ahead(call, maintenance) { "current" } else { "past" };
        call.filled_string(
            &format!("release_maintenance_and_end_of_life_details_{tense}"),
            &[("minor_version", name), ("maintenance_mode_start_date", &starts), ("release_eol_date", &ends)],
        )
    } else {
        printed(older, &[name, &starts, &ends])
    };
    call.markdownify(&sentence)
}

fn upcoming(call: &mut Invocation<'_, '_>, entry: &Value) -> Value {
    let target = date_of(entry, "targetDate");
    let month = call.string("release_date_format_month");
    json!({
        "month": target.map_or_else(String::new, |target| call.date(target, month)),
        "deadline": date(call, date_of(entry, "cherryPickDeadline"), ":date_medium", ":date_full"),
        "target": date(call, target, ":date_medium", ":date_full"),
    })
}

fn ended(call: &mut Invocation<'_, '_>, entry: &Value) -> Value {
    let note = call.markdownify(&text(entry, "note"));
    let format = call.string("release_date_format");
    json!({
        "release": text(entry, "release"),
        "final_patch": text(entry, "finalPatchRelease"),
        "end": date(call, date_of(entry, "endOfLifeDate"), format, ":date_long"),
        "note": note,
    })
}
