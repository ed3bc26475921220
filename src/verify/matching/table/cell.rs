//! One cell, by what its column holds.

use crate::verify::matching::ledger::{Ledger, Spot, finding};
use crate::verify::matching::token::{Place, ip};
use crate::verify::model::{Cause, FindingClass};

/// A documented cell and what came in the same column.
#[derive(Debug, Clone, Copy)]
pub(in crate::verify::matching) struct Cell<'c> {
    pub(in crate::verify::matching) column: &'c str,
    pub(in crate::verify::matching) documented: &'c str,
    pub(in crate::verify::matching) actual: &'c str,
    /// The table is of nodes.
    pub(in crate::verify::matching) names_node: bool,
}

impl Cell<'_> {
    fn place(&self) -> Place {
        match self.column {
            column if is_age(column) => Place::AGE,
            "NODE" | "NOMINATED NODE" | "NOMINATED_NODE" => Place::NODE,
            "MESSAGE" => Place::TEXT,
            _ if self.names_node && matches!(self.column, "NAME" | "LABELS") => Place::NODE,
            _ => Place::VALUE,
        }
    }

    pub(in crate::verify::matching) fn holds(&self, ledger: &Ledger<'_>) -> bool {
        ledger.scope.holds(self.place(), self.documented, self.actual)
            || self.is_of_machine()
            || self.set_holds(&mut |place, one, other| ledger.scope.holds(place, one, other))
    }

    /// Settles the cell, or reports it.
    pub(in crate::verify::matching) fn settle(&self, line: usize, row: &str, ledger: &mut Ledger<'_>) {
        if ledger.settle(line, self.place(), self.documented, self.actual) {
            return;
        }
        if self.is_of_machine() {
            return ledger.note(line, "B5 node facts", self.documented, self.actual);
        }
        if self.set_holds(&mut |place, one, other| ledger.settle(line, place, one, other)) {
            return ledger.note(line, "D set", self.documented, self.actual);
        }
        let path = format!("{row}.{}", self.column);
        let spot = Spot { line, path: &path, rule: "table cell" };
        if self.documented.is_empty() {
            let message = format!("documented nothing under {}, the output says `{}`", self.column, self.actual);
            return ledger.find(finding(FindingClass::Value, spot, "", self.actual, message));
        }
        let said = if self.actual.is_empty() { "nothing".to_owned() } else { format!("`{}`", self.actual) };
        let message = format!("documented `{}` under {}, the output says {said}", self.documented, self.column);
        let mut found = finding(FindingClass::Value, spot, self.documented, self.actual, message);
        if let Some(why) = self.other_cluster(ledger) {
            found.cause = Cause::Environment;
            found.message.push_str(why);
        }
        ledger.find(found);
    }

    /// What a node's row says of the machine below it.
    fn is_of_machine(&self) -> bool {
        self.names_node
            && matches!(self.column, "OS-IMAGE" | "KERNEL-VERSION" | "CONTAINER-RUNTIME" | "EXTERNAL-IP")
            && !self.documented.is_empty()
            && !self.actual.is_empty()
    }

    /// Why a cell differs as this cluster does from the page's, if it does.
    fn other_cluster(&self, ledger: &Ledger<'_>) -> Option<&'static str> {
        let number = |text: &str| text.parse::<usize>().ok();
        let nodes = ledger.scope.facts.nodes.len();
        match self.column {
            "EXTERNAL-IP" if self.actual == "<pending>" => Some(": this cluster has no load balancer"),
            "ROLES" if self.names_node => Some(": this cluster's nodes have other roles"),
            "DESIRED" | "CURRENT" | "READY" | "UP-TO-DATE" | "AVAILABLE"
                if is_of_daemon_set(ledger.scope.command)
                    && number(self.actual) == Some(nodes)
                    && number(self.documented).is_some_and(|documented| documented > nodes) =>
            {
                Some(": a DaemonSet has one Pod a node, and this cluster has fewer")
            }
            _ => None,
        }
    }

    /// Whether both are sets of addresses of one size (or cut off), whatever the addresses.
    pub(in crate::verify::matching) fn is_subset_by_count(&self) -> bool {
        let port = |member: &str| member.rsplit_once(':').map(|(_, port)| port.to_owned());
        let is_address = |member: &&str| ip::read(member).is_some_and(|found| found.length == member.len());
        let ((ours, more), (theirs, others)) = (members(self.documented), members(self.actual));
        let same = ours.len() == theirs.len() && more == others;
        same && ours.iter().all(is_address)
            && theirs.iter().all(is_address)
            && ours.iter().zip(&theirs).all(|(one, other)| port(one) == port(other))
    }

    /// Whether the cell is a set, and each documented member has a partner of its own; all of them,
    /// unless some are elided.
    fn set_holds(&self, holds: &mut dyn FnMut(Place, &str, &str) -> bool) -> bool {
        let is_set = matches!(
            self.column,
            "LABELS"
                | "SELECTOR"
                | "NODE SELECTOR"
                | "ENDPOINTS"
                | "ACCESS MODES"
                | "PORT(S)"
                | "PORTS"
                | "SHORTNAMES"
                | "VERBS"
        );
        if !is_set {
            return false;
        }
        let (ours, more_of_ours) = members(self.documented);
        let (mut theirs, more_of_theirs) = members(self.actual);
        let elided = more_of_ours || ours.iter().any(|member| matches!(*member, "..." | "…"));
        let ours: Vec<&str> = ours.into_iter().filter(|member| !matches!(*member, "..." | "…")).collect();
        if ours.len() != theirs.len() && !elided && !more_of_theirs {
            return false;
        }
        let place = self.place();
        ours.iter().all(|member| {
            let exact = theirs.iter().position(|other| other == member);
            let fitting = exact
                .or_else(|| theirs.iter().position(|other| same_port(member, other) || holds(place, member, other)));
            fitting.map(|at| theirs.remove(at)).is_some()
        })
    }
}

