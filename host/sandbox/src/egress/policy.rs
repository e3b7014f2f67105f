//! The policy: one pure function that says whether a request may leave.
//!
//! A request may leave when all of this holds:
//!
//! 1. its method is one of the five that connectors may use (no TRACE, no CONNECT);
//! 2. its `scheme://host:port` equals a granted origin exactly, without user information;
//! 3. its scheme is https, or http and the operator allowed http;
//! 4. a host written as an address is one that may be dialled ([`super::address`]);
//! 5. its method and path match a granted template of that origin: below the origin's own path,
//!    segment by segment, `{…}` standing for one segment that is not empty, nothing decoded. A path that
//!    two servers could read in two ways matches nothing: dot segments, empty segments, backslashes,
//!    `;` parameters, and any of these, control characters or percent signs in encoded form.
//!
//! The query is free. Which address a name leads to is checked when it is dialled.
//!
//! `docs/egress.md` shows the rules at work; its tables are the tests of this function.

use super::address;
use crate::limits::GUEST_NAME_CHARS;
use helpbell_model::{
    connector::{RequestEffect, RequestTemplate},
    text::one_line,
};
use percent_encoding::percent_decode_str;
use std::{fmt, sync::Arc};
use url::Url;

/// What the operator allows beyond https to global addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkGrant {
    /// Whether plain http may be used at all.
    pub allow_http: bool,
    /// Private address ranges that may be dialled.
    pub allow_addresses: Vec<ipnet::IpNet>,
}

/// A complete base address: scheme, host, port and a path that prefixes every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    url: Url,
    path: String,
}

/// The text is not a usable base address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// Not an address at all.
    #[error("{text:?} is not an address: {reason}")]
    NotAnAddress {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Neither http nor https.
    #[error("{0:?} must begin with https:// (or http:// for a server on the premises)")]
    Scheme(String),
    /// Holds a user name, a password, a query or a fragment.
    #[error("{0:?} must not hold a user name, a password, a query or a fragment")]
    Surplus(String),
}

impl Base {
    /// Reads a base address as people paste it: blanks around it and slashes behind it do not count,
    /// and without a scheme it is https.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, BaseError> {
        let shown = || helpbell_model::text::one_line(text, 200);
        let trimmed = text.trim();
        let complete = if trimmed.contains("://") {
            trimmed.to_owned()
        } else {
            format!("https://{trimmed}")
        };
        let url = Url::parse(&complete).map_err(|error| BaseError::NotAnAddress {
            text: shown(),
            reason: error.to_string(),
        })?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(BaseError::Scheme(shown()));
        }
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(BaseError::Surplus(shown()));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        Ok(Self { url, path })
    }

    /// `https://halo.example.com:8443`, the port only where it is not the scheme's own.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The address itself.
    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    /// The same server without the path.
    #[must_use]
    pub fn without_path(&self) -> Self {
        Self {
            url: self.url.clone(),
            path: String::new(),
        }
    }

    /// The origin and the path.
    #[must_use]
    pub fn as_text(&self) -> String {
        format!("{}{}", self.origin(), self.path)
    }
}

/// The origins and templates that hold for one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Origins by name.
    pub origins: Vec<(String, Base)>,
    /// What may be sent to them. Shared, as the next: an examination's policy is a work's with one thing changed.
    pub requests: Arc<Vec<RequestTemplate>>,
    /// What the connector would like to send to them; only ever explains a refusal.
    pub declared: Arc<Vec<RequestTemplate>>,
    /// What the operator allows of networks.
    pub network: NetworkGrant,
    /// Whether only requests that change nothing may leave: an examination looks.
    pub reads_only: bool,
}

/// A request that may leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed<'a> {
    /// The address, normalised; its path is as the guest wrote it.
    pub url: Url,
    /// The template that allowed it.
    pub template: &'a RequestTemplate,
}

/// What an operator does to allow what was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cure {
    /// A line of `helpbell.toml`, in place of the one with the same key if there is one.
    Line {
        /// Where it stands: `network`.
        section: &'static str,
        /// The whole line.
        line: String,
    },
    /// A command.
    Command(&'static str),
}

impl fmt::Display for Cure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { section, line } => {
                write!(f, "to allow it, let helpbell.toml say:\n[{section}]\n{line}")
            }
            Self::Command(command) => write!(f, "to allow it, run: {command}"),
        }
    }
}

