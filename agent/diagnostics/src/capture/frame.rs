//! One monitor at the moment of the press, and its way into the report.

use super::{NAME_CHARS, NOTE_CHARS, encode, pixels::PixelFormat, platform::WHY_BLACK};
use helpbell_model::{report::Screen, text::one_line};
use image::RgbImage;
use std::ops::Deref;
use zeroize::{Zeroize as _, Zeroizing};

/// One monitor as the system gave it.
pub(super) struct Frame {
    /// As the system names it.
    pub(super) name: String,
    /// Width and height in pixels, known even without a picture.
    pub(super) size: (u32, u32),
    /// The picture, or why there is none.
    pub(super) picture: Result<Raw, String>,
}

/// A picture as the system wrote it; nobody has looked at its pixels yet.
pub(super) struct Raw {
    pub(super) bytes: Bytes,
    pub(super) format: PixelFormat,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Where a picture lies. However it goes, nothing of it stays in this process.
pub(super) enum Bytes {
    /// In this program's memory; overwritten in the end.
    Own(Zeroizing<Vec<u8>>),
    /// Pages of its own. Given back as a whole, they are emptied by the system.
    #[cfg(target_os = "linux")]
    Pages(memmap2::MmapMut),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            #[cfg(target_os = "linux")]
            Self::Pages(bytes) => bytes,
        }
    }
}

impl Frame {
    /// As it goes into the report.
    pub(super) fn developed(self) -> Screen {
        let (width, height) = self.size;
        let mut screen = Screen {
            name: one_line(&self.name, NAME_CHARS),
            width,
            height,
            ..Screen::default()
        };
        let looked_at = self
            .picture
            .and_then(|raw| raw.format.to_rgb(&raw.bytes, raw.width, raw.height));
        match looked_at {
            Err(why) => screen.note = one_line(&why, NOTE_CHARS),
            Ok(picture) => print(picture, &mut screen),
        }
        screen
    }
}

/// Encodes what is worth it, and says what is odd.
fn print(picture: RgbImage, screen: &mut Screen) {
    if encode::is_black(&picture) {
        WHY_BLACK.clone_into(&mut screen.note);
    } else {
        if let Some([red, green, blue]) = encode::only_colour(&picture) {
            screen.note = format!(
                "the whole picture has one colour, #{red:02x}{green:02x}{blue:02x}: nothing was on this screen, or something hid it"
            );
        }
        match encode::png(&picture) {
            Ok(image) => screen.image = Some(image),
            Err(error) => {
                screen.note = one_line(&format!("the picture could not be encoded: {error}"), NOTE_CHARS);
            }
        }
    }
    picture.into_raw().zeroize();
}
