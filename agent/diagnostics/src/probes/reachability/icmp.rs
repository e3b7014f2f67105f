//! Echoes by ICMP without privileges: a datagram socket of the kernel's, which lets through nothing but echoes and
//! brings back nothing but the answers to them. Own code rather than a crate, because an IPv6 gateway is reached by
//! link and address, and the crates for it take an address only.

use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::{
    io::{self, Read as _},
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

/// ICMP type of an echo request, and of what it is answered by.
const ECHO_V4: (u8, u8) = (8, 0);
/// The same in ICMPv6.
const ECHO_V6: (u8, u8) = (128, 129);
/// Type, code, checksum, identifier, sequence number: two bytes each but the first two.
const HEADER: usize = 8;
/// What an answer is recognised by. The identifier is the kernel's own.
const TOKEN: usize = 8;
/// More than an answer with the longest IPv4 header before it.
const ANSWER: usize = 128;

/// Whether the system lets this account send echoes. On Linux that is `net.ipv4.ping_group_range`, which no
/// distribution for desktops leaves closed, and servers often do.
pub(super) fn may_send(to: IpAddr) -> bool {
    socket(to).is_ok()
}

fn socket(to: IpAddr) -> io::Result<Socket> {
    match to {
        IpAddr::V4(_) => Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::ICMPV4)),
        IpAddr::V6(_) => Socket::new(Domain::IPV6, Type::DGRAM, Some(Protocol::ICMPV6)),
    }
}

/// How long one echo takes there and back; `None` if it does not come back within `wait`.
pub(super) fn echo(to: SocketAddr, number: u16, wait: Duration) -> io::Result<Option<Duration>> {
    let mut socket = socket(to.ip())?;
    let (request, answer) = if to.is_ipv4() { ECHO_V4 } else { ECHO_V6 };
    let token = fastrand::u64(..).to_be_bytes();
    socket.connect(&SockAddr::from(to))?;
    let began = Instant::now();
    match socket.send(&packet(request, number, token)) {
        Err(error) if no_answer(&error) => return Ok(None),
        sent => sent?,
    };
    let mut buffer = [0; ANSWER];
    loop {
        let left = wait.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Ok(None);
        }
        socket.set_read_timeout(Some(left))?;
        match socket.read(&mut buffer) {
            Ok(count) => {
                let bytes = buffer.get(..count).unwrap_or_default();
                if is_answer(bytes, answer, token) {
                    return Ok(Some(began.elapsed()));
                }
            }
            Err(error) if no_answer(&error) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
}

/// What a router on the way, or nobody, said: the echo is lost, and that is all.
fn no_answer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionRefused
    )
}

/// An echo request. The kernel writes the identifier, and for IPv6 the checksum.
fn packet(kind: u8, number: u16, token: [u8; TOKEN]) -> Vec<u8> {
    let [high, low] = number.to_be_bytes();
    let mut packet = vec![kind, 0, 0, 0, 0, 0, high, low];
    packet.extend(token);
    let sum = checksum(&packet);
    if let Some(place) = packet.get_mut(2..4) {
        place.copy_from_slice(&sum.to_be_bytes());
    }
    packet
}

/// The internet checksum (RFC 1071): the complement of the sum of all pairs of bytes, carries added.
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = 0;
    for pair in bytes.chunks(2) {
        let high = u32::from(pair.first().copied().unwrap_or_default());
        sum += high << 8 | u32::from(pair.get(1).copied().unwrap_or_default());
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or_default()
}

/// Whether `bytes` is the answer with our token. macOS puts the IPv4 header before it.
fn is_answer(bytes: &[u8], kind: u8, token: [u8; TOKEN]) -> bool {
    let carries = |bytes: &[u8]| {
        bytes.first() == Some(&kind) && bytes.get(HEADER..HEADER + TOKEN) == Some(token.as_slice())
    };
    let header = bytes.first().map_or(0, |first| usize::from(first & 0x0f) * 4);
    carries(bytes) || bytes.get(header..).is_some_and(carries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_checksum_of_a_packet_with_its_checksum_is_zero() {
        let packet = packet(ECHO_V4.0, 3, *b"helpbell");
        assert_ne!(packet[2..4], [0, 0]);
        assert_eq!(checksum(&packet), 0);
    }

    #[test]
    fn only_the_answer_with_the_same_token_counts() {
        let answer = packet(ECHO_V4.1, 3, *b"helpbell");
        assert!(is_answer(&answer, ECHO_V4.1, *b"helpbell"));
        assert!(!is_answer(&answer, ECHO_V4.1, *b"somebody"));
        // Our own request, seen again on loopback.
        assert!(!is_answer(
            &packet(ECHO_V4.0, 3, *b"helpbell"),
            ECHO_V4.1,
            *b"helpbell"
        ));
        let headed = [&[0x45; 20], answer.as_slice()].concat();
        assert!(is_answer(&headed, ECHO_V4.1, *b"helpbell"));
    }

    proptest! {
        #[test]
        fn no_packet_crashes_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            is_answer(&bytes, 0, [0; TOKEN]);
        }
    }
}
