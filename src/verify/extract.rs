//! The blocks of a page, each with what a reader has in view when meeting it.
//!
//! In: a page's [`FlowItem`]s. Out: [`Page`]: its code [`Block`]s with their context (the sentence
//! before, the headings, the tab), and the example files it shows. Nothing is decided here.

use serde::Serialize;

use crate::config::PageOverride;
use crate::markdown::flow::{CodeBlock, Container, FlowItem};

/// A page as `verify` sees it.
#[derive(Debug, Clone)]
pub struct Page {
    /// Path relative to the root.
    pub path: String,
    /// URL below the site's root.
    pub url: String,
    /// Language code.
    pub lang: String,
    /// Path of the same page in the default language, if there is one and this is not it.
    pub original: Option<String>,
    /// What front matter and book.toml say about it.
    pub overrides: PageOverride,
    /// The variables that the site sets for its pages (`[verify.setup]`).
    pub variables: Vec<String>,
    /// Its code blocks, in order.
    pub blocks: Vec<Block>,
    /// The example files it shows, in order.
    pub examples: Vec<Example>,
}

/// A code block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Block {
    /// Number on the page, from 1.
    pub id: usize,
    /// Opening fence or first line, 1-based.
    pub line: usize,
    /// Closing fence or last line.
    pub end_line: usize,
    /// The info string; `None` for an indented block.
    pub info: Option<String>,
    /// The included file that holds it; `None` for the page itself.
    pub file: Option<String>,
    /// First word of the info string, lower case.
    pub language: String,
    /// The code.
    pub text: String,
    /// Source line of each line of `text`.
    pub lines: Vec<usize>,
    /// What is around it.
    pub context: Context,
}

impl Block {
    /// Source line of the `index`th line of the text (the last known line past the end).
    #[must_use]
    pub fn source_line(&self, index: usize) -> usize {
        self.lines.get(index).or(self.lines.last()).copied().unwrap_or(self.line)
    }
}

/// What a reader has in view at a block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Context {
    /// Number of the section (the part below one heading), from 0.
    pub section: usize,
    /// The open headings, outermost first.
    pub headings: Vec<String>,
    /// The prose between the block (or heading) before and this one; paragraphs end with a newline.
    pub prose: String,
    /// The last paragraph of it.
    pub paragraph: String,
    /// The last sentence of that: what introduces the block.
    pub cue: String,
    /// In a list: the paragraph that introduces the outermost one.
    pub lead: String,
    /// Inline code spans of the last paragraph: text and line.
    pub spans: Vec<(String, usize)>,
    /// Whether nothing stands between this block and the one before.
    pub adjacent: bool,
    /// How deep it is in list items.
    pub list_depth: usize,
    /// The tab it is in.
    pub tab: Option<TabPlace>,
    /// What `<!-- verify: ... -->` comments before it say.
    pub overrides: Vec<String>,
    /// How many example files the page has shown before it.
    pub examples_before: usize,
}

/// Which tab of which group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TabPlace {
    /// Number of the group on the page.
    pub group: usize,
    /// Number of the tab in the group, from 0.
    pub index: usize,
    /// Its label.
    pub label: String,
}

/// An example file that the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// As the page names it: `pods/two-container-pod.yaml`.
    pub file: String,
    /// Where it is, relative to the root.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Reads the blocks and examples of a flow. `path` is the page's own file.
#[must_use]
pub fn blocks(flow: &[FlowItem], path: &str) -> (Vec<Block>, Vec<Example>) {
    let mut reader = Reader { path, ..Reader::default() };
    for item in flow {
        reader.item(item);
    }
    (reader.blocks, reader.examples)
}

#[derive(Default)]
struct Reader<'a> {
    path: &'a str,
    blocks: Vec<Block>,
    examples: Vec<Example>,
    headings: Vec<(u8, String)>,
    section: usize,
    prose: String,
    spans: Vec<(String, usize)>,
    overrides: Vec<String>,
    adjacent: bool,
    containers: Vec<Open>,
    /// The last paragraph outside of lists.
    outside: String,
    tab_groups: usize,
}

enum Open {
    ListItem,
    Tabs { group: usize, next: usize },
    Tab(TabPlace),
    Other,
}

