//! Pages verified on a real cluster: what the recordings of other tests only repeat.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use docbuild::verify::model::{FindingClass, PageReport, Report, Role, Verdict};

use crate::cluster::machine::Machine;
use crate::cluster::{Cluster, cluster};
use crate::support::{Ran, SiteTest, shared};
use crate::verify_seed::{PAGE, report, seed, site, worked};

/// Runs `docbuild verify --cluster local` with the cluster's own cache, where its cluster is `default`.
fn verify(site: &SiteTest, cluster: &Cluster, arguments: &str) -> Ran {
    let mut command = site.command();
    command.args(["verify", "--cluster", "local"]).args(arguments.split_whitespace());
    at_home(&mut command, site, cluster);
    site.finish(command)
}

/// The cluster's own cache, and a place for temporary files that no other test writes to.
fn at_home(command: &mut Command, site: &SiteTest, cluster: &Cluster) {
    let temporary = site.root().join("tmp");
    std::fs::create_dir_all(&temporary).unwrap();
    command.env("TMPDIR", temporary).env("DOCBUILD_CACHE", &cluster.cache).env("DOCBUILD_IMAGES", "stand-ins");
}

/// A file of the corpus, from its archive.
fn from_archive(archive: &PathBuf, path: &str) -> Vec<u8> {
    let member = format!("./{path}");
    let output = Command::new("tar").arg("-xJOf").arg(archive).arg(&member).output().unwrap();
    assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The documented token and class of all that is no addition: the same in each language.
fn differences(page: &PageReport) -> BTreeSet<(String, String)> {
    let findings = page.blocks.iter().flat_map(|block| &block.findings);
    findings
        .filter(|finding| finding.class != FindingClass::Additive)
        .map(|finding| (format!("{:?}", finding.class), finding.documented.clone()))
        .collect()
}

/// Folders of pages that are left in the place for temporary files.
fn page_folders(site: &SiteTest) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(site.root().join("tmp")).unwrap();
    let paths = entries.flatten().map(|entry| entry.path());
    paths.filter(|path| path.to_string_lossy().contains("docbuild-verify-")).collect()
}

#[test]
fn the_seed_page_and_its_original_share_one_run_on_a_real_cluster() {
    let Some(seed) = seed() else { return };
    let Some(archive) = shared("corpus/kubernetes-site.tar.xz") else { return };
    let Some((cluster, _guard)) = cluster("default") else { return };
    let site = site(&seed);
    site.write(&format!("content/en/{PAGE}"), from_archive(&archive, &format!("content/en/{PAGE}")));
    let before = Machine::look();

    let pages = format!("content/ja/{PAGE} content/en/{PAGE}");
    let ran = verify(&site, &cluster, &format!("--report text --report json=report.json --record run.json {pages}"));
    let ran = ran.code(1);
    let live = report(&site.read("report.json"));
    assert_eq!(live.source, "run");
    assert!(live.cluster.as_ref().is_some_and(|cluster| cluster.provider == "local"));
    worked(&live, &format!("content/ja/{PAGE}"));
    for line in [63, 65, 68, 74] {
        assert!(ran.stdout.contains(&format!("content/ja/{PAGE}:{line}: ")), "line {line} is not in\n{}", ran.stdout);
    }
    one_run(&live);

    // The same comparison without the cluster: a recording holds all that decides.
    let replayed = site.run(&format!("verify --replay run.json --report json=replayed.json {pages}")).code(1);
    assert!(replayed.stderr.contains("nothing is run"), "{}", replayed.stderr);
    let replayed = report(&site.read("replayed.json"));
    assert_eq!(replayed.source, "recording");
    assert_eq!(replayed.pages, live.pages);

    cluster.run("down");
    assert_eq!(page_folders(&site), BTreeSet::new(), "a page's folders go with it");
    before.assert_same_as(&Machine::look());
}

/// Both pages show what one run printed, and differ from it in the same tokens.
#[track_caller]
fn one_run(report: &Report) {
    let [ja, en] = &report.pages[..] else { panic!("two pages were named") };
    assert_eq!(ja.shares_run_of.as_deref(), Some(en.path.as_str()));
    let commands = |page: &PageReport| {
        let commands = page.blocks.iter().filter(|block| block.role != Role::Output).flat_map(|block| &block.commands);
        commands.map(|command| (command.text.clone(), command.stdout.clone(), command.ms)).collect::<Vec<_>>()
    };
    assert_eq!(commands(ja), commands(en), "times and generated names are those of one run");
    assert_eq!(en.verdict, Some(Verdict::Drift));
    assert_eq!(differences(ja), differences(en), "a translation has its original's differences");
}

