//! A line on the terminal while something takes longer than a moment: how much there is of it, and since when.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::Terminal;
use super::build::number;
use crate::render::{Content, Sink};

/// What ends sooner is not worth a line.
const MOMENT: Duration = Duration::from_secs(1);

/// How often the line changes.
const BETWEEN: Duration = Duration::from_millis(200);

/// Shows the line until it is dropped. Where standard error is no terminal, or with `--quiet`, there is none.
pub(super) struct Patience {
    files: Arc<AtomicUsize>,
    line: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Patience {
    pub(super) fn begin(terminal: &Terminal) -> Self {
        let files = Arc::new(AtomicUsize::new(0));
        if terminal.quiet || !io::stderr().is_terminal() {
            return Self { files, line: None };
        }
        let begun = Instant::now();
        let (end, ended) = mpsc::channel();
        let count = Arc::clone(&files);
        let line = thread::spawn(move || {
            if ended.recv_timeout(MOMENT) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                bar.set_style(style);
            }
            loop {
                bar.set_message(text(count.load(Ordering::Relaxed), begun.elapsed()));
                bar.tick();
                if ended.recv_timeout(BETWEEN) != Err(RecvTimeoutError::Timeout) {
                    break bar.finish_and_clear();
                }
            }
        });
        Self { files, line: Some((end, line)) }
    }

    /// A sink that counts what goes into another one.
    pub(super) fn counting<'a>(&'a self, sink: &'a dyn Sink) -> Counting<'a> {
        Counting { sink, files: &self.files }
    }
}

impl Drop for Patience {
    /// The line is gone when this returns, so that nothing is printed into it.
    fn drop(&mut self) {
        if let Some((end, line)) = self.line.take() {
            drop(end);
            // A line that could not be drawn is no reason to fail.
            let _ = line.join();
        }
    }
}

fn text(files: usize, since: Duration) -> String {
    let made = if files == 0 { "reading".to_owned() } else { number(files, "file") };
    format!("building: {made}, {} s", since.as_secs())
}

/// Counts files on their way.
pub(super) struct Counting<'a> {
    sink: &'a dyn Sink,
    files: &'a AtomicUsize,
}

impl Sink for Counting<'_> {
    fn put(&self, path: &str, content: Content) -> io::Result<()> {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.sink.put(path, content)
    }

    fn keep_rest(&self) -> bool {
        self.sink.keep_rest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_it_is() {
        assert_eq!(text(0, Duration::from_millis(1200)), "building: reading, 1 s");
        assert_eq!(text(1, Duration::from_secs(2)), "building: 1 file, 2 s");
        assert_eq!(text(4213, Duration::from_secs(3)), "building: 4213 files, 3 s");
    }
}
