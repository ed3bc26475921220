//! What a cluster has on the machine, outside of its own namespaces: a link, a table for address
//! translation, cgroups, forwarding. Made by `up`, removed by `down`, by the owner's name alone.

use std::fs;
use std::path::PathBuf;

use rustix::fs::{FlockOperation, flock};

use super::machine;
use super::names::{self, Network, Owner};
use super::outside::Outside;
use crate::cluster::ClusterError;
use crate::cluster::program::Program;

/// A table without rules that says: forwarding was off before the first cluster came up. It is gone
/// after a restart of the machine, as the setting is.
const FORWARDING_MARK: &str = "docbuild_forwarding_was_off";
const FORWARDING: &str = "/proc/sys/net/ipv4/ip_forward";

/// Held while something changes that clusters share. It is a lock on a folder that is always there,
/// so nothing of ours is left.
pub(super) struct MachineLock {
    _folder: fs::File,
}

impl MachineLock {
    /// Waits for it.
    pub(super) fn take() -> Result<Self, ClusterError> {
        let failed = || ClusterError::io("locking /run");
        let folder = fs::File::open("/run").map_err(failed())?;
        flock(&folder, FlockOperation::LockExclusive).map_err(|error| failed()(error.into()))?;
        Ok(Self { _folder: folder })
    }
}

/// Makes the link into the network namespace of a process, and the table.
pub(super) fn join(
    _: &MachineLock,
    owner: &Owner,
    network: Network,
    outside: &Outside,
    init: i32,
) -> Result<(), ClusterError> {
    let link = owner.link();
    let machine = network.machine();
    Program::new("ip")
        .words("-batch -")
        .input(format!(
            "link add {link} type veth peer name eth0 netns {init}\naddr add {machine}/30 dev {link}\nlink set {link} up\n"
        ))
        .run()?;
    // Addresses that the kernel gives each link would be a way around the rules, which are of IPv4.
    let _ = fs::write(format!("/proc/sys/net/ipv6/conf/{link}/disable_ipv6"), "1");
    let_through(owner, network, outside)
}

/// Makes what lets packets pass between the cluster and the outside, as far as it is not there: also
/// when another program has turned forwarding off or flushed the rules while the cluster was up.
pub(super) fn mend(owner: &Owner, network: Network, outside: &Outside) -> Result<(), ClusterError> {
    let _lock = MachineLock::take()?;
    let_through(owner, network, outside)
}

fn let_through(owner: &Owner, network: Network, outside: &Outside) -> Result<(), ClusterError> {
    let (link, table, subnet) = (owner.link(), owner.table(), network.subnet());
    // Anew, and at once: the machine's resolvers and networks may be others by now.
    Program::new("nft")
        .words("-f -")
        .input(format!(
            "table ip {table} {{ }}; delete table ip {table}; table ip {table} {{ \
             chain post {{ type nat hook postrouting priority srcnat; \
             ip saddr {subnet} oifname != \"{link}\" masquerade; }}; {}}}\n",
            outside.machine_rules(&link)
        ))
        .run()?;
    turn_on_forwarding(&link)?;
    accept_forwarding(&link)
}

/// Why a cluster that is up can't reach the outside, a sentence each, as far as can be seen.
pub(super) fn faults(owner: &Owner) -> Vec<String> {
    let mut faults = vec![];
    if [FORWARDING.to_owned(), link_forwarding(&owner.link())].iter().any(|file| is_off(file)) {
        faults.push("forwarding of packets (net.ipv4.ip_forward) was turned off".to_owned());
    }
    // Who may not ask can't know.
    if tables().is_ok_and(|tables| !tables.contains(&format!("table ip {}", owner.table()))) {
        faults.push("the nftables rules of the cluster were removed".to_owned());
    }
    faults
}

/// The setting for one link. Writing [`FORWARDING`] sets it on every link.
fn link_forwarding(link: &str) -> String {
    format!("/proc/sys/net/ipv4/conf/{link}/forwarding")
}

fn is_off(setting: &str) -> bool {
    fs::read_to_string(setting).is_ok_and(|text| text.trim() == "0")
}

/// The first network that nobody has. It is ours once [`join`] has put its address on the link: the
/// lock is held until then.
pub(super) fn free_network(_: &MachineLock) -> Result<Network, ClusterError> {
    let used = machine::parse_addresses(&Program::new("ip").words("-o -4 addr").output()?);
    Network::first_free(&used).ok_or_else(|| ClusterError::Unavailable {
        missing: format!("all {} networks for clusters are in use", names::MOST),
        help: vec!["end a cluster with `docbuild cluster down`".to_owned()],
    })
}