/// Why a request may not leave, and what would allow it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Denied {
    /// What is wrong, in one sentence.
    pub reason: String,
    /// What the operator would have to do to allow it; none if nothing would.
    pub cure: Option<Cure>,
}

impl Denied {
    fn because(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            cure: None,
        }
    }
}

/// Methods that a connector may use.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Whether this request may leave.
///
/// # Errors
/// Why not, and what would allow it.
pub fn decide<'a>(policy: &'a Policy, method: &str, address: &str) -> Result<Allowed<'a>, Denied> {
    if !METHODS.contains(&method) {
        let shown = one_line(method, GUEST_NAME_CHARS);
        return Err(Denied::because(format!("the method {shown:?} is never allowed")));
    }
    let no_address = |reason: &str| {
        // Without the query: it may hold personal data.
        let shown = one_line(address.split('?').next().unwrap_or_default(), GUEST_NAME_CHARS);
        Denied::because(format!("{shown:?} is not an address: {reason}"))
    };
    let url = Url::parse(address).map_err(|error| no_address(&error.to_string()))?;
    let path = raw_path(address).ok_or_else(|| no_address("there is no :// in it"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Denied::because(
            "an address with a user name or password is never allowed",
        ));
    }
    if path != url.path() || !is_plain(path) {
        let shown = one_line(path, GUEST_NAME_CHARS);
        return Err(Denied::because(format!(
            "the path {shown:?} has dot, empty or encoded segments and could mean another path"
        )));
    }
    let origin = url.origin().ascii_serialization();
    if !policy.origins.iter().any(|(_, base)| base.origin() == origin) {
        let shown = |(_, base): &(String, Base)| one_line(&base.origin(), GUEST_NAME_CHARS);
        let known: Vec<String> = policy.origins.iter().map(shown).collect();
        let known = if known.is_empty() {
            "it has none".to_owned()
        } else {
            format!("which are {}", known.join(", "))
        };
        let origin = one_line(&origin, GUEST_NAME_CHARS);
        return Err(Denied::because(format!(
            "{origin} is none of this connector's origins, {known}"
        )));
    }
    reachable(&policy.network, &url)?;
    let template = granted(policy, &policy.requests, &origin, method, path).ok_or_else(|| {
        let declared = granted(policy, &policy.declared, &origin, method, path).is_some();
        let path = one_line(path, GUEST_NAME_CHARS);
        if declared {
            Denied {
                reason: format!("{method} {path} at {origin} was not granted"),
                cure: Some(Cure::Command("helpbell connector grant")),
            }
        } else {
            Denied::because(format!(
                "{method} {path} at {origin} was not granted, nor does the connector declare it"
            ))
        }
    })?;
    if policy.reads_only && is_effect(template) {
        return Err(Denied::because(format!(
            "{method} {path} changes something, and an examination only looks"
        )));
    }
    Ok(Allowed { url, template })
}

/// Whether the networks' rules let anything go there: the scheme, and the host if it is an address.
///
/// # Errors
/// Why not, and the line that would allow it.
pub(crate) fn reachable(network: &NetworkGrant, url: &Url) -> Result<(), Denied> {
    if url.scheme() == "http" && !network.allow_http {
        let origin = url.origin().ascii_serialization();
        return Err(Denied {
            reason: format!("{origin} is plain http, which anybody on the way can read"),
            cure: Some(Cure::Line {
                section: "network",
                line: "allow-http = true".to_owned(),
            }),
        });
    }
    match literal_address(url) {
        Some(literal) => address::check(literal, &network.allow_addresses)
            .map_err(|denied| denied.explained(&network.allow_addresses)),
        None => Ok(()),
    }
}

/// The host, if it is written as an address, in whichever of its many forms.
pub(crate) fn literal_address(url: &Url) -> Option<std::net::IpAddr> {
    match url.host()? {
        url::Host::Ipv4(v4) => Some(v4.into()),
        url::Host::Ipv6(v6) => Some(v6.into()),
        url::Host::Domain(_) => None,
    }
}

