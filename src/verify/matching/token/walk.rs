//! Walks a documented and an actual text together.

use super::classes::{self, Class, Instance};
use super::{BindingKind, Classes, Place, Scope, Use, ip, names};

/// Steps after which a comparison with several wildcards is given up as not holding.
const MAX_STEPS: usize = 200_000;

/// Texts in angle brackets that mean themselves, not something to fill in.
const LITERALS: &[&str] = &["<none>", "<pending>", "<unset>", "<invalid>", "<unknown>", "<nil>"];

/// A wildcard that may still take more of the actual text.
struct Star {
    /// Where the documented text goes on.
    documented: usize,
    /// Up to where the wildcard has taken the actual text.
    actual: usize,
    /// Whether it may take blanks.
    over_blanks: bool,
    /// How many uses had been made before it.
    uses: usize,
    /// The wildcard as written, and where its part of the actual text begins.
    written: (usize, usize),
    begins: usize,
}

struct Walk<'s, 'a> {
    scope: &'s Scope<'a>,
    place: Place,
    documented: &'s str,
    actual: &'s str,
    uses: Vec<Use>,
    stars: Vec<Star>,
}

pub(super) fn walk(scope: &Scope<'_>, place: Place, documented: &str, actual: &str) -> Option<Vec<Use>> {
    Walk { scope, place, documented, actual, uses: vec![], stars: vec![] }.run()
}

impl Walk<'_, '_> {
    fn run(mut self) -> Option<Vec<Use>> {
        let (mut i, mut j) = (0, 0);
        for _ in 0..MAX_STEPS {
            match self.step(i, j) {
                Step::Done => {
                    return Some(self.finish());
                }
                Step::To(next_i, next_j) => (i, j) = (next_i, next_j),
                Step::Stuck => (i, j) = self.backtrack()?,
            }
        }
        None
    }

    fn finish(mut self) -> Vec<Use> {
        for star in &self.stars {
            self.uses.push(Use {
                documented: self.documented[star.written.0..star.written.1].to_owned(),
                actual: self.actual[star.begins..star.actual].to_owned(),
                rule: "B2 wildcard",
                binding: BindingKind::Free,
            });
        }
        self.uses
    }

    fn step(&mut self, i: usize, j: usize) -> Step {
        let (documented, actual) = (self.documented.as_bytes(), self.actual.as_bytes());
        if let Some(length) = self.wildcard(i) {
            let over_blanks = self.takes_blanks(i, length);
            let next = i + length;
            self.stars.push(Star {
                documented: next,
                actual: j,
                over_blanks,
                uses: self.uses.len(),
                written: (i, next),
                begins: j,
            });
            return Step::To(next, j);
        }
        if i == documented.len() {
            return if self.actual[j..].trim().is_empty() { Step::Done } else { self.optional_tail(i, j) };
        }
        let begins = is_boundary(documented, i) && is_boundary(actual, j) && self.documented.is_char_boundary(i);
        if begins && let Some((m, n)) = self.special(i, j) {
            return Step::To(i + m, j + n);
        }
        if !begins && let Some((m, n)) = self.uuid_in_name(i, j) {
            return Step::To(i + m, j + n);
        }
        if let Some(step) = self.pull_time(i, j) {
            return step;
        }
        if is_blank(documented[i]) {
            let ahead = skip_blanks(documented, i);
            let other = skip_blanks(actual, j);
            // A blank before an elision that stands for nothing, and at the end, needs no partner.
            let needless = ahead == documented.len() || (other == j && self.wildcard(ahead).is_some());
            return if other > j || needless { Step::To(ahead, other) } else { Step::Stuck };
        }
        if documented.get(i) == actual.get(j) { Step::To(i + 1, j + 1) } else { self.optional_tail(i, j) }
    }

