//! Icons and previews that are made of a site's pictures.

use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use crate::support::{SiteTest, files};

/// A PNG file of this size, in one colour.
fn picture(width: u32, height: u32, colour: [u8; 4]) -> Vec<u8> {
    let mut bytes = Cursor::new(vec![]);
    let image = DynamicImage::ImageRgba8(RgbaImage::from_pixel(width, height, Rgba(colour)));
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

const RED: [u8; 4] = [200, 0, 0, 255];

fn site() -> SiteTest {
    SiteTest::empty()
        .file("book.toml", "[book]\ntitle = \"My Manual\"\n[build]\nbase-url = \"https://example.org/y/\"\n")
        .file("content/en/_index.md", "---\ntitle: Home\n---\n")
        .file("content/en/docs/_index.md", "---\ntitle: Docs\n---\n")
        .file("content/en/docs/a.md", "---\ntitle: A\n---\n")
}

fn size(file: &Path) -> (u32, u32) {
    let image = image::open(file).unwrap();
    (image.width(), image.height())
}

fn icons(site: &SiteTest) -> Vec<String> {
    files(&site.root().join("public")).into_keys().filter(|path| path.starts_with("icons/")).collect()
}

#[test]
fn icons_are_made_of_the_sites_picture() {
    let site = site().file("assets/images/my-manual.png", picture(170, 170, RED));
    site.run("build").code(0);
    let public = site.root().join("public");
    let expected = [
        ("apple-touch-icon-120x120.png", 120),
        ("apple-touch-icon-152x152.png", 152),
        ("apple-touch-icon-160x160.png", 160),
        ("apple-touch-icon-167x167.png", 167),
        ("apple-touch-icon-76x76.png", 76),
        ("favicon-16.png", 16),
        ("favicon-32.png", 32),
        ("favicon-64.png", 64),
        ("icon-128x128.png", 128),
    ];
    assert_eq!(icons(&site), expected.map(|(name, _)| format!("icons/{name}")), "none is larger than the picture");
    for (name, side) in expected {
        let file = public.join("icons").join(name);
        assert_eq!(size(&file), (side, side), "{name}");
        assert_eq!(image::open(file).unwrap().into_rgba8().get_pixel(side / 2, side / 2).0, RED, "{name}");
    }
    let page = site.read("public/docs/a/index.html");
    for link in [
        "<link rel=\"icon\" href=\"/y/icons/favicon-32.png\" sizes=\"32x32\" type=\"image/png\">",
        "<link rel=\"icon\" href=\"/y/images/my-manual.png\" sizes=\"170x170\" type=\"image/png\">",
    ] {
        assert!(page.contains(link), "{link}: {page}");
    }
    assert!(!page.contains("image/svg+xml") && !page.contains("180x180"), "{page}");
    assert_eq!(std::fs::read(public.join("images/my-manual.png")).unwrap(), picture(170, 170, RED));
}

#[test]
fn a_site_without_a_picture_has_the_themes_icon_and_no_others() {
    // Neither a wide picture nor one of another name is an icon.
    let site = site()
        .file("assets/images/my-manual.png", picture(170, 100, RED))
        .file("assets/images/other.png", picture(64, 64, RED));
    site.run("build").code(0);
    assert_eq!(icons(&site), [""; 0]);
    let page = site.read("public/docs/a/index.html");
    assert!(page.contains("image/svg+xml") && !page.contains("og:image"), "{page}");
    assert!(!site.root().join("public/images").exists());
}

#[test]
fn the_configuration_names_pictures() {
    let named = "[pictures]\nicon = \"brand/mark.png\"\npreview = \"brand/wide.png\"\n";
    let site = site()
        .file("assets/brand/mark.png", picture(40, 20, RED))
        .file("assets/brand/wide.png", picture(100, 100, [0, 0, 0, 0]))
        .file("assets/images/my-manual.png", picture(64, 64, [0, 0, 200, 255]));
    site.write("book.toml", site.read("book.toml") + named);
    site.run("build").code(0);
    let public = site.root().join("public");
    // A picture that is not square stands in the middle, on nothing.
    let icon = image::open(public.join("icons/favicon-32.png")).unwrap().into_rgba8();
    assert_eq!((icon.get_pixel(16, 16).0, icon.get_pixel(16, 2).0), (RED, [0; 4]));
    assert!(!public.join("icons/favicon-64.png").exists());
    let preview = image::open(public.join("images/my-manual-open-graph.png")).unwrap().into_rgba8();
    assert_eq!((preview.width(), preview.height(), preview.get_pixel(600, 315).0), (1200, 630, [255; 4]));
    let page = site.read("public/docs/a/index.html");
    let address = "<meta property=\"og:image\" content=\"https://example.org/y/images/my-manual-open-graph.png\">";
    assert!(page.contains(address), "{page}");
}

#[test]
fn a_drawing_is_linked_as_it_is() {
    let site = site().file("assets/mark.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    site.write("book.toml", site.read("book.toml") + "[pictures]\nicon = \"mark.svg\"\npreview = \"mark.svg\"\n");
    site.run("build").code(0);
    assert_eq!(icons(&site), [""; 0]);
    let page = site.read("public/docs/a/index.html");
    assert!(page.contains("<link rel=\"icon\" href=\"/y/mark.svg\" type=\"image/svg+xml\">"), "{page}");
    assert!(site.root().join("public/mark.svg").exists());
}

#[test]
fn a_hugo_site_names_them_among_its_parameters() {
    let site = SiteTest::empty()
        .file("hugo.toml", "title = \"T\"\n[params.docbuild.pictures]\nicon = \"Mark.PNG\"\n")
        .file("content/_index.md", "---\ntitle: Home\n---\n")
        .file("assets/mark.png", picture(64, 64, RED));
    site.run("build").code(0);
    assert_eq!(icons(&site), ["icons/favicon-16.png", "icons/favicon-32.png", "icons/favicon-64.png"]);
    site.write("hugo.toml", "title = \"T\"\n[params.docbuild.pictures]\nicons = \"mark.png\"\n");
    let said = site.run("build").code(2).stderr;
    assert!(said.contains("unknown key `icons`") && said.contains("did you mean `icon`?"), "{said}");
}

#[test]
fn files_of_the_site_stay_what_they_are() {
    let own = picture(16, 16, [0, 200, 0, 255]);
    let site = site().file("assets/images/icon.png", picture(64, 64, RED)).file("static/icons/favicon-16.png", &own);
    site.run("build").code(0);
    assert_eq!(std::fs::read(site.root().join("public/icons/favicon-16.png")).unwrap(), own);
    assert!(site.root().join("public/icons/favicon-32.png").exists());
}

#[test]
fn what_is_no_picture_is_said() {
    let site = site().file("assets/images/icon.png", "no picture");
    for _ in 0..2 {
        let said = site.run("build").code(0).stderr;
        assert!(said.contains("assets/images/icon.png is no picture"), "{said}");
        // An edit makes one page again, and the picture is no better.
        site.write("content/en/docs/a.md", "---\ntitle: A\n---\n\nMore.\n");
    }
    site.write("book.toml", site.read("book.toml") + "[pictures]\nicon = \"images/icon.png\"\n");
    let said = site.run("build").code(1).stderr;
    assert!(said.contains("config-picture") && said.contains("book.toml:6:8"), "{said}");
    site.write("book.toml", site.read("book.toml").replace("icon.png", "none.png"));
    let said = site.run("build").code(1).stderr;
    assert!(said.contains("there is no `images/none.png` in assets/"), "{said}");
}

#[test]
fn icons_follow_their_picture_and_outlast_edits() {
    let site = site().file("assets/images/icon.png", picture(64, 64, RED));
    site.run("build").code(0);
    let before = files(&site.root().join("public"));
    site.write("content/en/docs/a.md", "---\ntitle: A\n---\n\nMore.\n");
    site.run("build").code(0);
    let after = files(&site.root().join("public"));
    assert_eq!(before["icons/favicon-16.png"], after["icons/favicon-16.png"]);
    assert_ne!(before["docs/a/index.html"], after["docs/a/index.html"]);
    site.write("assets/images/icon.png", picture(64, 64, [0, 0, 200, 255]));
    site.run("build").code(0);
    assert_ne!(after["icons/favicon-16.png"], files(&site.root().join("public"))["icons/favicon-16.png"]);
    std::fs::remove_file(site.root().join("assets/images/icon.png")).unwrap();
    site.run("build").code(0);
    assert_eq!(icons(&site), [""; 0]);
    assert!(site.read("public/docs/a/index.html").contains("image/svg+xml"));
}

#[test]
fn a_page_names_the_picture_that_stands_for_it() {
    let site = site()
        .file("assets/images/my-manual-horizontal-color.png", picture(400, 100, RED))
        .file("assets/shared/one.png", picture(8, 8, RED))
        .file("assets/shared/all.png", picture(8, 8, RED))
        .file("content/en/docs/own.md", "---\ntitle: O\nimages: [shared/one.png, x.png]\n---\n")
        .file("content/en/docs/far.md", "---\ntitle: F\nimages: 'https://cdn.example.org/f.png?a=\"'\n---\n")
        .file("content/en/docs/b/index.md", "---\ntitle: B\n---\n")
        .file("content/en/docs/b/the-cover.png", picture(8, 8, RED));
    site.run("build").code(0);
    let image = |page: &str| {
        let page = site.read(&format!("public/docs/{page}/index.html"));
        let (_, rest) = page.split_once("og:image\" content=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    assert_eq!(image("own"), "https://example.org/y/shared/one.png");
    assert!(site.root().join("public/shared/one.png").exists() && !site.root().join("public/shared/all.png").exists());
    assert_eq!(image("far"), "https://cdn.example.org/f.png?a=%22");
    assert_eq!(image("b"), "https://example.org/y/docs/b/the-cover.png");
    assert_eq!(image("a"), "https://example.org/y/images/my-manual-open-graph.png");
    assert!(!site.root().join("public/images/my-manual-horizontal-color.png").exists(), "only what is made of it");
    site.write("book.toml", site.read("book.toml") + "[params]\nimages = [\"shared/all.png\"]\n");
    site.run("build").code(0);
    assert_eq!(image("a"), "https://example.org/y/shared/all.png");
    assert!(site.root().join("public/shared/all.png").exists());
}
