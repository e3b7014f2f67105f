//! What the instance holds. Everything here is changed under one lock, one request at a time.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::behaviour::{Behaviour, Lag};
use super::clock::{Clock, vendor_date};
use super::config::{Deployment, HaloConfig};
use super::ledger::{ActionRecord, AttachmentRecord, Ledger, RequestRecord, TicketRecord, Violation};
use super::misbehaviour::MisbehaviourBook;
use super::schema::Schema;
use super::seed::Seed;
use super::token::TokenBook;
use super::webhooks::WebhookBook;

/// The instance.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) seed: Arc<Seed>,
    pub(crate) deployment: Deployment,
    pub(crate) schema: Arc<Schema>,
    pub(crate) behaviour: Behaviour,
    pub(crate) clock: Clock,
    pub(crate) tokens: TokenBook,
    /// Moments of recent API calls, by application.
    pub(crate) recent_calls: HashMap<String, VecDeque<Timestamp>>,
    pub(crate) tickets: BTreeMap<i64, Ticket>,
    pub(crate) attachments: BTreeMap<i64, Attachment>,
    pub(crate) requests: Vec<RequestRecord>,
    pub(crate) violations: Vec<Violation>,
    pub(crate) misbehaviour: MisbehaviourBook,
    pub(crate) webhooks: WebhookBook,
    /// What forms of the settings page must carry.
    pub(crate) form_key: String,
    /// How often the instance was reset: a request that began before belongs to no ledger any more.
    pub(crate) epoch: u64,
    /// How often each list was asked for: what [`Lag::Searches`] counts.
    pub(crate) ticket_lists: u64,
    pub(crate) action_lists: u64,
    first_behaviour: Behaviour,
    next_ticket: i64,
    next_attachment: i64,
}

/// When something was written, by the clock and by the count of lists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Birth {
    pub(crate) at: Timestamp,
    pub(crate) lists: u64,
}

impl Birth {
    /// Whether a list numbered `lists` and answered at `now` shows it.
    pub(crate) fn seen(self, lag: Lag, now: Timestamp, lists: u64) -> bool {
        match lag {
            Lag::None => true,
            Lag::Seconds(seconds) => {
                now.duration_since(self.at) >= SignedDuration::from_secs(i64::from(seconds))
            }
            Lag::Searches(missed) => lists.saturating_sub(self.lists) > u64::from(missed),
        }
    }
}

/// The fields of a ticket that rules speak about; the rest lies in [`Ticket::fields`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Core {
    pub(crate) summary: String,
    pub(crate) details: String,
    pub(crate) details_html: String,
    pub(crate) type_id: i64,
    pub(crate) status_id: i64,
    pub(crate) priority_id: i64,
    pub(crate) client_id: i64,
    pub(crate) site_id: i64,
    /// 0 when the ticket names nobody ("General User").
    pub(crate) user_id: i64,
    pub(crate) agent_id: i64,
    pub(crate) team: String,
    pub(crate) categories: [String; 4],
    pub(crate) asset_ids: Vec<i64>,
    pub(crate) custom_fields: BTreeMap<i64, Value>,
}