    /// `pvc-UUID`: names are made with identifiers in them.
    fn uuid_in_name(&mut self, i: usize, j: usize) -> Option<(usize, usize)> {
        let hyphen = |text: &str, at: usize| at > 0 && text.as_bytes()[at - 1] == b'-';
        if self.place.classes == Classes::Strict || !hyphen(self.documented, i) || !hyphen(self.actual, j) {
            return None;
        }
        let (documented, actual) = (&self.documented[i..], &self.actual[j..]);
        let (m, n) = (classes::uuid(documented)?.length, classes::uuid(actual)?.length);
        let used = self.class_use(Class::Uuid, &documented[..m], &actual[..n]);
        if documented[..m] != actual[..n] {
            if self.scope.contradicts(&used.documented, &used.actual) {
                return None;
            }
            self.uses.push(used);
        }
        Some((m, n))
    }

    /// How long a pull took and how large the image is: behind its name, or not told.
    fn pull_time(&mut self, i: usize, j: usize) -> Option<Step> {
        let after_quote = i > 0 && self.documented.as_bytes()[i - 1] == b'"';
        if !after_quote || !self.documented[..i].contains("ulled image") {
            return None;
        }
        let (documented, actual) = (self.documented.get(i..)?, self.actual.get(j..)?);
        let (of_documented, of_actual) = (classes::pull_time(documented), classes::pull_time(actual));
        of_documented.or(of_actual)?;
        let (m, n) = (of_documented.unwrap_or(0), of_actual.unwrap_or(0));
        self.free("B5 pull time", (&documented[..m], &actual[..n]));
        Some(Step::To(i + m, j + n))
    }

    fn free(&mut self, rule: &'static str, (documented, actual): (&str, &str)) {
        if documented != actual {
            let (documented, actual) = (documented.to_owned(), actual.to_owned());
            self.uses.push(Use { documented, actual, rule, binding: BindingKind::Free });
        }
    }

    /// ` (1s ago)` behind a count may be missing on either side.
    fn optional_tail(&mut self, i: usize, j: usize) -> Step {
        let after_digit = i > 0 && self.documented.as_bytes()[i - 1].is_ascii_digit();
        let (Some(documented), Some(actual)) = (self.documented.get(i..), self.actual.get(j..)) else {
            return Step::Stuck;
        };
        let (of_documented, of_actual) = (classes::ago(documented), classes::ago(actual));
        if !after_digit || of_documented.or(of_actual).is_none() {
            return Step::Stuck;
        }
        let (m, n) = (of_documented.unwrap_or(0), of_actual.unwrap_or(0));
        self.free("B5 count with age", (&documented[..m], &actual[..n]));
        Step::To(i + m, j + n)
    }

    /// Lets the last wildcard take one more character; gives up wildcards that cannot.
    fn backtrack(&mut self) -> Option<(usize, usize)> {
        loop {
            let star = self.stars.last_mut()?;
            let next = self.actual[star.actual..].chars().next();
            match next.filter(|next| star.over_blanks || !next.is_whitespace()) {
                Some(next) => {
                    star.actual += next.len_utf8();
                    self.uses.truncate(star.uses);
                    return Some((star.documented, star.actual));
                }
                None => {
                    self.stars.pop();
                }
            }
        }
    }

    /// The length of the wildcard at `i`: `...`, `…`, `<lower case words>`.
    fn wildcard(&self, i: usize) -> Option<usize> {
        let rest = self.documented.as_bytes().get(i..)?;
        if rest.starts_with(b"...") && !self.is_prose(i) {
            return Some(rest.iter().take_while(|byte| **byte == b'.').count());
        }
        if rest.starts_with("…".as_bytes()) {
            return Some("…".len());
        }
        if rest.first() != Some(&b'<') {
            return None;
        }
        let close = rest.iter().take(80).position(|byte| *byte == b'>')?;
        let written = &self.documented[i..=i + close];
        let inner = &written[1..close];
        let is_words = inner.starts_with(|first: char| first.is_alphabetic())
            && inner.chars().all(|c| {
                c.is_numeric() || (c.is_alphabetic() && !c.is_uppercase()) || matches!(c, ' ' | '-' | '_' | '\'')
            });
        (is_words && !LITERALS.contains(&written)).then_some(close + 1)
    }

    /// `available...` is prose where the output says `available...` too.
    fn is_prose(&self, i: usize) -> bool {
        let bytes = self.documented.as_bytes();
        let glued = i > 0 && bytes[i - 1].is_ascii_alphabetic();
        glued && matches!(bytes.get(i + 3), None | Some(b' ')) && self.actual.contains("...")
    }

