//! What this machine can do, asked without changing anything.

use super::kind;
use super::kubeconfig::Context;
use super::local::{Local, Options};
use super::program::find;

/// One thing that the machine can do, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What it is about.
    pub what: &'static str,
    /// Whether it can be had.
    pub ok: bool,
    /// What was found, or what is missing.
    pub found: String,
    /// What to do where it is missing.
    pub help: Vec<String>,
}

impl Check {
    fn ok(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, ok: true, found: found.into(), help: vec![] }
    }

    fn missing(what: &'static str, found: impl Into<String>, help: &[&str]) -> Self {
        Self { what, ok: false, found: found.into(), help: help.iter().map(|line| (*line).to_owned()).collect() }
    }
}

/// All checks.
#[must_use]
pub fn checks() -> Vec<Check> {
    vec![kubeconfig(), kind_(), local(), stand_ins(), confinement(), browser()]
}

fn kubeconfig() -> Check {
    const WHAT: &str = "cluster from your kubeconfig";
    match Context::open(None, false) {
        Ok(context) if context.is_reachable() => Check::ok(WHAT, format!("the context {} answers", context.context())),
        Ok(context) => {
            Check::missing(WHAT, format!("the context {} does not answer", context.context()), &["start its cluster"])
        }
        Err(error) => {
            let help = error.details();
            Check { what: WHAT, ok: false, found: error.to_string(), help }
        }
    }
}

fn kind_() -> Check {
    const WHAT: &str = "cluster by kind";
    match kind::missing() {
        None => Check::ok(WHAT, "kind and Docker are there"),
        Some(missing) => Check::missing(WHAT, missing, &["not needed where a local cluster can be had"]),
    }
}

fn local() -> Check {
    const WHAT: &str = "local cluster";
    let cluster = match Local::open(Options::default()) {
        Ok(cluster) => cluster,
        Err(error) => return Check { what: WHAT, ok: false, found: error.to_string(), help: error.details() },
    };
    if cluster.status().ready {
        return Check::ok(WHAT, "it is up");
    }
    match cluster.why_not() {
        None => Check::ok(WHAT, "it can be brought up (`docbuild cluster up --explain` says what it will build)"),
        Some(error) => Check { what: WHAT, ok: false, found: error.to_string(), help: error.details() },
    }
}

fn stand_ins() -> Check {
    const WHAT: &str = "stand-in images";
    let made = Local::open(Options::default())
        .is_ok_and(|cluster| cluster.images().iter().all(|image| image.made || !image.default));
    match find("debootstrap") {
        _ if made => Check::ok(WHAT, "those that most pages use are made"),
        Some(program) => Check::ok(WHAT, format!("{} is there to make them", program.display())),
        None => Check::missing(
            WHAT,
            "debootstrap is not installed",
            &["on Debian or Ubuntu: apt-get install debootstrap", "not needed where registries can be reached"],
        ),
    }
}

fn confinement() -> Check {
    const WHAT: &str = "confinement of commands";
    let is_root = rustix::process::geteuid().is_root();
    match (find("unshare"), is_root) {
        (Some(_), true) => Check::ok(WHAT, "commands of pages can run in namespaces of their own"),
        (Some(_), false) => Check::missing(WHAT, "this needs root", &["without, only known harmless commands are run"]),
        (None, _) => Check::missing(WHAT, "the program `unshare` is missing", &["install util-linux"]),
    }
}

fn browser() -> Check {
    const WHAT: &str = "browser for tests";
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    match names.into_iter().find_map(find) {
        Some(program) => Check::ok(WHAT, program.display().to_string()),
        None => Check::missing(WHAT, "Chromium is not installed", &["only docbuild's own browser tests need it"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_has_a_way_out() {
        for check in checks() {
            assert!(!check.found.is_empty(), "{}", check.what);
            assert!(check.ok || !check.help.is_empty(), "{}: nothing is said about what to do", check.what);
        }
    }
}
