//! One site over HTTPS: does it answer, how fast, and whose certificate does it show.

use super::{Way, clock, trust::Watching, tunnel};
use crate::probes::{
    dial::{
        self,
        http::{self, Request},
    },
    line,
};
use helpbell_model::report::Site;
use jiff::Timestamp;
use rustls::{ClientConnection, Stream, pki_types::ServerName};
use std::{net::IpAddr, time::Instant};

const PORT: u16 = 443;

/// Asks `name`, which may carry a port, until `end`. Tells the site, and how wrong this machine's clock is.
pub(super) fn ask(name: &str, way: &Way, end: Instant) -> (Site, Option<i64>) {
    let (host, port) = dial::host_and_port(name, PORT);
    let host = line(host);
    let began = Instant::now();
    let mut site = Site {
        host: host.clone(),
        ..Site::default()
    };
    let mut skew = None;
    if let Err(note) = fill(&mut site, &mut skew, (&host, port), way, end) {
        site.note = line(&note);
    }
    if site.answered {
        site.ms = Some(dial::tenths(began.elapsed()));
    }
    (site, skew)
}

fn fill(
    site: &mut Site,
    skew: &mut Option<i64>,
    (host, port): (&str, u16),
    way: &Way,
    end: Instant,
) -> Result<(), String> {
    let trust = way.trust.as_ref().map_err(Clone::clone)?;
    let server = ServerName::try_from(host.to_owned()).map_err(|_| "is not a host's name".to_owned())?;
    let mut opened = tunnel(way, host, port, end)?;
    let watching = Watching::of(trust);
    let config = watching.config()?;
    let mut connection =
        ClientConnection::new(config, server.clone()).map_err(|error| format!("cannot be asked: {error}"))?;
    let mut secure = Stream::new(&mut connection, &mut opened.stream);
    let request = Request {
        method: "HEAD",
        target: "/",
        host,
    };
    let answer = http::head(&mut secure, request);
    // The certificates were shown before the answer came, if one did.
    let seen = watching.seen();
    if let Some(seen) = &seen {
        site.answered = true;
        site.issuer = seen.issuer();
        let public = way.private_too || opened.peer.is_none_or(is_public);
        site.inspected = seen.inspected(trust, &server).filter(|_| public);
    }
    let answer = answer?;
    site.answered = true;
    site.status = Some(answer.status);
    *skew = clock::skew(answer.date.as_deref(), Timestamp::now());
    seen.map_or(Ok(()), |seen| seen.trusted)
}

/// An address of the internet, not of a house or this machine.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !(ip.is_private() || ip.is_loopback() || ip.is_link_local()),
        IpAddr::V6(ip) => !(ip.is_unique_local() || ip.is_loopback() || ip.is_unicast_link_local()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_house_are_not_the_internet() {
        for ip in [
            "10.1.2.3",
            "192.168.0.1",
            "127.0.0.1",
            "169.254.1.1",
            "fd00::1",
            "::1",
            "fe80::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["13.107.6.156", "2620:1ec::1"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }
}
