//! What a command lacks that the page's readers have: a program, another machine, a file that was to be fetched, rights
//! on this machine.
//!
//! In: a command that failed on the machine, what it said, the [`Missing`] of the page. Out: why its failure says
//! nothing about the page, if it does not. Only what the command itself said counts as evidence.

use super::confine::HOME;
use super::depends::Missing;
use crate::verify::hosts;
use crate::verify::matching::Actual;
use crate::verify::plan::variables;
use crate::verify::shell::{self, Simple};
use crate::verify::words;

/// Plugins of kubectl that are released with it and installed by themselves.
const PLUGINS: &[&str] = &["convert"];

/// Why the failure of a command that ran on the machine, in whole or in a part whose exit code is lost, says nothing
/// about the page.
pub(super) fn reason(text: &str, actual: &Actual, missing: &mut Missing) -> Option<String> {
    actual.exit?;
    let no_such_api =
        text.contains("metrics.k8s.io") && actual.stderr.contains("could not find the requested resource");
    if no_such_api || actual.stderr.contains("Metrics API not available") {
        return Some("this cluster has no metrics-server".to_owned());
    }
    if let Some(name) = program(actual, text) {
        return Some(format!("{name} is not on this machine"));
    }
    let simples = shell::simple_commands(text);
    if simples.iter().any(in_container) || starts_in_container(text) {
        return None;
    }
    if let Some(line) = variables::used(text).iter().find_map(|name| missing.variable(name)) {
        return Some(format!("depends on line {line}"));
    }
    if let Some(host) = host(text, &simples, actual) {
        missing.unreachable.insert(host);
    }
    if let Some(host) = missing.unreachable.iter().find(|host| names_host(text, host)) {
        return Some(format!("this machine does not reach {host}"));
    }
    let lost = wanted(actual).find_map(|part| missing.file(part));
    if let Some(line) = lost.or_else(|| missing.in_block().filter(|_| complaints(actual).next().is_some())) {
        return Some(format!("depends on line {line}"));
    }
    if let Some(name) = plugin(actual) {
        return match missing.file(&format!("kubectl-{}", name.replace('-', "_"))) {
            Some(line) => Some(format!("depends on line {line}")),
            None => PLUGINS.contains(&name).then(|| format!("kubectl's plugin {name} is not on this machine")),
        };
    }
    if actual.stderr.contains("unable to find any kubectl plugins")
        && let Some(line) = missing.begins("kubectl-")
    {
        return Some(format!("depends on line {line}"));
    }
    if let Some(line) = not_found(actual).and_then(|name| missing.stem(name).or_else(|| missing.makes_unknown())) {
        return Some(format!("depends on line {line}"));
    }
    if let Some(line) = tool_of(actual).and_then(|tool| missing.program(&tool)) {
        return Some(format!("depends on line {line}"));
    }
    if let Some(line) = refused(text, actual).and_then(|port| missing.port(port)) {
        return Some(format!("depends on line {line}"));
    }
    of_machine(actual)
}

/// The tool whose own file below the home is said not to be there: `~/.docker/config.json` is what `docker login`
/// leaves.
fn tool_of(actual: &Actual) -> Option<String> {
    let hidden = |word: &str| Some(word.strip_prefix(HOME)?.strip_prefix("/.")?.split('/').next()?.to_owned());
    complaints(actual).flat_map(words_of).find_map(hidden)
}

/// The port of this machine at which nobody answered a command.
fn refused<'t>(text: &'t str, actual: &Actual) -> Option<&'t str> {
    let said = actual.stderr.to_lowercase();
    let silent = actual.exit == Some(7) && text.contains("curl");
    if !silent && !said.contains("connection refused") && !said.contains("failed to connect") {
        return None;
    }
    let behind = ["localhost:", "127.0.0.1:", "[::1]:"].iter().find_map(|host| text.split_once(host))?.1;
    let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
    Some(&behind[..end]).filter(|port| !port.is_empty())
}

/// Whether a command runs another one in a container, whose files and rights are its own.
fn in_container(simple: &Simple) -> bool {
    matches!(words::verb_of(simple), Some("exec" | "run" | "debug" | "attach" | "cp"))
}

/// The same where it stands in a substitution, behind `xargs`, or behind another name for kubectl.
fn starts_in_container(text: &str) -> bool {
    text.contains(" exec ")
        || ["run", "debug", "attach", "cp"].iter().any(|verb| text.contains(&format!("kubectl {verb} ")))
}

/// The lines that say that something is not there.
fn complaints(actual: &Actual) -> impl Iterator<Item = &str> {
    const SAID: &[&str] = &["no such file", "does not exist", "cannot stat", "could not stat", "cannot open"];
    lines_of(actual).filter(|line| {
        let line = line.to_lowercase();
        SAID.iter().any(|said| line.contains(said))
    })
}

/// What a command said, as far as it is read for its reason.
fn lines_of(actual: &Actual) -> impl Iterator<Item = &str> {
    actual.stderr.lines().chain(actual.stdout.lines()).take(MOST_LINES)
}

/// How many lines of what a command said are read.
const MOST_LINES: usize = 200;

