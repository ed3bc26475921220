//! `docbuild verify --bless`: writes or shows corrections, and says what was left.

use super::{DONE, FAILED, Terminal};
use crate::verify::bless::{self, Said, Sources};
use crate::verify::model::Report;
use crate::verify::pages::Prepared;
use crate::verify::recording::Recording;
use crate::verify::report::visible;

/// Corrects the pages of a run, or with `diff` shows how it would. The exit code: 1 if anything is left.
pub(super) fn run(
    (pages, recording, report): (&[Prepared], &Recording, &Report),
    sources: &Sources,
    diff: bool,
    terminal: &Terminal,
) -> u8 {
    let blessing = bless::bless(pages, recording, report, sources);
    let mut left = !blessing.left.is_empty();
    let mut lost: Vec<&str> = vec![];
    for change in &blessing.changes {
        if diff {
            terminal.data(&change.diff());
        } else if let Err(error) = sources.write(change) {
            lost.push(&change.path);
            terminal.error(&format!("{}: {error}", change.path), &[]);
            left = true;
        }
    }
    let say = |word: &str, said: &Said| {
        terminal.say(&visible(&format!("{word} {}:{}: {}", said.file, said.line, said.text)));
    };
    if !diff {
        let written = blessing.blessed.iter().filter(|said| !lost.contains(&said.file.as_str()));
        written.for_each(|said| say("blessed", said));
    }
    blessing.left.iter().for_each(|said| say("left", said));
    if left { FAILED } else { DONE }
}
