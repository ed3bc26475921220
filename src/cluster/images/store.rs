//! Images on disk: blobs by their digest, and a record of each recipe that was made.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::name::Name;
use super::oci::{self, Layer};
use super::tags::Tags;
use crate::cluster::{ClusterError, cache};

/// The images in a folder.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    folder: PathBuf,
}

/// A recipe that was made. What serves images reads this, and knows no recipe.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    /// The recipe's name.
    pub(super) recipe: String,
    /// Its version at that time.
    pub(super) version: u32,
    /// What it is, for reports.
    pub(super) about: String,
    /// Its layers, those of its base first.
    pub(super) layers: Vec<Layer>,
    /// The names it is served by.
    pub(super) shelves: Vec<Shelf>,
    /// How long it took to make, in seconds.
    pub(super) seconds: u64,
}

/// A repository that a recipe stands for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Shelf {
    /// `docker.io/library/nginx`.
    pub(super) repository: String,
    pub(super) tags: Tags<String>,
    /// What it is in particular, for reports; else what the recipe is.
    pub(super) about: Option<String>,
    /// The image's configuration, with places for the tag.
    pub(super) config: Value,
}

/// An image as a registry serves it. Both texts are made for its tag, so that different tags have
/// different digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Served {
    /// The manifest, with its digest `sha256:...`.
    pub(crate) manifest: (String, Vec<u8>),
    /// The configuration, with its digest.
    pub(crate) config: (String, Vec<u8>),
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

    /// The image of a name, if its recipe is made and there is such a tag. An image is asked for by
    /// its digest only after it was asked for by its tag: no name with a digest is found.
    pub(crate) fn find(&self, name: &Name) -> Option<Served> {
        let has =
            |shelf: &Shelf| name.digest.is_none() && shelf.repository == name.repository && shelf.tags.have(&name.tag);
        let record = self.records().into_iter().find(|record| record.shelves.iter().any(has))?;
        let shelf = record.shelves.iter().find(|shelf| has(shelf))?;
        let (manifest, config) = oci::texts(&shelf.config, &record.layers, name);
        Some(Served {
            manifest,
            config,
            about: shelf.about.clone().unwrap_or_else(|| record.about.clone()),
            recipe: record.recipe,
        })
    }

    /// Every recipe that was made.
    pub(super) fn records(&self) -> Vec<Record> {
        let Ok(entries) = fs::read_dir(self.folder.join("made")) else { return vec![] };
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        // A write that was cut off leaves a `.new`.
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        files.iter().filter_map(|file| serde_json::from_slice(&fs::read(file).ok()?).ok()).collect()
    }

    /// A recipe's record.
    pub(super) fn record(&self, recipe: &str) -> Option<Record> {
        serde_json::from_slice(&fs::read(self.record_file(recipe)).ok()?).ok()
    }

    /// Keeps a recipe's record: from now on it is served.
    pub(super) fn keep(&self, record: &Record) -> Result<(), ClusterError> {
        cache::make_private(&self.folder.join("made"))?;
        cache::write_private(&self.record_file(&record.recipe), serde_json::to_vec(record).map_err(ClusterError::api)?)
    }

    fn record_file(&self, recipe: &str) -> PathBuf {
        self.folder.join("made").join(format!("{recipe}.json"))
    }
}

/// The digest of bytes.
pub(super) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref()))
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
impl Store {
    /// Makes a small image of one empty layer, for tests of what serves it.
    pub(crate) fn keep_test_image(&self, recipe: &str, repository: &str, tags: &'static str) -> String {
        fs::create_dir_all(&self.folder).unwrap();
        let file = self.folder.join("layer");
        fs::write(&file, "a layer").unwrap();
        let (digest, size) = self.move_blob(&file).unwrap();
        let layers = vec![Layer { digest: digest.clone(), size }];
        let config = oci::template(&oci::Config::default(), &layers);
        let shelf = Shelf {
            repository: repository.to_owned(),
            tags: Tags::words("").releases(tags).kept(),
            about: None,
            config,
        };
        let about = format!("{recipe}, a test");
        let record = Record { recipe: recipe.to_owned(), version: 1, about, layers, shelves: vec![shelf], seconds: 0 };
        self.keep(&record).unwrap();
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    #[test]
    fn any_tag_that_exists_is_found_and_each_has_its_own_digest() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        store.keep_test_image("nginx", "docker.io/library/nginx", "1.14.0..2");
        store.keep_test_image("pause", "registry.k8s.io/pause", "3.10");
        let (one, other) = (store.find(&name("nginx:1.14.0")).unwrap(), store.find(&name("nginx:1.14.2")).unwrap());
        assert_eq!(one, store.find(&name("nginx:1.14.0")).unwrap(), "the same name gives the same bytes");
        assert_ne!(one.manifest.0, other.manifest.0);
        assert_ne!(one.config.0, other.config.0);
        assert_eq!((one.recipe.as_str(), one.about.as_str()), ("nginx", "nginx, a test"));
        for absent in ["nginx:1.14.3", "nginx", "quay.io/library/nginx:1.14.2", "pause:3.10"] {
            assert_eq!(store.find(&name(absent)), None, "{absent}");
        }
        let by_digest = Name { digest: Some(one.manifest.0), ..name("nginx:1.14.2") };
        assert_eq!(store.find(&by_digest), None);
    }

    #[test]
    fn what_is_no_digest_leads_nowhere() {
        let store = Store::open(Path::new("/nowhere"));
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
        assert_eq!(digest(b"abc"), abc);
        let file = folder.path().join("file");
        fs::write(&file, "abc").unwrap();
        assert_eq!(store.move_blob(&file).unwrap(), (abc.to_owned(), 3));
        assert!(!file.exists());
    }
}
