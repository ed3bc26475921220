//! Documented outputs against real ones: case files, properties, mutations.

mod cases;
pub(crate) mod mutation;
mod properties;
mod recordings;

use docbuild::verify::matching::{Actual, Bindings, Documented, Outcome, VolatileFacts, compare};
use docbuild::verify::model::FindingClass;

/// A comparison to be made: lines of the documented text count from 1.
#[derive(Debug, Clone, Default)]
pub(crate) struct Comparison {
    pub(crate) command: String,
    pub(crate) documented: String,
    pub(crate) actual: Actual,
    pub(crate) facts: VolatileFacts,
}

impl Comparison {
    /// Output that came without an error.
    pub(crate) fn of(command: &str, documented: &str, stdout: &str) -> Self {
        Self {
            command: command.to_owned(),
            documented: documented.to_owned(),
            actual: Actual { stdout: stdout.to_owned(), exit: Some(0), ..Actual::default() },
            facts: VolatileFacts {
                nodes: vec!["node1".into()],
                runtime: "containerd".into(),
                ..VolatileFacts::default()
            },
        }
    }

    /// Compares, on a page where nothing is bound yet.
    pub(crate) fn outcome(&self) -> Outcome {
        self.outcome_of(&self.documented)
    }

    /// Compares another documented text with what came.
    pub(crate) fn outcome_of(&self, documented: &str) -> Outcome {
        let lines: Vec<usize> = (1..=documented.lines().count()).collect();
        let documented = Documented { text: documented, lines: &lines, command: &self.command, command_line: 1 };
        compare(&documented, &self.actual, &mut Bindings::default(), &self.facts)
    }
}

/// Whether nothing but additions was found.
pub(crate) fn holds(outcome: &Outcome) -> bool {
    outcome.findings.iter().all(|found| found.class == FindingClass::Additive)
}
