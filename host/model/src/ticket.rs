//! What a press becomes in a PSA: contact, device, draft, ticket, note, receipt.

use crate::press::{DeviceFacts, Person, PressId};
use serde::{Deserialize, Serialize};

/// Further facts by name; opaque to everyone but the connector that wrote them.
pub type Extra = Vec<(String, String)>;

/// A thing in the PSA by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The PSA's id, opaque.
    pub id: String,
    /// The PSA's name for it.
    pub name: String,
}

/// A person the PSA knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The PSA's id, opaque.
    pub id: String,
    /// The PSA's name for them.
    pub name: String,
    /// Their address as the PSA has it.
    pub email: Option<String>,
    /// The customer they belong to.
    pub organisation: Option<Named>,
    /// The site they belong to.
    pub site: Option<Named>,
    /// Kept for the connector.
    #[serde(default)]
    pub extra: Extra,
}

/// By what a contact was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactMatch {
    /// This very e-mail address.
    Email,
    /// A weaker sign: the address's domain, or the machine.
    Guess,
    /// The contact for people the PSA does not know.
    CatchAll,
}

/// A machine the PSA knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The PSA's id, opaque.
    pub id: String,
    /// The PSA's name for it.
    pub name: String,
    /// By what it was recognised: `hostname`, `serial`, `mac`.
    pub matched_by: String,
    /// Kept for the connector.
    #[serde(default)]
    pub extra: Extra,
}

impl Device {
    /// By what it was recognised, in words that follow "by its".
    #[must_use]
    pub fn recognised_by(&self) -> &str {
        match self.matched_by.as_str() {
            "hostname" => "host name",
            "serial" => "serial number",
            "mac" => "MAC address",
            other => other,
        }
    }
}

/// A ticket to be filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// One line, within the connector's limit.
    pub summary: String,
    /// The body as simple HTML, everything foreign escaped.
    pub body_html: String,
    /// The same as plain text.
    pub body_text: String,
    /// Who asks, as typed.
    pub person: Person,
    /// Who that is in the PSA.
    pub contact: Option<Contact>,
    /// The machine in the PSA.
    pub device: Option<Device>,
    /// What the machine says of itself.
    pub facts: DeviceFacts,
    /// Dispatcher variables and their values as shown in the PSA, in the operator's order.
    pub fields: Vec<(String, String)>,
}

/// A ticket that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The PSA's id, opaque.
    pub id: String,
    /// What people call it.
    pub number: String,
    /// Where an agent opens it; http or https.
    pub url: Option<String>,
}

/// A ticket as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketState {
    /// It.
    pub ticket: Ticket,
    /// Its title now.
    pub summary: String,
    /// As shown in the PSA.
    pub status: String,
    /// `open`, `waiting` or `closed`.
    pub phase: String,
    /// Who works on it.
    pub agent: Option<String>,
    /// The last thing said to the person. Never a private note.
    pub last_public_note: Option<String>,
    /// RFC 3339.
    pub updated: Option<String>,
}

/// A value the PSA would not take, and what was done instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The draft's field.
    pub field: String,
    /// What was asked for.
    pub given: String,
    /// What was used; none if the PSA's default decides.
    pub used: Option<String>,
    /// Why, in one sentence.
    pub reason: String,
    /// The nearest values that exist.
    #[serde(default)]
    pub nearest: Vec<String>,
}

/// What dispatcher rules may do with a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Look at it.
    Read,
    /// Assign it, too.
    ReadWrite,
}

/// A dispatcher variable of a PSA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// As rules write it: `ticketType`.
    pub name: String,
    /// What rules may do with it.
    pub access: Access,
    /// `text`, `integer` or `list`.
    pub kind: String,
    /// What it means in this PSA.
    pub meaning: String,
    /// Values that are always allowed.
    pub choices: Vec<String>,
    /// Whether there is a pick-list of live values.
    pub live: bool,
}

/// One entry of a pick-list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The PSA's id, opaque.
    pub id: String,
    /// As shown in the PSA.
    pub label: String,
    /// The field and value this entry depends on.
    pub parent: Option<(String, String)>,
    /// Picked by the PSA if none is given.
    pub is_default: bool,
}

/// A file that goes with a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// Content.
    pub bytes: Vec<u8>,
    /// Finds it again in the PSA.
    pub reference: String,
}

/// A note to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Not to be seen by the person who asked.
    pub private: bool,
    /// Simple HTML, everything foreign escaped.
    pub html: String,
    /// The same as plain text.
    pub text: String,
    /// Files, as private as the note.
    pub attachments: Vec<Attachment>,
    /// Finds it again.
    pub reference: String,
}

/// A note that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedNote {
    /// The PSA's id, opaque, composite where notes are counted per ticket.
    pub id: String,
    /// References of the attachments that are there.
    pub attachments: Vec<String>,
    /// Read back after writing.
    pub confirmed: bool,
}

/// What the person and the operator are told in the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which press.
    pub press: PressId,
    /// The one ticket.
    pub ticket: Ticket,
    /// Whether the ticket was found rather than made: an earlier try had succeeded unseen.
    pub adopted: bool,
    /// The contact used and how it was found.
    pub contact: Option<(Contact, ContactMatch)>,
    /// The device used.
    pub device: Option<Device>,
    /// The private note, or why it is missing.
    pub note: Result<AddedNote, crate::Failure>,
    /// Values the PSA would not take.
    pub corrections: Vec<Correction>,
    /// What went wrong on the way without keeping the ticket from being filed.
    pub problems: Vec<crate::Failure>,
    /// Files that were attached to the ticket itself, because its note was refused.
    pub on_ticket: Vec<String>,
}
