//! `blocks/case-studies` and `blocks/kubernetes-features`: lists that a home page makes of other pages.

use serde_json::{Value, json};

use crate::diagnostics::{Diagnostic, codes};
use crate::shortcode::{InnerRule, Invocation, Output, Shortcode, Signature};
use crate::site::{Page, url};

/// How many case studies are shown.
const MOST_STUDIES: usize = 4;

/// How many letters of a quotation are shown.
const QUOTE_LENGTH: usize = 100;

/// The first case studies with `featured: true`.
pub(super) struct CaseStudies;

impl Shortcode for CaseStudies {
    fn name(&self) -> &str {
        "blocks/case-studies"
    }

    fn signature(&self) -> Signature {
        Signature { inner: InnerRule::None, parameters: Some(&[]) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let site = call.site();
        let Some(section) = site.find(call.page().language, "case-studies").map(|id| site.page(id)) else {
            let at = call.at();
            let said = Diagnostic::warning(codes::REFERENCE_MISSING, "this language has no section of case studies")
                .at(&at.file, call.open_span());
            call.say(said.help("add the page `case-studies/_index.md`, or leave this out"));
            return Output::default();
        };
        let is_featured = |page: &&Page| page.param("featured").is_some_and(|value| *value == Value::Bool(true));
        let featured = section.children.iter().map(|id| site.page(*id)).filter(is_featured).take(MOST_STUDIES);
        let studies: Vec<Value> = featured.map(|page| study(call, page)).collect();
        let values = json!({ "url": url::encode(&section.url), "title": section.link_title, "studies": studies });
        call.layout(&values).into()
    }
}

fn study<'e>(call: &mut Invocation<'_, 'e>, page: &'e Page) -> Value {
    let site = call.site();
    call.depend_on_page(page);
    let logo = site.match_resource(page, "**featured_logo*.svg").or_else(|| site.match_resource(page, "**logo*.png"));
    let logo = logo.map(|found| call.publish(&found));
    let dark = site.match_resource(page, "**dark_logo*.svg").map(|found| call.publish(&found));
    let quote = page.param("quote").and_then(Value::as_str).unwrap_or_default();
    json!({
        "url": url::encode(&page.url),
        "title": page.title,
        "dark_logo": dark.or_else(|| logo.clone()),
        "logo": logo,
        "quote": truncate(quote, QUOTE_LENGTH),
    })
}

/// The first letters of a text, up to the end of a word (Hugo's `truncate`).
fn truncate(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let (mut end_of_word, mut last_letter, mut end) = (0, 0, text.len());
    for (count, (at, c)) in text.char_indices().enumerate() {
        if c.is_whitespace() {
            end_of_word = last_letter;
        } else if is_written_without_blanks(c) {
            end_of_word = at;
        } else {
            last_letter = at + c.len_utf8();
        }
        if count == length {
            end = if end_of_word == 0 { at } else { end_of_word };
            break;
        }
    }
    format!("{} …", &text[..end])
}

/// Han, Hiragana, Katakana and Hangul: a text may end behind any of them.
fn is_written_without_blanks(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{3005}' | '\u{3007}' | '\u{3021}'..='\u{3029}'
        | '\u{3038}'..='\u{303b}' | '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{30fd}'..='\u{30ff}'
        | '\u{3131}'..='\u{318e}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{a960}'..='\u{a97c}' | '\u{ac00}'..='\u{d7fb}' | '\u{f900}'..='\u{fad9}' | '\u{ff66}'..='\u{ff9d}'
        | '\u{20000}'..='\u{323af}')
}

/// The pages with a `feature` in their front matter.
pub(super) struct Features;

impl Shortcode for Features {
    fn name(&self) -> &str {
        "blocks/kubernetes-features"
    }

    fn signature(&self) -> Signature {
        Signature { inner: InnerRule::None, parameters: Some(&[]) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let (site, language) = (call.site(), call.page().language);
        let of_language = site.pages.iter().filter(|page| page.language == language && page.listed);
        let mut pages: Vec<(&Page, &Value)> = of_language
            .filter_map(|page| Some((page, page.param("feature").filter(|value| value.is_object())?)))
            .collect();
        pages.sort_by(|(a, _), (b, _)| site.order.compare(a, b, language));
        let features: Vec<Value> = pages.into_iter().map(|(page, feature)| described(call, page, feature)).collect();
        // A wheel is shown where the site has the image.
        let wheel = site.asset("images/wheel.svg").map(|found| call.publish(&found));
        call.layout(&json!({ "features": features, "wheel": wheel })).into()
    }
}

fn described(call: &mut Invocation<'_, '_>, page: &Page, feature: &Value) -> Value {
    call.depend_on_page(page);
    let text = |key: &str| feature.get(key).and_then(Value::as_str);
    let anchor = text("anchor").map_or_else(String::new, |anchor| format!("#{}", url::anchorize(anchor)));
    let description = text("description").filter(|text| !text.is_empty()).unwrap_or(&page.description);
    json!({
        "url": url::encode(&page.url) + &url::encode_url(&anchor),
        "title": text("title").unwrap_or(&page.link_title),
        "description": call.markdownify(description),
    })
}

#[cfg(test)]
mod tests {
    use super::truncate;

    #[test]
    fn texts_end_behind_a_word() {
        assert_eq!(truncate("short\n", 10), "short\n");
        assert_eq!(truncate("one two three", 8), "one two …");
        assert_eq!(truncate("one two three", 7), "one two …");
        assert_eq!(truncate("incomprehensible", 4), "inco …");
        assert_eq!(truncate("日本語の文", 3), "日本語 …");
    }
}
