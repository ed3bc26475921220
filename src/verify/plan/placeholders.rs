//! Names that the reader has to fill in.
//!
//! In: the commands of a page. Out: the placeholders of each. A folder with a kustomization is filled in here,
//! where the page has made exactly one; for names of objects a run has to ask the cluster.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::{PlannedBlock, PlannedCommand, files, made};
use crate::verify::extract::Page;
use crate::verify::model::Role;
use crate::verify::shell;

/// Sets the placeholders of all commands.
pub(super) fn find(blocks: &mut [PlannedBlock]) {
    let mut folders: BTreeSet<String> = BTreeSet::new();
    for block in blocks {
        let shown = matches!(block.role, Role::File | Role::Manifest | Role::Other) && block.alternative_of.is_none();
        if shown && files::is_kustomization(&block.block.text) {
            folders.insert(".".to_owned());
        }
        for command in &mut block.commands {
            command.placeholders = in_text(&command.text);
            if folders.len() == 1
                && let Some(folder) = folders.first()
            {
                fill_folder(command, folder);
            }
            for simple in shell::simple_commands(&command.text) {
                folders.extend(simple.writes.iter().filter_map(|file| kustomization_folder(file)));
            }
        }
    }
}

/// Word in a placeholder -> the kind of object that it names.
const KINDS: &[(&str, &str)] = &[
    ("pod", "Pod"),
    ("node", "Node"),
    ("service-account", "ServiceAccount"),
    ("serviceaccount", "ServiceAccount"),
    ("service", "Service"),
    ("svc", "Service"),
    ("deployment", "Deployment"),
    ("statefulset", "StatefulSet"),
    ("daemonset", "DaemonSet"),
    ("replicaset", "ReplicaSet"),
    ("cronjob", "CronJob"),
    ("job", "Job"),
    ("configmap", "ConfigMap"),
    ("secret", "Secret"),
    ("pvc", "PersistentVolumeClaim"),
    ("csr", "CertificateSigningRequest"),
];

/// Kinds that are there without being made by a page: nodes, and pods, which other objects make.
const MADE_BY_OTHERS: &[&str] = &["Node", "Pod", "ReplicaSet"];

/// The kind of object that a placeholder names (`<your-pod-name>`: `Pod`), if it says one.
#[must_use]
pub fn object_kind(placeholder: &str) -> Option<&'static str> {
    const NO_NAMES: &[&str] = &["ip", "port", "address", "url", "cidr", "uid"];
    let lower = placeholder.to_lowercase();
    if lower.split(|c: char| !c.is_alphanumeric()).any(|word| NO_NAMES.contains(&word)) {
        return None;
    }
    KINDS.iter().find(|(word, _)| lower.contains(word)).map(|(_, kind)| *kind)
}

/// Why a command with placeholders can't be run on this page, whatever the cluster: a word that names no object,
/// or an object of a kind that the page never makes.
pub(super) fn unfillable(command: &PlannedCommand, page: &Page, blocks: &str) -> Option<String> {
    command.placeholders.iter().find_map(|name| {
        let Some(kind) = object_kind(name) else {
            return Some(format!("the reader has to fill in {name}, and nothing says with what"));
        };
        let lower = kind.to_lowercase();
        let shown = |text: &str| {
            let kinds =
                text.lines().filter_map(|line| line.trim().trim_start_matches(['"', '-', ' ']).strip_prefix("kind"));
            kinds.clone().any(|rest| rest.trim_matches(['"', ':', ' ', ',']) == kind)
        };
        let created =
            [format!("create {lower}"), format!("create {kind}")].iter().any(|made| blocks.contains(made.as_str()));
        let exposed = kind == "Service" && blocks.contains("kubectl expose");
        let made = MADE_BY_OTHERS.contains(&kind)
            || page.examples.iter().any(|example| shown(&example.text))
            || shown(blocks)
            || created
            || exposed;
        (!made).then(|| format!("the reader has to fill in {name}, and the page makes no {kind}"))
    })
}

/// Why a command that makes objects can't be run: the first placeholder in a manifest that it reads.
pub(super) fn unfilled<'t>(command: &'t PlannedCommand, manifests: impl Iterator<Item = &'t str>) -> Option<String> {
    let own = made::heredoc(&command.text);
    let name = manifests.chain(own).find_map(in_manifest)?;
    Some(format!("the reader has to fill in {name} in the manifest, and nothing says with what"))
}

