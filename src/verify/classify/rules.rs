//! The rules, in the order in which they are asked.

use super::{Class, Situation};
use crate::verify::cues::Cue;
use crate::verify::model::Role;
use crate::verify::{prompt, shell, words};

/// A rule: `None` when it has nothing to say about the block.
type Rule = fn(&Situation) -> Option<Role>;

/// Name for people, and the rule.
const RULES: &[(&str, Rule)] = &[
    ("there is nothing in it", empty),
    ("a request to the API, not a command", request_line),
    ("the container runs it, not the reader", containers_command),
    ("it stands in a manifest that the page shows", part_of_a_manifest),
    ("a list of suggestions", ideas),
    ("prompts at the head of its lines", prompts),
    ("the sentence before it says to save it", file),
    ("source code of a program", source_code),
    ("a script in a fence of another language", script_elsewhere),
    ("a shell fence behind an output cue that no shell could run", shell_output),
    ("a shell fence, each line begins with a command", shell_commands),
    ("a shell fence with a command and what it prints", shell_transcript),
    ("every line begins with a cluster tool", cluster_commands),
    ("plain commands that the reader is told to run", plain_commands),
    ("the sentence before it announces an output", announced_output),
    ("a manifest: it has apiVersion and kind", manifest),
    ("nothing stands between a command and it", adjacent_output),
    ("part of a manifest, or settings", fragment),
];

/// What no rule has anything to say about is only shown.
const NO_RULE: &str = "no command, and no output of one";

/// Fence languages of a shell.
const SHELL: &[&str] = &["shell", "sh", "bash", "zsh", "ksh", "shell-session"];
/// Fence languages that say little about what is in them.
const NEUTRAL: &[&str] =
    &["", "console", "text", "txt", "none", "log", "plaintext", "plain", "output", "nohighlight", "terminal"];
/// Fence languages of data.
const DATA: &[&str] = &["yaml", "yml", "json", "xml", "toml", "ini", "env", "properties", "csv", "cue", "conf"];

/// The first rule that answers.
pub(super) fn decide(situation: &Situation) -> Class {
    for (name, rule) in RULES {
        if let Some(role) = rule(situation) {
            return Class { role, because: (*name).to_owned() };
        }
    }
    Class { role: Role::Other, because: NO_RULE.to_owned() }
}

/// `<!-- verify: output -->` before the block.
pub(super) fn overridden(situation: &Situation) -> Option<Class> {
    situation.block.context.overrides.iter().find_map(|text| {
        let role = match text.split_whitespace().next()? {
            "command" => Role::Command,
            "output" => Role::Output,
            "transcript" => Role::Transcript,
            "manifest" => Role::Manifest,
            "file" => Role::File,
            "other" => Role::Other,
            _ => return None,
        };
        Some(Class { role, because: "a comment before it says so".to_owned() })
    })
}

fn is_shell(situation: &Situation) -> bool {
    SHELL.contains(&situation.block.language.as_str())
}

fn is_neutral(situation: &Situation) -> bool {
    NEUTRAL.contains(&situation.block.language.as_str())
}

fn is_data(situation: &Situation) -> bool {
    DATA.contains(&situation.block.language.as_str())
}

fn first_line<'a>(situation: &'a Situation) -> &'a str {
    situation.block.text.lines().find(|line| !line.trim().is_empty()).unwrap_or("")
}

fn empty(situation: &Situation) -> Option<Role> {
    let text = &situation.block.text;
    let blank = text.lines().all(|line| line.trim().is_empty());
    let only_comments =
        is_shell(situation) && text.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#'));
    (blank || only_comments && !situation.says(Cue::Output)).then_some(Role::Other)
}

fn request_line(situation: &Situation) -> Option<Role> {
    let line = first_line(situation);
    let method = ["GET ", "POST ", "PUT ", "PATCH ", "DELETE ", "HEAD ", "OPTIONS "]
        .iter()
        .find(|method| line.starts_with(**method))?;
    let target = line[method.len()..].trim_start();
    (target.starts_with('/') || target.starts_with("http")).then_some(Role::Other)
}

fn containers_command(situation: &Situation) -> Option<Role> {
    let runnable = is_shell(situation) || is_neutral(situation);
    let machine = words::machine_tool(prompt::first_word(first_line(situation)));
    (runnable && !machine && situation.says(Cue::Container)).then_some(Role::Other)
}

