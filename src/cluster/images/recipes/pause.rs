//! `pause`: the first process of a sandbox, from our own program.

use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{Built, oci};

pub(super) struct Pause;

const TAGS: Tags = Tags::words("latest go").releases("0.8.0 1.0 2.0 3.0..10 3.4.1 3.10.1 3.10.2");

impl Recipe for Pause {
    fn name(&self) -> &'static str {
        "pause"
    }

    fn version(&self) -> u32 {
        2
    }

    fn programs(&self) -> &'static [Built] {
        &[Built::Pause]
    }

    fn repositories(&self) -> Vec<Repository> {
        let names = [
            "registry.k8s.io/pause",
            "k8s.gcr.io/pause",
            "gcr.io/google-containers/pause",
            "gcr.io/google_containers/pause",
            "registry.k8s.io/pause-amd64",
        ];
        let config = || oci::Config { entrypoint: vec!["/pause"], ..oci::Config::default() };
        names.map(|name| Repository::new(name, TAGS, config())).into()
    }

    fn needs_packages(&self) -> bool {
        false
    }

    fn seconds(&self) -> u32 {
        1
    }

    fn fill(&self, root: &Path, kitchen: &Kitchen) -> Result<(), ClusterError> {
        kitchen.put_program(Built::Pause, root, "pause")
    }

    fn about(&self, _: &Path) -> String {
        "docbuild's own pause program".to_owned()
    }
}
