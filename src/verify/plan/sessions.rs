//! Which blocks are typed into a shell that the page opened in a container.
//!
//! A command such as `kubectl exec -it POD -- sh` opens one; what has a container's prompt, is cued
//! "in your shell", or is no tool of the machine, is typed there until `exit` or the page's end. A
//! program with a prompt of its own (`mysql`) is open beside it: only what has its prompt, or is said
//! to be typed at it, is typed there. What is said to run on a node runs nowhere here. Where it is in
//! doubt, a block is skipped: what was meant for a container never runs on the machine.

use super::made::{Asks, Made};
use super::objects::{deleted_objects, made_objects, needed_objects};
use super::{PlannedBlock, PlannedCommand};
use crate::verify::cues::{Cue, Cues};
use crate::verify::model::Role;
use crate::verify::prompt::Prompt;
use crate::verify::shell;
use crate::verify::words::{self, Kind, names_machine_tool};

/// Programs that say something of the place where they run, or change it.
const OF_THE_PLACE: &[&str] = &[
    "apk", "apt", "apt-get", "cd", "chmod", "chown", "df", "dnf", "env", "export", "hostname", "id", "ifconfig", "ip",
    "kill", "ls", "mkdir", "mount", "mv", "nslookup", "printenv", "ps", "pwd", "rm", "service", "top", "touch",
    "uname", "whoami", "yum",
];

/// Whether a command would tell or do other things on the machine than in a container.
fn looks_around(text: &str) -> bool {
    shell::simple_commands(text).iter().any(|simple| {
        let name = simple.name().rsplit('/').next().unwrap_or_default();
        OF_THE_PLACE.contains(&name) || name == "cat" && simple.writes.is_empty()
    })
}

/// Whether a command is for a node's own tools, whose place is no container.
fn is_for_nodes(text: &str) -> bool {
    let on_node =
        |simple: &shell::Simple| words::elsewhere(simple.name()).is_some_and(|why| why.starts_with("on a node"));
    shell::simple_commands(text).iter().any(on_node)
}

/// Whether a command can't be run here, by its tool.
fn is_elsewhere(text: &str) -> bool {
    shell::simple_commands(text).iter().any(|simple| words::elsewhere_as_used(simple).is_some())
}

/// Whether a command opens a shell on a node: `kubectl debug node/NAME`.
fn debugs_node(text: &str) -> bool {
    text.contains("kubectl debug") && ["node/", "nodes/"].iter().any(|kind| text.contains(&format!(" {kind}")))
}

/// The command that opens a program in the container in which another one has opened a shell. What the shell has set
/// is not known there.
fn opened_within(opener: &str, text: &str) -> Option<String> {
    let text = text.trim();
    let [shell] = &shell::simple_commands(opener)[..] else { return None };
    let plain = !text.contains(|c: char| "$`|&;<>(){}*?\n".contains(c));
    if shell.name() != "kubectl" || !plain || !words::opens_program(text) {
        return None;
    }
    let words: Vec<&str> = shell.words.iter().map(String::as_str).collect();
    // It is typed on the machine: nothing in a word may be the shell's.
    let joined = |words: &[&str]| words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let end = words.iter().position(|word| *word == "--");
    let container = match (words::kubectl_verb(&words).0, end) {
        ("exec", Some(end)) => joined(&words[1..end]),
        ("exec", None) => joined(&words[1..words.len() - 1]),
        ("run", _) => {
            let apart =
                words.iter().zip(words.iter().skip(1)).filter(|(flag, _)| matches!(**flag, "-n" | "--namespace"));
            let glued =
                words.iter().find_map(|word| word.strip_prefix("--namespace=").or_else(|| word.strip_prefix("-n=")));
            let namespace = apart.map(|(_, value)| *value).next().or(glued);
            let namespace = namespace.map(|name| format!("-n {} ", quoted(name))).unwrap_or_default();
            format!("exec -it {namespace}{}", quoted(&made_objects(opener).pop()?))
        }
        _ => return None,
    };
    Some(format!("kubectl {container} -- {text}"))
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { shell::quote(word) }
}

/// Whether a command reaches the cluster's API, from wherever it is typed.
fn asks_api(text: &str) -> bool {
    let asks = |word: &str| matches!(word, "kubectl" | "helm");
    shell::simple_commands(text).iter().any(|simple| asks(simple.name())) || words::substituted(text).any(asks)
}

