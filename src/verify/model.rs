//! The values that pass between the stages of `verify`, and the JSON report (`docbuild.verify/1`).
//!
//! Lines are 1-based in the source file, fence lines included.

use serde::{Deserialize, Serialize};

/// What a block is for the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Commands without prompts.
    Command,
    /// What commands printed.
    Output,
    /// Prompts with commands, with or without output between them.
    Transcript,
    /// A Kubernetes manifest that the page shows.
    Manifest,
    /// A file that the reader is told to write.
    File,
    /// Shown, not run.
    Other,
}

/// How a command, block or page came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It was run and is as documented.
    Pass,
    /// It was run and the documented output differs.
    Drift,
    /// A command broke.
    Fail,
    /// It was not run, for a reason.
    Skip,
    /// It differs between attempts.
    Flaky,
    /// The cluster failed, not the page.
    Infra,
}

/// What kind of difference a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingClass {
    /// Another value.
    Value,
    /// Another structure: a key or column that is elsewhere or gone.
    Schema,
    /// A documented row, key or line did not come.
    Missing,
    /// A row, key or line came that is not documented.
    Extra,
    /// The same in another order.
    Order,
    /// Something new that breaks no documented token; leaves a pass a pass.
    Additive,
    /// A command ended otherwise than documented.
    ExitCode,
    /// A command did not end in time.
    Timeout,
}

/// Why documentation and cluster differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The page is wrong.
    Docs,
    /// This cluster is not the page's (single node, runtime, stand-in image): never counted against
    /// the page.
    Environment,
    /// It follows from the mistake at the line in [`Finding::of`].
    FollowUp,
}

/// Whether a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingSeverity {
    /// A reader is misled.
    Error,
    /// A full stop, a wrap, spacing.
    Cosmetic,
}

/// One difference between what is documented and what came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What kind.
    pub class: FindingClass,
    /// 1-based source line of the documented token (for `missing` the row or key that is missing,
    /// for `extra` the documented row after which it appeared, for `exit-code` the command's).
    pub line: usize,
    /// The other lines where the same change shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<usize>,
    /// Where in the value: a YAML path, a table's row and column; empty for plain text.
    #[serde(rename = "where", default)]
    pub path: String,
    /// The documented token.
    pub documented: String,
    /// What came.
    pub actual: String,
    /// The rule that decided (`yaml map`, `table cell`, `B5 duration` ...).
    pub rule: String,
    /// Why they differ.
    pub cause: Cause,
    /// For a follow-up: the line it follows from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<usize>,
    /// Whether it matters.
    pub severity: FindingSeverity,
    /// One sentence for people.
    pub message: String,
    /// The source line at [`Finding::line`], as the author wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Why it is known already: the reason in the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
}

/// A verification report, or a plan ([`Report::plan`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// `docbuild.verify/1`.
    pub schema: String,
    /// docbuild's version.
    pub docbuild: String,
    /// Whether this is a plan: roles and pairs, nothing run.
    #[serde(default, skip_serializing_if = "is_false")]
    pub plan: bool,
    /// `run` or `recording`.
    pub source: String,
    /// For a recording: when it was made, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<String>,
    /// RFC 3339.
    pub started: String,
    /// RFC 3339.
    pub finished: String,
    /// The cluster, if one was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterFacts>,
    /// Whether the run was interrupted: pages are not in it that were to be.
    #[serde(default, skip_serializing_if = "is_false")]
    pub interrupted: bool,
    /// Which part of all pages it is about, with `--shard`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// What is worth knowing about the whole: entries of the baseline that are over or not needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The pages, in the order they were named.
    pub pages: Vec<PageReport>,
    /// Counts of commands, transcript commands and outputs.
    pub summary: Summary,
}

/// Which part of all pages a report is about: enough to put the parts together again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Which one, from 1.
    pub index: usize,
    /// Of how many.
    pub of: usize,
    /// How many pages all shards have together.
    pub total: usize,
    /// The place of each of its pages among those, from 0, in the order of the report's pages.
    pub places: Vec<usize>,
}

