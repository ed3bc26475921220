//! `perl`: Debian's.

use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci};

pub(super) struct Perl;

const TAGS: Tags = Tags::words("latest")
    .releases("5.18.4 5.20.3 5.22.4 5.24.4 5.26.0..3 5.28.0..3 5.30.0..3 5.32.0..1 5.34.0..3 5.36.0..3 5.38.0..5 5.40.0..3 5.42.0..1")
    .beginnings()
    .variants("stable devel slim threaded trixie bookworm bullseye buster stretch");

impl Recipe for Perl {
    fn name(&self) -> &'static str {
        "perl"
    }

    fn version(&self) -> u32 {
        2
    }

    fn base(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn repositories(&self) -> Vec<Repository> {
        let config = oci::Config { command: vec!["perl"], folder: Some("/usr/src/app"), ..oci::Config::default() };
        vec![Repository::new("docker.io/library/perl", TAGS, config)]
    }

    fn seconds(&self) -> u32 {
        8
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        debian::install(root, "perl ca-certificates")?;
        std::fs::create_dir_all(root.join("usr/src/app")).map_err(ClusterError::io("making the perl image"))
    }

    fn about(&self, root: &Path) -> String {
        format!("perl {} of {}", debian::version(root, "perl"), debian::title(root))
    }
}
