//! `python`: Debian's, by the official image's names.

use std::os::unix::fs::symlink;
use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci};

pub(super) struct Python;

const TAGS: Tags = Tags::words("latest")
    .releases("2.7.7..18 3.3.5..7 3.4.0..10 3.5.0..10 3.6.0..15 3.7.0..17 3.8.0..20 3.9.0..25 3.10.0..19 3.11.0..14 3.12.0..12 3.13.0..11 3.14.0..2")
    .beginnings()
    .variants("slim alpine trixie bookworm bullseye buster stretch");

impl Recipe for Python {
    fn name(&self) -> &'static str {
        "python"
    }

    fn version(&self) -> u32 {
        2
    }

    fn base(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn repositories(&self) -> Vec<Repository> {
        let config = oci::Config {
            command: vec!["python3"],
            environment: vec!["PYTHON_VERSION={version}"],
            ..oci::Config::default()
        };
        vec![Repository::new("docker.io/library/python", TAGS, config)]
    }

    fn seconds(&self) -> u32 {
        12
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        debian::install(root, "python3 python3-pip ca-certificates")?;
        let failed = || ClusterError::io("making the python image");
        symlink("/usr/bin/python3", root.join("usr/local/bin/python")).map_err(failed())?;
        symlink("/usr/bin/python3", root.join("usr/local/bin/python3")).map_err(failed())
    }

    fn about(&self, root: &Path) -> String {
        format!("python {} of {}", debian::version(root, "python3"), debian::title(root))
    }
}
