//! `samples`: small servers of tutorials, as programs of ours.

use std::path::Path;

use super::{Kitchen, Recipe, Repository};
use crate::cluster::ClusterError;
use crate::cluster::images::tags::Tags;
use crate::cluster::images::{Built, oci};

pub(super) struct Samples;

/// The programs in the one, each by its name.
const NAMES: [&str; 8] = ["hello-app", "hello-go", "http-echo", "echoserver", "goproxy", "stress", "guestbook", "idle"];

/// What Google's images without a shell have.
const PASSWD: &str = "root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
";

impl Recipe for Samples {
    fn name(&self) -> &'static str {
        "samples"
    }

    fn version(&self) -> u32 {
        1
    }

    fn programs(&self) -> &'static [Built] {
        &[Built::Samples]
    }

    fn repositories(&self) -> Vec<Repository> {
        let run = |program, ports| oci::Config { command: vec![program], ports, ..oci::Config::default() };
        let hello = || oci::Config {
            environment: vec!["PORT=8080", "HELLO_VERSION={version}.0"],
            user: Some("65532:65532"),
            ..run("/hello-app", vec!["8080/tcp"])
        };
        let echo =
            || oci::Config { environment: vec!["ECHO_VERSION={version}"], ..run("/echoserver", vec!["8080/tcp"]) };
        let guestbook = || run("/guestbook", vec!["80/tcp"]);
        let entry = |entrypoint, ports| oci::Config { entrypoint, ports, ..oci::Config::default() };
        let hellos = Tags::words("1.0 2.0");
        let frontends = Tags::words("v1 v2 v3 v4 v5");
        vec![
            Repository::new("gcr.io/google-samples/hello-app", hellos, hello()),
            Repository::new("us-docker.pkg.dev/google-samples/containers/gke/hello-app", hellos, hello()),
            Repository::new(
                "gcr.io/google-samples/hello-go-gke",
                Tags::words("1.0"),
                entry(vec!["/hello-go"], vec!["80/tcp"]),
            ),
            Repository::new(
                "docker.io/hashicorp/http-echo",
                Tags::words("latest alpine").releases("0.1.0 0.2.0..3 1.0.0").beginnings(),
                entry(vec!["/http-echo"], vec!["5678/tcp"]),
            ),
            Repository::new("registry.k8s.io/echoserver", Tags::words("").releases("1.0..10"), echo()),
            Repository::new("k8s.gcr.io/echoserver", Tags::words("").releases("1.0..10"), echo()),
            Repository::new("gcr.io/google_containers/echoserver", Tags::words("").releases("1.0..10"), echo()),
            Repository::new("registry.k8s.io/e2e-test-images/echoserver", Tags::words("").releases("2.2..5"), echo()),
            Repository::new("registry.k8s.io/goproxy", Tags::words("0.1"), entry(vec!["/goproxy"], vec!["8080/tcp"])),
            Repository::new("k8s.gcr.io/goproxy", Tags::words("0.1"), entry(vec!["/goproxy"], vec!["8080/tcp"])),
            Repository::new(
                "docker.io/vish/stress",
                Tags::words("latest"),
                entry(vec!["/stress", "-logtostderr"], vec![]),
            ),
            Repository::new("us-docker.pkg.dev/google-samples/containers/gke/gb-frontend", frontends, guestbook()),
            Repository::new("gcr.io/google_samples/gb-frontend", frontends, guestbook()),
            Repository::new("gcr.io/google-samples/gb-frontend", frontends, guestbook()),
        ]
    }

    fn needs_packages(&self) -> bool {
        false
    }

    fn seconds(&self) -> u32 {
        1
    }

    fn fill(&self, root: &Path, kitchen: &Kitchen) -> Result<(), ClusterError> {
        kitchen.put_program(Built::Samples, root, "samples")?;
        for name in NAMES {
            std::os::unix::fs::symlink("samples", root.join(name)).map_err(ClusterError::io("making the samples"))?;
        }
        oci::put(root, "etc/passwd", PASSWD, 0o644)?;
        oci::put(root, "etc/group", "root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n", 0o644)
    }

    fn about(&self, _: &Path) -> String {
        "a program of docbuild's own that answers as the sample does".to_owned()
    }
}
