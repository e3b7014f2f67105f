//! What headers carry, of HTTP and of mail.

use crate::base64;

/// The value of an `Authorization` header for `user:password` (RFC 7617).
pub fn basic(credential: &str) -> String {
    let encoded = base64::encode(credential.as_bytes());
    format!("Basic {}", String::from_utf8_lossy(&encoded))
}

/// A text for a mail header that takes ASCII only: as it is, or else as an encoded word (RFC 2047), whatever its length.
pub fn header_word(text: &str) -> String {
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !text.contains("=?");
    if plain {
        return text.to_owned();
    }
    let encoded = base64::encode(text.as_bytes());
    format!("=?UTF-8?B?{}?=", String::from_utf8_lossy(&encoded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_encoded_as_in_rfc_7617() {
        // The examples of sections 2 and 2.1.
        assert_eq!(basic("Aladdin:open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(basic("test:123\u{a3}"), "Basic dGVzdDoxMjPCow==");
    }

    #[test]
    fn a_header_word_is_encoded_only_where_it_must_be() {
        assert_eq!(header_word("report 1.html"), "report 1.html");
        assert_eq!(header_word("größe.txt"), "=?UTF-8?B?Z3LDtsOfZS50eHQ=?=");
        assert_eq!(header_word("a\nb"), "=?UTF-8?B?YQpi?=");
        assert!(header_word("=?UTF-8?B?YQ==?=").starts_with("=?UTF-8?B?PT"));
    }
}
