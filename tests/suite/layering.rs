//! Who may import whom: data flows one way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Stage -> the stages it may import. `cli` may use all of them and nobody may use `cli`.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("diagnostics", &[]),
    ("highlight", &[]),
    ("config", &["diagnostics"]),
    ("source", &["config", "diagnostics"]),
    ("site", &["config", "diagnostics", "source"]),
    ("shortcode", &["config", "diagnostics", "highlight", "markdown", "site", "source"]),
    ("markdown", &["config", "diagnostics", "highlight", "shortcode", "site", "source"]),
    ("assets", &["config", "diagnostics"]),
    ("render", &["assets", "config", "diagnostics", "markdown", "shortcode", "site", "source", "verify"]),
    ("export", &["config", "diagnostics", "markdown", "shortcode", "site", "source"]),
    ("output", &["config", "diagnostics", "render"]),
    ("incremental", &["config", "diagnostics", "markdown", "output", "render", "site"]),
    ("cluster", &["config", "diagnostics"]),
    ("verify", &["cluster", "config", "diagnostics", "markdown", "site", "source"]),
    (
        "serve",
        &["assets", "cluster", "config", "diagnostics", "markdown", "output", "render", "site", "source", "verify"],
    ),
];

#[test]
fn stages_import_only_what_the_table_allows() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowed: BTreeMap<_, BTreeSet<_>> =
        MAY_IMPORT.iter().map(|(stage, imports)| (*stage, imports.iter().copied().collect())).collect();
    let mut wrong = vec![];
    let mut seen = 0;
    for entry in walkdir::WalkDir::new(&source).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.path().extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let relative = entry.path().strip_prefix(&source).unwrap().to_string_lossy().replace('\\', "/");
        let stage = relative.split(['/', '.']).next().unwrap();
        if matches!(stage, "cli" | "main" | "lib") {
            continue;
        }
        seen += 1;
        let Some(allowed) = allowed.get(stage) else {
            wrong.push(format!("{relative}: the stage `{stage}` is not in the table"));
            continue;
        };
        let text = std::fs::read_to_string(entry.path()).unwrap();
        for (number, line) in text.lines().enumerate() {
            for import in imports(line) {
                if import != stage && !allowed.contains(import) && import.starts_with(|c: char| c.is_ascii_lowercase())
                {
                    wrong.push(format!("src/{relative}:{}: `{stage}` may not import `{import}`", number + 1));
                }
            }
        }
    }
    assert!(seen > 8, "the sources were not found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The stages that a line of code names with `crate::`.
fn imports(line: &str) -> impl Iterator<Item = &str> {
    let code = line.trim_start();
    let code = if code.starts_with("//") { "" } else { code };
    code.split("crate::").skip(1).flat_map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        std::iter::once(&rest[..end])
    })
}
