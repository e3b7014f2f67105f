//! Base addresses, as operators type them: `https://` may be left away.

use crate::bindings::helpbell::psa::types::{Failure, FailureKind};
use crate::bindings::wasi::http::types::Scheme;

/// Scheme, authority and path of an address, without a slash at the end.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    /// Whether `http` was asked for by name; everything else is `https`.
    plain: bool,
    /// Host in lower case, and port if there is one.
    authority: String,
    /// Empty, or a path that begins with a slash and does not end in one.
    path: String,
}

impl Base {
    /// Reads an address. `field` is the setting to blame.
    pub(crate) fn parse(text: &str, field: &str) -> Result<Self, Failure> {
        let (plain, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (false, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (true, rest),
            Some(_) => return Err(unreadable(text, field)),
            None => (false, text),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host_like = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        if authority.is_empty() || !authority.chars().all(host_like) {
            return Err(unreadable(text, field));
        }
        if path.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#')) {
            return Err(unreadable(text, field));
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
        let scheme = if self.plain { "http" } else { "https" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

fn unreadable(text: &str, field: &str) -> Failure {
    Failure::new(
        FailureKind::InvalidInput,
        "address-unreadable",
        format!("“{text}” is not an address"),
    )
    .at(field)
    .cure("Write the host and, if there is one, the path: help.example.com or help.example.com/desk.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_scheme_means_https() {
        assert_eq!(
            Base::parse("Help.Example.com/rt/", "server").unwrap().to_string(),
            "https://help.example.com/rt"
        );
    }

    #[test]
    fn plain_http_must_be_asked_for_by_name_and_keeps_its_port() {
        let base = Base::parse("http://127.0.0.1:8090", "server").unwrap();
        assert_eq!(base.to_string(), "http://127.0.0.1:8090");
        assert_eq!(base.host(), "127.0.0.1");
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
            "a\\b",
        ] {
            let failure = Base::parse(text, "server").unwrap_err();
            assert_eq!(failure.field.as_deref(), Some("server"), "{text}");
        }
    }
}
