//! Root file systems from Debian packages: debootstrap for the base, apt-get in a copy for the rest.
//!
//! Packages come from where the machine's own apt gets them. Both programs run in mount and PID
//! namespaces of their own, so a kill leaves neither a mount nor a process.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cluster::ClusterError;
use crate::cluster::program::{ENDS_WITH_US, Program, find};

use super::oci::put;

/// A place to get packages from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    mirror: String,
    suite: String,
    components: Vec<String>,
}

/// A program in namespaces that end with it, and with us: what is left of a kill would go on writing
/// where the next one makes the same image.
fn contained() -> Program {
    Program::new("setpriv").words(ENDS_WITH_US).words("--mount --propagation private --")
}

/// Makes a minimal system in a folder.
pub(super) fn bootstrap(root: &Path) -> Result<(), ClusterError> {
    let source = machine_source()?;
    // By its path: a program in `/usr/sbin` is not in everybody's `PATH`.
    let debootstrap = find("debootstrap").ok_or_else(|| ClusterError::Unavailable {
        missing: "debootstrap is not installed, and images are made with it".to_owned(),
        help: vec!["apt-get install debootstrap".to_owned()],
    })?;
    contained()
        .arg(debootstrap)
        .arg("--variant=minbase")
        .arg(format!("--components={}", source.components.join(",")))
        .arg(&source.suite)
        .arg(root)
        .arg(&source.mirror)
        .run()?;
    for settings in proxy_settings() {
        if let (Some(name), Ok(text)) = (settings.file_name(), fs::read_to_string(&settings)) {
            put(root, &format!("etc/apt/apt.conf.d/{}", name.to_string_lossy()), &text, 0o644)?;
        }
    }
    tidy(root)
}

/// Installs packages in a system. Nothing is started.
pub(super) fn install(root: &Path, packages: &str) -> Result<(), ClusterError> {
    name_servers(root)?;
    put(root, "usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)?;
    let apt = |words: &str| inside(root).words(words).env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C").run();
    apt("apt-get -qq update")?;
    apt(&format!("apt-get -qq -y --no-install-recommends install {packages}"))?;
    fs::remove_file(root.join("usr/sbin/policy-rc.d")).map_err(ClusterError::io("removing policy-rc.d"))?;
    tidy(root)
}

/// Gets a source package into the home folder of a system's root: its archives, not unpacked. apt
/// checks their digests.
pub(super) fn fetch_source(root: &Path, package: &str) -> Result<(), ClusterError> {
    let Source { mirror, suite, components } = machine_source()?;
    let line = format!("deb-src {mirror} {suite} {}\n", components.join(" "));
    put(root, "etc/apt/sources.list.d/sources.list", &line, 0o644)?;
    name_servers(root)?;
    let apt = |script: String| inside(root).words("sh -c").arg(script).env("LC_ALL", "C").run();
    apt("apt-get -qq update".to_owned())?;
    apt(format!("cd /root && apt-get -qq --download-only source {package}"))
}

/// A program in a system's root, to be given its name and arguments.
pub(super) fn inside(root: &Path) -> Program {
    contained().words("chroot").arg(root)
}

/// Makes a user and its group with the number that an official image gives them; the Debian package
/// would take another.
pub(super) fn add_user(root: &Path, name: &str, id: u32) -> Result<(), ClusterError> {
    let words = format!("/usr/sbin/groupadd --system --gid {id} {name}");
    Program::new("chroot").arg(root).words(&words).run()?;
    let words = format!(
        "/usr/sbin/useradd --system --gid {name} --no-create-home --home-dir /nonexistent --shell /bin/false --uid {id} {name}"
    );
    Program::new("chroot").arg(root).words(&words).run()
}

/// Lets a system find names as the machine does.
fn name_servers(root: &Path) -> Result<(), ClusterError> {
    let resolv_conf = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    put(root, "etc/resolv.conf", &resolv_conf, 0o644)
}

/// Removes what the official images lack too: downloaded packages, package lists, documentation.
fn tidy(root: &Path) -> Result<(), ClusterError> {
    // apt's indexes are 78 MB, and it makes them again.
    let folders = ["var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale"];
    for folder in folders {
        for entry in fs::read_dir(root.join(folder)).into_iter().flatten().flatten() {
            let path = entry.path();
            let removed = if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            removed.map_err(ClusterError::io(format!("removing {}", path.display())))?;
        }
    }
    // A server's folder for logs is the package's, with an owner; only its files go.
    for entry in walkdir::WalkDir::new(root.join("var/log")).into_iter().flatten() {
        if entry.file_type().is_file() {
            fs::remove_file(entry.path()).map_err(ClusterError::io(format!("removing {}", entry.path().display())))?;
        }
    }
    for folder in ["var/cache/apt/archives/partial", "var/lib/apt/lists/partial"] {
        fs::create_dir_all(root.join(folder)).map_err(ClusterError::io(format!("making {folder}")))?;
    }
    Ok(())
}

/// Copies a system with owners, times and links.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), ClusterError> {
    Program::new("cp").words("--archive --reflink=auto --no-target-directory").arg(from).arg(to).run()
}

