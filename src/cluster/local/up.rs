//! Bringing a cluster up, and giving it back the state it had when it was empty.

use std::collections::BTreeMap;
use std::fs;
use std::net::UdpSocket;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use serde_json::json;

use super::host::{self, MachineLock};
use super::names::{self, Network, Owner};
use super::outside::Outside;
use super::parts::Programs;
use super::settings::{Settings, resolv_conf};
use super::supervisor::plan::{Request, Status};
use super::{DEFAULT, ImageSource, Local, certificates, lock, machine};
use crate::cluster::api::{Connection, Deadline};
use crate::cluster::program::{find, last_lines};
use crate::cluster::{ClusterError, Handle, Progress, cache, images};

/// How long each thing may take that is waited for.
const LIMIT: Duration = Duration::from_secs(120);
/// How long a cluster that came up before may take to show that it is well.
const WELL: Duration = Duration::from_secs(10);
/// The variable that every process of a cluster has, with the state folder as its value.
pub(super) const MARK: &str = "DOCBUILD_INIT";

impl Local {
    /// Brings the cluster up if it is not, and waits until a Pod could run.
    pub(super) async fn bring_up(&self, progress: &dyn Progress) -> Result<Handle, ClusterError> {
        let _lock = lock(&self.folders.lock(), progress)?;
        if self.status().ready {
            if self.is_well().await {
                self.mend_network()?;
                return self.handle().await;
            }
            progress.step("the cluster is up but does not answer: starting it anew");
        }
        // Remains of a cluster that was killed, or whose `up` was.
        self.remove_remains()?;
        if let Some(error) = self.why_not() {
            return Err(error);
        }
        // A wrong word is said now, not after minutes of building.
        ImageSource::from_environment()?;
        cache::make_private(&self.folders.state)?;
        let programs = self.build(progress)?;
        let real_images = self.provide_images(progress)?;
        progress.step("starting Kubernetes");
        let started = self.start_and_wait(&programs, real_images, progress).await;
        if started.is_err() {
            // What does not come up does not stay either; its logs do, until the next `up` or `down`.
            self.end_processes()?;
            host::leave(&Owner::of(&self.folders.state))?;
        }
        started
    }

    async fn start_and_wait(
        &self,
        programs: &Programs,
        real_images: bool,
        progress: &dyn Progress,
    ) -> Result<Handle, ClusterError> {
        self.start(programs, real_images)?;
        self.wait_until_usable(progress).await?;
        self.request(Request::Keep, LIMIT).await?;
        cache::write_private(&self.folders.ready(), "")?;
        self.handle().await
    }

    /// Resets the cluster to what it was when it came up.
    pub(super) async fn go_back(&self, progress: &dyn Progress) -> Result<(), ClusterError> {
        let _lock = lock(&self.folders.lock(), progress)?;
        if !self.status().ready {
            return Err(self.not_up());
        }
        progress.step("resetting the cluster");
        self.request(Request::Reset, LIMIT).await?;
        self.wait_until_usable(progress).await.map(drop)
    }

    /// Whether a cluster that came up is still whole: no component given up, the node Ready.
    async fn is_well(&self) -> bool {
        let Ok(connection) = Connection::open(&self.folders.kubeconfig("admin")).await else { return false };
        // What was written down may be older than the end of a component.
        if self.request(Request::Look, WELL).await.is_err() {
            return false;
        }
        let deadline = Deadline::new("cluster well", WELL);
        loop {
            if self.check().is_err() {
                return false;
            }
            if self.all_run() && connection.is_ready().await && connection.node_is_ready(names::NODE).await {
                return true;
            }
            if deadline.pause().await.is_err() {
                return false;
            }
        }
    }

    /// Other programs change the machine's network too: a firewall that is loaded again flushes rules.
    fn mend_network(&self) -> Result<(), ClusterError> {
        let node = fs::read_to_string(self.folders.state.join("node")).unwrap_or_default();
        match node.trim().parse().ok().and_then(Network::of_node) {
            Some(network) => {
                let outside = Outside::look(&machine_resolv_conf(), self.has_real_images())?;
                host::mend(&Owner::of(&self.folders.state), network, &outside)
            }
            None => Ok(()),
        }
    }

