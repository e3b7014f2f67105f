//! Which addresses a connector may reach.
//!
//! | address | reachable |
//! |---|---|
//! | global unicast | yes |
//! | private, loopback, carrier NAT, unique local | only inside a range the operator granted (a PSA on the premises) |
//! | link-local (cloud metadata lives there), unspecified, multicast, documentation, reserved, translation and tunnel prefixes | never |
//!
//! IPv6 addresses that carry an IPv4 address (`::ffff:…`) are judged as that IPv4 address.

use super::policy::{Cure, Denied};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

/// Any port will do for a question that sends nothing.
const DISCARD_PORT: u16 = 9;

/// What an address is, for the one decision made about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Reachable from everywhere.
    Global,
    /// Belongs to a private network; the name says which kind.
    Private(&'static str),
    /// No connector has business there; the name says which kind.
    Forbidden(&'static str),
}

/// What this address is. IPv4 addresses in IPv6 clothes are undressed first.
#[must_use]
pub fn classify(address: IpAddr) -> Class {
    match address {
        IpAddr::V4(v4) => classify_v4(v4),
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(|| classify_v6(v6), classify_v4),
    }
}

fn classify_v4(address: Ipv4Addr) -> Class {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (0, ..) => Class::Forbidden("this network (0.0.0.0/8)"),
        (10, ..) => Class::Private("private (10.0.0.0/8)"),
        (100, 64..=127, _) => Class::Private("carrier NAT (100.64.0.0/10)"),
        (127, ..) => Class::Private("loopback (127.0.0.0/8)"),
        (169, 254, _) => Class::Forbidden("link-local and cloud metadata (169.254.0.0/16)"),
        (172, 16..=31, _) => Class::Private("private (172.16.0.0/12)"),
        (192, 0, 0) => Class::Forbidden("protocol assignments (192.0.0.0/24)"),
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => Class::Forbidden("documentation"),
        (192, 88, 99) => Class::Forbidden("6to4 relay (192.88.99.0/24)"),
        (192, 168, _) => Class::Private("private (192.168.0.0/16)"),
        (198, 18..=19, _) => Class::Forbidden("benchmarking (198.18.0.0/15)"),
        (224..=239, ..) => Class::Forbidden("multicast (224.0.0.0/4)"),
        (240.., ..) => Class::Forbidden("reserved (240.0.0.0/4)"),
        _ => Class::Global,
    }
}

fn classify_v6(address: Ipv6Addr) -> Class {
    let [a, b, c, d, e, f, ..] = address.segments();
    if address.is_loopback() {
        return Class::Private("loopback (::1)");
    }
    match a {
        0 if [b, c, d, e, f] == [0; 5] => Class::Forbidden("unspecified or IPv4-compatible (::/96)"),
        0x64 if b == 0xff9b => Class::Forbidden("NAT64 (64:ff9b::)"),
        0x100 if [b, c, d] == [0; 3] => Class::Forbidden("discard (100::/64)"),
        0x2001 if b < 0x200 => Class::Forbidden("protocol assignments, Teredo among them (2001::/23)"),
        0x2001 if b == 0xdb8 => Class::Forbidden("documentation"),
        0x2002 => Class::Forbidden("6to4 (2002::/16)"),
        0x3fff if b < 0x1000 => Class::Forbidden("documentation"),
        0x5f00 => Class::Forbidden("segment routing (5f00::/16)"),
        0xfc00..=0xfdff => Class::Private("unique local (fc00::/7)"),
        0xfe80..=0xfebf => Class::Forbidden("link-local (fe80::/10)"),
        0xfec0..=0xfeff => Class::Forbidden("site-local (fec0::/10)"),
        0xff00.. => Class::Forbidden("multicast (ff00::/8)"),
        0x2000..=0x3fff => Class::Global,
        _ => Class::Forbidden("not global unicast"),
    }
}

/// Why an address may not be dialled, and what would allow it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressDenied {
    /// A private address that no range covers.
    #[error("{address} is {kind}, which no granted range covers")]
    NotGranted {
        /// The address.
        address: IpAddr,
        /// What it is.
        kind: &'static str,
    },
    /// An address that nobody can grant.
    #[error("{address} is {kind}, which cannot be granted")]
    Never {
        /// The address.
        address: IpAddr,
        /// What it is.
        kind: &'static str,
    },
}