fn turn_on_forwarding(link: &str) -> Result<(), ClusterError> {
    let failed = || ClusterError::io("turning on forwarding of packets");
    if fs::read_to_string(FORWARDING).map_err(failed())?.trim() == "0" {
        Program::new("nft").words(&format!("add table ip {FORWARDING_MARK}")).run()?;
        fs::write(FORWARDING, "1").map_err(failed())?;
    }
    if is_off(&link_forwarding(link)) {
        fs::write(link_forwarding(link), "1").map_err(failed())?;
    }
    Ok(())
}

/// Where the machine drops what it forwards (Docker and firewalld do so), lets our link's packets
/// pass. A table of our own would not do: a drop anywhere is final.
fn accept_forwarding(link: &str) -> Result<(), ClusterError> {
    let chain = Program::new("nft").words("-a list chain ip filter FORWARD").output().unwrap_or_default();
    if drops_by_default(&chain) && rules_of(&chain, link).len() < 2 {
        for side in ["iifname", "oifname"] {
            Program::new("nft").words(&format!("insert rule ip filter FORWARD {side} {link} accept")).run()?;
        }
    }
    Ok(())
}

fn drops_by_default(chain: &str) -> bool {
    chain.lines().any(|line| line.contains("hook forward") && line.contains("policy drop"))
}

/// Removes everything that belongs to the owner. Returns what can't be removed.
pub(super) fn leave(owner: &Owner) -> Result<Vec<PathBuf>, ClusterError> {
    let (link, table) = (owner.link(), owner.table());
    let _lock = MachineLock::take()?;
    // The link goes with the network namespace, unless that was never made or lingers.
    if PathBuf::from("/sys/class/net").join(&link).exists() {
        // It may have gone between the look and now.
        let _ = Program::new("ip").words(&format!("link del {link}")).run();
    }
    if tables()?.contains(&format!("table ip {table}")) {
        Program::new("nft").words(&format!("delete table ip {table}")).run()?;
    }
    forget_forwarding(&link)?;
    if others_links(&link)?.is_empty() {
        turn_off_forwarding()?;
    }
    Ok(machine::remove_cgroups(&owner.cgroup()))
}

fn tables() -> Result<Vec<String>, ClusterError> {
    Ok(Program::new("nft").words("list tables").output()?.lines().map(str::to_owned).collect())
}

fn others_links(own: &str) -> Result<Vec<String>, ClusterError> {
    let folder = fs::read_dir("/sys/class/net").map_err(ClusterError::io("listing network links"))?;
    let links = folder.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    Ok(links.filter(|link| names::is_link(link) && link != own).collect())
}

fn turn_off_forwarding() -> Result<(), ClusterError> {
    if tables()?.contains(&format!("table ip {FORWARDING_MARK}")) {
        fs::write(FORWARDING, "0").map_err(ClusterError::io("turning off forwarding of packets"))?;
        Program::new("nft").words(&format!("delete table ip {FORWARDING_MARK}")).run()?;
    }
    Ok(())
}

fn forget_forwarding(link: &str) -> Result<(), ClusterError> {
    let chain = Program::new("nft").words("-a list chain ip filter FORWARD").output().unwrap_or_default();
    rules_of(&chain, link).into_iter().try_for_each(|handle| {
        Program::new("nft").words(&format!("delete rule ip filter FORWARD handle {handle}")).run()
    })
}

/// The handles of the rules that name a link.
fn rules_of<'a>(chain: &'a str, link: &str) -> Vec<&'a str> {
    let quoted = format!("\"{link}\"");
    chain
        .lines()
        .filter(|line| line.contains(&quoted))
        .filter_map(|line| line.rsplit_once("# handle ").map(|(_, handle)| handle.trim()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIN: &str = "table ip filter {
	chain FORWARD { # handle 2
		type filter hook forward priority filter; policy drop;
		oifname \"docb-12345678\" accept # handle 11
		iifname \"docb-12345678\" accept # handle 10
		iifname \"docb-87654321\" accept # handle 9
		counter packets 0 bytes 0 jump DOCKER-USER # handle 3
	}
}
";

    #[test]
    fn a_policy_of_drop_is_seen() {
        assert!(drops_by_default(CHAIN));
        assert!(!drops_by_default(&CHAIN.replace("policy drop", "policy accept")));
        assert!(!drops_by_default(""));
    }

    #[test]
    fn only_our_own_rules_are_removed() {
        assert_eq!(rules_of(CHAIN, "docb-12345678"), ["11", "10"]);
        assert!(rules_of(CHAIN, "docb-1234567").is_empty());
    }
}
