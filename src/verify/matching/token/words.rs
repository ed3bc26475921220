//! Words and numbers of a line.

/// The words of a line, with their byte offsets.
pub(in crate::verify::matching) fn words(line: &str) -> impl DoubleEndedIterator<Item = (usize, &str)> {
    line.split_whitespace().map(move |word| (word.as_ptr() as usize - line.as_ptr() as usize, word))
}

/// The decimal numbers in a text.
pub(in crate::verify::matching) fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty())
}

/// The part of two differing lines where they differ: common words at both ends are left out.
pub(in crate::verify::matching) fn differing<'d, 'a>(
    documented: &'d str,
    actual: &'a str,
    holds: impl Fn(&str, &str) -> bool,
) -> (&'d str, &'a str) {
    let ours: Vec<_> = words(documented).collect();
    let theirs: Vec<_> = words(actual).collect();
    let head = ours.iter().zip(&theirs).take_while(|(one, other)| holds(one.1, other.1)).count();
    let limit = ours.len().min(theirs.len()) - head;
    let tail =
        ours.iter().rev().zip(theirs.iter().rev()).take(limit).take_while(|(one, other)| holds(one.1, other.1)).count();
    (cut(documented, &ours, head, tail), cut(actual, &theirs, head, tail))
}

fn cut<'t>(line: &'t str, words: &[(usize, &str)], head: usize, tail: usize) -> &'t str {
    let last = words.len() - tail;
    if head >= last {
        return "";
    }
    &line[words[head].0..words[last - 1].0 + words[last - 1].1.len()]
}
