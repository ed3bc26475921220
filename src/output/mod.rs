//! Writes a rendered site: changed files only, through a journal.
