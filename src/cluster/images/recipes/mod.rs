//! The stand-ins, one file each. To add one: a file here, and a line in [`ALL`].

mod agnhost;
mod apache;
mod busybox;
mod curl;
mod debian;
mod idle;
mod kubernetes;
mod memcached;
mod mongo;
mod mysql;
mod nginx;
mod nodejs;
mod pause;
mod perl;
mod postgres;
mod python;
mod rabbitmq;
mod redis;
mod samples;
mod stress;
mod wordpress;

use super::{Kitchen, Recipe, Repository};

/// Every recipe, those first that others need.
pub(super) const ALL: &[&dyn Recipe] = &[
    &pause::Pause,
    &debian::Debian,
    &busybox::Busybox,
    &nginx::Nginx,
    &samples::Samples,
    &redis::Redis,
    &agnhost::Agnhost,
    &stress::Stress,
    &curl::Curl,
    &perl::Perl,
    &python::Python,
    &nodejs::Nodejs,
    &kubernetes::Kubernetes,
    &mongo::Mongo,
    &mysql::Mysql,
    &rabbitmq::Rabbitmq,
    &apache::Apache,
    &wordpress::Wordpress,
    &postgres::Postgres,
    &memcached::Memcached,
    &idle::Idle,
];

/// The recipe called `name`.
pub(super) fn find(name: &str) -> Option<&'static dyn Recipe> {
    ALL.iter().copied().find(|recipe| recipe.name() == name)
}

/// The recipe that stands for a repository, and what it says of it.
pub(super) fn of(repository: &str) -> Option<(&'static dyn Recipe, Repository)> {
    ALL.iter().copied().find_map(|recipe| {
        let mut all = recipe.repositories().into_iter();
        Some((recipe, all.find(|one| one.name == repository)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::images::{Name, needs};
    use std::collections::BTreeSet;

    #[test]
    fn names_and_repositories_are_unique_and_what_others_need_comes_first() {
        let mut repositories = BTreeSet::new();
        for (index, recipe) in ALL.iter().enumerate() {
            let before = |name| ALL[..index].iter().any(|other| other.name() == name);
            assert!(!before(recipe.name()), "{} is there twice", recipe.name());
            assert!(needs(*recipe).all(|need| before(need.name())), "{} comes too early", recipe.name());
            assert_eq!(needs(*recipe).count(), recipe.base().iter().count() + recipe.after().len());
            for repository in recipe.repositories() {
                assert!(repositories.insert(repository.name), "{} is there twice", repository.name);
                let name = Name::parse(repository.name).unwrap();
                assert_eq!(name.repository, repository.name, "it is not whole");
            }
        }
    }

    /// What the documentation of Kubernetes uses, and what it uses because it does not exist.
    #[test]
    fn tags_of_the_documentation_exist_or_not() {
        let exists = |reference: &str| {
            let name = Name::parse(reference).unwrap();
            of(&name.repository).unwrap_or_else(|| panic!("{reference}")).1.tags.have(&name.tag)
        };
        for reference in [
            "nginx",
            "nginx:1.7.9",
            "nginx:1.14.2",
            "nginx:1.16.1",
            "nginx:1.16-alpine",
            "nginx:stable",
            "busybox:1.28",
            "busybox:1.37",
            "busybox:latest",
            "registry.k8s.io/busybox:1.27.2",
            "registry.k8s.io/busybox",
            "alpine:3",
            "debian",
            "docker.io/library/debian:stable",
            "ubuntu:24.04",
            "ubuntu:18.04",
            "bash:5",
            "fedora:26",
            "redis:8.0.2",
            "redis:3.2-alpine",
            "redis:5.0.4",
            "registry.k8s.io/redis:e2e",
            "kubernetes/redis:v1",
            "gcr.io/google-samples/hello-app:2.0",
            "us-docker.pkg.dev/google-samples/containers/gke/hello-app:2.0",
            "vish/stress",
            "polinux/stress",
            "registry.k8s.io/pause:3.8",
            "registry.k8s.io/pause",
            "registry.k8s.io/e2e-test-images/agnhost:2.53",
            "registry.k8s.io/serve_hostname",
            "registry.k8s.io/nginx-slim:0.24",
            "registry.k8s.io/etcd:3.5.1-0",
            "hashicorp/http-echo:1.0",
            "registry.k8s.io/echoserver:1.10",
            "perl:5.34.0",
            "perl",
            "python:3",
            "mongo:4.2",
            "radial/busyboxplus:curl",
            "docker.io/jocatalin/kubernetes-bootcamp:v2",
            "quay.io/fluentd_elasticsearch/fluentd:v5.0.1",
        ] {
            assert!(exists(reference), "{reference}");
        }
        for reference in [
            "nginx:1.161",
            "nginx:sometag",
            "gcr.io/google-samples/kubernetes-bootcamp:v10",
            "busybox:1.280",
            "redis:99",
        ] {
            assert!(!exists(reference), "{reference}");
        }
    }
}
