//! A page whose text everybody knows. Whoever wants a sign-in first answers with something else.

use super::{Way, clock, open, proxy};
use crate::probes::{
    dial::http::{self, Answer, Request},
    some_line,
};
use helpbell_model::report::Access;
use jiff::Timestamp;
use std::time::Instant;

/// Windows itself asks this page, so that nobody's firewall keeps it out.
const HOST: &str = "www.msftconnecttest.com";
const PATH: &str = "/connecttest.txt";
const TEXT: &[u8] = b"Microsoft Connect Test";
const PORT: u16 = 80;

/// Where the page is.
pub(super) struct Page {
    host: String,
    port: u16,
}

impl Page {
    pub(super) fn known() -> Self {
        Self {
            host: HOST.to_owned(),
            port: PORT,
        }
    }

    /// The same page from somewhere else.
    #[cfg(test)]
    pub(super) fn at(host: &str, port: u16) -> Self {
        Self {
            host: host.to_owned(),
            port,
        }
    }

    /// What came, who wants a sign-in, and how wrong the clock is.
    pub(super) fn ask(&self, way: &Way, end: Instant) -> (Access, Option<String>, Option<i64>) {
        let Ok(mut opened) = open(way, &self.host, self.port, end) else {
            return (Access::None, None, None);
        };
        let url = format!("http://{}{PATH}", self.host);
        let request = Request {
            method: "GET",
            target: if opened.proxied { &url } else { PATH },
            host: &self.host,
        };
        match http::page(&mut opened.stream, request) {
            Ok((answer, body)) => {
                let (access, portal) = judge(&answer, &body);
                let skew = clock::skew(answer.date.as_deref(), Timestamp::now());
                (access, portal, skew)
            }
            Err(_) => (Access::None, None, None),
        }
    }
}

/// What an answer means. Errors are told by servers and proxies in trouble; a page or a way to one, by portals.
fn judge(answer: &Answer, body: &[u8]) -> (Access, Option<String>) {
    /// Network authentication required (RFC 6585): a portal that says so.
    const PORTAL: u16 = 511;
    match answer.status {
        200 if body == TEXT => (Access::Open, None),
        200..=399 | PORTAL => {
            let host = answer.location.as_deref().and_then(proxy::host_in);
            (Access::Portal, host.and_then(|host| some_line(&host)))
        }
        _ => (Access::None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, location: Option<&str>, body: &[u8]) -> (Access, Option<String>) {
        let answer = Answer {
            status,
            location: location.map(str::to_owned),
            ..Answer::default()
        };
        judge(&answer, body)
    }

    #[test]
    fn only_the_known_text_is_the_open_internet() {
        assert_eq!(judged(200, None, TEXT), (Access::Open, None));
        assert_eq!(
            judged(200, None, b"Microsoft Connect Test\n<a href=login>"),
            (Access::Portal, None)
        );
        assert_eq!(
            judged(200, None, b"<html>Welcome to our hotel"),
            (Access::Portal, None)
        );
        assert_eq!(judged(204, None, b""), (Access::Portal, None));
    }

    #[test]
    fn of_a_portal_the_host_is_told_and_nothing_more() {
        let (access, portal) = judged(
            302,
            Some("https://me:pw@login.hotel.example:8443/in?mac=aa:bb&room=7"),
            b"",
        );
        assert_eq!(
            (access, portal.as_deref()),
            (Access::Portal, Some("login.hotel.example"))
        );
        assert_eq!(judged(302, Some("/login"), b""), (Access::Portal, None));
        assert_eq!(judged(511, None, b""), (Access::Portal, None));
    }

    #[test]
    fn an_error_is_no_portal() {
        for status in [400, 403, 404, 407, 500, 502, 503, 504] {
            assert_eq!(judged(status, None, b"x"), (Access::None, None), "{status}");
        }
    }
}
