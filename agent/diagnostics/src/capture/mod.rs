//! Photographs every monitor, in memory only.
//!
//! ```text
//! grab ─► Frames ─► develop ─► Vec<Screen>
//!  │                   └ from pixels to files, and what is odd about them: takes its time, hides nothing
//!  └ the moment of the press: pixels as the system wrote them, under a deadline, before any window of ours
//! ```
//!
//! Linux and the other Unixes speak the X11 protocol directly, and ask the portal in a Wayland session; Windows and
//! macOS go through the system's own capture call. Where no picture can be had (no display, a person who does not
//! allow it, a locked screen), the [`Screen`] says so instead: a technician who sees nothing must know why.

#[cfg(all(unix, not(target_os = "macos")))]
mod bus;
mod encode;
mod frame;
#[cfg(any(windows, target_os = "macos"))]
mod native;
mod pixels;
#[cfg(all(unix, not(target_os = "macos")))]
mod portal;
pub(crate) mod session;
#[cfg(all(unix, not(target_os = "macos")))]
mod unix;
#[cfg(all(unix, not(target_os = "macos")))]
mod x11;

#[cfg(any(windows, target_os = "macos"))]
use native as platform;
#[cfg(all(unix, not(target_os = "macos")))]
use unix as platform;

use crate::limits::Limits;
use frame::Frame;
use helpbell_model::{
    report::{Screen, Session},
    text::one_line,
};
use std::{
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

/// Characters of a monitor's name.
const NAME_CHARS: usize = 80;
/// Characters of a note about a picture.
const NOTE_CHARS: usize = 2 * NAME_CHARS;
/// A trading desk has eight; beyond that it is a video wall, and memory counts (33 MB per 4K screen).
const MOST_SCREENS: usize = 16;
/// Nobody has larger monitors; a larger size is a confused driver, and would cost gigabytes.
const MOST_PIXELS: u64 = 16_384 * 16_384;
/// Three 4K screens take a quarter of it. What took longer may show what came after the press.
const SOON: Duration = Duration::from_millis(400);

/// Why not a single monitor could be found.
#[derive(Debug, thiserror::Error)]
enum CaptureError {
    /// No display server, or none that lets itself be photographed.
    #[cfg(all(unix, not(target_os = "macos")))]
    #[error("{0}")]
    NoDisplay(&'static str),
    /// The portal of a Wayland session gives none.
    #[cfg(all(unix, not(target_os = "macos")))]
    #[error("{0}")]
    Portal(String),
    /// It is there but did not do as asked.
    #[error("the screens could not be photographed: {0}")]
    Failed(String),
}

/// What a system shows at one moment.
struct Seen {
    frames: Result<Vec<Frame>, CaptureError>,
    session: Session,
}

impl Seen {
    /// No monitor at all.
    fn nothing(error: CaptureError) -> Self {
        Self {
            frames: Err(error),
            session: Session::default(),
        }
    }
}

/// The monitors at the moment of the press, not looked at yet. They take 33 MB per 4K screen until they are developed
/// or dropped, and leave nothing behind either way.
pub struct Frames {
    /// In the system's order, or why there is none.
    frames: Result<Vec<Frame>, String>,
    session: Option<Session>,
    took: Duration,
}

/// Photographs all monitors, within `limits.screens`; the portal of a Wayland session, which may ask the person, has
/// `limits.portal` in addition.
///
/// Never fails and never hangs: what went wrong is told by the screens that [`Frames::develop`] makes of it.
#[must_use]
pub fn grab(limits: Limits) -> Frames {
    /// A display server that hangs holds one thread, not one more with every press.
    static HANGING: AtomicBool = AtomicBool::new(false);

    let began = Instant::now();
    let failed = |why: String| Frames {
        frames: Err(why),
        session: None,
        took: began.elapsed(),
    };
    let Some(alone) = Alone::with(&HANGING) else {
        return failed("an earlier capture is still under way; the display server may hang".to_owned());
    };
    let (sender, receiver) = mpsc::sync_channel(1);
    let spawned = thread::Builder::new().name("screens".to_owned()).spawn(move || {
        let seen = platform::seen(limits);
        drop(alone);
        // Nobody may be listening any more.
        let _ = sender.send(seen);
    });
    if let Err(error) = spawned {
        return failed(format!("the screens could not be photographed: {error}"));
    }
    let limit = platform::limit(limits);
    match receiver.recv_timeout(limit) {
        Ok(Seen { frames, session }) => Frames {
            frames: match frames {
                Ok(frames) if frames.is_empty() => Err("the system lists no monitor".to_owned()),
                frames => frames.map_err(|error| error.to_string()),
            },
            session: Some(session),
            took: began.elapsed(),
        },
        Err(RecvTimeoutError::Timeout) => failed(format!(
            "no picture within {} ms; the display server may hang",
            limit.as_millis()
        )),
        Err(RecvTimeoutError::Disconnected) => {
            failed("the screens could not be photographed: the capture crashed".to_owned())
        }
    }
}

/// [`grab`] and [`Frames::develop`] in one.
#[must_use]
pub fn screens(limits: Limits) -> Vec<Screen> {
    grab(limits).develop()
}

/// Something that is done by one thread at a time, even if that thread never comes back or crashes.
struct Alone(&'static AtomicBool);

impl Alone {
    /// Nothing if somebody else is at it.
    fn with(flag: &'static AtomicBool) -> Option<Self> {
        (!flag.swap(true, Ordering::AcqRel)).then_some(Self(flag))
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Frames {
    /// How long [`grab`] took.
    #[must_use]
    pub const fn took(&self) -> Duration {
        self.took
    }

    /// The session when the pictures were taken: its program in front is the one that the person had before them. `None`
    /// if the display did not answer in time.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// All monitors as PNG.
    ///
    /// Without any monitor the list holds one [`Screen`] of size 0 whose note says why. A picture that came out all
    /// black is dropped, and the note says that.
    #[must_use]
    pub fn develop(self) -> Vec<Screen> {
        let mut screens = match self.frames {
            Err(why) => return vec![nothing(&why)],
            Ok(frames) => developed(frames),
        };
        if let Some(session) = self.session {
            if session.locked == Some(true) {
                note_all(&mut screens, "the screen was locked");
            }
            if !session.hidden_from_capture.is_empty() {
                let programs = session.hidden_from_capture.join(", ");
                note_all(
                    &mut screens,
                    &format!("kept out of pictures by itself: {programs}"),
                );
            }
        }
        if self.took > SOON
            && let Some(first) = screens.first_mut()
        {
            let late = format!(
                "it took {} ms to photograph the screens: what they show may be from after the press",
                self.took.as_millis()
            );
            add_note(first, &late);
        }
        screens
    }
}

/// Encodes on every processor: that takes longer than photographing.
fn developed(frames: Vec<Frame>) -> Vec<Screen> {
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut screens: Vec<Option<Screen>> = frames.iter().map(|_| None).collect();
    // Each frame with the place of its outcome; whoever is free takes the next.
    let waiting = Mutex::new(frames.into_iter().zip(&mut screens));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((frame, screen)) = next else { break };
                    *screen = Some(frame.developed());
                }
            });
        }
    });
    drop(waiting);
    screens
        .into_iter()
        .map(|screen| screen.unwrap_or_else(|| nothing("the picture could not be encoded")))
        .collect()
}

