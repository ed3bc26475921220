//! Images made from images.

use std::io::Cursor;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, Rgba, RgbaImage};

use crate::site::{ImageMethod, ImageWork};

/// How well JPEG images are kept, of 100 (as in Hugo).
const JPEG_QUALITY: u8 = 75;

/// How much memory an image takes while it is read, at most, in bytes.
const MOST_MEMORY: u64 = 512 << 20;

/// An image brought to another size, in the format it has. The same bytes give the same bytes.
///
/// # Errors
/// When it is neither JPEG nor PNG, broken, or larger than memory should be spent on.
pub(super) fn make(bytes: &[u8], work: ImageWork) -> Result<Vec<u8>, String> {
    let (image, format) = read(bytes, work)?;
    let image = scale(&image, work);
    match format {
        ImageFormat::Jpeg => {
            let mut made = Cursor::new(vec![]);
            let encoder = JpegEncoder::new_with_quality(&mut made, JPEG_QUALITY);
            image.into_rgb8().write_with_encoder(encoder).map_err(|error| error.to_string())?;
            Ok(made.into_inner())
        }
        format => write(&image, format),
    }
}

/// An image that is brought into a frame as PNG: as large as fits into `inner` (no part of it is cut off, and it is
/// not enlarged), in the middle of `frame` on `ground`.
///
/// # Errors
/// As for [`make`].
pub(super) fn make_framed(
    bytes: &[u8],
    inner: (u32, u32),
    frame: (u32, u32),
    ground: [u8; 4],
) -> Result<Vec<u8>, String> {
    let work = |width, height| ImageWork { method: ImageMethod::Fit, width, height };
    let (image, _) = read(bytes, work(inner.0, inner.1))?;
    let (width, height) = fit((image.width(), image.height()), inner);
    let image = scale(&image, work(width, height)).into_rgba8();
    let mut made = RgbaImage::from_pixel(frame.0, frame.1, Rgba(ground));
    let middle = |outer: u32, inner: u32| i64::from(outer.saturating_sub(inner) / 2);
    imageops::overlay(&mut made, &image, middle(frame.0, width), middle(frame.1, height));
    write(&DynamicImage::ImageRgba8(made), ImageFormat::Png)
}

/// Width and height of the JPEG or PNG file.
///
/// # Errors
/// When it is none, or broken where it says so.
pub(super) fn size_of(file: &Path) -> Result<(u32, u32), String> {
    let reader =
        ImageReader::open(file).and_then(ImageReader::with_guessed_format).map_err(|error| error.to_string())?;
    reader.into_dimensions().map_err(|error| error.to_string())
}

/// The largest size with the proportions of an image that `frame` has room for, and no larger than the image.
fn fit((width, height): (u32, u32), frame: (u32, u32)) -> (u32, u32) {
    let [own_width, own_height, wide, high] = [width, height, frame.0, frame.1].map(|side| u64::from(side.max(1)));
    if own_width <= wide && own_height <= high {
        return (width, height);
    }
    let side = |exact: u64, most: u32| u32::try_from(exact).unwrap_or(most).clamp(1, most.max(1));
    if own_width * high > wide * own_height {
        (frame.0, side(own_height * wide / own_width, frame.1))
    } else {
        (side(own_width * high / own_height, frame.0), frame.1)
    }
}

fn read(bytes: &[u8], work: ImageWork) -> Result<(DynamicImage, ImageFormat), String> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| error.to_string())?;
    let format = reader.format().ok_or("its format is unknown")?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|error| error.to_string())?;
    // A few bytes can say that they are a picture of any size.
    if !work.is_affordable(decoder.dimensions()) {
        return Err("it is too large for that".to_owned());
    }
    let image = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    Ok((image, format))
}

fn write(image: &DynamicImage, format: ImageFormat) -> Result<Vec<u8>, String> {
    let mut made = Cursor::new(vec![]);
    image.write_to(&mut made, format).map_err(|error| error.to_string())?;
    Ok(made.into_inner())
}

fn scale(image: &DynamicImage, work: ImageWork) -> DynamicImage {
    let ImageWork { method, width, height } = work;
    match method {
        ImageMethod::Fit | ImageMethod::Resize if (image.width(), image.height()) == (width, height) => image.clone(),
        ImageMethod::Fit | ImageMethod::Resize => image.resize_exact(width, height, FilterType::Triangle),
        // Cut first: a thin image made wide enough before would be of any height.
        ImageMethod::Fill => {
            let (x, y, wide, high) = middle((image.width(), image.height()), (width, height));
            image.crop_imm(x, y, wide, high).resize_exact(width, height, FilterType::Triangle)
        }
    }
}

