//! The built-in shortcodes, one file each.
