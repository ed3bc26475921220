//! Stand-in images: what a cluster serves where no registry can be reached.
//!
//! In: recipes, one file each in [`recipes`]. Out: an image store that the cluster's registry reads.
//!
//! 1. `name`: what an image is called, whole; `tags`: whether there is such a tag
//! 2. `recipes`: what is put into a folder (`debian`: from packages; `busybox`: from its source)
//! 3. `oci`: the folder as a layer; configuration and manifest as the OCI image specification has them
//! 4. `store`: blobs and records on disk. A record says by which names and tags it is served: both
//!    texts of an image are made when its tag is asked for, so each tag has a digest of its own
//!
//! Made once, whole or not at all, and kept.

mod debian;
mod name;
mod oci;
mod recipes;
mod store;
mod tags;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

pub(super) use debian::package_hosts;
pub(super) use name::Name;
pub(super) use oci::{CONFIG_TYPE, MANIFEST_TYPE};
pub(super) use store::Store;

use super::{ClusterError, Progress};
use oci::Layer;
use store::{Record, Shelf};
use tags::Tags;

/// The image of a sandbox's first process: every cluster needs it.
pub(super) const PAUSE: &str = "registry.k8s.io/pause:3.10";

/// What is made when a cluster comes up, asked for or not: what most pages use.
pub(super) const DEFAULT: [&str; 4] = ["pause", "debian", "busybox", "nginx"];

/// How an image is made.
trait Recipe: Sync {
    /// Its name in `docbuild cluster images build NAME`.
    fn name(&self) -> &'static str;
    /// Changes whenever what is made changes.
    fn version(&self) -> u32;
    /// The recipe whose layers lie below its own.
    fn base(&self) -> Option<&'static str> {
        None
    }
    /// Other recipes that it takes files from.
    fn after(&self) -> &'static [&'static str] {
        &[]
    }
    /// Programs of ours that it holds.
    fn programs(&self) -> &'static [Built] {
        &[]
    }
    /// What it stands for.
    fn repositories(&self) -> Vec<Repository>;
    /// Whether it is made from Debian packages, and so needs debootstrap.
    fn needs_packages(&self) -> bool {
        true
    }
    /// How long it takes, in seconds, other recipes and programs not counted.
    fn seconds(&self) -> u32;
    /// Fills a folder with the layer's files; for a recipe with a base it holds the base's.
    fn fill(&self, root: &Path, kitchen: &Kitchen) -> Result<(), ClusterError>;
    /// What it is, for reports, when it has been made in this folder.
    fn about(&self, root: &Path) -> String;
}

/// A repository that a recipe stands for.
struct Repository {
    /// Registry and path: `docker.io/library/nginx`.
    name: &'static str,
    tags: Tags,
    /// How its containers start.
    config: oci::Config,
    /// What is particular about it, for reports, where that is not the recipe's own.
    about: Option<&'static str>,
}

impl Repository {
    fn new(name: &'static str, tags: Tags, config: oci::Config) -> Self {
        Self { name, tags, config, about: None }
    }

    fn about(self, about: &'static str) -> Self {
        Self { about: Some(about), ..self }
    }
}

/// A program of ours that images hold, built from Go modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Built {
    /// The first process of a sandbox.
    Pause,
    /// Kubernetes' own test program.
    Agnhost,
    /// Small servers of tutorials.
    Samples,
    /// etcd, kubectl and the other programs of Kubernetes in one.
    Kubernetes,
}

/// Where the programs are that recipes hold.
pub(super) type Programs = BTreeMap<Built, PathBuf>;

/// What recipes cook with.
struct Kitchen {
    programs: Programs,
    store: Store,
}

impl Kitchen {
    /// The files of another recipe, which has to be one that comes before.
    fn files_of(&self, recipe: &str) -> PathBuf {
        self.store.work(recipe)
    }

    /// A program of ours.
    fn program(&self, built: Built) -> Result<&Path, ClusterError> {
        self.programs.get(&built).map(PathBuf::as_path).ok_or_else(|| ClusterError::Unavailable {
            missing: format!("the program for it ({built:?}) is not built"),
            help: vec!["run `docbuild cluster up`: it builds what the cluster needs".to_owned()],
        })
    }