/// The largest part of an image, around its middle, that has the proportions of `wanted`: left, top, width, height.
fn middle((width, height): (u32, u32), wanted: (u32, u32)) -> (u32, u32, u32, u32) {
    let [own_width, own_height, wide, high] = [width, height, wanted.0, wanted.1].map(|side| u64::from(side.max(1)));
    let side = |exact: u64, most: u32| u32::try_from(exact).unwrap_or(most).clamp(1, most.max(1));
    let (cut_width, cut_height) = if own_width * high > wide * own_height {
        (side(own_height * wide / high, width), height)
    } else {
        (width, side(own_width * high / wide, height))
    };
    ((width - cut_width) / 2, (height - cut_height) / 2, cut_width, cut_height)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(format: ImageFormat) -> Vec<u8> {
        picture_of(format, 40, 20)
    }

    fn picture_of(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        let image = DynamicImage::ImageRgb8(image::RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([u8::try_from(x * 6 % 256).unwrap(), u8::try_from(y * 12 % 256).unwrap(), 128])
        }));
        let mut bytes = Cursor::new(vec![]);
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn images_get_their_size_and_keep_their_format() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            for (method, width, height) in
                [(ImageMethod::Fit, 20, 10), (ImageMethod::Resize, 80, 40), (ImageMethod::Fill, 15, 15)]
            {
                let work = ImageWork { method, width, height };
                let made = make(&picture(format), work).unwrap();
                assert_eq!(image::guess_format(&made).unwrap(), format);
                let image = image::load_from_memory(&made).unwrap();
                assert_eq!((image.width(), image.height()), (width, height), "{method:?}");
                assert_eq!(made, make(&picture(format), work).unwrap());
            }
        }
    }

    #[test]
    fn thin_images_take_no_more_memory_than_others() {
        let make = |work, width, height| make(&picture_of(ImageFormat::Png, width, height), work);
        let fill = ImageWork { method: ImageMethod::Fill, width: 1000, height: 1000 };
        for (width, height) in [(1, 8000), (8000, 1)] {
            let made = image::load_from_memory(&make(fill, width, height).unwrap()).unwrap();
            assert_eq!((made.width(), made.height()), (1000, 1000));
        }
        let high = ImageWork { method: ImageMethod::Resize, width: 1, height: 8192 };
        assert_eq!(make(high, 60_000, 1).unwrap_err(), "it is too large for that");
    }

    #[test]
    fn the_middle_has_the_wanted_proportions() {
        assert_eq!(middle((40, 20), (15, 15)), (10, 0, 20, 20));
        assert_eq!(middle((20, 40), (40, 20)), (0, 15, 20, 10));
        assert_eq!(middle((1, 8000), (9, 1)), (0, 3999, 1, 1));
    }

    #[test]
    fn a_framed_image_is_whole_and_in_the_middle() {
        assert_eq!(fit((1727, 373), (960, 504)), (960, 207));
        assert_eq!(fit((40, 20), (960, 504)), (40, 20));
        assert_eq!(fit((1, 8000), (16, 16)), (1, 16));
        let made = make_framed(&picture(ImageFormat::Png), (16, 16), (32, 24), [255, 255, 255, 255]).unwrap();
        assert_eq!(image::guess_format(&made).unwrap(), ImageFormat::Png);
        let made = image::load_from_memory(&made).unwrap().into_rgba8();
        assert_eq!((made.width(), made.height()), (32, 24));
        let ground = |x, y| made.get_pixel(x, y).0 == [255, 255, 255, 255];
        // 16 by 8, of the picture's 40 by 20.
        assert!(ground(7, 12) && ground(24, 12) && ground(16, 7) && ground(16, 16));
        assert!(!ground(8, 12) && !ground(23, 12) && !ground(16, 8) && !ground(16, 15));
    }

    #[test]
    fn what_is_no_image_has_a_reason() {
        let work = ImageWork { method: ImageMethod::Fit, width: 1, height: 1 };
        for bytes in [&b""[..], b"<svg/>", &picture(ImageFormat::Png)[..40]] {
            assert!(!make(bytes, work).unwrap_err().is_empty());
        }
    }
}
