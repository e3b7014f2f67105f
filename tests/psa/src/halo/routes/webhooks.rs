//! `/Webhook`, `/Notification` and `/WebhookEvent`: the vendor's own way to set up what
//! [`webhooks`](crate::halo::webhooks) delivers, as far as it is public.
//!
//! Numbers whose meaning is not public (authentication beyond none and Basic, payload kinds, other events) are refused
//! with 501, so that nobody builds on a guess; all of that can be set through `/_sandbox/webhooks`. Numbering Basic as 1
//! is inferred from the order in which other products list the types.

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Item, id_of, paged, posted, read_array, text_field};
use crate::halo::reply::{Answer, Refusal};
use crate::halo::server::Call;
use crate::halo::store::Store;
use crate::halo::token::Grant;
use crate::halo::webhooks::{
    Authentication, Batch, CONTENT_TYPE, DeliveryRecord, Event, Subscription, Webhook,
};

/// `type` of a standard webhook, and `method` of one that posts.
const STANDARD_POST: i64 = 0;
const AUTHENTICATION_NONE: i64 = 0;
const AUTHENTICATION_BASIC: i64 = 1;
/// `type` and `delivery_method` of a notification that a webhook delivers.
const NOTIFICATION_TYPE: i64 = -2;
const NOTIFICATION_WEBHOOK: i64 = 6;
/// Seconds a batch waits when a client names a limit and no delay. Not public.
const BATCH_DELAY_SECONDS: u32 = 10;

pub(super) fn upsert(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let items = read_array(store, call, "Webhook")?;
    let mut processed = Vec::with_capacity(items.len());
    for Item { fields, .. } in items {
        let before = match text_field(&fields, "id") {
            Some(id) => {
                let id = uuid(id)?;
                Some(
                    store
                        .webhooks
                        .webhook(id)
                        .ok_or_else(Refusal::not_found)?
                        .0
                        .clone(),
                )
            }
            None => None,
        };
        let webhook = drafted(&fields, before)?;
        let id = webhook.id;
        store.webhooks.keep(webhook, fields);
        processed.push(view_of(store, id)?);
    }
    Ok(posted(store, call, processed))
}

/// A webhook out of what was sent and what was there before.
fn drafted(fields: &serde_json::Map<String, Value>, before: Option<Webhook>) -> Result<Webhook, Refusal> {
    let number = |name: &str| fields.get(name).and_then(Value::as_i64);
    for name in ["type", "method"] {
        if number(name).is_some_and(|value| value != STANDARD_POST) {
            return Err(Refusal::not_modelled(&format!("a webhook whose {name} is not 0")));
        }
    }
    for name in ["payload_type", "certificate_id", "mappings", "events"] {
        let sent = fields
            .get(name)
            .is_some_and(|value| !matches!(value, Value::Null));
        if sent && fields.get(name) != Some(&json!([])) && number(name) != Some(0) {
            return Err(Refusal::not_modelled(&format!(
                "{name} of a webhook; use /_sandbox/webhooks"
            )));
        }
    }
    if text_field(fields, "content_type").is_some_and(|it| !it.eq_ignore_ascii_case(CONTENT_TYPE)) {
        return Err(Refusal::not_modelled("content types other than application/json"));
    }
    let fresh = before.is_none();
    let mut webhook = before.unwrap_or_else(|| Webhook {
        events: Vec::new(),
        // Active unless it says otherwise; what the vendor assumes is not public.
        ..Webhook::to("")
    });
    if let Some(name) = text_field(fields, "name") {
        name.clone_into(&mut webhook.name);
    } else if fresh {
        return Err(Refusal::rule("A Name must be entered for this Webhook"));
    }
    if let Some(url) = text_field(fields, "url") {
        url.clone_into(&mut webhook.url);
    }
    if let Some(active) = super::flag_field(fields, "active") {
        webhook.active = active;
    }
    let text = |name| text_field(fields, name).unwrap_or_default().to_owned();
    match number("authentication_type") {
        None => {}
        Some(AUTHENTICATION_NONE) => webhook.authentication = Authentication::None,
        Some(AUTHENTICATION_BASIC) => {
            webhook.authentication = Authentication::Basic {
                username: text("basic_username"),
                password: text("basic_password"),
            };
        }
        Some(_) => {
            return Err(Refusal::not_modelled(
                "authentication of a webhook beyond none and Basic; use /_sandbox/webhooks",
            ));
        }
    }
    let whole = |name: &str| number(name).and_then(|value| u32::try_from(value).ok());
    if let Some(limit) = whole("batch_limit") {
        webhook.batch = (limit > 1).then(|| Batch {
            limit,
            delay_seconds: whole("batch_delay_seconds").unwrap_or(BATCH_DELAY_SECONDS),
        });
    }
    webhook
        .checked()
        .map_err(|error| Refusal::rule(error.to_string()))
}

