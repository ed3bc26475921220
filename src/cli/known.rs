//! The baseline of known findings: `--baseline` and `--write-baseline`.

use std::path::{Path, PathBuf};

use super::reports::{Destination, Kind};
use super::{Terminal, USAGE};
use crate::config::Config;
use crate::verify::baseline::{Baseline, Scope, file};
use crate::verify::model::Report;
use crate::verify::pages::Prepared;

/// `--baseline` and `--write-baseline`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct BaselineFlags {
    /// Findings that this file knows do not make the exit code 1 [default: verify.baseline of book.toml, else
    /// none]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the findings into a baseline (TOML, or JSON by its name), reasons to be filled in
    #[arg(long, value_name = "FILE", conflicts_with = "plan")]
    write_baseline: Option<PathBuf>,
}

/// The baselines of a run, read before anything runs.
#[derive(Debug)]
pub(super) struct Known<'a> {
    flags: &'a BaselineFlags,
    /// What is known.
    applied: Option<Baseline>,
    /// What the file that is written holds already.
    earlier: Baseline,
}

impl BaselineFlags {
    /// Reads the files.
    ///
    /// # Errors
    /// The exit code, after saying what is wrong with one.
    pub(super) fn read(&self, config: &Config, terminal: &Terminal) -> Result<Known<'_>, u8> {
        let configured = || config.verify.baseline.as_ref().map(|file| config.root.join(file));
        let applied = self.baseline.clone().or_else(configured).map(|file| read(&file, terminal)).transpose()?;
        let there = self.write_baseline.as_ref().filter(|file| file.exists());
        let earlier = match (&applied, there) {
            (Some(applied), _) => applied.clone(),
            (None, Some(file)) => read(file, terminal)?,
            (None, None) => Baseline::default(),
        };
        Ok(Known { flags: self, applied, earlier })
    }
}

impl Known<'_> {
    /// Marks what is known in the report.
    pub(super) fn mark(&self, report: &mut Report, pages: &[Prepared], scope: Scope) {
        if let Some(baseline) = &self.applied {
            baseline.apply(report, pages, jiff::Zoned::now().date(), scope);
        }
    }

    /// Marks what is known in the report, and writes the baseline that is asked for.
    ///
    /// # Errors
    /// The exit code, after saying what can't be written.
    pub(super) fn settle(
        &self,
        report: &mut Report,
        pages: &[Prepared],
        scope: Scope,
        terminal: &Terminal,
    ) -> Result<(), u8> {
        self.mark(report, pages, scope);
        let Some(wanted) = &self.flags.write_baseline else { return Ok(()) };
        let today = jiff::Zoned::now().date();
        let written = Baseline::of(report, pages, today, &self.earlier, scope);
        let text = file::write(&wanted.to_string_lossy(), &written);
        if !Destination::file(Kind::Text, wanted.clone()).deliver(&text, terminal) {
            return Err(USAGE);
        }
        terminal.say(&format!(
            "{}: {} known findings, {} of them new: say in `reason` why each is known",
            wanted.display(),
            written.entries.len(),
            written.added
        ));
        Ok(())
    }
}

fn read(path: &Path, terminal: &Terminal) -> Result<Baseline, u8> {
    let name = path.to_string_lossy();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let help = "write one with `docbuild verify --write-baseline FILE`".to_owned();
        terminal.error(&format!("the baseline {name} can't be read: {error}"), &[help]);
        USAGE
    })?;
    file::read(&name, &text).map_err(|error| {
        terminal.error(&format!("{name}: {error}"), &[]);
        USAGE
    })
}
