//! What is known of command words: which are tools, which only read, which run until stopped.
//!
//! In: a [`Simple`] command. Out: its [`Kind`]. Data first, so that a tool is added in one place.

mod tools;

use serde::{Deserialize, Serialize};

use crate::verify::shell::{Simple, simple_commands};

use tools::{BUILTINS, ELSEWHERE, PROGRAMS, READERS};
pub use tools::{CLUSTER_TOOLS, MACHINE_TOOLS, REPLS};

/// How a command is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Only reads: run again until its documented output holds.
    Read,
    /// Changes something: run once.
    Change,
    /// Waits for something by itself (`kubectl wait`, `rollout status`).
    Wait,
    /// Runs until it is stopped (`port-forward`, `--watch`, `logs -f`).
    Lease,
    /// Opens a shell in a container.
    Open,
    /// Ends the shell in the container.
    Exit,
    /// Opens an editor.
    Edit,
}

/// Whether `word` names a program, builtin or keyword that is known.
#[must_use]
pub fn known(word: &str) -> bool {
    let word = word.rsplit('/').next().filter(|_| word.starts_with('/')).unwrap_or(word);
    machine_tool(word) || CLUSTER_TOOLS.contains(&word) || BUILTINS.contains(&word) || PROGRAMS.contains(&word)
}

/// Whether it is a tool of the machine, never of a container.
#[must_use]
pub fn machine_tool(word: &str) -> bool {
    MACHINE_TOOLS.contains(&word) || word.starts_with("kubectl-") && !word.ends_with(':')
}

/// Whether a text runs a tool of the machine, also within `$(...)`.
#[must_use]
pub fn names_machine_tool(text: &str) -> bool {
    simple_commands(text).iter().any(|command| machine_tool(command.name())) || substituted(text).any(machine_tool)
}

/// Whether kubectl is asked about the namespaces of the cluster's own components.
#[must_use]
pub fn asks_system(text: &str) -> bool {
    let commands = simple_commands(text);
    let mut asked = commands.iter().filter(|command| command.name() == "kubectl").peekable();
    asked.peek().is_some()
        && asked.all(|command| {
            let words = command.words.iter().take_while(|word| *word != "--");
            let values = words
                .clone()
                .zip(words.clone().skip(1))
                .filter_map(|(flag, value)| matches!(flag.as_str(), "-n" | "--namespace").then_some(value.as_str()));
            let joined =
                words.filter_map(|word| word.strip_prefix("--namespace=").or_else(|| word.strip_prefix("-n=")));
            values.chain(joined).any(|namespace| namespace.starts_with("kube-"))
        })
}

/// The words that commands within `$(...)`, `<(...)` and backquotes begin with.
pub fn substituted(text: &str) -> impl Iterator<Item = &str> {
    let opened = text.match_indices("$(").chain(text.match_indices("<(")).map(|(at, sign)| at + sign.len());
    let quoted = text.match_indices('`').step_by(2).map(|(at, _)| at + 1);
    opened.chain(quoted).map(|at| text[at..].trim_start()).map(|rest| {
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '`' | ';' | '|' | '$'))
            .unwrap_or(rest.len());
        &rest[..end]
    })
}

/// Whether a word is another with one letter too many, too few or wrong, or two in each other's place.
#[must_use]
pub fn is_slip(word: &str, tool: &str) -> bool {
    if word == tool || tool.len() < 4 {
        return false;
    }
    let (word, tool): (Vec<char>, Vec<char>) = (word.chars().collect(), tool.chars().collect());
    let front = word.iter().zip(&tool).take_while(|(a, b)| a == b).count();
    let behind = word[front..].iter().rev().zip(tool[front..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (left, right) = (word.len() - front - behind, tool.len() - front - behind);
    left.max(right) == 1 || left == 2 && right == 2 && word[front] == tool[front + 1] && word[front + 1] == tool[front]
}

/// Why a tool cannot be run here at all, if so.
#[must_use]
pub fn elsewhere(word: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(name, _)| *name == word).map(|(_, why)| *why)
}

/// Why a command as a whole cannot be run here, where its name alone does not say so.
#[must_use]
pub fn elsewhere_as_used(command: &Simple) -> Option<&'static str> {
    let second = command.words.get(1).map_or("", String::as_str);
    match command.name() {
        "git" if second == "clone" => Some("fetches a repository from the network (git clone)"),
        "go" if matches!(second, "get" | "install") => Some("installs software from the network (go)"),
        name => elsewhere(name),
    }
}

