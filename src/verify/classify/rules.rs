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
    ("it begins with a command of the section, and goes on with what that prints", echoed),
    ("a script: it names its interpreter", script),
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
    ("only prose stands between a command and it", explained_output),
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
    // Right behind a command stands what it printed: the same words as in the manifest that has them printed.
    let runs = starts_as_command(situation) && !announced(situation) && !right_after_command(situation);
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
    let told = situation.says_in_paragraph(Cue::Save) && !situation.says(Cue::Output);
    let runs = (is_shell(situation) || is_neutral(situation)) && starts_with_program(situation);
    (told && !runs && !is_heredoc(situation)).then_some(Role::File)
}

/// Whether the first line could be typed into a shell, and does more than set variables: that much stands in files.
fn starts_with_program(situation: &Situation) -> bool {
    let sets = shell::simple_commands(&first_unit(situation)).first().is_some_and(|command| command.words.is_empty());
    starts_as_command(situation) && !sets
}

/// What names its interpreter in its first line is a file, unless it is said to be commands: typed, its `exit` would
/// end the reader's shell.
fn script(situation: &Situation) -> Option<Role> {
    let named = is_shell(situation) && first_line(situation).trim_start().starts_with("#!");
    let told = situation.says(Cue::Run) && !situation.says_in_paragraph(Cue::Save);
    (named && !told).then_some(Role::File)
}

/// What authors paste from a terminal begins with the command that they typed there.
fn echoed(situation: &Situation) -> Option<Role> {
    let (typed, printed) = situation.block.text.trim().split_once('\n')?;
    let same = |unit: shell::Unit| unit.text.trim() == typed.trim();
    let shown = || situation.commands_before().any(|block| shell::units(&block.text).into_iter().any(same));
    let answers = !words::known(prompt::first_word(printed.trim_start()));
    let command = words::known(prompt::first_word(typed));
    // A console shows both, whatever stands before it.
    let pasted = is_neutral(situation) && situation.block.language != "console";
    (pasted && command && answers && shown()).then_some(Role::Output)
}

fn source_code(situation: &Situation) -> Option<Role> {
    let shell_or_text = is_shell(situation) || is_neutral(situation) || is_data(situation);
    // Some commands print it.
    let printed = situation.says(Cue::Output) && situation.is_behind_command();
    (!shell_or_text && !printed).then_some(Role::Other)
}

fn is_heredoc(situation: &Situation) -> bool {
    let unit = first_unit(situation);
    let first = unit.lines().next().unwrap_or("");
    first.contains("<<") && situation.resolves(prompt::first_word(first))
}

fn script_elsewhere(situation: &Situation) -> Option<Role> {
    let units = shell::units(&situation.block.text);
    let here = |unit: &shell::Unit| unit.first < unit.last && unit.text.lines().any(|line| line.contains("<<"));
    let resolve = |unit: &shell::Unit| {
        let commands = shell::simple_commands(&unit.text);
        !commands.is_empty() && commands.iter().all(|command| situation.resolves(command.name()))
    };
    let script = is_data(situation) && is_heredoc(situation)
        || is_neutral(situation) && units.iter().any(here) && units.iter().all(resolve);
    script.then_some(Role::Command)
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
    let announced = announced(situation);
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
    let printed = right_after_command(situation) || is_explained(situation);
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
    (all && !is_settings_shown(&units)).then_some(Role::Command)
}

/// Whether it is a command that shows a file, and lines such as a file of settings has: nobody sets variables right
/// behind it, of which nothing is used there.
fn is_settings_shown(units: &[shell::Unit]) -> bool {
    let settings = |unit: &&shell::Unit| {
        let commands = shell::simple_commands(&unit.text);
        !unit.text.contains('$') && commands.iter().all(|command| command.words.is_empty())
    };
    let shown = units.iter().rev().take_while(settings).count();
    let before = units.len() - shown;
    let shows = |unit: &shell::Unit| {
        matches!(prompt::first_word(&unit.text), "cat" | "env" | "printenv") && !unit.text.contains(['<', '>', '|'])
    };
    shown > 0 && before > 0 && shows(&units[before - 1])
}

