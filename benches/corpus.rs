//! How long `docbuild build` takes on a large real site: `DOCBUILD_CORPUS=DIR cargo bench --bench corpus`.
//!
//! The site is copied, since one of its pages is edited. Each figure is the median of five runs of the
//! program itself (`DOCBUILD_RUNS=N` for more), by what `--timings` says. Between two runs the files of
//! the last one are removed and the disks synchronized: file systems take long to reuse what was just
//! removed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const CLOCK: &str = "2026-04-25T12:00:00Z";

/// What a run took.
#[derive(Debug, Clone, Copy)]
struct Run {
    wall: f64,
    cpu: f64,
    peak: f64,
}

#[expect(clippy::print_stdout, reason = "the figures are what one runs it for")]
fn main() {
    let Some(corpus) = std::env::var_os("DOCBUILD_CORPUS").map(PathBuf::from) else {
        println!("corpus: skipped: DOCBUILD_CORPUS is not set");
        return;
    };
    let runs: usize = std::env::var("DOCBUILD_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(5).max(1);
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("a temporary folder: {error}"));
    let site = folder.path().join("site");
    copy(&corpus, &site);
    let page = edited_page(&site);
    println!("{:<16} {:>9} {:>9} {:>9}", format!("median of {runs}"), "wall s", "CPU s", "peak MB");
    let cold = |_: usize| {
        for folder in ["public", ".docbuild"] {
            let _ = std::fs::remove_dir_all(site.join(folder));
        }
        let _ = Command::new("sync").status();
    };
    let edit = |run: usize| {
        let text = std::fs::read_to_string(&page).unwrap_or_default();
        std::fs::write(&page, format!("{text}\nLine {run} more.\n")).unwrap_or_else(|error| panic!("{error}"));
    };
    let cases: [(&str, &dyn Fn(usize)); 3] =
        [("cold", &cold), ("nothing changed", &|_| {}), ("one body edited", &edit)];
    for (name, before) in cases {
        let measured: Vec<Run> = (0..runs)
            .map(|run| {
                before(run);
                build(&site)
            })
            .collect();
        let median = |of: fn(&Run) -> f64| {
            let mut values: Vec<f64> = measured.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        println!(
            "{name:<16} {:>9.2} {:>9.2} {:>9.0}",
            median(|run| run.wall),
            median(|run| run.cpu),
            median(|run| run.peak)
        );
    }
    println!("output: {:.0} MB", size(&site.join("public")) / 1e6);
}

/// Runs the program; the last line of `--timings` is `total WALL ms CPU ms PEAK MB`.
fn build(site: &Path) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docbuild"));
    command.args(["build", "--quiet", "--timings", "--clock", CLOCK, "--root"]).arg(site).stdout(Stdio::null());
    let output = command.output().unwrap_or_else(|error| panic!("docbuild: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let total = said.lines().find_map(|line| line.trim().strip_prefix("total")).unwrap_or_default();
    let figures: Vec<f64> = total.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match figures[..] {
        [wall, cpu, peak] => Run { wall: wall / 1e3, cpu: cpu / 1e3, peak },
        _ => panic!("no total in: {said}"),
    }
}

/// A page with text of the first language, deep in the documentation: the first by name.
fn edited_page(site: &Path) -> PathBuf {
    let docs = site.join("content/en/docs/concepts");
    let pages = walkdir::WalkDir::new(&docs).sort_by_file_name().into_iter().flatten();
    let mut pages = pages.filter(|entry| entry.depth() > 1 && entry.file_name().to_string_lossy().ends_with("s.md"));
    pages.next().map_or_else(|| docs.join("_index.md"), walkdir::DirEntry::into_path)
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().flatten() {
        let Ok(path) = entry.path().strip_prefix(from) else { continue };
        let target = to.join(path);
        let copied = match entry.file_type() {
            kind if kind.is_dir() => std::fs::create_dir_all(&target),
            kind if kind.is_file() => std::fs::copy(entry.path(), &target).map(drop),
            _ => Ok(()),
        };
        copied.unwrap_or_else(|error| panic!("{}: {error}", target.display()));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a size in MB")]
fn size(folder: &Path) -> f64 {
    let files = walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    files.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum::<u64>() as f64
}