/// The first value of a manifest that is `<words>`, or has that in it.
pub(super) fn in_manifest(text: &str) -> Option<&str> {
    static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"<[A-Za-z][\w -]*>").ok());
    let words = WORDS.as_ref()?;
    text.lines().find_map(|line| {
        let item = line.trim_start().trim_start_matches("- ");
        let value = item.split_once(": ").map_or(item, |(_, value)| value).trim();
        let value = value.trim_matches(['"', '\'']);
        let found = words.find(value).filter(|_| !item.starts_with('#') && !value.starts_with('#'))?;
        // Text, source code and HTML have more than the one word.
        let rest = [&value[..found.start()], &value[found.end()..]];
        let more = rest.iter().any(|part| part.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(')));
        let fixed = matches!(found.as_str(), "<none>" | "<nil>");
        let is_value = item.contains(": ") || line.trim_start().starts_with("- ");
        (is_value && !more && !fixed).then_some(found.as_str())
    })
}

/// The folder of a kustomization that is written.
fn kustomization_folder(file: &str) -> Option<String> {
    let path = file.trim_start_matches("./");
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    matches!(name, "kustomization.yaml" | "kustomization.yml").then(|| folder.to_owned())
}

/// Puts the only folder with a kustomization in the place of the word behind `-k`.
fn fill_folder(command: &mut PlannedCommand, folder: &str) {
    let placeholder = command.placeholders.iter().position(|name| {
        ["-k ", "--kustomize ", "--kustomize=", "kustomize "]
            .iter()
            .any(|flag| command.text.contains(&format!("{flag}{name}")))
    });
    if let Some(at) = placeholder {
        let name = command.placeholders.remove(at);
        command.ran = command.ran.replace(&name, folder);
        command.notes.push(format!("{name} is {folder}: the one folder with a kustomization"));
    }
}

/// The first setting of a file, `key = <words>`, that is left to the reader.
pub(super) fn in_settings(text: &str) -> Option<&str> {
    static SETTING: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?m)^\s*[\w.-]+\s*=\s*(<[A-Za-z][\w -]*>)\s*$").ok());
    Some(SETTING.as_ref()?.captures(text)?.get(1)?.as_str())
}

/// The pattern of `<...>`, which is no redirection.
fn angle() -> Option<&'static Regex> {
    static ANGLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?:^|[^<])(<[^<>|&;=\s](?:[^<>|&;\n]*[^<>|&;\s])?>|<[a-z][\w-]*(?:\|[\w-]+)+>)").ok()
    });
    ANGLE.as_ref()
}

/// A text with a word in the place of each `<...>`, so that it is read word by word.
pub(super) fn without(text: &str) -> String {
    const WORD: &str = "PLACEHOLDER";
    let mut out = text.to_owned();
    let found: Vec<&str> = angle()
        .into_iter()
        .flat_map(|angle| angle.captures_iter(text))
        .filter_map(|found| Some(found.get(1)?.as_str()))
        .collect();
    for name in found {
        out = out.replace(name, WORD);
    }
    out
}

/// Names that the reader has to fill in.
fn in_text(text: &str) -> Vec<String> {
    static UPPER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?:^|[\s/=])((?:POD|NODE|SERVICE|NAMESPACE|CONTAINER|CLUSTER|DEPLOYMENT|YOUR|USER|SECRET)_[A-Z_]+)(?:$|[\s/:])|\[[a-z]+(?:-[a-z]+)+\]|path/to/[\w./-]+").ok()
    });
    // `c2V...R0s=`: what the author left out is the reader's. A range of revisions looks the same.
    static ELIDED: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?:^|[\s"'=])([\w+/=-]+(?:\.\.\.|…)[\w+/=-]+|\[\.\.\.\])(?:$|[\s"'])"#).ok());
    let elided = ELIDED.as_ref().filter(|_| !text.trim_start().starts_with("git "));
    let body = shell::units(text).into_iter().map(|unit| unit.text).collect::<String>();
    let first_line = if body.contains("<<") { body.lines().next().unwrap_or("") } else { &body };
    let mut found = BTreeSet::new();
    for pattern in [angle(), UPPER.as_ref(), elided].into_iter().flatten() {
        for captures in pattern.captures_iter(first_line) {
            // A column's head is the author's to choose: `custom-columns=POD_IP:.status.podIP`.
            let head = captures.get(1).is_some_and(|name| {
                first_line[..name.start()].ends_with('=') && first_line[name.end()..].starts_with(':')
            });
            if head {
                continue;
            }
            let whole = captures.get(1).or(captures.get(0)).map_or("", |part| part.as_str());
            found.insert(whole.trim().to_owned());
        }
    }
    found.into_iter().filter(|name| !defined_as_variable(name, text)).collect()
}

