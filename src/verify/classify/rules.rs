//! The rules, in the order in which they are asked.

use super::{AT_PROMPT, Class, Situation, shapes};
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
    ("prose with a link, indented too far", prose),
    ("prompts at the head of its lines", prompts),
    (AT_PROMPT, at_prompt),
    ("what an editor shows that kubectl opened", editor),
    ("a table such as kubectl prints, behind a command", table),
    ("the sentence before it says to save it", file),
    ("source code of a program", source_code),
    ("a script in a fence of another language", script_elsewhere),
    ("a shell fence behind an output cue that no shell could run", shell_output),
    ("a shell fence, each line begins with a command", shell_commands),
    ("a shell fence with a command and what it prints", shell_transcript),
    ("every line begins with a cluster tool", cluster_commands),
    ("plain commands that the reader is told to run", plain_commands),
    ("the sentence before it announces an output", announced_output),
    ("what is announced after it is its output", command_before_its_output),
    ("an object that a server has filled in", filled_in),
    ("an object, behind a command that prints one", printed_object),
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
    let squeezed = shapes::squeeze(text);
    let shown = situation.page.examples.iter().any(|example| shapes::squeeze(&example.text).contains(&squeezed));
    shown.then_some(Role::Other)
}

fn ideas(situation: &Situation) -> Option<Role> {
    let command = words::machine_tool(prompt::first_word(first_line(situation)));
    let said = situation.says(Cue::Ideas) || situation.cues.say(Cue::Ideas, &situation.block.context.lead);
    (!command && said).then_some(Role::Other)
}

/// Markdown's links are written for readers; in an indented block they are a paragraph's that slipped in.
fn prose(situation: &Situation) -> Option<Role> {
    let block = situation.block;
    let linked = block.text.contains("](/") || block.text.contains("](http");
    (block.info.is_none() && linked).then_some(Role::Other)
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

/// What is typed into a program that is open and has a prompt of its own: no shell knows its words.
fn at_prompt(situation: &Situation) -> Option<Role> {
    let program = matches!(situation.block.language.as_str(), "sql" | "python" | "javascript" | "js");
    let told = situation.says(Cue::Prompt) || situation.says(Cue::Run);
    let typed = (is_shell(situation) || is_neutral(situation) || program) && told && !situation.says(Cue::Output);
    let unknown = !situation.resolves(prompt::first_word(first_line(situation)));
    (situation.at_prompt && typed && unknown).then_some(Role::Command)
}

fn editor(situation: &Situation) -> Option<Role> {
    shapes::edited_object(&situation.block.text).then_some(Role::Output)
}

fn table(situation: &Situation) -> Option<Role> {
    let printed = (is_shell(situation) || is_neutral(situation)) && shapes::printed_table(&situation.block.text);
    (printed && situation.command_before().is_some()).then_some(Role::Output)
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
    let unit = first_unit(situation);
    let first = unit.lines().next().unwrap_or("");
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
    // A program by its whole path.
    let by_path = name.starts_with(['/', '~']) && name.contains("bin/") && shapes::program_name(name);
    situation.resolves(name)
        || by_path
        || unit.trim_start().starts_with("function ")
        || (first && shapes::program_name(name) && !shapes::data(unit))
}

fn shell_output(situation: &Situation) -> Option<Role> {
    if !is_shell(situation) {
        return None;
    }
    let announced = situation.says(Cue::Output);
    let unit = first_unit(situation);
    let commands = shell::simple_commands(&unit);
    let assignment = commands.first().is_some_and(|command| command.name().is_empty());
    let known = commands.first().is_some_and(|command| situation.resolves(command.name()));
    let sentence = !known && !situation.says(Cue::Run) && !unit.contains(" -");
    if announced && (assignment || shapes::data(&unit) || sentence || !starts_as_command(situation)) {
        return Some(Role::Output);
    }
    if starts_as_command(situation) {
        return None;
    }
    if shapes::manifest(&situation.block.text) {
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
    // "Run this and see that it prints something" is said of a command.
    if !is_neutral(situation) || situation.says(Cue::Output) && !situation.says(Cue::Run) {
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

/// Commands without a cue of their own that stand between outputs: the next block is announced as what
/// they print.
fn command_before_its_output(situation: &Situation) -> Option<Role> {
    let next = situation.after.first()?;
    let follows = next.context.section == situation.block.context.section
        && situation.cues.say(Cue::Output, &next.context.cue)
        && !situation.says(Cue::Output);
    let units = shell::units(&situation.block.text);
    let all = !units.is_empty()
        && units.iter().all(|unit| {
            let commands = shell::simple_commands(&unit.text);
            commands.iter().all(|command| situation.resolves(command.name())) && !shapes::data(&unit.text)
        });
    (is_neutral(situation) && follows && all).then_some(Role::Command)
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
    let opening = after_command && situation.cues.say(Cue::Output, shapes::first_sentence(&context.paragraph));
    let named = (is_data(situation) || is_neutral(situation)) && reading_command_named(situation);
    if is_data(situation) {
        return (said || opening) && (after_command || inline_command(situation)) || named;
    }
    said || opening || named
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

fn filled_in(situation: &Situation) -> Option<Role> {
    // Behind `kubectl edit` it is what the reader makes of it.
    let edited = situation.command_before().is_some_and(|block| ends_in_edit(&block.text));
    (!edited && shapes::server_filled(&situation.block.text)).then_some(Role::Output)
}

fn printed_object(situation: &Situation) -> Option<Role> {
    let (last, block) = (situation.classes.last()?, situation.before.last()?);
    let behind = block.context.section == situation.block.context.section
        && matches!(last.role, Role::Command | Role::Transcript)
        && shapes::prints_objects(&block.text);
    let shown = [Cue::Save, Cue::Run, Cue::Shown].iter().any(|cue| situation.says(*cue));
    (is_data(situation) && behind && !shown && shapes::manifest(&situation.block.text)).then_some(Role::Output)
}

fn manifest(situation: &Situation) -> Option<Role> {
    let shaped = is_data(situation) || is_neutral(situation);
    let adjacent = right_after_command(situation);
    (shaped && !adjacent && shapes::manifest(&situation.block.text)).then_some(Role::Manifest)
}

fn adjacent_output(situation: &Situation) -> Option<Role> {
    ((is_neutral(situation) || is_data(situation)) && right_after_command(situation)).then_some(Role::Output)
}

/// Whether the block right before is a command, with nothing between; behind `kubectl edit` stands what is typed
/// there, unless it says that something was edited.
fn right_after_command(situation: &Situation) -> bool {
    let last = situation.classes.last();
    let command = last.is_some_and(|class| matches!(class.role, Role::Command | Role::Transcript));
    let typed = situation.before.last().is_some_and(|block| ends_in_edit(&block.text))
        && !situation.block.text.trim_end().ends_with(" edited");
    situation.block.context.adjacent && command && !typed
}

/// Whether the last command of a block opens an editor.
fn ends_in_edit(text: &str) -> bool {
    shell::units(text).last().is_some_and(|unit| words::kind(&unit.text) == words::Kind::Edit)
}

fn fragment(situation: &Situation) -> Option<Role> {
    is_data(situation).then_some(Role::Other)
}
