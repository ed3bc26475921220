//! `nginx`: Debian's, with the official image's user, paths, configuration and way to start.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::{Kitchen, Recipe};
use crate::cluster::ClusterError;
use crate::cluster::images::{debian, oci};
use crate::cluster::program::Program;

pub(super) struct Nginx;

const MAIN: &str = "user  nginx;
worker_processes  auto;
error_log  /var/log/nginx/error.log notice;
pid  /run/nginx.pid;

events {
    worker_connections  1024;
}

http {
    include  /etc/nginx/mime.types;
    default_type  application/octet-stream;
    access_log  /var/log/nginx/access.log  combined;
    sendfile  on;
    keepalive_timeout  65;
    include  /etc/nginx/conf.d/*.conf;
}
";

const SITE: &str = "server {
    listen  80;
    listen  [::]:80;
    server_name  localhost;

    location / {
        root  /usr/share/nginx/html;
        index  index.html index.htm;
    }
}
";

const ENTRYPOINT: &str = "#!/bin/sh
exec \"$@\"
";

impl Recipe for Nginx {
    fn name(&self) -> &'static str {
        "nginx"
    }

    fn version(&self) -> u32 {
        1
    }

    fn base(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn references(&self) -> &'static [&'static str] {
        &[
            "docker.io/library/nginx:latest",
            "docker.io/library/nginx:stable",
            "docker.io/library/nginx:alpine",
            "docker.io/library/nginx:1.7.9",
            "docker.io/library/nginx:1.9.1",
            "docker.io/library/nginx:1.11.9",
            "docker.io/library/nginx:1.14.2",
            "docker.io/library/nginx:1.15.2",
            "docker.io/library/nginx:1.16",
            "docker.io/library/nginx:1.16.1",
            "docker.io/library/nginx:1.17",
            "registry.k8s.io/nginx-slim:0.8",
            "registry.k8s.io/nginx-slim:0.21",
            "registry.k8s.io/nginx-slim:0.24",
            "registry.k8s.io/e2e-test-images/nginx:1.14-4",
        ]
    }

    fn needs_packages(&self) -> bool {
        true
    }

    fn seconds(&self) -> u32 {
        10
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        // The official image's own ids; Debian's package would take www-data.
        let chroot = |words: &str| Program::new("chroot").arg(root).words(words).run();
        chroot("/usr/sbin/groupadd --system --gid 101 nginx")?;
        chroot(
            "/usr/sbin/useradd --system --gid nginx --no-create-home --home-dir /nonexistent --shell /bin/false --uid 101 nginx",
        )?;
        debian::install(root, "nginx-light ca-certificates curl")?;
        oci::put(root, "etc/nginx/nginx.conf", MAIN, 0o644)?;
        oci::put(root, "etc/nginx/conf.d/default.conf", SITE, 0o644)?;
        oci::put(root, "docker-entrypoint.sh", ENTRYPOINT, 0o755)?;
        let failed = || ClusterError::io("making the nginx image");
        for folder in ["var/log/nginx", "var/cache/nginx"] {
            fs::create_dir_all(root.join(folder)).map_err(failed())?;
        }
        // The container's log is what it writes.
        symlink("/dev/stdout", root.join("var/log/nginx/access.log")).map_err(failed())?;
        symlink("/dev/stderr", root.join("var/log/nginx/error.log")).map_err(failed())
    }

    fn config(&self) -> oci::Config {
        oci::Config {
            entrypoint: vec!["/docker-entrypoint.sh"],
            command: vec!["nginx", "-g", "daemon off;"],
            ports: vec!["80/tcp"],
            stop_signal: Some("SIGQUIT"),
            ..oci::Config::default()
        }
    }

    fn about(&self, root: &Path) -> String {
        format!(
            "nginx {} of {}, laid out as the official image",
            debian::version(root, "nginx-light"),
            debian::title(root)
        )
    }
}
