//! What would run, where, and what each output documents.
//!
//! In: a [`Page`] with its [`Class`]es and where its example files are. Out: [`PagePlan`], a plain
//! value: the commands as they will be run, the session each runs in, the command each output is of,
//! and the reason for whatever is not run.
//!
//! Steps: commands of each block, suppositions, sessions, pairing, alternatives, leases and edits, placeholders, files
//! and URLs, skips.

mod alternatives;
mod edits;
pub mod files;
pub(crate) mod made;
mod objects;
mod pairing;
pub mod placeholders;
mod sessions;
mod skips;
pub(crate) mod variables;

pub(crate) use objects::{made_objects, makes_something, missing_objects, object_names};
pub(crate) use placeholders::object_kind;

use serde::{Deserialize, Serialize};

use crate::verify::classify::{self, Class};
use crate::verify::cues::Cues;
use crate::verify::extract::{Block, Page};
use crate::verify::model::{BlockReport, CommandReport, Inline, PageReport, Role};
use crate::verify::prompt::{self, Prompt};
use crate::verify::shell;
use crate::verify::words::{self, Kind};

/// Whether programs with a prompt of their own (`mysql`, `redis-cli`) are driven. Where they are not, what
/// opens one and what is typed there is skipped.
pub const REPLS_ARE_DRIVEN: bool = true;

/// Whether `kubectl edit` is given what the page shows. Where it is not, it is skipped.
pub const EDITS_ARE_TYPED: bool = true;

/// Whether a shell is followed that a block opens and types into itself. Where it is not, what is typed there
/// is skipped: it must not run on the machine.
pub const SHELLS_WITHIN_BLOCKS: bool = true;

/// The plan of one page.
#[derive(Debug, Clone, Serialize)]
pub struct PagePlan {
    /// Path relative to the root.
    pub path: String,
    /// URL below the site's root.
    pub url: String,
    /// Language code.
    pub lang: String,
    /// The page in the default language, if this is a translation.
    pub original: Option<String>,
    /// Whether any of its commands needs a cluster.
    pub needs_cluster: bool,
    /// What other pages make and this one works on, in the order in which it is set up before the first command;
    /// a command that finds one of these gone may have it made again.
    pub setup: Vec<Setup>,
    /// Its blocks in order.
    pub blocks: Vec<PlannedBlock>,
}

/// An object that a page works on, and the command of a linked page that makes it.
#[derive(Debug, Clone, Serialize)]
pub struct Setup {
    /// The page that makes it, relative to the root.
    pub page: String,
    /// The line of the link to that page.
    pub line: usize,
    /// The object's name.
    pub makes: String,
    /// What makes it, with the files that it reads.
    pub command: PlannedCommand,
}

/// The plan of one block.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedBlock {
    /// The block.
    pub block: Block,
    /// For the reader.
    pub role: Role,
    /// The rule that decided the role.
    pub because: String,
    /// The block that opened the shell this one runs in.
    pub in_session: Option<usize>,
    /// For an output: the block whose command it is of.
    pub documents: Option<usize>,
    /// For an output: the rule that paired it.
    pub paired_because: Option<String>,
    /// For an output whose command stands in the prose.
    pub inline: Option<Inline>,
    /// Its commands (for an output with an inline command: that one).
    pub commands: Vec<PlannedCommand>,
    /// The block that does the same in another way, and is run first. Without a [`skip`](Self::skip) both are
    /// run: an object that this one makes and that is there already may be of the other's making.
    pub alternative_of: Option<usize>,
    /// For a command that already runs: the block that started it, whose output is read.
    pub reads_lease: Option<usize>,
    /// Why the whole block is not run, or its output not compared.
    pub skip: Option<String>,
}

/// The plan of one command.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedCommand {
    /// Its first line in the source.
    pub line: usize,
    /// As the page prints it, prompt removed.
    pub text: String,
    /// As it will be run, as far as is known without a cluster.
    pub ran: String,
    /// How it is run.
    pub kind: Kind,
    /// The prompt before it.
    pub prompt: Option<Prompt>,
    /// The block that opened the shell it is typed into; its own block, if that opens one before it.
    pub session: Option<usize>,
    /// Whether it opens a program with a prompt of its own, or is typed there.
    pub repl: bool,
    /// For `kubectl edit`: what is typed in the editor.
    pub edit: Option<Edit>,
    /// The output lines right behind it in a transcript.
    pub output: Option<OutputLines>,
    /// Files that the command finds in its folder.
    pub files: Vec<files::PlacedFile>,
    /// `<pod-name>` and other names to fill in.
    pub placeholders: Vec<String>,
    /// Why it is not run.
    pub skip: Option<String>,
    /// What was changed or decided about it, for `--explain`.
    pub notes: Vec<String>,
}

