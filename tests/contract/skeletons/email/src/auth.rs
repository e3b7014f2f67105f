//! The token, and the session that names the API.

use serde_json::Value;

use crate::bindings::exports::helpbell::psa::auth::Authorization;
use crate::bindings::helpbell::psa::types::{Context, Failure, FailureKind};
use crate::describe::{API, PROVIDERS, SERVER, SESSION_PATHS};
use crate::discovery::setting_origin;
use crate::glue::{Answer, Base, Request, header, refused, secret_value, send};

/// The capability whose primary account sends.
const SUBMISSION: &str = "urn:ietf:params:jmap:submission";

/// What a session resource says (RFC 8620, section 2).
#[derive(Debug)]
pub(crate) struct Session {
    /// Where calls go: the endpoint that the host pins.
    pub(crate) api: Base,
    /// A slash if the API's address ends in one: some servers know only one of the two.
    pub(crate) api_path: &'static str,
    /// The account that sends.
    pub(crate) account: String,
    /// Whose session it is.
    username: String,
}

/// Fetches the session to prove the token and to find the API.
pub(crate) fn authenticate(
    context: &Context,
    secrets: &[(String, String)],
) -> Result<Authorization, Failure> {
    let token = parse_token(secret_value(secrets, "api-token")?)?;
    let server = setting_origin(context, "server")?;
    let bearer = format!("Bearer {token}");
    // The host adds nothing to auth requests: the secret is here anyway.
    let session = fetch_session(&server, Some(&bearer))?;
    Ok(authorization(&server, bearer, &session))
}

/// Bearer tokens have no blanks (RFC 6750, section 2.1).
fn parse_token(text: &str) -> Result<&str, Failure> {
    if text.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(text);
    }
    Err(Failure::new(
        FailureKind::Auth,
        "key-format",
        "the API token contains characters that no token has",
    )
    .at("api-token")
    .cure("Paste the token alone, in one line."))
}

fn authorization(server: &Base, bearer: String, session: &Session) -> Authorization {
    Authorization {
        placements: vec![
            header(SERVER, "Authorization", bearer.clone()),
            header(API, "Authorization", bearer),
        ],
        endpoint: Some(session.api.to_string()),
        expires_in_s: None,
        identity: Some(format!("{} at {}", session.username, server.host())),
    }
}

/// Reads the session, after one redirect at most, and only to a declared path of the same server.
pub(crate) fn fetch_session(server: &Base, bearer: Option<&str>) -> Result<Session, Failure> {
    let [well_known, ..] = SESSION_PATHS;
    let mut answer = send(server, &session_request(well_known, bearer))?;
    if let Some(path) = redirect_path(server, &answer) {
        answer = send(server, &session_request(path, bearer))?;
    }
    read_session(server, &answer)
}

fn session_request(path: &str, bearer: Option<&str>) -> Request {
    let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
    headers.extend(bearer.map(|value| ("Authorization".to_owned(), value.to_owned())));
    Request {
        method: "GET",
        path: path.to_owned(),
        headers,
        body: Vec::new(),
    }
}

fn redirect_path(server: &Base, answer: &Answer) -> Option<&'static str> {
    if !(300..400).contains(&answer.status) {
        return None;
    }
    let location = answer.header("location")?;
    // What remains is compared with whole paths, so `https://host.evil/` cannot pass for `https://host/`.
    let path = location.strip_prefix(&server.to_string()).unwrap_or(location);
    SESSION_PATHS.into_iter().find(|known| *known == path)
}

fn read_session(server: &Base, answer: &Answer) -> Result<Session, Failure> {
    if answer.status != 200 {
        return Err(refused(answer, None));
    }
    let session = answer.json().unwrap_or(Value::Null);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(ToOwned::to_owned);
    let unreadable = |message: &str| Failure::new(FailureKind::Internal, "answer-unreadable", message);

    let account = session
        .get("primaryAccounts")
        .and_then(|accounts| accounts.get(SUBMISSION));
    let account = text(account).ok_or_else(|| {
        Failure::new(
            FailureKind::Forbidden,
            "no-submission",
            "this token may not send mail",
        )
        .at("api-token")
        .cure("Make a token that may send mail, and paste it.")
    })?;
    let url = text(session.get("apiUrl")).ok_or_else(|| unreadable("the session names no API"))?;
    let (api, api_path) = locate_api(server, &url)?;
    let username = text(session.get("username")).unwrap_or_else(|| "an unnamed user".to_owned());
    Ok(Session {
        api,
        api_path,
        account,
        username,
    })
}

/// The API's address and what its paths end in, if the host would let requests through to it.
fn locate_api(server: &Base, url: &str) -> Result<(Base, &'static str), Failure> {
    let refuse = |why: &str| {
        Failure::new(
            FailureKind::Unsupported,
            "api-elsewhere",
            format!("the session's API “{url}” {why}"),
        )
        .at("server")
        .cure("Use a JMAP server with its API on the same host, or a provider this connector knows.")
    };
    // The session may name a path alone.
    let api = if url.starts_with('/') {
        Base::parse(&format!("{server}{url}"))
    } else {
        Base::parse(url)
    };
    let api = api.map_err(|_| refuse("is no address"))?;
    let origin = api.origin();
    let at_provider = PROVIDERS
        .iter()
        .any(|suffix| origin.starts_with("https://") && origin.ends_with(suffix));
    if !at_provider && origin != server.origin() {
        return Err(refuse("is on another host"));
    }
    let slash = url.ends_with('/') || api.path().is_empty();
    Ok((api, if slash { "/" } else { "" }))
}