/// A site with pages that each need a clean cluster: the second run of one would find the first one's object.
fn pages_that_want_it_empty() -> SiteTest {
    let page = |name: &str, value: &str| {
        format!(
            "---\ntitle: Page\n---\n\nRun it:\n\n```shell\nkubectl create configmap {name} --from-literal=a={value}\n```\n\n\
             Look at it:\n\n```shell\nkubectl get configmap --no-headers -o name\n```\n\nThe output is:\n\n\
             ```\nconfigmap/kube-root-ca.crt\nconfigmap/{name}\n```\n"
        )
    };
    SiteTest::small()
        .file("content/en/one.md", page("made", "b"))
        .file("content/en/two.md", page("made", "c"))
        .file("content/en/three.md", page("make", "d"))
}

#[test]
fn pages_run_side_by_side_on_clusters_that_go_with_the_run() {
    let Some((cluster, _guard)) = cluster("default") else { return };
    let site = pages_that_want_it_empty();
    let before = Machine::look();
    let ran = verify(&site, &cluster, "--jobs 2 --report json=report.json").code(0);
    let live = report(&site.read("report.json"));
    assert_eq!(live.summary.pass, 9, "{}", ran.stderr);
    let local = cluster.cache.join("cluster/local");
    assert!(!local.join("verify-2").exists(), "the second cluster is left");
    cluster.run("down");
    before.assert_same_as(&Machine::look());
}

#[test]
fn a_run_that_is_killed_ten_times_is_followed_by_a_clean_one() {
    let Some((cluster, _guard)) = cluster("default") else { return };
    let site = pages_that_want_it_empty();
    let before = Machine::look();
    for moment in 0..10u64 {
        let mut command = site.command();
        command.args(["verify", "--cluster", "local", "--jobs", "2"]);
        at_home(&mut command, &site, &cluster);
        let quiet = std::process::Stdio::null;
        let mut child = command.stdout(quiet()).stderr(quiet()).spawn().unwrap();
        // From before the cluster is up to the middle of a page.
        std::thread::sleep(std::time::Duration::from_millis(150 + moment * moment * 170));
        let _ = child.kill();
        child.wait().unwrap();
    }
    let ran = verify(&site, &cluster, "--report json=report.json").code(0);
    assert_eq!(report(&site.read("report.json")).summary.pass, 9, "{}", ran.stderr);
    assert!(!cluster.cache.join("cluster/local/verify-2").exists(), "a cluster of a run that was killed is left");
    assert_eq!(page_folders(&site), BTreeSet::new(), "folders of pages are left");
    cluster.run("down");
    before.assert_same_as(&Machine::look());
}

/// A machine beside this one: a network namespace behind a link, with one listener. It goes with the value.
struct Neighbour {
    process: std::process::Child,
    listener: std::net::TcpListener,
}

impl Neighbour {
    const ADDRESS: &str = "172.30.77.2";

    fn start() -> Self {
        let mut process = Command::new("unshare").args(["--net", "sleep", "600"]).spawn().unwrap();
        let namespace = format!("/proc/{}/ns/net", process.id());
        let here = std::fs::read_link("/proc/self/ns/net").unwrap();
        while std::fs::read_link(&namespace).unwrap() == here {
            assert!(process.try_wait().unwrap().is_none(), "no network namespace");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let ip = |words: String| {
            assert!(Command::new("sh").arg("-c").arg(&words).status().unwrap().success(), "{words}");
        };
        let pid = process.id();
        ip(format!("ip link add docbuild-near type veth peer name eth0 netns {pid}"));
        ip("ip addr add 172.30.77.1/30 dev docbuild-near && ip link set docbuild-near up".into());
        ip(format!(
            "nsenter --net={namespace} sh -c 'ip addr add {}/30 dev eth0 && ip link set eth0 up'",
            Self::ADDRESS
        ));
        // A socket stays in the namespace that it was made in.
        let listen = std::thread::spawn(move || {
            let namespace = std::fs::File::open(namespace).unwrap();
            let kind = rustix::thread::LinkNameSpaceType::Network;
            rustix::thread::move_into_link_name_space(std::os::fd::AsFd::as_fd(&namespace), Some(kind)).unwrap();
            std::net::TcpListener::bind("0.0.0.0:0").unwrap()
        });
        Self { process, listener: listen.join().unwrap() }
    }

    fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = Command::new("ip").args(["link", "del", "docbuild-near"]).status();
    }
}

