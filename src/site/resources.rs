//! Files that pages name: those beside a page (its bundle's resources) and the site's global ones (`assets/`).
//!
//! In: a page, and a name or a pattern that an author wrote. Out: the file, and the URL at which it is
//! published. The rules are Hugo's: letters' case does not count, a bundle that exists in a language has
//! the files of the same bundle in other languages where it lacks its own, and those keep their URL (those that
//! a page of HTML gets at its own URL are its own: `beside`).

use std::path::{Path, PathBuf};

use super::glob::Glob;
use super::{Page, PageId, Site, url};

/// A global file, below `assets/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its path below the folder, with `/`.
    pub path: String,
    /// The file, absolute.
    pub file: PathBuf,
}

/// A file that a page's text needs published beside the page: one that is published only where it is used,
/// or an image that is made from one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Publication {
    /// URL path from the site's root, not encoded.
    pub url: String,
    /// The file that it is, or is made from; relative to the root where it is below it.
    pub file: PathBuf,
    /// How the image is made; `None`: the file as it is.
    pub image: Option<ImageWork>,
}

/// What is done to an image. The sizes are those of the result, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct ImageWork {
    /// How it is brought to its size.
    pub method: ImageMethod,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl ImageWork {
    /// Pixels of an image that is read or made, at most: about what the largest cameras make.
    const MOST_PIXELS: u64 = 1 << 26;

    /// The same between the steps of scaling, where a pixel takes four times as much memory.
    const MOST_BETWEEN: u64 = 1 << 25;

    /// Whether an image of this width and height is scaled in a reasonable time and memory.
    #[must_use]
    pub fn is_affordable(self, (width, height): (u32, u32)) -> bool {
        let pixels = |width: u32, height: u32| u64::from(width) * u64::from(height);
        pixels(width, height) <= Self::MOST_PIXELS
            && pixels(self.width, self.height) <= Self::MOST_PIXELS
            // Columns are scaled first, at the old width.
            && pixels(width, self.height) <= Self::MOST_BETWEEN
    }
}

/// How an image is brought to a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum ImageMethod {
    /// Made smaller until it fits into the size; its proportions stay.
    Fit,
    /// Made exactly as large; one side alone keeps the proportions.
    Resize,
    /// Made as large, what is too much cut off around the middle.
    Fill,
}

/// A file that a page may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource<'s> {
    /// Its path below the bundle's folder, or below `assets/`.
    pub name: &'s str,
    /// URL path from the site's root, not encoded: `/docs/pods/web.png`.
    pub url: String,
    /// The file, absolute.
    pub file: &'s Path,
    /// The page it is published with; `None` for a global file.
    pub owner: Option<PageId>,
}

impl Resource<'_> {
    /// The URL as it stands in a page.
    #[must_use]
    pub fn href(&self) -> String {
        url::encode(&self.url)
    }

    /// The kind of file, by its extension.
    #[must_use]
    pub fn media(&self) -> Media {
        Media::of(self.name)
    }
}

/// The kind of a file, in the order in which a bundle lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Media {
    /// Data, archives, and what is unknown.
    Application,
    /// Sound.
    Audio,
    /// Typefaces.
    Font,
    /// Images.
    Image,
    /// Text, style sheets, scripts.
    Text,
    /// Films.
    Video,
}

impl Media {
    /// The kind of the file of this name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
        match extension.as_str() {
            "png" | "jpg" | "jpeg" | "jpe" | "jif" | "jfif" | "gif" | "svg" | "webp" | "bmp" | "tif" | "tiff" => {
                Self::Image
            }
            "txt" | "css" | "scss" | "sass" | "csv" | "js" | "mjs" | "ts" | "tsx" | "jsx" | "ics" | "adoc" => {
                Self::Text
            }
            "ttf" | "otf" | "woff" | "woff2" => Self::Font,
            "mp3" | "m4a" | "oga" | "wav" => Self::Audio,
            "mp4" | "avi" | "mpg" | "mpeg" | "ogv" | "webm" | "3gpp" | "3gpp2" => Self::Video,
            _ => Self::Application,
        }
    }
}

impl Site {
    /// The file of a page's bundle with this path below its folder (Hugo's `Resources.Get`).
    #[must_use]
    pub fn resource<'s>(&'s self, page: &'s Page, name: &str) -> Option<Resource<'s>> {
        let wanted = name.trim_start_matches('/');
        self.bundles(page).find_map(|bundle| {
            let mut own = self.own_resources(bundle);
            own.find(|resource| same_name(resource.name, wanted))
        })
    }

