//! `busybox`: built from Debian's source package with busybox's own default configuration.
//!
//! Debian's binary lacks applets that pages use (`printenv`) and prints other columns (`ps`).

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci, remove};
use crate::cluster::program::Program;

pub(super) struct Busybox;

const TAGS: Tags = Tags::words("latest stable unstable buildroot-2014.02 ubuntu-12.04 ubuntu-14.04")
    .releases(
        "1.21.0 1.22.0 1.23.0..2 1.24.0..2 1.25.0..1 1.26.0..2 1.27.0..2 1.28.0..4 1.29.0..3 1.30.0..1 1.31.0..1 \
         1.32.0..1 1.33.0..1 1.34.0..1 1.35.0 1.36.0..1 1.37.0",
    )
    .beginnings()
    .variants("glibc musl uclibc");
const KUBERNETES: Tags = Tags::words("latest").releases("1.24 1.25 1.26 1.26.2 1.27 1.27.2 1.28");
const TESTS: Tags = Tags::words("").releases("1.29 1.29-1 1.29-2 1.29-4 1.36.1-1 1.37.0-1");
const ALPINE: Tags = Tags::words("latest edge").releases(
    "2.6 2.7 3.1..23 3 3.1.4 3.2.3 3.3.3 3.4.6 3.5.2 3.6.0..5 3.7.0..3 3.8.0..5 3.9.2..6 3.10.0..9 3.11.0..13 3.12.0..12 \
     3.13.0..12 3.14.0..10 3.15.0..11 3.16.0..9 3.17.0..10 3.18.0..12 3.19.0..9 3.20.0..8 3.21.0..5 3.22.0..2 3.23.0..3",
);

/// In the root of a Debian system: unpacks, configures, compiles.
///
/// `nslookup` is the one that busybox had up to 1.28, which pages ask for by that tag because of it.
/// `tc` does not compile with the kernel headers of today.
const BUILD: &str = "set -e
cd /root
mkdir busybox
tar -C busybox --strip-components=1 -xjf busybox_*.orig.tar.bz2
cd busybox
make defconfig
sed -i -e 's/^# CONFIG_STATIC is not set/CONFIG_STATIC=y/' \\
  -e 's/^CONFIG_FEATURE_NSLOOKUP_BIG=y/# CONFIG_FEATURE_NSLOOKUP_BIG is not set/' \\
  -e 's/^CONFIG_TC=y/# CONFIG_TC is not set/' .config
yes '' | make oldconfig
make -j$(nproc) busybox
";

impl Recipe for Busybox {
    fn name(&self) -> &'static str {
        "busybox"
    }

    fn version(&self) -> u32 {
        2
    }

    fn after(&self) -> &'static [&'static str] {
        &["debian"]
    }

    fn repositories(&self) -> Vec<Repository> {
        let sh = || oci::Config { command: vec!["sh"], ..oci::Config::default() };
        let own = |name, tags| Repository::new(name, tags, sh());
        vec![
            own("docker.io/library/busybox", TAGS),
            own("registry.k8s.io/busybox", KUBERNETES),
            own("k8s.gcr.io/busybox", KUBERNETES),
            own("gcr.io/google-containers/busybox", KUBERNETES),
            own("gcr.io/google_containers/busybox", KUBERNETES),
            own("registry.k8s.io/e2e-test-images/busybox", TESTS),
            Repository::new("docker.io/library/alpine", ALPINE, oci::Config { command: vec!["/bin/sh"], ..sh() })
                .about("busybox in place of Alpine, without apk"),
        ]
    }

    fn seconds(&self) -> u32 {
        75
    }

    fn fill(&self, root: &Path, kitchen: &Kitchen) -> Result<(), ClusterError> {
        let failed = || ClusterError::io("making the busybox image");
        let builder = root.with_extension("builder");
        remove(&builder)?;
        debian::copy(&kitchen.files_of("debian"), &builder)?;
        debian::install(&builder, "gcc make libc6-dev bzip2")?;
        debian::fetch_source(&builder, "busybox")?;
        debian::inside(&builder).words("sh -c").arg(BUILD).env("LC_ALL", "C").run()?;
        for folder in [
            "bin",
            "usr/bin",
            "usr/sbin",
            "etc",
            "root",
            "home",
            "var/spool/mail",
            "var/www",
            "proc",
            "sys",
            "dev",
            "tmp",
        ] {
            fs::create_dir_all(root.join(folder)).map_err(failed())?;
        }
        fs::set_permissions(root.join("tmp"), fs::Permissions::from_mode(0o1777)).map_err(failed())?;
        fs::copy(builder.join("root/busybox/busybox"), root.join("bin/busybox")).map_err(failed())?;
        for applet in applets(root)? {
            symlink("busybox", root.join("bin").join(applet)).map_err(failed())?;
        }
        symlink("../../bin/env", root.join("usr/bin/env")).map_err(failed())?;
        oci::put(
            root,
            "etc/passwd",
            "root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
sys:x:3:3:sys:/dev:/bin/false
mail:x:8:8:mail:/var/spool/mail:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
",
            0o644,
        )?;
        oci::put(
            root,
            "etc/group",
            "root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nmail:x:8:\nwww-data:x:33:\nusers:x:100:\nnogroup:x:65534:\n",
            0o644,
        )?;
        remove(&builder)
    }

    fn about(&self, root: &Path) -> String {
        let told = Program::new("chroot").arg(root).words("/bin/busybox").output().unwrap_or_default();
        let version = told.split_ascii_whitespace().nth(1).unwrap_or("of unknown version").to_owned();
        format!("busybox {version} from Debian's source package, its nslookup as up to 1.28")
    }
}

/// The names of a root's busybox, without its own.
fn applets(root: &Path) -> Result<Vec<String>, ClusterError> {
    let list = Program::new("chroot").arg(root).words("/bin/busybox --list").output()?;
    Ok(list.lines().filter(|name| *name != "busybox").map(str::to_owned).collect())
}

/// Puts busybox into another recipe's files, under the names that are not there: what an image that
/// is based on Alpine has.
pub(super) fn complete(root: &Path, kitchen: &Kitchen) -> Result<(), ClusterError> {
    let failed = || ClusterError::io("adding busybox");
    let busybox = kitchen.files_of("busybox");
    fs::copy(busybox.join("bin/busybox"), root.join("bin/busybox")).map_err(failed())?;
    let folders = ["bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin"];
    for applet in applets(&busybox)? {
        if folders.iter().all(|folder| root.join(folder).join(&applet).symlink_metadata().is_err()) {
            symlink("/bin/busybox", root.join("usr/local/bin").join(applet)).map_err(failed())?;
        }
    }
    Ok(())
}
