//! `docbuild verify`: run what pages print, compare, report.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::bless;
use super::choice::ChoiceFlags;
use super::known::{BaselineFlags, Known};
use super::reports::{Destination, FailFlags, Kind, NOTHING_RUN, ReportFlags};
use super::run_progress::RunProgress;
use super::site_flags::load_or_print;
use super::{DONE, FAILED, GlobalFlags, Terminal, USAGE};
use crate::config::{Config, LoadOptions};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::markdown::{self, Article};
use crate::shortcode::Registry;
use crate::site::{PageId, Site, assemble};
use crate::source::{self, DiskFiles};
use crate::verify::baseline::Scope;
use crate::verify::bless::Sources;
use crate::verify::model::{Report, Shard};
use crate::verify::pages::{self, Prepared};
use crate::verify::recording::Recording;
use crate::verify::report::{self, table};
use crate::verify::run::{self, Outcome, RunError, Settings};

/// Ended by Ctrl-C: 128 and the signal's number, as shells tell it.
const INTERRUPTED: u8 = 130;

/// The flags of `verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Pages: a path below the root or a language's content folder, a folder or glob of such, or a URL
    /// [default: verify.pages of book.toml, else all pages]
    #[arg(value_name = "PAGE")]
    pages: Vec<String>,
    /// Only pages in this language; may be repeated
    #[arg(long = "lang", value_name = "L")]
    languages: Vec<String>,
    /// Say what would be run, and run nothing
    #[arg(long)]
    plan: bool,
    /// With --plan: say which rule decided each line
    #[arg(long, requires = "plan")]
    explain: bool,
    /// Where to run: auto, local, kind, kubeconfig[=CONTEXT] or none [default: verify.cluster of book.toml, else auto]
    #[arg(long, value_name = "CLUSTER")]
    cluster: Option<String>,
    /// Let a kubeconfig context pass that could be somebody's production
    #[arg(long)]
    yes: bool,
    /// Write all that was run and printed into a file, to be matched again by --replay
    #[arg(long, value_name = "FILE", conflicts_with_all = ["plan", "replay"])]
    record: Option<PathBuf>,
    /// Run nothing: compare with what a recording holds
    #[arg(long, value_name = "FILE", conflicts_with = "plan")]
    replay: Option<PathBuf>,
    /// Correct outputs that have drifted, in the pages' own files: only what differs
    #[arg(long, conflicts_with = "plan")]
    bless: bool,
    /// With --bless: show the corrections as a diff, and write nothing
    #[arg(long, requires = "bless")]
    diff: bool,
    /// How long a command may take, as in 90s [default: verify.timeout of book.toml, else 60s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    timeout: Option<Duration>,
    /// How long the commands of one page may take together
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "20m")]
    page_budget: Duration,
    /// How long the whole run may take; pages that are left then are skipped
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    budget: Option<Duration>,
    /// How many pages run at the same time, each on a cluster of its own (local cluster only)
    #[arg(long, short, value_name = "N", default_value_t = 1, value_parser = parse_jobs)]
    jobs: usize,
    /// Run a page that does not hold up to N times more: what differs from time to time is flaky
    #[arg(long, value_name = "N", default_value_t = 0)]
    retries: usize,
    /// Take the last run of a page whose commands, files, cluster and images have not changed since; a run that
    /// was interrupted goes on where it was
    #[arg(long)]
    cached: bool,
    /// Keep the pages' folders and leave the cluster as the last page left it
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    choice: ChoiceFlags,
    #[command(flatten)]
    baseline: BaselineFlags,
    #[command(flatten)]
    fail: FailFlags,
    #[command(flatten)]
    reports: ReportFlags,
}

/// Clusters share a machine's limit of file watches: more than these do not come up anyway.
fn parse_jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs @ 1..=16) => Ok(jobs),
        _ => Err("it is a number from 1 to 16".to_owned()),
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let (number, factor) = match text.trim() {
        text if text.ends_with("ms") => (&text[..text.len() - 2], 1),
        text if text.ends_with('s') => (&text[..text.len() - 1], 1000),
        text if text.ends_with('m') => (&text[..text.len() - 1], 60_000),
        text if text.ends_with('h') => (&text[..text.len() - 1], 3_600_000),
        _ => return Err("write it with a unit, as in 500ms, 90s or 20m".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "write it as a number with a unit, as in 90s".to_owned())?;
    number.checked_mul(factor).map(Duration::from_millis).ok_or_else(|| "that is too long".to_owned())
}

