//! Stand-in images: what a cluster serves where no registry can be reached.
//!
//! In: recipes, one file each in [`recipes`]. Out: an image store that the cluster's registry reads.
//! An image is a layer (a tar file), a configuration and a manifest as the OCI image specification
//! has them; each tag gets a configuration of its own, so different tags have different digests.
//! Made once, whole or not at all, and kept.

mod debian;
mod oci;
mod recipes;
mod store;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) use oci::MANIFEST_TYPE;
pub(super) use store::{Reference, Store};

use super::{ClusterError, Progress};
use oci::Layer;

/// The image of a sandbox's first process: every cluster needs it.
pub(super) const PAUSE: &str = "registry.k8s.io/pause:3.10";

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
    /// The recipe that has to be made before it: its base, or what it takes files from.
    fn after(&self) -> Option<&'static str> {
        self.base()
    }
    /// The references that it stands for, whole.
    fn references(&self) -> &'static [&'static str];
    /// Whether it is made from Debian packages, and so needs debootstrap.
    fn needs_packages(&self) -> bool;
    /// How long it takes, in seconds, the base not counted.
    fn seconds(&self) -> u32;
    /// Fills a folder with the layer's files; for a recipe with a base it holds the base's.
    fn fill(&self, root: &Path, kitchen: &Kitchen) -> Result<(), ClusterError>;
    /// How its containers start.
    fn config(&self) -> oci::Config;
    /// What it is, for reports, when it has been made in this folder.
    fn about(&self, root: &Path) -> String;
}

