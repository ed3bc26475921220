//! Joins the reports of shards into one.
//!
//! In: reports, each with the name of its file. Out: one [`Report`] with all their pages, in the order of
//! the whole where they are shards of it, else in the order they were given; or why they do not belong
//! together. A shard that is missing is an error: what nobody verified must not look verified.

use std::collections::BTreeMap;

use super::{SCHEMA, summary};
use crate::verify::model::{ClusterFacts, PageReport, Report, Shard};

/// A report and where it is from.
#[derive(Debug, Clone)]
pub struct Named {
    /// The file, as it was given.
    pub name: String,
    /// Its report.
    pub report: Report,
}

/// Why a report can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON of this shape.
    #[error("it is no report of `docbuild verify`: {0}")]
    Malformed(String),
    /// It was made by another version.
    #[error("its format is `{0}`, and this version reads `{SCHEMA}`")]
    Schema(String),
}

/// Reads a JSON report.
///
/// # Errors
/// When the text is none, or one of another format.
pub fn read(text: &str) -> Result<Report, ReadError> {
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|error| ReadError::Malformed(error.to_string()))?;
    match value.get("schema").and_then(|schema| schema.as_str()) {
        Some(SCHEMA) => {}
        Some(other) => return Err(ReadError::Schema(other.to_owned())),
        None => return Err(ReadError::Malformed("it has no `schema`".to_owned())),
    }
    serde_json::from_value(value).map_err(|error| ReadError::Malformed(error.to_string()))
}

/// Why reports do not belong together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There is nothing to join.
    #[error("there is no report to join")]
    Nothing,
    /// Some were made otherwise than the first.
    #[error("{what} differs: {one} has {one_has}, {other} has {other_has}")]
    Differs {
        /// What.
        what: &'static str,
        /// The first file.
        one: String,
        /// What it has.
        one_has: String,
        /// The file that differs.
        other: String,
        /// What that has.
        other_has: String,
    },
    /// A page is in two of them.
    #[error("{page} is in {one} and in {other}: each page belongs into one report")]
    Twice {
        /// The page.
        page: String,
        /// A file.
        one: String,
        /// The other.
        other: String,
    },
    /// A shard is there twice.
    #[error("{one} and {other} are both shard {index}/{of}")]
    SameShard {
        /// A file.
        one: String,
        /// The other.
        other: String,
        /// Which shard.
        index: usize,
        /// Of how many.
        of: usize,
    },
    /// Shards are missing.
    #[error("shard {missing} is missing: its pages were not verified")]
    Missing {
        /// `2/3`, or several.
        missing: String,
    },
    /// A run that somebody ended before all its pages were over.
    #[error("{name} is of a run that was interrupted: not all of its pages were verified")]
    Interrupted {
        /// The file.
        name: String,
    },
    /// A shard's own account does not fit its pages.
    #[error("{name} is no whole shard: its pages are not those that it says it has")]
    Broken {
        /// The file.
        name: String,
    },
}

/// Joins reports.
///
/// # Errors
/// Why they do not belong together.
pub fn merge(reports: Vec<Named>) -> Result<Report, MergeError> {
    let Some((first, rest)) = reports.split_first() else { return Err(MergeError::Nothing) };
    for other in rest {
        alike(first, other)?;
    }
    if let Some(named) = reports.iter().find(|named| named.report.interrupted) {
        return Err(MergeError::Interrupted { name: named.name.clone() });
    }
    let cluster = one_cluster(&reports)?;
    once_each(&reports)?;
    let shards = shards(&reports)?;
    let earliest = |of: fn(&Report) -> Option<&String>| reports.iter().filter_map(|named| of(&named.report)).min();
    let mut merged = Report {
        started: earliest(|report| Some(&report.started)).cloned().unwrap_or_default(),
        recorded: earliest(|report| report.recorded.as_ref()).cloned(),
        finished: reports.iter().map(|named| &named.report.finished).max().cloned().unwrap_or_default(),
        cluster,
        shard: None,
        notes: vec![],
        ..first.report.clone()
    };
    for note in reports.iter().flat_map(|named| &named.report.notes) {
        if !merged.notes.contains(note) {
            merged.notes.push(note.clone());
        }
    }
    let mut pages: Vec<(usize, PageReport)> = vec![];
    for (named, shard) in reports.into_iter().zip(shards) {
        let places = shard.map_or_else(|| vec![0; named.report.pages.len()], |shard| shard.places);
        pages.extend(places.into_iter().zip(named.report.pages));
    }
    // Stable: without places, the order in which they were given.
    pages.sort_by_key(|(place, _)| *place);
    merged.pages = pages.into_iter().map(|(_, page)| page).collect();
    merged.summary = summary(&merged.pages);
    Ok(merged)
}

