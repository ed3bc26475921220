//! `wordpress`: Debian's, where the official image has it.

use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci};
use crate::cluster::program::Program;

pub(super) struct Wordpress;

const TAGS: Tags = Tags::words("latest")
    .releases("4.0.0..1 4.1.0..2 4.2.0..4 4.3.0..1 4.4.0..2 4.5.0..3 4.6.0..1 4.7.0..5 4.8.0..3 4.9.0..8 5.0.0..3 5.1.0..1 5.2.0..4 \
               5.3.0..2 5.4.0..2 5.5.0..3 5.6.0..2 5.7.0..2 5.8.0..3 5.9.0..3 6.0.0..3 6.1.0..1 6.2.0..2 6.3.0..2 6.4.0..3 \
               6.5.0..5 6.6.0..2 6.7.0..2 6.8.0..3 6.9.0..1")
    .beginnings()
    .variants("apache fpm php5. php7. php8. php alpine cli");

/// What the database is called comes from the environment.
const SETTINGS: &str = r#"<?php
function setting($name, $default) {
    $file = getenv($name . '_FILE');
    if ($file) {
        return rtrim(file_get_contents($file), "\r\n");
    }
    $value = getenv($name);
    return $value === false ? $default : $value;
}
define('DB_NAME', setting('WORDPRESS_DB_NAME', 'wordpress'));
define('DB_USER', setting('WORDPRESS_DB_USER', 'root'));
define('DB_PASSWORD', setting('WORDPRESS_DB_PASSWORD', ''));
define('DB_HOST', setting('WORDPRESS_DB_HOST', 'mysql'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
$table_prefix = setting('WORDPRESS_TABLE_PREFIX', 'wp_');
define('WP_DEBUG', false);
if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
"#;

/// The volume is filled where it is empty, and the database is made if it can be reached.
const ENTRYPOINT: &str = r#"#!/bin/sh
set -e
cd /var/www/html
if [ ! -e index.php ]; then
  echo "WordPress not found in $PWD - copying now..." >&2
  cp -a /usr/src/wordpress/. .
  chown -R www-data:www-data .
  echo "Complete! WordPress has been successfully copied to $PWD" >&2
fi
[ "$1" = apache2-foreground ] && php -r '
  mysqli_report(MYSQLI_REPORT_OFF);
  $db = @mysqli_connect(getenv("WORDPRESS_DB_HOST") ?: "mysql", getenv("WORDPRESS_DB_USER") ?: "root", getenv("WORDPRESS_DB_PASSWORD") ?: "");
  if ($db) { mysqli_query($db, "CREATE DATABASE IF NOT EXISTS `" . (getenv("WORDPRESS_DB_NAME") ?: "wordpress") . "`"); }
'
exec "$@"
"#;

impl Recipe for Wordpress {
    fn name(&self) -> &'static str {
        "wordpress"
    }

    fn version(&self) -> u32 {
        2
    }

    fn base(&self) -> Option<&'static str> {
        Some("apache")
    }

    fn repositories(&self) -> Vec<Repository> {
        let config = oci::Config {
            entrypoint: vec!["docker-entrypoint.sh"],
            command: vec!["apache2-foreground"],
            ports: vec!["80/tcp"],
            stop_signal: Some("SIGWINCH"),
            folder: Some("/var/www/html"),
            volumes: vec!["/var/www/html"],
            ..oci::Config::default()
        };
        vec![Repository::new("docker.io/library/wordpress", TAGS, config)]
    }

    fn seconds(&self) -> u32 {
        20
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        debian::install(root, "wordpress")?;
        let script = "mkdir -p /usr/src && cp -aL /usr/share/wordpress /usr/src/wordpress";
        Program::new("chroot").arg(root).words("/bin/sh -c").arg(script).run()?;
        oci::put(root, "usr/src/wordpress/wp-config.php", SETTINGS, 0o644)?;
        oci::put(root, "usr/local/bin/docker-entrypoint.sh", ENTRYPOINT, 0o755)
    }

    fn about(&self, root: &Path) -> String {
        format!("WordPress {} of {}", debian::version(root, "wordpress"), debian::title(root))
    }
}
