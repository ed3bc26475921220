//! Images on disk: blobs by their digest, and references (`docker.io/library/nginx:1.14.2`) to them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cluster::{ClusterError, cache};

/// The images in a folder.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    folder: PathBuf,
}

/// What a reference stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reference {
    /// The manifest's digest, `sha256:...`.
    pub(crate) digest: String,
    /// The recipe it was made by.
    pub(crate) recipe: String,
    /// What it is, for reports.
    pub(crate) about: String,
}

impl Store {
    /// The images in this folder, which need not be there yet.
    pub(crate) fn open(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Where things are made before they are moved to their place.
    pub(super) fn work(&self, name: &str) -> PathBuf {
        self.folder.join("work").join(name)
    }

    /// A blob's file; `None` for what is no digest.
    pub(crate) fn blob(&self, digest: &str) -> Option<PathBuf> {
        let hex = digest.strip_prefix("sha256:")?;
        let is_hex = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| self.folder.join("blobs").join(hex))
    }

    /// Adds a small blob, and returns its digest.
    pub(crate) fn add_blob(&self, bytes: &[u8]) -> Result<String, ClusterError> {
        let digest = format!("sha256:{}", hex(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref()));
        cache::make_private(&self.folder.join("blobs"))?;
        if let Some(file) = self.blob(&digest) {
            cache::write_private(&file, bytes)?;
        }
        Ok(digest)
    }

    /// Moves a file in as a blob; returns its digest and size in bytes.
    pub(super) fn move_blob(&self, file: &Path) -> Result<(String, u64), ClusterError> {
        let failed = || ClusterError::io(format!("adding {}", file.display()));
        let (digest, size) = digest_of(file).map_err(failed())?;
        cache::make_private(&self.folder.join("blobs"))?;
        if let Some(place) = self.blob(&digest) {
            fs::rename(file, place).map_err(failed())?;
        }
        Ok((digest, size))
    }

    /// What a whole reference stands for.
    pub(crate) fn find(&self, reference: &str) -> Option<Reference> {
        serde_json::from_slice(&fs::read(self.reference_file(reference)?).ok()?).ok()
    }

    /// Makes a reference stand for an image.
    pub(crate) fn set(&self, reference: &str, to: &Reference) -> Result<(), ClusterError> {
        let file = self
            .reference_file(reference)
            .ok_or_else(|| ClusterError::Api(format!("`{reference}` is no image reference")))?;
        cache::make_private(&self.folder.join("references"))?;
        cache::write_private(&file, serde_json::to_vec(to).map_err(ClusterError::api)?)
    }

    /// Forgets a recipe's references.
    pub(super) fn forget(&self, recipe: &str) -> Result<(), ClusterError> {
        for (reference, to) in self.references() {
            if let Some(file) = self.reference_file(&reference).filter(|_| to.recipe == recipe) {
                fs::remove_file(&file).map_err(ClusterError::io(format!("removing {}", file.display())))?;
            }
        }
        Ok(())
    }

    /// Every reference.
    pub(crate) fn references(&self) -> BTreeMap<String, Reference> {
        let Ok(entries) = fs::read_dir(self.folder.join("references")) else { return BTreeMap::new() };
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().replace('%', "/"));
        // A write that was cut off leaves a `.new`.
        names
            .filter(|name| !name.ends_with(".new"))
            .filter_map(|name| Some((name.clone(), self.find(&name)?)))
            .collect()
    }

    /// One flat folder: a slash is written as `%`, which no reference has.
    fn reference_file(&self, reference: &str) -> Option<PathBuf> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte);
        let is_whole = reference.bytes().all(known)
            && reference.contains('/')
            && reference.rsplit('/').next()?.contains(':')
            && !reference.split('/').any(|part| part.is_empty() || part.starts_with('.'));
        is_whole.then(|| self.folder.join("references").join(reference.replace('/', "%")))
    }
}

fn digest_of(file: &Path) -> io::Result<(String, u64)> {
    let mut open = fs::File::open(file)?;
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut piece = vec![0; 1024 * 1024];
    let mut size = 0;
    loop {
        let read = open.read(&mut piece)?;
        if read == 0 {
            return Ok((format!("sha256:{}", hex(context.finish().as_ref())), size));
        }
        context.update(&piece[..read]);
        size += read as u64;
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_again_and_forgotten_by_recipe() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        let to = |recipe: &str| Reference { digest: "sha256:0".into(), recipe: recipe.into(), about: "x".into() };
        store.set("docker.io/library/nginx:1.14.2", &to("nginx")).unwrap();
        store.set("registry.k8s.io/pause:3.10", &to("pause")).unwrap();
        assert_eq!(store.references().len(), 2);
        assert_eq!(store.find("docker.io/library/nginx:1.14.2"), Some(to("nginx")));
        assert_eq!(store.find("docker.io/library/nginx:1.14"), None);
        store.forget("nginx").unwrap();
        assert_eq!(store.references().into_keys().collect::<Vec<_>>(), ["registry.k8s.io/pause:3.10"]);
    }

    #[test]
    fn what_leads_out_of_the_folder_is_no_reference() {
        let store = Store::open(Path::new("/nowhere"));
        for wrong in ["nginx", "docker.io/nginx", "../a/b:c", "docker.io/../b:c", "docker.io//b:c", "docker.io/a%b:c"] {
            assert_eq!(store.reference_file(wrong), None, "{wrong}");
        }
        for wrong in ["sha256:../../etc/passwd", "sha256:", "md5:00"] {
            assert_eq!(store.blob(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn digests_are_sha256() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        // FIPS 180-4's own example.
        let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(store.add_blob(b"abc").unwrap(), abc);
        let file = folder.path().join("file");
        fs::write(&file, "abc").unwrap();
        assert_eq!(store.move_blob(&file).unwrap(), (abc.to_owned(), 3));
        assert!(!file.exists());
    }
}
