//! The volatile classes of rule B5: what each looks like at the head of a text.
//!
//! A recogniser reads one instance of its class and says how many bytes it takes. Two instances of
//! one class hold against each other; what must be equal in them all the same (the level of a klog
//! line, a loopback address) is part of [`Instance::fixed`].

use super::scan::Scan;

/// One instance of a volatile class at the head of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify::matching) struct Instance<'a> {
    /// The class: instances of different classes never hold against each other.
    pub(in crate::verify::matching) class: Class,
    /// How many bytes it takes.
    pub(in crate::verify::matching) length: usize,
    /// What has to be equal on both sides, if anything.
    pub(in crate::verify::matching) fixed: &'a str,
}

/// A volatile class and the name of its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify::matching) enum Class {
    /// `2021-04-02T20:57:05Z` and its relatives with blanks or slashes.
    Timestamp,
    /// `Sun, 22 Nov 2026 13:48:03 +0000`.
    MailDate,
    /// `Fri Feb 22 11:02:09 UTC 2019`.
    ShellDate,
    /// `07/Sep/2018:15:29:11 +0000`.
    AccessLogDate,
    /// `Jun  6 20:08`, `Jun  6  2018`.
    FileDate,
    /// `I0514 22:30:00.123456    1234`.
    Klog,
    /// `11:02:09`.
    Clock,
    /// `..2024_01_02_15_04_05.123456789`.
    VolumeFolder,
    /// `e60f5ef2-eadc-4f34-bb13-53f84744f329`.
    Uuid,
    /// `sha256:` with 64 hexadecimal digits.
    Digest,
    /// 64 hexadecimal digits, or a container id after its scheme.
    ContainerId,
    /// An address of version 4 or 6, with port or prefix.
    Ip,
    /// `10s (x3 over 20s)`, `20s`.
    Age,
    /// `2m4s`, `0.000066649s`.
    Duration,
}

impl Class {
    /// The name of the rule.
    pub(in crate::verify::matching) fn rule(self) -> &'static str {
        match self {
            Self::Timestamp => "B5 timestamp",
            Self::MailDate => "B5 date (RFC 1123)",
            Self::ShellDate => "B5 date (date)",
            Self::AccessLogDate => "B5 date (access log)",
            Self::FileDate => "B5 date (ls)",
            Self::Klog => "B5 klog header",
            Self::Clock => "B5 time of day",
            Self::VolumeFolder => "B5 volume folder",
            Self::Uuid => "B5 uuid",
            Self::Digest => "B5 digest",
            Self::ContainerId => "B5 container id",
            Self::Ip => "B5 ip",
            Self::Age => "B5 age",
            Self::Duration => "B5 duration",
        }
    }

    /// Whether a documented instance stands for one thing all over a page.
    pub(in crate::verify::matching) fn binds(self) -> bool {
        matches!(self, Self::Uuid | Self::Ip)
    }

    /// Whether it is volatile only where an age is meant, not where it may be a setting.
    pub(in crate::verify::matching) fn is_duration(self) -> bool {
        matches!(self, Self::Age | Self::Duration)
    }
}

/// Reads the class instance at the head of `text`, the longest form first.
pub(in crate::verify::matching) fn read(text: &str) -> Option<Instance<'_>> {
    let first = *text.as_bytes().first()?;
    if !(first.is_ascii_alphanumeric() || matches!(first, b'.' | b':' | b'[' | b'<')) {
        return None;
    }
    const READERS: &[fn(&str) -> Option<Instance<'_>>] = &[
        uuid,
        timestamp,
        klog,
        mail_date,
        shell_date,
        access_log_date,
        file_date,
        volume_folder,
        digest,
        container_id,
        super::ip::read,
        clock,
        age,
        duration,
    ];
    READERS.iter().find_map(|reader| reader(text))
}

fn instance(class: Class, scan: &Scan<'_>) -> Option<Instance<'static>> {
    scan.at_end_of_word().then_some(Instance { class, length: scan.position(), fixed: "" })
}

/// Its form is unmistakable, so that it may be a part of a name (`pvc-...`, `gpu=...-gpu-0`).
pub(in crate::verify::matching) fn uuid(text: &str) -> Option<Instance<'_>> {
    let mut scan = Scan::new(text);
    for (index, digits) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if index > 0 {
            scan.byte(b'-')?;
        }
        scan.hex(digits)?;
    }
    let ends = scan.at_end_of_word() || text.as_bytes().get(scan.position()) == Some(&b'-');
    ends.then_some(Instance { class: Class::Uuid, length: scan.position(), fixed: "" })
}

/// `2006-01-02T15:04:05Z`, `2006-01-02 15:04:05.999 +0000 UTC`, `2006/01/02 15:04:05`, `2006-01-02`.
fn timestamp(text: &str) -> Option<Instance<'_>> {
    let mut scan = Scan::new(text);
    scan.digits(4)?;
    let separator = scan.one_of(b"-/")?;
    scan.digits(2)?;
    scan.byte(separator)?;
    scan.digits(2)?;
    let date_only = scan;
    let with_time = (|| {
        scan.one_of(b"T ")?;
        clock_digits(&mut scan)?;
        if scan.byte(b'Z').is_none() {
            zone(&mut scan);
        }
        instance(Class::Timestamp, &scan)
    })();
    with_time.or_else(|| instance(Class::Timestamp, &date_only))
}