fn uuid(text: &str) -> Result<Uuid, Refusal> {
    let wrong = || Refusal::Fields(vec![("id".into(), format!("The value '{text}' is not valid."))]);
    Uuid::parse_str(text).map_err(|_| wrong())
}

fn uuid_of(call: &Call) -> Result<Uuid, Refusal> {
    uuid(call.segments.last().map_or("", String::as_str))
}

fn view_of(store: &Store, id: Uuid) -> Result<Value, Refusal> {
    let (webhook, fields) = store.webhooks.webhook(id).ok_or_else(Refusal::not_found)?;
    let mut view = fields.clone();
    let (kind, username) = match &webhook.authentication {
        Authentication::None => (json!(AUTHENTICATION_NONE), ""),
        Authentication::Basic { username, .. } => (json!(AUTHENTICATION_BASIC), username.as_str()),
        // Its number is not public.
        Authentication::Bearer { .. } => (Value::Null, ""),
    };
    let subscriptions = store.webhooks.subscriptions_of(id);
    let log = store.webhooks.log();
    let last = log.iter().rev().find(|delivery| delivery.webhook_id == id);
    let own = json!({
        "id": webhook.id,
        "name": webhook.name,
        "url": webhook.url,
        "type": webhook.form.kind,
        "method": webhook.form.method,
        "active": webhook.active,
        "content_type": webhook.form.content_type,
        "authentication_type": kind,
        "basic_username": username,
        // Secrets are written and never read back.
        "basic_password": null,
        "batch_limit": webhook.batch.map_or(0, |batch| batch.limit),
        "batch_delay_seconds": webhook.batch.map_or(0, |batch| batch.delay_seconds),
        "last_status": last.map_or(0, |delivery| delivery.status),
        "events": subscriptions.map(notification).collect::<Vec<_>>(),
    });
    if let Value::Object(own) = own {
        view.extend(own);
    }
    Ok(Value::Object(view))
}

pub(super) fn list(store: &mut Store, _: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let ids: Vec<Uuid> = store.webhooks.webhooks().map(|(webhook, _)| webhook.id).collect();
    let rows: Result<Vec<Value>, Refusal> = ids.into_iter().map(|id| view_of(store, id)).collect();
    Ok(Answer::ok(Value::Array(rows?)))
}

pub(super) fn by_id(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    call.query.is("includedetails");
    Ok(Answer::ok(view_of(store, uuid_of(call)?)?))
}

pub(super) fn remove(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let id = uuid_of(call)?;
    if !store.webhooks.remove(id) {
        return Err(Refusal::not_found());
    }
    Ok(Answer::Json(StatusCode::OK, json!({"id": id})))
}

