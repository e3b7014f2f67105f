//! Photographs every monitor, in memory only.
//!
//! Linux and the other Unixes speak the X11 protocol directly; Windows and macOS go through the
//! system's own capture call. Where no picture can be had (no display, a Wayland session that
//! asks its user, a locked screen), the [`Screen`] says so instead: a technician who sees
//! nothing must know why.

mod encode;
#[cfg(any(windows, target_os = "macos"))]
mod native;
#[cfg(all(unix, not(target_os = "macos")))]
mod x11;

#[cfg(any(windows, target_os = "macos"))]
use native as platform;
#[cfg(all(unix, not(target_os = "macos")))]
use x11 as platform;

use crate::limits::Limits;
use helpbell_model::{report::Screen, text::one_line};
use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
};

/// Characters of a monitor's name and of a note about it.
const NAME_CHARS: usize = 80;
/// A trading desk has eight; beyond that it is a video wall, and memory counts (33 MB per 4K screen).
const MOST_SCREENS: usize = 16;
/// Nobody has larger monitors; a larger size is a confused driver, and would cost gigabytes.
const MOST_PIXELS: u64 = 16_384 * 16_384;

/// One monitor as the system gave it.
struct Frame {
    name: String,
    /// The picture, or why there is none.
    pixels: Result<image::RgbImage, String>,
    /// Size in pixels, known even without a picture.
    size: (u32, u32),
}

/// Why not a single monitor could be found.
#[derive(Debug, thiserror::Error)]
enum CaptureError {
    /// No display server, or none that lets itself be photographed.
    #[cfg(all(unix, not(target_os = "macos")))]
    #[error("{0}")]
    NoDisplay(&'static str),
    /// It is there but did not do as asked.
    #[error("the screens could not be photographed: {0}")]
    Failed(String),
}

/// All monitors as PNG, within `limits.screens`.
///
/// Never fails and never hangs. Without any monitor the list holds one [`Screen`] of size 0
/// whose note says why. A picture that came out all black is dropped, and the note says that.
#[must_use]
pub fn screens(limits: Limits) -> Vec<Screen> {
    /// A display server that hangs holds one thread, not one more with every press.
    static HANGING: AtomicBool = AtomicBool::new(false);

    if HANGING.swap(true, Ordering::AcqRel) {
        return vec![nothing(
            "an earlier capture is still under way; the display server may hang",
        )];
    }
    let (sender, receiver) = mpsc::sync_channel(1);
    let spawned = thread::Builder::new().name("screens".to_owned()).spawn(move || {
        let _done = Done(&HANGING);
        // Nobody may be listening any more.
        let _ = sender.send(photographed());
    });
    if let Err(error) = spawned {
        HANGING.store(false, Ordering::Release);
        return vec![nothing(&format!(
            "the screens could not be photographed: {error}"
        ))];
    }
    match receiver.recv_timeout(limits.screens) {
        Ok(screens) => screens,
        Err(RecvTimeoutError::Timeout) => {
            let waited = limits.screens.as_millis();
            vec![nothing(&format!(
                "no picture within {waited} ms; the display server may hang"
            ))]
        }
        Err(RecvTimeoutError::Disconnected) => vec![nothing(
            "the screens could not be photographed: the capture crashed",
        )],
    }
}

/// Clears the flag even if the capture panics.
struct Done(&'static AtomicBool);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

fn photographed() -> Vec<Screen> {
    match platform::frames() {
        Err(error) => vec![nothing(&error.to_string())],
        Ok(frames) if frames.is_empty() => vec![nothing("the system lists no monitor")],
        // Encoding takes longer than capturing: one thread per screen.
        Ok(frames) => thread::scope(|scope| {
            let encoding: Vec<_> = frames
                .into_iter()
                .map(|frame| scope.spawn(|| developed(frame)))
                .collect();
            encoding
                .into_iter()
                .map(|thread| {
                    thread
                        .join()
                        .unwrap_or_else(|_| nothing("the picture could not be encoded"))
                })
                .collect()
        }),
    }
}

/// A frame as it goes into the report.
fn developed(frame: Frame) -> Screen {
    let (width, height) = frame.size;
    let mut screen = Screen {
        name: one_line(&frame.name, NAME_CHARS),
        width,
        height,
        image: None,
        note: String::new(),
    };
    match frame.pixels {
        Err(why) => screen.note = one_line(&why, NAME_CHARS * 2),
        Ok(pixels) if encode::is_black(&pixels) => screen.note = platform::WHY_BLACK.to_owned(),
        Ok(pixels) => match encode::png(&pixels) {
            Ok(image) => screen.image = Some(image),
            Err(error) => screen.note = format!("the picture could not be encoded: {error}"),
        },
    }
    screen
}

/// The entry that stands for "no screen at all".
fn nothing(why: &str) -> Screen {
    Screen {
        name: String::new(),
        note: one_line(why, NAME_CHARS * 2),
        ..Screen::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    fn frame(pixels: RgbImage) -> Frame {
        Frame {
            name: "DP-1\u{202e}".into(),
            size: pixels.dimensions(),
            pixels: Ok(pixels),
        }
    }

    #[test]
    fn a_picture_becomes_a_png_of_the_same_size() {
        let screen = developed(frame(RgbImage::from_pixel(7, 5, Rgb([1, 200, 3]))));
        assert_eq!(
            (screen.name.as_str(), screen.width, screen.height),
            ("DP-1", 7, 5)
        );
        let image = screen.image.unwrap();
        assert_eq!(image.content_type, "image/png");
        let decoded = image::load_from_memory(&image.bytes).unwrap().to_rgb8();
        assert_eq!(
            (decoded.dimensions(), decoded.get_pixel(3, 3).0),
            ((7, 5), [1, 200, 3])
        );
    }

    #[test]
    fn an_all_black_picture_is_said_to_be_black_and_dropped() {
        let screen = developed(frame(RgbImage::from_pixel(7, 5, Rgb([0, 1, 0]))));
        assert_eq!(screen.image, None);
        assert!(screen.note.contains("black"), "{}", screen.note);
        assert_eq!((screen.width, screen.height), (7, 5));
    }

    #[test]
    fn a_monitor_that_refuses_keeps_its_size_and_says_why() {
        let refused = Frame {
            name: "DP-2".into(),
            pixels: Err("access denied".into()),
            size: (3, 2),
        };
        let screen = developed(refused);
        assert_eq!(
            (screen.width, screen.image, screen.note.as_str()),
            (3, None, "access denied")
        );
    }
}
