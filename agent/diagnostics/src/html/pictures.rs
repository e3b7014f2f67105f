//! Makes the pictures of all screens fit into one file.

use super::MOST_BYTES;
use base64::{Engine, prelude::BASE64_STANDARD};
use helpbell_model::report::ScreenImage;
use image::{
    DynamicImage, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder, imageops::FilterType,
};
use std::io::Cursor;

/// Bytes kept for everything that is not a picture. [`super::view`] bounds each text and list so
/// that the worst report stays below; a test holds it to that.
const TEXT_BYTES: usize = 500_000;

/// Bytes of all pictures together; base64 writes four characters for three bytes.
const PICTURE_BYTES: usize = (MOST_BYTES - TEXT_BYTES) / 4 * 3;

/// Up to this size a picture stays lossless: text on a screen is what the technician reads.
const LOSSLESS_BYTES: usize = 1_500_000;

/// JPEG quality at which small text stays legible; 4:4:4, so coloured text too.
const JPEG_QUALITY: u8 = 85;

/// Shares of the width and height tried one after the other, in eighths, until the picture fits.
const SCALES: [u32; 5] = [8, 6, 4, 3, 2];

/// Width and height no monitor exceeds, and the memory one picture may take when decoded.
const MOST_SIDE: u32 = 32_768;
const MOST_DECODED_BYTES: u64 = 1 << 30;

/// A picture as it goes into the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Embedded {
    /// `data:image/png;base64,...`
    pub(super) url: String,
    /// What was done to it; empty if nothing.
    pub(super) note: String,
}

/// One answer per picture, in their order: the embedded picture, or why there is none.
pub(super) fn embed(images: &[Option<&ScreenImage>]) -> Vec<Option<Result<Embedded, String>>> {
    embed_within(images, PICTURE_BYTES)
}

fn embed_within(images: &[Option<&ScreenImage>], total: usize) -> Vec<Option<Result<Embedded, String>>> {
    // The smallest first: what they leave of their share goes to the larger ones.
    let mut order: Vec<(usize, &ScreenImage)> = images
        .iter()
        .enumerate()
        .filter_map(|(place, image)| image.map(|image| (place, image)))
        .collect();
    order.sort_by_key(|(_, image)| image.bytes.len());

    let mut embedded: Vec<Option<Result<Embedded, String>>> = images.iter().map(|_| None).collect();
    let mut left = total;
    let mut waiting = order.len();
    for (place, image) in order {
        let fitted = fit(&image.bytes, left / waiting.max(1));
        waiting = waiting.saturating_sub(1);
        let answer = fitted.map(|fitted| {
            left = left.saturating_sub(fitted.bytes.len());
            let encoded = BASE64_STANDARD.encode(&fitted.bytes);
            Embedded {
                url: format!("data:{};base64,{encoded}", fitted.content_type),
                note: fitted.note,
            }
        });
        if let Some(slot) = embedded.get_mut(place) {
            *slot = Some(answer);
        }
    }
    embedded
}

struct Fitted {
    content_type: &'static str,
    bytes: Vec<u8>,
    note: String,
}

/// The picture in at most `share` bytes. What it is, its bytes tell; the content type it came with
/// would stand in the file unchecked.
fn fit(bytes: &[u8], share: usize) -> Result<Fitted, String> {
    let format = image::guess_format(bytes).map_err(|_| "the picture is in no known format".to_owned())?;
    let as_it_is = |content_type| Fitted {
        content_type,
        bytes: bytes.to_vec(),
        note: String::new(),
    };
    match format {
        ImageFormat::Png if bytes.len() <= share.min(LOSSLESS_BYTES) => return Ok(as_it_is("image/png")),
        ImageFormat::Jpeg if bytes.len() <= share => return Ok(as_it_is("image/jpeg")),
        ImageFormat::Png | ImageFormat::Jpeg => {}
        _ => return Err("the picture is neither PNG nor JPEG".to_owned()),
    }
    let picture = decode(bytes, format)?;
    for eighths in SCALES {
        let jpeg = jpeg(&picture, eighths)?;
        if jpeg.len() <= share {
            let note = match eighths {
                8 => "compressed to fit into the report".to_owned(),
                _ => format!(
                    "compressed and reduced to {} % of its size to fit into the report",
                    eighths * 100 / 8
                ),
            };
            return Ok(Fitted {
                content_type: "image/jpeg",
                bytes: jpeg,
                note,
            });
        }
    }
    Err("the picture is too large for the report".to_owned())
}

fn decode(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, String> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_DECODED_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    reader
        .decode()
        .map_err(|error| format!("the picture could not be read: {error}"))
}

