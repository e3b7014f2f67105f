//! Which part of the root window each monitor shows.

use x11rb::{
    errors::ReplyError,
    protocol::{
        randr::{ConnectionExt as _, Output},
        xproto::{ConnectionExt as _, Window},
    },
    rust_connection::RustConnection,
};

/// A part of the root window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Monitor {
    pub(super) name: String,
    pub(super) x: i16,
    pub(super) y: i16,
    pub(super) width: u16,
    pub(super) height: u16,
    /// The one with the task bar.
    pub(super) primary: bool,
    /// What shows it; two if one mirrors the other.
    pub(super) outputs: Vec<Output>,
}

impl Monitor {
    fn covers_same(&self, other: &Self) -> bool {
        (self.x, self.y, self.width, self.height) == (other.x, other.y, other.width, other.height)
    }
}

/// The monitors RandR 1.5 lists, or the whole root window where it is older or lists none.
pub(super) fn all(connection: &RustConnection, root: Window) -> Result<Vec<Monitor>, ReplyError> {
    // The size in the greeting is that of the connection's start; it may have changed since.
    let geometry = connection.get_geometry(root)?.reply()?;
    let whole = Monitor {
        name: "screen".into(),
        x: 0,
        y: 0,
        width: geometry.width,
        height: geometry.height,
        primary: true,
        outputs: Vec::new(),
    };
    let Ok(cookie) = connection.randr_get_monitors(root, true) else {
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
            primary: listed.primary,
            outputs: listed.outputs,
        };
        // A projector that mirrors a monitor shows the same part again.
        found.extend(
            inside(&monitor, &whole).filter(|part| !found.iter().any(|other| part.covers_same(other))),
        );
    }
    // Displays with a single monitor often call none of them primary.
    if let [only] = found.as_mut_slice() {
        only.primary = true;
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
        x,
        y,
        width,
        height,
        ..monitor.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn monitor(x: i16, y: i16, width: u16, height: u16) -> Monitor {
        Monitor {
            name: "m".into(),
            x,
            y,
            width,
            height,
            primary: false,
            outputs: Vec::new(),
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
