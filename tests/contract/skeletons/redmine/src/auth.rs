//! A key, or a login and a password, becomes one header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::bindings::exports::helpbell::psa::auth::Authorization;
use crate::bindings::helpbell::psa::types::{Context, Failure, FailureKind};
use crate::describe::SERVER;
use crate::glue::{header, secret_value};

/// The header that carries a key.
const KEY_HEADER: &str = "X-Redmine-API-Key";

/// Builds the header. Nothing is sent: whether the credential is right shows at the first request.
pub(crate) fn authenticate(_: &Context, secrets: &[(String, String)]) -> Result<Authorization, Failure> {
    let key = secret_value(secrets, "api-key")?;
    let malformed = |message: &str| {
        Failure::new(FailureKind::Auth, "key-format", message)
            .at("api-key")
            .cure("Paste the API access key of My account, or login, colon and password, in one line.")
    };
    let (placement, identity) = match key.split_once(':') {
        Some((login, password)) if !login.is_empty() && !password.is_empty() => (
            header(SERVER, "Authorization", format!("Basic {}", STANDARD.encode(key))),
            format!("user {login}"),
        ),
        Some(_) => return Err(malformed("login or password is empty")),
        None if key.chars().all(|c| c.is_ascii_alphanumeric()) => (
            header(SERVER, KEY_HEADER, key.to_owned()),
            "the owner of the API access key".to_owned(),
        ),
        None => return Err(malformed("the key contains characters that no key has")),
    };
    Ok(Authorization {
        placements: vec![placement],
        endpoint: None,
        expires_in_s: None,
        identity: Some(identity),
    })
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
    fn a_key_has_a_header_of_its_own() {
        assert_eq!(
            header_for("0a1b2c\n").unwrap(),
            (KEY_HEADER.to_owned(), "0a1b2c".to_owned())
        );
    }

    #[test]
    fn login_and_password_are_sent_as_basic() {
        let expected = ("Authorization".to_owned(), "Basic YWRtaW46YWRtaW4=".to_owned());
        assert_eq!(header_for("admin:admin").unwrap(), expected);
    }

    #[test]
    fn a_key_that_is_neither_says_how_it_is_composed() {
        for key in ["", ":x", "x:", "two words", "ключ"] {
            assert_eq!(header_for(key).unwrap_err().kind, FailureKind::Auth, "{key}");
        }
    }
}
