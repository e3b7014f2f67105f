//! Windows and macOS through the system's own capture call.
//!
//! Windows: GDI `BitBlt`, which also works over RDP and draws no border. The process needs a manifest
//! with per-monitor DPI awareness, or scaled screens come out cropped. macOS asks the person once
//! for the permission "Screen Recording" and gives black or bare desktops until then.

use super::{CaptureError, Frame, MOST_PIXELS, MOST_SCREENS};
use image::{DynamicImage, RgbImage};
use xcap::Monitor;

/// What an all-black picture means here.
pub(super) const WHY_BLACK: &str =
    "the picture came out all black: the screen is locked, protected or blocked by security software";

/// Must be called on the thread that uses the monitors: their handles belong to it on Windows.
pub(super) fn frames() -> Result<Vec<Frame>, CaptureError> {
    let monitors = Monitor::all().map_err(|error| CaptureError::Failed(error.to_string()))?;
    Ok(monitors.iter().take(MOST_SCREENS).map(frame).collect())
}

fn frame(monitor: &Monitor) -> Frame {
    let name = monitor.name().unwrap_or_default();
    let size = (monitor.width().unwrap_or(0), monitor.height().unwrap_or(0));
    if u64::from(size.0) * u64::from(size.1) > MOST_PIXELS {
        let pixels = Err(format!(
            "a monitor of {} x {} pixels is not believable",
            size.0, size.1
        ));
        return Frame { name, pixels, size };
    }
    let pixels = monitor
        .capture_image()
        .map(opaque)
        .map_err(|error| error.to_string());
    // On a scaled screen the picture is larger than the size in points.
    let size = pixels.as_ref().map_or(size, RgbImage::dimensions);
    Frame { name, pixels, size }
}

/// A screen has no transparency; without it the file is a quarter smaller.
fn opaque(picture: image::RgbaImage) -> RgbImage {
    DynamicImage::ImageRgba8(picture).into_rgb8()
}
