//! What was not made, and what needs it.
//!
//! In: commands that were not run, with the files they would have read. Out: for a later command, the line of the one
//! whose objects or files it needs: it is skipped, and never a difference of the page.

use std::collections::BTreeSet;

use crate::verify::plan::made::{self, Asks, Made, Services};
use crate::verify::plan::variables;
use crate::verify::plan::{OutputLines, PlannedCommand, makes_something};
use crate::verify::shell::{self, Simple};

/// What commands would have made which were not run.
#[derive(Debug, Default)]
pub(super) struct Missing {
    /// The objects.
    commands: Vec<(usize, Vec<Made>)>,
    /// The words that may be files.
    files: Vec<(usize, BTreeSet<String>)>,
    /// The files that they are shown to write.
    written: Vec<(usize, BTreeSet<String>)>,
    /// Their programs, and whether they start a server.
    programs: Vec<(usize, String)>,
    /// The ports that they name, or that they are shown to serve.
    ports: Vec<(usize, BTreeSet<String>)>,
    /// The Services of the page.
    services: Services,
    /// The variables.
    variables: Vec<(usize, BTreeSet<String>)>,
    /// The last of the block under way.
    in_block: Option<usize>,
    /// The first command that would have made objects which nobody knows.
    unknown: Option<usize>,
    /// Hosts of the internet that this machine does not reach.
    pub(super) unreachable: BTreeSet<String>,
}

impl Missing {
    /// Nothing is missing yet on a page with these manifests.
    pub(super) fn of(manifests: &[String]) -> Self {
        Self { services: Services::of(manifests), ..Self::default() }
    }

