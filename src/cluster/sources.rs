//! The Go modules of the local Kubernetes, embedded: an installed docbuild can build them too.

use std::path::Path;

use include_dir::{Dir, DirEntry, include_dir};

use super::ClusterError;

static MODULES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/cluster");

/// A module: a folder below `cluster/`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Module {
    folder: &'static str,
}

impl Module {
    /// Kubernetes, etcd, CoreDNS, kubectl: one program.
    pub(super) const KUBERNETES: Self = Self { folder: "kubernetes" };
    /// containerd, its shim, runc and the CNI plugins.
    pub(super) const RUNTIME: Self = Self { folder: "runtime" };
    /// The first process of a Pod sandbox.
    pub(super) const PAUSE: Self = Self { folder: "pause" };
    /// Small servers of tutorials, for images.
    pub(super) const SAMPLES: Self = Self { folder: "samples" };

    /// Its files in order: name, content. Modules have no folders below them.
    fn files(self) -> Vec<(&'static str, &'static [u8])> {
        let entries = MODULES.get_dir(self.folder).map(Dir::entries).unwrap_or_default();
        let mut files: Vec<_> = entries
            .iter()
            .filter_map(|entry| match entry {
                DirEntry::File(file) => Some((file.path().file_name()?.to_str()?, file.contents())),
                DirEntry::Dir(_) => None,
            })
            .collect();
        files.sort_unstable();
        files
    }

    /// A key that changes with any byte of the sources: what was built from others is not used.
    pub(super) fn key(self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (name, content) in self.files() {
            hasher.update(name.as_bytes()).update(&[0]).update(&content.len().to_le_bytes()).update(content);
        }
        hasher.finalize().to_hex()[..12].to_owned()
    }

    /// Writes the sources into a folder.
    pub(super) fn extract(self, folder: &Path) -> Result<(), ClusterError> {
        let write = || {
            std::fs::create_dir_all(folder)?;
            self.files().into_iter().try_for_each(|(name, content)| std::fs::write(folder.join(name), content))
        };
        write().map_err(ClusterError::io(format!("writing the Go sources to {}", folder.display())))
    }

    /// The version of a module that its `go.mod` requires, `v1.36.3`.
    pub(super) fn requires(self, module: &str) -> Option<&'static str> {
        let (_, text) = self.files().into_iter().find(|(name, _)| *name == "go.mod")?;
        let text = std::str::from_utf8(text).ok()?;
        text.lines().find_map(|line| {
            let mut words = line.split_ascii_whitespace();
            (words.next() == Some(module)).then(|| words.next()).flatten()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_is_embedded_with_its_checksums() {
        for module in [Module::KUBERNETES, Module::RUNTIME] {
            let names: Vec<_> = module.files().into_iter().map(|(name, _)| name).collect();
            assert!(names.contains(&"go.mod") && names.contains(&"go.sum"), "{}: {names:?}", module.folder);
        }
        assert!(!Module::PAUSE.files().is_empty());
        assert_ne!(Module::KUBERNETES.key(), Module::RUNTIME.key());
    }

    #[test]
    fn versions_come_from_go_mod() {
        let kubernetes = Module::KUBERNETES.requires("k8s.io/kubernetes").unwrap();
        assert!(kubernetes.starts_with("v1."), "{kubernetes}");
        assert!(Module::RUNTIME.requires("github.com/opencontainers/runc").is_some());
        assert_eq!(Module::RUNTIME.requires("no.such/module"), None);
    }

    #[test]
    fn extracting_gives_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        Module::PAUSE.extract(&folder.path().join("pause")).unwrap();
        for (name, content) in Module::PAUSE.files() {
            assert_eq!(std::fs::read(folder.path().join("pause").join(name)).unwrap(), content);
        }
    }
}
