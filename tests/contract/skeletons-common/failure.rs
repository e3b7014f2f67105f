//! Failures in the contract's words.

use crate::bindings::helpbell::psa::types::{Failure, FailureKind};
use crate::describe::{ID, NAME};

use super::Answer;

/// Characters of the PSA's own words that are quoted: enough for a sentence or two, too few for a page.
const QUOTE_CHARS: usize = 500;
/// Milliseconds in the second that `Retry-After` counts in.
const MS_PER_SECOND: u64 = 1000;

impl Failure {
    /// A failure whose code is `<connector>.<code>`.
    pub(crate) fn new(kind: FailureKind, code: &str, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: format!("{ID}.{code}"),
            message: message.into(),
            help: None,
            field: None,
            retry_after_ms: None,
            extra: Vec::new(),
        }
    }

    /// Says what whoever can cure it does next.
    pub(crate) fn cure(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Names the setting, secret or field at fault.
    pub(crate) fn at(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// What a skeleton answers for the functions it does not have.
    pub(super) fn unsupported(function: &str) -> Self {
        Self::new(
            FailureKind::Unsupported,
            "skeleton",
            format!("the {NAME} skeleton has no {function}"),
        )
        .cure("Use a complete connector: a skeleton only shows that the contract fits this PSA.")
    }
}

/// The failure that an answer outside 2xx stands for. `said` is the PSA's own sentence, if it gave one.
pub(crate) fn refused(answer: &Answer, said: Option<String>) -> Failure {
    let (kind, code) = match answer.status {
        300..=399 => (FailureKind::InvalidInput, "redirected"),
        401 => (FailureKind::Auth, "unauthorized"),
        403 => (FailureKind::Forbidden, "forbidden"),
        404 => (FailureKind::NotFound, "not-found"),
        408 | 504 => (FailureKind::Timeout, "timeout"),
        409 | 412 => (FailureKind::Conflict, "conflict"),
        429 => (FailureKind::RateLimited, "rate-limited"),
        400..=499 => (FailureKind::InvalidInput, "invalid-input"),
        500..=599 => (FailureKind::Unavailable, "unavailable"),
        _ => (FailureKind::Internal, "answer-unreadable"),
    };
    let said = said
        .map(|text| format!(": “{}”", quote(&text)))
        .unwrap_or_default();
    let mut failure = Failure::new(kind, code, format!("{NAME} answered {}{said}", answer.status));
    match kind {
        FailureKind::Auth => {
            failure = failure.cure(format!(
                "Check that the key still exists in {NAME}, then paste it again."
            ));
        }
        FailureKind::InvalidInput if code == "redirected" => {
            let target = quote(answer.header("location").unwrap_or("an address it did not name"));
            failure = failure.cure(format!(
                "{NAME} points to {target}: put the address of the API itself into the settings."
            ));
        }
        FailureKind::RateLimited => failure.retry_after_ms = retry_after_ms(answer),
        _ => {}
    }
    failure
}

/// Only whole seconds: the form that PSAs document. A date is left to the host's own patience.
fn retry_after_ms(answer: &Answer) -> Option<u64> {
    let seconds: u64 = answer.header("retry-after")?.trim().parse().ok()?;
    seconds.checked_mul(MS_PER_SECOND)
}

/// The PSA's words: bounded, and without anything that moves a cursor.
fn quote(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(QUOTE_CHARS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)]) -> Answer {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Answer {
            status,
            headers,
            body: Vec::new(),
        }
    }

    #[test]
    fn too_many_requests_says_how_long_to_wait() {
        let failure = refused(&answer(429, &[("Retry-After", "7")]), None);
        assert_eq!(failure.kind, FailureKind::RateLimited);
        assert_eq!(failure.retry_after_ms, Some(7000));
        assert_eq!(failure.code, format!("{ID}.rate-limited"));
    }

    #[test]
    fn a_date_in_retry_after_is_no_number_of_seconds() {
        let failure = refused(
            &answer(429, &[("retry-after", "Fri, 27 Nov 2026 10:00:00 GMT")]),
            None,
        );
        assert_eq!(failure.retry_after_ms, None);
    }

    #[test]
    fn the_words_of_the_psa_are_bounded_and_cannot_move_the_cursor() {
        let failure = refused(
            &answer(400, &[]),
            Some(format!("no\u{1b}[2J{}", "x".repeat(9000))),
        );
        assert!(failure.message.chars().count() < 600);
        assert!(!failure.message.contains('\u{1b}'));
    }

    #[test]
    fn a_redirect_names_where_it_pointed() {
        let failure = refused(&answer(302, &[("Location", "https://login.example.com/")]), None);
        assert!(failure.help.unwrap().contains("https://login.example.com/"));
    }
}
