//! What the server holds and what was done to it: the test's eyes.
//!
//! The same value comes from [`Halo::ledger`](super::Halo::ledger) in-process and as JSON from
//! `GET /_sandbox/ledger`. It lists what clients wrote; the opening action that the server itself
//! adds to a ticket is not in it. Dates are the vendor's: UTC without offset.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::misbehaviour::Misdeed;
use super::webhooks::DeliveryRecord;

/// Everything, in the order it happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Tickets that exist.
    pub tickets: Vec<TicketRecord>,
    /// Notes clients wrote on them.
    pub actions: Vec<ActionRecord>,
    /// Files attached to tickets and notes.
    pub attachments: Vec<AttachmentRecord>,
    /// Token and API requests, answered or refused.
    pub requests: Vec<RequestRecord>,
    /// Bodies and parameters that do not fit the vendor's schema.
    pub violations: Vec<Violation>,
    /// Webhook deliveries that ended.
    pub deliveries: Vec<DeliveryRecord>,
}

impl Ledger {
    /// The ticket with this id.
    #[must_use]
    pub fn ticket(&self, id: i64) -> Option<&TicketRecord> {
        self.tickets.iter().find(|ticket| ticket.id == id)
    }

    /// Notes on one ticket, oldest first.
    pub fn actions_of(&self, ticket_id: i64) -> impl Iterator<Item = &ActionRecord> {
        self.actions
            .iter()
            .filter(move |action| action.ticket_id == ticket_id)
    }

    /// How many requests of one kind reached the server.
    #[must_use]
    pub fn count(&self, kind: RequestKind) -> usize {
        self.requests
            .iter()
            .filter(|request| request.counted_as == kind)
            .count()
    }
}

/// A ticket as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketRecord {
    /// Ticket id; it is also the number people see.
    pub id: i64,
    /// One line.
    pub summary: String,
    /// Contact id, 0 when nobody is named.
    pub user_id: i64,
    /// Contact's name.
    pub user_name: String,
    /// Client id.
    pub client_id: i64,
    /// Client's name.
    pub client_name: String,
    /// Site id.
    pub site_id: i64,
    /// Site's name.
    pub site_name: String,
    /// Status id.
    pub status_id: i64,
    /// Ticket type id.
    pub ticket_type_id: i64,
    /// Priority number.
    pub priority_id: i64,
    /// Team's name.
    pub team: String,
    /// Agent id.
    pub agent_id: i64,
    /// Linked devices.
    pub asset_ids: Vec<i64>,
    /// When it was logged.
    pub created: String,
    /// When it last changed.
    pub updated: String,
    /// Every field as clients sent it, later writes over earlier ones; attachment bytes left out.
    pub sent: Map<String, Value>,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionRecord {
    /// The ticket it stands on.
    pub ticket_id: i64,
    /// Number within that ticket.
    pub id: i64,
    /// Whether people outside the MSP are kept from it.
    pub hidden_from_user: bool,
    /// Kind of note.
    pub outcome: String,
    /// Kind of note by id, 0 when only a name was sent.
    pub outcome_id: i64,
    /// Plain text, as lists answer it.
    pub note: String,
    /// HTML, as sent.
    pub note_html: String,
    /// Whether the sender asked for an e-mail to the user.
    pub send_email: bool,
    /// Ids of its attachments.
    pub attachment_ids: Vec<i64>,
    /// When it was written.
    pub created: String,
    /// Every field as sent; attachment bytes left out.
    pub sent: Map<String, Value>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttachmentRecord {
    /// Attachment id.
    pub id: i64,
    /// Name as sent.
    pub filename: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
    /// The ticket it stands on.
    pub ticket_id: i64,
    /// The note it stands on, 0 when on the ticket itself.
    pub action_id: i64,
    /// Whether people outside the MSP are kept from it: sent with `showforusers: false`, or on a hidden note.
    pub private: bool,
}

/// Which budget a request counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestKind {
    /// A request for a token.
    Token,
    /// An API call; these count against the rate limit.
    Api,
}

/// A request that reached the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// 1 for the first request since start or reset.
    pub number: u64,
    /// When it was answered, or arrived if it was not.
    pub at: String,
    /// HTTP method.
    pub method: String,
    /// Path as sent.
    pub path: String,
    /// Query as sent, without the question mark.
    pub query: String,
    /// Status answered; 0 when nothing was.
    pub status: u16,
    /// Token or API.
    pub counted_as: RequestKind,
    /// Parameters the vendor documents and this server does not act on.
    pub ignored_parameters: Vec<String>,
    /// What was done to it on purpose.
    pub misdeed: Option<Misdeed>,
    /// Whether it was carried out with success, whatever its client was told.
    pub applied: bool,
}

/// What is wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ViolationKind {
    /// A body field the schema does not have.
    UnknownField,
    /// A body field of another JSON type.
    WrongType,
    /// A body that is not the array (or object) the call takes.
    WrongBody,
    /// A query parameter the schema does not have.
    UnknownParameter,
    /// A query parameter whose value cannot be read.
    WrongParameter,
}

/// One departure from the vendor's schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Number of the request.
    pub request: u64,
    /// HTTP method.
    pub method: String,
    /// Path as sent.
    pub path: String,
    /// What kind.
    pub kind: ViolationKind,
    /// Place in the body such as `[0].assets[1].id`, or the parameter's name.
    pub field: String,
    /// What was expected.
    pub detail: String,
    /// Whether the request was refused for it.
    pub refused: bool,
}
