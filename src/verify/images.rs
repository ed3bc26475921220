//! Which images a page asks for: what is to be had before it runs.
//!
//! Read from what its commands run and from the files they are given. A name that only comes about
//! while the page runs (a variable, an edit) is not found; the cluster still serves it if it can.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::verify::extract::Block;
use crate::verify::plan::PagePlan;
use crate::verify::plan::files::FileSource;

/// How large a file may be that is looked through for images, in bytes. Manifests are small.
const MOST_BYTES: u64 = 1024 * 1024;

/// The images that the commands of a page name, as they are written, in order.
#[must_use]
pub fn asked_for(plan: &PagePlan) -> Vec<String> {
    let blocks: Vec<&Block> = plan.blocks.iter().map(|block| &block.block).collect();
    let mut found = BTreeSet::new();
    let commands = plan.blocks.iter().flat_map(|block| &block.commands).filter(|command| command.skip.is_none());
    for command in commands {
        found.extend(named_in(&command.ran));
        for file in &command.files {
            match &file.source {
                FileSource::Block(id) => {
                    let shown = blocks.iter().find(|block| block.id == *id);
                    found.extend(shown.iter().flat_map(|block| named_in(&block.text)));
                }
                FileSource::Site(path) => found.extend(named_below(path)),
            }
        }
    }
    found.into_iter().collect()
}

/// The images that a manifest, a patch or a command names.
fn named_in(text: &str) -> Vec<String> {
    // A field of YAML or JSON; an option; `set image deployment/x name=image`.
    static FIELD: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?:^|[\s{,\[(-])["']?image["']?\s*:[ \t]*["']?([^\s"',{}\[\]]+)"#).ok());
    // A volume's image has its name one level below.
    static REFERENCE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?m)\bimage:\s*\n\s+reference:\s*["']?([^\s"']+)"#).ok());
    static OPTION: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"--image(?:=|\s+)["']?([^\s"'`;|&)]+)"#).ok());
    static SET: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\bset\s+image\s+([^\n;|&]*)").ok());
    let all = |regex: &'static LazyLock<Option<Regex>>| {
        regex.iter().flat_map(|regex| regex.captures_iter(text)).filter_map(|found| found.get(1))
    };
    let mut found: Vec<String> =
        all(&FIELD).chain(all(&REFERENCE)).chain(all(&OPTION)).map(|name| name.as_str().to_owned()).collect();
    for words in all(&SET) {
        let pairs = words.as_str().split_ascii_whitespace().filter(|word| !word.starts_with('-'));
        found.extend(pairs.filter_map(|pair| Some(pair.split_once('=')?.1.trim_matches(['"', '\'']).to_owned())));
    }
    // A variable is filled in when the command runs.
    found.retain(|name| !name.is_empty() && !name.contains('$'));
    found
}

/// Kinds whose images become containers.
const WORKLOADS: &[&str] =
    &["Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicationController", "List"];

/// The images of the Pods that a manifest or a command makes: those of other objects are never pulled.
pub(crate) fn of_pods(text: &str) -> Vec<String> {
    let kinds: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("kind:")).map(str::trim).collect();
    let makes_pods = kinds.is_empty() || kinds.iter().any(|kind| WORKLOADS.contains(kind));
    if makes_pods { named_in(text) } else { vec![] }
}

/// The images that a file names, or the files of a folder.
fn named_below(path: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(path).sort_by_file_name().into_iter().flatten();
    let small = |entry: &walkdir::DirEntry| {
        entry.file_type().is_file() && entry.metadata().is_ok_and(|data| data.len() < MOST_BYTES)
    };
    let texts = files.filter(small).filter_map(|entry| std::fs::read_to_string(entry.path()).ok());
    texts.flat_map(|text| named_in(&text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_of_another_kind_makes_no_pod() {
        assert!(of_pods("kind: CronTab\nspec:\n  image: mine\n").is_empty());
        assert_eq!(of_pods("kind: Pod\nspec:\n  containers:\n  - image: a\n"), ["a"]);
        assert_eq!(of_pods("kubectl run x --image=b"), ["b"]);
    }

    #[test]
    fn images_are_found_wherever_they_are_named() {
        for (text, images) in [
            (
                "spec:\n  containers:\n  - image: nginx:1.14.2\n    name: web\n  - name: b\n    image: \"busybox\" # small\n",
                &["nginx:1.14.2", "busybox"][..],
            ),
            ("kubectl run a --image=redis --restart=Never -- sh", &["redis"]),
            (
                "kubectl create deployment a --image 'registry.k8s.io/e2e-test-images/agnhost:2.53' -- /agnhost",
                &["registry.k8s.io/e2e-test-images/agnhost:2.53"],
            ),
            (
                "kubectl set image deployment/web nginx=nginx:1.161 sidecar=busybox --record",
                &["nginx:1.161", "busybox"],
            ),
            (r#"kubectl patch x -p '{"spec":{"containers":[{"name":"a","image":"pause:3.9"}]}}'"#, &["pause:3.9"]),
            ("kubectl patch x --patch '[{\"op\": \"replace\"}]' -p 'spec: {image: a/b}'", &["a/b"]),
            (
                "volumes:\n- name: v\n  image:\n    reference: quay.io/a/b:v2\n    pullPolicy: Always\n",
                &["quay.io/a/b:v2"],
            ),
            ("kubectl run a --image=$IMAGE; kubectl run b --image=${IMAGE}", &[]),
            ("kubectl get pods -o jsonpath='{.items[*].spec.containers[*].image}'", &[]),
            ("the image: is in the text\nimagePullPolicy: Always\nimageID: docker.io/x\n", &["is"]),
        ] {
            assert_eq!(named_in(text), images, "{text}");
        }
    }

    #[test]
    fn folders_are_looked_through() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("below")).unwrap();
        std::fs::write(folder.path().join("below/a.yaml"), "image: redis\n").unwrap();
        std::fs::write(folder.path().join("b.yaml"), "image: nginx\n").unwrap();
        assert_eq!(named_below(folder.path()), ["nginx", "redis"]);
        assert_eq!(named_below(&folder.path().join("b.yaml")), ["nginx"]);
        assert!(named_below(&folder.path().join("none")).is_empty());
    }
}
