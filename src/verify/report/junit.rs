//! The report as JUnit XML: a suite a page, a case a command or output.
//!
//! What a baseline knows fails no case: it is skipped, with the reason.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::counts::{all_known, of_command};
use super::visible;
use crate::verify::model::{BlockReport, CommandReport, Finding, PageReport, Report, Role, Verdict};

/// The report as a file's text.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut junit = Junit::new("docbuild verify");
    for page in &report.pages {
        junit.add_test_suite(suite(page));
    }
    counted(&junit.to_string().unwrap_or_default())
}

/// The number of skipped cases under the name that the schema and CI systems know. No line of a text begins
/// like the tag: its `<` is escaped.
fn counted(xml: &str) -> String {
    let mut out = String::with_capacity(xml.len());
    for line in xml.split_inclusive('\n') {
        match line.split_once(" disabled=\"") {
            Some((tag, rest)) if line.trim_start().starts_with("<testsuite ") => {
                out.push_str(tag);
                out.push_str(" skipped=\"");
                out.push_str(rest);
            }
            _ => out.push_str(line),
        }
    }
    out
}

fn suite(page: &PageReport) -> TestSuite {
    let class = visible(&page.path);
    let mut suite = TestSuite::new(class.as_str());
    let mut all = 0;
    for block in &page.blocks {
        for (index, command) in block.commands.iter().enumerate() {
            let name = format!("line {}: {}", command.line, visible(command.text.lines().next().unwrap_or("")));
            let mut case = TestCase::new(name, status(&Asked::command(block, index, command)));
            case.set_classname(class.as_str()).set_time(Duration::from_millis(command.ms));
            suite.add_test_case(case);
            all += command.ms;
        }
        if block.role == Role::Output {
            let mut case = TestCase::new(format!("line {}: output", block.line), status(&Asked::output(page, block)));
            case.set_classname(class.as_str());
            suite.add_test_case(case);
        }
    }
    suite.set_time(Duration::from_millis(all));
    suite
}

/// A command or an output, and what is said of it.
struct Asked<'a> {
    verdict: Option<Verdict>,
    reason: Option<&'a str>,
    findings: Vec<&'a Finding>,
    known: bool,
    /// This cluster is another one than the page's: told in the report, no failure of the page.
    environment: bool,
}

impl<'a> Asked<'a> {
    fn command(block: &'a BlockReport, index: usize, command: &'a CommandReport) -> Self {
        let findings: Vec<&Finding> = of_command(block, index).collect();
        Self {
            verdict: command.verdict,
            reason: command.reason.as_deref(),
            known: all_known(findings.iter().copied()),
            environment: block.is_of_environment(),
            findings,
        }
    }

    fn output(page: &'a PageReport, block: &'a BlockReport) -> Self {
        Self {
            verdict: block.verdict,
            reason: block.reason.as_deref(),
            known: super::counts::output_is_known(page, block),
            environment: block.is_of_environment(),
            findings: block.findings.iter().collect(),
        }
    }

    fn text(&self) -> String {
        let findings = self.findings.iter().map(|finding| {
            let known = finding.known.as_ref().map(|reason| format!(" (known: {reason})")).unwrap_or_default();
            format!("line {}: {}{known}", finding.line, finding.message)
        });
        visible(&self.reason.map(str::to_owned).into_iter().chain(findings).collect::<Vec<_>>().join("\n"))
    }
}

fn status(asked: &Asked<'_>) -> TestCaseStatus {
    let failed = |kind: NonSuccessKind| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(asked.text()).set_type(asked.verdict.map_or("", super::name));
        // An attribute loses its line ends; the text does not.
        status.set_description(asked.text());
        status
    };
    match asked.verdict {
        Some(Verdict::Pass) => TestCaseStatus::success(),
        Some(Verdict::Drift | Verdict::Fail) if asked.environment => TestCaseStatus::success(),
        Some(Verdict::Drift | Verdict::Fail) if !asked.known => failed(NonSuccessKind::Failure),
        Some(Verdict::Flaky | Verdict::Infra) => failed(NonSuccessKind::Error),
        Some(Verdict::Skip | Verdict::Drift | Verdict::Fail) | None => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(asked.text());
            status
        }
    }
}