    /// Puts a program of ours into a root file system.
    fn put_program(&self, built: Built, root: &Path, path: &str) -> Result<(), ClusterError> {
        let to = root.join(path);
        let copy = || {
            if let Some(folder) = to.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::copy(self.program(built).map_err(std::io::Error::other)?, &to)
        };
        copy().map(drop).map_err(ClusterError::io(format!("copying a program to {}", to.display())))
    }
}

/// A recipe as it is told to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its name in `docbuild cluster images build NAME`.
    pub name: &'static str,
    /// Whether it is made.
    pub made: bool,
    /// What it is, if it is made.
    pub about: Option<String>,
    /// The repositories that it stands for.
    pub repositories: Vec<&'static str>,
    /// How long it takes to make, in seconds.
    pub seconds: u32,
    /// How much of the disk its own layer takes, in bytes, if it is made.
    pub size: Option<u64>,
    /// Whether it is made with the cluster, not when a page asks for it.
    pub default: bool,
}

/// What can be had of an image that a page names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is made: what it is.
    Made(String),
    /// It can be made, by this recipe.
    CanBeMade(&'static str),
    /// Nobody has it: there is no such tag, its name is kept free, or is no name. Pulling it fails
    /// here as it does everywhere.
    Nowhere,
    /// No recipe stands for it.
    Never,
}

/// The image store of this user, and what can be made in it.
pub(super) struct Images {
    store: Store,
}

impl Images {
    /// The images in a folder.
    pub(super) fn open(folder: &Path) -> Self {
        Self { store: Store::open(folder) }
    }