fn defined_as_variable(name: &str, text: &str) -> bool {
    text.contains(&format!("${name}")) || text.contains(&format!("${{{name}}}")) || text.contains(&format!("{name}="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_names_to_fill_in_and_no_redirections() {
        assert_eq!(in_text("kubectl get pod <pod-name> -o yaml"), ["<pod-name>"]);
        assert_eq!(in_text("curl http://x/<選択したNodeの名前>/status"), ["<選択したNodeの名前>"]);
        assert_eq!(in_text("kubectl logs POD_NAME"), ["POD_NAME"]);
        assert!(in_text("POD_NAME=x; kubectl logs $POD_NAME").is_empty());
        assert!(in_text("cat <<EOF >x\n<a>\nEOF").is_empty());
        assert!(in_text("cat <a.txt >b.txt").is_empty());
        assert!(in_text("kubectl get pods -o custom-columns=POD_IP:.status.podIP").is_empty());
        assert_eq!(in_text("kubectl get -f <filename|url> -o yaml"), ["<filename|url>"]);
        assert_eq!(in_text("echo \"c2V...R0s=\" | base64 --decode"), ["c2V...R0s="]);
        assert_eq!(in_text("etcdctl [...] get /x"), ["[...]"]);
        assert!(in_text("git diff main...topic").is_empty());
        assert!(in_text("go test ./... && echo done...").is_empty());
    }

    #[test]
    fn settings_are_to_be_filled_in() {
        assert_eq!(in_settings("[ dn ]\nC = <country>\nO = x\n"), Some("<country>"));
        assert_eq!(in_settings("[ dn ]\nC = DE\n# a <b>\n"), None);
    }

    #[test]
    fn values_of_manifests_are_to_be_filled_in() {
        for (text, name) in [
            ("metadata:\n  name: <your-namespace>\n", Some("<your-namespace>")),
            ("  caBundle: \"Ci0...<PEM bundle>...0K\"", Some("<PEM bundle>")),
            ("  - <registry>/app:1", Some("<registry>")),
            ("data:\n  index.html: <h1>Hello</h1>\n  a: <b> c\n  # name: <x>", None),
            ("- echo <x> | sh", None),
            ("args: [\"a\"]\n<x>", None),
            ("node: <none>", None),
        ] {
            assert_eq!(in_manifest(text), name, "{text}");
        }
    }

    #[test]
    fn a_placeholder_needs_an_object_of_its_kind() {
        let page = |example: &str| Page {
            path: String::new(),
            url: String::new(),
            lang: "en".to_owned(),
            original: None,
            overrides: crate::config::PageOverride::default(),
            variables: vec![],
            blocks: vec![],
            examples: vec![crate::verify::extract::Example {
                file: "x.yaml".to_owned(),
                path: "x.yaml".to_owned(),
                text: example.to_owned(),
            }],
        };
        let reason = |text: &str, example: &str| {
            let mut command = super::super::planned_command(1, text, None);
            command.placeholders = in_text(text);
            unfillable(&command, &page(example), text)
        };
        assert!(reason("nslookup <service-name>", "kind: Pod").unwrap().contains("makes no Service"));
        assert_eq!(reason("nslookup <service-name>", "kind: Service"), None);
        assert_eq!(reason("kubectl logs <your-pod-name>", "kind: Deployment"), None);
        assert_eq!(reason("kubectl drain <node name>", ""), None);
        assert!(reason("curl http://<node-ip>:<node-port>", "").unwrap().contains("nothing says with what"));
        assert!(reason("kubectl apply -k <kustomization_directory>", "").unwrap().contains("nothing says with what"));
    }

    #[test]
    fn the_one_folder_with_a_kustomization_is_filled_in() {
        let mut command = super::super::planned_command(1, "kubectl apply -k <directory-path>", None);
        command.placeholders = in_text(&command.text);
        fill_folder(&mut command, ".");
        assert_eq!((command.ran.as_str(), command.placeholders.len()), ("kubectl apply -k .", 0));
        assert_eq!(kustomization_folder("./kustomization.yaml").as_deref(), Some("."));
        assert_eq!(kustomization_folder("base/kustomization.yaml").as_deref(), Some("base"));
        assert_eq!(kustomization_folder("base/deployment.yaml"), None);
    }
}
