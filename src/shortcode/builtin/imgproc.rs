//! `imgproc NAME Fit "800x450"`: an image of the page's bundle in another size, as a figure.

use std::io::Cursor;

use image::{ImageFormat, ImageReader};
use serde_json::json;

use crate::diagnostics::codes;
use crate::shortcode::{InnerRule, Invocation, Output, Parameter, Shortcode, Signature};
use crate::site::{ImageMethod, ImageWork, Publication, Resource, url};

/// The largest side of an image that is made, in pixels.
const LARGEST_SIDE: u32 = 8192;

pub(super) struct ImgProc;

impl Shortcode for ImgProc {
    fn name(&self) -> &str {
        "imgproc"
    }

    fn signature(&self) -> Signature {
        const PARAMETERS: &[Parameter] = &[
            Parameter::positional("name", 0).required(),
            Parameter::positional("command", 1).required(),
            Parameter::positional("size", 2).required(),
        ];
        Signature { inner: InnerRule::Rendered, parameters: Some(PARAMETERS) }
    }

    fn run(&self, call: &mut Invocation<'_, '_>) -> Output {
        let name = call.text("name", 0).unwrap_or_default();
        let Some(found) = call.site().match_image(call.page(), &format!("**{name}*")) else {
            let said = call
                .error(
                    codes::RESOURCE_MISSING,
                    call.argument_span("name", 0),
                    format!("there is no image `{name}` beside this page"),
                )
                .help("put the image into the folder of the page, and call the page `index.md`");
            call.say(said);
            return Output::default();
        };
        let Some((publication, work)) = plan(call, &found) else { return Output::default() };
        let address = url::encode(&publication.url);
        call.publish_made(publication);
        let inner = call.take_inner();
        let values = json!({
            "src": address,
            "width": work.width,
            "height": work.height,
            "inner": inner.html,
        });
        Output { html: call.layout(&values), flow: inner.flow, part: None }
    }
}

/// What is to be made of an image, and where it is published. `None`, and why is said.
fn plan(call: &mut Invocation<'_, '_>, found: &Resource<'_>) -> Option<(Publication, ImageWork)> {
    let command = call.text("command", 1).unwrap_or_default();
    let size = call.text("size", 2).unwrap_or_default();
    let Some(asked) = Asked::read(&command, &size) else {
        let span = call.argument_span("size", 2);
        let said =
            call.error(codes::SHORTCODE_WRONG_VALUE, span, format!("`{command} {size}` is no way to scale an image"));
        call.say(said.help(format!(
            "write `Fit \"800x450\"`, `Fill \"400x400\"`, `Resize \"600x\"` or `Resize \"x400\"`, no side above {LARGEST_SIDE}"
        )));
        return None;
    };
    let read = call.resource_bytes(found).map_err(|error| error.to_string());
    let known = read.and_then(|bytes| {
        let reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format().map_err(|error| error.to_string())?;
        if !matches!(reader.format(), Some(ImageFormat::Jpeg | ImageFormat::Png)) {
            return Err("it is neither JPEG nor PNG".to_owned());
        }
        let size = reader.into_dimensions().map_err(|error| error.to_string())?;
        Ok((blake3::hash(&bytes), size))
    });
    let (hash, original) = match known {
        Ok(known) => known,
        Err(cause) => {
            let span = call.argument_span("name", 0);
            let said = call.error(codes::IMAGE_UNREADABLE, span, format!("this image can't be scaled: {cause}"));
            call.say(said.help("use a JPEG or PNG image, or show it as it is with `figure`"));
            return None;
        }
    };
    let work = asked.work(original);
    if !work.is_affordable(original) {
        let (width, height) = original;
        let message = format!("this image is too large to be scaled like this: {width} by {height} pixels");
        let said = call.error(codes::IMAGE_UNREADABLE, call.argument_span("name", 0), message);
        call.say(said.help("make it smaller with an image editor first, or ask for a smaller size"));
        return None;
    }
    let key = format!("{hash} {work:?}");
    let mark = &blake3::hash(key.as_bytes()).to_hex()[..16];
    let (stem, extension) = found.url.rsplit_once('.').unwrap_or((&found.url, "png"));
    let made = format!("{stem}_hu{mark}.{extension}");
    let file = call.site().below_root(found.file);
    Some((Publication { url: made, file, image: Some(work) }, work))
}

