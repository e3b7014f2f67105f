//! Echoes by connecting, for systems where only administrators may send real ones. A gateway's refusal is an answer
//! too: it is there. One on the way to the internet may be a firewall's in the name of everybody, and counts for nothing.

use super::super::dial::{self, Question};
use crate::run::in_words;
use std::{
    io,
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// What counts as an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// Acceptance and refusal alike.
    Both,
    /// Acceptance alone.
    Acceptance,
}

/// Doors that a router, or a server that answers questions for names, has or refuses: names, web.
const DOORS: [u16; 3] = [53, 443, 80];
/// How long the doors are tried.
pub(super) const SEARCH: Duration = Duration::from_millis(700);

/// A door of `host` where somebody answers within `limit`. A host that already names one has no other.
pub(super) fn door(host: SocketAddr, counts: Counts, limit: Duration) -> Result<SocketAddr, String> {
    let named = Some(host.port()).filter(|port| *port != 0);
    let doors = named.map_or(DOORS.to_vec(), |port| vec![port]);
    let tries = doors
        .into_iter()
        .map(|port| -> Question<io::Result<SocketAddr>> {
            let mut door = host;
            door.set_port(port);
            Box::new(move || match echo(door, counts, limit)? {
                Some(_) => Ok(door),
                None => Err(io::ErrorKind::TimedOut.into()),
            })
        })
        .collect();
    match dial::first(limit, tries) {
        Some(Ok(door)) => Ok(door),
        Some(Err(error)) => Err(dial::words(&error)),
        None => Err(format!("does not answer within {}", in_words(limit))),
    }
}

/// How long `door` takes to answer; `None` if it did not within `wait`.
pub(super) fn echo(door: SocketAddr, counts: Counts, wait: Duration) -> io::Result<Option<Duration>> {
    let began = Instant::now();
    match TcpStream::connect_timeout(&door, wait) {
        Ok(_) => Ok(Some(began.elapsed())),
        Err(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset if counts == Counts::Both => {
                Ok(Some(began.elapsed()))
            }
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Ok(None),
            _ => Err(error),
        },
    }
}