    /// A wildcard that stands alone, or in brackets or quotes, may stand for several words.
    fn takes_blanks(&self, i: usize, length: usize) -> bool {
        let bytes = self.documented.as_bytes();
        let before = i.checked_sub(1).map_or(b' ', |at| bytes[at]);
        let after = bytes.get(i + length).copied().unwrap_or(b' ');
        let opened = is_blank(before) || matches!(before, b'{' | b'[' | b'(' | b'"' | b'\'' | b':');
        let closed = is_blank(after) || matches!(after, b'}' | b']' | b')' | b'"' | b'\'');
        let one_word = bytes[i] == b'<' && !self.documented[i..i + length].contains(' ');
        opened && closed && !one_word
    }

    /// A name or a volatile instance on both sides: how much of each to pass over.
    fn special(&mut self, i: usize, j: usize) -> Option<(usize, usize)> {
        let (documented, actual) = (&self.documented[i..], self.actual.get(j..)?);
        if let Some(used) = self.bound_or_named(i, documented, actual) {
            let lengths = (used.documented.len(), used.actual.len());
            self.uses.push(used);
            return Some(lengths);
        }
        if self.place.classes == Classes::Strict {
            return None;
        }
        let (expected, found) = (classes::read(documented)?, classes::read(actual)?);
        let (m, n) = (expected.length, found.length);
        let (written, came) = (&documented[..m], &actual[..n]);
        if written == came {
            return Some((m, n));
        }
        if !self.same_class(i, expected, found, written, came) {
            return None;
        }
        let used = self.class_use(expected.class, written, came);
        if used.binding == BindingKind::Injective && self.scope.contradicts(&used.documented, &used.actual) {
            return None;
        }
        self.uses.push(used);
        Some((m, n))
    }

    fn same_class(&self, i: usize, expected: Instance<'_>, found: Instance<'_>, written: &str, came: &str) -> bool {
        if expected.class.is_duration() {
            return found.class.is_duration()
                && !self.is_quantity(written)
                && (self.place.ages || self.in_parentheses_ago(i, written))
                && !self.is_setting(i);
        }
        if expected.class != found.class || expected.fixed != found.fixed {
            return false;
        }
        expected.class != Class::Ip || (same_form(written, came) && !self.port_is_given(written, came))
    }

    /// `800m` in a sentence about CPU is no time.
    fn is_quantity(&self, written: &str) -> bool {
        let is_milli = written.strip_suffix('m').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        is_milli && ["cpu", "CPU", "limit", "request"].iter().any(|word| self.documented.contains(word))
    }

    fn in_parentheses_ago(&self, i: usize, written: &str) -> bool {
        self.documented[i + written.len()..].starts_with(" ago)")
    }

