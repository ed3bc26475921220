//! Patterns of file names, as Hugo's `GetMatch` takes them.

use regex::Regex;

/// A compiled pattern: `*` is any text without `/`, `**` any text, `?` one character but `/`, `[a-z]` one
/// of some, `{a,b}` one of these texts, `\` takes a character as it is. Letters' case does not count.
#[derive(Debug, Clone)]
pub(super) struct Glob {
    regex: Regex,
}

impl Glob {
    /// A pattern; `None` if it is broken, or too large to be meant.
    #[must_use]
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let pattern = if pattern.starts_with('/') { pattern.to_owned() } else { format!("/{pattern}") };
        let regex = regex::RegexBuilder::new(&to_regex(&pattern)).size_limit(1 << 20).build().ok()?;
        Some(Self { regex })
    }

    /// Whether a path below the folder fits.
    #[must_use]
    pub(super) fn is_match(&self, name: &str) -> bool {
        self.regex.is_match(&format!("/{name}"))
    }
}

fn to_regex(pattern: &str) -> String {
    let mut regex = String::from("(?is)^");
    let mut braces = 0_usize;
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.next_if_eq(&'*').is_some() => {
                while rest.next_if_eq(&'*').is_some() {}
                regex.push_str(".*");
            }
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '{' => {
                braces += 1;
                regex.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                regex.push(')');
            }
            ',' if braces > 0 => regex.push('|'),
            '[' => {
                regex.push('[');
                if rest.next_if_eq(&'!').is_some() {
                    regex.push('^');
                }
                for c in rest.by_ref().take_while(|c| *c != ']') {
                    if matches!(c, '[' | '\\' | '&' | '~' | '^') {
                        regex.push('\\');
                    }
                    regex.push(c);
                }
                regex.push(']');
            }
            '\\' => regex.push_str(&regex::escape(&rest.next().unwrap_or('\\').to_string())),
            c => regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    regex.push('$');
    regex
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, name: &str) -> bool {
        Glob::new(pattern).unwrap().is_match(name)
    }

    #[test]
    fn patterns_fit_as_in_hugo() {
        assert!(fits("**logo*.svg", "acme_logo.svg") && fits("**logo*.svg", "img/acme_LOGO_2.svg"));
        assert!(!fits("**logo*.svg", "logo/acme.svg"), "one star stops at a slash");
        assert!(fits("images/**flower*", "images/flower.svg") && !fits("images/**flower*", "flower.svg"));
        assert!(fits("a?.png", "ab.png") && !fits("a?.png", "a/.png"));
        assert!(fits("{a,b}*.png", "b1.png") && !fits("{a,b}*.png", "c1.png"));
        assert!(fits("[a-c].png", "B.png") && !fits("[!a-c].png", "b.png"));
        assert!(fits("a\\*b", "a*b") && !fits("a\\*b", "axb"));
        assert!(fits("a.b+(c)", "a.b+(c)") && !fits("a.b", "axb"));
        assert!(!fits("**/images/x.png*", "images/x.png"), "as in Hugo, the slash is one of the name's own");
    }

    #[test]
    fn broken_patterns_are_none() {
        assert!(Glob::new("{a").is_none() && Glob::new("[").is_none());
        assert!(Glob::new(&"{a,b}".repeat(500_000)).is_none());
    }
}
