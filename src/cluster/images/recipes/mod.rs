//! The stand-ins, one file each. To add one: a file here, and a line in [`ALL`].

mod busybox;
mod debian;
mod nginx;
mod pause;

use super::{Kitchen, Recipe};

/// Every recipe, bases before what is made from them.
pub(super) const ALL: &[&dyn Recipe] = &[&pause::Pause, &debian::Debian, &busybox::Busybox, &nginx::Nginx];

/// The recipe called `name`.
pub(super) fn find(name: &str) -> Option<&'static dyn Recipe> {
    ALL.iter().copied().find(|recipe| recipe.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_and_references_are_unique_and_bases_come_first() {
        let mut references = BTreeSet::new();
        for (index, recipe) in ALL.iter().enumerate() {
            assert!(ALL[..index].iter().all(|other| other.name() != recipe.name()), "{} is there twice", recipe.name());
            assert!(recipe.base().is_none_or(|base| ALL[..index].iter().any(|other| other.name() == base)));
            for reference in recipe.references() {
                assert!(references.insert(*reference), "{reference} is there twice");
                let (name, tag) = reference.rsplit_once(':').unwrap();
                assert!(name.contains('.') && name.contains('/') && !tag.is_empty(), "{reference} is not whole");
            }
        }
    }
}