/// What is said of a block that the page types on a node.
const ON_A_NODE: &str = "on a node, as the page says";

/// What is said of a block typed into a shell that nothing opened.
const NOT_OPEN: &str = "no shell is open in a container here, and it was not meant for this machine";

/// Sets `in_session` of every command block and `session` of its commands, or why it is skipped.
pub(super) fn assign(blocks: &mut [PlannedBlock], cues: &Cues) {
    let mut open: Vec<Opened> = vec![];
    // The section whose commands have gone on on the machine, and the one whose are typed on a node.
    let mut left = None;
    let mut node = None;
    for block in blocks {
        if !matches!(block.role, Role::Command | Role::Transcript) {
            continue;
        }
        let section = block.block.context.section;
        open.retain(|opened| opened.only_in.is_none_or(|only| only == section));
        let said = Said::of(block, cues);
        if said.aside {
            open.iter_mut().for_each(|opened| opened.aside = true);
        }
        let place = place_of(block, &open, &said, left == Some(section), node == Some(section));
        match place {
            Place::Node => {
                node = Some(section);
                // What is not run anywhere says so itself.
                if !block.commands.iter().all(|command| is_elsewhere(&command.text)) {
                    block.skip = Some(ON_A_NODE.to_owned());
                }
            }
            Place::Machine if block.commands.iter().any(|command| names_machine_tool(&command.text)) => {
                left = Some(section);
            }
            Place::Machine => {}
            Place::Shell(opener) => block.in_session = Some(opener),
            Place::Nowhere => block.skip = Some(NOT_OPEN.to_owned()),
        }
        follow(block, &mut open);
    }
}

/// A shell or program that is open.
#[derive(Debug)]
struct Opened {
    block: usize,
    repl: bool,
    section: usize,
    /// One that is only supposed is open no longer than the section that supposes it.
    only_in: Option<usize>,
    /// The command that opened it.
    text: String,
    /// What it runs in, by name: it is gone with that.
    objects: Vec<String>,
    /// Whether it is open on a node.
    on_node: bool,
    /// Whether the page has gone on beside it: only what is said to be typed there still is.
    aside: bool,
}

/// What is said of the place of a block, before it and in its comments.
struct Said {
    inside: bool,
    machine: bool,
    node: bool,
    /// Whether it is said in so many words that it is not the shell's container.
    aside: bool,
}

impl Said {
    fn of(block: &PlannedBlock, cues: &Cues) -> Self {
        let cue = &block.block.context.cue;
        let comments: Vec<&str> = block.block.text.lines().filter(|line| line.trim_start().starts_with('#')).collect();
        let comment = comments.first().copied().unwrap_or_default();
        let any = |kind| cues.say(kind, cue) || comments.iter().any(|line| cues.say(kind, line));
        let aside = any(Cue::Aside);
        let prompt = has_prompt(block, Prompt::Container);
        let inside = !aside && (prompt || cues.say(Cue::Inside, comment) || cues.say(Cue::Inside, cue));
        // What ends with a colon leads to the block, also over a note.
        let leads = block.block.context.prose.lines().filter(|line| line.trim_end().ends_with(':'));
        let mut leads = leads.map(|line| line.rsplit(". ").next().unwrap_or(line));
        let node = !prompt && (any(Cue::Node) || leads.any(|lead| cues.say(Cue::Node, lead)));
        Self { inside, machine: aside || cues.say(Cue::Machine, cue), node, aside }
    }
}

/// Sets the commands' sessions, and notes what they open and leave.
fn follow(block: &mut PlannedBlock, open: &mut Vec<Opened>) {
    let (id, section) = (block.block.id, block.block.context.section);
    let mut within = None;
    for command in &mut block.commands {
        if names_machine_tool(&command.text) {
            within = None;
        }
        command.session = within.or(block.in_session);
        match command.kind {
            Kind::Open => {
                let only_in = command.skip.is_some().then_some(section);
                let objects = objects_of(command);
                let on_node = debugs_node(&command.text);
                let text = command.text.clone();
                let shell = open.iter().find(|opened| command.session == Some(opened.block) && opened.block != id);
                if let Some(ran) = shell.and_then(|shell| opened_within(&shell.text, &text)) {
                    command.ran = ran;
                    command.notes.push("opened in the container of its shell, on a terminal of its own".to_owned());
                }
                open.push(Opened {
                    block: id,
                    repl: command.repl,
                    section,
                    only_in,
                    text,
                    objects,
                    on_node,
                    aside: false,
                });
                within = Some(id);
            }
            Kind::Exit => {
                open.pop();
                within = None;
            }
            _ if command.skip.is_none() => {
                let deleted = deleted_objects(&command.text);
                // A Service of the same name is another object.
                let asks = Asks::of(&command.text, vec![]);
                let ends = |name: &String| {
                    deleted.contains(name) && !asks.means_another(&Made::of_kind("pod".to_owned(), name.clone()))
                };
                open.retain(|opened| !opened.objects.iter().any(ends));
            }
            _ => {}
        }
    }
}

