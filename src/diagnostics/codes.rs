//! Every kind of mistake docbuild can name, with the text of `docbuild explain CODE`.
//!
//! To add one: a constant here, and its name in [`ALL`] (a test finds what is forgotten).

/// A kind of mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code {
    /// Stable name, `stage-what`: printed in brackets and accepted by `docbuild explain`.
    pub id: &'static str,
    /// What it means, why it is a mistake, and how to mend it; a few sentences.
    pub explanation: &'static str,
}

macro_rules! codes {
    ($($name:ident = $id:literal, $explanation:literal;)*) => {
        $(
            #[doc = $explanation]
            pub const $name: Code = Code { id: $id, explanation: $explanation };
        )*
        /// All codes, in the order of this file.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    UNREADABLE_FILE = "source-unreadable", "A file of the site could not be read. Check that it exists and that you may read it.";
    INVALID_UTF8 = "source-invalid-utf8", "A text file holds bytes that are not UTF-8. Save it as UTF-8: other encodings are not guessed, because a wrong guess changes the page silently.";
}

/// The code called `id`.
#[must_use]
pub fn find(id: &str) -> Option<Code> {
    ALL.iter().copied().find(|code| code.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_explained() {
        for (index, code) in ALL.iter().enumerate() {
            assert!(ALL[..index].iter().all(|other| other.id != code.id), "{} is there twice", code.id);
            assert!(code.explanation.len() > 40, "{} needs an explanation", code.id);
            assert!(
                code.id.contains('-')
                    && code.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
        }
    }
}