fn shell_transcript(situation: &Situation) -> Option<Role> {
    if !is_shell(situation) && situation.block.language != "console" || !starts_as_command(situation) {
        return None;
    }
    let units = shell::units(&situation.block.text);
    if situation.block.language == "console"
        && units.iter().all(|unit| begins_with_command(situation, &unit.text, false))
    {
        return Some(Role::Command);
    }
    let program = prompt::first_word(first_line(situation));
    (situation.resolves(program) || situation.runs_elsewhere(program)).then_some(Role::Transcript)
}

fn cluster_commands(situation: &Situation) -> Option<Role> {
    if !is_neutral(situation) {
        return None;
    }
    let units = shell::units(&situation.block.text);
    let tool = |word: &str| words::machine_tool(word) || words::CLUSTER_TOOLS.contains(&word);
    let runs = |unit: &shell::Unit| {
        let commands = shell::simple_commands(&unit.text);
        let Some(command) = commands.first() else { return tool(prompt::first_word(&unit.text)) };
        // A variable is set to what a tool prints.
        let asks = || command.assignments.iter().any(|value| words::substituted(value).any(tool));
        tool(command.name()) || command.words.is_empty() && asks()
    };
    // The names of plugins, a line each, are what a command lists.
    let listed = right_after_command(situation) && units.iter().all(|unit| is_plugin(&unit.text));
    (!units.is_empty() && units.iter().all(runs) && !listed).then_some(Role::Command)
}

/// Whether it is a plugin's name and nothing else.
fn is_plugin(unit: &str) -> bool {
    let unit = unit.trim();
    unit.starts_with("kubectl-") && !unit.contains(char::is_whitespace)
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
    let said = situation.says(Cue::Output) || situation.block.language == "output";
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
    let printed = situation.command_before().is_some_and(|block| shapes::prints_objects(&block.text));
    let filled = shapes::server_filled(&situation.block.text) || printed && shapes::last_applied(&situation.block.text);
    (!edited && filled).then_some(Role::Output)
}

fn printed_object(situation: &Situation) -> Option<Role> {
    let (last, block) = (situation.classes.last()?, situation.before.last()?);
    let behind = block.context.section == situation.block.context.section
        && matches!(last.role, Role::Command | Role::Transcript)
        && shapes::prints_objects(&block.text);
    let shown = [Cue::Save, Cue::Run, Cue::Shown].iter().any(|cue| situation.says_in_prose(*cue));
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

fn explained_output(situation: &Situation) -> Option<Role> {
    (is_neutral(situation) && is_explained(situation)).then_some(Role::Output)
}

/// Whether it is the first block behind a command, with nothing between but prose that says what comes: no file, no
/// definition, nothing to run.
fn is_explained(situation: &Situation) -> bool {
    let Some(command) = situation.before.last().filter(|_| situation.is_behind_command()) else { return false };
    let text = &situation.block.text;
    let answered = situation.classes.last().is_some_and(|class| class.role == Role::Transcript)
        && prompt::transcript(&command.text)
            .is_none_or(|typed| typed.last().is_none_or(|last| last.end != last.last + 1));
    if answered || ends_in_edit(&command.text) || runs(situation) || shapes::manifest(text) {
        return false;
    }
    let other = [Cue::Save, Cue::Run, Cue::Container, Cue::Suppose, Cue::Ideas];
    // A definition that is spoken of is shown here, unless it is what the command shows.
    let shown = situation.says_in_prose(Cue::Shown) && !shapes::prints_a_file(&command.text);
    let told = shown || other.iter().any(|cue| situation.says(*cue));
    // What programs print in forms of their own needs no words.
    let part = shapes::part_of_an_object(text) && !shapes::prints_objects(&command.text);
    // Indented text may be a paragraph's.
    let apart = situation.block.info.is_some() || situation.block.context.cue.trim_end().ends_with([':', '：']);
    shapes::printed(text) || !told && !part && apart && !shapes::template(text)
}

/// Whether the first line is what a shell would run: a known program, or one with flags.
fn runs(situation: &Situation) -> bool {
    let unit = first_unit(situation);
    let commands = shell::simple_commands(&unit);
    let Some(command) = commands.first() else { return false };
    match command.words.first() {
        Some(name) => situation.resolves(name) || shapes::program_name(name) && unit.contains(" --"),
        None => unit.contains('$') || situation.block.text.contains(".sh"),
    }
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
