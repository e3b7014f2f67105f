//! Windows and macOS through the system's own capture call.
//!
//! Windows: GDI `BitBlt`, which also works over RDP and draws no border. The process needs a manifest
//! with per-monitor DPI awareness, or scaled screens come out cropped. macOS asks the person once
//! for the permission "Screen Recording" and gives black or bare desktops until then.

use super::{
    CaptureError, MOST_PIXELS, MOST_SCREENS, Seen,
    frame::{Bytes, Frame, Raw},
    pixels::PixelFormat,
    session,
};
use crate::limits::Limits;
use helpbell_model::report::{self, Session};
use std::time::Duration;
use xcap::Monitor;
use zeroize::Zeroizing;

/// What an all-black picture means here.
pub(super) const WHY_BLACK: &str =
    "the picture came out all black: the screen is locked, protected or blocked by security software";

/// How long all of it may take.
pub(super) const fn limit(limits: Limits) -> Duration {
    limits.screens
}

/// All monitors, and the session they belong to. Their handles belong to this thread on Windows.
pub(super) fn seen(_: Limits) -> Seen {
    match Monitor::all() {
        Err(error) => Seen {
            session: session_with(&[]),
            ..Seen::nothing(CaptureError::Failed(error.to_string()))
        },
        Ok(monitors) => {
            let frames = monitors.iter().take(MOST_SCREENS).map(frame).collect();
            Seen {
                session: session_with(&monitors),
                frames: Ok(frames),
            }
        }
    }
}

/// The session alone.
pub(super) fn session() -> Session {
    session_with(&Monitor::all().unwrap_or_default())
}

fn session_with(monitors: &[Monitor]) -> Session {
    let mut described: Vec<report::Monitor> = monitors.iter().take(MOST_SCREENS).map(described).collect();
    described.sort_by_key(|monitor| !monitor.primary);
    Session {
        monitors: described,
        ..session::now()
    }
}

fn described(monitor: &Monitor) -> report::Monitor {
    report::Monitor {
        name: session::name(&monitor.name().unwrap_or_default()).unwrap_or_default(),
        width: monitor.width().unwrap_or(0),
        height: monitor.height().unwrap_or(0),
        x: monitor.x().unwrap_or(0),
        y: monitor.y().unwrap_or(0),
        scale_percent: monitor.scale_factor().ok().and_then(percent),
        primary: monitor.is_primary().unwrap_or(false),
        refresh_hz: monitor.frequency().ok().filter(|hertz| *hertz > 0.0),
    }
}

fn percent(factor: f32) -> Option<u32> {
    let percent = (factor * 100.0).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within a few hundred, just compared"
    )]
    (50.0..=1000.0).contains(&percent).then_some(percent as u32)
}

fn frame(monitor: &Monitor) -> Frame {
    let size = (monitor.width().unwrap_or(0), monitor.height().unwrap_or(0));
    let picture = if u64::from(size.0) * u64::from(size.1) > MOST_PIXELS {
        Err(format!(
            "a monitor of {} x {} pixels is not believable",
            size.0, size.1
        ))
    } else {
        monitor
            .capture_image()
            .map(|picture| Raw {
                width: picture.width(),
                height: picture.height(),
                bytes: Bytes::Own(Zeroizing::new(picture.into_raw())),
                format: PixelFormat::RGBX,
            })
            .map_err(|error| error.to_string())
    };
    Frame {
        name: monitor.name().unwrap_or_default(),
        // On a scaled screen the picture is larger than the size in points.
        size: picture.as_ref().map_or(size, |raw| (raw.width, raw.height)),
        picture,
    }
}