/// One more sentence about every picture.
fn note_all(screens: &mut [Screen], note: &str) {
    screens.iter_mut().for_each(|screen| add_note(screen, note));
}

/// One more sentence about a picture.
fn add_note(screen: &mut Screen, note: &str) {
    if !screen.note.is_empty() {
        screen.note.push_str("; ");
    }
    screen.note.push_str(&one_line(note, NOTE_CHARS));
}

/// The entry that stands for "no screen at all".
fn nothing(why: &str) -> Screen {
    Screen {
        name: String::new(),
        note: one_line(why, NOTE_CHARS),
        ..Screen::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use frame::{Bytes, Raw};
    use image::{Rgb, RgbImage};
    use pixels::PixelFormat;
    use zeroize::Zeroizing;

    fn frame(pixels: RgbImage) -> Frame {
        let (width, height) = pixels.dimensions();
        let mut bytes = Vec::new();
        for [red, green, blue] in pixels.as_raw().as_chunks::<3>().0 {
            bytes.extend([*red, *green, *blue, u8::MAX]);
        }
        Frame {
            name: "DP-1\u{202e}".into(),
            size: (width, height),
            picture: Ok(Raw {
                bytes: Bytes::Own(Zeroizing::new(bytes)),
                format: PixelFormat::RGBX,
                width,
                height,
            }),
        }
    }

    /// Two colours, so that there is something to see.
    fn checked() -> RgbImage {
        let mut pixels = RgbImage::from_pixel(7, 5, Rgb([1, 200, 3]));
        pixels.put_pixel(0, 0, Rgb([9, 9, 9]));
        pixels
    }

    #[test]
    fn a_picture_becomes_a_png_of_the_same_size() {
        let screen = frame(checked()).developed();
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
        let screen = frame(RgbImage::from_pixel(7, 5, Rgb([0, 1, 0]))).developed();
        assert_eq!(screen.image, None);
        assert!(screen.note.contains("black"), "{}", screen.note);
        assert_eq!((screen.width, screen.height), (7, 5));
    }

    #[test]
    fn a_picture_of_one_colour_is_kept_and_said_to_be_one() {
        let screen = frame(RgbImage::from_pixel(7, 5, Rgb([0, 120, 215]))).developed();
        assert!(screen.image.is_some());
        assert!(screen.note.contains("one colour, #0078d7"), "{}", screen.note);
    }

    fn frames(took: Duration) -> Frames {
        Frames {
            frames: Ok((0..20).map(|_| frame(checked())).collect()),
            session: None,
            took,
        }
    }

    #[test]
    fn many_monitors_are_developed_in_their_order() {
        let mut many = frames(SOON);
        for (index, frame) in many.frames.iter_mut().flatten().enumerate() {
            frame.name = format!("DP-{index}");
        }
        let names: Vec<String> = many.develop().into_iter().map(|screen| screen.name).collect();
        assert_eq!(
            names,
            (0..20).map(|index| format!("DP-{index}")).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_locked_screen_is_said_to_be_locked_whatever_its_picture_shows() {
        let mut locked = frames(SOON);
        locked.session = Some(Session {
            locked: Some(true),
            ..Session::default()
        });
        assert!(
            locked
                .develop()
                .iter()
                .all(|screen| screen.note == "the screen was locked")
        );
    }

    #[test]
    fn programs_that_keep_themselves_out_of_pictures_are_named() {
        let mut with_secrets = frames(SOON);
        with_secrets.session = Some(Session {
            hidden_from_capture: vec!["KeePass.exe".into(), "Signal.exe".into()],
            ..Session::default()
        });
        let screens = with_secrets.develop();
        assert!(
            screens
                .iter()
                .all(|screen| screen.note == "kept out of pictures by itself: KeePass.exe, Signal.exe")
        );
    }

    #[test]
    fn a_slow_capture_is_told_once_and_a_quick_one_is_not() {
        let notes = |took| -> Vec<String> {
            frames(took)
                .develop()
                .into_iter()
                .map(|screen| screen.note)
                .collect()
        };
        assert!(notes(SOON).iter().all(String::is_empty));
        let slow = notes(SOON + Duration::from_millis(12));
        assert!(slow.first().unwrap().contains("it took 412 ms"), "{slow:?}");
        assert!(slow.iter().skip(1).all(String::is_empty));
    }

    #[test]
    fn a_monitor_that_refuses_keeps_its_size_and_says_why() {
        let refused = Frame {
            name: "DP-2".into(),
            size: (3, 2),
            picture: Err("access denied".into()),
        };
        let screen = refused.developed();
        assert_eq!(
            (screen.width, screen.image, screen.note.as_str()),
            (3, None, "access denied")
        );
    }
}
