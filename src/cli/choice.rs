//! Which of the pages are verified: `--since` and `--shard`.

use super::{Terminal, USAGE};
use crate::config::Config;
use crate::verify::model;
use crate::verify::pages::Prepared;
use crate::verify::shard::{self, Shard};
use crate::verify::since::Changed;

/// `--since` and `--shard`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ChoiceFlags {
    /// Only pages that a change since this Git revision can have touched, committed or not
    #[arg(long, value_name = "GITREF")]
    since: Option<String>,
    /// Only the Ith of N parts, for N machines that share the work; `docbuild report merge` joins their reports
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
}

impl ChoiceFlags {
    /// Whether all pages are meant.
    pub(super) fn is_all(&self) -> bool {
        self.since.is_none() && self.shard.is_none()
    }

    /// Leaves out the pages that are not meant, and says which part of the whole the others are.
    ///
    /// # Errors
    /// The exit code, after saying why it is not known what has changed.
    pub(super) fn choose(
        &self,
        pages: &mut Vec<Prepared>,
        config: &Config,
        terminal: &Terminal,
    ) -> Result<Option<model::Shard>, u8> {
        if let Some(revision) = &self.since {
            self::since(revision, pages, config, terminal)?;
        }
        let Some(shard) = self.shard else { return Ok(None) };
        let total = pages.len();
        let places = shard::places(pages, shard);
        let mut place = 0..;
        pages.retain(|_| place.next().is_some_and(|place| places.binary_search(&place).is_ok()));
        Ok(Some(model::Shard { index: shard.index, of: shard.of, total, places }))
    }
}

fn since(revision: &str, pages: &mut Vec<Prepared>, config: &Config, terminal: &Terminal) -> Result<(), u8> {
    let changed = Changed::since(&config.root, revision).map_err(|error| {
        terminal.error(&error.to_string(), &[error.help().to_owned()]);
        USAGE
    })?;
    let before = pages.len();
    let text = |file: &str| std::fs::read_to_string(config.root.join(file)).ok();
    pages.retain(|page| changed.touches(page, &text, &config.root));
    terminal.say(&format!("{} of {before} pages changed since {revision}", pages.len()));
    if changed.files.contains(&config.file.path) {
        terminal.say(&format!("note: {} changed too, which makes no page count as changed", config.file.path));
    }
    Ok(())
}
