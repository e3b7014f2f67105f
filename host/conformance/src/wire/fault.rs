//! A server that seems to be down, busy, or somebody else.

use bytes::Bytes;
use helpbell_sandbox::wire::{Answer, Carried, Lost, Outcome};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use std::time::Duration;

/// After so long a silent server is given up; nobody waits for it.
const SILENCE: Duration = Duration::from_secs(30);

/// Which requests meet a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meets {
    /// What signs in.
    SigningIn,
    /// All work; signing in succeeds.
    Work,
    /// What changes something.
    Effects,
}

/// What requests meet.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    meets: Meets,
    how: How,
}

#[derive(Debug, Clone)]
enum How {
    Answers(Answer),
    Refuses,
    IsSilent,
    Breaks,
}

impl Fault {
    /// A JSON answer of this status.
    pub(crate) fn answers(meets: Meets, status: StatusCode, body: &'static str) -> Self {
        Self::says(meets, status, "application/json", body)
    }

    /// A web page where an answer should be.
    pub(crate) fn page(meets: Meets) -> Self {
        let page =
            "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>";
        Self::says(meets, StatusCode::OK, "text/html; charset=utf-8", page)
    }

    fn says(meets: Meets, status: StatusCode, media_type: &'static str, body: &'static str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        let answer = Answer {
            status,
            headers,
            body: Bytes::from_static(body.as_bytes()),
        };
        Self {
            meets,
            how: How::Answers(answer),
        }
    }

    /// The same answer with one more header.
    pub(crate) fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        if let How::Answers(answer) = &mut self.how {
            answer.headers.insert(name, HeaderValue::from_static(value));
        }
        self
    }

    /// No connection comes about.
    pub(crate) const fn refuses(meets: Meets) -> Self {
        Self {
            meets,
            how: How::Refuses,
        }
    }

    /// No answer in time.
    pub(crate) const fn silent(meets: Meets) -> Self {
        Self {
            meets,
            how: How::IsSilent,
        }
    }

    /// The connection ends before the answer.
    pub(crate) const fn breaks(meets: Meets) -> Self {
        Self {
            meets,
            how: How::Breaks,
        }
    }

    pub(super) fn meets(&self, request: &Carried<'_>) -> bool {
        match self.meets {
            Meets::SigningIn => request.signing_in,
            Meets::Work => !request.signing_in,
            Meets::Effects => !request.signing_in && request.effect,
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        match &self.how {
            How::Answers(answer) => Ok(answer.clone()),
            How::Refuses => Err(Lost::unreachable("Connection refused")),
            How::IsSilent => Err(Lost::silent(SILENCE)),
            How::Breaks => Err(Lost::broken("connection closed before message completed")),
        }
    }
}
