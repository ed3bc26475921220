//! The blocks around the one that is written.

use std::ops::Range;

/// The open containers of a unit, the outermost first.
#[derive(Default)]
pub(super) struct Nesting {
    open: Vec<Block>,
    /// Whether the open paragraph has no tags.
    bare: bool,
}

enum Block {
    ListItem,
    /// A definition; `bare` as long as its next paragraph has no tags.
    Definition {
        bare: bool,
    },
    Other,
}

impl Nesting {
    /// A list item starts.
    pub(super) fn enter_item(&mut self) {
        self.open.push(Block::ListItem);
    }

    /// A definition starts. Without a blank line above it, its first paragraph has no tags.
    pub(super) fn enter_definition(&mut self, text: &str, range: &Range<usize>) {
        let before = text.get(..range.start).unwrap_or("");
        let above = before.rsplit_once('\n').map_or("", |(above, _)| above);
        let above = above.rsplit('\n').next().unwrap_or("");
        let bare = !above.trim_start_matches(['>', ' ', '\t']).trim().is_empty();
        self.open.push(Block::Definition { bare });
    }

    /// Another container starts.
    pub(super) fn enter(&mut self) {
        self.open.push(Block::Other);
    }

    /// The innermost container ends.
    pub(super) fn leave(&mut self) {
        self.open.pop();
    }

    /// A paragraph starts; whether it has tags.
    pub(super) fn open_paragraph(&mut self) -> bool {
        if let Some(Block::Definition { bare: bare @ true }) = self.open.last_mut() {
            *bare = false;
            self.bare = true;
        }
        !self.bare
    }

    /// The open paragraph ends; whether it has tags.
    pub(super) fn close_paragraph(&mut self) -> bool {
        !std::mem::take(&mut self.bare)
    }

    /// Whether a list item is open.
    pub(super) fn in_item(&self) -> bool {
        self.open.iter().any(|block| matches!(block, Block::ListItem))
    }
}

/// Whether a text may have definitions: a colon and a blank at the start of a line.
pub(super) fn has_definitions(text: &str) -> bool {
    memchr::memchr_iter(b':', text.as_bytes()).any(|at| {
        text[at + 1..].starts_with([' ', '\t'])
            && text[..at].trim_end_matches([' ', '\t', '>']).bytes().next_back().is_none_or(|byte| byte == b'\n')
    })
}
