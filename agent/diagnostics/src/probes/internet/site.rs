//! One site over HTTPS: does it answer, how fast, and whose certificate does it show.

use super::{Way, clock, trust::Watching, tunnel};
use crate::probes::{
    dial::http::{self, Request},
    line,
};
use helpbell_model::report::Site;
use jiff::Timestamp;
use rustls::{ClientConnection, Stream, pki_types::ServerName};
use std::{net::IpAddr, time::Instant};

const PORT: u16 = 443;

/// Asks `name`, which may carry a port, until `end`. Tells the site, and how wrong this machine's clock is.
pub(super) fn ask(name: &str, way: &Way, end: Instant) -> (Site, Option<i64>) {
    let (host, port) = host_and_port(name);
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
        site.ms = Some((began.elapsed().as_secs_f64() * 10_000.0).round() / 10.0);
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

/// The host, and the port if one is named.
pub(super) fn host_and_port(name: &str) -> (String, u16) {
    let named = name
        .rsplit_once(':')
        .and_then(|(host, port)| Some((host, port.parse().ok()?)));
    // An IPv6 address is all colons; it has no port here.
    let (host, port) = named
        .filter(|(host, _)| !host.contains(':'))
        .unwrap_or((name, PORT));
    (line(host), port)
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
    fn a_site_may_name_its_port() {
        assert_eq!(
            host_and_port("desk.example:8443"),
            ("desk.example".to_owned(), 8443)
        );
        assert_eq!(host_and_port("desk.example"), ("desk.example".to_owned(), 443));
        assert_eq!(host_and_port("fd00::1"), ("fd00::1".to_owned(), 443));
        assert_eq!(host_and_port("desk.example:port").1, 443);
    }

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