    /// Notes a command that was not run, with the texts of the files that it reads and what it is shown to print.
    pub(super) fn add<'t>(
        &mut self,
        command: &'t PlannedCommand,
        files: impl Iterator<Item = &'t str>,
        outputs: &[OutputLines],
    ) {
        let mut made = made::made_by(command, files);
        made.extend(outputs.iter().flat_map(|output| told_made(&output.text)));
        self.commands.push((command.line, made));
    }

    /// Notes what files a command that was not run may have written or fetched, what it would have served, and
    /// whether it would have made objects that are not known.
    pub(super) fn add_files(&mut self, command: &PlannedCommand, outputs: &[OutputLines]) {
        let simples = shell::simple_commands(&command.text);
        let mut names: BTreeSet<String> = simples.iter().flat_map(files_of).filter(|name| name.len() > 1).collect();
        // One that names no file has made none for the rest of its block.
        if !names.is_empty() {
            self.in_block = Some(command.line);
        }
        let written: BTreeSet<String> = outputs.iter().flat_map(|output| told_written(&output.text)).collect();
        names.extend(written.iter().cloned());
        self.files.push((command.line, names));
        self.written.push((command.line, written));
        let programs = simples.iter().flat_map(|simple| simple.words.iter().find(|word| *word != "sudo"));
        self.programs.extend(programs.map(|word| (command.line, word.clone())));
        let served = outputs.iter().flat_map(|output| served_in(&output.text));
        self.ports.push((command.line, served.chain(ports_in(&command.text)).collect()));
        self.variables.push((command.line, variables::assigned(&command.text).collect()));
        if self.unknown.is_none() && makes_unknown(command, &simples) {
            self.unknown = Some(command.line);
        }
    }

    /// Another block begins.
    pub(super) fn begin_block(&mut self) {
        self.in_block = None;
    }

    /// The line of a command of the same block that was not run: the rest works on what it would have made.
    pub(super) fn in_block(&self) -> Option<usize> {
        self.in_block
    }

    /// The line of a command that was not run, and that would have set a variable.
    pub(super) fn variable(&self, name: &str) -> Option<usize> {
        self.variables.iter().find(|(_, names)| names.contains(name)).map(|(line, _)| *line)
    }

    /// The line of a command that was not run, and one of whose words begins so.
    pub(super) fn begins(&self, start: &str) -> Option<usize> {
        self.files.iter().find(|(_, words)| words.iter().any(|word| word.starts_with(start))).map(|(line, _)| *line)
    }

    /// The line of a command that was not run, and that would have made a file of that name: its words have the name,
    /// or what it begins with (`cfssljson -bare server` makes `server-key.pem`).
    pub(super) fn file(&self, name: &str) -> Option<usize> {
        let of = |word: &String| {
            name.strip_prefix(word.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
        };
        self.files.iter().find(|(_, words)| words.iter().any(of)).map(|(line, _)| *line)
    }

    /// The line of a command that was not run, and that would have written a manifest named like an object: a
    /// kubelet makes `web-node1` of `web.yaml`.
    pub(super) fn stem(&self, name: &str) -> Option<usize> {
        let stem = |word: &String| word.strip_suffix(".yaml").or_else(|| word.strip_suffix(".yml")).map(str::to_owned);
        let of = |word: &String| {
            stem(word).is_some_and(|stem| name.strip_prefix(&stem).is_some_and(|rest| rest.starts_with('-')))
        };
        self.files.iter().find(|(_, words)| words.iter().any(of)).map(|(line, _)| *line)
    }

    /// The line of a command that was not run, and that would have made objects which nobody knows.
    pub(super) fn makes_unknown(&self) -> Option<usize> {
        self.unknown
    }

    /// The line of a command that was not run, and that runs this program.
    pub(super) fn program(&self, name: &str) -> Option<usize> {
        self.programs.iter().find(|(_, program)| program == name).map(|(line, _)| *line)
    }

    /// The line of a command that was not run, and that would have served at a port.
    pub(super) fn port(&self, port: &str) -> Option<usize> {
        self.ports.iter().find(|(_, ports)| ports.contains(port)).map(|(line, _)| *line)
    }

    /// The line of a command that was not run, and whose objects this one needs or is to show; `reads` are the texts
    /// of the files that it reads.
    pub(super) fn needed_by<'t>(
        &self,
        command: &PlannedCommand,
        reads: impl Iterator<Item = &'t str>,
        outputs: &[OutputLines],
    ) -> Option<usize> {
        if self.is_empty() {
            return None;
        }
        let asks = Asks::of(&command.text, reads.flat_map(made::objects_in).collect());
        // What makes something shows that it made it.
        let shown = |object: &Made| {
            !asks.makes
                && object.name.len() > 3
                && !asks.means_another(object)
                && outputs.iter().any(|output| shows(&output.text, &object.name))
        };
        let needs = |objects: &Vec<Made>| objects.iter().any(|object| asks.needs(object) || shown(object));
        let line = self.commands.iter().find(|(_, objects)| needs(objects)).map(|(line, _)| *line);
        line.or_else(|| self.called_by(command)).or_else(|| self.listed_by(command, outputs))
    }

    /// The line of a command that was not run, and whose workload alone stands behind a Service that this one calls.
    fn called_by(&self, command: &PlannedCommand) -> Option<usize> {
        let all: Vec<&Made> = self.commands.iter().flat_map(|(_, objects)| objects).collect();
        let gone = self.services.called(&command.text, &all)?;
        self.commands.iter().find(|(_, objects)| objects.contains(gone)).map(|(line, _)| *line)
    }

    /// The line of a command that was not run, and that is shown to write what this one lists.
    fn listed_by(&self, command: &PlannedCommand, outputs: &[OutputLines]) -> Option<usize> {
        let simples = shell::simple_commands(&command.text);
        let lists = simples.iter().any(|simple| matches!(simple.name(), "ls" | "tree" | "find" | "cat"));
        let shown = |name: &String| outputs.iter().any(|output| shows(&output.text, name));
        let listed = self.written.iter().filter(|_| lists).find(|(_, names)| names.iter().any(shown));
        listed.map(|(line, _)| *line)
    }

    /// Forgets what a later command has made after all.
    pub(super) fn made<'t>(&mut self, command: &'t PlannedCommand, files: impl Iterator<Item = &'t str>) {
        let made = made::made_by(command, files);
        for (_, missing) in &mut self.commands {
            missing.retain(|object| !made.iter().any(|one| object.is_made_by(one)));
        }
        let set: BTreeSet<String> = variables::assigned(&command.text).collect();
        for (_, missing) in &mut self.variables {
            missing.retain(|name| !set.contains(name));
        }
    }

    /// Whether nothing is missing.
    pub(super) fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.files.is_empty()
    }
}

/// Whether a command writes a manifest where a kubelet makes Pods of it.
pub(super) fn is_static_pod(command: &PlannedCommand) -> bool {
    shell::simple_commands(&command.text)
        .iter()
        .any(|simple| simple.writes.iter().any(|file| file.starts_with('/') && file.contains("/manifests/")))
}

