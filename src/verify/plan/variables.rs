//! Variables that a reader has to set: a command uses them, and nothing on the page sets them before.
//!
//! In: the commands of a page in order, the variables that the site sets. Out: for a command, the one that is not set.
//! What a shell or every user's environment has is set; a default in `${NAME:-x}` is a value.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::verify::{shell, words};

/// Variables that a user's shell has.
const ENVIRONMENT: &[&str] = &[
    "BASH",
    "BASHPID",
    "COLUMNS",
    "EDITOR",
    "EUID",
    "GOPATH",
    "HOME",
    "HOSTNAME",
    "HOSTTYPE",
    "IFS",
    "KUBECONFIG",
    "KUBE_EDITOR",
    "LANG",
    "LINENO",
    "LINES",
    "LOGNAME",
    "MACHTYPE",
    "MAIL",
    "OLDPWD",
    "OSTYPE",
    "PAGER",
    "PATH",
    "PPID",
    "PS1",
    "PS2",
    "PWD",
    "RANDOM",
    "REPLY",
    "SECONDS",
    "SHELL",
    "SHLVL",
    "TERM",
    "TMPDIR",
    "TZ",
    "UID",
    "USER",
    "VISUAL",
    "_",
];

/// The variables that are set so far.
#[derive(Debug)]
pub(super) struct Variables {
    set: BTreeSet<String>,
    /// Whether something was read that may set any.
    unknown: bool,
}

impl Variables {
    /// Those that the site sets.
    pub(super) fn of_site(names: &[String]) -> Self {
        Self { set: names.iter().cloned().collect(), unknown: false }
    }

    /// Notes what a command sets.
    pub(super) fn add(&mut self, text: &str) {
        self.set.extend(assigned(text));
        self.unknown |= sets_any(text);
    }

    /// The first variable that a command uses and that nothing has set; what it sets itself counts.
    pub(super) fn unset(&self, text: &str) -> Option<String> {
        if self.unknown || sets_any(text) {
            return None;
        }
        let own: BTreeSet<String> = assigned(text).collect();
        // What is nearly a name that is set is the page's slip.
        let slip = |name: &str| self.set.iter().any(|set| words::is_slip(name, set));
        let known = |name: &str| {
            own.contains(name)
                || slip(name)
                || self.set.contains(name)
                || ENVIRONMENT.contains(&name)
                || name.starts_with("XDG_")
                || name.starts_with("BASH_")
                || name.to_lowercase().ends_with("_proxy")
        };
        used(text).into_iter().find(|name| !known(name))
    }
}

/// Whether a text reads or runs something that may set any variable.
fn sets_any(text: &str) -> bool {
    const READERS: &[&str] = &["source", ".", "eval", "getopts", "mapfile", "readarray"];
    shell::simple_commands(text).iter().any(|simple| READERS.contains(&simple.name()))
}

/// The names that a text assigns, reads or loops over.
pub(crate) fn assigned(text: &str) -> impl Iterator<Item = String> {
    static FORMS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?m)(?:^|[\s;&|(`])([A-Za-z_]\w*)\+?=|\bexport\s+([A-Za-z_]\w*)\b|\bfor\s+([A-Za-z_]\w*)\s+in\b|\$\{([A-Za-z_]\w*):?=|\bprintf\s+-v\s+([A-Za-z_]\w*)",
        )
        .ok()
    });
    let found = FORMS.iter().flat_map(|forms| forms.captures_iter(text));
    let found =
        found.filter_map(|found| (1..=5).find_map(|group| found.get(group)).map(|name| name.as_str().to_owned()));
    found.chain(read(text))
}

/// The names that `read` reads into.
fn read(text: &str) -> impl Iterator<Item = String> {
    let readers =
        shell::simple_commands(text).into_iter().filter(|simple| simple.words.iter().any(|word| word == "read"));
    readers.flat_map(|simple| {
        let words = simple.words.into_iter().skip_while(|word| word != "read").skip(1);
        // Values of flags are taken along; a variable of that name is none the less read.
        words.filter(|word| !word.starts_with('-'))
    })
}

/// The variables that a shell fills in in a text, without those that have a default.
pub(crate) fn used(text: &str) -> Vec<String> {
    // In a heredoc with a quoted word nothing is filled in.
    let quoted = ["<<'", "<<\"", "<<\\", "<< '", "<< \"", "<<-'", "<<-\""].iter().any(|sign| text.contains(sign));
    let text = if quoted { text.lines().next().unwrap_or("") } else { text };
    let mut names = vec![];
    let mut double = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => rest = rest.get(rest.chars().next().map_or(0, char::len_utf8)..).unwrap_or(""),
            '"' => double = !double,
            '\'' if !double => rest = rest.split_once('\'').map_or("", |(_, behind)| behind),
            // A comment.
            '#' if !double => {
                let before = &text[..text.len() - rest.len() - 1];
                if before.is_empty() || before.ends_with(char::is_whitespace) {
                    rest = rest.find('\n').map_or("", |at| &rest[at..]);
                }
            }
            '$' => {
                let braced = rest.starts_with('{');
                let name_at = &rest[usize::from(braced)..];
                let end = name_at.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name_at.len());
                let (name, behind) = name_at.split_at(end);
                let plain = !braced || behind.starts_with('}');
                if plain && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
                    names.push(name.to_owned());
                }
                rest = behind;
            }
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_used_where_a_shell_fills_them_in() {
        for (text, names) in [
            ("kubectl logs ${POD_NAME} -c $C", &["POD_NAME", "C"][..]),
            ("awk '{print $x}' \"$file\"", &["file"]),
            ("echo \"it's $A\"", &["A"]),
            ("echo \\$A ${B:-1} $1 $? # $C", &[]),
            ("cat <<'EOF'\n$A\nEOF", &[]),
            ("cat <<EOF\n$A\nEOF", &["A"]),
            ("echo $(date) $$", &[]),
        ] {
            assert_eq!(used(text), names, "{text}");
        }
    }

    #[test]
    fn what_the_page_sets_is_set() {
        let mut variables = Variables::of_site(&["SITE".to_owned()]);
        for text in [
            "A=1",
            "export B=2; C=3",
            "for D in 1 2; do :; done",
            "read -r E",
            "while read -r F f; do :; done",
            "export G",
            "read -p 'Name' N",
            ": ${D:=4}",
        ] {
            variables.add(text);
        }
        assert_eq!(variables.unset("echo $A $B $C $D $E $F $f $N $G $SITE $HOME $https_proxy"), None);
        assert_eq!(variables.unset("source ./env.sh && echo $OTHER"), None);
        assert_eq!(variables.unset("kubectl apply -k . && echo $OTHER").as_deref(), Some("OTHER"));
        variables.add("export SERVICE_IP=1");
        assert_eq!(variables.unset("curl $SERVCE_IP"), None, "a slip is the page's");
        assert_eq!(variables.unset("H=1 && echo $H"), None);
        assert_eq!(variables.unset("kubectl logs $POD").as_deref(), Some("POD"));
        variables.add("source env.sh");
        assert_eq!(variables.unset("kubectl logs $POD"), None, "the file may set it");
    }
}