#[derive(Debug, Clone)]
pub(crate) struct Ticket {
    pub(crate) id: i64,
    pub(crate) core: Core,
    /// Everything else that was sent and is kept, as read.
    pub(crate) fields: Map<String, Value>,
    pub(crate) sent: Map<String, Value>,
    pub(crate) logged: Birth,
    pub(crate) updated: Timestamp,
    pub(crate) closed: Option<Timestamp>,
    pub(crate) actions: BTreeMap<i64, Action>,
    next_action: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct Action {
    pub(crate) id: i64,
    /// Written by the server itself.
    pub(crate) system: bool,
    pub(crate) outcome: String,
    pub(crate) outcome_id: i64,
    pub(crate) note: String,
    pub(crate) note_html: String,
    pub(crate) hidden: bool,
    pub(crate) send_email: bool,
    pub(crate) who: String,
    pub(crate) who_agent_id: i64,
    /// Name of the application that wrote it.
    pub(crate) application: String,
    pub(crate) old_status: i64,
    pub(crate) new_status: i64,
    pub(crate) guid: String,
    pub(crate) fields: Map<String, Value>,
    pub(crate) sent: Map<String, Value>,
    pub(crate) written: Birth,
}

#[derive(Debug, Clone)]
pub(crate) struct Attachment {
    pub(crate) id: i64,
    pub(crate) ticket_id: i64,
    /// 0 when it hangs on the ticket itself.
    pub(crate) action_id: i64,
    pub(crate) filename: String,
    pub(crate) content_type: String,
    pub(crate) description: String,
    pub(crate) note: String,
    pub(crate) is_image: bool,
    pub(crate) show_for_users: bool,
    pub(crate) bytes: Bytes,
    pub(crate) sha256: String,
    pub(crate) added: Timestamp,
}

impl Store {
    pub(crate) fn new(config: HaloConfig, schema: Schema) -> Self {
        let next_ticket = config.seed.instance.first_ticket_id;
        Self {
            seed: Arc::new(config.seed),
            deployment: config.deployment,
            schema: Arc::new(schema),
            first_behaviour: config.behaviour.clone(),
            behaviour: config.behaviour,
            clock: Clock::default(),
            tokens: TokenBook::default(),
            recent_calls: HashMap::new(),
            tickets: BTreeMap::new(),
            attachments: BTreeMap::new(),
            requests: Vec::new(),
            violations: Vec::new(),
            misbehaviour: MisbehaviourBook::default(),
            webhooks: WebhookBook::default(),
            form_key: uuid::Uuid::now_v7().simple().to_string(),
            epoch: 0,
            ticket_lists: 0,
            action_lists: 0,
            next_ticket,
            next_attachment: 1,
        }
    }

