//! The API key as an operator pastes it.
//!
//! | hosting | form |
//! |---|---|
//! | Cloud Hosted | `tenant+client_id:client_secret` |
//! | On-Prem | `client_id:client_secret` |
//!
//! Blanks and line breaks anywhere are dropped: none of the parts has any, but copying adds them. The
//! first `+` before the first `:` ends the tenant; everything behind the first `:` is the secret, whatever
//! is in it.

use helpbell_connector::Failure;

use crate::describe::{API_KEY, APPLICATIONS_SCREEN};

/// The parts of a key.
pub(crate) struct Key {
    /// Cloud Hosted only.
    pub(crate) tenant: Option<String>,
    /// Names the application.
    pub(crate) client_id: String,
    /// Proves it.
    pub(crate) client_secret: String,
}

/// Takes a key apart. No failure quotes any of it.
pub(crate) fn parse(pasted: &str, on_prem: bool) -> Result<Key, Failure> {
    let key: String = pasted
        .chars()
        .filter(|c| !c.is_whitespace() && !INVISIBLE.contains(c))
        .collect();
    let form = if on_prem {
        "client_id:client_secret"
    } else {
        "tenant+client_id:client_secret"
    };
    let wrong = |code: &str, what: &str, help: &str| {
        Failure::auth(code, format!("the API key {what}; its form is {form}"))
            .field(API_KEY)
            .help(help)
    };
    let Some((names, client_secret)) = key.split_once(':') else {
        return Err(wrong(
            "halo.key-without-colon",
            "has no : in it",
            "Put a : between the Client ID and the Client Secret of the application.",
        ));
    };
    let (tenant, client_id) = match (names.split_once('+'), on_prem) {
        (Some((tenant, client_id)), false) => (Some(tenant), client_id),
        (None, true) => (None, names),
        (None, false) => {
            return Err(wrong(
                "halo.key-without-tenant",
                "has no tenant and + before the client id",
                "Put the tenant, shown in Halo under Configuration > Integrations > Halo(PSA/ITSM) API, and a + \
                 before the Client ID. If your Halo runs at your own site, choose On-Prem instead.",
            ));
        }
        (Some(_), true) => {
            return Err(wrong(
                "halo.key-with-tenant",
                "has a tenant and + before the client id, which On-Prem keys do not have",
                "Leave the tenant and the + out. If your Halo is hosted by Halo, choose Cloud Hosted instead.",
            ));
        }
    };
    let empty = |part: &str| {
        wrong(
            "halo.key-incomplete",
            &format!("has no {part}"),
            &format!(
                "Look the parts up under {APPLICATIONS_SCREEN}; a lost secret can be generated anew there."
            ),
        )
    };
    if tenant == Some("") {
        return Err(empty("tenant before the +"));
    }
    if client_id.is_empty() {
        return Err(empty("client id before the :"));
    }
    if client_secret.is_empty() {
        return Err(empty("client secret after the :"));
    }
    Ok(Key {
        tenant: tenant.map(str::to_owned),
        client_id: client_id.to_owned(),
        client_secret: client_secret.to_owned(),
    })
}

/// Characters that copying from a web page adds and nobody sees: zero-width space, joiners, byte order mark.
const INVISIBLE: [char; 4] = ['\u{200b}', '\u{200c}', '\u{200d}', '\u{feff}'];

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(pasted: &str, on_prem: bool) -> (Option<String>, String, String) {
        let key = parse(pasted, on_prem).map_err(|failure| failure.message).unwrap();
        (key.tenant, key.client_id, key.client_secret)
    }

    fn code(pasted: &str, on_prem: bool) -> String {
        let failure = parse(pasted, on_prem).err().unwrap();
        assert_eq!(failure.field.as_deref(), Some(API_KEY));
        assert!(failure.help.is_some());
        assert!(!format!("{failure:?}").contains("s3cret"), "{failure:?}");
        failure.code
    }

    #[test]
    fn the_guides_two_forms_are_read() {
        assert_eq!(
            parts("Comp_a+123asd4asabcd:asdf38judj234", false),
            (
                Some("Comp_a".into()),
                "123asd4asabcd".into(),
                "asdf38judj234".into()
            )
        );
        assert_eq!(
            parts("123asd4asabcd:asdf38judj234", true),
            (None, "123asd4asabcd".into(), "asdf38judj234".into())
        );
    }

    #[test]
    fn blanks_and_line_breaks_from_copying_do_not_matter() {
        let expected = (Some("acme".into()), "id".into(), "s3cret".into());
        assert_eq!(parts(" acme + id :\r\n s3c\u{200b}ret\n", false), expected);
    }

    #[test]
    fn a_secret_may_contain_both_separators() {
        assert_eq!(parts("acme+id:s+3:x", false).2, "s+3:x");
        assert_eq!(parts("id:s+3:x", true), (None, "id".into(), "s+3:x".into()));
    }

    #[test]
    fn what_is_wrong_with_a_key_is_said_without_quoting_it() {
        assert_eq!(code("acme+id-s3cret", false), "halo.key-without-colon");
        assert_eq!(code("id:s3cret", false), "halo.key-without-tenant");
        assert_eq!(code("id:s3+cret", false), "halo.key-without-tenant");
        assert_eq!(code("acme+id:s3cret", true), "halo.key-with-tenant");
        assert_eq!(code("+id:s3cret", false), "halo.key-incomplete");
        assert_eq!(code("acme+:s3cret", false), "halo.key-incomplete");
        assert_eq!(code(":s3cret", true), "halo.key-incomplete");
        assert_eq!(code("acme+id:", false), "halo.key-incomplete");
    }
}
