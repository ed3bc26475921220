//! Where reports go, in which form, and what exit code they end with: common to `verify` and `report`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{DONE, FAILED, Terminal, USAGE};
use crate::verify::model::Report;
use crate::verify::report;

/// Nothing could be run.
pub(super) const NOTHING_RUN: u8 = 3;

/// `--report`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ReportFlags {
    /// Write a report: text, json, junit, sarif, github, html or markdown, to stdout or a file; may be repeated
    #[arg(long = "report", value_name = "KIND[=FILE]", value_parser = parse_destination)]
    reports: Vec<Destination>,
}

/// `--fail-on`.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct FailFlags {
    /// What makes the exit code 1: drift (failing commands too) or fail (only these)
    #[arg(long, value_name = "WHAT", default_value = "drift", hide_possible_values = true)]
    fail_on: FailOn,
}

/// The values of `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Drift and failing commands.
    Drift,
    /// Failing commands only.
    Fail,
}

/// `--report KIND[=FILE]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Destination {
    kind: Kind,
    file: Option<PathBuf>,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// For people, on a terminal.
    Text,
    /// `docbuild.verify/1`.
    Json,
    /// For CI systems that show test results.
    Junit,
    /// For code scanning.
    Sarif,
    /// Annotations of GitHub's checks.
    Github,
    /// For people, in a browser.
    Html,
    /// For people, in a job's summary or beside the documentation.
    Markdown,
}

/// The kinds by their names, as `--report` has them.
const KINDS: [(&str, Kind); 7] = [
    ("text", Kind::Text),
    ("json", Kind::Json),
    ("junit", Kind::Junit),
    ("sarif", Kind::Sarif),
    ("github", Kind::Github),
    ("html", Kind::Html),
    ("markdown", Kind::Markdown),
];

fn parse_destination(text: &str) -> Result<Destination, String> {
    let (name, file) = text.split_once('=').map_or((text, None), |(kind, file)| (kind, Some(file)));
    let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == name) else {
        return Err("the kinds are text, json, junit, sarif, github, html and markdown".to_owned());
    };
    if file.is_some_and(str::is_empty) {
        return Err("name a file behind `=`, or leave it out for stdout".to_owned());
    }
    Ok(Destination { kind: *kind, file: file.map(Into::into) })
}

impl Destination {
    /// A file of that kind.
    pub(super) fn file(kind: Kind, file: PathBuf) -> Self {
        Self { kind, file: Some(file) }
    }

    /// Which kind.
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Writes a text where it belongs; `false`, after saying so, where that can't be done.
    pub(super) fn deliver(&self, text: &str, terminal: &Terminal) -> bool {
        let Some(file) = &self.file else {
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

    fn render(&self, report: &Report, terminal: &Terminal) -> String {
        match self.kind {
            Kind::Text => report::text::render(
                report,
                report::text::Options {
                    color: self.file.is_none() && terminal.stdout_color,
                    width: terminal.style.width,
                    verbose: terminal.verbose,
                },
            ),
            Kind::Json => report::json::render(report),
            Kind::Junit => report::junit::render(report),
            Kind::Sarif => report::sarif::render(report),
            Kind::Github => report::github::render(report),
            Kind::Html => report::html::render(report),
            Kind::Markdown => report::markdown::render(report),
        }
    }
}

impl ReportFlags {
    /// Whether none was asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.reports.is_empty()
    }

    /// Where reports go: to stdout, as `otherwise`, unless something else is asked for.
    pub(super) fn destinations(&self, otherwise: Kind) -> Vec<Destination> {
        if self.reports.is_empty() {
            return vec![Destination { kind: otherwise, file: None }];
        }
        self.reports.clone()
    }

    /// Writes the reports. What the report notes is said also where none of them is for people.
    ///
    /// # Errors
    /// The exit code, after saying what could not be written.
    pub(super) fn write(&self, report: &Report, otherwise: Kind, terminal: &Terminal) -> Result<(), ExitCode> {
        let destinations = self.destinations(otherwise);
        if !destinations.iter().any(|destination| destination.kind == Kind::Text) {
            report.notes.iter().for_each(|note| terminal.say(&format!("note: {}", report::visible(note))));
        }
        for destination in &destinations {
            if report.plan && destination.kind != Kind::Json {
                terminal.error("a plan has no verdicts to show: it can be reported as json", &[]);
                return Err(ExitCode::from(USAGE));
            }
            if !destination.deliver(&destination.render(report, terminal), terminal) {
                return Err(ExitCode::from(USAGE));
            }
        }
        Ok(())
    }
}

impl FailFlags {
    /// The exit code. Where something was to be run (`planned`) and nothing was (a recording of other pages,
    /// a cluster that is broken), that is no success; what a baseline knows is no failure.
    pub(super) fn code(&self, report: &Report, planned: bool) -> u8 {
        let summary = &report.summary;
        let open = report::open(&report.pages);
        let found = open.fail + if self.fail_on == FailOn::Drift { open.drift } else { 0 };
        let ran = summary.pass + summary.drift + summary.fail + summary.flaky;
        match (ran, found + summary.infra) {
            (0, _) if planned => NOTHING_RUN,
            (_, 0) => DONE,
            _ => FAILED,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_have_a_kind_and_perhaps_a_file() {
        assert_eq!(parse_destination("html"), Ok(Destination { kind: Kind::Html, file: None }));
        assert_eq!(parse_destination("sarif=a=b.sarif"), Ok(Destination::file(Kind::Sarif, "a=b.sarif".into())));
        assert!(parse_destination("xml").is_err_and(|error| error.contains("html")));
        assert!(parse_destination("json=").is_err());
    }
}
