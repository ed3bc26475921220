//! Images made from images.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};

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
    let image = scale(&image, work);
    let mut made = Cursor::new(vec![]);
    let written = match format {
        ImageFormat::Jpeg => {
            image.into_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut made, JPEG_QUALITY))
        }
        format => image.write_to(&mut made, format),
    };
    written.map_err(|error| error.to_string())?;
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
    fn what_is_no_image_has_a_reason() {
        let work = ImageWork { method: ImageMethod::Fit, width: 1, height: 1 };
        for bytes in [&b""[..], b"<svg/>", &picture(ImageFormat::Png)[..40]] {
            assert!(!make(bytes, work).unwrap_err().is_empty());
        }
    }
}
