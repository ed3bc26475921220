//! What the supervisor is told: plain values, written by `up` and read once by PID 1.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// All that PID 1 needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// The cluster's state folder.
    pub(crate) state: PathBuf,
    /// The node's name, which becomes the host name.
    pub(crate) node: String,
    /// How the inside of the link is set up.
    pub(crate) link: Link,
    /// The cgroup below which the Pods are, in each hierarchy.
    pub(crate) cgroup: String,
    /// Folders of the machine that the cluster may read.
    pub(crate) read_only: Vec<PathBuf>,
    /// Folders below the state folder -> where the cluster's programs have them compiled in.
    pub(crate) binds: Vec<(PathBuf, PathBuf)>,
    /// The program that removes all sandboxes, and the socket it is to be given.
    pub(crate) sandboxes: (PathBuf, PathBuf),
    /// What runs, in the order in which it is started.
    pub(crate) components: Vec<Component>,
}

/// The inside of the link to the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Link {
    /// The node's address with its prefix length, `10.201.0.2/30`.
    pub(crate) address: String,
    /// The machine's address.
    pub(crate) gateway: String,
    /// Where Pods have their addresses.
    pub(crate) pods: String,
    /// Where Services have theirs.
    pub(crate) services: String,
    /// Rules on what else may be reached, from [`super::super::outside`].
    pub(crate) outside: String,
}

/// A program that is kept running.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Component {
    /// Its name in the log and in reports.
    pub(crate) name: String,
    /// The file to run.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<String>,
    /// What its environment has besides the supervisor's.
    pub(crate) environment: Vec<(String, String)>,
    /// What has to be there before it is started, also again.
    pub(crate) after: Option<Condition>,
    /// Whether a reset leaves it running: the container runtime with its images does.
    pub(crate) survives_reset: bool,
}

/// Something to wait for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Condition {
    /// A socket file is there.
    Socket(PathBuf),
    /// Somebody listens.
    Listening(SocketAddr),
}

impl Condition {
    /// Whether it holds now.
    pub(super) fn holds(&self) -> bool {
        match self {
            Self::Socket(path) => path.exists(),
            Self::Listening(address) => {
                std::net::TcpStream::connect_timeout(address, std::time::Duration::from_millis(100)).is_ok()
            }
        }
    }
}

/// What the supervisor says: rewritten whole at each change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Status {
    /// Why the cluster could not be set up at all.
    pub(crate) failed: Option<String>,
    /// The last request that was done, and why it failed if it did.
    pub(crate) done: Option<(u64, Option<String>)>,
    /// The components, in the plan's order.
    pub(crate) components: Vec<ComponentStatus>,
}

/// How a component is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ComponentStatus {
    /// Its name.
    pub(crate) name: String,
    /// Its process as the cluster sees it.
    pub(crate) pid: Option<i32>,
    /// How often it was started.
    pub(crate) starts: u32,
    /// Whether it ended so often that it is not started again.
    pub(crate) gave_up: bool,
}

impl Status {
    /// The component that gave up, if one did.
    pub(crate) fn gave_up(&self) -> Option<&str> {
        self.components.iter().find(|component| component.gave_up).map(|component| component.name.as_str())
    }
}

/// What the supervisor is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    /// Remember the state of the empty cluster.
    Keep,
    /// Go back to it.
    Reset,
    /// See who ended, and say how everything is now.
    Look,
}

impl Request {
    /// The line that asks for it.
    pub(crate) fn line(self, number: u64) -> String {
        let word = match self {
            Self::Keep => "keep",
            Self::Reset => "reset",
            Self::Look => "look",
        };
        format!("{word} {number}\n")
    }

    /// Reads a line; `None` for anything else.
    pub(super) fn parse(line: &str) -> Option<(Self, u64)> {
        let (word, number) = line.trim().split_once(' ')?;
        let request = match word {
            "keep" => Self::Keep,
            "reset" => Self::Reset,
            "look" => Self::Look,
            _ => return None,
        };
        Some((request, number.parse().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_as_they_are_written() {
        for request in [Request::Keep, Request::Reset, Request::Look] {
            assert_eq!(Request::parse(&request.line(7)), Some((request, 7)));
        }
        assert_eq!(Request::parse("stop 1"), None);
        assert_eq!(Request::parse("reset"), None);
    }

    #[test]
    fn a_condition_holds_when_somebody_listens() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let condition = Condition::Listening(listener.local_addr().unwrap());
        assert!(condition.holds());
        drop(listener);
        assert!(!condition.holds());
    }
}
