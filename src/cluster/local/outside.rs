//! What a cluster reaches beyond itself: the public internet, as every cluster does, but nothing that
//! is near. What a page starts there is not trusted with the machine, its neighbours, or the addresses
//! where a cloud hands out credentials.
//!
//! In: the machine's resolvers, where its packages come from, its networks. Out: nftables rules, for
//! the cluster's side of the link (`supervisor::world`) and for the machine's (`host`).

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs as _};
use std::time::Duration;

use crate::cluster::program::Program;
use crate::cluster::{ClusterError, images};

/// Addresses that are not of the public internet (RFC 1122, 1918, 2544, 3927, 5771, 6598, 6890), by which
/// neighbours are reached.
const NEAR: [&str; 9] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/3",
];
/// Where clouds tell a machine its credentials: among [`NEAR`], but for the last, which is Azure's.
const METADATA: &str = "169.254.0.0/16, 192.0.0.192, 100.100.100.200, 168.63.129.16";
/// How long looking up where packages come from may take.
const LIMIT: Duration = Duration::from_secs(2);

/// What the rules are made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outside {
    /// Name servers: they answer on port 53 wherever they are.
    resolvers: Vec<Ipv4Addr>,
    /// Where packages come from, and proxies on the way there: addresses and ports.
    mirrors: Vec<(Ipv4Addr, u16)>,
    /// The networks that the machine is in.
    networks: Vec<String>,
    /// Whether the node gets images from registries, which may be near.
    pulls: bool,
}

impl Outside {
    /// Looks at the machine. `resolv_conf` is what Pods get; `pulls` is whether images come from registries.
    pub(super) fn look(resolv_conf: &str, pulls: bool) -> Result<Self, ClusterError> {
        Ok(Self {
            resolvers: parse_resolvers(resolv_conf),
            mirrors: look_up(images::package_hosts()),
            networks: parse_networks(&Program::new("ip").words("-o -4 route show table all").output()?),
            pulls,
        })
    }

    /// Rules for the cluster's side of its link, to stand in a table of the family `inet` whose chain
    /// `inside` accepts what stays in the cluster.
    pub(super) fn cluster_rules(&self, link: &str) -> String {
        let near = NEAR.iter().copied().chain(self.networks.iter().map(String::as_str)).collect::<Vec<_>>().join(", ");
        let mut rules = format!(
            "set near {{ type ipv4_addr; flags interval; auto-merge; elements = {{ {near} }}; }}; \
             chain outside {{ jump inside; {}ip daddr {{ {METADATA} }} counter reject with icmpx admin-prohibited; \
             ip daddr @near counter reject with icmpx admin-prohibited; \
             meta nfproto ipv6 reject with icmpx admin-prohibited; }}; \
             chain pods {{ type filter hook forward priority 0; oifname \"{link}\" jump outside; }}; ",
            self.allowed()
        );
        // Registries may be near, and it is the node that gets images.
        let node = if self.pulls {
            format!("oifname \"{link}\" ip daddr {{ {METADATA} }} counter reject with icmpx admin-prohibited")
        } else {
            format!("oifname \"{link}\" jump outside")
        };
        let _ = write!(rules, "chain node {{ type filter hook output priority 0; {node}; }}; ");
        rules
    }

    /// A chain for the machine's side: nothing in the cluster opens a connection to the machine.
    pub(super) fn machine_rules(&self, link: &str) -> String {
        format!(
            "chain machine {{ {}reject with icmp admin-prohibited; }}; \
             chain arriving {{ type filter hook input priority 0; iifname \"{link}\" jump machine; }}; ",
            self.allowed()
        )
    }

    /// Answers, names and packages.
    fn allowed(&self) -> String {
        let mut rules = "ct state { established, related } accept; ".to_owned();
        let list = |all: &[Ipv4Addr]| all.iter().map(Ipv4Addr::to_string).collect::<Vec<_>>().join(", ");
        if !self.resolvers.is_empty() {
            let resolvers = list(&self.resolvers);
            let _ = write!(rules, "ip daddr {{ {resolvers} }} meta l4proto {{ tcp, udp }} th dport 53 accept; ");
        }
        if !self.mirrors.is_empty() {
            let places: Vec<String> =
                self.mirrors.iter().map(|(address, port)| format!("{address} . {port}")).collect();
            let _ = write!(rules, "ip daddr . tcp dport {{ {} }} accept; ", places.join(", "));
        }
        rules
    }
}

