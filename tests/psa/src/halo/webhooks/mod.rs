//! Webhooks: who is told of tickets, what they are told, and the log of every delivery.
//!
//! A [`Webhook`] comes from [`Halo::add_webhook`](super::Halo::add_webhook), from `/_sandbox/webhooks` or from the
//! vendor's own `POST /Webhook` and `POST /Notification`. Deliveries go to loopback addresses over plain HTTP and to
//! nobody else, one after the other, in the order things happened. A failed delivery is logged and not repeated;
//! public evidence of automatic retries is lacking, so tests ask for a repetition.

mod book;
mod handle;
mod payload;
mod post;
mod target;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::HaloError;
pub(crate) use book::{Job, Subscription, WebhookBook, flush};
pub(crate) use payload::emit;
pub(crate) use post::run;
pub(crate) use target::Target;

/// What happened to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// "New Ticket Logged", event number 3.
    NewTicketLogged,
    /// "Ticket Updated", event number 19; a note counts as an update.
    TicketUpdated,
}

impl Event {
    /// The name payloads carry.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NewTicketLogged => "New Ticket Logged",
            Self::TicketUpdated => "Ticket Updated",
        }
    }

    /// The vendor's number.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::NewTicketLogged => 3,
            Self::TicketUpdated => 19,
        }
    }

    pub(crate) fn of_number(number: i64) -> Option<Self> {
        [Self::NewTicketLogged, Self::TicketUpdated]
            .into_iter()
            .find(|event| event.number() == number)
    }
}

/// How much a payload tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payload {
    /// The ticket's ids and summary.
    KeyFields,
    /// The ticket with its linked objects, and the note.
    #[default]
    FullObject,
    /// The event and the object's id, no objects.
    EventOnly,
}

/// What a delivery proves itself with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authentication {
    /// Nothing.
    #[default]
    None,
    /// `Authorization: Basic`.
    Basic {
        /// User name.
        username: String,
        /// Password; a test value.
        password: String,
    },
    /// `Authorization: Bearer`.
    Bearer {
        /// Token; a test value.
        token: String,
    },
}

/// Several events in one delivery, whose body is then an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Events that go out at once, without further waiting.
    pub limit: u32,
    /// Seconds after which fewer go out.
    pub delay_seconds: u32,
}

/// How a delivery is to be made, by the vendor's numbers. Only those of a standard webhook that posts JSON are public,
/// and only such a one is delivered; any other is kept and shown, as an instance keeps a webhook set up wrongly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Form {
    /// "Webhook Type"; 0 is Standard Webhook.
    pub kind: i64,
    /// "Method"; 0 is POST.
    pub method: i64,
    /// "Content Type".
    pub content_type: String,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            kind: 0,
            method: 0,
            content_type: CONTENT_TYPE.to_owned(),
        }
    }
}

/// What deliveries carry; the vendor offers others.
pub(crate) const CONTENT_TYPE: &str = "application/json";

/// A subscriber.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Its id; made up when absent.
    #[serde(default = "Uuid::now_v7")]
    pub id: Uuid,
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// Where to: `http://` and a loopback address or `localhost`.
    pub url: String,
    /// Whether anything is sent.
    #[serde(default = "yes")]
    pub active: bool,
    /// How it is told.
    #[serde(default)]
    pub form: Form,
    /// How much is told.
    #[serde(default)]
    pub payload: Payload,
    /// What deliveries prove themselves with.
    #[serde(default)]
    pub authentication: Authentication,
    /// What is told.
    #[serde(default = "both")]
    pub events: Vec<Event>,
    /// Arrays instead of single objects; absent = one object per delivery.
    #[serde(default)]
    pub batch: Option<Batch>,
}

fn yes() -> bool {
    true
}

fn both() -> Vec<Event> {
    vec![Event::NewTicketLogged, Event::TicketUpdated]
}

impl Webhook {
    /// A webhook for both events, full objects, one per delivery, without authentication.
    #[must_use]
    pub fn to(url: impl Into<String>) -> Self {
        Self {
            id: Uuid::now_v7(),
            name: "Webhook".to_owned(),
            url: url.into(),
            active: true,
            form: Form::default(),
            payload: Payload::default(),
            authentication: Authentication::default(),
            events: both(),
            batch: None,
        }
    }

    /// The same webhook when deliveries may go there.
    ///
    /// # Errors
    /// [`HaloError::Webhook`] when the URL leads elsewhere than to loopback, or a batch has no room.
    pub fn checked(self) -> Result<Self, HaloError> {
        Target::read(&self.url)?;
        if self.batch.is_some_and(|batch| batch.limit == 0) {
            let reason = "a batch holds at least 1 event".to_owned();
            return Err(HaloError::Webhook { reason });
        }
        Ok(self)
    }
}

/// A delivery that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryRecord {
    /// Id of this delivery.
    pub id: Uuid,
    /// The webhook.
    pub webhook_id: Uuid,
    /// The subscription that asked for it; of a batch, the first.
    pub notification_id: i64,
    /// The ticket; of a batch, the first.
    pub ticket_id: i64,
    /// When it began.
    pub at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Where to.
    pub url: String,
    /// Whether an `Authorization` header was sent, by scheme; its value is kept out of the log.
    pub authorization: Option<String>,
    /// The body: an object, or an array of them.
    pub body: Value,
    /// Status answered; 0 when nothing was.
    pub status: u16,
    /// What was answered, cut short.
    pub answer: String,
    /// Why nothing was answered.
    pub error: Option<String>,
    /// The delivery this one repeats.
    pub repeats: Option<Uuid>,
}
