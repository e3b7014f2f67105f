//! The key's format, the code base, and what requests carry.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::bindings::exports::helpbell::psa::auth::Authorization;
use crate::bindings::helpbell::psa::types::{Context, Failure, FailureKind};
use crate::describe::{API, HOSTED};
use crate::discovery::setting_origin;
use crate::glue::{Answer, Base, Request, header, refused, secret_value, send};

/// What is escaped in a path segment: all but the unreserved characters of RFC 3986. An escaped dot
/// would look like a hidden path to whoever checks the request.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The three parts of an API key.
struct Key<'a> {
    company: &'a str,
    public: &'a str,
    private: &'a str,
}

/// Where the API of a company is.
struct CodeBase {
    /// The API's address.
    endpoint: String,
    /// For the operator.
    identity: String,
}

/// Finds the code base and builds the two headers.
pub(crate) fn authenticate(
    context: &Context,
    secrets: &[(String, String)],
) -> Result<Authorization, Failure> {
    let key = parse_key(secret_value(secrets, "api-key")?)?;
    let client_id = secret_value(secrets, "client-id")?;
    let site = setting_origin(context, "site")?;
    let code_base = read_code_base(&site, &send(&site, &code_base_request(&key))?)?;
    Ok(authorization(&key, client_id, code_base))
}

/// `company+public:private`. The company comes first because ConnectWise keys work for one company.
fn parse_key(text: &str) -> Result<Key<'_>, Failure> {
    let parts = text.split_once('+').and_then(|(company, pair)| {
        pair.split_once(':')
            .map(|(public, private)| (company, public, private))
    });
    match parts {
        Some((company, public, private)) if ![company.trim_matches('.'), public, private].contains(&"") => {
            Ok(Key {
                company,
                public,
                private,
            })
        }
        _ => Err(Failure::new(
            FailureKind::Auth,
            "key-format",
            "the API key is not company+public:private",
        )
        .at("api-key")
        .cure(
            "Paste the login company, a plus sign, the public key, a colon and the private key, in one line.",
        )),
    }
}

fn code_base_request(key: &Key<'_>) -> Request {
    let company = utf8_percent_encode(key.company, SEGMENT);
    Request {
        method: "GET",
        path: format!("/login/companyinfo/{company}"),
        headers: vec![("Accept".to_owned(), "application/json".to_owned())],
        body: Vec::new(),
    }
}

fn read_code_base(site: &Base, answer: &Answer) -> Result<CodeBase, Failure> {
    if answer.status != 200 {
        return Err(refused(answer, None));
    }
    let info = answer
        .json()
        .ok_or_else(|| unreadable("the company information is not JSON"))?;
    if info.is_null() {
        return Err(Failure::new(
            FailureKind::Auth,
            "company-unknown",
            "ConnectWise does not know this company",
        )
        .at("api-key")
        .cure("Write the company of the ConnectWise login screen before the plus sign of the API key."));
    }
    let text = |name: &str| {
        info.get(name)
            .and_then(|v| v.as_str())
            .map(str::trim)
            .filter(|v| !v.is_empty())
    };
    let code_base =
        text("Codebase").ok_or_else(|| unreadable("the company information names no code base"))?;
    let code_base = code_base.trim_matches('/');
    if code_base.trim_matches('.').is_empty()
        || !code_base
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
    {
        return Err(unreadable("the code base is no path segment"));
    }
    // The hosted service answers sign-in and API on different hosts, and names the latter. What an own
    // server calls itself may be a name for its own network only: the typed one has just answered.
    let named = text("SiteUrl").and_then(|url| Base::parse(url).ok());
    let hosted = named.filter(|named| HOSTED.iter().any(|suffix| named.host().ends_with(suffix)));
    let origin = hosted.map_or_else(|| site.origin(), |named| format!("https://{}", named.host()));
    let company = text("CompanyName").unwrap_or("a company without a name");
    let version = text("VersionNumber").unwrap_or("unknown version");
    Ok(CodeBase {
        endpoint: format!("{origin}/{code_base}/apis/3.0"),
        identity: format!("API member of {company}, ConnectWise {version}"),
    })
}

fn authorization(key: &Key<'_>, client_id: &str, code_base: CodeBase) -> Authorization {
    let Key {
        company,
        public,
        private,
    } = key;
    let basic = format!(
        "Basic {}",
        STANDARD.encode(format!("{company}+{public}:{private}"))
    );
    Authorization {
        placements: vec![
            header(API, "Authorization", basic),
            header(API, "clientId", client_id.to_owned()),
        ],
        endpoint: Some(code_base.endpoint),
        // Keys hold until they are deleted.
        expires_in_s: None,
        identity: Some(code_base.identity),
    }
}

