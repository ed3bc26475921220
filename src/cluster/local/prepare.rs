//! Making the images that pages name, before the pages run.

use std::collections::BTreeMap;

use super::Local;
use crate::cluster::images::{Images, Standing};
use crate::cluster::{ClusterError, PreparedImages, Progress};

impl Local {
    /// Makes what can be made of these images, and says what each is. One that can't be made is no
    /// error: other pages can do without it.
    pub(super) fn prepare(
        &self,
        references: &[String],
        progress: &dyn Progress,
    ) -> Result<PreparedImages, ClusterError> {
        if self.has_real_images() {
            return Ok(PreparedImages::default());
        }
        let images = self.images_store();
        let mut failures = BTreeMap::new();
        let names = to_make(&images, references);
        if !names.is_empty() {
            let seconds = images.seconds_for(&names);
            progress.step(&format!("making images that the pages name: {} (about {seconds} s)", names.join(", ")));
        }
        for name in names {
            if let Err(error) = self.make_images(std::slice::from_ref(&name), progress) {
                progress.step(&format!("{error}"));
                failures.insert(name, error.to_string());
            }
        }
        Ok(sort(&images, references, &failures))
    }

    /// Whether images come from registries.
    pub(super) fn has_real_images(&self) -> bool {
        std::fs::read_to_string(self.folders.settings("images")).is_ok_and(|text| text == "registries")
    }
}

/// The recipes to make for these images.
fn to_make(images: &Images, references: &[String]) -> Vec<String> {
    let mut names: Vec<String> = vec![];
    for reference in references {
        if let Standing::CanBeMade(recipe) = images.standing(reference)
            && !names.iter().any(|name| name == recipe)
        {
            names.push(recipe.to_owned());
        }
    }
    names
}

/// What each image is, after what could be made was made.
fn sort(images: &Images, references: &[String], failures: &BTreeMap<String, String>) -> PreparedImages {
    let mut prepared = PreparedImages::default();
    for reference in references {
        match images.standing(reference) {
            Standing::Made(about) => {
                prepared.stand_ins.insert(crate::cluster::whole_image_name(reference), about);
            }
            Standing::CanBeMade(recipe) => {
                let why = failures.get(recipe).map_or("it is not made", String::as_str);
                prepared.missing.insert(reference.clone(), why.to_owned());
            }
            Standing::Never => {
                prepared.missing.insert(reference.clone(), "nothing here stands in for it".to_owned());
            }
            Standing::Nowhere => {}
        }
    }
    prepared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_is_not_missing_and_what_cannot_be_made_is() {
        let folder = tempfile::tempdir().unwrap();
        let images = Images::open(folder.path());
        let references = ["nginx", "nginx:1.161", "vendor/database:1", "registry.example/a"].map(str::to_owned);
        assert_eq!(to_make(&images, &references), ["nginx"]);
        let failures = BTreeMap::from([("nginx".to_owned(), "no network".to_owned())]);
        let prepared = sort(&images, &references, &failures);
        assert_eq!(prepared.missing["nginx"], "no network");
        assert_eq!(prepared.missing["vendor/database:1"], "nothing here stands in for it");
        assert_eq!(prepared.missing.len(), 2, "{prepared:?}");
        assert!(prepared.stand_ins.is_empty());
    }
}
