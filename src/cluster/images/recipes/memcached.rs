//! `memcached`: Debian's.

use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci};

pub(super) struct Memcached;

const TAGS: Tags = Tags::words("latest")
    .releases("1.4.20..39 1.5.0..22 1.6.0..40")
    .beginnings()
    .variants("alpine trixie bookworm bullseye buster");

impl Recipe for Memcached {
    fn name(&self) -> &'static str {
        "memcached"
    }

    fn version(&self) -> u32 {
        2
    }

    fn base(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn repositories(&self) -> Vec<Repository> {
        let config = oci::Config {
            command: vec!["memcached"],
            environment: vec!["MEMCACHED_VERSION={version}"],
            ports: vec!["11211/tcp"],
            user: Some("11211:11211"),
            ..oci::Config::default()
        };
        vec![Repository::new("docker.io/library/memcached", TAGS, config)]
    }

    fn seconds(&self) -> u32 {
        6
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        debian::add_user(root, "memcache", 11_211)?;
        debian::install(root, "memcached")
    }

    fn about(&self, root: &Path) -> String {
        format!("memcached {} of {}", debian::version(root, "memcached"), debian::title(root))
    }
}
