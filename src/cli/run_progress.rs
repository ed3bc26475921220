//! How far a run of pages is: a bar with the current command and the counts so far on a terminal, a line a
//! command elsewhere.

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};

use super::Terminal;
use super::progress::TerminalProgress;
use crate::cluster::Progress;
use crate::verify::execute::Watcher;
use crate::verify::model::Summary;
use crate::verify::pages::Prepared;
use crate::verify::recording::{self, PageRun, Recording};
use crate::verify::{report, run};

/// Tells the terminal how far a run of pages is.
pub(super) struct RunProgress<'a> {
    terminal: &'a Terminal,
    /// Tells of the cluster, until the first command runs.
    cluster: TerminalProgress<'a>,
    pages: &'a [Prepared],
    /// Runs in all: pages that share one count once.
    runs: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Shown since the first command, where there is a terminal.
    bar: Option<ProgressBar>,
    counts: Summary,
}

impl<'a> RunProgress<'a> {
    pub(super) fn new(pages: &'a [Prepared], terminal: &'a Terminal) -> Self {
        let runs: BTreeSet<Vec<String>> =
            pages.iter().filter(|page| page.run.has_commands()).map(|page| page.run.sequence()).collect();
        let cluster = TerminalProgress::new(terminal);
        Self { terminal, cluster, pages, runs: runs.len(), state: Mutex::default() }
    }

    /// Removes the bars.
    pub(super) fn finish(&self) {
        self.cluster.finish();
        if let Ok(state) = self.state.lock()
            && let Some(bar) = &state.bar
        {
            bar.finish_and_clear();
        }
    }

    /// Does something with the bar, which is made at the first command; `false` where there is none.
    fn with_bar(&self, action: impl FnOnce(&ProgressBar)) -> bool {
        if self.terminal.quiet || !std::io::stderr().is_terminal() {
            return false;
        }
        let Ok(mut state) = self.state.lock() else { return false };
        if state.bar.is_none() {
            self.cluster.finish();
        }
        action(state.bar.get_or_insert_with(|| bar(self.runs)));
        true
    }

    fn counts(&self, run: &PageRun) -> Summary {
        let about = |page: &&Prepared| page.run.path == run.path || page.plan.path == run.path;
        let pages: Vec<Prepared> = self.pages.iter().filter(about).cloned().collect();
        let recording = Recording {
            schema: recording::SCHEMA.to_owned(),
            docbuild: env!("CARGO_PKG_VERSION").to_owned(),
            recorded: String::new(),
            cluster: None,
            pages: vec![run.clone()],
        };
        run::judge(&pages, &recording, "run").summary
    }
}

/// A bar of two lines. A terminal that is narrower loses the end of the command, not the counts.
fn bar(runs: usize) -> ProgressBar {
    let bar = ProgressBar::new(runs as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:16} {pos}/{len} {prefix}\n{wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(500));
    bar
}

impl Watcher for RunProgress<'_> {
    fn command(&self, page: &str, line: usize, text: &str) {
        let first = report::visible(text.lines().next().unwrap_or(""));
        let text = format!("{}:{line}: {first}", report::visible(page));
        if !self.with_bar(|bar| bar.set_message(text.clone())) {
            self.terminal.say(&text);
        }
    }

    fn page_done(&self, run: &PageRun) {
        let counts = self.counts(run);
        let Ok(mut state) = self.state.lock() else { return };
        let all = &mut state.counts;
        all.pass += counts.pass;
        all.drift += counts.drift;
        all.fail += counts.fail;
        all.flaky += counts.flaky;
        all.infra += counts.infra;
        all.skip += counts.skip;
        if let Some(bar) = &state.bar {
            bar.inc(1);
            bar.set_prefix(report::told(&state.counts));
        }
    }

    fn note(&self, text: &str) {
        let text = format!("note: {text}");
        let there = self.state.lock().ok().and_then(|state| state.bar.clone());
        match there {
            Some(bar) => bar.suspend(|| self.terminal.say(&text)),
            None => self.terminal.say(&text),
        }
    }
}

impl Progress for RunProgress<'_> {
    fn step(&self, text: &str) {
        let there = self.state.lock().ok().and_then(|state| state.bar.clone());
        match there {
            Some(bar) => bar.set_message(text.to_owned()),
            None => self.cluster.step(text),
        }
    }

    fn fraction(&self, done: f64, text: &str) {
        let there = self.state.lock().ok().and_then(|state| state.bar.clone());
        if there.is_none() {
            self.cluster.fraction(done, text);
        }
    }
}
