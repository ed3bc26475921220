//! Several ways to do the same: tabs, headings that name platforms or methods, and what stands behind
//! "alternatively".
//!
//! In: the blocks of a page. Out: `alternative_of` of the ways that come after the first. Another tab
//! and another platform are not run; another way in the text is, after the first.

use std::collections::{BTreeMap, BTreeSet};

use super::objects::needed_objects;
use super::{PlannedBlock, made_objects, skips};
use crate::verify::cues::{Cue, Cues};
use crate::verify::model::Role;
use crate::verify::shell;
use crate::verify::words::Kind;

/// Words by which headings and tabs name an operating system, a distribution or a shell.
const PLATFORMS: &[&str] = &[
    "linux",
    "macos",
    "windows",
    "powershell",
    "bash",
    "zsh",
    "fish",
    "debian",
    "ubuntu",
    "fedora",
    "centos",
    "rhel",
    "suse",
    "cmd",
];

/// Those of them that are not where docbuild runs.
const OTHER_MACHINES: &[&str] = if cfg!(target_os = "macos") {
    &["windows", "powershell", "cmd", "linux"]
} else {
    &["windows", "powershell", "cmd", "macos"]
};

/// Finds the alternatives of a page.
pub(super) fn find(blocks: &mut [PlannedBlock], cues: &Cues) {
    tabs(blocks);
    platforms(blocks);
    methods(blocks, cues);
    otherwise(blocks, cues);
}

/// One of several ways of which one is run.
struct Way {
    group: String,
    /// What tells it from the others, and what it is called.
    key: String,
    name: String,
}

/// Of a group of tabs the first that could run is run, the others are not.
fn tabs(blocks: &mut [PlannedBlock]) {
    let ways: Vec<Option<Way>> = blocks
        .iter()
        .map(|block| {
            let tab = block.block.context.tab.as_ref()?;
            let name = format!("the tab `{}`", tab.label);
            Some(Way { group: tab.group.to_string(), key: tab.index.to_string(), name })
        })
        .collect();
    take_one(blocks, &ways);
}

/// Of sibling headings that each name a platform, the first that could run is run.
fn platforms(blocks: &mut [PlannedBlock]) {
    let places = platform_places(blocks);
    let mut steps: BTreeMap<(&str, usize), BTreeMap<&str, usize>> = BTreeMap::new();
    let mut last: BTreeMap<(&str, usize), &str> = BTreeMap::new();
    for place in places.iter().flatten() {
        let group = (place.above.as_str(), place.run);
        let most = steps.entry(group).or_default().entry(&place.words).or_default();
        *most = (*most).max(place.step);
        last.insert(group, &place.words);
    }
    let ways: Vec<Option<Way>> = places
        .iter()
        .map(|place| {
            let place = place.as_ref()?;
            let group = (place.above.as_str(), place.run);
            // Below the last of them stands what follows for all: it has as many steps as the others.
            let others = steps[&group].iter().filter(|(words, _)| **words != place.words).map(|(_, most)| *most).max();
            let beyond = last[&group] == place.words && others.is_some_and(|most| place.step > most);
            (!beyond).then(|| Way {
                group: format!("{}\n{}", place.above, place.run),
                key: place.words.clone(),
                name: format!("`{}`", place.heading),
            })
        })
        .collect();
    take_one(blocks, &ways);
}

/// Where a block stands among headings that name platforms.
struct PlatformPlace {
    /// The headings above these.
    above: String,
    /// Which row of such headings: "Linux", "Windows", and again "Linux", "Windows".
    run: usize,
    words: String,
    heading: String,
    /// Which step below its heading, from 1; an output belongs to its step.
    step: usize,
}

fn platform_places(blocks: &[PlannedBlock]) -> Vec<Option<PlatformPlace>> {
    let mut rows: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    let mut section = None;
    let mut step = 0;
    let mut places = vec![];
    for block in blocks {
        let context = &block.block.context;
        let named = context.headings.split_last().and_then(|(last, above)| {
            let words: Vec<String> = platform_words(last).collect();
            (!words.is_empty()).then(|| (last, above.join("\n"), words.join(" ")))
        });
        let Some((heading, above, words)) = named else {
            places.push(None);
            continue;
        };
        let (run, seen) = rows.entry(above.clone()).or_default();
        if section != Some(context.section) {
            step = 0;
            if seen.contains(&words) && seen.last() != Some(&words) {
                *run += 1;
                seen.clear();
            }
            seen.push(words.clone());
        }
        section = Some(context.section);
        step += usize::from(block.role != Role::Output || step == 0);
        places.push(Some(PlatformPlace { above, run: *run, words, heading: heading.clone(), step }));
    }
    places
}