/// What a system calls itself: `Debian GNU/Linux 12 (bookworm)`.
pub(super) fn title(root: &Path) -> String {
    let text = fs::read_to_string(root.join("etc/os-release")).unwrap_or_default();
    field(&text, "PRETTY_NAME").unwrap_or_else(|| "Debian".to_owned())
}

/// The version of an installed package.
pub(super) fn version(root: &Path, package: &str) -> String {
    let text = fs::read_to_string(root.join("var/lib/dpkg/status")).unwrap_or_default();
    let paragraph = text.split("\n\n").find(|one| one.starts_with(&format!("Package: {package}\n")));
    let version = paragraph.and_then(|one| one.lines().find_map(|line| line.strip_prefix("Version: ")));
    version.unwrap_or("of unknown version").to_owned()
}

fn field(os_release: &str, name: &str) -> Option<String> {
    let line = os_release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
    Some(line.trim_matches('"').to_owned())
}

/// Files of the machine's apt that name a proxy: without it nothing would be found from inside.
fn proxy_settings() -> Vec<PathBuf> {
    let folder = fs::read_dir("/etc/apt/apt.conf.d").into_iter().flatten().flatten().map(|entry| entry.path());
    let names_proxy = |file: &PathBuf| {
        fs::read_to_string(file).is_ok_and(|text| {
            text.lines().any(|line| !line.trim_start().starts_with("//") && line.to_ascii_lowercase().contains("proxy"))
        })
    };
    folder.filter(names_proxy).collect()
}

/// Where the machine's own apt gets the packages of its release.
fn machine_source() -> Result<Source, ClusterError> {
    let os_release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let release = field(&os_release, "VERSION_CODENAME").unwrap_or_default();
    machine_sources().into_iter().find(|source| source.suite == release).ok_or_else(|| ClusterError::Unavailable {
        missing: "apt's sources on this machine do not name the packages of its release, and images are made from them"
            .to_owned(),
        help: vec!["make images on Debian or Ubuntu, or use a cluster that can reach registries".to_owned()],
    })
}

fn machine_sources() -> Vec<Source> {
    let folder = fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = folder.chain([PathBuf::from("/etc/apt/sources.list")]).collect();
    files.sort();
    files.iter().filter_map(|file| fs::read_to_string(file).ok()).flat_map(|text| parse_sources(&text)).collect()
}

/// The hosts and ports that packages come from in a stand-in image, proxies among them.
pub(in crate::cluster) fn package_hosts() -> Vec<(String, u16)> {
    const PROXIES: [&str; 4] = ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy"];
    let settings = proxy_settings().into_iter().filter_map(|file| fs::read_to_string(file).ok());
    let environment = std::env::vars().filter(|(name, _)| PROXIES.contains(&name.to_ascii_lowercase().as_str()));
    let mirrors = machine_sources().into_iter().map(|source| source.mirror);
    let texts = mirrors.chain(settings).chain(environment.map(|(_, value)| value));
    let mut hosts: Vec<(String, u16)> = texts.flat_map(|text| hosts_in(&text)).collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// The hosts and ports of the addresses in a text.
fn hosts_in(text: &str) -> Vec<(String, u16)> {
    let addresses =
        text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';')).filter(|word| word.contains("://"));
    let place = |address: &str| {
        let address = address.parse::<axum::http::Uri>().ok()?;
        let usual = match address.scheme_str()? {
            "https" => 443,
            "ftp" => 21,
            "socks5" | "socks5h" => 1080,
            _ => 80,
        };
        Some((address.host()?.to_owned(), address.port_u16().unwrap_or(usual)))
    };
    addresses.filter_map(place).collect()
}