#[test]
fn what_a_page_starts_reaches_the_cluster_and_nothing_near() {
    let Some((cluster, _guard)) = cluster("default") else { return };
    let before = Machine::look();
    let neighbour = Neighbour::start();
    let machine = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    let limit = std::time::Duration::from_secs(5);
    let address =
        std::net::SocketAddr::from((Neighbour::ADDRESS.parse::<std::net::IpAddr>().unwrap(), neighbour.port()));
    std::net::TcpStream::connect_timeout(&address, limit).unwrap();
    neighbour.listener.accept().unwrap();
    // The API server shows that a connection can be told from none. The machine has two addresses for a Pod.
    let port = machine.local_addr().unwrap().port();
    let hosts = format!("10.96.0.1:443 10.201.0.1:{port} 172.30.77.1:{port} {address}");
    let script =
        format!("for at in {hosts}; do nc -w 2 ${{at%:*}} ${{at#*:}} </dev/null && echo reached $at; done; echo over");
    let pod = |name: &str, more: &str| {
        format!(
            "Run it:\n\n```bash\nkubectl run {name} --image=busybox --restart=Never {more} -- sh -c '{script}'\n\
             kubectl wait --for=jsonpath='{{.status.phase}}'=Succeeded pod/{name} --timeout=60s\nkubectl logs {name}\n```\n\n\
             The output is:\n\n```\nreached 10.96.0.1:443\nover\n```\n\n"
        )
    };
    // So do the page's own commands.
    let services = "Run it:\n\n```bash\ncurl -sk -o /dev/null https://10.96.0.1/version\n\
                    kubectl create deployment web --image=nginx --port=80 && kubectl expose deployment web\n\
                    kubectl rollout status deployment/web\n\
                    curl -s -o /dev/null http://$(kubectl get service web -o jsonpath={.spec.clusterIP})\n```\n\n";
    let on_the_node = pod("two", "--overrides='{\"spec\": {\"hostNetwork\": true}}'");
    let site = SiteTest::small()
        .file("content/en/page.md", format!("---\ntitle: Page\n---\n\n{}{on_the_node}{services}", pod("one", "")));
    let ran = verify(&site, &cluster, "--report text --report json=report.json").code(0);
    assert_eq!(report(&site.read("report.json")).summary.pass, 12, "{}", ran.stdout);
    for listener in [&machine, &neighbour.listener] {
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "a Pod has reached {listener:?}");
    }
    cluster.run("down");
    drop(neighbour);
    before.assert_same_as(&Machine::look());
}

#[test]
fn a_hostile_page_harms_nothing_outside_of_its_cluster() {
    let Some((cluster, _guard)) = cluster("default") else { return };
    let host = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let volume = format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: writer\nspec:\n  restartPolicy: Never\n  containers:\n  - name: c\n    \
         image: busybox\n    command: [sh, -c, 'echo x > /host/written; ls /host']\n    volumeMounts:\n    - {{name: v, mountPath: /host}}\n  \
         volumes:\n  - name: v\n    hostPath: {{path: {}}}\n",
        host.path().display()
    );
    let block = |command: &str| format!("Run it:\n\n```bash\n{command}\n```\n\n");
    let text: String = [
        block("kubectl delete namespaces --all --wait=false"),
        block("kubectl delete nodes --all"),
        block("kubectl config set-cluster docbuild --server=https://192.0.2.1; kubectl config use-context other; true"),
        block(&format!("for i in 1 2 254; do timeout 1 bash -c \"echo x > /dev/tcp/10.201.0.$i/{port}\"; done; true")),
        block(&format!("curl -sS --max-time 2 http://172.30.77.2:{port}/")),
    ]
    .concat();
    let site = SiteTest::small()
        .file(
            "content/en/host.md",
            format!(
                "---\ntitle: Page\n---\n\n{}",
                block(&format!("cat <<EOF | kubectl apply -f -\n{volume}EOF"))
                    + &block("kubectl wait --for=jsonpath='{.status.phase}'=Succeeded pod/writer --timeout=60s")
            ),
        )
        .file("content/en/page.md", format!("---\ntitle: Page\n---\n\n{text}"))
        .file(
            "content/en/zzz.md",
            format!("---\ntitle: Page\n---\n\n{}", block("kubectl get namespace default kube-system")),
        );
    let before = Machine::look();
    verify(&site, &cluster, "--timeout 20s --report json=report.json");
    let live = report(&site.read("report.json"));
    let page = |path: &str| live.pages.iter().find(|page| page.path.ends_with(path)).unwrap();
    assert!(page("page.md").blocks.iter().all(|block| block.verdict.is_some()), "each command has a verdict");
    assert_eq!(page("page.md").blocks[4].verdict, Some(Verdict::Fail), "another machine can't be reached");
    assert_eq!(page("host.md").verdict, Some(Verdict::Pass), "{:?}", page("host.md"));
    assert_eq!(page("zzz.md").verdict, Some(Verdict::Pass), "the next page finds a whole cluster");
    assert!(listener.accept().is_err(), "a page has reached the machine");
    assert_eq!(std::fs::read_dir(host.path()).unwrap().count(), 0, "a volume was written on the machine");
    cluster.run("down");
    before.assert_same_as(&Machine::look());
}
