//! The order of pages: weight (none is last), date (newest first), short title, file.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::Page;

/// What a page is sorted by; made once a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    weight: i64,
    date: Option<Timestamp>,
    title: Vec<String>,
    path: String,
}

impl Key {
    /// The key of a page whose date is `date`.
    pub(super) fn new(page: &Page, date: Option<Timestamp>) -> Self {
        Self { weight: page.weight, date, title: title_key(&page.link_title), path: page.path.clone() }
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let last_if_none = |weight: i64| (weight == 0, weight);
        last_if_none(self.weight)
            .cmp(&last_if_none(other.weight))
            .then_with(|| other.date.cmp(&self.date))
            .then_with(|| self.title.cmp(&other.title))
            // Pages without a file come first.
            .then_with(|| self.path.cmp(&other.path))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Titles compare by their letters and digits, then by accents, then by case and punctuation.
fn title_key(title: &str) -> Vec<String> {
    let lower: String = title.to_lowercase();
    let primary = lower.chars().filter(|c| c.is_alphanumeric() || *c == ' ').map(base_letter).collect();
    let swapped = title.chars().map(|c| {
        if c.is_uppercase() { c.to_lowercase().next().unwrap_or(c) } else { c.to_uppercase().next().unwrap_or(c) }
    });
    vec![primary, lower.chars().filter(|c| c.is_alphanumeric()).collect(), swapped.collect()]
}

/// The letter without its accent, for the Latin letters of European languages.
fn base_letter(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è'..='ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ì'..='ï' | 'ī' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' => 'n',
        'ò'..='ö' | 'ø' | 'ō' => 'o',
        'ś' | 'š' => 's',
        'ù'..='ü' | 'ū' => 'u',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::title_key;

    #[test]
    fn case_counts_last() {
        let mut titles = ["apply", "Über", "Apply b", "Zoo", "api", "API"];
        titles.sort_by_key(|title| title_key(title));
        assert_eq!(titles, ["api", "API", "apply", "Apply b", "Über", "Zoo"]);
    }
}