fn platform_words(label: &str) -> impl Iterator<Item = String> + '_ {
    let words = label.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.filter(|word| PLATFORMS.contains(&word.as_str()))
}

/// Takes the first way of each group that could run here, and skips what the others hold.
fn take_one(blocks: &mut [PlannedBlock], ways: &[Option<Way>]) {
    // Whether a way has commands, and whether one of them could run.
    let mut viable: BTreeMap<(&str, &str), (bool, bool)> = BTreeMap::new();
    for (block, way) in blocks.iter().zip(ways) {
        let Some(way) = way else { continue };
        let (some, runs) = viable.entry((&way.group, &way.key)).or_default();
        *some |= !block.commands.is_empty();
        *runs |= block.commands.iter().any(|command| skips::static_reason(command).is_none());
    }
    let mut taken: BTreeMap<&str, (bool, usize)> = BTreeMap::new();
    for (index, way) in ways.iter().enumerate() {
        let Some(way) = way else { continue };
        let (some, runs) = viable[&(way.group.as_str(), way.key.as_str())];
        let elsewhere = platform_words(&way.name).any(|word| OTHER_MACHINES.contains(&word.as_str()));
        // A way without commands shows what is used, if it is for this machine.
        let usable = if some { runs } else { !elsewhere };
        if !usable {
            continue;
        }
        let place = taken.entry(&way.group).or_insert((elsewhere, index));
        if place.0 && !elsewhere {
            *place = (elsewhere, index);
        }
    }
    for (index, block) in blocks.iter_mut().enumerate() {
        let Some(way) = &ways[index] else { continue };
        let Some((_, first)) = taken.get(way.group.as_str()) else { continue };
        let Some(run) = &ways[*first] else { continue };
        if run.key == way.key {
            continue;
        }
        block.alternative_of = Some(first + 1);
        if matches!(block.role, Role::Command | Role::Transcript | Role::Output) {
            block.skip = Some(format!("another way than {}, which is run", run.name));
        }
    }
}

/// Sibling headings, or paragraphs that stand for headings, that name methods ("Using kubectl", "Using the
/// API"): what the later ones hold are alternatives of the first one's first command.
fn methods(blocks: &mut [PlannedBlock], cues: &Cues) {
    let mut firsts: BTreeMap<String, (String, usize)> = BTreeMap::new();
    // What each way works on, and the later ways' blocks.
    let mut subjects: BTreeMap<(String, String), Subject> = BTreeMap::new();
    let mut later: Vec<(usize, usize, String, String)> = vec![];
    let mut paragraph: Option<(usize, String)> = None;
    for (index, block) in blocks.iter().enumerate() {
        let context = &block.block.context;
        let section = context.section;
        let named = context.prose.lines().rfind(|line| stands_for_heading(line) && cues.say(Cue::Method, line));
        if let Some(line) = named {
            paragraph = Some((section, line.to_owned()));
        }
        let (group, way) = match (&paragraph, context.headings.split_last()) {
            (Some((at, line)), _) if *at == section => (format!("{section}"), line.clone()),
            (_, Some((last, above))) if cues.say(Cue::Method, last) => (above.join("\n"), last.clone()),
            _ => continue,
        };
        if !is_command(block) {
            continue;
        }
        subjects.entry((group.clone(), way.clone())).or_default().add(block);
        match firsts.get(&group) {
            Some((first, head)) if *first != way => later.push((index, *head, group, way)),
            Some(_) => {}
            None => {
                firsts.insert(group, (way, index));
            }
        }
    }
    for (index, head, group, way) in later {
        let first = &subjects[&(group.clone(), firsts[&group].0.clone())];
        if !first.is_before(&subjects[&(group, way)]) {
            mark(blocks, index, head);
        }
    }
}

