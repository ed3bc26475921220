//! `docbuild build`: Markdown -> the build folder.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::patience::Patience;
use super::site_flags::{SiteFlags, load_or_print};
use super::{DONE, FAILED, GlobalFlags, Terminal, USAGE};
use crate::config::Config;
use crate::diagnostics::{Diagnostics, Severity};
use crate::incremental::{Cache, State, Unchanged};
use crate::output::{OutputError, Target, Writer, Written};
use crate::render::timing::{Clock, Lap, cpu_time, peak_memory};
use crate::render::verdicts::Verdicts;
use crate::render::{self, Built};

/// The flags of `build`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    site: SiteFlags,
    /// Where to write [default: build.build-dir of book.toml, or public]
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Address of the finished site
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Warnings are errors
    #[arg(long)]
    strict: bool,
    /// Make everything, without what the last build left
    #[arg(long)]
    no_cache: bool,
    /// Say how long each stage took, and how much memory
    #[arg(long)]
    timings: bool,
    /// Show the verdicts of this report (of `verify --report json=FILE`) on the pages
    #[arg(long, value_name = "REPORT.json")]
    verdicts: Option<PathBuf>,
}

pub(super) fn run(args: &Args, global: &GlobalFlags, terminal: &Terminal) -> ExitCode {
    let start = Instant::now();
    let mut clock = Clock::start();
    let mut options = args.site.options(global);
    options.output.clone_from(&args.output);
    options.base_url.clone_from(&args.base_url);
    let Some(config) = load_or_print(&options, terminal) else { return ExitCode::from(USAGE) };
    let mut patience = Patience::begin(terminal);
    let report = args.verdicts.as_ref().and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
    let verdicts = match args.verdicts.as_deref().map(Verdicts::read).transpose() {
        Ok(verdicts) => verdicts.unwrap_or_default(),
        Err(message) => {
            drop(patience);
            terminal.error(&message, &["make one with `docbuild verify --report json=FILE`".to_owned()]);
            return ExitCode::from(USAGE);
        }
    };
    // What an interrupted build left is finished even where the content has an error now.
    let target = match Target::open(&config) {
        Ok(target) => target,
        Err(error) => {
            drop(patience);
            return fail(&error, terminal);
        }
    };
    if target.recovered() {
        drop(patience);
        patience = Patience::begin(terminal);
        terminal.say("finished what an interrupted build had left");
    }
    let cache = (!args.no_cache).then(|| Cache::open(&config, &report));
    if let Some(State::Unchanged(last)) = cache.as_ref().map(Cache::state) {
        clock.lap("cache");
        drop(patience);
        return unchanged(last, args, &config, (start, clock), terminal);
    }
    let writer = match target.begin() {
        Ok(writer) => writer,
        Err(error) => {
            drop(patience);
            return fail(&error, terminal);
        }
    };
    clock.lap("configuration");
    let sink = patience.counting(&writer);
    let built = match &cache {
        Some(cache) => render::build_again(cache, &config, &verdicts, &sink),
        None => render::build(&config, &verdicts, &sink),
    };
    drop(patience);
    let failed = print(built.diagnostics.clone(), args.strict, terminal);
    if failed {
        terminal.say("nothing was written");
        return ExitCode::from(FAILED);
    }
    let mut ending = Clock::start();
    let written = match keep(writer, cache, &built, &mut ending, terminal) {
        Ok(written) => written,
        Err(error) => return fail(&error, terminal),
    };
    if args.timings {
        let stages = clock.laps().into_iter().chain(built.timings.iter().copied()).chain(ending.laps());
        print_timings(stages, start, terminal);
    }
    terminal.say(&summary(&built, written, start.elapsed()));
    ExitCode::from(DONE)
}

/// Puts what was built in its place, with the record for the next build.
fn keep(
    writer: Writer,
    cache: Option<Cache>,
    built: &Built,
    clock: &mut Clock,
    terminal: &Terminal,
) -> Result<Written, OutputError> {
    let _patience = Patience::begin(terminal);
    // The sources are hashed for the next build while files are renamed.
    let (written, record) = rayon::join(|| writer.commit(), || cache.and_then(|cache| cache.record(built)));
    let written = written?;
    clock.lap("commit");
    if let Some(record) = record {
        record.save();
    }
    clock.lap("cache");
    Ok(written)
}