/// What the page shows to be changed in an editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The block that shows it.
    pub block: usize,
    /// Whether it is the whole object; else only the part that changes.
    pub whole: bool,
}

/// Output lines within a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputLines {
    /// The text, with a final newline.
    pub text: String,
    /// The source line of each line.
    pub lines: Vec<usize>,
}

/// Makes the plan of one page.
#[must_use]
pub fn plan(page: &Page, classes: &[Class], cues: &Cues, folders: &files::Folders) -> PagePlan {
    let mut blocks: Vec<PlannedBlock> =
        page.blocks.iter().zip(classes).map(|(block, class)| planned_block(block, class)).collect();
    objects::hypothetical(&mut blocks, page, cues);
    sessions::assign(&mut blocks, cues);
    pairing::pair(&mut blocks, page, cues);
    alternatives::find(&mut blocks, cues);
    edits::find(&mut blocks, cues);
    placeholders::find(&mut blocks);
    files::place(&mut blocks, page, folders);
    skips::decide(&mut blocks, page, cues);
    let needs_cluster = blocks.iter().flat_map(|block| &block.commands).any(needs_cluster);
    PagePlan {
        path: page.path.clone(),
        url: page.url.clone(),
        lang: page.lang.clone(),
        original: page.original.clone(),
        needs_cluster: page.overrides.cluster.unwrap_or(needs_cluster),
        setup: vec![],
        blocks,
    }
}

fn needs_cluster(command: &PlannedCommand) -> bool {
    command.skip.is_none()
        && shell::simple_commands(&command.text).iter().any(|simple| {
            matches!(simple.name(), "kubectl" | "helm") && !simple.words.iter().any(|word| word == "--client")
        })
        || command.skip.is_none() && words::substituted(&command.text).any(|word| matches!(word, "kubectl" | "helm"))
}

fn planned_block(block: &Block, class: &Class) -> PlannedBlock {
    let prompt = class.because.ends_with(classify::AT_PROMPT).then_some(Prompt::Repl);
    let commands = match class.role {
        Role::Command => shell::units(&block.text)
            .iter()
            .map(|unit| planned_command(block.source_line(unit.first), &unit.text, prompt))
            .collect(),
        Role::Transcript => transcript_commands(block),
        _ => vec![],
    };
    PlannedBlock {
        block: block.clone(),
        role: class.role,
        because: class.because.clone(),
        in_session: None,
        documents: None,
        paired_because: None,
        inline: None,
        commands,
        alternative_of: None,
        reads_lease: None,
        skip: None,
    }
}

fn transcript_commands(block: &Block) -> Vec<PlannedCommand> {
    if let Some(typed) = prompt::transcript(&block.text) {
        return typed
            .iter()
            .map(|typed| {
                let mut command = planned_command(block.source_line(typed.first), &typed.text, Some(typed.prompt));
                command.output = output_lines(block, typed.last + 1, typed.end);
                command
            })
            .collect();
    }
    // Without prompts, the first unit is the command and lines that nothing can run are its output.
    let units = shell::units(&block.text);
    let mut commands: Vec<(usize, usize, PlannedCommand)> = vec![];
    for unit in &units {
        if commands.is_empty() || words::known(prompt::first_word(&unit.text)) {
            commands.push((unit.last, unit.last + 1, planned_command(block.source_line(unit.first), &unit.text, None)));
        } else if let Some((_, end, _)) = commands.last_mut() {
            *end = unit.last + 1;
        }
    }
    commands
        .into_iter()
        .map(|(last, end, mut command)| {
            command.output = output_lines(block, last + 1, end);
            command
        })
        .collect()
}

fn output_lines(block: &Block, from: usize, to: usize) -> Option<OutputLines> {
    let lines: Vec<&str> = block.text.lines().skip(from).take(to.saturating_sub(from)).collect();
    if lines.iter().all(|line| line.trim().is_empty()) {
        return None;
    }
    Some(OutputLines {
        text: lines.join("\n") + "\n",
        lines: (from..from + lines.len()).map(|index| block.source_line(index)).collect(),
    })
}

