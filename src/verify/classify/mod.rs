//! What each block of a page is for the reader.
//!
//! In: a page's [`Block`]s, the example files it shows, the language's [`Cues`]. Out: a [`Class`]
//! for each block: its role and the rule that decided. Pure and total.
//!
//! A rule is a function with a name in `rules::RULES`; the first that answers decides. To add one:
//! a function and a line in that table.

mod rules;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::verify::cues::{Cue, Cues};
use crate::verify::extract::{Block, Page};
use crate::verify::model::Role;
use crate::verify::shell;
use crate::verify::words::{self, Kind};

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
    /// Aliases, functions and files made earlier on the page.
    pub(crate) made: &'a BTreeSet<String>,
    /// Whether a shell is open in a container.
    pub(crate) in_shell: bool,
}

impl Situation<'_> {
    /// Whether the sentence before the block, or else its paragraph, says `cue`.
    pub(crate) fn says(&self, cue: Cue) -> bool {
        self.cues.say(cue, &self.block.context.cue)
    }

    /// The nearest block before in the same section whose output this could be.
    pub(crate) fn command_before(&self) -> Option<&Block> {
        self.before
            .iter()
            .zip(self.classes)
            .rev()
            .take_while(|(block, _)| block.context.section == self.block.context.section)
            .find(|(_, class)| matches!(class.role, Role::Command | Role::Transcript))
            .map(|(block, _)| block)
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
    let mut in_shell = false;
    let mut next_equal = 0;
    for (index, block) in page.blocks.iter().enumerate() {
        let inherited = original.and_then(|(original, roles)| {
            let at = (next_equal..original.blocks.len()).find(|&at| same_code(&original.blocks[at], block))?;
            next_equal = at + 1;
            let because = format!("as in the original, line {}: {}", original.blocks[at].line, roles[at].because);
            Some(Class { role: roles[at].role, because })
        });
        let before = &page.blocks[..index];
        let situation = Situation { block, page, cues, before, classes: &classes, made: &made, in_shell };
        let class = rules::overridden(&situation).or(inherited).unwrap_or_else(|| rules::decide(&situation));
        if matches!(class.role, Role::Command | Role::Transcript) {
            note_what_is_made(&block.text, &mut made);
            in_shell = shell_after(&block.text, in_shell);
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

/// Whether a shell is open in a container after the block's commands.
fn shell_after(text: &str, before: bool) -> bool {
    shell::units(text).iter().fold(before, |open, unit| match words::kind(&unit.text) {
        Kind::Open => true,
        Kind::Exit => false,
        _ => open,
    })
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