/// How the command text is run.
#[must_use]
pub fn kind(text: &str) -> Kind {
    let commands = simple_commands(text);
    if never_ends(text) {
        return Kind::Lease;
    }
    let kinds: Vec<Kind> = commands.iter().map(kind_of).collect();
    for first in [Kind::Open, Kind::Edit, Kind::Lease, Kind::Wait] {
        if kinds.contains(&first) {
            return first;
        }
    }
    if commands.len() == 1 && matches!(commands[0].name(), "exit" | "logout") {
        return Kind::Exit;
    }
    if let [one] = commands.as_slice()
        && !text.contains('<')
        && stays_at_prompt(&words_of(one))
    {
        return Kind::Open;
    }
    if !kinds.is_empty() && kinds.iter().all(|kind| *kind == Kind::Read) { Kind::Read } else { Kind::Change }
}

/// Whether a text is a loop that nothing in it ends: `while true; do ...; done`.
fn never_ends(text: &str) -> bool {
    let text = text.trim();
    let Some((head, rest)) = text.split_once([';', '\n']) else { return false };
    let mut words = head.split_whitespace();
    let always = match (words.next(), words.next(), words.next()) {
        (Some("while"), Some("true" | ":" | "1"), None) | (Some("until"), Some("false"), None) => true,
        (Some("while"), Some("sleep"), Some(_)) => words.next().is_none(),
        (Some("while"), Some("["), Some(_)) => matches!(head.trim(), "while [ true ]" | "while [ 1 ]"),
        _ => false,
    };
    let left = |word: &str| matches!(word, "break" | "exit" | "return");
    always && rest.trim_end().ends_with("done") && !rest.split(|c: char| !c.is_ascii_alphanumeric()).any(left)
}

fn words_of(command: &Simple) -> Vec<&str> {
    command.words.iter().map(String::as_str).collect()
}

/// Whether a command that opens something (see [`Kind::Open`]) leaves the reader at the prompt of a
/// program that is no shell: `mysql`, `kubectl exec -it redis -- redis-cli`.
#[must_use]
pub fn opens_program(text: &str) -> bool {
    simple_commands(text).iter().any(|command| {
        let words = words_of(command);
        let bare = words.len() > 2 && words[0] == "kubectl" && words.contains(&"exec");
        match words.iter().position(|word| *word == "--") {
            Some(at) => stays_at_prompt(&words[at + 1..]),
            // `exec -it POD mysql`, the form without `--`.
            None if bare => words.last().is_some_and(|word| stays_at_prompt(&[word])),
            None => stays_at_prompt(&words),
        }
    })
}

/// Whether a program is started so that it asks for commands itself.
fn stays_at_prompt(words: &[&str]) -> bool {
    let Some((program, rest)) = words.split_first() else { return false };
    let script = |word: &&str| {
        matches!(*word, "-c" | "-e" | "-f" | "--eval" | "--execute" | "--command" | "--file" | "--version" | "--help")
            || ["--eval=", "--execute=", "--command=", "--file="].iter().any(|flag| word.starts_with(flag))
    };
    if !REPLS.contains(program) || rest.iter().any(script) {
        return false;
    }
    let after_flag = |at: usize| at > 0 && rest[at - 1].starts_with('-');
    let mut plain = rest.iter().enumerate().filter(|(at, word)| !word.starts_with('-') && !after_flag(*at));
    match *program {
        // What stands behind these is a script or a command.
        "python" | "python3" | "redis-cli" => plain.next().is_none(),
        "mongosh" | "mongo" => plain.all(|(_, word)| !word.ends_with(".js")),
        _ => true,
    }
}

