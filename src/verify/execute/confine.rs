//! What the commands of a page can reach.
//!
//! In: the page's folders, the programs it may use. Out: a process, confined as far as this machine
//! allows, and a sentence on what is not. With root on Linux a command sees a root folder of its own
//! (system programs read-only, a home and a `/tmp` of its own, nothing else of the machine), process
//! ids of its own, an unprivileged user without capabilities, and no network but the cluster's; it
//! ends with docbuild, however that ends. Elsewhere it runs as the user in a home of its own, and only an allow-list is run.

use std::path::{Path, PathBuf};

use tokio::process::Command;

/// The home folder that a confined page sees, and that recordings show for any.
pub(crate) const HOME: &str = "/home/user";

/// How a page's commands are run.
#[derive(Debug, Clone)]
pub(crate) struct Confinement {
    /// Whether own namespaces are used; else only the environment is the page's.
    pub(crate) namespaces: bool,
    /// What can be reached.
    pub(crate) network: Network,
    /// The user that commands run as.
    pub(crate) user: u32,
    /// The folder that holds `home` and `tmp`.
    pub(crate) folder: PathBuf,
    /// Folders with programs, in front of the system's.
    pub(crate) path: Vec<PathBuf>,
    /// docbuild itself, for pages about it.
    pub(crate) docbuild: Option<PathBuf>,
}

/// What a page's commands reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Network {
    /// Nothing but itself.
    Own,
    /// The cluster, from within its network namespace, and nothing else.
    Cluster(PathBuf),
    /// What the machine reaches.
    Machine,
}

/// Builds the root folder and becomes an ordinary user in it. A process that changes its user loses the signal
/// that it gets at its parent's end, so that is asked for once more; and it gets a session of its own, in which
/// the terminal that docbuild was started from is nobody's. Arguments: the user's id, the folder that
/// holds `home` and `tmp`, docbuild's file or nothing, the folders of programs; then `--` and the command.
const SCRIPT: &str = r#"
set -eu
user=$1; folder=$2; docbuild=$3; shift 3
root=$folder/root
mkdir -p "$root"
mount -t tmpfs -o mode=755,nosuid,size=512m,nr_inodes=200k tmpfs "$root"
show() { mkdir -p "$2"; mount --rbind "$1" "$2"; mount -o remount,bind,ro,nosuid "$2" 2>/dev/null || :; }
for system in /bin /sbin /lib /lib32 /lib64 /libx32; do
  if [ -L "$system" ]; then ln -s "$(readlink "$system")" "$root$system"; elif [ -d "$system" ]; then show "$system" "$root$system"; fi
done
show /usr "$root/usr"; show /etc "$root/etc"
mkdir -p "$root/proc" "$root/dev/shm" "$root/dev/pts" "$root/run" "$root/opt/docbuild/bin" "$root/home/user" "$root/tmp" "$root/var/tmp"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
for device in null zero full random urandom; do : > "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
ln -s /proc/self/fd "$root/dev/fd"; ln -s /proc/self/fd/0 "$root/dev/stdin"; ln -s /proc/self/fd/1 "$root/dev/stdout"; ln -s /proc/self/fd/2 "$root/dev/stderr"
mount -t devpts -o newinstance,nosuid,noexec,ptmxmode=0666,mode=0620 devpts "$root/dev/pts" && ln -s pts/ptmx "$root/dev/ptmx" || :
: > "$root/dev/tty"; mount --bind /dev/tty "$root/dev/tty" || :
chmod 1777 "$root/dev/shm" "$root/var/tmp"
n=0
while [ "$1" != -- ]; do show "$1" "$root/opt/docbuild/path$n"; n=$((n+1)); shift; done
shift
if [ -n "$docbuild" ]; then : > "$root/opt/docbuild/bin/docbuild"; mount --bind "$docbuild" "$root/opt/docbuild/bin/docbuild"; mount -o remount,bind,ro,nosuid "$root/opt/docbuild/bin/docbuild"; fi
mount --bind "$folder/home" "$root/home/user"; mount --bind "$folder/tmp" "$root/tmp"
if [ -f "$folder/passwd" ]; then mount --bind "$folder/passwd" "$root/etc/passwd"; mount --bind "$folder/group" "$root/etc/group"; fi
command -v ip >/dev/null && ip link set lo up 2>/dev/null || :
ulimit -c 0; ulimit -u 1024; ulimit -f 4194304; ulimit -d 4194304
exec chroot "$root" /usr/bin/setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all --pdeathsig KILL /usr/bin/setsid /usr/bin/env -C /home/user "$@"
"#;