    async fn handle(&self) -> Result<Handle, ClusterError> {
        let kubeconfig = self.folders.kubeconfig("admin");
        let server_version = Connection::open(&kubeconfig).await?.version().await?;
        Ok(Handle {
            provider: "local",
            kubeconfig,
            context: self.context(),
            server_version,
            path: self.parts().programs().tools,
            stand_ins: BTreeMap::new(),
            missing_images: BTreeMap::new(),
            resettable: true,
            network: self.init_pid().map(|pid| format!("/proc/{pid}/ns/net").into()),
        })
    }

    /// Builds what is not built. Clusters of other names would build the same in the same place.
    fn build(&self, progress: &dyn Progress) -> Result<Programs, ClusterError> {
        let parts = self.parts();
        let file = self.folders.shared().join("bin.lock");
        let _lock = (!parts.to_build().is_empty()).then(|| lock(&file, progress)).transpose()?;
        parts.make(progress)
    }

    /// Makes the images that are to be served; returns whether real ones are used.
    fn provide_images(&self, progress: &dyn Progress) -> Result<bool, ClusterError> {
        let real = match ImageSource::from_environment()? {
            ImageSource::Registries => true,
            ImageSource::StandIns => false,
            ImageSource::Auto => registries_answer(),
        };
        let default = DEFAULT.map(str::to_owned);
        if real {
            self.make_images(&["pause".to_owned()], progress)?;
        } else if self.images_store().lack_debootstrap(&default) {
            progress.step("no stand-in images: debootstrap is not installed (apt-get install debootstrap)");
            self.make_images(&["pause".to_owned()], progress)?;
        } else {
            self.make_images(&default, progress)?;
        }
        Ok(real)
    }

