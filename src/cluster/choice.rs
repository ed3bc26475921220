//! `--cluster SPEC` -> a provider.

use super::kind::Kind;
use super::kubeconfig::Context;
use super::local::{Local, Options};
use super::{ClusterError, Provider};

/// What `--cluster` accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Spec {
    Auto,
    Local,
    Kind,
    Kubeconfig(Option<String>),
    None,
}

impl Spec {
    fn parse(text: &str) -> Result<Self, ClusterError> {
        let (word, value) = text.split_once('=').map_or((text, None), |(word, value)| (word, Some(value)));
        match (word, value) {
            ("auto", None) => Ok(Self::Auto),
            ("local", None) => Ok(Self::Local),
            ("kind", None) => Ok(Self::Kind),
            ("none", None) => Ok(Self::None),
            ("kubeconfig", value) if value != Some("") => Ok(Self::Kubeconfig(value.map(str::to_owned))),
            _ => Err(ClusterError::UnknownProvider { spec: text.to_owned() }),
        }
    }
}

/// The provider that `spec` names: `auto`, `local`, `kind`, `kubeconfig`, `kubeconfig=CONTEXT` or
/// `none`.
///
/// `auto` takes the current kubeconfig context if its name says that it is local and its server can
/// be reached, else kind if Docker and kind are there, else the local cluster if this machine can
/// have it. `yes` lets a context pass that could be somebody's production.
///
/// # Errors
/// When the spec is none of these, its context is guarded, or (`none`, or `auto` where nothing
/// serves) there is no cluster: with what is missing for each.
pub fn choose(spec: &str, yes: bool) -> Result<Box<dyn Provider>, ClusterError> {
    match Spec::parse(spec)? {
        Spec::Local => Ok(Box::new(Local::open(Options::default())?)),
        Spec::Kind => Ok(Box::new(Kind::open()?)),
        Spec::Kubeconfig(context) => Ok(Box::new(Context::open(context.as_deref(), yes)?)),
        Spec::None => Err(ClusterError::Unavailable {
            missing: "no cluster is wanted (`none`)".to_owned(),
            help: vec!["leave the option out to use any cluster that can be had".to_owned()],
        }),
        Spec::Auto => automatic(),
    }
}

fn automatic() -> Result<Box<dyn Provider>, ClusterError> {
    if let Some(context) = Context::local_and_reachable() {
        return Ok(Box::new(context));
    }
    let kind = match Kind::open() {
        Ok(kind) => return Ok(Box::new(kind)),
        Err(error) => error,
    };
    let local = Local::open(Options::default())?;
    let missing = local.missing();
    if missing.is_empty() {
        return Ok(Box::new(local));
    }
    let context = match Context::open(None, false) {
        Ok(_) => "its server does not answer".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(ClusterError::Unavailable {
        missing: "no cluster can be had here".to_owned(),
        help: missing
            .into_iter()
            .map(|one| format!("local: {one}"))
            .chain([format!("kind: {kind}"), format!("kubeconfig: {context}")])
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs() {
        assert_eq!(Spec::parse("auto").unwrap(), Spec::Auto);
        assert_eq!(Spec::parse("kubeconfig").unwrap(), Spec::Kubeconfig(None));
        assert_eq!(Spec::parse("kubeconfig=a=b").unwrap(), Spec::Kubeconfig(Some("a=b".into())));
        for wrong in ["", "Local", "local=x", "kubeconfig=", "minikube"] {
            assert!(matches!(Spec::parse(wrong), Err(ClusterError::UnknownProvider { .. })), "{wrong}");
        }
    }

    #[test]
    fn none_is_said_to_be_none() {
        let Err(error) = choose("none", false) else { panic!("a provider") };
        assert!(error.to_string().contains("`none`"), "{error}");
    }
}
