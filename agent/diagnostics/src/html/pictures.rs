//! Makes the pictures of all screens fit into one file, and small ones of them.

use base64::{Engine, prelude::BASE64_STANDARD};
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use helpbell_model::report::ScreenImage;
use image::{DynamicImage, ImageFormat, ImageReader, Limits, RgbImage, codecs::jpeg::JpegEncoder};
use std::io::Cursor;

/// Bytes of the page around one picture: its names, its links, its note, at their longest.
const MARKUP_BYTES: usize = 6_000;

/// Up to this size a picture stays lossless: text on a screen is what the technician reads.
const LOSSLESS_BYTES: usize = 1_500_000;

/// JPEG quality at which small text stays legible; 4:4:4, so coloured text too.
const JPEG_QUALITY: u8 = 85;

/// Shares of the width and height that a picture may be reduced to, in eighths, the largest first.
const SCALES: [u32; 4] = [6, 4, 3, 2];

/// Pixels from left to right of a thumbnail: sharp on a monitor of twice the usual density. The smaller ones are for
/// when it takes more than its part of the room, which takes noise or many screens.
const THUMBNAIL_WIDTHS: [u32; 3] = [480, 240, 120];

/// A thumbnail's part of the room of its picture: one of so many.
const THUMBNAIL_PART: usize = 4;

/// Why there is no picture, when not even its smallest form fits.
const TOO_LARGE: &str = "the picture is too large for the report";

/// Width and height no monitor exceeds, and the memory one picture may take when decoded.
const MOST_SIDE: u32 = 32_768;
const MOST_DECODED_BYTES: u64 = 1 << 30;

/// A picture as it goes into the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Embedded {
    /// `data:image/png;base64,...`
    pub(super) url: String,
    /// The same of a small one.
    pub(super) thumbnail: String,
    /// What was done to it; empty if nothing.
    pub(super) note: String,
}

/// One answer per picture, in their order: the embedded picture, or why there is none. All of them take at most `room`
/// bytes of the page.
pub(super) fn embed(images: &[Option<&ScreenImage>], room: usize) -> Vec<Option<Result<Embedded, String>>> {
    // The smallest first: what they leave of their share goes to the larger ones.
    let mut order: Vec<(usize, &ScreenImage)> = images
        .iter()
        .enumerate()
        .filter_map(|(place, image)| image.map(|image| (place, image)))
        .collect();
    order.sort_by_key(|(_, image)| image.bytes.len());

    let mut embedded: Vec<Option<Result<Embedded, String>>> = images.iter().map(|_| None).collect();
    let mut waiting = order.len();
    // Base64 writes four characters for three bytes.
    let mut left = room.saturating_sub(waiting.saturating_mul(MARKUP_BYTES)) / 4 * 3;
    for (place, image) in order {
        let fitted = fit(&image.bytes, left / waiting.max(1));
        waiting = waiting.saturating_sub(1);
        let answer = fitted.map(|fitted| {
            left = left.saturating_sub(fitted.picture.bytes.len() + fitted.thumbnail.bytes.len());
            Embedded {
                url: fitted.picture.url(),
                thumbnail: fitted.thumbnail.url(),
                note: fitted.note,
            }
        });
        if let Some(slot) = embedded.get_mut(place) {
            *slot = Some(answer);
        }
    }
    embedded
}

/// A picture as a file.
#[derive(Clone)]
struct Encoded {
    content_type: &'static str,
    bytes: Vec<u8>,
}

impl Encoded {
    fn url(&self) -> String {
        format!(
            "data:{};base64,{}",
            self.content_type,
            BASE64_STANDARD.encode(&self.bytes)
        )
    }
}

struct Fitted {
    picture: Encoded,
    thumbnail: Encoded,
    note: String,
}

/// The picture and its thumbnail in at most `share` bytes. What it is, its bytes tell; the content type it came with
/// would stand in the file unchecked.
fn fit(bytes: &[u8], share: usize) -> Result<Fitted, String> {
    let format = image::guess_format(bytes).map_err(|_| "the picture is in no known format".to_owned())?;
    let (content_type, lossless) = match format {
        ImageFormat::Png => ("image/png", LOSSLESS_BYTES),
        ImageFormat::Jpeg => ("image/jpeg", usize::MAX),
        _ => return Err("the picture is neither PNG nor JPEG".to_owned()),
    };
    let picture = decode(bytes, format)?;
    let thumbnail = thumbnail(&picture, share / THUMBNAIL_PART)?;
    let share = share.saturating_sub(thumbnail.bytes.len());
    if bytes.len() <= share.min(lossless) {
        return Ok(Fitted {
            picture: Encoded {
                content_type,
                bytes: bytes.to_vec(),
            },
            thumbnail,
            note: String::new(),
        });
    }
    let (picture, eighths) = reduce(&picture, share)?;
    let note = match eighths {
        8 => "compressed to fit into the report".to_owned(),
        _ => format!(
            "compressed and reduced to {} % of its size to fit into the report",
            eighths * 100 / 8
        ),
    };
    Ok(Fitted {
        picture,
        thumbnail,
        note,
    })
}

fn decode(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, String> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_DECODED_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let picture = reader
        .decode()
        .map_err(|error| format!("the picture could not be read: {error}"))?;
    // One form for scaling and encoding; screens are opaque.
    Ok(DynamicImage::ImageRgb8(picture.into_rgb8()))
}