/// Which cluster a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterFacts {
    /// `local`, `kind`, `kubeconfig`.
    pub provider: String,
    /// `v1.36.3`.
    pub server_version: String,
    /// The context's name.
    pub context: String,
}

/// One page of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageReport {
    /// Relative to the root.
    pub path: String,
    /// Below the site's root.
    pub url: String,
    /// Language code.
    pub lang: String,
    /// The blocks' worst, skips apart; `None` in a plan and for a page with nothing to verify.
    pub verdict: Option<Verdict>,
    /// For a translation that shares its original's run: the original's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares_run_of: Option<String>,
    /// Stand-in images that the page used: reference -> what it is.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub stand_ins: std::collections::BTreeMap<String, String>,
    /// Its code blocks, in order.
    pub blocks: Vec<BlockReport>,
}

/// One code block of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockReport {
    /// Number on the page, from 1, in order.
    pub id: usize,
    /// The opening fence, or the first line of an indented block.
    pub line: usize,
    /// The closing fence, or the last line.
    pub end_line: usize,
    /// The info string; `null` for an indented block.
    pub info: Option<String>,
    /// For a block that came in by an include: the file the lines are in, relative to the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What it is for the reader.
    pub role: Role,
    /// The rule that decided the role.
    pub because: String,
    /// The block that opened the shell this one runs in.
    pub in_session: Option<usize>,
    /// The block whose command this output is of.
    pub documents: Option<usize>,
    /// Where the command of an output stands in the prose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inline: Option<Inline>,
    /// The commands of a command or transcript block.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandReport>,
    /// `null` for a block that is only shown, and in a plan.
    pub verdict: Option<Verdict>,
    /// Why it is skipped, or what is worth knowing.
    pub reason: Option<String>,
    /// The differences.
    #[serde(default)]
    pub findings: Vec<Finding>,
}

impl BlockReport {
    /// Whether it differs, and only as this cluster does from the page's: that is told, and not counted
    /// against the page.
    #[must_use]
    pub fn is_of_environment(&self) -> bool {
        let counts = |finding: &&Finding| finding.class != FindingClass::Additive;
        matches!(self.verdict, Some(Verdict::Drift | Verdict::Fail))
            && self.findings.iter().any(|finding| counts(&finding))
            && self.findings.iter().filter(counts).all(|finding| finding.cause == Cause::Environment)
    }
}

/// A command that stands in the prose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inline {
    /// Its line.
    pub line: usize,
    /// The command.
    pub text: String,
}

/// One command of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandReport {
    /// The line it begins on.
    pub line: usize,
    /// As the page prints it, prompt removed.
    pub text: String,
    /// As it was run: URLs mapped to files, generated names and placeholders filled in.
    pub ran: String,
    /// Exit code, if it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<i32>,
    /// Standard output of the attempt that decided.
    #[serde(default)]
    pub stdout: String,
    /// Standard error of it.
    #[serde(default)]
    pub stderr: String,
    /// Milliseconds it took.
    #[serde(default)]
    pub ms: u64,
    /// `None` in a plan.
    pub verdict: Option<Verdict>,
    /// Why it was skipped or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Counts of commands, transcript commands and outputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Pages.
    pub pages: usize,
    /// Commands and outputs.
    pub commands: usize,
    /// As documented.
    pub pass: usize,
    /// Different output.
    pub drift: usize,
    /// Broken.
    pub fail: usize,
    /// How many of those two are this cluster's alone, and not counted against their pages.
    #[serde(default, skip_serializing_if = "is_none")]
    pub environment: usize,
    /// Not run.
    pub skip: usize,
    /// Different from attempt to attempt.
    pub flaky: usize,
    /// The cluster failed.
    pub infra: usize,
    /// How many of `drift` and `fail` are known already, by the baseline.
    #[serde(default, skip_serializing_if = "is_none")]
    pub known: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_none(count: &usize) -> bool {
    *count == 0
}