/// Whether a command asks for DaemonSets, and for nothing else.
fn is_of_daemon_set(command: &str) -> bool {
    let kind = |word: &str| {
        matches!(word, "ds" | "daemonset" | "daemonsets" | "daemonset.apps" | "daemonsets.apps")
            || word.starts_with("ds/")
            || word.starts_with("daemonset/")
    };
    command.split([' ', ',']).any(kind)
}

/// The members of a set, and whether `+ N more...` says that there are others.
fn members(cell: &str) -> (Vec<&str>, bool) {
    let (cell, more) = match cell.split_once(" + ") {
        Some((head, tail)) if tail.contains("more") => (head, true),
        _ => (cell, false),
    };
    (cell.split(',').map(str::trim).filter(|member| !member.is_empty()).collect(), more)
}

/// `8080:32377/TCP` against `8080:32285/TCP`: a node port is handed out.
pub(in crate::verify::matching) fn same_port(documented: &str, actual: &str) -> bool {
    let parts = |text: &str| {
        let (ports, protocol) = text.rsplit_once('/')?;
        let (port, node) = ports.rsplit_once(':').unwrap_or(("", ports));
        Some((port.to_owned(), node.to_owned(), protocol.to_owned()))
    };
    match (parts(documented), parts(actual)) {
        (Some(ours), Some(theirs)) => {
            let is_node_port = |port: &str| port.parse::<u32>().is_ok_and(|port| (30_000..=32_767).contains(&port));
            ours.0 == theirs.0
                && ours.2 == theirs.2
                && is_node_port(&ours.1)
                && is_node_port(&theirs.1)
                && ip::is_free_port(&ours.1)
        }
        _ => false,
    }
}

