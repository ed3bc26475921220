//! `rabbitmq`: Debian's, with the official image's ports and way to start.

use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci};

pub(super) struct Rabbitmq;

const TAGS: Tags = Tags::words("latest")
    .releases("3.5.0..7 3.6.0..16 3.7.0..28 3.8.0..34 3.9.0..29 3.10.0..25 3.11.0..28 3.12.0..14 3.13.0..7 4.0.0..9 4.1.0..8 4.2.0..4")
    .beginnings()
    .variants("management alpine");

/// `guest` may come from anywhere, and the log is what the container prints.
const SETTINGS: &str = "loopback_users.guest = false
log.console = true
log.file = false
";

const ENTRYPOINT: &str = "#!/bin/sh
set -e
if [ \"$1\" = rabbitmq-server ] && [ \"$(id -u)\" = 0 ]; then
  chown -R rabbitmq:rabbitmq /var/lib/rabbitmq
  exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups \"$0\" \"$@\"
fi
exec \"$@\"
";

impl Recipe for Rabbitmq {
    fn name(&self) -> &'static str {
        "rabbitmq"
    }

    fn version(&self) -> u32 {
        3
    }

    fn base(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn repositories(&self) -> Vec<Repository> {
        let config = oci::Config {
            entrypoint: vec!["docker-entrypoint.sh"],
            command: vec!["rabbitmq-server"],
            environment: vec![
                "PATH=/usr/lib/rabbitmq/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "RABBITMQ_VERSION={version}",
                "HOME=/var/lib/rabbitmq",
                "LANG=C.UTF-8",
            ],
            ports: vec!["15691/tcp", "15692/tcp", "25672/tcp", "4369/tcp", "5671/tcp", "5672/tcp"],
            volumes: vec!["/var/lib/rabbitmq"],
            ..oci::Config::default()
        };
        vec![Repository::new("docker.io/library/rabbitmq", TAGS, config)]
    }

    fn seconds(&self) -> u32 {
        25
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        debian::add_user(root, "rabbitmq", 999)?;
        debian::install(root, "rabbitmq-server")?;
        oci::put(root, "etc/rabbitmq/rabbitmq.conf", SETTINGS, 0o644)?;
        oci::put(root, "usr/local/bin/docker-entrypoint.sh", ENTRYPOINT, 0o755)
    }

    fn about(&self, root: &Path) -> String {
        format!("RabbitMQ {} of {}", debian::version(root, "rabbitmq-server"), debian::title(root))
    }
}
