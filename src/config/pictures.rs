//! `[pictures]`: what stands for the site where others show it.

use super::PlacedText;
use super::reader::{Reader, Table};

/// The pictures that stand for the site, by their names below the asset folder. Without a name, `render` looks
/// for the usual ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pictures {
    /// In tabs, bookmarks and on home screens.
    pub icon: Option<PlacedText>,
    /// Beside links to the site's pages elsewhere.
    pub preview: Option<PlacedText>,
}

impl Pictures {
    /// `[pictures]`.
    pub(super) fn read(top: &mut Table<'_>, reader: &mut Reader<'_>) -> Self {
        top.table(reader, "pictures").map(|table| Self::of(table, reader)).unwrap_or_default()
    }

    /// `[params.docbuild.pictures]`: Hugo leaves a site's parameters alone.
    pub(super) fn read_hugo(top: &mut Table<'_>, reader: &mut Reader<'_>) -> Self {
        let own = top.table(reader, "params").and_then(|mut params| params.table(reader, "docbuild"));
        let Some(mut own) = own else { return Self::default() };
        let pictures = own.table(reader, "pictures").map(|table| Self::of(table, reader));
        own.finish(reader);
        pictures.unwrap_or_default()
    }

    fn of(mut table: Table<'_>, reader: &mut Reader<'_>) -> Self {
        let mut name = |key| table.placed_string(reader, key).map(|(text, span)| PlacedText { text, span });
        let (icon, preview) = (name("icon"), name("preview"));
        table.finish(reader);
        Self { icon, preview }
    }
}
