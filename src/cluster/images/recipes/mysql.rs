//! `mysql`: Debian has MariaDB, with MySQL's names for its programs.

use std::fs;
use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci};

pub(super) struct Mysql;

const MYSQL: Tags = Tags::words("latest lts innovation")
    .releases("5.5.40..62 5.6.17..51 5.7.4..44 8.0.0..44 8.1.0 8.2.0 8.3.0 8.4.0..7 9.0.0..1 9.1.0 9.2.0 9.3.0 9.4.0 9.5.0 9.6.0")
    .beginnings()
    .variants("debian oracle oraclelinux oraclelinux8 oraclelinux9");
const MARIADB: Tags = Tags::words("latest lts")
    .releases("5.5.64 10.0.38 10.1.48 10.2.44 10.3.0..39 10.4.0..34 10.5.0..29 10.6.0..24 10.7.8 10.8.8 10.9.8 10.10.7 10.11.2..15 \
               11.0.6 11.1.6 11.2.6 11.3.2 11.4.2..9 11.5.2 11.6.2 11.7.2 11.8.2..5 12.0.2 12.1.2")
    .beginnings()
    .variants("noble jammy focal bionic ubi ubi9");

/// The prompt is MySQL's. Pages put their settings into `conf.d`.
const SETTINGS: &str = r#"[client-server]
socket = /var/run/mysqld/mysqld.sock

[mysql]
prompt = "mysql> "

[mysqld]
user = mysql
datadir = /var/lib/mysql
pid-file = /var/run/mysqld/mysqld.pid
skip-name-resolve

!includedir /etc/mysql/conf.d/
"#;

/// With an empty folder, the databases are made and root gets the password that the environment says.
const ENTRYPOINT: &str = r##"#!/bin/bash
set -e
log() { echo "$(date -Iseconds) [Note] [Entrypoint]: $*" >&2; }
fail() { echo "$(date -Iseconds) [ERROR] [Entrypoint]: $*" >&2; exit 1; }
quoted() { printf "'%s'" "$(printf %s "$1" | sed -e 's/\\/\\\\/g' -e "s/'/''/g")"; }
value() {
  local name=MYSQL_$1 other=MARIADB_$1 file
  for file in "${name}_FILE" "${other}_FILE"; do
    [ -n "${!file-}" ] && { cat "${!file}"; return; }
  done
  printf %s "${!name-${!other-}}"
}

[ "${1:0:1}" = - ] && set -- mysqld "$@"
case $1 in
  mysqld|mariadbd) ;;
  *) exec "$@" ;;
esac

data=/var/lib/mysql
mkdir -p $data /var/run/mysqld
chown mysql:mysql $data /var/run/mysqld
if [ ! -d $data/mysql ]; then
  password=$(value ROOT_PASSWORD)
  if [ -z "$password" ] && [ -z "$(value ALLOW_EMPTY_PASSWORD)" ]; then
    if [ -z "$(value RANDOM_ROOT_PASSWORD)" ]; then
      fail "Database is uninitialized and password option is not specified
    You need to specify one of the following as an environment variable:
    - MYSQL_ROOT_PASSWORD
    - MYSQL_ALLOW_EMPTY_PASSWORD
    - MYSQL_RANDOM_ROOT_PASSWORD"
    fi
    password=$(head -c 18 /dev/urandom | base64)
    log "GENERATED ROOT PASSWORD: $password"
  fi
  log "Initializing database files"
  mysql_install_db --user=mysql --datadir=$data --auth-root-authentication-method=normal --skip-test-db --force --skip-name-resolve >/dev/null
  database=$(value DATABASE) user=$(value USER)
  {
    # Those of the machine that made them have no password.
    echo "DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';"
    echo "FLUSH PRIVILEGES;"
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $(quoted "$password");"
    echo "CREATE USER 'root'@'%' IDENTIFIED BY $(quoted "$password");"
    echo "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
    [ -n "$database" ] && echo "CREATE DATABASE IF NOT EXISTS \`$database\`;"
    if [ -n "$user" ]; then
      echo "CREATE USER $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$(value PASSWORD)");"
      [ -n "$database" ] && echo "GRANT ALL ON \`$database\`.* TO $(quoted "$user")@'%';"
    fi
  } | mysqld --bootstrap --user=mysql --datadir=$data
  log "Database files initialized"
fi
exec "$@"
"##;

impl Recipe for Mysql {
    fn name(&self) -> &'static str {
        "mysql"
    }

    fn version(&self) -> u32 {
        2
    }

    fn base(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn repositories(&self) -> Vec<Repository> {
        let config = |program, environment| oci::Config {
            entrypoint: vec!["docker-entrypoint.sh"],
            command: vec![program],
            environment,
            ports: vec!["3306/tcp"],
            volumes: vec!["/var/lib/mysql"],
            ..oci::Config::default()
        };
        vec![
            Repository::new("docker.io/library/mysql", MYSQL, config("mysqld", vec!["MYSQL_VERSION={version}"]))
                .about("MariaDB in place of MySQL"),
            Repository::new(
                "docker.io/library/mariadb",
                MARIADB,
                config("mariadbd", vec!["MARIADB_VERSION={version}"]),
            ),
        ]
    }

    fn seconds(&self) -> u32 {
        25
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        debian::add_user(root, "mysql", 999)?;
        debian::install(root, "mariadb-server mariadb-client")?;
        let failed = || ClusterError::io("making the mysql image");
        for folder in ["var/lib/mysql", "etc/mysql"] {
            // The package's own databases and settings: what is not there is made anew.
            super::super::remove(&root.join(folder))?;
        }
        fs::create_dir_all(root.join("etc/mysql/conf.d")).map_err(failed())?;
        fs::create_dir_all(root.join("var/lib/mysql")).map_err(failed())?;
        oci::put(root, "etc/mysql/my.cnf", SETTINGS, 0o644)?;
        oci::put(root, "usr/local/bin/docker-entrypoint.sh", ENTRYPOINT, 0o755)?;
        fs::create_dir_all(root.join("docker-entrypoint-initdb.d")).map_err(failed())
    }

    fn about(&self, root: &Path) -> String {
        format!("MariaDB {} of {}", debian::version(root, "mariadb-server"), debian::title(root))
    }
}