impl AddressDenied {
    /// The line in `helpbell.toml` that would allow it, with what it already allows; none if nothing would.
    #[must_use]
    pub fn cure(&self, granted: &[IpNet]) -> Option<Cure> {
        let Self::NotGranted { address, .. } = self else {
            return None;
        };
        let ranges = granted
            .iter()
            .copied()
            .chain([IpNet::from(address.to_canonical())]);
        let ranges: Vec<String> = ranges.map(|range| format!("\"{range}\"")).collect();
        Some(Cure::Line {
            section: "network",
            line: format!("allow-addresses = [{}]", ranges.join(", ")),
        })
    }

    /// As the refusal of a request.
    pub(super) fn explained(&self, granted: &[IpNet]) -> Denied {
        Denied {
            reason: self.to_string(),
            cure: self.cure(granted),
        }
    }
}

/// Whether this address may be dialled, given the ranges the operator granted.
///
/// # Errors
/// Why not.
pub fn check(address: IpAddr, granted: &[IpNet]) -> Result<(), AddressDenied> {
    match classify(address) {
        Class::Global => Ok(()),
        Class::Private(kind) => within(address, kind, granted),
        Class::Forbidden(kind) => Err(AddressDenied::Never { address, kind }),
    }
}

/// The same at the moment of dialling, when it can be told whether a global address is this very computer's:
/// what listens on it may expect its own people only, as on a private address.
///
/// # Errors
/// Why not.
pub(super) fn check_dial(address: IpAddr, granted: &[IpNet]) -> Result<(), AddressDenied> {
    check(address, granted)?;
    if classify(address) == Class::Global && is_this_computer(address) {
        return within(address, "an address of this computer itself", granted);
    }
    Ok(())
}

fn within(address: IpAddr, kind: &'static str, granted: &[IpNet]) -> Result<(), AddressDenied> {
    let plain = address.to_canonical();
    if granted.iter().any(|range| range.contains(&plain)) {
        return Ok(());
    }
    Err(AddressDenied::NotGranted { address, kind })
}

/// Whether packets to this address would come from it: the system chooses the sender's address without
/// sending any.
fn is_this_computer(address: IpAddr) -> bool {
    let any: IpAddr = if address.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        Ipv6Addr::UNSPECIFIED.into()
    };
    let sender = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect((address, DISCARD_PORT))?;
        socket.local_addr()
    });
    sender.is_ok_and(|sender| sender.ip() == address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn global_addresses_need_no_grant() {
        for text in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.0",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
        ] {
            assert_eq!(check(ip(text), &[]), Ok(()), "{text}");
        }
    }

    #[test]
    fn private_addresses_need_a_range_that_covers_them() {
        let range = [
            "192.168.10.0/24".parse().unwrap(),
            "127.0.0.1/32".parse().unwrap(),
        ];
        assert_eq!(check(ip("192.168.10.7"), &range), Ok(()));
        assert_eq!(check(ip("::ffff:192.168.10.7"), &range), Ok(()));
        assert_eq!(check(ip("127.0.0.1"), &range), Ok(()));
        for text in [
            "192.168.11.7",
            "127.0.0.2",
            "10.0.0.1",
            "::1",
            "fd00::1",
            "100.64.0.1",
        ] {
            let denied = check(ip(text), &range).unwrap_err();
            let Some(Cure::Line { line, .. }) = denied.cure(&range) else {
                panic!("{text} has no cure")
            };
            // What was granted before stays granted.
            assert!(
                line.starts_with("allow-addresses = [\"192.168.10.0/24\", \"127.0.0.1/32\", "),
                "{line}"
            );
        }
    }

    #[test]
    fn metadata_and_its_disguises_cannot_be_granted() {
        let everything = ["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()];
        for text in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "fe80::1",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "255.255.255.255",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "::7f00:1",
        ] {
            let denied = check(ip(text), &everything).unwrap_err();
            assert_eq!(denied.cure(&everything), None, "{text}");
        }
    }

    #[test]
    fn this_computer_is_known_by_its_own_address() {
        assert!(is_this_computer(ip("127.0.0.1")));
        // Documentation: nobody has it.
        assert!(!is_this_computer(ip("192.0.2.1")));
    }
}
