//! X11, spoken directly: no system library, so the agent runs on any desktop it is copied to.
//!
//! One connection for all monitors. The server hands their pixels over in memory that it shares with this program
//! ([`shared`]); where it cannot, it sends them through the connection.

mod facts;
mod monitors;
#[cfg(target_os = "linux")]
mod shared;

use super::{
    CaptureError, MOST_PIXELS, MOST_SCREENS, Seen,
    frame::{Bytes, Frame, Raw},
    pixels::PixelFormat,
};
use helpbell_model::report::Session;
use monitors::Monitor;
use x11rb::{
    connection::Connection as _,
    errors::{ConnectionError, ReplyError},
    protocol::xproto::{
        ConnectionExt as _, ImageFormat, ImageOrder, Screen, Setup, VisualClass, Visualtype, Window,
    },
    rust_connection::RustConnection,
};
use zeroize::Zeroizing;

/// A 4K monitor at 32 bits a pixel is 33 MB. Asked in one piece, a server has to hold all of
/// it twice; strips of 8 MB cost no measurable time.
const STRIP_BYTES: usize = 8 * 1024 * 1024;

/// A connection to a display, and what all its pictures have in common.
pub(super) struct Display {
    connection: RustConnection,
    root: Window,
    format: PixelFormat,
}

impl Display {
    /// The display of this name, or that in `DISPLAY`.
    pub(super) fn open(name: Option<&str>) -> Result<Self, CaptureError> {
        let (connection, number) =
            x11rb::connect(name).map_err(|error| CaptureError::Failed(error.to_string()))?;
        let setup = connection.setup();
        let screen = setup
            .roots
            .get(number)
            .ok_or_else(|| CaptureError::Failed("the display has no screen".into()))?;
        let root = screen.root;
        let format = format_of(setup, screen).map_err(CaptureError::Failed)?;
        Ok(Self {
            connection,
            root,
            format,
        })
    }

    /// All monitors, and then what goes with them.
    pub(super) fn seen(&self) -> Seen {
        match self.monitors() {
            Err(error) => Seen::nothing(error),
            Ok(monitors) => Seen {
                frames: Ok(self.photographed(&monitors)),
                session: self.described(&monitors),
            },
        }
    }

    /// What this display tells of the session.
    pub(super) fn facts(&self) -> Session {
        self.described(&self.monitors().unwrap_or_default())
    }

    fn monitors(&self) -> Result<Vec<Monitor>, CaptureError> {
        let mut monitors = monitors::all(&self.connection, self.root)?;
        monitors.truncate(MOST_SCREENS);
        Ok(monitors)
    }

    fn photographed(&self, monitors: &[Monitor]) -> Vec<Frame> {
        let mut shared = self.shared(monitors).into_iter();
        let frame = |monitor: &Monitor| Frame {
            name: monitor.name.clone(),
            size: monitor.size(),
            picture: match shared.next().flatten() {
                Some(picture) => Ok(picture),
                None => self.asked(monitor),
            },
        };
        monitors.iter().map(frame).collect()
    }

    /// The pictures that the server writes into shared memory; none where it does not.
    #[cfg(target_os = "linux")]
    fn shared(&self, monitors: &[Monitor]) -> Vec<Option<Raw>> {
        if monitors.iter().any(|monitor| !monitor.is_believable()) {
            return Vec::new();
        }
        shared::pictures(&self.connection, self.root, &self.format, monitors)
    }

    #[cfg(not(target_os = "linux"))]
    fn shared(&self, _: &[Monitor]) -> Vec<Option<Raw>> {
        Vec::new()
    }

    /// A picture that the server sends through the connection.
    fn asked(&self, monitor: &Monitor) -> Result<Raw, String> {
        let (width, height) = monitor.size();
        if !monitor.is_believable() {
            return Err(format!(
                "a monitor of {width} x {height} pixels is not believable"
            ));
        }
        let row = self.format.row_bytes(width);
        let rows = u16::try_from(STRIP_BYTES / row.max(1)).unwrap_or(u16::MAX).max(1);
        // Of its final size at once: what a growing vector leaves behind would not be overwritten.
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.format.picture_bytes(width, height)));
        let mut done = 0;
        while done < monitor.height {
            let height = rows.min(monitor.height - done);
            let y =
                i16::try_from(i32::from(monitor.y) + i32::from(done)).map_err(|error| error.to_string())?;
            let strip = self
                .connection
                .get_image(
                    ImageFormat::Z_PIXMAP,
                    self.root,
                    monitor.x,
                    y,
                    monitor.width,
                    height,
                    ALL_PLANES,
                )
                .map_err(ReplyError::from)
                .and_then(x11rb::cookie::Cookie::reply)
                .map(|reply| Zeroizing::new(reply.data))
                .map_err(|error| format!("the display refused: {error}"))?;
            let wanted = strip.get(..row * usize::from(height));
            bytes.extend_from_slice(wanted.ok_or("the display sent less than a whole picture")?);
            done += height;
        }
        Ok(Raw {
            bytes: Bytes::Own(bytes),
            format: self.format.clone(),
            width,
            height,
        })
    }
}

