//! What programs are told about proxies, without what it takes to sign in to them.

use crate::{probes::line, scrub};
use std::fmt;

/// Where proxies listen that name no port.
const PORT: u16 = 8080;

/// A proxy, without user and password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
    /// Speaks HTTP; others are told, not asked.
    pub(super) http: bool,
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.http { "" } else { "socks://" };
        let (open, close) = if self.host.contains(':') {
            ("[", "]")
        } else {
            ("", "")
        };
        write!(f, "{scheme}{open}{}{close}:{}", line(&self.host), self.port)
    }
}

/// The proxy settings of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) proxy: Option<Proxy>,
    /// The address of a script that chooses one.
    pub(super) script: Option<String>,
    /// Hosts that are asked without: `*.corp.example`, `.corp.example`, `<local>`.
    pub(super) except: Vec<String>,
}

impl Settings {
    /// The proxy through which `host` is asked.
    pub(super) fn proxy_for(&self, host: &str) -> Option<&Proxy> {
        let excepted = self.except.iter().any(|pattern| matches(pattern, host));
        self.proxy.as_ref().filter(|proxy| proxy.http && !excepted)
    }
}

/// Whether `pattern` of a list of exceptions means `host`: a domain means all below it.
fn matches(pattern: &str, host: &str) -> bool {
    if pattern == "<local>" {
        return !host.contains('.');
    }
    if pattern == "*" {
        return true;
    }
    let domain = pattern
        .trim_start_matches('*')
        .trim_start_matches('.')
        .to_lowercase();
    let host = host.to_lowercase();
    !domain.is_empty()
        && host
            .strip_suffix(domain.as_str())
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// A list of exceptions, as environments (`,`) and Windows (`;`, spaces) separate them.
pub(super) fn exceptions(list: &str) -> Vec<String> {
    list.split([',', ';', ' '])
        .filter(|pattern| !pattern.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A proxy as it stands in an environment or a registry: `host`, `host:80`, `http://user:password@host:80/`; on Windows
/// perhaps one per protocol: `http=a:80;https=b:80`, of which that for HTTPS counts.
pub(super) fn parse(text: &str) -> Option<Proxy> {
    let mut of_protocol = text.split([';', ' ']).filter_map(|one| one.split_once('='));
    let text = if text.contains('=') && !text.contains("://") {
        let all: Vec<(&str, &str)> = of_protocol.by_ref().collect();
        ["https", "http", "socks"].into_iter().find_map(|protocol| {
            let (_, proxy) = all.iter().find(|(name, _)| *name == protocol)?;
            Some(if protocol == "socks" {
                format!("socks://{proxy}")
            } else {
                (*proxy).to_owned()
            })
        })?
    } else {
        text.trim().split([';', ' ']).next()?.to_owned()
    };
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", &text));
    let (host, port) = host_and_port(authority(without_sign_in(rest)))?;
    Some(Proxy {
        host,
        port: port.unwrap_or(PORT),
        http: !scheme.starts_with("socks"),
    })
}

/// What follows user and password. A password may hold what else ends a host's name, so the last `@` counts, wherever
/// it stands.
fn without_sign_in(rest: &str) -> &str {
    rest.rsplit_once('@').map_or(rest, |(_, host)| host)
}

/// What stands before the path.
fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// `host:80`, `[fe80::1]:80`, `host`. A host is letters, digits and what names and addresses have besides.
fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => authority
            .split_once(':')
            .map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
    if host.is_empty() || !host.chars().all(fits) {
        return None;
    }
    let port = match port {
        None | Some("") => None,
        Some(port) => Some(port.parse().ok()?),
    };
    Some((host.to_owned(), port))
}

/// The host of a URL; none of a path.
pub(super) fn host_in(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://").or_else(|| url.split_once("//"))?;
    // The other way round than for settings: an address in the query of a portal is none of its own.
    host_and_port(without_sign_in(authority(rest))).map(|(host, _)| host)
}

/// The server that has a script; none if it lies in a file.
pub(super) fn server_of_script(url: &str) -> Option<Proxy> {
    let (scheme, rest) = url.split_once("://")?;
    let usual = match scheme.to_lowercase().as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let (host, port) = host_and_port(authority(without_sign_in(rest)))?;
    Some(Proxy {
        host,
        port: port.unwrap_or(usual),
        http: true,
    })
}

/// A script's address without user, password and query.
pub(super) fn shown_script(url: &str) -> String {
    let shown = match url.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", without_sign_in(rest)),
        None => url.to_owned(),
    };
    let shown = shown.split(['?', '#']).next().unwrap_or_default();
    line(&scrub::homes(shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> Option<String> {
        parse(text).map(|proxy| proxy.to_string())
    }

    #[test]
    fn proxies_are_read_as_people_write_them_and_lose_their_passwords() {
        for (text, shown) in [
            ("proxy.corp.example:3128", "proxy.corp.example:3128"),
            (
                "http://maria:s3cret@proxy.corp.example:3128/",
                "proxy.corp.example:3128",
            ),
            ("http://CORP\\maria:p@ss/w?r#d@proxy:3128", "proxy:3128"),
            ("http://maria:p@ss@proxy:3128", "proxy:3128"),
            ("https://proxy.corp.example", "proxy.corp.example:8080"),
            ("socks5h://127.0.0.1:1080", "socks://127.0.0.1:1080"),
            ("[fd00::1]:3128", "[fd00::1]:3128"),
            ("http=web:80;https=secure:81;ftp=old:21", "secure:81"),
            ("http=web:80", "web:80"),
            ("socks=s:1080", "socks://s:1080"),
        ] {
            assert_eq!(told(text).as_deref(), Some(shown), "{text}");
        }
        for nonsense in [
            "",
            " ",
            "http://",
            "ftp=old:21",
            "host:port",
            "http://<script>",
            "a b@c d",
        ] {
            let told = told(nonsense);
            assert!(
                told.as_deref().is_none_or(|told| told == "a:8080"),
                "{nonsense}: {told:?}"
            );
        }
    }

    #[test]
    fn exceptions_mean_domains_wildcards_and_plain_names() {
        let settings = Settings {
            proxy: parse("proxy:3128"),
            except: exceptions("<local>;*.corp.example, .lan,10.0.0.1"),
            ..Settings::default()
        };
        for (host, proxied) in [
            ("intranet", false),
            ("desk.corp.example", false),
            ("CORP.example", false),
            ("printer.lan", false),
            ("10.0.0.1", false),
            ("notcorp.example", true),
            ("www.example", true),
        ] {
            assert_eq!(settings.proxy_for(host).is_some(), proxied, "{host}");
        }
    }

    #[test]
    fn a_proxy_that_speaks_no_http_is_told_and_not_asked() {
        let settings = Settings {
            proxy: parse("socks5://127.0.0.1:1080"),
            ..Settings::default()
        };
        assert_eq!(settings.proxy_for("www.example"), None);
    }

    #[test]
    fn a_script_is_shown_without_what_signs_in_and_asked_where_it_lies() {
        let url = "http://maria:s3cret@wpad.corp.example:8000/proxy.pac?token=1#x";
        assert_eq!(shown_script(url), "http://wpad.corp.example:8000/proxy.pac");
        assert_eq!(
            server_of_script(url).unwrap().to_string(),
            "wpad.corp.example:8000"
        );
        assert_eq!(server_of_script("https://wpad/x").unwrap().port, 443);
        assert_eq!(server_of_script("file:///home/maria/proxy.pac"), None);
        assert_eq!(
            shown_script("file:///home/maria/proxy.pac"),
            "file:///home/<user>/proxy.pac"
        );
    }

    proptest! {
        #[test]
        fn no_text_leaks_what_stands_before_the_host(
            user in "[a-z]{1,8}", password in "[a-zA-Z0-9@:!/?#]{1,12}", host in "[a-z]{1,8}\\.example",
        ) {
            let password = format!("SECRET{password}");
            let url = format!("http://{user}:{password}@{host}:3128");
            prop_assert_eq!(told(&url), Some(format!("{host}:3128")));
            let shown = shown_script(&format!("{url}/a"));
            prop_assert!(!shown.contains("SECRET"));
        }

        #[test]
        fn any_text_is_one_bounded_line_or_nothing(text in "\\PC{0,400}") {
            let shown = told(&text).unwrap_or_default();
            prop_assert!(shown.chars().count() < 140 && !shown.contains('@'));
            prop_assert!(shown_script(&text).chars().count() <= 120);
            host_in(&text);
            server_of_script(&text);
        }
    }
}
