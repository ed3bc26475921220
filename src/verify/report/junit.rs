//! The report as JUnit XML: a suite a page, a case a command or output.

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::visible;
use crate::verify::model::{BlockReport, PageReport, Report, Role, Verdict};

/// The report as a file's text.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut junit = Junit::new("docbuild verify");
    for page in &report.pages {
        junit.add_test_suite(suite(page));
    }
    junit.to_string().unwrap_or_default()
}

fn suite(page: &PageReport) -> TestSuite {
    let mut suite = TestSuite::new(visible(&page.path));
    for block in &page.blocks {
        for command in &block.commands {
            let name = format!("line {}: {}", command.line, visible(command.text.lines().next().unwrap_or("")));
            suite.add_test_case(case(name, command.verdict, command.reason.as_deref(), block));
        }
        if block.role == Role::Output {
            suite.add_test_case(case(
                format!("line {}: output", block.line),
                block.verdict,
                block.reason.as_deref(),
                block,
            ));
        }
    }
    suite
}

fn case(name: String, verdict: Option<Verdict>, reason: Option<&str>, block: &BlockReport) -> TestCase {
    let text = || {
        let findings = block.findings.iter().map(|finding| format!("line {}: {}", finding.line, finding.message));
        visible(&reason.map(str::to_owned).into_iter().chain(findings).collect::<Vec<_>>().join("\n"))
    };
    let status = match verdict {
        Some(Verdict::Pass) => TestCaseStatus::success(),
        // This cluster is another one than the page's: told in the report, no failure of the page.
        Some(Verdict::Drift | Verdict::Fail) if block.is_of_environment() => TestCaseStatus::success(),
        Some(Verdict::Drift | Verdict::Fail) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(text());
            // An attribute loses its line ends; the text does not.
            status.set_description(text());
            status
        }
        Some(Verdict::Flaky | Verdict::Infra) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(text());
            status
        }
        Some(Verdict::Skip) | None => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(text());
            status
        }
    };
    TestCase::new(name, status)
}
