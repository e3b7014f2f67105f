//! Why something with a PSA did not work.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What the host does about a failure. Mirrors the contract's closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The credential is wrong, expired or revoked.
    Auth,
    /// The credential is right but may not do this.
    Forbidden,
    /// The PSA refused what was sent.
    InvalidInput,
    /// The thing named does not exist.
    NotFound,
    /// The thing changed meanwhile or exists already.
    Conflict,
    /// Too many requests.
    RateLimited,
    /// The PSA cannot be reached or says it cannot work now.
    Unavailable,
    /// No answer in time.
    Timeout,
    /// This PSA has no such function.
    Unsupported,
    /// The connector is at fault, or the PSA answered what nobody can read.
    Internal,
}

impl FailureKind {
    /// The kind in the words of the contract: `rate-limited`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Forbidden => "forbidden",
            Self::InvalidInput => "invalid-input",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate-limited",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Unsupported => "unsupported",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failure that a person can act upon. Its texts come from a connector or a PSA: they are
/// already bounded and free of control characters, and must still be escaped where shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What the host does about it.
    pub kind: FailureKind,
    /// Stable and specific: `halo.outcome-missing`.
    pub code: String,
    /// What happened, in one sentence.
    pub message: String,
    /// What whoever can cure it does next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The field or setting at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// How long to wait before the next try, in milliseconds, when the PSA said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Failure {
    /// A failure without cure, field or delay.
    #[must_use]
    pub fn new(kind: FailureKind, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: code.into(),
            message: message.into(),
            help: None,
            field: None,
            retry_after_ms: None,
        }
    }

    /// The same with what cures it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What a request or a call did to the PSA. The host decides this, since it knows which bytes left;
/// a connector's own opinion does not count. Ordered from harmless to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Only reads were sent.
    None,
    /// An effect was wanted and did certainly not happen.
    NotApplied,
    /// An effect happened.
    Applied,
    /// An effect was sent and nobody knows. Look it up before trying again.
    Unknown,
}