    /// `delay=5s` is a setting; `took=5s` is not.
    fn is_setting(&self, i: usize) -> bool {
        let before = &self.documented[..i];
        let Some(key) = before.strip_suffix('=') else { return before.ends_with("sleep ") };
        let key = key.rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).next().unwrap_or("");
        let key = key.to_ascii_lowercase();
        !["took", "elapsed", "duration", "age", "time", "latency", "uptime", "ago"]
            .iter()
            .any(|word| key.contains(word))
    }

    /// A port that the command names is no free one.
    fn port_is_given(&self, written: &str, came: &str) -> bool {
        let port = |text: &str| {
            text.rsplit_once(':')
                .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
                .map(|(_, port)| port.to_owned())
        };
        match (port(written), port(came)) {
            (Some(written), Some(came)) => {
                written != came && super::words::numbers(self.scope.command).any(|number| number == written)
            }
            _ => false,
        }
    }

    fn class_use(&self, class: Class, written: &str, came: &str) -> Use {
        let binds = class.binds();
        let (written, came) = if class == Class::Ip && binds && written != came && ip::host(written) != ip::host(came) {
            (written, came)
        } else {
            return Use {
                documented: written.to_owned(),
                actual: came.to_owned(),
                rule: class.rule(),
                binding: if binds && class != Class::Ip { BindingKind::Injective } else { BindingKind::Free },
            };
        };
        let shared = self.scope.facts.nodes.is_empty()
            || self
                .scope
                .facts
                .objects
                .iter()
                .any(|object| object.volatile.get("hostIP").is_some_and(|host| host == ip::host(came)));
        let binding = if shared { BindingKind::Shared } else { BindingKind::Injective };
        Use { documented: written.to_owned(), actual: came.to_owned(), rule: class.rule(), binding }
    }

    /// Rules B3, B4 and B6 on the name at the head of both texts.
    fn bound_or_named(&self, i: usize, documented: &str, actual: &str) -> Option<Use> {
        let (written, came) = (name_at(documented), name_at(actual));
        if written.is_empty() || came.is_empty() || written == came {
            return None;
        }
        let named = |rule, binding| Use { documented: written.to_owned(), actual: came.to_owned(), rule, binding };
        if self.scope.forward.get(written).is_some_and(|bound| bound == came) {
            return Some(named("B3 bound", BindingKind::Shared));
        }
        let free = !self.scope.contradicts(written, came);
        if free && self.scope.page.bound.get(written).is_some_and(|bound| bound.actual == came) {
            return Some(named("B3 bound", BindingKind::Shared));
        }
        let is_node = |name: &str| self.scope.facts.nodes.iter().any(|node| node == name);
        if is_node(came) && !is_node(written) && (self.place.nodes || looks_like_node(written)) {
            return Some(named("B4 node name", BindingKind::Shared));
        }
        if is_after_version_key(&self.documented[..i]) && is_number(written) && is_number(came) {
            return Some(named("B4 resourceVersion", BindingKind::Free));
        }
        if is_after_hash_key(&self.documented[..i]) && names::is_template_hash(written) && names::is_template_hash(came)
        {
            return Some(named("B6 template hash", BindingKind::Free));
        }
        let debugged = names::debugged_node(written).zip(names::debugged_node(came));
        let debugs =
            debugged.is_some_and(|(one, other)| one == other || self.scope.bound(one) == Some(other) || is_node(other));
        if free
            && (debugs || names::is_well_known(written, came) || names::is_generated(self.scope.facts, written, came))
        {
            return Some(named("B6 generated name", BindingKind::Injective));
        }
        None
    }
}

enum Step {
    Done,
    Stuck,
    To(usize, usize),
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn skip_blanks(bytes: &[u8], from: usize) -> usize {
    from + bytes[from.min(bytes.len())..].iter().take_while(|byte| is_blank(**byte)).count()
}

/// Whether a word may begin here: names keep their hyphens and dots.
fn is_boundary(bytes: &[u8], at: usize) -> bool {
    at == 0
        || !(bytes[at - 1].is_ascii_alphanumeric()
            || matches!(bytes[at - 1], b'_' | b'-' | b'.')
            || bytes[at - 1] >= 0x80)
}

fn name_at(text: &str) -> &str {
    let length = text
        .bytes()
        .take(254)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        .count();
    text[..length].trim_end_matches(['.', '-'])
}

/// Whether running text may mean a node by this: a name with a number, or a well-known one.
fn looks_like_node(name: &str) -> bool {
    matches!(name, "minikube" | "docker-desktop")
        || (name.contains("node") || name.contains("worker") || name.contains("pool") || name.starts_with("gke-"))
            && name.bytes().any(|byte| byte.is_ascii_digit())
}

/// Behind `resourceVersion:`, `"resourceVersion": "` in a line that is compared as text.
fn is_after_version_key(before: &str) -> bool {
    before.trim_end_matches(['"', ' ', ':', '=']).ends_with("resourceVersion") && !before.ends_with("resourceVersion")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_after_hash_key(before: &str) -> bool {
    ["pod-template-hash=", "controller-revision-hash="].iter().any(|key| before.ends_with(key))
}

/// Both with a port, both with a prefix or both bare.
fn same_form(one: &str, other: &str) -> bool {
    let form = |text: &str| (text.contains('/'), text.len() > ip::host(text).len());
    form(one) == form(other) && one.contains('.') == other.contains('.')
}
