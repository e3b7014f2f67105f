//! The webhook. A press works without it.

use super::row::Row;
use psa_sandbox::halo::{Behaviour, Event, Form, Halo, INTEGRATION_SCOPES, Webhook};

/// The doctor can only look at webhooks of an application that may administer Halo.
fn administers(behaviour: &mut Behaviour) {
    let scopes = INTEGRATION_SCOPES.iter().chain(&["admin"]);
    behaviour.application_scopes = Some(scopes.map(|scope| (*scope).to_owned()).collect());
}

/// A webhook that is set up as the guide says.
fn usual() -> Webhook {
    Webhook {
        name: "Helpbell".to_owned(),
        ..Webhook::to("http://127.0.0.1:9/helpbell")
    }
}

fn has(halo: &Halo, webhook: Webhook) {
    halo.add_webhook(webhook).unwrap();
}

pub(super) fn rows() -> Vec<Row> {
    let new = "Create a new webhook and name it whatever you like.";
    let events = "Finally add two events to trigger the hooks: New Ticket Logged and Ticket Updated.";
    let row = |wrong, guide| Row::new(wrong, guide).world(|_, behaviour| administers(behaviour));
    vec![
        row("There is no webhook", new).under("Webhook"),
        row("The webhook is set up as the guide says", new)
            .harmless()
            .later(|halo| has(halo, usual())),
        row("The webhook is not enabled", "Enabled: Yes").later(|halo| {
            has(
                halo,
                Webhook {
                    active: false,
                    ..usual()
                },
            );
        }),
        row("The Webhook Type is another", "Webhook Type : Standard Webhook").later(|halo| {
            has(
                halo,
                Webhook {
                    form: Form {
                        kind: 1,
                        ..Form::default()
                    },
                    ..usual()
                },
            );
        }),
        row("The Method is not POST", "Method: POST").later(|halo| {
            has(
                halo,
                Webhook {
                    form: Form {
                        method: 1,
                        ..Form::default()
                    },
                    ..usual()
                },
            );
        }),
        row("The Content Type is another", "Content Type: application/json").later(|halo| {
            has(
                halo,
                Webhook {
                    form: Form {
                        content_type: "application/xml".to_owned(),
                        ..Form::default()
                    },
                    ..usual()
                },
            );
        }),
        row("The webhook lacks the event Ticket Updated", events).later(|halo| {
            has(
                halo,
                Webhook {
                    events: vec![Event::NewTicketLogged],
                    ..usual()
                },
            );
        }),
    ]
}
