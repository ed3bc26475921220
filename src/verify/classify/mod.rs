//! What each block of a page is for the reader.
//!
//! In: a page's [`Block`]s, the example files it shows, the language's [`Cues`]. Out: a [`Class`]
//! for each block: its role and the rule that decided. Pure and total.
//!
//! A rule is a function with a name in `rules::RULES`; the first that answers decides. To add one:
//! a function and a line in that table.

mod rules;
mod shapes;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::verify::cues::{Cue, Cues};
use crate::verify::extract::{self, Block, Page};
use crate::verify::model::Role;
use crate::verify::words::{self, Kind};
use crate::verify::{prompt, shell};

/// The rule of what is typed into a program with a prompt of its own.
pub(crate) const AT_PROMPT: &str = "typed at the prompt of the program that is open";

/// What a block is, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Class {
    /// For the reader.
    pub role: Role,
    /// The rule that decided, for people.
    pub because: String,
}

/// What the rules may look at.
pub(crate) struct Situation<'a> {
    pub(crate) block: &'a Block,
    pub(crate) page: &'a Page,
    pub(crate) cues: &'a Cues,
    /// The blocks before, and what they are.
    pub(crate) before: &'a [Block],
    pub(crate) classes: &'a [Class],
    /// The blocks after.
    pub(crate) after: &'a [Block],
    /// Aliases, functions and files made earlier on the page.
    pub(crate) made: &'a BTreeSet<String>,
    /// Whether a shell is open in a container.
    pub(crate) in_shell: bool,
    /// Whether a program with a prompt of its own is open.
    pub(crate) at_prompt: bool,
}

impl Situation<'_> {
    /// Whether the sentence before the block, or else its paragraph, says `cue`.
    pub(crate) fn says(&self, cue: Cue) -> bool {
        self.cues.say(cue, &self.block.context.cue)
    }

    /// Whether a sentence of the paragraph before the block says `cue`.
    pub(crate) fn says_in_paragraph(&self, cue: Cue) -> bool {
        extract::sentences(&self.block.context.paragraph).any(|sentence| self.cues.say(cue, sentence))
    }

    /// Whether the sentence before says `cue` in its own words, code spans apart.
    pub(crate) fn says_in_prose(&self, cue: Cue) -> bool {
        let words: String = self.block.context.cue.split('`').step_by(2).collect();
        self.cues.say(cue, &words)
    }

    /// The nearest block before in the same section whose output this could be.
    pub(crate) fn command_before(&self) -> Option<&Block> {
        self.commands_before().next()
    }

    /// The blocks before in the same section whose output this could be, the nearest first.
    pub(crate) fn commands_before(&self) -> impl Iterator<Item = &Block> {
        self.before
            .iter()
            .zip(self.classes)
            .rev()
            .take_while(|(block, _)| block.context.section == self.block.context.section)
            .filter(|(_, class)| matches!(class.role, Role::Command | Role::Transcript))
            .map(|(block, _)| block)
    }

    /// Whether the block right before, or example file, is a command of the same section.
    pub(crate) fn is_behind_command(&self) -> bool {
        let (Some(block), Some(class)) = (self.before.last(), self.classes.last()) else { return false };
        let (own, before) = (&self.block.context, &block.context);
        own.section == before.section
            && own.tab == before.tab
            && own.examples_before == before.examples_before
            && matches!(class.role, Role::Command | Role::Transcript)
    }

    /// Whether another block of the page begins with this program.
    pub(crate) fn runs_elsewhere(&self, program: &str) -> bool {
        let begins = |block: &Block| prompt::first_word(block.text.trim_start()) == program;
        let commands = self.before.iter().zip(self.classes).filter(|(_, class)| class.role == Role::Command);
        commands.map(|(block, _)| block).any(begins)
    }

    /// Whether a word can be run where this block stands.
    pub(crate) fn resolves(&self, word: &str) -> bool {
        words::known(word) || self.made.contains(word) || word.starts_with("./") || word.starts_with("../")
    }
}

/// Classifies the blocks of a page. `original` holds the page in the default language with its
/// classes: a block that is equal to one of its blocks has that block's role.
#[must_use]
pub fn classify(page: &Page, cues: &Cues, original: Option<(&Page, &[Class])>) -> Vec<Class> {
    let mut classes: Vec<Class> = Vec::with_capacity(page.blocks.len());
    let mut made = BTreeSet::new();
    let mut open: Vec<Opened> = vec![];
    let mut next_equal = 0;
    for (index, block) in page.blocks.iter().enumerate() {
        let inherited = original.and_then(|(original, roles)| {
            let at = (next_equal..original.blocks.len()).find(|&at| same_code(&original.blocks[at], block))?;
            next_equal = at + 1;
            let because = format!("as in the original, line {}: {}", original.blocks[at].line, roles[at].because);
            Some(Class { role: roles[at].role, because })
        });
        let situation = Situation {
            block,
            page,
            cues,
            before: &page.blocks[..index],
            classes: &classes,
            after: &page.blocks[index + 1..],
            made: &made,
            in_shell: open.contains(&Opened::Shell),
            at_prompt: open.last() == Some(&Opened::Program),
        };
        let class = rules::overridden(&situation).or(inherited).unwrap_or_else(|| rules::decide(&situation));
        if matches!(class.role, Role::Command | Role::Transcript) {
            note_what_is_made(&block.text, &mut made);
            note_what_opens(&block.text, &mut open);
        }
        classes.push(class);
    }
    classes
}

/// Whether two blocks hold the same code; translators change comments and placeholders, not these.
#[must_use]
pub fn same_code(a: &Block, b: &Block) -> bool {
    a.text.trim_end() == b.text.trim_end()
}

/// What a command left the reader in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opened {
    Shell,
    Program,
}

/// Notes the shells and programs that a block opens and leaves.
fn note_what_opens(text: &str, open: &mut Vec<Opened>) {
    for unit in shell::units(text) {
        match words::kind(&unit.text) {
            Kind::Open if words::opens_program(&unit.text) => open.push(Opened::Program),
            Kind::Open => open.push(Opened::Shell),
            Kind::Exit => {
                open.pop();
            }
            _ => {}
        }
    }
}

/// Notes the aliases and functions that a block defines.
fn note_what_is_made(text: &str, made: &mut BTreeSet<String>) {
    for line in text.lines() {
        let line = line.trim();
        if let Some(alias) = line.strip_prefix("alias ") {
            made.extend(alias.split_once('=').map(|(name, _)| name.trim().to_owned()));
        } else if let Some((name, _)) = line.split_once("()") {
            let name = name.trim_start_matches("function ").trim();
            if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
                made.insert(name.to_owned());
            }
        }
    }
}
