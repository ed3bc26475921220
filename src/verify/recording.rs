//! What a run did, as a value: enough to match it again without a cluster.
//!
//! In: what `execute` collected, or a recording's JSON (`--replay`). Out: [`Recording`]. The same
//! value is judged whether it was just made or read from a file. It holds nothing of the machine it
//! was made on: paths, user and host names are replaced.

use serde::{Deserialize, Serialize};

use crate::verify::matching::{Actual, VolatileFacts};
use crate::verify::model::ClusterFacts;

/// The recording format this version writes and reads.
pub const SCHEMA: &str = "docbuild.recording/1";

/// A run of pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// [`SCHEMA`].
    pub schema: String,
    /// docbuild's version.
    pub docbuild: String,
    /// When the run began, RFC 3339.
    pub recorded: String,
    /// The cluster, if one was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterFacts>,
    /// The pages that were run. A translation that shared a run is not here again.
    pub pages: Vec<PageRun>,
}

/// The run of one page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRun {
    /// Its path relative to the root.
    pub path: String,
    /// Its commands, in the order they were run.
    pub commands: Vec<CommandRun>,
    /// The same of each further attempt, where the page did not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<Vec<CommandRun>>,
    /// Stand-in images that its Pods used: reference -> what it is.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub stand_ins: std::collections::BTreeMap<String, String>,
}

/// The run of one command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRun {
    /// Its line on the page.
    pub line: usize,
    /// As the page prints it.
    pub text: String,
    /// As it was run.
    pub ran: String,
    /// The line of the command that opened the shell it ran in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<usize>,
    /// How it ended.
    pub ended: Ended,
    /// What was done about it that the page does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What it printed, attempt by attempt; attempts that print the same follow each other once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// What was known of live objects after its last attempt, where an output was to be matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<VolatileFacts>,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "how")]
pub enum Ended {
    /// By itself (its exit code is in the last attempt), or it is left running as documented.
    Done,
    /// It was stopped after so many milliseconds.
    TimedOut {
        /// After how long.
        ms: u64,
    },
    /// It was not run.
    NotRun {
        /// Why.
        reason: String,
    },
    /// The cluster or the machine failed, not the page.
    Infra {
        /// What failed.
        reason: String,
    },
}

/// One attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// What it printed.
    #[serde(flatten)]
    pub actual: Actual,
    /// Milliseconds it took.
    #[serde(default)]
    pub ms: u64,
    /// How many attempts in a row printed this.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub times: u32,
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_one(times: &u32) -> bool {
    *times == 1
}

impl CommandRun {
    /// A command that is not run.
    #[must_use]
    pub fn not_run(line: usize, text: &str, reason: impl Into<String>) -> Self {
        Self {
            line,
            text: text.to_owned(),
            ran: text.to_owned(),
            session: None,
            ended: Ended::NotRun { reason: reason.into() },
            note: None,
            attempts: vec![],
            facts: None,
        }
    }

    /// The attempt that decides: the last.
    #[must_use]
    pub fn last(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// Adds an attempt; one that prints what the last printed is only counted.
    pub fn push(&mut self, attempt: Attempt) {
        if let Some(last) = self.attempts.last_mut()
            && last.actual == attempt.actual
        {
            last.times += 1;
            return;
        }
        self.attempts.push(attempt);
    }
}

/// Why a recording can't be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// It is no JSON of this shape.
    #[error("it is no recording: {0}")]
    Malformed(String),
    /// It was made by another version.
    #[error("its format is `{0}`, and this version reads `{SCHEMA}`")]
    Schema(String),
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// When the text is no recording, or one of another format.
    pub fn parse(text: &str) -> Result<Self, RecordingError> {
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| RecordingError::Malformed(error.to_string()))?;
        let schema = value.get("schema").and_then(|schema| schema.as_str()).unwrap_or("");
        if schema != SCHEMA {
            return Err(RecordingError::Schema(schema.to_owned()));
        }
        serde_json::from_value(value).map_err(|error| RecordingError::Malformed(error.to_string()))
    }

    /// The recording as a file's text.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The run for a page whose commands are `sequence`: the page's own, else one that ran the same
    /// commands (a translation's original, or the reverse).
    #[must_use]
    pub fn run_of(&self, path: &str, texts: &[&str]) -> Option<&PageRun> {
        let same = |run: &&PageRun| {
            let ran: Vec<&str> = run
                .commands
                .iter()
                .filter(|command| !matches!(command.ended, Ended::NotRun { .. }))
                .map(|command| command.text.as_str())
                .collect();
            ran == texts
        };
        self.pages.iter().find(|run| run.path == path).or_else(|| self.pages.iter().find(same))
    }
}

/// Replaces what would tell on the machine a run was made on.
#[derive(Debug, Clone, Default)]
pub struct Redaction {
    /// Text -> what stands for it, the longest first.
    pub words: Vec<(String, String)>,
}

impl Redaction {
    /// The text without those words.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        self.words
            .iter()
            .filter(|(from, _)| !from.is_empty())
            .fold(text.to_owned(), |text, (from, to)| text.replace(from.as_str(), to))
    }

    /// Cleans all that a run printed.
    pub fn clean_run(&self, run: &mut PageRun) {
        for command in run.commands.iter_mut().chain(run.again.iter_mut().flatten()) {
            command.ran = self.clean(&command.ran);
            for attempt in &mut command.attempts {
                attempt.actual.stdout = self.clean(&attempt.actual.stdout);
                attempt.actual.stderr = self.clean(&attempt.actual.stderr);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_attempts_are_counted_once() {
        let mut run = CommandRun::not_run(1, "a", "");
        let attempt =
            |stdout: &str| Attempt { actual: Actual { stdout: stdout.into(), ..Actual::default() }, ms: 1, times: 1 };
        for stdout in ["x", "x", "y", "x"] {
            run.push(attempt(stdout));
        }
        assert_eq!(run.attempts.iter().map(|attempt| attempt.times).collect::<Vec<_>>(), [2, 1, 1]);
    }

    #[test]
    fn a_recording_of_another_format_is_refused() {
        assert!(matches!(Recording::parse("{\"schema\":\"docbuild.recording/9\"}"), Err(RecordingError::Schema(_))));
        assert!(matches!(Recording::parse("not json"), Err(RecordingError::Malformed(_))));
    }
}
