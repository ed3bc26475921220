//! What runs where commands can't be confined: an allow-list, because the page may come from a
//! stranger and the machine is the user's.

use crate::verify::shell::{Simple, simple_commands};
use crate::verify::words;

/// Harmless where they read and write below the page's folder.
const ALLOWED: &[&str] = &[
    "kubectl",
    "helm",
    "docbuild",
    "kustomize",
    "curl",
    "echo",
    "printf",
    "cat",
    "ls",
    "cd",
    "pwd",
    "grep",
    "egrep",
    "head",
    "tail",
    "sort",
    "uniq",
    "wc",
    "cut",
    "tr",
    "sed",
    "awk",
    "jq",
    "yq",
    "base64",
    "diff",
    "cmp",
    "test",
    "[",
    "true",
    "false",
    "sleep",
    "date",
    "export",
    "unset",
    "alias",
    "mkdir",
    "touch",
    "cp",
    "mv",
    "rm",
    "tee",
    "seq",
    "for",
    "openssl",
    "md5sum",
    "sha256sum",
    "find",
    "tree",
    "env",
    "printenv",
    "id",
    "whoami",
    "wait",
    "read",
    "set",
    "basename",
    "dirname",
    "expr",
    "xxd",
    "column",
    "file",
    "stat",
    "du",
];

/// Why the command is refused outside of namespaces of its own; `None` if it may run.
pub(super) fn refusal(text: &str) -> Option<String> {
    simple_commands(text).iter().find_map(refuse_one)
}

fn refuse_one(simple: &Simple) -> Option<String> {
    let name = simple.name();
    if !name.is_empty() && !ALLOWED.contains(&name) && !words::machine_tool(name) {
        return Some(format!("`{name}` is not run outside of a confinement"));
    }
    let reaches =
        |word: &String| word.starts_with('/') && word != "/dev/null" || word.contains("..") || word.starts_with('~');
    let changes = matches!(name, "rm" | "mv" | "cp" | "tee" | "touch" | "mkdir" | "sed" | "find");
    let outside = simple.writes.iter().any(reaches) || (changes && simple.words.iter().skip(1).any(reaches));
    outside.then(|| "it writes outside of the page's folder, which is not confined".to_owned())
}

#[cfg(test)]
mod tests {
    use super::refusal;

    #[test]
    fn only_known_commands_that_stay_in_their_folder_run_unconfined() {
        assert!(refusal("kubectl get pods | grep x > out.txt").is_none());
        for text in [
            "apt-get install x",
            "sudo ls",
            "kill 1",
            "rm -rf /",
            "echo x > /etc/passwd",
            "cp a ../b",
            "systemctl stop x",
            "echo x > ~/.bashrc",
        ] {
            assert!(refusal(text).is_some(), "{text}");
        }
    }
}
