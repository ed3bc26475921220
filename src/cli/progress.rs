//! How far a long operation is: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::Terminal;
use crate::cluster::Progress;

/// Where there is no terminal a line is printed this often at most: logs of CI are read later.
const BETWEEN_LINES: Duration = Duration::from_secs(15);

/// Tells the terminal how far something is.
pub(super) struct TerminalProgress<'a> {
    terminal: &'a Terminal,
    bar: Option<ProgressBar>,
    step: Mutex<Step>,
}

/// The step that is under way.
struct Step {
    text: String,
    begun: Instant,
    last_line: Instant,
}

impl<'a> TerminalProgress<'a> {
    pub(super) fn new(terminal: &'a Terminal) -> Self {
        let bar = (std::io::stderr().is_terminal() && !terminal.quiet).then(|| {
            let bar = ProgressBar::new(1000);
            // A terminal that is narrower loses the end of the message, not the bar.
            if let Ok(style) = ProgressStyle::with_template("{bar:20} {percent:>3}%  {wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        let now = Instant::now();
        Self { terminal, bar, step: Mutex::new(Step { text: String::new(), begun: now, last_line: now }) }
    }

    /// Ends the last step, and removes the bar.
    pub(super) fn finish(&self) {
        self.end_step();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.terminal.say(text)),
            None => self.terminal.say(text),
        }
    }

    /// Says how long a step took that was long enough to be noticed.
    fn end_step(&self) {
        let Ok(mut step) = self.step.lock() else { return };
        let took = step.begun.elapsed();
        if !step.text.is_empty() && took > Duration::from_secs(2) {
            self.say(&format!("  done in {}", human(took)));
        }
        step.text.clear();
    }
}

fn human(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

impl Progress for TerminalProgress<'_> {
    fn step(&self, text: &str) {
        self.end_step();
        self.say(text);
        if let Ok(mut step) = self.step.lock() {
            let now = Instant::now();
            *step = Step { text: text.to_owned(), begun: now, last_line: now };
        }
        if let Some(bar) = &self.bar {
            bar.set_position(0);
            bar.set_message("");
        }
    }

    fn fraction(&self, done: f64, text: &str) {
        if let Some(bar) = &self.bar {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
            bar.set_position((done.clamp(0.0, 1.0) * 1000.0) as u64);
            bar.set_message(text.to_owned());
            return;
        }
        let Ok(mut step) = self.step.lock() else { return };
        if step.last_line.elapsed() > BETWEEN_LINES {
            step.last_line = Instant::now();
            self.terminal.say(&format!("  {:.0} %: {text}", done.clamp(0.0, 1.0) * 100.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_readable() {
        assert_eq!(human(Duration::from_millis(2345)), "2.3 s");
        assert_eq!(human(Duration::from_secs(125)), "2 min 5 s");
    }
}
