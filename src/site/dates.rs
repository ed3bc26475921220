//! Dates as authors write them.

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Spellings with an offset.
const WITH_OFFSET: [&str; 8] = [
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S %:z",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S%:z",
    "%Y-%m-%dT%H:%M:%S%z",
    "%a, %d %b %Y %H:%M:%S %z",
    "%d %b %y %H:%M %z",
    "%a %b %d %H:%M:%S %z %Y",
];

/// Spellings of a day and a time without one.
const WITHOUT_OFFSET: [&str; 5] =
    ["%a, %d %b %Y %H:%M:%S", "%d %b %y %H:%M", "%A, %d-%b-%y %H:%M:%S", "%a %b %e %H:%M:%S %Y", "%Y-%m-%d %H:%M:%S"];

/// A date in RFC 3339, and the moment it is. Without an offset it is of `zone`.
pub(crate) fn parse(text: &str, zone: &TimeZone) -> Option<(String, Timestamp)> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<Timestamp>() {
        // The author's own offset is kept: it decides which day the page is of.
        return Some((text.replacen(' ', "T", 1), moment));
    }
    if let Some(zoned) = WITH_OFFSET.iter().find_map(|format| Zoned::strptime(format, text).ok()) {
        return Some(printed(&zoned));
    }
    if let Ok(civil) = text.parse::<DateTime>() {
        return civil.to_zoned(zone.clone()).ok().map(|zoned| printed(&zoned));
    }
    // As in Go, the name of a zone says nothing by itself: only an offset does.
    let nameless = without_zone_name(text);
    let zone = if nameless.is_some() { TimeZone::UTC } else { zone.clone() };
    let plain = nameless.unwrap_or_else(|| text.to_owned());
    let civil = WITHOUT_OFFSET.iter().find_map(|format| DateTime::strptime(format, &plain).ok());
    let civil = civil.or_else(|| strtime::parse("%d %b %Y", &plain).ok()?.to_date().ok().map(DateTime::from))?;
    civil.to_zoned(zone).ok().map(|zoned| printed(&zoned))
}

fn printed(zoned: &Zoned) -> (String, Timestamp) {
    let format = if zoned.offset().is_zero() { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S%:z" };
    (zoned.strftime(format).to_string(), zoned.timestamp())
}

/// `Mon, 02 Jan 2006 15:04:05 MST` and `Mon Jan  2 15:04:05 MST 2006` without the zone's name.
fn without_zone_name(text: &str) -> Option<String> {
    let is_name = |word: &str| (3..=4).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().rposition(|word| is_name(word))?;
    let kept: Vec<&str> = words.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, word)| *word).collect();
    Some(kept.join(" "))
}

/// The date at the head of a name (`2019-01-15-name`), and the rest of the name without it.
pub(super) fn of_file_name(stem: &str) -> Option<(&str, &str)> {
    let date = stem.get(..10)?;
    date.parse::<Date>().ok()?;
    Some((date, stem.get(10..)?.trim_matches([' ', '-', '_'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_the_forms_that_authors_use() {
        let text = |date| parse(date, &TimeZone::UTC).map(|(text, _)| text);
        for (written, expected) in [
            ("2024-05-06", "2024-05-06T00:00:00Z"),
            ("2024-05-06T07:08:09", "2024-05-06T07:08:09Z"),
            ("2024-05-06T07:08:09+09:00", "2024-05-06T07:08:09+09:00"),
            ("2024-05-06 07:08:09 -0800", "2024-05-06T07:08:09-08:00"),
            ("2024-05-06 07:08:09 -08:00", "2024-05-06T07:08:09-08:00"),
            ("2024-05-06 07:08:09", "2024-05-06T07:08:09Z"),
            ("Mon, 06 May 2024 07:08:09 -0800", "2024-05-06T07:08:09-08:00"),
            ("Mon, 06 May 2024 07:08:09 PST", "2024-05-06T07:08:09Z"),
            ("06 May 24 07:08 -0800", "2024-05-06T07:08:00-08:00"),
            ("Monday, 06-May-24 07:08:09 GMT", "2024-05-06T07:08:09Z"),
            ("Mon May  6 07:08:09 2024", "2024-05-06T07:08:09Z"),
            ("Mon May  6 07:08:09 MST 2024", "2024-05-06T07:08:09Z"),
            ("Mon May 06 07:08:09 -0800 2024", "2024-05-06T07:08:09-08:00"),
            ("06 May 2024", "2024-05-06T00:00:00Z"),
        ] {
            assert_eq!(text(written).as_deref(), Some(expected), "{written}");
        }
        assert_eq!(text("2024-xx-06"), None);
        assert_eq!(text(""), None);
    }

    #[test]
    fn dates_without_an_offset_are_of_the_sites_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(9));
        let (text, moment) = parse("2024-05-06", &zone).unwrap();
        assert_eq!((text.as_str(), moment.to_string().as_str()), ("2024-05-06T00:00:00+09:00", "2024-05-05T15:00:00Z"));
    }

    #[test]
    fn names_have_dates() {
        assert_eq!(of_file_name("2019-01-15-hello-world"), Some(("2019-01-15", "hello-world")));
        assert_eq!(of_file_name("2019-01-15"), Some(("2019-01-15", "")));
        assert_eq!(of_file_name("hello"), None);
    }
}
