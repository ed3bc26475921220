//! All shortcodes by name: the built-in ones, and a site's own over them.

use std::collections::HashMap;

use super::invocation::{Invocation, Output};
use super::layout::ShortcodeLayouts;
use super::parser::Names;
use super::{builtin, template};
use crate::config::Config;
use crate::diagnostics::{Diagnostics, nearest};

/// A shortcode.
///
/// To add a built-in one: a file in `builtin/` with a unit struct that implements this, and one line in
/// `builtin::all`.
pub trait Shortcode: Send + Sync {
    /// The name in the tag.
    fn name(&self) -> &str;

    /// What it takes.
    fn signature(&self) -> Signature;

    /// Its output. Called once a use; parameters that the signature requires are there.
    fn run(&self, call: &mut Invocation<'_, '_>) -> Output;
}

/// What a shortcode takes.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// Its inner content.
    pub inner: InnerRule,
    /// Its parameters; `None` if any are right (a site's own shortcodes).
    pub parameters: Option<&'static [Parameter]>,
}

/// What becomes of inner content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InnerRule {
    /// There is none: a closing tag is a mistake.
    None,
    /// It arrives as it is written.
    Raw,
    /// In `{{% %}}` it arrives as HTML, and the output is not read as Markdown again (what Hugo calls a
    /// version 1 template).
    Rendered,
}

/// One parameter.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name; of a positional one, what it is called in messages.
    pub name: &'static str,
    /// Its number when it is given without a name.
    pub position: Option<usize>,
    /// Whether it has to be there.
    pub required: bool,
}

impl Parameter {
    /// `name="value"`.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self { name, position: None, required: false }
    }

    /// The value at a position (from 0), which may also be given by name.
    #[must_use]
    pub const fn positional(name: &'static str, position: usize) -> Self {
        Self { name, position: Some(position), required: false }
    }

    /// Has to be there.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

/// All shortcodes.
pub struct Registry {
    shortcodes: HashMap<String, Box<dyn Shortcode>>,
    pub(super) layouts: ShortcodeLayouts,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.all()).finish()
    }
}

impl Registry {
    /// The built-in shortcodes.
    #[must_use]
    pub fn built_in() -> Self {
        Self::with_layouts(ShortcodeLayouts::new(&mut vec![], 0).0)
    }

    fn with_layouts(layouts: ShortcodeLayouts) -> Self {
        let shortcodes = builtin::all().into_iter().map(|shortcode| (shortcode.name().to_owned(), shortcode));
        Self { shortcodes: shortcodes.collect(), layouts }
    }

    /// The built-in shortcodes and those of a site, `layouts/shortcodes/NAME.html`, which win. Where the markup of a
    /// built-in one is a layout, the site's file takes its place, and the shortcode stays what it is.
    #[must_use]
    pub fn load(config: &Config) -> (Self, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let mut own = template::files(config, &mut diagnostics);
        let (layouts, said) = ShortcodeLayouts::new(&mut own, config.languages.len());
        diagnostics.extend(said.sorted());
        let mut registry = Self::with_layouts(layouts);
        for shortcode in template::shortcodes(own, &mut diagnostics) {
            registry.shortcodes.insert(shortcode.name().to_owned(), shortcode);
        }
        (registry, diagnostics)
    }

    /// The shortcode of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&dyn Shortcode> {
        self.shortcodes.get(name).map(AsRef::as_ref)
    }

    /// The known name nearest to `name`.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.all())
    }
}

impl Names for Registry {
    fn takes_inner(&self, name: &str) -> Option<bool> {
        self.get(name).map(|shortcode| shortcode.signature().inner != InnerRule::None)
    }

    fn all(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.shortcodes.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}
