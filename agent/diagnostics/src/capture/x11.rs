//! X11, spoken directly: no system library, so the agent runs on any desktop it is copied to.
//!
//! One `GetImage` of the root window per monitor. A Wayland session shows X11 programs nothing
//! but themselves: its picture is black, and only the person can grant more through the portal.

use super::{CaptureError, Frame, MOST_PIXELS, MOST_SCREENS};
use image::RgbImage;
use std::env;
use x11rb::{
    connection::Connection,
    errors::{ConnectionError, ReplyError},
    protocol::{
        randr::ConnectionExt as _,
        xproto::{
            ConnectionExt as _, ImageFormat, ImageOrder, Screen, Setup, VisualClass, Visualtype, Window,
        },
    },
    rust_connection::RustConnection,
};

/// What an all-black picture means here.
pub(super) const WHY_BLACK: &str =
    "the picture came out all black: the screen is off, locked or belongs to a Wayland session";

const NO_DISPLAY: &str = "no display: this session has no screen (DISPLAY is not set)";
const WAYLAND_ONLY: &str = "a Wayland session: it lets programs photograph the screen only after asking its user, so there is no picture";

/// A 4K monitor at 32 bits a pixel is 33 MB. Asked in one piece, a server has to hold all of
/// it twice; strips of 8 MB cost no measurable time.
const STRIP_BYTES: u32 = 8 * 1024 * 1024;

/// Every monitor of the display in `DISPLAY`.
pub(super) fn frames() -> Result<Vec<Frame>, CaptureError> {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    if !set("DISPLAY") {
        return Err(CaptureError::NoDisplay(if set("WAYLAND_DISPLAY") {
            WAYLAND_ONLY
        } else {
            NO_DISPLAY
        }));
    }
    // With both set, X11 is only a guest in the Wayland session and sees no other program.
    if set("WAYLAND_DISPLAY") {
        return Err(CaptureError::NoDisplay(WAYLAND_ONLY));
    }
    let (connection, screen) =
        x11rb::connect(None).map_err(|error| CaptureError::Failed(error.to_string()))?;
    let setup = connection.setup().clone();
    let root = setup
        .roots
        .get(screen)
        .ok_or_else(|| CaptureError::Failed("the display has no screen".into()))?;
    let format = PixelFormat::of(&setup, root).map_err(CaptureError::Failed)?;
    let monitors = monitors(&connection, root).map_err(|error| CaptureError::Failed(error.to_string()))?;
    Ok(monitors
        .into_iter()
        .take(MOST_SCREENS)
        .map(|monitor| photograph(&connection, root.root, &format, monitor))
        .collect())
}

/// A part of the root window.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Monitor {
    name: String,
    x: i16,
    y: i16,
    width: u16,
    height: u16,
}

impl Monitor {
    fn covers_same(&self, other: &Self) -> bool {
        (self.x, self.y, self.width, self.height) == (other.x, other.y, other.width, other.height)
    }
}

/// The monitors RandR 1.5 lists, or the whole root window where it is older or lists none.
fn monitors(connection: &RustConnection, screen: &Screen) -> Result<Vec<Monitor>, ReplyError> {
    let whole = Monitor {
        name: "screen".into(),
        x: 0,
        y: 0,
        width: screen.width_in_pixels,
        height: screen.height_in_pixels,
    };
    // The size in the greeting is that of the connection's start; it may have changed since.
    let geometry = connection.get_geometry(screen.root)?.reply()?;
    let whole = Monitor {
        width: geometry.width,
        height: geometry.height,
        ..whole
    };
    let Ok(cookie) = connection.randr_get_monitors(screen.root, true) else {
        return Ok(vec![whole]);
    };
    let Ok(reply) = cookie.reply() else {
        return Ok(vec![whole]);
    };
    let mut found: Vec<Monitor> = Vec::new();
    for listed in reply.monitors {
        let name = connection
            .get_atom_name(listed.name)?
            .reply()
            .map(|reply| reply.name)
            .unwrap_or_default();
        let monitor = Monitor {
            name: String::from_utf8_lossy(&name).into_owned(),
            x: listed.x,
            y: listed.y,
            width: listed.width,
            height: listed.height,
        };
        // A projector that mirrors a monitor shows the same part again.
        found.extend(
            inside(&monitor, &whole).filter(|part| !found.iter().any(|other| part.covers_same(other))),
        );
    }
    Ok(if found.is_empty() { vec![whole] } else { found })
}

/// The part of a monitor the root window has; asking for more is an error of the protocol.
fn inside(monitor: &Monitor, root: &Monitor) -> Option<Monitor> {
    let clip = |start: i16, length: u16, most: u16| -> Option<(i16, u16)> {
        let end = (i32::from(start) + i32::from(length)).min(i32::from(most));
        let start = i32::from(start).max(0);
        let length = u16::try_from(end - start).ok().filter(|length| *length > 0)?;
        Some((i16::try_from(start).ok()?, length))
    };
    let (x, width) = clip(monitor.x, monitor.width, root.width)?;
    let (y, height) = clip(monitor.y, monitor.height, root.height)?;
    Some(Monitor {
        name: monitor.name.clone(),
        x,
        y,
        width,
        height,
    })
}

fn photograph(connection: &RustConnection, root: Window, format: &PixelFormat, monitor: Monitor) -> Frame {
    let size = (u32::from(monitor.width), u32::from(monitor.height));
    let pixels = if u64::from(size.0) * u64::from(size.1) > MOST_PIXELS {
        Err(format!(
            "a monitor of {} x {} pixels is not believable",
            size.0, size.1
        ))
    } else {
        strips(connection, root, format, &monitor)
    };
    Frame {
        name: monitor.name,
        pixels,
        size,
    }
}