pub(super) fn subscribe(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let items = read_array(store, call, "UnameNotification")?;
    let mut processed = Vec::with_capacity(items.len());
    for Item { fields, .. } in items {
        let number = |name: &str| fields.get(name).and_then(Value::as_i64);
        let fits = number("type") == Some(NOTIFICATION_TYPE)
            && number("delivery_method") == Some(NOTIFICATION_WEBHOOK)
            && number("id").is_none();
        if !fits {
            return Err(Refusal::not_modelled(
                "notifications other than new ones of type -2 with delivery_method 6",
            ));
        }
        let webhook = uuid(text_field(&fields, "webhook_id").unwrap_or_default())?;
        if store.webhooks.webhook(webhook).is_none() {
            return Err(Refusal::rule(format!("The Webhook {webhook} does not exist.")));
        }
        let event = number("eventno").and_then(Event::of_number);
        let event = event.ok_or_else(|| Refusal::not_modelled("events other than 3 and 19"))?;
        let subscription = store.webhooks.subscribe(webhook, event);
        processed.push(notification(&subscription));
    }
    Ok(posted(store, call, processed))
}

fn notification(subscription: &Subscription) -> Value {
    json!({
        "id": subscription.id,
        "name": subscription.event.name(),
        "webhook_id": subscription.webhook_id,
        "type": NOTIFICATION_TYPE,
        "delivery_method": NOTIFICATION_WEBHOOK,
        "eventno": subscription.event.number(),
        "condition_count": 0,
        "conditions": [],
    })
}

pub(super) fn subscriptions(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let webhook = call.query.text("webhook_id").map(uuid).transpose()?;
    let kind = call.query.integer("type");
    let fits = |it: &&Subscription| {
        webhook.is_none_or(|id| id == it.webhook_id) && kind.is_none_or(|kind| kind == NOTIFICATION_TYPE)
    };
    let rows = store.webhooks.subscriptions().filter(fits).map(notification);
    Ok(Answer::ok(Value::Array(rows.collect())))
}

pub(super) fn subscription(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    call.query.is("includedetails");
    let id = id_of(call)?;
    let found = store.webhooks.subscriptions().find(|it| it.id == id);
    found
        .map(notification)
        .map(Answer::ok)
        .ok_or_else(Refusal::not_found)
}

/// The log, newest first, in an envelope as other paged lists; its exact shape is not public.
pub(super) fn deliveries(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let query = &call.query;
    let webhook = query.text("webhook_id").map(uuid).transpose()?;
    let fits = |it: &&DeliveryRecord| webhook.is_none_or(|id| id == it.webhook_id);
    let rows: Vec<&DeliveryRecord> = store.webhooks.log().iter().rev().filter(fits).collect();
    let page = paged(store, query, rows);
    let envelope = super::Page {
        total: page.total,
        place: page.place,
        rows: page.rows.into_iter().map(log_row).collect(),
    }
    .envelope("events");
    Ok(Answer::ok(Value::Object(envelope)))
}

pub(super) fn delivery(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    call.query.is("includedetails");
    let id = uuid_of(call)?;
    let found = store.webhooks.log().iter().find(|it| it.id == id);
    found.map(log_row).map(Answer::ok).ok_or_else(Refusal::not_found)
}

fn log_row(delivery: &DeliveryRecord) -> Value {
    let authorization = delivery.authorization.as_deref();
    let authorization =
        authorization.map_or_else(String::new, |scheme| format!("Authorization: {scheme} ***\n"));
    let failed = !(200..300).contains(&delivery.status);
    json!({
        "id": delivery.id,
        "webhook_id": delivery.webhook_id,
        "notification_id": delivery.notification_id,
        "timestamp": delivery.at,
        "status": i64::from(failed),
        "duration": std::time::Duration::from_millis(delivery.duration_ms).as_secs_f64(),
        "requestheaders": format!("{authorization}Content-Type: {CONTENT_TYPE}"),
        "requestbody": delivery.body.to_string(),
        "responsestatus": delivery.status,
        "responseheaders": "",
        "responsebody": delivery.error.as_deref().unwrap_or(&delivery.answer),
        "entity_id": delivery.ticket_id,
        "error": failed,
    })
}