pub(super) fn run(args: &Args, global: &GlobalFlags, terminal: &Terminal) -> ExitCode {
    let options = LoadOptions {
        root: global.root.clone(),
        start: std::env::current_dir().unwrap_or_default(),
        ..LoadOptions::default()
    };
    let Some(config) = load_or_print(&options, terminal) else { return ExitCode::from(USAGE) };
    let (site, mistakes) = load_site(&config);
    let chosen = prepare(&site, mistakes, args, terminal).and_then(|mut prepared| {
        let shard = args.choice.choose(&mut prepared, &config, terminal)?;
        Ok((prepared, shard, args.baseline.read(&config, terminal)?))
    });
    let (prepared, shard, known) = match chosen {
        Ok(chosen) => chosen,
        Err(code) => return ExitCode::from(code),
    };
    if args.plan {
        return print_plan(&prepared, shard, args, terminal);
    }
    let settings = Settings {
        cluster: args.cluster.clone().unwrap_or_else(|| config.verify.cluster.clone()),
        yes: args.yes,
        keep: args.keep,
        timeout: args.timeout.unwrap_or(Duration::from_millis(config.verify.timeout_ms)),
        page_budget: args.page_budget,
        budget: args.budget,
        jobs: args.jobs,
        retries: args.retries,
        cached: args.cached,
        setup: config.verify.setup.clone(),
    };
    let sources = args.bless.then(|| Sources::read(&config.root, &prepared));
    let made = match &args.replay {
        Some(file) => replay(file, &prepared, terminal),
        None => live(&settings, &prepared, args, terminal),
    };
    match made {
        Ok(Made { recording, mut report, interrupted }) => {
            report.shard = shard;
            let code = match finish(&mut report, interrupted, &prepared, (args, &known), (&config, terminal)) {
                Ok(code) => code,
                Err(code) => return code,
            };
            let corrected = sources.filter(|_| code == DONE || code == FAILED);
            ExitCode::from(
                corrected.map_or(code, |sources| {
                    bless::run((&prepared, &recording, &report), &sources, args.diff, terminal)
                }),
            )
        }
        Err(code) => ExitCode::from(code),
    }
}

/// What a run or a recording says of the pages.
struct Made {
    recording: Recording,
    report: Report,
    /// Whether somebody asked the run to end: pages are missing from it.
    interrupted: bool,
}

/// Reads a recording and compares with it.
fn replay(file: &Path, prepared: &[Prepared], terminal: &Terminal) -> Result<Made, u8> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        terminal.error(&format!("{} can't be read: {error}", file.display()), &[]);
        USAGE
    })?;
    let recording = Recording::parse(&text).map_err(|error| {
        terminal.error(
            &format!("{}: {error}", file.display()),
            &["record anew with `docbuild verify --record FILE`".to_owned()],
        );
        USAGE
    })?;
    terminal.say(&format!("replaying {}: nothing is run", file.display()));
    if recording.docbuild != env!("CARGO_PKG_VERSION") {
        terminal.warn(&format!(
            "{} was recorded by docbuild {}: this is {}, which may run pages in another way",
            file.display(),
            recording.docbuild,
            env!("CARGO_PKG_VERSION")
        ));
    }
    let report = run::replay(prepared, &recording);
    Ok(Made { recording, report, interrupted: false })
}

/// Runs the pages, and writes the recording where one is wanted.
fn live(settings: &Settings, prepared: &[Prepared], args: &Args, terminal: &Terminal) -> Result<Made, u8> {
    let progress = RunProgress::new(prepared, terminal);
    let outcome = run::live(prepared, settings, &progress, &progress);
    progress.finish();
    let Outcome { recording, interrupted } = match outcome {
        Ok(outcome) => outcome,
        Err(RunError::Interrupted) => {
            terminal.error(&RunError::Interrupted.to_string(), &[]);
            return Err(INTERRUPTED);
        }
        Err(error) => {
            let mut help = error.help();
            help.push("compare with a recording instead: `docbuild verify --replay FILE`".to_owned());
            terminal.error(&error.to_string(), &help);
            return Err(NOTHING_RUN);
        }
    };
    if let Some(file) = &args.record
        // Half a recording must not take the place of a whole one.
        && !interrupted
        && !Destination::file(Kind::Json, file.clone()).deliver(&recording.to_json(), terminal)
    {
        return Err(USAGE);
    }
    let report = run::judge(prepared, &recording, "run");
    Ok(Made { recording, report, interrupted })
}