/// Whether a command makes objects that its text does not tell: from a file that is not known, or as a tool likes.
fn makes_unknown(command: &PlannedCommand, simples: &[Simple]) -> bool {
    const INSTALLERS: &[(&str, &[&str])] = &[
        ("helm", &["install", "upgrade"]),
        ("istioctl", &["install"]),
        ("cilium", &["install"]),
        ("linkerd", &["install"]),
        ("minikube", &["addons"]),
        ("kompose", &["up"]),
    ];
    let tool = |simple: &Simple| {
        let verb = simple.words.get(1).map_or("", String::as_str);
        INSTALLERS.iter().any(|(name, verbs)| simple.name() == *name && verbs.contains(&verb))
    };
    let from_file =
        |simple: &Simple| simple.words.iter().any(|word| matches!(word.as_str(), "-f" | "-k" | "--filename"));
    command.files.is_empty() && makes_something(&command.text) && simples.iter().any(from_file)
        || simples.iter().any(tool)
}

/// The objects that an output says were made: `service/web created`.
fn told_made(text: &str) -> impl Iterator<Item = Made> {
    text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (kind, name) = words.next()?.trim_matches('"').split_once('/')?;
        let made = matches!(words.next(), Some("created" | "configured"));
        let kind = kind.split('.').next().unwrap_or(kind).to_lowercase();
        made.then(|| Made::of_kind(kind, name.to_owned()))
    })
}

/// The names of manifests that an output says were written.
fn told_written(text: &str) -> impl Iterator<Item = String> {
    let ends = |word: &&str| [".yaml", ".yml", ".json"].iter().any(|end| word.ends_with(end));
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '/' | ',' | ':'));
    words.filter(ends).map(str::to_owned)
}

/// The ports that a command names: `:8080`, `--port=8080`, `-p 8080:80`.
fn ports_in(text: &str) -> impl Iterator<Item = String> {
    let digits = |part: &&str| (4..=5).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).filter(digits).map(str::to_owned)
}

/// The ports of this machine that an output names.
fn served_in(text: &str) -> impl Iterator<Item = String> {
    let behind = ["localhost:", "127.0.0.1:"].into_iter().flat_map(move |host| text.split(host).skip(1));
    behind.filter_map(|rest| ports_in(rest.split(|c: char| !c.is_ascii_digit()).next()?).next())
}

/// Whether a text shows a name as a word, or a name that was generated from it.
fn shows(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let word = |c: char| c.is_ascii_alphanumeric();
        !text[..at].ends_with(|c: char| word(c) || c == '-') && !text[at + name.len()..].starts_with(word)
    })
}