/// What a command opens a shell in, by name.
fn objects_of(command: &PlannedCommand) -> Vec<String> {
    let mut objects = needed_objects(&command.text);
    objects.extend(made_objects(&command.text));
    objects
}

enum Place {
    Machine,
    Shell(usize),
    Node,
    Nowhere,
}

fn has_prompt(block: &PlannedBlock, prompt: Prompt) -> bool {
    block.commands.iter().any(|command| command.prompt == Some(prompt))
}

fn place_of(block: &PlannedBlock, open: &[Opened], said: &Said, left: bool, node: bool) -> Place {
    let any = |test: fn(&str) -> bool| block.commands.iter().any(|command| test(&command.text));
    let on_node = open.iter().any(|opened| opened.on_node);
    if said.node && !on_node && !any(asks_api) {
        return Place::Node;
    }
    if any(names_machine_tool) {
        return Place::Machine;
    }
    if has_prompt(block, Prompt::Repl) {
        let program = open.iter().rev().find(|opened| opened.repl);
        return program.map_or(Place::Nowhere, |opened| Place::Shell(opened.block));
    }
    let leaves = block.commands.iter().all(|command| command.kind == Kind::Exit);
    if leaves && let Some(opened) = open.last() {
        return Place::Shell(opened.block);
    }
    if !said.inside && !said.machine {
        // What a section has begun on a node it goes on with there.
        if node && any(looks_around) {
            return Place::Node;
        }
        if any(is_for_nodes) {
            // What looks around beside a node's tool may be meant for either.
            let shell = open.iter().any(|opened| !opened.repl && !opened.aside);
            let around = |command: &PlannedCommand| looks_around(&command.text) && !is_for_nodes(&command.text);
            return if shell && block.commands.iter().any(around) { Place::Nowhere } else { Place::Machine };
        }
    }
    match open.iter().rev().find(|opened| !opened.repl) {
        // A section that began on the machine goes on there, unless it opens a shell itself or says where it is.
        Some(opened) if left && !said.inside && opened.section != block.block.context.section => {
            if said.machine || !any(looks_around) { Place::Machine } else { Place::Nowhere }
        }
        Some(opened) if said.inside || !said.machine && !opened.aside => Place::Shell(opened.block),
        None if has_prompt(block, Prompt::Container) || said.inside && !leaves => Place::Nowhere,
        _ => Place::Machine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_opened_in_the_container_of_its_shell() {
        for (opener, text, ran) in [
            (
                "kubectl run -it shelf -n dev --image=redis --command \"/bin/sh\"",
                "redis-cli -h cache",
                Some("kubectl exec -it -n dev shelf -- redis-cli -h cache"),
            ),
            (
                "kubectl exec -it web -c db -- bash",
                "mysql -u root",
                Some("kubectl exec -it web -c db -- mysql -u root"),
            ),
            ("kubectl exec -ti web sh", "python3", Some("kubectl exec -ti web -- python3")),
            (
                "kubectl run -it shelf --namespace=dev --image=redis -- sh",
                "redis-cli",
                Some("kubectl exec -it -n dev shelf -- redis-cli"),
            ),
            (
                "kubectl exec -it --cache-dir='c; true; #' web -- sh",
                "redis-cli",
                Some("kubectl exec -it '--cache-dir=c; true; #' web -- redis-cli"),
            ),
            ("kubectl exec -it web -- sh", "mysql -p$PASSWORD", None),
            ("kubectl exec -it web -- sh", "bash", None),
            ("kubectl debug -it web --image=busybox", "python3", None),
        ] {
            assert_eq!(opened_within(opener, text).as_deref(), ran, "{opener}: {text}");
        }
    }
}
