//! `curl`: Debian's, with busybox around it as in the images that pages take to ask servers from.

use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci};

use super::busybox;

pub(super) struct Curl;

impl Recipe for Curl {
    fn name(&self) -> &'static str {
        "curl"
    }

    fn version(&self) -> u32 {
        2
    }

    fn base(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn after(&self) -> &'static [&'static str] {
        &["busybox"]
    }

    fn repositories(&self) -> Vec<Repository> {
        let shell = || oci::Config { command: vec!["/bin/sh"], ..oci::Config::default() };
        let curl = || oci::Config { entrypoint: vec!["curl"], command: vec!["--help"], ..oci::Config::default() };
        let releases = Tags::words("latest")
            .releases("7.65.3 7.66.0 7.67.0 7.68.0 7.69.0..1 7.70.0 7.71.0..1 7.72.0 7.73.0 7.74.0 7.75.0 7.76.0..1 7.77.0..0 \
                       7.78.0 7.79.0..1 7.80.0 7.81.0 7.82.0 7.83.0..1 7.84.0 7.85.0 7.86.0 7.87.0 7.88.0..1 8.0.0..1 8.1.0..2 \
                       8.2.0..1 8.3.0 8.4.0 8.5.0 8.6.0 8.7.1 8.8.0 8.9.0..1 8.10.0..1 8.11.0..1 8.12.0..1 8.13.0 8.14.0..1 \
                       8.15.0 8.16.0 8.17.0 8.18.0");
        vec![
            Repository::new("docker.io/curlimages/curl", releases, curl()),
            Repository::new("docker.io/appropriate/curl", Tags::words("latest edge"), curl()),
            Repository::new("docker.io/radial/busyboxplus", Tags::words("latest base curl git"), shell()),
        ]
    }

    fn seconds(&self) -> u32 {
        8
    }

    fn fill(&self, root: &Path, kitchen: &Kitchen) -> Result<(), ClusterError> {
        debian::install(root, "curl ca-certificates")?;
        busybox::complete(root, kitchen)
    }

    fn about(&self, root: &Path) -> String {
        format!("curl {} and busybox on {}", debian::version(root, "curl"), debian::title(root))
    }
}