fn strips(
    connection: &RustConnection,
    root: Window,
    format: &PixelFormat,
    monitor: &Monitor,
) -> Result<RgbImage, String> {
    let row = format.row_bytes(monitor.width);
    let rows = u16::try_from(STRIP_BYTES / row.max(1)).unwrap_or(u16::MAX).max(1);
    let mut rgb = Vec::with_capacity(usize::from(monitor.width) * usize::from(monitor.height) * 3);
    let mut done = 0;
    while done < monitor.height {
        let height = rows.min(monitor.height - done);
        let y = i16::try_from(i32::from(monitor.y) + i32::from(done)).map_err(|error| error.to_string())?;
        let data = connection
            .get_image(
                ImageFormat::Z_PIXMAP,
                root,
                monitor.x,
                y,
                monitor.width,
                height,
                u32::MAX,
            )
            .map_err(ReplyError::from)
            .and_then(x11rb::cookie::Cookie::reply)
            .map_err(|error| format!("the display refused: {error}"))?
            .data;
        format.append_rgb(&data, monitor.width, height, &mut rgb)?;
        done += height;
    }
    RgbImage::from_raw(u32::from(monitor.width), u32::from(monitor.height), rgb)
        .ok_or_else(|| "the display sent less than a whole picture".to_owned())
}

/// How the server writes the pixels of the root window.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PixelFormat {
    bytes: u32,
    /// Rows are padded to a multiple of this many bytes.
    pad: u32,
    big_endian: bool,
    /// Red, green, blue.
    masks: [u32; 3],
}

impl PixelFormat {
    fn of(setup: &Setup, screen: &Screen) -> Result<Self, String> {
        let visual = visual(screen).ok_or("the root window has no visual")?;
        if !matches!(visual.class, VisualClass::TRUE_COLOR | VisualClass::DIRECT_COLOR) {
            return Err("a display with a colour palette cannot be photographed".to_owned());
        }
        let format = setup
            .pixmap_formats
            .iter()
            .find(|format| format.depth == screen.root_depth)
            .ok_or("the display does not say how it stores pixels")?;
        if !matches!(format.bits_per_pixel, 16 | 24 | 32) {
            return Err(format!(
                "a display with {} bits a pixel cannot be photographed",
                format.bits_per_pixel
            ));
        }
        Ok(Self {
            bytes: u32::from(format.bits_per_pixel / 8),
            pad: u32::from(format.scanline_pad / 8).max(1),
            big_endian: setup.image_byte_order == ImageOrder::MSB_FIRST,
            masks: [visual.red_mask, visual.green_mask, visual.blue_mask],
        })
    }

    fn row_bytes(&self, width: u16) -> u32 {
        (u32::from(width) * self.bytes).next_multiple_of(self.pad)
    }

    /// Translates `height` rows of `data` and appends them to `rgb`.
    fn append_rgb(&self, data: &[u8], width: u16, height: u16, rgb: &mut Vec<u8>) -> Result<(), String> {
        let row_bytes = self.row_bytes(width) as usize;
        let used = usize::from(width) * self.bytes as usize;
        if data.len() < row_bytes * usize::from(height) {
            return Err("the display sent less than a whole picture".to_owned());
        }
        // What nearly every display sends, without the detour over masks.
        let plain = self.bytes == 4 && !self.big_endian && self.masks == [0xff_0000, 0xff00, 0xff];
        let channels = self.masks.map(Channel::of);
        for row in data
            .chunks_exact(row_bytes)
            .take(usize::from(height))
            .filter_map(|row| row.get(..used))
        {
            if plain {
                for pixel in row.as_chunks::<4>().0 {
                    let [blue, green, red, _] = *pixel;
                    rgb.extend_from_slice(&[red, green, blue]);
                }
            } else {
                for pixel in row.chunks_exact(self.bytes as usize) {
                    let value = self.value(pixel);
                    rgb.extend(channels.iter().map(|channel| channel.take(value)));
                }
            }
        }
        Ok(())
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

fn visual(screen: &Screen) -> Option<&Visualtype> {
    screen
        .allowed_depths
        .iter()
        .flat_map(|depth| &depth.visuals)
        .find(|visual| visual.visual_id == screen.root_visual)
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

impl From<ConnectionError> for CaptureError {
    fn from(error: ConnectionError) -> Self {
        Self::Failed(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgb(format: &PixelFormat, data: &[u8], width: u16, height: u16) -> Result<Vec<u8>, String> {
        let mut rgb = Vec::new();
        format.append_rgb(data, width, height, &mut rgb).map(|()| rgb)
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
    fn a_short_answer_is_an_error_not_a_crash() {
        let usual = format(4, false, [0xff_0000, 0xff00, 0xff]);
        assert!(rgb(&usual, &[0; 7], 2, 1).is_err());
    }

    fn monitor(x: i16, y: i16, width: u16, height: u16) -> Monitor {
        Monitor {
            name: "m".into(),
            x,
            y,
            width,
            height,
        }
    }

    #[test]
    fn a_monitor_beyond_the_root_window_is_clipped_or_left_out() {
        let root = monitor(0, 0, 1000, 800);
        assert_eq!(
            inside(&monitor(900, 0, 200, 100), &root),
            Some(monitor(900, 0, 100, 100))
        );
        assert_eq!(
            inside(&monitor(-50, -50, 100, 100), &root),
            Some(monitor(0, 0, 50, 50))
        );
        assert_eq!(inside(&monitor(1000, 0, 200, 100), &root), None);
        assert_eq!(inside(&monitor(0, 0, 0, 100), &root), None);
    }
}