/// Reads both formats of sources.list(5): one-line entries, and paragraphs of fields.
fn parse_sources(text: &str) -> Vec<Source> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let clean: Vec<&str> = lines.collect();
    let one_line = clean.iter().filter_map(|line| parse_line(line));
    let joined = clean.join("\n");
    one_line.chain(joined.split("\n\n").flat_map(parse_paragraph)).collect()
}

fn parse_line(line: &str) -> Option<Source> {
    let mut words = line.trim().strip_prefix("deb ")?.split_ascii_whitespace().peekable();
    if words.peek()?.starts_with('[') {
        words.by_ref().find(|word| word.ends_with(']'))?;
    }
    let (mirror, suite) = (words.next()?.to_owned(), words.next()?.to_owned());
    Some(Source { mirror, suite, components: words.map(str::to_owned).collect() })
}

fn parse_paragraph(text: &str) -> Vec<Source> {
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        Some(line.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>())
    };
    let (Some(types), Some(uris), Some(suites)) = (field("Types"), field("URIs"), field("Suites")) else {
        return vec![];
    };
    if !types.iter().any(|kind| kind == "deb") {
        return vec![];
    }
    let components = field("Components").unwrap_or_default();
    let mirror = uris.first().cloned().unwrap_or_default();
    suites.into_iter().map(|suite| Source { mirror: mirror.clone(), suite, components: components.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_of_sources_are_read() {
        let text = "# a comment\nTypes: deb deb-src\n# between\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main contrib\n\nTypes: deb-src\nURIs: http://x\nSuites: bookworm\n";
        let sources = parse_sources(text);
        assert_eq!(sources.len(), 2);
        assert_eq!(sources[0].suite, "bookworm");
        assert_eq!(sources[0].mirror, "http://mirror.example/debian");
        assert_eq!(sources[0].components, ["main", "contrib"]);
        let text =
            "deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/ubuntu noble main universe\n#deb http://no x y\n";
        let [source] = &parse_sources(text)[..] else { panic!() };
        assert_eq!((source.suite.as_str(), source.components.len()), ("noble", 2));
    }

    #[test]
    fn hosts_are_those_of_the_addresses() {
        assert_eq!(hosts_in("http://mirror.example/debian"), [("mirror.example".to_owned(), 80)]);
        let proxy = "Acquire::http::Proxy \"http://u:p@192.0.2.7:3142/\";\n// no address";
        assert_eq!(hosts_in(proxy), [("192.0.2.7".to_owned(), 3142)]);
        assert!(hosts_in("cdrom:[Debian]/ DIRECT").is_empty());
    }

    #[test]
    fn what_is_tidied_keeps_the_folders_that_servers_log_to() {
        let folder = tempfile::tempdir().unwrap();
        for file in [
            "var/log/dpkg.log",
            "var/log/rabbitmq/startup.log",
            "usr/share/doc/bash/README",
            "var/cache/apt/pkgcache.bin",
            "etc/hostname",
        ] {
            put(folder.path(), file, "text", 0o644).unwrap();
        }
        tidy(folder.path()).unwrap();
        assert!(folder.path().join("var/log/rabbitmq").is_dir());
        for gone in
            ["var/log/dpkg.log", "var/log/rabbitmq/startup.log", "usr/share/doc/bash", "var/cache/apt/pkgcache.bin"]
        {
            assert!(!folder.path().join(gone).exists(), "{gone}");
        }
        assert!(folder.path().join("etc/hostname").exists());
    }

    #[test]
    fn os_release_is_read() {
        let text = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_CODENAME=bookworm\n";
        assert_eq!(field(text, "VERSION_CODENAME").as_deref(), Some("bookworm"));
        assert_eq!(field(text, "PRETTY_NAME").as_deref(), Some("Debian GNU/Linux 12 (bookworm)"));
        assert_eq!(field(text, "NAME"), None);
    }
}