fn parse_resolvers(resolv_conf: &str) -> Vec<Ipv4Addr> {
    let servers = resolv_conf.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        (words.next()? == "nameserver").then(|| words.next()?.parse().ok())?
    });
    sorted(servers.collect())
}

/// The networks in the text of `ip -o -4 route show table all`: what has no router on the way.
fn parse_networks(text: &str) -> Vec<String> {
    let routes = text.lines().filter(|line| !line.split_ascii_whitespace().any(|word| word == "via"));
    let to = routes.filter_map(|line| line.split_ascii_whitespace().next());
    sorted(to.filter(|network| network.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned).collect())
}

/// The addresses of hosts and ports, as far as they are found in time.
fn look_up(hosts: Vec<(String, u16)>) -> Vec<(Ipv4Addr, u16)> {
    let (sender, receiver) = std::sync::mpsc::channel();
    // A thread, as looking up a name can't be told to give up.
    std::thread::spawn(move || {
        for (host, port) in hosts {
            let found = (host.as_str(), port).to_socket_addrs();
            let addresses: Vec<SocketAddr> = found.into_iter().flatten().collect();
            // Nobody listens any more if it took too long.
            let _ = sender.send(addresses);
        }
    });
    let end = std::time::Instant::now() + LIMIT;
    let in_time = || receiver.recv_timeout(end.saturating_duration_since(std::time::Instant::now())).ok();
    let found = std::iter::from_fn(in_time).flatten().filter_map(|address| match address {
        SocketAddr::V4(address) => Some((*address.ip(), address.port())),
        SocketAddr::V6(_) => None,
    });
    sorted(found.collect())
}

fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outside(pulls: bool) -> Outside {
        Outside {
            resolvers: vec![Ipv4Addr::new(10, 0, 0, 53)],
            mirrors: vec![(Ipv4Addr::new(192, 168, 1, 5), 3142)],
            networks: vec!["192.0.2.0/24".into()],
            pulls,
        }
    }

    #[test]
    fn resolvers_are_those_of_resolv_conf() {
        let text =
            "search example\nnameserver 10.0.0.53\nnameserver fe80::1\n# nameserver 10.0.0.1\nnameserver 10.0.0.53\n";
        assert_eq!(parse_resolvers(text), [Ipv4Addr::new(10, 0, 0, 53)]);
    }

    #[test]
    fn networks_are_the_routes_without_a_router() {
        let text = "default via 192.0.2.1 dev eth0 \n192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.2 \n198.51.100.7 dev tun0 scope link \n203.0.113.0/24 via 192.0.2.9 dev eth0 \nunreachable 10.244.0.0/16\n";
        assert_eq!(parse_networks(text), ["192.0.2.0/24", "198.51.100.7"]);
    }

    #[test]
    fn addresses_are_found_and_names_that_are_none_are_not_waited_for() {
        let hosts = vec![("127.0.0.1".into(), 3142), ("no host".into(), 80)];
        assert_eq!(look_up(hosts), [(Ipv4Addr::LOCALHOST, 3142)]);
        assert!(look_up(vec![]).is_empty());
    }

    #[test]
    fn a_node_that_gets_images_itself_may_reach_near_registries() {
        let rules = outside(true).cluster_rules("eth0");
        assert!(rules.contains("hook output priority 0; oifname \"eth0\" ip daddr { 169.254.0.0/16"), "{rules}");
        let rules = outside(false).cluster_rules("eth0");
        assert!(rules.contains("hook output priority 0; oifname \"eth0\" jump outside"), "{rules}");
        assert!(rules.contains("198.18.0.0/15, 224.0.0.0/3, 192.0.2.0/24"), "{rules}");
        assert!(rules.contains("ip daddr { 10.0.0.53 } meta l4proto { tcp, udp } th dport 53 accept"), "{rules}");
        assert!(rules.contains("ip daddr . tcp dport { 192.168.1.5 . 3142 } accept"), "{rules}");
        // An empty list is no valid rule.
        assert!(!rules.contains("{  }") && !outside(false).machine_rules("docb-x").contains("{  }"));
    }
}
