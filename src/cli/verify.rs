//! `docbuild verify`: run what pages print, compare, report.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::bless;
use super::progress::TerminalProgress;
use super::site_flags::load_or_print;
use super::{DONE, FAILED, GlobalFlags, Terminal, USAGE};
use crate::config::{Config, LoadOptions};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::markdown::{self, Article};
use crate::shortcode::Registry;
use crate::site::{PageId, Site, assemble};
use crate::source::{self, DiskFiles};
use crate::verify::bless::Sources;
use crate::verify::execute::Watcher;
use crate::verify::model::Report;
use crate::verify::pages::{self, Prepared};
use crate::verify::recording::Recording;
use crate::verify::report::{self, table};
use crate::verify::run::{self, RunError, Settings};

/// Nothing could be run.
const NOTHING_RUN: u8 = 3;
/// Ended by Ctrl-C: 128 and the signal's number, as shells tell it.
const INTERRUPTED: u8 = 130;

/// The flags of `verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Pages: a path below the root or a language's content folder, a glob of such, or a URL
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
    /// Take the last run of a page whose commands, files, cluster and images have not changed since
    #[arg(long)]
    cached: bool,
    /// Keep the pages' folders and leave the cluster as the last page left it
    #[arg(long)]
    keep: bool,
    /// What makes the exit code 1: any drift, or only failing commands
    #[arg(long, value_name = "WHAT", default_value = "drift")]
    fail_on: FailOn,
    /// Write a report: text, json, junit or github, to stdout or a file; may be repeated
    #[arg(long = "report", value_name = "KIND[=FILE]", value_parser = parse_report)]
    reports: Vec<Destination>,
}

/// `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Drift and failing commands.
    Drift,
    /// Failing commands only.
    Fail,
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

