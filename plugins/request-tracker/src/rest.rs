//! RT's REST 2: where it is, who asks, and what its answers have in common.

use helpbell_connector::desk::{Desk, Kind};
use helpbell_connector::header::basic;
use helpbell_connector::http::Request;
use helpbell_connector::json::{self, Value};
use helpbell_connector::{Authorization, Call, Failure, FailureKind, Place, Placement, Secrets};

use crate::describe::{SERVER, TOKEN};

/// Below the address of RT.
pub(crate) const REST: &str = "/REST/2.0";

/// Items of a list at once: the most that RT gives.
pub(crate) const PAGE: &str = "100";

static KIND: Kind = Kind {
    name: "Request Tracker",
    code: "request-tracker",
    setting: SERVER,
    cure: "Enter in server the address at which technicians open RT, with its path, such as /rt, and nothing behind it. \
           REST 2 is a part of RT from version 5.",
    words: |body| json::text(body, "message"),
};

/// RT for the length of a call.
pub(crate) fn desk<'a>(call: &'a Call<'a>) -> Result<Desk<'a>, Failure> {
    Desk::new(call, &KIND)
}

/// Reads JSON from a path below REST 2.
pub(crate) fn get(
    desk: &Desk<'_>,
    doing: &str,
    path: &str,
    query: &[(&str, &str)],
) -> Result<Value, Failure> {
    desk.get(doing, &format!("{REST}{path}"), query)
        .map_err(|failure| with_right(failure, doing))
}

/// The items of a list's first page.
pub(crate) fn items(
    desk: &Desk<'_>,
    doing: &str,
    path: &str,
    query: &[(&str, &str)],
) -> Result<Vec<Value>, Failure> {
    let query: Vec<_> = query.iter().copied().chain([("per_page", PAGE)]).collect();
    let answer = get(desk, doing, path, &query)?;
    json::list(&answer, &["items"])
        .cloned()
        .ok_or_else(|| desk.unreadable(format!("no list of items while {doing}")))
}

/// Adds what to look at where RT refused for lack of a right and nothing more precise is known.
pub(crate) fn with_right(failure: Failure, doing: &str) -> Failure {
    match failure.kind {
        FailureKind::Auth => failure.help(LOGIN),
        FailureKind::Forbidden if failure.help.is_none() && failure.code == "request-tracker.forbidden" => {
            failure.help(format!(
                "The user that Helpbell works as lacks a right for {doing}. Look at Admin > Global > User Rights or Group \
                 Rights; the guide lists the rights. The user must be privileged: Admin > Users > Let this user be \
                 granted rights."
            ))
        }
        _ => failure,
    }
}

/// What to do when RT does not know who asks.
const LOGIN: &str = "Make a new token: log in to RT as the user that Helpbell works as, Logged in as > Settings > Auth \
                     Tokens > Create, and enter it with `helpbell key`. Check that the user is enabled (Admin > Users). \
                     Behind Apache, RT sees tokens only with the line SetEnvIf Authorization \"(.*)\" \
                     HTTP_AUTHORIZATION=$1 in its configuration.";

/// Asks RT once whether it takes the token.
pub(crate) fn authenticate(call: &Call<'_>, secrets: &Secrets) -> Result<Authorization, Failure> {
    let secret = secrets.required(TOKEN)?;
    let (value, identity) = authorization(secret)?;
    let desk = desk(call)?;
    let request = Request::get(desk.address(&format!("{REST}/rt"), &[])).header("authorization", &value);
    let told = desk
        .exchange("signing in", request)
        .map_err(|failure| with_right(failure, "signing in").without(secret).without(&value))?;
    if json::text(&told.1, "Version").is_none() {
        return Err(desk.unreadable("it names no version"));
    }
    Ok(Authorization {
        placements: vec![Placement {
            origin: SERVER.to_owned(),
            place: Place::Header("Authorization".to_owned()),
            value,
        }],
        endpoint: None,
        expires_in_s: None,
        identity: Some(identity),
    })
}