/// The template that covers a request. Where a read and an effect overlap, the cautious reading counts.
fn granted<'a>(
    policy: &Policy,
    templates: &'a [RequestTemplate],
    origin: &str,
    method: &str,
    path: &str,
) -> Option<&'a RequestTemplate> {
    let mut best: Option<&RequestTemplate> = None;
    for (name, base) in policy.origins.iter().filter(|(_, base)| base.origin() == origin) {
        let Some(rest) = path.strip_prefix(base.path.as_str()) else {
            continue;
        };
        let fitting = templates.iter().filter(|request| {
            request.origin == *name && request.method == method && matches(&request.path, rest)
        });
        best = best
            .into_iter()
            .chain(fitting)
            .max_by_key(|template| is_effect(template));
    }
    best
}

/// The path as written, before any normalisation: what stands between the authority and `?` or `#`. None if there
/// is no authority.
fn raw_path(address: &str) -> Option<&str> {
    let (_, after_scheme) = address.split_once("://")?;
    let from_path = after_scheme
        .find(['/', '?', '#'])
        .map_or("", |start| after_scheme.get(start..).unwrap_or(""));
    let path = from_path.split(['?', '#']).next().unwrap_or("");
    Some(if path.is_empty() { "/" } else { path })
}

/// Whether every server will read this path the same way.
fn is_plain(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| {
        // A slash at the very end is some servers' habit; it matches only templates that end so.
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        rest.is_empty() || rest.split('/').all(is_plain_segment)
    })
}

/// Bytes that mean something to some server when they come out of an encoding.
const TELLING: [u8; 5] = [b'/', b'\\', b'.', b'%', b';'];

fn is_plain_segment(segment: &str) -> bool {
    if matches!(segment, "" | "." | "..") || segment.contains(['\\', ';']) {
        return false;
    }
    // What follows each percent sign: two hexadecimal digits, and nothing telling behind them.
    let encoded = segment.split('%').skip(1).all(|after| {
        let byte = after
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let hexadecimal = after.bytes().take(2).all(|digit| digit.is_ascii_hexdigit());
        hexadecimal && byte.is_some_and(|byte| !byte.is_ascii_control() && !TELLING.contains(&byte))
    });
    // Overlong forms of the same are no UTF-8.
    encoded && percent_decode_str(segment).decode_utf8().is_ok()
}

