//! Styles, scripts and icons of the built-in theme, and their content hashes.
