//! The optional worlds, where a connector has them.

use crate::{
    Verdict,
    scenario::{Broken, Scenario, outside_a_press, told},
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