/// What recipes cook with.
struct Kitchen {
    /// The pause program.
    pause: Option<PathBuf>,
    /// The files of the recipe `debian`.
    debian: PathBuf,
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
    /// The references that it stands for.
    pub references: Vec<&'static str>,
    /// How long it takes to make, in seconds.
    pub seconds: u32,
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
        let recipes = recipes::ALL.iter();
        recipes
            .map(|recipe| Image {
                name: recipe.name(),
                made: self.is_made(*recipe),
                about: self.references_of(*recipe).into_values().next().map(|to| to.about),
                references: recipe.references().to_vec(),
                seconds: recipe.seconds(),
            })
            .collect()
    }

    /// What the made images stand for: reference -> what it is. The pause image stands for itself.
    pub(super) fn stand_ins(&self) -> BTreeMap<String, String> {
        let all = self.store.references().into_iter();
        all.filter(|(_, to)| to.recipe != "pause").map(|(reference, to)| (reference, to.about)).collect()
    }

    /// The recipes of these names (all, if none is named) that are not made, bases before others.
    fn to_make(&self, names: &[String]) -> Result<Vec<&'static dyn Recipe>, ClusterError> {
        let mut wanted: Vec<&'static dyn Recipe> = vec![];
        let all: Vec<String> = recipes::ALL.iter().map(|recipe| recipe.name().to_owned()).collect();
        for name in if names.is_empty() { &all } else { names } {
            let recipe = recipes::find(name).ok_or_else(|| ClusterError::Usage {
                wrong: format!("there is no image `{name}`"),
                help: vec![format!("there are {}", all.join(", "))],
            })?;
            let before = recipe.after().and_then(recipes::find);
            for one in before.into_iter().chain([recipe]) {
                if !self.is_made(one) && !wanted.iter().any(|other| other.name() == one.name()) {
                    wanted.push(one);
                }
            }
        }
        Ok(wanted)
    }

    /// Whether all names are known.
    ///
    /// # Errors
    /// With the names that there are.
    pub(super) fn check(&self, names: &[String]) -> Result<(), ClusterError> {
        self.to_make(names).map(drop)
    }

    /// Makes the named images (all, if none is named) that are not made. Returns their names.
    ///
    /// # Errors
    /// When a name is unknown, a program is missing, or making one fails.
    pub(super) fn make(
        &self,
        names: &[String],
        pause: Option<PathBuf>,
        progress: &dyn Progress,
    ) -> Result<Vec<&'static str>, ClusterError> {
        let kitchen = Kitchen { pause, debian: self.store.work("debian") };
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

    /// Whether the images would need debootstrap that is not there.
    pub(super) fn lack_debootstrap(&self) -> bool {
        let Ok(wanted) = self.to_make(&[]) else { return false };
        wanted.iter().any(|recipe| recipe.needs_packages()) && super::program::find("debootstrap").is_none()
    }

    fn make_one(&self, recipe: &dyn Recipe, kitchen: &Kitchen) -> Result<(), ClusterError> {
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
        let mut layers = match recipe.base().and_then(recipes::find) {
            Some(base) => self.layers_of(base)?,
            None => vec![],
        };
        layers.push(oci::make_layer(&self.store, &new, base.as_deref(), recipe.name())?);
        let about = recipe.about(&new);
        self.store.forget(recipe.name())?;
        self.keep_layers(recipe, &layers)?;
        for reference in recipe.references() {
            let digest = oci::add_image(&self.store, &recipe.config(), &layers, reference)?;
            let to = Reference { digest, recipe: recipe.name().to_owned(), about: about.clone() };
            self.store.set(reference, &to)?;
        }
        remove(&root)?;
        // Bases are kept to be copied; nobody needs the others' files again.
        if recipes::ALL.iter().any(|other| other.base() == Some(recipe.name())) {
            std::fs::rename(&new, &root).map_err(ClusterError::io(format!("moving {}", new.display())))?;
        } else {
            remove(&new)?;
        }
        self.mark(recipe)
    }

    fn layers_file(&self, recipe: &dyn Recipe) -> PathBuf {
        self.store.work(recipe.name()).with_extension("layers")
    }

    fn keep_layers(&self, recipe: &dyn Recipe, layers: &[Layer]) -> Result<(), ClusterError> {
        let text = serde_json::to_vec(layers).map_err(ClusterError::api)?;
        super::cache::write_private(&self.layers_file(recipe), text)
    }

    fn layers_of(&self, recipe: &dyn Recipe) -> Result<Vec<Layer>, ClusterError> {
        let file = self.layers_file(recipe);
        let text = std::fs::read(&file).map_err(ClusterError::io(format!("reading {}", file.display())))?;
        serde_json::from_slice(&text).map_err(ClusterError::api)
    }

    /// Written last: an image is made when this names its recipe's version.
    fn mark(&self, recipe: &dyn Recipe) -> Result<(), ClusterError> {
        super::cache::write_private(&self.mark_file(recipe), recipe.version().to_string())
    }

    fn mark_file(&self, recipe: &dyn Recipe) -> PathBuf {
        self.store.work(recipe.name()).with_extension("made")
    }

    fn is_made(&self, recipe: &dyn Recipe) -> bool {
        let mark = std::fs::read_to_string(self.mark_file(recipe)).unwrap_or_default();
        let base_is_made = recipe.base().and_then(recipes::find).is_none_or(|base| self.is_made(base));
        mark == recipe.version().to_string() && base_is_made
    }

    fn references_of(&self, recipe: &dyn Recipe) -> BTreeMap<String, Reference> {
        self.store.references().into_iter().filter(|(_, to)| to.recipe == recipe.name()).collect()
    }
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
        let kitchen = Some(program);
        let images = Images::open(&folder.path().join("images"));
        let pause = ["pause".to_owned()];
        assert_eq!(images.make(&pause, kitchen.clone(), &Silent).unwrap(), ["pause"]);
        assert!(images.make(&pause, kitchen.clone(), &Silent).unwrap().is_empty());
        let store = Store::open(&folder.path().join("images"));
        let found = store.find(PAUSE).unwrap();
        let manifest: serde_json::Value =
            serde_json::from_slice(&std::fs::read(store.blob(&found.digest).unwrap()).unwrap()).unwrap();
        let layer = store.blob(manifest["layers"][0]["digest"].as_str().unwrap()).unwrap();
        let listed = std::process::Command::new("tar").arg("-tf").arg(layer).output().unwrap();
        assert!(String::from_utf8_lossy(&listed.stdout).contains("pause"));
        assert!(images.stand_ins().is_empty(), "pause stands for nothing");
    }

    #[test]
    fn an_unknown_image_is_named_with_those_that_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let made = Images::open(folder.path()).make(&["ngnix".to_owned()], None, &Silent);
        let Err(ClusterError::Usage { wrong, help }) = made else { panic!("{made:?}") };
        assert_eq!(wrong, "there is no image `ngnix`");
        assert!(help[0].contains("nginx"), "{help:?}");
    }
}