    /// Starts PID 1 with its plan, and links it to the machine.
    fn start(&self, programs: &Programs, real_images: bool) -> Result<(), ClusterError> {
        let owner = Owner::of(&self.folders.state);
        let failed = || ClusterError::io("starting the cluster");
        let machine_lock = MachineLock::take()?;
        let network = host::free_network(&machine_lock)?;
        certificates::make(&self.folders, network.node(), &self.context())?;
        cache::write_private(&self.folders.state.join("node"), network.node().to_string())?;
        let resolv_conf = machine_resolv_conf();
        let outside = Outside::look(&resolv_conf, real_images)?;
        let settings = Settings {
            folders: &self.folders,
            programs,
            network,
            owner: &owner,
            resolv_conf,
            outside: &outside,
            real_images,
            pause_image: images::PAUSE,
        };
        self.write_settings(&settings, real_images)?;
        machine::make_cgroups(&owner.cgroup()).map_err(ClusterError::io("making cgroups"))?;
        self.spawn_init().map_err(failed())?;
        let end = Instant::now() + Duration::from_secs(10);
        let init = loop {
            match self.init_pid() {
                Some(pid) => break pid,
                None if Instant::now() > end => return Err(self.component_error("supervisor")),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        host::join(&machine_lock, &owner, network, &outside, init)
    }

    fn write_settings(&self, settings: &Settings<'_>, real_images: bool) -> Result<(), ClusterError> {
        for (name, text) in settings.files() {
            let file = self.folders.settings(name);
            cache::make_private(file.parent().unwrap_or(&self.folders.state))?;
            cache::write_private(&file, text)?;
        }
        cache::write_private(&self.folders.settings("images"), if real_images { "registries" } else { "stand-ins" })?;
        cache::make_private(&self.folders.state.join("log"))?;
        let docbuild = self.folders.state.join("docbuild");
        let plan = serde_json::to_vec_pretty(&settings.plan(&docbuild)).map_err(ClusterError::api)?;
        cache::write_private(&self.folders.plan(), plan)?;
        let pipe = self.folders.requests();
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
            .map_err(|error| ClusterError::io(format!("making {}", pipe.display()))(error.into()))
    }

    /// Starts PID 1 from a copy of this program: a new docbuild may take its place while it runs.
    fn spawn_init(&self) -> std::io::Result<()> {
        let docbuild = self.folders.state.join("docbuild");
        fs::copy(std::env::current_exe()?, &docbuild)?;
        let log = fs::File::create(self.folders.log("supervisor"))?;
        let unshare = find("unshare").unwrap_or_else(|| "unshare".into());
        let mut command = Command::new(unshare);
        command.args(["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--propagation", "private", "--"]);
        command.arg(&docbuild).args(["cluster", "supervise"]).arg(&self.folders.state);
        command.env_clear().envs(kept_environment()).env(MARK, &self.folders.state).current_dir("/");
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        // Not in the terminal's foreground group: Ctrl-C ends `up`, not a cluster that came up.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        // It is not waited for: it outlives us.
        command.spawn().map(drop)
    }

    /// Waits step by step until a Pod could run. A component that gives up ends the wait.
    async fn wait_until_usable(&self, progress: &dyn Progress) -> Result<Connection, ClusterError> {
        let connection = Connection::open(&self.folders.kubeconfig("admin")).await?;
        let node = fs::read_to_string(self.folders.state.join("node")).unwrap_or_default();
        progress.fraction(0.1, "waiting for the API server");
        let deadline = Deadline::new("API server ready", LIMIT);
        while !connection.is_ready().await {
            self.pause(&deadline).await?;
        }
        progress.fraction(0.6, "waiting for the node");
        let deadline = Deadline::new("cluster DNS made known", LIMIT);
        while apply_dns(&connection, &node).await.is_err() {
            self.pause(&deadline).await?;
        }
        let deadline = Deadline::new("node Ready", LIMIT);
        while !connection.node_is_ready(names::NODE).await {
            self.pause(&deadline).await?;
        }
        progress.fraction(0.8, "waiting for the default service account");
        let deadline = Deadline::new("default service account", LIMIT);
        while !connection.takes_pods("default").await {
            self.pause(&deadline).await?;
        }
        progress.fraction(0.9, "waiting for DNS");
        let deadline = Deadline::new("cluster DNS answering", LIMIT);
        while !dns_answers(&node) {
            self.pause(&deadline).await?;
        }
        progress.fraction(1.0, "ready");
        Ok(connection)
    }

    /// A pause of a wait, which ends where the cluster can't come up any more.
    async fn pause(&self, deadline: &Deadline) -> Result<(), ClusterError> {
        self.check()?;
        deadline.pause().await
    }

    /// Whether every component runs at this moment.
    fn all_run(&self) -> bool {
        self.told().is_some_and(|status| status.components.iter().all(|one| one.pid.is_some()))
    }

    /// An error if the cluster can't come up any more: PID 1 is gone, or a component gave up.
    fn check(&self) -> Result<(), ClusterError> {
        let status = self.told();
        if let Some(failed) = status.as_ref().and_then(|status| status.failed.clone()) {
            return Err(ClusterError::Api(failed));
        }
        if self.init_pid().is_none() {
            return Err(self.component_error("supervisor"));
        }
        match status.as_ref().and_then(Status::gave_up) {
            Some(component) => Err(self.component_error(component)),
            None => Ok(()),
        }
    }

    fn told(&self) -> Option<Status> {
        serde_json::from_slice(&fs::read(self.folders.status()).ok()?).ok()
    }

    fn component_error(&self, component: &str) -> ClusterError {
        let file = self.folders.log(component);
        let mut log = last_lines(&fs::read_to_string(&file).unwrap_or_default(), 6);
        log.push(format!("all of it: {}", file.display()));
        ClusterError::Component { component: component.to_owned(), log }
    }

    /// Asks PID 1 for something and waits until it is done.
    async fn request(&self, request: Request, limit: Duration) -> Result<(), ClusterError> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        let pipe = self.folders.requests();
        let failed = || ClusterError::io(format!("asking through {}", pipe.display()));
        let number = u64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or_default();
        // Without waiting for a reader: where there is none the cluster is not up.
        let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
        let open = || fs::OpenOptions::new().write(true).custom_flags(flags).open(&pipe);
        // PID 1 opens its end once its world is made.
        let deadline = Deadline::new("supervisor listening", limit);
        while open().is_err() {
            deadline.pause().await?;
        }
        open().and_then(|mut pipe| pipe.write_all(request.line(number).as_bytes())).map_err(failed())?;
        let deadline = Deadline::new("supervisor done", limit);
        loop {
            match self.told().and_then(|status| status.done).filter(|(done, _)| *done == number) {
                Some((_, Some(error))) => return Err(ClusterError::Api(error)),
                Some((_, None)) => return Ok(()),
                None if self.init_pid().is_none() => return Err(self.component_error("supervisor")),
                None => deadline.pause().await?,
            }
        }
    }
}

/// What the cluster's environment has of ours: where programs are, and how to reach registries.
fn kept_environment() -> impl Iterator<Item = (String, String)> {
    let kept = |name: &str| matches!(name, "PATH" | "HOME" | "TZ") || name.to_ascii_lowercase().ends_with("_proxy");
    std::env::vars().filter(move |(name, _)| kept(name))
}

fn machine_resolv_conf() -> String {
    let read = |path: &str| fs::read_to_string(path).ok();
    resolv_conf(&read("/etc/resolv.conf").unwrap_or_default(), read("/run/systemd/resolve/resolv.conf").as_deref())
}

/// Whether images can be had from where their names say. It is asked once a start, and not for long.
fn registries_answer() -> bool {
    use std::net::{TcpStream, ToSocketAddrs as _};
    let limit = Duration::from_secs(2);
    let (sender, receiver) = std::sync::mpsc::channel();
    // A thread, as looking up a name can't be told to give up.
    std::thread::spawn(move || {
        let addresses = ("registry-1.docker.io", 443).to_socket_addrs();
        let answers = addresses.is_ok_and(|mut all| all.any(|one| TcpStream::connect_timeout(&one, limit).is_ok()));
        // Nobody listens any more if it took too long.
        let _ = sender.send(answers);
    });
    receiver.recv_timeout(limit * 2).unwrap_or(false)
}

/// Makes the cluster's DNS known under the address that every Pod has in its `resolv.conf`.
async fn apply_dns(connection: &Connection, node: &str) -> Result<(), ClusterError> {
    let ports =
        json!([{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"}]);
    let service = json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "kube-dns", "namespace": "kube-system", "labels": {"k8s-app": "kube-dns", "kubernetes.io/name": "CoreDNS"}},
        "spec": {"clusterIP": names::DNS_SERVICE, "ports": ports},
    });
    connection.apply::<Service>("kube-system", &service).await?;
    let slice = json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "metadata": {"name": "kube-dns-node", "namespace": "kube-system", "labels": {"kubernetes.io/service-name": "kube-dns"}},
        "addressType": "IPv4", "endpoints": [{"addresses": [node]}], "ports": ports,
    });
    connection.apply::<EndpointSlice>("kube-system", &slice).await
}

