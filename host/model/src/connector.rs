//! What a connector says of itself, and what the operator granted it.

use serde::{Deserialize, Serialize};

/// A setting the operator fills in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Key in `helpbell.toml`.
    pub name: String,
    /// In the words of the PSA's screen.
    pub label: String,
    /// Where to find it and what it does.
    pub help: String,
    /// `text`, `url`, `email`, `integer`, `boolean`, `choice`.
    pub kind: String,
    /// For `choice`: value and label.
    pub choices: Vec<(String, String)>,
    /// Whether the connector can work without it.
    pub required: bool,
    /// Used when absent.
    pub default: Option<String>,
    /// A realistic value.
    pub example: String,
}

/// A secret the operator pastes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretSlot {
    /// Stable name.
    pub name: String,
    /// In the words of the PSA's screen.
    pub label: String,
    /// How it is composed.
    pub help: String,
    /// Its form with made-up parts.
    pub example: String,
}

/// Where an origin's address comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OriginSource {
    /// Known beforehand.
    Fixed(String),
    /// The value of this setting, with its path.
    Setting(String),
    /// Scheme, host and port of this setting's value.
    SettingOrigin(String),
    /// Found by `authenticate`, within these origins, suffixes or `{setting}`s.
    Discovered(Vec<String>),
}

/// A named place that requests go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Requests refer to it by this.
    pub name: String,
    /// Where it is.
    pub source: OriginSource,
}

/// Whether a request changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestEffect {
    /// Twice does no harm.
    Read,
    /// Twice may do a thing twice.
    Effect,
}

/// An answer that proves that an effect did not happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// A JSON pointer that must lead somewhere in the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
}

/// A request a connector wants to send, and, in a grant, may send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestTemplate {
    /// Name of an origin.
    pub origin: String,
    /// HTTP method in capitals.
    pub method: String,
    /// Path below the origin's; `{…}` is one segment.
    pub path: String,
    /// What it does.
    pub effect: RequestEffect,
    /// Answers that prove that nothing happened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
    /// Why it is wanted.
    #[serde(default)]
    pub purpose: String,
}

impl RequestTemplate {
    /// `POST /Tickets`, as shown to operators.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// How well a lookup by reference can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lookup {
    /// At once.
    Strong,
    /// After so many seconds at the latest, once measured.
    Eventual(u32),
    /// Not at all.
    None,
}

/// Sizes that the PSA accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Characters in a summary.
    pub summary_chars: u32,
    /// Bytes in one attachment.
    pub attachment_bytes: u64,
    /// Bytes in all attachments of a note.
    pub note_bytes: u64,
}

/// Everything a connector says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Stable and short: `halo`.
    pub id: String,
    /// As people know it.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// One sentence.
    pub summary: String,
    /// What the operator fills in.
    pub settings: Vec<Setting>,
    /// What the operator pastes.
    pub secrets: Vec<SecretSlot>,
    /// Where it connects to.
    pub origins: Vec<Origin>,
    /// What it sends while it works.
    pub requests: Vec<RequestTemplate>,
    /// What it sends to authenticate.
    pub auth_requests: Vec<RequestTemplate>,
    /// What the PSA can do.
    pub capabilities: Vec<String>,
    /// What fits.
    pub limits: Limits,
    /// What a lookup proves.
    pub lookup: Lookup,
}

impl Description {
    /// Whether the PSA can do this.
    #[must_use]
    pub fn has(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|known| known == capability)
    }
}

/// What the operator allows one connector file, bound to its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The connector's id.
    pub connector: String,
    /// The version that was looked at.
    pub version: String,
    /// SHA-256 of the component, hexadecimal.
    pub sha256: String,
    /// Requests it may send while it works.
    pub requests: Vec<RequestTemplate>,
    /// Requests it may send to authenticate.
    pub auth_requests: Vec<RequestTemplate>,
}

impl Grant {
    /// Grants all that the description wants.
    #[must_use]
    pub fn everything(description: &Description, sha256: &str) -> Self {
        Self {
            connector: description.id.clone(),
            version: description.version.clone(),
            sha256: sha256.to_owned(),
            requests: description.requests.clone(),
            auth_requests: description.auth_requests.clone(),
        }
    }
}
