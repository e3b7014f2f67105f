//! Subscribers, what waits to be sent to them, and the log.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use super::{Authentication, DeliveryRecord, Event, Form, Payload, Webhook};
use crate::halo::HaloError;
use crate::halo::store::Store;

/// Work for the background.
#[derive(Debug)]
pub(crate) enum Job {
    Post(Parcel),
    /// Sends what waits for a webhook after a while.
    FlushAfter(Uuid, Duration),
}

/// One delivery on its way.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub(crate) webhook_id: Uuid,
    pub(crate) notification_id: i64,
    pub(crate) ticket_id: i64,
    pub(crate) url: String,
    pub(crate) authorization: Option<(String, String)>,
    pub(crate) body: Value,
    pub(crate) repeats: Option<Uuid>,
    pub(crate) epoch: u64,
}

/// A webhook's wish to hear of one event: the vendor's "notification".
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) id: i64,
    pub(crate) webhook_id: Uuid,
    pub(crate) event: Event,
}

#[derive(Debug)]
struct Waiting {
    notification_id: i64,
    ticket_id: i64,
    body: Value,
}

#[derive(Debug)]
struct Kept {
    webhook: Webhook,
    /// Fields the vendor's API was sent beside those that count here.
    fields: Map<String, Value>,
    waiting: Vec<Waiting>,
}

/// All webhooks of one instance.
#[derive(Debug)]
pub(crate) struct WebhookBook {
    kept: BTreeMap<Uuid, Kept>,
    subscriptions: BTreeMap<i64, Subscription>,
    log: Vec<DeliveryRecord>,
    jobs: Option<mpsc::UnboundedSender<Job>>,
    under_way: watch::Sender<usize>,
    next_subscription: i64,
    messages: i64,
    epoch: u64,
}

impl Default for WebhookBook {
    fn default() -> Self {
        Self {
            kept: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            log: Vec::new(),
            jobs: None,
            under_way: watch::Sender::new(0),
            next_subscription: 1,
            messages: 0,
            epoch: 0,
        }
    }
}

/// Sends what waits for one webhook (`None` = for all), full batch or not.
pub(crate) fn flush(store: &mut Store, only: Option<Uuid>) {
    let book = &mut store.webhooks;
    let ids: Vec<Uuid> = book.kept.keys().copied().collect();
    for id in ids.into_iter().filter(|id| only.is_none_or(|only| only == *id)) {
        book.send_batch(id);
    }
}

impl WebhookBook {
    /// Where deliveries go from now on.
    pub(crate) fn connect(&mut self, jobs: mpsc::UnboundedSender<Job>) {
        self.jobs = Some(jobs);
    }

    /// Adds or replaces a webhook with its events; `fields` are laid over those kept for the vendor's API.
    pub(crate) fn keep(&mut self, webhook: Webhook, fields: Map<String, Value>) {
        let id = webhook.id;
        let mut gone: Vec<Event> = Vec::new();
        let had: Vec<Event> = self.subscriptions_of(id).map(|it| it.event).collect();
        gone.extend(had.iter().filter(|event| !webhook.events.contains(event)));
        self.subscriptions
            .retain(|_, it| it.webhook_id != id || !gone.contains(&it.event));
        for event in webhook.events.iter().filter(|event| !had.contains(event)) {
            self.subscribe(id, *event);
        }
        let kept = self.kept.remove(&id);
        let (mut all, waiting) = kept.map_or_else(Default::default, |kept| (kept.fields, kept.waiting));
        all.extend(fields);
        let kept = Kept {
            webhook,
            fields: all,
            waiting,
        };
        self.kept.insert(id, kept);
    }

    /// Makes a webhook hear of an event; gives the subscription.
    pub(crate) fn subscribe(&mut self, webhook_id: Uuid, event: Event) -> Subscription {
        let subscription = Subscription {
            id: self.next_subscription,
            webhook_id,
            event,
        };
        self.next_subscription += 1;
        self.subscriptions.insert(subscription.id, subscription.clone());
        if let Some(kept) = self.kept.get_mut(&webhook_id)
            && !kept.webhook.events.contains(&event)
        {
            kept.webhook.events.push(event);
        }
        subscription
    }

    pub(crate) fn remove(&mut self, id: Uuid) -> bool {
        self.subscriptions.retain(|_, it| it.webhook_id != id);
        self.kept.remove(&id).is_some()
    }

    pub(crate) fn clear(&mut self) {
        self.kept.clear();
        self.subscriptions.clear();
        self.log.clear();
        self.epoch += 1;
    }

    pub(crate) fn webhook(&self, id: Uuid) -> Option<(&Webhook, &Map<String, Value>)> {
        self.kept.get(&id).map(|kept| (&kept.webhook, &kept.fields))
    }

    pub(crate) fn webhooks(&self) -> impl Iterator<Item = (&Webhook, &Map<String, Value>)> {
        self.kept.values().map(|kept| (&kept.webhook, &kept.fields))
    }