/// The site in the build folder is the one that would be built: says again what was said.
fn unchanged(
    last: Unchanged,
    args: &Args,
    config: &Config,
    (start, clock): (Instant, Clock),
    terminal: &Terminal,
) -> ExitCode {
    if print(last.diagnostics, args.strict, terminal) {
        terminal.say("nothing was written");
        return ExitCode::from(FAILED);
    }
    if args.timings {
        print_timings(clock.laps(), start, terminal);
    }
    terminal.say(&format!(
        "nothing changed: {} in {}, {} in {} ({} ms)",
        number(last.pages, "page"),
        number(last.languages, "language"),
        number(last.files, "file"),
        shown_folder(config),
        start.elapsed().as_millis(),
    ));
    ExitCode::from(DONE)
}

/// A line a stage: wall time, and the processor time of all threads; then all of them, and the most memory
/// that was in use. How long threads waited for the disk is in the difference of the two.
fn print_timings(stages: impl IntoIterator<Item = Lap>, start: Instant, terminal: &Terminal) {
    let cpu = |time: Option<Duration>| time.map_or_else(|| "?".to_owned(), |time| time.as_millis().to_string());
    terminal.warn(&format!("{:>14} {:>12} {:>12}", "stage", "wall", "CPU"));
    for Lap { stage, wall, cpu: spent } in stages {
        terminal.warn(&format!("{stage:>14} {:>9} ms {:>9} ms", wall.as_millis(), cpu(spent)));
    }
    let peak = peak_memory().map_or_else(String::new, |bytes| format!(" {:>9} MB peak", bytes / 1_000_000));
    terminal.warn(&format!("{:>14} {:>9} ms {:>9} ms{peak}", "total", start.elapsed().as_millis(), cpu(cpu_time())));
}

/// The build folder as it is printed.
fn shown_folder(config: &Config) -> String {
    config.build_dir.strip_prefix(&config.root).unwrap_or(&config.build_dir).display().to_string()
}

/// Prints what was said; whether the build fails.
fn print(diagnostics: Diagnostics, strict: bool, terminal: &Terminal) -> bool {
    let sorted = diagnostics.sorted();
    let count = |severity: Severity| sorted.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let failed = errors > 0 || (strict && warnings > 0);
    terminal.diagnostic_list(sorted.iter().filter(|diagnostic| {
        !terminal.quiet
            || diagnostic.severity == Severity::Error
            || (strict && diagnostic.severity == Severity::Warning)
    }));
    if errors + warnings > 0 {
        let counts = [number(errors, "error"), number(warnings, "warning")];
        let counts: Vec<String> = counts.into_iter().filter(|text| !text.starts_with("0 ")).collect();
        let strict = if errors == 0 && failed { " (with --strict, warnings are errors)" } else { "" };
        terminal.say(&format!("{}{strict}", counts.join(", ")));
    }
    failed
}

fn fail(error: &OutputError, terminal: &Terminal) -> ExitCode {
    terminal.error(&error.to_string(), &error.help());
    ExitCode::from(if matches!(error, OutputError::Overlap { .. }) { USAGE } else { FAILED })
}

/// `built 12 pages in 2 languages into public: 3 files changed, 40 unchanged (31 ms)`.
fn summary(built: &Built, written: Written, time: Duration) -> String {
    let config = &built.site.config;
    let removed = if written.removed > 0 { format!(", {} removed", written.removed) } else { String::new() };
    format!(
        "built {} in {} into {}: {} changed, {} unchanged{removed} ({} ms)",
        number(built.page_count(), "page"),
        number(built.language_count(), "language"),
        shown_folder(config),
        number(written.changed, "file"),
        written.unchanged,
        time.as_millis(),
    )
}

/// `1 file`, `2 files`.
pub(super) fn number(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
