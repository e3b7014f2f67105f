//! The optional worlds, where a connector has them.

use crate::{
    Verdict,
    scenario::{Broken, Scenario, of, outside_a_press, told},
};
use helpbell_model::{FailureKind, doctor::Severity};
use helpbell_sandbox::{Configured, WebhookDelivery};
use secrecy::SecretString;
use std::collections::BTreeSet;

pub(super) async fn doctor(scenario: &mut Scenario) -> Verdict {
    let context = outside_a_press();
    let call = scenario.session.checks(&context).await;
    let mut broken = Broken::default();
    let Some(checks) = broken.of("naming its checks", scenario.took("doctor.checks", call)) else {
        return broken.verdict("");
    };
    if checks.is_empty() {
        return Verdict::Skipped("it has no checks".into());
    }
    let ids: BTreeSet<&str> = checks.iter().map(|check| check.id.as_str()).collect();
    broken.unless(ids.len() == checks.len(), || "two checks have one id".into());
    let defaults = scenario.subject.defaults.clone();
    let mut problems = vec![];
    for check in &checks {
        let configured = Configured {
            defaults: &defaults,
            webhook_url: None,
        };
        let call = scenario.session.examine(&context, &check.id, configured).await;
        let found = broken.of(
            &format!("examining {}", check.id),
            scenario.took("doctor.examine", call),
        );
        for finding in found.unwrap_or_default() {
            let amiss = finding.severity >= Severity::Warning;
            broken.unless(!finding.summary.trim().is_empty(), || {
                format!("{}: a finding says nothing", check.id)
            });
            broken.unless(!amiss || !finding.cure.is_empty(), || {
                format!("{}: {:?} is told without a cure", check.id, finding.summary)
            });
            if amiss {
                problems.push(finding.summary);
            }
        }
    }
    let amiss = if problems.is_empty() {
        "nothing amiss".to_owned()
    } else {
        problems.join("; ")
    };
    broken.verdict(format!("{} checks: {amiss}", checks.len()))
}

/// Asks a few times for more at most: a desk that never ends would be asked for ever.
const PAGES: usize = 20;

/// A ticket that is filed after the first question must be named by a later one.
pub(super) async fn poller(scenario: &mut Scenario) -> Verdict {
    let context = outside_a_press();
    let mut broken = Broken::default();
    let call = scenario.session.changes(&context, None).await;
    let first = scenario.took("poller.changes-since", call);
    if first
        .as_ref()
        .is_err_and(|failure| failure.code == "host.world-lacking")
    {
        return Verdict::Skipped("it cannot be asked what changed".into());
    }
    let Some(first) = broken.of("asking what changed, for the first time", first) else {
        return broken.verdict("");
    };
    let press = scenario.next_press();
    let draft = scenario.draft("Helpbell conformance: a change");
    let call = scenario.session.create(&of(press), &draft).await;
    let Some((ticket, _)) = broken.of("filing a ticket", scenario.took("tickets.create", call)) else {
        return broken.verdict("");
    };
    let (mut cursor, mut named) = (first.cursor, false);
    for _ in 0..PAGES {
        let call = scenario.session.changes(&context, Some(&cursor)).await;
        let Some(changes) = broken.of(
            "asking what changed since",
            scenario.took("poller.changes-since", call),
        ) else {
            return broken.verdict("");
        };
        named |= changes.ticket_ids.contains(&ticket.id);
        cursor = changes.cursor;
        if !changes.more {
            break;
        }
    }
    broken.unless(named, || {
        format!("ticket {} was filed since, and was not named", ticket.id)
    });
    broken.verdict("what was filed since is named")
}

pub(super) async fn webhook(scenario: &mut Scenario) -> Verdict {
    let delivery = |body: &str| WebhookDelivery {
        method: "POST".into(),
        path: "/".into(),
        query: vec![],
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.as_bytes().to_vec(),
    };
    let secret = SecretString::from("a-secret-that-nobody-sent");
    let mut broken = Broken::default();
    for (body, what) in [
        ("{\"id\": 5}", "a delivery without the secret"),
        ("", "an empty delivery without the secret"),
    ] {
        let call = scenario.session.read_webhook(delivery(body), Some(&secret)).await;
        match scenario.took("webhooks.verify-and-parse", call) {
            Err(failure) if failure.code == "host.world-lacking" => {
                return Verdict::Skipped("it does not receive webhooks".into());
            }
            Ok(hook) => broken.unless(false, || {
                format!("{what} was believed: tickets {}", hook.ticket_ids.join(", "))
            }),
            Err(failure) => broken.unless(failure.kind == FailureKind::Auth, || {
                format!("{what} was told as: {}; expected auth", told(&failure))
            }),
        }
    }
    broken.verdict("what does not carry the secret is refused")
}