impl Reader<'_> {
    fn item(&mut self, item: &FlowItem) {
        match item {
            FlowItem::Heading { level, text, .. } => self.heading(*level, text),
            FlowItem::Prose { text, code_spans, at } => {
                if text.trim().is_empty() {
                    return;
                }
                self.prose.push_str(text.trim());
                self.prose.push('\n');
                if self.list_depth() == 0 {
                    text.trim().clone_into(&mut self.outside);
                }
                self.spans =
                    code_spans.iter().map(|span| (span.text.clone(), at.file.line_of(span.span.start))).collect();
                self.adjacent = false;
            }
            FlowItem::Code(code) => self.code(code),
            FlowItem::Example { file, path, text, .. } => {
                self.examples.push(Example { file: file.clone(), path: path.clone(), text: text.clone() });
                self.prose.clear();
                self.spans.clear();
                self.adjacent = false;
            }
            FlowItem::Comment { text, .. } => {
                if let Some(what) = text.trim().strip_prefix("verify:") {
                    self.overrides.push(what.trim().to_owned());
                }
            }
            FlowItem::Enter(container, _) => self.enter(container),
            FlowItem::Leave => {
                self.containers.pop();
            }
        }
    }

    fn heading(&mut self, level: u8, text: &str) {
        self.headings.retain(|(open, _)| *open < level);
        self.headings.push((level, text.to_owned()));
        self.section += 1;
        self.outside.clear();
        self.prose.clear();
        self.spans.clear();
        self.adjacent = false;
    }

    fn enter(&mut self, container: &Container) {
        let open = match container {
            Container::ListItem => {
                self.adjacent = false;
                Open::ListItem
            }
            Container::Tabs => {
                self.tab_groups += 1;
                Open::Tabs { group: self.tab_groups, next: 0 }
            }
            Container::Tab(label) => {
                self.adjacent = false;
                match self.containers.last_mut() {
                    Some(Open::Tabs { group, next }) => {
                        *next += 1;
                        Open::Tab(TabPlace { group: *group, index: *next - 1, label: label.clone() })
                    }
                    _ => Open::Other,
                }
            }
            Container::Quote | Container::Shortcode(_) | Container::Include(_) => Open::Other,
        };
        self.containers.push(open);
    }

    fn list_depth(&self) -> usize {
        self.containers.iter().filter(|open| matches!(open, Open::ListItem)).count()
    }

    fn code(&mut self, code: &CodeBlock) {
        let paragraph = self.prose.trim_end().rsplit('\n').next().unwrap_or("").to_owned();
        let tab = self.containers.iter().rev().find_map(|open| match open {
            Open::Tab(place) => Some(place.clone()),
            _ => None,
        });
        let context = Context {
            section: self.section,
            headings: self.headings.iter().map(|(_, text)| text.clone()).collect(),
            cue: last_sentence(&paragraph).to_owned(),
            paragraph,
            prose: std::mem::take(&mut self.prose),
            spans: std::mem::take(&mut self.spans),
            adjacent: std::mem::replace(&mut self.adjacent, true) && !self.blocks.is_empty(),
            lead: if self.list_depth() > 0 { self.outside.clone() } else { String::new() },
            list_depth: self.list_depth(),
            tab,
            overrides: std::mem::take(&mut self.overrides),
            examples_before: self.examples.len(),
        };
        self.blocks.push(Block {
            id: self.blocks.len() + 1,
            line: code.line,
            end_line: code.end_line,
            info: code.info.clone(),
            file: (code.at.file.path != self.path).then(|| code.at.file.path.clone()),
            language: code.language(),
            text: code.text.clone(),
            lines: code.lines.clone(),
            context,
        });
    }
}

/// The last sentence of a paragraph: what follows the last full stop that is not at its end.
fn last_sentence(paragraph: &str) -> &str {
    sentences(paragraph).last().unwrap_or("")
}

/// The sentences of a paragraph.
pub(crate) fn sentences(paragraph: &str) -> impl Iterator<Item = &str> {
    let text = paragraph.trim_end();
    let body = text.trim_end_matches(['.', ':', '。', '：', '!', '?', ' ']);
    let ends = body.char_indices().filter_map(|(at, c)| {
        let after = at + c.len_utf8();
        match c {
            '。' | '！' | '？' => Some(after),
            '.' | '!' | '?' => body[after..].starts_with(' ').then_some(after),
            _ => None,
        }
    });
    let mut start = 0;
    ends.chain([text.len()]).map(move |end| {
        let sentence = &text[start..end];
        start = end;
        sentence.trim_start()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cue_is_the_last_sentence() {
        assert_eq!(last_sentence("One thing. The output is:"), "The output is:");
        assert_eq!(last_sentence("ひとつ。出力は次のとおりです。"), "出力は次のとおりです。");
        assert_eq!(last_sentence("Use v1.36.3 of it"), "Use v1.36.3 of it");
        assert_eq!(last_sentence(""), "");
    }
}