/// A numeric offset, an abbreviation or both, each behind a blank or not; nothing is fine too.
fn zone(scan: &mut Scan<'_>) {
    let mut ahead = *scan;
    ahead.byte(b' ');
    if ahead.one_of(b"+-").is_some() && ahead.digits(2).is_some() {
        ahead.byte(b':');
        if ahead.digits(2).is_some() {
            *scan = ahead;
        }
    }
    let mut ahead = *scan;
    if ahead.byte(b' ').is_some()
        && ["UTC", "GMT", "CEST", "CET", "EST", "EDT", "PST", "PDT", "JST"]
            .iter()
            .any(|zone| ahead.word(zone).is_some())
    {
        *scan = ahead;
    }
}

fn clock_digits(scan: &mut Scan<'_>) -> Option<()> {
    scan.digits(2)?;
    scan.byte(b':')?;
    scan.digits(2)?;
    scan.byte(b':')?;
    scan.digits(2)?;
    let mut ahead = *scan;
    if ahead.one_of(b".,").is_some() && ahead.some_digits().is_some() {
        *scan = ahead;
    }
    Some(())
}

fn clock(text: &str) -> Option<Instance<'_>> {
    let mut scan = Scan::new(text);
    clock_digits(&mut scan)?;
    instance(Class::Clock, &scan)
}

/// The level letter has to be the same: an error line is no information line.
fn klog(text: &str) -> Option<Instance<'_>> {
    let mut scan = Scan::new(text);
    scan.one_of(b"IWEF")?;
    scan.digits(4)?;
    scan.byte(b' ')?;
    clock_digits(&mut scan)?;
    scan.blanks()?;
    scan.some_digits()?;
    instance(Class::Klog, &scan).map(|found| Instance { fixed: &text[..1], ..found })
}

fn mail_date(text: &str) -> Option<Instance<'_>> {
    let mut scan = Scan::new(text);
    scan.weekday()?;
    scan.byte(b',')?;
    scan.blanks()?;
    scan.some_digits()?;
    scan.one_of(b" -")?;
    scan.month()?;
    scan.one_of(b" -")?;
    scan.digits(4)?;
    scan.blanks()?;
    clock_digits(&mut scan)?;
    zone(&mut scan);
    instance(Class::MailDate, &scan)
}

/// `Fri Feb 22 11:02:09 UTC 2019`, without the zone, and `Fri 22 Feb 2019 11:02:09 AM UTC`.
fn shell_date(text: &str) -> Option<Instance<'_>> {
    let mut scan = Scan::new(text);
    scan.weekday()?;
    scan.blanks()?;
    if scan.month().is_some() {
        scan.blanks()?;
        scan.some_digits()?;
        scan.blanks()?;
        clock_digits(&mut scan)?;
        zone(&mut scan);
        scan.blanks()?;
        scan.digits(4)?;
        return instance(Class::ShellDate, &scan);
    }
    scan.some_digits()?;
    scan.blanks()?;
    scan.month()?;
    scan.blanks()?;
    scan.digits(4)?;
    scan.blanks()?;
    clock_digits(&mut scan)?;
    let mut ahead = scan;
    if ahead.blanks().is_some() && (ahead.word("AM").is_some() || ahead.word("PM").is_some()) {
        scan = ahead;
    }
    zone(&mut scan);
    instance(Class::ShellDate, &scan)
}

fn access_log_date(text: &str) -> Option<Instance<'_>> {
    let mut scan = Scan::new(text);
    scan.digits(2)?;
    scan.byte(b'/')?;
    scan.month()?;
    scan.byte(b'/')?;
    scan.digits(4)?;
    scan.byte(b':')?;
    clock_digits(&mut scan)?;
    zone(&mut scan);
    instance(Class::AccessLogDate, &scan)
}

fn file_date(text: &str) -> Option<Instance<'_>> {
    let mut scan = Scan::new(text);
    scan.month()?;
    scan.blanks()?;
    scan.some_digits()?;
    scan.blanks()?;
    let mut ahead = scan;
    if clock_digits(&mut ahead).is_some() {
        return instance(Class::FileDate, &ahead);
    }
    let mut ahead = scan;
    if ahead.digits(2).is_some() && ahead.byte(b':').is_some() && ahead.digits(2).is_some() {
        return instance(Class::FileDate, &ahead);
    }
    scan.digits(4)?;
    instance(Class::FileDate, &scan)
}

fn volume_folder(text: &str) -> Option<Instance<'_>> {
    let mut scan = Scan::new(text);
    scan.word("..")?;
    scan.digits(4)?;
    for _ in 0..5 {
        scan.byte(b'_')?;
        scan.digits(2)?;
    }
    scan.byte(b'.')?;
    scan.some_digits()?;
    instance(Class::VolumeFolder, &scan)
}