/// Asks the cluster's DNS for the API server's Service.
fn dns_answers(node: &str) -> bool {
    let ask = || {
        let socket = UdpSocket::bind(("0.0.0.0", 0))?;
        socket.set_read_timeout(Some(Duration::from_millis(300)))?;
        socket.send_to(&dns_question("kubernetes.default.svc.cluster.local"), (node, 53))?;
        let mut answer = [0; 512];
        let length = socket.recv(&mut answer)?;
        Ok::<bool, std::io::Error>(length > 12 && answer[3] & 0x0f == 0 && answer[6..8] != [0, 0])
    };
    ask().unwrap_or(false)
}

/// A question for an address (RFC 1035, section 4.1).
fn dns_question(name: &str) -> Vec<u8> {
    // Id 1, recursion desired, one question.
    let mut message = vec![0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        message.push(u8::try_from(label.len()).unwrap_or_default());
        message.extend_from_slice(label.as_bytes());
    }
    // The root, type A, class IN.
    message.extend_from_slice(&[0, 0, 1, 0, 1]);
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dns_question_is_as_the_rfc_says() {
        let question = dns_question("a.bc");
        assert_eq!(question[..12], [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(question[12..], [1, b'a', 2, b'b', b'c', 0, 0, 1, 0, 1]);
    }
}
