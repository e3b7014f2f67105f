//! Drives and printers of other machines that are connected now, as the redirectors list them. Nothing is asked over the
//! network for that, but a redirector in trouble may hang.

use super::memory::{Room, text_at};
use windows::Win32::{
    Foundation::{ERROR_NO_MORE_ITEMS, HANDLE, NO_ERROR},
    NetworkManagement::WNet::{
        NETRESOURCEW, RESOURCE_CONNECTED, RESOURCETYPE_ANY, RESOURCETYPE_PRINT, WNET_OPEN_ENUM_USAGE,
        WNetCloseEnum, WNetEnumResourceW, WNetOpenEnumW,
    },
};

/// Bytes of one portion of the list; Windows asks for 16 KB.
const PORTION: u32 = 16 * 1024;
/// Portions that are read. Each holds dozens of drives.
const MOST_PORTIONS: usize = 8;

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connection {
    /// `Z:`; empty for one without a letter.
    pub(crate) local: String,
    /// `\\server\share`.
    pub(crate) remote: String,
    pub(crate) printer: bool,
}

struct Listing(HANDLE);

impl Drop for Listing {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the handle was opened by `connected` and is closed once.
        let _ = unsafe { WNetCloseEnum(self.0) };
    }
}

/// All of this session; empty if Windows does not tell.
pub(crate) fn connected() -> Vec<Connection> {
    let mut handle = HANDLE::default();
    #[expect(unsafe_code, reason = "a C function")]
    // SAFETY: no place in the network is named, and the handle may be written to.
    let opened = unsafe {
        WNetOpenEnumW(
            RESOURCE_CONNECTED,
            RESOURCETYPE_ANY,
            WNET_OPEN_ENUM_USAGE(0),
            None,
            &raw mut handle,
        )
    };
    if opened != NO_ERROR {
        return Vec::new();
    }
    let listing = Listing(handle);
    let mut found = Vec::new();
    for _ in 0..MOST_PORTIONS {
        let mut room = Room::of(PORTION);
        // As many as fit.
        let (mut count, mut size) = (u32::MAX, PORTION);
        #[expect(unsafe_code, reason = "a C function")]
        // SAFETY: the handle is open; the room is as large as it says and may be written to, as may both numbers.
        let read = unsafe {
            WNetEnumResourceW(
                listing.0,
                &raw mut count,
                room.bytes().as_mut_ptr().cast(),
                &raw mut size,
            )
        };
        if read == ERROR_NO_MORE_ITEMS || read != NO_ERROR {
            break;
        }
        #[expect(unsafe_code, reason = "Windows alone knows what it wrote")]
        // SAFETY: so many rows of this type were written to the beginning of the room; their texts lie behind them in
        // the same room, which outlives this block.
        unsafe {
            for row in room.rows::<NETRESOURCEW>(count) {
                found.push(Connection {
                    local: text_at(row.lpLocalName),
                    remote: text_at(row.lpRemoteName),
                    printer: row.dwType == RESOURCETYPE_PRINT,
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_this_session_can_be_read() {
        assert!(
            connected()
                .iter()
                .all(|connection| connection.remote.starts_with('\\'))
        );
    }
}