fn digest(text: &str) -> Option<Instance<'_>> {
    let mut scan = Scan::new(text);
    scan.word("sha256:")?;
    scan.hex(64)?;
    instance(Class::Digest, &scan)
}

/// 64 digits stand alone; after a scheme fewer will do, as pages cut them short.
fn container_id(text: &str) -> Option<Instance<'_>> {
    let mut scan = Scan::new(text);
    let scheme = ["docker://", "containerd://", "cri-o://"].into_iter().find(|scheme| scan.word(scheme).is_some());
    let Some(scheme) = scheme else {
        scan.hex(64)?;
        return instance(Class::ContainerId, &scan);
    };
    if scan.some_hex()? < 6 {
        return None;
    }
    instance(Class::ContainerId, &scan).map(|found| Instance { fixed: &text[..scheme.len()], ..found })
}

/// `2m4s`, `1.5h`, `17d`, `0.0002s`; the unit is a must.
fn duration_digits(scan: &mut Scan<'_>) -> Option<()> {
    let mut parts = 0;
    loop {
        let mut ahead = *scan;
        if ahead.some_digits().is_none() {
            break;
        }
        if ahead.byte(b'.').is_some() {
            ahead.some_digits()?;
        }
        let unit =
            ["ns", "us", "µs", "ms", "s", "m", "h", "d", "y"].into_iter().find(|unit| ahead.word(unit).is_some());
        if unit.is_none() {
            break;
        }
        *scan = ahead;
        parts += 1;
    }
    (parts > 0).then_some(())
}

fn duration(text: &str) -> Option<Instance<'_>> {
    let mut scan = Scan::new(text);
    duration_digits(&mut scan)?;
    instance(Class::Duration, &scan)
}

/// `10s (x3 over 20s)`: events that happened more than once.
fn age(text: &str) -> Option<Instance<'_>> {
    let mut scan = Scan::new(text);
    duration_digits(&mut scan)?;
    scan.blanks()?;
    scan.word("(x")?;
    scan.some_digits()?;
    scan.word(" over ")?;
    duration_digits(&mut scan)?;
    scan.byte(b')')?;
    Some(Instance { class: Class::Age, length: scan.position(), fixed: "" })
}

/// Reads ` (1s ago)`, with its leading blank: what a restart count may carry.
pub(in crate::verify::matching) fn ago(text: &str) -> Option<usize> {
    let mut scan = Scan::new(text);
    scan.blanks()?;
    scan.byte(b'(')?;
    duration_digits(&mut scan)?;
    scan.word(" ago)")?;
    Some(scan.position())
}

/// Reads ` in 1.2s (1.2s including waiting). Image size: 12 bytes.`: what a `Pulled` event may end in.
pub(in crate::verify::matching) fn pull_time(text: &str) -> Option<usize> {
    let mut scan = Scan::new(text);
    scan.word(" in ")?;
    duration_digits(&mut scan)?;
    let mut ahead = scan;
    if ahead.word(" (").is_some()
        && duration_digits(&mut ahead).is_some()
        && ahead.word(" including waiting)").is_some()
    {
        scan = ahead;
    }
    let mut ahead = scan;
    if ahead.word(". Image size: ").is_some() && ahead.some_digits().is_some() && ahead.word(" bytes.").is_some() {
        scan = ahead;
    }
    Some(scan.position())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_read_whole() {
        for (text, class) in [
            ("e60f5ef2-eadc-4f34-bb13-53f84744f329", Class::Uuid),
            ("2021-04-02T20:57:05Z", Class::Timestamp),
            ("2021-04-02T20:57:05.123456+02:00", Class::Timestamp),
            ("2018/08/15 14:37:17", Class::Timestamp),
            ("2018-11-15 20:40:59 +0000 UTC", Class::Timestamp),
            ("Sun, 22 Nov 2026 13:48:03 +0000", Class::MailDate),
            ("Mon, 02 Jan 2006 15:04:05 GMT", Class::MailDate),
            ("Fri Feb 22 11:02:09 UTC 2019", Class::ShellDate),
            ("Fri Feb  2 11:02:09 2019", Class::ShellDate),
            ("07/Sep/2018:15:29:11 +0000", Class::AccessLogDate),
            ("Jun  6 20:08", Class::FileDate),
            ("Jun  6  2018", Class::FileDate),
            ("I0514 22:30:00.123456    1234", Class::Klog),
            ("11:02:09", Class::Clock),
            ("..2024_01_02_15_04_05.123456789", Class::VolumeFolder),
            ("docker://c1d8abd1", Class::ContainerId),
            ("10s (x3 over 20s)", Class::Age),
            ("2m4s", Class::Duration),
            ("0.000066649s", Class::Duration),
        ] {
            let found = read(text).unwrap_or_else(|| panic!("{text} is not read"));
            assert_eq!((found.class, found.length), (class, text.len()), "{text}");
        }
    }

    #[test]
    fn versions_counts_and_names_are_not_volatile() {
        for text in
            ["v1.36.3", "1.36.3", "53/UDP", "12", "deadbeef", "10sec", "5x", "3f", "1Gi", "800m5", "Jun", "docker://x"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