/// A session whose API's address ends in a slash.
#[cfg(test)]
pub(crate) fn session_for_tests(api: &str) -> Session {
    Session {
        api: Base::parse(api).unwrap(),
        api_path: "/",
        account: "u1".to_owned(),
        username: "u".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::exports::helpbell::psa::describe::{Request as DeclaredRequest, RequestEffect};
    use crate::describe::describe;
    use crate::glue::check::{answer, assert_declared};

    fn server(text: &str) -> Base {
        Base::parse(text).unwrap()
    }

    fn session_with(api_url: &str) -> String {
        format!(
            r#"{{"username":"help@msp.example","apiUrl":"{api_url}","primaryAccounts":
            {{"urn:ietf:params:jmap:mail":"u1","urn:ietf:params:jmap:submission":"u1"}}}}"#
        )
    }

    fn redirect(location: &str) -> Answer {
        Answer {
            status: 302,
            headers: vec![("Location".to_owned(), location.to_owned())],
            body: Vec::new(),
        }
    }

    fn endpoint_of(server: &Base, api_url: &str) -> String {
        let session = read_session(server, &answer(200, &session_with(api_url))).unwrap();
        let authorization = authorization(server, "Bearer t".to_owned(), &session);
        let origins: Vec<_> = authorization
            .placements
            .iter()
            .map(|p| p.origin.as_str())
            .collect();
        assert_eq!(origins, [SERVER, API]);
        authorization.endpoint.unwrap()
    }

    #[test]
    fn the_api_is_the_endpoint_wherever_on_the_typed_host_it_is() {
        let own = server("https://mail.example.com:8443");
        for (api_url, expected) in [
            (
                "https://mail.example.com:8443/jmap/",
                "https://mail.example.com:8443/jmap",
            ),
            (
                "https://mail.example.com:8443/mail/v2/api",
                "https://mail.example.com:8443/mail/v2/api",
            ),
            ("/jmap/api/", "https://mail.example.com:8443/jmap/api"),
        ] {
            assert_eq!(endpoint_of(&own, api_url), expected);
        }
    }

    #[test]
    fn a_providers_api_on_another_host_becomes_the_endpoint() {
        assert_eq!(
            endpoint_of(
                &server("https://www.fastmail.com"),
                "https://api.fastmail.com:443/jmap/api/"
            ),
            "https://api.fastmail.com/jmap/api"
        );
    }

    #[test]
    fn a_slash_at_the_end_of_the_apis_address_is_kept_for_its_requests() {
        let server = server("https://mail.example.com");
        for (url, path) in [
            ("/jmap/", "/"),
            ("/jmap", ""),
            ("/", "/"),
            ("https://mail.example.com", "/"),
        ] {
            assert_eq!(locate_api(&server, url).unwrap().1, path, "{url}");
        }
    }

    #[test]
    fn an_api_that_the_host_would_refuse_is_refused_with_a_cure() {
        for url in [
            "https://evil.example/jmap/",
            "https://mail.example.com.evil.example/jmap/",
            "https://mail.example.com@evil.example/jmap/",
            "//evil.example@/jmap/?",
            "https://mail.example.com:8443/jmap/",
            "https://evilfastmail.com/jmap/",
            "http://api.fastmail.com/jmap/",
            "https://api.fastmail.com:8443/jmap/",
            "http://mail.example.com/jmap/",
            "",
        ] {
            let failure = locate_api(&server("https://mail.example.com"), url)
                .err()
                .unwrap();
            assert_eq!(failure.code, "email.api-elsewhere", "{url}");
            assert!(failure.help.is_some());
        }
    }

    #[test]
    fn a_token_that_may_not_send_is_refused() {
        let session = r#"{"apiUrl":"/jmap/","primaryAccounts":{"urn:ietf:params:jmap:mail":"u1"}}"#;
        let failure = read_session(&server("https://mail.example.com"), &answer(200, session)).unwrap_err();
        assert_eq!(
            (failure.kind, failure.code.as_str()),
            (FailureKind::Forbidden, "email.no-submission")
        );
    }

    #[test]
    fn sessions_are_declared_reads_before_and_after_authentication() {
        for path in SESSION_PATHS {
            let request = session_request(path, None);
            assert_declared(SERVER, request.method, &request.path, RequestEffect::Read);
            let before = |r: &DeclaredRequest| r.origin == SERVER && r.method == "GET" && r.path == path;
            assert!(describe().auth_requests.iter().any(before), "{path}");
        }
    }

    #[test]
    fn a_redirect_is_followed_only_to_a_declared_path_of_the_same_server() {
        let server = server("https://mail.example.com");
        for good in ["/jmap/session", "https://mail.example.com/jmap/session"] {
            assert_eq!(
                redirect_path(&server, &redirect(good)),
                Some("/jmap/session"),
                "{good}"
            );
        }
        for bad in [
            "https://mail.example.com.evil/jmap/session",
            "//evil/jmap/session",
            "/login",
            "",
        ] {
            assert_eq!(redirect_path(&server, &redirect(bad)), None, "{bad}");
        }
    }

    #[test]
    fn the_token_is_sent_by_the_connector_only_where_the_host_adds_nothing() {
        let authenticating = session_request("/jmap/session", Some("Bearer t"));
        assert!(
            authenticating
                .headers
                .contains(&("Authorization".to_owned(), "Bearer t".to_owned()))
        );
        let working = session_request("/jmap/session", None);
        assert!(working.headers.iter().all(|(name, _)| name != "Authorization"));
    }

    #[test]
    fn a_token_with_a_line_break_inside_is_not_sent() {
        assert_eq!(parse_token("fmu1-a\nb").unwrap_err().kind, FailureKind::Auth);
        assert_eq!(parse_token("fmu1-ab").unwrap(), "fmu1-ab");
    }
}
