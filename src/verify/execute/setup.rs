//! What other pages make and this one works on.
//!
//! In: the plan's [`Setup`]s. Out: the same objects on this page's cluster, made before its first command by
//! the command of the page that it links to; made again for a command that finds one of them gone, as the page
//! asks its readers to do.

use std::time::{Duration, Instant};

use super::driver::Tail;
use super::page::Page;
use super::poll::Asked;
use crate::verify::plan::Setup;
use crate::verify::plan::files::FileSource;
use crate::verify::recording::CommandRun;

/// How long making one of them may take.
const LIMIT: Duration = Duration::from_secs(120);

impl Page<'_> {
    /// Makes what the page needs of others.
    pub(super) async fn set_up(&mut self) {
        for setup in &self.plan.setup {
            if self.make(setup).await {
                self.watcher.note(&format!("{}: {} is made as in {}", self.plan.path, setup.makes, setup.page));
            }
        }
    }

    /// Where a command failed since one of these objects is gone, makes it again and runs the command anew.
    pub(super) async fn set_up_again(&mut self, asked: Asked<'_>, run: &mut CommandRun) {
        // kubectl says it on standard error; the API, asked with curl, in a Status as JSON.
        let said = run.last().map(|last| format!("{}{}", last.actual.stderr, last.actual.stdout)).unwrap_or_default();
        let gone = |setup: &&Setup| {
            let name = &setup.makes;
            said.contains(&format!("\"{name}\" not found")) || said.contains(&format!("\\\"{name}\\\" not found"))
        };
        let Some(setup) = self.plan.setup.iter().find(gone).filter(|_| said.contains("NotFound")) else { return };
        if self.make(setup).await {
            self.settle().await;
            run.attempts.clear();
            self.ask(asked, run).await;
            run.note = Some(format!("run with {} made as in {}", setup.makes, setup.page));
        }
    }

    /// Runs what makes an object, beside the page's shell.
    async fn make(&mut self, setup: &Setup) -> bool {
        // A block of the other page is not at hand.
        if setup.command.files.iter().any(|file| matches!(file.source, FileSource::Block(_))) {
            return false;
        }
        for file in &setup.command.files {
            if self.workspace.place(file, &[]).is_err() {
                return false;
            }
        }
        let Ok(shell) = self.beside(&setup.command.ran).await else { return false };
        let mut making = Tail::of(shell);
        let end = Instant::now() + LIMIT;
        while making.read(end).await {}
        if making.ended() {
            making.settle().await;
        }
        let made = making.actual().exit == Some(0);
        making.close().await;
        self.changed |= made;
        made
    }
}
