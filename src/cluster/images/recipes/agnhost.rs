//! `agnhost`: Kubernetes' own test program from its Go module, with the tools that its image has.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{Built, debian, oci};
use crate::cluster::program::Program;

use super::busybox;

pub(super) struct Agnhost;

const TAGS: Tags = Tags::words("latest").releases("2.0..63");
const PORTS: [&str; 5] = ["5000/tcp", "80/tcp", "8080/tcp", "8081/tcp", "9376/tcp"];
const PACKAGES: &str = "bind9-dnsutils curl netcat-openbsd iproute2 iperf ca-certificates";

impl Recipe for Agnhost {
    fn name(&self) -> &'static str {
        "agnhost"
    }

    fn version(&self) -> u32 {
        2
    }

    fn base(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn after(&self) -> &'static [&'static str] {
        &["busybox"]
    }

    fn programs(&self) -> &'static [Built] {
        &[Built::Agnhost]
    }

    fn repositories(&self) -> Vec<Repository> {
        let plain = || oci::Config {
            entrypoint: vec!["/agnhost"],
            command: vec!["pause"],
            ports: PORTS.into(),
            ..oci::Config::default()
        };
        let only = |entrypoint| oci::Config { entrypoint, command: vec![], ..plain() };
        let sleep = || oci::Config { command: vec!["sh", "-c", "sleep infinity"], ..oci::Config::default() };
        let old = Tags::words("latest v1.4 1.0 1.1");
        vec![
            Repository::new("registry.k8s.io/e2e-test-images/agnhost", TAGS, plain()),
            Repository::new("k8s.gcr.io/e2e-test-images/agnhost", TAGS, plain()),
            Repository::new("registry.k8s.io/serve_hostname", old, only(vec!["/agnhost", "serve-hostname"])),
            Repository::new("k8s.gcr.io/serve_hostname", old, only(vec!["/agnhost", "serve-hostname"])),
            Repository::new("registry.k8s.io/test-webserver", old, only(vec!["/agnhost", "test-webserver"])),
            Repository::new("k8s.gcr.io/test-webserver", old, only(vec!["/agnhost", "test-webserver"])),
            Repository::new(
                "registry.k8s.io/e2e-test-images/jessie-dnsutils",
                Tags::words("").releases("1.0..8"),
                sleep(),
            ),
            Repository::new("gcr.io/kubernetes-e2e-test-images/dnsutils", Tags::words("").releases("1.0..3"), sleep()),
        ]
    }

    fn seconds(&self) -> u32 {
        15
    }

    fn fill(&self, root: &Path, kitchen: &Kitchen) -> Result<(), ClusterError> {
        debian::install(root, PACKAGES)?;
        let chroot = |words: &str| Program::new("chroot").arg(root).words(words).run();
        chroot("/usr/sbin/useradd --uid 1000 --user-group --no-create-home --shell /bin/sh user-defined-in-image")?;
        chroot("/usr/sbin/groupadd --gid 50000 group-defined-in-image")?;
        chroot("/usr/sbin/usermod --append --groups group-defined-in-image user-defined-in-image")?;
        kitchen.put_program(Built::Agnhost, root, "agnhost")?;
        let failed = || ClusterError::io("making the agnhost image");
        symlink("agnhost", root.join("agnhost-2")).map_err(failed())?;
        fs::create_dir_all(root.join("uploads")).map_err(failed())?;
        busybox::complete(root, kitchen)
    }

    fn about(&self, root: &Path) -> String {
        format!("agnhost of the Kubernetes that is run, on {}", debian::title(root))
    }
}