/// The parts of paths that are said not to be there.
fn wanted(actual: &Actual) -> impl Iterator<Item = &str> {
    complaints(actual).flat_map(words_of).flat_map(|word| word.split('/')).filter(|part| part.len() > 1)
}

/// The words of a message, without the signs around them.
fn words_of(line: &str) -> impl Iterator<Item = &str> {
    let around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '\u{2018}' | '\u{2019}' | ',');
    line.split(around).map(|word| word.trim_end_matches([':', '.'])).filter(|word| !word.is_empty())
}

/// A file of the machine itself that is not there, or that a page may not write.
fn of_machine(actual: &Actual) -> Option<String> {
    let path = |line: &str| -> Option<String> {
        let own = |word: &str| word.starts_with(HOME) || word.starts_with("/tmp") || word.starts_with("/dev");
        words_of(line).find(|word| word.starts_with('/') && word.len() > 1 && !own(word)).map(str::to_owned)
    };
    let denied = |line: &&str| ["Read-only file system", "Permission denied"].iter().any(|said| line.contains(said));
    let lines = || lines_of(actual);
    if let Some(path) = lines().filter(denied).find_map(path) {
        return Some(format!("a page has no rights to {path} here"));
    }
    if lines().any(|line| line.contains("must be root") || line.contains("Operation not permitted")) {
        return Some("needs root on the machine".to_owned());
    }
    complaints(actual).find_map(path).map(|path| format!("{path} is not on this machine"))
}

/// The subcommand that kubectl does not know.
fn plugin(actual: &Actual) -> Option<&str> {
    let rest = actual.stderr.split("error: unknown command \"").nth(1)?;
    rest.split_once("\" for \"kubectl\"").map(|(name, _)| name)
}

/// The name of an object that the API server does not find.
fn not_found(actual: &Actual) -> Option<&str> {
    let line = actual.stderr.lines().find(|line| line.contains("(NotFound)"))?;
    line.split('"').nth(1)
}

/// The host of the internet that a command did not find, if that is why it broke.
fn host(text: &str, simples: &[Simple], actual: &Actual) -> Option<String> {
    let host = match hosts::not_found(&actual.stderr) {
        Some(host) => host,
        // A silent curl says it with its exit code.
        None if actual.exit == Some(6)
            && (simples.iter().any(|simple| simple.name() == "curl")
                || words::substituted(text).any(|word| word == "curl")) =>
        {
            hosts::at(text.split("://").nth(1)?)
        }
        None => return None,
    };
    names_host(text, host).then(|| host.to_owned())
}

/// Whether a command asks for something at that host of the internet; the names of Services and made-up hosts are
/// the page's business.
fn names_host(text: &str, host: &str) -> bool {
    hosts::is_public(host) && text.split("://").skip(1).any(|rest| hosts::at(rest) == host)
}

