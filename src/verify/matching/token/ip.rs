//! Addresses: version 4 and 6, with port or prefix.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::classes::{Class, Instance};
use super::scan::Scan;

/// Reads `10.0.0.1`, `10.0.0.1:443`, `10.0.0.0/24`, `fe00::1`, `[::1]:80` at the head of a text.
///
/// What a cluster does not choose is fixed: loopback, unspecified, multicast and link-local
/// addresses, and every port that is neither handed out (node ports, ephemeral ports) nor one that
/// API servers listen on.
pub(in crate::verify::matching) fn read(text: &str) -> Option<Instance<'_>> {
    let (address, end) = address(text)?;
    let mut scan = Scan::new(text);
    scan.word(&text[..end])?;
    let mut fixed = if is_fixed(address) { &text[..end] } else { "" };
    let mut ahead = scan;
    if ahead.byte(b':').is_some() && ahead.some_digits().is_some() && ahead.at_end_of_word() {
        let port = &text[end + 1..ahead.position()];
        scan = ahead;
        if !is_free_port(port) {
            fixed = if fixed.is_empty() { port } else { &text[..scan.position()] };
        }
    } else {
        let mut ahead = scan;
        let with_prefix = ahead.byte(b'/').is_some() && ahead.some_digits().is_some_and(|digits| digits <= 3);
        if with_prefix && ahead.at_end_of_word() {
            scan = ahead;
            if !fixed.is_empty() {
                fixed = &text[..scan.position()];
            }
        }
    }
    scan.at_end_of_word().then_some(Instance { class: Class::Ip, length: scan.position(), fixed })
}

/// The address of an instance, without port and prefix.
pub(in crate::verify::matching) fn host(instance: &str) -> &str {
    address(instance).map_or(instance, |(_, end)| instance[..end].trim_matches(['[', ']']))
}

fn address(text: &str) -> Option<(IpAddr, usize)> {
    if let Some(inner) = text.strip_prefix('[') {
        let close = inner.bytes().take(46).position(|byte| byte == b']')?;
        return Some((IpAddr::V6(Ipv6Addr::from_str(&inner[..close]).ok()?), close + 2));
    }
    let length = text.bytes().take(16).take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let four = text[..length].trim_end_matches('.');
    if let Ok(address) = Ipv4Addr::from_str(four) {
        return Some((IpAddr::V4(address), four.len()));
    }
    let length =
        text.bytes().take(46).take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')).count();
    let six = text[..length].trim_end_matches('.');
    // `::` alone and clock times are no addresses here.
    if six.len() < 3 || six.bytes().filter(|byte| *byte == b':').count() < 2 {
        return None;
    }
    Ipv6Addr::from_str(six).ok().map(|address| (IpAddr::V6(address), six.len()))
}

fn is_fixed(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => {
            four.is_loopback()
                || four.is_unspecified()
                || four.is_multicast()
                || four.is_broadcast()
                || four.is_link_local()
        }
        IpAddr::V6(six) => {
            six.is_loopback() || six.is_unspecified() || six.is_multicast() || six.segments()[0] == 0xfe00
        }
    }
}

/// Node ports and ephemeral ports are handed out; 443, 6443 and 8443 are what API servers use.
pub(in crate::verify::matching) fn is_free_port(port: &str) -> bool {
    matches!(port, "443" | "6443" | "8443") || port.parse::<u32>().is_ok_and(|port| (30000..=65535).contains(&port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, length: usize, fixed: &str) {
        let found = read(text).unwrap_or_else(|| panic!("{text} is not read"));
        assert_eq!((found.length, found.fixed), (length, fixed), "{text}");
    }

    #[test]
    fn addresses_with_port_and_prefix() {
        check("10.0.0.1", 8, "");
        check("10.0.0.1.", 8, "");
        check("10.0.0.1:443", 12, "");
        check("10.0.0.1:8080,10.0.0.2", 13, "8080");
        check("10.0.0.0/24", 11, "");
        check("2001:db8::1", 11, "");
        check("[2001:db8::1]:31000", 19, "");
    }

    #[test]
    fn what_no_cluster_chooses_is_fixed() {
        check("127.0.0.1:28015", 15, "127.0.0.1:28015");
        check("0.0.0.0/0", 9, "0.0.0.0/0");
        check("::1 localhost", 3, "::1");
        check("fe00::2", 7, "fe00::2");
    }

    #[test]
    fn versions_times_and_names_are_no_addresses() {
        for text in ["1.14.2", "1.2.3.4.5x", "11:02:09", "::", "10.0.0.1.nip.io", "256.0.0.1", "abc"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