fn jpeg(picture: &DynamicImage, eighths: u32) -> Result<Vec<u8>, String> {
    let scaled = if eighths == 8 {
        picture.to_rgb8()
    } else {
        let side = |length: u32| (length * eighths / 8).max(1);
        picture
            .resize_exact(
                side(picture.width()),
                side(picture.height()),
                FilterType::Triangle,
            )
            .to_rgb8()
    };
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
        .encode_image(&scaled)
        .map_err(|error| format!("the picture could not be encoded: {error}"))?;
    Ok(bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    /// A picture no encoder can make small.
    pub(in super::super) fn noise(width: u32, height: u32) -> ScreenImage {
        let mut state: u32 = 7;
        encoded(RgbImage::from_fn(width, height, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [_, r, g, b] = state.to_le_bytes();
            Rgb([r, g, b])
        }))
    }

    pub(in super::super) fn encoded(pixels: RgbImage) -> ScreenImage {
        let mut bytes = Vec::new();
        pixels
            .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
            .unwrap();
        ScreenImage {
            content_type: "image/png".into(),
            bytes,
        }
    }

    fn size_of(embedded: &Embedded) -> (String, usize, (u32, u32)) {
        let (head, data) = embedded.url.split_once(";base64,").unwrap();
        let bytes = BASE64_STANDARD.decode(data).unwrap();
        let picture = image::load_from_memory(&bytes).unwrap();
        (head.to_owned(), bytes.len(), (picture.width(), picture.height()))
    }

    #[test]
    fn a_small_png_stays_byte_for_byte_what_it_is() {
        let image = encoded(RgbImage::from_pixel(4, 4, Rgb([9, 9, 9])));
        let embedded = embed(&[Some(&image)]).remove(0).unwrap().unwrap();
        assert_eq!(
            embedded.url,
            format!("data:image/png;base64,{}", BASE64_STANDARD.encode(&image.bytes))
        );
        assert_eq!(embedded.note, "");
    }

    #[test]
    fn a_large_png_becomes_a_jpeg_of_the_same_size() {
        let image = noise(900, 700);
        assert!(image.bytes.len() > LOSSLESS_BYTES);
        let embedded = embed(&[Some(&image)]).remove(0).unwrap().unwrap();
        let (head, bytes, size) = size_of(&embedded);
        assert_eq!((head.as_str(), size), ("data:image/jpeg", (900, 700)));
        assert!(
            bytes < LOSSLESS_BYTES && embedded.note.contains("compressed"),
            "{bytes} {}",
            embedded.note
        );
    }

    #[test]
    fn many_large_pictures_share_the_room_and_none_is_lost() {
        const ROOM: usize = 150_000;
        let (large, small) = (
            noise(320, 240),
            encoded(RgbImage::from_pixel(9, 9, Rgb([5, 5, 5]))),
        );
        let images = [Some(&large), None, Some(&large), Some(&small), Some(&large)];
        let embedded = embed_within(&images, ROOM);
        assert!(embedded[1].is_none());
        let sizes: Vec<_> = embedded
            .iter()
            .flatten()
            .map(|answer| size_of(answer.as_ref().unwrap()))
            .collect();
        let total: usize = sizes.iter().map(|(_, bytes, _)| bytes).sum();
        assert!(total <= ROOM, "{total}");
        assert_eq!((sizes[2].0.as_str(), sizes[2].2), ("data:image/png", (9, 9)));
        assert_eq!(
            sizes.iter().filter(|(_, _, size)| size.0 >= 80).count(),
            3,
            "{sizes:?}"
        );
    }

    #[test]
    fn a_picture_that_had_to_shrink_says_by_how_much() {
        let embedded = embed_within(&[Some(&noise(320, 240))], 40_000)
            .remove(0)
            .unwrap()
            .unwrap();
        let (_, bytes, size) = size_of(&embedded);
        assert!(bytes <= 40_000 && size.0 < 320, "{bytes} {size:?}");
        let percent = size.0 * 100 / 320;
        assert_eq!(
            embedded.note,
            format!("compressed and reduced to {percent} % of its size to fit into the report")
        );
    }

    #[test]
    fn a_picture_without_any_room_is_left_out_and_says_so() {
        let answer = embed_within(&[Some(&noise(64, 64))], 100).remove(0).unwrap();
        assert_eq!(answer.unwrap_err(), "the picture is too large for the report");
    }

    #[test]
    fn what_is_no_picture_is_told_apart_by_its_bytes() {
        let liar = ScreenImage {
            content_type: "image/png".into(),
            bytes: b"<svg onload=alert(1)>".to_vec(),
        };
        let mut broken = noise(1000, 800);
        broken.bytes.drain(100..900_000);
        broken.bytes.extend(std::iter::repeat_n(0, 1_000_000));
        let answers = embed(&[Some(&liar), Some(&broken)]);
        assert_eq!(answers[0], Some(Err("the picture is in no known format".into())));
        assert!(
            answers[1]
                .as_ref()
                .unwrap()
                .as_ref()
                .unwrap_err()
                .starts_with("the picture could not be read")
        );
    }

    #[test]
    fn the_type_in_the_file_comes_from_the_bytes() {
        let mut image = encoded(RgbImage::from_pixel(4, 4, Rgb([9, 9, 9])));
        image.content_type = "text/html\"><script>".into();
        let embedded = embed(&[Some(&image)]).remove(0).unwrap().unwrap();
        assert!(embedded.url.starts_with("data:image/png;base64,"));
    }
}