/// The header's value, and as whom it works as far as the secret tells. A token is `1-14-` and hexadecimal digits and
/// holds no colon; a user and a password are joined by one.
fn authorization(secret: &str) -> Result<(String, String), Failure> {
    if let Some((user, _)) = secret.split_once(':') {
        return Ok((basic(secret), format!("user {user}")));
    }
    let mut parts = secret.split('-');
    let number = |part: Option<&str>| part.filter(|part| part.parse::<u64>().is_ok()).map(str::to_owned);
    match (number(parts.next()), number(parts.next()), parts.next(), parts.next()) {
        (Some(_), Some(user), Some(token), None) if token.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Ok((format!("token {secret}"), format!("user number {user}")))
        }
        _ => Err(Failure::auth(
            "request-tracker.token-form",
            "the auth token has another form than RT's: two numbers and hexadecimal digits with a - between them",
        )
        .field(TOKEN)
        .help(format!("Copy the whole token as RT showed it, or enter user:password. {LOGIN}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::SETTINGS;
    use helpbell_connector::testing::ScriptedHost;

    fn sign_in(host: &ScriptedHost, secret: &str) -> Result<Authorization, Failure> {
        let secrets = Secrets::new(vec![(TOKEN.to_owned(), secret.to_owned())]);
        authenticate(&host.call(&SETTINGS), &secrets)
    }

    #[test]
    fn a_token_and_a_password_are_told_apart_by_their_form() {
        let cases = [
            (
                "1-14-d417e2c7b5cc0e95",
                "token 1-14-d417e2c7b5cc0e95",
                "user number 14",
            ),
            (" test:123\u{a3}\n", "Basic dGVzdDoxMjPCow==", "user test"),
        ];
        for (secret, header, identity) in cases {
            let host = ScriptedHost::new();
            host.answer("GET", "/rt/REST/2.0/rt", 200, r#"{"Version":"5.0.3"}"#);
            let authorization = sign_in(&host, secret).unwrap();
            let [placement] = authorization.placements.as_slice() else {
                panic!("{authorization:?}")
            };
            assert_eq!(
                (placement.value.as_str(), placement.origin.as_str()),
                (header, SERVER)
            );
            assert_eq!(authorization.identity.as_deref(), Some(identity));
            assert!(
                host.requests()[0]
                    .headers
                    .contains(&("authorization".to_owned(), header.to_owned()))
            );
        }
    }

    #[test]
    fn half_a_token_is_refused_before_anything_is_sent() {
        for half in ["1-14", "d417e2c7b5cc0e95", "1-14-xyz", "1-14-ab-cd"] {
            let host = ScriptedHost::new();
            let failure = sign_in(&host, half).unwrap_err();
            assert_eq!(failure.code, "request-tracker.token-form");
            assert!(host.requests().is_empty() && !format!("{failure:?}").contains(&format!("\"{half}\"")));
        }
    }

    #[test]
    fn a_refused_token_is_told_with_its_cure_and_without_the_token() {
        let host = ScriptedHost::new();
        host.answer(
            "GET",
            "/rt/REST/2.0/rt",
            401,
            r#"{"message":"Unauthorized 1-14-abcdef"}"#,
        );
        let failure = sign_in(&host, "1-14-abcdef").unwrap_err();
        assert_eq!(failure.kind, FailureKind::Auth);
        assert!(!format!("{failure:?}").contains("abcdef"), "{failure:?}");
        assert!(failure.help.unwrap().contains("Auth Tokens"));
    }

    #[test]
    fn a_page_at_a_wrong_address_names_the_setting() {
        let host = ScriptedHost::new();
        host.answer(
            "GET",
            "/rt/REST/2.0/rt",
            200,
            "<!DOCTYPE html><title>Page not found</title>",
        );
        let failure = sign_in(&host, "1-14-abcdef").unwrap_err();
        assert_eq!(failure.field.as_deref(), Some(SERVER));
    }
}
