//! `nginx`: Debian's, with the official image's user, paths, configuration and way to start.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci};

pub(super) struct Nginx;

const TAGS: Tags = Tags::words("latest")
    .releases(
        "1.7.1..12 1.8.0..1 1.9.0..15 1.10.0..3 1.11.0..13 1.12.0..2 1.13.0..12 1.14.0..2 1.15.0..12 1.16.0..1 1.17.0..10 \
         1.18.0 1.19.0..10 1.20.0..2 1.21.0..6 1.22.0..1 1.23.0..4 1.24.0 1.25.0..5 1.26.0..3 1.27.0..5 1.28.0..3 1.29.0..8",
    )
    .beginnings()
    .variants("stable mainline alpine slim perl otel trixie bookworm bullseye buster stretch");
const SLIM: Tags = Tags::words("").releases("0.1..9 0.11 0.12 0.13 0.14 0.20..27");
const TESTS: Tags = Tags::words("").releases("1.14-0 1.14-1 1.14-2 1.14-4 1.15-0 1.15-1 1.15-2 1.15-4");

const MAIN: &str = "
user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;


events {
    worker_connections  1024;
}


http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    access_log  /var/log/nginx/access.log  combined;

    sendfile           on;
    keepalive_timeout  65;

    include /etc/nginx/conf.d/*.conf;
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

/// The frontend of the tutorial that connects one with a backend called `hello`. The name is looked up
/// when nginx starts, as it is there: a frontend without its backend does not come up.
const FRONTEND: &str = "events {
}

http {
    upstream Backend {
        server hello;
    }
    server {
        listen 80;
        location / {
            proxy_pass http://Backend;
        }
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
        3
    }

    fn base(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn repositories(&self) -> Vec<Repository> {
        let official = || oci::Config {
            entrypoint: vec!["/docker-entrypoint.sh"],
            command: vec!["nginx", "-g", "daemon off;"],
            environment: vec!["NGINX_VERSION={version}"],
            ports: vec!["80/tcp"],
            stop_signal: Some("SIGQUIT"),
            ..oci::Config::default()
        };
        let plain = || oci::Config {
            command: vec!["nginx", "-g", "daemon off;"],
            ports: vec!["80/tcp"],
            ..oci::Config::default()
        };
        vec![
            Repository::new("docker.io/library/nginx", TAGS, official()),
            Repository::new("docker.io/nginxinc/nginx-unprivileged", TAGS, official()),
            Repository::new("registry.k8s.io/nginx", Tags::words("latest").releases("1.7.9"), official()),
            Repository::new("registry.k8s.io/nginx-slim", SLIM, plain()),
            Repository::new("k8s.gcr.io/nginx-slim", SLIM, plain()),
            Repository::new("gcr.io/google_containers/nginx-slim", SLIM, plain()),
            Repository::new("registry.k8s.io/e2e-test-images/nginx", TESTS, official()),
            Repository::new(
                "docker.io/bprashanth/nginxhttps",
                Tags::words("1.0"),
                oci::Config { ports: vec!["80/tcp", "443/tcp"], ..plain() },
            ),
            Repository::new(
                "gcr.io/google-samples/hello-frontend",
                Tags::words("1.0"),
                oci::Config {
                    command: vec!["nginx", "-c", "/etc/nginx/frontend.conf", "-g", "daemon off;"],
                    ..plain()
                },
            )
            .about("a server that hands on to `hello`"),
        ]
    }

    fn seconds(&self) -> u32 {
        10
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        debian::add_user(root, "nginx", 101)?;
        debian::install(root, "nginx-light ca-certificates curl")?;
        oci::put(root, "etc/nginx/nginx.conf", MAIN, 0o644)?;
        oci::put(root, "etc/nginx/conf.d/default.conf", SITE, 0o644)?;
        oci::put(root, "etc/nginx/frontend.conf", FRONTEND, 0o644)?;
        oci::put(root, "docker-entrypoint.sh", ENTRYPOINT, 0o755)?;
        let failed = || ClusterError::io("making the nginx image");
        for folder in ["var/log/nginx", "var/cache/nginx"] {
            fs::create_dir_all(root.join(folder)).map_err(failed())?;
        }
        // The container's log is what it writes.
        symlink("/dev/stdout", root.join("var/log/nginx/access.log")).map_err(failed())?;
        symlink("/dev/stderr", root.join("var/log/nginx/error.log")).map_err(failed())
    }

    fn about(&self, root: &Path) -> String {
        format!(
            "nginx {} of {}, laid out as the official image",
            debian::version(root, "nginx-light"),
            debian::title(root)
        )
    }
}