fn kind_of(command: &Simple) -> Kind {
    if command.background {
        return Kind::Lease;
    }
    let words = words_of(command);
    let kind = match words.first().copied().unwrap_or("") {
        "kubectl" => kubectl(&words),
        "watch" | "tcpdump" | "yes" => Kind::Lease,
        "tail" if words.contains(&"-f") => Kind::Lease,
        "curl" => curl(&words),
        "wget" if words.iter().any(|word| word.starts_with("-qO") || *word == "-O-" || *word == "--spider") => {
            Kind::Read
        }
        name if READERS.contains(&name) => Kind::Read,
        "sed" if !words.iter().any(|word| word.starts_with("-i")) => Kind::Read,
        "date" | "hostname" => Kind::Read,
        "openssl" if matches!(words.get(1).copied(), Some("x509" | "version" | "s_client")) => Kind::Read,
        "helm" if matches!(words.get(1).copied(), Some("list" | "ls" | "status" | "get" | "version")) => Kind::Read,
        _ => Kind::Change,
    };
    if kind == Kind::Read && !command.writes.is_empty() { Kind::Change } else { kind }
}

fn curl(words: &[&str]) -> Kind {
    let writes = words.iter().enumerate().any(|(at, word)| match *word {
        "-d" | "-F" | "-T" | "-o" | "-O" | "-LO" | "-sLO" | "--upload-file" | "--output" | "--remote-name" => true,
        "-X" | "--request" => !matches!(words.get(at + 1).copied(), Some("GET" | "HEAD" | "OPTIONS")),
        long => {
            long.starts_with("--data")
                || long.starts_with("-XP")
                || long.starts_with("-XD")
                || long.starts_with("--form")
        }
    });
    if writes { Kind::Change } else { Kind::Read }
}

/// The verb of a command, if it is one of kubectl: `get` of `kubectl -n a get pods`.
#[must_use]
pub fn verb_of(command: &Simple) -> Option<&str> {
    Some(kubectl_verb(&command.words).0).filter(|verb| command.name() == "kubectl" && !verb.is_empty())
}

/// The verb of a kubectl command and the words after it, global flags in front removed.
#[must_use]
pub fn kubectl_verb<W: AsRef<str>>(words: &[W]) -> (&str, &[W]) {
    let mut at = 1;
    while let Some(word) = words.get(at).map(AsRef::as_ref) {
        if !word.starts_with('-') {
            return (word, &words[at + 1..]);
        }
        let takes_value = matches!(
            word,
            "-n" | "--namespace" | "--context" | "--kubeconfig" | "-s" | "--server" | "--user" | "--as" | "--cluster"
        );
        at += if takes_value { 2 } else { 1 };
    }
    ("", &[])
}

fn kubectl(words: &[&str]) -> Kind {
    let (verb, rest) = kubectl_verb(words);
    let flag = |names: &[&str]| rest.iter().take_while(|word| **word != "--").any(|word| names.contains(word));
    let second = rest.iter().find(|word| !word.starts_with('-')).copied().unwrap_or("");
    match verb {
        "get" | "events" if flag(&["-w", "--watch", "--watch=true", "--watch-only"]) => Kind::Lease,
        "logs" | "log" if flag(&["-f", "--follow", "--follow=true", "-fl"]) => Kind::Lease,
        "port-forward" | "proxy" => Kind::Lease,
        "get" | "describe" | "logs" | "log" | "top" | "explain" | "version" | "api-resources" | "api-versions"
        | "cluster-info" | "events" | "diff" | "kustomize" | "options" | "help" | "" | "completion" => Kind::Read,
        "auth" if matches!(second, "can-i" | "whoami") => Kind::Read,
        "config" if matches!(second, "view" | "current-context" | "get-contexts" | "get-clusters" | "get-users") => {
            Kind::Read
        }
        "rollout" if second == "status" => Kind::Wait,
        "rollout" if second == "history" => Kind::Read,
        "wait" => Kind::Wait,
        "edit" => Kind::Edit,
        "exec" | "run" | "debug" | "attach" if opens_shell(verb, rest) => Kind::Open,
        "exec" => payload(rest).map_or(Kind::Change, |words| payload_kind(&words)),
        // One that stays with what it runs ends with it.
        "run" | "debug"
            if stays(rest) && behind_dashes(rest).is_some_and(|words| payload_kind(words) == Kind::Lease) =>
        {
            Kind::Lease
        }
        "create" | "apply" if flag(&["--edit", "--edit=true"]) => Kind::Edit,
        _ => Kind::Change,
    }
}