/// `--report KIND[=FILE]`.
#[derive(Debug, Clone)]
struct Destination {
    kind: ReportKind,
    file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReportKind {
    Text,
    Json,
    Junit,
    Github,
}

fn parse_report(text: &str) -> Result<Destination, String> {
    let (kind, file) = text.split_once('=').map_or((text, None), |(kind, file)| (kind, Some(file)));
    let kind = match kind {
        "text" => ReportKind::Text,
        "json" => ReportKind::Json,
        "junit" => ReportKind::Junit,
        "github" => ReportKind::Github,
        _ => return Err("the kinds are text, json, junit and github".to_owned()),
    };
    if file.is_some_and(str::is_empty) {
        return Err("name a file behind `=`, or leave it out for stdout".to_owned());
    }
    Ok(Destination { kind, file: file.map(Into::into) })
}

pub(super) fn run(args: &Args, global: &GlobalFlags, terminal: &Terminal) -> ExitCode {
    let options = LoadOptions {
        root: global.root.clone(),
        start: std::env::current_dir().unwrap_or_default(),
        ..LoadOptions::default()
    };
    let Some(config) = load_or_print(&options, terminal) else { return ExitCode::from(USAGE) };
    let (site, mistakes) = load_site(&config);
    let prepared = match prepare(&site, mistakes, args, terminal) {
        Ok(prepared) => prepared,
        Err(code) => return ExitCode::from(code),
    };
    if args.plan {
        return print_plan(&prepared, args, terminal);
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
    };
    let sources = args.bless.then(|| Sources::read(&config.root, &prepared));
    let made = match &args.replay {
        Some(file) => replay(file, &prepared, terminal),
        None => live(&settings, &prepared, args, terminal),
    };
    match made {
        Ok((recording, report)) => {
            let planned = prepared.iter().any(|page| !page.plan.sequence().is_empty());
            let code = finish(&report, planned, args, (&config, terminal));
            match sources.filter(|_| code == DONE || code == FAILED) {
                Some(sources) => {
                    ExitCode::from(bless::run((&prepared, &recording, &report), &sources, args.diff, terminal))
                }
                None => ExitCode::from(code),
            }
        }
        Err(code) => ExitCode::from(code),
    }
}

/// Reads a recording and compares with it.
fn replay(file: &Path, prepared: &[Prepared], terminal: &Terminal) -> Result<(Recording, Report), u8> {
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
    Ok((recording, report))
}

/// Runs the pages, and writes the recording where one is wanted.
fn live(
    settings: &Settings,
    prepared: &[Prepared],
    args: &Args,
    terminal: &Terminal,
) -> Result<(Recording, Report), u8> {
    let progress = TerminalProgress::new(terminal);
    let watcher = Watching { terminal };
    let outcome = run::live(prepared, settings, &progress, &watcher);
    progress.finish();
    let recording = match outcome {
        Ok(recording) => recording,
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
        && !deliver(&Destination { kind: ReportKind::Json, file: Some(file.clone()) }, &recording.to_json(), terminal)
    {
        return Err(USAGE);
    }
    let report = run::judge(prepared, &recording, "run");
    Ok((recording, report))
}

impl Args {
    /// Where reports go: to stdout as text unless something else is asked for.
    fn destinations(&self) -> Vec<Destination> {
        if self.reports.is_empty() && self.diff {
            // Standard output is the diff's, to be given to `git apply`.
            return vec![];
        }
        if self.reports.is_empty() {
            return vec![Destination { kind: ReportKind::Text, file: None }];
        }
        self.reports.clone()
    }
}

/// Writes the reports and the exit code. `planned`: whether anything was to be run at all.
fn finish(report: &Report, planned: bool, args: &Args, (config, terminal): (&Config, &Terminal)) -> u8 {
    for destination in &args.destinations() {
        let text = match destination.kind {
            ReportKind::Text => report::text::render(
                report,
                report::text::Options {
                    color: destination.file.is_none() && terminal.stdout_color,
                    width: terminal.style.width,
                    verbose: terminal.verbose,
                },
            ),
            ReportKind::Json => report::json::render(report),
            ReportKind::Junit => report::junit::render(report),
            ReportKind::Github => report::github::render(report),
        };
        if !deliver(destination, &text, terminal) {
            return USAGE;
        }
    }
    remember(report, config, terminal);
    code(report, planned, args.fail_on)
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

/// The exit code. Where something was to be run and nothing was (a recording of other pages, a cluster
/// that is broken), that is no success.
fn code(report: &Report, planned: bool, fail_on: FailOn) -> u8 {
    let summary = &report.summary;
    let faults = report::faults(&report.pages);
    let found = faults.fail + if fail_on == FailOn::Drift { faults.drift } else { 0 };
    let ran = summary.pass + summary.drift + summary.fail + summary.flaky;
    match (ran, found + summary.infra) {
        (0, _) if planned => NOTHING_RUN,
        (_, 0) => DONE,
        _ => FAILED,
    }
}

/// Tells on stderr which command runs.
struct Watching<'a> {
    terminal: &'a Terminal,
}

impl Watcher for Watching<'_> {
    fn command(&self, page: &str, line: usize, text: &str) {
        let first = report::visible(text.lines().next().unwrap_or(""));
        self.terminal.say(&format!("{page}:{line}: {first}"));
    }

    fn note(&self, text: &str) {
        self.terminal.say(&format!("note: {text}"));
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

fn print_plan(prepared: &[Prepared], args: &Args, terminal: &Terminal) -> ExitCode {
    let now = jiff::Timestamp::now().to_string();
    let mut plan = report::new(&now, &now);
    plan.plan = true;
    plan.pages = prepared.iter().map(|page| page.plan.report()).collect();
    plan.summary = report::summary(&plan.pages);
    for destination in &args.destinations() {
        let text = match destination.kind {
            ReportKind::Text => {
                table::render(prepared, table::Options { width: terminal.style.width, explain: args.explain })
            }
            ReportKind::Json => report::json::render(&plan),
            ReportKind::Junit | ReportKind::Github => {
                terminal.error("a plan can be reported as text or json", &[]);
                return ExitCode::from(USAGE);
            }
        };
        if !deliver(destination, &text, terminal) {
            return ExitCode::from(USAGE);
        }
    }
    ExitCode::from(DONE)
}

/// Writes a report where it belongs.
fn deliver(destination: &Destination, text: &str, terminal: &Terminal) -> bool {
    let Some(file) = &destination.file else {
        terminal.data(text);
        return true;
    };
    match std::fs::write(file, text) {
        Ok(()) => true,
        Err(error) => {
            terminal.error(&format!("{} can't be written: {error}", file.display()), &[]);
            false
        }
    }
}
