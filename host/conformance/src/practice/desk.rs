//! What the desk holds.

use crate::witness::{Seen, SeenFile, SeenNote};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Ids and names of the queues.
pub(super) const QUEUES: [(u64, &str); 2] = [(1, "Support"), (2, "Projects")];
/// Characters of a title.
const TITLE_CHARS: usize = 200;
/// States of a ticket.
const STATES: [&str; 2] = ["open", "closed"];

/// Why the desk does not do it.
#[derive(Debug)]
pub(super) enum Refused {
    Absent,
    Because(String),
}

#[derive(Debug, Deserialize)]
pub(super) struct NewTicket {
    title: String,
    html: String,
    from: From,
    queue: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct From {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct NewNote {
    html: String,
    #[serde(default)]
    private: bool,
    #[serde(default)]
    files: Vec<NewFile>,
}

#[derive(Debug, Deserialize)]
struct NewFile {
    name: String,
    #[serde(rename = "type")]
    media_type: String,
    #[serde(default)]
    description: String,
    base64: String,
}

/// All tickets. Their ids are their places, counted from 1.
#[derive(Debug, Default)]
pub(super) struct Desk(Vec<Ticket>);

#[derive(Debug)]
struct Ticket {
    new: NewTicket,
    queue: u64,
    state: &'static str,
    notes: Vec<Note>,
}

#[derive(Debug)]
struct Note {
    html: String,
    private: bool,
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    name: String,
    media_type: String,
    description: String,
    bytes: Vec<u8>,
}

impl Desk {
    fn ticket(&mut self, id: u64) -> Result<&mut Ticket, Refused> {
        let index = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
        index
            .and_then(|index| self.0.get_mut(index))
            .ok_or(Refused::Absent)
    }

    pub(super) fn create(&mut self, new: NewTicket) -> Result<Value, Refused> {
        let title = new.title.chars().count();
        if title == 0 || title > TITLE_CHARS {
            return Err(Refused::Because(format!(
                "a title has 1 to {TITLE_CHARS} characters"
            )));
        }
        let queue = new.queue.unwrap_or(QUEUES[0].0);
        if !QUEUES.iter().any(|(id, _)| *id == queue) {
            return Err(Refused::Because(format!("there is no queue {queue}")));
        }
        self.0.push(Ticket {
            new,
            queue,
            state: "open",
            notes: vec![],
        });
        Ok(json!({"id": self.0.len()}))
    }

    pub(super) fn search(&self, text: &str) -> Value {
        let found = self
            .0
            .iter()
            .enumerate()
            .filter(|(_, ticket)| ticket.new.html.contains(text));
        found
            .map(|(index, ticket)| json!({"id": index + 1, "title": ticket.new.title}))
            .collect()
    }

    pub(super) fn show(&mut self, id: u64) -> Result<Value, Refused> {
        let ticket = self.ticket(id)?;
        let public = ticket.notes.iter().filter(|note| !note.private);
        Ok(json!({
            "id": id,
            "title": ticket.new.title,
            "html": ticket.new.html,
            "state": ticket.state,
            "queue": ticket.queue,
            "notes": public.map(|note| json!({"html": note.html})).collect::<Value>(),
        }))
    }

    pub(super) fn change(&mut self, id: u64, state: &str) -> Result<Value, Refused> {
        let known = STATES.into_iter().find(|known| *known == state);
        self.ticket(id)?.state =
            known.ok_or_else(|| Refused::Because(format!("a ticket is {}", STATES.join(" or "))))?;
        self.show(id)
    }

    pub(super) fn add_note(&mut self, id: u64, new: NewNote) -> Result<Value, Refused> {
        let files = new.files.into_iter().map(|file| {
            let bytes = BASE64_STANDARD
                .decode(&file.base64)
                .map_err(|error| Refused::Because(format!("{} is not base64: {error}", file.name)))?;
            Ok(File {
                name: file.name,
                media_type: file.media_type,
                description: file.description,
                bytes,
            })
        });
        let note = Note {
            html: new.html,
            private: new.private,
            files: files.collect::<Result<_, _>>()?,
        };
        let notes = &mut self.ticket(id)?.notes;
        notes.push(note);
        Ok(json!({"id": notes.len()}))
    }

    pub(super) fn notes(&mut self, id: u64) -> Result<Value, Refused> {
        let notes = self.ticket(id)?.notes.iter().enumerate();
        Ok(notes
            .map(|(index, note)| {
                let files = note.files.iter().map(|file| {
                    json!({
                        "name": file.name,
                        "type": file.media_type,
                        "description": file.description,
                        "size": file.bytes.len(),
                    })
                });
                json!({"id": index + 1, "html": note.html, "private": note.private, "files": files.collect::<Value>()})
            })
            .collect())
    }

    /// Past the API. A private note's files are as private as it is: the desk hands none out.
    pub(super) fn seen(&mut self, id: u64) -> Option<Seen> {
        let ticket = self.ticket(id).ok()?;
        let note = |note: &Note| SeenNote {
            text: note.html.clone(),
            private: note.private,
            attachments: note
                .files
                .iter()
                .map(|file| SeenFile {
                    name: file.name.clone(),
                    size: file.bytes.len() as u64,
                    sha256: hex::encode(Sha256::digest(&file.bytes)),
                    private: note.private,
                })
                .collect(),
        };
        Some(Seen {
            id: id.to_string(),
            summary: ticket.new.title.clone(),
            body: ticket.new.html.clone(),
            requester: Some(ticket.new.from.email.clone()).filter(|email| !email.is_empty()),
            status: ticket.state.to_owned(),
            closed: ticket.state == "closed",
            fields: vec![
                ("name".into(), ticket.new.from.name.clone()),
                ("queue".into(), ticket.queue.to_string()),
            ],
            notes: ticket.notes.iter().map(note).collect(),
            attachments: vec![],
        })
    }
}
