//! Which part of some code is what.

/// What a part of code is. The classes' names are those that chroma uses, so that a style made for Hugo
/// serves here too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Class {
    /// Nothing in particular: it has no element.
    #[default]
    Plain,
    /// A comment.
    Comment,
    /// A word of the language, or one of its constants.
    Keyword,
    /// A string, a block of text.
    Text,
    /// A number.
    Number,
    /// The name of a value: a key, an attribute, an element.
    Key,
    /// A command or function that the language brings along.
    Builtin,
    /// A variable.
    Variable,
    /// The sign that a shell waits behind.
    Prompt,
    /// A heading, the place in a comparison of files.
    Heading,
    /// What a comparison of files added.
    Inserted,
    /// What it removed.
    Deleted,
}

impl Class {
    /// The class in HTML; `None` for plain code.
    pub(super) const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Plain => return None,
            Self::Comment => "c",
            Self::Keyword => "k",
            Self::Text => "s",
            Self::Number => "m",
            Self::Key => "nt",
            Self::Builtin => "nb",
            Self::Variable => "nv",
            Self::Prompt => "gp",
            Self::Heading => "gh",
            Self::Inserted => "gi",
            Self::Deleted => "gd",
        })
    }
}

/// A code's parts in order, without plain ones: bytes from, to, and what they are.
///
/// Parts of one class with nothing or only blanks between them are one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Runs {
    runs: Vec<Run>,
}

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// First byte.
    pub(super) start: usize,
    /// Behind the last byte.
    pub(super) end: usize,
    /// Never [`Class::Plain`].
    pub(super) class: Class,
}

impl Runs {
    /// Marks `start..end` of `text`, which lies behind everything that was marked before.
    pub(super) fn mark(&mut self, text: &str, start: usize, end: usize, class: Class) {
        if class == Class::Plain || start >= end {
            return;
        }
        if let Some(last) = self.runs.last_mut() {
            let joins = last.class == class
                && (last.end == start || text.as_bytes()[last.end..start].iter().all(u8::is_ascii_whitespace));
            if joins {
                last.end = end;
                return;
            }
        }
        self.runs.push(Run { start, end, class });
    }

    /// The parts, in order.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Run> {
        self.runs.iter()
    }
}