/// The names of files that a command's words may be: what looks like a path, an address or a flag's value, and where
/// it writes. The program itself is none.
fn files_of(simple: &Simple) -> impl Iterator<Item = String> {
    let program = simple.words.iter().take_while(|word| *word == "sudo").count() + 1;
    let words = simple.words.iter().skip(program);
    let before = simple.words.iter().skip(program - 1);
    let like = words.zip(before).filter(|(word, before)| word.contains(['/', '.']) || before.starts_with('-'));
    let all = like.map(|(word, _)| word).chain(&simple.writes);
    let parts = all.filter(|word| !word.starts_with('-')).flat_map(|word| word.split(['=', ':', '?', ',']));
    parts.map(|part| {
        let part = part.trim_end_matches('/');
        part.rsplit('/').next().unwrap_or(part).trim_end_matches(".git").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_made_is_missing_until_one_of_its_kind_is_made() {
        let planned = |line: usize, text: &str| crate::verify::plan::planned_command(line, text, None);
        let object = |kind: &str| format!("kind: {kind}\nmetadata:\n  name: web\n");
        let (deployment, service) = (object("Deployment"), object("Service"));
        let mut missing = Missing::default();
        missing.add(&planned(3, "kubectl apply -f deployment.yaml"), [deployment.as_str()].into_iter(), &[]);
        let logs = planned(9, "kubectl logs -f deployment/web");
        assert_eq!(missing.needed_by(&logs, std::iter::empty(), &[]), Some(3));
        assert_eq!(missing.needed_by(&planned(9, "kubectl get service web"), std::iter::empty(), &[]), None);
        let inside = planned(9, "kubectl exec web -- cat /var/run/secrets/token");
        assert_eq!(missing.needed_by(&inside, std::iter::empty(), &[]), Some(3), "what runs in it tells no kind");
        missing.made(&planned(5, "kubectl apply -f service.yaml"), [service.as_str()].into_iter());
        assert_eq!(
            missing.needed_by(&logs, std::iter::empty(), &[]),
            Some(3),
            "a Service of that name is another object"
        );
        missing.made(&planned(6, "kubectl apply -f deployment.yaml"), [deployment.as_str()].into_iter());
        assert_eq!(missing.needed_by(&logs, std::iter::empty(), &[]), None);
    }

    #[test]
    fn a_file_is_missing_that_a_command_would_have_fetched() {
        let mut missing = Missing::default();
        missing.add_files(&crate::verify::plan::planned_command(
            2,
            "curl -Lo ./kubectl-convert \"https://example.com/bin/kubectl-convert?x=1\"; cfssljson -bare server > out.json",
            None,
        ), &[]);
        for name in ["kubectl-convert", "server-key.pem", "server.csr", "out.json"] {
            assert_eq!(missing.file(name), Some(2), "{name}");
        }
        for name in ["kubectl", "serverless.yaml", "other", "curl", "cfssljson"] {
            assert_eq!(missing.file(name), None, "{name}");
        }
        assert_eq!(missing.in_block(), Some(2));
        let mut missing = Missing::default();
        missing.add_files(&crate::verify::plan::planned_command(3, "echo $NOT_SET", None), &[]);
        assert_eq!(missing.in_block(), None, "it would have made nothing");
        missing.add_files(&crate::verify::plan::planned_command(4, "sudo cat /etc/hosts.local", None), &[]);
        assert_eq!((missing.file("cat"), missing.file("hosts.local")), (None, Some(4)));
    }

    #[test]
    fn what_a_skipped_command_is_shown_to_make_is_missing() {
        let planned = |text: &str| crate::verify::plan::planned_command(4, text, None);
        let output = |text: &str| [OutputLines { text: text.to_owned(), lines: vec![1] }];
        let mut missing = Missing::default();
        let convert = output("INFO file \"shop-service.yaml\" created\n");
        missing.add_files(&planned("convert-it shop"), &convert);
        assert_eq!(missing.file("shop-service.yaml"), Some(4));
        let listed = output("shop-service.yaml\n");
        assert_eq!(missing.needed_by(&planned("ls"), std::iter::empty(), &listed), Some(4));
        assert_eq!(missing.needed_by(&planned("ls"), std::iter::empty(), &output("other.yaml\n")), None);
        missing.add(
            &planned("kubectl apply -f shop-service.yaml"),
            std::iter::empty(),
            &output("service/shop created\n"),
        );
        assert_eq!(missing.needed_by(&planned("kubectl describe svc shop"), std::iter::empty(), &[]), Some(4));
        assert_eq!(missing.needed_by(&planned("kubectl describe cm shop"), std::iter::empty(), &[]), None);
    }

    #[test]
    fn a_static_pod_is_missing_under_the_name_that_its_node_gives_it() {
        let text = "cat <<EOF >/etc/kubernetes/manifests/front.yaml\nkind: Pod\nmetadata: {name: front}\nEOF";
        let command = crate::verify::plan::planned_command(4, text, None);
        assert!(is_static_pod(&command));
        let mut missing = Missing::default();
        missing.add(&command, std::iter::empty(), &[]);
        let get = crate::verify::plan::planned_command(9, "kubectl get pods", None);
        let shown = [OutputLines { text: "NAME\nfront-node1  1/1\n".to_owned(), lines: vec![1, 2] }];
        assert_eq!(missing.needed_by(&get, std::iter::empty(), &shown), Some(4));
    }

    #[test]
    fn what_a_skipped_command_would_have_served_is_missing() {
        let mut missing = Missing::default();
        let output = OutputLines { text: "http://127.0.0.1:51082\n".to_owned(), lines: vec![1] };
        missing.add_files(&crate::verify::plan::planned_command(4, "sudo server --port 10255", None), &[output]);
        assert_eq!((missing.port("10255"), missing.port("51082")), (Some(4), Some(4)));
        assert_eq!((missing.port("8080"), missing.program("server")), (None, Some(4)));
    }

    #[test]
    fn a_name_is_shown_as_a_word_or_as_the_stem_of_one() {
        assert!(shows("NAME\nmongo-75f59d57f4-4nd6q  1/1\n", "mongo"));
        assert!(shows("deployment.apps/mongo created", "mongo"));
        assert!(!shows("mongodb created", "mongo"));
        assert!(!shows("my-mongo created", "mongo"));
    }
}
