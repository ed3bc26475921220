//! Dates in the words of a language.
//!
//! In: a date, a language's code and a layout: Go's (`January 2, 2006`), or one of `:date_full`,
//! `:date_long`, `:date_medium`, `:date_short`, which are the language's own order of day, month and year.
//! Out: text. Names and orders are those of the Unicode CLDR, release 36, which Hugo 0.133 has: later releases
//! changed some of them.

use jiff::civil::Date;

/// How one language writes dates.
#[derive(Debug)]
pub struct Calendar {
    /// Lower case, with `-`.
    code: &'static str,
    /// In these layouts, `{d}` and `{dd}` are the day, `{m}` and `{mm}` the month's number, `{mon}` and `{month}`
    /// its name, `{y}` and `{yy}` the year, `{weekday}` the day's name.
    full: &'static str,
    long: &'static str,
    medium: &'static str,
    short: &'static str,
    /// From January, between `|`.
    months: &'static str,
    months_short: &'static str,
    /// From Sunday, between `|`.
    days: &'static str,
    days_short: &'static str,
}

impl Calendar {
    /// The calendar of the first of these language codes that has one; else English.
    ///
    /// A code has to be that of a locale: `pt-br` is one, `zh-cn` is none (its locale is `zh-hans-cn`), as in Hugo.
    #[must_use]
    pub fn of(codes: &[&str]) -> &'static Self {
        let known = |code: &&str| {
            let code = code.to_lowercase().replace('_', "-");
            CALENDARS.iter().find(|calendar| calendar.code == code)
        };
        codes.iter().find_map(known).unwrap_or(&CALENDARS[0])
    }

    /// A date in a layout.
    #[must_use]
    pub fn format(&self, date: Date, layout: &str) -> String {
        match layout.strip_prefix(':').map(str::to_lowercase).as_deref() {
            Some("date_full") => self.fill(date, self.full),
            Some("date_long") => self.fill(date, self.long),
            Some("date_medium") => self.fill(date, self.medium),
            Some("date_short") => self.fill(date, self.short),
            _ => self.go(date, layout),
        }
    }

    fn month(&self, date: Date, names: &'static str) -> &'static str {
        names.split('|').nth(usize::try_from(date.month() - 1).unwrap_or(0)).unwrap_or("")
    }

    fn weekday(&self, date: Date, names: &'static str) -> &'static str {
        let index = date.weekday().to_sunday_zero_offset();
        names.split('|').nth(usize::try_from(index).unwrap_or(0)).unwrap_or("")
    }

    fn fill(&self, date: Date, pattern: &str) -> String {
        let mut text = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, behind)) = after.split_once('}') else { break };
            text.push_str(before);
            text.push_str(&match name {
                "d" => date.day().to_string(),
                "dd" => format!("{:02}", date.day()),
                "m" => date.month().to_string(),
                "mm" => format!("{:02}", date.month()),
                "mon" => self.month(date, self.months_short).to_owned(),
                "month" => self.month(date, self.months).to_owned(),
                "weekday" => self.weekday(date, self.days).to_owned(),
                "yy" => format!("{:02}", date.year().rem_euclid(100)),
                _ => date.year().to_string(),
            });
            rest = behind;
        }
        text + rest
    }

    /// Go's layouts, as far as they are about the day: the parts of 2 January 2006 stand for those of the date.
    fn go(&self, date: Date, layout: &str) -> String {
        let mut text = String::new();
        let mut rest = layout;
        while let Some(next) = rest.chars().next() {
            let part = GO_PARTS.iter().find(|(part, _)| rest.starts_with(part));
            // An abbreviation in front of a small letter is a part of some word.
            let part = part.filter(|(part, _)| {
                !matches!(*part, "Jan" | "Mon") || !rest[part.len()..].starts_with(|c: char| c.is_ascii_lowercase())
            });
            let Some((part, pattern)) = part else {
                text.push(next);
                rest = &rest[next.len_utf8()..];
                continue;
            };
            match *pattern {
                "_d" => text.push_str(&format!("{:>2}", date.day())),
                "day" => text.push_str(self.weekday(date, self.days_short)),
                "yyyy" => text.push_str(&format!("{:04}", date.year())),
                pattern => text.push_str(&self.fill(date, pattern)),
            }
            rest = &rest[part.len()..];
        }
        text
    }
}

