//! Bare URLs and e-mail addresses in text.

use std::ops::Range;

/// The links in a text: where, and to what.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, String)> {
    // Most texts have none of these, and are looked at once.
    if !text.contains("://") && !text.contains("www.") && !text.contains('@') {
        return vec![];
    }
    let mut links = vec![];
    let mut starts = Starts::default();
    let mut at = 0;
    while at < text.len() {
        let Some(start) = starts.next(text, at) else { break };
        match link_at(text, start, at) {
            Some((range, url)) => {
                at = range.end;
                links.push((range, url));
            }
            None => at = start + text[start..].chars().next().map_or(1, char::len_utf8),
        }
    }
    links
}

/// What a link starts with; an address is found by its `@`.
const STARTS: [&str; 5] = ["http://", "https://", "ftp://", "www.", "@"];

/// The places where a link may start. Each kind is looked for from where the last one was found, so
/// that a long text is read once.
#[derive(Default)]
struct Starts {
    /// The next place of each kind; `None` before the first look.
    next: [Option<usize>; STARTS.len()],
}

impl Starts {
    /// The next place at `from` or behind it. `from` never goes back.
    fn next(&mut self, text: &str, from: usize) -> Option<usize> {
        for (next, start) in self.next.iter_mut().zip(STARTS) {
            if next.is_none_or(|at| at < from) {
                *next = Some(text[from..].find(start).map_or(text.len(), |at| from + at));
            }
        }
        self.next.into_iter().flatten().min().filter(|at| *at < text.len())
    }
}

/// The longest host and what may stand before it that is looked at; the rule itself ends at 256.
const LONGEST_HOST: usize = 512;

fn link_at(text: &str, start: usize, from: usize) -> Option<(Range<usize>, String)> {
    if text[start..].starts_with('@') {
        return email(text, start, from);
    }
    let before = text[..start].chars().next_back();
    if before.is_some_and(|c| !(c.is_whitespace() || matches!(c, '*' | '_' | '~' | '('))) {
        return None;
    }
    let rest = &text[start..];
    let is_www = rest.starts_with("www.");
    let host_start = if is_www { 4 } else { rest.find("://")? + 3 };
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || b"-@:%._+~#=".contains(byte);
    let run = rest.as_bytes()[host_start..].iter().take(LONGEST_HOST).take_while(|byte| is_host(byte)).count();
    let mut end = host_start + host_length(&rest[host_start..host_start + run])?;
    if rest[end..].starts_with(['/', '?', '#']) {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-@:%_+.~#$!?&/=();,'\">^{}[]`".contains(c);
        end += rest[end..].find(|c: char| !allowed(c)).unwrap_or(rest.len() - end);
    }
    let url = without_end(&rest[..end]);
    let target = if is_www { format!("https://{url}") } else { url.to_owned() };
    Some((start..start + url.len(), target))
}

/// The length of a host: up to its last label that starts with a letter, and a port.
fn host_length(run: &str) -> Option<usize> {
    let dots = run.match_indices('.').map(|(at, _)| at).collect::<Vec<_>>();
    let last =
        dots.into_iter().rev().find(|at| *at > 0 && run[at + 1..].starts_with(|c: char| c.is_ascii_lowercase()))?;
    let label = last + 1 + run[last + 1..].find(|c: char| !c.is_ascii_lowercase()).unwrap_or(run.len() - last - 1);
    let port =
        run[label..].strip_prefix(':').map_or(0, |rest| rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
    Some(if port > 0 { label + 1 + port } else { label })
}

/// A URL without what ends the sentence around it: one full stop, or the parentheses that it does not
/// open, or an entity; then a run of punctuation, in which a parenthesis stays.
fn without_end(url: &str) -> &str {
    let mut end = url.len();
    match url.bytes().next_back() {
        Some(b'.') => end -= 1,
        Some(b')') => {
            let count = |c: char| url.matches(c).count();
            end -= count(')').saturating_sub(count('('));
        }
        Some(b';') => {
            let name = url[..end - 1].trim_end_matches(|c: char| c.is_ascii_alphanumeric());
            if name.len() < end - 1 && name.ends_with('&') {
                end = name.len() - 1;
            }
        }
        _ => {}
    }
    url[..end].trim_end_matches(['?', '!', '.', ',', ':', '*', '_', '~'])
}

fn email(text: &str, at: usize, from: usize) -> Option<(Range<usize>, String)> {
    let is_local = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    let before = &text.as_bytes()[from..at];
    let mut local = at - before.iter().rev().take_while(|byte| is_local(**byte)).count();
    if text[..local].chars().next_back().is_some_and(|c| !(c.is_whitespace() || c == '(')) {
        return None;
    }
    // It may start behind a sign of emphasis, but with no punctuation.
    local += text[local..at].len() - text[local..at].trim_start_matches(['*', '_', '~']).len();
    if local == at || text.as_bytes()[local].is_ascii_punctuation() {
        return None;
    }
    let end = at + 1 + domain_length(&text[at + 1..]);
    if !text[at..end].contains('.') || text[end..].starts_with(['_', '-']) {
        return None;
    }
    let address = &text[local..end];
    Some((local..end, format!("mailto:{address}")))
}

/// The length of the labels, joined by dots, at the start of a text.
fn domain_length(text: &str) -> usize {
    let mut end = 0;
    for label in text.split('.') {
        let label = &label[..label.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(label.len())];
        let used = label.trim_end_matches('-');
        if used.is_empty() || used.starts_with('-') {
            break;
        }
        let start = if end == 0 { 0 } else { end + 1 };
        end = start + used.len();
        if !text[end..].starts_with('.') {
            break;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::find;

    fn shown(text: &str) -> Vec<(&str, String)> {
        find(text).into_iter().map(|(range, url)| (&text[range], url)).collect()
    }

    #[test]
    fn urls_end_before_the_sentence_does() {
        assert_eq!(shown("See https://x.com/a_b."), [("https://x.com/a_b", "https://x.com/a_b".to_owned())]);
        assert_eq!(shown("(www.foo.com/a(b))"), [("www.foo.com/a(b)", "https://www.foo.com/a(b)".to_owned())]);
        assert_eq!(shown("(https://a.io). http://localhost:8080."), [("https://a.io", "https://a.io".to_owned())]);
        assert_eq!(shown("https://a.io:80."), [("https://a.io:80", "https://a.io:80".to_owned())]);
        assert_eq!(shown("http://localhost と http://例え.com"), []);
        assert_eq!(shown("nohttp://a.b xwww.a.b"), []);
        let with = |text| shown(text)[0].0;
        assert_eq!(with("(see https://a.io/x)."), "https://a.io/x)", "only what ends it is looked at");
        assert_eq!(with("(see https://a.io/x)"), "https://a.io/x");
        assert_eq!(with("https://a.io/x/&quot; y"), "https://a.io/x/");
        assert_eq!(with("https://a.io/x?\""), "https://a.io/x?\"");
    }

    #[test]
    fn addresses() {
        assert_eq!(shown("mail a.b@c.org."), [("a.b@c.org", "mailto:a.b@c.org".to_owned())]);
        assert_eq!(shown("root@host: a@b \"a@b.org\" [a@b.org] 'a@b.org a@b.org- a@-b.org"), []);
        assert_eq!(shown("*_a@b.c.d@")[0].0, "a@b.c.d");
    }
}
