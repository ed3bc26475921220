//! `busybox`: Debian's static busybox under all its names.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::{Kitchen, Recipe};
use crate::cluster::ClusterError;
use crate::cluster::images::{debian, oci};
use crate::cluster::program::Program;

pub(super) struct Busybox;

/// Debian's build has no `printenv`.
const PRINTENV: &str = "#!/bin/sh
[ $# = 0 ] && exec env
for name; do
  eval \"[ \\\"\\${$name+x}\\\" ]\" || exit 1
  eval \"echo \\\"\\$$name\\\"\"
done
";

impl Recipe for Busybox {
    fn name(&self) -> &'static str {
        "busybox"
    }

    fn version(&self) -> u32 {
        1
    }

    fn after(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn references(&self) -> &'static [&'static str] {
        &[
            "docker.io/library/busybox:latest",
            "docker.io/library/busybox:stable",
            "docker.io/library/busybox:1",
            "docker.io/library/busybox:1.24",
            "docker.io/library/busybox:1.27.2",
            "docker.io/library/busybox:1.28",
            "docker.io/library/busybox:1.36",
            "docker.io/library/busybox:glibc",
            "docker.io/library/alpine:latest",
            "docker.io/library/alpine:3",
            "registry.k8s.io/busybox:latest",
            "registry.k8s.io/busybox:1.24",
            "registry.k8s.io/busybox:1.27.2",
            "registry.k8s.io/e2e-test-images/busybox:1.29",
            "gcr.io/google-containers/busybox:latest",
            "gcr.io/google_containers/busybox:latest",
        ]
    }

    fn needs_packages(&self) -> bool {
        true
    }

    fn seconds(&self) -> u32 {
        8
    }

    fn fill(&self, root: &Path, kitchen: &Kitchen) -> Result<(), ClusterError> {
        let failed = || ClusterError::io("making the busybox image");
        let packages = root.with_extension("packages");
        super::super::remove(&packages)?;
        debian::copy(&kitchen.debian, &packages)?;
        debian::install(&packages, "busybox-static")?;
        for folder in ["bin", "usr/bin", "etc", "root", "home", "var", "proc", "sys", "dev", "tmp"] {
            fs::create_dir_all(root.join(folder)).map_err(failed())?;
        }
        fs::set_permissions(root.join("tmp"), fs::Permissions::from_mode(0o1777)).map_err(failed())?;
        fs::copy(packages.join("bin/busybox"), root.join("bin/busybox")).map_err(failed())?;
        let applets = Program::new("chroot").arg(root).words("/bin/busybox --list").output()?;
        for applet in applets.lines().filter(|name| *name != "busybox") {
            symlink("busybox", root.join("bin").join(applet)).map_err(failed())?;
        }
        if !applets.lines().any(|name| name == "printenv") {
            oci::put(root, "bin/printenv", PRINTENV, 0o755)?;
        }
        oci::put(
            root,
            "etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n",
            0o644,
        )?;
        oci::put(root, "etc/group", "root:x:0:\nusers:x:100:\nnogroup:x:65534:\n", 0o644)?;
        super::super::remove(&packages)
    }

    fn config(&self) -> oci::Config {
        oci::Config { command: vec!["sh"], ..oci::Config::default() }
    }

    fn about(&self, _: &Path) -> String {
        "Debian's static busybox".to_owned()
    }
}
