//! Which of several answers an output is compared with: of the last command, of all, of an earlier
//! attempt, of standard error.

use super::{blames_page, differs};
use crate::verify::matching::{self, Actual, Bindings, Documented, ErrorText, Outcome, VolatileFacts};
use crate::verify::model::Finding;
use crate::verify::plan::{OutputLines, PlannedCommand};
use crate::verify::recording::CommandRun;

/// An output, its lines and the command that it is of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutputText<'a> {
    pub(crate) text: &'a str,
    pub(crate) lines: &'a [usize],
    pub(crate) command: &'a str,
    pub(crate) command_line: usize,
}

impl<'a> OutputText<'a> {
    pub(crate) fn of(lines: &'a OutputLines, command: &'a PlannedCommand) -> Self {
        Self { text: &lines.text, lines: &lines.lines, command: &command.text, command_line: command.line }
    }

    fn documented(&self) -> Documented<'a> {
        Documented { text: self.text, lines: self.lines, command: self.command, command_line: self.command_line }
    }
}

/// Matches an output against everything it could be of: the last command of the block, all of them
/// together, and for a command that was asked again, its earlier answers. One that holds counts,
/// else of the last answers the one with the fewest differences, the last command before the others.
pub(crate) fn best(output: &OutputText<'_>, runs: &[&CommandRun], bindings: &Bindings) -> (Outcome, Bindings) {
    nearest(output, runs, bindings)
        .map_or_else(|| (Outcome::default(), bindings.clone()), |best| (best.outcome, best.bindings))
}

/// A comparison with one of the answers.
pub(super) struct Nearest {
    /// How many differences there are, those of the page's fault first.
    cost: (usize, usize),
    pub(super) outcome: Outcome,
    pub(super) bindings: Bindings,
    pub(super) actual: Actual,
}

/// What was known of live objects after the last of these commands.
pub(super) fn facts_of<'r>(runs: &[&'r CommandRun]) -> Option<&'r VolatileFacts> {
    runs.iter().rev().find_map(|run| run.facts.as_ref())
}

/// The comparison that [`best`] chooses; `None` if nothing came.
pub(super) fn nearest(output: &OutputText<'_>, runs: &[&CommandRun], bindings: &Bindings) -> Option<Nearest> {
    let nothing = VolatileFacts::default();
    let facts = facts_of(runs).unwrap_or(&nothing);
    let documented = output.documented();
    let mut best: Option<Nearest> = None;
    let settled = candidates(runs, ErrorText::of(output.text).is_some());
    let answers = settled.iter().map(|actual| (actual, true)).chain(earlier(runs).map(|actual| (actual, false)));
    for (actual, last) in answers {
        let mut bound = bindings.clone();
        let outcome = matching::compare(&documented, actual, &mut bound, facts);
        let count = |test: fn(&Finding) -> bool| outcome.findings.iter().filter(|found| test(found)).count();
        let cost = (count(blames_page), count(differs));
        if cost == (0, 0) || cost.0 == 0 && !last {
            return Some(Nearest { cost, outcome, bindings: bound, actual: actual.clone() });
        }
        // What the cluster said on the way is no finding: an object that is not there yet has few
        // differences from the documented one, and not those that a reader meets.
        if last && best.as_ref().is_none_or(|best| cost < best.cost) {
            best = Some(Nearest { cost, outcome, bindings: bound, actual: actual.clone() });
        }
    }
    best
}

/// Whether what a command prints comes and goes: it was as documented, then not, then again, and in
/// the end it is not.
pub(super) fn is_flaky(output: &OutputText<'_>, runs: &[&CommandRun], bindings: &Bindings) -> bool {
    let [run] = runs else { return false };
    if run.attempts.len() < 4 {
        return false;
    }
    let nothing = VolatileFacts::default();
    let facts = run.facts.as_ref().unwrap_or(&nothing);
    let held: Vec<bool> = run
        .attempts
        .iter()
        .map(|attempt| {
            let outcome = matching::compare(&output.documented(), &attempt.actual, &mut bindings.clone(), facts);
            !outcome.findings.iter().any(blames_page)
        })
        .collect();
    let lost = held.windows(2).filter(|pair| pair[0] && !pair[1]).count();
    lost >= 2 && held.last() == Some(&false)
}

fn candidates(runs: &[&CommandRun], error: bool) -> Vec<Actual> {
    let mut all = vec![];
    let finals: Vec<&Actual> = runs.iter().filter_map(|run| run.last()).map(|attempt| &attempt.actual).collect();
    if let Some(actual) = finals.last() {
        all.push((*actual).clone());
    }
    if finals.len() > 1 {
        let joined = |part: fn(&Actual) -> &str| finals.iter().map(|actual| part(actual)).collect::<String>();
        all.push(Actual {
            stdout: joined(|actual| &actual.stdout),
            stderr: joined(|actual| &actual.stderr),
            ..(*finals[finals.len() - 1]).clone()
        });
    }
    if error {
        let streams: Vec<Actual> = all
            .iter()
            .flat_map(|actual| {
                let both = format!("{}{}", actual.stdout, actual.stderr);
                [
                    Actual { stdout: actual.stderr.clone(), stderr: String::new(), ..actual.clone() },
                    Actual { stdout: both, stderr: String::new(), ..actual.clone() },
                ]
            })
            .collect();
        all.extend(streams);
    }
    all
}

/// The answers of a command before its last, the latest first.
fn earlier<'a>(runs: &[&'a CommandRun]) -> impl Iterator<Item = &'a Actual> {
    let attempts = runs.last().map(|run| run.attempts.as_slice()).unwrap_or_default();
    attempts.iter().rev().skip(1).map(|attempt| &attempt.actual)
}