/// A command and a size; a side may be missing.
struct Asked {
    method: ImageMethod,
    width: Option<u32>,
    height: Option<u32>,
}

impl Asked {
    fn read(command: &str, size: &str) -> Option<Self> {
        let method = match command.to_ascii_lowercase().as_str() {
            "fit" => ImageMethod::Fit,
            "resize" => ImageMethod::Resize,
            "fill" => ImageMethod::Fill,
            _ => return None,
        };
        let (width, height) = size.split_whitespace().next()?.split_once('x')?;
        let side = |text: &str| if text.is_empty() { Ok(None) } else { text.parse().map(Some) };
        let asked = Self { method, width: side(width).ok()?, height: side(height).ok()? };
        let is_side = |side: Option<u32>| side.is_none_or(|side| (1..=LARGEST_SIDE).contains(&side));
        let sides = [asked.width, asked.height].iter().flatten().count();
        let enough = if method == ImageMethod::Resize { sides >= 1 } else { sides == 2 };
        (enough && is_side(asked.width) && is_side(asked.height)).then_some(asked)
    }

    /// The size of the result (Hugo's rules).
    fn work(&self, (width, height): (u32, u32)) -> ImageWork {
        let (own_width, own_height) = (u64::from(width.max(1)), u64::from(height.max(1)));
        let scaled = |side: u64, numerator: u64, denominator: u64, half: u64| {
            let exact = (side * numerator + half * denominator / 2) / denominator;
            u32::try_from(exact).unwrap_or(LARGEST_SIDE).clamp(1, LARGEST_SIDE)
        };
        let (width, height) = match (self.method, self.width, self.height) {
            (ImageMethod::Fit, Some(most_wide), Some(most_high)) if width > most_wide || height > most_high => {
                if own_width * u64::from(most_high) > u64::from(most_wide) * own_height {
                    (most_wide, scaled(u64::from(most_wide), own_height, own_width, 0))
                } else {
                    (scaled(u64::from(most_high), own_width, own_height, 0), most_high)
                }
            }
            (ImageMethod::Fit, ..) => (width, height),
            (_, Some(width), Some(height)) => (width, height),
            (_, Some(width), None) => (width, scaled(u64::from(width), own_height, own_width, 1)),
            (_, None, Some(height)) => (scaled(u64::from(height), own_width, own_height, 1), height),
            (_, None, None) => (width, height),
        };
        ImageWork { method: self.method, width, height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(command: &str, size: &str, original: (u32, u32)) -> (u32, u32) {
        let work = Asked::read(command, size).unwrap().work(original);
        (work.width, work.height)
    }

    #[test]
    fn sizes_keep_proportions_where_they_should() {
        assert_eq!(size("Fit", "800x450", (1200, 675)), (800, 450));
        assert_eq!(size("Fit", "800x800", (1200, 675)), (800, 450));
        assert_eq!(size("Fit", "800x100", (1200, 675)), (177, 100));
        assert_eq!(size("Fit", "800x450", (100, 50)), (100, 50), "nothing is made larger");
        assert_eq!(size("Resize", "600x", (1200, 675)), (600, 338));
        assert_eq!(size("Resize", "x675 q50", (2400, 1350)), (1200, 675));
        assert_eq!(size("Fill", "40x40", (1200, 675)), (40, 40));
        assert_eq!(size("Resize", "1x", (100_000, 1)), (1, 1));
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for (command, size) in [
            ("Crop", "1x1"),
            ("Fit", "800x"),
            ("Fit", "0x1"),
            ("Fit", "9000x1"),
            ("Fit", "x"),
            ("Fit", ""),
            ("Fill", "-1x2"),
        ] {
            assert!(Asked::read(command, size).is_none(), "{command} {size}");
        }
    }
}
