//! `apache`: Debian's, as the images of the web server and of PHP have it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci};
use crate::cluster::program::Program;

pub(super) struct Apache;

const HTTPD: Tags = Tags::words("latest")
    .releases("2.2.29..34 2.4.10..66")
    .beginnings()
    .variants("alpine trixie bookworm bullseye buster");
const PHP: Tags = Tags::words("latest")
    .releases("5.6.0..40 7.0.0..33 7.1.0..33 7.2.0..34 7.3.0..33 7.4.0..33 8.0.0..30 8.1.0..33 8.2.0..30 8.3.0..29 8.4.0..16 8.5.0..1")
    .beginnings()
    .variants("apache cli fpm zts alpine trixie bookworm bullseye buster stretch jessie");

/// Both logs are what the container prints; the name is not looked up.
const SETTINGS: &str = "ServerName localhost
ErrorLog /dev/stderr
CustomLog /dev/stdout combined
";

/// The official images' way to start: in the foreground, with the settings that Debian keeps apart.
const FOREGROUND: &str = "#!/bin/sh
. /etc/apache2/envvars
mkdir -p \"$APACHE_RUN_DIR\" \"$APACHE_LOCK_DIR\" \"$APACHE_LOG_DIR\"
rm -f \"$APACHE_PID_FILE\"
exec apache2 -DFOREGROUND \"$@\"
";

/// The server of the web server's own image has its files elsewhere.
const HTTPD_FOREGROUND: &str = "#!/bin/sh
sed -i s#/var/www/html#/usr/local/apache2/htdocs# /etc/apache2/sites-available/000-default.conf
sed -i s#/var/www/#/usr/local/apache2/htdocs/# /etc/apache2/apache2.conf
exec apache2-foreground \"$@\"
";

/// The load of the autoscaling example.
const LOAD: &str = r#"<?php
$x = 0.0001;
for ($i = 0; $i <= 1000000; $i++) {
    $x += sqrt($x);
}
echo "OK!";
"#;

impl Recipe for Apache {
    fn name(&self) -> &'static str {
        "apache"
    }

    fn version(&self) -> u32 {
        2
    }

    fn base(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn repositories(&self) -> Vec<Repository> {
        let serve = |program| oci::Config {
            command: vec![program],
            ports: vec!["80/tcp"],
            stop_signal: Some("SIGWINCH"),
            ..oci::Config::default()
        };
        let php = || oci::Config { folder: Some("/var/www/html"), ..serve("apache2-foreground") };
        let example = || oci::Config { command: vec!["hpa-example"], ..php() };
        vec![
            Repository::new(
                "docker.io/library/httpd",
                HTTPD,
                oci::Config { folder: Some("/usr/local/apache2"), ..serve("httpd-foreground") },
            ),
            Repository::new("docker.io/library/php", PHP, php()),
            Repository::new("registry.k8s.io/hpa-example", Tags::words("latest"), example()),
            Repository::new("k8s.gcr.io/hpa-example", Tags::words("latest"), example()),
        ]
    }

    fn seconds(&self) -> u32 {
        25
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        debian::install(root, "apache2 libapache2-mod-php php-cli php-mysql ca-certificates")?;
        let failed = || ClusterError::io("making the apache image");
        oci::put(root, "etc/apache2/conf-available/docbuild.conf", SETTINGS, 0o644)?;
        Program::new("chroot").arg(root).words("/usr/sbin/a2enconf --quiet docbuild").run()?;
        // The folder of PHP's image is empty; the web server's has a page.
        super::super::remove(&root.join("var/www/html"))?;
        fs::create_dir_all(root.join("var/www/html")).map_err(failed())?;
        oci::put(root, "usr/local/apache2/htdocs/index.html", "<html><body><h1>It works!</h1></body></html>\n", 0o644)?;
        oci::put(root, "usr/local/bin/apache2-foreground", FOREGROUND, 0o755)?;
        oci::put(root, "usr/local/bin/httpd-foreground", HTTPD_FOREGROUND, 0o755)?;
        oci::put(root, "usr/share/hpa-example/index.php", LOAD, 0o644)?;
        let example = "#!/bin/sh\ncp /usr/share/hpa-example/index.php /var/www/html/\nexec apache2-foreground\n";
        oci::put(root, "usr/local/bin/hpa-example", example, 0o755)?;
        symlink("/usr/sbin/apache2", root.join("usr/local/bin/httpd")).map_err(failed())
    }

    fn about(&self, root: &Path) -> String {
        format!("Apache {} of {}, with its PHP", debian::version(root, "apache2"), debian::title(root))
    }
}
