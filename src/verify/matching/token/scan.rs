//! A cursor over a text, reading small fixed forms.

/// Where a recogniser is in its text. Copied to look ahead; no reading method moves on failure.
#[derive(Clone, Copy)]
pub(in crate::verify::matching) struct Scan<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Scan<'a> {
    /// At the head of `text`.
    pub(in crate::verify::matching) fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    /// Bytes read so far; always a character boundary, as only whole words and ASCII are read.
    pub(in crate::verify::matching) fn position(&self) -> usize {
        self.position
    }

    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.position..]
    }

    fn take_while(&mut self, test: impl Fn(u8) -> bool) -> Option<usize> {
        let count = self.rest().iter().take_while(|byte| test(**byte)).count();
        self.position += count;
        (count > 0).then_some(count)
    }

    fn exactly(&mut self, count: usize, test: impl Fn(u8) -> bool) -> Option<()> {
        let head = self.rest().get(..count)?;
        head.iter().all(|byte| test(*byte)).then(|| self.position += count)
    }

    /// One byte.
    pub(in crate::verify::matching) fn byte(&mut self, byte: u8) -> Option<()> {
        self.one_of(&[byte]).map(|_| ())
    }

    /// One of these bytes, all ASCII.
    pub(in crate::verify::matching) fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let found = self.rest().first().copied().filter(|byte| bytes.contains(byte))?;
        self.position += 1;
        Some(found)
    }

    /// A fixed text.
    pub(in crate::verify::matching) fn word(&mut self, word: &str) -> Option<()> {
        self.rest().starts_with(word.as_bytes()).then(|| self.position += word.len())
    }

    /// This many decimal digits.
    pub(in crate::verify::matching) fn digits(&mut self, count: usize) -> Option<()> {
        self.exactly(count, |byte| byte.is_ascii_digit())
    }

    /// One decimal digit or more; how many.
    pub(in crate::verify::matching) fn some_digits(&mut self) -> Option<usize> {
        self.take_while(|byte| byte.is_ascii_digit())
    }

    /// This many hexadecimal digits.
    pub(in crate::verify::matching) fn hex(&mut self, count: usize) -> Option<()> {
        self.exactly(count, |byte| byte.is_ascii_hexdigit())
    }

    /// One hexadecimal digit or more; how many.
    pub(in crate::verify::matching) fn some_hex(&mut self) -> Option<usize> {
        self.take_while(|byte| byte.is_ascii_hexdigit())
    }

    /// One blank or more.
    pub(in crate::verify::matching) fn blanks(&mut self) -> Option<usize> {
        self.take_while(|byte| matches!(byte, b' ' | b'\t'))
    }

    /// `Mon` ... `Sun`.
    pub(in crate::verify::matching) fn weekday(&mut self) -> Option<()> {
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].into_iter().find_map(|day| self.word(day))
    }

    /// `Jan` ... `Dec`.
    pub(in crate::verify::matching) fn month(&mut self) -> Option<()> {
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            .into_iter()
            .find_map(|month| self.word(month))
    }

    /// Whether what was read is not the beginning of a longer word or number.
    pub(in crate::verify::matching) fn at_end_of_word(&self) -> bool {
        match self.rest() {
            [] => true,
            [b'.', next, ..] => !next.is_ascii_alphanumeric(),
            [next, ..] => !(next.is_ascii_alphanumeric() || matches!(next, b'_' | b'-')),
        }
    }
}
