//! Linux and the other Unixes: X11, or in a Wayland session the portal.

use super::{
    Alone, CaptureError, MOST_SCREENS, Seen,
    frame::{Bytes, Frame, Raw},
    pixels::PixelFormat,
    portal,
    session::{self, Login},
    x11::Display,
};
use crate::limits::Limits;
use helpbell_model::report::{Monitor, Session};
use image::{GenericImageView as _, RgbaImage};
use std::{
    env,
    sync::{
        atomic::AtomicBool,
        mpsc::{self, Receiver},
    },
    thread,
    time::Duration,
};
use zeroize::Zeroizing;

/// What an all-black picture means here.
pub(super) const WHY_BLACK: &str =
    "the picture came out all black: the screen is off, locked or belongs to a Wayland session";

const NO_DISPLAY: &str = "no display: this session has no screen (DISPLAY is not set)";

/// In a Wayland session X11 is a guest, started by the first who asks for it, and knows the monitors at most.
const GUEST_LIMIT: Duration = Duration::from_secs(1);

/// What draws the windows of this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drawn {
    Nowhere,
    X11,
    Wayland,
}

impl Drawn {
    fn here() -> Self {
        // With both set, X11 is only a guest in the Wayland session and sees no other program.
        match (variable("WAYLAND_DISPLAY"), variable("DISPLAY")) {
            (Some(_), _) => Self::Wayland,
            (None, Some(_)) => Self::X11,
            (None, None) => Self::Nowhere,
        }
    }
}

/// How long all of it may take.
pub(super) fn limit(limits: Limits) -> Duration {
    match Drawn::here() {
        Drawn::Wayland => limits.screens.saturating_add(limits.portal),
        Drawn::X11 | Drawn::Nowhere => limits.screens,
    }
}

/// All monitors, and the session they belong to.
pub(super) fn seen(limits: Limits) -> Seen {
    let login = login();
    let mut seen = match Drawn::here() {
        Drawn::Nowhere => Seen::nothing(CaptureError::NoDisplay(NO_DISPLAY)),
        Drawn::X11 => Display::open(None).map_or_else(Seen::nothing, |display| display.seen()),
        Drawn::Wayland => {
            let guest = guest();
            let picture = portal::picture(limits.portal);
            let session = wayland(&guest);
            Seen {
                frames: match picture {
                    Ok(picture) => Ok(cut(&picture, &session.monitors)),
                    Err(why) => Err(CaptureError::Portal(why)),
                },
                session,
            }
        }
    };
    complete(&mut seen.session, &login);
    seen
}

/// The session alone.
pub(super) fn session() -> Session {
    let login = login();
    let mut session = match Drawn::here() {
        Drawn::Nowhere => Session::default(),
        Drawn::X11 => Display::open(None)
            .map(|display| display.facts())
            .unwrap_or_default(),
        Drawn::Wayland => wayland(&guest()),
    };
    complete(&mut session, &login);
    session
}

/// Asks for the login while the screens are photographed.
fn login() -> Receiver<Option<Login>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    // Without a thread there is no answer, which is no worse than without a login.
    let _ = thread::Builder::new()
        .name("login".to_owned())
        .spawn(move || sender.send(Login::ask()));
    receiver
}

fn complete(session: &mut Session, login: &Receiver<Option<Login>>) {
    session::complete(session, login.recv().ok().flatten().as_ref(), variable);
}

/// Asks the X server that is a guest in a Wayland session for the monitors.
fn guest() -> Receiver<Vec<Monitor>> {
    /// One that hangs holds one thread.
    static HANGING: AtomicBool = AtomicBool::new(false);

    let (sender, receiver) = mpsc::sync_channel(1);
    if variable("DISPLAY").is_some()
        && let Some(done) = Alone::with(&HANGING)
    {
        let _ = thread::Builder::new().name("monitors".to_owned()).spawn(move || {
            let _done = done;
            let monitors = Display::open(None).map(|display| display.facts().monitors);
            let _ = sender.send(monitors.unwrap_or_default());
        });
    }
    receiver
}