    /// Forgets what clients wrote, webhooks, the recorded traffic and the rate windows, ends misbehaviour and takes the
    /// first behaviour again. Tokens stay valid and the clock keeps its offset; ticket ids go on, so that a stale id never names a new ticket.
    pub(crate) fn reset(&mut self) {
        self.behaviour = self.first_behaviour.clone();
        self.recent_calls.clear();
        self.tickets.clear();
        self.attachments.clear();
        self.requests.clear();
        self.violations.clear();
        self.webhooks.clear();
        self.epoch += 1;
        // After the epoch: what is released now must not be carried out any more.
        self.misbehaviour.clear();
        self.ticket_lists = 0;
        self.action_lists = 0;
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Logs a ticket and gives its id.
    pub(crate) fn log_ticket(
        &mut self,
        core: Core,
        fields: Map<String, Value>,
        sent: Map<String, Value>,
    ) -> i64 {
        let id = self.next_ticket;
        self.next_ticket += 1;
        let logged = Birth {
            at: self.now(),
            lists: self.ticket_lists,
        };
        let closed = self.is_closed(core.status_id).then_some(logged.at);
        let ticket = Ticket {
            id,
            core,
            fields,
            sent,
            logged,
            updated: logged.at,
            closed,
            actions: BTreeMap::new(),
            next_action: 1,
        };
        self.tickets.insert(id, ticket);
        id
    }

    /// Changes a ticket: the new core replaces the old one, the other fields are laid over it.
    pub(crate) fn change_ticket(
        &mut self,
        id: i64,
        core: Core,
        fields: Map<String, Value>,
        sent: Map<String, Value>,
    ) {
        let now = self.now();
        let closes = self.is_closed(core.status_id);
        if let Some(ticket) = self.tickets.get_mut(&id) {
            ticket.closed = if closes { ticket.closed.or(Some(now)) } else { None };
            ticket.core = core;
            ticket.fields.extend(fields);
            ticket.sent.extend(sent);
            ticket.updated = now;
        }
    }

    /// Adds a note under the next number of its ticket; its `id` is set here.
    pub(crate) fn add_action(&mut self, ticket_id: i64, mut action: Action) -> Option<i64> {
        let now = self.now();
        let ticket = self.tickets.get_mut(&ticket_id)?;
        action.id = ticket.next_action;
        ticket.next_action += 1;
        ticket.updated = now;
        let id = action.id;
        ticket.actions.insert(id, action);
        Some(id)
    }

    /// Stores a file; its `id` is set here.
    pub(crate) fn add_attachment(&mut self, mut attachment: Attachment) -> i64 {
        let id = self.next_attachment;
        self.next_attachment += 1;
        attachment.id = id;
        if let Some(ticket) = self.tickets.get_mut(&attachment.ticket_id) {
            ticket.updated = attachment.added;
        }
        self.attachments.insert(id, attachment);
        id
    }

    pub(crate) fn attachments_of(&self, ticket_id: i64) -> impl Iterator<Item = &Attachment> {
        self.attachments
            .values()
            .filter(move |attachment| attachment.ticket_id == ticket_id)
    }

    pub(crate) fn is_closed(&self, status_id: i64) -> bool {
        self.seed
            .status(status_id)
            .is_some_and(|status| status.kind == super::seed::CLOSED)
    }

    /// Whether a ticket still stands under the default client or site.
    pub(crate) fn under_default_site(&self, core: &Core) -> bool {
        let instance = &self.seed.instance;
        core.client_id == instance.default_client_id || core.site_id == instance.default_site_id
    }

    /// Whether people outside the MSP are kept from a file.
    pub(crate) fn is_private(&self, attachment: &Attachment) -> bool {
        let action = self
            .tickets
            .get(&attachment.ticket_id)
            .and_then(|it| it.actions.get(&attachment.action_id));
        !attachment.show_for_users || action.is_some_and(|action| action.hidden)
    }

    pub(crate) fn ledger(&self) -> Ledger {
        let written = |ticket: &Ticket| {
            let of_ticket = ticket.id;
            let actions = ticket.actions.values().filter(|action| !action.system);
            actions
                .map(|action| self.action_record(of_ticket, action))
                .collect::<Vec<_>>()
        };
        Ledger {
            tickets: self
                .tickets
                .values()
                .map(|ticket| self.ticket_record(ticket))
                .collect(),
            actions: self.tickets.values().flat_map(written).collect(),
            attachments: self
                .attachments
                .values()
                .map(|it| self.attachment_record(it))
                .collect(),
            requests: self.requests.clone(),
            violations: self.violations.clone(),
            deliveries: self.webhooks.log().to_vec(),
        }
    }

    fn ticket_record(&self, ticket: &Ticket) -> TicketRecord {
        let core = &ticket.core;
        TicketRecord {
            id: ticket.id,
            summary: core.summary.clone(),
            user_id: core.user_id,
            user_name: self
                .seed
                .user(core.user_id)
                .map_or_else(String::new, |user| user.name.clone()),
            client_id: core.client_id,
            client_name: self
                .seed
                .client(core.client_id)
                .map_or_else(String::new, |client| client.name.clone()),
            site_id: core.site_id,
            site_name: self
                .seed
                .site(core.site_id)
                .map_or_else(String::new, |site| site.name.clone()),
            status_id: core.status_id,
            ticket_type_id: core.type_id,
            priority_id: core.priority_id,
            team: core.team.clone(),
            agent_id: core.agent_id,
            asset_ids: core.asset_ids.clone(),
            created: vendor_date(ticket.logged.at),
            updated: vendor_date(ticket.updated),
            sent: ticket.sent.clone(),
        }
    }

    fn action_record(&self, ticket_id: i64, action: &Action) -> ActionRecord {
        let files = self
            .attachments_of(ticket_id)
            .filter(|it| it.action_id == action.id);
        ActionRecord {
            ticket_id,
            id: action.id,
            hidden_from_user: action.hidden,
            outcome: action.outcome.clone(),
            outcome_id: action.outcome_id,
            note: action.note.clone(),
            note_html: action.note_html.clone(),
            send_email: action.send_email,
            attachment_ids: files.map(|file| file.id).collect(),
            created: vendor_date(action.written.at),
            sent: action.sent.clone(),
        }
    }

    fn attachment_record(&self, attachment: &Attachment) -> AttachmentRecord {
        AttachmentRecord {
            id: attachment.id,
            filename: attachment.filename.clone(),
            size: u64::try_from(attachment.bytes.len()).unwrap_or(u64::MAX),
            sha256: attachment.sha256.clone(),
            ticket_id: attachment.ticket_id,
            action_id: attachment.action_id,
            private: self.is_private(attachment),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lag_by_searches_misses_exactly_that_many() {
        let now = Timestamp::now();
        let birth = Birth { at: now, lists: 4 };
        assert!(!birth.seen(Lag::Searches(2), now, 5));
        assert!(!birth.seen(Lag::Searches(2), now, 6));
        assert!(birth.seen(Lag::Searches(2), now, 7));
        assert!(birth.seen(Lag::None, now, 5));
    }

    #[test]
    fn lag_by_seconds_follows_the_clock() {
        let now = Timestamp::now();
        let birth = Birth { at: now, lists: 0 };
        assert!(!birth.seen(Lag::Seconds(30), now + SignedDuration::from_secs(29), 9));
        assert!(birth.seen(Lag::Seconds(30), now + SignedDuration::from_secs(30), 0));
    }
}
