//! Dates as authors write them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// A date in RFC 3339, and the moment it is. Without an offset it is UTC.
pub(super) fn parse(text: &str) -> Option<(String, Timestamp)> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<Timestamp>() {
        // The author's own offset is kept: it decides which day the page is of.
        return Some((text.replacen(' ', "T", 1), moment));
    }
    if let Ok(zoned) = Zoned::strptime("%Y-%m-%d %H:%M:%S %z", text) {
        return Some((zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(), zoned.timestamp()));
    }
    let civil = text.parse::<DateTime>().ok()?;
    let zoned = civil.to_zoned(TimeZone::UTC).ok()?;
    Some((zoned.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), zoned.timestamp()))
}

/// The date at the head of a file name (`2019-01-15-name.md`), and the rest of the name without it.
pub(super) fn of_file_name(name: &str) -> Option<(&str, &str)> {
    let date = name.get(..10)?;
    date.parse::<Date>().ok()?;
    let rest = name.get(10..)?;
    let rest = rest.strip_prefix(['-', '_']).unwrap_or(rest);
    let stem = rest.rsplit_once('.').map_or(rest, |(stem, _)| stem);
    Some((date, stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_the_forms_that_authors_use() {
        let text = |date| parse(date).map(|(text, _)| text);
        assert_eq!(text("2024-05-06").as_deref(), Some("2024-05-06T00:00:00Z"));
        assert_eq!(text("2024-05-06T07:08:09").as_deref(), Some("2024-05-06T07:08:09Z"));
        assert_eq!(text("2024-05-06T07:08:09+09:00").as_deref(), Some("2024-05-06T07:08:09+09:00"));
        assert_eq!(text("2024-05-06 07:08:09 -0800").as_deref(), Some("2024-05-06T07:08:09-08:00"));
        assert_eq!(text("2024-xx-06"), None);
        assert_eq!(of_file_name("2019-01-15-hello-world.md"), Some(("2019-01-15", "hello-world")));
        assert_eq!(of_file_name("hello.md"), None);
    }
}
