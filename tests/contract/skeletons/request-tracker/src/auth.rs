//! A token, or a user and a password, becomes one header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::bindings::exports::helpbell::psa::auth::Authorization;
use crate::bindings::helpbell::psa::types::{Context, Failure, FailureKind};
use crate::describe::SERVER;
use crate::glue::{header, secret_value};

/// The header's value and whom it stands for.
struct Credential {
    value: String,
    identity: String,
}

/// Builds the header. Nothing is sent: whether the credential is right shows at the first request.
pub(crate) fn authenticate(_: &Context, secrets: &[(String, String)]) -> Result<Authorization, Failure> {
    let Credential { value, identity } = parse_key(secret_value(secrets, "api-key")?)?;
    Ok(Authorization {
        placements: vec![header(SERVER, "Authorization", value)],
        endpoint: None,
        expires_in_s: None,
        identity: Some(identity),
    })
}

/// A token has no colon, a user with a password has.
fn parse_key(text: &str) -> Result<Credential, Failure> {
    let malformed = |message: &str| {
        Failure::new(FailureKind::Auth, "key-format", message)
            .at("api-key")
            .cure("Paste an authentication token, or user name, colon and password, in one line.")
    };
    match text.split_once(':') {
        Some((user, password)) if !user.is_empty() && !password.is_empty() => Ok(Credential {
            value: format!("Basic {}", STANDARD.encode(text)),
            identity: format!("user {user}"),
        }),
        Some(_) => Err(malformed("user name or password is empty")),
        None if text.chars().all(|c| c.is_ascii_graphic()) => Ok(Credential {
            value: format!("token {text}"),
            identity: "the owner of the token".to_owned(),
        }),
        None => Err(malformed("the token contains characters that no token has")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::exports::helpbell::psa::auth::Place;
    use crate::glue::check::context;

    fn header_for(key: &str) -> Result<(String, String), Failure> {
        let secrets = [("api-key".to_owned(), key.to_owned())];
        let mut authorization = authenticate(&context(&[], None), &secrets)?;
        let placement = authorization.placements.remove(0);
        match placement.place {
            Place::Header(name) => Ok((name, placement.value)),
            Place::Query(name) => panic!("{name} in the query"),
        }
    }

    #[test]
    fn a_token_is_sent_in_rts_own_scheme() {
        let expected = ("Authorization".to_owned(), "token 1-14-abc".to_owned());
        assert_eq!(header_for(" 1-14-abc\n").unwrap(), expected);
    }

    #[test]
    fn user_and_password_are_sent_as_basic() {
        assert_eq!(header_for("root:pass").unwrap().1, "Basic cm9vdDpwYXNz");
    }

    #[test]
    fn a_key_that_is_neither_says_how_it_is_composed() {
        for key in ["", ":pass", "root:", "two words", "1-14\u{7f}"] {
            assert_eq!(header_for(key).unwrap_err().kind, FailureKind::Auth, "{key}");
        }
    }
}