/// A small one of it in at most `share` bytes.
fn thumbnail(picture: &DynamicImage, share: usize) -> Result<Encoded, String> {
    for wanted in THUMBNAIL_WIDTHS {
        let (width, height) = (picture.width().max(1), picture.height());
        let small = if width <= wanted {
            jpeg(picture)?
        } else {
            let scaled = u64::from(height) * u64::from(wanted) / u64::from(width);
            let height = u32::try_from(scaled).unwrap_or(height).max(1);
            jpeg(&scale(picture, wanted, height)?)?
        };
        if small.bytes.len() <= share {
            return Ok(small);
        }
    }
    Err(TOO_LARGE.to_owned())
}

/// The picture as JPEG of at most `share` bytes, and in how many eighths of its width and height.
fn reduce(picture: &DynamicImage, share: usize) -> Result<(Encoded, u32), String> {
    let whole = jpeg(picture)?;
    if whole.bytes.len() <= share {
        return Ok((whole, 8));
    }
    for eighths in SCALES {
        if !may_fit(whole.bytes.len(), eighths, share) {
            continue;
        }
        let side = |length: u32| (length * eighths / 8).max(1);
        let encoded = jpeg(&scale(picture, side(picture.width()), side(picture.height()))?)?;
        if encoded.bytes.len() <= share {
            return Ok((encoded, eighths));
        }
    }
    Err(TOO_LARGE.to_owned())
}

/// Whether trying is worth the time: a smaller picture has about as many bytes a pixel as the whole one, and only noise
/// becomes so much simpler by scaling that half of that is enough.
fn may_fit(whole: usize, eighths: u32, share: usize) -> bool {
    let pixels = usize::try_from(eighths * eighths).unwrap_or(usize::MAX);
    whole.saturating_mul(pixels) / 64 / 2 <= share
}

fn scale(picture: &DynamicImage, width: u32, height: u32) -> Result<DynamicImage, String> {
    let mut scaled = DynamicImage::ImageRgb8(RgbImage::new(width, height));
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new()
        .resize(picture, &mut scaled, &options)
        .map_err(|error| format!("the picture could not be scaled: {error}"))?;
    Ok(scaled)
}

fn jpeg(picture: &DynamicImage) -> Result<Encoded, String> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
        .encode_image(picture)
        .map_err(|error| format!("the picture could not be encoded: {error}"))?;
    Ok(Encoded {
        content_type: "image/jpeg",
        bytes,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    /// Enough for anything.
    const ROOM: usize = 50_000_000;

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
        let embedded = embed(&[Some(&image)], ROOM).remove(0).unwrap().unwrap();
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
        let embedded = embed(&[Some(&image)], ROOM).remove(0).unwrap().unwrap();
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
        const ROOM: usize = 400_000;
        let (large, small) = (
            noise(640, 480),
            encoded(RgbImage::from_pixel(9, 9, Rgb([5, 5, 5]))),
        );
        let images = [Some(&large), None, Some(&large), Some(&small), Some(&large)];
        let embedded = embed(&images, ROOM);
        assert!(embedded[1].is_none());
        let pictures: Vec<&Embedded> = embedded
            .iter()
            .flatten()
            .map(|answer| answer.as_ref().unwrap())
            .collect();
        let total: usize = pictures
            .iter()
            .map(|picture| picture.url.len() + picture.thumbnail.len())
            .sum();
        assert!(total <= ROOM, "{total}");
        let sizes: Vec<_> = pictures.iter().map(|picture| size_of(picture)).collect();
        assert_eq!((sizes[2].0.as_str(), sizes[2].2), ("data:image/png", (9, 9)));
        assert_eq!(
            sizes.iter().filter(|(_, _, size)| size.0 >= 160).count(),
            3,
            "{sizes:?}"
        );
    }

    #[test]
    fn a_picture_that_had_to_shrink_says_by_how_much() {
        let embedded = embed(&[Some(&noise(960, 600))], 700_000)
            .remove(0)
            .unwrap()
            .unwrap();
        let (_, bytes, size) = size_of(&embedded);
        assert!(bytes <= 700_000 && size.0 < 960, "{bytes} {size:?}");
        let percent = size.0 * 100 / 960;
        assert_eq!(
            embedded.note,
            format!("compressed and reduced to {percent} % of its size to fit into the report")
        );
    }

    #[test]
    fn a_thumbnail_is_small_and_keeps_the_shape() {
        let image = encoded(RgbImage::from_fn(1920, 1200, |x, y| {
            Rgb([(x % 251) as u8, (y % 13) as u8, 0])
        }));
        let embedded = embed(&[Some(&image)], ROOM).remove(0).unwrap().unwrap();
        let small = Embedded {
            url: embedded.thumbnail.clone(),
            ..embedded
        };
        let (kind, bytes, size) = size_of(&small);
        assert_eq!((kind.as_str(), size), ("data:image/jpeg", (480, 300)));
        assert!(bytes < 60_000, "{bytes}");
    }

    #[test]
    fn a_picture_of_one_pixel_in_height_has_a_thumbnail_too() {
        let image = encoded(RgbImage::from_pixel(5000, 1, Rgb([1, 2, 3])));
        let embedded = embed(&[Some(&image)], ROOM).remove(0).unwrap().unwrap();
        assert!(embedded.thumbnail.starts_with("data:image/jpeg;base64,"));
    }

    #[test]
    fn a_picture_without_any_room_is_left_out_and_says_so() {
        let answer = embed(&[Some(&noise(64, 64))], 100).remove(0).unwrap();
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
        let answers = embed(&[Some(&liar), Some(&broken)], ROOM);
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
        let embedded = embed(&[Some(&image)], ROOM).remove(0).unwrap().unwrap();
        assert!(embedded.url.starts_with("data:image/png;base64,"));
    }
}
