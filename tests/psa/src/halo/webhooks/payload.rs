//! What a delivery says. No public schema of it exists: the names are those of observed payloads and of the vendor's
//! documentation for tools that read them; the names of the note's fields are the API's own.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Event, Payload};
use crate::halo::clock::{NULL_DATE, vendor_date};
use crate::halo::store::{Action, Store, Ticket};

/// Tells every active subscriber of an event what happened.
pub(crate) fn emit(store: &mut Store, event: Event, ticket_id: i64, action_id: Option<i64>) {
    let subscribers = store.webhooks.subscribers(event);
    let at = vendor_date(store.now());
    for (notification_id, webhook_id, kind) in subscribers {
        let mut body = json!({
            "id": Uuid::now_v7(),
            "webhook_id": webhook_id,
            "notification_id": notification_id,
            // Its real name is not public; that it exists is.
            "escalation_message_id": store.webhooks.next_message(),
            "event": event.name(),
            "object_id": ticket_id,
            "timestamp": at,
        });
        if let (Value::Object(body), Some(ticket)) = (&mut body, store.tickets.get(&ticket_id)) {
            body.extend(objects(store, kind, ticket, action_id));
        }
        store.webhooks.put(webhook_id, notification_id, ticket_id, body);
    }
}

fn objects(store: &Store, kind: Payload, ticket: &Ticket, action_id: Option<i64>) -> Map<String, Value> {
    let action = action_id.and_then(|id| ticket.actions.get(&id));
    let mut objects = Map::new();
    let (about, note): (Value, fn(i64, &Action) -> Value) = match kind {
        Payload::EventOnly => return objects,
        Payload::KeyFields => (key_fields(ticket), key_fields_of_action),
        Payload::FullObject => (full(store, ticket), full_action),
    };
    objects.insert("ticket".into(), about);
    if let Some(action) = action {
        objects.insert("action".into(), note(ticket.id, action));
    }
    objects
}

fn key_fields(ticket: &Ticket) -> Value {
    let core = &ticket.core;
    json!({
        "id": ticket.id,
        "summary": core.summary,
        "client_id": core.client_id,
        "site_id": core.site_id,
        "user_id": core.user_id,
        "tickettype_id": core.type_id,
        "status_id": core.status_id,
        "priority_id": core.priority_id,
        "team": core.team,
        "agent_id": core.agent_id,
    })
}

fn full(store: &Store, ticket: &Ticket) -> Value {
    let (seed, core) = (&store.seed, &ticket.core);
    let closed = ticket.closed.map_or_else(|| NULL_DATE.to_owned(), vendor_date);
    let mut fields = key_fields(ticket);
    let more = json!({
        "details": core.details,
        "dateoccurred": vendor_date(ticket.logged.at),
        "dateclosed": closed,
        "last_update": vendor_date(ticket.updated),
        "status": seed.status(core.status_id).map(|status| {
            json!({"id": status.id, "name": status.name, "shortname": status.short_name})
        }),
        "tickettype": seed.ticket_type(core.type_id).map(|kind| json!({"id": kind.id, "name": kind.name})),
        "priority": seed.priority(core.priority_id).map(|priority| json!({"name": priority.name})),
        "client_name": seed.client(core.client_id).map(|client| client.name.as_str()),
        "site_name": seed.site(core.site_id).map(|site| site.name.as_str()),
        "user_name": seed.user(core.user_id).map(|user| user.name.as_str()),
        "agent": seed.agent(core.agent_id).map(|agent| json!({"id": agent.id, "name": agent.name})),
        "workflow_name": "",
        "oppcompanyname": "",
    });
    if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
        fields.extend(more);
    }
    fields
}

fn key_fields_of_action(ticket_id: i64, action: &Action) -> Value {
    json!({"id": action.id, "ticket_id": ticket_id, "outcome": action.outcome, "outcome_id": action.outcome_id})
}

fn full_action(ticket_id: i64, action: &Action) -> Value {
    json!({
        "id": action.id,
        "ticket_id": ticket_id,
        "outcome": action.outcome,
        "outcome_id": action.outcome_id,
        "who": action.who,
        "who_agentid": action.who_agent_id,
        "note": action.note,
        "note_html": action.note_html,
        "hiddenfromuser": action.hidden,
        "old_status": action.old_status,
        "new_status": action.new_status,
        "actiondatecreated": vendor_date(action.written.at),
    })
}
