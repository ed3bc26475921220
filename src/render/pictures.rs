//! The pictures that stand for the site where others show it: icons for tabs and home screens, and the picture
//! beside a link to a page.
//!
//! In: `[pictures]` of the configuration, the files below `assets/`, the front matter's `images`. Out: PNG files
//! made of them, `icons` and `page.image` for layouts.
//!
//! A site without such a picture gets none of these files. Their names and sizes are those that kubernetes.io
//! publishes: others keep addresses of icons (decision 0014).

use std::path::PathBuf;

use rayon::prelude::*;
use serde::Serialize;

use super::files::{Files, Origin, resource_path, shown, unreadable};
use super::sink::Content;
use super::{Base, Shared, images, is_selected};
use crate::config::PlacedText;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::site::{Page, Publication, Resource, Site, url};

/// Names of icons by habit, without folder and extension; `NAME` is the site's title. The longer ones are those of
/// the logos that the Cloud Native Computing Foundation gives its projects.
const ICON_NAMES: [&str; 4] = ["icon", "NAME-icon-color", "NAME-icon", "NAME"];

/// The same of pictures for previews.
const PREVIEW_NAMES: [&str; 5] =
    ["preview", "NAME-open-graph", "open-graph", "NAME-horizontal-color", "NAME-horizontal"];

/// Where they are looked for below the asset folder.
const FOLDERS: [&str; 2] = ["images", "icons"];

/// With which extensions.
const EXTENSIONS: [&str; 3] = ["png", "jpg", "jpeg"];

/// Sides of icons for tabs, in pixels.
const TAB_SIDES: [u32; 3] = [16, 32, 64];

/// Sides of icons for home screens.
const HOME_SCREEN_SIDES: [u32; 9] = [76, 120, 152, 160, 167, 180, 192, 196, 256];

/// The one of them that pages link to: today's devices take it and scale it.
const LINKED_HOME_SCREEN: u32 = 180;

/// Side of the icon for lists of sites.
const LIST_SIDE: u32 = 128;

/// Width and height of a preview, as the services that show them want it.
const PREVIEW: (u32, u32) = (1200, 630);

/// Room for a picture in it that has other proportions.
const PREVIEW_INNER: (u32, u32) = (960, 504);

/// The pictures of a site.
pub(super) struct Pictures {
    icon: Option<Picture>,
    preview: Option<Picture>,
    /// Where the preview is published.
    preview_url: String,
    /// Files that have the name of a picture and are none.
    said: Vec<Diagnostic>,
}

struct Picture {
    url: String,
    file: PathBuf,
    /// Width and height; `None` for drawings (SVG), of which nothing is made.
    size: Option<(u32, u32)>,
}

impl Picture {
    fn is_square(&self) -> bool {
        self.size.is_some_and(|(width, height)| width == height)
    }

    fn is_wide(&self) -> bool {
        self.size.is_some_and(|(width, height)| width > height)
    }
}

/// A `link` of a page's head.
#[derive(Serialize)]
pub(super) struct IconLink {
    rel: &'static str,
    href: String,
    /// `32x32`; `None` for drawings.
    sizes: Option<String>,
    /// `image/png`.
    media: &'static str,
}

/// A file that is made of the icon.
struct Icon {
    path: String,
    side: u32,
    rel: &'static str,
    linked: bool,
}

/// The files that are made of an icon.
fn icons() -> impl Iterator<Item = Icon> {
    let tab = |side| Icon { path: format!("icons/favicon-{side}.png"), side, rel: "icon", linked: true };
    let list =
        Icon { path: format!("icons/icon-{LIST_SIDE}x{LIST_SIDE}.png"), side: LIST_SIDE, rel: "icon", linked: true };
    let home_screen = |side| Icon {
        path: format!("icons/apple-touch-icon-{side}x{side}.png"),
        side,
        rel: "apple-touch-icon",
        linked: side == LINKED_HOME_SCREEN,
    };
    TAB_SIDES.into_iter().map(tab).chain([list]).chain(HOME_SCREEN_SIDES.into_iter().map(home_screen))
}

