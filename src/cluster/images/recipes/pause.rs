//! `pause`: the first process of a sandbox, from our own program.

use std::path::Path;

use super::{Kitchen, Recipe};
use crate::cluster::ClusterError;
use crate::cluster::images::{PAUSE, oci};

pub(super) struct Pause;

impl Recipe for Pause {
    fn name(&self) -> &'static str {
        "pause"
    }

    fn version(&self) -> u32 {
        1
    }

    fn references(&self) -> &'static [&'static str] {
        &[PAUSE, "registry.k8s.io/pause:3.9", "registry.k8s.io/pause:latest"]
    }

    fn needs_packages(&self) -> bool {
        false
    }

    fn seconds(&self) -> u32 {
        1
    }

    fn fill(&self, root: &Path, kitchen: &Kitchen) -> Result<(), ClusterError> {
        let program = kitchen.pause.as_ref().ok_or_else(|| ClusterError::Unavailable {
            missing: "the pause program is not built".to_owned(),
            help: vec!["run `docbuild cluster up`: it builds what the cluster needs".to_owned()],
        })?;
        std::fs::copy(program, root.join("pause")).map(drop).map_err(ClusterError::io("copying the pause program"))
    }

    fn config(&self) -> oci::Config {
        oci::Config { entrypoint: vec!["/pause"], ..oci::Config::default() }
    }

    fn about(&self, _: &Path) -> String {
        "docbuild's own pause program".to_owned()
    }
}