/// Whether two reports were made in the same way.
fn alike(one: &Named, other: &Named) -> Result<(), MergeError> {
    let differs = |what, of: fn(&Report) -> String| {
        let (one_has, other_has) = (of(&one.report), of(&other.report));
        if one_has == other_has {
            return Ok(());
        }
        Err(MergeError::Differs { what, one: one.name.clone(), one_has, other: other.name.clone(), other_has })
    };
    differs("the format", |report| report.schema.clone())?;
    differs("the version of docbuild", |report| report.docbuild.clone())?;
    differs("what they are", |report| if report.plan { "a plan" } else { "a report" }.to_owned())?;
    differs("what was compared with", |report| match report.source.as_str() {
        "recording" => "a recording".to_owned(),
        _ => "a run".to_owned(),
    })
}

/// The cluster of all reports that have one. Its name may differ from machine to machine.
fn one_cluster(reports: &[Named]) -> Result<Option<ClusterFacts>, MergeError> {
    let mut with = reports.iter().filter_map(|named| Some((named, named.report.cluster.as_ref()?)));
    let Some((one, cluster)) = with.next() else { return Ok(None) };
    let kind = |facts: &ClusterFacts| format!("Kubernetes {} ({})", facts.server_version, facts.provider);
    for (other, facts) in with {
        let (one_has, other_has) = (kind(cluster), kind(facts));
        if one_has != other_has {
            let (one, other) = (one.name.clone(), other.name.clone());
            return Err(MergeError::Differs { what: "the cluster", one, one_has, other, other_has });
        }
    }
    Ok(Some(cluster.clone()))
}

fn once_each(reports: &[Named]) -> Result<(), MergeError> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for named in reports {
        for page in &named.report.pages {
            if let Some(one) = seen.insert(&page.path, &named.name) {
                let (one, other) = (one.to_owned(), named.name.clone());
                return Err(MergeError::Twice { page: page.path.clone(), one, other });
            }
        }
    }
    Ok(())
}

/// Which shard each report is; all `None` where none says that it is one.
fn shards(reports: &[Named]) -> Result<Vec<Option<Shard>>, MergeError> {
    let all: Vec<Option<Shard>> = reports.iter().map(|named| named.report.shard.clone()).collect();
    let Some((of, total)) = all.iter().flatten().map(|shard| (shard.of, shard.total)).next() else { return Ok(all) };
    let first = &reports[0];
    let said = |shard: &Option<Shard>| match shard {
        Some(shard) => format!("a shard of {} ({} pages in all)", shard.of, shard.total),
        None => "no shard".to_owned(),
    };
    let mut by_index: BTreeMap<usize, &Named> = BTreeMap::new();
    for (named, shard) in reports.iter().zip(&all) {
        if said(shard) != said(&all[0]) {
            return Err(MergeError::Differs {
                what: "the division into shards",
                one: first.name.clone(),
                one_has: said(&all[0]),
                other: named.name.clone(),
                other_has: said(shard),
            });
        }
        let Some(shard) = shard else { continue };
        if shard.places.len() != named.report.pages.len() || shard.index == 0 || shard.index > of {
            return Err(MergeError::Broken { name: named.name.clone() });
        }
        if let Some(one) = by_index.insert(shard.index, named) {
            let (one, other) = (one.name.clone(), named.name.clone());
            return Err(MergeError::SameShard { one, other, index: shard.index, of });
        }
    }
    // Not counted up: a file may say that it is one of any number of shards.
    let missing: Vec<String> =
        (1..=of).filter(|index| !by_index.contains_key(index)).take(10).map(|index| format!("{index}/{of}")).collect();
    if !missing.is_empty() {
        return Err(MergeError::Missing { missing: missing.join(", ") });
    }
    let mut places: Vec<usize> = all.iter().flatten().flat_map(|shard| shard.places.iter().copied()).collect();
    places.sort_unstable();
    if places.len() != total || places.iter().enumerate().any(|(at, place)| at != *place) {
        return Err(MergeError::Broken { name: first.name.clone() });
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
