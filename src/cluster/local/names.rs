//! What a cluster is called on the machine, and its addresses.
//!
//! Everything that lies outside of the cluster's own namespaces (its link, its nftables table, its
//! cgroups) carries the cluster's *owner*, a hash of its state folder. So a clean-up finds what is
//! its own without any record, and can't touch a neighbour's; which is what makes a kill at any
//! point harmless.

use std::net::Ipv4Addr;
use std::path::Path;

/// How many clusters a machine can have: the /30 networks of 10.201.0.0/24.
pub(super) const MOST: u8 = 64;
/// Where Pods have their addresses. The same in every cluster: no packet for them leaves it.
pub(super) const PODS: &str = "10.244.0.0/16";
/// The part of [`PODS`] that the node hands out.
pub(super) const NODE_PODS: &str = "10.244.0.0/24";
/// Where Services have their addresses. The same in every cluster.
pub(super) const SERVICES: &str = "10.96.0.0/16";
/// The Service of the API server.
pub(super) const API_SERVICE: &str = "10.96.0.1";
/// The Service of the cluster's DNS.
pub(super) const DNS_SERVICE: &str = "10.96.0.10";
/// The node's name.
pub(super) const NODE: &str = "node1";

/// Who owns things on the machine: eight hexadecimal digits that stand for a state folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner(String);

impl Owner {
    /// The owner that a state folder stands for.
    pub(super) fn of(state: &Path) -> Self {
        use std::os::unix::ffi::OsStrExt as _;
        Self(blake3::hash(state.as_os_str().as_bytes()).to_hex()[..8].to_owned())
    }

    /// The machine's end of the cluster's only link. At most 15 characters may be.
    pub(super) fn link(&self) -> String {
        format!("docb-{}", self.0)
    }

    /// The table with its address translation.
    pub(super) fn table(&self) -> String {
        format!("docbuild_{}", self.0)
    }

    /// The cgroup below which all its Pods are, in each hierarchy.
    pub(super) fn cgroup(&self) -> String {
        format!("docbuild-{}", self.0)
    }
}

/// Whether a link of this name is a cluster's.
pub(super) fn is_link(name: &str) -> bool {
    name.strip_prefix("docb-").is_some_and(|rest| rest.len() == 8)
}

/// The /30 network between the machine and one cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network(pub(super) u8);

impl Network {
    /// The network itself, `10.201.0.4/30`.
    pub(super) fn subnet(self) -> String {
        format!("{}/30", self.address(0))
    }

    /// The machine's address in it.
    pub(super) fn machine(self) -> Ipv4Addr {
        self.address(1)
    }

    /// The node's address in it: the API server listens here.
    pub(super) fn node(self) -> Ipv4Addr {
        self.address(2)
    }

    fn address(self, host: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 201, 0, self.0 * 4 + host)
    }

    /// The network in which the node has this address.
    pub(super) fn of_node(address: Ipv4Addr) -> Option<Self> {
        let network = Self(address.octets()[3] / 4);
        (network.node() == address).then_some(network)
    }

    /// The first network that none of the addresses in use lies in.
    pub(super) fn first_free(used: &[Ipv4Addr]) -> Option<Self> {
        let taken = |n: u8| used.iter().any(|address| matches!(address.octets(), [10, 201, 0, last] if last / 4 == n));
        (0..MOST).find(|&n| !taken(n)).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_the_kernel_and_differ_by_folder() {
        let (a, b) = (Owner::of(Path::new("/a")), Owner::of(Path::new("/b")));
        assert_ne!(a, b);
        assert!(a.link().len() <= 15, "{}", a.link());
        assert!(is_link(&a.link()));
        assert!(!is_link("docb-x") && !is_link("eth0"));
    }

    #[test]
    fn networks_are_side_by_side() {
        assert_eq!(Network(1).subnet(), "10.201.0.4/30");
        assert_eq!(Network(1).machine().to_string(), "10.201.0.5");
        assert_eq!(Network(1).node().to_string(), "10.201.0.6");
        assert_eq!(Network(MOST - 1).node().to_string(), "10.201.0.254");
    }

    #[test]
    fn a_network_is_known_by_its_node() {
        for network in [0, 1, MOST - 1].map(Network) {
            assert_eq!(Network::of_node(network.node()), Some(network));
            assert_eq!(Network::of_node(network.machine()), None);
        }
        assert_eq!(Network::of_node("192.168.0.2".parse().unwrap()), None);
    }

    #[test]
    fn the_first_free_network_avoids_addresses_in_use() {
        let used: Vec<Ipv4Addr> = ["10.201.0.1", "192.168.0.5", "10.201.0.37", "10.201.0.6"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        assert_eq!(Network::first_free(&used), Some(Network(2)));
        assert_eq!(Network::first_free(&[]), Some(Network(0)));
        let all: Vec<Ipv4Addr> = (0..MOST).map(|n| Network(n).machine()).collect();
        assert_eq!(Network::first_free(&all), None);
    }
}
