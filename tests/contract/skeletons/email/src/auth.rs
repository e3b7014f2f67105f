//! The token, and the session that names the API.

use serde_json::Value;

use crate::bindings::exports::helpbell::psa::auth::Authorization;
use crate::bindings::helpbell::psa::types::{Context, Failure, FailureKind};
use crate::describe::{API, API_PATHS, PROVIDERS, SERVER, SESSION_PATHS};
use crate::glue::{Answer, Base, Request, header, refused, required_setting, secret_value, send};

/// The capability whose primary account sends.
const SUBMISSION: &str = "urn:ietf:params:jmap:submission";

/// What a session resource says (RFC 8620, section 2).
#[derive(Debug)]
pub(crate) struct Session {
    /// Where calls go: the server itself or a provider.
    pub(crate) api: Base,
    /// At which of the declared paths.
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
    let server = Base::parse(required_setting(context, "server")?, "server")?;
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
    // The provider's origin without a path, so that all declared API paths are below it.
    let api = session.api.to_string();
    let elsewhere = api != server.to_string();
    let mut placements = vec![header(SERVER, "Authorization", bearer.clone())];
    if elsewhere {
        placements.push(header(API, "Authorization", bearer));
    }
    Authorization {
        placements,
        endpoint: elsewhere.then_some(api),
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

/// The API's origin and path, if the host would let requests through to it.
fn locate_api(server: &Base, url: &str) -> Result<(Base, &'static str), Failure> {
    let refuse = |why: &str| {
        Failure::new(FailureKind::Unsupported, "api-elsewhere", format!("the session's API “{url}” {why}"))
            .at("server")
            .cure("Use a JMAP server with its API below /jmap on the same host, or a provider this connector knows.")
    };
    // The session may name a path alone. A slash at its end counts: some servers know only one of the two.
    let absolute = if url.starts_with('/') {
        format!("{server}{url}")
    } else {
        url.to_owned()
    };
    let path_start = absolute
        .split_once("://")
        .and_then(|(scheme, rest)| rest.find('/').map(|slash| scheme.len() + "://".len() + slash))
        .ok_or_else(|| refuse("is no address with a path"))?;
    let (origin, path) = absolute.split_at(path_start);
    let api = Base::parse(origin, "server")?;
    let declared = API_PATHS.into_iter().find(|known| *known == path);
    let api_path = declared.ok_or_else(|| refuse("has a path that is not declared"))?;
    let at_provider = PROVIDERS.iter().any(|suffix| api.host().ends_with(suffix));
    if !at_provider && api.to_string() != server.to_string() {
        return Err(refuse("is on another host"));
    }
    Ok((api, api_path))
}

/// A session on the server itself.
#[cfg(test)]
pub(crate) fn session_for_tests(server: &Base) -> Session {
    Session {
        api: server.clone(),
        api_path: "/jmap/",
        account: "u1".to_owned(),
        username: "u".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glue::check::answer;

    fn server(text: &str) -> Base {
        Base::parse(text, "server").unwrap()
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

    #[test]
    fn a_session_on_the_same_host_needs_no_endpoint() {
        let server = server("mail.example.com");
        let session = read_session(
            &server,
            &answer(200, &session_with("https://mail.example.com/jmap/")),
        )
        .unwrap();
        assert_eq!((session.account.as_str(), session.api_path), ("u1", "/jmap/"));
        let authorization = authorization(&server, "Bearer t".to_owned(), &session);
        assert_eq!(authorization.endpoint, None);
        assert_eq!(authorization.placements.len(), 1);
    }

    #[test]
    fn a_providers_api_on_another_host_becomes_the_endpoint_and_carries_the_token() {
        let server = server("www.fastmail.com");
        let answer = answer(200, &session_with("https://api.fastmail.com/jmap/api/"));
        let session = read_session(&server, &answer).unwrap();
        let authorization = authorization(&server, "Bearer t".to_owned(), &session);
        assert_eq!(
            authorization.endpoint.as_deref(),
            Some("https://api.fastmail.com")
        );
        let origins: Vec<_> = authorization
            .placements
            .iter()
            .map(|p| p.origin.as_str())
            .collect();
        assert_eq!(origins, [SERVER, API]);
    }

    #[test]
    fn a_session_may_name_a_path_alone() {
        let (api, path) = locate_api(&server("mail.example.com"), "/jmap/api").unwrap();
        assert_eq!(
            (api.to_string().as_str(), path),
            ("https://mail.example.com", "/jmap/api")
        );
    }

    #[test]
    fn an_api_that_the_host_would_refuse_is_refused_with_a_cure() {
        for url in [
            "https://evil.example/jmap/",
            "https://mail.example.com.evil.example/jmap/",
            "https://evilfastmail.com/jmap/",
            "http://mail.example.com/jmap/",
            "https://mail.example.com/other/",
            "https://mail.example.com",
        ] {
            let failure = locate_api(&server("mail.example.com"), url).err().unwrap();
            assert_eq!(failure.code, "email.api-elsewhere", "{url}");
            assert!(failure.help.is_some());
        }
    }

    #[test]
    fn a_token_that_may_not_send_is_refused() {
        let session = r#"{"apiUrl":"/jmap/","primaryAccounts":{"urn:ietf:params:jmap:mail":"u1"}}"#;
        let failure = read_session(&server("mail.example.com"), &answer(200, session)).unwrap_err();
        assert_eq!(
            (failure.kind, failure.code.as_str()),
            (FailureKind::Forbidden, "email.no-submission")
        );
    }

    #[test]
    fn a_redirect_is_followed_only_to_a_declared_path_of_the_same_server() {
        let server = server("mail.example.com");
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
