//! How requests travel: who finds the addresses of a name, through which proxy, and whom TLS trusts
//! besides the system's own authorities. Nothing of this comes from the environment.

use super::wire::Wire;
use futures::future::BoxFuture;
use std::{fmt, net::IpAddr, sync::Arc};
use url::Url;

/// Finds the addresses of names. What it finds is checked before it is dialled.
pub trait Resolver: Send + Sync + 'static {
    /// All addresses of this name.
    fn addresses(&self, name: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>>;
}

/// The system's resolver.
#[derive(Debug, Clone, Copy)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn addresses(&self, name: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A proxy that takes everything: https by CONNECT, http as it is.
///
/// It weakens the policy: names are resolved by the proxy, so which address is dialled is the proxy's
/// decision and can no longer be checked here. Origins, methods and paths are checked as ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy(Url);

/// The text names no proxy that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a proxy is written as http://host:port, without user name, password or path")]
pub struct NotAProxy;

impl Proxy {
    /// Reads `http://proxy.example:3128`.
    ///
    /// # Errors
    /// If it is anything else. A user name or password would be a secret in a configuration file.
    pub fn parse(text: &str) -> Result<Self, NotAProxy> {
        let url = Url::parse(text.trim()).map_err(|_| NotAProxy)?;
        let plain = url.scheme() == "http"
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        plain.then_some(Self(url)).ok_or(NotAProxy)
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.origin().ascii_serialization())
    }
}

/// Certificate authorities that are trusted besides the system's.
#[derive(Debug, Clone)]
pub struct Authorities(Vec<reqwest::Certificate>);

/// The text holds no certificates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no list of certificates in PEM form (-----BEGIN CERTIFICATE-----)")]
pub struct NoCertificates;

impl Authorities {
    /// Reads one or more certificates in PEM form.
    ///
    /// # Errors
    /// If there is none.
    pub fn from_pem(text: &[u8]) -> Result<Self, NoCertificates> {
        match reqwest::Certificate::from_pem_bundle(text) {
            Ok(found) if !found.is_empty() => Ok(Self(found)),
            _ => Err(NoCertificates),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// How a session's requests travel.
#[derive(Clone)]
pub struct Transport {
    resolver: Arc<dyn Resolver>,
    proxy: Option<Proxy>,
    authorities: Option<Authorities>,
    wire: Option<Arc<dyn Wire>>,
}

impl Transport {
    /// Straight to the servers, by the system's resolver, trusting the system's authorities.
    #[must_use]
    pub fn direct() -> Self {
        Self {
            resolver: Arc::new(SystemResolver),
            proxy: None,
            authorities: None,
            wire: None,
        }
    }

    /// The same through a proxy.
    #[must_use]
    pub fn through(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// The same with authorities of one's own.
    #[must_use]
    pub fn trusting(mut self, authorities: Authorities) -> Self {
        self.authorities = Some(authorities);
        self
    }

    /// The same with another source of addresses.
    #[must_use]
    pub fn resolving_by(mut self, resolver: impl Resolver) -> Self {
        self.resolver = Arc::new(resolver);
        self
    }

    /// The same past this wire.
    #[must_use]
    pub fn past(mut self, wire: Arc<dyn Wire>) -> Self {
        self.wire = Some(wire);
        self
    }

    /// The proxy, if there is one.
    #[must_use]
    pub const fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    pub(super) fn wire(&self) -> Option<Arc<dyn Wire>> {
        self.wire.clone()
    }

    pub(super) fn resolver(&self) -> Arc<dyn Resolver> {
        Arc::clone(&self.resolver)
    }

    /// Sets up proxy and trust.
    pub(super) fn equip(&self, mut http: reqwest::ClientBuilder) -> reqwest::Result<reqwest::ClientBuilder> {
        // Also switches the environment's proxies off.
        http = http.no_proxy();
        if let Some(Proxy(url)) = &self.proxy {
            http = http.proxy(reqwest::Proxy::all(url.clone())?);
        }
        if let Some(Authorities(certificates)) = &self.authorities {
            http = http.tls_certs_merge(certificates.iter().cloned());
        }
        Ok(http)
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("proxy", &self.proxy)
            .field("authorities", &self.authorities.as_ref().map(Authorities::count))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_a_place_and_nothing_else() {
        assert_eq!(
            Proxy::parse(" http://proxy.example:3128/ ").unwrap().to_string(),
            "http://proxy.example:3128"
        );
        for wrong in [
            "",
            "proxy.example:3128",
            "https://proxy.example",
            "socks5://proxy.example:1080",
            "http://user:secret@proxy.example:3128",
            "http://proxy.example/path",
            "http://proxy.example/?x",
        ] {
            assert_eq!(Proxy::parse(wrong), Err(NotAProxy), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_no_certificate_is_no_authority() {
        for wrong in [
            "",
            "hello",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ] {
            assert_eq!(
                Authorities::from_pem(wrong.as_bytes()).unwrap_err(),
                NoCertificates,
                "{wrong:?}"
            );
        }
    }
}
