//! Pictures by memory that is shared with the display server (MIT-SHM 1.2).
//!
//! ```text
//! the server   writes strip 1   strip 2   strip 3 …     into slots of a small shared memory
//! this program           reads strip 1   strip 2 …      into the picture's own
//! ```
//!
//! Server and program work side by side, and the little that they share stays in the processor's cache. To share a whole
//! picture would save the reading, but took twice as long: the server has to be given every page of it first.
//!
//! The memory is passed as an open file and read as one, never mapped: whatever the server does to it meanwhile, it
//! spoils a picture at most. Unlike a System V segment it has no name that others could use, works into containers, and
//! is gone with the last who holds it, even if both processes crash.

use super::{ALL_PLANES, Monitor};
use crate::capture::{
    frame::{Bytes, Raw},
    pixels::PixelFormat,
};
use memmap2::{Advice, MmapMut};
use rustix::{
    fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create},
    net::{AddressFamily, sockopt::socket_domain},
};
use std::{collections::VecDeque, fs::File, io, os::unix::fs::FileExt as _};
use x11rb::{
    connection::{Connection as _, RequestConnection as _},
    cookie::Cookie,
    errors::{ConnectionError, ReplyError},
    protocol::{
        shm::{self, ConnectionExt as _, GetImageReply, Seg},
        xproto::{ImageFormat, Window},
    },
    rust_connection::RustConnection,
};

/// The version of the extension that takes open files.
const WITH_FILES: (u16, u16) = (1, 2);

/// As `/proc` shows it to whoever wonders.
const NAME: &str = "helpbell-screen";

/// Two slots would do, if both sides always took the same time. With more, or with larger ones, it takes longer: the
/// server has to be given more pages.
const SLOTS: usize = 8;

/// Bytes of a slot: 17 rows of a 4K screen.
const SLOT_BYTES: usize = 1 << 18;

/// The longest row there is, of 65535 pixels with 4 bytes, has to fit too.
const _: () = assert!(SLOT_BYTES >= 4 * 65_535);

/// Part of a monitor's picture.
#[derive(Debug, Clone, Copy)]
struct Strip<'m> {
    monitor: &'m Monitor,
    /// Which of the monitors it is.
    index: usize,
    /// The first row, from the top of the monitor.
    row: u16,
    rows: u16,
    /// Where the strip begins in the picture, and how long it is.
    offset: usize,
    bytes: usize,
}

/// A strip that the server was asked to write.
struct Order<'a> {
    strip: Strip<'a>,
    slot: usize,
    written: Cookie<'a, RustConnection, GetImageReply>,
}

/// One entry per monitor, in their order: the picture, or nothing where it has to be had otherwise.
pub(super) fn pictures(
    connection: &RustConnection,
    root: Window,
    format: &PixelFormat,
    monitors: &[Monitor],
) -> Vec<Option<Raw>> {
    if !is_possible(connection) {
        return Vec::new();
    }
    let Ok(shared) = Shared::with(connection) else {
        return Vec::new();
    };
    let mut pictures: Vec<Option<MmapMut>> = monitors
        .iter()
        .map(|monitor| pages(format, monitor).ok())
        .collect();
    let mut strips = monitors
        .iter()
        .zip(0..)
        .flat_map(|(monitor, index)| strips(format, monitor, index));
    let mut free: Vec<usize> = (0..SLOTS).collect();
    let mut under_way: VecDeque<Order<'_>> = VecDeque::new();
    loop {
        while let Some(slot) = free.pop() {
            let Some(strip) = strips.next() else { break };
            let Ok(order) = shared.order(connection, root, strip, slot) else {
                return Vec::new();
            };
            under_way.push_back(order);
        }
        let Some(Order { strip, slot, written }) = under_way.pop_front() else {
            break;
        };
        let written = written
            .reply()
            .is_ok_and(|reply| reply.size as usize == strip.bytes);
        if let Some(picture) = pictures.get_mut(strip.index) {
            let part = picture
                .as_mut()
                .and_then(|picture| picture.get_mut(strip.offset..strip.offset + strip.bytes));
            if !written || part.is_none_or(|part| shared.read(slot, part).is_err()) {
                *picture = None;
            }
        }
        free.push(slot);
    }
    let raw = |(monitor, pages): (&Monitor, Option<MmapMut>)| {
        let (width, height) = monitor.size();
        Some(Raw {
            bytes: Bytes::Pages(pages?),
            format: format.clone(),
            width,
            height,
        })
    };
    monitors.iter().zip(pictures).map(raw).collect()
}