/// What the commands below a heading work on.
#[derive(Debug, Default)]
struct Subject {
    names: BTreeSet<String>,
    files: BTreeSet<String>,
    changes: bool,
}

impl Subject {
    fn of(block: &PlannedBlock) -> Self {
        let mut subject = Self::default();
        subject.add(block);
        subject
    }

    fn add(&mut self, block: &PlannedBlock) {
        self.changes |= changes(block);
        for command in &block.commands {
            self.names.extend(needed_objects(&command.text).into_iter().chain(made_objects(&command.text)));
            let words = shell::simple_commands(&command.text).into_iter().flat_map(|simple| simple.words);
            let base = |word: String| word.rsplit(['/', '=']).next().unwrap_or_default().to_owned();
            let data = |file: &String| [".yaml", ".yml", ".json"].iter().any(|end| file.ends_with(end));
            self.files.extend(words.map(base).filter(data));
        }
    }

    /// Whether another is no second way to do this, but a step behind it: it is about something else, or this one
    /// has only looked on.
    fn is_before(&self, other: &Self) -> bool {
        let apart = |a: &BTreeSet<String>, b: &BTreeSet<String>| !a.is_empty() && !b.is_empty() && a.is_disjoint(b);
        let shared = !self.names.is_disjoint(&other.names) || !self.files.is_disjoint(&other.files);
        let about_other = apart(&self.names, &other.names) || apart(&self.files, &other.files);
        !shared && about_other || other.changes && !self.changes
    }
}

/// Whether a block changes something on the cluster or in files.
fn changes(block: &PlannedBlock) -> bool {
    block.commands.iter().any(|command| !matches!(command.kind, Kind::Read | Kind::Lease | Kind::Wait))
}

/// A short line without the end of a sentence: what authors set in bold instead of a heading.
fn stands_for_heading(line: &str) -> bool {
    let line = line.trim();
    line.chars().count() < 50 && !line.ends_with(['.', ':', ',', '。', '：', '!', '?', ';'])
}

/// What is said to be another way is an alternative of the command before it.
fn otherwise(blocks: &mut [PlannedBlock], cues: &Cues) {
    let said = |block: &PlannedBlock| {
        let context = &block.block.context;
        is_command(block) && [&context.cue, &context.paragraph].iter().any(|text| cues.say(Cue::Otherwise, text))
    };
    let others: Vec<usize> = (0..blocks.len()).filter(|&index| said(&blocks[index])).collect();
    for index in others {
        if let Some(before) = done_before(blocks, index) {
            mark(blocks, index, before);
        }
    }
}

/// The command of which this one may be another way: the one before it, or, if that only looks at what was made
/// before, the one that made it. Looking at what was done is no other way to do it.
fn done_before(blocks: &[PlannedBlock], index: usize) -> Option<usize> {
    let (own, acts) = (Subject::of(&blocks[index]), changes(&blocks[index]));
    let mut before = (0..index).rev().filter(|&before| is_command(&blocks[before])).peekable();
    let nearest = *before.peek()?;
    let mut seen = Subject::default();
    for before in before.take_while(|&before| near(&blocks[before], &blocks[index])) {
        seen.add(&blocks[before]);
        if changes(&blocks[before]) == acts {
            let same = match before == nearest {
                true => !acts || !seen.is_before(&own),
                false => !seen.names.is_disjoint(&own.names),
            };
            return same.then_some(before);
        }
        if !acts {
            return None;
        }
    }
    None
}

/// Whether two blocks stand in one section, or in sections below one heading, or the second in one below the
/// first's.
fn near(a: &PlannedBlock, b: &PlannedBlock) -> bool {
    let above = |block: &PlannedBlock| {
        let headings = &block.block.context.headings;
        headings[..headings.len().saturating_sub(1)].to_vec()
    };
    a.block.context.section == b.block.context.section
        || above(a) == above(b)
        || b.block.context.headings.starts_with(&a.block.context.headings)
}

fn mark(blocks: &mut [PlannedBlock], index: usize, head: usize) {
    if blocks[index].alternative_of.is_none() {
        blocks[index].alternative_of = blocks[head].alternative_of.or(Some(head + 1));
    }
}

fn is_command(block: &PlannedBlock) -> bool {
    matches!(block.role, Role::Command | Role::Transcript)
}
