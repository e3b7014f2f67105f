//! How the probes of the network ask others: side by side, and never longer than they may.
//!
//! Plain threads and blocking sockets. A probe asks a dozen hosts once and is done; nothing here is worth a runtime.

pub(super) mod http;
mod together;

pub(super) use together::{Question, all, first};

use crate::run::in_words;
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs as _},
    time::{Duration, Instant},
};

/// Addresses of one host that are tried, of each family. The world's busiest sites have more, all equally good.
const TRIED: usize = 2;

/// A failure in plain words that read after the name of a host.
pub(super) fn words(error: &io::Error) -> String {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused => "refuses connections".to_owned(),
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::UnexpectedEof | Kind::BrokenPipe => {
            "breaks connections off".to_owned()
        }
        // A socket whose time is over says either, depending on the system.
        Kind::TimedOut | Kind::WouldBlock => "does not answer".to_owned(),
        Kind::NetworkUnreachable | Kind::HostUnreachable => "cannot be reached from here".to_owned(),
        _ => super::line(&error.to_string()),
    }
}

/// Milliseconds, to the tenth.
pub(super) fn tenths(took: Duration) -> f64 {
    (took.as_secs_f64() * 10_000.0).round() / 10.0
}

/// The host of `site`, and its port: the `usual` one if it names none.
pub(super) fn host_and_port(site: &str, usual: u16) -> (&str, u16) {
    let named = site
        .rsplit_once(':')
        .and_then(|(host, port)| Some((host, port.parse().ok()?)));
    // An IPv6 address is all colons; it has no port here.
    named
        .filter(|(host, _)| !host.contains(':'))
        .unwrap_or((site, usual))
}

/// The addresses of `host`, found in the system's own way, within `limit`. Some systems take half a minute for a name
/// that no server answers for; whoever waits does not.
pub(super) fn lookup(host: &str, port: u16, limit: Duration) -> Result<Vec<SocketAddr>, String> {
    let name = host.to_owned();
    let found = all(
        limit,
        vec![Box::new(move || {
            (name.as_str(), port)
                .to_socket_addrs()
                .map(Iterator::collect::<Vec<_>>)
        })],
    );
    match found.into_iter().next() {
        Some(Some(Ok(addresses))) if !addresses.is_empty() => Ok(addresses),
        Some(Some(_)) => Err("its name is not found".to_owned()),
        Some(None) | None => Err(format!("its name is not found within {}", in_words(limit))),
    }
}

/// A connection to whichever address answers first, within `limit`. All are tried at once: where IPv6 is configured
/// but leads nowhere, trying one after the other would tell of the first only.
pub(super) fn connect(addresses: &[SocketAddr], limit: Duration) -> Result<TcpStream, String> {
    let of_family = |v4: bool| {
        addresses
            .iter()
            .copied()
            .filter(move |address| address.is_ipv4() == v4)
            .take(TRIED)
    };
    let tries: Vec<Question<io::Result<TcpStream>>> = of_family(true)
        .chain(of_family(false))
        .map(|address| -> Question<_> { Box::new(move || TcpStream::connect_timeout(&address, limit)) })
        .collect();
    match first(limit, tries) {
        Some(Ok(stream)) => Ok(stream),
        Some(Err(error)) => Err(words(&error)),
        None => Err(format!("does not answer within {}", in_words(limit))),
    }
}

/// A connection whose reads and writes together end at one moment, however slowly the other side drips.
#[derive(Debug)]
pub(super) struct Until {
    stream: TcpStream,
    end: Instant,
}

impl Until {
    /// The connection, until `end`.
    pub(super) const fn new(stream: TcpStream, end: Instant) -> Self {
        Self { stream, end }
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(Some(left))
    }
}

impl Read for Until {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        self.stream.read(buffer)
    }
}

impl Write for Until {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        self.stream.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, TcpListener};

    /// Longer than any test run.
    const AMPLE: Duration = Duration::from_secs(600);

    fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    /// An address of this machine where nobody listens.
    fn refused() -> SocketAddr {
        listener().1
    }

    #[test]
    fn a_site_may_name_its_port() {
        assert_eq!(host_and_port("desk.example:8443", 443), ("desk.example", 8443));
        assert_eq!(host_and_port("desk.example", 443), ("desk.example", 443));
        assert_eq!(host_and_port("fd00::1", 443), ("fd00::1", 443));
        assert_eq!(host_and_port("desk.example:port", 443).1, 443);
    }

    #[test]
    fn one_address_that_answers_is_enough() {
        let (_open, open) = listener();
        let stream = connect(&[refused(), open], AMPLE).unwrap();
        assert_eq!(stream.peer_addr().unwrap(), open);
    }

    #[test]
    fn a_refusal_is_told_as_one() {
        assert_eq!(connect(&[refused()], AMPLE).unwrap_err(), "refuses connections");
    }

    #[test]
    fn a_host_without_addresses_does_not_answer() {
        assert!(
            connect(&[], Duration::from_millis(5))
                .unwrap_err()
                .starts_with("does not answer")
        );
    }

    #[test]
    fn a_name_that_cannot_exist_is_not_found() {
        let error = lookup("no such name", 1, AMPLE).unwrap_err();
        assert_eq!(error, "its name is not found");
        assert!(
            lookup("localhost", 7, AMPLE)
                .unwrap()
                .iter()
                .all(|address| { address.ip().is_loopback() && address.port() == 7 })
        );
    }

    #[test]
    fn a_peer_that_drips_does_not_stretch_the_time() {
        let (server, address) = listener();
        let stream = TcpStream::connect(address).unwrap();
        let (mut peer, _) = server.accept().unwrap();
        // A byte is always there: every single read succeeds at once.
        let dripping = std::thread::spawn(move || while peer.write_all(&[0]).is_ok() {});
        let began = Instant::now();
        let mut until = Until::new(stream, began + Duration::from_millis(50));
        let mut byte = [0];
        let error = loop {
            if let Err(error) = until.read(&mut byte) {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() >= Duration::from_millis(50));
        drop(until);
        dripping.join().unwrap();
    }
}
