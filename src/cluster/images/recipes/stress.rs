//! `stress`: Debian's, as the image of that name has it.

use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci};

pub(super) struct Stress;

impl Recipe for Stress {
    fn name(&self) -> &'static str {
        "stress"
    }

    fn version(&self) -> u32 {
        2
    }

    fn base(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn repositories(&self) -> Vec<Repository> {
        let config = oci::Config { command: vec!["stress"], ..oci::Config::default() };
        vec![Repository::new("docker.io/polinux/stress", Tags::words("latest 1.0.4"), config)]
    }

    fn seconds(&self) -> u32 {
        5
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        debian::install(root, "stress")
    }

    fn about(&self, root: &Path) -> String {
        format!("stress {} of {}", debian::version(root, "stress"), debian::title(root))
    }
}