fn part_of_a_manifest(situation: &Situation) -> Option<Role> {
    let text = situation.block.text.trim();
    let long_enough = text.len() >= 12 && text.contains(' ');
    let runs = starts_as_command(situation) && !announced(situation);
    if !long_enough || is_data(situation) || !runs || words::machine_tool(prompt::first_word(text)) {
        return None;
    }
    let squeezed = squeeze(text);
    let shown = situation.page.examples.iter().any(|example| squeeze(&example.text).contains(&squeezed));
    shown.then_some(Role::Other)
}

/// Runs of white space as one blank.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn ideas(situation: &Situation) -> Option<Role> {
    let command = words::machine_tool(prompt::first_word(first_line(situation)));
    (!command && situation.says(Cue::Ideas)).then_some(Role::Other)
}

fn prompts(situation: &Situation) -> Option<Role> {
    if !is_shell(situation)
        && !is_neutral(situation)
        && situation.block.language != "python"
        && situation.block.language != "sql"
    {
        return None;
    }
    prompt::transcript(&situation.block.text).map(|_| Role::Transcript)
}

fn file(situation: &Situation) -> Option<Role> {
    let told = situation.says(Cue::Save) && !situation.says(Cue::Output);
    let runs = (is_shell(situation) || is_neutral(situation)) && starts_as_command(situation);
    (told && !runs && !is_heredoc(situation)).then_some(Role::File)
}

fn source_code(situation: &Situation) -> Option<Role> {
    let shell_or_text = is_shell(situation) || is_neutral(situation) || is_data(situation);
    (!shell_or_text).then_some(Role::Other)
}

fn is_heredoc(situation: &Situation) -> bool {
    let first = first_line(situation);
    first.contains("<<") && situation.resolves(prompt::first_word(first))
}

fn script_elsewhere(situation: &Situation) -> Option<Role> {
    (is_data(situation) && is_heredoc(situation)).then_some(Role::Command)
}

/// Whether the first line could be typed into a shell.
fn starts_as_command(situation: &Situation) -> bool {
    begins_with_command(situation, first_unit(situation).as_str(), true)
}

fn first_unit(situation: &Situation) -> String {
    shell::units(&situation.block.text).into_iter().next().map(|unit| unit.text).unwrap_or_default()
}

/// Whether a unit begins with something that runs. The first unit of a shell fence may name a
/// program nobody knows; what looks like data does not run.
fn begins_with_command(situation: &Situation, unit: &str, first: bool) -> bool {
    let commands = shell::simple_commands(unit);
    let Some(command) = commands.first() else { return false };
    let name = command.name();
    if name.is_empty() {
        return !command.assignments.is_empty();
    }
    if name.ends_with(':') || name.ends_with("()") {
        return name.ends_with("()");
    }
    situation.resolves(name)
        || unit.trim_start().starts_with("function ")
        || (first && program_name(name) && !looks_like_data(unit))
}

/// Whether a word is shaped like a program's name.
fn program_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase() || c == '/' || c == '~' || c == '$')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '~' | '$' | '+'))
}

/// Tables, mappings, JSON and sentences are no commands.
fn looks_like_data(text: &str) -> bool {
    let line = text.lines().next().unwrap_or("").trim();
    let first = prompt::first_word(line);
    let header = line.split_whitespace().count() > 1
        && line.split_whitespace().take(2).all(|word| {
            word.len() > 1
                && word.chars().all(|c| c.is_ascii_uppercase() || matches!(c, '-' | '_' | '(' | ')' | '%' | '/'))
        });
    let columns = line.contains("   ") && !line.contains('|');
    header
        || columns
        || first.ends_with(':')
        || line.starts_with(['{', '[', '}', ']', '"', '<'])
        || first.contains('/') && line.ends_with("ed")
}

fn shell_output(situation: &Situation) -> Option<Role> {
    if !is_shell(situation) {
        return None;
    }
    let announced = situation.says(Cue::Output);
    let unit = first_unit(situation);
    let commands = shell::simple_commands(&unit);
    let assignment = commands.first().is_some_and(|command| command.name().is_empty());
    if announced && (assignment || looks_like_data(&unit) || !starts_as_command(situation)) {
        return Some(Role::Output);
    }
    if starts_as_command(situation) {
        return None;
    }
    if looks_like_manifest(&situation.block.text) {
        return Some(Role::Manifest);
    }
    let printed = right_after_command(situation);
    Some(if printed { Role::Output } else { data_role(situation) })
}

fn data_role(situation: &Situation) -> Role {
    if situation.block.text.lines().next().is_some_and(|line| line.contains(": ") || line.ends_with(':')) {
        Role::Manifest
    } else {
        Role::Other
    }
}