    pub(crate) fn subscriptions(&self) -> impl Iterator<Item = &Subscription> {
        self.subscriptions.values()
    }

    pub(crate) fn subscriptions_of(&self, webhook_id: Uuid) -> impl Iterator<Item = &Subscription> {
        self.subscriptions().filter(move |it| it.webhook_id == webhook_id)
    }

    pub(crate) fn log(&self) -> &[DeliveryRecord] {
        &self.log
    }

    /// How many deliveries are on their way.
    pub(crate) fn under_way(&self) -> watch::Receiver<usize> {
        self.under_way.subscribe()
    }

    pub(super) fn next_message(&mut self) -> i64 {
        self.messages += 1;
        self.messages
    }

    /// Who hears of an event: subscription, webhook and how much it is told.
    pub(super) fn subscribers(&self, event: Event) -> Vec<(i64, Uuid, Payload)> {
        let wanted = self.subscriptions.values().filter(|it| it.event == event);
        wanted
            .filter_map(|it| {
                let webhook = &self.kept.get(&it.webhook_id)?.webhook;
                let delivers = webhook.active && webhook.form == Form::default();
                delivers.then_some((it.id, webhook.id, webhook.payload))
            })
            .collect()
    }

    /// Sends one payload, or lets it wait for its batch.
    pub(super) fn put(&mut self, id: Uuid, notification_id: i64, ticket_id: i64, body: Value) {
        let Some(kept) = self.kept.get_mut(&id) else {
            return;
        };
        let waiting = Waiting {
            notification_id,
            ticket_id,
            body,
        };
        let Some(batch) = kept.webhook.batch else {
            let parcel = parcel(
                &kept.webhook,
                notification_id,
                ticket_id,
                waiting.body,
                self.epoch,
            );
            self.post(parcel);
            return;
        };
        kept.waiting.push(waiting);
        if kept.waiting.len() >= usize::try_from(batch.limit).unwrap_or(usize::MAX) {
            self.send_batch(id);
        } else if kept.waiting.len() == 1 {
            let delay = Duration::from_secs(u64::from(batch.delay_seconds));
            self.queue(Job::FlushAfter(id, delay));
        }
    }

    fn send_batch(&mut self, id: Uuid) {
        let Some(kept) = self.kept.get_mut(&id) else {
            return;
        };
        let waiting = std::mem::take(&mut kept.waiting);
        let Some(first) = waiting.first() else { return };
        let (notification_id, ticket_id) = (first.notification_id, first.ticket_id);
        let body = Value::Array(waiting.into_iter().map(|it| it.body).collect());
        let parcel = parcel(&kept.webhook, notification_id, ticket_id, body, self.epoch);
        self.post(parcel);
    }

    /// Sends what a delivery sent once more, with the same body, to where its webhook points now.
    pub(crate) fn repeat(&mut self, id: Uuid) -> Result<(), HaloError> {
        let missing = |what: &str| HaloError::Webhook {
            reason: format!("there is no {what}"),
        };
        let before = self.log.iter().find(|it| it.id == id);
        let before = before.ok_or_else(|| missing(&format!("delivery {id}")))?;
        let kept = self.kept.get(&before.webhook_id);
        let kept = kept.ok_or_else(|| missing(&format!("webhook {} any more", before.webhook_id)))?;
        let mut parcel = parcel(
            &kept.webhook,
            before.notification_id,
            before.ticket_id,
            before.body.clone(),
            self.epoch,
        );
        parcel.repeats = Some(id);
        self.post(parcel);
        Ok(())
    }

    /// Writes down how a delivery ended.
    pub(super) fn ended(&mut self, epoch: u64, record: DeliveryRecord) {
        if epoch == self.epoch {
            self.log.push(record);
        }
        self.under_way
            .send_modify(|count| *count = count.saturating_sub(1));
    }

    fn post(&mut self, parcel: Parcel) {
        self.under_way.send_modify(|count| *count += 1);
        self.queue(Job::Post(parcel));
    }

    fn queue(&self, job: Job) {
        // Without a background, as in a stopped instance, nothing is delivered any more.
        if let Some(jobs) = &self.jobs
            && jobs.send(job).is_err()
        {
            tracing::warn!("a webhook delivery came after the end of its instance");
        }
    }
}

fn parcel(webhook: &Webhook, notification_id: i64, ticket_id: i64, body: Value, epoch: u64) -> Parcel {
    let authorization = match &webhook.authentication {
        Authentication::None => None,
        Authentication::Basic { username, password } => Some((
            "Basic".to_owned(),
            STANDARD.encode(format!("{username}:{password}")),
        )),
        Authentication::Bearer { token } => Some(("Bearer".to_owned(), token.clone())),
    };
    Parcel {
        webhook_id: webhook.id,
        notification_id,
        ticket_id,
        url: webhook.url.clone(),
        authorization,
        body,
        repeats: None,
        epoch,
    }
}
