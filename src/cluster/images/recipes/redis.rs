//! `redis`: Debian's, with the official image's user, folder and way to start.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci};

pub(super) struct Redis;

const TAGS: Tags = Tags::words("latest")
    .releases(
        "2.6.17 2.8.6..23 3.0.0..7 3.2.0..13 4.0.0..14 5.0.0..14 6.0.0..20 6.2.0..21 7.0.0..15 7.2.0..12 7.4.0..7 8.0.0..5 \
         8.2.0..3 8.4.0 8.6.0",
    )
    .beginnings()
    .variants("alpine bookworm bullseye buster stretch trixie 32bit");

/// The official server listens for everybody unless it is told otherwise; Debian's is compiled to
/// refuse strangers (`protected-mode`). The name is what `ps` shows.
const SERVER: &str = r#"#!/bin/bash
open=(--protected-mode no)
for word; do
  case $word in
    -v|--version|-h|--help|--test-memory|--check-system|--protected-mode|--sentinel) open=() ;;
    *) [ -f "$word" ] && grep -q '^ *protected-mode' "$word" && open=() ;;
  esac
done
exec -a redis-server /usr/bin/redis-server "$@" "${open[@]}"
"#;

/// Settings alone start the server, which root never is.
const ENTRYPOINT: &str = r#"#!/bin/sh
set -e
case ${1-} in
  -*|*.conf) set -- redis-server "$@" ;;
esac
if [ "${1-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . ! -user redis -exec chown redis {} +
  exec setpriv --reuid=redis --regid=redis --init-groups "$0" "$@"
fi
[ "$(umask)" = 0022 ] && umask 0077
exec "$@"
"#;

/// How the guestbook's followers start.
const FOLLOWER: &str = r#"#!/bin/sh
if [ "$GET_HOSTS_FROM" = env ]; then
  leader=$REDIS_LEADER_SERVICE_HOST
else
  leader=redis-leader
fi
exec redis-server --replicaof "${leader:-redis-leader}" 6379
"#;

impl Recipe for Redis {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn version(&self) -> u32 {
        2
    }

    fn base(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn repositories(&self) -> Vec<Repository> {
        let official = || oci::Config {
            entrypoint: vec!["docker-entrypoint.sh"],
            command: vec!["redis-server"],
            environment: vec!["REDIS_VERSION={version}"],
            ports: vec!["6379/tcp"],
            folder: Some("/data"),
            volumes: vec!["/data"],
            ..oci::Config::default()
        };
        let follower = || oci::Config { entrypoint: vec![], command: vec!["/bin/sh", "-c", "/run.sh"], ..official() };
        let samples = Tags::words("v1 v2 v3");
        vec![
            Repository::new("docker.io/library/redis", TAGS, official()),
            Repository::new("registry.k8s.io/redis", Tags::words("e2e v1"), official()),
            Repository::new("k8s.gcr.io/redis", Tags::words("e2e v1"), official()),
            Repository::new(
                "registry.k8s.io/e2e-test-images/redis",
                Tags::words("").releases("5.0.5-alpine"),
                official(),
            ),
            Repository::new("docker.io/kubernetes/redis", Tags::words("v1"), official()),
            Repository::new("gcr.io/google_samples/gb-redisslave", samples, follower()),
            Repository::new("gcr.io/google-samples/gb-redisslave", samples, follower()),
            Repository::new("gcr.io/google_samples/gb-redis-follower", samples, follower()),
            Repository::new("us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower", samples, follower()),
        ]
    }

    fn seconds(&self) -> u32 {
        8
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        debian::add_user(root, "redis", 999)?;
        debian::install(root, "redis-server ca-certificates")?;
        oci::put(root, "usr/local/bin/redis-server", SERVER, 0o755)?;
        oci::put(root, "usr/local/bin/docker-entrypoint.sh", ENTRYPOINT, 0o755)?;
        oci::put(root, "run.sh", FOLLOWER, 0o755)?;
        let data = root.join("data");
        let make = || {
            fs::create_dir_all(&data)?;
            fs::set_permissions(&data, fs::Permissions::from_mode(0o755))?;
            std::os::unix::fs::chown(&data, Some(999), Some(999))
        };
        make().map_err(ClusterError::io("making the redis image"))
    }

    fn about(&self, root: &Path) -> String {
        format!(
            "redis {} of {}, started as in the official image",
            debian::version(root, "redis-server"),
            debian::title(root)
        )
    }
}
