//! `postgres`: Debian's, with the official image's folders and way to start.

use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci};

pub(super) struct Postgres;

const TAGS: Tags = Tags::words("latest")
    .releases("9.0.0..23 9.1.0..24 9.2.0..24 9.3.0..25 9.4.0..26 9.5.0..25 9.6.0..24 10.0..23 11.0..22 12.0..22 13.0..23 14.0..20 \
               15.0..15 16.0..11 17.0..7 18.0..1")
    .beginnings()
    .variants("alpine trixie bookworm bullseye buster stretch");

/// With an empty folder, the databases are made with the user and password that the environment says.
const ENTRYPOINT: &str = r##"#!/bin/bash
set -e
[ "${1:0:1}" = - ] && set -- postgres "$@"
[ "$1" = postgres ] || exec "$@"
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown -R postgres:postgres "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  password=${POSTGRES_PASSWORD-}
  [ -n "${POSTGRES_PASSWORD_FILE-}" ] && password=$(cat "$POSTGRES_PASSWORD_FILE")
  if [ -z "$password" ] && [ "${POSTGRES_HOST_AUTH_METHOD-}" != trust ]; then
    echo "Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser." >&2
    exit 1
  fi
  user=${POSTGRES_USER:-postgres}
  initdb --username="$user" --pwfile=<(printf '%s\n' "$password") --auth-host="${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" -D "$PGDATA"
  echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
  database=${POSTGRES_DB:-$user}
  [ "$database" = postgres ] || echo "CREATE DATABASE \"$database\"" | postgres --single -D "$PGDATA" postgres
fi
exec "$@"
"##;

impl Recipe for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn version(&self) -> u32 {
        2
    }

    fn base(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn repositories(&self) -> Vec<Repository> {
        let config = oci::Config {
            entrypoint: vec!["docker-entrypoint.sh"],
            command: vec!["postgres"],
            environment: vec!["PGDATA=/var/lib/postgresql/data", "PG_MAJOR={version}", "LANG=C.UTF-8"],
            ports: vec!["5432/tcp"],
            stop_signal: Some("SIGINT"),
            volumes: vec!["/var/lib/postgresql/data"],
            ..oci::Config::default()
        };
        vec![Repository::new("docker.io/library/postgres", TAGS, config)]
    }

    fn seconds(&self) -> u32 {
        25
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        debian::add_user(root, "postgres", 999)?;
        debian::install(root, "postgresql")?;
        // Debian keeps the programs of each version apart.
        let script = "ln -s /usr/lib/postgresql/*/bin/* /usr/local/bin/";
        debian::inside(root).words("/bin/sh -c").arg(script).run()?;
        super::super::remove(&root.join("var/lib/postgresql"))?;
        oci::put(root, "usr/local/bin/docker-entrypoint.sh", ENTRYPOINT, 0o755)
    }

    fn about(&self, root: &Path) -> String {
        format!("PostgreSQL {} of {}", debian::version(root, "postgresql"), debian::title(root))
    }
}
