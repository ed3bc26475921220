//! Differences of an output that are this cluster's or this machine's, and that no matcher alone can tell.
//!
//! In: the findings of one output, its command, what the page has run before. Out: their causes.

use std::net::Ipv6Addr;

use crate::verify::matching::{ObjectFacts, Outcome, VolatileFacts};
use crate::verify::model::{Cause, Finding};
use crate::verify::plan::made::{Asks, Made};

/// What was run on the page before an output's command.
#[derive(Default)]
pub(super) struct Before {
    /// The commands of the blocks before it.
    pub(super) typed: String,
    /// Whether one of them has made a NetworkPolicy.
    pub(super) policies: bool,
    /// What comes to nothing on this cluster, also under the page's names for it.
    pub(super) stuck: Vec<Stuck>,
}

/// A Pod or claim that comes to nothing for what this cluster lacks.
#[derive(Debug, Clone)]
pub(super) struct Stuck {
    /// `pod`, `persistentvolumeclaim`.
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) why: String,
}

impl Stuck {
    /// What is known of an object as such, if it is.
    pub(super) fn of(object: &ObjectFacts) -> Option<Self> {
        let why = object.stuck.clone()?;
        Some(Self { kind: object.kind.to_lowercase(), name: object.name.clone(), why })
    }

    /// Whether a command names it, and no object of another kind.
    pub(super) fn is_meant(&self, command: &str) -> bool {
        let object = Made::of_kind(self.kind.clone(), self.name.clone());
        let mut words = command.split(|c: char| c.is_whitespace() || c == '/');
        words.any(|word| word == self.name) && !Asks::of(command, vec![]).means_another(&object)
    }