    /// All recipes.
    pub(super) fn list(&self) -> Vec<Image> {
        let describe = |recipe: &&'static dyn Recipe| {
            let record = self.current(*recipe);
            Image {
                name: recipe.name(),
                made: record.is_some(),
                size: record.as_ref().and_then(|record| record.layers.last()).map(|layer| layer.size),
                about: record.map(|record| record.about),
                repositories: recipe.repositories().iter().map(|repository| repository.name).collect(),
                seconds: recipe.seconds(),
                default: DEFAULT.contains(&recipe.name()),
            }
        };
        recipes::ALL.iter().map(describe).collect()
    }

    /// What can be had of an image, by the name that a page writes.
    pub(super) fn standing(&self, reference: &str) -> Standing {
        let Some(name) = Name::parse(reference) else { return Standing::Nowhere };
        if name.is_reserved() {
            return Standing::Nowhere;
        }
        let Some((recipe, repository)) = recipes::of(&name.repository) else { return Standing::Never };
        if name.digest.is_some() {
            // Other bytes can't have this digest.
            return Standing::Never;
        }
        match self.store.find(&name).filter(|_| self.is_made(recipe)) {
            _ if !repository.tags.have(&name.tag) => Standing::Nowhere,
            Some(served) => Standing::Made(served.about),
            None => Standing::CanBeMade(recipe.name()),
        }
    }

    /// The recipes of these names (all, if none is named) that are not made, in the order in which
    /// one needs another.
    fn to_make(&self, names: &[String]) -> Result<Vec<&'static dyn Recipe>, ClusterError> {
        let mut wanted: Vec<&'static dyn Recipe> = vec![];
        let all: Vec<String> = recipes::ALL.iter().map(|recipe| recipe.name().to_owned()).collect();
        for name in if names.is_empty() { &all } else { names } {
            let recipe = recipes::find(name).ok_or_else(|| ClusterError::Usage {
                wrong: format!("there is no image `{name}`"),
                help: vec![format!("there are {}", all.join(", "))],
            })?;
            self.want(recipe, &mut wanted);
        }
        Ok(wanted)
    }

    fn want(&self, recipe: &'static dyn Recipe, wanted: &mut Vec<&'static dyn Recipe>) {
        let known = wanted.iter().any(|other| other.name() == recipe.name());
        if known || self.is_made(recipe) {
            return;
        }
        needs(recipe).for_each(|need| self.want(need, wanted));
        wanted.push(recipe);
    }

    /// Whether all names are known.
    ///
    /// # Errors
    /// With the names that there are.
    pub(super) fn check(&self, names: &[String]) -> Result<(), ClusterError> {
        self.to_make(names).map(drop)
    }

    /// The programs of ours that making these takes (all, if none is named).
    pub(super) fn programs_for(&self, names: &[String]) -> Vec<Built> {
        let wanted = self.to_make(names).unwrap_or_default();
        let mut programs: Vec<Built> = wanted.iter().flat_map(|recipe| recipe.programs()).copied().collect();
        programs.sort_unstable();
        programs.dedup();
        programs
    }

    /// About how long making these takes, in seconds (all, if none is named).
    pub(super) fn seconds_for(&self, names: &[String]) -> u32 {
        self.to_make(names).unwrap_or_default().iter().map(|recipe| recipe.seconds()).sum()
    }

    /// Makes the named images (all, if none is named) that are not made. Returns their names.
    ///
    /// # Errors
    /// When a name is unknown, a program is missing, or making one fails.
    pub(super) fn make(
        &self,
        names: &[String],
        programs: Programs,
        progress: &dyn Progress,
    ) -> Result<Vec<&'static str>, ClusterError> {
        let kitchen = Kitchen { programs, store: self.store.clone() };
        let wanted = self.to_make(names)?;
        let seconds: u32 = wanted.iter().map(|recipe| recipe.seconds()).sum();
        if seconds > 2 {
            progress.step(&format!("making images from Debian packages (about {seconds} s)"));
        }
        let mut done = 0;
        for recipe in &wanted {
            progress.fraction(f64::from(done) / f64::from(seconds.max(1)), recipe.name());
            self.make_one(*recipe, &kitchen)
                .map_err(|error| ClusterError::Image { name: recipe.name().to_owned(), source: Box::new(error) })?;
            done += recipe.seconds();
        }
        Ok(wanted.iter().map(|recipe| recipe.name()).collect())
    }

    /// Whether these images would need debootstrap that is not there.
    pub(super) fn lack_debootstrap(&self, names: &[String]) -> bool {
        let Ok(wanted) = self.to_make(names) else { return false };
        wanted.iter().any(|recipe| recipe.needs_packages()) && super::program::find("debootstrap").is_none()
    }

    fn make_one(&self, recipe: &dyn Recipe, kitchen: &Kitchen) -> Result<(), ClusterError> {
        let started = Instant::now();
        oci::make_work(&self.store)?;
        let root = self.store.work(recipe.name());
        let new = root.with_extension("new");
        remove(&new)?;
        let base = recipe.base().map(|base| self.store.work(base));
        match &base {
            Some(base) => debian::copy(base, &new)?,
            None => std::fs::create_dir_all(&new).map_err(ClusterError::io(format!("making {}", new.display())))?,
        }
        recipe.fill(&new, kitchen)?;
        let mut layers = self.layers_below(recipe);
        layers.push(oci::make_layer(&self.store, &new, base.as_deref(), recipe.name())?);
        let about = recipe.about(&new);
        remove(&root)?;
        // What others are made from is kept; nobody needs the others' files again.
        if recipes::ALL.iter().any(|other| needs(*other).any(|need| need.name() == recipe.name())) {
            std::fs::rename(&new, &root).map_err(ClusterError::io(format!("moving {}", new.display())))?;
        } else {
            remove(&new)?;
        }
        let shelve = |repository: Repository| Shelf {
            repository: repository.name.to_owned(),
            config: oci::template(&repository.config, &layers),
            tags: repository.tags.kept(),
            about: repository.about.map(|what| format!("{what} ({about})")),
        };
        let shelves = recipe.repositories().into_iter().map(shelve).collect();
        // Written last: what has a record is whole.
        self.store.keep(&Record {
            recipe: recipe.name().to_owned(),
            version: recipe.version(),
            about,
            layers,
            shelves,
            seconds: started.elapsed().as_secs(),
        })
    }

    /// The layers of a recipe's base.
    fn layers_below(&self, recipe: &dyn Recipe) -> Vec<Layer> {
        let base = recipe.base().and_then(|base| self.store.record(base));
        base.map(|base| base.layers).unwrap_or_default()
    }

    /// A recipe's record, if it was made by this version and on its base as it is now.
    fn current(&self, recipe: &dyn Recipe) -> Option<Record> {
        let record = self.store.record(recipe.name())?;
        let whole = record.version == recipe.version()
            && record.layers.starts_with(&self.layers_below(recipe))
            && needs(recipe).all(|need| self.is_made(need));
        whole.then_some(record)
    }

    fn is_made(&self, recipe: &dyn Recipe) -> bool {
        self.current(recipe).is_some()
    }
}

