//! Real outputs of a real cluster, from the shared test data.

use super::mutation::{Mutations, mutate};
use super::{Comparison, holds};
use crate::support::shared;

/// The command and standard output of every recorded command that printed any.
fn recorded() -> Vec<(String, Comparison)> {
    let Some(folder) = shared("truth/recordings") else { return vec![] };
    let mut found = vec![];
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap) {
        if entry.path().extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let commands: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        for command in commands {
            let stdout = command["stdout"].as_str().unwrap_or("");
            let line = command["command"].as_str().unwrap_or("");
            if stdout.trim().is_empty() {
                continue;
            }
            let name = format!("{}: {line}", entry.file_name().to_string_lossy());
            found.push((name, Comparison::of(line, stdout, stdout)));
        }
    }
    found
}

#[test]
fn every_recorded_output_holds_against_itself() {
    let mut wrong = vec![];
    for (name, comparison) in recorded() {
        let outcome = comparison.outcome();
        if !holds(&outcome) {
            wrong.push(format!("{name} ({}): {:?}", outcome.matcher, outcome.findings.first()));
        }
    }
    assert!(wrong.is_empty(), "{} do not\n{}", wrong.len(), wrong.join("\n"));
}

/// A sample that a debug build gets through in seconds; `DOCBUILD_ALL_MUTATIONS=1` tries all.
#[test]
fn changes_of_recorded_outputs_are_noticed() {
    let all = std::env::var_os("DOCBUILD_ALL_MUTATIONS").is_some();
    let mut total = Mutations::default();
    let mut wrong = vec![];
    for (name, comparison) in recorded() {
        let characters = comparison.documented.len() * 3;
        let stride = if all { 1 } else { (characters / 60).max(1) };
        let mutations = mutate(&comparison, stride);
        for survivor in mutations.unexplained() {
            wrong.push(format!("{name}: {survivor:?}"));
        }
        total.add(mutations);
    }
    let report = format!("{} changes, survivors by rule {:?}", total.tried, total.by_rule());
    assert!(wrong.is_empty(), "{report}\n{} unexplained\n{}", wrong.len(), wrong.join("\n"));
}

/// The seed page, its outputs found by their place, against what the cluster printed.
#[test]
fn the_seed_page_is_worked_as_designed() {
    let (Some(page), Some(recording)) = (
        shared("seeds/000_9b49ee064ae5e843.txt"),
        shared(
            "truth/recordings/content__en__docs__tasks__access-application-cluster__communicate-containers-same-pod-shared-volume.json",
        ),
    ) else {
        return;
    };
    let page = std::fs::read_to_string(page).unwrap();
    let commands: Vec<serde_json::Value> = serde_json::from_str(&std::fs::read_to_string(recording).unwrap()).unwrap();
    let printed = |command: &str| {
        commands.iter().find(|ran| ran["command"] == command).unwrap()["stdout"].as_str().unwrap().to_owned()
    };
    let yaml = excerpt(&page, "    apiVersion: v1", 26);
    let comparison = Comparison::of(
        "kubectl get pod two-containers --output=yaml",
        &yaml,
        &printed("kubectl get pod two-containers --output=yaml"),
    );
    let outcome = comparison.outcome();
    let brief: Vec<_> = outcome.findings.iter().map(|found| (found.line, found.class, found.cause)).collect();
    use docbuild::verify::model::{Cause, FindingClass};
    assert_eq!(
        brief,
        [
            (10, FindingClass::Schema, Cause::Docs),
            (12, FindingClass::Value, Cause::Environment),
            (15, FindingClass::Value, Cause::Docs),
            (21, FindingClass::Value, Cause::Environment),
        ]
    );
    let ps = excerpt(&page, "    USER       PID", 2);
    let processes = Comparison::of("ps aux", &ps, &printed("ps aux"));
    assert!(holds(&processes.outcome()), "{:?}", processes.outcome().findings);
    for comparison in [comparison, processes] {
        let mutations = mutate(&comparison, 1);
        assert!(mutations.unexplained().is_empty(), "{:#?}", mutations.unexplained());
    }
}

/// So many lines of a page from the one that begins like this, without their indentation.
fn excerpt(page: &str, begins: &str, count: usize) -> String {
    let lines = page.lines().skip_while(|line| !line.starts_with(begins)).take(count);
    lines.map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line))).collect()
}
