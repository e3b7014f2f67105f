//! Halo's webhooks: which tickets a delivery is about. Nothing else is taken from it; the host reads
//! the tickets itself.
//!
//! A payload comes as key fields, as the full object, as event information only, or as an array of
//! those. No schema of it is public; clients of live tenants saw
//! `{"id": "<guid>", "webhook_id": "<guid>", "event": "…", "object_id": 33479, "ticket": {…}}`.

use helpbell_connector::json::{self, Value};
use helpbell_connector::text::{lower_case, quote};
use helpbell_connector::webhook::{Authorized, authorized, header};
use helpbell_connector::{Delivery, Failure, Hook};

use crate::describe::WEBHOOKS_SCREEN;

/// The event of a new ticket.
const LOGGED: &str = "new ticket logged";
/// How the events of a changed ticket begin; some instances say by whom.
const UPDATED: &str = "ticket updated";

/// Verifies a delivery and reads the ids. With a secret the delivery must carry it; without one only a
/// webhook with No authentication is taken, which the host lets in by its secret path alone.
pub(crate) fn parse(delivery: &Delivery, secret: Option<&str>) -> Result<Hook, Failure> {
    let authorization = authorized(delivery, secret.unwrap_or_default());
    match (secret, authorization) {
        (Some(_), Authorized::Yes) | (None, Authorized::Absent) => {}
        (Some(_), Authorized::Absent) => {
            return Err(Failure::auth(
                "halo.webhook-unauthenticated",
                "the webhook's delivery carries no authentication, but one was agreed upon",
            )
            .help(format!(
                "Under {WEBHOOKS_SCREEN} set Authentication to Basic and enter the username and password that Helpbell shows."
            )));
        }
        (Some(_), Authorized::No) => {
            return Err(Failure::auth(
                "halo.webhook-wrong-secret",
                "the webhook's delivery carries another username, password or token than agreed upon",
            )
            .help(format!(
                "Under {WEBHOOKS_SCREEN} enter the username and password that Helpbell shows once more."
            )));
        }
        (None, _) => {
            return Err(Failure::auth(
                "halo.webhook-secret-unknown",
                "the webhook's delivery carries an authentication, but Helpbell knows no secret to compare it with",
            )
            .help(format!(
                "Give the webhook's secret to Helpbell, or set Authentication to No authentication under {WEBHOOKS_SCREEN}."
            )));
        }
    }
    let json = header(delivery, "content-type").is_none_or(|kind| kind.to_ascii_lowercase().contains("json"));
    if delivery.method != "POST" || !json {
        return Err(refused(
            "halo.webhook-form",
            "the delivery is no POST of JSON",
            "Set Method to POST and Content Type to application/json",
        ));
    }
    let body = json::parse(&delivery.body, "the webhook's payload")
        .map_err(|failure| refused("halo.webhook-unreadable", &failure.message, STANDARD))?;
    let payloads = match &body {
        Value::Array(batch) => batch.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut ticket_ids: Vec<String> = Vec::new();
    let mut other = None;
    for payload in payloads {
        let event = json::text(payload, "event").or_else(|| json::text(payload, "event_name"));
        match event {
            Some(event) if !is_wanted(&event) => other = Some(event),
            Some(_) => {
                let id = ticket_of(payload).ok_or_else(|| {
                    refused(
                        "halo.webhook-without-ticket",
                        "the payload names no ticket",
                        STANDARD,
                    )
                })?;
                if !ticket_ids.contains(&id) {
                    ticket_ids.push(id);
                }
            }
            None => {
                return Err(refused(
                    "halo.webhook-without-event",
                    "the payload names no event",
                    STANDARD,
                ));
            }
        }
    }
    // Events that were not asked for do no harm beside others that were.
    match (ticket_ids.is_empty(), other) {
        (false, _) => Ok(Hook {
            ticket_ids,
            reply: None,
        }),
        (true, Some(event)) => Err(refused(
            "halo.webhook-event",
            &format!(
                "the event \"{}\" tells nothing about a ticket's progress",
                quote(&event)
            ),
            "Choose the events New Ticket Logged and Ticket Updated only",
        )),
        (true, None) => Err(refused(
            "halo.webhook-empty",
            "the payload holds nothing",
            STANDARD,
        )),
    }
}

/// What to set where the payload is none of Halo's own.
const STANDARD: &str = "Set Webhook Type to Standard Webhook, with a payload that is not custom";

fn refused(code: &str, message: &str, cure: &str) -> Failure {
    Failure::invalid_input(code, message).help(format!("{cure}, under {WEBHOOKS_SCREEN}."))
}

fn is_wanted(event: &str) -> bool {
    let event = lower_case(event.trim());
    event == LOGGED || event.starts_with(UPDATED)
}

/// The ticket's id. The `id` beside the event is the delivery's own, normally a GUID; it counts last,
/// and only as a number.
fn ticket_of(payload: &Value) -> Option<String> {
    let number = |value: Option<&Value>, name| {
        json::id(value?, name).filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let whole = Some(payload);
    number(whole, "object_id")
        .or_else(|| number(payload.get("ticket"), "id"))
        .or_else(|| number(whole, "ticket_id"))
        .or_else(|| number(whole, "id"))
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