/// The recipes that have to be made before one.
fn needs(recipe: &dyn Recipe) -> impl Iterator<Item = &'static dyn Recipe> {
    recipe.base().into_iter().chain(recipe.after().iter().copied()).filter_map(recipes::find)
}

/// Removes a folder with what is in it, if it is there.
fn remove(folder: &Path) -> Result<(), ClusterError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(ClusterError::io(format!("removing {}", folder.display()))(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Silent;

    #[test]
    fn the_pause_image_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("pause");
        std::fs::write(&program, "a program").unwrap();
        let programs = Programs::from([(Built::Pause, program)]);
        let images = Images::open(&folder.path().join("images"));
        let pause = ["pause".to_owned()];
        assert_eq!(images.make(&pause, programs.clone(), &Silent).unwrap(), ["pause"]);
        assert!(images.make(&pause, programs.clone(), &Silent).unwrap().is_empty());
        let store = Store::open(&folder.path().join("images"));
        let found = store.find(&Name::parse(PAUSE).unwrap()).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&found.manifest.1).unwrap();
        let layer = store.blob(manifest["layers"][0]["digest"].as_str().unwrap()).unwrap();
        let listed = std::process::Command::new("tar").arg("-tf").arg(layer).output().unwrap();
        assert!(String::from_utf8_lossy(&listed.stdout).contains("pause"));
    }

    #[test]
    fn an_image_is_made_can_be_made_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("pause");
        std::fs::write(&program, "a program").unwrap();
        let images = Images::open(&folder.path().join("images"));
        images.make(&["pause".to_owned()], Programs::from([(Built::Pause, program)]), &Silent).unwrap();
        assert!(matches!(images.standing("registry.k8s.io/pause:3.8"), Standing::Made(_)));
        assert_eq!(images.standing("nginx:1.14.2"), Standing::CanBeMade("nginx"));
        let digest = "sha256:".to_owned() + &"0".repeat(64);
        for (reference, standing) in [
            ("nginx:1.161", Standing::Nowhere),
            ("registry.example/nginx", Standing::Nowhere),
            ("<your-private-image>", Standing::Nowhere),
            ("somebody/something:1", Standing::Never),
            (&format!("nginx@{digest}"), Standing::Never),
        ] {
            assert_eq!(images.standing(reference), standing, "{reference}");
        }
    }

    #[test]
    fn what_a_recipe_needs_is_made_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let images = Images::open(folder.path());
        for recipe in recipes::ALL {
            let order = images.to_make(&[recipe.name().to_owned()]).unwrap();
            assert_eq!(order.last().unwrap().name(), recipe.name());
            for (index, one) in order.iter().enumerate() {
                assert!(needs(*one).all(|need| order[..index].iter().any(|other| other.name() == need.name())));
            }
        }
    }

    #[test]
    fn an_unknown_image_is_named_with_those_that_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let made = Images::open(folder.path()).make(&["ngnix".to_owned()], Programs::new(), &Silent);
        let Err(ClusterError::Usage { wrong, help }) = made else { panic!("{made:?}") };
        assert_eq!(wrong, "there is no image `ngnix`");
        assert!(help[0].contains("nginx"), "{help:?}");
    }
}