fn unreadable(message: &str) -> Failure {
    Failure::new(FailureKind::Internal, "answer-unreadable", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::exports::helpbell::psa::auth::Place;
    use crate::describe::{SITE, describe};
    use crate::glue::check::{answer, context, covers};

    const HOSTED_INFO: &str = r#"{"CompanyName":"Acme","Codebase":"v2025_1/","VersionCode":"v2025.1",
        "VersionNumber":"v2025.1.1","CompanyID":"acme","IsCloud":true,"SiteUrl":"api-na.myconnectwise.net"}"#;

    fn site(text: &str) -> Base {
        Base::parse(text).unwrap()
    }

    #[test]
    fn a_key_falls_into_company_public_and_private_part() {
        let key = parse_key("acme+pub:priv:with:colons").unwrap();
        assert_eq!(
            (key.company, key.public, key.private),
            ("acme", "pub", "priv:with:colons")
        );
    }

    #[test]
    fn a_key_without_all_its_parts_says_how_it_is_composed() {
        for text in [
            "",
            "acme",
            "acme+pub",
            "acme:priv",
            "+pub:priv",
            "..+pub:priv",
            "acme+:priv",
            "acme+pub:",
        ] {
            let failure = parse_key(text).err().unwrap();
            assert_eq!(
                (failure.kind, failure.code.as_str()),
                (FailureKind::Auth, "connectwise.key-format"),
                "{text}"
            );
            assert!(failure.help.is_some());
        }
    }

    #[test]
    fn a_company_cannot_leave_its_path_segment() {
        let request = code_base_request(&parse_key("../x?y+p:q").unwrap());
        assert_eq!(request.path, "/login/companyinfo/..%2Fx%3Fy");
        assert_eq!(
            code_base_request(&parse_key("acme.it_1+p:q").unwrap()).path,
            "/login/companyinfo/acme.it_1"
        );
    }

    #[test]
    fn a_hosted_company_gets_the_discovered_endpoint_and_both_headers() {
        let code_base =
            read_code_base(&site("https://na.myconnectwise.net"), &answer(200, HOSTED_INFO)).unwrap();
        let authorization = authorization(&parse_key("acme+pub:priv").unwrap(), "guid", code_base);
        assert_eq!(
            authorization.endpoint.as_deref(),
            Some("https://api-na.myconnectwise.net/v2025_1/apis/3.0")
        );
        let headers: Vec<_> = authorization
            .placements
            .iter()
            .map(|p| match &p.place {
                Place::Header(name) => (p.origin.as_str(), name.as_str(), p.value.as_str()),
                Place::Query(name) => panic!("{name} in the query"),
            })
            .collect();
        assert_eq!(
            headers,
            [
                ("api", "Authorization", "Basic YWNtZStwdWI6cHJpdg=="),
                ("api", "clientId", "guid")
            ]
        );
    }

    #[test]
    fn an_own_server_has_its_api_at_the_typed_host_whatever_it_calls_itself() {
        for site_url in [
            "",
            "cw.acme.internal",
            "https://evil.example",
            "myconnectwise.net.evil.example",
            "a b",
        ] {
            let info = format!(r#"{{"Codebase":"v4_6_release/","IsCloud":false,"SiteUrl":"{site_url}"}}"#);
            let typed = site("https://cw.acme.example:8443");
            let code_base = read_code_base(&typed, &answer(200, &info)).unwrap();
            assert_eq!(
                code_base.endpoint, "https://cw.acme.example:8443/v4_6_release/apis/3.0",
                "{site_url}"
            );
        }
    }

    #[test]
    fn discovery_goes_to_a_declared_read_below_the_host_alone() {
        let request = code_base_request(&parse_key("acme+p:q").unwrap());
        let declared = &describe().auth_requests[0];
        assert_eq!(
            (declared.origin.as_str(), declared.method.as_str()),
            (SITE, request.method)
        );
        assert!(covers(&declared.path, &request.path), "{}", request.path);
        // The way another product wants it: `host/v4_6_release`.
        let pasted = context(&[("site", "https://cw.acme.example/v4_6_release")], None);
        let origin = setting_origin(&pasted, "site").unwrap();
        assert_eq!(origin.to_string(), "https://cw.acme.example");
    }

    #[test]
    fn a_null_company_is_an_auth_failure() {
        let failure = read_code_base(&site("https://na.myconnectwise.net"), &answer(200, "null"))
            .err()
            .unwrap();
        assert_eq!(failure.kind, FailureKind::Auth);
        assert_eq!(failure.code, "connectwise.company-unknown");
    }

    #[test]
    fn a_code_base_that_is_no_segment_is_not_used() {
        for code_base in ["a/b", "..\\\\x", "", "a?b", "..", "."] {
            let info = format!(r#"{{"Codebase":"{code_base}"}}"#);
            assert!(
                read_code_base(&site("https://na.myconnectwise.net"), &answer(200, &info)).is_err(),
                "{code_base}"
            );
        }
    }
}