/// The program that bash did not find, if the page names it as its readers have it: what is nearly the name of a
/// tool that everybody has is the page's slip.
fn program(actual: &Actual, text: &str) -> Option<String> {
    let line = actual.stderr.lines().find(|line| line.ends_with(": command not found"))?;
    let name = line.strip_suffix(": command not found")?.rsplit(": ").next()?.trim();
    let program = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+'));
    // Typed, or run by an alias or function of the page.
    let typed =
        program && (words::known(name) || shell::simple_commands(text).iter().any(|simple| simple.name() == name));
    let slip = !words::known(name)
        && words::MACHINE_TOOLS.iter().chain(words::CLUSTER_TOOLS).any(|tool| words::is_slip(name, tool));
    (typed && !slip).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(exit: i32, stderr: &str) -> Actual {
        Actual { exit: Some(exit), stderr: stderr.to_owned(), ..Actual::default() }
    }

    fn because(text: &str, exit: i32, stderr: &str) -> Option<String> {
        reason(text, &said(exit, stderr), &mut Missing::default())
    }

    #[test]
    fn a_program_that_is_not_installed_is_told_from_a_slip() {
        let missing = said(127, "bash: line 167: mongosh: command not found\n");
        assert_eq!(program(&missing, "mongosh --port 28015"), Some("mongosh".to_owned()));
        let nearly_another = said(127, "bash: line 1: etcdutl: command not found\n");
        assert_eq!(program(&nearly_another, "etcdutl snapshot status x"), Some("etcdutl".to_owned()));
        let inner = said(127, "./run: line 3: frobnicate: command not found\n");
        assert_eq!(program(&inner, "echo x; ./run"), None, "the page did not type it");
        let slip = said(127, "bash: line 1: kubctl: command not found\n");
        assert_eq!(program(&slip, "kubctl get pods"), None);
        let data = said(127, "bash: line 3: apiVersion:: command not found\n");
        assert_eq!(
            program(&data, "cat <EOF | kubectl apply -f -\napiVersion: v1\nEOF"),
            None,
            "no program is called so"
        );
        let piped = said(1, "bash: line 1: python: command not found\nerror: no objects passed to apply\n");
        assert_eq!(program(&piped, "render | kubectl apply -f -"), Some("python".to_owned()));
        let raw = because(
            "kubectl get --raw /apis/metrics.k8s.io/v1beta1/nodes | jq .",
            0,
            "Error from server (NotFound): the server could not find the requested resource\n",
        );
        assert_eq!(raw.as_deref(), Some("this cluster has no metrics-server"));
        let typed = Actual { stderr: "bash: line 1: x: command not found\n".into(), ..Actual::default() };
        assert_eq!(reason("x", &typed, &mut Missing::default()), None, "nobody knows how it ended");
        let lost = because("x snapshot | tail", 0, "bash: line 1: x: command not found\n");
        assert_eq!(lost.as_deref(), Some("x is not on this machine"));
        for (word, tool, expected) in [
            ("kubetcl", "kubectl", true),
            ("kubectll", "kubectl", true),
            ("mongosh", "minikube", false),
            ("k", "kubectl", false),
        ] {
            assert_eq!(words::is_slip(word, tool), expected, "{word}");
        }
    }

    #[test]
    fn a_host_of_the_internet_is_told_from_a_service() {
        let reach = |text: &str, stderr: &str| because(text, 6, stderr);
        assert_eq!(
            reach("curl -LO https://dl.k8s.io/x", "curl: (6) Could not resolve host: dl.k8s.io\n").as_deref(),
            Some("this machine does not reach dl.k8s.io")
        );
        assert_eq!(
            reach("curl -s https://get.helm.sh/x", "").as_deref(),
            Some("this machine does not reach get.helm.sh")
        );
        assert!(reach("V=$(curl -Ls https://dl.k8s.io/stable.txt)", "").is_some());
        for (text, host) in [("http://web.default/", "web.default"), ("http://web.example.com/", "web.example.com")] {
            assert_eq!(reach(&format!("curl {text}"), &format!("curl: (6) Could not resolve host: {host}\n")), None);
        }
        // One that was not reached once is not reached in the next command either.
        let mut missing = Missing::default();
        reason("curl -sLO https://dl.k8s.io/a", &said(6, ""), &mut missing);
        let check = "echo \"$(curl -Ls https://dl.k8s.io/a.sha256) a\" | sha256sum --check";
        assert_eq!(
            reason(check, &said(1, "sha256sum: no properly formatted lines\n"), &mut missing).as_deref(),
            Some("this machine does not reach dl.k8s.io")
        );
    }

    #[test]
    fn what_a_skipped_command_would_have_left_or_served_is_missing() {
        let mut missing = Missing::default();
        let planned = |line: usize, text: &str| crate::verify::plan::planned_command(line, text, None);
        missing.add_files(&planned(3, "docker login"), &[]);
        missing.add_files(&planned(5, "sudo agent --port 10255"), &[]);
        missing.begin_block();
        let mut because = |text: &str, exit: i32, stderr: &str| reason(text, &said(exit, stderr), &mut missing);
        let config = format!("cat: {HOME}/.docker/config.json: No such file or directory");
        assert_eq!(because("cat ~/.docker/config.json", 1, &config).as_deref(), Some("depends on line 3"));
        let key = format!("cat: {HOME}/.ssh/id_rsa: No such file or directory");
        assert_eq!(because("cat ~/.ssh/id_rsa", 1, &key), None, "nothing on the page makes it");
        let refused = "curl: (7) Failed to connect to localhost port 10255";
        assert_eq!(because("curl http://localhost:10255/pods", 7, refused).as_deref(), Some("depends on line 5"));
        assert_eq!(because("curl http://localhost:8080/pods", 7, refused), None);
    }

    #[test]
    fn what_only_this_machine_lacks_or_forbids_is_no_mistake_of_the_page() {
        for (text, stderr, expected) in [
            (
                "mkdir -p /etc/kubernetes/manifests/",
                "mkdir: cannot create directory \u{2018}/etc/kubernetes\u{2019}: Read-only file system",
                Some("a page has no rights to /etc/kubernetes here"),
            ),
            (
                "cat /mnt/data/index.html",
                "cat: /mnt/data/index.html: No such file or directory",
                Some("/mnt/data/index.html is not on this machine"),
            ),
            ("iptables -L", "Could not fetch rule set: you must be root", Some("needs root on the machine")),
            (
                "kubectl convert -f a.yaml",
                "error: unknown command \"convert\" for \"kubectl\"",
                Some("kubectl's plugin convert is not on this machine"),
            ),
            ("kubectl my-pod", "error: unknown command \"my-pod\" for \"kubectl\"", None),
            ("kubectl apply -f examples/a.yaml", "error: the path \"examples/a.yaml\" does not exist", None),
            ("kubectl exec p -- cat /etc/x", "cat: /etc/x: No such file or directory", None),
            ("cat /tmp/x", "cat: /tmp/x: No such file or directory", None),
            ("A=$(kubectl exec p -- cat /etc/x)", "cat: /etc/x: No such file or directory", None),
            ("k exec p -- cat /etc/x", "cat: /etc/x: No such file or directory", None),
        ] {
            assert_eq!(because(text, 1, stderr).as_deref(), expected, "{text}");
        }
    }
}
