//! A documented output while it is corrected: its lines, each with the line it was.

/// See the module. Lines count from 1, as in the findings of a comparison with [`Sheet::text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    pub(super) rows: Vec<Row>,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Without what the container puts before it, and without its end.
    pub(super) text: String,
    /// The index of the documented line that it is, or was; `None` for a new one.
    pub(super) origin: Option<usize>,
}

impl Sheet {
    pub(super) fn new(text: &str) -> Self {
        let rows = text.lines().enumerate().map(|(at, text)| Row { text: text.to_owned(), origin: Some(at) });
        Self { rows: rows.collect() }
    }

    pub(super) fn text(&self) -> String {
        self.rows.iter().flat_map(|row| [row.text.as_str(), "\n"]).collect()
    }

    /// The source line of each row, new ones counted to the row before.
    pub(super) fn lines(&self, sources: &[usize]) -> Vec<usize> {
        let mut last = sources.first().copied().unwrap_or(1);
        let mut lines = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            last = row.origin.and_then(|at| sources.get(at)).copied().unwrap_or(last);
            lines.push(last);
        }
        lines
    }

    /// The text at an index; empty outside.
    pub(super) fn at(&self, index: usize) -> &str {
        self.rows.get(index).map_or("", |row| row.text.as_str())
    }

    /// With another text in a row.
    pub(super) fn with(&self, index: usize, text: impl Into<String>) -> Self {
        let mut sheet = self.clone();
        if let Some(row) = sheet.rows.get_mut(index) {
            row.text = text.into();
        }
        sheet
    }

    /// Without some rows.
    pub(super) fn without(&self, range: std::ops::Range<usize>) -> Self {
        let mut sheet = self.clone();
        sheet.rows.drain(range);
        sheet
    }

    /// With new rows before the one at `index`.
    pub(super) fn inserted(&self, index: usize, texts: impl IntoIterator<Item = String>) -> Self {
        self.with_rows(index, texts.into_iter().map(|text| Row { text, origin: None }).collect())
    }

    /// With these rows before the one at `index`.
    pub(super) fn with_rows(&self, index: usize, rows: Vec<Row>) -> Self {
        let mut sheet = self.clone();
        let index = index.min(sheet.rows.len());
        sheet.rows.splice(index..index, rows);
        sheet
    }

    /// With the rows of `range` made of another text, which may have more or fewer lines: those that it
    /// begins and ends with keep what they were.
    pub(super) fn replaced(&self, range: std::ops::Range<usize>, text: &str) -> Self {
        let old = &self.rows[range.clone()];
        let new: Vec<&str> = text.split('\n').collect();
        let shared = old.len().min(new.len());
        let head = (0..shared).take_while(|at| old[*at].text == new[*at]).count();
        let tail = (0..shared - head).take_while(|at| old[old.len() - 1 - at].text == new[new.len() - 1 - at]).count();
        let origin = |at: usize| {
            if at >= new.len() - tail {
                Some(old.len() - (new.len() - at))
            } else {
                Some(at).filter(|at| *at < old.len() - tail)
            }
        };
        let rows: Vec<Row> = new
            .iter()
            .enumerate()
            .map(|(at, text)| Row { text: (*text).to_owned(), origin: origin(at).and_then(|at| old[at].origin) })
            .collect();
        let mut sheet = self.clone();
        sheet.rows.splice(range, rows);
        sheet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(sheet: &Sheet) -> Vec<Option<usize>> {
        sheet.rows.iter().map(|row| row.origin).collect()
    }

    #[test]
    fn rows_keep_what_they_were() {
        let sheet = Sheet::new("a\nb\nc\n");
        assert_eq!(origins(&sheet.without(1..2)), [Some(0), Some(2)]);
        assert_eq!(origins(&sheet.inserted(1, ["x".to_owned()])), [Some(0), None, Some(1), Some(2)]);
        assert_eq!(origins(&sheet.replaced(0..3, "a\nc")), [Some(0), Some(2)]);
        assert_eq!(origins(&sheet.replaced(0..3, "a\nx\ny\nc")), [Some(0), Some(1), None, Some(2)]);
        assert_eq!(sheet.inserted(1, ["x".to_owned()]).lines(&[7, 8, 9]), [7, 7, 8, 9]);
        assert_eq!(sheet.text(), "a\nb\nc\n");
    }
}