impl Confinement {
    /// Whether this machine can give a page namespaces of its own: Linux, root, the programs of
    /// util-linux, and a kernel that lets us.
    pub(crate) fn available() -> bool {
        cfg!(target_os = "linux")
            && rustix::process::geteuid().is_root()
            && ["/usr/bin/setpriv", "/usr/bin/setsid", "/usr/bin/env"].iter().all(|program| Path::new(program).exists())
            && std::process::Command::new("unshare")
                .args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "true"])
                .stdin(std::process::Stdio::null())
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
    }

    /// What is not confined, said before the first command; nothing if all is.
    pub(crate) fn open_doors(&self) -> Option<String> {
        match (self.namespaces, &self.network) {
            (true, Network::Own | Network::Cluster(_)) => None,
            (true, Network::Machine) => {
                Some("commands run in namespaces of their own; the network is not confined".to_owned())
            }
            (false, _) => Some(
                "commands are not confined to namespaces of their own (that needs Linux and root): only known, harmless commands are run"
                    .to_owned(),
            ),
        }
    }

    /// docbuild itself as the page's commands see it.
    pub(crate) fn docbuild_inside(&self) -> Option<String> {
        let file = self.docbuild.as_ref()?;
        let inside = if self.namespaces { "/opt/docbuild/bin/docbuild".to_owned() } else { file.display().to_string() };
        Some(inside)
    }

    /// The home folder as the page's commands see it.
    pub(crate) fn home(&self) -> String {
        if self.namespaces { HOME.to_owned() } else { self.folder.join("home").to_string_lossy().into_owned() }
    }

    /// A process that runs `program` with `arguments` as the page's commands run.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = if self.namespaces { self.confined() } else { Command::new(program) };
        if self.namespaces {
            command.arg(program);
        } else {
            command.current_dir(self.folder.join("home"));
        }
        command.args(arguments);
        self.environment(&mut command);
        command
    }

    fn confined(&self) -> Command {
        // However docbuild ends, the kernel ends this process; its namespaces' processes end with it.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]);
        if let Network::Cluster(namespace) = &self.network {
            command.arg("nsenter").arg(format!("--net={}", namespace.display())).arg("--");
        }
        command.args(["unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child", "--propagation", "private"]);
        if self.network == Network::Own {
            command.arg("--net");
        }
        command.args(["bash", "-c", SCRIPT, "docbuild", &self.user.to_string()]).arg(&self.folder);
        command.arg(self.docbuild.as_deref().unwrap_or(Path::new(""))).args(&self.path).arg("--");
        command
    }

    fn environment(&self, command: &mut Command) {
        let mut path: Vec<String> = vec![];
        if self.namespaces {
            path.push("/opt/docbuild/bin".to_owned());
            path.extend((0..self.path.len()).map(|number| format!("/opt/docbuild/path{number}")));
            path.extend(
                ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].map(str::to_owned),
            );
        } else {
            path.extend(
                self.docbuild
                    .iter()
                    .filter_map(|file| file.parent())
                    .map(|folder| folder.to_string_lossy().into_owned()),
            );
            path.extend(self.path.iter().map(|folder| folder.to_string_lossy().into_owned()));
            path.extend(std::env::var("PATH"));
        }
        let home = self.home();
        let tmp =
            if self.namespaces { "/tmp".to_owned() } else { self.folder.join("tmp").to_string_lossy().into_owned() };
        command.env_clear();
        for (name, value) in [
            ("HOME", home.as_str()),
            ("PATH", &path.join(":")),
            ("TMPDIR", &tmp),
            ("USER", "user"),
            ("LOGNAME", "user"),
            ("SHELL", "/bin/bash"),
            ("TERM", "dumb"),
            ("COLUMNS", "80"),
            ("LINES", "24"),
            ("LC_ALL", "C.UTF-8"),
            ("LANG", "C.UTF-8"),
            ("TZ", "UTC"),
            ("PAGER", "cat"),
            ("GIT_PAGER", "cat"),
            ("EDITOR", "false"),
            ("NO_COLOR", "1"),
            ("DEBIAN_FRONTEND", "noninteractive"),
        ] {
            command.env(name, value);
        }
    }
}
