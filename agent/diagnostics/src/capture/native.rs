//! Windows and macOS through the system's own capture call.
//!
//! Windows: GDI `BitBlt`, which also works over RDP and draws no border. The process needs a manifest
//! with per-monitor DPI awareness, or scaled screens come out cropped. macOS asks the person once
//! for the permission "Screen Recording" and gives black or bare desktops until then.

use super::{
    CaptureError, MOST_PIXELS, MOST_SCREENS,
    frame::{Bytes, Frame, Raw},
    pixels::PixelFormat,
};
use xcap::Monitor;
use zeroize::Zeroizing;

/// What an all-black picture means here.
pub(super) const WHY_BLACK: &str =
    "the picture came out all black: the screen is locked, protected or blocked by security software";

/// Must be called on the thread that uses the monitors: their handles belong to it on Windows.
pub(super) fn frames() -> Result<Vec<Frame>, CaptureError> {
    let monitors = Monitor::all().map_err(|error| CaptureError::Failed(error.to_string()))?;
    Ok(monitors.iter().take(MOST_SCREENS).map(frame).collect())
}

fn frame(monitor: &Monitor) -> Frame {
    let size = (monitor.width().unwrap_or(0), monitor.height().unwrap_or(0));
    let mut frame = Frame {
        name: monitor.name().unwrap_or_default(),
        size,
        picture: Err(format!(
            "a monitor of {} x {} pixels is not believable",
            size.0, size.1
        )),
    };
    if u64::from(size.0) * u64::from(size.1) <= MOST_PIXELS {
        frame.picture = monitor
            .capture_image()
            .map(|picture| Raw {
                width: picture.width(),
                height: picture.height(),
                bytes: Bytes::Own(Zeroizing::new(picture.into_raw())),
                format: PixelFormat::RGBX,
            })
            .map_err(|error| error.to_string());
    }
    if let Ok(raw) = &frame.picture {
        // On a scaled screen the picture is larger than the size in points.
        frame.size = (raw.width, raw.height);
    }
    frame
}
