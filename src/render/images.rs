//! Images made from images.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, ImageReader};

use crate::site::{ImageMethod, ImageWork};

/// How well JPEG images are kept, of 100 (as in Hugo).
const JPEG_QUALITY: u8 = 75;

/// An image brought to another size, in the format it has. The same bytes give the same bytes.
///
/// # Errors
/// When it is neither JPEG nor PNG, broken, or larger than memory should be spent on.
pub(super) fn make(bytes: &[u8], work: ImageWork) -> Result<Vec<u8>, String> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| error.to_string())?;
    let format = reader.format().ok_or("its format is unknown")?;
    let image = reader.decode().map_err(|error| error.to_string())?;
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
        ImageMethod::Fill => image.resize_to_fill(width, height, FilterType::Triangle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(format: ImageFormat) -> Vec<u8> {
        let image = DynamicImage::ImageRgb8(image::RgbImage::from_fn(40, 20, |x, y| {
            image::Rgb([u8::try_from(x * 6).unwrap(), u8::try_from(y * 12).unwrap(), 128])
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
    fn what_is_no_image_has_a_reason() {
        let work = ImageWork { method: ImageMethod::Fit, width: 1, height: 1 };
        for bytes in [&b""[..], b"<svg/>", &picture(ImageFormat::Png)[..40]] {
            assert!(!make(bytes, work).unwrap_err().is_empty());
        }
    }
}
