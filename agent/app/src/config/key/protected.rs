//! The text form of a key that Windows protected: a line that says what it is, and the bytes in base64.

use super::Scope;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// How the first line begins.
const BEGINNING: &str = "Helpbell API key";

/// The first line of a key for an account.
const ACCOUNT: &str = "Helpbell API key, form 1: protected by Windows (DPAPI) for the account that wrote it, on this computer alone";

/// The first line of a key for a computer.
const COMPUTER: &str =
    "Helpbell API key, form 1: protected by Windows (DPAPI) for every account of the computer that wrote it";

/// Begins like a protected key, but cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Damaged {
    /// Another first line.
    #[error("it has a form that this version of Helpbell does not know")]
    UnknownForm,
    /// What follows is not base64.
    #[error("it is damaged")]
    NotBase64,
}

/// Writes what Windows protected.
#[cfg_attr(
    not(any(windows, test)),
    expect(
        dead_code,
        reason = "only Windows protects keys; the form is tested everywhere"
    )
)]
pub(super) fn render(blob: &[u8], scope: Scope) -> String {
    let first = match scope {
        Scope::Account => ACCOUNT,
        Scope::Computer => COMPUTER,
    };
    format!("{first}\n{}\n", STANDARD.encode(blob))
}

/// Reads what Windows protected; none if it is something else, such as a plain key.
pub(super) fn parse(content: &[u8]) -> Option<Result<Vec<u8>, Damaged>> {
    if !content.starts_with(BEGINNING.as_bytes()) {
        return None;
    }
    let text = String::from_utf8_lossy(content);
    let mut lines = text.lines();
    if !matches!(lines.next(), Some(ACCOUNT | COMPUTER)) {
        return Some(Err(Damaged::UnknownForm));
    }
    let rest: String = lines.flat_map(str::split_whitespace).collect();
    let blob = STANDARD.decode(rest).ok().filter(|blob| !blob.is_empty());
    Some(blob.ok_or(Damaged::NotBase64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back_whatever_an_editor_did_to_its_lines(blob in prop::collection::vec(any::<u8>(), 1..600)) {
            for scope in [Scope::Account, Scope::Computer] {
                let text = render(&blob, scope);
                prop_assert_eq!(parse(text.as_bytes()), Some(Ok(blob.clone())));
                prop_assert_eq!(parse(text.replace('\n', "\r\n").as_bytes()), Some(Ok(blob.clone())));
                prop_assert_eq!(parse(text.trim_end().as_bytes()), Some(Ok(blob.clone())));
            }
        }

        #[test]
        fn any_content_is_read_or_refused(content in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&content);
            let _ = parse(&[ACCOUNT.as_bytes(), b"\n", &content].concat());
        }
    }

    #[test]
    fn a_plain_key_is_none_and_a_damaged_one_is_told() {
        assert_eq!(parse(b"acme+id:secret\n"), None);
        assert_eq!(parse(b""), None);
        assert_eq!(
            parse(b"Helpbell API key, form 2: sealed\nAAAA\n"),
            Some(Err(Damaged::UnknownForm))
        );
        assert_eq!(
            parse(format!("{ACCOUNT}\nnot base64!\n").as_bytes()),
            Some(Err(Damaged::NotBase64))
        );
        assert_eq!(parse(ACCOUNT.as_bytes()), Some(Err(Damaged::NotBase64)));
    }
}
