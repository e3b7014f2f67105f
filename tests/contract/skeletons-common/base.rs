//! Base addresses: settings, which reach a connector normalised, and what PSAs name themselves, which
//! may lack a scheme, hold two slashes in a row or end in one.

use crate::bindings::helpbell::psa::types::{Failure, FailureKind};
use crate::bindings::wasi::http::types::Scheme;

/// The ports that an address need not name.
const HTTPS_PORT: &str = ":443";
const HTTP_PORT: &str = ":80";

/// Scheme, authority and path of an address, without a slash at the end.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    /// Whether `http` was asked for by name; everything else is `https`.
    plain: bool,
    /// Host in lower case, and port if it is not the scheme's own.
    authority: String,
    /// Empty, or a path that begins with a slash and does not end in one.
    path: String,
}

impl Base {
    /// Reads an address. The host has checked settings, so what fails here is mostly a PSA's answer.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let (plain, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (false, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (true, rest),
            Some(_) => return Err(unreadable(text)),
            None => (false, text),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let usual_port = if plain { HTTP_PORT } else { HTTPS_PORT };
        let authority = authority.strip_suffix(usual_port).unwrap_or(authority);
        let host_like = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        if authority.is_empty() || !authority.chars().all(host_like) {
            return Err(unreadable(text));
        }
        if path.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#')) {
            return Err(unreadable(text));
        }
        // Autotask's zone lookup is known to answer addresses with two slashes in a row.
        let path: String = path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(|part| format!("/{part}"))
            .collect();
        Ok(Self {
            plain,
            authority: authority.to_ascii_lowercase(),
            path,
        })
    }

    /// Scheme, host and port: `https://help.example.com:8443`.
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.plain { "http" } else { "https" };
        format!("{scheme}://{}", self.authority)
    }

    /// The host, without a port.
    pub(crate) fn host(&self) -> &str {
        match self.authority.rsplit_once(':') {
            Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => host,
            _ => &self.authority,
        }
    }

    /// The path, as in `/rt`; empty for none.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    pub(super) fn scheme(&self) -> Scheme {
        if self.plain { Scheme::Http } else { Scheme::Https }
    }
}

impl std::fmt::Display for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}

fn unreadable(text: &str) -> Failure {
    Failure::new(
        FailureKind::Internal,
        "address-unreadable",
        format!("“{text}” is not an address"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        Base::parse(text).unwrap().to_string()
    }

    #[test]
    fn a_normalised_setting_stays_as_it_is() {
        for setting in [
            "https://help.example.com",
            "https://help.example.com/rt",
            "http://127.0.0.1:8090",
            "https://help_desk.local:8443/a/b",
            "https://[fd00::7]:8443",
        ] {
            assert_eq!(read(setting), setting);
        }
    }

    #[test]
    fn what_a_psa_names_becomes_comparable_with_a_setting() {
        for (named, expected) in [
            ("API-na.example.net", "https://api-na.example.net"),
            ("https://a.example.net//rest/", "https://a.example.net/rest"),
            ("https://a.example.net:443/jmap/", "https://a.example.net/jmap"),
            ("http://a.example.net:80", "http://a.example.net"),
            ("http://a.example.net:443", "http://a.example.net:443"),
        ] {
            assert_eq!(read(named), expected);
        }
    }

    #[test]
    fn an_address_falls_into_origin_host_and_path() {
        let base = Base::parse("https://help.example.com:8443/rt").unwrap();
        assert_eq!(
            (base.origin().as_str(), base.host(), base.path()),
            ("https://help.example.com:8443", "help.example.com", "/rt")
        );
    }

    #[test]
    fn what_hides_another_host_is_refused() {
        for text in [
            "",
            "ftp://a",
            "a@b",
            "a b",
            "https://a/?x",
            "https://a/#x",
            "https:///x",
            "https://:443/x",
            "a\\b",
        ] {
            assert_eq!(
                Base::parse(text).unwrap_err().kind,
                FailureKind::Internal,
                "{text}"
            );
        }
    }
}
