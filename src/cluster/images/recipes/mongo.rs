//! `mongo`: Debian has no MongoDB; a server of ours that says hello as one does.

use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{Built, oci};

pub(super) struct Mongo;

const TAGS: Tags = Tags::words("latest")
    .releases(
        "2.6.12 3.0.15 3.2.0..21 3.4.0..24 3.6.0..23 4.0.0..28 4.2.0..24 4.4.0..29 5.0.0..31 6.0.0..26 7.0.0..28 8.0.0..17 \
         8.2.0..3",
    )
    .beginnings()
    .variants("noble jammy focal bionic xenial trusty");

/// Options alone are the server's.
const ENTRYPOINT: &str = "#!/bin/sh
case \"$1\" in -*) set -- mongod \"$@\" ;; esac
exec \"$@\"
";

impl Recipe for Mongo {
    fn name(&self) -> &'static str {
        "mongo"
    }

    fn version(&self) -> u32 {
        2
    }

    fn base(&self) -> Option<&'static str> {
        Some("busybox")
    }

    fn programs(&self) -> &'static [Built] {
        &[Built::Samples]
    }

    fn repositories(&self) -> Vec<Repository> {
        let config = oci::Config {
            entrypoint: vec!["docker-entrypoint.sh"],
            command: vec!["mongod"],
            ports: vec!["27017/tcp"],
            volumes: vec!["/data/configdb", "/data/db"],
            ..oci::Config::default()
        };
        vec![Repository::new("docker.io/library/mongo", TAGS, config)]
    }

    fn seconds(&self) -> u32 {
        1
    }

    fn fill(&self, root: &Path, kitchen: &Kitchen) -> Result<(), ClusterError> {
        oci::put(root, "usr/local/bin/docker-entrypoint.sh", ENTRYPOINT, 0o755)?;
        kitchen.put_program(Built::Samples, root, "usr/bin/mongod")
    }

    fn about(&self, _: &Path) -> String {
        "a server that says hello as MongoDB does, and keeps nothing".to_owned()
    }
}
