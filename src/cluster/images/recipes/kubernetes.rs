//! `kubernetes`: etcd and Kubernetes' programs, each in an image without a shell.

use std::os::unix::fs::symlink;
use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{Built, oci};
use crate::cluster::sources::Module;

pub(super) struct Kubernetes;

/// Beside etcd, by their names on the command line.
const NAMES: [&str; 6] =
    ["etcd", "kubectl", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"];

/// etcd's images.
const ETCD: Tags = Tags::words("").releases(
    "3.4.3-0 3.4.9-1 3.4.13-0 3.5.0-0 3.5.1-0 3.5.3-0 3.5.4-0 3.5.5-0 3.5.6-0 3.5.7-0 3.5.8-0 3.5.9-0 3.5.10-0 3.5.11-0 \
     3.5.12-0 3.5.13-0 3.5.14-0 3.5.15-0 3.5.16-0 3.5.17-0 3.5.18-0 3.5.19-0 3.5.20-0 3.5.21-0 3.5.22-0 3.5.23-0 3.5.24-0 \
     3.6.1-1 3.6.2-0 3.6.3-0 3.6.4-0 3.6.5-0 3.6.6-0",
);
const KUBECTL: Tags = Tags::words("latest").releases(
    "1.20.0..15 1.21.0..14 1.22.0..17 1.23.0..17 1.24.0..17 1.25.0..16 1.26.0..15 1.27.0..16 1.28.0..15 1.29.0..15 1.30.0..14 \
     1.31.0..14 1.32.0..11 1.33.0..7 1.34.0..3 1.35.0..1 1.36.0..3",
).beginnings();

impl Recipe for Kubernetes {
    fn name(&self) -> &'static str {
        "kubernetes"
    }

    fn version(&self) -> u32 {
        1
    }

    fn programs(&self) -> &'static [Built] {
        &[Built::Kubernetes]
    }

    fn repositories(&self) -> Vec<Repository> {
        let etcd =
            || oci::Config { command: vec!["etcd"], ports: vec!["2379/tcp", "2380/tcp"], ..oci::Config::default() };
        let kubectl = || oci::Config { entrypoint: vec!["kubectl"], ..oci::Config::default() };
        vec![
            Repository::new("registry.k8s.io/etcd", ETCD, etcd()).about("etcd"),
            Repository::new("k8s.gcr.io/etcd", ETCD, etcd()).about("etcd"),
            Repository::new("docker.io/bitnami/kubectl", KUBECTL, kubectl()).about("kubectl"),
        ]
    }

    fn needs_packages(&self) -> bool {
        false
    }

    fn seconds(&self) -> u32 {
        2
    }

    fn fill(&self, root: &Path, kitchen: &Kitchen) -> Result<(), ClusterError> {
        kitchen.put_program(Built::Kubernetes, root, "usr/local/bin/node")?;
        for name in NAMES {
            symlink("node", root.join("usr/local/bin").join(name)).map_err(ClusterError::io("making the image"))?;
        }
        Ok(())
    }

    fn about(&self, _: &Path) -> String {
        format!("of Kubernetes {}", Module::KUBERNETES.requires("k8s.io/kubernetes").unwrap_or_default())
    }
}