/// Whether a path (below the origin's own) is what the template describes.
fn matches(template: &str, path: &str) -> bool {
    let mut wanted = template.split('/');
    let mut given = path.split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(want), Some(have)) => {
                let is_variable = want.starts_with('{') && want.ends_with('}');
                if !(if is_variable {
                    !have.is_empty()
                } else {
                    want == have
                }) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// Whether a sent request changes anything. GET never does, whatever a template says.
#[must_use]
pub fn is_effect(template: &RequestTemplate) -> bool {
    template.effect == RequestEffect::Effect && template.method != "GET"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        let request = |origin: &str, method: &str, path: &str| RequestTemplate {
            origin: origin.into(),
            method: method.into(),
            path: path.into(),
            effect: RequestEffect::Read,
            refusals: vec![],
            purpose: String::new(),
        };
        Policy {
            origins: vec![
                (
                    "api".into(),
                    Base::parse("https://Halo.Example.com/api/ ").unwrap(),
                ),
                ("plain".into(), Base::parse("http://10.0.0.5:8080").unwrap()),
            ],
            requests: Arc::new(vec![
                request("api", "GET", "/Users"),
                request("api", "GET", "/Tickets/{id}"),
                request("api", "POST", "/Tickets"),
                request("plain", "GET", "/x"),
            ]),
            declared: Arc::default(),
            network: NetworkGrant::default(),
            reads_only: false,
        }
    }

    #[test]
    fn an_examination_may_only_look() {
        let mut looking = policy();
        Arc::make_mut(&mut looking.requests)[2].effect = RequestEffect::Effect;
        let post = "https://halo.example.com/api/Tickets";
        assert!(decide(&looking, "POST", post).is_ok());
        looking.reads_only = true;
        let denied = decide(&looking, "POST", post).unwrap_err();
        assert_eq!(denied.cure, None, "{denied}");
        assert!(decide(&looking, "GET", "https://halo.example.com/api/Users").is_ok());
    }

    #[test]
    fn a_granted_request_leaves_with_its_query() {
        let policy = policy();
        let allowed = decide(&policy, "GET", "https://halo.example.com/api/Users?search=a%2Fb").unwrap();
        assert_eq!(allowed.template.path, "/Users");
        assert_eq!(
            allowed.url.as_str(),
            "https://halo.example.com/api/Users?search=a%2Fb"
        );
        assert!(decide(&policy, "GET", "https://halo.example.com:443/api/Tickets/12").is_ok());
    }

    #[test]
    fn what_was_not_granted_stays() {
        let policy = policy();
        for (method, address) in [
            ("POST", "https://halo.example.com/api/Users"),
            ("GET", "https://halo.example.com/api/Agent"),
            ("GET", "https://halo.example.com/Users"),
            ("GET", "https://halo.example.com/apiUsers"),
            ("GET", "https://halo.example.com/api/Tickets/1/2"),
            ("GET", "https://halo.example.com/api/Tickets/"),
            ("GET", "https://halo.example.com/api/x/../Users"),
            ("GET", "https://halo.example.com/api/Tickets/%2e%2e"),
            ("GET", "https://halo.example.com/api/Tickets/a%2Fb"),
            ("GET", "https://halo.example.com/api//Users"),
            ("GET", "https://halo.example.com/api/Users/"),
            ("GET", "https://halo.example.com\\@evil.example/api/Users"),
            ("GET", "https://user@halo.example.com/api/Users"),
            ("GET", "https://halo.example.com.evil.example/api/Users"),
            ("GET", "https://halo.example.com:8443/api/Users"),
            ("GET", "https://halo.example.com./api/Users"),
            ("GET", "http://halo.example.com/api/Users"),
            ("GET", "http://10.0.0.5:8080/x"),
            ("TRACE", "https://halo.example.com/api/Users"),
            ("CONNECT", "https://halo.example.com/api/Users"),
            ("GET", "file:///etc/passwd"),
        ] {
            assert!(
                decide(&policy, method, address).is_err(),
                "{method} {address} was let through"
            );
        }
    }

    #[test]
    fn a_refusal_names_the_line_that_would_allow_it() {
        let denied = decide(&policy(), "GET", "http://10.0.0.5:8080/x").unwrap_err();
        assert_eq!(
            denied.cure.unwrap().to_string(),
            "to allow it, let helpbell.toml say:\n[network]\nallow-http = true"
        );
        let mut open = policy();
        open.network.allow_http = true;
        let denied = decide(&open, "GET", "http://10.0.0.5:8080/x").unwrap_err();
        assert_eq!(
            denied.cure.unwrap().to_string(),
            "to allow it, let helpbell.toml say:\n[network]\nallow-addresses = [\"10.0.0.5/32\"]"
        );
        open.network.allow_addresses = vec!["10.0.0.5/32".parse().unwrap()];
        assert!(decide(&open, "GET", "http://10.0.0.5:8080/x").is_ok());
        // What only a new grant would allow, and what nothing would.
        open.requests = Arc::default();
        open.declared = policy().requests;
        let denied = |method: &str| decide(&open, method, "http://10.0.0.5:8080/x").unwrap_err().cure;
        assert_eq!(denied("GET"), Some(Cure::Command("helpbell connector grant")));
        assert_eq!(denied("POST"), None);
    }

    #[test]
    fn a_base_address_is_read_as_pasted() {
        let base = Base::parse("  https://acme.halopsa.com:443/api// ").unwrap();
        assert_eq!(base.as_text(), "https://acme.halopsa.com/api");
        assert_eq!(
            Base::parse("acme.halopsa.com/api").unwrap().as_text(),
            "https://acme.halopsa.com/api"
        );
        for wrong in [
            "",
            "two words",
            "ftp://x/",
            "https://u:p@x/",
            "https://x/?a=1",
            "https://",
        ] {
            assert!(Base::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_path_that_means_something_else_matches(path in "(/|\\.|\\.\\.|%2e|%2F|\\\\|[a-z]|Users|Tickets){0,12}") {
            let policy = policy();
            let address = format!("https://halo.example.com/api{path}");
            if let Ok(allowed) = decide(&policy, "GET", &address) {
                let below = allowed.url.path().strip_prefix("/api").unwrap().to_owned();
                proptest::prop_assert!(below == "/Users" || (below.starts_with("/Tickets/") && below.matches('/').count() == 2));
            }
        }
    }
}