    /// The first file of a page's bundle whose path below its folder fits a pattern (Hugo's
    /// `Resources.GetMatch`): `*` is any text without `/`, `**` any text.
    #[must_use]
    pub fn match_resource<'s>(&'s self, page: &'s Page, pattern: &str) -> Option<Resource<'s>> {
        self.first_match(page, pattern, |_| true)
    }

    /// The same, of images only (`.ByType "image"` in Hugo).
    #[must_use]
    pub fn match_image<'s>(&'s self, page: &'s Page, pattern: &str) -> Option<Resource<'s>> {
        self.first_match(page, pattern, |resource| resource.media() == Media::Image)
    }

    fn first_match<'s>(
        &'s self,
        page: &'s Page,
        pattern: &str,
        wanted: impl Fn(&Resource<'_>) -> bool,
    ) -> Option<Resource<'s>> {
        let resources = self.resources(page);
        if resources.is_empty() {
            return None;
        }
        let glob = Glob::new(pattern)?;
        resources.into_iter().find(|resource| wanted(resource) && glob.is_match(resource.name))
    }

    /// All files of a page's bundle, by kind, then by name. Of a file that several languages have, the
    /// page's own stands for all.
    #[must_use]
    pub fn resources<'s>(&'s self, page: &'s Page) -> Vec<Resource<'s>> {
        let mut all: Vec<Resource<'s>> = vec![];
        for bundle in self.bundles(page) {
            for resource in self.own_resources(bundle) {
                if bundle.id == page.id || !all.iter().any(|known| same_name(known.name, resource.name)) {
                    all.push(resource);
                }
            }
        }
        all.sort_by(|a, b| a.media().cmp(&b.media()).then_with(|| a.name.cmp(b.name)));
        all
    }

    /// The global file at a path below `assets/`, in any case of letters.
    #[must_use]
    pub fn asset(&self, path: &str) -> Option<Resource<'_>> {
        let wanted = path.trim_start_matches('/');
        let asset = self.assets.iter().find(|asset| same_name(&asset.path, wanted))?;
        Some(Resource { name: &asset.path, url: format!("/{}", asset.path), file: &asset.file, owner: None })
    }

    /// What has to be published so that a page can use a file; `None` where the file is published with its
    /// page in any case.
    #[must_use]
    pub fn publication(&self, resource: &Resource<'_>) -> Option<Publication> {
        let is_there = |owner: &Page| self.config.languages[owner.language].selected && owner.publishes_resources;
        let needed = !resource.owner.is_some_and(|owner| is_there(self.page(owner)));
        needed.then(|| Publication { url: resource.url.clone(), file: self.below_root(resource.file), image: None })
    }

    /// A file as a publication names it.
    #[must_use]
    pub fn below_root(&self, file: &Path) -> PathBuf {
        file.strip_prefix(&self.config.root).unwrap_or(file).to_owned()
    }

    /// The page as it is in its own language, then in the others, by their order. A page that is no
    /// bundle has no files.
    fn bundles<'s>(&'s self, page: &'s Page) -> impl Iterator<Item = &'s Page> {
        let key = page.is_bundle().then(|| url::path_key(&page.path));
        let others = key.into_iter().flat_map(move |key| {
            let languages = (0..self.config.languages.len()).filter(|language| *language != page.language);
            languages.filter_map(move |language| self.by_path.get(&(language, key.clone())).map(|id| self.page(*id)))
        });
        std::iter::once(page).chain(others.filter(|other| other.is_bundle()))
    }

    fn own_resources<'s>(&self, page: &'s Page) -> impl Iterator<Item = Resource<'s>> {
        let base = page.resources_base(&self.config.url_prefix(page.language)).len();
        page.resources.iter().filter_map(move |(url, file)| {
            Some(Resource { name: url.get(base..)?, url: url.clone(), file, owner: Some(page.id) })
        })
    }
}

/// The number of the first name that fits a pattern.
pub fn match_name<'n>(pattern: &str, mut names: impl Iterator<Item = &'n str>) -> Option<usize> {
    let glob = Glob::new(pattern)?;
    names.position(|name| glob.is_match(name))
}

/// Whether two names are the same but for letters' case.
pub(super) fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!a.is_ascii() && a.to_lowercase() == b.to_lowercase())
}
