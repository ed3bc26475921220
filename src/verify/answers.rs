//! Which of a run's commands answers which of a page's.
//!
//! In: a [`PagePlan`] and a [`PageRun`], just made or recorded, of this page or of its original. Out:
//! the run of each planned command, and how far a recording is one of the page as it is now.

use std::collections::BTreeMap;

use crate::verify::plan::{PagePlan, PlannedBlock, PlannedCommand};
use crate::verify::recording::{CommandRun, Ended, PageRun};
use crate::verify::words::{self, Kind};

/// For each planned command (block index, command index) its run.
pub(crate) type Runs<'a> = BTreeMap<(usize, usize), &'a CommandRun>;

/// Pairs the plan's commands with the run's, in order.
pub(crate) fn align<'a>(plan: &PagePlan, run: Option<&'a PageRun>) -> Runs<'a> {
    let mut runs = Runs::new();
    let Some(run) = run else { return runs };
    let mut next = 0;
    for (at, block, command) in planned(plan) {
        if let Some(found) = find(run, next, block, command) {
            runs.insert(at, &run.commands[found]);
            next = found + 1;
        }
    }
    runs
}

/// The commands of a plan that are to be run, with block index and command index.
fn planned(plan: &PagePlan) -> impl Iterator<Item = ((usize, usize), &PlannedBlock, &PlannedCommand)> {
    plan.blocks.iter().enumerate().flat_map(|(b, block)| {
        let commands = block.commands.iter().enumerate().filter(|(_, command)| command.skip.is_none());
        commands.map(move |(c, command)| ((b, c), block, command))
    })
}

/// The first of a run's commands from `next` on that prints the same on the page and was typed into
/// the same kind of shell.
fn find(run: &PageRun, next: usize, block: &PlannedBlock, command: &PlannedCommand) -> Option<usize> {
    (next..run.commands.len()).find(|&at| {
        let of = &run.commands[at];
        let not_run = matches!(of.ended, Ended::NotRun { .. } | Ended::Infra { .. });
        let in_session = [block.in_session.is_some(), command.session.is_some()];
        of.text.trim() == command.text.trim() && (not_run || in_session.contains(&of.session.is_some()))
    })
}

/// How many of a run's commands are answers to this page.
///
/// What a cluster answers depends on all that was changed before. Where the page and its recording
/// part, in a command that changes something, no later answer is one to what the page says now.
#[must_use]
pub(crate) fn in_step(plan: &PagePlan, run: &PageRun) -> usize {
    let mut next = 0;
    for (_, block, command) in planned(plan) {
        let found = find(run, next, block, command);
        if found.is_none() && command.kind != Kind::Read
            || run.commands[next..found.unwrap_or(next)].iter().any(changed_something)
        {
            return next;
        }
        next = found.map_or(next, |found| found + 1);
    }
    run.commands.len()
}

/// Whether a recorded command may have changed what later ones print.
fn changed_something(run: &CommandRun) -> bool {
    !matches!(run.ended, Ended::NotRun { .. }) && words::kind(&run.text) != Kind::Read
}
