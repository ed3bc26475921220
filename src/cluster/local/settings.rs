//! The configuration of each program: text out, nothing read. What decides whether it works is said
//! where it stands.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use super::folders::Folders;
use super::names::{self, Network, Owner};
use super::outside::Outside;
use super::parts::Programs;
use super::registry;
use super::supervisor::plan::{Component, Condition, Link, Plan};

/// The container runtime's socket inside of the cluster.
pub(super) const SOCKET: &str = "/run/containerd/containerd.sock";
/// The kubelet's folder for volume plugins: its default would be made below `/usr`.
const VOLUME_PLUGINS: &str = "/var/lib/kubelet/volume-plugins";

/// All that the texts are made from.
pub(super) struct Settings<'a> {
    pub(super) folders: &'a Folders,
    pub(super) programs: &'a Programs,
    pub(super) network: Network,
    pub(super) owner: &'a Owner,
    /// The text of `resolv.conf` for Pods and for the cluster's DNS.
    pub(super) resolv_conf: String,
    /// What may be reached beyond the cluster.
    pub(super) outside: &'a Outside,
    /// Whether images that the registry lacks are asked for where their names say.
    pub(super) real_images: bool,
    /// The image of a sandbox's first process.
    pub(super) pause_image: &'a str,
}

impl Settings<'_> {
    /// The files to write, relative to the folder for settings.
    pub(super) fn files(&self) -> Vec<(&'static str, String)> {
        vec![
            ("containerd.toml", self.containerd()),
            ("hosts/_default/hosts.toml", self.hosts()),
            ("cni/10-docbuild.conflist", self.cni()),
            ("kubelet.yaml", self.kubelet()),
            ("proxy.yaml", self.proxy()),
            ("Corefile", self.corefile()),
            ("resolv.conf", self.resolv_conf.clone()),
        ]
    }

    fn file(&self, name: &str) -> String {
        self.folders.settings(name).display().to_string()
    }

    fn containerd(&self) -> String {
        // Without CAP_SYS_RESOURCE runc could not lower an OOM score, and no container would start.
        let plugins = self.programs.cni.display();
        let runc = self.programs.runc.display();
        let (settings, hosts, pause) = (self.file("cni"), self.file("hosts"), self.pause_image);
        format!(
            r#"version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "{SOCKET}"
[plugins."io.containerd.nri.v1.nri"]
  disable = true
[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd/opt"
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "{pause}"
  [plugins."io.containerd.cri.v1.images".registry]
    config_path = "{hosts}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["{plugins}"]
    conf_dir = "{settings}"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      SystemdCgroup = false
      BinaryName = "{runc}"
      Root = "/run/containerd/runc"
"#
        )
    }

    /// The registry is asked first. With `server` it is also asked last: nobody else is.
    fn hosts(&self) -> String {
        let registry = format!("http://{}", registry::ADDRESS);
        let server = if self.real_images { String::new() } else { format!("server = \"{registry}\"\n") };
        format!("{server}[host.\"{registry}\"]\n  capabilities = [\"pull\", \"resolve\"]\n")
    }

    fn cni(&self) -> String {
        let pods = names::NODE_PODS;
        format!(
            r#"{{"cniVersion": "1.0.0", "name": "docbuild", "plugins": [
  {{"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
    "ipam": {{"type": "host-local", "ranges": [[{{"subnet": "{pods}"}}]], "routes": [{{"dst": "0.0.0.0/0"}}],
      "dataDir": "/run/cni-addresses"}}}},
  {{"type": "portmap", "capabilities": {{"portMappings": true}}}}
]}}
"#
        )
    }

    fn kubelet(&self) -> String {
        let pki = self.folders.pki();
        let (pki, cgroup, dns) = (pki.display(), self.owner.cgroup(), names::DNS_SERVICE);
        let resolv_conf = self.file("resolv.conf");
        format!(
            "apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
failSwapOn: false
cgroupDriver: cgroupfs
cgroupRoot: /{cgroup}
containerRuntimeEndpoint: unix://{SOCKET}
volumePluginDir: {VOLUME_PLUGINS}
authentication:
  anonymous: {{enabled: false}}
  webhook: {{enabled: true}}
  x509: {{clientCAFile: {pki}/ca.crt}}
authorization: {{mode: Webhook}}
tlsCertFile: {pki}/kubelet.crt
tlsPrivateKeyFile: {pki}/kubelet.key
clusterDNS: [{dns}]
clusterDomain: cluster.local
resolvConf: {resolv_conf}
makeIPTablesUtilChains: true
enforceNodeAllocatable: []
evictionHard: {{}}
imageGCHighThresholdPercent: 100
"
        )
    }

    fn proxy(&self) -> String {
        let kubeconfig = self.folders.kubeconfig("proxy");
        let (kubeconfig, pods, node) = (kubeconfig.display(), names::PODS, names::NODE);
        // `maxPerCore` would set a sysctl that belongs to the machine.
        format!(
            "apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
clientConnection: {{kubeconfig: {kubeconfig}}}
clusterCIDR: {pods}
hostnameOverride: {node}
conntrack: {{maxPerCore: 0}}
"
        )
    }

    fn corefile(&self) -> String {
        let (kubeconfig, resolv_conf) = (self.folders.kubeconfig("admin"), self.file("resolv.conf"));
        format!(
            ".:53 {{
  errors
  kubernetes cluster.local in-addr.arpa ip6.arpa {{
    kubeconfig \"{}\"
    pods insecure
  }}
  forward . \"{resolv_conf}\"
  cache 30
}}
",
            kubeconfig.display()
        )
    }

    /// What PID 1 is told.
    pub(super) fn plan(&self, docbuild: &Path) -> Plan {
        let state = &self.folders.state;
        let bind = |name: &str, path: &str| (state.join(name), PathBuf::from(path));
        Plan {
            state: state.clone(),
            node: names::NODE.to_owned(),
            link: Link {
                address: format!("{}/30", self.network.node()),
                gateway: self.network.machine().to_string(),
                pods: names::PODS.to_owned(),
                services: names::SERVICES.to_owned(),
                outside: self.outside.cluster_rules("eth0"),
            },
            cgroup: self.owner.cgroup(),
            read_only: vec![self.folders.builds(), self.folders.images()],
            binds: vec![
                bind("containerd", "/var/lib/containerd"),
                bind("kubelet", "/var/lib/kubelet"),
                bind("pod-logs", "/var/log/pods"),
            ],
            sandboxes: (self.programs.kubernetes.join("sandboxes"), PathBuf::from(SOCKET)),
            components: self.components(docbuild),
        }
    }

    /// The programs in the order of their start.
    fn components(&self, docbuild: &Path) -> Vec<Component> {
        let node = self.network.node();
        let api = Condition::Listening((node, 6443).into());
        let client = |name: &str| format!("--kubeconfig={}", self.folders.kubeconfig(name).display());
        let kubernetes = |name: &str, program: &str, arguments: Vec<String>| Component {
            name: name.to_owned(),
            program: self.programs.kubernetes.join(program),
            arguments,
            environment: vec![],
            after: None,
            survives_reset: false,
        };
        let after = |condition: Condition, component: Component| Component { after: Some(condition), ..component };
        let scheduler = vec![client("scheduler"), "--leader-elect=false".to_owned()];
        let proxy = vec![format!("--config={}", self.file("proxy.yaml"))];
        let coredns = vec!["-conf".to_owned(), self.file("Corefile")];
        vec![
            self.containerd_component(),
            self.registry_component(docbuild),
            kubernetes("etcd", "etcd", self.etcd_arguments()),
            kubernetes("apiserver", "kube-apiserver", self.api_arguments(node)),
            after(Condition::Socket(SOCKET.into()), kubernetes("kubelet", "kubelet", self.kubelet_arguments(node))),
            after(
                api.clone(),
                kubernetes("controller-manager", "kube-controller-manager", self.controller_arguments()),
            ),
            after(api.clone(), kubernetes("scheduler", "kube-scheduler", scheduler)),
            after(api.clone(), kubernetes("proxy", "kube-proxy", proxy)),
            after(api, kubernetes("coredns", "coredns", coredns)),
        ]
    }

    /// containerd finds its shim in `PATH`.
    fn containerd_component(&self) -> Component {
        let folder = self.programs.containerd.parent().unwrap_or(Path::new("/")).display().to_string();
        let path = format!("{folder}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        Component {
            name: "containerd".to_owned(),
            program: self.programs.containerd.clone(),
            arguments: vec!["-c".to_owned(), self.file("containerd.toml")],
            environment: vec![("PATH".to_owned(), path)],
            after: None,
            survives_reset: true,
        }
    }

    fn registry_component(&self, docbuild: &Path) -> Component {
        Component {
            name: "registry".to_owned(),
            program: docbuild.to_path_buf(),
            arguments: ["cluster", "serve-images"]
                .map(str::to_owned)
                .into_iter()
                .chain([self.folders.images().display().to_string()])
                .chain(self.real_images.then(|| "--only=pause".to_owned()))
                .collect(),
            environment: vec![],
            after: None,
            survives_reset: true,
        }
    }

    fn etcd_arguments(&self) -> Vec<String> {
        vec![
            format!("--data-dir={}", self.folders.etcd().display()),
            "--listen-client-urls=http://127.0.0.1:2379".to_owned(),
            "--advertise-client-urls=http://127.0.0.1:2379".to_owned(),
            "--listen-peer-urls=http://127.0.0.1:2380".to_owned(),
            // The state does not outlive the cluster: waiting for the disk would gain nothing.
            "--unsafe-no-fsync".to_owned(),
            "--log-level=warn".to_owned(),
        ]
    }

    fn api_arguments(&self, node: Ipv4Addr) -> Vec<String> {
        let pki = self.folders.pki();
        let file = |name: &str| pki.join(name).display().to_string();
        vec![
            "--etcd-servers=http://127.0.0.1:2379".to_owned(),
            format!("--service-cluster-ip-range={}", names::SERVICES),
            format!("--cert-dir={}", pki.display()),
            format!("--tls-cert-file={}", file("apiserver.crt")),
            format!("--tls-private-key-file={}", file("apiserver.key")),
            format!("--client-ca-file={}", file("ca.crt")),
            format!("--kubelet-client-certificate={}", file("admin.crt")),
            format!("--kubelet-client-key={}", file("admin.key")),
            format!("--kubelet-certificate-authority={}", file("ca.crt")),
            format!("--service-account-key-file={}", file("tokens.pub")),
            format!("--service-account-signing-key-file={}", file("tokens.key")),
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local".to_owned(),
            "--authorization-mode=Node,RBAC".to_owned(),
            "--enable-admission-plugins=NodeRestriction".to_owned(),
            "--allow-privileged=true".to_owned(),
            format!("--advertise-address={node}"),
            "--kubelet-preferred-address-types=InternalIP".to_owned(),
            "--shutdown-delay-duration=0s".to_owned(),
        ]
    }

    fn kubelet_arguments(&self, node: Ipv4Addr) -> Vec<String> {
        vec![
            format!("--kubeconfig={}", self.folders.kubeconfig("kubelet").display()),
            format!("--config={}", self.file("kubelet.yaml")),
            format!("--hostname-override={}", names::NODE),
            format!("--node-ip={node}"),
        ]
    }

    fn controller_arguments(&self) -> Vec<String> {
        let pki = self.folders.pki();
        let file = |name: &str| pki.join(name).display().to_string();
        vec![
            format!("--kubeconfig={}", self.folders.kubeconfig("controller-manager").display()),
            format!("--service-account-private-key-file={}", file("tokens.key")),
            format!("--root-ca-file={}", file("ca.crt")),
            format!("--cluster-signing-cert-file={}", file("ca.crt")),
            format!("--cluster-signing-key-file={}", file("ca.key")),
            "--use-service-account-credentials".to_owned(),
            "--allocate-node-cidrs".to_owned(),
            format!("--cluster-cidr={}", names::PODS),
            "--leader-elect=false".to_owned(),
            format!("--flex-volume-plugin-dir={VOLUME_PLUGINS}"),
            // At the default of 20 requests a second the default service account comes 7 s late.
            "--kube-api-qps=500".to_owned(),
            "--kube-api-burst=1000".to_owned(),
        ]
    }
}

/// The text for `resolv.conf`: a loopback resolver of the machine can't be reached from the cluster,
/// so systemd-resolved's own list of servers is taken instead.
pub(super) fn resolv_conf(etc: &str, resolved: Option<&str>) -> String {
    let is_loopback = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        words.next() == Some("nameserver") && words.next().is_some_and(|ip| ip.starts_with("127.") || ip == "::1")
    };
    let text = if etc.lines().any(is_loopback) { resolved.unwrap_or(etc) } else { etc };
    text.lines().filter(|line| !is_loopback(line)).map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loopback_resolver_is_replaced() {
        let resolved = "nameserver 192.0.2.53\nsearch example\n";
        assert_eq!(resolv_conf("nameserver 127.0.0.53\n", Some(resolved)), resolved);
        assert_eq!(resolv_conf("nameserver 192.0.2.1\n", Some(resolved)), "nameserver 192.0.2.1\n");
        assert_eq!(resolv_conf("nameserver 127.0.0.1\nsearch a\n", None), "search a\n");
    }
}
