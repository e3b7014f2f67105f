//! How systems write pixels, and the way from there to red, green, blue.

use image::RgbImage;

/// How a system wrote the pixels of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PixelFormat {
    /// Bytes of one pixel: 2 to 4.
    pub(super) bytes: u32,
    /// Rows are padded to a multiple of this many bytes; at least 1.
    pub(super) pad: u32,
    /// The first byte of a pixel is the one with the greatest weight.
    pub(super) big_endian: bool,
    /// Red, green, blue.
    pub(super) masks: [u32; 3],
}

/// A picture that is shorter than its size says.
const CUT_SHORT: &str = "the display sent less than a whole picture";

impl PixelFormat {
    /// Red, green, blue and a byte of nothing, as picture libraries have it.
    pub(super) const RGBX: Self = Self {
        bytes: 4,
        pad: 1,
        big_endian: false,
        masks: [0xff, 0xff00, 0xff_0000],
    };

    /// Bytes from the beginning of a row to that of the next.
    pub(super) fn row_bytes(&self, width: u32) -> usize {
        width
            .saturating_mul(self.bytes)
            .checked_next_multiple_of(self.pad.max(1))
            .unwrap_or(u32::MAX) as usize
    }

    /// Bytes of a whole picture.
    pub(super) fn picture_bytes(&self, width: u32, height: u32) -> usize {
        self.row_bytes(width).saturating_mul(height as usize)
    }

    /// The picture in red, green, blue.
    ///
    /// # Errors
    /// In words, if the data are too few.
    pub(super) fn to_rgb(&self, data: &[u8], width: u32, height: u32) -> Result<RgbImage, String> {
        let mut picture = RgbImage::new(width, height);
        if picture.is_empty() || data.len() < self.picture_bytes(width, height) {
            return Err(CUT_SHORT.to_owned());
        }
        let used = width as usize * self.bytes as usize;
        // Nearly every system writes one of the first two; the detour over masks takes ten times as long.
        let plain = self.bytes == 4 && !self.big_endian;
        let channels = self.masks.map(Channel::of);
        let rows = data
            .chunks_exact(self.row_bytes(width))
            .filter_map(|row| row.get(..used));
        for (from, to) in rows.zip(picture.chunks_exact_mut(width as usize * RGB)) {
            match self.masks {
                [0xff_0000, 0xff00, 0xff] if plain => {
                    copied(from, to, |[blue, green, red, _]| [red, green, blue])
                }
                [0xff, 0xff00, 0xff_0000] if plain => {
                    copied(from, to, |[red, green, blue, _]| [red, green, blue])
                }
                _ => {
                    let pixels = to.as_chunks_mut::<RGB>().0;
                    for (pixel, to) in from.chunks_exact(self.bytes as usize).zip(pixels) {
                        let value = self.value(pixel);
                        *to = channels.map(|channel| channel.take(value));
                    }
                }
            }
        }
        Ok(picture)
    }

    fn value(&self, pixel: &[u8]) -> u32 {
        let append = |value: u32, byte: &u8| (value << 8) | u32::from(*byte);
        if self.big_endian {
            pixel.iter().fold(0, append)
        } else {
            pixel.iter().rev().fold(0, append)
        }
    }
}

/// Bytes of a pixel in the outcome.
const RGB: usize = 3;

/// One row of whole bytes in another order.
#[inline]
fn copied(from: &[u8], to: &mut [u8], order: impl Fn([u8; 4]) -> [u8; RGB]) {
    for (from, to) in from.as_chunks::<4>().0.iter().zip(to.as_chunks_mut::<RGB>().0) {
        *to = order(*from);
    }
}

/// One colour within a pixel.
#[derive(Debug, Clone, Copy)]
struct Channel {
    shift: u32,
    most: u32,
}

impl Channel {
    fn of(mask: u32) -> Self {
        let shift = mask.trailing_zeros().min(31);
        Self {
            shift,
            most: (mask >> shift).max(1),
        }
    }

    /// The colour stretched to 0..=255, whatever its width.
    fn take(self, value: u32) -> u8 {
        let own = (value >> self.shift) & self.most;
        let stretched = (u64::from(own) * 255 + u64::from(self.most) / 2) / u64::from(self.most);
        u8::try_from(stretched).unwrap_or(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgb(format: &PixelFormat, data: &[u8], width: u32, height: u32) -> Result<Vec<u8>, String> {
        format.to_rgb(data, width, height).map(RgbImage::into_raw)
    }

    fn format(bytes: u32, big_endian: bool, masks: [u32; 3]) -> PixelFormat {
        PixelFormat {
            bytes,
            pad: 4,
            big_endian,
            masks,
        }
    }

    #[test]
    fn the_usual_display_sends_blue_green_red_and_a_byte_of_nothing() {
        let usual = format(4, false, [0xff_0000, 0xff00, 0xff]);
        assert_eq!(
            rgb(&usual, &[3, 2, 1, 0, 6, 5, 4, 9], 2, 1).unwrap(),
            [1, 2, 3, 4, 5, 6]
        );
    }

    #[test]
    fn picture_libraries_have_it_the_other_way_round() {
        assert_eq!(
            rgb(&PixelFormat::RGBX, &[1, 2, 3, 255, 4, 5, 6, 255], 2, 1).unwrap(),
            [1, 2, 3, 4, 5, 6]
        );
    }

    #[test]
    fn the_detour_over_masks_agrees_with_the_plain_way() {
        let swapped = format(4, true, [0xff_0000, 0xff00, 0xff]);
        assert_eq!(
            rgb(&swapped, &[0, 1, 2, 3, 9, 4, 5, 6], 2, 1).unwrap(),
            [1, 2, 3, 4, 5, 6]
        );
    }

    #[test]
    fn sixteen_bit_colours_are_stretched_and_row_padding_is_skipped() {
        let small = format(2, false, [0xf800, 0x07e0, 0x001f]);
        // One white pixel a row, two bytes of padding after it.
        assert_eq!(
            rgb(&small, &[0xff, 0xff, 7, 7, 0x00, 0xf8, 7, 7], 1, 2).unwrap(),
            [255, 255, 255, 255, 0, 0]
        );
    }

    #[test]
    fn ten_bit_colours_are_squeezed() {
        let deep = format(4, false, [0x3ff0_0000, 0x000f_fc00, 0x0000_03ff]);
        assert_eq!(
            rgb(&deep, &0x3ff0_0000_u32.to_le_bytes(), 1, 1).unwrap(),
            [255, 0, 0]
        );
        assert_eq!(rgb(&deep, &0x2000_u32.to_le_bytes(), 1, 1).unwrap(), [0, 2, 0]);
    }

    #[test]
    fn a_short_answer_or_none_is_an_error_not_a_crash() {
        let usual = format(4, false, [0xff_0000, 0xff00, 0xff]);
        assert!(rgb(&usual, &[0; 7], 2, 1).is_err());
        assert!(rgb(&usual, &[0; 8], 0, 1).is_err());
    }
}
