//! What is there before a page's first command: what the site wants for all pages, and what other pages make
//! that this one works on.
//!
//! In: `[verify.setup]`, the plan's [`Setup`]s. Out: the site's variables in the page's shell, its commands
//! run; and what linked pages make, made on this page's cluster before its first command. That is made again for
//! a command that finds it gone, as the page asks its readers to do.

use std::time::{Duration, Instant};

use super::driver::Tail;
use super::page::Page;
use super::poll::Asked;
use crate::verify::plan::Setup;
use crate::verify::plan::files::FileSource;
use crate::verify::recording::CommandRun;
use crate::verify::shell::quote;

/// How long making one of them may take.
const LIMIT: Duration = Duration::from_secs(120);

impl Page<'_> {
    /// Gives the page's shell its variables, and runs the commands that the site wants before each page.
    ///
    /// # Errors
    /// The command that failed, and what it said.
    pub(super) async fn set_up_site(&mut self) -> Result<(), String> {
        let options = self.options;
        let allowed = options.setup.allow_env.iter().filter_map(|name| Some((name.clone(), std::env::var(name).ok()?)));
        for (name, value) in allowed.chain(options.setup.env.clone()) {
            self.shell.run(&format!("export {name}={}", quote(&value)), LIMIT).await;
        }
        for command in &options.setup.run {
            let done = self.shell.run(command, LIMIT).await;
            if done.actual.exit != Some(0) {
                let said = done.actual.stderr.trim().lines().last().unwrap_or_default().to_owned();
                return Err(format!("`{command}` of verify.setup failed: {said}"));
            }
            self.changed = true;
        }
        Ok(())
    }

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
        if !self.is_as_documented(asked, run) && self.make(setup).await {
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
