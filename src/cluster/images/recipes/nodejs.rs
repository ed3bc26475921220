//! `nodejs`: Debian's, and the samples that are written for it.

use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{debian, oci};

pub(super) struct Nodejs;

const TAGS: Tags = Tags::words("latest current lts")
    .releases("4.0.0..9 6.0.0..17 8.0.0..17 10.0.0..24 12.0.0..22 14.0.0..21 16.0.0..20 18.0.0..20 20.0.0..20 22.0.0..22 24.0.0..13 25.0.0..6")
    .beginnings()
    .variants("lts slim alpine trixie bookworm bullseye buster stretch");

/// The first server of the tutorials.
const HELLO: &str = "const http = require('http');

const server = http.createServer((request, response) => {
  console.log('Received request for URL: ' + request.url);
  response.writeHead(200);
  response.end('Hello Kubernetes!');
});
server.listen(8080);
";

/// The server of the interactive tutorial, which tells its version and counts.
const BOOTCAMP: &str = "const http = require('http');

const version = process.env.BOOTCAMP_VERSION;
const host = process.env.HOSTNAME;
const started = new Date();
let requests = 0;

const server = http.createServer((request, response) => {
  response.setHeader('Content-Type', 'text/plain');
  response.writeHead(200);
  response.end(`Hello Kubernetes bootcamp! | Running on: ${host} | v=${version}\\n`);
  requests += 1;
  const now = new Date();
  console.log('Running On:', host, '| Total Requests:', requests,
    '| App Uptime:', (now - started) / 1000, 'seconds', '| Log Time:', now);
});
server.listen(8080, () => {
  console.log('Kubernetes Bootcamp App Started At:', started.toISOString(), '| Running On: ', host, '\\n');
});
";

impl Recipe for Nodejs {
    fn name(&self) -> &'static str {
        "nodejs"
    }

    fn version(&self) -> u32 {
        2
    }

    fn base(&self) -> Option<&'static str> {
        Some("debian")
    }

    fn repositories(&self) -> Vec<Repository> {
        let node = || oci::Config {
            command: vec!["node"],
            environment: vec!["NODE_VERSION={version}"],
            ..oci::Config::default()
        };
        let hello = || oci::Config {
            command: vec!["/bin/sh", "-c", "node server.js"],
            ports: vec!["8080/tcp"],
            folder: Some("/srv/hello"),
            ..oci::Config::default()
        };
        let bootcamp = || oci::Config {
            command: vec!["/bin/sh", "-c", "node server.js"],
            environment: vec!["BOOTCAMP_VERSION={version}", "NPM_CONFIG_LOGLEVEL=info", "NODE_VERSION=6.3.1"],
            ports: vec!["8080/tcp"],
            ..oci::Config::default()
        };
        vec![
            Repository::new("docker.io/library/node", TAGS, node()),
            Repository::new("gcr.io/google-samples/node-hello", Tags::words("1.0"), hello()),
            Repository::new("gcr.io/google-samples/kubernetes-bootcamp", Tags::words("v1"), bootcamp()),
            Repository::new("docker.io/jocatalin/kubernetes-bootcamp", Tags::words("v1 v2"), bootcamp()),
        ]
    }

    fn seconds(&self) -> u32 {
        20
    }

    fn fill(&self, root: &Path, _: &Kitchen) -> Result<(), ClusterError> {
        debian::install(root, "nodejs curl ca-certificates")?;
        oci::put(root, "srv/hello/server.js", HELLO, 0o644)?;
        oci::put(root, "server.js", BOOTCAMP, 0o644)
    }

    fn about(&self, root: &Path) -> String {
        format!("node {} of {}", debian::version(root, "nodejs"), debian::title(root))
    }
}