/// What a Wayland session tells; the program in front is a secret of its desktop.
fn wayland(guest: &Receiver<Vec<Monitor>>) -> Session {
    Session {
        display: Some("wayland".to_owned()),
        monitors: guest.recv_timeout(GUEST_LIMIT).unwrap_or_default(),
        ..Session::default()
    }
}

/// Cuts the picture of a whole desktop into its monitors; one picture, if they do not fit.
fn cut(picture: &RgbaImage, monitors: &[Monitor]) -> Vec<Frame> {
    let places = places(picture.dimensions(), monitors);
    let frame = |name: &str, [x, y, width, height]: [u32; 4]| Frame {
        name: name.to_owned(),
        size: (width, height),
        picture: Ok(Raw {
            bytes: Bytes::Own(Zeroizing::new(
                picture.view(x, y, width, height).to_image().into_raw(),
            )),
            format: PixelFormat::RGBX,
            width,
            height,
        }),
    };
    match places {
        Some(places) => monitors
            .iter()
            .zip(places)
            .take(MOST_SCREENS)
            .map(|(monitor, place)| frame(&monitor.name, place))
            .collect(),
        None => vec![frame("desktop", [0, 0, picture.width(), picture.height()])],
    }
}

/// Where each monitor is in a picture of all: left, top, width, height. The picture may be larger than the desktop says
/// by the same factor in both directions.
fn places((width, height): (u32, u32), monitors: &[Monitor]) -> Option<Vec<[u32; 4]>> {
    let right = |monitor: &Monitor| i64::from(monitor.x) + i64::from(monitor.width);
    let bottom = |monitor: &Monitor| i64::from(monitor.y) + i64::from(monitor.height);
    let (left, top) = (
        monitors.iter().map(|monitor| i64::from(monitor.x)).min()?,
        monitors.iter().map(|monitor| i64::from(monitor.y)).min()?,
    );
    let whole = (
        monitors.iter().map(right).max()? - left,
        monitors.iter().map(bottom).max()? - top,
    );
    let (width, height) = (i64::from(width), i64::from(height));
    if whole.0 <= 0 || whole.1 <= 0 || width * whole.1 != height * whole.0 {
        return None;
    }
    let scaled = |points: i64| u32::try_from(points * width / whole.0).ok();
    monitors
        .iter()
        .map(|monitor| {
            let (x, y) = (
                scaled(i64::from(monitor.x) - left)?,
                scaled(i64::from(monitor.y) - top)?,
            );
            let (right, bottom) = (scaled(right(monitor) - left)?, scaled(bottom(monitor) - top)?);
            Some([x, y, right.checked_sub(x)?, bottom.checked_sub(y)?])
        })
        .collect()
}

/// A variable of the environment that says something.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    fn monitor(x: i32, y: i32, width: u32, height: u32) -> Monitor {
        Monitor {
            name: format!("at {x}"),
            x,
            y,
            width,
            height,
            ..Monitor::default()
        }
    }

    #[test]
    fn a_picture_of_the_desktop_is_cut_into_its_monitors() {
        let mut picture = RgbaImage::from_pixel(30, 10, Rgba([1, 1, 1, 255]));
        picture.put_pixel(20, 0, Rgba([9, 8, 7, 255]));
        // Twice as large as the desktop says.
        let frames = cut(&picture, &[monitor(0, 0, 5, 5), monitor(-10, 0, 10, 5)]);
        let named: Vec<(&str, (u32, u32))> = frames
            .iter()
            .map(|frame| (frame.name.as_str(), frame.size))
            .collect();
        assert_eq!(named, [("at 0", (10, 10)), ("at -10", (20, 10))]);
        let right = frames.first().unwrap().picture.as_ref().ok().unwrap();
        assert_eq!(right.bytes.first_chunk(), Some(&[9, 8, 7, 255]));
    }

    #[test]
    fn monitors_that_do_not_fit_leave_the_picture_whole() {
        assert_eq!(places((30, 10), &[monitor(0, 0, 10, 5)]), None);
        assert_eq!(places((30, 10), &[]), None);
        assert_eq!(places((30, 10), &[monitor(0, 0, 0, 0)]), None);
        assert_eq!(
            places((30, 10), &[monitor(7, 7, 30, 10)]),
            Some(vec![[0, 0, 30, 10]])
        );
    }
}