impl Pictures {
    /// The pictures that the configuration names, else those with the usual names.
    pub(super) fn find(site: &Site) -> Result<Self, Diagnostics> {
        let mut wrong = Diagnostics::new();
        let mut said = vec![];
        let config = &site.config;
        let mut named = |name: &PlacedText| {
            let found = site.asset(&name.text).ok_or_else(|| {
                let folder = shown(&config.assets_dir, &config.root);
                (format!("there is no `{}` in {folder}/", name.text), "write its path below this folder")
            });
            let found = found.and_then(|resource| {
                let readable = picture(&resource);
                readable
                    .map_err(|cause| (format!("`{}` can't be read: {cause}", name.text), "use a PNG or JPEG picture"))
            });
            found.map_err(|(message, help)| {
                let place = name.span.start..name.span.end;
                wrong.push(Diagnostic::error(codes::CONFIG_PICTURE, message).at(&config.file, place).help(help));
            })
        };
        let icon = config.pictures.icon.as_ref().map(&mut named);
        let preview = config.pictures.preview.as_ref().map(&mut named);
        if wrong.has_errors() {
            return Err(wrong);
        }
        let icon = icon.and_then(Result::ok).or_else(|| usual(site, &ICON_NAMES, Picture::is_square, &mut said));
        let preview = preview.and_then(Result::ok).or_else(|| usual(site, &PREVIEW_NAMES, Picture::is_wide, &mut said));
        Ok(Self { icon, preview, preview_url: format!("/images/{}-open-graph.png", name_of(site)), said })
    }

    /// What pages link to; nothing where the site has no icon.
    pub(super) fn links(&self, base: &Base) -> Vec<IconLink> {
        let Some(icon) = &self.icon else { return vec![] };
        let own = IconLink {
            rel: "icon",
            href: base.href(&icon.url),
            sizes: icon.size.map(|(width, height)| format!("{width}x{height}")),
            media: media_of(&icon.url),
        };
        let made = icons().filter(|made| made.linked && fits(icon, made)).map(|made| IconLink {
            rel: made.rel,
            href: base.href(&made.path),
            sizes: Some(format!("{0}x{0}", made.side)),
            media: "image/png",
        });
        made.chain([own]).collect()
    }

    /// Adds the files that are made of them, unless the site has its own at their paths.
    pub(super) fn add(&self, shared: &Shared<'_>, files: &Files<'_>) {
        files.say(self.said.iter().cloned());
        let root = &shared.site.config.root;
        if let Some(icon) = &self.icon {
            if let Some(path) = resource_path(&icon.url)
                && files.claim_free(&path, Origin::File(shown(&icon.file, root)))
            {
                files.put_claimed(&path, Content::Copy(icon.file.clone()));
            }
            // Home screens would show black where there is nothing.
            let ground = |made: &Icon| if made.rel == "icon" { [0; 4] } else { [255; 4] };
            let framed = |made: Icon| {
                let (frame, ground) = ((made.side, made.side), ground(&made));
                (made.path, frame, frame, ground)
            };
            make(icon, icons().filter(|made| fits(icon, made)).map(framed).collect(), root, files);
        }
        if let Some(preview) = self.preview.as_ref().filter(|preview| preview.size.is_some()) {
            let path = self.preview_url.trim_start_matches('/').to_owned();
            let inner = if has_proportions(preview, PREVIEW) { PREVIEW } else { PREVIEW_INNER };
            make(preview, vec![(path, inner, PREVIEW, [255; 4])], root, files);
        }
    }

    /// Said again where not everything is made.
    pub(super) fn said(&self) -> impl Iterator<Item = Diagnostic> {
        self.said.iter().cloned()
    }
}

/// A file to be made: path, room for the picture, width and height, ground.
type Framed = (String, (u32, u32), (u32, u32), [u8; 4]);

fn make(picture: &Picture, wanted: Vec<Framed>, root: &std::path::Path, files: &Files<'_>) {
    let wanted: Vec<Framed> = wanted.into_iter().filter(|(path, ..)| files.claim_default(path)).collect();
    let name = shown(&picture.file, root);
    let bytes = match std::fs::read(&picture.file) {
        Ok(bytes) => bytes,
        Err(error) => return files.say([unreadable(&name, &error)]),
    };
    wanted.into_par_iter().for_each(|(path, inner, frame, ground)| {
        match images::make_framed(&bytes, inner, frame, ground) {
            Ok(made) => files.put_claimed(&path, Content::Bytes(made)),
            Err(cause) => files.say([Diagnostic::error(
                codes::IMAGE_UNREADABLE,
                format!("{path} can't be made of {name}: {cause}"),
            )
            .help("use another PNG or JPEG picture")]),
        }
    });
}

/// Whether an icon can be made without enlarging the picture.
fn fits(picture: &Picture, icon: &Icon) -> bool {
    picture.size.is_some_and(|(width, height)| width.max(height) >= icon.side)
}

