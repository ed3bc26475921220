//! What verdicts and findings are called: in reports for people, and in files.

use crate::verify::model::{Cause, Finding, FindingClass, Verdict};

/// All verdicts, the worst first, as people look for them.
pub const VERDICTS: [Verdict; 6] =
    [Verdict::Fail, Verdict::Drift, Verdict::Infra, Verdict::Flaky, Verdict::Skip, Verdict::Pass];

/// All classes of findings.
pub const CLASSES: [FindingClass; 8] = [
    FindingClass::Value,
    FindingClass::Schema,
    FindingClass::Missing,
    FindingClass::Extra,
    FindingClass::Order,
    FindingClass::Additive,
    FindingClass::ExitCode,
    FindingClass::Timeout,
];

/// A verdict, for people and in files.
#[must_use]
pub fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Drift => "drift",
        Verdict::Fail => "fail",
        Verdict::Skip => "skip",
        Verdict::Flaky => "flaky",
        Verdict::Infra => "infra",
    }
}

/// A class as files have it.
#[must_use]
pub fn key(class: FindingClass) -> &'static str {
    match class {
        FindingClass::Value => "value",
        FindingClass::Schema => "schema",
        FindingClass::Missing => "missing",
        FindingClass::Extra => "extra",
        FindingClass::Order => "order",
        FindingClass::Additive => "additive",
        FindingClass::ExitCode => "exit-code",
        FindingClass::Timeout => "timeout",
    }
}

/// A class for people.
#[must_use]
pub fn word(class: FindingClass) -> &'static str {
    match class {
        FindingClass::Value => "another value",
        FindingClass::Schema => "another structure",
        FindingClass::Missing => "missing",
        FindingClass::Extra => "not documented",
        FindingClass::Order => "another order",
        FindingClass::Additive => "new, breaks nothing",
        FindingClass::ExitCode => "another exit code",
        FindingClass::Timeout => "did not end",
    }
}

/// What a class means, in a sentence.
#[must_use]
pub fn meaning(class: FindingClass) -> &'static str {
    match class {
        FindingClass::Value => "The output has another value than the page shows.",
        FindingClass::Schema => "The output has another structure: a key or column is elsewhere or gone.",
        FindingClass::Missing => "A row, key or line that the page shows did not come.",
        FindingClass::Extra => "A row, key or line came that the page does not show.",
        FindingClass::Order => "The same came in another order.",
        FindingClass::Additive => "Something came that the page does not show, and that contradicts nothing on it.",
        FindingClass::ExitCode => "A command ended otherwise than the page lets its reader expect.",
        FindingClass::Timeout => "A command did not end in time.",
    }
}

/// Whose matter a finding is, if it is not the page's.
#[must_use]
pub fn cause(finding: &Finding) -> Option<String> {
    match (finding.cause, finding.of) {
        (Cause::Docs, _) => None,
        (Cause::Environment, _) => Some("this cluster, not the page".to_owned()),
        (Cause::FollowUp, Some(line)) => Some(format!("follows from line {line}")),
        (Cause::FollowUp, None) => Some("follows from another finding".to_owned()),
    }
}

/// Whether a finding has two sides to compare: how a command ended is a sentence.
#[must_use]
pub fn has_sides(finding: &Finding) -> bool {
    !matches!(finding.class, FindingClass::ExitCode | FindingClass::Timeout)
}
