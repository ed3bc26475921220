//! Which tags a repository has: without a registry to ask, a list of releases has to say.
//!
//! A tag exists if it is one of the words (`latest`), a release (`1.14.2`), where the repository has
//! them the beginning of one (`1.14`, `1`), or any of these with variants behind (`1.14.2-alpine`).
//! So `nginx:1.161`, which a page uses to show a rollout that gets stuck, does not exist here either.

use serde::{Deserialize, Serialize};

/// The tags of a repository. Each list is separated by blanks; a record's are its own strings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tags<Text = &'static str> {
    /// Releases, `1.14.0`; a range of the last number is written `1.14.0..2`.
    releases: Text,
    /// Whether there are tags of the beginnings of releases.
    beginnings: bool,
    /// Tags that are no version.
    words: Text,
    /// What may stand behind, and by itself. Numbers may follow: `alpine` is also `alpine3.18`.
    variants: Text,
}

impl Tags {
    /// Tags of these words alone.
    pub(super) const fn words(words: &'static str) -> Self {
        Self { releases: "", beginnings: false, words, variants: "" }
    }

    /// The releases too.
    pub(super) const fn releases(self, releases: &'static str) -> Self {
        Self { releases, ..self }
    }

    /// And their beginnings: `1.14` is the newest of `1.14.0..2`.
    pub(super) const fn beginnings(self) -> Self {
        Self { beginnings: true, ..self }
    }

    /// Variants of each, `alpine`.
    pub(super) const fn variants(self, variants: &'static str) -> Self {
        Self { variants, ..self }
    }

    /// The same, to be kept.
    pub(super) fn kept(self) -> Tags<String> {
        let Self { releases, beginnings, words, variants } = self;
        Tags { releases: releases.into(), beginnings, words: words.into(), variants: variants.into() }
    }
}

impl<Text: AsRef<str>> Tags<Text> {
    /// Whether there is such a tag.
    pub(super) fn have(&self, tag: &str) -> bool {
        if self.is_plain(tag) {
            return true;
        }
        // `1.14-alpine`, `stable-alpine3.18`, `alpine`: the first part may be missing.
        let mut parts = tag.split('-');
        let Some(first) = parts.next() else { return false };
        (self.is_plain(first) || self.is_variant(first)) && parts.all(|part| self.is_variant(part))
    }

    fn is_plain(&self, tag: &str) -> bool {
        self.words.as_ref().split_ascii_whitespace().any(|word| word == tag)
            || self.releases.as_ref().split_ascii_whitespace().any(|release| self.is_of(release, tag))
    }

    fn is_variant(&self, part: &str) -> bool {
        let bare = part.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        self.variants
            .as_ref()
            .split_ascii_whitespace()
            .any(|variant| variant == part || !bare.is_empty() && variant == bare)
    }

    /// Whether a tag is a release of a range, or the beginning of one.
    fn is_of(&self, range: &str, tag: &str) -> bool {
        let (first, last) = range.split_once("..").unwrap_or((range, ""));
        let (stem, from) = first.rsplit_once('.').unwrap_or(("", first));
        let is_beginning = || {
            self.beginnings
                && !stem.is_empty()
                && (stem == tag || stem.strip_prefix(tag).is_some_and(|rest| rest.starts_with('.')))
        };
        if tag == first || is_beginning() {
            return true;
        }
        let number = match stem {
            "" => tag,
            _ => tag.strip_prefix(stem).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default(),
        };
        // `01` is no number of a version.
        let parse = |text: &str| text.parse::<u32>().ok().filter(|number| number.to_string() == text);
        match (parse(from), parse(last), parse(number)) {
            (Some(from), Some(last), Some(number)) => (from..=last).contains(&number),
            _ => false,
        }
    }
}

/// The version that a tag begins with: `1.14.2` of `1.14.2-alpine`, `1` of `v1`.
pub(super) fn version_of(tag: &str) -> &str {
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let end = tag.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(tag.len());
    tag[..end].trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    const NGINX: Tags =
        Tags::words("latest stable").releases("1.14.0..2 1.16.0..1 1.7.9").beginnings().variants("alpine perl");

    #[test]
    fn releases_their_beginnings_and_variants_exist() {
        for tag in [
            "latest",
            "stable",
            "1",
            "1.14",
            "1.14.0",
            "1.14.2",
            "1.16",
            "1.7.9",
            "1.7",
            "1.14-alpine",
            "alpine",
            "stable-alpine3.18",
            "1.14.2-alpine3.18-perl",
        ] {
            assert!(NGINX.have(tag), "{tag}");
        }
    }

    #[test]
    fn what_was_never_released_does_not() {
        for tag in [
            "1.161",
            "1.14.3",
            "1.15",
            "1.4.0",
            "2",
            "1.",
            "1.1",
            "sometag",
            "",
            "1.14.2-",
            "1.14.2-debian",
            "1.14.02",
            "3.18",
            "-alpine",
            "latest1",
        ] {
            assert!(!NGINX.have(tag), "{tag}");
        }
    }

    #[test]
    fn a_repository_without_beginnings_has_none() {
        let pause = Tags::words("latest").releases("2.0 3.0..10 3.10.1 go");
        for (tag, exists) in
            [("3.8", true), ("3.10", true), ("3.10.1", true), ("3", false), ("3.11", false), ("go", true)]
        {
            assert_eq!(pause.have(tag), exists, "{tag}");
        }
        let counted = Tags::words("").releases("v1..3 8..12");
        for (tag, exists) in [("8", true), ("12", true), ("13", false), ("v1", true), ("v2", false)] {
            assert_eq!(counted.have(tag), exists, "{tag}");
        }
    }

    #[test]
    fn a_tag_begins_with_its_version() {
        for (tag, version) in
            [("1.14.2-alpine", "1.14.2"), ("v10", "10"), ("latest", ""), ("5.0.4", "5.0.4"), ("1-x", "1")]
        {
            assert_eq!(version_of(tag), version);
        }
    }
}
