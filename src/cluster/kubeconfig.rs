//! The provider `kubeconfig`: a context of the user's own, guarded.
//!
//! A page deletes and makes things. So a context is used only if it was named on the command line
//! or its name says that it is local; anything else could be somebody's production and needs
//! `--yes`. Pages get a namespace of their own, and only that is deleted afterwards.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use kube::config::Kubeconfig;

use super::lock::Claim;
use super::namespace::OwnNamespace;
use super::{BoxFuture, ClusterError, Handle, Progress, Provider, cache};

/// A context of the user's kubeconfig.
pub(super) struct Context {
    config: Kubeconfig,
    name: String,
    place: OwnNamespace,
}

impl Context {
    /// The context called `name`, else the current one.
    ///
    /// # Errors
    /// When there is no such context, or it is neither named nor local and `yes` is not given.
    pub(super) fn open(name: Option<&str>, yes: bool) -> Result<Self, ClusterError> {
        let config = Kubeconfig::read().map_err(|error| ClusterError::Unavailable {
            missing: format!("no kubeconfig: {error}"),
            help: vec!["set KUBECONFIG, or use `--cluster local`".to_owned()],
        })?;
        let chosen = guard(&config, name, yes)?;
        let hash = blake3::hash(chosen.as_bytes()).to_hex();
        let folder = cache::folder()?.join("cluster/contexts").join(&hash[..12]);
        let config = Kubeconfig { current_context: Some(chosen.clone()), ..config };
        Ok(Self { config, name: chosen, place: OwnNamespace::in_folder(folder) })
    }

    /// The current context, if its name says that it is local and its server can be reached.
    pub(super) fn local_and_reachable() -> Option<Self> {
        let context = Self::open(None, false).ok()?;
        context.is_reachable().then_some(context)
    }

    /// Its name.
    pub(super) fn context(&self) -> &str {
        &self.name
    }

    /// Whether its server can be reached.
    pub(super) fn is_reachable(&self) -> bool {
        self.server().is_some_and(|server| is_reachable(&server))
    }

    fn server(&self) -> Option<String> {
        let named = self.config.contexts.iter().find(|context| context.name == self.name)?;
        let cluster = &named.context.as_ref()?.cluster;
        self.config.clusters.iter().find(|one| one.name == *cluster)?.cluster.as_ref()?.server.clone()
    }
}

/// The context to use: the named one, else the current one if it is local or the user insists.
fn guard(config: &Kubeconfig, name: Option<&str>, yes: bool) -> Result<String, ClusterError> {
    let chosen = name.map(str::to_owned).or_else(|| config.current_context.clone()).filter(|name| !name.is_empty());
    let Some(chosen) = chosen else {
        return Err(ClusterError::Unavailable {
            missing: "the kubeconfig has no current context".to_owned(),
            help: vec!["name one: `--cluster kubeconfig=CONTEXT`".to_owned()],
        });
    };
    if !config.contexts.iter().any(|context| context.name == chosen) {
        let names: Vec<&str> = config.contexts.iter().map(|context| context.name.as_str()).collect();
        let help =
            if names.is_empty() { "it has no contexts".to_owned() } else { format!("it has {}", names.join(", ")) };
        return Err(ClusterError::Unavailable {
            missing: format!("the kubeconfig has no context `{chosen}`"),
            help: vec![help],
        });
    }
    if name.is_some() || yes || is_local(&chosen) {
        return Ok(chosen);
    }
    Err(ClusterError::Guarded { context: chosen })
}

/// Whether a context's name is one that the tools for clusters on one's own machine give.
fn is_local(context: &str) -> bool {
    ["kind-", "k3d-", "docbuild-"].iter().any(|prefix| context.starts_with(prefix))
        || ["minikube", "docker-desktop", "rancher-desktop", "colima", "orbstack", "docbuild"].contains(&context)
}

/// Whether something listens where the server should be; a stopped minikube does not.
fn is_reachable(server: &str) -> bool {
    let Ok(uri) = server.parse::<axum::http::Uri>() else { return false };
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
    let Some(host) = uri.host() else { return false };
    let Ok(addresses) = (host.trim_matches(['[', ']']), port).to_socket_addrs() else { return false };
    addresses.into_iter().any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok())
}

impl Provider for Context {
    fn name(&self) -> &'static str {
        "kubeconfig"
    }

    fn claim(&self, progress: &dyn Progress) -> Result<Claim, ClusterError> {
        self.place.claim(progress)
    }

    fn up<'a>(&'a self, progress: &'a dyn Progress) -> BoxFuture<'a, Result<Handle, ClusterError>> {
        Box::pin(async move {
            progress.step(&format!("making a namespace of our own in the context {}", self.name));
            self.place.up(self.name(), self.config.clone()).await
        })
    }

    fn reset<'a>(&'a self, _: &'a dyn Progress) -> BoxFuture<'a, Result<(), ClusterError>> {
        Box::pin(self.place.reset())
    }

    fn leave<'a>(&'a self, _: &'a dyn Progress) -> BoxFuture<'a, Result<(), ClusterError>> {
        Box::pin(self.place.down())
    }

    fn down<'a>(&'a self, _: &'a dyn Progress) -> BoxFuture<'a, Result<(), ClusterError>> {
        Box::pin(self.place.down())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(current: &str) -> Kubeconfig {
        let text = format!(
            "current-context: {current}\ncontexts:\n- {{name: prod, context: {{cluster: c, user: u}}}}\n- {{name: kind-test, context: {{cluster: c, user: u}}}}\n"
        );
        Kubeconfig::from_yaml(&text).unwrap()
    }

    #[test]
    fn a_context_that_may_be_production_is_refused() {
        let refused = guard(&config("prod"), None, false).unwrap_err();
        assert!(matches!(&refused, ClusterError::Guarded { context } if context == "prod"), "{refused}");
        assert!(refused.details()[0].contains("--cluster kubeconfig=prod"), "{:?}", refused.details());
        assert_eq!(guard(&config("prod"), None, true).unwrap(), "prod");
        assert_eq!(guard(&config("prod"), Some("prod"), false).unwrap(), "prod");
        assert_eq!(guard(&config("kind-test"), None, false).unwrap(), "kind-test");
    }

    #[test]
    fn a_context_that_is_not_there_is_named_with_those_that_are() {
        let Err(ClusterError::Unavailable { missing, help }) = guard(&config("prod"), Some("x"), false) else {
            panic!()
        };
        assert_eq!(missing, "the kubeconfig has no context `x`");
        assert_eq!(help, ["it has prod, kind-test"]);
    }

    #[test]
    fn local_names_are_whole_names_or_known_prefixes() {
        for local in ["kind-kind", "k3d-a", "minikube", "docker-desktop", "docbuild", "docbuild-b"] {
            assert!(is_local(local), "{local}");
        }
        for other in ["prod", "kind", "minikube-prod", "my-docbuild", "gke_docker-desktop", ""] {
            assert!(!is_local(other), "{other}");
        }
    }

    #[test]
    fn a_server_that_is_stopped_is_not_reachable() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = format!("https://{}", listener.local_addr().unwrap());
        assert!(is_reachable(&server));
        drop(listener);
        assert!(!is_reachable(&server));
        assert!(!is_reachable("not a url"));
    }
}
