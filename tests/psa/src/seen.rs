//! What a server holds of one ticket, told by a client of its own and in the same words for every PSA.
//!
//! This is how a test knows that a note is private: not from the connector that wrote it, but from what an agent sees
//! and the person who asked does not. The JSON form is what `helpbell connector test --witness` reads.

use serde::{Deserialize, Serialize};

/// A ticket as the server holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The PSA's id.
    pub id: String,
    /// Its title.
    pub summary: String,
    /// The body as stored, HTML where the PSA keeps HTML.
    pub body: String,
    /// E-mail address of the person the PSA shows as the one who asked.
    pub requester: Option<String>,
    /// As shown in the PSA.
    pub status: String,
    /// Whether `status` counts as closed.
    pub closed: bool,
    /// Other fields by the PSA's own name for them, as shown.
    pub fields: Vec<(String, String)>,
    /// Notes and comments, oldest first, without the body.
    pub notes: Vec<SeenNote>,
    /// Files on the ticket itself.
    pub attachments: Vec<SeenFile>,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenNote {
    /// The text as stored.
    pub text: String,
    /// Whether the person who asked, logged in as themselves, does not see it.
    pub private: bool,
    /// Its files.
    pub attachments: Vec<SeenFile>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenFile {
    /// Its name as shown.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of what an agent downloads, in lower-case hexadecimal.
    pub sha256: String,
    /// Whether the person who asked, logged in as themselves, is refused when they ask for it by its address.
    pub private: bool,
}