/// The parts of Go's reference date, longer ones before those that they begin with.
const GO_PARTS: &[(&str, &str)] = &[
    ("January", "{month}"),
    ("Jan", "{mon}"),
    ("Monday", "{weekday}"),
    ("Mon", "day"),
    ("2006", "yyyy"),
    ("01", "{mm}"),
    ("02", "{dd}"),
    ("06", "{yy}"),
    ("_2", "_d"),
    ("1", "{m}"),
    ("2", "{d}"),
];

/// English first: it stands in for others.
const CALENDARS: &[Calendar] = &[
    Calendar {
        code: "en",
        full: "{weekday}, {month} {d}, {y}",
        long: "{month} {d}, {y}",
        medium: "{mon} {d}, {y}",
        short: "{m}/{d}/{yy}",
        months: "January|February|March|April|May|June|July|August|September|October|November|December",
        months_short: "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec",
        days: "Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday",
        days_short: "Sun|Mon|Tue|Wed|Thu|Fri|Sat",
    },
    Calendar {
        code: "bn",
        full: "{weekday}, {d} {month}, {y}",
        long: "{d} {month}, {y}",
        medium: "{d} {mon}, {y}",
        short: "{d}/{m}/{yy}",
        months: "জানুয়ারী|ফেব্রুয়ারী|মার্চ|এপ্রিল|মে|জুন|জুলাই|আগস্ট|সেপ্টেম্বর|অক্টোবর|নভেম্বর|ডিসেম্বর",
        months_short: "জানু|ফেব|মার্চ|এপ্রিল|মে|জুন|জুলাই|আগস্ট|সেপ্টেম্বর|অক্টোবর|নভেম্বর|ডিসেম্বর",
        days: "রবিবার|সোমবার|মঙ্গলবার|বুধবার|বৃহস্পতিবার|শুক্রবার|শনিবার",
        days_short: "রবি|সোম|মঙ্গল|বুধ|বৃহস্পতি|শুক্র|শনি",
    },
    Calendar {
        code: "de",
        full: "{weekday}, {d}. {month} {y}",
        long: "{d}. {month} {y}",
        medium: "{dd}.{mm}.{y}",
        short: "{dd}.{mm}.{yy}",
        months: "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember",
        months_short: "Jan.|Feb.|März|Apr.|Mai|Juni|Juli|Aug.|Sept.|Okt.|Nov.|Dez.",
        days: "Sonntag|Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag",
        days_short: "So.|Mo.|Di.|Mi.|Do.|Fr.|Sa.",
    },
    Calendar {
        code: "es",
        full: "{weekday}, {d} de {month} de {y}",
        long: "{d} de {month} de {y}",
        medium: "{d} {mon} {y}",
        short: "{d}/{m}/{yy}",
        months: "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre",
        months_short: "ene.|feb.|mar.|abr.|may.|jun.|jul.|ago.|sept.|oct.|nov.|dic.",
        days: "domingo|lunes|martes|miércoles|jueves|viernes|sábado",
        days_short: "dom.|lun.|mar.|mié.|jue.|vie.|sáb.",
    },
    Calendar {
        code: "fr",
        full: "{weekday} {d} {month} {y}",
        long: "{d} {month} {y}",
        medium: "{d} {mon} {y}",
        short: "{dd}/{mm}/{y}",
        months: "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre",
        months_short: "janv.|févr.|mars|avr.|mai|juin|juil.|août|sept.|oct.|nov.|déc.",
        days: "dimanche|lundi|mardi|mercredi|jeudi|vendredi|samedi",
        days_short: "dim.|lun.|mar.|mer.|jeu.|ven.|sam.",
    },
    Calendar {
        code: "hi",
        full: "{weekday}, {d} {month} {y}",
        long: "{d} {month} {y}",
        medium: "{d} {mon} {y}",
        short: "{d}/{m}/{yy}",
        months: "जनवरी|फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|अक्तूबर|नवंबर|दिसंबर",
        months_short: "जन॰|फ़र॰|मार्च|अप्रैल|मई|जून|जुल॰|अग॰|सित॰|अक्तू॰|नव॰|दिस॰",
        days: "रविवार|सोमवार|मंगलवार|बुधवार|गुरुवार|शुक्रवार|शनिवार",
        days_short: "रवि|सोम|मंगल|बुध|गुरु|शुक्र|शनि",
    },
    Calendar {
        code: "id",
        full: "{weekday}, {dd} {month} {y}",
        long: "{d} {month} {y}",
        medium: "{d} {mon} {y}",
        short: "{dd}/{mm}/{yy}",
        months: "Januari|Februari|Maret|April|Mei|Juni|Juli|Agustus|September|Oktober|November|Desember",
        months_short: "Jan|Feb|Mar|Apr|Mei|Jun|Jul|Agu|Sep|Okt|Nov|Des",
        days: "Minggu|Senin|Selasa|Rabu|Kamis|Jumat|Sabtu",
        days_short: "Min|Sen|Sel|Rab|Kam|Jum|Sab",
    },
    Calendar {
        code: "it",
        full: "{weekday} {d} {month} {y}",
        long: "{d} {month} {y}",
        medium: "{d} {mon} {y}",
        short: "{dd}/{mm}/{yy}",
        months: "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre",
        months_short: "gen|feb|mar|apr|mag|giu|lug|ago|set|ott|nov|dic",
        days: "domenica|lunedì|martedì|mercoledì|giovedì|venerdì|sabato",
        days_short: "dom|lun|mar|mer|gio|ven|sab",
    },
    Calendar {
        code: "ja",
        full: "{y}年{m}月{d}日{weekday}",
        long: "{y}年{m}月{d}日",
        medium: "{y}/{mm}/{dd}",
        short: "{y}/{mm}/{dd}",
        months: "1月|2月|3月|4月|5月|6月|7月|8月|9月|10月|11月|12月",
        months_short: "1月|2月|3月|4月|5月|6月|7月|8月|9月|10月|11月|12月",
        days: "日曜日|月曜日|火曜日|水曜日|木曜日|金曜日|土曜日",
        days_short: "日|月|火|水|木|金|土",
    },
    Calendar {
        code: "ko",
        full: "{y}년 {m}월 {d}일 {weekday}",
        long: "{y}년 {m}월 {d}일",
        medium: "{y}. {m}. {d}.",
        short: "{yy}. {m}. {d}.",
        months: "1월|2월|3월|4월|5월|6월|7월|8월|9월|10월|11월|12월",
        months_short: "1월|2월|3월|4월|5월|6월|7월|8월|9월|10월|11월|12월",
        days: "일요일|월요일|화요일|수요일|목요일|금요일|토요일",
        days_short: "일|월|화|수|목|금|토",
    },
    Calendar {
        code: "pl",
        full: "{weekday}, {d} {month} {y}",
        long: "{d} {month} {y}",
        medium: "{d} {mon} {y}",
        short: "{dd}.{mm}.{y}",
        months: "stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia",
        months_short: "sty|lut|mar|kwi|maj|cze|lip|sie|wrz|paź|lis|gru",
        days: "niedziela|poniedziałek|wtorek|środa|czwartek|piątek|sobota",
        days_short: "niedz.|pon.|wt.|śr.|czw.|pt.|sob.",
    },
    Calendar {
        code: "pt-br",
        full: "{weekday}, {d} de {month} de {y}",
        long: "{d} de {month} de {y}",
        medium: "{d} de {mon} de {y}",
        short: "{dd}/{mm}/{y}",
        months: "janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro",
        months_short: "jan.|fev.|mar.|abr.|mai.|jun.|jul.|ago.|set.|out.|nov.|dez.",
        days: "domingo|segunda-feira|terça-feira|quarta-feira|quinta-feira|sexta-feira|sábado",
        days_short: "dom.|seg.|ter.|qua.|qui.|sex.|sáb.",
    },
    Calendar {
        code: "ru",
        full: "{weekday}, {d} {month} {y} г.",
        long: "{d} {month} {y} г.",
        medium: "{d} {mon} {y} г.",
        short: "{dd}.{mm}.{y}",
        months: "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря",
        months_short: "янв.|февр.|мар.|апр.|мая|июн.|июл.|авг.|сент.|окт.|нояб.|дек.",
        days: "воскресенье|понедельник|вторник|среда|четверг|пятница|суббота",
        days_short: "вс|пн|вт|ср|чт|пт|сб",
    },
    Calendar {
        code: "uk",
        full: "{weekday}, {d} {month} {y} р.",
        long: "{d} {month} {y} р.",
        medium: "{d} {mon} {y} р.",
        short: "{dd}.{mm}.{yy}",
        months: "січня|лютого|березня|квітня|травня|червня|липня|серпня|вересня|жовтня|листопада|грудня",
        months_short: "січ.|лют.|бер.|квіт.|трав.|черв.|лип.|серп.|вер.|жовт.|лист.|груд.",
        days: "неділя|понеділок|вівторок|середа|четвер|пʼятниця|субота",
        days_short: "нд|пн|вт|ср|чт|пт|сб",
    },
    Calendar {
        code: "vi",
        full: "{weekday}, {d} {month}, {y}",
        long: "{d} {month}, {y}",
        medium: "{d} {mon}, {y}",
        short: "{dd}/{mm}/{y}",
        months: "tháng 1|tháng 2|tháng 3|tháng 4|tháng 5|tháng 6|tháng 7|tháng 8|tháng 9|tháng 10|tháng 11|tháng 12",
        months_short: "thg 1|thg 2|thg 3|thg 4|thg 5|thg 6|thg 7|thg 8|thg 9|thg 10|thg 11|thg 12",
        days: "Chủ Nhật|Thứ Hai|Thứ Ba|Thứ Tư|Thứ Năm|Thứ Sáu|Thứ Bảy",
        days_short: "CN|Th 2|Th 3|Th 4|Th 5|Th 6|Th 7",
    },
    Calendar {
        code: "zh",
        full: "{y}年{m}月{d}日{weekday}",
        long: "{y}年{m}月{d}日",
        medium: "{y}年{m}月{d}日",
        short: "{y}/{m}/{d}",
        months: "一月|二月|三月|四月|五月|六月|七月|八月|九月|十月|十一月|十二月",
        months_short: "1月|2月|3月|4月|5月|6月|7月|8月|9月|10月|11月|12月",
        days: "星期日|星期一|星期二|星期三|星期四|星期五|星期六",
        days_short: "周日|周一|周二|周三|周四|周五|周六",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn date() -> Date {
        Date::constant(2026, 2, 8)
    }

    #[test]
    fn each_language_has_its_own_order_and_names() {
        let shown = |code: &str, layout: &str| Calendar::of(&[code]).format(date(), layout);
        assert_eq!(shown("en", ":date_full"), "Sunday, February 8, 2026");
        assert_eq!(shown("en", ":date_medium"), "Feb 8, 2026");
        assert_eq!(shown("ja", ":date_full"), "2026年2月8日日曜日");
        assert_eq!(shown("ja", ":date_medium"), "2026/02/08");
        assert_eq!(shown("pt-BR", ":date_long"), "8 de fevereiro de 2026");
        assert_eq!(shown("pl", ":date_medium"), "8 lut 2026");
        assert_eq!(shown("ru", ":date_long"), "8 февраля 2026 г.");
        assert_eq!(shown("de", ":date_short"), "08.02.26");
    }

    #[test]
    fn a_language_without_a_calendar_takes_the_next() {
        assert_eq!(Calendar::of(&["zh-cn", "ja"]).format(date(), ":date_long"), "2026年2月8日");
        assert_eq!(Calendar::of(&["xx", "zh-cn"]).format(date(), ":date_long"), "February 8, 2026");
    }

    #[test]
    fn layouts_of_go_are_in_the_words_of_the_language() {
        let shown = |code: &str, layout: &str| Calendar::of(&[code]).format(date(), layout);
        assert_eq!(shown("en", "2006-01-02"), "2026-02-08");
        assert_eq!(shown("en", "Mon, 2 Jan 06"), "Sun, 8 Feb 26");
        assert_eq!(shown("fr", "January 2006"), "février 2026");
        assert_eq!(shown("en", "_2.1."), " 8.2.");
        assert_eq!(shown("pl", "styczeń 2006"), "styczeń 2026", "a word that is no part of a date");
        assert_eq!(shown("en", "Month, Janus"), "Month, Janus");
    }

    #[test]
    fn every_calendar_is_whole() {
        for calendar in CALENDARS {
            let count = |names: &str| names.split('|').filter(|name| !name.is_empty()).count();
            assert_eq!((count(calendar.months), count(calendar.months_short)), (12, 12), "{}", calendar.code);
            assert_eq!((count(calendar.days), count(calendar.days_short)), (7, 7), "{}", calendar.code);
            for layout in [calendar.full, calendar.long, calendar.medium, calendar.short] {
                assert!(layout.contains("{y"), "{}", calendar.code);
                let shown = calendar.fill(date(), layout);
                assert!(!shown.contains(['{', '}']) && shown.contains("26"), "{shown}");
            }
        }
    }
}
