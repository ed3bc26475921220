//! `debian`: a minimal system as the machine's own distribution has it.

use std::path::Path;

use super::{Kitchen, Recipe};
use crate::cluster::ClusterError;
use crate::cluster::images::{debian, oci};

pub(super) struct Debian;

impl Recipe for Debian {
    fn name(&self) -> &'static str {
        "debian"
    }

    fn version(&self) -> u32 {
        1
    }

    fn references(&self) -> &'static [&'static str] {
        &[
            "docker.io/library/debian:latest",
            "docker.io/library/debian:stable",
            "docker.io/library/debian:stable-slim",
            "docker.io/library/debian:bookworm",
            "docker.io/library/debian:bookworm-slim",
            "docker.io/library/debian:12",
            "docker.io/library/ubuntu:latest",
            "docker.io/library/ubuntu:24.04",
            "docker.io/library/ubuntu:22.04",
            "docker.io/library/bash:latest",
            "docker.io/library/bash:5",
        ]
    }

    fn needs_packages(&self) -> bool {
        true
    }

    fn seconds(&self) -> u32 {
        35
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        debian::bootstrap(root)
    }

    fn config(&self) -> oci::Config {
        oci::Config { command: vec!["bash"], ..oci::Config::default() }
    }

    fn about(&self, root: &Path) -> String {
        format!("{}, minimal, from packages", debian::title(root))
    }
}
