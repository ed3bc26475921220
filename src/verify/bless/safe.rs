//! What may be written into a page.
//!
//! What a cluster printed is no text of the author's: it must not end the block it stands in, call a
//! shortcode when the site is built, or drive the terminal of whoever reads the file.

/// Why a line that was `before` (nothing, for a new one) may not become `after`; `None` if it may.
pub(super) fn refuse(before: &str, after: &str) -> Option<&'static str> {
    if after.chars().any(is_hidden) && !before.chars().any(is_hidden) {
        return Some("what came has control characters in it");
    }
    let more = |mark: &str| after.matches(mark).count() > before.matches(mark).count();
    if ["{{<", "{{%", ">}}", "%}}"].into_iter().any(more) {
        return Some("what came has the marks of a shortcode in it, which the site would run");
    }
    let is_fence = |line: &str| {
        let line = line.trim_start_matches([' ', '\t', '>']);
        line.starts_with("```") || line.starts_with("~~~")
    };
    if is_fence(after) && !is_fence(before) {
        return Some("what came has a line that would end the code block");
    }
    None
}

fn is_hidden(c: char) -> bool {
    c.is_control() && c != '\t'
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::refuse;

    #[test]
    fn what_would_act_is_refused() {
        for hostile in ["\u{1b}[31mred", "a\rb", "{{< note >}}", "x {{% y", "```", "   ~~~", "> ```", "a\u{202e}b"] {
            assert!(refuse("", hostile).is_some(), "{hostile:?}");
        }
        for harmless in ["{{ .Values }}", "a `b` c", "a\tb", "<!-- x -->", "日本語", "---"] {
            assert_eq!(refuse("", harmless), None, "{harmless:?}");
        }
        assert!(refuse("{", "{{<").is_some(), "what stood there and what came make a mark together");
        assert_eq!(refuse("{{</* x */>}} 1", "{{</* x */>}} 2"), None);
    }
}
