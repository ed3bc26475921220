//! Empty items of lists that are within lists.
//!
//! goldmark remembers that an item is empty and a blank line follows. If the next line belongs to a list further
//! out, it ends that list instead of going on with it; the line is then read as if it stood behind the list.
//! CommonMark has no such rule.

/// Follows the outermost list through the lines of a text.
#[derive(Default)]
pub(super) struct EmptyItems {
    /// The column at which the text of the outermost list's last item starts.
    content: Option<usize>,
    above: Above,
}

/// What the line above is.
#[derive(Default, PartialEq, Eq)]
enum Above {
    #[default]
    Blank,
    /// An empty item that is within another one.
    EmptyItem,
    /// A blank line behind such an item.
    BlankBehindItem,
    Text,
}

impl EmptyItems {
    /// A block that ends every list, and that readers do not see.
    pub(super) const SEPARATOR: &str = "<!-- -->\n";

    /// Takes the next line; whether the list around it ends before it.
    pub(super) fn end_list(&mut self, line: &str) -> bool {
        let inside = line.trim_start_matches(' ');
        let column = line.len() - inside.len();
        if inside.trim().is_empty() {
            self.above = match self.above {
                Above::EmptyItem | Above::BlankBehindItem => Above::BlankBehindItem,
                _ => Above::Blank,
            };
            return false;
        }
        let is_inside = self.content.is_some_and(|content| column >= content);
        let ends = is_inside && self.above == Above::BlankBehindItem;
        if ends || !is_inside {
            let item = (column < 4).then(|| content_of_item(inside)).flatten();
            match item {
                Some(content) => self.content = Some(column + content),
                // A paragraph goes on below an item without being indented.
                None if ends || self.above != Above::Text => self.content = None,
                None => {}
            }
            self.above = Above::Text;
            return ends;
        }
        // An empty item can't interrupt a paragraph.
        let is_empty =
            self.above != Above::Text && marker(inside).is_some_and(|marker| inside[marker..].trim().is_empty());
        self.above = if is_empty { Above::EmptyItem } else { Above::Text };
        false
    }
}

/// The length of a list item's marker.
fn marker(line: &str) -> Option<usize> {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let length = match *line.as_bytes().get(digits)? {
        b'-' | b'*' | b'+' if digits == 0 => 1,
        b'.' | b')' if (1..=9).contains(&digits) => digits + 1,
        _ => return None,
    };
    line[length..].bytes().next().is_none_or(|byte| byte.is_ascii_whitespace()).then_some(length)
}

/// Behind how many bytes the text of an item starts.
fn content_of_item(line: &str) -> Option<usize> {
    let marker = marker(line)?;
    let gap = line[marker..].len() - line[marker..].trim_start_matches(' ').len();
    let is_text = !line[marker..].trim().is_empty();
    Some(marker + if is_text && gap <= 4 { gap.max(1) } else { 1 })
}
