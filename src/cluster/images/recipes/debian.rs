//! `debian`: a minimal system as the machine's own distribution has it.

use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci};

pub(super) struct Debian;

const DEBIAN: Tags = Tags::words("latest")
    .releases("9 10 11 12 13 9.0..13 10.0..13 11.0..11 12.0..13 13.0..4")
    .variants("stable oldstable oldoldstable testing sid trixie bookworm bullseye buster stretch slim backports");
const UBUNTU: Tags =
    Tags::words("latest rolling devel trusty xenial bionic focal jammy noble oracular plucky questing")
        .releases("14.04 16.04 18.04 20.04 22.04 23.04 23.10 24.04 24.10 25.04 25.10");
const FEDORA: Tags = Tags::words("latest rawhide").releases("20..45");
const CENTOS: Tags = Tags::words("latest centos6 centos7 centos8").releases("5..8");
/// Most are built on Alpine.
const BASH: Tags = Tags::words("latest devel")
    .releases("3.0.22 3.1.23 3.2.57 4.0.44 4.1.17 4.2.53 4.3.48 4.4.0..23 5.0.0..18 5.1.0..16 5.2.0..37 5.3.0..9")
    .beginnings()
    .variants("alpine");

impl Recipe for Debian {
    fn name(&self) -> &'static str {
        "debian"
    }

    fn version(&self) -> u32 {
        2
    }

    fn repositories(&self) -> Vec<Repository> {
        let bash = || oci::Config { command: vec!["bash"], ..oci::Config::default() };
        let own = |name, tags| Repository::new(name, tags, bash());
        let other = |name, tags, about| Repository::new(name, tags, bash()).about(about);
        vec![
            own("docker.io/library/debian", DEBIAN),
            other("docker.io/library/bash", BASH, "bash on Debian"),
            other(
                "docker.io/library/buildpack-deps",
                DEBIAN,
                "Debian in place of buildpack-deps, without its packages",
            ),
            other("docker.io/library/ubuntu", UBUNTU, "Debian in place of Ubuntu"),
            other("docker.io/library/fedora", FEDORA, "Debian in place of Fedora, without dnf"),
            other("docker.io/library/centos", CENTOS, "Debian in place of CentOS, without yum"),
        ]
    }

    fn seconds(&self) -> u32 {
        35
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        debian::bootstrap(root)
    }

    fn about(&self, root: &Path) -> String {
        format!("{}, minimal, from packages", debian::title(root))
    }
}
