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
}
