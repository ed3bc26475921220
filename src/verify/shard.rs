//! A part of all pages, for machines that share the work.
//!
//! In: the [`Prepared`] pages of the whole, and which of how many parts is wanted. Out: the places of
//! its pages in the whole. Each page is in exactly one part, pages that share a run are in the same one,
//! and the parts have about the same number of commands. The same pages give the same parts anywhere.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::str::FromStr;

use crate::verify::pages::Prepared;

/// `I/N`: the `I`th of `N` parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which one, from 1.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

/// Why a text names no part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// It has another form.
    #[error("write it as I/N, as in 2/5")]
    Form,
    /// There is no such part.
    #[error("the parts of {of} are 1/{of} to {of}/{of}")]
    Range {
        /// How many parts.
        of: usize,
    },
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (index, of) = text.split_once('/').ok_or(ShardError::Form)?;
        let number = |text: &str| text.trim().parse::<usize>().map_err(|_| ShardError::Form);
        let (index, of) = (number(index)?, number(of)?);
        match of {
            0 => Err(ShardError::Form),
            of if index == 0 || index > of => Err(ShardError::Range { of }),
            of => Ok(Self { index, of }),
        }
    }
}

/// What is put into parts: pages that share one run.
struct Group {
    /// How much there is to do: the commands of the run, and one for the page itself.
    weight: usize,
    /// Places in the whole, in order.
    places: Vec<usize>,
}

/// The places of the pages of this part, in order.
#[must_use]
pub fn places(pages: &[Prepared], shard: Shard) -> Vec<usize> {
    let runs = pages.iter().map(|page| (page.run.path.as_str(), page.run.sequence().len()));
    split(runs, shard.of).into_iter().nth(shard.index - 1).unwrap_or_default()
}

/// Puts pages, each with the name of its run and the run's number of commands, into `parts` parts: the
/// largest run first, each into the part that has the least so far.
fn split<'a>(pages: impl Iterator<Item = (&'a str, usize)>, parts: usize) -> Vec<Vec<usize>> {
    let mut by_run: BTreeMap<&str, Group> = BTreeMap::new();
    for (place, (run, commands)) in pages.enumerate() {
        let group = by_run.entry(run).or_insert(Group { weight: commands + 1, places: vec![] });
        group.places.push(place);
    }
    let mut groups: Vec<Group> = by_run.into_values().collect();
    // Stable: groups of one weight stay in the order of their runs' names.
    groups.sort_by_key(|group| Reverse(group.weight));
    let mut filled: Vec<(usize, Vec<usize>)> = vec![(0, vec![]); parts];
    for group in groups {
        let Some(least) = filled.iter_mut().min_by_key(|(weight, _)| *weight) else { continue };
        least.0 += group.weight;
        least.1.extend(group.places);
    }
    filled
        .into_iter()
        .map(|(_, mut places)| {
            places.sort_unstable();
            places
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_are_written_as_two_numbers() {
        assert_eq!("2/5".parse(), Ok(Shard { index: 2, of: 5 }));
        assert_eq!("6/5".parse::<Shard>(), Err(ShardError::Range { of: 5 }));
        assert_eq!("0/5".parse::<Shard>(), Err(ShardError::Range { of: 5 }));
        for wrong in ["", "2", "/", "1/0", "a/b", "-1/2", "1/2/3"] {
            assert_eq!(wrong.parse::<Shard>(), Err(ShardError::Form), "{wrong}");
        }
    }

    /// Pages: which run each shares, and how many commands each run has.
    fn pages() -> impl Strategy<Value = Vec<(String, usize)>> {
        let runs = proptest::collection::vec(0_usize..40, 1..30);
        (runs, proptest::collection::vec(any::<prop::sample::Index>(), 0..80)).prop_map(|(runs, pages)| {
            pages.iter().map(|page| page.index(runs.len())).map(|run| (format!("run-{run}"), runs[run])).collect()
        })
    }

    proptest! {
        #[test]
        fn the_parts_are_the_whole_and_nothing_twice(pages in pages(), parts in 1_usize..12) {
            let of = |pages: &[(String, usize)]| split(pages.iter().map(|(run, n)| (run.as_str(), *n)), parts);
            let split = of(&pages);
            prop_assert_eq!(split.len(), parts);
            let mut all: Vec<usize> = split.iter().flatten().copied().collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..pages.len()).collect::<Vec<_>>());
            for part in &split {
                prop_assert!(part.is_sorted(), "in the order of the whole");
            }
            for (run, _) in &pages {
                let holders = split.iter().filter(|part| part.iter().any(|place| pages[*place].0 == *run)).count();
                prop_assert_eq!(holders, 1, "one run, one part");
            }
            prop_assert_eq!(of(&pages), split, "the same pages, the same parts");
        }

        #[test]
        fn the_parts_are_balanced(pages in pages(), parts in 1_usize..12) {
            let split = split(pages.iter().map(|(run, n)| (run.as_str(), *n)), parts);
            let weights: Vec<usize> = split.iter().map(|part| {
                let runs: BTreeMap<&str, usize> =
                    part.iter().map(|place| (pages[*place].0.as_str(), pages[*place].1 + 1)).collect();
                runs.values().sum()
            }).collect();
            // The part that got the last run was the lightest before it: none is heavier than another by
            // more than one run.
            let largest = pages.iter().map(|(_, n)| n + 1).max().unwrap_or(0);
            let (least, most) = (weights.iter().min().unwrap(), weights.iter().max().unwrap());
            prop_assert!(most - least <= largest, "{weights:?}");
        }
    }
}