/// What comes of a run: the report with its known findings, written where it belongs, and the exit code.
fn finish(
    report: &mut Report,
    interrupted: bool,
    prepared: &[Prepared],
    (args, known): (&Args, &Known<'_>),
    (config, terminal): (&Config, &Terminal),
) -> Result<u8, ExitCode> {
    report::sources::fill(report, &|file| std::fs::read_to_string(config.root.join(file)).ok());
    let whole = args.pages.is_empty() && args.languages.is_empty() && args.choice.is_all();
    let scope = if whole { Scope::Whole } else { Scope::Part };
    if interrupted {
        report.interrupted = true;
        report.notes.push("the run was interrupted: pages that were not over then are skipped".to_owned());
        known.mark(report, prepared, Scope::Part);
        args.reports.write(report, Kind::Text, terminal)?;
        terminal.error(
            "interrupted: only reports were written, of the pages that were over",
            &["with `--cached` the next run takes these as they are and goes on with the others".to_owned()],
        );
        return Ok(INTERRUPTED);
    }
    known.settle(report, prepared, scope, terminal).map_err(ExitCode::from)?;
    // With `--diff` standard output is the diff's, to be given to `git apply`.
    if !args.diff || !args.reports.is_empty() {
        args.reports.write(report, Kind::Text, terminal)?;
    }
    remember(report, config, terminal);
    // Whether anything was to be run at all.
    let planned = prepared.iter().any(|page| !page.plan.sequence().is_empty());
    Ok(args.fail.code(report, planned))
}

/// Keeps the report for `docbuild serve`, which shows the verdicts beside their blocks.
fn remember(report: &Report, config: &Config, terminal: &Terminal) {
    let folder = config.root.join(".docbuild");
    let kept = std::fs::create_dir_all(&folder).and_then(|()| {
        let new = folder.join("last-verify.json.new");
        std::fs::write(&new, report::json::render(report))?;
        std::fs::rename(new, folder.join("last-verify.json"))
    });
    if let Err(error) = kept {
        terminal.warn(&format!("the report is not kept for `docbuild serve`: {}: {error}", folder.display()));
    }
}

/// The site, and what is wrong with it. Mistakes stop nothing here: those of pages that are verified
/// are told, `docbuild build` tells all of them.
fn load_site(config: &Arc<Config>) -> (Site, Vec<Diagnostic>) {
    let (source, mut diagnostics) = source::load(config);
    let (site, more) = assemble(Arc::clone(config), source);
    diagnostics.extend(more.sorted());
    (site, diagnostics.sorted())
}

/// Finds, parses and plans the pages.
fn prepare(site: &Site, mistakes: Vec<Diagnostic>, args: &Args, terminal: &Terminal) -> Result<Vec<Prepared>, u8> {
    for language in &args.languages {
        if !site.config.languages.iter().any(|known| known.code == *language) {
            let known: Vec<&str> = site.config.languages.iter().map(|language| language.code.as_str()).collect();
            terminal
                .error(&format!("the site has no language `{language}`"), &[format!("it has {}", known.join(", "))]);
            return Err(USAGE);
        }
    }
    let everything = args.pages.is_empty() && site.config.verify.pages.is_empty();
    let names = match (args.pages.is_empty(), everything) {
        (false, _) => args.pages.clone(),
        (true, false) => site.config.verify.pages.clone(),
        (true, true) => vec!["**".to_owned()],
    };
    let ids = match pages::select(site, &names, &args.languages) {
        Ok(ids) => ids,
        Err(error) => {
            let help = error.nearest.iter().map(|near| format!("did you mean {near}?")).collect::<Vec<_>>();
            terminal.error(&error.to_string(), &help);
            return Err(USAGE);
        }
    };
    let (registry, _) = Registry::load(&site.config);
    let files = DiskFiles::new(&site.config.root);
    let context = markdown::Context { site, files: &files, shortcodes: &registry, decorate: None };
    let parse = |id: PageId| -> Article { markdown::article(&context, id) };
    let verified: Vec<&str> = ids.iter().filter_map(|id| Some(site.page(*id).file.as_ref()?.path.as_str())).collect();
    let of_verified = |diagnostic: &Diagnostic| {
        diagnostic.place.as_ref().is_some_and(|place| verified.contains(&place.file.path.as_str()))
    };
    let mut diagnostics = Diagnostics::new();
    diagnostics.extend(mistakes.into_iter().filter(of_verified));
    diagnostics.extend(ids.iter().flat_map(|id| parse(*id).diagnostics));
    for diagnostic in diagnostics.sorted().iter().filter(|diagnostic| diagnostic.severity == Severity::Error) {
        terminal.diagnostic(diagnostic);
    }
    let mut prepared = pages::prepare(site, &ids, &parse);
    if args.pages.is_empty() {
        prepared.retain(|page| page.plan.has_commands());
    }
    Ok(prepared)
}

fn print_plan(prepared: &[Prepared], shard: Option<Shard>, args: &Args, terminal: &Terminal) -> ExitCode {
    let now = jiff::Timestamp::now().to_string();
    let mut plan = report::new(&now, &now);
    plan.plan = true;
    plan.shard = shard;
    plan.pages = prepared.iter().map(|page| page.plan.report()).collect();
    plan.summary = report::summary(&plan.pages);
    for destination in &args.reports.destinations(Kind::Text) {
        let text = match destination.kind() {
            Kind::Text => {
                table::render(prepared, table::Options { width: terminal.style.width, explain: args.explain })
            }
            Kind::Json => report::json::render(&plan),
            Kind::Junit | Kind::Sarif | Kind::Github | Kind::Html | Kind::Markdown => {
                terminal.error("a plan can be reported as text or json", &[]);
                return ExitCode::from(USAGE);
            }
        };
        if !destination.deliver(&text, terminal) {
            return ExitCode::from(USAGE);
        }
    }
    ExitCode::from(DONE)
}
