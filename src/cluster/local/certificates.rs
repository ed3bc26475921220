//! The cluster's certificate authority, the certificates of its programs, and their kubeconfigs.
//!
//! Made anew for each cluster; they never leave its state folder, and `down` removes them.

use std::net::Ipv4Addr;
use std::path::Path;

use base64::Engine as _;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use super::folders::Folders;
use super::names;
use crate::cluster::{ClusterError, cache};

/// Who a certificate is for.
struct Identity {
    file: &'static str,
    organization: Option<&'static str>,
    name: &'static str,
    addresses: Vec<String>,
}

/// Makes all certificates and keys in the folder for them, and a kubeconfig for each client.
pub(super) fn make(folders: &Folders, node: Ipv4Addr, context: &str) -> Result<(), ClusterError> {
    cache::make_private(&folders.pki())?;
    let failed = |error: rcgen::Error| ClusterError::Api(format!("making certificates: {error}"));
    let key = KeyPair::generate().map_err(failed)?;
    let parameters = authority();
    let authority = parameters.self_signed(&key).map_err(failed)?;
    write(&folders.pki(), "ca", &authority, &key)?;
    let issuer = Issuer::new(parameters, key);
    for identity in identities(node) {
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = parameters_of(&identity).and_then(|p| p.signed_by(&key, &issuer)).map_err(failed)?;
        write(&folders.pki(), identity.file, &certificate, &key)?;
        let text = kubeconfig(&Login { authority: &authority, certificate: &certificate, key: &key, node, context });
        cache::write_private(&folders.kubeconfig(identity.file), text)?;
    }
    let tokens = KeyPair::generate().map_err(failed)?;
    cache::write_private(&folders.pki().join("tokens.key"), tokens.serialize_pem())?;
    cache::write_private(&folders.pki().join("tokens.pub"), tokens.public_key_pem())
}

/// Every identity of the cluster. `admin` is the user, and the API server towards the kubelet.
fn identities(node: Ipv4Addr) -> Vec<Identity> {
    let client = |file, name| Identity { file, organization: None, name, addresses: vec![] };
    let node_addresses = vec![names::NODE.to_owned(), node.to_string(), Ipv4Addr::LOCALHOST.to_string()];
    let mut api_addresses: Vec<String> = ["", ".default", ".default.svc", ".default.svc.cluster.local"]
        .iter()
        .map(|domain| format!("kubernetes{domain}"))
        .collect();
    api_addresses.extend(["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string(), node.to_string()]);
    api_addresses.push(names::API_SERVICE.to_owned());
    vec![
        Identity { file: "apiserver", organization: None, name: "kube-apiserver", addresses: api_addresses },
        Identity { organization: Some("system:masters"), ..client("admin", "kubernetes-admin") },
        Identity {
            file: "kubelet",
            organization: Some("system:nodes"),
            name: "system:node:node1",
            addresses: node_addresses,
        },
        client("controller-manager", "system:kube-controller-manager"),
        client("scheduler", "system:kube-scheduler"),
        client("proxy", "system:kube-proxy"),
    ]
}

fn authority() -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages =
        vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, "docbuild");
    parameters
}

fn parameters_of(identity: &Identity) -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::new(identity.addresses.clone())?;
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    if let Some(organization) = identity.organization {
        parameters.distinguished_name.push(DnType::OrganizationName, organization);
    }
    parameters.distinguished_name.push(DnType::CommonName, identity.name);
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    parameters.use_authority_key_identifier_extension = true;
    Ok(parameters)
}

fn write(folder: &Path, name: &str, certificate: &Certificate, key: &KeyPair) -> Result<(), ClusterError> {
    cache::write_private(&folder.join(format!("{name}.crt")), certificate.pem())?;
    cache::write_private(&folder.join(format!("{name}.key")), key.serialize_pem())
}

/// What a client needs to log in.
struct Login<'a> {
    authority: &'a Certificate,
    certificate: &'a Certificate,
    key: &'a KeyPair,
    node: Ipv4Addr,
    context: &'a str,
}

/// A kubeconfig that stands alone: certificates are in it, so a copy of it works anywhere.
fn kubeconfig(login: &Login<'_>) -> String {
    let encode = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
    let Login { node, context, .. } = login;
    format!(
        "apiVersion: v1
kind: Config
clusters:
- name: {context}
  cluster:
    certificate-authority-data: {authority}
    server: https://{node}:6443
contexts:
- name: {context}
  context:
    cluster: {context}
    user: {context}
current-context: {context}
users:
- name: {context}
  user:
    client-certificate-data: {certificate}
    client-key-data: {key}
",
        authority = encode(login.authority.pem()),
        certificate = encode(login.certificate.pem()),
        key = encode(login.key.serialize_pem()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn every_key_and_kubeconfig_is_private_and_readable_by_kube() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::at(folder.path());
        make(&folders, "10.201.0.2".parse().unwrap(), "docbuild").unwrap();
        let mut seen = 0;
        for entry in walkdir::WalkDir::new(folder.path()).into_iter().flatten().filter(|e| e.file_type().is_file()) {
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", entry.path().display());
            seen += 1;
        }
        assert!(seen > 18, "{seen}");
        let config = kube::config::Kubeconfig::read_from(folders.kubeconfig("admin")).unwrap();
        assert_eq!(config.current_context.as_deref(), Some("docbuild"));
        let cluster = config.clusters[0].cluster.as_ref().unwrap();
        assert_eq!(cluster.server.as_deref(), Some("https://10.201.0.2:6443"));
        assert!(cluster.certificate_authority_data.is_some());
    }
}
