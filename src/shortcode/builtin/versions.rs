//! `skew`, `latest-version` and the like: versions made from `params.version` and `params.latest`.

use serde_json::Value;

use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};

/// `latest-version` and its relatives: the latest version between two texts.
pub(super) struct Latest {
    name: &'static str,
    before: &'static str,
    after: &'static str,
}

pub(super) const LATEST_VERSION: Latest = Latest { name: "latest-version", before: "v", after: "" };
pub(super) const LATEST_SEMVER: Latest = Latest { name: "latest-semver", before: "", after: "" };
pub(super) const RELEASE_BRANCH: Latest = Latest { name: "release-branch", before: "release-", after: "" };
pub(super) const LATEST_RELEASE_NOTES: Latest = Latest {
    name: "latest-release-notes",
    before: "https://git.k8s.io/kubernetes/CHANGELOG/CHANGELOG-",
    after: ".md\n",
};

impl Shortcode for Latest {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> Signature {
        Signature { inner: InnerRule::None, parameters: Some(&[]) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let latest = version(call, "latest");
        if latest.is_empty() {
            Output::default()
        } else {
            format!("{}{}{}", self.before, Invocation::escape(&latest), self.after).into()
        }
    }
}

/// `skew latestVersion`, `skew currentVersionAddMinor -1` ...
pub(super) struct Skew;

impl Shortcode for Skew {
    fn name(&self) -> &str {
        "skew"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[
            Parameter::positional("which", 0).required(),
            Parameter::positional("offset", 1),
            Parameter::positional("separator", 2),
        ];
        Signature { inner: InnerRule::None, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let latest = version(call, "latest");
        let current = version(call, "version");
        let offset = call.text("offset", 1).and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        let separator = call.text("separator", 2).unwrap_or_else(|| ".".to_owned());
        let text = match call.text("which", 0).unwrap_or_default().as_str() {
            "latestVersion" => latest,
            "nextMinorVersion" => shifted(&latest, &latest, 1, "."),
            "prevMinorVersion" => shifted(&latest, &latest, -1, "."),
            "oldestMinorVersion" => shifted(&latest, &latest, -2, "."),
            "latestVersionAddMinor" => shifted(&latest, &latest, offset, &separator),
            "currentVersion" => current,
            "currentVersionAddMinor" => shifted(&latest, &current, offset, &separator),
            "currentPatchVersion" if !current.is_empty() => {
                newest_patch(call, &current).unwrap_or_else(|| format!("{current}.0"))
            }
            _ => String::new(),
        };
        Invocation::escape(&text).into()
    }
}

/// The newest patch of a minor version, from the data file `releases/schedule`. As in Hugo, a release there is
/// compared as a number with two decimals: one that is written as a text is not found.
fn newest_patch(call: &mut Invocation<'_, '_>, version: &str) -> Option<String> {
    let schedules = call.data("releases/schedule")?.get("schedules")?.as_array()?;
    let is_it = |entry: &&Value| {
        entry
            .get("release")
            .filter(|release| release.is_f64())
            .and_then(Value::as_f64)
            .map(|release| format!("{release:.2}"))
            == Some(version.to_owned())
    };
    let patch = schedules.iter().find(is_it)?.get("previousPatches")?.get(0)?.get("release")?;
    patch.as_str().map(str::to_owned)
}

/// A version parameter without its `v`; the other one where it is missing.
fn version(call: &Invocation<'_, '_>, name: &str) -> String {
    let param = |name: &str| call.site().param(call.page(), name).and_then(serde_json::Value::as_str);
    param(name).or_else(|| param("version")).unwrap_or("").trim_start_matches('v').to_owned()
}

/// The major version of one and the minor version of another, `offset` further.
fn shifted(major_of: &str, minor_of: &str, offset: i64, separator: &str) -> String {
    let parts = |version: &str| {
        version
            .split_once('.')
            .map(|(major, minor)| (major.to_owned(), minor.split('.').next().unwrap_or("").to_owned()))
    };
    let (Some((major, _)), Some((_, minor))) = (parts(major_of), parts(minor_of)) else { return String::new() };
    minor
        .parse::<i64>()
        .map_or_else(|_| String::new(), |minor| format!("{major}{separator}{}", minor.saturating_add(offset)))
}

#[cfg(test)]
mod tests {
    use super::shifted;

    #[test]
    fn minor_versions_are_counted() {
        assert_eq!(shifted("1.36", "1.36", -2, "."), "1.34");
        assert_eq!(shifted("1.36", "1.36", 1, "-"), "1-37");
        assert_eq!(shifted("x", "1.36", 1, "."), "");
    }
}
