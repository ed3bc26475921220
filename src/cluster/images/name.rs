//! How images are called: short as people write them, and whole as a registry is asked for them.

/// An image's name, whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    /// Registry and path, `docker.io/library/nginx`.
    pub(crate) repository: String,
    /// The tag; `latest` where none is written.
    pub(crate) tag: String,
    /// The digest, if one is written: then the tag says nothing.
    pub(crate) digest: Option<String>,
}

impl Name {
    /// Reads a name as the container runtime does (the grammar of `distribution/reference`): what has
    /// no registry is docker.io's, what has no folder there is in `library`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) if is_digest(digest) => (rest, Some(digest.to_owned())),
            Some(_) => return None,
            None => (text, None),
        };
        // A colon before a slash is a port's.
        let (path, tag) = match rest.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, tag),
            _ => (rest, "latest"),
        };
        let (registry, path) = match path.split_once('/') {
            Some((first, rest)) if is_registry(first) => (first, rest.to_owned()),
            Some(_) => ("docker.io", path.to_owned()),
            None => ("docker.io", format!("library/{path}")),
        };
        let registry = if registry == "index.docker.io" { "docker.io" } else { registry };
        if !path.split('/').all(is_component) || !is_tag(tag) {
            return None;
        }
        Some(Self { repository: format!("{registry}/{path}"), tag: tag.to_owned(), digest })
    }

    /// The name in full: `docker.io/library/nginx:latest`.
    pub(crate) fn whole(&self) -> String {
        match &self.digest {
            Some(digest) => format!("{}@{digest}", self.repository),
            None => format!("{}:{}", self.repository, self.tag),
        }
    }

    /// Whether its registry has a name that is kept free of any (RFC 2606, RFC 6761): an image that
    /// only an example can have.
    pub(super) fn is_reserved(&self) -> bool {
        let registry = self.repository.split(['/', ':']).next().unwrap_or_default();
        let is_example = ["example.com", "example.net", "example.org"]
            .iter()
            .any(|domain| registry == *domain || registry.ends_with(&format!(".{domain}")));
        is_example || [".example", ".test", ".invalid", ".localhost"].iter().any(|end| registry.ends_with(end))
    }
}

fn is_registry(first: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
    (first.contains(['.', ':']) || first == "localhost") && first.bytes().all(known)
}

fn is_component(part: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = part.as_bytes();
    let ends_well = bytes.first().copied().is_some_and(is_letter) && bytes.last().copied().is_some_and(is_letter);
    ends_well && bytes.iter().all(|&byte| is_letter(byte) || b"._-".contains(&byte)) && !part.contains("..")
}

fn is_tag(tag: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= 128
        && tag.bytes().next().is_some_and(is_letter)
        && tag.bytes().all(|byte| is_letter(byte) || b".-".contains(&byte))
}

fn is_digest(digest: &str) -> bool {
    digest
        .strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_those_of_docker_io() {
        for (short, whole) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("nginx:1.14.2", "docker.io/library/nginx:1.14.2"),
            ("docker.io/nginx", "docker.io/nginx:latest"),
            ("index.docker.io/library/nginx", "docker.io/library/nginx:latest"),
            ("vish/stress", "docker.io/vish/stress:latest"),
            ("registry.k8s.io/e2e-test-images/agnhost:2.40", "registry.k8s.io/e2e-test-images/agnhost:2.40"),
            ("localhost:5000/a/b", "localhost:5000/a/b:latest"),
            ("localhost/a", "localhost/a:latest"),
        ] {
            assert_eq!(Name::parse(short).map(|name| name.whole()).as_deref(), Some(whole), "{short}");
        }
        let digest = format!("sha256:{}", "0a".repeat(32));
        let name = Name::parse(&format!("registry.k8s.io/redis@{digest}")).unwrap();
        assert_eq!((name.repository.as_str(), name.digest.as_deref()), ("registry.k8s.io/redis", Some(&*digest)));
        assert_eq!(name.whole(), format!("registry.k8s.io/redis@{digest}"));
    }

    #[test]
    fn what_the_runtime_refuses_is_no_name() {
        for wrong in
            ["", "Nginx", "<your-image>", "a/../b", "a//b", "nginx:", "nginx:.1", "a@sha256:12", "gcr.io/<p>/a"]
        {
            assert_eq!(Name::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn reserved_domains_have_no_images() {
        for reserved in
            ["registry.example/a:v1", "images.my-company.example/app", "example.com/a", "a.example.org:80/b"]
        {
            assert!(Name::parse(reserved).unwrap().is_reserved(), "{reserved}");
        }
        assert!(!Name::parse("myexample.com/a").unwrap().is_reserved());
        assert!(!Name::parse("nginx").unwrap().is_reserved());
    }
}
