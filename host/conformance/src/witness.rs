//! Who looks at a ticket without the connector.

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::{process::Stdio, time::Duration};

/// A ticket as the PSA holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The PSA's id.
    pub id: String,
    /// Its title.
    pub summary: String,
    /// The body as stored, HTML where the PSA keeps HTML.
    pub body: String,
    /// E-mail address of the person the PSA shows as the one who asked.
    #[serde(default)]
    pub requester: Option<String>,
    /// As shown in the PSA.
    #[serde(default)]
    pub status: String,
    /// Whether `status` counts as closed.
    #[serde(default)]
    pub closed: bool,
    /// Other fields by the PSA's own name for them, as shown.
    #[serde(default)]
    pub fields: Vec<(String, String)>,
    /// Notes and comments, oldest first, without the body.
    #[serde(default)]
    pub notes: Vec<SeenNote>,
    /// Files on the ticket itself.
    #[serde(default)]
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
    #[serde(default)]
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
    /// Whether the person who asked, logged in as themselves, is refused when they ask for it.
    pub private: bool,
}

impl Seen {
    /// Every file, wherever it hangs.
    pub fn files(&self) -> impl Iterator<Item = &SeenFile> {
        let of_notes = self.notes.iter().flat_map(|note| &note.attachments);
        of_notes.chain(&self.attachments)
    }
}

/// Looks at tickets without the connector.
pub trait Witness: Send + Sync {
    /// The ticket of this id. The error says why it cannot be told.
    fn see<'a>(&'a self, ticket: &'a str) -> BoxFuture<'a, Result<Seen, String>>;
}

/// A witness that takes longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that is given the ticket's id as its last argument and prints a [`Seen`] as JSON.
#[derive(Debug, Clone)]
pub struct Command {
    /// The program and its arguments.
    pub words: Vec<String>,
}

impl Witness for Command {
    fn see<'a>(&'a self, ticket: &'a str) -> BoxFuture<'a, Result<Seen, String>> {
        Box::pin(async move {
            let (program, arguments) = self.words.split_first().ok_or("the witness has no program")?;
            let mut command = tokio::process::Command::new(program);
            command
                .args(arguments)
                .arg(ticket)
                .stdin(Stdio::null())
                .stderr(Stdio::inherit())
                .kill_on_drop(true);
            let output = tokio::time::timeout(PATIENCE, command.output())
                .await
                .map_err(|_| format!("{program} said nothing within {} s", PATIENCE.as_secs()))?
                .map_err(|error| format!("failed to start {program}: {error}"))?;
            if !output.status.success() {
                return Err(format!("{program} failed: {}", output.status));
            }
            serde_json::from_slice(&output.stdout)
                .map_err(|error| format!("{program} printed no ticket in JSON: {error}"))
        })
    }
}
