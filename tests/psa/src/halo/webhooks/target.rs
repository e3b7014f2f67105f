//! Where deliveries may go: loopback, over plain HTTP.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use url::{Host, Url};

use crate::halo::HaloError;

/// Port of `http` when a URL names none.
const HTTP_PORT: u16 = 80;

/// A place on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    /// Value of the `Host` header.
    pub(crate) host: String,
    /// Path and query.
    pub(crate) path: String,
}

impl Target {
    /// Reads a URL; `localhost` is taken for 127.0.0.1 and never looked up.
    pub(crate) fn read(text: &str) -> Result<Self, HaloError> {
        let refuse = |reason: &str| HaloError::Webhook {
            reason: format!("{text:?} {reason}"),
        };
        let url = Url::parse(text).map_err(|error| refuse(&format!("is no URL: {error}")))?;
        if url.scheme() != "http" {
            return Err(refuse("is not http; local receivers speak plain HTTP"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("carries credentials; set the authentication instead"));
        }
        let ip: IpAddr = match url.host() {
            Some(Host::Ipv4(ip)) => ip.into(),
            Some(Host::Ipv6(ip)) => ip.into(),
            Some(Host::Domain("localhost")) => Ipv4Addr::LOCALHOST.into(),
            _ => return Err(refuse("leads off this machine; deliveries go to loopback only")),
        };
        if !ip.is_loopback() {
            return Err(refuse("leads off this machine; deliveries go to loopback only"));
        }
        let port = url.port().unwrap_or(HTTP_PORT);
        let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
        Ok(Self {
            address: SocketAddr::new(ip, port),
            host: format!("{}:{port}", url.host_str().unwrap_or_default()),
            path: format!("{}{query}", url.path()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_over_http_are_targets() {
        for good in [
            "http://127.0.0.1:9/x?y=1",
            "http://localhost/x",
            "http://[::1]:9/",
            "http://127.9.9.9/",
        ] {
            assert!(Target::read(good).is_ok(), "{good}");
        }
        for bad in [
            "https://127.0.0.1/",
            "http://10.0.0.1/",
            "http://example.com/",
            "http://localhost.example.com/",
            "http://0.0.0.0/",
            "http://[::ffff:10.0.0.1]/",
            "http://user:pw@127.0.0.1/",
            "file:///etc/passwd",
            "nonsense",
        ] {
            assert!(Target::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn path_query_and_port_are_kept() {
        let target = Target::read("http://localhost:81/a/b?c=d").unwrap();
        assert_eq!(
            (target.host.as_str(), target.path.as_str()),
            ("localhost:81", "/a/b?c=d")
        );
        assert_eq!(target.address.to_string(), "127.0.0.1:81");
    }
}