/// Whether an age is under a minute.
fn is_young(age: Option<&str>) -> bool {
    age.and_then(|age| age.strip_suffix('s'))
        .and_then(|seconds| seconds.parse::<u32>().ok())
        .is_some_and(|age| age < 60)
}

/// Columns that hold ages.
pub(in crate::verify::matching) fn is_age(column: &str) -> bool {
    column
        .split(|c: char| !c.is_ascii_alphabetic())
        .any(|word| matches!(word, "AGE" | "SEEN" | "SINCE" | "DURATION" | "UPTIME"))
        || column.starts_with("LAST ")
        || matches!(
            column,
            "CREATED" | "UPDATED" | "STARTED" | "Age" | "First Seen" | "Last Seen" | "FirstSeen" | "LastSeen"
        )
}

/// Columns that say nothing of what an object is.
pub(in crate::verify::matching) fn is_volatile(column: &str) -> bool {
    is_age(column) || matches!(column, "IP" | "NODE" | "CLUSTER-IP" | "EXTERNAL-IP" | "RESTARTS")
}

/// Columns that change while an object gets ready.
pub(in crate::verify::matching) fn moves(column: &str) -> bool {
    matches!(column, "STATUS" | "READY" | "UP-TO-DATE" | "AVAILABLE" | "CURRENT" | "IP" | "NODE" | "RESTARTS")
}

/// Whether a container in this state is started again and again, so that its restarts count the time.
pub(in crate::verify::matching) fn is_crash(status: &str) -> bool {
    matches!(status, "CrashLoopBackOff" | "Error" | "OOMKilled" | "RunContainerError" | "ContainerCannotRun")
}

/// Whether both say how often something was restarted, what came no less often than what is documented.
pub(in crate::verify::matching) fn counts_on(documented: &str, actual: &str) -> bool {
    let count = |text: &str| text.split_whitespace().next().and_then(|count| count.parse::<u32>().ok());
    count(documented).zip(count(actual)).is_some_and(|(ours, theirs)| ours > 0 && theirs >= ours)
}

/// Whether a documented passing state is one that the object has gone beyond: it was being created
/// and now runs or has run; or no replica was ready and now all are.
pub(in crate::verify::matching) fn has_moved_on(
    header: &[&str],
    documented: &[&str],
    other: &[&str],
    actual: &[&str],
) -> bool {
    let ours = |name: &str| header.iter().position(|column| *column == name).and_then(|at| documented.get(at)).copied();
    let theirs = |name: &str| other.iter().position(|column| *column == name).and_then(|at| actual.get(at)).copied();
    let fraction = |cell: Option<&str>| {
        let (ready, wanted) = cell?.split_once('/')?;
        Some((ready.parse::<u32>().ok()?, wanted.parse::<u32>().ok()?))
    };
    let (was, is) = (fraction(ours("READY")), fraction(theirs("READY")));
    let same_size = was.zip(is).is_none_or(|(was, is)| was.1 == is.1 && was.0 <= is.0);
    match (ours("STATUS"), theirs("STATUS")) {
        (Some(was), Some(is)) => {
            let passing = matches!(was, "ContainerCreating" | "PodInitializing")
                || was.starts_with("Init:") && !was.contains("rror");
            passing && same_size && (matches!(is, "Running" | "Completed") || matches!(is, "PodInitializing"))
        }
        (None, None) => {
            let (ready, desired) = (theirs("READY"), theirs("DESIRED"));
            if ours("READY") == Some("0") && desired.is_some() && ours("DESIRED") == desired {
                // A ReplicaSet whose Pods were being made; after a minute it is one that gets none.
                return is_young(ours("AGE")) && ready == desired && desired != Some("0");
            }
            let none_yet =
                was.is_some_and(|(ready, wanted)| ready == 0 && wanted > 0) && ours("AVAILABLE") == Some("0");
            let all_now = is.is_some_and(|(ready, wanted)| ready == wanted);
            none_yet && all_now && same_size
        }
        _ => false,
    }
}
