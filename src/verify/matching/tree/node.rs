//! What a page documents of a tree, and what came.

/// A documented node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// 1-based source line where it begins.
    pub(super) line: usize,
    /// An elision stands in it: what is not documented is free.
    pub(super) open: bool,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Map(Map),
    List(Vec<Node>),
    Scalar(Scalar),
    /// An elision stands for it.
    Any,
    /// A key with nothing behind it.
    Empty,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Map {
    pub(super) entries: Vec<Entry>,
    /// Parts that are indented below no key: excerpts from somewhere deeper.
    pub(super) floating: Vec<Node>,
    /// It is indented itself, below nothing, with elisions in it: its keys may be of several maps.
    pub(super) adrift: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: String,
    /// 1-based source line of the key.
    pub(super) line: usize,
    pub(super) value: Node,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scalar {
    pub(super) text: String,
    pub(super) style: Style,
    /// The source line of each line of a block scalar.
    pub(super) lines: Vec<usize>,
    /// Where a wrapped scalar goes on: how many words stand before, and the source line.
    pub(super) wraps: Vec<(usize, usize)>,
}

impl Scalar {
    /// The source line of a word, counted from 0; `first` is the scalar's own.
    pub(super) fn line_of_word(&self, word: usize, first: usize) -> usize {
        self.wraps.iter().rev().find(|(before, _)| word >= *before).map_or(first, |(_, line)| *line)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Typed by its looks.
    Plain,
    /// A string.
    Quoted,
    /// A string of several lines.
    Block,
}

impl Node {
    pub(super) fn new(line: usize, kind: Kind) -> Self {
        Self { line, open: false, kind }
    }

    pub(super) fn scalar(line: usize, text: impl Into<String>, style: Style) -> Self {
        Self::new(line, Kind::Scalar(Scalar { text: text.into(), style, lines: vec![], wraps: vec![] }))
    }

    pub(super) fn wrapped(line: usize, text: String, style: Style, wraps: Vec<(usize, usize)>) -> Self {
        Self::new(line, Kind::Scalar(Scalar { text, style, lines: vec![], wraps }))
    }

    /// A short text for messages: `terminated: ...`.
    pub(super) fn brief(&self) -> String {
        match &self.kind {
            Kind::Map(map) => {
                let keys: Vec<_> =
                    map.entries.iter().map(|entry| format!("{}: {}", entry.key, entry.value.brief_value())).collect();
                keys.join(", ")
            }
            Kind::List(items) => format!("[{} items]", items.len()),
            Kind::Scalar(scalar) => scalar.text.clone(),
            Kind::Any => "...".to_owned(),
            Kind::Empty => String::new(),
        }
    }

    fn brief_value(&self) -> String {
        match &self.kind {
            Kind::Scalar(scalar) => scalar.text.clone(),
            Kind::Empty => String::new(),
            _ => "...".to_owned(),
        }
    }

    /// How many scalars and keys it documents: the most that can differ.
    pub(super) fn weight(&self) -> usize {
        match &self.kind {
            Kind::Map(map) => {
                map.entries.iter().map(|entry| 1 + entry.value.weight()).sum::<usize>()
                    + map.floating.iter().map(Self::weight).sum::<usize>()
            }
            Kind::List(items) => items.iter().map(Self::weight).sum(),
            Kind::Scalar(_) => 1,
            Kind::Any | Kind::Empty => 0,
        }
    }
}

/// What came, of a strict parser or the lenient one.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Real {
    Map(Vec<(String, Real)>),
    List(Vec<Real>),
    Text(String),
    /// A number or a truth value, as written.
    Plain(String),
    Null,
}

impl Real {
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// `null`, `""`, `{}`, `[]`.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Map(entries) => entries.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Text(text) => text.is_empty(),
            Self::Plain(_) => false,
            Self::Null => true,
        }
    }

    /// A short text for messages.
    pub(super) fn brief(&self) -> String {
        match self {
            Self::Map(entries) if entries.is_empty() => "{}".to_owned(),
            Self::Map(entries) => {
                let keys: Vec<_> = entries.iter().map(|(key, _)| key.as_str()).collect();
                format!("{{{}}}", keys.join(", "))
            }
            Self::List(items) if items.is_empty() => "[]".to_owned(),
            Self::List(items) => format!("[{} items]", items.len()),
            Self::Text(text) if is_typed(text) => format!("\"{text}\""),
            Self::Text(text) | Self::Plain(text) => text.clone(),
            Self::Null => "null".to_owned(),
        }
    }

    /// Every node below this one with its path, this one first, in order.
    pub(super) fn walk<'r>(&'r self, path: &str, visit: &mut dyn FnMut(&str, &'r Self)) {
        visit(path, self);
        match self {
            Self::Map(entries) => {
                for (key, value) in entries {
                    value.walk(&join(path, key), visit);
                }
            }
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    item.walk(&format!("{path}[{index}]"), visit);
                }
            }
            _ => {}
        }
    }
}

/// Whether a plain scalar of these letters would not be a string.
pub(super) fn is_typed(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL" | "true" | "false" | "True" | "False" | "TRUE" | "FALSE")
        || (text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
            && text.parse::<f64>().is_ok())
}

/// The path of a key in the map at `path`.
pub(super) fn join(path: &str, key: &str) -> String {
    match (path.is_empty(), key.contains('.')) {
        (true, _) => key.to_owned(),
        (false, true) => format!("{path}[\"{key}\"]"),
        (false, false) => format!("{path}.{key}"),
    }
}

impl From<serde_yaml::Value> for Real {
    fn from(value: serde_yaml::Value) -> Self {
        use serde_yaml::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Plain(truth.to_string()),
            Value::Number(number) => Self::Plain(number.to_string()),
            Value::String(text) => Self::Text(text),
            Value::Sequence(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Mapping(entries) => {
                Self::Map(entries.into_iter().map(|(key, value)| (key_text(key), Self::from(value))).collect())
            }
            Value::Tagged(tagged) => Self::from(tagged.value),
        }
    }
}

fn key_text(key: serde_yaml::Value) -> String {
    match Real::from(key) {
        Real::Text(text) | Real::Plain(text) => text,
        Real::Null => "null".to_owned(),
        other => other.brief(),
    }
}

impl From<serde_json::Value> for Real {
    fn from(value: serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Plain(truth.to_string()),
            Value::Number(number) => Self::Plain(number.to_string()),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(entries) => {
                Self::Map(entries.into_iter().map(|(key, value)| (key, Self::from(value))).collect())
            }
        }
    }
}

impl From<&Node> for Real {
    /// What the lenient parser made of an actual text that is no strict YAML.
    fn from(node: &Node) -> Self {
        match &node.kind {
            Kind::Map(map) => {
                Self::Map(map.entries.iter().map(|entry| (entry.key.clone(), Self::from(&entry.value))).collect())
            }
            Kind::List(items) => Self::List(items.iter().map(Self::from).collect()),
            Kind::Scalar(scalar)
                if scalar.style == Style::Plain && matches!(scalar.text.as_str(), "" | "~" | "null") =>
            {
                Self::Null
            }
            Kind::Scalar(scalar) if scalar.style == Style::Plain && is_typed(&scalar.text) => {
                Self::Plain(scalar.text.clone())
            }
            Kind::Scalar(scalar) => Self::Text(scalar.text.clone()),
            Kind::Any => Self::Text("...".to_owned()),
            Kind::Empty => Self::Null,
        }
    }
}
