//! Articles and layouts -> files.
//!
//! In: [`crate::site::Site`], one [`crate::markdown::Article`] a page, the Tera layouts.
//! Out: [`Rendered`]: path below the build folder -> bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The files of a site, by path below the build folder, with `/`.
pub type Rendered = BTreeMap<String, Arc<[u8]>>;