/// Whether a picture has about these proportions: it differs by a fiftieth at most.
fn has_proportions(picture: &Picture, (width, height): (u32, u32)) -> bool {
    picture.size.is_some_and(|(own_width, own_height)| {
        let [own, wanted] = [(own_width, height), (width, own_height)].map(|(a, b)| u64::from(a) * u64::from(b));
        own.abs_diff(wanted) * 50 <= wanted
    })
}

/// The first picture with one of these names that has the right shape.
fn usual(site: &Site, names: &[&str], shape: fn(&Picture) -> bool, said: &mut Vec<Diagnostic>) -> Option<Picture> {
    let own = name_of(site);
    let paths = names.iter().flat_map(|name| {
        let name = name.replace("NAME", &own);
        FOLDERS.iter().flat_map(move |folder| {
            let name = name.clone();
            EXTENSIONS.iter().map(move |extension| format!("{folder}/{name}.{extension}"))
        })
    });
    for path in paths {
        let Some(resource) = site.asset(&path) else { continue };
        match picture(&resource) {
            Ok(picture) if shape(&picture) => return Some(picture),
            Ok(_) => {}
            Err(cause) => {
                let message = format!("{} is no picture: {cause}", shown(resource.file, &site.config.root));
                let warning = Diagnostic::warning(codes::IMAGE_UNREADABLE, message);
                said.push(warning.help("save it as PNG or JPEG: icons are made of a file of this name"));
            }
        }
    }
    None
}

/// The site's name as it stands in names of files.
fn name_of(site: &Site) -> String {
    let name = url::urlize(&site.config.title).replace('/', "-");
    if name.trim_matches('.').is_empty() { "site".to_owned() } else { name }
}

fn picture(resource: &Resource<'_>) -> Result<Picture, String> {
    let is_drawing = media_of(resource.name) == "image/svg+xml";
    let size = if is_drawing { None } else { Some(images::size_of(resource.file)?) };
    Ok(Picture { url: resource.url.clone(), file: resource.file.to_owned(), size })
}

fn media_of(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "svg" => "image/svg+xml",
        "jpg" | "jpeg" => "image/jpeg",
        _ => "image/png",
    }
}

impl Shared<'_> {
    /// The address of the picture beside a link to a page: the first of its `images`, a picture of its bundle that
    /// is called so (`feature`, `cover`, `thumbnail`), the first of the site's `images`, the site's preview. As in
    /// Hugo.
    pub(super) fn image_of(&self, page: &Page) -> Option<String> {
        if let Some(name) = page.param("images").and_then(first_text) {
            return Some(self.image_address(page, name));
        }
        let usual = ["*feature*", "*cover*", "*thumbnail*"];
        if let Some(found) = usual.iter().find_map(|pattern| self.site.match_image(page, pattern)) {
            return Some(self.base.permalink(&found.url));
        }
        if let Some(name) = self.site.config.param(page.language, "images").and_then(first_text) {
            return Some(self.image_address(page, name));
        }
        let preview = self.pictures.preview.as_ref()?;
        let url = if preview.size.is_some() { &self.pictures.preview_url } else { &preview.url };
        Some(self.base.permalink(url))
    }

    fn image_address(&self, page: &Page, name: &str) -> String {
        if name.starts_with("http://") || name.starts_with("https://") {
            return super::urls::encode(name);
        }
        match named_image(self.site, page, name) {
            Some(resource) => self.base.permalink(&resource.url),
            None => self.base.permalink(name),
        }
    }

    /// The files that pages show beside links, where nothing else publishes them.
    pub(super) fn image_publications(&self) -> Vec<Publication> {
        let site = self.site;
        let pages = site.pages.iter().filter(|page| page.published && is_selected(site, page));
        let of = |page: &Page| {
            let own = page.param("images").or_else(|| site.config.param(page.language, "images"));
            site.publication(&named_image(site, page, first_text(own?)?)?)
        };
        pages.filter_map(of).collect()
    }
}

fn named_image<'s>(site: &'s Site, page: &'s Page, name: &str) -> Option<Resource<'s>> {
    site.resource(page, name).or_else(|| site.asset(name))
}

/// A text, or the first of a list of texts.
fn first_text(value: &serde_json::Value) -> Option<&str> {
    let first = value.as_array().map_or(Some(value), |list| list.first())?;
    first.as_str().filter(|text| !text.is_empty())
}
