//! The flags that say which site is built, and how: common to the commands that build it.

use std::sync::Arc;

use super::{GlobalFlags, Terminal};
use crate::config::{Config, LoadOptions, load};

/// `--lang`, `--clock`, `--drafts`, `--future`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct SiteFlags {
    /// Build only this language; may be repeated
    #[arg(long = "lang", value_name = "L")]
    languages: Vec<String>,
    /// The time that counts as now, as in 2026-04-25T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = parse_clock)]
    clock: Option<jiff::Timestamp>,
    /// Build drafts too
    #[arg(long)]
    drafts: bool,
    /// Build pages with a date in the future too
    #[arg(long)]
    future: bool,
}

fn parse_clock(text: &str) -> Result<jiff::Timestamp, String> {
    text.parse().map_err(|_| "write it as 2026-04-25T12:00:00Z".to_owned())
}

impl SiteFlags {
    /// What to load.
    pub(super) fn options(&self, global: &GlobalFlags) -> LoadOptions {
        LoadOptions {
            root: global.root.clone(),
            start: std::env::current_dir().unwrap_or_default(),
            languages: self.languages.clone(),
            clock: self.clock,
            drafts: self.drafts,
            future: self.future,
            ..LoadOptions::default()
        }
    }
}

/// Loads the configuration, or prints what is wrong with it.
pub(super) fn load_or_print(options: &LoadOptions, terminal: &Terminal) -> Option<Arc<Config>> {
    match load(options) {
        Ok(config) => Some(Arc::new(config)),
        Err(diagnostics) => {
            terminal.diagnostics(diagnostics);
            None
        }
    }
}
