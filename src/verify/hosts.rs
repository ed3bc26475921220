//! Names of hosts in what is typed and in what programs say of them.
//!
//! In: a text. Out: the host that it begins with, or that a program says it did not find.

/// What stands in front of a host's name where a program did not find it.
const NOT_FOUND: &[&str] = &["Could not resolve host: ", "unable to resolve host address ", "dial tcp: lookup "];

/// The host that a program says it did not find.
pub(super) fn not_found(said: &str) -> Option<&str> {
    let rest = NOT_FOUND.iter().find_map(|before| said.split_once(before).map(|(_, rest)| rest))?;
    Some(at(rest.trim_start_matches(['\u{2018}', '\'', '"'])))
}

/// The host of the internet that a program in a container says it did not find; one of a cluster's own is none.
pub(super) fn unreachable(said: &str) -> Option<&str> {
    let bad = || Some(at(said.split_once("bad address '")?.1));
    not_found(said).or_else(bad).filter(|host| is_public(host))
}

/// Whether a name is one of the internet, and none that is made up.
pub(super) fn is_public(host: &str) -> bool {
    const PUBLIC: &[&str] = &["ai", "app", "ch", "cloud", "com", "de", "dev", "edu", "gov", "io", "net", "org", "sh"];
    let made_up = host.starts_with("example.") || host.contains(".example.");
    host.rsplit_once('.').is_some_and(|(_, top)| PUBLIC.contains(&top)) && !made_up
}

/// The host's name that a text begins with.
pub(super) fn at(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))).unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_found_in_the_words_of_each_program() {
        for (said, host) in [
            ("curl: (6) Could not resolve host: dl.k8s.io\n", Some("dl.k8s.io")),
            ("wget: unable to resolve host address \u{2018}a.b\u{2019}", Some("a.b")),
            ("Get \"https://x\": dial tcp: lookup x.y.: no such host", Some("x.y")),
            ("curl: (7) Failed to connect", None),
        ] {
            assert_eq!(not_found(said), host);
        }
    }

    #[test]
    fn hosts_of_the_internet_are_told_from_a_clusters() {
        for (said, host) in [
            ("Connecting\nwget: bad address 'docs.rs.io'\n", Some("docs.rs.io")),
            ("wget: bad address 'web.default'\n", None),
            ("wget: bad address 'www.example.com'\n", None),
            ("curl: (6) Could not resolve host: web\n", None),
        ] {
            assert_eq!(unreachable(said), host);
        }
    }
}
