//! What may stand between the policy and the network: something that hears each exchange, or answers itself.
//!
//! A press travels without it. The conformance kit records exchanges with it, plays them back, and lets a server
//! seem to be down. It stands behind the policy, so that nothing reaches it that was not granted, and before the
//! authorisation is added, so that it sees neither secret nor token except in what is sent to sign in.

use super::client::SendError;
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

/// A request that the policy has allowed, as the connector made it.
#[derive(Debug, Clone, Copy)]
pub struct Carried<'a> {
    /// Whether it is sent to sign in. Its body and headers may hold the secret, and its answer the token.
    pub signing_in: bool,
    /// Whether it changes something at the PSA, by the template that allowed it.
    pub effect: bool,
    /// HTTP method.
    pub method: &'a Method,
    /// The whole address.
    pub url: &'a Url,
    /// The connector's own headers.
    pub headers: &'a HeaderMap,
    /// The whole body.
    pub body: &'a Bytes,
}

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The whole body, decoded.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Lost(#[from] pub(super) SendError);

impl Lost {
    /// Nothing was sent: no connection came about.
    #[must_use]
    pub fn unreachable(reason: impl Into<String>) -> Self {
        Self(SendError::unreachable(reason.into()))
    }

    /// The request went out, and no answer came in time.
    #[must_use]
    pub const fn silent(after: std::time::Duration) -> Self {
        Self(SendError::Timeout(after))
    }

    /// The request went out, and the connection ended before the answer did.
    #[must_use]
    pub fn broken(reason: impl Into<String>) -> Self {
        Self(SendError::Broken(reason.into()))
    }
}

/// What comes of a request.
pub type Outcome = Result<Answer, Lost>;

/// Bytes that an instance draws its randomness from: as many as a generator's seed.
pub const SEED_BYTES: usize = 32;

/// Something that all requests of a session pass.
pub trait Wire: Send + Sync + 'static {
    /// Carries one request. Awaiting `onward` sends it to the server; dropping it sends nothing.
    fn carry<'a>(&'a self, request: Carried<'a>, onward: BoxFuture<'a, Outcome>) -> BoxFuture<'a, Outcome>;

    /// What the next instance draws its randomness from, over and over; None leaves that to the system. A connector whose
    /// exchanges are played back has to choose the same names and separators again.
    fn randomness(&self) -> Option<[u8; SEED_BYTES]> {
        None
    }
}