/// Memory for a picture, in pages as large as the system has: to be given small ones takes longer than the copying.
fn pages(format: &PixelFormat, monitor: &Monitor) -> io::Result<MmapMut> {
    let (width, height) = monitor.size();
    let pages = MmapMut::map_anon(format.picture_bytes(width, height))?;
    // A system without large ones is slower, no more.
    let _ = pages.advise(Advice::HugePage);
    Ok(pages)
}

/// The strips of one monitor, each no larger than a slot.
fn strips<'m>(format: &PixelFormat, monitor: &'m Monitor, index: usize) -> impl Iterator<Item = Strip<'m>> {
    let row_bytes = format.row_bytes(u32::from(monitor.width)).max(1);
    let most = u16::try_from(SLOT_BYTES / row_bytes).unwrap_or(u16::MAX).max(1);
    (0..monitor.height).step_by(usize::from(most)).map(move |row| {
        let rows = most.min(monitor.height - row);
        Strip {
            monitor,
            index,
            row,
            rows,
            offset: row_bytes * usize::from(row),
            bytes: row_bytes * usize::from(rows),
        }
    })
}

/// Whether the server is on this machine, and new enough.
fn is_possible(connection: &RustConnection) -> bool {
    // An open file does not travel over a network.
    socket_domain(connection.stream()).is_ok_and(|family| family == AddressFamily::UNIX)
        && connection
            .extension_information(shm::X11_EXTENSION_NAME)
            .is_ok_and(|found| found.is_some())
        && connection
            .shm_query_version()
            .map_err(ReplyError::from)
            .and_then(Cookie::reply)
            .is_ok_and(|version| (version.major_version, version.minor_version) >= WITH_FILES)
}

/// Memory that the server writes to.
struct Shared {
    file: File,
    segment: Seg,
}

impl Shared {
    fn with(connection: &RustConnection) -> io::Result<Self> {
        let file = File::from(memfd_create(
            NAME,
            MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING,
        )?);
        ftruncate(&file, (SLOTS * SLOT_BYTES) as u64)?;
        // A server that writes beyond the end of a file that shrank would crash.
        fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        let segment = connection.generate_id().map_err(io::Error::other)?;
        connection
            .shm_attach_fd(segment, file.try_clone()?, false)
            .map_err(io::Error::other)?
            .check()
            .map_err(io::Error::other)?;
        Ok(Self { file, segment })
    }

    fn order<'a>(
        &self,
        connection: &'a RustConnection,
        root: Window,
        strip: Strip<'a>,
        slot: usize,
    ) -> Result<Order<'a>, ConnectionError> {
        let Strip {
            monitor, row, rows, ..
        } = strip;
        let written = connection.shm_get_image(
            root,
            monitor.x,
            monitor.y.saturating_add_unsigned(row),
            monitor.width,
            rows,
            ALL_PLANES,
            ImageFormat::Z_PIXMAP.into(),
            self.segment,
            u32::try_from(slot * SLOT_BYTES).unwrap_or(u32::MAX),
        )?;
        connection.flush()?;
        Ok(Order { strip, slot, written })
    }

    fn read(&self, slot: usize, part: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(part, (slot * SLOT_BYTES) as u64)
    }
}