pub(crate) fn planned_command(line: usize, text: &str, prompt: Option<Prompt>) -> PlannedCommand {
    PlannedCommand {
        line,
        text: text.to_owned(),
        ran: text.to_owned(),
        // A word of a program may be a command of a shell too.
        kind: if prompt == Some(Prompt::Repl) { Kind::Change } else { words::kind(text) },
        prompt,
        session: None,
        repl: prompt == Some(Prompt::Repl) || words::kind(text) == Kind::Open && words::opens_program(text),
        edit: None,
        output: None,
        files: vec![],
        placeholders: vec![],
        skip: None,
        notes: vec![],
    }
}

/// Marks the blocks of a translation whose commands its original does not have: they are out of
/// step, and not run. Outputs are compared at their own lines with what the original's commands print.
pub fn out_of_step(translation: &mut PagePlan, original: &PagePlan, path: &str) {
    let mut known: Vec<&str> =
        original.blocks.iter().flat_map(|block| &block.commands).map(|command| command.text.trim()).collect();
    let mut differing: Vec<usize> = vec![];
    for block in &mut translation.blocks {
        for command in &mut block.commands {
            if let Some(at) = known.iter().position(|text| *text == command.text.trim()) {
                known.drain(..at);
                continue;
            }
            if command.skip.is_none() {
                command.skip = Some(format!("out-of-step: {path} has no such command"));
            }
            differing.push(block.block.id);
        }
        if !block.commands.is_empty()
            && block.skip.is_none()
            && block.commands.iter().all(|command| command.skip.is_some())
        {
            block.skip = block.commands[0].skip.clone();
        }
        if block.documents.is_some_and(|id| differing.contains(&id)) && block.skip.is_none() {
            block.skip = Some("out-of-step: the command it documents differs from the original's".to_owned());
        }
    }
}

impl PagePlan {
    /// The block with this number.
    #[must_use]
    pub fn block(&self, id: usize) -> Option<&PlannedBlock> {
        id.checked_sub(1).and_then(|index| self.blocks.get(index))
    }

    /// The commands that would run, in order: the identity of the page's run, which translations share.
    #[must_use]
    pub fn sequence(&self) -> Vec<String> {
        self.blocks
            .iter()
            .flat_map(|block| &block.commands)
            .filter(|command| command.skip.is_none())
            .map(|command| command.ran.clone())
            .collect()
    }

    /// Whether there is anything to run.
    #[must_use]
    pub fn has_commands(&self) -> bool {
        self.blocks.iter().any(|block| !block.commands.is_empty())
    }

    /// The plan in the report's shape: roles, pairs and reasons, no verdicts.
    #[must_use]
    pub fn report(&self) -> PageReport {
        PageReport {
            path: self.path.clone(),
            url: self.url.clone(),
            lang: self.lang.clone(),
            verdict: None,
            shares_run_of: None,
            stand_ins: std::collections::BTreeMap::new(),
            blocks: self.blocks.iter().map(PlannedBlock::report).collect(),
        }
    }
}

impl PlannedBlock {
    /// The block in the report's shape, without verdicts.
    #[must_use]
    pub fn report(&self) -> BlockReport {
        let block = &self.block;
        BlockReport {
            id: block.id,
            line: block.line,
            end_line: block.end_line,
            info: block.info.clone(),
            file: block.file.clone(),
            role: self.role,
            because: self.because.clone(),
            in_session: self.in_session,
            documents: self.documents,
            inline: self.inline.clone(),
            commands: if self.role == Role::Output {
                vec![]
            } else {
                self.commands.iter().map(PlannedCommand::report).collect()
            },
            verdict: None,
            reason: self.skip.clone(),
            findings: vec![],
        }
    }
}

impl PlannedCommand {
    /// The command in the report's shape, without a verdict.
    #[must_use]
    pub fn report(&self) -> CommandReport {
        CommandReport {
            line: self.line,
            text: self.text.clone(),
            ran: self.ran.clone(),
            exit: None,
            stdout: String::new(),
            stderr: String::new(),
            ms: 0,
            verdict: None,
            reason: self.skip.clone(),
        }
    }
}
