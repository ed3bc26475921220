//! `idle`: for programs that can't be made here and that pages only want to see running.

use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{Built, oci};

pub(super) struct Idle;

impl Recipe for Idle {
    fn name(&self) -> &'static str {
        "idle"
    }

    fn version(&self) -> u32 {
        1
    }

    fn programs(&self) -> &'static [Built] {
        &[Built::Samples]
    }

    fn repositories(&self) -> Vec<Repository> {
        let config = || oci::Config { command: vec!["/idle"], ..oci::Config::default() };
        let fluentd = Tags::words("latest").releases(
            "v2.0.0 v2.2.0 v2.3.1 v2.3.2 v2.4.0 v2.5.0 v2.5.1 v2.5.2 v2.6.0 v2.7.0 v2.8.0 v3.0.0 v3.0.1 v3.0.2 v3.0.4 v3.1.0 \
             v3.2.0 v3.3.0 v3.4.0 v4.0.0 v5.0.0 v5.0.1",
        );
        let detector = Tags::words("v0.1 v0.2").releases("v0.8.0..21 v1.34.0");
        vec![
            Repository::new("quay.io/fluentd_elasticsearch/fluentd", fluentd, config()),
            Repository::new("registry.k8s.io/fluentd-gcp", Tags::words("1.30 2.0.2"), config()),
            Repository::new("registry.k8s.io/node-problem-detector", detector, config()),
            Repository::new("registry.k8s.io/node-problem-detector/node-problem-detector", detector, config()),
        ]
    }

    fn needs_packages(&self) -> bool {
        false
    }

    fn seconds(&self) -> u32 {
        1
    }

    fn fill(&self, root: &Path, kitchen: &Kitchen) -> Result<(), ClusterError> {
        kitchen.put_program(Built::Samples, root, "idle")
    }

    fn about(&self, _: &Path) -> String {
        "a program that runs and does nothing".to_owned()
    }
}