/// What a container's command does.
fn payload_kind(words: &[&str]) -> Kind {
    let text = match words {
        [shell, flags, script, ..] if is_shell(shell) && flags.starts_with('-') && flags.ends_with('c') => {
            (*script).to_owned()
        }
        _ => words.join(" "),
    };
    match kind(&text) {
        Kind::Read => Kind::Read,
        Kind::Lease => Kind::Lease,
        _ => Kind::Change,
    }
}

/// Whether `kubectl run` waits for what it starts.
fn stays(rest: &[&str]) -> bool {
    let flags = rest.iter().take_while(|word| **word != "--");
    flags.clone().any(|word| {
        matches!(*word, "--stdin" | "--attach" | "--tty" | "--stdin=true" | "--attach=true")
            || word.starts_with('-') && !word.starts_with("--") && word.len() <= 4 && word[1..].contains('i')
    })
}

/// The words after `--`.
fn behind_dashes<'a, 'w>(rest: &'w [&'a str]) -> Option<&'w [&'a str]> {
    rest.iter().position(|word| *word == "--").map(|at| &rest[at + 1..])
}

/// The words after `--`; of an old `exec POD COMMAND` the ones after the Pod.
fn payload<'a>(rest: &[&'a str]) -> Option<Vec<&'a str>> {
    if let Some(at) = rest.iter().position(|word| *word == "--") {
        return Some(rest[at + 1..].to_vec());
    }
    let pod = rest.iter().position(|word| !word.starts_with('-'))?;
    Some(rest[pod + 1..].to_vec())
}

fn is_shell(word: &str) -> bool {
    matches!(word.rsplit('/').next().unwrap_or(word), "sh" | "bash" | "ash" | "zsh" | "dash")
}

