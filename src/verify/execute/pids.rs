//! Process ids that a page shows and then types: `kill 8`, `/proc/8/root`.
//!
//! In: a command typed in a container, the outputs of `ps` that the page has shown before and what came.
//! Out: the command with the id that the same process has now. Where the page shows no such process, or
//! another one has the same command, nothing is changed.

use std::sync::LazyLock;

use regex::Regex;

use crate::verify::plan::PagePlan;
use crate::verify::recording::CommandRun;

/// Fills in process ids.
pub(super) fn fill(text: &str, plan: &PagePlan, done: &[CommandRun]) -> String {
    static IDS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(\bkill(?:\s+-\w+)?\s+|/proc/|\bnsenter\s+-t\s+|\bstrace\s+-p\s+)(\d+)\b").ok());
    let Some(ids) = IDS.as_ref() else { return text.to_owned() };
    ids.replace_all(text, |found: &regex::Captures<'_>| {
        let now = now(&found[2], plan, done).unwrap_or_else(|| found[2].to_owned());
        format!("{}{now}", &found[1])
    })
    .into_owned()
}

/// The id that the process which the page shows as `id` has now.
fn now(id: &str, plan: &PagePlan, done: &[CommandRun]) -> Option<String> {
    let shown = plan.blocks.iter().rev().map(|block| block.block.text.as_str());
    let (_, command) = shown.flat_map(processes).find(|(pid, _)| pid == id)?;
    let said = done.iter().rev().filter_map(|run| run.last());
    let listed = said.map(|attempt| processes(&attempt.actual.stdout)).find(|listed| !listed.is_empty())?;
    let mut same = listed.into_iter().filter(|(_, other)| *other == command);
    match (same.next(), same.next()) {
        (Some((pid, _)), None) => Some(pid),
        _ => None,
    }
}

/// The rows of a list of processes: id and command.
fn processes(text: &str) -> Vec<(String, String)> {
    let mut lines = text.lines().skip_while(|line| !line.split_whitespace().any(|word| word == "PID"));
    let Some(header) = lines.next() else { return vec![] };
    let words: Vec<&str> = header.split_whitespace().collect();
    let (Some(pid), Some(command)) = (
        words.iter().position(|word| *word == "PID"),
        words.iter().position(|word| matches!(*word, "COMMAND" | "CMD")),
    ) else {
        return vec![];
    };
    let row = |line: &str| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let id = cells.get(pid).filter(|id| id.bytes().all(|b| b.is_ascii_digit()))?;
        let said = cells.get(command..).filter(|said| !said.is_empty())?.join(" ");
        Some(((*id).to_owned(), said))
    };
    lines.filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_processes_is_read_by_its_header() {
        let text = "/ # ps ax\nPID   USER     TIME  COMMAND\n    1 root      0:00 /pause\n    8 root      0:00 nginx: master process nginx -g daemon off;\n";
        let rows = processes(text);
        assert_eq!(rows[1], ("8".to_owned(), "nginx: master process nginx -g daemon off;".to_owned()));
        assert!(processes("NAME READY\na 1/1\n").is_empty());
    }
}
