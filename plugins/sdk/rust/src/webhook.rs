//! Whether a webhook's delivery proves that it knows the secret, by the means that need no key.

use crate::{Delivery, base64};

/// The first header of this name (given in lower case).
pub fn header<'a>(delivery: &'a Delivery, name: &str) -> Option<&'a str> {
    crate::Pairs::value(delivery.headers.as_slice(), name)
}

/// What a delivery's `Authorization` header says about a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authorized {
    /// There is no such header.
    Absent,
    /// It carries the secret: as Basic, where the secret is `user:password`, or as Bearer.
    Yes,
    /// It carries something else.
    No,
}

/// Compares the `Authorization` header with `secret`, in a time that depends on lengths only. Basic
/// (RFC 7617) carries the secret as base64, Bearer (RFC 6750) as it is; the names count in any case.
pub fn authorized(delivery: &Delivery, secret: &str) -> Authorized {
    let Some(given) = header(delivery, "authorization") else {
        return Authorized::Absent;
    };
    let (scheme, credential) = given.trim().split_once(' ').unwrap_or((given, ""));
    let credential = credential.trim().as_bytes();
    let same = if scheme.eq_ignore_ascii_case("basic") {
        same(credential, &base64::encode(secret.as_bytes()))
    } else {
        scheme.eq_ignore_ascii_case("bearer") && same(credential, secret.as_bytes())
    };
    if same && !secret.is_empty() {
        Authorized::Yes
    } else {
        Authorized::No
    }
}

/// Whether two secrets are the same. Looks at every byte whatever the first ones are, so that the time
/// tells nothing but the lengths.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    let differences = a.iter().zip(b).fold(0, |seen, (a, b)| seen | (a ^ b));
    // Keeps the compiler from leaving the loop once a difference is certain.
    a.len() == b.len() && std::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(authorization: Option<&str>) -> Delivery {
        Delivery {
            method: "POST".into(),
            path: "/".into(),
            query: Vec::new(),
            headers: authorization
                .map(|value| ("authorization".to_owned(), value.to_owned()))
                .into_iter()
                .collect(),
            body: Vec::new(),
        }
    }

    #[test]
    fn a_secret_is_recognised_as_basic_and_as_bearer_and_nothing_else() {
        // The example of RFC 7617, section 2.
        let secret = "Aladdin:open sesame";
        let of = |header| authorized(&delivery(header), secret);
        assert_eq!(of(None), Authorized::Absent);
        assert_eq!(of(Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")), Authorized::Yes);
        assert_eq!(of(Some("bearer Aladdin:open sesame")), Authorized::Yes);
        for wrong in [
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZR==",
            "Basic",
            "",
            "Aladdin:open sesame",
            "Bearer Aladdin:open sesam",
            "Digest QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        ] {
            assert_eq!(of(Some(wrong)), Authorized::No, "{wrong}");
        }
    }

    #[test]
    fn an_empty_secret_is_never_recognised() {
        assert_eq!(authorized(&delivery(Some("Bearer ")), ""), Authorized::No);
        assert_eq!(authorized(&delivery(Some("Basic ")), ""), Authorized::No);
    }

    #[test]
    fn sameness_needs_equal_length_too() {
        assert!(same(b"abc", b"abc") && same(b"", b""));
        assert!(!same(b"abc", b"ab") && !same(b"abd", b"abc"));
    }
}