fn shell_commands(situation: &Situation) -> Option<Role> {
    if !is_shell(situation) {
        return None;
    }
    let units = shell::units(&situation.block.text);
    let all = units.iter().enumerate().all(|(index, unit)| begins_with_command(situation, &unit.text, index == 0));
    all.then_some(Role::Command)
}

fn shell_transcript(situation: &Situation) -> Option<Role> {
    if !is_shell(situation) && situation.block.language != "console" || !starts_as_command(situation) {
        return None;
    }
    let known = situation.resolves(prompt::first_word(first_line(situation)));
    known.then_some(Role::Transcript)
}

fn cluster_commands(situation: &Situation) -> Option<Role> {
    if !is_neutral(situation) {
        return None;
    }
    let units = shell::units(&situation.block.text);
    let all = !units.is_empty()
        && units.iter().all(|unit| {
            let word = prompt::first_word(&unit.text);
            words::machine_tool(word) || words::CLUSTER_TOOLS.contains(&word)
        });
    all.then_some(Role::Command)
}

fn plain_commands(situation: &Situation) -> Option<Role> {
    if !is_neutral(situation) || situation.says(Cue::Output) {
        return None;
    }
    let told = situation.in_shell || situation.says(Cue::Run) || situation.says(Cue::Inside);
    let units = shell::units(&situation.block.text);
    let all = !units.is_empty()
        && units.iter().all(|unit| {
            let commands = shell::simple_commands(&unit.text);
            commands.first().is_some_and(|command| {
                situation.resolves(command.name()) || command.name().is_empty() && !command.assignments.is_empty()
            })
        });
    (told && all && !right_after_command(situation)).then_some(Role::Command)
}

fn announced_output(situation: &Situation) -> Option<Role> {
    (!is_shell(situation) && announced(situation)).then_some(Role::Output)
}

/// Whether the text before says that what follows was printed: the sentence right before, or, after
/// a command, the paragraph's first; or whether it names a command that prints something.
fn announced(situation: &Situation) -> bool {
    let said = situation.says(Cue::Output);
    let context = &situation.block.context;
    let after_command = situation.command_before().is_some();
    let opening = after_command && situation.cues.say(Cue::Output, first_sentence(&context.paragraph));
    let named = (is_data(situation) || is_neutral(situation)) && reading_command_named(situation);
    if is_data(situation) {
        return (said || opening) && (after_command || inline_command(situation)) || named;
    }
    said || opening || named
}

fn first_sentence(paragraph: &str) -> &str {
    let end = paragraph.find(". ").or_else(|| paragraph.find('。'));
    end.map_or(paragraph, |end| &paragraph[..end])
}

/// Whether the paragraph before names a whole command in an inline code span.
fn inline_command(situation: &Situation) -> bool {
    situation
        .block
        .context
        .spans
        .iter()
        .any(|(text, _)| text.split_whitespace().count() > 1 && words::machine_tool(prompt::first_word(text)))
}

/// Whether the sentence before names a whole command of the cluster that only reads.
fn reading_command_named(situation: &Situation) -> bool {
    let context = &situation.block.context;
    context.spans.iter().any(|(text, _)| {
        text.split_whitespace().count() > 2
            && words::machine_tool(prompt::first_word(text))
            && words::kind(text) == words::Kind::Read
            && context.cue.contains(text.as_str())
    })
}

fn looks_like_manifest(text: &str) -> bool {
    let has = |key: &str| text.lines().any(|line| line.trim_start_matches(['-', ' ', '"']).starts_with(key));
    has("apiVersion") && has("kind")
}

fn manifest(situation: &Situation) -> Option<Role> {
    let shaped = is_data(situation) || is_neutral(situation);
    let adjacent = right_after_command(situation);
    (shaped && !adjacent && looks_like_manifest(&situation.block.text)).then_some(Role::Manifest)
}

fn adjacent_output(situation: &Situation) -> Option<Role> {
    ((is_neutral(situation) || is_data(situation)) && right_after_command(situation)).then_some(Role::Output)
}

/// Whether the block right before is a command, with nothing between.
fn right_after_command(situation: &Situation) -> bool {
    let last = situation.classes.last();
    situation.block.context.adjacent && last.is_some_and(|class| matches!(class.role, Role::Command | Role::Transcript))
}

fn fragment(situation: &Situation) -> Option<Role> {
    is_data(situation).then_some(Role::Other)
}
