//! The order of pages, which is Hugo's default: weight (none is last), date (newest first), short title by
//! the rules of the language, file.

use std::cmp::Ordering;

use icu_collator::options::{AlternateHandling, CollatorOptions, Strength};
use icu_collator::{Collator, CollatorBorrowed};
use icu_locale_core::Locale;

use super::Page;

/// How the languages of a site sort.
#[derive(Debug)]
pub struct Order {
    collations: Vec<Collation>,
}

impl Order {
    /// For languages with these codes, in the site's order.
    pub(super) fn new<'a>(codes: impl Iterator<Item = &'a str>) -> Self {
        Self { collations: codes.map(Collation::new).collect() }
    }

    /// Compares two pages in a list that readers of `language` see.
    #[must_use]
    pub fn compare(&self, a: &Page, b: &Page, language: usize) -> Ordering {
        let last_if_none = |weight: i64| (weight == 0, weight);
        last_if_none(a.weight)
            .cmp(&last_if_none(b.weight))
            .then_with(|| b.moment.map(|moment| moment.as_second()).cmp(&a.moment.map(|moment| moment.as_second())))
            .then_with(|| self.collations[language].compare(&a.link_title, &b.link_title))
            // Pages without a file come first.
            .then_with(|| a.file.is_some().cmp(&b.file.is_some()))
            .then_with(|| files(a).cmp(files(b)))
            .then_with(|| (a.language, &a.path).cmp(&(b.language, &b.path)))
    }
}

/// A page's file as it is compared: the case of letters does not count.
fn files(page: &Page) -> impl Iterator<Item = char> {
    let path = page.file.as_ref().map_or(page.path.as_str(), |file| file.path.as_str());
    path.chars().map(|c| c.to_lowercase().next().unwrap_or(c))
}

/// The order of texts in one language.
struct Collation {
    /// `None` for a code that names no language: by code points.
    collator: Option<CollatorBorrowed<'static>>,
    /// A kana with a mark that prolongs it sorts as its vowel.
    prolonged: bool,
}

impl std::fmt::Debug for Collation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Collation").field("prolonged", &self.prolonged).finish_non_exhaustive()
    }
}

impl Collation {
    fn new(code: &str) -> Self {
        let mut options = CollatorOptions::default();
        options.strength = Some(Strength::Tertiary);
        options.alternate_handling = Some(AlternateHandling::NonIgnorable);
        let locale = Locale::try_from_str(code).or_else(|_| Locale::try_from_str("en"));
        let collator = locale.ok().and_then(|locale| Collator::try_new((&locale).into(), options).ok());
        Self { collator, prolonged: code == "ja" || code.starts_with("ja-") }
    }

    fn compare(&self, a: &str, b: &str) -> Ordering {
        if a == b {
            return Ordering::Equal;
        }
        if self.prolonged && (a.contains('ー') || b.contains('ー')) {
            return self.compare_plain(&prolonged(a), &prolonged(b));
        }
        self.compare_plain(a, b)
    }

    fn compare_plain(&self, a: &str, b: &str) -> Ordering {
        if let Some(order) = by_script(a, b) {
            return order;
        }
        self.collator.as_ref().map_or_else(|| a.cmp(b), |collator| collator.compare(a, b))
    }
}

/// Latin letters come before all others in every language, also where the language's own rules have its
/// script first: the rules that Hugo sorts by leave that part of them out.
fn by_script(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = a.chars().zip(b.chars()).find(|(a, b)| a != b && !a.to_lowercase().eq(b.to_lowercase()))?;
    let both_letters = a.is_alphabetic() && b.is_alphabetic();
    match (is_latin(a), is_latin(b)) {
        (true, false) if both_letters => Some(Ordering::Less),
        (false, true) if both_letters => Some(Ordering::Greater),
        _ => None,
    }
}

fn is_latin(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{ff21}'..='\u{ff5a}')
}

/// A Japanese title with each kana that a mark prolongs as the small kana of its vowel: the rules that
/// Hugo sorts by read the two as one letter.
fn prolonged(title: &str) -> String {
    const ROWS: [(char, &str); 5] = [
        ('ァ', "ぁあかがさざただなはばぱまゃやらゎわァアカヵガサザタダナハバパマャヤラヮワ"),
        ('ィ', "ぃいきぎしじちぢにひびぴみりゐィイキギシジチヂニヒビピミリヰ"),
        ('ゥ', "ぅうくぐすずつづぬふぶぷむゅゆるゔゥウクグスズツヅヌフブプムュユルヴ"),
        ('ェ', "ぇえけげせぜてでねへべぺめれゑェエケヶゲセゼテデネヘベペメレヱ"),
        ('ォ', "ぉおこごそぞとどのほぼぽもょよろをォオコゴソゾトドノホボポモョヨロヲ"),
    ];
    let mut text = String::with_capacity(title.len());
    for c in title.chars() {
        if c == 'ー'
            && let Some(before) = text.chars().next_back()
            && let Some((vowel, _)) = ROWS.iter().find(|(_, row)| row.contains(before))
        {
            text.pop();
            text.push(*vowel);
            continue;
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is_sorted(code: &str, titles: &[&str]) {
        let collation = Collation::new(code);
        let mut sorted = titles.to_vec();
        sorted.reverse();
        sorted.sort_by(|a, b| collation.compare(a, b));
        assert_eq!(sorted, titles, "{code}");
    }

    #[test]
    fn case_counts_last_and_signs_come_before_letters() {
        is_sorted("en", &["api", "API", "apply", "Apply b", "kube-proxy", "kubeadm", "Über", "Zoo"]);
    }

    #[test]
    fn languages_have_their_own_order() {
        is_sorted("es", &["nube", "ñandú", "objeto"]);
        is_sorted("ja", &["Pod", "あ", "イ", "の", "概念"]);
        is_sorted("zh-cn", &["北", "南", "中"]);
        is_sorted("no-such-language-code", &["a", "B", "c"]);
    }

    #[test]
    fn latin_letters_come_first() {
        for (code, own) in [("ru", "Абзац"), ("zh-cn", "北"), ("ko", "가"), ("hi", "क"), ("uk", "Аб")] {
            is_sorted(code, &["2 x", "Pod", own]);
        }
    }

    #[test]
    fn a_prolonged_kana_sorts_as_its_vowel() {
        is_sorted("ja", &["リース", "コンテナ", "リスト"]);
    }
}
