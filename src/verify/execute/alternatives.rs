//! Another way to make what the page has made already.
//!
//! In: a command that failed because an object is there which an earlier alternative has made. Out: the same
//! command once more, without the object: each way is run from the state before the first, as its reader
//! would. What was done is said in the run's note.

use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;

use super::page::Page;
use super::poll::Asked;
use crate::verify::recording::CommandRun;
use crate::verify::shell;
use crate::verify::words;

/// How long removing the object may take.
const LIMIT: Duration = Duration::from_secs(60);
/// Objects that are removed for one command at most.
const MOST: usize = 5;

impl Page<'_> {
    /// Runs a command again without the objects of an earlier alternative, as long as they are in its way.
    pub(super) async fn undo_alternative(&mut self, asked: Asked<'_>, run: &mut CommandRun) {
        for _ in 0..MOST {
            let Some((kind, name)) = run.last().and_then(|last| in_the_way(&last.actual.stderr)) else { return };
            // Only what the page itself has made: on a shared cluster anything else is somebody's.
            if !self.done.iter().any(|earlier| has_made(earlier, &name)) || self.is_as_documented(asked, run) {
                return;
            }
            let namespace = namespace_of(&run.ran).map(|one| format!(" -n {}", shell::quote(&one))).unwrap_or_default();
            let (kind, name) = (shell::quote(&kind), shell::quote(&name));
            let remove = format!("kubectl delete {kind} {name}{namespace} --wait=true");
            // Beside the page's shell, in which nothing of ours leaves a trace.
            let Ok(shell) = self.beside(&remove).await else { return };
            let mut removing = super::driver::Tail::of(shell);
            let end = std::time::Instant::now() + LIMIT;
            while removing.read(end).await {}
            removing.close().await;
            run.attempts.clear();
            self.ask(asked, run).await;
            run.note = Some("run again without what an earlier way had made".to_owned());
        }
    }
}

/// Whether a command of the page has said that it made an object of this name.
fn has_made(run: &CommandRun, name: &str) -> bool {
    let made = |line: &str| line.trim_end().ends_with(&format!("/{name} created"));
    run.last().is_some_and(|last| last.actual.exit == Some(0) && last.actual.stdout.lines().any(made))
}

/// The object that is there already: kind and name as the API says them (`secrets "a" already exists`).
fn in_the_way(said: &str) -> Option<(String, String)> {
    static EXISTS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"([a-z][a-z0-9.]*) "([^"]+)" already exists"#).ok());
    let found = EXISTS.as_ref()?.captures(said)?;
    Some((found[1].to_owned(), found[2].to_owned()))
}

fn namespace_of(text: &str) -> Option<String> {
    shell::simple_commands(text).iter().filter(|simple| simple.name() == "kubectl").find_map(|simple| {
        let mut words = simple.words.iter();
        while let Some(word) = words.next() {
            if matches!(word.as_str(), "-n" | "--namespace") {
                return words.next().cloned();
            }
            if let Some(value) = word.strip_prefix("--namespace=").or_else(|| word.strip_prefix("-n=")) {
                return Some(value.to_owned());
            }
        }
        None
    })
}

/// Whether a command makes objects that may be there already.
pub(super) fn makes(text: &str) -> bool {
    let makes = |verb: &str| matches!(verb, "create" | "expose" | "run" | "autoscale");
    shell::simple_commands(text).iter().any(|simple| words::verb_of(simple).is_some_and(makes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::matching::Actual;
    use crate::verify::recording::Attempt;

    #[test]
    fn what_is_in_the_way_is_read_from_the_error() {
        let server = "Error from server (AlreadyExists): secrets \"db-user-pass\" already exists\n";
        let client = "error: failed to create secret secrets \"a\" already exists\n";
        let group = "Error from server (AlreadyExists): deployments.apps \"web\" already exists\n";
        assert_eq!(in_the_way(server), Some(("secrets".into(), "db-user-pass".into())));
        assert_eq!(in_the_way(client), Some(("secrets".into(), "a".into())));
        assert_eq!(in_the_way(group), Some(("deployments.apps".into(), "web".into())));
        assert_eq!(in_the_way("Error from server (NotFound): x\n"), None);
    }

    #[test]
    fn only_what_the_page_made_is_removed() {
        let mut run = CommandRun::not_run(1, "kubectl create ns a", "");
        let said = |exit, stdout: &str| Attempt {
            actual: Actual { exit: Some(exit), stdout: stdout.to_owned(), ..Actual::default() },
            ..Attempt::default()
        };
        run.push(said(0, "namespace/a created\n"));
        assert!(has_made(&run, "a") && !has_made(&run, "prod"));
        run.push(said(1, "namespace/a created\nnamespace/b created\n"));
        assert!(!has_made(&run, "a"), "it failed in the end");
    }

    #[test]
    fn the_namespace_is_the_commands() {
        assert_eq!(namespace_of("kubectl create secret generic a -n b"), Some("b".into()));
        assert_eq!(namespace_of("kubectl --namespace=b create ns a"), Some("b".into()));
        assert_eq!(namespace_of("kubectl create ns a"), None);
        assert!(makes("kubectl create ns a") && !makes("kubectl apply -f a.yaml"));
    }
}