    /// Whether a finding is about its row of a table.
    fn is_row_of(&self, finding: &Finding) -> bool {
        let rest = finding.path.strip_prefix(self.name.as_str()).filter(|_| finding.rule.starts_with("table"));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// Sets the cause of what this cluster can't show.
pub(super) fn blame(outcome: &mut Outcome, command: &str, before: &Before, facts: Option<&VolatileFacts>) {
    let meant = before.stuck.iter().any(|stuck| stuck.is_meant(command));
    let no_ipv6 = facts.is_some_and(has_no_ipv6);
    for finding in &mut outcome.findings {
        let refused =
            ["download timed out", "Connection timed out"].iter().any(|said| finding.documented.contains(said));
        let why = if before.policies && refused {
            "this cluster's network enforces no NetworkPolicy"
        } else if meant || before.stuck.iter().any(|stuck| stuck.is_row_of(finding)) {
            "it can't be had on this cluster"
        } else if finding.path.starts_with("kubeletconfig.") {
            "so this cluster's kubelet is set up"
        } else if command.contains("cluster-info") && finding.documented.contains("/namespaces/kube-system/") {
            "this cluster's own components are others than the page's"
        } else if is_ipv6(&finding.documented) && !is_ipv6(&finding.actual) && no_ipv6 {
            "this cluster has no IPv6"
        } else if names_readers_cluster(finding, command, &before.typed) {
            "the page's reader has a kubeconfig of another cluster"
        } else {
            continue;
        };
        finding.cause = Cause::Environment;
        finding.message = format!("{}: {why}", finding.message);
    }
}

/// Whether a text holds an IPv6 address or network that a cluster hands out.
fn is_ipv6(text: &str) -> bool {
    let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '[' | ']' | ',' | '"' | '\'');
    text.split(ends)
        .filter(|word| word.contains("::"))
        .any(|word| word.parse::<Ipv6Addr>().is_ok_and(|address| !address.is_loopback() && !address.is_unspecified()))
}

fn has_no_ipv6(facts: &VolatileFacts) -> bool {
    !facts.objects.is_empty()
        && !facts.objects.iter().any(|object| object.volatile.values().any(|value| is_ipv6(value)))
}

/// Whether `kubectl config` shows another name or address of a cluster, user or context than the page's, which the
/// page itself has not set.
fn names_readers_cluster(finding: &Finding, command: &str, before: &str) -> bool {
    let shows = ["view", "current-context", "get-contexts", "get-clusters", "get-users"];
    let words = || command.split_whitespace();
    let asks = words().any(|word| word == "config") && words().any(|word| shows.contains(&word));
    let own = command.contains("--kubeconfig") || before.contains("KUBECONFIG=") || before.contains("--kubeconfig");
    let key = finding.path.rsplit('.').next().unwrap_or("");
    let named = words().any(|word| word == "current-context")
        || matches!(key, "cluster" | "user" | "name" | "server" | "current-context" | "NAME" | "CLUSTER" | "AUTHINFO");
    let made = !finding.documented.is_empty() && before.contains(finding.documented.trim_matches('"'));
    asks && !own && named && !finding.actual.is_empty() && !made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::matching::{Actual, Bindings, Documented, compare};

    fn causes(documented: &str, command: &str, before: &str, stdout: &str) -> Vec<Cause> {
        let lines: Vec<usize> = (1..=documented.lines().count()).collect();
        let documented = Documented { text: documented, lines: &lines, command, command_line: 1 };
        let actual = Actual { stdout: stdout.to_owned(), exit: Some(0), ..Actual::default() };
        let object = ObjectFacts { kind: "Pod".into(), ..ObjectFacts::default() };
        let facts = VolatileFacts { objects: vec![object], ..VolatileFacts::default() };
        let stuck = Stuck { kind: "pod".into(), name: "alone".into(), why: "no volumes".into() };
        let mut outcome = compare(&documented, &actual, &mut Bindings::default(), &facts);
        blame(
            &mut outcome,
            command,
            &Before { typed: before.to_owned(), policies: true, stuck: vec![stuck] },
            Some(&facts),
        );
        outcome.findings.iter().map(|finding| finding.cause).collect()
    }

    #[test]
    fn what_only_a_cluster_with_ipv6_shows_is_of_the_environment() {
        let command = "kubectl get node a -o yaml";
        let documented = "spec:\n  podCIDRs:\n  - 10.244.0.0/24\n  - 2001:db8:0:1::/64\n";
        let came = "spec:\n  podCIDRs:\n  - 10.244.0.0/24\n";
        assert_eq!(causes(documented, command, "", came), [Cause::Environment]);
        assert_eq!(causes("spec:\n  size: 1\n", command, "", "spec:\n  size: 2\n"), [Cause::Docs]);
    }

    #[test]
    fn what_no_network_here_refuses_is_of_the_environment() {
        let command = "wget -T 1 web";
        assert_eq!(
            causes("wget: download timed out\n", command, "", "saving to 'index.html'\n")[..1],
            [Cause::Environment]
        );
        assert_eq!(causes("saving to 'a'\n", command, "", "saving to 'b'\n"), [Cause::Docs]);
    }

    #[test]
    fn what_runs_in_the_clusters_own_namespace_is_of_the_environment() {
        let documented = "Metrics is running at https://192.0.2.1/api/v1/namespaces/kube-system/services/metrics\n";
        assert_eq!(causes(documented, "kubectl cluster-info", "", "CoreDNS is running\n")[..1], [Cause::Environment]);
        let shown = |port: u16| format!("{{\"kubeletconfig\": {{\"port\": {port}}}}}\n");
        let configured = causes(&shown(1), "curl http://localhost:8001/api/v1/nodes/a/proxy/configz", "", &shown(2));
        assert_eq!(configured, [Cause::Environment]);
    }

    #[test]
    fn what_a_pod_that_does_not_run_here_would_say_is_of_the_environment() {
        let rows = |alone: &str, other: &str| format!("NAME    STATUS\nalone   {alone}\nother   {other}\n");
        let causes = causes(&rows("Running", "Running"), "kubectl get pods", "", &rows("Init:Error", "Error"));
        assert_eq!(causes, [Cause::Environment, Cause::Docs]);
        let stuck = Stuck { kind: "pod".into(), name: "data".into(), why: String::new() };
        assert!(stuck.is_meant("kubectl logs pod/data") && stuck.is_meant("kubectl exec data -- ls"));
        assert!(!stuck.is_meant("kubectl get service data") && !stuck.is_meant("kubectl get cm database"));
    }

    #[test]
    fn names_of_the_readers_kubeconfig_are_of_the_environment_and_the_pages_own_are_not() {
        let (documented, came) = ("current-context: prod\nkind: Config\n", "current-context: docbuild\nkind: Config\n");
        assert_eq!(causes(documented, "kubectl config view", "", came), [Cause::Environment]);
        let set = "kubectl config use-context prod";
        assert_eq!(causes(documented, "kubectl config view", set, came), [Cause::Docs]);
        assert_eq!(causes(documented, "kubectl config view --kubeconfig=mine", "", came), [Cause::Docs]);
        assert_eq!(causes("kind: Config\n", "kubectl config view", "", "kind: Other\n"), [Cause::Docs]);
    }

    #[test]
    fn ipv6_addresses_are_found() {
        for text in ["2001:db8::1", "http://[2001:db8::1]:80/", "IP: 2001:db8::/64", "fd00:10:244::5,"] {
            assert!(is_ipv6(text), "{text}");
        }
        for text in ["::1", "std::string", "x::y", "10.0.0.1", "12:30:00"] {
            assert!(!is_ipv6(text), "{text}");
        }
    }
}
