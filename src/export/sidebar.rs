//! The docs' sidebar as nested objects.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::site::url::encode;
use crate::site::{PageId, Site, sidebar};

/// A page in the sidebar.
#[derive(Debug, serde::Serialize)]
pub(super) struct Node {
    title: String,
    url: String,
    children: Vec<Node>,
}

/// The tree below the language's section `docs`, or below its home page where it has none. Sections
/// that only the default language has are in it, as readers see them.
pub(super) fn tree(site: &Site, language: usize) -> Option<Node> {
    let of_default = || site.find(0, "docs").filter(|id| site.page(*id).published);
    let own = site.find(language, "docs").filter(|id| site.page(*id).published);
    Some(node(site, own.or_else(of_default).unwrap_or(site.homes[language]), language))
}

fn node(site: &Site, id: PageId, language: usize) -> Node {
    let page = site.page(id);
    Node {
        title: page.link_title.clone(),
        url: encode(&page.url),
        children: sidebar::children(site, id, language)
            .into_iter()
            .map(|child| node(site, child.id, language))
            .collect(),
    }
}

/// Keys and values as an object, in this order.
pub(super) struct InOrder<'a>(pub(super) Vec<(&'a str, Option<Node>)>);

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