/// Every bit of every pixel.
const ALL_PLANES: u32 = u32::MAX;

/// How the server writes the pixels of the root window.
fn format_of(setup: &Setup, screen: &Screen) -> Result<PixelFormat, String> {
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
    Ok(PixelFormat {
        bytes: u32::from(format.bits_per_pixel / 8),
        pad: u32::from(format.scanline_pad / 8).max(1),
        big_endian: setup.image_byte_order == ImageOrder::MSB_FIRST,
        masks: [visual.red_mask, visual.green_mask, visual.blue_mask],
    })
}

fn visual(screen: &Screen) -> Option<&Visualtype> {
    screen
        .allowed_depths
        .iter()
        .flat_map(|depth| &depth.visuals)
        .find(|visual| visual.visual_id == screen.root_visual)
}

impl Monitor {
    fn size(&self) -> (u32, u32) {
        (u32::from(self.width), u32::from(self.height))
    }

    fn is_believable(&self) -> bool {
        u64::from(self.width) * u64::from(self.height) <= MOST_PIXELS
    }
}

impl From<ConnectionError> for CaptureError {
    fn from(error: ConnectionError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<ReplyError> for CaptureError {
    fn from(error: ReplyError) -> Self {
        Self::Failed(error.to_string())
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "../../../tests/capture/server.rs"]
mod server;

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::{server::XServer, *};
    use x11rb::{
        protocol::xproto::{CreateGCAux, Rectangle},
        wrapper::ConnectionExt as _,
    };

    /// Fills the screen with small pieces of many colours.
    fn scribble(display: &Display, size: (u32, u32)) {
        const PIECE: u16 = 9;
        let context = display.connection.generate_id().unwrap();
        display
            .connection
            .create_gc(context, display.root, &CreateGCAux::new())
            .unwrap();
        let mut colour = 1_u32;
        for x in (0..size.0).step_by(PIECE.into()) {
            for y in (0..size.1).step_by(PIECE.into()) {
                colour = colour.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
                let piece = Rectangle {
                    x: x.try_into().unwrap(),
                    y: y.try_into().unwrap(),
                    width: PIECE,
                    height: PIECE,
                };
                let values = x11rb::protocol::xproto::ChangeGCAux::new().foreground(colour >> 8);
                display.connection.change_gc(context, &values).unwrap();
                display
                    .connection
                    .poly_fill_rectangle(display.root, context, &[piece])
                    .unwrap();
            }
        }
        display.connection.sync().unwrap();
    }

    #[test]
    fn shared_memory_and_the_connection_give_the_same_bytes() {
        // Larger than all slots together, of an odd width, and in two formats.
        for (size, depth) in [((2001, 1301), 24), ((2001, 1301), 16)] {
            let screen = format!("{}x{}x{depth}", size.0, size.1);
            let Some(server) = XServer::start(&["-screen", "0", &screen]) else {
                return;
            };
            let display = Display::open(Some(&server.display)).unwrap();
            scribble(&display, size);
            let monitors = monitors::all(&display.connection, display.root).unwrap();
            let mut shared = display.shared(&monitors);
            let shared = shared.pop().unwrap().unwrap();
            let asked = display.asked(monitors.first().unwrap()).unwrap();
            assert!(matches!(shared.bytes, Bytes::Pages(_)) && matches!(asked.bytes, Bytes::Own(_)));
            assert!(*shared.bytes == *asked.bytes, "the bytes differ");
            let picture = asked.format.to_rgb(&asked.bytes, size.0, size.1).unwrap();
            assert!(picture.pixels().any(|pixel| pixel != picture.get_pixel(0, 0)));
        }
    }

    #[test]
    fn a_part_that_the_server_refuses_is_no_picture_and_spoils_no_other() {
        let Some(server) = XServer::start(&[]) else { return };
        let display = Display::open(Some(&server.display)).unwrap();
        let good = monitors::all(&display.connection, display.root)
            .unwrap()
            .remove(0);
        let beyond = Monitor {
            x: 1000,
            ..good.clone()
        };
        let pictures = display.shared(&[beyond.clone(), good]);
        assert_eq!(
            pictures.iter().map(Option::is_some).collect::<Vec<_>>(),
            [false, true]
        );
        let why = display.asked(&beyond).err().unwrap();
        assert!(why.starts_with("the display refused: "), "{why}");
    }
}
