//! Files that articles and layouts use: global ones (`assets/`), those of other languages' bundles, images made from others.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::files::{Files, Origin, resource_path, shown, unreadable};
use super::sink::Content;
use super::{Shared, images};
use crate::diagnostics::{Diagnostic, codes};
use crate::markdown::Article;
use crate::site::Publication;

/// Hands on what the articles ask for, once each, unless the site has a file at its path.
pub(super) fn add_all<'a>(
    shared: &Shared<'_>,
    articles: impl Iterator<Item = &'a Article>,
    others: &[Publication],
    files: &Files<'_>,
) {
    let root = &shared.site.config.root;
    let all: BTreeSet<&Publication> = articles.flat_map(|article| &article.publications).chain(others).collect();
    let mut wanted = vec![];
    for publication in all {
        let Some(path) = resource_path(&publication.url) else {
            let message = format!("`{}` can't be the name of a file", publication.url);
            files.say([Diagnostic::error(codes::RENDER_BAD_PATH, message).help("rename the file")]);
            continue;
        };
        if files.claim_free(&path, Origin::File(shown(&root.join(&publication.file), root))) {
            wanted.push((path, publication));
        }
    }
    wanted.into_par_iter().for_each(|(path, publication)| match content(shared, publication) {
        Ok(content) => files.put_claimed(&path, content),
        Err(said) => files.say([said]),
    });
}

fn content(shared: &Shared<'_>, publication: &Publication) -> Result<Content, Diagnostic> {
    let root = &shared.site.config.root;
    let file = root.join(&publication.file);
    let Some(work) = publication.image else { return Ok(Content::Copy(file)) };
    let shown = shown(&file, root);
    let bytes = std::fs::read(&file).map_err(|error| unreadable(&shown, &error))?;
    let made = images::make(&bytes, work).map_err(|cause| {
        Diagnostic::error(codes::IMAGE_UNREADABLE, format!("{shown} can't be scaled: {cause}"))
            .help("use a JPEG or PNG image, or show it as it is")
    })?;
    Ok(Content::Bytes(made))
}