/// Whether a kubectl exec, run, debug or attach leaves the reader in a shell.
fn opens_shell(verb: &str, rest: &[&str]) -> bool {
    let before: Vec<&str> = rest.iter().take_while(|word| **word != "--").copied().collect();
    let has = |short: char, long: &str| {
        before.iter().any(|word| {
            *word == long
                || *word == format!("{long}=true")
                || (word.starts_with('-') && !word.starts_with("--") && word.len() <= 4 && word[1..].contains(short))
        })
    };
    if !has('i', "--stdin") || !has('t', "--tty") {
        return false;
    }
    let words: Vec<&str> = match rest.iter().position(|word| *word == "--") {
        Some(at) => rest[at + 1..].to_vec(),
        None if verb == "exec" => {
            // `exec -it POD sh`, the form without `--`.
            let plain: Vec<&str> = rest.iter().filter(|word| !word.starts_with('-')).copied().collect();
            plain
                .last()
                .copied()
                .filter(|word| plain.len() > 1 && (is_shell(word) || REPLS.contains(word)))
                .into_iter()
                .collect()
        }
        None => vec![],
    };
    match words.as_slice() {
        [] => verb != "exec",
        [shell] if is_shell(shell) => true,
        [shell, flags @ ..] if is_shell(shell) => flags.iter().all(|flag| matches!(*flag, "-i" | "-l" | "-il")),
        program => stays_at_prompt(program),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_what_a_command_does() {
        let cases = [
            ("kubectl get pods", Kind::Read),
            ("kubectl -n kube-system get pods", Kind::Read),
            ("kubectl get pods -w", Kind::Lease),
            ("kubectl get pods --watch | head", Kind::Lease),
            ("kubectl apply -f x.yaml", Kind::Change),
            ("kubectl exec -it two-containers -c nginx-container -- /bin/bash", Kind::Open),
            ("kubectl exec --stdin --tty shell-demo -- /bin/bash", Kind::Open),
            ("kubectl exec -i -t x sh", Kind::Open),
            ("kubectl exec -it x -- cat /etc/hosts", Kind::Read),
            ("kubectl exec x -- sh -c 'echo a > /b'", Kind::Change),
            ("kubectl exec x -- printenv", Kind::Read),
            ("kubectl run -it --rm --image busybox b -- sh", Kind::Open),
            ("kubectl run -i --tty load --image=busybox -- /bin/sh -c \"while true; do wget x; done\"", Kind::Lease),
            ("kubectl run load --image=busybox -- /bin/sh -c \"while true; do wget x; done\"", Kind::Change),
            ("kubectl run -it c --image=mysql -- bash -ic \"while sleep 1; do mysql -e 'x'; done\"", Kind::Lease),
            ("while true; do curl localhost; sleep 10; done", Kind::Lease),
            ("while true; do curl localhost && break; done", Kind::Change),
            ("while true\ndo\n  curl localhost; sleep 1\ndone", Kind::Lease),
            ("while [ -z $IP ]; do sleep 1; done", Kind::Change),
            ("kubectl create --edit -f x.yaml", Kind::Edit),
            ("kubectl attach x -c shell -i -t", Kind::Open),
            ("kubectl port-forward svc/x 1:2", Kind::Lease),
            ("kubectl rollout status deploy/x", Kind::Wait),
            ("kubectl edit deploy x", Kind::Edit),
            ("kubectl logs -f x", Kind::Lease),
            ("curl localhost", Kind::Read),
            ("curl -X POST http://x", Kind::Change),
            ("cat x > y", Kind::Change),
            ("ls | wc -l", Kind::Read),
            ("A=$(kubectl get x)", Kind::Change),
            ("exit", Kind::Exit),
            ("mongosh --port 28015", Kind::Open),
            ("mysql -h db -u root -p", Kind::Open),
            ("mysql -e 'select 1'", Kind::Change),
            ("mysql < dump.sql", Kind::Change),
            ("python3 render.py", Kind::Change),
            ("redis-cli get x", Kind::Change),
            ("kubectl exec -it redis -- redis-cli", Kind::Open),
            ("kubectl exec -it redis -- redis-cli -h x ping", Kind::Change),
            ("kubectl run -it --rm --image=mysql:8 client -- mysql -h mysql -ppassword", Kind::Open),
            ("docbuild build", Kind::Change),
            ("cat <<EOF | kubectl apply -f -\na: b\nEOF", Kind::Change),
        ];
        for (text, expected) in cases {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn components_of_the_cluster_are_in_namespaces_of_their_own() {
        for text in ["kubectl get pods -n kube-system", "kubectl --namespace=kube-system logs x | tail"] {
            assert!(asks_system(text), "{text}");
        }
        for text in [
            "kubectl get pods",
            "kubectl exec p -- x -n kube-system",
            "kubectl -n web get svc kube-dns",
            "kubectl get pods -n kube-system; kubectl get deploy web",
        ] {
            assert!(!asks_system(text), "{text}");
        }
    }

    #[test]
    fn tools_are_found_within_substitutions() {
        for text in ["A=$(kubectl get x)", "b=`kubectl get y`", "diff <(kubectl get a) b", "kubectl get z"] {
            assert!(names_machine_tool(text), "{text}");
        }
        for text in ["echo kubectl", "A=$(date)", "echo '$A' `date` kubectl"] {
            assert!(!names_machine_tool(text), "{text}");
        }
    }

    #[test]
    fn a_program_with_a_prompt_is_no_shell() {
        for text in
            ["mysql -u root", "kubectl exec -it redis -- redis-cli", "kubectl exec -it redis redis-cli", "python3"]
        {
            assert!(opens_program(text), "{text}");
        }
        for text in ["kubectl exec -it x -- sh", "python3 a.py", "kubectl exec x -- mysql -e 'select 1'"] {
            assert!(!opens_program(text), "{text}");
        }
    }
}
